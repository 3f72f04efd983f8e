//! Writing OASIS, as compact as the format allows: modal variables, repetitions where equal things
//! are repeated, trapezoids, compressed blocks; in strict mode, with all names in tables that `END`
//! points to, offsets of all cells, and a CRC-32 for validation.

mod block;
mod bytes;
mod cell;
mod collect;
mod points;
mod properties;
mod records;
mod repetition;
mod trapezoid;

use std::io::{self, Write};

use rayon::prelude::*;

use super::frame::{END_LENGTH, MAGIC};
use crate::layout::save::Fault;
use crate::layout::write::{Tally, is_leftover};
use crate::layout::{CellId, Layer, Layout, tidy_unit_nm};

use block::pack;
use bytes::{real, string, unsigned};
use properties::{CELL_OFFSET, Coded, Table, Tables};
use records::Records;

/// Cells encoded at a time; what they take waits in memory for its turn.
const BATCH: usize = 64;

/// Writes a whole layout.
pub(in crate::layout) fn write(
    out: &mut dyn Write,
    layout: &Layout,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let (kept, names) = names(layout, tally)?;
    let mut numbers = vec![0; layout.cells().len()];
    for (id, number) in kept.iter().zip(0..) {
        numbers[id.0] = number;
    }
    let own = properties::of_file(layout);
    let tables = Tables::of(layout, &own);
    let mut file = File { out, at: 0, crc: flate2::Crc::new() };
    file.put(&start(layout, &own.iter().map(|p| tables.code(p)).collect::<Vec<_>>(), &tables))?;
    let mut offsets = Vec::with_capacity(names.len());
    for batch in kept.chunks(BATCH) {
        let encoded: Vec<(Vec<u8>, Tally)> =
            batch.par_iter().map(|&id| cell::encode(layout, id, &numbers, &tables)).collect();
        for (bytes, lost) in encoded {
            offsets.push(file.at);
            file.put(&bytes)?;
            tally.join(lost);
        }
    }
    let places = [
        file.table(&cell_names(&names, &offsets, &tables))?,
        file.table(&table(5, &tables.texts))?,
        file.table(&table(7, &tables.properties))?,
        file.table(&table(9, &tables.strings))?,
        file.table(&layer_names(layout))?,
        0,
    ];
    file.end(places, tables.spelled_out)
}

/// A file under way: its length so far and its CRC-32.
struct File<'w> {
    out: &'w mut dyn Write,
    at: u64,
    crc: flate2::Crc,
}

impl File<'_> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.crc.update(bytes);
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Writes a name table; gives where it is, 0 for one without entries.
    fn table(&mut self, entries: &[u8]) -> io::Result<u64> {
        if entries.is_empty() {
            return Ok(0);
        }
        let (place, mut packed) = (self.at, Vec::new());
        pack(&mut packed, entries);
        self.put(&packed)?;
        Ok(place)
    }

    /// Writes `END`: where the tables are, padding, validation.
    fn end(&mut self, places: [u64; 6], spelled_out: bool) -> Result<(), Fault> {
        const PROPSTRING: usize = 3;
        const SIGNATURE: usize = 5;
        let mut end = vec![2];
        for (table, place) in places.into_iter().enumerate() {
            // A strict table has all names of its kind.
            end.push(u8::from(table != PROPSTRING || !spelled_out));
            unsigned(&mut end, place);
        }
        // The length of the padding takes two bytes whatever the offsets take: it is above 127.
        let padding = (END_LENGTH as usize).saturating_sub(end.len() + SIGNATURE + 2);
        string(&mut end, &vec![0; padding]);
        end.push(1);
        self.put(&end)?;
        self.out.write_all(&self.crc.sum().to_le_bytes())?;
        Ok(())
    }
}

/// The cells to write, in the order of their numbers, and their names.
fn names(layout: &Layout, tally: &mut Tally) -> Result<(Vec<CellId>, Vec<String>), Fault> {
    let count = layout.cells().len();
    let (mut kept, mut names) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (number, cell) in layout.cells().iter().enumerate() {
        if cell.instances.iter().any(|i| i.cell.0 >= count) {
            let problem =
                format!("cell '{}' places a cell that the layout does not have", cell.name);
            return Err(Fault::Unwritable(problem));
        }
        if is_leftover(layout, CellId(number)) {
            continue;
        }
        let mut name = cell.name.clone();
        if name.is_empty() {
            tally.refuse("a cell without a name (given one of its number)")?;
            name = format!("CELL_{number}");
        }
        let odd = name.bytes().any(|b| !(0x21..0x7f).contains(&b));
        tally.stretch("cell names with blanks or characters beyond ASCII", u64::from(odd));
        kept.push(CellId(number));
        names.push(name);
    }
    Ok((kept, names))
}

/// The file's head, and properties of the file.
fn start(layout: &Layout, own: &[Coded], tables: &Tables) -> Vec<u8> {
    let mut records = Records::default();
    records.out.extend_from_slice(MAGIC);
    records.out.push(1);
    string(&mut records.out, b"1.0");
    real(&mut records.out, tidy_unit_nm(1000.0 / layout.unit_nm));
    // The offsets of the tables are in END.
    records.out.push(1);
    records.properties(own);
    records.properties(&tables.coded(&layout.properties));
    records.out
}

/// `CELLNAME` records in the order of their numbers, each with where its cell is.
fn cell_names(names: &[String], offsets: &[u64], tables: &Tables) -> Vec<u8> {
    let property = tables.properties.number(CELL_OFFSET.as_bytes());
    let mut out = Vec::new();
    for (name, &offset) in names.iter().zip(offsets) {
        out.push(3);
        string(&mut out, name.as_bytes());
        // One value, a name by number, a name of the standard.
        out.extend([28, 0x17]);
        unsigned(&mut out, property);
        out.push(8);
        unsigned(&mut out, offset);
    }
    out
}

/// A name table in the order of its numbers.
fn table(record: u8, table: &Table) -> Vec<u8> {
    let mut out = Vec::new();
    for text in &table.list {
        out.push(record);
        string(&mut out, text);
    }
    out
}

/// `LAYERNAME` records: for shapes, and for texts where a layer has any.
fn layer_names(layout: &Layout) -> Vec<u8> {
    let texts = layout.cells().iter().flat_map(|cell| cell.texts.iter().map(|text| text.layer));
    let of_texts: std::collections::BTreeSet<Layer> = texts.collect();
    let mut out = Vec::new();
    for (layer, name) in &layout.layer_names {
        for record in [11, 12] {
            if record == 11 || of_texts.contains(layer) {
                out.push(record);
                string(&mut out, name.as_bytes());
                for number in [layer.number, layer.datatype] {
                    out.push(3);
                    unsigned(&mut out, u64::from(number));
                }
            }
        }
    }
    out
}
