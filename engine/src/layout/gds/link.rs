//! Structures tied together by the names of the cells they place.

use std::collections::{HashMap, HashSet};

use super::records::{Fault, decoded};
use super::structure::Body;
use crate::layout::{Cell, CellId};

/// Cells by name, in order of the name's first mention; placed ones that are not defined are empty.
#[derive(Default)]
pub(super) struct Cells<'a> {
    pub list: Vec<Cell>,
    /// Where each is defined, 0 where it is not (yet).
    pub defined_at: Vec<usize>,
    by_name: HashMap<&'a [u8], CellId>,
}

impl<'a> Cells<'a> {
    /// Makes room for cells.
    pub fn reserve(&mut self, cells: usize) {
        self.list.reserve_exact(cells);
        self.defined_at.reserve_exact(cells);
    }

    fn id(&mut self, name: &'a [u8]) -> CellId {
        *self.by_name.entry(name).or_insert_with(|| {
            self.list.push(Cell::new(decoded(name)));
            self.defined_at.push(0);
            CellId(self.list.len() - 1)
        })
    }

    /// A fault where the name has a cell already.
    pub fn must_be_new(&self, name: &[u8], offset: usize) -> Result<(), Fault> {
        match self.by_name.get(name).map(|id| self.defined_at[id.0]) {
            None | Some(0) => Ok(()),
            Some(first) => {
                let name = decoded(name);
                let problem =
                    format!("cell '{name}' is defined again; it was defined at byte {first}");
                Err(Fault::new(offset, problem))
            }
        }
    }

    /// Adds the cell of a structure.
    pub fn define(&mut self, name: &'a [u8], offset: usize, body: Body<'a>) {
        let id = self.id(name);
        let Body { mut cell, children } = body;
        let ids: Vec<CellId> = children.into_iter().map(|child| self.id(child)).collect();
        for instance in &mut cell.instances {
            if let Some(&id) = ids.get(instance.cell.0) {
                instance.cell = id;
            }
        }
        let slot = &mut self.list[id.0];
        cell.name = std::mem::take(&mut slot.name);
        *slot = cell;
        self.defined_at[id.0] = offset;
    }

    /// All cells, no two of one name: where taking bytes as Latin-1 gave a name that is another
    /// cell's, dollar signs tell them apart.
    pub fn finish(mut self) -> Vec<Cell> {
        let strange = self.by_name.iter().filter(|(bytes, _)| std::str::from_utf8(bytes).is_err());
        let mut strange: Vec<CellId> = strange.map(|(_, &id)| id).collect();
        strange.sort_unstable();
        let mut given = HashSet::new();
        for id in strange {
            let name = &mut self.list[id.0].name;
            while self.by_name.contains_key(name.as_bytes()) || given.contains(name) {
                name.push('$');
            }
            given.insert(name.clone());
        }
        self.list
    }
}
