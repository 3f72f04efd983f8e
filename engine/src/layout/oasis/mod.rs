//! OASIS files (SEMI P39), read by our own reader.
//!
//! [`elements`] hands every record to a function, as a typed [`Element`] with modal variables and
//! deltas resolved and repetitions kept as they are; `read` makes a layout of them.
//!
//! No crate reads OASIS whole: records, compressed blocks and validation are ours, DEFLATE and
//! CRC-32 come from `flate2`.

mod block;
mod budget;
mod cells;
mod course;
mod directory;
mod draw;
mod element;
mod frame;
mod modal;
mod names;
mod notes;
mod parser;
mod parts;
mod points;
mod read;
mod records;
mod repetition;
mod resolve;
mod shapes;
mod stream;
mod tables;
mod trapezoid;
mod write;

pub use course::{Library, elements};
pub use element::{Element, Figure, Name, Value};
pub use names::Names;
pub use parser::Sink;
pub use repetition::Repetition;

pub(super) use frame::MAGIC;
pub(super) use read::read;
pub(super) use write::write;
