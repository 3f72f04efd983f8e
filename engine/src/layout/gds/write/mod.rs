//! Writing GDSII: whole layouts with their hierarchy, and masks of one cell.
//!
//! Records go out as they are made, so that what OASIS repeats and GDSII must spell out takes no
//! memory. `gds21` (3.0.0-pre.2) has no such way: it writes a tree of owned elements that holds the
//! whole file, every name and every expanded copy included, and its layers, array sizes and path
//! types are signed 16-bit numbers that it neither checks nor lets beyond.

mod array;
mod element;
mod holes;
mod stream;

use std::io::Write;
use std::path::Path;

use super::records::kind;
use crate::geometry::Polygon;
use crate::layout::save::{Fault, save_with};
use crate::layout::write::{Tally, is_leftover};
use crate::layout::{Cell, CellId, Faults, Layer, Layout, LayoutError, Properties, Repetition};

use element::{Elements, numbers};
pub(in crate::layout) use holes::hole_free;
use stream::{LIBNAME, LONGEST_BODY, Stream};

/// Most elements that repeated shapes and texts may take when they are spelled out.
const MOST_ELEMENTS: u64 = 2_000_000_000;

/// Longest name of the standard, in characters.
const LONGEST_NAME: usize = 32;

/// A fixed date, so that files differ only where layouts do.
const DATES: [u16; 12] = [2000, 1, 1, 0, 0, 0, 2000, 1, 1, 0, 0, 0];

/// Writes a whole layout.
pub(in crate::layout) fn write(
    out: &mut dyn Write,
    layout: &Layout,
    tally: &mut Tally,
) -> Result<(), Fault> {
    check_size(layout)?;
    let names = names(layout, tally)?;
    tally.lose("names of layers (GDSII has none)", layout.layer_names.len() as u64);
    let user_properties =
        |p: &Properties| p.as_ref().map_or(0, |p| p.iter().filter(|p| !p.standard).count() as u64);
    tally.lose("properties of the file (GDSII has none)", user_properties(&layout.properties));
    let mut stream = Stream::new(out);
    begin_library(&mut stream, layout.unit_nm)?;
    for (number, (cell, name)) in layout.cells().iter().zip(&names).enumerate() {
        if is_leftover(layout, CellId(number)) {
            continue;
        }
        tally.lose("properties of cells (GDSII has none)", user_properties(&cell.properties));
        begin_cell(&mut stream, name)?;
        write_cell(&mut Elements { stream: &mut stream, tally }, cell, &names)?;
        stream.empty(kind::ENDSTR)?;
    }
    stream.empty(kind::ENDLIB)
}

/// Refuses layouts whose copies would fill any disk.
fn check_size(layout: &Layout) -> Result<(), Fault> {
    let mut elements = 0u64;
    for cell in layout.cells() {
        let copies = |r: &Option<Repetition>| r.as_ref().map_or(1, Repetition::count);
        let shapes = cell.layers().map(|(_, shapes)| shapes.count());
        let texts = cell.texts.iter().map(|text| copies(&text.repetition));
        let places = cell.instances.iter().map(|i| match &i.repetition {
            Some(Repetition::Grid(grid)) => array::most_pieces(grid),
            other => copies(other),
        });
        elements = shapes.chain(texts).chain(places).fold(elements, u64::saturating_add);
    }
    if elements > MOST_ELEMENTS {
        return Err(Fault::Unwritable(format!(
            "{elements} shapes when what is repeated is spelled out, as GDSII must; write OASIS"
        )));
    }
    Ok(())
}

/// The names of all cells, as they are.
fn names(layout: &Layout, tally: &mut Tally) -> Result<Vec<String>, Fault> {
    let mut names = Vec::with_capacity(layout.cells().len());
    for (number, cell) in layout.cells().iter().enumerate() {
        let mut name = cell.name.clone();
        if name.is_empty() {
            tally.refuse("a cell without a name (given one of its number)")?;
            name = format!("CELL_{number}");
        }
        if name.len() > LONGEST_BODY {
            return Err(Fault::Unwritable(format!(
                "a cell name of {} bytes; a GDSII record holds {LONGEST_BODY}",
                name.len()
            )));
        }
        let long = name.chars().count() > LONGEST_NAME;
        tally.stretch("cell names of more than 32 characters", u64::from(long));
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '?' | '$');
        let odd = !name.chars().all(legal);
        tally.stretch("cell names with characters beyond A-Z a-z 0-9 _ ? $", u64::from(odd));
        names.push(name);
    }
    Ok(names)
}

fn begin_library(stream: &mut Stream, unit_nm: f64) -> Result<(), Fault> {
    stream.shorts(kind::HEADER, &[600])?;
    stream.shorts(kind::BGNLIB, &DATES)?;
    stream.text(LIBNAME, b"LITHOSCOPE")?;
    // In user units (µm), and in metres.
    stream.reals(kind::UNITS, &[unit_nm / 1e3, unit_nm / 1e9])
}

fn begin_cell(stream: &mut Stream, name: &str) -> Result<(), Fault> {
    stream.shorts(kind::BGNSTR, &DATES)?;
    stream.text(kind::STRNAME, name.as_bytes())
}

fn write_cell(elements: &mut Elements, cell: &Cell, names: &[String]) -> Result<(), Fault> {
    for (layer, shapes) in cell.layers() {
        let Some(layer) = numbers(layer) else {
            elements.refuse_layer(layer)?;
            continue;
        };
        for shape in shapes.iter() {
            elements.shape(layer, &shape)?;
        }
    }
    for text in &cell.texts {
        match numbers(text.layer) {
            Some(layer) => elements.text(layer, text)?,
            None => elements.refuse_layer(text.layer)?,
        }
    }
    for instance in &cell.instances {
        match names.get(instance.cell.0) {
            Some(name) => elements.placement(name, instance)?,
            None => elements.tally.refuse("an instance of a cell that the layout does not have")?,
        }
    }
    Ok(())
}

/// Writes a GDSII file with one cell holding polygons by layer, at 1 nm a database unit. The file
/// is written under a temporary name and renamed; equal input gives equal bytes.
///
/// GDSII knows no holes: a polygon with holes, or with more corners than one record holds, is cut
/// into pieces along horizontal and vertical lines. Manhattan shapes stay exact; where a cut
/// crosses a slanted edge the new corner is rounded to the nearest nm.
///
/// # Errors
/// The path cannot be written; an empty cell name or one beyond GDSII's limits; a layer or datatype
/// beyond 65535.
pub fn write_gds(
    path: &Path,
    cell: &str,
    shapes: &[(Layer, &[Polygon])],
) -> Result<(), LayoutError> {
    if cell.is_empty() || cell.len() > LONGEST_BODY {
        let problem =
            format!("the cell name has {} bytes; give one of 1 to {LONGEST_BODY}", cell.len());
        return Err(LayoutError::Unwritable { path: path.to_path_buf(), problem });
    }
    save_with(path, |out| {
        let (mut stream, mut tally) = (Stream::new(out), Tally::new(Faults::Refuse));
        begin_library(&mut stream, 1.0)?;
        begin_cell(&mut stream, cell)?;
        let mut elements = Elements { stream: &mut stream, tally: &mut tally };
        for &(layer, polygons) in shapes {
            match numbers(layer) {
                Some(layer) => polygons.iter().try_for_each(|p| elements.polygon(layer, p))?,
                None => elements.refuse_layer(layer)?,
            }
        }
        stream.empty(kind::ENDSTR)?;
        stream.empty(kind::ENDLIB)
    })
}
