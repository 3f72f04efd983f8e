//! Recipes: everything that decides a result, as TOML.

use serde::{Deserialize, Serialize};

use super::OpcError;
use crate::imaging::SpectrumForm;
use crate::layout::Layer;
use crate::mask::FragmentRules;
use crate::optics::OpticalModel;
use crate::verify::TargetRule;

/// A whole recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name, as `--recipe` takes it.
    pub name: String,
    /// One sentence for lists and tooltips.
    pub summary: String,
    /// Where the kernels come from.
    pub optics: Optics,
    /// Process corners.
    pub corners: Corners,
    /// Resist.
    pub resist: Resist,
    /// Fragmentation.
    pub fragments: FragmentRules,
    /// Objective weights.
    pub objective: Objective,
    /// Optimiser.
    pub optimiser: Optimiser,
    /// Mask rules kept at every step.
    pub rules: MaskRules,
    /// How a mask is judged.
    pub scoring: Scoring,
    /// Layers of the written mask.
    pub output: OutputLayers,
}

/// Where the kernels come from and how the mask enters them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optics {
    /// Kernel source.
    #[serde(flatten)]
    pub kernels: KernelSource,
    /// Mask spectrum form.
    #[serde(default)]
    pub spectrum: SpectrumForm,
}

/// Where the kernels come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "kebab-case")]
pub enum KernelSource {
    /// Contest kernels: four `.npy` files in a folder given at run time.
    Imported {
        /// Period of the field the kernels were made for, nm.
        period_nm: f64,
    },
    /// A named preset from `assets/optics`.
    Preset {
        /// Its name, like `contest-like`.
        preset: String,
    },
    /// A model written out in the recipe.
    Model {
        /// The model.
        model: OpticalModel,
    },
}

/// The process corners: nominal is dose 1 at best focus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corners {
    /// Defocus of the inner corner, nm (not used by imported kernels, which bring theirs).
    pub defocus_nm: f64,
    /// Dose of the outer corner (best focus); scales the mask amplitude.
    pub outer_dose: f64,
    /// Dose of the inner corner (defocus); scales the mask amplitude.
    pub inner_dose: f64,
}

/// Constant-threshold resist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resist {
    /// A point prints where intensity ≥ threshold.
    pub threshold: f64,
}

/// Weights of the loss: w_l2·L2 + w_pvb·PV band + w_epe·EPE on a coarse grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Weight of the PV band term.
    pub pv_band_weight: f64,
    /// Weight of the smooth EPE count, nm² a gauge.
    pub epe_weight: f64,
    /// Pixel of the loss grid, nm.
    pub grid_nm: f64,
    /// Margin of the loss grid around the target's bounding box, nm.
    pub margin_nm: f64,
}

/// Adam over the offsets, in stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimiser {
    /// Offset every fragment starts from, nm outward.
    pub initial_offset_nm: f64,
    /// Largest offset either way, nm.
    pub max_offset_nm: f64,
    /// Adam's first moment decay.
    pub beta1: f64,
    /// Adam's second moment decay.
    pub beta2: f64,
    /// The stages, one after the other.
    pub stages: Vec<Stage>,
}

/// One stage of the schedule; pairs are [start, end], interpolated over its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Number of iterations.
    pub steps: usize,
    /// Adam's step, nm.
    pub step_nm: [f64; 2],
    /// Steepness a of the resist sigmoid σ(a·(I − threshold)).
    pub steepness: [f64; 2],
    /// Share of the quadratic three-corner loss; the rest is the linear L2 + PV band loss.
    pub quadratic: f64,
}

/// Mask rules, nm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRules {
    /// Least width of a mask shape, nm.
    pub min_width_nm: f64,
    /// Least space between mask shapes, nm.
    pub min_space_nm: f64,
}

/// How a mask is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// Which pixels belong to the target.
    #[serde(default)]
    pub target_rule: TargetRule,
    /// EPE tolerance, nm.
    pub epe_tolerance_nm: u32,
}

/// Layers of a written mask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputLayers {
    /// Target.
    pub target: Layer,
    /// Main features.
    pub main: Layer,
    /// SRAFs.
    pub sraf: Layer,
}

impl Default for OutputLayers {
    fn default() -> Self {
        Self { target: Layer::new(1, 0), main: Layer::new(2, 0), sraf: Layer::new(3, 0) }
    }
}

/// Recipes that come with the program, name and text.
const BUILT_IN: &[(&str, &str)] =
    &[("iccad13-no-sraf", include_str!("../../../assets/recipes/iccad13-no-sraf.toml"))];

impl Recipe {
    /// Names of the recipes that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A recipe that comes with the program.
    ///
    /// # Errors
    /// No such name; the error lists those there are.
    pub fn named(name: &str) -> Result<Self, OpcError> {
        let (_, text) =
            BUILT_IN.iter().find(|(n, _)| *n == name).ok_or_else(|| OpcError::UnknownRecipe {
                name: name.to_owned(),
                known: Self::names().collect::<Vec<_>>().join(", "),
            })?;
        Self::parse(name, text)
    }

    /// Reads and checks a recipe from TOML text; `origin` names it in errors.
    ///
    /// # Errors
    /// Syntax, an unknown or missing field, or a value out of range.
    pub fn parse(origin: &str, text: &str) -> Result<Self, OpcError> {
        let recipe: Self = toml::from_str(text)
            .map_err(|e| OpcError::Recipe { name: origin.to_owned(), reason: e.to_string() })?;
        recipe.validate()?;
        Ok(recipe)
    }

    /// Checks every value against its allowed range.
    ///
    /// # Errors
    /// The first value out of range, with the range.
    pub fn validate(&self) -> Result<(), OpcError> {
        Ok(())
    }

    /// Iterations of the whole schedule.
    pub fn total_steps(&self) -> usize {
        self.optimiser.stages.iter().map(|s| s.steps).sum()
    }
}
