//! Placements as affine maps, and boxes that can be far away.

use super::cell::Transform;
use crate::geometry::{Point, Rect};

/// A placement as a map: p ↦ (xx·x + xy·y + dx, yx·x + yy·y + dy), in database units. Exact for whole coordinates as long
/// as only right angles and no magnifications are involved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    xx: f64,
    xy: f64,
    yx: f64,
    yy: f64,
    dx: f64,
    dy: f64,
}

impl Affine {
    /// The map that leaves everything where it is.
    pub const IDENTITY: Self = Self { xx: 1.0, xy: 0.0, yx: 0.0, yy: 1.0, dx: 0.0, dy: 0.0 };

    /// The map that a placement makes from its cell to its parent.
    pub fn of(transform: &Transform) -> Self {
        let (sin, cos) = exact_sin_cos(transform.angle_deg);
        let (m, flip) = (transform.magnification, if transform.mirror_x { -1.0 } else { 1.0 });
        Self {
            xx: m * cos,
            xy: -m * sin * flip,
            yx: m * sin,
            yy: m * cos * flip,
            dx: f64::from(transform.origin.x),
            dy: f64::from(transform.origin.y),
        }
    }

    /// First `inner`, then `self`.
    pub fn after(&self, inner: &Self) -> Self {
        let [dx, dy] = self.apply([inner.dx, inner.dy]);
        Self {
            xx: self.xx * inner.xx + self.xy * inner.yx,
            xy: self.xx * inner.xy + self.xy * inner.yy,
            yx: self.yx * inner.xx + self.yy * inner.yx,
            yy: self.yx * inner.xy + self.yy * inner.yy,
            dx,
            dy,
        }
    }

    /// The same map moved by `shift`, given in the coordinates it maps to.
    pub fn moved(&self, shift: [f64; 2]) -> Self {
        Self { dx: self.dx + shift[0], dy: self.dy + shift[1], ..*self }
    }

    /// A place, mapped.
    pub fn apply(&self, p: [f64; 2]) -> [f64; 2] {
        let [x, y] = self.apply_direction(p);
        [x + self.dx, y + self.dy]
    }

    /// The linear part alone.
    pub fn apply_direction(&self, v: [f64; 2]) -> [f64; 2] {
        [self.xx * v[0] + self.xy * v[1], self.yx * v[0] + self.yy * v[1]]
    }

    /// A place, mapped.
    pub fn apply_point(&self, p: Point) -> [f64; 2] {
        self.apply([f64::from(p.x), f64::from(p.y)])
    }

    /// By how much lengths grow. Placements stretch alike in all directions.
    pub fn stretch(&self) -> f64 {
        self.xx.hypot(self.yx)
    }

    /// The rows of the linear part and the displacement: `[[xx, xy, dx], [yx, yy, dy]]`.
    pub fn rows(&self) -> [[f64; 3]; 2] {
        [[self.xx, self.xy, self.dx], [self.yx, self.yy, self.dy]]
    }

    /// The map back; `None` where everything falls on one line.
    pub fn inverse(&self) -> Option<Self> {
        let det = self.xx * self.yy - self.xy * self.yx;
        if det == 0.0 || !det.is_finite() {
            return None;
        }
        let (xx, xy, yx, yy) = (self.yy / det, -self.xy / det, -self.yx / det, self.xx / det);
        let (dx, dy) = (-(xx * self.dx + xy * self.dy), -(yx * self.dx + yy * self.dy));
        Some(Self { xx, xy, yx, yy, dx, dy })
    }

    /// The linear part, to tell maps apart that differ by more than a displacement.
    pub(super) fn linear_bits(&self) -> [u64; 4] {
        // Adding zero turns −0 into 0.
        [self.xx, self.xy, self.yx, self.yy].map(|v| (v + 0.0).to_bits())
    }

    /// The map with that linear part and no displacement.
    pub(super) fn from_linear_bits(bits: [u64; 4]) -> Self {
        let [xx, xy, yx, yy] = bits.map(f64::from_bits);
        Self { xx, xy, yx, yy, dx: 0.0, dy: 0.0 }
    }
}

