//! Name tables: cells, texts, properties, property strings and extension names by number.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::stream::{Parsed, Place, latin1};
use super::{Name, Value};

/// Which table a record belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Cell,
    Text,
    Property,
    PropertyString,
    Extension,
}

impl Table {
    const ALL: [Self; 5] =
        [Self::Cell, Self::Text, Self::Property, Self::PropertyString, Self::Extension];

    fn record(self) -> &'static str {
        match self {
            Self::Cell => "CELLNAME",
            Self::Text => "TEXTSTRING",
            Self::Property => "PROPNAME",
            Self::PropertyString => "PROPSTRING",
            Self::Extension => "XNAME",
        }
    }
}

/// A number that a record uses and no entry defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Undefined {
    /// Where the record starts that used it first, and what it is.
    pub place: Place,
    pub record: &'static str,
    table: Table,
    number: u64,
}

impl Undefined {
    pub fn problem(&self) -> String {
        let (number, record) = (self.number, self.table.record());
        format!("refers to number {number}, which no {record} record defines")
    }
}

/// The name tables of a file, complete once all of it has been read.
#[derive(Clone, Debug, Default)]
pub struct Names {
    tables: [Entries; 5],
}

#[derive(Clone, Debug, Default)]
struct Entries {
    /// Whether the numbers are written out; once one entry has been read, all must be alike.
    explicit: Option<bool>,
    /// Those numbered 0, 1, 2 and so on. Names are text, property strings any bytes.
    first: Vec<Box<[u8]>>,
    /// The others.
    others: HashMap<u64, Box<[u8]>>,
    /// Numbers used before any entry for them, with the record that used them first.
    awaited: BTreeMap<u64, (Place, &'static str)>,
}

impl Entries {
    fn get(&self, number: u64) -> Option<&[u8]> {
        let first = usize::try_from(number).ok().and_then(|at| self.first.get(at));
        first.or_else(|| self.others.get(&number)).map(AsRef::as_ref)
    }

    /// Enters a string under a number that has none.
    fn insert(&mut self, number: u64, string: Box<[u8]>) {
        if number == self.first.len() as u64 {
            self.first.push(string);
        } else {
            self.others.insert(number, string);
        }
    }
}

impl Names {
    /// The name of a cell; `None` for a number without a name.
    pub fn cell<'n>(&'n self, name: &'n Name) -> Option<&'n str> {
        self.resolved(Table::Cell, name)
    }

    /// What a text says.
    pub fn text<'n>(&'n self, string: &'n Name) -> Option<&'n str> {
        self.resolved(Table::Text, string)
    }

    /// The name of a property.
    pub fn property<'n>(&'n self, name: &'n Name) -> Option<&'n str> {
        self.resolved(Table::Property, name)
    }

    /// A string that properties refer to by number.
    pub fn property_string(&self, number: u64) -> Option<&[u8]> {
        self.entries(Table::PropertyString).get(number)
    }

    /// A value of a property as text: numbers in their shortest form, strings as they stand.
    pub fn value(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Real(v) => v.to_string(),
            Value::Unsigned(v) => v.to_string(),
            Value::Signed(v) => v.to_string(),
            Value::Text(bytes) => shown(bytes).into_owned(),
            Value::TextNumber(n) => shown(self.property_string(*n)?).into_owned(),
        })
    }

    fn entries(&self, table: Table) -> &Entries {
        &self.tables[table as usize]
    }

    fn resolved<'n>(&'n self, table: Table, name: &'n Name) -> Option<&'n str> {
        match name {
            Name::Text(text) => Some(text),
            Name::Number(number) => {
                let bytes = self.entries(table).get(*number)?;
                std::str::from_utf8(bytes).ok()
            }
        }
    }

    /// Enters a name; without a number it gets the next one.
    pub(super) fn define(
        &mut self,
        table: Table,
        number: Option<u64>,
        string: Vec<u8>,
    ) -> Parsed<()> {
        let entries = &mut self.tables[table as usize];
        if *entries.explicit.get_or_insert(number.is_some()) != number.is_some() {
            let (now, before) = match number {
                Some(_) => ("with", "without"),
                None => ("without", "with"),
            };
            let record = table.record();
            let problem =
                format!("a {record} {now} a number after one {before}; the two do not mix");
            return Err(problem.into());
        }
        let number = number.unwrap_or(entries.first.len() as u64);
        match entries.get(number) {
            Some(other) if other[..] != string[..] => {
                let (now, before) = (shown(&string), shown(other));
                Err(format!("number {number} is '{now}' here but was '{before}' before").into())
            }
            Some(_) => Ok(()),
            None => {
                entries.insert(number, string.into());
                Ok(())
            }
        }
    }

    /// Notes that a record uses a number, so that a missing entry can be reported there. Tells
    /// whether that takes memory.
    pub(super) fn expect(
        &mut self,
        table: Table,
        number: u64,
        place: Place,
        record: &'static str,
    ) -> bool {
        let entries = &mut self.tables[table as usize];
        let new = entries.get(number).is_none() && !entries.awaited.contains_key(&number);
        if new {
            entries.awaited.insert(number, (place, record));
        }
        new
    }

    /// Adds the entries of a later part of the file, read on its own; `None` where the two do not
    /// go together.
    pub(super) fn append(&mut self, later: Self) -> Option<()> {
        for (entries, more) in self.tables.iter_mut().zip(later.tables) {
            let explicit = match (entries.explicit, more.explicit) {
                (Some(a), Some(b)) if a != b => return None,
                (a, b) => a.or(b),
            };
            entries.explicit = explicit;
            // Numbers that follow from the order follow on.
            let shift = if explicit == Some(false) { entries.first.len() as u64 } else { 0 };
            for (number, string) in (0..).zip(more.first).chain(more.others) {
                let number = shift.checked_add(number)?;
                match entries.get(number) {
                    Some(known) if *known != *string => return None,
                    Some(_) => {}
                    None => entries.insert(number, string),
                }
            }
            for (number, user) in more.awaited {
                entries.awaited.entry(number).or_insert(user);
            }
        }
        Some(())
    }

    /// Every number that is used but that the file gives no entry for, by the place of first use.
    pub(super) fn undefined(&self) -> Vec<Undefined> {
        let missing = Table::ALL.into_iter().flat_map(|table| {
            let entries = self.entries(table);
            let without = entries.awaited.iter().filter(|(n, _)| entries.get(**n).is_none());
            without.map(move |(&number, &(place, record))| Undefined {
                place,
                record,
                table,
                number,
            })
        });
        let mut missing: Vec<_> = missing.collect();
        missing.sort_unstable();
        missing
    }
}

/// Bytes as text: UTF-8 where they are, else Latin-1.
fn shown(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| Cow::Owned(latin1(bytes)), Cow::Borrowed)
}
