//! Region queries through the hierarchy: lazy walks that look only at what can touch the window.

use super::affine::{Affine, Bounds};
use super::cell::{CellId, Instance};
use super::scatter::{ElementsNear, elements_near};
use super::shapes::{Shape, Shapes, ShapesNear};
use super::{Layer, Layout};
use crate::geometry::{Near, Point};

/// Placements a walk may visit; far more than any window that fits in memory needs.
const MOST_PLACEMENTS: usize = 50_000_000;

/// What to look for, in the coordinates of the cell where the walk begins.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// Only what touches this box, database units.
    pub window: Bounds,
    /// Only this layer; `None` for all of them and texts.
    pub layer: Option<Layer>,
    /// Only what is at least this long in x or y, database units.
    pub min_size: f64,
    /// Levels of hierarchy to go down: 0 stays in the first cell.
    pub depth: usize,
}

impl Region {
    /// All of a layer that touches a window.
    pub fn new(window: Bounds, layer: impl Into<Option<Layer>>) -> Self {
        Self { window, layer: layer.into(), min_size: 0.0, depth: usize::MAX }
    }
}

/// A cell in its place.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// The cell.
    pub cell: CellId,
    /// From its coordinates to those of the cell where the walk began.
    pub map: Affine,
    /// Levels below that cell.
    pub depth: usize,
    /// The walk's window in the cell's own coordinates, a box around it where the cell is turned by
    /// other than right angles.
    pub window: Bounds,
    /// The walk's least size in the cell's own coordinates.
    pub min_size: f64,
}

/// One step down the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The cell that places.
    pub parent: CellId,
    /// Which of its instances.
    pub instance: usize,
    /// Displacement of the copy from the instance's first, database units of the parent.
    pub offset: [i64; 2],
}

/// Placements that may hold something of a region, each before what is below it.
///
/// Cells and whole arrays outside the window are never looked at.
#[derive(Clone, Debug)]
pub struct Placements<'a> {
    layout: &'a Layout,
    region: Region,
    root: Option<CellId>,
    stack: Vec<Frame<'a>>,
    visited: usize,
}

/// A cell being walked through: instances near the window, and what is left of the last of them.
#[derive(Clone, Debug)]
struct Frame<'a> {
    placement: Placement,
    instances: &'a [Instance],
    near: Option<Near<'a>>,
    pending: Option<(usize, ElementsNear)>,
    step: Step,
}

impl<'a> Placements<'a> {
    pub(super) fn new(layout: &'a Layout, root: CellId, region: Region) -> Self {
        Self { layout, region, root: Some(root), stack: Vec::new(), visited: 0 }
    }

    /// How the placement given last is reached from the cell where the walk began.
    pub fn path(&self) -> impl Iterator<Item = Step> + '_ {
        let steps = self.stack.len().saturating_sub(1);
        self.stack.iter().take(steps).map(|frame| frame.step)
    }

    /// Whether the walk ended early because it met more placements than any window needs.
    pub fn gave_up(&self) -> bool {
        self.visited > MOST_PLACEMENTS
    }

    /// What of a cell the region can show: `None` for nothing.
    fn extent(&self, cell: CellId) -> Option<Bounds> {
        match self.region.layer {
            Some(layer) => self.layout.hierarchy().bounds(cell, Some(layer)),
            None => self.layout.hierarchy().reach(cell),
        }
    }

    fn enter(&mut self, cell: CellId, map: Affine) -> Option<Placement> {
        let depth = self.stack.len();
        let area = self.extent(cell)?.mapped(&map);
        let size = (area.max[0] - area.min[0]).max(area.max[1] - area.min[1]);
        if size < self.region.min_size || !area.touches(&self.region.window) {
            return None;
        }
        let inverse = map.inverse()?;
        // Room for what maps back and forth lose in the last digits.
        let window = self.region.window.mapped(&inverse).grown(1e-6);
        let min_size = self.region.min_size / map.stretch();
        let placement = Placement { cell, map, depth, window, min_size };
        let instances = self.layout.cell(cell).map_or(&[][..], |c| &c.instances);
        let deeper = depth < self.region.depth && depth < self.layout.cells().len();
        let near = if deeper && !instances.is_empty() {
            let index = self.layout.hierarchy().instances(cell, instances);
            index.map(|i| i.tree.near(window.outward(), min_size.max(0.0) as u32))
        } else {
            None
        };
        let step = Step { parent: cell, instance: 0, offset: [0, 0] };
        self.stack.push(Frame { placement, instances, near, pending: None, step });
        Some(placement)
    }

    /// The next copy of an instance of the cell on top of the stack.
    fn below(&mut self) -> Option<(CellId, Affine)> {
        let layout = self.layout;
        let layer = self.region.layer;
        let frame = self.stack.last_mut()?;
        loop {
            if let Some((at, elements)) = &mut frame.pending {
                if let Some(offset) = elements.next() {
                    let instance = frame.instances.get(*at)?;
                    frame.step.instance = *at;
                    frame.step.offset = offset;
                    let placed = Affine::of(&instance.transform).moved(offset.map(|v| v as f64));
                    return Some((instance.cell, frame.placement.map.after(&placed)));
                }
                frame.pending = None;
            }
            let item = frame.near.as_mut()?.next()?;
            let index = layout.hierarchy().instances(frame.placement.cell, frame.instances)?;
            let (at, element) = index.locate(item);
            let Some(instance) = frame.instances.get(at) else { continue };
            let area = match layer {
                Some(layer) => layout.hierarchy().bounds(instance.cell, Some(layer)),
                None => layout.hierarchy().reach(instance.cell),
            };
            let Some(area) = area.map(|a| a.mapped(&Affine::of(&instance.transform))) else {
                continue;
            };
            let window = frame.placement.window;
            let elements = elements_near(instance.repetition.as_ref(), element, area, window);
            frame.pending = Some((at, elements));
        }
    }
}

