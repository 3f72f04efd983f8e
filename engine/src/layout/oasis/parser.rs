//! The records of an OASIS file in their order, and what each may follow.

use std::path::Path;

use super::modal::{self, Modal};
use super::names::{Names, Table};
use super::stream::{Parsed, Place, Problem, Stream};
use super::{Element, Name, Repetition, frame, repetition};
use crate::layout::LayoutError;

/// Takes the elements of a file as they are read; a refusal says what is wrong with one.
pub type Sink<'s> = dyn FnMut(&Element<'_>) -> Result<(), String> + 's;

/// What a file says of itself.
#[derive(Clone, Debug)]
pub struct Library {
    /// Database units in a micrometre.
    pub units_per_um: f64,
    /// The name tables.
    pub names: Names,
}

/// Reads a whole file and hands every element to `sink`, in file order.
///
/// Memory is bounded by the longest record and the name tables: compressed blocks are inflated
/// piece by piece and repetitions stay as they are.
///
/// # Errors
/// [`LayoutError::Oasis`] names the offset, the record and the rule of the standard it breaks, or
/// what `sink` says against it. Every rule is checked: names that are used but never defined, modal
/// variables used before they are set, the length of `END` and the validation signature included.
pub fn elements(path: &Path, bytes: &[u8], sink: &mut Sink) -> Result<Library, LayoutError> {
    let mut parser = Parser {
        stream: Stream::new(bytes, 0),
        modal: Modal::default(),
        names: Names::default(),
        in_cell: false,
        place: Place { file: 0, inside: None },
        record: "the file's head",
        sink,
    };
    let units_per_um = parser.run().map_err(|problem| {
        let (offset, problem) = located(parser.place, parser.record, &problem);
        LayoutError::Oasis { path: path.to_path_buf(), offset, problem }
    })?;
    if let Some(((place, record), problem)) = parser.names.first_undefined() {
        let (offset, problem) = located(place, record, &problem.into());
        return Err(LayoutError::Oasis { path: path.to_path_buf(), offset, problem });
    }
    Ok(Library { units_per_um, names: parser.names })
}

fn located(place: Place, record: &str, problem: &Problem) -> (u64, String) {
    let inside = place.inside.map(|at| format!(" (byte {at} of the inflated CBLOCK)"));
    (place.file, format!("{record}{}: {problem}", inside.unwrap_or_default()))
}

pub(super) struct Parser<'a, 's, 't> {
    pub stream: Stream<'a>,
    pub modal: Modal,
    pub names: Names,
    pub in_cell: bool,
    /// Where the record at hand starts.
    pub place: Place,
    /// Its name, for messages.
    pub record: &'static str,
    pub sink: &'s mut Sink<'t>,
}

