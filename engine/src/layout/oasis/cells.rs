//! Cells while a file is read: what elements make of them, names still as numbers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::budget::{Budget, Purse};
use super::draw::{drawn, kept, point};
use super::notes::Pool;
use super::stream::Problem;
use super::{Element, Figure, Name, Repetition};
use crate::geometry::{Point, Rect};
use crate::layout::{Cell, CellId, Instance, Keep, Layer, ReadOptions, ShapeId, Text, Transform};

/// Memory of a cell without anything in it, and of what shapes seldom have, in bytes.
const CELL_MEMORY: usize = 512;
const REPETITION_MEMORY: usize = 64;
const NOTE_MEMORY: usize = 48;
/// Memory of a property until it is known what others stand with it; generous, so that no element
/// takes long.
const PENDING_MEMORY: usize = 16;

/// The cells of a file, or of a part of it, by name or number, in order of their first mention: a
/// number's name may follow later.
pub(super) struct Cells<'o> {
    options: &'o ReadOptions<'o>,
    pub slots: Vec<Slot>,
    by_name: HashMap<Name, CellId>,
    current: usize,
    pub pool: Pool,
    /// What the texts say.
    pub strings: Vec<Name>,
    by_string: HashMap<Name, u32>,
    /// Names of layers of shapes, and of those of texts.
    pub layer_names: [BTreeMap<Layer, String>; 2],
    /// Properties of the file, and of cells beside their names, by number.
    pub file_notes: Vec<u32>,
    pub name_notes: Vec<(String, Vec<u32>)>,
    /// What the element before was, and its properties so far.
    target: Target,
    pending: Vec<u32>,
    purse: Purse<'o>,
    ring: Vec<Point>,
    /// Stands for what texts say until that is known.
    blank: Arc<str>,
}

pub(super) struct Slot {
    pub name: Name,
    /// Offset of its `CELL` record.
    pub defined: Option<u64>,
    pub cell: Cell,
    /// What each text says.
    pub strings: Vec<u32>,
    /// Properties of the cell.
    pub notes: Vec<u32>,
    /// Sets of properties of what is in it.
    pub element_notes: Vec<(Target, u32)>,
}

/// What properties can belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Nothing,
    File,
    CellName,
    Cell,
    Shape(Layer, ShapeId),
    Text(u32),
    Instance(u32),
}

impl<'o> Cells<'o> {
    /// None yet; `first` is what properties ahead of any element belong to.
    pub fn new(options: &'o ReadOptions<'o>, budget: &'o Budget, first: Target) -> Self {
        Self {
            options,
            slots: Vec::new(),
            by_name: HashMap::new(),
            current: 0,
            pool: Pool::default(),
            strings: Vec::new(),
            by_string: HashMap::new(),
            layer_names: Default::default(),
            file_notes: Vec::new(),
            name_notes: Vec::new(),
            target: first,
            pending: Vec::new(),
            purse: budget.purse(),
            ring: Vec::new(),
            blank: Arc::default(),
        }
    }

    /// Takes an element in.
    pub fn take(&mut self, element: &Element) -> Result<(), String> {
        if let Element::Property { name, values, standard } = *element {
            if self.options.properties == Keep::All && self.target != Target::Nothing {
                let (note, memory) = self.pool.note(name, values, standard);
                self.pending.push(note);
                self.hold(memory + PENDING_MEMORY)?;
            }
            return Ok(());
        }
        self.settle()?;
        self.target = match *element {
            Element::Cell { name, offset } => {
                self.define(name, offset)?;
                Target::Cell
            }
            Element::Placement { cell, at, mirror_x, magnification, angle_deg, repetition } => {
                let turn =
                    Transform { mirror_x, magnification, angle_deg, origin: point(at, [0, 0])? };
                self.place(cell, turn, repetition)?
            }
            Element::Text { string, layer, texttype, at, repetition } => {
                self.label(string, Layer::new(layer, texttype), at, repetition)?
            }
            Element::Shape { layer, datatype, at, figure, repetition } => {
                self.draw(Layer::new(layer, datatype), at, figure, repetition)?
            }
            Element::CellName { name } => {
                self.name_notes.push((name.to_owned(), Vec::new()));
                Target::CellName
            }
            Element::LayerName { name, layers, datatypes, of_texts } => {
                self.name_layer(name, layers, datatypes, of_texts);
                Target::Nothing
            }
            _ => Target::Nothing,
        };
        Ok(())
    }

