//! Points, rectangles and polygons.

use serde::{Deserialize, Serialize};

/// A point in integer database units.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Point {
    /// Abscissa, database units.
    pub x: i32,
    /// Ordinate, database units, upwards.
    pub y: i32,
}

impl Point {
    /// The point (x, y).
    pub const fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }
}

/// A half-open rectangle `min ≤ p < max`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rect {
    /// Lower left corner.
    pub min: Point,
    /// Upper right corner, not included.
    pub max: Point,
}

impl Rect {
    /// The rectangle from (x0, y0) to (x1, y1), in either order.
    pub fn new(x0: i32, y0: i32, x1: i32, y1: i32) -> Self {
        Self { min: Point::new(x0.min(x1), y0.min(y1)), max: Point::new(x0.max(x1), y0.max(y1)) }
    }

    /// Width in database units.
    pub fn width(&self) -> i64 {
        i64::from(self.max.x) - i64::from(self.min.x)
    }

    /// Height in database units.
    pub fn height(&self) -> i64 {
        i64::from(self.max.y) - i64::from(self.min.y)
    }

    /// Whether the rectangle holds no area.
    pub fn is_empty(&self) -> bool {
        self.width() <= 0 || self.height() <= 0
    }

    /// Whether the interiors of two rectangles meet.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.min.x < other.max.x
            && other.min.x < self.max.x
            && self.min.y < other.max.y
            && other.min.y < self.max.y
    }

    /// Whether two rectangles, taken as closed, share a point.
    pub fn touches(&self, other: &Self) -> bool {
        self.min.x <= other.max.x
            && other.min.x <= self.max.x
            && self.min.y <= other.max.y
            && other.min.y <= self.max.y
    }

    /// The smallest rectangle that holds both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            min: Point::new(self.min.x.min(other.min.x), self.min.y.min(other.min.y)),
            max: Point::new(self.max.x.max(other.max.x), self.max.y.max(other.max.y)),
        }
    }

    /// The bounding box of some points; `None` where there are none.
    pub fn around(points: impl IntoIterator<Item = Point>) -> Option<Self> {
        points.into_iter().map(|p| Self { min: p, max: p }).reduce(|a, b| a.union(&b))
    }

    /// Its corners, counter-clockwise from the lower left.
    pub fn corners(&self) -> [Point; 4] {
        [self.min, Point::new(self.max.x, self.min.y), self.max, Point::new(self.min.x, self.max.y)]
    }
}

/// A polygon with holes: outer ring counter-clockwise, holes clockwise, no repeated end point.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polygon {
    /// The outer ring, counter-clockwise.
    pub outer: Vec<Point>,
    /// The holes, clockwise.
    pub holes: Vec<Vec<Point>>,
}

impl Polygon {
    /// A polygon without holes. The ring is turned counter-clockwise if it is not.
    pub fn simple(mut outer: Vec<Point>) -> Self {
        if ring_area2(&outer) < 0 {
            outer.reverse();
        }
        Self { outer, holes: Vec::new() }
    }

    /// A rectangle as a polygon.
    pub fn rect(r: Rect) -> Self {
        Self { outer: r.corners().to_vec(), holes: Vec::new() }
    }

    /// All rings, outer first.
    pub fn rings(&self) -> impl Iterator<Item = &[Point]> {
        std::iter::once(self.outer.as_slice()).chain(self.holes.iter().map(Vec::as_slice))
    }

    /// Twice the enclosed area (holes taken off), database units squared.
    pub fn area2(&self) -> i128 {
        self.rings().map(ring_area2).sum()
    }

    /// Bounding box; `None` for a polygon without points.
    pub fn bounding_box(&self) -> Option<Rect> {
        Rect::around(self.outer.iter().copied())
    }

    /// Whether every edge is horizontal or vertical.
    pub fn is_manhattan(&self) -> bool {
        self.rings().all(|ring| edges(ring).all(|(a, b)| a.x == b.x || a.y == b.y))
    }

    /// The polygon moved by (dx, dy); saturates at the ends of `i32`.
    #[must_use]
    pub fn translated(&self, dx: i32, dy: i32) -> Self {
        let shift = |ring: &[Point]| {
            ring.iter()
                .map(|p| Point::new(p.x.saturating_add(dx), p.y.saturating_add(dy)))
                .collect::<Vec<_>>()
        };
        Self { outer: shift(&self.outer), holes: self.holes.iter().map(|h| shift(h)).collect() }
    }
}

/// Consecutive point pairs of a closed ring.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    (0..ring.len()).map(move |i| (ring[i], ring[(i + 1) % ring.len()]))
}

/// Twice the signed area of a ring: positive when counter-clockwise.
pub(crate) fn ring_area2(ring: &[Point]) -> i128 {
    edges(ring)
        .map(|(a, b)| i128::from(a.x) * i128::from(b.y) - i128::from(b.x) * i128::from(a.y))
        .sum()
}
