//! Vertical resist: exposure and development straight down, one column a pixel.

mod column;
mod level;

use serde::{Deserialize, Serialize};

pub use column::Column;
pub(super) use level::BRIGHTEST;
pub use level::Level;

use super::error::require;
use super::parameter::{Gradient, Parameter};
use super::{Dill, RateModel, ResistError, Tone};

/// Most layers a film is cut into.
const MOST_LAYERS: usize = 4096;

/// How a film is cut into layers for development.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerRule {
    /// The time to a depth is the integral of 1/R: layers of thickness/layers, 1/R linear between
    /// their borders. The error falls as the square of the layers' number.
    #[default]
    Continuous,
    /// As `TorchResist` does it (peer algorithm): layer k of height thickness/layers has one rate,
    /// that at depth k·thickness/(layers − 1). Exposure is read 1/(layers − 1) deeper than the
    /// layer lies, and at the layer's top rather than through it.
    Stepped,
}

/// A resist exposed and developed straight down (Dill, Mack): the developed depth of a pixel
/// depends on its own intensity alone, and one way only.
///
/// Without diffusion it therefore prints exactly where the intensity passes
/// [`VerticalResist::equivalent_level`]: at the image's own resolution it *is* a constant threshold,
/// with a level that follows from chemistry. What a threshold cannot do begins with `diffusion_nm`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerticalResist {
    /// Exposure dose at clear field, mJ/cm².
    pub dose: f64,
    /// Development time, s.
    pub develop_s: f64,
    /// Film thickness, nm.
    pub thickness_nm: f64,
    /// Depth τ from which on a place counts as open, nm; at most the thickness.
    pub threshold_nm: f64,
    /// Gaussian blur (standard deviation) of the image before exposure, nm; 0 for none. Stands for
    /// diffusion during the bake.
    #[serde(default)]
    pub diffusion_nm: f64,
    /// Which part dissolves.
    #[serde(default)]
    pub tone: Tone,
    /// Layers the film is cut into, 2…4096.
    #[serde(default = "default_layers")]
    pub layers: usize,
    /// How.
    #[serde(default)]
    pub layer_rule: LayerRule,
    /// Exposure.
    pub dill: Dill,
    /// Dissolution.
    pub rate: RateModel,
}

fn default_layers() -> usize {
    100
}

/// A developed depth with its derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Depth {
    /// Developed depth, 0…thickness, nm.
    pub nm: f64,
    /// ∂depth/∂I, nm (intensity has no unit); 0 once the film is through.
    pub slope: f64,
    /// ∂depth/∂(parameter).
    pub gradient: Gradient,
}

impl VerticalResist {
    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn validate(&self) -> Result<(), ResistError> {
        self.dill.validate()?;
        self.rate.validate()?;
        for parameter in Parameter::all() {
            if let Some(value) = self.get(parameter) {
                parameter.check(value)?;
            }
        }
        let within = self.threshold_nm <= self.thickness_nm;
        require(within, "threshold_nm", self.threshold_nm, "at most thickness_nm")?;
        let layers = (2..=MOST_LAYERS).contains(&self.layers);
        require(layers, "layers", self.layers as f64, "from 2 to 4096")
    }

    /// The value of a parameter; `None` for one the rate law lacks.
    pub fn get(&self, parameter: Parameter) -> Option<f64> {
        let mut copy = *self;
        match copy.slot(parameter) {
            Some(value) => Some(*value),
            None => self.rate.get(parameter),
        }
    }

    /// Sets a parameter, without checking its range.
    ///
    /// # Errors
    /// The rate law lacks it.
    pub fn set(&mut self, parameter: Parameter, value: f64) -> Result<(), ResistError> {
        if let Some(slot) = self.slot(parameter) {
            *slot = value;
            return Ok(());
        }
        if self.rate.set(parameter, value) {
            return Ok(());
        }
        Err(ResistError::Mismatch(format!(
            "this resist's rate law has no {}; it has {}",
            parameter.name(),
            self.rate.parameters().iter().map(|p| p.name()).collect::<Vec<_>>().join(", ")
        )))
    }

    /// The parameters this resist has, in the order of [`Parameter`].
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        let resist = *self;
        Parameter::all().filter(move |&parameter| resist.get(parameter).is_some())
    }

    fn slot(&mut self, parameter: Parameter) -> Option<&mut f64> {
        Some(match parameter {
            Parameter::APerUm => &mut self.dill.a_per_um,
            Parameter::BPerUm => &mut self.dill.b_per_um,
            Parameter::CPerDose => &mut self.dill.c_per_dose,
            Parameter::Dose => &mut self.dose,
            Parameter::DevelopS => &mut self.develop_s,
            Parameter::ThicknessNm => &mut self.thickness_nm,
            Parameter::ThresholdNm => &mut self.threshold_nm,
            Parameter::DiffusionNm => &mut self.diffusion_nm,
            _ => return None,
        })
    }

    /// Developed depth for an intensity (negative counts as none), nm, computed layer by layer.
    /// Slow; [`super::DepthTable`] is the fast way.
    pub fn depth_nm(&self, intensity: f64) -> f64 {
        self.depth(intensity).nm
    }

    /// Developed depth and its exact derivatives in the intensity and in every parameter.
    pub fn depth(&self, intensity: f64) -> Depth {
        Column::new(self).depth(intensity).within(self.thickness_nm)
    }
}

impl Depth {
    /// The depth in a film of this thickness: where development has gone through, nothing but the
    /// thickness counts.
    pub fn within(self, thickness_nm: f64) -> Self {
        if self.nm < thickness_nm {
            return self;
        }
        let mut gradient = [0.0; super::PARAMETER_COUNT];
        gradient[Parameter::ThicknessNm as usize] = 1.0;
        Self { nm: thickness_nm, slope: 0.0, gradient }
    }
}
