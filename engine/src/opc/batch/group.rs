//! Runs that share a plan on the device.

use std::sync::Arc;

use lithoscope_kernels::device::{
    Compute, CorrectionStage, DeviceError, LossSettings, MaskEdge, MovingMask,
};

use super::{Found, Member};
use crate::opc::OpcRun;
use crate::opc::on_device::{ClipInput, OnDevice};
use crate::opc::run::Trial;

/// A plan and the places of its runs among the members of the batch.
pub(super) struct Group {
    places: Vec<usize>,
    plan: OnDevice,
    /// The mask of a run that proposes none.
    nothing: Arc<MovingMask>,
}

/// What runs of one plan have in common.
fn likeness(run: &OpcRun) -> (String, bool, u64) {
    let process = run.process();
    (process.fingerprint(), process.list.is_some(), run.recipe().objective.grid_nm.to_bits())
}

/// Plans for all members that the device takes, those that are alike in one where it fits.
pub(super) fn together(device: &Arc<dyn Compute>, members: &mut [Member]) -> Vec<Group> {
    let mut alike: Vec<(_, Vec<usize>)> = Vec::new();
    for (place, member) in members.iter().enumerate().filter(|(_, m)| m.is_on_device()) {
        let own = likeness(&member.out.run);
        match alike.iter_mut().find(|(of, _)| *of == own) {
            Some((_, places)) => places.push(place),
            None => alike.push((own, vec![place])),
        }
    }
    let mut groups = Vec::new();
    for (_, places) in alike {
        plan(device, places, members, &mut groups);
    }
    groups
}

/// Makes a plan for some members, or several for parts of them where the device cannot hold one.
fn plan(
    device: &Arc<dyn Compute>,
    places: Vec<usize>,
    members: &mut [Member],
    groups: &mut Vec<Group>,
) {
    let inputs: Vec<ClipInput<'_>> =
        places.iter().map(|place| members[*place].out.run.clip_input()).collect();
    match OnDevice::new(Arc::clone(device), &inputs) {
        Ok(plan) => groups.push(Group { places, plan, nothing: Arc::default() }),
        Err(DeviceError::Memory { .. }) if places.len() > 1 => {
            for half in places.chunks(places.len().div_ceil(2)) {
                plan(device, half.to_vec(), members, groups);
            }
        }
        Err(error) => refuse(&places, members, &error),
    }
}

fn refuse(places: &[usize], members: &mut [Member], error: &DeviceError) {
    for place in places {
        members[*place].refuse(error.clone());
    }
}

impl Group {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn stages(&self) -> Vec<CorrectionStage> {
        self.plan.stages()
    }

    /// Evaluates what its members propose and puts the group, or what it became, back to the others.
    pub(super) fn evaluate(
        mut self,
        device: &Arc<dyn Compute>,
        members: &mut [Member],
        groups: &mut Vec<Group>,
    ) {
        let proposes = |place: &usize| members[*place].trial.is_some();
        let due: Vec<usize> = self.places.iter().copied().filter(proposes).collect();
        // Those that propose nothing are done. Too many of them would make the others' work slow.
        let outgrown = 2 * due.len() < self.places.len();
        let part = if outgrown { due.len() } else { due.len().div_ceil(2) };
        if !outgrown {
            match self.ask(members) {
                Ok(()) => return groups.push(self),
                // More edges than before may be more than the device holds.
                Err(DeviceError::Memory { .. }) if due.len() > 1 => {}
                Err(error) => return refuse(&due, members, &error),
            }
        }
        drop(self);
        let mut smaller = Vec::new();
        for places in due.chunks(part.max(1)) {
            plan(device, places.to_vec(), members, &mut smaller);
        }
        for group in smaller {
            group.evaluate(device, members, groups);
        }
    }

    /// Has the device evaluate and judge what the members propose.
    fn ask(&mut self, members: &mut [Member]) -> Result<(), DeviceError> {
        let trials: Vec<_> =
            self.places.iter().map(|place| members[*place].trial.as_ref()).collect();
        // Runs of one schedule weigh their losses alike; others take turns.
        let mut settings: Vec<LossSettings> = Vec::new();
        for trial in trials.iter().flatten() {
            if !settings.contains(&trial.settings) {
                settings.push(trial.settings);
            }
        }
        let mut found: Vec<Option<Found>> = trials.iter().map(|_| None).collect();
        let mask =
            |trial: Option<&Trial>| Arc::clone(trial.map_or(&self.nothing, |own| &own.moving));
        let masks: Vec<Arc<MovingMask>> = trials.iter().copied().map(mask).collect();
        let offsets: Vec<&[f32]> =
            trials.iter().map(|trial| trial.map_or(&[][..], Trial::offsets)).collect();
        for settings in settings {
            let losses = self.plan.evaluate(&masks, &offsets, &settings)?;
            let own = |at: usize| trials[at].is_some_and(|trial| trial.settings == settings);
            for (at, loss) in losses.into_iter().enumerate().filter(|(at, _)| own(*at)) {
                found[at] = Some(Found { loss, prints: None });
            }
        }
        let printed = |at: usize| trials[at].and_then(|trial| trial.printed.as_deref());
        if (0..trials.len()).any(|at| printed(at).is_some()) {
            let masks: Vec<&[MaskEdge]> =
                (0..trials.len()).map(|at| printed(at).unwrap_or_default()).collect();
            for (at, prints) in self.plan.prints(&masks)?.into_iter().enumerate() {
                if let Some(found) = found[at].as_mut().filter(|_| printed(at).is_some()) {
                    found.prints = Some(prints);
                }
            }
        }
        for (place, found) in self.places.iter().zip(found) {
            members[*place].found = found;
        }
        Ok(())
    }
}
