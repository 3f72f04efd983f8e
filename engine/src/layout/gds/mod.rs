//! GDSII stream files.
//!
//! Both reading and writing are our own. Of `gds21`'s reader (3.0.0-pre.2): it panics
//! on a zero-length string, reserves room for 1024 elements a cell (a file of many small cells
//! takes hundreds of times its size), refuses names that are not UTF-8 and legal records (`STRCLASS`,
//! `REFLIBS`, `FONTS`, `ATTRTABLE`, `GENERATIONS`, `FORMAT`, boxes of four points), lets a second
//! `XY` record replace the first, where it should continue it, and names no offset in most errors.
//! `write` says why not its writer.
//!
//! A scan over record heads finds the structures, which are read in parallel and then linked; all
//! results, and the first error, are those of reading from front to back.

mod element;
mod intern;
mod link;
mod read;
mod records;
mod scan;
mod structure;
mod tally;
mod write;

pub(super) use read::{looks_like_gds, read};
pub use write::write_gds;
pub(super) use write::{hole_free, write};
