//! The graph of cells: order, circles, multiplicities and extents. No function here recurses, so
//! that a chain of any length fits the stack.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use super::affine::{Affine, Bounds};
use super::cell::{Cell, CellId, Instance};
use super::repetition::Repetition;
use super::scatter::Scatter;
use super::{Layer, Layout};
use crate::geometry::{BoxTree, Rect};

/// What follows from a layout's cells; made when first asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Hierarchy {
    cells: Vec<Extents>,
    trees: Vec<OnceLock<InstanceTree>>,
    top: Vec<CellId>,
}

/// Extents of a cell with everything below it, in its own database units.
#[derive(Clone, Debug, Default)]
struct Extents {
    /// Of all shapes.
    shapes: Option<Bounds>,
    /// Of all shapes and the places of texts.
    reach: Option<Bounds>,
    /// Of the shapes of each layer, by layer.
    layers: Vec<(Layer, Bounds)>,
}

/// Spatial index of a cell's instances.
#[derive(Clone, Debug)]
pub(super) struct InstanceTree {
    pub tree: BoxTree,
    /// Instances that hold anything at all; the others are in no index.
    solid: Vec<u32>,
    scatter: Scatter,
}

impl InstanceTree {
    /// The instance that an item of the index belongs to, and its copy.
    pub fn locate(&self, item: u32) -> (usize, Option<u32>) {
        let (at, element) = self.scatter.locate(item);
        (self.solid.get(at).map_or(usize::MAX, |&i| i as usize), element)
    }
}

impl Hierarchy {
    pub fn of(cells: &[Cell]) -> Self {
        let order = walk(cells, 0..cells.len()).order;
        let mut extents = vec![Extents::default(); cells.len()];
        for cell in order {
            extents[cell] = extents_of(&cells[cell], &extents);
        }
        let trees = cells.iter().map(|_| OnceLock::new()).collect();
        Self { cells: extents, trees, top: top_cells(cells) }
    }

    pub fn top(&self) -> &[CellId] {
        &self.top
    }

    /// Extent of a cell on one layer, or of all its shapes.
    pub fn bounds(&self, cell: CellId, layer: Option<Layer>) -> Option<Bounds> {
        let extents = self.cells.get(cell.0)?;
        match layer {
            None => extents.shapes,
            Some(layer) => {
                let at = extents.layers.binary_search_by_key(&layer, |(l, _)| *l).ok()?;
                extents.layers.get(at).map(|(_, bounds)| *bounds)
            }
        }
    }

    /// Extent of a cell with its texts.
    pub fn reach(&self, cell: CellId) -> Option<Bounds> {
        self.cells.get(cell.0)?.reach
    }

    /// The index of a cell's instances.
    pub fn instances(&self, cell: CellId, instances: &[Instance]) -> Option<&InstanceTree> {
        Some(self.trees.get(cell.0)?.get_or_init(|| {
            let solid = (0u32..).zip(instances).filter(|(_, i)| self.reach(i.cell).is_some());
            let scatter = Scatter::new(solid.clone().map(|(_, i)| i.repetition.as_ref()));
            let boxes: Vec<Rect> = solid
                .clone()
                .filter_map(|(_, i)| Some((i, self.reach(i.cell)?)))
                .flat_map(|(i, child)| {
                    let placed = child.mapped(&Affine::of(&i.transform));
                    Scatter::boxes(placed, i.repetition.as_ref())
                })
                .collect();
            let solid = solid.map(|(at, _)| at).collect();
            InstanceTree { tree: BoxTree::new(&boxes), solid, scatter }
        }))
    }
}

/// Extents of a cell whose children's are known.
fn extents_of(cell: &Cell, known: &[Extents]) -> Extents {
    let mut layers: BTreeMap<Layer, Bounds> = BTreeMap::new();
    for (layer, shapes) in cell.layers() {
        if let Some(bounds) = shapes.bounds() {
            layers.insert(layer, bounds);
        }
    }
    let mut reach: Option<Bounds> = None;
    for text in &cell.texts {
        let at = Bounds::of(Rect { min: text.at, max: text.at });
        join(&mut reach, text.repetition.as_ref().map_or(at, |r| r.extent(&at)));
    }
    // Instances of one cell that are turned alike differ by a displacement only, and the box around
    // displaced boxes is the box displaced by all of the box around the displacements.
    let mut groups: HashMap<(usize, [u64; 4]), Bounds> = HashMap::new();
    for instance in &cell.instances {
        let turn = Affine::of(&instance.transform);
        let origin = Bounds::around([turn.apply([0.0, 0.0])]);
        let Some(origin) = origin else { continue };
        let origins = instance.repetition.as_ref().map_or(origin, |r| r.extent(&origin));
        let group = groups.entry((instance.cell.0, turn.linear_bits())).or_insert(origins);
        *group = group.union(&origins);
    }
    for ((child, turn), origins) in groups {
        let Some(child) = known.get(child) else { continue };
        let turn = Affine::from_linear_bits(turn);
        let placed = |bounds: &Bounds| bounds.mapped(&turn).spread(&origins);
        for (layer, bounds) in &child.layers {
            let placed = placed(bounds);
            layers.entry(*layer).and_modify(|b| *b = b.union(&placed)).or_insert(placed);
        }
        if let Some(bounds) = &child.reach {
            join(&mut reach, placed(bounds));
        }
    }
    let shapes = layers.values().copied().reduce(|a, b| a.union(&b));
    if let Some(shapes) = shapes {
        join(&mut reach, shapes);
    }
    Extents { shapes, reach, layers: layers.into_iter().collect() }
}

