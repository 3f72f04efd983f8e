//! Polygons that cover the same place.

use super::near::{Extent, near_pairs};
use crate::geometry::{Point, Polygon, Rect, merge};

/// The first two polygons whose interiors meet, by their indices, and a place near. Polygons that
/// only touch do not count. About O(n log n), and a union for each two whose boxes meet.
pub(super) fn overlapping(polygons: &[Polygon]) -> Option<(usize, usize, Point)> {
    let boxes: Vec<Option<Rect>> = polygons.iter().map(Polygon::bounding_box).collect();
    let extent = |b: &Option<Rect>| {
        let r = b.unwrap_or_default();
        let span = |lo: i32, hi: i32| [f64::from(lo), f64::from(hi)];
        Extent { along: span(r.min.x, r.max.x), at: span(r.min.y, r.max.y) }
    };
    let extents: Vec<Extent> = boxes.iter().map(extent).collect();
    let mut near = Vec::new();
    near_pairs(&extents, |i, j| {
        if let (Some(a), Some(b)) = (boxes[i], boxes[j])
            && a.overlaps(&b)
        {
            near.push((i, j, a, b));
        }
    });
    near.sort_unstable_by_key(|pair| (pair.0, pair.1));
    let meet = |&(i, j, a, b): &(usize, usize, Rect, Rect)| {
        let pair = [polygons[i].clone(), polygons[j].clone()];
        let area = |shapes: &[Polygon]| shapes.iter().map(Polygon::area2).sum::<i128>();
        (area(&merge(&pair)) < area(&pair)).then(|| {
            let middle = |lo: i32, hi: i32| i32::midpoint(lo, hi);
            let x = middle(a.min.x.max(b.min.x), a.max.x.min(b.max.x));
            let y = middle(a.min.y.max(b.min.y), a.max.y.min(b.max.y));
            (i, j, Point::new(x, y))
        })
    };
    near.iter().find_map(meet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygons_that_share_area_are_found_and_those_that_touch_are_not() {
        let ring = |points: &[(i32, i32)]| {
            Polygon::simple(points.iter().map(|&(x, y)| Point::new(x, y)).collect())
        };
        let ell = ring(&[(0, 0), (300, 0), (300, 80), (80, 80), (80, 300), (0, 300)]);
        let inside_its_box = Polygon::rect(Rect::new(100, 100, 280, 280));
        let abutting = Polygon::rect(Rect::new(300, 0, 400, 80));
        let apart = [ell.clone(), inside_its_box, abutting];
        assert_eq!(overlapping(&apart), None);
        let over = Polygon::rect(Rect::new(60, 60, 120, 120));
        let found = overlapping(&[apart[2].clone(), ell, over]);
        assert_eq!(found, Some((1, 2, Point::new(90, 90))));
    }
}
