//! The process conditions that pictures and analyses are made under, and which can be had.

use std::sync::Arc;

use lithoscope_engine::opc::{KernelSource, Recipe};
use lithoscope_engine::optics::OpticalModel;
use lithoscope_engine::resist::ResistModel;

/// Defocus is chosen in steps of this, nm.
pub const FOCUS_STEP_NM: f64 = 5.0;

/// Farthest defocus that is offered, nm.
const FARTHEST_NM: f64 = 200.0;

/// What the shown mask is imaged and developed under.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// Defocus, nm; 0 is best focus.
    pub defocus_nm: f64,
    /// Exposure dose relative to nominal: scales intensity.
    pub dose: f64,
    /// The resist that light is turned into print by.
    pub resist: Resist,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { defocus_nm: 0.0, dose: 1.0, resist: Resist::Recipe }
    }
}

impl Conditions {
    /// Whether light is as the recipe has it at its nominal corner.
    pub fn is_nominal(&self) -> bool {
        self.defocus_nm == 0.0 && self.dose == 1.0
    }
}

/// A resist.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Resist {
    /// The threshold of the recipe.
    #[default]
    Recipe,
    /// A model by its name.
    Model {
        /// Name of its preset or file.
        name: String,
        /// The model.
        model: Arc<ResistModel>,
    },
}

/// The resists that come with the program: name and kind.
pub fn resists() -> impl Iterator<Item = (&'static str, &'static str)> {
    ResistModel::preset_names().filter_map(|name| Some((name, kind(&ResistModel::preset(name)?))))
}

/// What kind of model a resist is, in a word.
fn kind(model: &ResistModel) -> &'static str {
    match model {
        ResistModel::Threshold(_) => "threshold",
        ResistModel::VariableThreshold(_) => "variable threshold",
        ResistModel::Vertical(_) => "film, straight down",
        ResistModel::Volume(_) => "film, 3-D",
    }
}

impl Resist {
    /// A resist that comes with the program.
    pub fn preset(name: &str) -> Option<Self> {
        let model = Arc::new(ResistModel::preset(name)?);
        Some(Self::Model { name: name.to_owned(), model })
    }

    /// The first that comes with the program and is three-dimensional.
    pub fn volume() -> Option<Self> {
        let volume = |r: &Self| matches!(r.model(), Some(ResistModel::Volume(_)));
        resists().filter_map(|(name, _)| Self::preset(name)).find(volume)
    }

    /// The first that comes with the program and has a film.
    pub fn film() -> Option<Self> {
        let film = |r: &Self| matches!(r.model(), Some(ResistModel::Vertical(_)));
        resists().filter_map(|(name, _)| Self::preset(name)).find(film)
    }

    /// Whether it is developed in three dimensions: along cut lines only, and at some cost.
    pub fn is_volume(&self) -> bool {
        matches!(self.model(), Some(ResistModel::Volume(_)))
    }

    /// The model; `None` is the threshold of the recipe.
    pub fn model(&self) -> Option<&ResistModel> {
        match self {
            Self::Recipe => None,
            Self::Model { model, .. } => Some(model),
        }
    }
}

/// Focuses that the optics can be shown at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Focuses {
    /// Any within reach either way: kernels are computed.
    Within {
        /// Farthest defocus, nm.
        reach_nm: f64,
    },
    /// Best focus and one other: kernels are imported.
    Two {
        /// The other, nm.
        defocus_nm: f64,
    },
}

impl Focuses {
    /// What the optics of a recipe can be shown at.
    pub fn of(recipe: &Recipe) -> Self {
        model(recipe).map_or(Self::Two { defocus_nm: recipe.corners.defocus_nm }, |m| {
            // Beyond twice the Rayleigh depth of focus there is nothing left to see.
            let depth = m.immersion_index * m.wavelength_nm / (m.na * m.na);
            let steps = (depth.min(FARTHEST_NM) / FOCUS_STEP_NM).floor().max(1.0);
            Self::Within { reach_nm: steps * FOCUS_STEP_NM }
        })
    }

    /// The nearest defocus that can be had, nm.
    pub fn nearest(self, defocus_nm: f64) -> f64 {
        match self {
            Self::Within { reach_nm } => {
                let stepped = (defocus_nm / FOCUS_STEP_NM).round() * FOCUS_STEP_NM;
                // Adding 0 turns −0 into 0.
                stepped.clamp(-reach_nm, reach_nm) + 0.0
            }
            Self::Two { defocus_nm: other } => {
                if (defocus_nm - other).abs() < defocus_nm.abs() {
                    other
                } else {
                    0.0
                }
            }
        }
    }
}

/// The optical model of a recipe; `None` where its kernels are imported.
pub fn model(recipe: &Recipe) -> Option<OpticalModel> {
    match &recipe.optics.kernels {
        KernelSource::Imported { .. } => None,
        KernelSource::Preset { preset } => OpticalModel::preset(preset),
        KernelSource::Model { model } => Some(model.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn focuses_reach_about_the_depth_of_focus_in_whole_steps() {
        let of = |name: &str| Focuses::of(&Recipe::named(name).unwrap());
        assert_eq!(of("contest-like"), Focuses::Within { reach_nm: 200.0 });
        let Focuses::Within { reach_nm } = of("immersion-annular") else { panic!("computed") };
        assert!((100.0..200.0).contains(&reach_nm) && reach_nm % FOCUS_STEP_NM == 0.0);
        assert!(matches!(of("iccad13-no-sraf"), Focuses::Two { .. }));
    }

    #[test]
    fn the_nearest_focus_that_can_be_had_is_taken() {
        let any = Focuses::Within { reach_nm: 150.0 };
        assert_eq!([any.nearest(-2.0), any.nearest(63.0), any.nearest(900.0)], [0.0, 65.0, 150.0]);
        let two = Focuses::Two { defocus_nm: 25.0 };
        assert_eq!([two.nearest(10.0), two.nearest(14.0), two.nearest(-40.0)], [0.0, 25.0, 0.0]);
    }
}
