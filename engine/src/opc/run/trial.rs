//! Recording an iteration: at once, or in three parts for those who evaluate several runs at once,
//! where the run proposes a mask, someone evaluates it, and the run takes what was found.

use std::sync::Arc;

use lithoscope_kernels::device::{Loss, LossSettings, MaskEdge, MovingMask};

use super::{Iteration, LossTerms, OpcRun};
use crate::geometry::Polygon;
use crate::imaging::Process;
use crate::opc::epoch::State;
use crate::opc::evaluate::{Terms, taken};
use crate::opc::on_device::ClipInput;
use crate::opc::{AssistAction, OpcError};
use crate::verify::Metrics;

/// The whole-nm mask of a state.
struct Rounded {
    offsets: Vec<i16>,
    /// The mask, where it is to be judged.
    judged: Option<Vec<Polygon>>,
}

/// A mask that a run proposes as its next iteration.
pub(in crate::opc) struct Trial {
    state: State,
    rounded: Rounded,
    /// How its loss is weighed.
    pub settings: LossSettings,
    /// The masks it is one of.
    pub moving: Arc<MovingMask>,
    /// The edges of the rounded mask, where its prints are asked for.
    pub printed: Option<Vec<MaskEdge>>,
}

impl Trial {
    /// The offsets whose loss and gradient are asked for, nm.
    pub fn offsets(&self) -> &[f32] {
        &self.state.offsets
    }
}

impl OpcRun {
    /// The next iteration's mask; `None` once the schedule is done.
    ///
    /// # Errors
    /// As [`OpcRun::step`].
    pub(in crate::opc) fn propose(&mut self) -> Result<Option<Trial>, OpcError> {
        let Some(state) = self.next_state()? else { return Ok(None) };
        let sharpness = self.sharpness(self.history.len());
        let settings = self.evaluator.settings(sharpness, Terms::ALL);
        let moving = self.evaluator.moving(&self.epochs[state.epoch].target);
        let rounded = self.rounded(&state);
        let held = self.evaluator.held();
        let printed = rounded.judged.as_ref().map(|mask| held.vertical_edges(mask));
        Ok(Some(Trial { state, rounded, settings, moving, printed }))
    }

    /// Records a mask with its loss and, where they were asked for, its prints.
    ///
    /// # Errors
    /// The loss is not finite.
    pub(in crate::opc) fn absorb(
        &mut self,
        trial: Trial,
        loss: &Loss,
        prints: Option<&[u32]>,
    ) -> Result<(), OpcError> {
        self.gradient.resize(trial.state.offsets.len(), 0.0);
        let loss = taken(loss, &mut self.gradient);
        self.check_finite(loss)?;
        let judged = trial.rounded.judged.as_ref().zip(prints);
        let metrics = judged.map(|(mask, prints)| self.scorer.score_prints(prints, mask));
        self.append_edges(trial.state, trial.rounded.offsets, loss, metrics);
        Ok(())
    }

    /// Evaluates, judges and records a mask without anyone's help.
    ///
    /// # Errors
    /// The loss is not finite.
    pub(in crate::opc) fn record_alone(&mut self, trial: Trial) -> Result<(), OpcError> {
        self.record(trial.state)
    }

    /// Whether the next step evaluates masks on its way to the one it proposes: those without an
    /// SRAF, or with narrower ones.
    pub(in crate::opc) fn tries_on_the_way(&self) -> bool {
        if let Some((stage, t)) = self.stage_at(self.history.len().saturating_sub(1)) {
            return t == 0.0 && stage.assists != AssistAction::Keep;
        }
        let first_after = self.history.len() == self.recipe.stage_steps() + 1;
        first_after && self.history[self.best()].topology.extra > 0
    }

    /// Evaluates a state under the sharpness its next step needs, judges its rounded mask where
    /// that is due, and appends both to the history.
    pub(super) fn record(&mut self, state: State) -> Result<(), OpcError> {
        let loss = self.evaluate(&state, self.history.len());
        self.check_finite(loss)?;
        let rounded = self.rounded(&state);
        let metrics = rounded.judged.map(|mask| match self.evaluator.prints(&mask) {
            Some(prints) => self.scorer.score_prints(&prints, &mask),
            None => self.scorer.score(self.evaluator.imager(), &mask),
        });
        self.append_edges(state, rounded.offsets, loss, metrics);
        Ok(())
    }

    /// Refuses a loss or gradient that is not finite.
    fn check_finite(&self, loss: LossTerms) -> Result<(), OpcError> {
        if (loss.total() + self.square()).is_finite() {
            return Ok(());
        }
        Err(OpcError::Diverged { iteration: self.history.len() })
    }

    /// Squared length of the gradient.
    fn square(&self) -> f64 {
        self.gradient.iter().map(|g| g * g).sum()
    }

    /// The rounded mask of the state that is recorded next.
    fn rounded(&self, state: &State) -> Rounded {
        let epoch = &self.epochs[state.epoch];
        let offsets = epoch.keeper.project_rounded(&state.offsets);
        let judged = self.is_judged(self.history.len());
        let judged = judged.then(|| epoch.target.polygons(&offsets));
        Rounded { offsets, judged }
    }

    /// Appends an iteration whose gradient is held; `metrics` where its mask was just judged.
    fn append_edges(
        &mut self,
        state: State,
        offsets: Vec<i16>,
        loss: LossTerms,
        metrics: Option<Metrics>,
    ) {
        let before = || self.history.last().map(|i| (i.metrics, i.topology)).unwrap_or_default();
        let judged = metrics.is_some();
        let (metrics, topology) =
            metrics.map_or_else(before, |metrics| (metrics, self.scorer.topology()));
        let gradient_rms = (self.square() / self.gradient.len().max(1) as f64).sqrt();
        self.history.push(Iteration {
            index: self.history.len(),
            epoch: state.epoch,
            offsets,
            loss,
            metrics,
            topology,
            judged,
            gradient_rms,
        });
        self.states.push(state);
    }

    /// What a device's plan needs to know of this run's clip.
    pub(in crate::opc) fn clip_input(&self) -> ClipInput<'_> {
        self.evaluator.clip_input(&self.pixels, &self.scorer)
    }

    /// What this run is imaged by.
    pub(in crate::opc) fn process(&self) -> &Process {
        self.evaluator.process()
    }
}
