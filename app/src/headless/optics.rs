//! Pictures of a lens and its source.

use std::path::Path;

use lithoscope_engine::optics::OpticalModel;

use super::picture::{Colours, map, png};
use crate::export;

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
