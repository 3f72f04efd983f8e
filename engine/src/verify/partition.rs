//! A Manhattan polygon cut into the least number of rectangles: the cuts behind the count of
//! [`super::shots`].
//!
//! The polygon's own coordinates make a grid of cells. A largest set of chords between reflex
//! corners that do not cross become walls; every reflex corner left then sends one wall along one
//! axis until it meets another. What the walls part are rectangles.

use super::matching::independent_set;
use crate::geometry::{Polygon, Rect, edges};

/// Most cells of a polygon's grid; beyond it memory would grow with the square of the corners.
const MOST_CELLS: usize = 1 << 20;

/// The least number of disjoint rectangles that cover a merged Manhattan polygon. Cuts that the
/// least number leaves free run along x where `along_x`, else along y. `None` for a polygon with
/// so many corners that its grid would take more than some megabytes.
pub(super) fn least_partition(polygon: &Polygon, along_x: bool) -> Option<Vec<Rect>> {
    let mut grid = Grid::new(polygon)?;
    let (across, upright) = (grid.chords(true), grid.chords(false));
    let crossings: Vec<Vec<u32>> = across.iter().map(|h| crossed_by(h, &upright)).collect();
    let (kept_across, kept_upright) = independent_set(&crossings, upright.len());
    let kept = across.iter().zip(kept_across).chain(upright.iter().zip(kept_upright));
    for (chord, _) in kept.filter(|(_, keep)| *keep) {
        grid.raise(chord);
    }
    for corner in grid.reflex_corners() {
        grid.ray(corner, along_x);
    }
    Some(grid.rooms())
}

/// A stretch of a grid line between two nodes.
struct Chord {
    across: bool,
    line: usize,
    from: usize,
    to: usize,
}

/// Vertical chords that share a point with a horizontal one.
fn crossed_by(h: &Chord, upright: &[Chord]) -> Vec<u32> {
    let meets = |v: &Chord| (h.from..=h.to).contains(&v.line) && (v.from..=v.to).contains(&h.line);
    let met = upright.iter().enumerate().filter(|(_, v)| meets(v));
    met.map(|(i, _)| i as u32).collect()
}

/// Cells between the coordinates of a polygon, and walls on the lines between cells. Cell (i, j)
/// lies right of and above node (i, j).
struct Grid {
    xs: Vec<i32>,
    ys: Vec<i32>,
    filled: Vec<bool>,
    /// Below cell (i, j), j up to the last line.
    floor: Vec<bool>,
    /// Left of cell (i, j), i up to the last line.
    side: Vec<bool>,
}

