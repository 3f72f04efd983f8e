//! The booleans against a raster that needs no cleverness.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::geometry::shapes::edges;

const SIDE: i32 = 24;

/// Whether the centre of pixel (x, y) has a non-zero winding number in one Manhattan polygon.
fn covers(polygon: &Polygon, x: i32, y: i32) -> bool {
    let winding: i32 = polygon
        .rings()
        .flat_map(edges)
        .filter(|(a, b)| a.x == b.x && a.x > x)
        .map(|(a, b)| i32::from(a.y <= y && y < b.y) - i32::from(b.y <= y && y < a.y))
        .sum();
    winding != 0
}

fn raster(polygons: &[Polygon]) -> BTreeSet<(i32, i32)> {
    let pixels = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    pixels.filter(|&(x, y)| polygons.iter().any(|p| covers(p, x, y))).collect()
}

/// A Manhattan ring through random levels; it may well cross itself.
fn staircase() -> impl Strategy<Value = Polygon> {
    vec((0..SIDE, 0..SIDE), 2..7).prop_map(|corners| {
        let n = corners.len();
        let outer = (0..n)
            .flat_map(|i| {
                let ((x, y), (next_x, _)) = (corners[i], corners[(i + 1) % n]);
                [Point::new(x, y), Point::new(next_x, y)]
            })
            .collect();
        Polygon { outer, holes: Vec::new() }
    })
}

fn assert_clean(polygons: &[Polygon]) -> Result<(), TestCaseError> {
    for polygon in polygons {
        prop_assert!(ring_area2(&polygon.outer) > 0);
        for ring in polygon.rings() {
            let distinct: BTreeSet<_> = ring.iter().collect();
            prop_assert_eq!(distinct.len(), ring.len(), "a ring visits a point twice: {:?}", ring);
            for ((a, b), (_, c)) in edges(ring).zip(edges(ring).skip(1)) {
                let turn = (i64::from(b.x) - i64::from(a.x)) * (i64::from(c.y) - i64::from(b.y))
                    - (i64::from(b.y) - i64::from(a.y)) * (i64::from(c.x) - i64::from(b.x));
                prop_assert!(turn != 0, "collinear point {:?}", b);
            }
        }
        for hole in &polygon.holes {
            prop_assert!(ring_area2(hole) < 0);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn union_covers_the_pixels_its_parts_cover(input in vec(staircase(), 0..6)) {
        let merged = merge(&input);
        let wanted = raster(&input);
        let area2: i128 = merged.iter().map(Polygon::area2).sum();
        prop_assert_eq!(area2, 2 * wanted.len() as i128);
        prop_assert_eq!(raster(&merged), wanted);
        assert_clean(&merged)?;
        prop_assert_eq!(merge(&merged), merged);
    }

    #[test]
    fn union_does_not_depend_on_order_or_on_the_engine(input in vec(staircase(), 0..6)) {
        let reversed: Vec<_> = input.iter().rev().cloned().collect();
        prop_assert_eq!(merge(&reversed), merge(&input));
        prop_assert_eq!(combine_in::<i64>(&input, None), combine_in::<i32>(&input, None));
    }

    #[test]
    fn clip_covers_the_pixels_inside_the_window(
        input in vec(staircase(), 0..6),
        (x, y, w, h) in (0..SIDE, 0..SIDE, 1..SIDE, 1..SIDE),
    ) {
        let clipped = clip_to(&input, Rect::new(x, y, x + w, y + h));
        let mut wanted = raster(&input);
        wanted.retain(|&(px, py)| px >= x && px < x + w && py >= y && py < y + h);
        let area2: i128 = clipped.iter().map(Polygon::area2).sum();
        prop_assert_eq!(area2, 2 * wanted.len() as i128);
        prop_assert_eq!(raster(&clipped), wanted);
        assert_clean(&clipped)?;
    }

    #[test]
    fn slanted_union_is_clean_and_within_rounding_of_its_largest_part(
        triangles in vec(((0..900i32, 0..900i32), (0..900i32, 0..900i32), (0..900i32, 0..900i32)), 1..8)
    ) {
        let input: Vec<_> = triangles
            .iter()
            .map(|&(a, b, c)| Polygon::simple([a, b, c].map(|(x, y)| Point::new(x, y)).to_vec()))
            .collect();
        let merged = merge(&input);
        let area2: i128 = merged.iter().map(Polygon::area2).sum();
        let largest = input.iter().map(Polygon::area2).max().unwrap_or(0);
        let sum: i128 = input.iter().map(Polygon::area2).sum();
        // Each crossing moves by at most a unit, along edges of at most 1300 units.
        let slack = 2600 * 2 * (input.len() * input.len()) as i128;
        prop_assert!(area2 >= largest - slack && area2 <= sum + slack);
        for polygon in &merged {
            prop_assert!(ring_area2(&polygon.outer) > 0);
        }
    }
}

fn square(x: i32, y: i32, side: i32) -> Polygon {
    Polygon::rect(Rect::new(x, y, x + side, y + side))
}

#[test]
fn squares_that_meet_in_a_corner_stay_two_polygons() {
    assert_eq!(merge(&[square(0, 0, 10), square(10, 10, 10)]).len(), 2);
}

#[test]
fn opposite_windings_do_not_cancel() {
    let eight = Polygon {
        outer: [(0, 0), (10, 0), (10, 10), (20, 10), (20, 0), (10, 0), (10, 10), (0, 10)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec(),
        holes: Vec::new(),
    };
    let merged = merge(&[eight, square(10, 0, 10)]);
    assert_eq!(merged, [Polygon::rect(Rect::new(0, 0, 20, 10))]);
}

#[test]
fn union_is_exact_at_the_ends_of_the_coordinate_range() {
    let whole = Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX);
    let cross = Rect::new(i32::MIN, -1, i32::MAX, 1);
    assert_eq!(merge(&[Polygon::rect(whole), Polygon::rect(cross)]), [Polygon::rect(whole)]);
    assert_eq!(clip_to(&[Polygon::rect(whole)], cross), [Polygon::rect(cross)]);
}

#[test]
fn polygons_without_area_vanish() {
    let line = Polygon { outer: vec![Point::new(0, 0), Point::new(9, 9)], holes: Vec::new() };
    assert!(merge(&[line, Polygon::default(), square(5, 5, 0)]).is_empty());
    assert!(clip_to(&[square(0, 0, 5)], Rect::new(3, 3, 3, 9)).is_empty());
}
