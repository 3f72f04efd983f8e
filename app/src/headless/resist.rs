//! What a resist makes of an image: which pixels print, and how deep it is developed.

use anyhow::{bail, ensure};
use lithoscope_engine::opc::Recipe;
use lithoscope_engine::resist::volume::{Aerial, VolumeGrid};
use lithoscope_engine::resist::{DepthTable, Parameter, ResistModel, VerticalResist};
use ndarray::Array2;

use super::Developer;

/// Pixel of a three-dimensional resist at least, nm.
pub const VOLUME_PIXEL_NM: f64 = 4.0;
/// Height of its voxels, nm.
const VOLUME_DZ_NM: f64 = 2.0;

/// What became of the resist.
pub struct Print {
    /// Pixels that print: opened in a positive resist, kept in a negative one.
    pub printed: Array2<bool>,
    /// Developed depth, nm; `None` for thresholds, which have no film.
    pub depth_nm: Option<Array2<f32>>,
    /// Film thickness, nm; 0 for thresholds.
    pub thickness_nm: f64,
}

impl Print {
    /// Of a threshold.
    fn flat(printed: Array2<bool>) -> Self {
        Self { printed, depth_nm: None, thickness_nm: 0.0 }
    }
}

/// Prints an image (at dose 1) at a dose, by a resist or else the recipe's threshold; a film's depth
/// by the developer.
///
/// # Errors
/// A parameter out of range, or too many voxels.
pub fn print(
    recipe: &Recipe,
    resist: Option<&ResistModel>,
    image: &Array2<f32>,
    pixel_nm: f64,
    dose: f64,
    developer: &mut Developer,
) -> anyhow::Result<Print> {
    let exposed = image.mapv(|i| i * dose as f32);
    let Some(resist) = resist else {
        let bright = recipe.mask.features_are_brighter();
        let level = recipe.resist.threshold as f32;
        let printed = exposed.mapv(|i| (i >= level) == bright);
        return Ok(Print::flat(printed));
    };
    match resist {
        ResistModel::Threshold(_) | ResistModel::VariableThreshold(_) => {
            let printed = resist.printed(exposed.view(), pixel_nm)?;
            Ok(Print::flat(printed))
        }
        ResistModel::Vertical(vertical) => {
            let printed = resist.printed(exposed.view(), pixel_nm)?;
            let table = DepthTable::new(vertical)?;
            let image = resist.exposing(exposed.view(), pixel_nm)?;
            let mut depth = Array2::zeros(image.dim());
            developer.depth(&table, image.view(), depth.view_mut())?;
            let thickness_nm = vertical.thickness_nm;
            Ok(Print { printed, depth_nm: Some(depth), thickness_nm })
        }
        ResistModel::Volume(volume) => {
            ensure!(
                pixel_nm >= 0.999,
                "a resist in three dimensions needs pixels of 1 nm or more, not {pixel_nm}"
            );
            let grid = VolumeGrid { pixel_nm, dz_nm: VOLUME_DZ_NM };
            let aerial = Aerial::Image(exposed.view());
            let developed = developer.film(volume, &aerial, grid, &mut |_| true)?;
            let thickness = developed.thickness_nm as f32;
            let depth = developed.height_nm(developed.develop_s).mapv_into(|h| thickness - h);
            // The trench counts as open where less than half of the film is left.
            let printed = depth.mapv(|d| d > thickness / 2.0);
            let thickness_nm = developed.thickness_nm;
            Ok(Print { printed, depth_nm: Some(depth), thickness_nm })
        }
    }
}

/// The one intensity that prints at dose 1: that of a resist, else the recipe's threshold.
///
/// # Errors
/// No such resist; one whose print is no matter of one level.
pub fn print_level(recipe: &Recipe, resist: Option<&str>) -> anyhow::Result<f64> {
    let Some(name) = resist else { return Ok(recipe.resist.threshold) };
    match ResistModel::named(name)? {
        ResistModel::Threshold(threshold) => Ok(threshold.level),
        ResistModel::Vertical(vertical) if vertical.diffusion_nm == 0.0 => {
            match vertical.equivalent_level() {
                Some(level) => Ok(level),
                None => bail!("resist {name} prints at no intensity; change its dose or rates"),
            }
        }
        _ => bail!(
            "resist {name} prints at no single intensity: its neighbours count too. Take a threshold, or a vertical resist without diffusion"
        ),
    }
}

/// Where a fit of the diffusion length starts in a resist that has none, nm.
const FIRST_DIFFUSION_NM: f64 = 5.0;

/// The resist to start a calibration from: as it is, but with some diffusion where that is to be
/// fitted and there is none. A length is fitted by its logarithm and cannot grow from 0.
pub fn calibration_start(resist: VerticalResist, free: &[String]) -> VerticalResist {
    let fitted = free.iter().any(|name| name == Parameter::DiffusionNm.name());
    let none = resist.diffusion_nm == 0.0;
    let diffusion_nm = if fitted && none { FIRST_DIFFUSION_NM } else { resist.diffusion_nm };
    VerticalResist { diffusion_nm, ..resist }
}
