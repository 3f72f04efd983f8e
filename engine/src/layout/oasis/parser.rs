//! The records of an OASIS file, one by one, and what each may follow.

use super::modal::{self, Modal};
use super::names::{Names, Table};
use super::stream::{Parsed, Place, Problem, Stream};
use super::tables::{Runs, Tables};
use super::{Element, Name, Repetition, frame, repetition};

/// Takes the elements of a file as they are read; a refusal says what is wrong with one.
pub type Sink<'s> = dyn FnMut(&Element<'_>) -> Result<(), String> + 's;

/// Losses listed of one file; with more of them it is not worth reading on.
const MOST_FAULTS: usize = 1000;

/// What an entry of a name table takes in memory beside the name, bytes.
const NAME_MEMORY: usize = 96;
const EMPTY_MEMORY: usize = 32;

/// Something that breaks the format where that is passed over.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// The cell it is in.
    pub cell: Option<Name>,
    pub place: Place,
    pub record: &'static str,
    pub problem: Problem,
}

/// Where elements go, and faults where they are passed over.
pub(super) struct Out<'s, 't> {
    pub sink: &'s mut Sink<'t>,
    /// Whether faults are passed over.
    pub lenient: bool,
    /// Whether elements are, until the next cell.
    pub muted: bool,
    /// The cell at hand.
    pub cell: Option<Name>,
    pub faults: Vec<Fault>,
}

impl<'s, 't> Out<'s, 't> {
    pub fn new(sink: &'s mut Sink<'t>, lenient: bool) -> Self {
        Self { sink, lenient, muted: false, cell: None, faults: Vec::new() }
    }

    /// Hands an element on.
    pub fn give(&mut self, place: Place, record: &'static str, element: &Element) -> Parsed<()> {
        if self.muted {
            return Ok(());
        }
        (self.sink)(element)
            .map_err(Problem::from)
            .or_else(|problem| self.forgive(place, record, problem, "; it is lost"))
    }

    /// Lists a problem as a fault with what is `lost` by it, where faults are passed over.
    pub fn forgive(
        &mut self,
        place: Place,
        record: &'static str,
        problem: Problem,
        lost: &str,
    ) -> Parsed<()> {
        if !self.lenient {
            return Err(problem);
        }
        let problem = format!("{problem}{lost}").into();
        self.faults.push(Fault { cell: self.cell.clone(), place, record, problem });
        Ok(())
    }

    /// Lists that the rest of the file is lost.
    pub fn give_up(&mut self, place: Place, record: &'static str) {
        let problem = "more faults than are listed; the rest of the file is lost".into();
        self.faults.push(Fault { cell: None, place, record, problem });
    }

    /// Whether no more faults are passed over.
    pub fn is_full(&self) -> bool {
        self.faults.len() >= MOST_FAULTS
    }
}

/// What is wrong, and where, as errors tell it.
pub(super) fn located(place: Place, record: &str, problem: &str) -> (u64, String) {
    let inside = place.inside.map(|at| format!(" (byte {at} of the inflated CBLOCK)"));
    (place.file, format!("{record}{}: {problem}", inside.unwrap_or_default()))
}

pub(super) struct Parser<'a, 's, 't> {
    pub stream: Stream<'a>,
    pub modal: Modal,
    pub names: Names,
    pub runs: Runs,
    /// Database units in a micrometre, once `START` has been read.
    pub units_per_um: Option<f64>,
    /// The table offsets, once they have been read.
    pub tables: Option<Tables>,
    pub in_cell: bool,
    /// Where the record at hand starts.
    pub place: Place,
    /// Its name, for messages.
    pub record: &'static str,
    pub out: Out<'s, 't>,
}

impl<'a, 's, 't> Parser<'a, 's, 't> {
    pub fn new(stream: Stream<'a>, out: Out<'s, 't>) -> Self {
        Self {
            stream,
            modal: Modal::default(),
            names: Names::default(),
            runs: Runs::default(),
            units_per_um: None,
            tables: None,
            in_cell: false,
            place: Place { file: 0, inside: None },
            record: "the file's head",
            out,
        }
    }

    /// Reads the first bytes and `START`.
    pub fn head(&mut self) -> Parsed<()> {
        frame::magic(&mut self.stream)?;
        self.place = self.stream.place();
        self.record = "record START";
        let start = frame::start(&mut self.stream)?;
        (self.units_per_um, self.tables) = (Some(start.units_per_um), start.tables);
        Ok(())
    }

    /// Leaves a block that is used up.
    pub fn settle(&mut self) -> Parsed<()> {
        self.record = "record CBLOCK";
        self.stream.settle()
    }

    /// Reads the ID of the next record.
    pub fn next(&mut self) -> Parsed<u64> {
        self.place = self.stream.place();
        self.record = "after the last record";
        if self.stream.remaining() == 0 {
            return Err("the file ends without an END record".into());
        }
        self.record = "record";
        let id = self.stream.unsigned()?;
        self.record = name_of(id);
        Ok(id)
    }

