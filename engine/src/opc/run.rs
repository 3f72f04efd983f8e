//! A run as a value: step it, look at any iteration, take its mask.

use serde::{Deserialize, Serialize};

use super::{OpcError, Recipe};
use crate::geometry::Polygon;
use crate::imaging::Process;
use crate::layout::Clip;
use crate::mask::FragmentedTarget;
use crate::verify::{Gauge, GaugeReading, Metrics};

/// The loss of one iteration by term, nm² (soft counts on the loss grid).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LossTerms {
    /// Image difference.
    pub l2: f64,
    /// PV band.
    pub pv_band: f64,
    /// EPE.
    pub epe: f64,
}

impl LossTerms {
    /// The whole loss.
    pub fn total(&self) -> f64 {
        self.l2 + self.pv_band + self.epe
    }
}

/// One iteration: the mask it judged and what was found. Kept for the whole run, so it is light.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Iteration {
    /// 0 is the starting mask.
    pub index: usize,
    /// Whole-nm offset of every fragment, rule-clean: the mask that metrics describe.
    pub offsets: Vec<i16>,
    /// Loss before this iteration's move.
    pub loss: LossTerms,
    /// Metrics of the mask with these offsets.
    pub metrics: Metrics,
    /// Root mean square of the loss gradient over fragments.
    pub gradient_rms: f64,
}

/// Gradient of the loss with respect to one fragment's offset, by term.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FragmentGradient {
    /// From the image difference.
    pub l2: f64,
    /// From the PV band.
    pub pv_band: f64,
    /// From EPE.
    pub epe: f64,
}

/// A run of edge-based OPC: a state machine without threads or clock.
pub struct OpcRun {
    recipe: Recipe,
    target: FragmentedTarget,
    history: Vec<Iteration>,
}

impl OpcRun {
    /// Prepares a run; iteration 0 (the starting mask) is judged at once and is in the history.
    ///
    /// # Errors
    /// An empty, slanted or self-touching target, a clip that does not fit the optics, a bad recipe.
    pub fn new(clip: &Clip, recipe: &Recipe, process: &Process) -> Result<Self, OpcError> {
        let _ = process;
        let target = FragmentedTarget::new(&clip.polygons, &recipe.fragments)?;
        Ok(Self { recipe: recipe.clone(), target, history: Vec::new() })
    }

    /// Makes one iteration; `None` once the schedule is done.
    ///
    /// # Errors
    /// The loss is not finite.
    pub fn step(&mut self) -> Result<Option<&Iteration>, OpcError> {
        Ok(None)
    }

    /// The recipe of this run.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The fragmented target.
    pub fn target(&self) -> &FragmentedTarget {
        &self.target
    }

    /// Every iteration so far, index = iteration.
    pub fn history(&self) -> &[Iteration] {
        &self.history
    }

    /// Iterations the schedule has in all, not counting iteration 0.
    pub fn total_steps(&self) -> usize {
        self.recipe.total_steps()
    }

    /// Whether the schedule is done.
    pub fn is_finished(&self) -> bool {
        self.history.len() > self.total_steps()
    }

    /// Index of the best iteration so far by the scoring rule (lowest L2 + PV band + EPE cost).
    pub fn best(&self) -> usize {
        0
    }

    /// Goes back to an iteration: later ones are dropped and stepping goes on from there, exactly
    /// as it did the first time.
    pub fn rewind(&mut self, iteration: usize) {
        self.history.truncate(iteration + 1);
    }

    /// The mask of an iteration; `None` if there is no such iteration.
    pub fn mask(&self, iteration: usize) -> Option<Vec<Polygon>> {
        Some(self.target.polygons(&self.history.get(iteration)?.offsets))
    }

    /// The EPE gauges of the target.
    pub fn gauges(&self) -> &[Gauge] {
        &[]
    }

    /// What each gauge reads at an iteration (recomputed from its offsets).
    pub fn gauge_readings(&mut self, iteration: usize) -> Option<Vec<GaugeReading>> {
        let _ = iteration;
        None
    }

    /// Gradient by fragment and term at an iteration (recomputed from its offsets).
    pub fn gradients(&mut self, iteration: usize) -> Option<Vec<FragmentGradient>> {
        let _ = iteration;
        None
    }
}
