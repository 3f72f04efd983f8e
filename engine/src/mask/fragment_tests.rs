//! Edges cut into fragments: lengths, kinds, projections, limits.

use super::*;
use crate::geometry::Rect;

const RULES: FragmentRules = FragmentRules {
    corner_nm: 40.0,
    run_nm: 60.0,
    whole_below_nm: 100.0,
    projection_nm: 0.0,
    least_nm: 0.0,
};

fn line() -> Polygon {
    Polygon::rect(Rect::new(0, 0, 300, 80))
}

#[test]
fn a_line_has_ends_corners_and_equal_runs() {
    let target = FragmentedTarget::new(&[line()], &RULES).unwrap();
    let lengths: Vec<_> = target.fragments().iter().map(Fragment::length).collect();
    // 300 = 40 + 4 pieces of 55 + 40; the ends stay whole.
    assert_eq!(lengths, [40, 55, 55, 55, 55, 40, 80, 40, 55, 55, 55, 55, 40, 80]);
    let kinds: Vec<_> = target.fragments().iter().map(|f| f.kind).collect();
    assert_eq!(kinds[0], FragmentKind::ConvexCorner);
    assert_eq!(kinds[1], FragmentKind::Run);
    assert_eq!(kinds[6], FragmentKind::LineEnd);
    assert!(
        target
            .fragments()
            .iter()
            .map(|f| f.outward)
            .eq([-1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, -1])
    );
}

#[test]
fn fragments_of_a_ring_join_end_to_start() {
    let ell = Polygon::simple(
        [(0, 0), (400, 0), (400, 90), (90, 90), (90, 333), (0, 333)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec(),
    );
    let target = FragmentedTarget::new(&[ell], &RULES).unwrap();
    let f = target.fragments();
    assert_eq!(f.iter().map(Fragment::length).sum::<i64>(), 2 * (400 + 333));
    for i in 0..f.len() {
        let (a, b) = (&f[i], &f[(i + 1) % f.len()]);
        if a.axis == b.axis {
            assert_eq!((a.to, a.base), (b.from, b.base));
        } else {
            assert_eq!((a.to, a.base), (b.base, b.from));
        }
    }
    assert_eq!(f.iter().filter(|f| f.kind == FragmentKind::ConcaveCorner).count(), 2);
}

#[test]
fn bad_targets_are_named() {
    let slanted = Polygon::simple(
        [(0, 0), (100, 0), (90, 100), (0, 100)].map(|(x, y)| Point::new(x, y)).to_vec(),
    );
    let error = FragmentedTarget::new(&[line(), slanted], &RULES).unwrap_err();
    let (from, to) = (Point::new(100, 0), Point::new(90, 100));
    assert_eq!(error, MaskError::SlantedEdge { polygon: 1, from, to });

    let bow = Polygon::simple(
        [(0, 0), (10, 0), (10, 10), (20, 10), (20, 20), (10, 20), (10, 10), (0, 10)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec(),
    );
    let error = FragmentedTarget::new(&[bow], &RULES).unwrap_err();
    assert_eq!(error, MaskError::SelfTouching { polygon: 0, at: Point::new(10, 10) });

    assert_eq!(FragmentedTarget::new(&[], &RULES).unwrap_err(), MaskError::EmptyTarget);
    let flat = Polygon::simple(vec![Point::new(0, 0), Point::new(9, 0), Point::new(4, 0)]);
    assert_eq!(FragmentedTarget::new(&[flat], &RULES).unwrap_err(), MaskError::EmptyTarget);
}

#[test]
fn absurd_fragment_counts_and_lengths_are_refused() {
    let huge = Polygon::rect(Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX));
    let error = FragmentedTarget::new(&[huge], &RULES).unwrap_err();
    assert_eq!(error, MaskError::TooManyFragments { limit: MAX_FRAGMENTS });
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let rules = FragmentRules { run_nm: bad, ..RULES };
        let error = FragmentedTarget::new(&[line()], &rules).unwrap_err();
        assert!(matches!(error, MaskError::BadRule { name: "run_nm", .. }));
    }
}
