//! The tables of a recipe, one struct a section of the TOML file.

use serde::{Deserialize, Serialize};

use crate::layout::Layer;
use crate::verify::TargetRule;

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
