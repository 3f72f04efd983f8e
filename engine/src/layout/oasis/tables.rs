//! Where name records stand, and the tables that `START` or `END` says they are in.

use super::stream::{Parsed, Place, Stream};

/// The kinds of name records, in the order of the table offsets.
const KINDS: [&str; 6] = ["CELLNAME", "TEXTSTRING", "PROPNAME", "PROPSTRING", "LAYERNAME", "XNAME"];

pub(super) const CELLNAME: usize = 0;
pub(super) const PROPNAME: usize = 2;

/// The table of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Table {
    /// Whether it holds all records of its kind.
    pub strict: bool,
    /// Where it starts, or the `CBLOCK` it is in; 0 for no table.
    pub offset: u64,
}

pub(super) type Tables = [Table; 6];

/// Reads the table offsets.
pub(super) fn read(stream: &mut Stream) -> Parsed<Tables> {
    let size = stream.size();
    let mut tables = Tables::default();
    for (table, kind) in tables.iter_mut().zip(KINDS) {
        let flag = stream.unsigned()?;
        if flag > 1 {
            return Err(format!("strict flag {flag} for the {kind} table; expected 0 or 1").into());
        }
        let offset = stream.unsigned()?;
        if offset >= size {
            let problem = format!("the {kind} table at byte {offset}; the file has {size} bytes");
            return Err(problem.into());
        }
        *table = Table { strict: flag == 1, offset };
    }
    Ok(tables)
}

/// The kind of name record that a record-ID stands for.
pub(super) fn kind_of(id: u64) -> Option<usize> {
    match id {
        3..=12 => Some((id as usize - 3) / 2),
        30 | 31 => Some(5),
        _ => None,
    }
}

/// Where the name records of each kind are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Runs {
    seen: [Run; 6],
    /// The kind of the run that goes on.
    open: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Run {
    first: Option<Place>,
    /// The first one that does not follow the others.
    stray: Option<Place>,
}

impl Runs {
    /// Notes where a record is. Properties, padding and blocks do not end a run of name records.
    pub fn note(&mut self, id: u64, place: Place) {
        let kind = kind_of(id);
        if self.open == kind || matches!(id, 0 | 28 | 29 | 34) {
            return;
        }
        self.open = kind;
        let Some(run) = kind.and_then(|kind| self.seen.get_mut(kind)) else { return };
        match run.first {
            None => run.first = Some(place),
            Some(_) => {
                run.stray.get_or_insert(place);
            }
        }
    }

    /// Adds those of a part of the file that starts with a cell.
    pub fn append(&mut self, later: &Self) {
        for (run, more) in self.seen.iter_mut().zip(later.seen) {
            match run.first {
                None => *run = more,
                Some(_) => run.stray = run.stray.or(more.first),
            }
        }
    }

    /// The first name record outside of its strict table, and what is wrong with it.
    pub fn outside(&self, tables: &Tables) -> Option<(Place, &'static str, String)> {
        let strict = tables.iter().zip(self.seen).zip(KINDS);
        let strict = strict.filter(|((table, _), _)| table.strict && table.offset > 0);
        let stray = strict.filter_map(|((table, run), kind)| {
            let early = run.first.filter(|place| place.file < table.offset);
            Some((early.or(run.stray)?, kind, table.offset))
        });
        let (place, kind, offset) = stray.min()?;
        let problem =
            format!("outside of the {kind} table at byte {offset}, which is said to hold them all");
        Some((place, record(kind), problem))
    }
}

fn record(kind: &str) -> &'static str {
    match kind {
        "CELLNAME" => "record CELLNAME",
        "TEXTSTRING" => "record TEXTSTRING",
        "PROPNAME" => "record PROPNAME",
        "PROPSTRING" => "record PROPSTRING",
        "LAYERNAME" => "record LAYERNAME",
        _ => "record XNAME",
    }
}
