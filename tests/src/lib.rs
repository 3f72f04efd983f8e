//! Shared helpers of the whole-program tests and benchmarks.

pub mod files;
mod graphics;
mod program;
mod random;

use std::path::{Path, PathBuf};

pub use graphics::has_vulkan;
pub use program::{Run, ended, lithoscope, lithoscope_in, start_in};
pub use random::Random;

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

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One of the project's own samples, like `dense_metal_tile.gds`.
pub fn sample(name: &str) -> PathBuf {
    workspace().join("samples").join(name)
}

/// A contest-style GLP text of rectangles `[x, y, width, height]`, nm.
pub fn glp(rectangles: &[[i32; 4]]) -> String {
    let lines = rectangles.iter().map(|[x, y, w, h]| format!("   RECT N M1  {x} {y} {w} {h}\n"));
    let shapes: Vec<String> = lines.collect();
    glp_of(&shapes.concat())
}

/// A contest-style GLP text of shape lines as they stand.
pub fn glp_of(shapes: &str) -> String {
    format!(
        "BEGIN     /* test clip */\nEQUIV  1  1000  MICRON  +X,+Y\nCNAME U\nLEVEL M1\n\nCELL U PRIME\n{shapes}ENDMSG\n"
    )
}
