//! From a recipe to kernels.

use std::path::Path;

use super::{OpcError, Recipe};
use crate::geometry::Rect;
use crate::imaging::Process;

/// The kernels and corners a recipe asks for, for clips of this window (nm).
///
/// `kernels_dir` holds the contest kernels for recipes that import them; `cache_dir` is where
/// computed kernels are kept between runs.
///
/// # Errors
/// A missing or bad kernel file, or optics out of range.
pub fn load_process(
    recipe: &Recipe,
    window: Rect,
    kernels_dir: Option<&Path>,
    cache_dir: Option<&Path>,
) -> Result<Process, OpcError> {
    let _ = (window, kernels_dir, cache_dir);
    Err(OpcError::KernelsNeeded { recipe: recipe.name.clone() })
}
