//! Paths as the polygons they cover.

use crate::geometry::{Point, Polygon};

/// How a path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// At the end point (GDSII path type 0).
    Flush,
    /// In a half circle about the end point (type 1), as far out as [`Ends::Square`].
    Round,
    /// Half the width beyond the end point (type 2), rounded down.
    Square,
    /// These lengths beyond the first and the last point (type 4); negative ones shorten it.
    Extended(i32, i32),
}

/// A shape, and how far rounding to whole database units moved any of its coordinates.
pub(super) struct Outline {
    pub polygon: Polygon,
    pub rounding: f64,
}

type Vector = [f64; 2];

/// The outline of a path of any width, as KLayout draws it, so that both programs see the same
/// polygon. The sides of a straight piece lie half the width beside it; along the axes and the
/// diagonals they are moved to whole units first, so that such a piece keeps its width and angle.
/// Bends are mitred; where the sides would meet more than half a width beyond the corner (that is
/// where the path turns by more than a right angle) the mitre is cut off there. A point that lies
/// less than half a unit beside the straight line between its neighbours is passed over. Half
/// circles have 16 sides that touch the true circle.
///
/// [`Outline::rounding`] bounds how far a side may lie from the true one: the shift of the sides
/// to whole units plus that of the corners.
pub(super) fn outline(points: &[Point], width: u32, ends: Ends) -> Outline {
    let (spine, passed_over) = straightened(points);
    let half = f64::from(width) / 2.0;
    let reach = f64::from(width / 2);
    let (begin, end) = match ends {
        Ends::Flush => (0.0, 0.0),
        Ends::Round | Ends::Square => (reach, reach),
        Ends::Extended(begin, end) => (f64::from(begin), f64::from(end)),
    };
    let round = ends == Ends::Round;
    let pieces: Vec<Piece> = spine.windows(2).map(|p| Piece::new(p[0], p[1], half)).collect();
    let (Some(&start), Some(&stop)) = (spine.first(), spine.last()) else {
        return Outline { polygon: Polygon::simple(Vec::new()), rounding: 0.0 };
    };
    let dot = Piece::of_a_dot(half, round);
    let (first, last) = (*pieces.first().unwrap_or(&dot), *pieces.last().unwrap_or(&dot));

    let mut drawing = Drawing { outer: Vec::new(), rounding: 0.0 };
    drawing.end(start, first.turned(), begin, round);
    for (i, pair) in pieces.windows(2).enumerate() {
        drawing.bend(spine[i + 1], pair[0], pair[1]);
    }
    drawing.end(stop, last, end, round);
    for (i, pair) in pieces.windows(2).enumerate().rev() {
        drawing.bend(spine[i + 1], pair[1].turned(), pair[0].turned());
    }
    let shift = pieces.iter().map(|p| p.rounding).fold(passed_over.max(first.rounding), f64::max);
    let rounding = shift + drawing.rounding;
    Outline { polygon: Polygon::simple(drawing.outer), rounding }
}

/// The points without repeated ones and without those that lie as good as straight between their
/// neighbours, and the largest distance of those from the straight line.
fn straightened(points: &[Point]) -> (Vec<Point>, f64) {
    let mut distinct = points.to_vec();
    distinct.dedup();
    let mut spine: Vec<Point> = Vec::with_capacity(distinct.len());
    let mut passed_over = 0.0f64;
    for (i, &at) in distinct.iter().enumerate() {
        match (spine.last(), distinct.get(i + 1)) {
            (Some(&before), Some(&after)) => match distance_between(before, at, after) {
                Some(distance) => passed_over = passed_over.max(distance),
                None => spine.push(at),
            },
            _ => spine.push(at),
        }
    }
    (spine, passed_over)
}

/// How far a point lies beside the straight line from one neighbour to the other; `None` where
/// that is half a unit or more, or the path turns back.
fn distance_between(before: Point, at: Point, after: Point) -> Option<f64> {
    let (u, v) = (between(before, at), between(at, after));
    let cross = (i128::from(u[0]) * i128::from(v[1]) - i128::from(u[1]) * i128::from(v[0])).abs();
    let dot = i128::from(u[0]) * i128::from(v[0]) + i128::from(u[1]) * i128::from(v[1]);
    let [x, y] = between(before, after).map(i128::from);
    // No chord is longer than 2^33, so a larger product is far away, and squares cannot overflow.
    let near = cross < 1 << 33 && 4 * cross * cross < x * x + y * y;
    (dot > 0 && near).then(|| cross as f64 / ((x * x + y * y) as f64).sqrt())
}

fn between(a: Point, b: Point) -> [i64; 2] {
    [i64::from(b.x) - i64::from(a.x), i64::from(b.y) - i64::from(a.y)]
}

/// A straight piece of a path.
#[derive(Clone, Copy)]
struct Piece {
    /// Its direction, of length 1.
    along: Vector,
    /// From the piece to its right-hand side.
    right: Vector,
    length: f64,
    /// How far `right` was moved to whole units.
    rounding: f64,
}

