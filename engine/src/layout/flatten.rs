//! Flattening: the shapes of a layer that a window touches, found through the hierarchy.

use std::ops::Range;

use super::affine::{Affine, Bounds};
use super::hierarchy;
use super::{Array, CellId, Instance, Layer, Layout};
use crate::geometry::Polygon;

/// The walk gave up: it met more shapes or placements than it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// Placements a walk may visit; far more than any window that fits in memory needs.
const MOST_PLACEMENTS: usize = 50_000_000;

/// Calls `visit` with every shape of `layer` at or below `root` that touches `window` (database
/// units of `root`), the map from its cell to `root`, and the cell's number. `visit` ends the walk
/// by giving [`TooMany`].
///
/// Cells and whole array rows outside the window are never looked at: the elements of an array that
/// can touch it follow from the window by division.
pub(super) fn shapes_in(
    layout: &Layout,
    root: CellId,
    layer: Layer,
    window: &Bounds,
    mut visit: impl FnMut(&Polygon, &Affine, CellId) -> Result<(), TooMany>,
) -> Result<(), TooMany> {
    let boxes = hierarchy::bounding_boxes(layout, root, Some(layer));
    let mut placements = 0usize;
    let mut stack = vec![Frame { cell: root, map: Affine::IDENTITY, next: 0, pending: None }];
    while let Some(frame) = stack.last_mut() {
        let Some(cell) = layout.cells.get(frame.cell.0) else {
            stack.pop();
            continue;
        };
        if frame.next == 0 && frame.pending.is_none() {
            for polygon in cell.shapes.get(&layer).into_iter().flatten() {
                let points = polygon.outer.iter().map(|&p| frame.map.apply_point(p));
                if Bounds::around(points).is_some_and(|b| b.touches(window)) {
                    visit(polygon, &frame.map, frame.cell)?;
                }
            }
        }
        let Some(placed) = frame.advance(&cell.instances, &boxes, window) else {
            stack.pop();
            continue;
        };
        placements += 1;
        if placements > MOST_PLACEMENTS || stack.len() > layout.cells.len() {
            return Err(TooMany);
        }
        stack.push(placed);
    }
    Ok(())
}

/// A cell being walked through: its next instance, and what is left of the array before it.
struct Frame {
    cell: CellId,
    map: Affine,
    next: usize,
    pending: Option<Elements>,
}

impl Frame {
    /// The next placement below this cell that can touch the window.
    fn advance(
        &mut self,
        instances: &[Instance],
        boxes: &[Option<Bounds>],
        window: &Bounds,
    ) -> Option<Self> {
        loop {
            if let Some(elements) = &mut self.pending {
                if let Some(map) = elements.next(&self.map) {
                    return Some(Self { cell: elements.cell, map, next: 0, pending: None });
                }
                self.pending = None;
            }
            let instance = instances.get(self.next)?;
            self.next += 1;
            let Some(child) = boxes.get(instance.cell.0).copied().flatten() else { continue };
            self.pending = Some(Elements::new(instance, &self.map, &child, window));
        }
    }
}

/// The elements of an instance that can touch the window, column by column.
struct Elements {
    cell: CellId,
    first: Affine,
    array: Array,
    columns: Range<u32>,
    rows: Range<u32>,
    /// Where the first element's box must be moved to touch the window, in the root's coordinates.
    reach: Bounds,
    steps: [[f64; 2]; 2],
}

impl Elements {
    fn new(instance: &Instance, map: &Affine, child: &Bounds, window: &Bounds) -> Self {
        let placed = Affine::of(&instance.transform);
        let mut array = instance.array.unwrap_or(Array {
            columns: 1,
            rows: 1,
            column_span: [0, 0],
            row_span: [0, 0],
        });
        // Elements on top of one another cover what one covers.
        array.columns = if array.column_span == [0, 0] { 1 } else { array.columns.max(1) };
        array.rows = if array.row_span == [0, 0] { 1 } else { array.rows.max(1) };
        let at = child.mapped(&map.after(&placed));
        // Uneven spans put elements up to a unit off the regular places.
        let slack = map.apply_direction([1.0, 0.0]).map(f64::abs);
        let slack = 2.0 * (slack[0] + slack[1]);
        let reach = Bounds {
            min: [window.min[0] - at.max[0] - slack, window.min[1] - at.max[1] - slack],
            max: [window.max[0] - at.min[0] + slack, window.max[1] - at.min[1] + slack],
        };
        let step = |span: [i64; 2], count: u32| {
            map.apply_direction(span.map(|v| v as f64 / f64::from(count)))
        };
        let steps = [step(array.column_span, array.columns), step(array.row_span, array.rows)];
        let columns = columns_in(&reach, steps, array.columns, array.rows);
        let mut elements =
            Self { cell: instance.cell, first: placed, array, columns, rows: 0..0, reach, steps };
        elements.rows = elements.rows_of(elements.columns.start);
        elements
    }

