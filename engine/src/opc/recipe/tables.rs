//! The tables of a recipe, one struct a section of the TOML file.

use serde::{Deserialize, Serialize};

use super::Start;
use crate::layout::Layer;
use crate::verify::{RuleValues, TargetRule};

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
    /// Corners in place of the outer and the inner one; those two where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<Corner>,
}

/// A process corner beside the nominal one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corner {
    /// Dose; scales the mask amplitude.
    pub dose: f64,
    /// Defocus, nm; imported kernels know 0 and `corners.defocus_nm`.
    #[serde(default)]
    pub focus_nm: f64,
    /// Weight in the quadratic loss, in which the nominal corner weighs 1.
    #[serde(default = "half")]
    pub weight: f64,
}

fn half() -> f64 {
    0.5
}

impl Corners {
    /// Every corner beside the nominal one: the list, or the outer and the inner one.
    pub fn all(&self) -> Vec<Corner> {
        if !self.list.is_empty() {
            return self.list.clone();
        }
        let corner = |dose, focus_nm| Corner { dose, focus_nm, weight: half() };
        vec![corner(self.outer_dose, 0.0), corner(self.inner_dose, self.defocus_nm)]
    }
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
    /// Weight of the guards against bridges and breaks, nm² a guard.
    #[serde(default)]
    pub guard_weight: f64,
    /// Pixel of the loss grid, nm.
    pub grid_nm: f64,
    /// Margin of the loss grid around the target's bounding box, nm.
    pub margin_nm: f64,
}

/// Adam over the offsets, in stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimiser {
    /// What fragments start from.
    #[serde(default, skip_serializing_if = "Start::is_default")]
    pub start: Start,
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
    /// What happens to the SRAFs before the stage's first step.
    #[serde(default, skip_serializing_if = "AssistAction::is_keep")]
    pub assists: AssistAction,
}

/// What happens to the SRAFs before a stage's first step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssistAction {
    /// Nothing.
    #[default]
    Keep,
    /// New ones are added where they pay.
    Seed,
    /// Those that print or do not pay are taken away.
    Prune,
}

impl AssistAction {
    fn is_keep(&self) -> bool {
        *self == Self::Keep
    }
}

/// How SRAFs are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssistMethod {
    /// There are none.
    #[default]
    None,
    /// Rectangles that gain most by the loss's gradient with respect to the mask.
    Gradient,
    /// Bars along the target's edges.
    Rules,
}

/// Where SRAFs are placed and which of them stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assists {
    /// How they are found.
    pub method: AssistMethod,
    /// Width of a new SRAF, nm.
    pub width_nm: f64,
    /// Least length of a new SRAF, nm.
    pub min_length_nm: f64,
    /// Largest length of a new SRAF, nm.
    pub max_length_nm: f64,
    /// A new SRAF keeps this distance from main features as they stand, nm.
    pub keep_out_nm: f64,
    /// A new SRAF keeps this distance from other SRAFs as they stand, nm.
    pub apart_nm: f64,
    /// Largest move of an SRAF's edge from where it was placed, nm.
    pub max_offset_nm: f64,
    /// `gradient`: cell of the seed map, nm.
    pub grid_nm: f64,
    /// `gradient`: loss that a new SRAF must promise to take away, nm².
    pub gain_nm2: f64,
    /// SRAFs whose removal adds less loss than this are taken away, nm².
    pub drop_nm2: f64,
    /// Most SRAFs of a clip.
    pub most: u32,
    /// `rules`: distance of the first bar from the target's edge, nm.
    pub distance_nm: f64,
    /// `rules`: distance of one bar from the next outward, nm.
    pub pitch_nm: f64,
    /// `rules`: bars side by side.
    pub bars: u32,
}

impl Default for Assists {
    fn default() -> Self {
        Self {
            method: AssistMethod::None,
            width_nm: 40.0,
            min_length_nm: 40.0,
            max_length_nm: 200.0,
            keep_out_nm: 60.0,
            apart_nm: 40.0,
            max_offset_nm: 60.0,
            grid_nm: 8.0,
            gain_nm2: 120.0,
            drop_nm2: 84.0,
            most: 200,
            distance_nm: 100.0,
            pitch_nm: 100.0,
            bars: 1,
        }
    }
}

