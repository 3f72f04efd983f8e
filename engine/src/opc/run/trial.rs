//! An iteration in three parts, for those who evaluate several runs at once: the run proposes a
//! mask, someone evaluates it, and the run takes what was found.

use lithoscope_kernels::device::{Loss, LossSettings, MaskEdge};

use super::OpcRun;
use crate::geometry::Polygon;
use crate::imaging::Process;
use crate::opc::epoch::State;
use crate::opc::evaluate::{Terms, taken};
use crate::opc::on_device::ClipInput;
use crate::opc::{AssistAction, OpcError};

/// The whole-nm mask of a state.
pub(super) struct Rounded {
    pub offsets: Vec<i16>,
    /// The mask, where it is to be judged.
    pub judged: Option<Vec<Polygon>>,
}

/// A mask that a run proposes as its next iteration.
pub(in crate::opc) struct Trial {
    state: State,
    rounded: Rounded,
    /// How its loss is weighed.
    pub settings: LossSettings,
    /// The edges whose loss and gradient are asked for.
    pub edges: Vec<MaskEdge>,
    /// The edges of the rounded mask, where its prints are asked for.
    pub printed: Option<Vec<MaskEdge>>,
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
        let edges = self.evaluator.mask_edges(&self.epochs[state.epoch].target, &state.offsets);
        let rounded = self.rounded(&state);
        let held = self.evaluator.held();
        let printed = rounded.judged.as_ref().map(|mask| held.vertical_edges(mask));
        Ok(Some(Trial { state, rounded, settings, edges, printed }))
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
        match self.stage_at(self.history.len().saturating_sub(1)) {
            Some((stage, t)) => t == 0.0 && stage.assists != AssistAction::Keep,
            None => {
                let first_after = self.history.len() == self.recipe.stage_steps() + 1;
                first_after && self.history[self.best()].topology.extra > 0
            }
        }
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