impl Piece {
    /// The piece from one point to another, which must differ.
    fn new(from: Point, to: Point, half: f64) -> Self {
        let [dx, dy] = between(from, to);
        let (x, y) = (dx as f64, dy as f64);
        let length = x.hypot(y);
        let along = if dx == 0 || dy == 0 {
            [dx.signum() as f64, dy.signum() as f64]
        } else {
            let inverse = 1.0 / length;
            [x * inverse, y * inverse]
        };
        let right = [along[1] * half, -along[0] * half];
        let exact = Self { along, right, length, rounding: 0.0 };
        if dx == 0 || dy == 0 || dx.abs() == dy.abs() { exact.in_whole_units() } else { exact }
    }

    /// A path of one point has no direction; it is drawn along x.
    fn of_a_dot(half: f64, round: bool) -> Self {
        let exact = Self { along: [1.0, 0.0], right: [0.0, -half], length: 0.0, rounding: 0.0 };
        if round { exact } else { exact.in_whole_units() }
    }

    fn in_whole_units(self) -> Self {
        let right = self.right.map(whole);
        let moved = (right[0] - self.right[0]).abs().max((right[1] - self.right[1]).abs());
        Self { right, rounding: moved, ..self }
    }

    /// The piece walked the other way.
    fn turned(self) -> Self {
        let back = |v: Vector| [-v[0], -v[1]];
        Self { along: back(self.along), right: back(self.right), ..self }
    }

    /// Half the width as drawn.
    fn reach(&self) -> f64 {
        (self.right[0] * self.right[0] + self.right[1] * self.right[1]).sqrt()
    }
}

/// An outline under way, counter-clockwise: up the right-hand side of the path, back on the left.
struct Drawing {
    outer: Vec<Point>,
    rounding: f64,
}

impl Drawing {
    /// Adds `at` moved by `shift`, the shift rounded to whole units.
    fn add(&mut self, at: Point, shift: Vector) {
        let moved = shift.map(whole);
        for axis in 0..2 {
            self.rounding = self.rounding.max((moved[axis] - shift[axis]).abs());
        }
        // A corner beyond the coordinate range stays at its end; so do the casts.
        let within = |at: i32, by: f64| {
            let sum = i64::from(at).saturating_add(by as i64);
            sum.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
        };
        let point = Point::new(within(at.x, moved[0]), within(at.y, moved[1]));
        if self.outer.last() != Some(&point) {
            self.outer.push(point);
        }
    }

    /// The end of a path whose last piece is `out`: from its right side to its left.
    fn end(&mut self, at: Point, out: Piece, extension: f64, round: bool) {
        const SIDES: u32 = 16;
        if round {
            let step = std::f64::consts::PI / f64::from(SIDES);
            let touching = |length: f64| length / (step / 2.0).cos();
            for i in 0..SIDES {
                let (sin, cos) = (step * (f64::from(i) + 0.5)).sin_cos();
                let beyond = touching(extension) * sin;
                self.add(at, [0, 1].map(|k| touching(out.right[k]) * cos + out.along[k] * beyond));
            }
        } else {
            self.add(at, [0, 1].map(|k| out.right[k] + out.along[k] * extension));
            self.add(at, [0, 1].map(|k| -out.right[k] + out.along[k] * extension));
        }
    }

    /// The right-hand side of the bend at `at` from piece `a` to piece `b`.
    fn bend(&mut self, at: Point, a: Piece, b: Piece) {
        const SLACK: f64 = 1e-5;
        let (reach_a, reach_b) = (a.reach(), b.reach());
        let sine = cross(a.along, b.along);
        let (beyond_a, beyond_b) = if sine.abs() < 1e-10 {
            (f64::INFINITY, f64::INFINITY)
        } else {
            // The sides meet where right_a + beyond_a·along_a = right_b − beyond_b·along_b.
            let apart = [b.right[0] - a.right[0], b.right[1] - a.right[1]];
            (cross(apart, b.along) / sine, cross(a.along, apart) / sine)
        };
        if beyond_a < -(a.length + reach_a + SLACK) || beyond_b < -(b.length + reach_b + SLACK) {
            // The sides do not meet inside the path; the outline goes round by the corner.
            self.add(at, a.right);
            self.add(at, [0.0, 0.0]);
            self.add(at, b.right);
        } else if beyond_a <= reach_a + SLACK && beyond_b <= reach_b + SLACK {
            self.add(at, [0, 1].map(|k| a.right[k] + beyond_a * a.along[k]));
        } else {
            let (to_a, to_b) = (beyond_a.min(reach_a), beyond_b.min(reach_b));
            self.add(at, [0, 1].map(|k| a.right[k] + to_a * a.along[k]));
            self.add(at, [0, 1].map(|k| b.right[k] - to_b * b.along[k]));
        }
    }
}

/// The nearest whole number, halves away from zero.
fn whole(v: f64) -> f64 {
    (v.abs() + 0.5).floor().copysign(v)
}

fn cross(u: Vector, v: Vector) -> f64 {
    u[0] * v[1] - u[1] * v[0]
}

#[cfg(test)]
mod tests;
