//! The shapes of one layer of one cell, packed: 16 bytes a rectangle, 8 a vertex.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use super::affine::Bounds;
use super::path::{Ends, outline};
use super::property::Properties;
use super::repetition::Repetition;
use super::scatter::{ElementsNear, Scatter, elements_near};
use crate::geometry::{BoxTree, Near, Point, Polygon, Rect, ring_area2};

/// What one shape is, in its cell's coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Geometry<'a> {
    /// A rectangle; it may have no width or height.
    Rect(Rect),
    /// A ring, counter-clockwise, without a repeated end point.
    Polygon(&'a [Point]),
    /// A line of some width.
    Path {
        /// Its points.
        spine: &'a [Point],
        /// Its width, database units.
        width: u32,
        /// Where it ends.
        ends: Ends,
    },
}

impl<'a> Geometry<'a> {
    /// The ring around what the shape covers, counter-clockwise, and how far rounding a path's
    /// outline to whole units moved any coordinate, database units.
    pub fn ring(&self) -> (Cow<'a, [Point]>, f64) {
        match *self {
            Self::Rect(r) => (Cow::Owned(r.corners().to_vec()), 0.0),
            Self::Polygon(ring) => (Cow::Borrowed(ring), 0.0),
            Self::Path { spine, width, ends } => {
                let outline = outline(spine, width, ends);
                (Cow::Owned(outline.polygon.outer), outline.rounding)
            }
        }
    }

    /// The shape as a polygon.
    pub fn polygon(&self) -> Polygon {
        Polygon { outer: self.ring().0.into_owned(), holes: Vec::new() }
    }

    /// The box around it.
    pub fn bounding_box(&self) -> Rect {
        let around = |ring: &[Point]| Rect::around(ring.iter().copied()).unwrap_or_default();
        match self {
            Self::Rect(r) => *r,
            Self::Polygon(ring) => around(ring),
            Self::Path { .. } => around(&self.ring().0),
        }
    }

    /// Twice its area, database units squared; of a path, that of its outline.
    pub fn area2(&self) -> i128 {
        match self {
            Self::Rect(r) => 2 * i128::from(r.width()) * i128::from(r.height()),
            _ => ring_area2(&self.ring().0),
        }
    }
}

/// Names a shape among the shapes of one layer of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShapeId(u32);

/// One shape as it stands in its cell.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    /// Its name among the layer's.
    pub id: ShapeId,
    /// What it is.
    pub geometry: Geometry<'a>,
    /// Where its copies are; `None` for one alone.
    pub repetition: Option<&'a Repetition>,
    /// What is noted beside it.
    pub properties: &'a Properties,
}

/// More shapes or vertices than one layer of one cell can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one layer of a cell holds at most 1073741823 shapes of a kind and 4294967295 vertices")]
pub struct Full;

/// Shapes of one layer of one cell: rectangles, polygons and paths, each once however often it is
/// repeated, and what few of them have (repetitions, properties) beside them.
#[derive(Clone, Debug, Default)]
pub struct Shapes {
    rects: Vec<Rect>,
    points: Vec<Point>,
    /// Where the points of each polygon end.
    polygons: Vec<u32>,
    /// What most layers have nothing of.
    rare: Option<Box<Rare>>,
    /// Made when first asked for.
    index: OnceLock<Box<Index>>,
}

/// Paths, and what is said about few shapes.
#[derive(Clone, Debug, Default)]
struct Rare {
    path_points: Vec<Point>,
    paths: Vec<Path>,
    repetitions: Sparse<Repetition>,
    properties: Sparse<Properties>,
}

#[derive(Clone, Copy, Debug)]
struct Path {
    /// Where its points end.
    end: u32,
    width: u32,
    ends: Ends,
}

/// What few shapes have, by id.
#[derive(Clone, Debug)]
struct Sparse<T>(Vec<(ShapeId, T)>);

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Sparse<T> {
    fn get(&self, id: ShapeId) -> Option<&T> {
        // Most layers repeat nothing.
        let at =
            if self.0.is_empty() { None } else { self.0.binary_search_by_key(&id, |e| e.0).ok() };
        self.0.get(at?).map(|e| &e.1)
    }

    /// Readers give ids in rising order, kind by kind, so this is nearly always a push.
    fn set(&mut self, id: ShapeId, value: T) {
        match self.0.last() {
            Some(last) if last.0 >= id => match self.0.binary_search_by_key(&id, |e| e.0) {
                Ok(at) => self.0[at].1 = value,
                Err(at) => self.0.insert(at, (id, value)),
            },
            _ => self.0.push((id, value)),
        }
    }
}

#[derive(Clone, Debug)]
struct Index {
    tree: BoxTree,
    scatter: Scatter,
}

