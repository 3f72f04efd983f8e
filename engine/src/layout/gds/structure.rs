//! One structure of a GDSII stream as a cell.

use std::collections::HashMap;

use super::element::{Element, Notes};
use super::intern::{Interner, Note};
use super::records::{Fault, Record, Records, kind, name_of};
use super::scan::Stretch;
use super::tally::{Cancelled, Tally};
use crate::layout::{Cell, CellId, Instance, Keep, Properties, ReadOptions, Repetition, Text};

/// Why a structure was not read to its end.
pub(super) enum Stop {
    Fault(Fault),
    Cancelled,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Cancelled> for Stop {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// A structure, its cell not named yet.
pub(super) struct Structure<'a> {
    /// Its name and where that stands; `None` where there is none.
    pub name: Option<(&'a [u8], usize)>,
    /// Its cell, or what is wrong with it.
    pub body: Result<Body<'a>, Stop>,
    /// What is noted beside the library after it.
    pub notes: Vec<Note<'a>>,
    /// What is wrong between it and the next one.
    pub after: Option<Fault>,
}

/// A cell whose instances name their cells by index into `children`.
pub(super) struct Body<'a> {
    pub cell: Cell,
    pub children: Vec<&'a [u8]>,
}

/// Reads structures, one after another.
pub(super) struct Reader<'a, 'o> {
    bytes: &'a [u8],
    options: &'o ReadOptions<'o>,
    tally: &'o Tally<'o>,
    element: Element<'a>,
    notes: Notes<'a>,
    interner: Interner<'a>,
    children: Children<'a>,
}

/// The cells that a structure places, in order of their first placement.
#[derive(Default)]
struct Children<'a> {
    list: Vec<&'a [u8]>,
    by_name: HashMap<&'a [u8], usize>,
}

impl<'a> Children<'a> {
    fn id(&mut self, name: &'a [u8], before: Option<CellId>) -> CellId {
        // Files give runs of placements of one cell.
        if let Some(last) = before
            && self.list.get(last.0) == Some(&name)
        {
            return last;
        }
        CellId(*self.by_name.entry(name).or_insert_with(|| {
            self.list.push(name);
            self.list.len() - 1
        }))
    }

    fn take(&mut self) -> Vec<&'a [u8]> {
        self.by_name.clear();
        let mut list = std::mem::take(&mut self.list);
        list.shrink_to_fit();
        list
    }
}

impl<'a, 'o> Reader<'a, 'o> {
    pub fn new(bytes: &'a [u8], options: &'o ReadOptions<'o>, tally: &'o Tally<'o>) -> Self {
        Self {
            bytes,
            options,
            tally,
            element: Element::default(),
            notes: Notes::default(),
            interner: Interner::default(),
            children: Children::default(),
        }
    }