impl Parser<'_, '_, '_> {
    /// Reads all records; gives the unit.
    fn run(&mut self) -> Parsed<f64> {
        frame::magic(&mut self.stream)?;
        self.place = self.stream.place();
        self.record = "record START";
        let start = frame::start(&mut self.stream)?;
        loop {
            self.record = "record CBLOCK";
            self.stream.settle()?;
            self.place = self.stream.place();
            self.record = "after the last record";
            if self.stream.remaining() == 0 {
                return Err("the file ends without an END record".into());
            }
            self.record = "record";
            let id = self.stream.unsigned()?;
            self.record = name_of(id);
            match id {
                2 => {
                    frame::end(&mut self.stream, self.place, &start)?;
                    return Ok(start.units_per_um);
                }
                34 => self.stream.enter_block(self.place.file)?,
                _ => self.record(id)?,
            }
        }
    }

    fn record(&mut self, id: u64) -> Parsed<()> {
        match id {
            0 => Ok(()),
            3..=10 => self.name_entry(id),
            11 | 12 => self.layer_name(id == 12),
            13 => {
                let number = self.reference(Table::Cell)?;
                self.cell(Name::Number(number))
            }
            14 => {
                let name = Name::Text(self.stream.text()?);
                self.cell(name)
            }
            15..=27 | 33 if !self.in_cell => Err("outside of any cell".into()),
            15 | 16 => {
                self.modal.relative = id == 16;
                Ok(())
            }
            17 | 18 => self.placement(id == 18),
            19 => self.text(),
            20 => self.rectangle(),
            21 => self.polygon(),
            22 => self.path(),
            23..=25 => self.trapezoid(id != 25, id != 24),
            26 => self.compact_trapezoid(),
            27 => self.circle(),
            28 => self.property(),
            29 => self.last_property(),
            30 | 31 => self.extension_name(id == 31),
            32 => self.extension(),
            33 => self.extension_shape(),
            1 => Err("a second START record".into()),
            _ => Err(format!("record-ID {id}; expected 0 to 34").into()),
        }
    }

    /// Reads a reference number and notes where it is used.
    pub fn reference(&mut self, table: Table) -> Parsed<u64> {
        let number = self.stream.unsigned()?;
        self.names.expect(table, number, (self.place, self.record));
        Ok(number)
    }

    /// A name spelled out or by number.
    pub fn name(&mut self, table: Table, by_number: bool) -> Parsed<Name> {
        Ok(if by_number {
            Name::Number(self.reference(table)?)
        } else {
            Name::Text(self.stream.text()?)
        })
    }

    fn cell(&mut self, name: Name) -> Parsed<()> {
        self.modal = Modal::default();
        self.in_cell = true;
        (self.sink)(&Element::Cell { name: &name, offset: self.place.file }).map_err(Problem::from)
    }

    fn name_entry(&mut self, id: u64) -> Parsed<()> {
        self.leave_cell();
        let table = match id {
            3 | 4 => Table::Cell,
            5 | 6 => Table::Text,
            7 | 8 => Table::Property,
            _ => Table::PropertyString,
        };
        let text = self.stream.text()?;
        let number = if id.is_multiple_of(2) { Some(self.stream.unsigned()?) } else { None };
        self.names.define(table, number, text)
    }

    fn extension_name(&mut self, explicit: bool) -> Parsed<()> {
        self.leave_cell();
        self.stream.unsigned()?;
        let text = self.stream.text()?;
        let number = if explicit { Some(self.stream.unsigned()?) } else { None };
        self.names.define(Table::Extension, number, text)
    }

    /// Name records end the cell before them.
    fn leave_cell(&mut self) {
        self.in_cell = false;
        self.modal = Modal::default();
    }

    fn layer_name(&mut self, of_texts: bool) -> Parsed<()> {
        self.leave_cell();
        let name = self.stream.text()?;
        let (layers, datatypes) = (interval(&mut self.stream)?, interval(&mut self.stream)?);
        let element = Element::LayerName { name: &name, layers, datatypes, of_texts };
        (self.sink)(&element).map_err(Problem::from)
    }

    fn extension(&mut self) -> Parsed<()> {
        let attribute = self.stream.unsigned()?;
        let data = self.stream.string()?;
        (self.sink)(&Element::Extension { attribute, data: &data }).map_err(Problem::from)
    }
}

/// Reads a repetition where the record has one, and leaves it in the modal variable. Tells whether
/// it has.
pub(super) fn repeat(modal: &mut Modal, stream: &mut Stream, present: bool) -> Parsed<bool> {
    if present {
        match repetition::read(stream)? {
            Some(new) => modal.repetition = Some(new),
            None => drop(modal::set(modal.repetition.as_ref(), "repetition")?),
        }
    }
    Ok(present)
}

/// The modal repetition where the record has one.
pub(super) fn repetition_if(modal: &Modal, present: bool) -> Option<&Repetition> {
    modal.repetition.as_ref().filter(|_| present)
}

/// First and last number of an interval.
fn interval(stream: &mut Stream) -> Parsed<[u64; 2]> {
    Ok(match stream.unsigned()? {
        0 => [0, u64::MAX],
        1 => [0, stream.unsigned()?],
        2 => [stream.unsigned()?, u64::MAX],
        3 => [stream.unsigned()?; 2],
        4 => [stream.unsigned()?, stream.unsigned()?],
        kind => return Err(format!("interval type {kind}; expected 0 to 4").into()),
    })
}

fn name_of(id: u64) -> &'static str {
    const NAMES: [&str; 35] = [
        "record PAD",
        "record START",
        "record END",
        "record CELLNAME",
        "record CELLNAME",
        "record TEXTSTRING",
        "record TEXTSTRING",
        "record PROPNAME",
        "record PROPNAME",
        "record PROPSTRING",
        "record PROPSTRING",
        "record LAYERNAME",
        "record LAYERNAME",
        "record CELL",
        "record CELL",
        "record XYABSOLUTE",
        "record XYRELATIVE",
        "record PLACEMENT",
        "record PLACEMENT",
        "record TEXT",
        "record RECTANGLE",
        "record POLYGON",
        "record PATH",
        "record TRAPEZOID",
        "record TRAPEZOID",
        "record TRAPEZOID",
        "record CTRAPEZOID",
        "record CIRCLE",
        "record PROPERTY",
        "record PROPERTY",
        "record XNAME",
        "record XNAME",
        "record XELEMENT",
        "record XGEOMETRY",
        "record CBLOCK",
    ];
    usize::try_from(id).ok().and_then(|i| NAMES.get(i)).copied().unwrap_or("record")
}
