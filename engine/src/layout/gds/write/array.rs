//! Arrays as `AREF` records hold them: at most 32767 columns and rows, corners within 32 bits.

use crate::geometry::Point;
use crate::layout::Array;

/// Most columns or rows of an `AREF`.
const MOST: u32 = 32767;

/// One `AREF`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub columns: u16,
    pub rows: u16,
    /// The first element, one past the last column, one past the last row.
    pub corners: [Point; 3],
}

/// Part of an array along both directions.
#[derive(Clone, Copy)]
struct Part {
    origin: [i64; 2],
    counts: [u32; 2],
    spans: [[i64; 2]; 2],
}

/// How many elements writing an array may take at most.
pub(super) fn most_pieces(array: &Array) -> u64 {
    let fits = array.columns <= MOST && array.rows <= MOST;
    let pieces = |count: u32| u64::from(count / MOST) + 2;
    if array.is_even() {
        pieces(array.columns) * pieces(array.rows)
    } else if fits {
        4
    } else {
        u64::from(array.columns) * u64::from(array.rows)
    }
}

/// An array from `origin` as records. Spans that the numbers do not divide evenly cannot be cut:
/// `None` where such an array does not fit in one record.
pub(super) fn pieces(array: &Array, origin: [i64; 2]) -> Option<Vec<Piece>> {
    let whole = Part {
        origin,
        counts: [array.columns.max(1), array.rows.max(1)],
        spans: [array.column_span, array.row_span],
    };
    if !array.is_even() {
        return Some(vec![whole.piece().ok()?]);
    }
    let mut done = Vec::new();
    let mut open = vec![whole];
    while let Some(part) = open.pop() {
        match part.piece() {
            Ok(piece) => done.push(piece),
            Err(None) => return None,
            Err(Some(axis)) => open.extend(part.cut(axis)),
        }
    }
    Some(done)
}

impl Part {
    /// The part as a record; else the direction in which it must be cut, `None` where its first
    /// element already leaves the coordinate range.
    fn piece(&self) -> Result<Piece, Option<usize>> {
        let number = |axis: usize| match u16::try_from(self.counts[axis]) {
            Ok(count) if u32::from(count) <= MOST => Ok(count),
            _ => Err(Some(axis)),
        };
        let (columns, rows) = (number(0)?, number(1)?);
        let far = |axis: usize| point(self.origin, self.spans[axis]).ok_or(Some(axis));
        let first = point(self.origin, [0, 0]).ok_or(None)?;
        Ok(Piece { columns, rows, corners: [first, far(0)?, far(1)?] })
    }

    /// Two parts of it; of a single column (row), itself without the span that has no meaning.
    /// Both come in the order in which a stack gives the first one first.
    fn cut(self, axis: usize) -> impl Iterator<Item = Self> {
        let (mut first, mut rest) = (self, self);
        let count = self.counts[axis];
        if count == 1 {
            first.spans[axis] = [0, 0];
            return None.into_iter().chain(Some(first));
        }
        let step = self.spans[axis].map(|v| v / i64::from(count));
        let taken = if count > MOST { MOST } else { count - 1 };
        let reach = step.map(|v| v * i64::from(taken));
        first.counts[axis] = taken;
        first.spans[axis] = reach;
        rest.counts[axis] = count - taken;
        rest.origin = [0, 1].map(|k| self.origin[k].saturating_add(reach[k]));
        rest.spans[axis] = step.map(|v| v * i64::from(count - taken));
        Some(rest).into_iter().chain(Some(first))
    }
}

fn point(at: [i64; 2], span: [i64; 2]) -> Option<Point> {
    let sum = |k: usize| i32::try_from(at[k].checked_add(span[k])?).ok();
    Some(Point::new(sum(0)?, sum(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every element of some records, sorted.
    fn elements(pieces: &[Piece]) -> Vec<[i64; 2]> {
        let mut all: Vec<[i64; 2]> = pieces
            .iter()
            .flat_map(|p| {
                let [first, right, up] = p.corners.map(|c| [i64::from(c.x), i64::from(c.y)]);
                let span = |far: [i64; 2]| [0, 1].map(|k| far[k] - first[k]);
                let array = Array {
                    columns: u32::from(p.columns),
                    rows: u32::from(p.rows),
                    column_span: span(right),
                    row_span: span(up),
                };
                let at = move |i, j| array.offset(i, j);
                (0..array.columns)
                    .flat_map(move |i| (0..array.rows).map(move |j| at(i, j)))
                    .map(move |o| [0, 1].map(|k| first[k] + o[k]))
            })
            .collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn large_arrays_are_cut_into_legal_ones_with_the_same_elements() {
        let array =
            Array { columns: 100_000, rows: 2, column_span: [300_000, 0], row_span: [10, 20] };
        let pieces = pieces(&array, [-7, 5]).unwrap();
        assert_eq!(pieces.len(), 4);
        let mut expected: Vec<[i64; 2]> = (0..100_000)
            .flat_map(|i| (0..2).map(move |j| [3 * i - 7 + 5 * j, 5 + 10 * j]))
            .collect();
        expected.sort_unstable();
        assert_eq!(elements(&pieces), expected);
    }

    #[test]
    fn an_array_up_to_the_edge_of_the_range_is_cut_so_that_its_corners_fit() {
        let origin = [i64::from(i32::MAX) - 30, i64::from(i32::MAX) - 20];
        let array = Array { columns: 4, rows: 3, column_span: [40, 0], row_span: [0, 30] };
        let found = elements(&pieces(&array, origin).unwrap());
        let expected: Vec<[i64; 2]> = (0..4)
            .flat_map(|i| (0..3).map(move |j| [origin[0] + 10 * i, origin[1] + 10 * j]))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn uneven_spans_stay_in_one_record() {
        let array = Array { columns: 3, rows: 1, column_span: [10, 0], row_span: [0, 0] };
        let pieces = pieces(&array, [0, 0]).unwrap();
        assert_eq!(elements(&pieces), [[0, 0], [3, 0], [7, 0]]);
        let large = Array { columns: 40_000, rows: 1, column_span: [40_001, 0], row_span: [0, 0] };
        assert_eq!(super::pieces(&large, [0, 0]), None);
    }
}
