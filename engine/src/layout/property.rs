//! Properties: what programs note beside shapes, instances, cells and files.

use std::sync::Arc;

/// The properties of one thing; shared where many have the same. `None` where there are none.
pub type Properties = Option<Arc<[Property]>>;

/// One property.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// Its name.
    pub name: PropertyName,
    /// Its values, in the file's order. GDSII has exactly one text.
    pub values: Vec<PropertyValue>,
    /// Whether the name is one of the OASIS standard's own.
    pub standard: bool,
}

/// A property's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PropertyName {
    /// A number, as in GDSII (`PROPATTR`).
    Number(u32),
    /// A text, as in OASIS.
    Text(Arc<str>),
}

/// A property's value.
#[derive(Clone, Debug, PartialEq)]
pub enum PropertyValue {
    /// A real number.
    Real(f64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A string; it need not be text.
    Bytes(Arc<[u8]>),
}
