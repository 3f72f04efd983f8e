//! The structure layer: library, cells, and the names that tie instances to cells.

use std::collections::HashMap;
use std::path::Path;

use super::element::{self, Content};
use super::records::{Records, kind, name_of, text};
use crate::layout::{
    Cell, CellId, Instance, Layout, LayoutError, Opened, Progress, ReadOptions, Repetition,
    hierarchy, stem, tidy_unit_nm,
};

/// A cell that KLayout writes to remember libraries and parameters in; nothing in it is layout.
const CONTEXT_CELL: &str = "$$$CONTEXT_INFO$$$";

/// Whether the bytes start with a `HEADER` record.
pub(in crate::layout) fn looks_like_gds(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, 0x00, 0x02, ..])
}

/// Reads a whole GDSII stream.
///
/// Cells that are placed but not defined become empty cells, listed where they are first placed.
/// KLayout's context cell is read but left empty.
pub(in crate::layout) fn read(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Opened, LayoutError> {
    options.report(path, Progress { done: 0, total: Some(bytes.len() as u64) })?;
    let mut records = Records::new(path, bytes);
    let unit_nm = read_library_head(&mut records)?;
    let mut cells = Cells::default();
    loop {
        let record = records.next("BGNSTR or ENDLIB")?;
        match record.kind {
            kind::ENDLIB => break,
            kind::BGNSTR => read_cell(&mut records, &mut cells, record.offset)?,
            other => {
                let problem = format!("record {}; expected BGNSTR or ENDLIB", name_of(other));
                return Err(records.fault(record.offset, problem));
            }
        }
    }
    match hierarchy::find_cycle(&cells.list) {
        Some(cells) => Err(LayoutError::CellCycle { path: path.to_path_buf(), cells }),
        None => {
            let layout = Layout::new(stem(path), unit_nm, cells.list);
            Ok(Opened { layout, losses: Vec::new() })
        }
    }
}

/// Reads from `HEADER` through `UNITS`; gives the database unit in nm.
fn read_library_head(records: &mut Records) -> Result<f64, LayoutError> {
    for wanted in [kind::HEADER, kind::BGNLIB] {
        let record = records.next(name_of(wanted))?;
        if record.kind != wanted {
            let problem = format!("record {}; expected {}", name_of(record.kind), name_of(wanted));
            return Err(records.fault(record.offset, problem));
        }
    }
    loop {
        let record = records.next("UNITS")?;
        match record.kind {
            kind::UNITS => {
                let [_, metres] = records.two_reals(record)?;
                let unit_nm = tidy_unit_nm(metres / 1e-9);
                if (1e-6..=1e9).contains(&unit_nm) {
                    return Ok(unit_nm);
                }
                let problem = format!(
                    "record UNITS gives a database unit of {metres:e} m; expected 1e-15 to 1"
                );
                return Err(records.fault(record.offset, problem));
            }
            kind::BGNSTR | kind::ENDLIB => {
                let problem = format!("record {} before UNITS", name_of(record.kind));
                return Err(records.fault(record.offset, problem));
            }
            // Names, reference libraries, fonts, generations, format masks: nothing of the layout.
            _ => {}
        }
    }
}

/// Cells by name, in order of their definition; placed ones that are not defined yet wait.
#[derive(Default)]
struct Cells {
    list: Vec<Cell>,
    by_name: HashMap<String, CellId>,
    defined_at: HashMap<CellId, usize>,
}

impl Cells {
    fn id(&mut self, name: &str) -> CellId {
        if let Some(&id) = self.by_name.get(name) {
            return id;
        }
        let id = CellId(self.list.len());
        self.list.push(Cell::new(name));
        self.by_name.insert(name.to_owned(), id);
        id
    }
}

fn read_cell(records: &mut Records, cells: &mut Cells, start: usize) -> Result<(), LayoutError> {
    let record = records.next("STRNAME")?;
    if record.kind != kind::STRNAME {
        let problem = format!("record {}; expected STRNAME", name_of(record.kind));
        return Err(records.fault(record.offset, problem));
    }
    let name = text(record);
    let id = cells.id(&name);
    if let Some(first) = cells.defined_at.insert(id, start) {
        let problem = format!("cell '{name}' is defined again; it was defined at byte {first}");
        return Err(records.fault(record.offset, problem));
    }
    let mut cell = Cell::new(name);
    loop {
        let record = records.next("an element or ENDSTR")?;
        match record.kind {
            kind::ENDSTR => break,
            kind::BOUNDARY..=kind::TEXT | kind::NODE | kind::BOX => {
                let added = match element::read(records, record)? {
                    Content::Polygon(layer, ring) => cell.on(layer).push_polygon(&ring).map(drop),
                    Content::Path { layer, spine, width, ends } => {
                        cell.on(layer).push_path(&spine, width, ends).map(drop)
                    }
                    Content::Placement { cell: name, transform, array } => {
                        cell.instances.push(Instance {
                            cell: cells.id(&name),
                            transform,
                            repetition: array.map(Repetition::Grid),
                            properties: None,
                        });
                        Ok(())
                    }
                    Content::Nothing => Ok(()),
                };
                added.map_err(|full| records.fault(record.offset, full.to_string()))?;
            }
            kind::HEADER..=kind::STRNAME | kind::LAYER..=kind::COLROW => {
                let problem = format!(
                    "record {} in cell '{}'; expected an element or ENDSTR",
                    name_of(record.kind),
                    cell.name
                );
                return Err(records.fault(record.offset, problem));
            }
            _ => {}
        }
    }
    if cell.name == CONTEXT_CELL {
        cell = Cell::new(cell.name);
    }
    if let Some(slot) = cells.list.get_mut(id.0) {
        *slot = cell;
    }
    Ok(())
}
