//! Name tables: cells, texts, properties, property strings and extension names by number.

use std::collections::{BTreeMap, HashMap};

use super::stream::{Parsed, Place};
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

/// A record that uses a number: where it starts, and its name.
pub(super) type Use = (Place, &'static str);

/// The name tables of a file, complete once all of it has been read.
#[derive(Clone, Debug, Default)]
pub struct Names {
    tables: [Entries; 5],
}

#[derive(Clone, Debug, Default)]
struct Entries {
    /// Whether the numbers are written out; once one entry has been read, all must be alike.
    explicit: Option<bool>,
    texts: HashMap<u64, String>,
    /// Numbers used before any entry for them, with the record that used them first.
    awaited: BTreeMap<u64, Use>,
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

    /// A value of a property as text: numbers in their shortest form, strings as they stand.
    pub fn value(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Real(v) => v.to_string(),
            Value::Unsigned(v) => v.to_string(),
            Value::Signed(v) => v.to_string(),
            Value::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Value::TextNumber(n) => self.entries(Table::PropertyString).texts.get(n)?.clone(),
        })
    }

    fn entries(&self, table: Table) -> &Entries {
        &self.tables[table as usize]
    }

    fn resolved<'n>(&'n self, table: Table, name: &'n Name) -> Option<&'n str> {
        match name {
            Name::Text(text) => Some(text),
            Name::Number(number) => self.entries(table).texts.get(number).map(String::as_str),
        }
    }

    /// Enters a name; without a number it gets the next one.
    pub(super) fn define(&mut self, table: Table, number: Option<u64>, text: String) -> Parsed<()> {
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
        let number = number.unwrap_or(entries.texts.len() as u64);
        match entries.texts.get(&number) {
            Some(other) if *other != text => {
                Err(format!("number {number} is '{text}' here but was '{other}' before").into())
            }
            Some(_) => Ok(()),
            None => {
                entries.texts.insert(number, text);
                Ok(())
            }
        }
    }

    /// Notes that a record uses a number, so that a missing entry can be reported there.
    pub(super) fn expect(&mut self, table: Table, number: u64, user: Use) {
        let entries = &mut self.tables[table as usize];
        if !entries.texts.contains_key(&number) {
            entries.awaited.entry(number).or_insert(user);
        }
    }

    /// The first use of a number that the file gives no entry for, and what is wrong with it.
    pub(super) fn first_undefined(&self) -> Option<(Use, String)> {
        let missing = Table::ALL.into_iter().flat_map(|table| {
            let entries = self.entries(table);
            let without = entries.awaited.iter().filter(|(n, _)| !entries.texts.contains_key(n));
            without.map(move |(number, &user)| (user, table, *number))
        });
        let (user, table, number) = missing.min()?;
        let record = table.record();
        Some((user, format!("refers to number {number}, which no {record} record defines")))
    }
}
