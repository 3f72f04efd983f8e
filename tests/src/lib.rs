//! Shared helpers of the whole-program tests and benchmarks.

use std::path::{Path, PathBuf};

/// A file or folder of the reference data: under `LITHOSCOPE_SHARED`, else `../shared` beside the
/// workspace. `None`, with the reason on standard error, where it is absent.
pub fn shared(relative: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LITHOSCOPE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let path = root.join(relative);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no reference data at {} (set LITHOSCOPE_SHARED)", path.display());
    None
}
