//! Checks of a recipe: every number by the registry, then what must hold between them.

use super::{Corner, KernelSource, PARAMETERS, Recipe, STAGE_PARAMETERS, Stage};
use crate::imaging::SpectrumForm;
use crate::optics::OpticalModel;

/// Iterations a whole schedule may have.
const MAX_STEPS: usize = 20_000;
/// Stages a schedule may have.
const MAX_STAGES: usize = 100;
/// Largest field of imported kernels, nm.
const MAX_PERIOD_NM: f64 = 16_384.0;

/// Corners a list may have; each costs an evaluation of every pixel.
const MAX_CORNERS: usize = 16;
/// Focuses, beside the best one, that a list may have; each costs as much as an image.
const MAX_FOCUSES: usize = 6;

/// The first thing wrong with a recipe, in words.
pub(super) fn check(recipe: &Recipe) -> Result<(), String> {
    for parameter in PARAMETERS {
        let value = (parameter.get)(recipe);
        if !parameter.allows(value) {
            return Err(refusal(parameter.path, value, &parameter.range()));
        }
    }
    check_optics(recipe)?;
    check_corners(&recipe.corners.list)?;
    check_schedule(&recipe.optimiser.stages)?;
    check_pairs(recipe)
}

/// The common form of a refused number.
fn refusal(path: &str, value: f64, range: &str) -> String {
    format!("{path} = {value}: must be {range}")
}

/// What must hold between two numbers.
fn check_pairs(recipe: &Recipe) -> Result<(), String> {
    let optimiser = &recipe.optimiser;
    if optimiser.initial_offset_nm.abs() > optimiser.max_offset_nm {
        return Err(format!(
            "optimiser.initial_offset_nm = {}: must not be beyond optimiser.max_offset_nm = {} nm",
            optimiser.initial_offset_nm, optimiser.max_offset_nm
        ));
    }
    let bias = &recipe.bias;
    if bias.dense_below_nm > bias.isolated_above_nm {
        return Err(format!(
            "bias.dense_below_nm = {}: must not be above bias.isolated_above_nm = {} nm",
            bias.dense_below_nm, bias.isolated_above_nm
        ));
    }
    let fragments = &recipe.fragments;
    if fragments.whole_below_nm < 2.0 * fragments.corner_nm {
        return Err(format!(
            "fragments.whole_below_nm = {}: must be at least twice fragments.corner_nm = {} nm, so that a cut edge holds two corner fragments",
            fragments.whole_below_nm, fragments.corner_nm
        ));
    }
    Ok(())
}

/// Every number of every stage, and the length of the whole.
fn check_schedule(stages: &[Stage]) -> Result<(), String> {
    if stages.is_empty() {
        return Err("optimiser.stages is empty: at least one stage is needed".into());
    }
    if stages.len() > MAX_STAGES {
        return Err(format!("optimiser.stages: {} stages, at most {MAX_STAGES}", stages.len()));
    }
    for (index, stage) in stages.iter().enumerate() {
        for parameter in STAGE_PARAMETERS {
            let value = (parameter.get)(stage);
            if !parameter.allows(value) {
                let path = format!("optimiser.stages.{index}.{}", parameter.path);
                return Err(refusal(&path, value, &parameter.range()));
            }
        }
    }
    let steps: usize = stages.iter().map(|stage| stage.steps).sum();
    if steps > MAX_STEPS {
        return Err(format!("optimiser.stages: {steps} steps in all, at most {MAX_STEPS}"));
    }
    Ok(())
}

/// Every number of a list of corners, and its length.
fn check_corners(list: &[Corner]) -> Result<(), String> {
    if list.len() > MAX_CORNERS {
        return Err(format!("corners.list: {} corners, at most {MAX_CORNERS}", list.len()));
    }
    for (index, corner) in list.iter().enumerate() {
        for (name, value, [min, max], unit) in [
            ("dose", corner.dose, [0.5, 2.0], ""),
            ("focus_nm", corner.focus_nm, [-1000.0, 1000.0], " nm"),
            ("weight", corner.weight, [0.0, 100.0], ""),
        ] {
            if !(min..=max).contains(&value) {
                let path = format!("corners.list.{index}.{name}");
                return Err(refusal(&path, value, &format!("{min} to {max}{unit}")));
            }
        }
    }
    let mut focuses: Vec<f64> = list.iter().map(|c| c.focus_nm).filter(|z| *z != 0.0).collect();
    focuses.sort_by(f64::total_cmp);
    focuses.dedup();
    if focuses.len() > MAX_FOCUSES {
        let count = focuses.len();
        return Err(format!(
            "corners.list: {count} focuses beside best focus, at most {MAX_FOCUSES}"
        ));
    }
    Ok(())
}

/// The kernel source, and the spectrum form that goes with it.
fn check_optics(recipe: &Recipe) -> Result<(), String> {
    match &recipe.optics.kernels {
        KernelSource::Imported { period_nm } => {
            if !(1.0..=MAX_PERIOD_NM).contains(period_nm) {
                let range = format!("1 to {MAX_PERIOD_NM} nm");
                return Err(refusal("optics.period_nm", *period_nm, &range));
            }
            if recipe.optics.spectrum == SpectrumForm::PixelSums && period_nm.fract() != 0.0 {
                return Err(format!(
                    "optics.spectrum = \"pixel-sums\" needs a whole number of 1 nm pixels, but optics.period_nm = {period_nm}"
                ));
            }
            Ok(())
        }
        KernelSource::Preset { preset } => match OpticalModel::preset(preset) {
            Some(_) => Ok(()),
            None => Err(format!(
                "optics.preset = \"{preset}\": no such preset; known: {}",
                OpticalModel::preset_names().collect::<Vec<_>>().join(", ")
            )),
        },
        KernelSource::Model { .. } => Ok(()),
    }
}
