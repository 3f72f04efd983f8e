//! Strings and properties that many things share, held once.

use std::collections::HashMap;
use std::sync::Arc;

use super::records::decoded;
use crate::layout::{Properties, Property, PropertyName, PropertyValue};

/// What was met so far, by its bytes in the file.
#[derive(Default)]
pub(super) struct Interner<'a> {
    texts: HashMap<&'a [u8], Arc<str>>,
    values: HashMap<&'a [u8], Arc<[u8]>>,
    sets: HashMap<Box<[Note<'a>]>, Arc<[Property]>>,
}

/// A property as the file has it: number and value.
pub(super) type Note<'a> = (u16, &'a [u8]);

impl<'a> Interner<'a> {
    /// A label's text.
    pub fn text(&mut self, bytes: &'a [u8]) -> Arc<str> {
        self.texts.entry(bytes).or_insert_with(|| decoded(bytes).into()).clone()
    }

    /// The properties that some notes are.
    pub fn properties(&mut self, notes: &[Note<'a>]) -> Properties {
        if notes.is_empty() {
            return None;
        }
        if let Some(known) = self.sets.get(notes) {
            return Some(known.clone());
        }
        let set: Arc<[Property]> =
            notes.iter().map(|&(n, value)| self.property(n, value)).collect();
        self.sets.insert(notes.into(), set.clone());
        Some(set)
    }

    fn property(&mut self, number: u16, value: &'a [u8]) -> Property {
        let value = self.values.entry(value).or_insert_with(|| value.into()).clone();
        Property {
            name: PropertyName::Number(u32::from(number)),
            values: vec![PropertyValue::Bytes(value)],
            standard: false,
        }
    }
}
