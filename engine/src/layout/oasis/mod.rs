//! OASIS files (SEMI P39), read by our own reader.
//!
//! [`elements`] hands every record to a function, as a typed [`Element`] with modal variables and
//! deltas resolved and repetitions kept as they are; `read` makes a layout of them.
//!
//! No crate reads OASIS whole: records, compressed blocks and validation are ours, DEFLATE and
//! CRC-32 come from `flate2`.

mod block;
mod element;
mod frame;
mod modal;
mod names;
mod parser;
mod points;
mod read;
mod records;
mod repetition;
mod shapes;
mod stream;
mod trapezoid;
mod write;

pub use element::{Element, Figure, Name, Value};
pub use names::Names;
pub use parser::{Library, Sink, elements};
pub use repetition::Repetition;

pub(super) use frame::MAGIC;
pub(super) use read::read;
pub(super) use write::write;
