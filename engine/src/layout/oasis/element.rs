//! What an OASIS file says, one record at a time, modal variables and deltas resolved.

use super::Repetition;

/// A name as a record gives it: spelled out, or the number of an entry of a name table, which may
/// follow anywhere in the file ([`super::Names`] resolves it).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// Reference number.
    Number(u64),
    /// The name itself.
    Text(String),
}

impl Default for Name {
    /// The empty name.
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// One record of a file. Lengths and coordinates are database units; they fit in 41 bits, and it is
/// for whoever takes the element to judge whether the places it comes to fit in a layout.
#[derive(Clone, Debug, PartialEq)]
pub enum Element<'e> {
    /// A cell begins; what follows is in it until the next one.
    Cell {
        /// Its name.
        name: &'e Name,
        /// Offset in the file of the record, or of the `CBLOCK` that it is in.
        offset: u64,
    },
    /// An instance of a cell: mirror about x, magnify, rotate, move.
    Placement {
        /// The cell placed.
        cell: &'e Name,
        /// Where its origin comes to.
        at: [i64; 2],
        /// Mirror about the x axis first.
        mirror_x: bool,
        /// Magnification, > 0.
        magnification: f64,
        /// Counter-clockwise rotation in degrees.
        angle_deg: f64,
        /// Where the copies are; `None` for one alone.
        repetition: Option<&'e Repetition>,
    },
    /// A text label.
    Text {
        /// What it says.
        string: &'e Name,
        /// Text layer.
        layer: u32,
        /// Text type.
        texttype: u32,
        /// Where.
        at: [i64; 2],
        /// Where the copies are.
        repetition: Option<&'e Repetition>,
    },
    /// A shape.
    Shape {
        /// Layer number.
        layer: u32,
        /// Datatype.
        datatype: u32,
        /// Where the origin of the figure comes to.
        at: [i64; 2],
        /// The shape itself.
        figure: Figure<'e>,
        /// Where the copies are.
        repetition: Option<&'e Repetition>,
    },
    /// A property of the record before it.
    Property {
        /// Its name.
        name: &'e Name,
        /// Its values.
        values: &'e [Value],
        /// Whether the name is one of the standard's own.
        standard: bool,
    },
    /// An entry of the table of cell names; properties that follow are the cell's.
    CellName {
        /// The name.
        name: &'e str,
    },
    /// An entry of another table.
    OtherName,
    /// A name for layers.
    LayerName {
        /// The name.
        name: &'e str,
        /// First and last layer it stands for.
        layers: [u64; 2],
        /// First and last datatype (texttype).
        datatypes: [u64; 2],
        /// Whether it names the layers of texts.
        of_texts: bool,
    },
    /// Data of a program's own, in a cell or between cells.
    Extension {
        /// What kind of data; the meaning is the program's.
        attribute: u64,
        /// The data.
        data: &'e [u8],
    },
    /// A shape that the standard does not know.
    ExtensionShape {
        /// What kind of shape; the meaning is the program's.
        attribute: u64,
        /// Layer number.
        layer: u32,
        /// Datatype.
        datatype: u32,
        /// The data.
        data: &'e [u8],
        /// Where.
        at: [i64; 2],
        /// Where the copies are.
        repetition: Option<&'e Repetition>,
    },
}

/// A shape relative to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure<'e> {
    /// From the origin to (width, height).
    Rectangle {
        /// Size along x.
        width: i64,
        /// Size along y.
        height: i64,
    },
    /// A ring without its closing point; the first point is the origin.
    Polygon(&'e [[i64; 2]]),
    /// A trapezoid or triangle: a ring in the box from the origin to (width, height).
    Trapezoid(&'e [[i64; 2]]),
    /// A path along a spine whose first point is the origin.
    Path {
        /// The spine.
        points: &'e [[i64; 2]],
        /// Half the width.
        half_width: i64,
        /// Length beyond the first point; negative ones shorten the path.
        begin: i64,
        /// Length beyond the last point.
        end: i64,
    },
    /// A disc about the origin.
    Circle {
        /// Its radius.
        radius: i64,
    },
}

/// A value of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A real number.
    Real(f64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A string of any of the three kinds.
    Text(Vec<u8>),
    /// A string of any of the three kinds, by number of its entry in the table of property strings.
    TextNumber(u64),
}
