//! How entangled polygons are, counted without looking at every pair.

use super::shapes::edges;
use super::{Point, Polygon};

/// The number of pairs of edges whose bounding boxes share a point, beyond the one pair for each
/// corner. It bounds from above the crossings that a union has to work out, of which there can be
/// as many as the square of the number of edges, in O(n log n).
pub(crate) fn crossing_bound(polygons: &[Polygon]) -> u64 {
    let boxes: Vec<Span> =
        polygons.iter().flat_map(Polygon::rings).flat_map(edges).map(Span::of).collect();
    let mut levels: Vec<i32> = boxes.iter().flat_map(|b| [b.bottom, b.top]).collect();
    levels.sort_unstable();
    levels.dedup();
    let level = |y: i32| levels.partition_point(|&l| l < y);

    let mut starts: Vec<usize> = (0..boxes.len()).collect();
    starts.sort_unstable_by_key(|&i| boxes[i].left);
    let mut ends = starts.clone();
    ends.sort_unstable_by_key(|&i| boxes[i].right);
    let mut ends = ends.into_iter().peekable();
    // Of the boxes at the sweep line: how many begin, and how many end, at each level.
    let (mut bottoms, mut tops) = (Tally::new(levels.len()), Tally::new(levels.len()));
    let mut pairs = 0;
    for i in starts {
        let own = &boxes[i];
        while let Some(gone) = ends.next_if(|&e| boxes[e].right < own.left) {
            bottoms.add(level(boxes[gone].bottom), -1);
            tops.add(level(boxes[gone].top), -1);
        }
        let (bottom, top) = (level(own.bottom), level(own.top));
        pairs += bottoms.sum_below(top + 1) - tops.sum_below(bottom);
        bottoms.add(bottom, 1);
        tops.add(top, 1);
    }
    (pairs as u64).saturating_sub(boxes.len() as u64)
}

/// The bounding box of an edge.
struct Span {
    left: i32,
    right: i32,
    bottom: i32,
    top: i32,
}

impl Span {
    fn of((a, b): (Point, Point)) -> Self {
        Self { left: a.x.min(b.x), right: a.x.max(b.x), bottom: a.y.min(b.y), top: a.y.max(b.y) }
    }
}

/// Counts by index with quick sums over a beginning (a binary indexed tree; Fenwick 1994).
struct Tally(Vec<i64>);

impl Tally {
    fn new(length: usize) -> Self {
        Self(vec![0; length + 1])
    }

    fn add(&mut self, index: usize, amount: i64) {
        let mut i = index + 1;
        while let Some(node) = self.0.get_mut(i) {
            *node += amount;
            i += i & i.wrapping_neg();
        }
    }

    fn sum_below(&self, index: usize) -> i64 {
        let (mut i, mut sum) = (index, 0);
        while i > 0 {
            sum += self.0.get(i).copied().unwrap_or(0);
            i &= i - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geometry::Rect;

    #[test]
    fn grid_of_lines_counts_every_crossing() {
        let line = |i: i32| Rect::new(10 * i, -5, 10 * i + 3, 1000);
        let upright = (0..20).map(|i| Polygon::rect(line(i)));
        let flat = (0..20).map(|i| Polygon::rect(Rect::new(-5, 10 * i, 1000, 10 * i + 3)));
        let grid: Vec<_> = upright.chain(flat).collect();
        assert_eq!(crossing_bound(&grid), 4 * 20 * 20);
        assert_eq!(crossing_bound(&grid[..20]), 0);
    }

    proptest! {
        #[test]
        fn sweep_counts_what_comparing_all_pairs_counts(
            rings in prop::collection::vec(prop::collection::vec((0..30i32, 0..30i32), 3..7), 1..12)
        ) {
            let polygons: Vec<_> = rings
                .iter()
                .map(|r| Polygon::simple(r.iter().map(|&(x, y)| Point::new(x, y)).collect()))
                .collect();
            let boxes: Vec<_> =
                polygons.iter().flat_map(Polygon::rings).flat_map(edges).map(Span::of).collect();
            let meet = |a: &Span, b: &Span| {
                a.left <= b.right && b.left <= a.right && a.bottom <= b.top && b.bottom <= a.top
            };
            let pairs: usize =
                (0..boxes.len()).map(|i| (0..i).filter(|&j| meet(&boxes[i], &boxes[j])).count()).sum();
            prop_assert_eq!(crossing_bound(&polygons), (pairs - boxes.len()) as u64);
        }
    }
}
