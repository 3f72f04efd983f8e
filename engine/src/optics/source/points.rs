//! A source cut into points.

use super::{Source, map};
use crate::optics::symmetry::Symmetry;

/// A point of the source with all its mirror images under a symmetry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::optics) struct SourcePoint {
    /// Position in σ: x, y.
    pub sigma: [f64; 2],
    /// Power of the point and its images together; all points sum to 1.
    pub weight: f64,
}

/// A disc smaller than this is a point, σ.
const POINT_RADIUS: f64 = 1e-6;

/// A cell at the source's edge is sampled at this many places a side.
const SUBSAMPLES: i32 = 16;

/// A source is cut into about this many points, one of each set of mirror images: the image then
/// changes by less than a part in a thousand under a finer cut.
pub(super) const MOST_POINTS: f64 = 1500.0;

/// And into this many at least, in large fields, where the errors of many bins average out.
pub(super) const LEAST_POINTS: f64 = 700.0;

/// Points times bins of a parity class in between; bounds time and memory.
const POINTS_TIMES_BINS: f64 = 1e6;

impl Source {
    /// Lit area in σ².
    fn area(&self) -> f64 {
        let (inner, outer) = self.radii();
        let share = self.poles().map_or(1.0, |poles| {
            let lit = (0..poles.count).filter(|pole| poles.brightness(*pole) > 0.0).count();
            poles.half_angle_deg * lit as f64 / 180.0
        });
        std::f64::consts::PI * (outer * outer - inner * inner) * share
    }

    /// How many points to cut a source into, one of each set of mirror images, for a field of bins
    /// −`half`…`half`.
    fn wanted(symmetry: Symmetry, half: usize) -> f64 {
        let bins = std::f64::consts::PI * (half * half) as f64 / symmetry.order() as f64;
        (POINTS_TIMES_BINS / bins).clamp(LEAST_POINTS, MOST_POINTS)
    }

    /// The source as points, one of each set of mirror images under `symmetry`, which the source
    /// must have, as fine as a field of bins −`half`…`half` asks for.
    pub(in crate::optics) fn points(&self, symmetry: Symmetry, half: usize) -> Vec<SourcePoint> {
        self.finer_points(symmetry, half, 1.0)
    }

    /// As [`Source::points`], `finer` times as fine in each direction.
    pub(in crate::optics) fn finer_points(
        &self,
        symmetry: Symmetry,
        half: usize,
        finer: f64,
    ) -> Vec<SourcePoint> {
        let wanted = Self::wanted(symmetry, half) * finer * finer;
        let mut points = match self {
            Self::Point { x, y } => vec![SourcePoint { sigma: [*x, *y], weight: 1.0 }],
            Self::Map { rows } => map::points(rows, symmetry, wanted as usize),
            _ if self.radii().1 < POINT_RADIUS => {
                vec![SourcePoint { sigma: [0.0, 0.0], weight: 1.0 }]
            }
            _ => {
                let pitch = (self.area() / (wanted * symmetry.order() as f64)).sqrt();
                self.cut(symmetry, pitch)
            }
        };
        let total: f64 = points.iter().map(|point| point.weight).sum();
        for point in &mut points {
            point.weight /= total;
        }
        points
    }

    /// The lit cells of a grid of `pitch` σ.
    ///
    /// A cell counts by its light and sits at that light's centroid, so that the sum over the
    /// points converges quickly to the integral over the source.
    fn cut(&self, symmetry: Symmetry, pitch: f64) -> Vec<SourcePoint> {
        let (_, outer) = self.radii();
        let reach = (outer / pitch).ceil() as i32;
        // Twice the cell's centre in pitches: odd, so that no cell lies on a mirror.
        let places = || (-reach..reach).map(|index| 2 * index + 1);
        places()
            .flat_map(|y| places().map(move |x| [x, y]))
            .filter(|&cell| symmetry.is_first(cell))
            .filter_map(|[x, y]| {
                let centre = [0.5 * pitch * f64::from(x), 0.5 * pitch * f64::from(y)];
                sampled(centre, pitch, |at| self.brightness(at))
            })
            .collect()
    }
}

/// Centroid of a square cell's light and its mean brightness; `None` if it is dark.
pub(super) fn sampled(
    centre: [f64; 2],
    side: f64,
    brightness: impl Fn([f64; 2]) -> f64,
) -> Option<SourcePoint> {
    let place = |centre: f64, sample: i32| {
        let offset = f64::from(2 * sample + 1 - SUBSAMPLES) / f64::from(SUBSAMPLES);
        centre + 0.5 * side * offset
    };
    let (mut lit, mut sum) = (0.0, [0.0, 0.0]);
    for row in 0..SUBSAMPLES {
        for column in 0..SUBSAMPLES {
            let at = [place(centre[0], column), place(centre[1], row)];
            let light = brightness(at);
            if light > 0.0 {
                lit += light;
                sum = [sum[0] + light * at[0], sum[1] + light * at[1]];
            }
        }
    }
    let sigma = [sum[0] / lit, sum[1] / lit];
    (lit > 0.0).then_some(SourcePoint { sigma, weight: lit })
}
