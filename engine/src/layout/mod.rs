//! Layouts as files hold them: cells, layers, instances; and the clip that is cut from them.
//!
//! Compressed files are told apart from others and refused.

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
mod scatter;
mod shapes;

use std::io::Read;
use std::path::Path;

pub use affine::{Affine, Bounds};
pub use cell::{Cell, CellId, Instance, Text, TextStyle, Transform};
pub use clip::Clip;
pub use error::LayoutError;
pub use gds::write_gds;
pub use layer::Layer;
pub use model::Layout;
use model::tidy_unit_nm;
pub use options::{Faults, Keep, Loss, Opened, Progress, ReadOptions};
pub use path::Ends;
pub use property::{Properties, Property, PropertyName, PropertyValue};
pub use query::{Found, Placement, Placements, Region, ShapesIn, Step};
pub use repetition::{Array, Repetition};
pub use shapes::{Full, Geometry, Shape, ShapeId, Shapes, ShapesNear};

/// Largest file read, in bytes: a reader holds the file and what it makes of it in memory.
const LARGEST_FILE: u64 = 2 << 30;

/// Opens a layout file, telling the format by content: GDSII, OASIS or the contest's GLP text.
///
/// # Errors
/// [`LayoutError`] names the file, the byte offset (or line) and what was expected.
pub fn open(path: &Path) -> Result<Layout, LayoutError> {
    open_with(path, &ReadOptions::default()).map(|opened| opened.layout)
}

/// Opens a layout file as `options` say.
///
/// # Errors
/// As [`open`]; also [`LayoutError::Cancelled`].
pub fn open_with(path: &Path, options: &ReadOptions) -> Result<Opened, LayoutError> {
    let io = |source| LayoutError::Io { path: path.to_path_buf(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let too_large =
        |bytes| Err(LayoutError::TooLarge { path: path.to_path_buf(), bytes, limit: LARGEST_FILE });
    let size = file.metadata().map_err(io)?.len();
    if size > LARGEST_FILE {
        return too_large(size);
    }
    // A pipe or a growing file has no size to trust, so the reading itself is bounded too.
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return too_large(bytes.len() as u64);
    }
    read_with(path, &bytes, options)
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
    let unsupported = |format| Err(LayoutError::Unsupported { path: path.to_path_buf(), format });
    let suffix = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if bytes.starts_with(oasis::MAGIC) {
        oasis::read(path, bytes, options)
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        unsupported("gzip")
    } else if gds::looks_like_gds(bytes) {
        gds::read(path, bytes, options)
    } else if glp::looks_like_glp(bytes) {
        glp::read(path, bytes, options)
    } else {
        match suffix.as_str() {
            "gds" | "gds2" | "gdsii" => gds::read(path, bytes, options),
            "oas" | "oasis" => oasis::read(path, bytes, options),
            "glp" => glp::read(path, bytes, options),
            _ => Err(LayoutError::UnknownFormat { path: path.to_path_buf() }),
        }
    }
}

/// The name a layout gets from its file.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod query_tests;
#[cfg(test)]
mod tests;