/// The last descent by whole-nm moves on the true metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Descent {
    /// Most passes; each is one iteration.
    pub passes: u32,
    /// Largest move of a fragment in one pass, nm.
    pub radius_nm: u32,
    /// Most rounds over all fragments in one pass.
    pub rounds: u32,
    /// Most rounds over all gauges, each of which is wished within tolerance, or free of it, in
    /// turn; 0 leaves them out.
    pub wishes: u32,
    /// Judged iterations of the stages, the best first, that the descent starts from before it
    /// goes on from the best of all; 0: from the best only.
    pub starts: u32,
    /// Moves that are judged one by one in a pass where nothing else helps, those the model
    /// promises most of first.
    pub trials: u32,
}

impl Default for Descent {
    fn default() -> Self {
        Self { passes: 0, radius_nm: 3, rounds: 20, wishes: 0, starts: 0, trials: 0 }
    }
}

/// Mask rules, nm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRules {
    /// Least width of a mask shape, nm.
    pub min_width_nm: f64,
    /// Least space between mask shapes, nm.
    pub min_space_nm: f64,
    /// Least width of an SRAF, nm.
    #[serde(default = "forty")]
    pub min_sraf_width_nm: f64,
    /// Least space between SRAFs, nm.
    #[serde(default = "forty")]
    pub min_sraf_space_nm: f64,
    /// Least space between an SRAF and a main feature, nm.
    #[serde(default = "forty")]
    pub min_sraf_to_main_nm: f64,
    /// Least space within one main feature, nm; 0: as between two.
    #[serde(default)]
    pub min_notch_nm: f64,
    /// Least area of a mask shape, nm²; 0: none.
    #[serde(default)]
    pub min_area_nm2: f64,
    /// Longest edge between two convex corners that is a line end, nm.
    #[serde(default = "hundred")]
    pub line_end_nm: f64,
    /// Least space before a line end of a main feature, nm; 0: as elsewhere.
    #[serde(default)]
    pub min_end_space_nm: f64,
    /// Least straight distance of corners that do not face, nm; 0: none.
    #[serde(default)]
    pub min_corner_nm: f64,
}

impl MaskRules {
    /// The rules as they are checked: in whole nm, rounded up.
    pub fn values(&self) -> RuleValues {
        let whole = |nm: f64| nm.ceil() as i32;
        RuleValues {
            min_width_nm: whole(self.min_width_nm),
            min_space_nm: whole(self.min_space_nm),
            min_notch_nm: whole(self.min_notch_nm),
            min_area_nm2: self.min_area_nm2.ceil() as i64,
            line_end_nm: self.line_end_nm.floor() as i32,
            min_end_space_nm: whole(self.min_end_space_nm),
            min_corner_nm: whole(self.min_corner_nm),
            min_sraf_width_nm: whole(self.min_sraf_width_nm),
            min_sraf_space_nm: whole(self.min_sraf_space_nm),
            min_sraf_to_main_nm: whole(self.min_sraf_to_main_nm),
        }
    }
}

fn forty() -> f64 {
    40.0
}

fn hundred() -> f64 {
    100.0
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
    /// Weight of the PV band where iterations are compared.
    #[serde(default = "one")]
    pub pv_band_weight: f64,
    /// Weight of an EPE violation where iterations are compared, nm².
    #[serde(default = "thousand")]
    pub epe_weight: f64,
    /// Weight of a shape that is missing, broken, bridged or extra at the worst corner where
    /// iterations are compared, nm².
    #[serde(default = "fault")]
    pub fault_weight: f64,
    /// Weight of a shot where iterations are compared, nm².
    #[serde(default)]
    pub shot_weight: f64,
    /// Every how many iterations the mask is judged.
    #[serde(default = "each")]
    pub judge_every: u32,
}

fn one() -> f64 {
    1.0
}

fn fault() -> f64 {
    50_000.0
}

fn thousand() -> f64 {
    1000.0
}

fn each() -> u32 {
    1
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
