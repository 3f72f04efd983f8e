//! Shapes as what a screen can fill and frame; every polygon is cut into pieces once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lithoscope_engine::geometry::{Point, Polygon, Rect, fills, merge};
use lithoscope_engine::layout::{CellId, Geometry, Layer, Shape, ShapeId};

/// Corners of pieces and rings that are kept, about 100 MB.
const MOST_CORNERS: usize = 10_000_000;

/// A shape, ready to be drawn, in its cell's coordinates.
#[derive(Clone, Debug)]
pub enum Outline {
    /// A rectangle; it may have no width or height.
    Box(Rect),
    /// Anything else.
    Area(Arc<Area>),
}

/// A polygon cut into pieces.
#[derive(Clone, Debug, Default)]
pub struct Area {
    /// What its coordinates are relative to, so that they are exact in few digits.
    pub origin: [f64; 2],
    /// Disjoint convex pieces.
    pub pieces: Vec<[[f32; 2]; 4]>,
    /// Rings around it with the inside on their left.
    pub rings: Vec<Vec<[f32; 2]>>,
}

impl Area {
    /// A polygon, which may cross itself.
    fn of(polygon: Polygon, area: Rect) -> Self {
        let fits = area.width().max(area.height()) <= i64::from(i32::MAX);
        let origin = if fits { area.min } else { Point::default() };
        let near = |p: Point| Point::new(p.x.wrapping_sub(origin.x), p.y.wrapping_sub(origin.y));
        let outer = polygon.outer.into_iter().map(near).collect();
        let merged = merge(&[Polygon { outer, holes: Vec::new() }]);
        let float = |p: &Point| [p.x as f32, p.y as f32];
        let rings = merged.iter().flat_map(Polygon::rings);
        Self {
            origin: [f64::from(origin.x), f64::from(origin.y)],
            pieces: fills(&merged),
            rings: rings.map(|ring| ring.iter().map(float).collect()).collect(),
        }
    }

    /// A quadrilateral given counter-clockwise.
    pub fn quad(corners: [[f64; 2]; 4]) -> Self {
        let origin = corners[0];
        let quad = corners.map(|c| [0, 1].map(|k| (c[k] - origin[k]) as f32));
        Self { origin, pieces: vec![quad], rings: vec![quad.to_vec()] }
    }

    fn corners(&self) -> usize {
        4 * self.pieces.len() + self.rings.iter().map(Vec::len).sum::<usize>()
    }
}

/// The outlines of a layout's shapes, each made when first asked for.
#[derive(Debug, Default)]
pub struct Outlines(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    areas: HashMap<(CellId, Layer, ShapeId), Arc<Area>>,
    corners: usize,
}

impl Outlines {
    /// The outline of a shape of a layer of a cell.
    pub fn of(&self, cell: CellId, layer: Layer, shape: &Shape<'_>) -> Outline {
        if let Geometry::Rect(rect) = shape.geometry {
            return Outline::Box(rect);
        }
        let key = (cell, layer, shape.id);
        if let Some(area) = self.known().areas.get(&key) {
            return Outline::Area(Arc::clone(area));
        }
        let ring = shape.geometry.ring().0;
        if let Some(rect) = as_rect(&ring) {
            return Outline::Box(rect);
        }
        let area = Area::of(Polygon::simple(ring.into_owned()), shape.geometry.bounding_box());
        let area = Arc::new(area);
        let mut known = self.known();
        known.corners += area.corners();
        if known.corners > MOST_CORNERS {
            *known = Known { corners: area.corners(), ..Known::default() };
        }
        known.areas.insert(key, Arc::clone(&area));
        Outline::Area(area)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rectangle that a ring of four corners is, as straight paths are.
fn as_rect(ring: &[Point]) -> Option<Rect> {
    let &[a, b, c, d] = ring else { return None };
    let upright = a.x == b.x && b.y == c.y && c.x == d.x && d.y == a.y;
    let flat = a.y == b.y && b.x == c.x && c.y == d.y && d.x == a.x;
    (upright || flat).then(|| Rect::new(a.x, a.y, c.x, c.y))
}
