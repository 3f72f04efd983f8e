//! A packed tree of boxes: which of many boxes may touch a window, without looking at most of them.

use rayon::slice::ParallelSliceMut;

use super::{Point, Rect};

/// Children of a node. Sixteen keep the tree shallow and a node's children in one or two cache
/// lines' reach.
const FANOUT: usize = 16;

/// Boxes sorted along a Hilbert curve and packed sixteen by sixteen into nodes, those again, up to
/// one root. It holds four bytes an item and little more than one for the nodes; boxes of the items
/// themselves stay with whoever owns them.
///
/// All boxes here are closed: two that share a border touch.
#[derive(Clone, Debug, Default)]
pub struct BoxTree {
    items: Vec<u32>,
    /// Nodes by level, the lowest first; the last level is the root alone.
    levels: Vec<Vec<Node>>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    area: Rect,
    /// Longest side of any single item's box below.
    largest: u32,
}

impl BoxTree {
    /// The tree of `boxes`; items are their positions in the slice, of which the first 2³² count.
    pub fn new(boxes: &[Rect]) -> Self {
        let Some(whole) = boxes.iter().copied().reduce(|a, b| a.union(&b)) else {
            return Self::default();
        };
        let mut keyed: Vec<(u32, u32)> =
            (0u32..).zip(boxes).map(|(item, b)| (curve_position(b, &whole), item)).collect();
        // The item breaks ties, so that the order does not depend on how the work was shared.
        keyed.par_sort_unstable();
        let items: Vec<u32> = keyed.into_iter().map(|(_, item)| item).collect();
        let mut nodes: Vec<Node> = items
            .chunks(FANOUT)
            .filter_map(|chunk| {
                let nodes = chunk.iter().filter_map(|&i| boxes.get(i as usize)).map(Node::of);
                nodes.reduce(Node::union)
            })
            .collect();
        let mut levels = Vec::new();
        while nodes.len() > 1 {
            let above = nodes.chunks(FANOUT);
            let above = above.filter_map(|c| c.iter().copied().reduce(Node::union)).collect();
            levels.push(std::mem::replace(&mut nodes, above));
        }
        levels.push(nodes);
        Self { items, levels }
    }

    /// Items whose box may touch `window` and may be at least `min_size` long in x or y: all that
    /// do, and some of their neighbours.
    pub fn near(&self, window: Rect, min_size: u32) -> Near<'_> {
        let at = self.levels.len().checked_sub(1).map(|root| (root, 0));
        Near { tree: self, window, min_size, at, run: 0..0 }
    }

    /// The node that follows a node and everything below it.
    fn after(&self, mut level: usize, mut index: usize) -> Option<(usize, usize)> {
        while level + 1 < self.levels.len() {
            index += 1;
            if !index.is_multiple_of(FANOUT) && index < self.levels[level].len() {
                return Some((level, index));
            }
            index = (index - 1) / FANOUT;
            level += 1;
        }
        None
    }
}

impl Node {
    fn of(b: &Rect) -> Self {
        let largest = b.width().max(b.height()).clamp(0, i64::from(u32::MAX)) as u32;
        Self { area: *b, largest }
    }

    fn union(self, other: Self) -> Self {
        Self { area: self.area.union(&other.area), largest: self.largest.max(other.largest) }
    }
}

/// Items near a window; see [`BoxTree::near`].
#[derive(Clone, Debug)]
pub struct Near<'a> {
    tree: &'a BoxTree,
    window: Rect,
    min_size: u32,
    /// Level and index of the node to look at next.
    at: Option<(usize, usize)>,
    /// Items of the last leaf found that are still to be given.
    run: std::ops::Range<usize>,
}

impl Iterator for Near<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(i) = self.run.next() {
                return self.tree.items.get(i).copied();
            }
            let (level, index) = self.at?;
            let node = self.tree.levels.get(level)?.get(index)?;
            let hit = node.largest >= self.min_size && node.area.touches(&self.window);
            self.at = match (hit, level) {
                (true, 0) => {
                    let first = index * FANOUT;
                    self.run = first..(first + FANOUT).min(self.tree.items.len());
                    self.tree.after(level, index)
                }
                (true, _) => Some((level - 1, index * FANOUT)),
                (false, _) => self.tree.after(level, index),
            };
        }
    }
}

/// Position of a box's centre on a Hilbert curve of order 16 over `whole`.
fn curve_position(b: &Rect, whole: &Rect) -> u32 {
    let cell = |low: i32, high: i32, first: i32, length: i64| {
        let twice = i64::from(low) + i64::from(high) - 2 * i64::from(first);
        (i128::from(twice) * 0xffff / i128::from(2 * length.max(1))) as u32
    };
    let Rect { min: Point { x: x0, y: y0 }, max: Point { x: x1, y: y1 } } = *b;
    let mut x = cell(x0, x1, whole.min.x, whole.width());
    let mut y = cell(y0, y1, whole.min.y, whole.height());
    let mut position = 0;
    for bit in (0..16).rev() {
        let (right, upper) = ((x >> bit) & 1, (y >> bit) & 1);
        position = (position << 2) | ((3 * right) ^ upper);
        // Each quadrant holds the curve turned or mirrored.
        if upper == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            std::mem::swap(&mut x, &mut y);
        }
    }
    position
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn a_box(reach: i32, size: i32)(x in -reach..reach, y in -reach..reach, w in 0..size, h in 0..size) -> Rect {
            Rect::new(x, y, x + w, y + h)
        }
    }

    proptest! {
        #[test]
        fn every_box_that_touches_the_window_is_found_once(
            boxes in prop::collection::vec(a_box(1000, 90), 0..400),
            window in a_box(1100, 300),
            min_size in 0..90u32,
        ) {
            let tree = BoxTree::new(&boxes);
            let mut found: Vec<u32> = tree.near(window, min_size).collect();
            found.sort_unstable();
            prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
            for (i, b) in boxes.iter().enumerate() {
                let wanted = b.touches(&window) && b.width().max(b.height()) >= i64::from(min_size);
                prop_assert!(!wanted || found.binary_search(&(i as u32)).is_ok(), "{b:?}");
            }
        }
    }

    #[test]
    fn a_small_window_looks_at_few_of_many_boxes() {
        let boxes: Vec<_> = (0..100_000)
            .map(|i| (i % 400 * 10, i / 400 * 10))
            .map(|(x, y)| Rect::new(x, y, x + 5, y + 5))
            .collect();
        let tree = BoxTree::new(&boxes);
        let found = tree.near(Rect::new(2000, 1000, 2015, 1015), 0).count();
        assert!((4..=160).contains(&found), "{found}");
        assert_eq!(tree.near(Rect::new(0, 0, 4000, 4000), 6).count(), 0);
    }

    #[test]
    fn boxes_at_the_ends_of_the_coordinate_range_do_not_overflow() {
        let ends = Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX);
        let boxes =
            [ends, Rect::new(i32::MAX, i32::MAX, i32::MAX, i32::MAX), Rect::new(0, 0, 1, 1)];
        let tree = BoxTree::new(&boxes);
        assert_eq!(tree.near(Rect::new(0, 0, 0, 0), 0).count(), 3);
        assert_eq!(BoxTree::new(&[]).near(ends, 0).count(), 0);
    }
}