    /// Gives the properties read last to what they belong to.
    pub fn settle(&mut self) -> Result<(), String> {
        if self.target == Target::CellName && self.pending.is_empty() {
            // Most names have none.
            self.name_notes.pop();
        }
        let target = std::mem::replace(&mut self.target, Target::Nothing);
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut notes = std::mem::take(&mut self.pending);
        match target {
            Target::Nothing => {}
            Target::File => self.file_notes.append(&mut notes),
            Target::CellName => {
                if let Some((_, of_cell)) = self.name_notes.last_mut() {
                    of_cell.append(&mut notes);
                }
            }
            Target::Cell => self.slots[self.current].notes.append(&mut notes),
            Target::Shape(..) | Target::Text(_) | Target::Instance(_) => {
                let (set, memory) = self.pool.set(&notes);
                self.slots[self.current].element_notes.push((target, set));
                self.hold(memory + NOTE_MEMORY)?;
            }
        }
        notes.clear();
        self.pending = notes;
        Ok(())
    }

    fn hold(&mut self, bytes: usize) -> Result<(), String> {
        self.purse.hold(bytes).map_err(Problem::into_owned)
    }

    fn id(&mut self, name: &Name) -> Result<CellId, String> {
        if let Some(&id) = self.by_name.get(name) {
            return Ok(id);
        }
        let id = CellId(self.slots.len());
        self.slots.push(Slot {
            name: name.clone(),
            defined: None,
            cell: Cell::default(),
            strings: Vec::new(),
            notes: Vec::new(),
            element_notes: Vec::new(),
        });
        self.by_name.insert(name.clone(), id);
        self.hold(CELL_MEMORY)?;
        Ok(id)
    }

    fn define(&mut self, name: &Name, offset: u64) -> Result<(), String> {
        let id = self.id(name)?.0;
        let slot = &mut self.slots[id];
        if let Some(first) = slot.defined {
            let name = match name {
                Name::Text(text) => format!("'{text}'"),
                Name::Number(number) => format!("number {number}"),
            };
            return Err(format!("cell {name} is defined again; it was defined at byte {first}"));
        }
        slot.defined = Some(offset);
        self.current = id;
        Ok(())
    }

    fn place(
        &mut self,
        cell: &Name,
        transform: Transform,
        repetition: Option<&Repetition>,
    ) -> Result<Target, String> {
        if *cell == Name::default() {
            return Err("places a cell without a name".into());
        }
        let repetition = repetition.map(|r| kept(r, dot(transform.origin))).transpose()?;
        let cell = self.id(cell)?;
        let instances = &mut self.slots[self.current].cell.instances;
        let target = Target::Instance(instances.len() as u32);
        instances.push(Instance { cell, transform, repetition, properties: None });
        self.hold(size_of::<Instance>())?;
        Ok(target)
    }

    fn label(
        &mut self,
        string: &Name,
        layer: Layer,
        at: [i64; 2],
        repetition: Option<&Repetition>,
    ) -> Result<Target, String> {
        if !self.options.wants(layer) {
            return Ok(Target::Nothing);
        }
        let at = point(at, [0, 0])?;
        let repetition = repetition.map(|r| kept(r, dot(at))).transpose()?;
        let string = self.string(string)?;
        let slot = &mut self.slots[self.current];
        let target = Target::Text(slot.cell.texts.len() as u32);
        let blank = self.blank.clone();
        let text = Text { layer, string: blank, at, style: None, repetition, properties: None };
        slot.cell.texts.push(text);
        slot.strings.push(string);
        self.hold(size_of::<Text>() + 40)?;
        Ok(target)
    }

    /// The number of a string of texts.
    fn string(&mut self, string: &Name) -> Result<u32, String> {
        if let Some(&known) = self.by_string.get(string) {
            return Ok(known);
        }
        let number = self.strings.len() as u32;
        self.strings.push(string.clone());
        self.by_string.insert(string.clone(), number);
        self.hold(128)?;
        Ok(number)
    }

    fn draw(
        &mut self,
        layer: Layer,
        at: [i64; 2],
        figure: Figure,
        repetition: Option<&Repetition>,
    ) -> Result<Target, String> {
        if !self.options.wants(layer) {
            return Ok(Target::Nothing);
        }
        let shapes = self.slots[self.current].cell.on(layer);
        let Some(shape) = drawn(shapes, at, figure, &mut self.ring)? else {
            return Ok(Target::Nothing);
        };
        let mut memory = shape.memory;
        if let Some(repetition) = repetition {
            shapes.repeat(shape.id, kept(repetition, shape.area)?);
            memory += REPETITION_MEMORY;
        }
        self.hold(memory)?;
        Ok(Target::Shape(layer, shape.id))
    }

    /// Keeps a name for a single layer; one for many names none of them.
    fn name_layer(&mut self, name: &str, layers: [u64; 2], types: [u64; 2], of_texts: bool) {
        let ([layer, last_layer], [datatype, last_type]) = (layers, types);
        if layer != last_layer || datatype != last_type {
            return;
        }
        if let (Ok(layer), Ok(datatype)) = (u32::try_from(layer), u32::try_from(datatype)) {
            let names = &mut self.layer_names[usize::from(of_texts)];
            names.entry(Layer::new(layer, datatype)).or_insert_with(|| name.to_owned());
        }
    }
}

fn dot(at: Point) -> Rect {
    Rect { min: at, max: at }
}
