//! Polygons that are trapezoids.

use super::super::trapezoid::{compact, corners, sizes};
use super::bytes::Vector;

/// A polygon in fewer bytes than its points take, in the box of some size at its low corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Trapezoid {
    /// One of the 26 types, and which of width and height it needs.
    Compact { kind: u8, needs: [bool; 2] },
    /// Two parallel sides; see [`corners`].
    General { vertical: bool, a: i64, b: i64 },
}

/// The trapezoid that a counter-clockwise ring is; its lowest, then leftmost corner comes first, and
/// all corners are relative to the low corner of the box around it, which has this size.
pub(super) fn recognised(ring: &[Vector], size: Vector) -> Option<Trapezoid> {
    let kinds = match ring.len() {
        3 => 16..=23,
        4 => 0..=15,
        _ => return None,
    };
    for kind in kinds {
        if implied(kind, size) && compact(kind, size).is_ok_and(|points| is(ring, points)) {
            let sizes = sizes(kind);
            let needs = [sizes.needs_width, sizes.needs_height];
            return Some(Trapezoid::Compact { kind: kind as u8, needs });
        }
    }
    let &[_, _, _, _] = ring else { return None };
    [false, true].into_iter().find_map(|vertical| {
        let (a, b) = slants(ring, size, vertical)?;
        let points = corners(vertical, size[0], size[1], a, b).ok()?;
        let found = is(ring, points.to_vec());
        found.then_some(Trapezoid::General { vertical, a, b })
    })
}

/// Whether the size is what the type implies of it.
fn implied(kind: u64, size: Vector) -> bool {
    super::super::trapezoid::implied(kind, size) == size
}

/// Whether clockwise points are those of the ring.
fn is(ring: &[Vector], mut points: Vec<Vector>) -> bool {
    points.reverse();
    let Some(first) = points.iter().position(|p| Some(p) == ring.first()) else { return false };
    points.rotate_left(first);
    points == ring
}

/// How far the two slanting sides lean; `None` where there are not two corners on either side.
fn slants(ring: &[Vector], size: Vector, vertical: bool) -> Option<(i64, i64)> {
    // Across the parallel sides, and along them.
    let (across, along) = if vertical { (0, 1) } else { (1, 0) };
    let ends = |level: i64| {
        let on: Vec<i64> = ring.iter().filter(|p| p[across] == level).map(|p| p[along]).collect();
        let &[p, q] = on.as_slice() else { return None };
        Some((p.min(q), p.max(q)))
    };
    let (low, high) = (ends(0)?, ends(size[across])?);
    // Of a vertical one the slants are taken from right to left.
    let sign = if vertical { -1 } else { 1 };
    Some((sign * (high.0 - low.0), sign * (high.1 - low.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_ring(mut clockwise: Vec<Vector>) -> Vec<Vector> {
        clockwise.reverse();
        let first = (0..clockwise.len()).min_by_key(|&i| [clockwise[i][1], clockwise[i][0]]);
        clockwise.rotate_left(first.unwrap());
        clockwise
    }

    #[test]
    fn every_compact_type_is_recognised_from_its_corners() {
        for kind in 0..=23 {
            let size = super::super::super::trapezoid::implied(kind, [30, 100]);
            let size = if compact(kind, size).is_ok() { size } else { [100, 30] };
            let ring = as_ring(compact(kind, size).unwrap());
            let found = recognised(&ring, size);
            assert!(
                matches!(found, Some(Trapezoid::Compact { kind: k, .. }) if u64::from(k) == kind),
                "{kind}: {found:?}"
            );
        }
    }

    #[test]
    fn any_trapezoid_is_recognised_and_other_quadrangles_are_not() {
        for (vertical, a, b) in
            [(false, 7, 0), (false, -7, 3), (false, 2, 20), (true, 5, -9), (true, -1, -2)]
        {
            let ring = as_ring(corners(vertical, 60, 50, a, b).unwrap().to_vec());
            let found = recognised(&ring, [60, 50]);
            assert_eq!(found, Some(Trapezoid::General { vertical, a, b }));
        }
        assert_eq!(recognised(&[[3, 0], [10, 4], [6, 9], [0, 5]], [10, 9]), None);
        assert_eq!(recognised(&[[0, 0], [10, 0], [10, 10], [5, 5]], [10, 10]), None);
    }
}
