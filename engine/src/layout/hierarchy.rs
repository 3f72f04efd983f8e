//! The graph of cells: order, circles, multiplicities and extents. No function here recurses, so
//! that a chain of any length fits the stack.

use std::collections::BTreeMap;

use super::affine::{Affine, Bounds};
use super::{CellId, Instance, Layer, Layout};

/// How far a depth-first walk has come with a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

/// Walks down from `roots`: the cells reached, every cell after all it places, and the first circle
/// found. Placements that close a circle or lead nowhere are passed over.
fn walk(layout: &Layout, roots: impl Iterator<Item = usize>) -> (Vec<usize>, Option<Vec<usize>>) {
    let mut marks = vec![Mark::New; layout.cells.len()];
    let (mut order, mut cycle) = (Vec::new(), None);
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for root in roots {
        if marks.get(root) != Some(&Mark::New) {
            continue;
        }
        marks[root] = Mark::Open;
        stack.push((root, 0));
        while let Some((cell, next)) = stack.last_mut() {
            let Some(instance) = layout.cells[*cell].instances.get(*next) else {
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
                Some(Mark::Open) if cycle.is_none() => {
                    let from = stack.iter().position(|&(c, _)| c == child).unwrap_or(0);
                    let mut circle: Vec<_> = stack[from..].iter().map(|&(c, _)| c).collect();
                    circle.push(child);
                    cycle = Some(circle);
                }
                _ => {}
            }
        }
    }
    (order, cycle)
}

/// Names of cells that place one another in a circle, the first repeated at the end.
pub(super) fn find_cycle(layout: &Layout) -> Option<Vec<String>> {
    let (_, cycle) = walk(layout, 0..layout.cells.len());
    Some(cycle?.into_iter().map(|c| layout.cells[c].name.clone()).collect())
}

fn size(instance: &Instance) -> u64 {
    instance.array.map_or(1, |a| u64::from(a.columns) * u64::from(a.rows))
}

/// Shapes by layer in a cell and below it, saturating.
pub(super) fn shape_counts(layout: &Layout, root: CellId) -> BTreeMap<Layer, u64> {
    let (order, _) = walk(layout, std::iter::once(root.0));
    let mut times = vec![0u64; layout.cells.len()];
    if let Some(t) = times.get_mut(root.0) {
        *t = 1;
    }
    let mut counts: BTreeMap<Layer, u64> = BTreeMap::new();
    for &cell in order.iter().rev() {
        let many = times[cell];
        for instance in &layout.cells[cell].instances {
            if let Some(t) = times.get_mut(instance.cell.0) {
                *t = t.saturating_add(many.saturating_mul(size(instance)));
            }
        }
        for (&layer, shapes) in &layout.cells[cell].shapes {
            let count = counts.entry(layer).or_default();
            *count = count.saturating_add(many.saturating_mul(shapes.len() as u64));
        }
    }
    counts
}

/// Extents, by cell, of a layer (`None`: of all layers) in every cell at or below `root`, in
/// database units of the cell itself.
pub(super) fn bounding_boxes(
    layout: &Layout,
    root: CellId,
    layer: Option<Layer>,
) -> Vec<Option<Bounds>> {
    let (order, _) = walk(layout, std::iter::once(root.0));
    let mut boxes: Vec<Option<Bounds>> = vec![None; layout.cells.len()];
    for &cell in &order {
        let own = &layout.cells[cell];
        let shapes = own.shapes.iter().filter(|(l, _)| layer.is_none_or(|wanted| wanted == **l));
        let points = shapes.flat_map(|(_, polygons)| polygons).flat_map(|p| &p.outer);
        let mut bounds = Bounds::around(points.map(|p| [f64::from(p.x), f64::from(p.y)]));
        for instance in &own.instances {
            let child = boxes.get(instance.cell.0).copied().flatten();
            let Some(placed) = child.map(|b| extent(&b, instance)) else { continue };
            bounds = Some(bounds.map_or(placed, |b| b.union(&placed)));
        }
        boxes[cell] = bounds;
    }
    boxes
}

/// Extent of an instance, all elements of its array included.
fn extent(child: &Bounds, instance: &Instance) -> Bounds {
    let placed = child.mapped(&Affine::of(&instance.transform));
    let Some(array) = instance.array else { return placed };
    let corner = |column, row| array.offset(column, row).map(|v| v as f64);
    placed
        .swept(corner(array.columns.saturating_sub(1), 0))
        .swept(corner(0, array.rows.saturating_sub(1)))
}