const KIND_SHIFT: u32 = 30;
const MOST_OF_A_KIND: u32 = (1 << KIND_SHIFT) - 1;
/// So many shapes are looked through one by one.
const FEW: usize = 16;
const NONE: &Properties = &None;

#[derive(Clone, Copy)]
enum Kind {
    Rect,
    Polygon,
    Path,
}

fn id(kind: Kind, index: usize) -> Result<ShapeId, Full> {
    match u32::try_from(index) {
        Ok(index) if index < MOST_OF_A_KIND => Ok(ShapeId((kind as u32) << KIND_SHIFT | index)),
        _ => Err(Full),
    }
}

impl Shapes {
    /// Adds a rectangle.
    ///
    /// # Errors
    /// [`Full`].
    pub fn push_rect(&mut self, rect: Rect) -> Result<ShapeId, Full> {
        let id = id(Kind::Rect, self.rects.len())?;
        self.index.take();
        self.rects.push(rect);
        Ok(id)
    }

    /// Adds a polygon by its ring, without a repeated end point, in either sense. A ring that is a
    /// rectangle becomes one.
    ///
    /// # Errors
    /// [`Full`].
    pub fn push_polygon(&mut self, ring: &[Point]) -> Result<ShapeId, Full> {
        if let Some(rect) = as_rect(ring) {
            return self.push_rect(rect);
        }
        let id = id(Kind::Polygon, self.polygons.len())?;
        let end = u32::try_from(self.points.len() + ring.len()).map_err(|_| Full)?;
        self.index.take();
        if ring_area2(ring) < 0 {
            self.points.extend(ring.iter().rev());
        } else {
            self.points.extend_from_slice(ring);
        }
        self.polygons.push(end);
        Ok(id)
    }

    /// Adds a path.
    ///
    /// # Errors
    /// [`Full`].
    pub fn push_path(&mut self, spine: &[Point], width: u32, ends: Ends) -> Result<ShapeId, Full> {
        let rare = self.rare.get_or_insert_default();
        let id = id(Kind::Path, rare.paths.len())?;
        let end = u32::try_from(rare.path_points.len() + spine.len()).map_err(|_| Full)?;
        self.index.take();
        rare.path_points.extend_from_slice(spine);
        rare.paths.push(Path { end, width, ends });
        Ok(id)
    }

    /// Gives back the room kept for more.
    pub(super) fn shrink(&mut self) {
        self.rects.shrink_to_fit();
        self.points.shrink_to_fit();
        self.polygons.shrink_to_fit();
        if let Some(rare) = &mut self.rare {
            rare.path_points.shrink_to_fit();
            rare.paths.shrink_to_fit();
            rare.repetitions.0.shrink_to_fit();
            rare.properties.0.shrink_to_fit();
        }
    }

    /// Says where the copies of a shape are.
    pub fn repeat(&mut self, shape: ShapeId, repetition: Repetition) {
        self.index.take();
        self.rare.get_or_insert_default().repetitions.set(shape, repetition);
    }

    /// Notes properties beside a shape.
    pub fn note(&mut self, shape: ShapeId, properties: Properties) {
        self.rare.get_or_insert_default().properties.set(shape, properties);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.stored() == 0
    }

    /// Number of shapes as stored, a repeated one counted once.
    pub fn stored(&self) -> usize {
        self.rects.len() + self.polygons.len() + self.rare.as_ref().map_or(0, |r| r.paths.len())
    }

    /// Number of shapes with all their copies; saturating.
    pub fn count(&self) -> u64 {
        let repeated = self.rare.iter().flat_map(|r| &r.repetitions.0);
        let more = repeated.map(|(_, r)| r.count().saturating_sub(1));
        more.fold(self.stored() as u64, u64::saturating_add)
    }

