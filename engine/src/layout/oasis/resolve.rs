//! Cells with their names, texts and properties, once all names are known.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::cells::{Slot, Target};
use super::notes::{Resolved, shared};
use super::parser::{Fault, located};
use super::parts::Content;
use super::{Name, Names};
use crate::layout::{Cell, CellId, Layer, Loss, Properties, Property};

/// A cell that KLayout writes to remember libraries and parameters in; nothing in it is layout.
const CONTEXT_CELL: &str = "$$$CONTEXT_INFO$$$";

/// What a file holds.
pub(super) struct Found {
    pub cells: Vec<Cell>,
    pub layer_names: BTreeMap<Layer, String>,
    pub properties: Properties,
    pub losses: Vec<Loss>,
}

/// Puts names to numbers. Where faults are passed over, of a cell that is defined twice the first
/// stands.
///
/// # Errors
/// The offset of a cell that is defined again, and what is wrong.
pub(super) fn resolved(content: Content, lenient: bool) -> Result<Found, (u64, String)> {
    let Content { parts, names, faults, .. } = content;
    let mut losses: Vec<Loss> = faults.into_iter().map(|fault| loss(fault, &names)).collect();
    let mut of_cells: HashMap<String, Vec<Property>> = HashMap::new();
    let mut of_file = Vec::new();
    let mut layer_names = [BTreeMap::new(), BTreeMap::new()];
    let mut all = Named::default();
    for mut part in parts {
        let notes = part.pool.resolved(&names);
        of_file.extend(notes.list(&part.file_notes));
        for (cell, numbers) in std::mem::take(&mut part.name_notes) {
            of_cells.entry(cell).or_default().extend(notes.list(&numbers));
        }
        for (all, some) in layer_names.iter_mut().zip(std::mem::take(&mut part.layer_names)) {
            for (layer, name) in some {
                all.entry(layer).or_insert(name);
            }
        }
        let strings: Vec<Arc<str>> =
            part.strings.iter().map(|s| names.text(s).unwrap_or_default().into()).collect();
        all.append(std::mem::take(&mut part.slots), &names, &strings, &notes);
    }
    for (offset, name, first) in std::mem::take(&mut all.again) {
        let problem =
            format!("record CELL: cell '{name}' is defined again; it was defined at byte {first}");
        if !lenient {
            return Err((offset, problem));
        }
        losses.push(Loss { cell: Some(name), offset, problem: format!("{problem}; it is lost") });
    }
    losses.sort_by_key(|loss| loss.offset);
    let [mut layer_names, of_texts] = layer_names;
    for (layer, name) in of_texts {
        layer_names.entry(layer).or_insert(name);
    }
    let cells = all.finished(&mut of_cells);
    Ok(Found { cells, layer_names, properties: shared(&of_file), losses })
}

fn loss(fault: Fault, names: &Names) -> Loss {
    let (offset, problem) = located(fault.place, fault.record, &fault.problem);
    Loss { cell: fault.cell.map(|name| cell_name(&name, names)), offset, problem }
}

/// The name of a cell; one is made up where a number stands for none.
fn cell_name(name: &Name, names: &Names) -> String {
    match (names.cell(name), name) {
        (Some(known), _) => known.to_owned(),
        (None, Name::Number(number)) => format!("CELL ${number}"),
        (None, Name::Text(text)) => text.clone(),
    }
}

/// Cells by name. One that was met both by number and by name is one cell.
#[derive(Default)]
struct Named {
    cells: Vec<(Cell, Option<u64>, Vec<Property>)>,
    by_name: HashMap<String, CellId>,
    /// Cells that are defined again: where, their names, and where they were first.
    again: Vec<(u64, String, u64)>,
}

impl Named {
    /// Adds the cells of a part of the file.
    fn append(&mut self, slots: Vec<Slot>, names: &Names, strings: &[Arc<str>], notes: &Resolved) {
        let ids: Vec<CellId> =
            slots.iter().map(|slot| self.id(cell_name(&slot.name, names))).collect();
        for (slot, id) in slots.into_iter().zip(&ids) {
            let Some(again) = slot.defined else { continue };
            let (known, defined, properties) = &mut self.cells[id.0];
            if let Some(first) = *defined {
                let (first, again) = (again.min(first), again.max(first));
                self.again.push((again, known.name.clone(), first));
                continue;
            }
            *defined = Some(again);
            *properties = notes.list(&slot.notes);
            if known.name != CONTEXT_CELL {
                let name = std::mem::take(&mut known.name);
                *known = filled(slot, &ids, strings, notes);
                known.name = name;
            }
        }
    }

    fn id(&mut self, name: String) -> CellId {
        let next = CellId(self.cells.len());
        let id = *self.by_name.entry(name.clone()).or_insert(next);
        if id == next {
            self.cells.push((Cell::new(name), None, Vec::new()));
        }
        id
    }

    /// The cells, with the properties beside their names ahead of those in them.
    fn finished(self, of_cells: &mut HashMap<String, Vec<Property>>) -> Vec<Cell> {
        let with_properties = |(mut cell, _, own): (Cell, _, Vec<Property>)| {
            let mut properties = of_cells.remove(&cell.name).unwrap_or_default();
            properties.extend(own);
            cell.properties = shared(&properties);
            cell
        };
        self.cells.into_iter().map(with_properties).collect()
    }
}

/// The cell of a slot with what stood for numbers in it.
fn filled(slot: Slot, ids: &[CellId], strings: &[Arc<str>], notes: &Resolved) -> Cell {
    let mut cell = slot.cell;
    for instance in &mut cell.instances {
        instance.cell = ids.get(instance.cell.0).copied().unwrap_or(instance.cell);
    }
    for (text, string) in cell.texts.iter_mut().zip(slot.strings) {
        if let Some(string) = strings.get(string as usize) {
            text.string = string.clone();
        }
    }
    for (target, set) in slot.element_notes {
        let properties = notes.set(set);
        if properties.is_none() {
            continue;
        }
        match target {
            Target::Shape(layer, shape) => cell.on(layer).note(shape, properties),
            Target::Text(at) => {
                if let Some(text) = cell.texts.get_mut(at as usize) {
                    text.properties = properties;
                }
            }
            Target::Instance(at) => {
                if let Some(instance) = cell.instances.get_mut(at as usize) {
                    instance.properties = properties;
                }
            }
            Target::Nothing | Target::File | Target::CellName | Target::Cell => {}
        }
    }
    cell
}
