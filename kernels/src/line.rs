//! A periodic band-limited image along a straight line, as a series: values, slopes and level
//! crossings without end.
//!
//! The image is that of [`crate::resample`]: the trigonometric polynomial of bins |q| ≤ Q through
//! its N × N samples. Along a line of length L it has no frequency above f = Q(|uₓ| + |u_y|)/P for
//! a direction u, so a Chebyshev series of πfL terms and some more holds it to rounding.
//! Between the places where its slope vanishes it is monotone: a level is crossed there once or
//! not at all.

use ndarray::{Array1, Array2, ArrayView2};

use crate::chebyshev::{Series, nodes, terms_for};
use crate::resample::weight;

/// Samples in the shortest period of an image when its turning points are looked for.
const SCAN: f64 = 8.0;
/// Steps of a search for a place; each search ends far earlier.
const MAX_STEPS: usize = 60;

/// How an image is read along one line, for any number of images.
#[derive(Clone, Debug)]
pub struct LinePlan {
    length: f64,
    /// Highest frequency along the line.
    frequency: f64,
    rows: Weights,
    columns: Weights,
}

/// Weights of the N samples of one direction at every node.
#[derive(Clone, Debug)]
enum Weights {
    /// `[N]`: the line does not move in this direction.
    Fixed(Array1<f64>),
    /// `[nodes, N]`
    Moving(Array2<f64>),
}

/// An image along a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineImage {
    length: f64,
    series: Series,
    /// The ends, the turning points and places in between, in order: monotone from one to the next.
    knots: Vec<Knot>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Knot {
    at: f64,
    value: f64,
    slope: f64,
}

/// A place where an image crosses a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// Distance from the start of the line.
    pub at: f64,
    /// Slope along the line there; positive where the image rises through the level.
    pub slope: f64,
    /// Whether the image is at or above the level after it.
    pub rising: bool,
}

impl LinePlan {
    /// A plan for the line between two points (x, y) of a field of `period`, sampled on `grid` ≥
    /// 2·`band` + 1 points a side, with bins up to `band`.
    pub fn new(period: f64, grid: usize, band: usize, from: [f64; 2], to: [f64; 2]) -> Self {
        let d = [to[0] - from[0], to[1] - from[1]];
        let length = d[0].hypot(d[1]);
        let frequency = if length > 0.0 {
            band as f64 / period * (d[0].abs() + d[1].abs()) / length
        } else {
            0.0
        };
        let terms = if length > 0.0 { terms_for(frequency, length) } else { 1 };
        let places: Vec<f64> = nodes(terms).into_iter().map(|t| 0.5 * (t + 1.0)).collect();
        let along = |c: usize| {
            let at = |s: f64, j: usize| weight(grid, band, (from[c] + d[c] * s) / period, j);
            if d[c] == 0.0 {
                Weights::Fixed(Array1::from_shape_fn(grid, |j| at(0.0, j)))
            } else {
                Weights::Moving(Array2::from_shape_fn((terms, grid), |(i, j)| at(places[i], j)))
            }
        };
        Self { length, frequency, rows: along(1), columns: along(0) }
    }

    /// The image `[N, N]` along the line.
    pub fn read(&self, image: ArrayView2<f32>) -> LineImage {
        let series = Series::through(&self.samples(image));
        let mut line = LineImage { length: self.length, series, knots: Vec::new() };
        line.find_knots(self.frequency);
        line
    }

    /// The image at every node.
    fn samples(&self, image: ArrayView2<f32>) -> Vec<f64> {
        match (&self.rows, &self.columns) {
            (Weights::Fixed(rows), Weights::Fixed(columns)) => {
                vec![columns.dot(&collapse(image, rows))]
            }
            (Weights::Fixed(rows), Weights::Moving(columns)) => {
                columns.dot(&collapse(image, rows)).to_vec()
            }
            (Weights::Moving(rows), Weights::Fixed(columns)) => {
                rows.dot(&collapse(image.t(), columns)).to_vec()
            }
            (Weights::Moving(rows), Weights::Moving(columns)) => {
                let pairs = rows.outer_iter().zip(columns.outer_iter());
                pairs.map(|(r, c)| c.dot(&collapse(image, &r.to_owned()))).collect()
            }
        }
    }
}

