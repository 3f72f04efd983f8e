//! The library: its head, its structures read side by side, and what is lost of a broken one.

use std::path::Path;

use rayon::prelude::*;

use super::intern::{Interner, Note};
use super::link::Cells;
use super::records::{Fault, Records, decoded, kind, name_of};
use super::scan::stretches;
use super::structure::{Reader, Stop, Structure, between};
use super::tally::Tally;
use crate::layout::{
    Faults, Keep, Layout, LayoutError, Losses, Opened, Progress, ReadOptions, hierarchy, stem,
    tidy_unit_nm,
};

/// A cell that KLayout writes to remember libraries and parameters in; nothing in it is layout.
const CONTEXT_CELL: &[u8] = b"$$$CONTEXT_INFO$$$";

/// Structures read side by side before they are linked.
const BATCH: usize = 1 << 14;

/// Whether the bytes start with a `HEADER` record.
pub(in crate::layout) fn looks_like_gds(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, 0x00, 0x02, ..])
}

/// Reads a whole GDSII stream.
///
/// Cells that are placed but not defined become empty cells, listed where they are first placed.
/// KLayout's context cell is left out.
pub(in crate::layout) fn read(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Opened, LayoutError> {
    let total = Some(bytes.len() as u64);
    options.report(path, Progress { done: 0, total })?;
    let refused = |fault: Fault| LayoutError::Gds {
        path: path.to_path_buf(),
        offset: fault.offset as u64,
        problem: fault.problem,
    };
    let mut library = Library::new(options.faults);
    let mut records = Records::new(bytes, 0);
    let unit_nm = read_head(&mut records, &mut library.notes).map_err(refused)?;
    let lenient = options.faults == Faults::Skip;
    let found = stretches(bytes, records.offset(), lenient);
    if let Err(fault) = between(&mut records, &mut library.notes) {
        library.lose(None, fault, "").map_err(refused)?;
    }
    let tally = Tally::new(path, options, bytes.len());
    library.cells.reserve(found.len());
    // Batch by batch, so that what waits to be linked is little.
    for batch in found.chunks(BATCH) {
        let structures: Vec<Structure> = batch
            .par_iter()
            .map_init(|| Reader::new(bytes, options, &tally), Reader::read)
            .collect();
        if tally.check().is_err() {
            return Err(tally.error());
        }
        for structure in structures {
            library.add(structure).map_err(refused)?;
        }
    }
    options.report(path, Progress { done: bytes.len() as u64, total })?;
    library.finish(path, unit_nm, options.properties)
}

/// Reads from `HEADER` up to the first `BGNSTR` or `ENDLIB`; gives the database unit in nm: 1 where
/// the file does not say, as in KLayout.
fn read_head<'a>(records: &mut Records<'a>, notes: &mut Vec<Note<'a>>) -> Result<f64, Fault> {
    for wanted in [kind::HEADER, kind::BGNLIB] {
        let record = records.next(name_of(wanted))?;
        if record.kind != wanted {
            let problem = format!("record {}; expected {}", name_of(record.kind), name_of(wanted));
            return Err(Fault::new(record.offset, problem));
        }
    }
    let mut unit_nm = 1.0;
    let mut found = super::element::Notes::default();
    loop {
        let record = records.next("UNITS")?;
        match record.kind {
            kind::UNITS => {
                let [_, metres] = record.two_reals()?;
                unit_nm = tidy_unit_nm(metres / 1e-9);
                if !(1e-6..=1e9).contains(&unit_nm) {
                    let problem = format!(
                        "record UNITS gives a database unit of {metres:e} m; expected 1e-15 to 1"
                    );
                    return Err(Fault::new(record.offset, problem));
                }
            }
            kind::PROPATTR | kind::PROPVALUE => found.take(record)?,
            kind::BGNSTR | kind::ENDLIB => {
                records.back_to(record);
                notes.append(&mut found.list);
                return Ok(unit_nm);
            }
            kind::STRNAME..=kind::COLROW => {
                let problem = format!("record {}; expected BGNSTR", name_of(record.kind));
                return Err(Fault::new(record.offset, problem));
            }
            // Names, reference libraries, fonts, generations, format masks: nothing of the layout.
            _ => {}
        }
    }
}

/// A library under way.
struct Library<'a> {
    faults: Faults,
    cells: Cells<'a>,
    notes: Vec<Note<'a>>,
    losses: Losses,
}

impl<'a> Library<'a> {
    fn new(faults: Faults) -> Self {
        Self { faults, cells: Cells::default(), notes: Vec::new(), losses: Losses::default() }
    }

    /// Lists a fault where faults are passed over, and gives it back where they are not.
    fn lose(&mut self, cell: Option<&[u8]>, fault: Fault, lost: &str) -> Result<(), Fault> {
        if self.faults == Faults::Refuse {
            return Err(fault);
        }
        let cell = cell.map(|name| decoded(name).into_owned());
        self.losses.add(cell, fault.offset as u64, format!("{}{lost}", fault.problem));
        Ok(())
    }

    /// Takes in the next structure of the file.
    fn add(&mut self, structure: Structure<'a>) -> Result<(), Fault> {
        const LOST: &str = "; the cell is left out";
        let Structure { name, body, notes, after } = structure;
        let name = match name {
            Some((name, offset)) => match self.cells.must_be_new(name, offset) {
                Ok(()) => Some((name, offset)),
                Err(again) => {
                    self.lose(Some(name), again, LOST)?;
                    None
                }
            },
            None => None,
        };
        match (name, body) {
            (Some((CONTEXT_CELL, _)), Ok(_)) => {}
            (Some((name, offset)), Ok(body)) => self.cells.define(name, offset, body),
            (name, Err(Stop::Fault(fault))) => self.lose(name.map(|n| n.0), fault, LOST)?,
            (None, Ok(_)) | (_, Err(Stop::Cancelled)) => {}
        }
        self.notes.extend(notes);
        match after {
            Some(fault) => self.lose(None, fault, ""),
            None => Ok(()),
        }
    }

    fn finish(
        mut self,
        path: &Path,
        unit_nm: f64,
        properties: Keep,
    ) -> Result<Opened, LayoutError> {
        let defined_at = std::mem::take(&mut self.cells.defined_at);
        let mut cells = self.cells.finish();
        if self.faults == Faults::Skip {
            for (cell, child) in hierarchy::break_circles(&mut cells) {
                let problem =
                    format!("places '{child}', which is above it; the placement is left out");
                self.losses.add(Some(cells[cell].name.clone()), defined_at[cell] as u64, problem);
            }
        } else if let Some(cells) = hierarchy::find_cycle(&cells) {
            return Err(LayoutError::CellCycle { path: path.to_path_buf(), cells });
        }
        let mut layout = Layout::new(stem(path), unit_nm, cells);
        if properties == Keep::All {
            layout.properties = Interner::default().properties(&self.notes);
        }
        Ok(Opened { layout, losses: self.losses.into_list() })
    }
}
