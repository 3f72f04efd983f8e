//! Repeated things in a spatial index: an array is one item, a scattered repetition one a copy.

use std::ops::Range;

use super::affine::Bounds;
use super::repetition::{Array, Repetition};
use crate::geometry::Rect;

/// Which thing, and which of its copies, an item of an index is.
#[derive(Clone, Debug, Default)]
pub(super) struct Scatter {
    /// First item of each thing; empty where every thing has one item.
    first: Vec<u32>,
}

impl Scatter {
    /// The items of things with these repetitions.
    pub fn new<'a>(repetitions: impl Iterator<Item = Option<&'a Repetition>> + Clone) -> Self {
        let is_list = |r: Option<&Repetition>| matches!(r, Some(Repetition::List(_)));
        if !repetitions.clone().any(is_list) {
            return Self::default();
        }
        let mut next = 0u32;
        let first = repetitions.map(|repetition| {
            let count = match repetition {
                Some(Repetition::List(offsets)) => offsets.len() as u32,
                _ => 1,
            };
            let first = next;
            next = next.saturating_add(count);
            first
        });
        Self { first: first.collect() }
    }

    /// The boxes of one thing's items, `first` being the box of its first copy. They saturate at
    /// the ends of `i32`.
    pub fn boxes(first: Bounds, repetition: Option<&Repetition>) -> impl Iterator<Item = Rect> {
        let whole = match repetition {
            None => Some(first),
            Some(grid @ Repetition::Grid(_)) => Some(grid.extent(&first)),
            Some(Repetition::List(_)) => None,
        };
        let offsets = match repetition {
            Some(Repetition::List(offsets)) => &offsets[..],
            _ => &[],
        };
        let copies = offsets.iter().map(move |&o| first.moved(o.map(|v| v as f64)));
        whole.into_iter().chain(copies).map(|b| b.outward())
    }

    /// The thing an item belongs to, and its copy where copies are items of their own.
    pub fn locate(&self, item: u32) -> (usize, Option<u32>) {
        if self.first.is_empty() {
            return (item as usize, None);
        }
        let thing = self.first.partition_point(|&f| f <= item).saturating_sub(1);
        (thing, self.first.get(thing).map(|f| item - f))
    }
}

/// Displacements of the copies, of those that an item of an index stands for, whose box touches a
/// window; `area` is the box of the first copy.
pub(super) fn elements_near(
    repetition: Option<&Repetition>,
    element: Option<u32>,
    area: Bounds,
    window: Bounds,
) -> ElementsNear {
    match repetition {
        Some(Repetition::Grid(array)) => ElementsNear::Grid(GridNear::new(*array, area, window)),
        Some(Repetition::List(offsets)) => {
            let offset = offsets.get(element.unwrap_or(0) as usize).copied();
            let near = |o: &[i64; 2]| area.moved(o.map(|v| v as f64)).touches(&window);
            ElementsNear::One(offset.filter(near))
        }
        None => ElementsNear::One(area.touches(&window).then_some([0, 0])),
    }
}

/// See [`elements_near`].
#[derive(Clone, Debug)]
pub(super) enum ElementsNear {
    One(Option<[i64; 2]>),
    Grid(GridNear),
}

impl Iterator for ElementsNear {
    type Item = [i64; 2];

    fn next(&mut self) -> Option<[i64; 2]> {
        match self {
            Self::One(offset) => offset.take(),
            Self::Grid(grid) => grid.next(),
        }
    }
}

/// The elements of an array that can touch a window, column by column: they follow from the window
/// by division, so that an array of any size costs what it shows.
#[derive(Clone, Debug)]
pub(super) struct GridNear {
    array: Array,
    columns: Range<u32>,
    rows: Range<u32>,
    /// How far the first element must move for its box to touch the window.
    reach: Bounds,
    steps: [[f64; 2]; 2],
}

impl GridNear {
    fn new(array: Array, area: Bounds, window: Bounds) -> Self {
        let array = array.distinct();
        // Uneven spans put elements up to a unit off the regular places.
        let slack = if array.is_even() { 0.0 } else { 2.0 };
        let reach = Bounds {
            min: [0, 1].map(|k| window.min[k] - area.max[k] - slack),
            max: [0, 1].map(|k| window.max[k] - area.min[k] + slack),
        };
        let step = |span: [i64; 2], count: u32| span.map(|v| v as f64 / f64::from(count));
        let steps = [step(array.column_span, array.columns), step(array.row_span, array.rows)];
        let columns = columns_in(&reach, steps, array.columns, array.rows);
        let mut near = Self { array, columns, rows: 0..0, reach, steps };
        near.rows = near.rows_of(near.columns.start);
        near
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

    fn next(&mut self) -> Option<[i64; 2]> {
        loop {
            if self.columns.is_empty() {
                return None;
            }
            let column = self.columns.start;
            if let Some(row) = self.rows.next() {
                if repeats(row, |index| self.array.offset(column, index)) {
                    continue;
                }
                return Some(self.array.offset(column, row));
            }
            self.columns.start += 1;
            let column = self.columns.start;
            let same = self.array.rounds_by_column()
                && repeats(column, |index| self.array.offset(index, 0));
            if !self.columns.is_empty() && !same {
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
