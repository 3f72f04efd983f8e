//! What a resist makes of light: what prints, and how deep it is developed.

use lithoscope_engine::imaging::{Grid, contours};
use lithoscope_engine::resist::{
    DepthTable, ResistError, ResistModel, Threshold, VariableThreshold, VerticalResist,
};
use ndarray::Array2;

use super::Conditions;

/// What prints of an image at dose 1.
pub struct Print {
    /// Outlines of what prints, nm.
    pub contours: Vec<Vec<[f32; 2]>>,
    /// The intensity that prints just so, where it is the same everywhere.
    pub level: Option<f32>,
    /// How deep the resist is developed, where it has a film.
    pub depth: Option<Depth>,
}

/// How deep a film is developed.
pub struct Depth {
    /// From the top of the film, nm, `[y, x]`.
    pub nm: Array2<f32>,
    /// Thickness of the film, nm.
    pub thickness_nm: f32,
    /// What gives it by the intensity of the same pixel, where its neighbours do not count.
    pub table: Option<DepthTable>,
}

/// The resist of these conditions, with the dose in its own numbers: what it makes of an image at
/// dose 1. A resist that is computed in three dimensions is so along cut lines only; elsewhere the
/// recipe's threshold stands for it.
pub fn model(conditions: &Conditions, of_recipe: f32) -> ResistModel {
    let threshold = |level: f64| Threshold { level: level / conditions.dose };
    match conditions.resist.model() {
        Some(ResistModel::Threshold(t)) => ResistModel::Threshold(threshold(t.level)),
        Some(ResistModel::VariableThreshold(t)) => {
            let base = t.base / conditions.dose;
            ResistModel::VariableThreshold(VariableThreshold { base, ..*t })
        }
        Some(ResistModel::Vertical(r)) => {
            ResistModel::Vertical(VerticalResist { dose: r.dose * conditions.dose, ..*r })
        }
        _ => ResistModel::Threshold(threshold(f64::from(of_recipe))),
    }
}

/// The intensity that prints just so, where it is the same everywhere; infinite where none does.
pub fn level(model: &ResistModel) -> Option<f32> {
    match model {
        ResistModel::Threshold(threshold) => Some(threshold.level as f32),
        ResistModel::Vertical(resist) if resist.diffusion_nm == 0.0 => {
            Some(resist.equivalent_level().map_or(f32::INFINITY, |level| level as f32))
        }
        _ => None,
    }
}

/// What a model makes of an image at dose 1 on a grid.
pub fn print(model: &ResistModel, intensity: &Array2<f32>, grid: &Grid) -> Print {
    let level = level(model);
    let margin = || model.margin(intensity.view(), grid.pixel_nm);
    let contours = match level {
        Some(level) => contours(intensity, grid, level),
        None => margin().map(|m| contours(&m, grid, 0.0)).unwrap_or_default(),
    };
    let depth = match model {
        ResistModel::Vertical(resist) => depth(resist, margin, intensity).ok(),
        _ => None,
    };
    Print { contours, level, depth }
}

fn depth(
    resist: &VerticalResist,
    margin: impl Fn() -> Result<Array2<f32>, ResistError>,
    intensity: &Array2<f32>,
) -> Result<Depth, ResistError> {
    let table = DepthTable::new(resist)?;
    let mut nm = Array2::zeros(intensity.dim());
    let blurred = resist.equivalent_level().filter(|_| resist.diffusion_nm > 0.0);
    match blurred {
        // The margin is what diffusion leaves of the image, less the level.
        Some(level) => table.apply((margin()? + level as f32).view(), nm.view_mut())?,
        None => table.apply(intensity.view(), nm.view_mut())?,
    }
    let thickness_nm = resist.thickness_nm as f32;
    Ok(Depth { nm, thickness_nm, table: blurred.is_none().then_some(table) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::worker::Resist;

    fn at(dose: f64, model: &ResistModel) -> ResistModel {
        let resist = Resist::Model { name: String::new(), model: Arc::new(model.clone()) };
        super::model(&Conditions { dose, resist, ..Conditions::default() }, 0.25)
    }

    /// An image with a bright line, darker above.
    fn image() -> Array2<f32> {
        Array2::from_shape_fn((40, 60), |(y, x)| {
            let across = (x as f32 - 30.0) / 8.0;
            (1.0 - 0.01 * y as f32) * (-across * across).exp()
        })
    }

    #[test]
    fn a_higher_dose_is_the_same_as_a_brighter_image() {
        let bright = image().mapv(|i| i * 1.2);
        let variable = VariableThreshold { base: 0.15, gain: 0.1, radius_nm: 20.0 };
        for model in [
            ResistModel::Threshold(Threshold { level: 0.3 }),
            ResistModel::VariableThreshold(variable),
            ResistModel::preset("torchresist-iccad13").unwrap(),
            ResistModel::preset("generic-car").unwrap(),
        ] {
            let more = at(1.2, &model).printed(image().view(), 4.0).unwrap();
            let brighter = at(1.0, &model).printed(bright.view(), 4.0).unwrap();
            let differ = more.iter().zip(&brighter).filter(|(a, b)| a != b).count();
            assert!(differ <= 2, "{model:?}: {differ} pixels");
            // The dose matters at all.
            assert_ne!(more, at(1.0, &model).printed(image().view(), 4.0).unwrap());
        }
    }

    #[test]
    fn the_recipe_prints_at_its_threshold_over_the_dose() {
        let conditions = Conditions { dose: 1.25, ..Conditions::default() };
        assert_eq!(level(&model(&conditions, 0.25)), Some(0.2));
    }

    #[test]
    fn contours_lie_where_depth_passes_the_depth_that_prints() {
        let grid = Grid { origin_nm: [0.0, 0.0], pixel_nm: 4.0, nx: 60, ny: 40 };
        for name in ["torchresist-iccad13", "generic-car"] {
            let model = ResistModel::preset(name).unwrap();
            let ResistModel::Vertical(resist) = model else { panic!("{name} has a film") };
            let print = print(&ResistModel::Vertical(resist), &image(), &grid);
            let depth = print.depth.unwrap().nm;
            let printed = ResistModel::Vertical(resist).printed(image().view(), 4.0).unwrap();
            for (deep, printed) in depth.iter().zip(&printed) {
                let past = f64::from(*deep) - resist.threshold_nm;
                assert!(past.abs() < 0.05 || (past > 0.0) == *printed, "{name}: {past}");
            }
            assert!(!print.contours.is_empty());
        }
    }
}
