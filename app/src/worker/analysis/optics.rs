//! Source and pupil of a recipe as pictures, and what is to be known of its kernels.

use std::sync::Arc;

use egui::{Color32, ColorImage};
use lithoscope_engine::imaging::Process;
use lithoscope_engine::opc::Recipe;
use lithoscope_engine::optics::{OpticalModel, OpticsError, SocsKernels};
use ndarray::Array2;

use crate::worker::light_colours;

/// Side of the pictures, pixels.
const SIDE: usize = 257;
/// Wavefront at the ends of the signed colours where less is there, waves.
const LEAST_WAVES: f32 = 0.05;

/// The optics of a recipe, to be looked at.
#[derive(Clone, Debug)]
pub struct OpticsPictures {
    /// Source and pupil; `None` where kernels are imported, which tell neither.
    pub lens: Option<LensPictures>,
    /// Names, values and what they mean.
    pub facts: Vec<(&'static str, String, &'static str)>,
}

/// Source and pupil over −1…1 of σ and of the NA, top row first.
#[derive(Clone, Debug)]
pub struct LensPictures {
    /// Brightness of the source; the brightest place is at the top of the colours.
    pub source: Arc<ColorImage>,
    /// Wavefront over the pupil, blue behind, red ahead.
    pub wavefront: Arc<ColorImage>,
    /// Wavefront at the ends of its colours, waves.
    pub waves: f32,
    /// Defocus that the wavefront includes, nm.
    pub defocus_nm: f64,
}

/// Pictures of the optics of a recipe at a defocus.
///
/// # Errors
/// A model out of range.
pub fn make(
    recipe: &Recipe,
    process: &Process,
    defocus_nm: f64,
) -> Result<OpticsPictures, OpticsError> {
    let model = recipe.optical_model();
    let lens = model.as_ref().map(|model| lens(model, defocus_nm)).transpose()?;
    Ok(OpticsPictures { lens, facts: facts(&process.focus) })
}

fn lens(model: &OpticalModel, defocus_nm: f64) -> Result<LensPictures, OpticsError> {
    let source = model.source_map(SIDE)?;
    let phase = model.pupil_map(SIDE, defocus_nm)?.phase_waves;
    let known = phase.iter().copied().filter(|w| w.is_finite());
    let waves = known.fold(LEAST_WAVES, |most: f32, w| most.max(w.abs()));
    let light = light_colours();
    let outside = |x: usize, y: usize| {
        let at = |i: usize| (2.0 * i as f64 + 1.0) / SIDE as f64 - 1.0;
        at(x).hypot(at(y)) > 1.0
    };
    Ok(LensPictures {
        source: Arc::new(picture(&source, |[y, x], v| {
            if outside(x, y) && v == 0.0 {
                Color32::TRANSPARENT
            } else {
                light[(v * 255.0).clamp(0.0, 255.0) as usize]
            }
        })),
        wavefront: Arc::new(picture(&phase, |_, v| signed(v / waves))),
        waves,
        defocus_nm,
    })
}

/// A picture whose first row is the top: y up becomes y down.
fn picture(values: &Array2<f32>, colour: impl Fn([usize; 2], f32) -> Color32) -> ColorImage {
    let (ny, nx) = values.dim();
    let rows = (0..ny).rev().flat_map(|y| (0..nx).map(move |x| [y, x]));
    let pixels = rows.map(|at| colour(at, values[at])).collect();
    ColorImage::new([nx, ny], pixels)
}

/// Blue for −1, nearly white for 0, red for 1; nothing for what is no number.
fn signed(share: f32) -> Color32 {
    if share.is_nan() {
        return Color32::TRANSPARENT;
    }
    let c = colorous::RED_BLUE.eval_continuous(f64::from(0.5 - 0.5 * share.clamp(-1.0, 1.0)));
    Color32::from_rgb(c.r, c.g, c.b)
}

fn facts(kernels: &SocsKernels) -> Vec<(&'static str, String, &'static str)> {
    let mut facts = vec![
        (
            "Kernels",
            kernels.weights.len().to_string(),
            "Coherent systems whose intensities add up to the image at best focus.",
        ),
        (
            "Bins",
            format!("{0} × {0}", 2 * kernels.half + 1),
            "Spatial frequencies of the mask that the lens lets through.",
        ),
        ("Field", format!("{} nm", kernels.period_nm), "The image repeats after this."),
        (
            "Clear field",
            format!("{:.4}", kernels.clear_field()),
            "Intensity of a mask without features.",
        ),
    ];
    if let Some(kept) = kernels.energy_kept {
        let kept = format!("{:.2} %", kept * 100.0);
        facts.push((
            "Energy kept",
            kept,
            "Share of the transmission cross-coefficients in these kernels.",
        ));
    }
    if let Some(bound) = kernels.intensity_bound {
        let bound = format!("≤ {bound:.4}");
        facts.push((
            "Image error",
            bound,
            "What the kernels left out can add anywhere to the image of any mask, of a clear field of 1.",
        ));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wavefront_is_blue_behind_and_red_ahead_and_nothing_outside() {
        let (behind, ahead) = (signed(-1.0), signed(1.0));
        assert!(behind.b() > behind.r() && ahead.r() > ahead.b());
        assert_eq!(signed(f32::NAN), Color32::TRANSPARENT);
    }

    #[test]
    fn the_source_fills_its_ring_and_leaves_the_middle_dark() {
        let model = OpticalModel::preset("immersion-annular").unwrap();
        let pictures = lens(&model, 0.0).unwrap();
        let at = |x: f32, y: f32| {
            let pixel = |v: f32| (f32::midpoint(v, 1.0) * SIDE as f32) as usize;
            pictures.source[(pixel(x), pixel(y))]
        };
        assert_ne!(at(0.8, 0.0), at(0.0, 0.0));
        assert_eq!(at(-0.99, -0.99), Color32::TRANSPARENT);
    }
}
