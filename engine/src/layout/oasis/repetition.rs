//! Repetitions: one element, many places.

use std::sync::Arc;

use super::stream::{Parsed, Stream, sum, within_reach};

/// Where the copies of an element are, relative to the first; kept as the file gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// A regular array along any two directions (types 1, 2, 3, 8 and 9).
    Grid {
        /// Number of columns, ≥ 1.
        columns: u64,
        /// Number of rows, ≥ 1.
        rows: u64,
        /// Displacement from one column to the next, database units.
        column_step: [i64; 2],
        /// Displacement from one row to the next, database units.
        row_step: [i64; 2],
    },
    /// Displacements from the first element, which is `[0, 0]` (types 4 to 7, 10 and 11).
    List {
        /// All of them; shared by all elements that use the repetition.
        offsets: Arc<[[i64; 2]]>,
        /// Lower left corner of the box around them.
        low: [i64; 2],
        /// Its upper right corner.
        high: [i64; 2],
    },
}

impl Repetition {
    /// Number of copies, the first included; saturating.
    pub fn count(&self) -> u64 {
        match self {
            Self::Grid { columns, rows, .. } => columns.saturating_mul(*rows),
            Self::List { offsets, .. } => offsets.len() as u64,
        }
    }

    /// Displacement of each copy from the first, database units, the first included.
    pub fn offsets(&self) -> impl Iterator<Item = [i64; 2]> + '_ {
        let (grid, list) = match self {
            Self::Grid { columns, rows, column_step, row_step } => {
                (Some((*columns, *rows, *column_step, *row_step)), &[][..])
            }
            Self::List { offsets, .. } => (None, &offsets[..]),
        };
        let cells = grid.into_iter().flat_map(|(columns, rows, a, b)| {
            (0..columns).flat_map(move |i| (0..rows).map(move |j| (i as i64, j as i64, a, b)))
        });
        // The spans were checked when the repetition was read: neither product can overflow.
        let cells = cells.map(|(i, j, a, b)| [0, 1].map(|k| i * a[k] + j * b[k]));
        cells.chain(list.iter().copied())
    }
}

/// Reads a repetition; `None` where it is the one used before (type 0).
pub(super) fn read(stream: &mut Stream) -> Parsed<Option<Repetition>> {
    let kind = stream.unsigned()?;
    let repetition = match kind {
        0 => return Ok(None),
        1 => {
            let (columns, rows) = (dimension(stream)?, dimension(stream)?);
            let (x, y) = (stream.length()?, stream.length()?);
            grid(columns, rows, [x, 0], [0, y])?
        }
        2 => {
            let columns = dimension(stream)?;
            let x = stream.length()?;
            grid(columns, 1, [x, 0], [0, 0])?
        }
        3 => {
            let rows = dimension(stream)?;
            let y = stream.length()?;
            grid(1, rows, [0, 0], [0, y])?
        }
        4..=7 => along_axis(stream, usize::from(kind >= 6), kind % 2 == 1)?,
        8 => {
            let (columns, rows) = (dimension(stream)?, dimension(stream)?);
            let (a, b) = (stream.displacement()?, stream.displacement()?);
            grid(columns, rows, a, b)?
        }
        9 => {
            let columns = dimension(stream)?;
            let step = stream.displacement()?;
            grid(columns, 1, step, [0, 0])?
        }
        10 | 11 => anywhere(stream, kind == 11)?,
        _ => return Err(format!("repetition type {kind}; expected 0 to 11").into()),
    };
    Ok(Some(repetition))
}

/// A number of elements: the file gives two less.
fn dimension(stream: &mut Stream) -> Parsed<u64> {
    Ok(stream.unsigned()?.saturating_add(2))
}

fn grid(columns: u64, rows: u64, column_step: [i64; 2], row_step: [i64; 2]) -> Parsed<Repetition> {
    for (count, step) in [(columns, column_step), (rows, row_step)] {
        let steps = i64::try_from(count - 1).unwrap_or(i64::MAX);
        for axis in step {
            within_reach(axis.saturating_mul(steps))?;
        }
    }
    Ok(Repetition::Grid { columns, rows, column_step, row_step })
}

/// A list without the copies that a displacement of zero puts on the one before: as in KLayout they
/// count once.
fn list(mut offsets: Vec<[i64; 2]>) -> Repetition {
    offsets.dedup();
    let (mut low, mut high) = ([0; 2], [0; 2]);
    for offset in &offsets {
        for axis in 0..2 {
            low[axis] = offset[axis].min(low[axis]);
            high[axis] = offset[axis].max(high[axis]);
        }
    }
    Repetition::List { offsets: offsets.into(), low, high }
}

/// Types 4 to 7: spaces between neighbours along one axis, perhaps in steps of a grid.
fn along_axis(stream: &mut Stream, axis: usize, on_grid: bool) -> Parsed<Repetition> {
    let spaces = stream.unsigned()?.saturating_add(1);
    let grid = if on_grid { stream.length()? } else { 1 };
    let spaces = stream.checked_count(spaces, 1, "spaces in a repetition")?;
    let mut offsets = stream.list_of(spaces.saturating_add(1))?;
    let mut at = [0i64; 2];
    offsets.push(at);
    for _ in 0..spaces {
        let space = stream.length()?.saturating_mul(grid);
        at[axis] = within_reach(at[axis].saturating_add(space))?;
        offsets.push(at);
    }
    Ok(list(offsets))
}

/// Types 10 and 11: displacements between neighbours, perhaps in steps of a grid.
fn anywhere(stream: &mut Stream, on_grid: bool) -> Parsed<Repetition> {
    let steps = stream.unsigned()?.saturating_add(1);
    let grid = if on_grid { stream.length()? } else { 1 };
    let steps = stream.checked_count(steps, 1, "displacements in a repetition")?;
    let mut offsets = stream.list_of(steps.saturating_add(1))?;
    let mut at = [0i64; 2];
    offsets.push(at);
    for _ in 0..steps {
        let step = stream.displacement()?.map(|v| v.saturating_mul(grid));
        at = sum(at, step)?;
        offsets.push(at);
    }
    Ok(list(offsets))
}