    /// Reads the structure of a stretch, and what follows it up to the next one.
    pub fn read(&mut self, stretch: &Stretch) -> Structure<'a> {
        let mut records = Records::new(self.bytes, stretch.start);
        let mut structure =
            Structure { name: None, body: Err(Stop::Cancelled), notes: Vec::new(), after: None };
        structure.body = self.named(&mut records, &mut structure.name).and_then(|()| {
            let cell = self.cell(&mut records, stretch)?;
            Ok(Body { cell, children: self.children.take() })
        });
        if structure.body.is_ok() {
            structure.after = between(&mut records, &mut structure.notes).err();
        } else {
            self.children.take();
        }
        structure
    }

    fn named(
        &self,
        records: &mut Records<'a>,
        name: &mut Option<(&'a [u8], usize)>,
    ) -> Result<(), Stop> {
        self.tally.check()?;
        records.next("BGNSTR")?;
        let record = records.next("STRNAME")?;
        if record.kind != kind::STRNAME {
            let problem = format!("record {}; expected STRNAME", name_of(record.kind));
            return Err(Fault::new(record.offset, problem).into());
        }
        *name = Some((record.text(), record.offset));
        Ok(())
    }

    fn cell(&mut self, records: &mut Records<'a>, stretch: &Stretch) -> Result<Cell, Stop> {
        let mut cell = Cell::default();
        cell.instances.reserve_exact(stretch.placements);
        cell.texts.reserve_exact(stretch.texts);
        self.notes.clear();
        let mut told = stretch.start;
        loop {
            let record = records.next("an element or ENDSTR")?;
            match record.kind {
                kind::ENDSTR => break,
                kind::BOUNDARY..=kind::TEXT | kind::NODE | kind::BOX => {
                    self.element.read(records, record)?;
                    self.add(&mut cell)?;
                    told = self.tally.told(told, records.offset())?;
                }
                kind::PROPATTR | kind::PROPVALUE => self.notes.take(record)?,
                kind::HEADER..=kind::STRNAME | kind::LAYER..=kind::COLROW => {
                    return Err(misplaced(record, "an element or ENDSTR").into());
                }
                _ => {}
            }
        }
        self.tally.passed(records.offset() - told)?;
        if self.options.properties == Keep::All {
            cell.properties = self.interner.properties(&self.notes.list);
        }
        cell.shrink();
        Ok(cell)
    }

    fn noted(&mut self) -> Properties {
        match self.options.properties {
            Keep::All => self.interner.properties(self.element.properties()),
            Keep::Nothing => None,
        }
    }

    /// Puts what was gathered into the cell.
    fn add(&mut self, cell: &mut Cell) -> Result<(), Fault> {
        match self.element.kind() {
            kind::BOUNDARY | kind::BOX | kind::PATH => self.add_shape(cell),
            kind::TEXT => self.add_text(cell),
            kind::SREF | kind::AREF => self.add_instance(cell),
            // Nodes cover nothing.
            _ => Ok(()),
        }
    }

    fn add_shape(&mut self, cell: &mut Cell) -> Result<(), Fault> {
        let Some(layer) = self.element.layer(self.options)? else { return Ok(()) };
        let pushed = match self.element.kind() {
            kind::BOUNDARY => self.element.ring().map(|ring| cell.on(layer).push_polygon(ring)),
            kind::BOX => self.element.rect().map(|rect| cell.on(layer).push_rect(rect)),
            _ => {
                let path = self.element.path();
                path.map(|(spine, width, ends)| cell.on(layer).push_path(spine, width, ends))
            }
        };
        let Some(pushed) = pushed else { return Ok(()) };
        let id = pushed.map_err(|full| Fault::new(self.element.offset(), full.to_string()))?;
        if let properties @ Some(_) = self.noted() {
            cell.on(layer).note(id, properties);
        }
        Ok(())
    }

    fn add_text(&mut self, cell: &mut Cell) -> Result<(), Fault> {
        let Some(layer) = self.element.layer(self.options)? else { return Ok(()) };
        let (string, at, style) = self.element.text()?;
        let string = self.interner.text(string);
        let (style, properties) = (style.map(Box::new), self.noted());
        cell.texts.push(Text { layer, string, at, style, repetition: None, properties });
        Ok(())
    }

    fn add_instance(&mut self, cell: &mut Cell) -> Result<(), Fault> {
        let array = match self.element.kind() {
            kind::AREF => Some(self.element.array()?),
            _ => None,
        };
        let name = self.element.placed()?;
        let transform = self.element.transform()?;
        let before = cell.instances.last().map(|i| i.cell);
        cell.instances.push(Instance {
            cell: self.children.id(name, before),
            transform,
            repetition: array.map(Repetition::Grid),
            properties: self.noted(),
        });
        Ok(())
    }
}

fn misplaced(record: Record, wanted: &str) -> Fault {
    Fault::new(record.offset, format!("record {}; expected {wanted}", name_of(record.kind)))
}

/// Reads what stands between structures, up to the next one or through `ENDLIB`: notes beside the
/// library.
pub(super) fn between<'a>(
    records: &mut Records<'a>,
    notes: &mut Vec<Note<'a>>,
) -> Result<(), Fault> {
    let mut found = Notes::default();
    loop {
        let record = records.next("BGNSTR or ENDLIB")?;
        match record.kind {
            kind::ENDLIB | kind::BGNSTR => break,
            kind::PROPATTR | kind::PROPVALUE => found.take(record)?,
            _ => return Err(misplaced(record, "BGNSTR or ENDLIB")),
        }
    }
    notes.append(&mut found.list);
    Ok(())
}
