//! Paths as the polygons they cover.

use crate::geometry::{Point, Polygon};

/// How a path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// At the end point (GDSII path type 0).
    Flush,
    /// In a half circle about the end point (type 1).
    Round,
    /// Half the width beyond the end point (type 2).
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

/// The outline of a path of any width. Bends are mitred; where the path turns by more than a right
/// angle the mitre is cut off half the width beyond the corner. Half circles have 16 sides that
/// touch the true circle. These are KLayout's rules, so both programs see the same polygon. An odd
/// width cannot be halved: as in KLayout its half is rounded up across the path and down along it,
/// and the rounding reported.
pub(super) fn outline(points: &[Point], width: u32, ends: Ends) -> Outline {
    let half = f64::from(width) / 2.0;
    let along = half.floor();
    let mut spine: Vec<Vector> = points.iter().map(|p| [f64::from(p.x), f64::from(p.y)]).collect();
    spine.dedup();
    let cut = if matches!(ends, Ends::Round | Ends::Square) { half - along } else { 0.0 };
    let mut drawing = Drawing { outer: Vec::new(), rounding: cut };
    let (begin, end) = match ends {
        Ends::Flush => (0.0, 0.0),
        Ends::Round | Ends::Square => (along, along),
        Ends::Extended(begin, end) => (f64::from(begin), f64::from(end)),
    };
    let count = spine.len();
    // A path of one point has no direction; it is drawn along x.
    let first = if count > 1 { direction(spine[0], spine[1]) } else { [1.0, 0.0] };
    let last = if count > 1 { direction(spine[count - 2], spine[count - 1]) } else { first };
    let (start, stop) = (spine[0], spine[count - 1]);

    drawing.end(start, [-first[0], -first[1]], half, begin, ends);
    for i in 1..count.saturating_sub(1) {
        drawing.bend(spine[i - 1], spine[i], spine[i + 1], half);
    }
    drawing.end(stop, last, half, end, ends);
    for i in (1..count.saturating_sub(1)).rev() {
        drawing.bend(spine[i + 1], spine[i], spine[i - 1], half);
    }
    Outline { polygon: Polygon::simple(drawing.outer), rounding: drawing.rounding }
}

/// An outline under way, counter-clockwise: up the right-hand side of the path, back on the left.
struct Drawing {
    outer: Vec<Point>,
    rounding: f64,
}

impl Drawing {
    /// Adds `at` moved by `shift`, the shift rounded to whole units away from zero.
    fn add(&mut self, at: Vector, shift: Vector) {
        let whole = shift.map(f64::round);
        for axis in 0..2 {
            self.rounding = self.rounding.max((whole[axis] - shift[axis]).abs());
        }
        // The casts saturate: a corner beyond the coordinate range stays at its end.
        let point = Point::new((at[0] + whole[0]) as i32, (at[1] + whole[1]) as i32);
        if self.outer.last() != Some(&point) {
            self.outer.push(point);
        }
    }

    /// The end of a path that leaves in direction `out`: from its right side to its left.
    fn end(&mut self, at: Vector, out: Vector, half: f64, extension: f64, ends: Ends) {
        const SIDES: u32 = 16;
        if ends == Ends::Round {
            // Upright and level ends are as wide as the sides that they join.
            let half = if out[0] == 0.0 || out[1] == 0.0 { half.round() } else { half };
            let step = std::f64::consts::PI / f64::from(SIDES);
            let scale = (step / 2.0).cos().recip();
            for i in 0..SIDES {
                let (sin, cos) = (step * (f64::from(i) + 0.5)).sin_cos();
                let (along, across) = (extension * scale * sin, -half * scale * cos);
                self.add(at, combine(out, along, across));
            }
        } else {
            self.add(at, combine(out, extension, -half));
            self.add(at, combine(out, extension, half));
        }
    }

    /// The right-hand side of a bend at `at`.
    fn bend(&mut self, before: Vector, at: Vector, after: Vector, half: f64) {
        let (u, v) = (direction(before, at), direction(at, after));
        let cross = u[0] * v[1] - u[1] * v[0];
        let dot = u[0] * v[0] + u[1] * v[1];
        // Tangent of half the turn, positive to the left, where the right-hand side is outside.
        let tangent = if dot > 0.0 { cross / (1.0 + dot) } else { (1.0 - dot) / cross };
        let sharp = dot < -1e-9;
        let reach = half * tangent;
        if !sharp {
            self.add(at, combine(u, reach, -half));
        } else if cross >= 0.0 {
            self.add(at, combine(u, half, -half));
            self.add(at, combine(v, -half, -half));
        } else if -reach - half <= length(before, at).min(length(at, after)) {
            self.add(at, combine(u, reach, -half));
        } else {
            // The sides of the two parts do not meet inside; the outline goes round by the corner.
            self.add(at, combine(u, 0.0, -half));
            self.add(at, [0.0, 0.0]);
            self.add(at, combine(v, 0.0, -half));
        }
    }
}

/// `along` in direction `u` and `across` to its left.
fn combine(u: Vector, along: f64, across: f64) -> Vector {
    [u[0] * along - u[1] * across, u[1] * along + u[0] * across]
}

fn length(a: Vector, b: Vector) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

fn direction(a: Vector, b: Vector) -> Vector {
    let size = length(a, b);
    [(b[0] - a[0]) / size, (b[1] - a[1]) / size]
}
