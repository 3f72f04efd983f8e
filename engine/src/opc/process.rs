//! From a recipe to kernels.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Corner, KernelSource, OpcError, Recipe};
use crate::geometry::Rect;
use crate::imaging::{CornerList, ImagingError, Process, ProcessCorner};
use crate::optics::SocsKernels;

/// Side of the contest's canvas, nm: its shapes are centred with room about them, so the canvas
/// itself is the period.
const CONTEST_CANVAS_NM: i32 = 2048;
/// Period of a computed field for clips that fit it, nm.
const USUAL_PERIOD_NM: i64 = 2048;
/// Room about a clip on every side, nm: beyond it the periodic images are not felt (about two
/// λ/NA at 193 nm and NA 0.8).
const MARGIN_NM: i64 = 500;
/// Larger periods come in these steps, so that clips of like size share cached kernels, nm.
const PERIOD_STEP_NM: i64 = 256;
/// Largest period kernels are computed for, nm; their number grows with its square.
const LARGEST_PERIOD_NM: i64 = 8192;

/// The kernels and corners a recipe asks for, for clips of this window (nm).
///
/// `kernels_dir` holds the contest kernels for recipes that import them; `cache_dir` is where
/// computed kernels are kept between runs.
///
/// # Errors
/// A missing or bad kernel file, optics out of range, or a clip too large for computed optics.
pub fn load_process(
    recipe: &Recipe,
    window: Rect,
    kernels_dir: Option<&Path>,
    cache_dir: Option<&Path>,
) -> Result<Process, OpcError> {
    recipe.validate()?;
    let corners = recipe.corners.all();
    let mut focuses = vec![0.0];
    for corner in &corners {
        if !focuses.contains(&corner.focus_nm) {
            focuses.push(corner.focus_nm);
        }
    }
    if is_pair(&corners) && focuses.len() == 1 {
        // The inner corner at best focus too: two sets, as imaging of the pair expects.
        focuses.push(0.0);
    }
    let sets: Vec<Arc<SocsKernels>> = match &recipe.optics.kernels {
        KernelSource::Imported { period_nm } if recipe.corners.list.is_empty() => {
            imported(folder_of(recipe, kernels_dir)?, *period_nm)?.to_vec()
        }
        _ => {
            let sets = load_focuses(recipe, window, &focuses, kernels_dir, cache_dir)?;
            sets.into_iter().map(|(_, set)| set).collect()
        }
    };
    let set_of = |corner: &Corner| focuses.iter().position(|z| *z == corner.focus_nm).unwrap_or(0);
    let by_dose = |a: &&Corner, b: &&Corner| {
        a.dose.total_cmp(&b.dose).then(b.focus_nm.abs().total_cmp(&a.focus_nm.abs()))
    };
    let (outer, inner) = (corners.iter().max_by(by_dose), corners.iter().min_by(by_dose));
    let list = (!recipe.corners.list.is_empty() && !is_pair(&corners)).then(|| CornerList {
        sets: sets.clone(),
        corners: corners
            .iter()
            .map(|c| ProcessCorner { set: set_of(c), dose: c.dose as f32, weight: c.weight as f32 })
            .collect(),
        inner_set: inner.map_or(0, set_of),
    });
    let (inner_set, doses) = match &list {
        Some(list) => (list.inner_set, [outer, inner].map(|c| c.map_or(1.0, |c| c.dose))),
        None => (1, [corners[0].dose, corners[1].dose]),
    };
    Ok(Process {
        focus: Arc::clone(&sets[0]),
        defocus: Arc::clone(&sets[inner_set]),
        form: recipe.optics.spectrum,
        tone: recipe.mask,
        threshold: recipe.resist.threshold as f32,
        outer_dose: doses[0] as f32,
        inner_dose: doses[1] as f32,
        list,
    })
}

/// Whether these are an outer corner at best focus and an inner one, weighed as the contest's: for
/// them imaging has a faster form of the same loss.
fn is_pair(corners: &[Corner]) -> bool {
    matches!(corners, [outer, inner] if outer.focus_nm == 0.0
        && outer.dose >= 1.0 && inner.dose <= 1.0
        && [outer.weight, inner.weight] == [0.5; 2])
}

