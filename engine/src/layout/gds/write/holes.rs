//! Polygons with holes, or with more corners than a record holds, cut into pieces.

use crate::geometry::{Point, Polygon, Rect, clip_to};

/// Corners a boundary may have: the closing point makes it 8191, the most one record holds.
pub(super) const MOST_CORNERS: usize = 8190;

/// The polygon as rings without holes and of a length GDSII can hold; `None` where cutting does not
/// come to an end.
pub(in crate::layout) fn hole_free(polygon: &Polygon) -> Option<Vec<Vec<Point>>> {
    const MOST_CUTS: u32 = 128;
    let mut done = Vec::new();
    let mut open = vec![(polygon.clone(), 0)];
    while let Some((piece, cuts)) = open.pop() {
        if piece.holes.is_empty() && piece.outer.len() <= MOST_CORNERS {
            done.push(piece.outer);
        } else if cuts == MOST_CUTS {
            return None;
        } else {
            // Last in, first out: reversed, the pieces come out in the order of their corners.
            open.extend(halves(&piece, cuts).into_iter().rev().map(|p| (p, cuts + 1)));
        }
    }
    Some(done)
}

/// The polygon cut in two through the middle of its middle hole, or of itself where it has none.
/// The direction alternates, and so does the rounding of the middle: of a hole one unit wide one
/// side only may be straight.
fn halves(polygon: &Polygon, cuts: u32) -> Vec<Polygon> {
    let (upright, up) = (cuts.is_multiple_of(2), i64::from(cuts / 2 % 2));
    let Some(whole) = polygon.bounding_box() else { return Vec::new() };
    let mut holes: Vec<Rect> =
        polygon.holes.iter().filter_map(|h| Rect::around(h.iter().copied())).collect();
    holes.sort_by_key(|r| if upright { (r.min.x, r.min.y) } else { (r.min.y, r.min.x) });
    let target = holes.get(holes.len() / 2).copied().unwrap_or(whole);
    let middle = |a: i32, b: i32| (i64::from(a) + i64::from(b) + up).div_euclid(2) as i32;
    let (mut low, mut high) = (whole, whole);
    if upright {
        low.max.x = middle(target.min.x, target.max.x);
        high.min.x = low.max.x;
    } else {
        low.max.y = middle(target.min.y, target.max.y);
        high.min.y = low.max.y;
    }
    let one = std::slice::from_ref(polygon);
    [low, high].into_iter().flat_map(|half| clip_to(one, half)).collect()
}