    /// Reads the record of an ID; tells whether it was `END`.
    pub fn take(&mut self, id: u64) -> Parsed<bool> {
        self.runs.note(id, self.place);
        match id {
            // More padding changes nothing, nor does saying again how places are meant.
            0 => self.stream.skip(0),
            2 => {
                let end = frame::end(&mut self.stream, self.place, self.tables)?;
                self.tables = Some(end);
                return Ok(true);
            }
            34 => self.stream.enter_block(self.place.file)?,
            _ => self.record(id)?,
        }
        if let Some(name) = self.stream.unset.take()
            && !self.out.muted
        {
            let problem = format!("uses the modal variable {name} before it is set");
            let taken = "; it is taken for 0 or nothing";
            self.out.forgive(self.place, self.record, problem.into(), taken)?;
        }
        Ok(false)
    }

    fn record(&mut self, id: u64) -> Parsed<()> {
        match id {
            3..=10 => self.name_entry(id),
            11 | 12 => self.layer_name(id == 12),
            13 | 14 => self.cell(id == 13),
            15..=27 | 33 if !self.in_cell => Err("outside of any cell".into()),
            15 | 16 => {
                self.modal.relative = id == 16;
                self.stream.skip(id as u8);
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
        // Where elements are passed over nothing is missing that they refer to.
        if !self.out.muted && self.names.expect(table, number, self.place, self.record) {
            self.stream.hold(NAME_MEMORY)?;
        }
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

    fn cell(&mut self, by_number: bool) -> Parsed<()> {
        self.out.muted = false;
        let name = self.name(Table::Cell, by_number)?;
        self.modal = Modal::default();
        self.in_cell = true;
        let element = Element::Cell { name: &name, offset: self.place.file };
        if let Err(problem) = (self.out.sink)(&element) {
            self.out.forgive(self.place, self.record, problem.into(), "; it is lost")?;
            self.out.muted = true;
        }
        self.out.cell = Some(name);
        Ok(())
    }

    fn name_entry(&mut self, id: u64) -> Parsed<()> {
        self.leave_cell();
        let (table, string) = match id {
            3 | 4 => (Table::Cell, self.stream.text()?.into_bytes()),
            5 | 6 => (Table::Text, self.stream.text()?.into_bytes()),
            7 | 8 => (Table::Property, self.stream.text()?.into_bytes()),
            _ => (Table::PropertyString, self.stream.string()?),
        };
        let number = if id.is_multiple_of(2) { Some(self.stream.unsigned()?) } else { None };
        let name = if table == Table::Cell { Some(string.clone()) } else { None };
        self.define(table, number, string)?;
        let name = name.as_deref().map(|bytes| std::str::from_utf8(bytes).unwrap_or_default());
        let element = name.map_or(Element::OtherName, |name| Element::CellName { name });
        self.out.give(self.place, self.record, &element)
    }

    fn extension_name(&mut self, explicit: bool) -> Parsed<()> {
        self.leave_cell();
        self.stream.unsigned()?;
        let string = self.stream.text()?.into_bytes();
        let number = if explicit { Some(self.stream.unsigned()?) } else { None };
        self.define(Table::Extension, number, string)?;
        self.out.give(self.place, self.record, &Element::OtherName)
    }

    fn define(&mut self, table: Table, number: Option<u64>, string: Vec<u8>) -> Parsed<()> {
        self.stream.hold(if string.is_empty() { EMPTY_MEMORY } else { NAME_MEMORY })?;
        let defined = self.names.define(table, number, string);
        defined.or_else(|p| self.out.forgive(self.place, self.record, p, "; it is lost"))
    }

    /// Name records end the cell before them.
    pub fn leave_cell(&mut self) {
        self.in_cell = false;
        self.out.muted = false;
        self.out.cell = None;
        self.modal = Modal::default();
    }

    fn layer_name(&mut self, of_texts: bool) -> Parsed<()> {
        self.leave_cell();
        let name = self.stream.text()?;
        let (layers, datatypes) = (interval(&mut self.stream)?, interval(&mut self.stream)?);
        let element = Element::LayerName { name: &name, layers, datatypes, of_texts };
        self.out.give(self.place, self.record, &element)
    }

    fn extension(&mut self) -> Parsed<()> {
        let attribute = self.stream.unsigned()?;
        let data = self.stream.string()?;
        let element = Element::Extension { attribute, data: &data };
        self.out.give(self.place, self.record, &element)
    }
}

/// Reads a repetition where the record has one, and leaves it in the modal variable. Tells whether
/// it has.
pub(super) fn repeat(modal: &mut Modal, stream: &mut Stream, present: bool) -> Parsed<bool> {
    if present {
        match repetition::read(stream)? {
            Some(new) => modal.repetition = Some(new),
            None if modal.repetition.is_none() => modal::missing(stream, "repetition")?,
            None => {}
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
