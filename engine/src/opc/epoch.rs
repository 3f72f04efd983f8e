//! Epochs: the fragments of a stretch of a run. SRAFs come and go between epochs; the main
//! features' fragments keep their indices in all of them.

use serde::{Deserialize, Serialize};

use super::Recipe;
use super::adam::Moments;
use super::saved::bits::f32s;
use crate::geometry::Rect;
use crate::mask::{AssistLimits, FragmentedTarget, MaskError, RuleKeeper, RuleLimits};

/// One set of fragments and what keeps their rules.
#[derive(Clone, Debug)]
pub(super) struct Epoch {
    pub target: FragmentedTarget,
    pub keeper: RuleKeeper,
}

impl Epoch {
    pub fn new(target: FragmentedTarget, recipe: &Recipe) -> Self {
        let keeper = RuleKeeper::new(&target, &limits(recipe));
        Self { target, keeper }
    }

    /// The same main features with the SRAFs that `keep` marks and `added` after them.
    ///
    /// # Errors
    /// Too many fragments.
    pub fn next(&self, keep: &[bool], added: &[Rect], recipe: &Recipe) -> Result<Self, MaskError> {
        let seeds = self.target.seeds();
        let kept = seeds.into_iter().zip(keep).filter(|(_, keep)| **keep).map(|(seed, _)| seed);
        let seeds: Vec<Rect> = kept.chain(added.iter().copied()).collect();
        Ok(Self::new(self.target.with_assists(&seeds)?, recipe))
    }
}

/// What stepping goes on from: unrounded offsets and the optimiser's memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    /// Which epoch the offsets belong to.
    pub epoch: usize,
    #[serde(with = "f32s")]
    pub offsets: Vec<f32>,
    pub moments: Moments,
}

impl State {
    /// Whole-nm offsets of an epoch, at rest.
    pub fn at(epoch: usize, offsets: &[i16]) -> Self {
        let offsets: Vec<f32> = offsets.iter().map(|&o| f32::from(o)).collect();
        let moments = Moments::new(offsets.len());
        Self { epoch, offsets, moments }
    }

    /// This state with the SRAFs that `keep` marks, and `added` new ones at rest.
    pub fn carried(&self, epoch: usize, main: usize, keep: &[bool], added: usize) -> Self {
        let kept: Vec<usize> = (0..main)
            .chain(
                (0..keep.len()).filter(|&i| keep[i]).flat_map(|i| main + 4 * i..main + 4 * i + 4),
            )
            .collect();
        let mut offsets: Vec<f32> = kept.iter().map(|&i| self.offsets[i]).collect();
        offsets.resize(kept.len() + 4 * added, 0.0);
        Self { epoch, offsets, moments: self.moments.carried(&kept, 4 * added) }
    }
}

fn limits(recipe: &Recipe) -> RuleLimits {
    let rules = &recipe.rules;
    RuleLimits {
        min_width_nm: rules.min_width_nm,
        min_space_nm: rules.min_space_nm,
        min_notch_nm: if rules.min_notch_nm > 0.0 {
            rules.min_notch_nm
        } else {
            rules.min_space_nm
        },
        line_end_nm: rules.line_end_nm,
        min_end_space_nm: rules.min_end_space_nm,
        min_area_nm2: rules.min_area_nm2,
        min_corner_nm: rules.min_corner_nm.max(1.0),
        max_offset_nm: recipe.optimiser.max_offset_nm,
        assists: AssistLimits {
            min_width_nm: rules.min_sraf_width_nm,
            min_space_nm: rules.min_sraf_space_nm,
            min_to_main_nm: rules.min_sraf_to_main_nm,
            max_offset_nm: recipe.assists.max_offset_nm,
        },
    }
}