impl Grid {
    fn new(polygon: &Polygon) -> Option<Self> {
        let sorted = |of: fn(&crate::geometry::Point) -> i32| {
            let mut all: Vec<i32> = polygon.rings().flatten().map(of).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let (xs, ys) = (sorted(|p| p.x), sorted(|p| p.y));
        if xs.len() < 2 || ys.len() < 2 || xs.len().saturating_mul(ys.len()) > MOST_CELLS {
            return None;
        }
        // A cell more on each axis, always empty, so that every node has a cell at its upper right.
        let cells = xs.len() * ys.len();
        let mut grid = Self {
            filled: vec![false; cells],
            floor: vec![false; cells],
            side: vec![false; cells],
            xs,
            ys,
        };
        for (a, b) in polygon.rings().flat_map(edges).filter(|(a, b)| a.x == b.x) {
            let i = grid.xs.partition_point(|x| *x < a.x);
            let [lo, hi] =
                [a.y.min(b.y), a.y.max(b.y)].map(|y| grid.ys.partition_point(|v| *v < y));
            for j in lo..hi {
                let cell = grid.cell(i, j);
                grid.filled[cell] ^= true;
            }
        }
        for row in grid.filled.chunks_exact_mut(grid.xs.len()) {
            let mut inside = false;
            for cell in row {
                inside ^= *cell;
                *cell = inside;
            }
        }
        Some(grid)
    }

    fn cell(&self, i: usize, j: usize) -> usize {
        j * self.xs.len() + i
    }

    fn is_filled(&self, i: usize, j: usize) -> bool {
        self.filled[self.cell(i, j)]
    }

    /// The four cells about a node: lower left, lower right, upper left, upper right.
    fn about(&self, i: usize, j: usize) -> [bool; 4] {
        [
            i > 0 && j > 0 && self.is_filled(i - 1, j - 1),
            j > 0 && self.is_filled(i, j - 1),
            i > 0 && self.is_filled(i - 1, j),
            self.is_filled(i, j),
        ]
    }

    fn is_reflex(&self, i: usize, j: usize) -> bool {
        self.about(i, j).iter().filter(|f| **f).count() == 3
    }

    /// Whether the line from node (i, j) to the next node right of it, or above it, runs inside.
    fn runs_inside(&self, i: usize, j: usize, across: bool) -> bool {
        let [_, lower_right, upper_left, upper_right] = self.about(i, j);
        upper_right && if across { lower_right } else { upper_left }
    }

    /// Chords along x, or along y, between reflex corners next to each other.
    fn chords(&self, across: bool) -> Vec<Chord> {
        let (lines, nodes) = self.lines(across);
        let node = |line: usize, k: usize| if across { (k, line) } else { (line, k) };
        let mut found = Vec::new();
        for line in 0..lines {
            let mut from = None;
            for k in 0..nodes {
                let (i, j) = node(line, k);
                if self.is_reflex(i, j) {
                    found.extend(from.map(|from| Chord { across, line, from, to: k }));
                    from = Some(k);
                }
                if !self.runs_inside(i, j, across) {
                    from = None;
                }
            }
        }
        found
    }

    /// Lines along x (or along y), and nodes of each.
    fn lines(&self, across: bool) -> (usize, usize) {
        if across { (self.ys.len(), self.xs.len()) } else { (self.xs.len(), self.ys.len()) }
    }

    fn raise(&mut self, chord: &Chord) {
        for k in chord.from..chord.to {
            let (cell, walls) = if chord.across {
                (self.cell(k, chord.line), &mut self.floor)
            } else {
                (self.cell(chord.line, k), &mut self.side)
            };
            walls[cell] = true;
        }
    }

    /// Whether a wall along x (or along y) ends in or runs through a node.
    fn has_wall(&self, i: usize, j: usize, across: bool) -> bool {
        let at = self.cell(i, j);
        if across {
            self.floor[at] || (i > 0 && self.floor[at - 1])
        } else {
            self.side[at] || (j > 0 && self.side[at - self.xs.len()])
        }
    }

    /// Reflex corners that no wall starts from.
    fn reflex_corners(&self) -> Vec<[usize; 2]> {
        let nodes = (0..self.ys.len()).flat_map(|j| (0..self.xs.len()).map(move |i| [i, j]));
        let free = |&[i, j]: &[usize; 2]| {
            self.is_reflex(i, j) && !self.has_wall(i, j, true) && !self.has_wall(i, j, false)
        };
        nodes.filter(free).collect()
    }

    /// A wall from a reflex corner into the inside, until it meets the outline or a wall.
    fn ray(&mut self, [i, j]: [usize; 2], across: bool) {
        let (line, start) = if across { (j, i) } else { (i, j) };
        let node = |k: usize| if across { (k, line) } else { (line, k) };
        let inside = |grid: &Self, k: usize| {
            let (i, j) = node(k);
            grid.runs_inside(i, j, across)
        };
        let blocked = |grid: &Self, k: usize| {
            let (i, j) = node(k);
            grid.has_wall(i, j, true) || grid.has_wall(i, j, false)
        };
        let (mut from, mut to) = (start, start);
        if inside(self, start) {
            to += 1;
            while inside(self, to) && !blocked(self, to) {
                to += 1;
            }
        } else {
            while from > 0 && inside(self, from - 1) {
                from -= 1;
                if blocked(self, from) {
                    break;
                }
            }
        }
        self.raise(&Chord { across, line, from, to });
    }

    /// The rectangles that outline and walls part.
    fn rooms(&self) -> Vec<Rect> {
        let mut seen = vec![false; self.filled.len()];
        let mut rooms = Vec::new();
        for (j, i) in (0..self.ys.len()).flat_map(|j| (0..self.xs.len()).map(move |i| (j, i))) {
            if !self.is_filled(i, j) || seen[self.cell(i, j)] {
                continue;
            }
            let open_right = |k: usize| self.is_filled(k, j) && !self.side[self.cell(k, j)];
            let columns = self.xs.len();
            let right = (i + 1..columns).find(|&k| !open_right(k)).unwrap_or(i + 1);
            let open_up = |k: usize| self.is_filled(i, k) && !self.floor[self.cell(i, k)];
            let top = (j + 1..self.ys.len()).find(|&k| !open_up(k)).unwrap_or(j + 1);
            for k in j..top {
                let row = self.cell(i, k)..self.cell(right, k);
                seen[row].fill(true);
            }
            rooms.push(Rect::new(self.xs[i], self.ys[j], self.xs[right], self.ys[top]));
        }
        rooms
    }
}
