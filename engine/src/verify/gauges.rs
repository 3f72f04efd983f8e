//! EPE gauges: where edge placement is measured, and what is read there.

use serde::{Deserialize, Serialize};

use super::PixelTarget;

/// A place on a target edge where EPE is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// Position on the target edge, clip nm.
    pub x_nm: f64,
    /// Position on the target edge, clip nm.
    pub y_nm: f64,
    /// Outward unit normal (one of ±x, ±y for Manhattan targets).
    pub normal: [f64; 2],
    /// Centre of the pixel one tolerance inside the boundary pixel, clip nm: it should print.
    pub inner_nm: [f64; 2],
    /// Centre of the pixel one tolerance outside the boundary pixel, clip nm: it should not.
    pub outer_nm: [f64; 2],
}

/// What one gauge reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaugeReading {
    /// Signed distance from target edge to printed contour along the normal, nm; positive where
    /// too much prints. `None` where no contour lies within the search range.
    pub epe_nm: Option<f32>,
    /// The contest's verdict: not printed one tolerance inside.
    pub inner_violation: bool,
    /// The contest's verdict: printed one tolerance outside.
    pub outer_violation: bool,
}

/// Runs no longer than this (last − first pixel) get one gauge in the middle.
const SHORT_RUN: i64 = 80;
/// Distance of gauges along longer runs, and of the first from the ends.
const PITCH: i64 = 40;
/// How far from the target edge a contour is looked for, nm.
const SEARCH_NM: f64 = 40.0;
/// Step of that search, nm; images are smooth on this scale.
const STEP_NM: f64 = 4.0;

/// The EPE gauges of the ICCAD-2013 evaluation: vertical edges column by column, then horizontal
/// edges row by row.
///
/// Every straight run of boundary pixels is measured at its middle if it is no longer than 80,
/// else every 40 from 40 inside either end towards the middle. Which side is inside is read at a
/// run's first gauge; runs with target on both sides or on none there have no gauges.
pub fn contest_gauges(target: &PixelTarget, tolerance_nm: u32) -> Vec<Gauge> {
    let [x0, x1, y0, y1] = target.extent();
    let mut gauges = Vec::new();
    for (turned, across, along) in [(false, [x0, x1], [y0, y1]), (true, [y0, y1], [x0, x1])] {
        let sites = Sites { target, turned, tolerance: i64::from(tolerance_nm) };
        for u in across[0]..across[1] {
            sites.of_line(u, along, &mut gauges);
        }
    }
    gauges
}

/// Sites on edges of one direction: u counts across the edges, v along them.
struct Sites<'a> {
    target: &'a PixelTarget,
    /// Edges are horizontal: u is y, v is x.
    turned: bool,
    tolerance: i64,
}

