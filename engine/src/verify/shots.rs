//! Shots: the least number of rectangles that tile a Manhattan mask.
//!
//! least = reflex corners − largest set of chords that do not cross − holes + parts
//! (Ohtsuki 1982; Lipski 1983; Ferrari, Sankar and Sklansky 1984), where a chord joins two reflex
//! corners on one line through the inside. Parts that only touch at a corner are apart there, and
//! that corner is convex for both.
//!
//! One sweep upwards over horizontal slabs of filled intervals finds corners, chords, parts and
//! holes; memory is in proportion to the edges.

use std::collections::BTreeMap;

use super::matching::largest_matching;
use crate::geometry::{Polygon, edges, ring_area2};

/// Least number of rectangles that tile a Manhattan mask exactly.
///
/// The polygons may be merged or not (their union is tiled). An edge that is not vertical counts
/// as horizontal, so a slanted mask gets the count of its vertical edges alone. Time is about
/// edges × slab width plus the chord crossings.
pub fn shots(mask: &[Polygon]) -> u32 {
    let mut sweep = Sweep::default();
    let mut winding: BTreeMap<i32, i64> = BTreeMap::new();
    for (y, changes) in events(mask) {
        for (x, delta) in changes {
            let sum = winding.entry(x).or_default();
            *sum += delta;
            if *sum == 0 {
                winding.remove(&x);
            }
        }
        sweep.boundary(y, filled(&winding));
    }
    sweep.count()
}

/// Winding changes by height: at each y, (x, change) for edges that begin or end there.
fn events(mask: &[Polygon]) -> BTreeMap<i32, Vec<(i32, i64)>> {
    let mut events: BTreeMap<i32, Vec<(i32, i64)>> = BTreeMap::new();
    for polygon in mask {
        for (i, ring) in polygon.rings().enumerate() {
            // Outer rings wind up, holes down, however they are turned.
            let wanted = if i == 0 { 1 } else { -1 };
            let sign = wanted * ring_area2(ring).signum() as i64;
            for (a, b) in edges(ring) {
                if a.x == b.x && a.y != b.y {
                    // Entering from the left through an edge that goes down adds the inside.
                    let delta = if b.y < a.y { sign } else { -sign };
                    events.entry(a.y.min(b.y)).or_default().push((a.x, delta));
                    events.entry(a.y.max(b.y)).or_default().push((a.x, -delta));
                }
            }
        }
    }
    events
}

/// The filled intervals of a slab: disjoint, not touching, in order.
fn filled(winding: &BTreeMap<i32, i64>) -> Vec<(i32, i32)> {
    let mut intervals = Vec::new();
    let (mut sum, mut start) = (0, 0);
    for (&x, delta) in winding {
        let before = sum;
        sum += delta;
        match (before != 0, sum != 0) {
            (false, true) => start = x,
            (true, false) => intervals.push((start, x)),
            _ => {}
        }
    }
    intervals
}

/// The empty intervals of a slab, the two outer ones included.
fn empty(filled: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let starts = std::iter::once(i32::MIN).chain(filled.iter().map(|f| f.1));
    let ends = filled.iter().map(|f| f.0).chain(std::iter::once(i32::MAX));
    starts.zip(ends).collect()
}

/// Whether x lies strictly inside one of the intervals (disjoint, in order).
fn strictly_inside(intervals: &[(i32, i32)], x: i32) -> bool {
    let next = intervals.partition_point(|i| i.1 <= x);
    intervals.get(next).is_some_and(|i| i.0 < x)
}

/// Whether one of the intervals holds all of [x0, x1].
fn holds(intervals: &[(i32, i32)], x0: i32, x1: i32) -> bool {
    let next = intervals.partition_point(|i| i.1 < x1);
    intervals.get(next).is_some_and(|i| i.0 <= x0)
}

/// Connected components of intervals, slab by slab.
#[derive(Default)]
struct Components {
    parent: Vec<u32>,
    below: Vec<u32>,
    joined: usize,
}

impl Components {
    fn root(&mut self, mut i: u32) -> u32 {
        while self.parent[i as usize] != i {
            let up = self.parent[self.parent[i as usize] as usize];
            self.parent[i as usize] = up;
            i = up;
        }
        i
    }

