//! Properties while a file is read: each distinct one is held once, names still as numbers.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::{Name, Names, Value};
use crate::layout::{Properties, Property, PropertyName, PropertyValue};

/// Standard properties that tell of the file rather than of the layout: they are true of no other
/// file, and a writer makes its own.
const OF_THE_FILE: [&str; 9] = [
    "S_MAX_SIGNED_INTEGER_WIDTH",
    "S_MAX_UNSIGNED_INTEGER_WIDTH",
    "S_MAX_STRING_LENGTH",
    "S_POLYGON_MAX_VERTICES",
    "S_PATH_MAX_VERTICES",
    "S_TOP_CELL",
    "S_BOUNDING_BOXES_AVAILABLE",
    "S_BOUNDING_BOX",
    "S_CELL_OFFSET",
];

/// The standard property that stands for one of GDSII: its number and its text.
const OF_GDS: &str = "S_GDS_PROPERTY";

/// Distinct properties and distinct sets of them.
#[derive(Default)]
pub(super) struct Pool {
    notes: Vec<Note>,
    by_digest: HashMap<u64, u32>,
    /// The note asked for last.
    last: u32,
    sets: Vec<Arc<[u32]>>,
    by_notes: HashMap<Arc<[u32]>, u32>,
}

#[derive(PartialEq)]
struct Note {
    name: Name,
    values: Vec<Value>,
    standard: bool,
}

impl Pool {
    /// The number of a property, and the memory that it newly takes in bytes.
    pub fn note(&mut self, name: &Name, values: &[Value], standard: bool) -> (u32, usize) {
        let is = |at: &u32| {
            let known = self.notes.get(*at as usize);
            known.is_some_and(|n| n.name == *name && n.values == values && n.standard == standard)
        };
        // Runs of the same property are common.
        if is(&self.last) {
            return (self.last, 0);
        }
        let digest = digest(name, values, standard);
        if let Some(at) = self.by_digest.get(&digest).copied().filter(is) {
            self.last = at;
            return (at, 0);
        }
        let at = self.notes.len() as u32;
        let text = |value: &Value| if let Value::Text(bytes) = value { bytes.len() } else { 0 };
        let memory = 128 + values.iter().map(|v| 64 + text(v)).sum::<usize>();
        self.notes.push(Note { name: name.clone(), values: values.to_vec(), standard });
        self.by_digest.insert(digest, at);
        self.last = at;
        (at, memory)
    }

    /// The number of a set of properties, and the memory that it newly takes in bytes.
    pub fn set(&mut self, notes: &[u32]) -> (u32, usize) {
        if let Some(&known) = self.by_notes.get(notes) {
            return (known, 0);
        }
        let (at, notes) = (self.sets.len() as u32, Arc::<[u32]>::from(notes));
        self.sets.push(notes.clone());
        self.by_notes.insert(notes.clone(), at);
        (at, 160 + size_of_val(&*notes) + notes.len() * size_of::<Property>())
    }

    /// The properties with their names; `None` for those that are not of the layout.
    pub fn resolved(&self, names: &Names) -> Resolved {
        let notes: Vec<_> = self.notes.iter().map(|note| property(note, names)).collect();
        let of = |numbers: &[u32]| shared(&picked(&notes, numbers));
        let sets = self.sets.iter().map(|numbers| of(numbers)).collect();
        Resolved { notes, sets }
    }
}

/// What a pool comes to once names are known.
pub(super) struct Resolved {
    notes: Vec<Option<Property>>,
    sets: Vec<Properties>,
}

impl Resolved {
    pub fn set(&self, number: u32) -> Properties {
        self.sets.get(number as usize).cloned().flatten()
    }

    pub fn list(&self, numbers: &[u32]) -> Vec<Property> {
        picked(&self.notes, numbers)
    }
}

fn picked(notes: &[Option<Property>], numbers: &[u32]) -> Vec<Property> {
    numbers.iter().filter_map(|&n| notes.get(n as usize)?.clone()).collect()
}

/// A list of properties as a layout holds it.
pub(super) fn shared(list: &[Property]) -> Properties {
    if list.is_empty() { None } else { Some(list.into()) }
}

fn digest(name: &Name, values: &[Value], standard: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, standard, values.len()).hash(&mut hasher);
    for value in values {
        match value {
            Value::Real(v) => (0, v.to_bits()).hash(&mut hasher),
            Value::Unsigned(v) => (1, v).hash(&mut hasher),
            Value::Signed(v) => (2, v).hash(&mut hasher),
            Value::Text(v) => (3, v).hash(&mut hasher),
            Value::TextNumber(v) => (4, v).hash(&mut hasher),
        }
    }
    hasher.finish()
}

fn property(note: &Note, names: &Names) -> Option<Property> {
    let name = names.property(&note.name).filter(|name| !name.is_empty())?;
    if note.standard && OF_THE_FILE.contains(&name) {
        return None;
    }
    let values = note.values.iter().map(|value| match value {
        Value::Real(v) => PropertyValue::Real(*v),
        Value::Unsigned(v) => PropertyValue::Unsigned(*v),
        Value::Signed(v) => PropertyValue::Signed(*v),
        Value::Text(bytes) => PropertyValue::Bytes(bytes.as_slice().into()),
        Value::TextNumber(n) => {
            PropertyValue::Bytes(names.property_string(*n).unwrap_or_default().into())
        }
    });
    let values: Vec<_> = values.collect();
    if note.standard
        && name == OF_GDS
        && let [number, PropertyValue::Bytes(_)] = &values[..]
        && let Some(number) = small(number)
    {
        let name = PropertyName::Number(number);
        return Some(Property { name, values: values[1..].to_vec(), standard: false });
    }
    Some(Property { name: PropertyName::Text(name.into()), values, standard: note.standard })
}

fn small(value: &PropertyValue) -> Option<u32> {
    match *value {
        PropertyValue::Unsigned(v) => u32::try_from(v).ok(),
        PropertyValue::Signed(v) => u32::try_from(v).ok(),
        _ => None,
    }
}