    /// The rows of a column whose elements can touch the window.
    fn rows_of(&self, column: u32) -> Range<u32> {
        let [a, b] = self.steps;
        let mut range = (0.0, f64::from(self.array.rows - 1));
        for axis in 0..2 {
            let shift = f64::from(column) * a[axis];
            range = narrowed(
                range,
                b[axis],
                self.reach.min[axis] - shift,
                self.reach.max[axis] - shift,
            );
        }
        whole(range)
    }

    /// The map of the next element to the root's coordinates.
    fn next(&mut self, map: &Affine) -> Option<Affine> {
        loop {
            if self.columns.is_empty() {
                return None;
            }
            let column = self.columns.start;
            if let Some(row) = self.rows.next() {
                if repeats(row, |index| self.array.offset(column, index)) {
                    continue;
                }
                let shift = self.array.offset(column, row).map(|v| v as f64);
                return Some(map.after(&self.first.moved(shift)));
            }
            self.columns.start += 1;
            let column = self.columns.start;
            if !self.columns.is_empty() && !repeats(column, |index| self.array.offset(index, 0)) {
                self.rows = self.rows_of(column);
            }
        }
    }
}

/// Whether rounding puts an element on top of the one before it.
fn repeats(index: u32, offset: impl Fn(u32) -> [i64; 2]) -> bool {
    index > 0 && offset(index) == offset(index - 1)
}

/// Columns that have any element in reach: i·a + j·b within `reach` for some row j.
fn columns_in(reach: &Bounds, [a, b]: [[f64; 2]; 2], columns: u32, rows: u32) -> Range<u32> {
    let mut range = (0.0, f64::from(columns - 1));
    for axis in 0..2 {
        let last = f64::from(rows - 1) * b[axis];
        let (low, high) = (last.min(0.0), last.max(0.0));
        range = narrowed(range, a[axis], reach.min[axis] - high, reach.max[axis] - low);
    }
    // Where the axes are skewed, leaving the row direction out narrows it further.
    let cross = a[0] * b[1] - a[1] * b[0];
    if b != [0.0, 0.0] && cross != 0.0 {
        let corners = [
            [reach.min[0], reach.min[1]],
            [reach.max[0], reach.min[1]],
            [reach.min[0], reach.max[1]],
            [reach.max[0], reach.max[1]],
        ];
        let across = corners.map(|c| c[0] * b[1] - c[1] * b[0]);
        let low = across.iter().copied().fold(f64::INFINITY, f64::min);
        let high = across.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        range = narrowed(range, cross, low, high);
    }
    whole(range)
}

/// Narrows a range of k to where `low ≤ k·step ≤ high`.
fn narrowed(range: (f64, f64), step: f64, low: f64, high: f64) -> (f64, f64) {
    if step == 0.0 {
        return if low <= 0.0 && 0.0 <= high { range } else { (1.0, 0.0) };
    }
    let (p, q) = (low / step, high / step);
    (range.0.max(p.min(q)), range.1.min(p.max(q)))
}

/// The whole numbers of a range, with a little room for the division that gave its ends.
fn whole((low, high): (f64, f64)) -> Range<u32> {
    let room = |v: f64| 1e-9 * (1.0 + v.abs());
    let (first, last) = ((low - room(low)).ceil().max(0.0), (high + room(high)).floor());
    if first <= last { first as u32..(last as u32).saturating_add(1) } else { 0..0 }
}
