//! Places whose intensity the loss watches: EPE probes, and guards against bridges and breaks.

use crate::imaging::ProcessCorner;
use crate::verify::{Gauge, PixelTarget};

/// Gaps and shapes wider than this along a gauge's normal need no guard, nm.
const WIDEST_NM: i64 = 160;
/// Guards closer than this along both axes are one, nm.
const APART_NM: i64 = 8;

/// What a probe watches over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// One EPE tolerance inside or outside a target edge.
    Epe,
    /// The middle of a narrow gap or shape.
    Topology,
}

/// A place that should print, or should not, at one corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Probe {
    /// (x, y), clip nm.
    pub at: [f64; 2],
    pub watch: Watch,
    /// Whether it should print.
    pub prints: bool,
    /// Which image it is read from.
    pub set: usize,
    /// Squared dose of the corner.
    pub dose2: f32,
}

/// The EPE probes of every gauge, inside and outside in turn, at the nominal corner.
pub(super) fn epe_probes(gauges: &[Gauge]) -> Vec<Probe> {
    let probe = |at, prints| Probe { at, watch: Watch::Epe, prints, set: 0, dose2: 1.0 };
    gauges.iter().flat_map(|g| [probe(g.inner_nm, true), probe(g.outer_nm, false)]).collect()
}

/// Guards of the narrow gaps and shapes that gauges look across: middles of gaps must not print at
/// the corner of largest dose, middles of shapes must print at the one of least.
pub(super) fn guards(
    gauges: &[Gauge],
    target: &PixelTarget,
    corners: &[ProcessCorner],
) -> Vec<Probe> {
    let by_dose = |a: &&ProcessCorner, b: &&ProcessCorner| a.dose.total_cmp(&b.dose);
    let (Some(outer), Some(inner)) = (
        // The first of equals in both, as the contest's pair has it.
        corners.iter().rev().max_by(by_dose),
        corners.iter().min_by(by_dose),
    ) else {
        return Vec::new();
    };

    let corner = target.window().min;
    let mut found: Vec<(bool, [i64; 2])> = Vec::new();
    for gauge in gauges {
        let step = gauge.normal.map(|n| n as i64);
        // The first pixel outside the edge, and the first inside.
        let pixel = |side: f64| {
            let at = [
                gauge.x_nm + 0.5 * side * gauge.normal[0],
                gauge.y_nm + 0.5 * side * gauge.normal[1],
            ];
            [at[0].floor() as i64 - i64::from(corner.x), at[1].floor() as i64 - i64::from(corner.y)]
        };
        for (prints, side) in [(false, 1), (true, -1)] {
            let start = pixel(f64::from(side as i32));
            let place = |d: i64| [start[0] + side * d * step[0], start[1] + side * d * step[1]];
            let same = |d: &i64| target.at(place(*d)[0], place(*d)[1]) == prints;
            let width = (0..=WIDEST_NM).take_while(same).count() as i64;
            if (1..=WIDEST_NM).contains(&width) {
                found.push((prints, place(width / 2)));
            }
        }
    }
    let mut kept: Vec<(bool, [i64; 2])> = Vec::new();
    for (prints, at) in found {
        let near = |k: &&(bool, [i64; 2])| {
            k.0 == prints && (k.1[0] - at[0]).abs() < APART_NM && (k.1[1] - at[1]).abs() < APART_NM
        };
        if kept.iter().find(near).is_none() {
            kept.push((prints, at));
        }
    }
    kept.into_iter()
        .map(|(prints, at)| Probe {
            at: [
                at[0] as f64 + f64::from(corner.x) + 0.5,
                at[1] as f64 + f64::from(corner.y) + 0.5,
            ],
            watch: Watch::Topology,
            prints,
            set: if prints { inner.set } else { outer.set },
            dose2: if prints { inner.dose.powi(2) } else { outer.dose.powi(2) },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Polygon, Rect};
    use crate::verify::{TargetRule, contest_gauges};

    #[test]
    fn guards_stand_in_the_middle_of_narrow_gaps_and_shapes() {
        let shapes =
            [Rect::new(100, 100, 180, 400), Rect::new(240, 100, 500, 400)].map(Polygon::rect);
        let window = Rect::new(0, 0, 600, 500);
        let target = PixelTarget::new(&shapes, window, TargetRule::HalfOpen).unwrap();
        let gauges = contest_gauges(&target, 15);
        let corner = |set, dose| ProcessCorner { set, dose, weight: 0.5 };
        let pair = [corner(0, 1.1), corner(1, 0.9)];
        let guards = guards(&gauges, &target, &pair);
        assert!(!guards.is_empty());
        for guard in &guards {
            // The gap from 180 to 240, and the narrow line from 100 to 180; the wide one has none.
            let wanted = if guard.prints { 140.5 } else { 210.5 };
            assert!((guard.at[0] - wanted).abs() <= 1.0, "{guard:?}");
        }
        assert!(guards.iter().any(|g| g.prints) && guards.iter().any(|g| !g.prints));
    }
}
