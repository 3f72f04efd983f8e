//! Shots of a variable-shaped beam: a mask cut into the rectangles that a mask writer exposes.
//!
//! As fracturing is usually stated (Kahng, Xu and Zelikovsky, "Yield- and cost-driven fracturing
//! for variable shaped-beam mask writing", BACUS 2004): disjoint shots that cover the mask, none
//! larger than the aperture, and as few as can be, where a shot whose smaller side is below a
//! threshold is a sliver and costs more, for its dose and so its edges are less sure.

use serde::Serialize;

use super::partition::least_partition;
use crate::geometry::{Point, Polygon, Rect, merge, rectangles};

/// What a mask writer can expose at once. Lengths are those of the clip (wafer nm).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VsbWriter {
    /// Largest side of a shot, nm; at least 1.
    pub max_shot_nm: i32,
    /// A shot whose smaller side is below this is a sliver, nm.
    pub sliver_nm: i32,
    /// What a sliver costs on top of a shot.
    pub sliver_penalty: u32,
}

impl Default for VsbWriter {
    fn default() -> Self {
        Self { max_shot_nm: 1000, sliver_nm: 20, sliver_penalty: 1 }
    }
}

/// Shots of a mask on a mask writer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VsbCount {
    /// Number of shots, slivers included.
    pub shots: u64,
    /// How many of them are slivers.
    pub slivers: u64,
    /// Shots plus the penalty of the slivers.
    pub cost: u64,
}

/// The shots of a Manhattan mask and what they cost: the least over four ways to cut each merged
/// polygon (see [`fracture`]). `None` where an edge is slanted.
pub fn vsb_count(mask: &[Polygon], writer: &VsbWriter) -> Option<VsbCount> {
    let mut total = VsbCount::default();
    for polygon in manhattan(mask)? {
        let (_, count) = cheapest(&polygon, writer);
        total.shots += count.shots;
        total.slivers += count.slivers;
        total.cost += count.cost;
    }
    Some(total)
}

/// The shots themselves: disjoint rectangles that cover the mask exactly. `None` where an edge is
/// slanted.
///
/// Each merged polygon is cut in four ways: into the least number of rectangles, with the cuts
/// that are left free running along x or along y, and into horizontal or vertical slabs. The one
/// that costs least is taken, the first of equals; rectangles larger than a shot are then cut into
/// equal parts. Memory is in proportion to the shots.
pub fn fracture(mask: &[Polygon], writer: &VsbWriter) -> Option<Vec<Rect>> {
    let polygons = manhattan(mask)?;
    let pieces = polygons.iter().flat_map(|polygon| cheapest(polygon, writer).0);
    Some(pieces.flat_map(|piece| parts(piece, writer)).collect())
}

fn manhattan(mask: &[Polygon]) -> Option<Vec<Polygon>> {
    mask.iter().all(Polygon::is_manhattan).then(|| merge(mask))
}

/// The cheapest of the four ways to cut a polygon, before large rectangles are cut.
fn cheapest(polygon: &Polygon, writer: &VsbWriter) -> (Vec<Rect>, VsbCount) {
    let one = std::slice::from_ref(polygon);
    let upright = || rectangles(&[turned(polygon)]).into_iter().map(turned_rect).collect();
    let ways = [
        least_partition(polygon, true),
        least_partition(polygon, false),
        Some(rectangles(one)),
        Some(upright()),
    ];
    let costed = ways.into_iter().flatten().map(|pieces| {
        let count = cost(&pieces, writer);
        (pieces, count)
    });
    costed.min_by_key(|(_, count)| count.cost).unwrap_or_default()
}

fn cost(pieces: &[Rect], writer: &VsbWriter) -> VsbCount {
    let mut count = VsbCount::default();
    for piece in pieces {
        let [nx, ny] = divisions(piece, writer);
        count.shots += nx * ny;
        for part in corner_parts(piece, [nx, ny]) {
            if part.sides.into_iter().min() < Some(i64::from(writer.sliver_nm)) {
                count.slivers += part.count;
            }
        }
    }
    count.cost = count.shots + u64::from(writer.sliver_penalty) * count.slivers;
    count
}

/// How many shots a rectangle takes along x and along y.
fn divisions(piece: &Rect, writer: &VsbWriter) -> [u64; 2] {
    let largest = u64::from(writer.max_shot_nm.max(1).unsigned_abs());
    [piece.width(), piece.height()].map(|side| side.unsigned_abs().div_ceil(largest).max(1))
}

/// Shots of one size.
struct Alike {
    sides: [i64; 2],
    count: u64,
}

/// The sizes that an even cut of a rectangle gives: sides are ⌊s/n⌋ or one more.
fn corner_parts(piece: &Rect, divisions: [u64; 2]) -> Vec<Alike> {
    let along = |side: i64, n: u64| {
        let (short, longer) = (side / n as i64, (side % n as i64).unsigned_abs());
        [(short, n - longer), (short + 1, longer)]
    };
    let (xs, ys) = (along(piece.width(), divisions[0]), along(piece.height(), divisions[1]));
    let sizes = xs.into_iter().flat_map(|x| ys.into_iter().map(move |y| (x, y)));
    sizes.map(|((w, nx), (h, ny))| Alike { sides: [w, h], count: nx * ny }).collect()
}

/// A rectangle cut evenly into shots.
fn parts(piece: Rect, writer: &VsbWriter) -> impl Iterator<Item = Rect> {
    let [nx, ny] = divisions(&piece, writer).map(|n| n as i64);
    let cut = |from: i32, side: i64, n: i64, i: i64| {
        let longer = side % n;
        (i64::from(from) + i * (side / n) + i.min(longer)) as i32
    };
    let x = move |i| cut(piece.min.x, piece.width(), nx, i);
    let y = move |i| cut(piece.min.y, piece.height(), ny, i);
    (0..ny).flat_map(move |j| (0..nx).map(move |i| Rect::new(x(i), y(j), x(i + 1), y(j + 1))))
}

/// A polygon with x and y exchanged.
fn turned(polygon: &Polygon) -> Polygon {
    let turn = |ring: &Vec<Point>| ring.iter().rev().map(|p| Point::new(p.y, p.x)).collect();
    Polygon { outer: turn(&polygon.outer), holes: polygon.holes.iter().map(turn).collect() }
}

fn turned_rect(r: Rect) -> Rect {
    Rect::new(r.min.y, r.min.x, r.max.y, r.max.x)
}

#[cfg(test)]
#[path = "vsb_tests.rs"]
mod tests;