/// Σ_y weights\[y\]·image\[y, ·\].
fn collapse(image: ArrayView2<f32>, weights: &Array1<f64>) -> Array1<f64> {
    let mut sum = Array1::zeros(image.ncols());
    for (row, w) in image.outer_iter().zip(weights) {
        sum.zip_mut_with(&row, |s, v| *s += w * f64::from(*v));
    }
    sum
}

impl LineImage {
    /// Length of the line.
    pub fn length(&self) -> f64 {
        self.length
    }

    /// Value and slope at a distance from the start; the slope of a line without length is 0.
    pub fn at(&self, distance: f64) -> (f64, f64) {
        if self.length == 0.0 {
            return self.series.at(0.0);
        }
        let (value, slope) = self.series.at(2.0 * distance / self.length - 1.0);
        (value, slope * 2.0 / self.length)
    }

    /// Least and largest value on the line.
    pub fn range(&self) -> (f64, f64) {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        self.knots.iter().fold(start, |(low, high), k| (low.min(k.value), high.max(k.value)))
    }

    /// Where the line crosses a level, in order.
    pub fn crossings(&self, level: f64) -> impl Iterator<Item = Crossing> + '_ {
        self.knots.windows(2).filter_map(move |pair| {
            let [a, b] = [pair[0], pair[1]];
            let rising = b.value >= level;
            if (a.value >= level) == rising {
                return None;
            }
            let (at, slope) = self.crossing_between(a, b, level);
            Some(Crossing { at, slope, rising })
        })
    }

    /// Newton's steps from the chord, kept inside a shrinking bracket (bisected where a step
    /// leaves it).
    fn crossing_between(&self, a: Knot, b: Knot, level: f64) -> (f64, f64) {
        let (mut low, mut high) = (a.at, b.at);
        let rising = b.value >= level;
        let share = (level - a.value) / (b.value - a.value);
        let mut at = a.at + share * (b.at - a.at);
        for _ in 0..MAX_STEPS {
            let (value, slope) = self.at(at);
            if (value >= level) == rising {
                high = at;
            } else {
                low = at;
            }
            let newton = at - (value - level) / slope;
            let next =
                if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
            if value == level {
                return (at, slope);
            }
            // Steps shrink by their square: the next one would be lost in rounding.
            if (next - at).abs() <= 1e-8 * self.length {
                return (next, slope);
            }
            at = next;
        }
        (at, self.at(at).1)
    }

    fn find_knots(&mut self, frequency: f64) {
        let cells = ((self.length * frequency * SCAN).ceil() as usize).max(8);
        let place = |i: usize| self.length * i as f64 / cells as f64;
        let knot = |at: f64| {
            let (value, slope) = self.at(at);
            Knot { at, value, slope }
        };
        let mut knots: Vec<Knot> = Vec::with_capacity(cells + 8);
        for i in 0..=cells {
            let next = knot(place(i));
            if let Some(last) = knots.last().copied()
                && last.slope * next.slope < 0.0
            {
                knots.push(knot(self.turning_point(last, next)));
            }
            knots.push(next);
        }
        self.knots = knots;
    }

    /// Where the slope vanishes between two places of opposite slope, by false position that
    /// halves the weight of an end kept twice (Illinois; Dowell and Jarratt 1971).
    fn turning_point(&self, a: Knot, b: Knot) -> f64 {
        let (mut a, mut b) = ((a.at, a.slope), (b.at, b.slope));
        for _ in 0..MAX_STEPS {
            let c = b.0 - b.1 * (b.0 - a.0) / (b.1 - a.1);
            let slope = self.at(c).1;
            if slope == 0.0 || (c - b.0).abs() <= 1e-7 * self.length {
                return c;
            }
            if (slope < 0.0) == (b.1 < 0.0) {
                a.1 *= 0.5;
            } else {
                a = b;
            }
            b = (c, slope);
        }
        b.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    const PERIOD: f64 = 100.0;
    const BAND: usize = 5;

    fn wave(x: f64, y: f64) -> (f64, [f64; 2]) {
        let p = 2.0 * PI / PERIOD;
        let (a, b, c) = (3.0 * p * x + 1.0, 5.0 * p * y, p * (4.0 * x - 5.0 * y));
        let value = 1.0 + a.cos() * b.sin() + c.cos();
        let dx = -3.0 * p * a.sin() * b.sin() - 4.0 * p * c.sin();
        let dy = 5.0 * p * a.cos() * b.cos() + 5.0 * p * c.sin();
        (value, [dx, dy])
    }

    fn sampled(grid: usize) -> Array2<f32> {
        let step = PERIOD / grid as f64;
        Array2::from_shape_fn((grid, grid), |(y, x)| {
            wave(x as f64 * step, y as f64 * step).0 as f32
        })
    }

    const LINES: [[[f64; 2]; 2]; 4] = [
        [[-30.0, 12.5], [210.0, 12.5]],
        [[17.0, 40.0], [17.0, -35.0]],
        [[3.0, 4.0], [140.0, 99.0]],
        [[55.0, 55.0], [41.0, 55.001]],
    ];

    #[test]
    fn values_and_slopes_along_any_line_are_those_of_the_image() {
        let image = sampled(12);
        for [from, to] in LINES {
            let line = LinePlan::new(PERIOD, 12, BAND, from, to).read(image.view());
            let d = [to[0] - from[0], to[1] - from[1]];
            for i in 0..=50 {
                let s = f64::from(i) / 50.0;
                let (value, slope) = line.at(s * line.length());
                let (wanted, gradient) = wave(from[0] + s * d[0], from[1] + s * d[1]);
                let along = (gradient[0] * d[0] + gradient[1] * d[1]) / line.length();
                // Samples in f32.
                assert!((value - wanted).abs() < 2e-6, "{value} against {wanted}");
                assert!((slope - along).abs() < 2e-6, "{slope} against {along}");
            }
        }
    }

    #[test]
    fn every_crossing_is_found_where_the_image_has_the_level() {
        let image = sampled(12);
        for [from, to] in LINES {
            let line = LinePlan::new(PERIOD, 12, BAND, from, to).read(image.view());
            for level in [0.2, 0.9, 1.3, 2.4] {
                let found: Vec<Crossing> = line.crossings(level).collect();
                let steps = 20_000;
                let value = |i: i32| line.at(line.length() * f64::from(i) / f64::from(steps)).0;
                let changes =
                    (0..steps).filter(|&i| (value(i) >= level) != (value(i + 1) >= level));
                assert_eq!(found.len(), changes.count(), "{from:?} {to:?} at {level}");
                for c in found {
                    let (value, slope) = line.at(c.at);
                    assert!((value - level).abs() < 1e-9);
                    assert_eq!(slope > 0.0, c.rising);
                    assert!((slope - c.slope).abs() < 1e-6);
                }
            }
            let (low, high) = line.range();
            assert_eq!(line.crossings(low - 1e-9).count() + line.crossings(high + 1e-9).count(), 0);
        }
    }

    #[test]
    fn a_line_without_length_is_a_point_without_crossings() {
        let line = LinePlan::new(PERIOD, 12, BAND, [7.0, 8.0], [7.0, 8.0]).read(sampled(12).view());
        let (value, slope) = line.at(0.0);
        assert!((value - wave(7.0, 8.0).0).abs() < 2e-6 && slope == 0.0);
        assert_eq!(line.crossings(value).count(), 0);
        assert_eq!(line.range(), (value, value));
    }
}