fn join(all: &mut Option<Bounds>, one: Bounds) {
    *all = Some(all.map_or(one, |b| b.union(&one)));
}

/// Cells that no other cell places, in file order.
fn top_cells(cells: &[Cell]) -> Vec<CellId> {
    let mut placed = vec![false; cells.len()];
    for instance in cells.iter().flat_map(|c| &c.instances) {
        if let Some(mark) = placed.get_mut(instance.cell.0) {
            *mark = true;
        }
    }
    (0..placed.len()).filter(|&i| !placed[i]).map(CellId).collect()
}

/// How far a depth-first walk has come with a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

/// What a walk down the hierarchy finds.
#[derive(Default)]
struct Walk {
    /// The cells reached, every cell after all it places.
    order: Vec<usize>,
    /// The first circle, its first cell repeated at the end.
    cycle: Option<Vec<usize>>,
    /// Cell and index of every placement that closes a circle.
    closing: Vec<(usize, usize)>,
}

/// Walks down from `roots`. Placements that close a circle or lead nowhere are passed over.
fn walk(cells: &[Cell], roots: impl Iterator<Item = usize>) -> Walk {
    let mut marks = vec![Mark::New; cells.len()];
    let Walk { mut order, mut cycle, mut closing } = Walk::default();
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for root in roots {
        if marks.get(root) != Some(&Mark::New) {
            continue;
        }
        marks[root] = Mark::Open;
        stack.push((root, 0));
        while let Some((cell, next)) = stack.last_mut() {
            let Some(instance) = cells[*cell].instances.get(*next) else {
                marks[*cell] = Mark::Done;
                order.push(*cell);
                stack.pop();
                continue;
            };
            *next += 1;
            let child = instance.cell.0;
            match marks.get(child) {
                Some(Mark::New) => {
                    marks[child] = Mark::Open;
                    stack.push((child, 0));
                }
                Some(Mark::Open) => {
                    closing.push((*cell, *next - 1));
                    if cycle.is_some() {
                        continue;
                    }
                    let from = stack.iter().position(|&(c, _)| c == child).unwrap_or(0);
                    let mut circle: Vec<_> = stack[from..].iter().map(|&(c, _)| c).collect();
                    circle.push(child);
                    cycle = Some(circle);
                }
                _ => {}
            }
        }
    }
    Walk { order, cycle, closing }
}

/// Takes out every placement that closes a circle; gives the cells they were in and the names of the
/// cells they placed.
pub(super) fn break_circles(cells: &mut [Cell]) -> Vec<(usize, String)> {
    let mut closing = walk(cells, 0..cells.len()).closing;
    closing.sort_unstable();
    let mut broken = Vec::new();
    for group in closing.chunk_by(|a, b| a.0 == b.0) {
        let parent = group[0].0;
        for &(_, instance) in group {
            let child = cells[parent].instances[instance].cell;
            broken.push((parent, cells[child.0].name.clone()));
        }
        let (mut at, mut next) = (0, group.iter().map(|&(_, i)| i).peekable());
        cells[parent].instances.retain(|_| {
            at += 1;
            next.next_if_eq(&(at - 1)).is_none()
        });
    }
    broken
}

/// Names of cells that place one another in a circle, the first repeated at the end.
pub(super) fn find_cycle(cells: &[Cell]) -> Option<Vec<String>> {
    let cycle = walk(cells, 0..cells.len()).cycle;
    Some(cycle?.into_iter().map(|c| cells[c].name.clone()).collect())
}

/// Shapes by layer in a cell and below it, saturating.
pub(super) fn shape_counts(layout: &Layout, root: CellId) -> BTreeMap<Layer, u64> {
    let mut counts: BTreeMap<Layer, u64> = BTreeMap::new();
    for (cell, many) in multiplicities(layout, root) {
        for (layer, shapes) in layout.cells()[cell.0].layers() {
            let count = counts.entry(layer).or_default();
            *count = count.saturating_add(many.saturating_mul(shapes.count()));
        }
    }
    counts
}

/// Cells at and below a root, those that place before those placed, and how often each is there
/// when everything is expanded (saturating).
pub(super) fn multiplicities(layout: &Layout, root: CellId) -> Vec<(CellId, u64)> {
    let cells = layout.cells();
    let order = walk(cells, std::iter::once(root.0)).order;
    let mut times = vec![0u64; cells.len()];
    if let Some(t) = times.get_mut(root.0) {
        *t = 1;
    }
    let mut found = Vec::with_capacity(order.len());
    for &cell in order.iter().rev() {
        let many = times[cell];
        for instance in &cells[cell].instances {
            if let Some(t) = times.get_mut(instance.cell.0) {
                let copies = instance.repetition.as_ref().map_or(1, Repetition::count);
                *t = t.saturating_add(many.saturating_mul(copies));
            }
        }
        found.push((CellId(cell), many));
    }
    found
}
