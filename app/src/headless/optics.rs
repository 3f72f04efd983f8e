//! Pictures of a lens and its source.

use std::path::Path;

use anyhow::{Context as _, ensure};
use lithoscope_engine::imaging::Process;
use lithoscope_engine::optics::{OpticalModel, Source};

use super::pairs::{aerial_image, grey_image};
use super::picture::{Colours, map, png};
use crate::export;

/// Largest text map read, bytes.
const MAX_TEXT: u64 = 32 << 20;
/// Side of a picture, places.
const SIDE: usize = 401;

/// Writes `source.png` and `pupil.png`: the source over σ −1…1, and the wavefront over the pupil
/// at a defocus, ±½ wave from end to end of its colours, or as much as there is where it is more.
///
/// # Errors
/// A model out of range; a file that cannot be written.
pub fn write_optics(folder: &Path, model: &OpticalModel, defocus_nm: f64) -> anyhow::Result<()> {
    let source = model.source_map(SIDE)?;
    let picture = png(&map(&source, [0.0, 1.0], Colours::Inferno, 2))?;
    export::write_file(&folder.join("source.png"), &picture)?;
    let phase = model.pupil_map(SIDE, defocus_nm)?.phase_waves;
    let most =
        phase.iter().copied().filter(|w| w.is_finite()).fold(0.5, |a: f32, w| a.max(w.abs()));
    let picture = png(&map(&phase, [-most, most], Colours::Signed, 2))?;
    export::write_file(&folder.join("pupil.png"), &picture)
}

/// A source from a brightness map: `.png` (white is bright), `.npy` (float `[y, x]`, y up) or text.
///
/// # Errors
/// A file that cannot be read or is no map of a source.
pub fn source_map(file: &Path) -> anyhow::Result<Source> {
    let suffix = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let source = match suffix.as_str() {
        "png" => Source::from_map(&grey_image(file)?),
        "npy" => Source::from_map(&aerial_image(file)?),
        _ => {
            let size = std::fs::metadata(file).map_or(0, |m| m.len());
            ensure!(size <= MAX_TEXT, "{}: too large for a text map", file.display());
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            Source::parse_map(&text)
        }
    };
    source.with_context(|| file.display().to_string())
}

/// Writes the kernels of both focus settings as `.npy`.
///
/// # Errors
/// A file that cannot be written.
pub fn write_kernels(folder: &Path, process: &Process) -> anyhow::Result<()> {
    process.focus.write_npy(folder, "focus")?;
    process.defocus.write_npy(folder, "defocus")?;
    Ok(())
}
