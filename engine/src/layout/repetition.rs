//! Repetitions: one shape or instance in many places, kept as such.

use std::sync::Arc;

use super::affine::Bounds;

/// A regular array: `columns × rows`, along any two directions.
///
/// As in GDSII the spans reach from the first column (row) to where one past the last would be;
/// dividing them by the number gives the step, which need not be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array {
    /// Number of columns, ≥ 1.
    pub columns: u32,
    /// Number of rows, ≥ 1.
    pub rows: u32,
    /// Displacement over all columns, database units.
    pub column_span: [i64; 2],
    /// Displacement over all rows, database units.
    pub row_span: [i64; 2],
}

impl Array {
    /// Displacement of one element from the first, in database units, rounded to whole ones, halves
    /// away from zero, where the spans do not divide evenly.
    pub fn offset(&self, column: u32, row: u32) -> [i64; 2] {
        let even = |span: i64, index: u32, count: u32| {
            let count = i64::from(count.max(1));
            (span % count == 0).then(|| (span / count).saturating_mul(i64::from(index)))
        };
        let (columns, rows) = (i128::from(self.columns.max(1)), i128::from(self.rows.max(1)));
        [0, 1].map(|axis| {
            let across = even(self.column_span[axis], column, self.columns);
            if let (Some(across), Some(up)) = (across, even(self.row_span[axis], row, self.rows)) {
                return across.saturating_add(up);
            }
            let across = i128::from(self.column_span[axis]) * i128::from(column);
            let up = i128::from(self.row_span[axis]) * i128::from(row);
            let (a, b) = (across % columns, up % rows);
            let whole = across / columns + up / rows;
            let part = rounded(a * rows + b * columns, columns * rows);
            whole.saturating_add(part).clamp(i64::MIN.into(), i64::MAX.into()) as i64
        })
    }

    /// Whether a column's rounding is the same in every row: nowhere do both steps have fractions.
    pub(super) fn rounds_by_column(&self) -> bool {
        let even = |span: i64, count: u32| span % i64::from(count.max(1)) == 0;
        (0..2).all(|axis| {
            even(self.column_span[axis], self.columns) || even(self.row_span[axis], self.rows)
        })
    }

    /// Whether every step is whole.
    pub(super) fn is_even(&self) -> bool {
        let even =
            |span: [i64; 2], count: u32| span.iter().all(|v| v % i64::from(count.max(1)) == 0);
        even(self.column_span, self.columns) && even(self.row_span, self.rows)
    }

    /// The array without the columns and rows that a step of zero puts on the first one: they cover
    /// what it covers.
    pub(super) fn distinct(mut self) -> Self {
        self.columns = if self.column_span == [0, 0] { 1 } else { self.columns.max(1) };
        self.rows = if self.row_span == [0, 0] { 1 } else { self.rows.max(1) };
        self
    }
}

/// A quotient of a positive divisor, rounded, halves away from zero.
fn rounded(value: i128, by: i128) -> i128 {
    let size = (2 * value.abs() + by) / (2 * by);
    if value < 0 { -size } else { size }
}

/// Where the copies of a shape, text or instance are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// A regular array.
    Grid(Array),
    /// Displacements from the first copy in database units, that one (0, 0) included.
    List(Arc<[[i64; 2]]>),
}

impl Repetition {
    /// Number of copies, the first included.
    pub fn count(&self) -> u64 {
        match self {
            Self::Grid(array) => u64::from(array.columns) * u64::from(array.rows),
            Self::List(offsets) => offsets.len() as u64,
        }
    }

    /// Displacements of all copies from the first, database units.
    pub fn offsets(&self) -> impl Iterator<Item = [i64; 2]> + '_ {
        let (grid, list) = match self {
            Self::Grid(array) => (Some(*array), &[][..]),
            Self::List(offsets) => (None, &offsets[..]),
        };
        let elements = grid.into_iter().flat_map(|array| {
            (0..array.columns).flat_map(move |i| (0..array.rows).map(move |j| array.offset(i, j)))
        });
        elements.chain(list.iter().copied())
    }

    /// Everything a box covers when it is put at every copy's place, and what lies between them.
    pub(super) fn extent(&self, first: &Bounds) -> Bounds {
        let reach = |offsets: &mut dyn Iterator<Item = [i64; 2]>| {
            Bounds::around(offsets.map(|o| o.map(|v| v as f64)))
        };
        let reach = match self {
            Self::Grid(a) => {
                let (i, j) = (a.columns.saturating_sub(1), a.rows.saturating_sub(1));
                let corners = [(0, 0), (i, 0), (0, j), (i, j)];
                // Columns and rows are rounded each on its own, so no element is beyond these.
                reach(&mut corners.into_iter().map(|(i, j)| a.offset(i, j)))
            }
            Self::List(offsets) => reach(&mut offsets.iter().copied()),
        };
        reach.map_or(*first, |r| first.spread(&r))
    }
}