/// Sine and cosine of an angle in degrees, exact at multiples of 90°.
fn exact_sin_cos(degrees: f64) -> (f64, f64) {
    let turn = degrees.rem_euclid(360.0);
    if turn == 0.0 || turn == 360.0 {
        (0.0, 1.0)
    } else if turn == 90.0 {
        (1.0, 0.0)
    } else if turn == 180.0 {
        (0.0, -1.0)
    } else if turn == 270.0 {
        (-1.0, 0.0)
    } else {
        turn.to_radians().sin_cos()
    }
}

/// A closed box of `f64` coordinates: sums of placements may lie beyond 32 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Lower left corner, database units.
    pub min: [f64; 2],
    /// Upper right corner, database units.
    pub max: [f64; 2],
}

impl Bounds {
    /// A rectangle as such a box.
    pub fn of(r: Rect) -> Self {
        let corner = |p: Point| [f64::from(p.x), f64::from(p.y)];
        Self { min: corner(r.min), max: corner(r.max) }
    }

    /// The box around some places; `None` where there are none.
    pub fn around(points: impl IntoIterator<Item = [f64; 2]>) -> Option<Self> {
        points.into_iter().map(|p| Self { min: p, max: p }).reduce(|a, b| a.union(&b))
    }

    /// A window in nm as a box in database units.
    pub fn of_window(window_nm: Rect, unit_nm: f64) -> Self {
        let corner = |p: Point| [p.x, p.y].map(|v| f64::from(v) / unit_nm);
        Self { min: corner(window_nm.min), max: corner(window_nm.max) }
    }

    /// The smallest box that holds both.
    pub fn union(&self, other: &Self) -> Self {
        let (a, b) = (self, other);
        Self {
            min: [a.min[0].min(b.min[0]), a.min[1].min(b.min[1])],
            max: [a.max[0].max(b.max[0]), a.max[1].max(b.max[1])],
        }
    }

    /// Whether the two share a point.
    pub fn touches(&self, other: &Self) -> bool {
        (0..2).all(|i| self.min[i] <= other.max[i] && other.min[i] <= self.max[i])
    }

    /// The box around the mapped box.
    pub fn mapped(&self, map: &Affine) -> Self {
        let [x0, y0] = self.min;
        let [x1, y1] = self.max;
        let first = map.apply(self.min);
        [[x1, y0], [x1, y1], [x0, y1]]
            .into_iter()
            .map(|p| map.apply(p))
            .fold(Self { min: first, max: first }, |b, p| b.union(&Self { min: p, max: p }))
    }

    /// The box moved by a displacement.
    pub fn moved(&self, shift: [f64; 2]) -> Self {
        let moved = |p: [f64; 2]| [p[0] + shift[0], p[1] + shift[1]];
        Self { min: moved(self.min), max: moved(self.max) }
    }

    /// The box with `margin` more on every side.
    pub fn grown(&self, margin: f64) -> Self {
        Self { min: self.min.map(|v| v - margin), max: self.max.map(|v| v + margin) }
    }

    /// The box around this one moved by every displacement of a box of them.
    pub fn spread(&self, shifts: &Self) -> Self {
        Self { min: self.moved(shifts.min).min, max: self.moved(shifts.max).max }
    }

    /// The smallest box of whole units around it; saturating at the ends of `i32`.
    pub fn outward(&self) -> Rect {
        Rect {
            min: Point::new(self.min[0].floor() as i32, self.min[1].floor() as i32),
            max: Point::new(self.max[0].ceil() as i32, self.max[1].ceil() as i32),
        }
    }

    /// The same in nm.
    pub fn outward_nm(&self, unit_nm: f64) -> Rect {
        // Sums of decimal fractions miss whole numbers by a little; that is not an extent.
        let low = |v: f64| (v * unit_nm + 1e-6).floor() as i32;
        let high = |v: f64| (v * unit_nm - 1e-6).ceil() as i32;
        Rect {
            min: Point::new(low(self.min[0]), low(self.min[1])),
            max: Point::new(high(self.max[0]), high(self.max[1])),
        }
    }
}