/// The kernels of a recipe at several focuses, for clips of this window (nm), each with its
/// defocus in nm, in the order asked for.
///
/// Computed optics know any focus; imported kernels only best focus (0) and the recipe's corner.
/// The folders are those of [`load_process`].
///
/// # Errors
/// As [`load_process`]; a focus that imported kernels do not have.
pub fn load_focuses(
    recipe: &Recipe,
    window: Rect,
    defocus_nm: &[f64],
    kernels_dir: Option<&Path>,
    cache_dir: Option<&Path>,
) -> Result<Vec<(f64, Arc<SocsKernels>)>, OpcError> {
    recipe.validate()?;
    if let Some(model) = recipe.optical_model() {
        let period = field_period(window)?;
        let kernels = |&z: &f64| Ok((z, Arc::new(model.kernels_cached(period, z, cache_dir)?)));
        return defocus_nm.par_iter().map(kernels).collect();
    }
    let KernelSource::Imported { period_nm } = recipe.optics.kernels else {
        return Err(OpcError::Recipe {
            name: recipe.name.clone(),
            reason: "optics.preset: no such preset".to_owned(),
        });
    };
    let sets = imported(folder_of(recipe, kernels_dir)?, period_nm)?;
    let corner_nm = recipe.corners.defocus_nm;
    let known = |&z: &f64| match z {
        0.0 => Ok((z, Arc::clone(&sets[0]))),
        _ if z == corner_nm => Ok((z, Arc::clone(&sets[1]))),
        _ => Err(OpcError::FocusUnknown { recipe: recipe.name.clone(), defocus_nm: z, corner_nm }),
    };
    defocus_nm.iter().map(known).collect()
}

/// Both kernel sets from the four files of the contest.
fn imported(folder: &Path, period_nm: f64) -> Result<[Arc<SocsKernels>; 2], OpcError> {
    let read = |focus: &str| {
        SocsKernels::from_npy(
            &folder.join(format!("kernels_{focus}.npy")),
            &folder.join(format!("scales_{focus}.npy")),
            period_nm,
        )
    };
    Ok([Arc::new(read("focus")?), Arc::new(read("defocus")?)])
}

/// The folder that a recipe's kernels are in.
fn folder_of<'a>(recipe: &Recipe, given: Option<&'a Path>) -> Result<&'a Path, OpcError> {
    given.ok_or_else(|| OpcError::KernelsNeeded { recipe: recipe.name.clone() })
}

/// Period of a computed field for clips of this window, nm.
fn field_period(window: Rect) -> Result<f64, OpcError> {
    let (width, height) = (window.width(), window.height());
    if window == Rect::new(0, 0, CONTEST_CANVAS_NM, CONTEST_CANVAS_NM) {
        return Ok(f64::from(CONTEST_CANVAS_NM));
    }
    let needed = width.max(height) + 2 * MARGIN_NM;
    let steps = (needed.max(USUAL_PERIOD_NM) + PERIOD_STEP_NM - 1) / PERIOD_STEP_NM;
    let period = steps * PERIOD_STEP_NM;
    if period > LARGEST_PERIOD_NM {
        let period = (LARGEST_PERIOD_NM - 2 * MARGIN_NM) as f64;
        return Err(ImagingError::FieldTooSmall { width, height, period }.into());
    }
    Ok(period as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_leaves_a_margin_about_the_clip() {
        for side in [1, 500, 1048, 1049, 2000, 2048, 5000, 7192] {
            let period = field_period(Rect::new(-7, 3, side - 7, 10)).unwrap();
            assert!(period >= f64::from(side) + 1000.0, "{side}: {period}");
            assert!(period < f64::from(side) + 1256.0 || period == 2048.0, "{side}: {period}");
            assert_eq!(period % 256.0, 0.0);
        }
    }

    #[test]
    fn the_contest_canvas_is_its_own_period() {
        assert_eq!(field_period(Rect::new(0, 0, 2048, 2048)).unwrap(), 2048.0);
    }

    #[test]
    fn a_clip_too_large_for_computed_optics_is_refused() {
        let message = field_period(Rect::new(0, 0, 7200, 100)).unwrap_err().to_string();
        assert!(message.contains("7200") && message.contains("smaller clip"), "{message}");
        assert!(field_period(Rect::new(i32::MIN, 0, i32::MAX, 1)).is_err());
    }

    #[test]
    fn imported_kernels_without_a_folder_ask_for_one() {
        let recipe = Recipe::named("iccad13-no-sraf").unwrap();
        let error = load_process(&recipe, Rect::new(0, 0, 2048, 2048), None, None).unwrap_err();
        assert!(error.to_string().contains("--kernels DIR"), "{error}");
    }

    #[test]
    fn a_missing_kernel_file_is_named() {
        let recipe = Recipe::named("iccad13-no-sraf").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let window = Rect::new(0, 0, 2048, 2048);
        let error = load_process(&recipe, window, Some(folder.path()), None).unwrap_err();
        assert!(error.to_string().contains("kernels_focus.npy"), "{error}");
    }
}