    /// Every shape once, rectangles first, then polygons, then paths.
    pub fn iter(&self) -> impl Iterator<Item = Shape<'_>> {
        (0..self.stored()).filter_map(|ordinal| self.shape(self.id_at(ordinal)))
    }

    /// The shape of an id.
    pub fn shape(&self, id: ShapeId) -> Option<Shape<'_>> {
        Some(Shape {
            id,
            geometry: self.geometry(id)?,
            repetition: self.repetition(id),
            properties: self.rare.as_ref().and_then(|r| r.properties.get(id)).unwrap_or(NONE),
        })
    }

    fn repetition(&self, id: ShapeId) -> Option<&Repetition> {
        self.rare.as_ref()?.repetitions.get(id)
    }

    fn geometry(&self, id: ShapeId) -> Option<Geometry<'_>> {
        let index = (id.0 & MOST_OF_A_KIND) as usize;
        match id.0 >> KIND_SHIFT {
            0 => self.rects.get(index).copied().map(Geometry::Rect),
            1 => {
                let end = *self.polygons.get(index)? as usize;
                let start = index.checked_sub(1).map_or(0, |i| self.polygons[i] as usize);
                self.points.get(start..end).map(Geometry::Polygon)
            }
            _ => {
                let Rare { paths, path_points, .. } = self.rare.as_deref()?;
                let Path { end, width, ends } = *paths.get(index)?;
                let start = index.checked_sub(1).map_or(0, |i| paths[i].end as usize);
                let spine = path_points.get(start..end as usize)?;
                Some(Geometry::Path { spine, width, ends })
            }
        }
    }

    fn id_at(&self, ordinal: usize) -> ShapeId {
        let (rects, polygons) = (self.rects.len(), self.polygons.len());
        let (kind, index) = if ordinal < rects {
            (Kind::Rect, ordinal)
        } else if ordinal < rects + polygons {
            (Kind::Polygon, ordinal - rects)
        } else {
            (Kind::Path, ordinal - rects - polygons)
        };
        ShapeId((kind as u32) << KIND_SHIFT | index as u32)
    }

    /// The box around all shapes and their copies, database units.
    pub(super) fn bounds(&self) -> Option<Bounds> {
        let boxes = self.iter().map(|shape| {
            let first = Bounds::of(shape.geometry.bounding_box());
            shape.repetition.map_or(first, |r| r.extent(&first))
        });
        boxes.reduce(|a, b| a.union(&b))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let shapes = || (0..self.stored()).map(|ordinal| self.id_at(ordinal));
            let scatter = Scatter::new(shapes().map(|id| self.repetition(id)));
            let boxes: Vec<Rect> = shapes()
                .filter_map(|id| Some((self.geometry(id)?.bounding_box(), self.repetition(id))))
                .flat_map(|(first, repetition)| Scatter::boxes(Bounds::of(first), repetition))
                .collect();
            Box::new(Index { tree: BoxTree::new(&boxes), scatter })
        })
    }

    /// Makes the spatial index now, rather than at the first query.
    pub fn prepare(&self) {
        self.index();
    }

    /// Shapes, copy by copy, whose box touches `window` and is at least `min_size` database units
    /// long in x or y, with the copy's displacement from where the shape is stored.
    pub fn near(&self, window: Rect, min_size: u32) -> ShapesNear<'_> {
        // A look at each of a few shapes is cheaper than a way through a tree, and needs none.
        let once = self.rare.as_ref().is_none_or(|r| r.repetitions.0.is_empty());
        let candidates = if once && self.stored() <= FEW {
            Candidates::All(0..self.stored() as u32)
        } else {
            let index = self.index();
            Candidates::Indexed(index.tree.near(window, min_size), &index.scatter)
        };
        ShapesNear { shapes: self, window, min_size, candidates, copies: None }
    }
}

/// Shapes of a layer near a window; see [`Shapes::near`].
#[derive(Clone, Debug)]
pub struct ShapesNear<'a> {
    shapes: &'a Shapes,
    window: Rect,
    min_size: u32,
    candidates: Candidates<'a>,
    /// The shape whose copies are being given.
    copies: Option<(ShapeId, ElementsNear)>,
}

#[derive(Clone, Debug)]
enum Candidates<'a> {
    All(Range<u32>),
    Indexed(Near<'a>, &'a Scatter),
}

impl<'a> Iterator for ShapesNear<'a> {
    type Item = (Shape<'a>, [i64; 2]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((id, copies)) = &mut self.copies {
                if let Some(offset) = copies.next() {
                    return Some((self.shapes.shape(*id)?, offset));
                }
                self.copies = None;
            }
            let (ordinal, element) = match &mut self.candidates {
                Candidates::All(range) => (range.next()? as usize, None),
                Candidates::Indexed(near, scatter) => scatter.locate(near.next()?),
            };
            let shape = self.shapes.shape(self.shapes.id_at(ordinal))?;
            let area = shape.geometry.bounding_box();
            if area.width().max(area.height()) < i64::from(self.min_size) {
                continue;
            }
            match shape.repetition {
                None if area.touches(&self.window) => return Some((shape, [0, 0])),
                None => {}
                repetition => {
                    let (area, window) = (Bounds::of(area), Bounds::of(self.window));
                    self.copies =
                        Some((shape.id, elements_near(repetition, element, area, window)));
                }
            }
        }
    }
}

/// The rectangle that a ring of four corners is.
fn as_rect(ring: &[Point]) -> Option<Rect> {
    let &[a, b, c, d] = ring else { return None };
    let upright = a.x == b.x && b.y == c.y && c.x == d.x && d.y == a.y;
    let flat = a.y == b.y && b.x == c.x && c.y == d.y && d.x == a.x;
    (upright || flat).then(|| Rect::new(a.x, a.y, c.x, c.y))
}