impl Sites<'_> {
    fn filled(&self, u: i64, v: i64) -> bool {
        if self.turned { self.target.at(v, u) } else { self.target.at(u, v) }
    }

    /// A target pixel whose eight neighbours are not all target.
    fn boundary(&self, u: i64, v: i64) -> bool {
        self.filled(u, v) && (-1..=1).any(|du| (-1..=1).any(|dv| !self.filled(u + du, v + dv)))
    }

    /// A boundary pixel without boundary on both sides across.
    fn on_edge(&self, u: i64, v: i64) -> bool {
        self.boundary(u, v) && !(self.boundary(u - 1, v) && self.boundary(u + 1, v))
    }

    fn of_line(&self, u: i64, along: [i64; 2], gauges: &mut Vec<Gauge>) {
        let mut start = None;
        // One past the end closes the last run.
        for v in along[0]..=along[1] {
            match (self.on_edge(u, v), start) {
                (true, None) => start = Some(v),
                (false, Some(first)) => {
                    self.of_run(u, first, v - 1, gauges);
                    start = None;
                }
                _ => {}
            }
        }
    }

    fn of_run(&self, u: i64, first: i64, last: i64, gauges: &mut Vec<Gauge>) {
        let places = places(first, last);
        let above = self.filled(u + 1, places[0]);
        let below = self.filled(u - 1, places[0]);
        if above != below {
            let outward = if above { -1 } else { 1 };
            gauges.extend(places.iter().map(|&v| self.gauge(u, v, outward)));
        }
    }

    fn gauge(&self, u: i64, v: i64, outward: i64) -> Gauge {
        let corner = self.target.window().min;
        let place = |u: f64, v: f64| {
            let (x, y) = if self.turned { (v, u) } else { (u, v) };
            [x + f64::from(corner.x), y + f64::from(corner.y)]
        };
        let centre = |u: i64| place(u as f64 + 0.5, v as f64 + 0.5);
        let edge = if outward > 0 { u + 1 } else { u };
        let [x_nm, y_nm] = place(edge as f64, v as f64 + 0.5);
        let normal = outward as f64;
        Gauge {
            x_nm,
            y_nm,
            normal: if self.turned { [0.0, normal] } else { [normal, 0.0] },
            inner_nm: centre(u - outward * self.tolerance),
            outer_nm: centre(u + outward * self.tolerance),
        }
    }
}

/// Where a run of boundary pixels is measured; at least one place, in order.
fn places(first: i64, last: i64) -> Vec<i64> {
    let middle = i64::midpoint(first, last);
    if last - first <= SHORT_RUN {
        return vec![middle];
    }
    let up = (first + PITCH..=middle).step_by(PITCH as usize);
    let down = (middle + 1..=last - PITCH).rev().step_by(PITCH as usize);
    let mut places: Vec<i64> = up.chain(down).collect();
    places.sort_unstable();
    places
}

/// Reads a gauge on an image: `intensity(x, y)` at the nominal corner, clip nm.
///
/// The contour is where intensity falls through the threshold along the outward normal: the first
/// such place outward where the target edge prints, inward where it does not, within 40 nm.
pub fn read(gauge: &Gauge, intensity: impl Fn(f64, f64) -> f32, threshold: f32) -> GaugeReading {
    let prints = |at: [f64; 2]| intensity(at[0], at[1]) >= threshold;
    let excess = |d: f64| {
        let value = intensity(gauge.x_nm + d * gauge.normal[0], gauge.y_nm + d * gauge.normal[1]);
        f64::from(value) - f64::from(threshold)
    };
    GaugeReading {
        epe_nm: crossing(excess).map(|d| d as f32),
        inner_violation: !prints(gauge.inner_nm),
        outer_violation: prints(gauge.outer_nm),
    }
}

/// Distance from 0 to the nearest fall through zero, looked for on the side it must lie.
fn crossing(excess: impl Fn(f64) -> f64) -> Option<f64> {
    let mut here = (0.0_f64, excess(0.0));
    let printing = here.1 >= 0.0;
    let step = if printing { STEP_NM } else { -STEP_NM };
    while here.0.abs() < SEARCH_NM {
        let next = here.0 + step;
        let there = (next, excess(next));
        if (there.1 >= 0.0) != printing {
            return Some(root(&excess, here, there));
        }
        here = there;
    }
    None
}