    /// Labels the intervals above from those below they meet (`touching`: at a point is enough).
    fn advance(&mut self, below: &[(i32, i32)], above: &[(i32, i32)], touching: bool) {
        let meets = |b: (i32, i32), a: (i32, i32)| {
            if touching { b.0 <= a.1 && a.0 <= b.1 } else { b.0 < a.1 && a.0 < b.1 }
        };
        let mut labels = Vec::with_capacity(above.len());
        for &a in above {
            let first = below.partition_point(|b| b.1 < a.0);
            let mut label = None;
            for (k, _) in below.iter().enumerate().skip(first).take_while(|(_, b)| b.0 <= a.1) {
                if !meets(below[k], a) {
                    continue;
                }
                let root = self.root(self.below[k]);
                label = Some(match label {
                    None => root,
                    Some(own) => self.join(own, root),
                });
            }
            labels.push(label.unwrap_or_else(|| {
                self.parent.push(self.parent.len() as u32);
                self.parent.len() as u32 - 1
            }));
        }
        self.below = labels;
    }

    fn join(&mut self, a: u32, b: u32) -> u32 {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.joined += 1;
            self.parent[b as usize] = a;
        }
        a
    }

    fn count(&self) -> usize {
        self.parent.len() - self.joined
    }
}

/// A chord along `at` from `lo` to `hi`.
struct Chord {
    at: i32,
    lo: i32,
    hi: i32,
}

/// State between two slabs.
#[derive(Default)]
struct Sweep {
    below: Vec<(i32, i32)>,
    parts: Components,
    outside: Components,
    reflex: usize,
    horizontal: Vec<Chord>,
    vertical: Vec<Chord>,
    /// By column: height of the last reflex corner that the inside has followed up to here.
    open: BTreeMap<i32, i32>,
}

impl Sweep {
    /// Crosses the boundary at y into a slab filled as given.
    fn boundary(&mut self, y: i32, above: Vec<(i32, i32)>) {
        if self.outside.parent.is_empty() {
            self.outside.advance(&[], &empty(&[]), true);
        }
        self.parts.advance(&self.below, &above, false);
        self.outside.advance(&empty(&self.below), &empty(&above), true);
        let reflex = reflex_corners(&self.below, &above);
        for pair in reflex.windows(2) {
            if holds(&self.below, pair[0], pair[1]) && holds(&above, pair[0], pair[1]) {
                self.horizontal.push(Chord { at: y, lo: pair[0], hi: pair[1] });
            }
        }
        for &x in &reflex {
            if let Some(lo) = self.open.insert(x, y) {
                self.vertical.push(Chord { at: x, lo, hi: y });
            }
        }
        self.open.retain(|&x, _| strictly_inside(&above, x));
        self.reflex += reflex.len();
        self.below = above;
    }

    fn count(mut self) -> u32 {
        self.vertical.sort_by_key(|v| (v.at, v.lo));
        let crossings: Vec<Vec<u32>> = self.horizontal.iter().map(|h| self.crossed_by(h)).collect();
        let chords = self.horizontal.len() + self.vertical.len()
            - largest_matching(&crossings, self.vertical.len());
        let holes = self.outside.count().saturating_sub(1);
        (self.reflex + self.parts.count()).saturating_sub(chords + holes) as u32
    }

    /// Vertical chords that share a point with a horizontal one.
    fn crossed_by(&self, h: &Chord) -> Vec<u32> {
        let first = self.vertical.partition_point(|v| v.at < h.lo);
        let columns = self.vertical.iter().enumerate().skip(first);
        columns
            .take_while(|(_, v)| v.at <= h.hi)
            .filter(|(_, v)| v.lo <= h.at && h.at <= v.hi)
            .map(|(i, _)| i as u32)
            .collect()
    }
}

/// Places on a boundary where three of the four quadrants are filled, in order.
fn reflex_corners(below: &[(i32, i32)], above: &[(i32, i32)]) -> Vec<i32> {
    let ends = below.iter().chain(above).flat_map(|i| [i.0, i.1]);
    let mut xs: Vec<i32> = ends.collect();
    xs.sort_unstable();
    xs.dedup();
    xs.retain(|&x| {
        let quadrants = |slab: &[(i32, i32)]| {
            let left = slab.partition_point(|i| i.1 < x);
            let to_left = slab.get(left).is_some_and(|i| i.0 < x);
            let right = slab.partition_point(|i| i.1 <= x);
            let to_right = slab.get(right).is_some_and(|i| i.0 <= x);
            u8::from(to_left) + u8::from(to_right)
        };
        quadrants(below) + quadrants(above) == 3
    });
    xs
}

#[cfg(test)]
#[path = "shots_tests.rs"]
mod tests;
