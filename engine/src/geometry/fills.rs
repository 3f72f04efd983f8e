//! Polygons cut into pieces a screen can fill: trapezoids and rectangles between horizontal lines.

use super::{Point, Polygon, Rect};

/// The polygons' interior as disjoint trapezoids with two horizontal sides, for filling on a
/// screen: corners counter-clockwise from the lower left, database units. Either horizontal side
/// may have no length. Works for any polygon with holes as [`merge`](super::merge) gives them.
pub fn fills(polygons: &[Polygon]) -> Vec<[[f32; 2]; 4]> {
    polygons.iter().flat_map(trapezoids).map(|t| t.corners()).collect()
}

/// Manhattan polygons cut into disjoint rectangles by horizontal slabs, as few as slabs allow.
/// Polygons with a slanted edge are left out; [`fills`] takes those too. Expects disjoint polygons
/// as [`merge`](super::merge) gives them.
pub fn rectangles(polygons: &[Polygon]) -> Vec<Rect> {
    polygons
        .iter()
        .filter(|p| p.is_manhattan())
        .flat_map(trapezoids)
        .map(|t| Rect::new(t.left.low.x, t.bottom, t.right.low.x, t.top))
        .collect()
}

/// An edge that is not horizontal, lower end first.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Side {
    low: Point,
    high: Point,
}

impl Side {
    fn x_at(&self, y: f64) -> f64 {
        let rise = f64::from(self.high.y) - f64::from(self.low.y);
        let run = f64::from(self.high.x) - f64::from(self.low.x);
        f64::from(self.low.x) + run * ((y - f64::from(self.low.y)) / rise)
    }
}

/// The area between two sides and two horizontal lines.
struct Trapezoid {
    bottom: i32,
    top: i32,
    left: Side,
    right: Side,
}

impl Trapezoid {
    fn corners(&self) -> [[f32; 2]; 4] {
        let at = |side: &Side, y: i32| [side.x_at(f64::from(y)) as f32, y as f32];
        [
            at(&self.left, self.bottom),
            at(&self.right, self.bottom),
            at(&self.right, self.top),
            at(&self.left, self.top),
        ]
    }
}

/// Sweeps one polygon upwards from vertex level to vertex level. Between two levels the sides keep
/// their order, and pairs of them enclose the interior (even-odd). A pair that goes on unchanged
/// extends its trapezoid.
fn trapezoids(polygon: &Polygon) -> Vec<Trapezoid> {
    let mut sides: Vec<Side> =
        polygon.rings().flat_map(super::shapes::edges).filter_map(side).collect();
    sides.sort_by_key(|s| (s.low.y, s.low.x));
    let mut levels: Vec<i32> = sides.iter().flat_map(|s| [s.low.y, s.high.y]).collect();
    levels.sort_unstable();
    levels.dedup();

    let mut done = Vec::new();
    let mut open: Vec<Trapezoid> = Vec::new();
    let mut active: Vec<Side> = Vec::new();
    let mut waiting = sides.into_iter().peekable();
    for slab in levels.windows(2) {
        let (bottom, top) = (slab[0], slab[1]);
        active.retain(|s| s.high.y > bottom);
        while let Some(side) = waiting.next_if(|s| s.low.y <= bottom) {
            active.push(side);
        }
        let middle = f64::midpoint(f64::from(bottom), f64::from(top));
        active.sort_by(|a, b| a.x_at(middle).total_cmp(&b.x_at(middle)));
        let mut next = Vec::with_capacity(active.len() / 2);
        for pair in active.chunks_exact(2) {
            let (left, right) = (pair[0], pair[1]);
            let carried = open.iter().position(|t| t.left == left && t.right == right);
            let from = carried.map_or(bottom, |i| open.swap_remove(i).bottom);
            next.push(Trapezoid { bottom: from, top, left, right });
        }
        done.append(&mut open);
        open = next;
    }
    done.append(&mut open);
    done
}

fn side((a, b): (Point, Point)) -> Option<Side> {
    match a.y.cmp(&b.y) {
        std::cmp::Ordering::Less => Some(Side { low: a, high: b }),
        std::cmp::Ordering::Greater => Some(Side { low: b, high: a }),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::merge;

    fn area_of(fill: &[[f32; 2]; 4]) -> f64 {
        let bottom = f64::from(fill[1][0] - fill[0][0]);
        let top = f64::from(fill[2][0] - fill[3][0]);
        f64::midpoint(bottom, top) * f64::from(fill[3][1] - fill[0][1])
    }

    #[test]
    fn frame_with_hole_becomes_four_rectangles_of_its_area() {
        let frame = Polygon {
            outer: Rect::new(0, 0, 30, 30).corners().to_vec(),
            holes: vec![Rect::new(10, 10, 20, 20).corners().into_iter().rev().collect()],
        };
        let pieces = rectangles(std::slice::from_ref(&frame));
        assert_eq!(pieces.len(), 4);
        let area: i64 = pieces.iter().map(|r| r.width() * r.height()).sum();
        assert_eq!(i128::from(area) * 2, frame.area2());
    }

    #[test]
    fn slanted_polygon_is_filled_to_its_area_and_left_out_of_the_rectangles() {
        let points = [(0, 0), (100, 20), (140, 90), (60, 60), (10, 95)];
        let polygon = Polygon::simple(points.map(|(x, y)| Point::new(x, y)).to_vec());
        let filled: f64 = fills(std::slice::from_ref(&polygon)).iter().map(area_of).sum();
        assert!((filled * 2.0 - polygon.area2() as f64).abs() < 1e-2, "{filled}");
        assert!(rectangles(&[polygon]).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn rectangles_are_disjoint_and_cover_the_union(
            boxes in proptest::collection::vec((0..20i32, 0..20i32, 1..8i32, 1..8i32), 1..12)
        ) {
            let input: Vec<_> = boxes
                .iter()
                .map(|&(x, y, w, h)| Polygon::rect(Rect::new(x, y, x + w, y + h)))
                .collect();
            let merged = merge(&input);
            let pieces = rectangles(&merged);
            for (i, a) in pieces.iter().enumerate() {
                for b in &pieces[i + 1..] {
                    proptest::prop_assert!(!a.overlaps(b));
                }
            }
            let area: i64 = pieces.iter().map(|r| r.width() * r.height()).sum();
            let wanted: i128 = merged.iter().map(Polygon::area2).sum();
            proptest::prop_assert_eq!(i128::from(area) * 2, wanted);
            let filled: f64 = fills(&merged).iter().map(area_of).sum();
            proptest::prop_assert!((filled - area as f64).abs() < 1e-3);
        }
    }
}
