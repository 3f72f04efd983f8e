//! Layouts as files hold them: cells, layers, instances; and the clip that is cut from them.

mod affine;
mod cell;
mod clip;
mod densest;
mod error;
mod gds;
mod glp;
mod hierarchy;
mod layer;
pub mod lyp;
mod model;
pub mod oasis;
mod options;
mod path;
mod property;
mod query;
mod repetition;
mod save;
mod scatter;
mod shapes;
mod source;
mod write;

use std::path::Path;

pub use affine::{Affine, Bounds};
pub use cell::{Cell, CellId, Instance, Text, TextStyle, Transform};
pub use clip::Clip;
pub use error::LayoutError;
pub use gds::write_gds;
pub use layer::Layer;
pub use model::Layout;
use model::tidy_unit_nm;
use options::Losses;
pub use options::{Faults, Keep, Loss, Opened, Progress, ReadOptions};
pub use path::Ends;
pub use property::{Properties, Property, PropertyName, PropertyValue};
pub use query::{Found, Placement, Placements, Region, ShapesIn, Step};
pub use repetition::{Array, Repetition};
pub use shapes::{Full, Geometry, Shape, ShapeId, Shapes, ShapesNear};
pub use write::{Note, WriteOptions, Written, write};

/// Suffixes of the formats that are read.
const SUFFIXES: [&str; 6] = ["gds", "gds2", "gdsii", "oas", "oasis", "glp"];

/// Opens a layout file, telling the format by content: GDSII, OASIS or the contest's GLP text, each
/// also compressed by gzip.
///
/// # Errors
/// [`LayoutError`] names the file, the byte offset (or line) and what was expected.
pub fn open(path: &Path) -> Result<Layout, LayoutError> {
    open_with(path, &ReadOptions::default()).map(|opened| opened.layout)
}

/// Opens a layout file as `options` say. Large files are mapped rather than read, so none is too
/// large by itself.
///
/// # Errors
/// As [`open`]; also [`LayoutError::Cancelled`].
pub fn open_with(path: &Path, options: &ReadOptions) -> Result<Opened, LayoutError> {
    let source = source::bytes_of(path)?;
    if source::is_gzip(&source) {
        let inflated = source::inflated(path, &source, options)?;
        drop(source);
        return read_plain(path, &inflated, options);
    }
    read_plain(path, &source, options)
}

/// Reads a layout from the bytes of a file; `path` names it in messages, and its suffix decides
/// which reader explains what is wrong with bytes that look like no format at all.
///
/// # Errors
/// As [`open`], but for the access to the file.
pub fn read_bytes(path: &Path, bytes: &[u8]) -> Result<Layout, LayoutError> {
    read_with(path, bytes, &ReadOptions::default()).map(|opened| opened.layout)
}

/// Reads a layout from the bytes of a file as `options` say.
///
/// # Errors
/// As [`open_with`], but for the access to the file.
pub fn read_with(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Opened, LayoutError> {
    if source::is_gzip(bytes) {
        return read_plain(path, &source::inflated(path, bytes, options)?, options);
    }
    read_plain(path, bytes, options)
}

fn read_plain(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Opened, LayoutError> {
    if bytes.starts_with(oasis::MAGIC) {
        oasis::read(path, bytes, options)
    } else if gds::looks_like_gds(bytes) {
        gds::read(path, bytes, options)
    } else if glp::looks_like_glp(bytes) {
        glp::read(path, bytes, options)
    } else {
        match suffix(without_gz(path)).as_str() {
            "gds" | "gds2" | "gdsii" => gds::read(path, bytes, options),
            "oas" | "oasis" => oasis::read(path, bytes, options),
            "glp" => glp::read(path, bytes, options),
            _ => Err(LayoutError::UnknownFormat { path: path.to_path_buf() }),
        }
    }
}

fn suffix(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// A file's name less the suffix that says it is compressed.
fn without_gz(path: &Path) -> &Path {
    let name = || path.file_stem().map(Path::new);
    if suffix(path) == "gz" { name().unwrap_or(path) } else { path }
}

/// The name a layout gets from its file: `chip` of `chip.gds` and of `chip.gds.gz`.
fn stem(path: &Path) -> String {
    let inner = without_gz(path);
    // Of `top.v2.gz` nothing but the outer suffix is one.
    let whole = inner != path && !SUFFIXES.contains(&suffix(inner).as_str());
    let name = if whole { inner.file_name() } else { inner.file_stem() };
    name.unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod query_tests;
#[cfg(test)]
mod tests;
