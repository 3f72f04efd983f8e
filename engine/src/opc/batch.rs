//! Several runs in lock-step on one device: each proposes its next mask, one submission evaluates all
//! that are alike, and each takes its own loss and gradient.

mod group;

use std::sync::Arc;

use lithoscope_kernels::device::{Compute, CorrectionStage, DeviceError, Loss};
use rayon::prelude::*;

use super::run::Trial;
use super::{OpcError, OpcRun};
use group::Group;

/// A run of a batch and how it fared.
pub struct BatchRun {
    /// The run, on the processor: the device was the batch's.
    pub run: OpcRun,
    /// Why it ended before its schedule did.
    pub failure: Option<OpcError>,
    /// Why the device did not compute it, or not to the end.
    pub device_failure: Option<DeviceError>,
}

/// What an evaluation of a proposed mask gave.
struct Found {
    loss: Loss,
    prints: Option<Vec<u32>>,
}

/// A run in the batch.
struct Member {
    out: BatchRun,
    /// The mask it proposes in the step that is made.
    trial: Option<Trial>,
    found: Option<Found>,
}

/// Runs that a device computes together.
///
/// Runs whose optics, corners and loss pixels are alike share a plan on the device, whatever their
/// targets; their histories are, bit for bit, those of the same runs stepped alone on that device. A
/// run that the device refuses goes on on the processor, and so do all should it fail. A run that
/// places or removes SRAFs, or is in its last descent, does that by itself beside the others and
/// rejoins them with the mask it came to.
pub struct OpcBatch {
    device: Arc<dyn Compute>,
    members: Vec<Member>,
    groups: Vec<Group>,
}

impl OpcBatch {
    /// A batch of runs at whatever iteration each of them is.
    ///
    /// Where one plan of all that are alike is more than the device holds, they are split into as
    /// few halves, quarters and so on as it takes: see [`OpcBatch::parts`].
    pub fn new(runs: Vec<OpcRun>, device: Arc<dyn Compute>) -> Self {
        let member = |mut run: OpcRun| {
            run.use_processor();
            let device_failure = run.check_device(&*device).err();
            let out = BatchRun { run, failure: None, device_failure };
            Member { out, trial: None, found: None }
        };
        let mut members: Vec<Member> = runs.into_iter().map(member).collect();
        let groups = group::together(&device, &mut members);
        Self { device, members, groups }
    }

    /// Makes one iteration of every run that is not done; returns how many made one.
    pub fn step(&mut self) -> usize {
        let device = &self.device;
        let before = self.iterations();
        self.members.par_iter_mut().for_each(|member| member.advance(device));
        for group in std::mem::take(&mut self.groups) {
            group.evaluate(device, &mut self.members, &mut self.groups);
        }
        self.members.par_iter_mut().for_each(Member::settle);
        self.iterations() - before
    }

    /// Iterations of all runs.
    fn iterations(&self) -> usize {
        self.members.iter().map(|member| member.out.run.history().len()).sum()
    }

    /// How many runs each plan on the device holds; none for runs that are on the processor.
    pub fn parts(&self) -> Vec<usize> {
        self.groups.iter().map(Group::len).collect()
    }

    /// The parts of an iteration of the first plan on the device, to be timed by themselves after a
    /// judged step; none where no plan is left.
    pub fn stages(&self) -> Vec<CorrectionStage> {
        self.groups.first().map(Group::stages).unwrap_or_default()
    }

    /// Why runs are not on the device, or not any more.
    pub fn failures(&self) -> impl Iterator<Item = &DeviceError> {
        self.members.iter().filter_map(|member| member.out.device_failure.as_ref())
    }

    /// The runs in the order they came in.
    pub fn runs(&self) -> impl Iterator<Item = &OpcRun> {
        self.members.iter().map(|member| &member.out.run)
    }

    /// The runs in the order they came in, and how each fared.
    pub fn into_runs(self) -> Vec<BatchRun> {
        self.members.into_iter().map(|member| member.out).collect()
    }
}

impl Member {
    /// Whether the device computes this run.
    fn is_on_device(&self) -> bool {
        self.out.device_failure.is_none()
    }

    /// Leaves this run to the processor.
    fn refuse(&mut self, error: DeviceError) {
        self.out.device_failure = Some(error);
    }

    /// Proposes the next mask or, on the processor, makes the whole iteration.
    fn advance(&mut self, device: &Arc<dyn Compute>) {
        let is_on_device = self.is_on_device();
        let run = &mut self.out.run;
        if self.out.failure.is_some() || run.is_finished() {
            return;
        }
        if !is_on_device {
            self.out.failure = run.step().err();
            return;
        }
        // A plan of its own, for as long as it takes. Without one these masks are the processor's;
        // whatever is wrong with the device, the batch's plan will tell.
        let alone = run.tries_on_the_way() && run.use_device(Arc::clone(device)).is_ok();
        match run.propose() {
            Ok(trial) => self.trial = trial,
            Err(error) => self.out.failure = Some(error),
        }
        if alone {
            run.use_processor();
        }
    }

    /// Records the proposed mask with what the device found, or else with what the processor finds.
    fn settle(&mut self) {
        let Some(trial) = self.trial.take() else { return };
        let recorded = match self.found.take() {
            Some(found) => self.out.run.absorb(trial, &found.loss, found.prints.as_deref()),
            None => self.out.run.record_alone(trial),
        };
        self.out.failure = recorded.err();
    }
}

#[cfg(test)]
mod tests;
