//! Names by number, and properties as the numbers of names.

use std::collections::HashMap;

use super::bytes::{real, signed, string, unsigned};
use crate::geometry::Point;
use crate::layout::write::is_leftover;
use crate::layout::{Geometry, Layout, Properties, Property, PropertyName, PropertyValue};

/// The standard's property for what GDSII notes: the number of an attribute and a text.
const GDS_PROPERTY: &str = "S_GDS_PROPERTY";

/// The standard's property of a cell's name: where in the file the cell is.
pub(super) const CELL_OFFSET: &str = "S_CELL_OFFSET";

/// Standard properties that say how a file is made; every file says its own.
const OF_FILES: [&str; 9] = [
    "S_BOUNDING_BOX",
    "S_BOUNDING_BOXES_AVAILABLE",
    "S_CELL_OFFSET",
    "S_MAX_SIGNED_INTEGER_WIDTH",
    "S_MAX_STRING_LENGTH",
    "S_MAX_UNSIGNED_INTEGER_WIDTH",
    "S_PATH_MAX_VERTICES",
    "S_POLYGON_MAX_VERTICES",
    "S_TOP_CELL",
];

/// Strings by number: those used most have the smallest.
#[derive(Default)]
pub(super) struct Table<'a> {
    pub list: Vec<&'a [u8]>,
    numbers: HashMap<&'a [u8], u64>,
}

impl<'a> Table<'a> {
    fn new(uses: HashMap<&'a [u8], u64>) -> Self {
        let mut uses: Vec<(&[u8], u64)> = uses.into_iter().collect();
        uses.sort_unstable_by_key(|&(text, count)| (std::cmp::Reverse(count), text));
        let list: Vec<&[u8]> = uses.into_iter().map(|(text, _)| text).collect();
        let numbers = list.iter().zip(0..).map(|(&text, number)| (text, number)).collect();
        Self { list, numbers }
    }

    /// The number of a string that the layout holds.
    pub fn number(&self, text: &[u8]) -> u64 {
        self.numbers.get(text).copied().unwrap_or_default()
    }
}

/// The tables of a file.
pub(super) struct Tables<'a> {
    pub texts: Table<'a>,
    pub properties: Table<'a>,
    pub strings: Table<'a>,
    /// Whether a string stands in a property itself, as one must that is no UTF-8: tables hold text.
    pub spelled_out: bool,
}

/// A property in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Coded {
    pub standard: bool,
    pub name: u64,
    /// Number of values, and the values.
    pub count: usize,
    pub values: Vec<u8>,
}

impl<'a> Tables<'a> {
    /// The strings of a layout, and of the properties that every file has of itself.
    pub fn of(layout: &'a Layout, own: &'a [Property]) -> Self {
        let mut texts: HashMap<&[u8], u64> = HashMap::new();
        for text in layout.cells().iter().flat_map(|cell| &cell.texts) {
            *texts.entry(text.string.as_bytes()).or_default() += 1;
        }
        let (mut names, mut strings) = (HashMap::new(), HashMap::new());
        names.insert(CELL_OFFSET.as_bytes(), layout.cells().len() as u64);
        let mut spelled_out = false;
        for property in own.iter().chain(all_properties(layout)) {
            *names.entry(name_of(property)).or_default() += 1;
            for value in &property.values {
                match value {
                    PropertyValue::Bytes(bytes) if is_text(bytes) => {
                        *strings.entry(&**bytes).or_default() += 1;
                    }
                    PropertyValue::Bytes(_) => spelled_out = true,
                    _ => {}
                }
            }
        }
        Self {
            texts: Table::new(texts),
            properties: Table::new(names),
            strings: Table::new(strings),
            spelled_out,
        }
    }

    /// Properties in bytes.
    pub fn coded(&self, properties: &Properties) -> Vec<Coded> {
        let all = properties.iter().flat_map(|p| p.iter());
        all.filter(|p| is_of_layout(p)).map(|p| self.code(p)).collect()
    }

    /// One property in bytes.
    pub fn code(&self, property: &Property) -> Coded {
        let (mut values, mut count) = (Vec::new(), property.values.len());
        let mut standard = property.standard;
        if let PropertyName::Number(number) = property.name {
            values.push(8);
            unsigned(&mut values, u64::from(number));
            count += 1;
            standard = true;
        }
        for value in &property.values {
            self.value(&mut values, value);
        }
        Coded { standard, name: self.properties.number(name_of(property)), count, values }
    }

