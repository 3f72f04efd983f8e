//! Layouts as files hold them: cells, layers, instances; and the clip that is cut from them.
//!
//! Compressed files are told apart from others and refused.

mod affine;
mod clip;
mod densest;
mod error;
mod flatten;
mod gds;
mod glp;
mod hierarchy;
pub mod lyp;
mod model;
pub mod oasis;
mod path;

use std::io::Read;
use std::path::Path;

pub use clip::Clip;
pub use error::LayoutError;
pub use gds::write_gds;
use model::tidy_unit_nm;
pub use model::{Array, Cell, CellId, Instance, Layer, Layout, Transform};

/// Largest file read, in bytes: a reader holds the file and what it makes of it in memory.
const LARGEST_FILE: u64 = 2 << 30;

/// Opens a layout file, telling the format by content: GDSII, OASIS or the contest's GLP text.
///
/// # Errors
/// [`LayoutError`] names the file, the byte offset (or line) and what was expected.
pub fn open(path: &Path) -> Result<Layout, LayoutError> {
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
    read_bytes(path, &bytes)
}

/// Reads a layout from the bytes of a file; `path` names it in messages, and its suffix decides
/// which reader explains what is wrong with bytes that look like no format at all.
///
/// # Errors
/// As [`open`], but for the access to the file.
pub fn read_bytes(path: &Path, bytes: &[u8]) -> Result<Layout, LayoutError> {
    let unsupported = |format| Err(LayoutError::Unsupported { path: path.to_path_buf(), format });
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let suffix = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if bytes.starts_with(oasis::MAGIC) {
        oasis::read(path, stem, bytes)
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        unsupported("gzip")
    } else if gds::looks_like_gds(bytes) {
        gds::read(path, stem, bytes)
    } else if glp::looks_like_glp(bytes) {
        glp::read(path, stem, bytes)
    } else {
        match suffix.as_str() {
            "gds" | "gds2" | "gdsii" => gds::read(path, stem, bytes),
            "oas" | "oasis" => oasis::read(path, stem, bytes),
            "glp" => glp::read(path, stem, bytes),
            _ => Err(LayoutError::UnknownFormat { path: path.to_path_buf() }),
        }
    }
}

#[cfg(test)]
mod tests;