/// The root between two places of opposite sign, by false position that halves the weight of an
/// end kept twice (Illinois; Dowell and Jarratt 1971), to 0.0001 nm.
fn root(excess: impl Fn(f64) -> f64, a: (f64, f64), b: (f64, f64)) -> f64 {
    let (mut a, mut b) = (a, b);
    for _ in 0..60 {
        if (b.0 - a.0).abs() < 1e-4 || b.1 == a.1 {
            break;
        }
        let c = b.0 - b.1 * (b.0 - a.0) / (b.1 - a.1);
        let f = excess(c);
        if f == 0.0 {
            return c;
        }
        if (f < 0.0) == (b.1 < 0.0) {
            a.1 *= 0.5;
        } else {
            a = b;
        }
        b = (c, f);
    }
    b.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Polygon, Rect};
    use crate::verify::TargetRule;

    fn target(shapes: &[Polygon]) -> PixelTarget {
        PixelTarget::new(shapes, Rect::new(0, 0, 600, 400), TargetRule::HalfOpen).unwrap()
    }

    #[test]
    fn a_short_run_has_one_gauge_and_a_long_one_has_one_every_forty() {
        assert_eq!(places(10, 90), [50]);
        assert_eq!(places(10, 91), [50, 51]);
        assert_eq!(places(0, 299), [40, 80, 120, 179, 219, 259]);
    }

    #[test]
    fn a_rectangle_is_measured_on_its_four_sides() {
        let gauges = contest_gauges(&target(&[Polygon::rect(Rect::new(100, 100, 180, 160))]), 15);
        let found: Vec<_> = gauges.iter().map(|g| (g.x_nm, g.y_nm, g.normal)).collect();
        assert_eq!(
            found,
            [
                (100.0, 129.5, [-1.0, 0.0]),
                (180.0, 129.5, [1.0, 0.0]),
                (139.5, 100.0, [0.0, -1.0]),
                (139.5, 160.0, [0.0, 1.0]),
            ]
        );
        assert_eq!((gauges[0].inner_nm, gauges[0].outer_nm), ([115.5, 129.5], [85.5, 129.5]));
        assert_eq!((gauges[3].inner_nm, gauges[3].outer_nm), ([139.5, 144.5], [139.5, 174.5]));
    }

    #[test]
    fn a_target_on_the_border_is_measured_without_looking_outside() {
        let gauges = contest_gauges(&target(&[Polygon::rect(Rect::new(0, 0, 600, 400))]), 15);
        assert!(gauges.iter().any(|g| g.normal == [-1.0, 0.0] && g.x_nm == 0.0));
        assert!(gauges.iter().any(|g| g.normal == [0.0, 1.0] && g.y_nm == 400.0));
        assert!(contest_gauges(&target(&[]), 15).is_empty());
    }

    #[test]
    fn epe_is_the_distance_to_the_contour_and_its_sign_says_which_way() {
        let gauges = contest_gauges(&target(&[Polygon::rect(Rect::new(100, 100, 180, 160))]), 15);
        // The probes are pixel centres, 15 pixels from the boundary pixel: 15.5 in, 14.5 out.
        // A ridge along y, centred at x = 140, whose contour at 0.5 lies 40 + bias from it.
        for bias in [-31.0, -15.6, -15.4, -3.7, 0.0, 2.25, 14.4, 14.6, 30.0] {
            let image =
                |x: f64, _: f64| (1.0 / (1.0 + ((x - 140.0) / (40.0 + bias)).powi(4))) as f32;
            for gauge in &gauges[..2] {
                let reading = read(gauge, image, 0.5);
                assert!((f64::from(reading.epe_nm.unwrap()) - bias).abs() < 1e-3, "{bias}");
                assert_eq!(reading.inner_violation, bias < -15.5);
                assert_eq!(reading.outer_violation, bias > 14.5);
            }
        }
    }

    #[test]
    fn no_contour_in_reach_reads_none() {
        let gauges = contest_gauges(&target(&[Polygon::rect(Rect::new(100, 100, 180, 160))]), 15);
        let dark = read(&gauges[0], |_, _| 0.1, 0.225);
        assert_eq!(
            dark,
            GaugeReading { epe_nm: None, inner_violation: true, outer_violation: false }
        );
        let bright = read(&gauges[0], |_, _| 0.9, 0.225);
        assert_eq!(
            bright,
            GaugeReading { epe_nm: None, inner_violation: false, outer_violation: true }
        );
        let broken = read(&gauges[0], |_, _| f32::NAN, 0.225);
        assert!(broken.inner_violation && broken.epe_nm.is_none());
    }
}