impl Iterator for Placements<'_> {
    type Item = Placement;

    fn next(&mut self) -> Option<Placement> {
        if let Some(root) = self.root.take() {
            return self.enter(root, Affine::IDENTITY);
        }
        while !self.stack.is_empty() {
            let Some((cell, map)) = self.below() else {
                self.stack.pop();
                continue;
            };
            self.visited += 1;
            if self.gave_up() {
                self.stack.clear();
            } else if let Some(placement) = self.enter(cell, map) {
                return Some(placement);
            }
        }
        None
    }
}

/// A shape in its place.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The shape as its cell holds it.
    pub shape: Shape<'a>,
    /// Its layer.
    pub layer: Layer,
    /// Displacement of this copy from the stored shape, database units of its cell.
    pub offset: [i64; 2],
    /// Where its cell is.
    pub placement: Placement,
}

impl Found<'_> {
    /// From the stored shape's coordinates to those of the cell where the walk began.
    pub fn map(&self) -> Affine {
        let shift = self.placement.map.apply_direction(self.offset.map(|v| v as f64));
        self.placement.map.moved(shift)
    }

    /// The ring around it there, database units.
    pub fn ring(&self) -> Vec<[f64; 2]> {
        let map = self.map();
        self.shape.geometry.ring().0.iter().map(|&p: &Point| map.apply_point(p)).collect()
    }
}

/// Shapes of a region, copy by copy; see [`Layout::shapes_in`].
#[derive(Clone, Debug)]
pub struct ShapesIn<'a> {
    placements: Placements<'a>,
    /// The placement being looked through, its layers still to come, and the one at hand.
    here: Option<(Placement, Layers<'a>)>,
    near: Option<(Layer, ShapesNear<'a>)>,
}

/// Layers of a cell that are asked for.
type Layers<'a> = std::slice::Iter<'a, (Layer, Shapes)>;

impl<'a> ShapesIn<'a> {
    pub(super) fn new(layout: &'a Layout, root: CellId, region: Region) -> Self {
        Self { placements: Placements::new(layout, root, region), here: None, near: None }
    }

    /// How the shape given last is reached from the cell where the walk began.
    pub fn path(&self) -> impl Iterator<Item = Step> + '_ {
        self.placements.path()
    }

    /// Whether the walk ended early because it met more placements than any window needs.
    pub fn gave_up(&self) -> bool {
        self.placements.gave_up()
    }
}

impl<'a> Iterator for ShapesIn<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        loop {
            if let (Some((placement, layers)), near) = (&mut self.here, &mut self.near) {
                if let Some((layer, shapes)) = near
                    && let Some((shape, offset)) = shapes.next()
                {
                    return Some(Found { shape, layer: *layer, offset, placement: *placement });
                }
                if let Some((layer, shapes)) = layers.next() {
                    let least = placement.min_size.ceil() as u32;
                    *near = Some((*layer, shapes.near(placement.window.outward(), least)));
                    continue;
                }
            }
            self.near = None;
            let placement = self.placements.next()?;
            let cell = self.placements.layout.cell(placement.cell)?;
            self.here = Some((placement, cell.layer_slice(self.placements.region.layer).iter()));
        }
    }
}