    fn value(&self, out: &mut Vec<u8>, value: &PropertyValue) {
        match value {
            PropertyValue::Real(v) => real(out, *v),
            PropertyValue::Unsigned(v) => {
                out.push(8);
                unsigned(out, *v);
            }
            PropertyValue::Signed(v) => {
                out.push(9);
                signed(out, *v);
            }
            PropertyValue::Bytes(bytes) if is_text(bytes) => {
                let printable = bytes.iter().all(|b| (0x20..0x7f).contains(b));
                out.push(if printable { 13 } else { 14 });
                unsigned(out, self.strings.number(bytes));
            }
            PropertyValue::Bytes(bytes) => {
                out.push(11);
                string(out, bytes);
            }
        }
    }
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

fn name_of(property: &Property) -> &[u8] {
    match &property.name {
        PropertyName::Number(_) => GDS_PROPERTY.as_bytes(),
        PropertyName::Text(name) => name.as_bytes(),
    }
}

/// Whether a property is one of the layout, not of the file that it came from.
fn is_of_layout(property: &Property) -> bool {
    let of_file = |name: &str| OF_FILES.binary_search(&name).is_ok();
    !property.standard || !matches!(&property.name, PropertyName::Text(name) if of_file(name))
}

/// Every property that is written.
fn all_properties(layout: &Layout) -> impl Iterator<Item = &Property> {
    let of_cells = layout.cells().iter().flat_map(|cell| {
        let shapes = cell.layers().flat_map(|(_, shapes)| shapes.iter().map(|s| s.properties));
        let texts = cell.texts.iter().map(|text| &text.properties);
        let instances = cell.instances.iter().map(|instance| &instance.properties);
        std::iter::once(&cell.properties).chain(shapes).chain(texts).chain(instances)
    });
    let all = std::iter::once(&layout.properties).chain(of_cells);
    all.flat_map(|p| p.iter().flat_map(|p| p.iter())).filter(|p| is_of_layout(p))
}

/// What a file says of itself: how wide its integers are, and its top cells.
pub(super) fn of_file(layout: &Layout) -> Vec<Property> {
    let mut far = 0;
    for cell in layout.cells() {
        for shape in cell.layers().flat_map(|(_, shapes)| shapes.iter()) {
            far = far.max(match shape.geometry {
                Geometry::Rect(r) => reach(&[r.min, r.max]),
                Geometry::Polygon(points) | Geometry::Path { spine: points, .. } => reach(points),
            });
        }
        let origins = cell.instances.iter().map(|i| reach(&[i.transform.origin]));
        far = origins.chain(cell.texts.iter().map(|t| reach(&[t.at]))).fold(far, u32::max);
    }
    let whole =
        |v: &PropertyValue| matches!(v, PropertyValue::Unsigned(_) | PropertyValue::Signed(_));
    if all_properties(layout).any(|property| property.values.iter().any(whole)) {
        far = u32::MAX;
    }
    // Steps between places within a quarter of the range fit in 32 bits, sign and all.
    let width = if far < 1 << 29 { 4 } else { 8 };
    let number = |name: &str, value: u64| of(name, PropertyValue::Unsigned(value));
    let mut all = vec![
        number("S_MAX_SIGNED_INTEGER_WIDTH", width),
        number("S_MAX_UNSIGNED_INTEGER_WIDTH", 8),
    ];
    let tops = layout.top_cells().iter().filter(|&&id| !is_leftover(layout, id));
    let tops = tops.filter_map(|&id| layout.cell(id));
    all.extend(tops.map(|c| of("S_TOP_CELL", PropertyValue::Bytes(c.name.as_bytes().into()))));
    all
}

fn of(name: &str, value: PropertyValue) -> Property {
    Property { name: PropertyName::Text(name.into()), values: vec![value], standard: true }
}

/// The largest size of any coordinate.
fn reach(points: &[Point]) -> u32 {
    points.iter().map(|p| p.x.unsigned_abs().max(p.y.unsigned_abs())).max().unwrap_or(0)
}
