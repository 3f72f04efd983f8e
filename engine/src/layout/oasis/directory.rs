//! Where in a file cells and tables start, as far as its tables tell.
//!
//! Nothing relies on it being right: it only says where it is worth trying to read.

use super::budget::Budget;
use super::parser::{Out, Parser};
use super::stream::Stream;
use super::tables::{self, CELLNAME, PROPNAME, Tables};
use super::{Element, Name, Value, frame};

/// The standard property of a cell name that tells where the cell is.
const CELL_OFFSET: &str = "S_CELL_OFFSET";

#[derive(Default)]
pub(super) struct Directory {
    /// The table offsets of `START`.
    pub at_start: Option<Tables>,
    /// Where cells start, in order.
    pub cells: Vec<u64>,
    /// Where cells, tables and `END` start, in order.
    pub anchors: Vec<u64>,
}

impl Directory {
    /// Reads ahead: `START`, `END`, and the tables of cell and property names.
    pub fn of(bytes: &[u8]) -> Self {
        let budget = Budget::of(bytes);
        let mut found: Vec<(Name, u64)> = Vec::new();
        let mut sink = |element: &Element| {
            if let Element::Property { name, values: [Value::Unsigned(at)], standard: true } =
                element
            {
                found.push(((*name).clone(), *at));
            }
            Ok(())
        };
        let stream = Stream::new(bytes, 0, &budget);
        let mut parser = Parser::new(stream, Out::new(&mut sink, false));
        if parser.head().is_err() {
            return Self::default();
        }
        let at_start = parser.tables;
        let end = bytes.len() as u64 - frame::END_LENGTH.min(bytes.len() as u64);
        let tables = at_start.or_else(|| frame::tables_at_end(bytes, &budget).ok());
        let mut anchors: Vec<u64> = Vec::new();
        if bytes.get(end as usize) == Some(&2) {
            anchors.push(end);
        }
        if let Some(tables) = tables {
            anchors.extend(tables.iter().map(|table| table.offset).filter(|&at| at > 0));
            for kind in [PROPNAME, CELLNAME] {
                walk(&mut parser, tables[kind].offset, kind);
            }
        }
        let names = parser.names;
        let is_offset = |name: &Name| names.property(name) == Some(CELL_OFFSET);
        let cells = found.iter().filter(|(name, at)| *at > 0 && is_offset(name));
        let mut cells: Vec<u64> = cells.map(|&(_, at)| at).filter(|&at| at < end).collect();
        cells.sort_unstable();
        cells.dedup();
        anchors.extend(&cells);
        anchors.sort_unstable();
        anchors.dedup();
        Self { at_start, cells, anchors }
    }
}

/// Reads the name records of one kind from where their table starts, as far as they go.
fn walk(parser: &mut Parser, offset: u64, kind: usize) {
    if offset == 0 {
        return;
    }
    parser.stream.seek(offset);
    parser.leave_cell();
    loop {
        let Ok(id) = parser.settle().and_then(|()| parser.next()) else { return };
        let of_table = matches!(id, 0 | 28 | 29 | 34) || tables::kind_of(id) == Some(kind);
        if !of_table || parser.take(id).is_err() {
            return;
        }
    }
}
