//! Saving a run, and going on from a saved one.

use super::{Epoch, FreeForm, OpcRun};
use crate::geometry::Rect;
use crate::imaging::Process;
use crate::mask::near::{Extent, near_pairs};
use crate::opc::saved::{FORMAT, SavedEpoch};
use crate::opc::{OpcError, Recipe, SavedRun, SavedRunError};

/// Fragments of all epochs together that are built again: hundreds of times those of a usual run.
const MOST_FRAGMENTS: usize = 2_000_000;

impl OpcRun {
    /// The run as it stands, to be written to a file. Its `source` is empty.
    pub fn save(&self) -> SavedRun {
        let epochs = self.epochs.iter().map(|e| SavedEpoch { seeds: e.target.seeds() });
        SavedRun {
            format: FORMAT,
            source: String::new(),
            recipe: self.recipe.clone(),
            clip: self.clip.clone(),
            process: self.evaluator.process().fingerprint(),
            epochs: epochs.collect(),
            history: self.history.clone(),
            states: self.states.clone(),
            finished: self.finished,
            field: self.free.as_ref().map(FreeForm::save),
        }
    }

    /// Goes on with a saved run: what it steps to, and any iteration it goes back to, is the same
    /// bit for bit as if it had never stopped.
    ///
    /// # Errors
    /// A process other than the run's, contents that contradict each other, and whatever
    /// [`OpcRun::new`] refuses.
    pub fn resume(saved: SavedRun, process: &Process) -> Result<Self, OpcError> {
        let given = process.fingerprint();
        if saved.process != given {
            return Err(SavedRunError::OtherProcess { saved: saved.process, given }.into());
        }
        let mut run = Self::prepare(&saved.clip, &saved.recipe, process)?;
        let field = run.field();
        check_epochs(&saved.epochs, &saved.recipe, field, run.target().main_count())?;
        for epoch in saved.epochs.iter().skip(1) {
            let target = run.epochs[0].target.with_assists(&epoch.seeds)?;
            run.epochs.push(Epoch::new(target, &saved.recipe));
        }
        check_history(&saved, &run.epochs)?;
        match (&mut run.free, saved.field) {
            (Some(free), Some(state)) => free.restore(state, &saved.history, field)?,
            (None, None) => {}
            (free, _) => {
                let reason = if free.is_some() { "it is missing" } else { "no edge run has one" };
                return Err(SavedRunError::BadField { reason: reason.to_owned() }.into());
            }
        }
        run.history = saved.history;
        run.states = saved.states;
        run.finished = saved.finished;
        let last = run.states.len() - 1;
        if run.free.is_some() {
            run.evaluate_free(last);
        } else if let Some(state) = run.states.last().cloned() {
            run.evaluate(&state, last);
        }
        Ok(run)
    }
}

fn count(what: &str, found: usize, expected: impl ToString) -> SavedRunError {
    SavedRunError::Count { what: what.to_owned(), found, expected: expected.to_string() }
}

/// Checks SRAFs before fragments are made of them.
fn check_epochs(
    epochs: &[SavedEpoch],
    recipe: &Recipe,
    field: Rect,
    main: usize,
) -> Result<(), SavedRunError> {
    if epochs.first().is_none_or(|first| !first.seeds.is_empty()) {
        let reason = "the first one has no SRAFs, and there is one at least".to_owned();
        return Err(SavedRunError::BadEpoch { epoch: 0, reason });
    }
    let fragments = epochs.iter().fold(0usize, |n, e| n + main + 4 * e.seeds.len());
    if fragments > MOST_FRAGMENTS {
        let most = format!("at most {MOST_FRAGMENTS}");
        return Err(count("fragments in all epochs", fragments, most));
    }
    for (epoch, SavedEpoch { seeds }) in epochs.iter().enumerate() {
        let refused = |reason: String| Err(SavedRunError::BadEpoch { epoch, reason });
        if seeds.len() > recipe.assists.most as usize {
            let most = recipe.assists.most;
            return refused(format!("{} SRAFs, the recipe has {most} at most", seeds.len()));
        }
        let inside = |r: &Rect| !r.is_empty() && field.union(r) == field;
        if let Some(seed) = seeds.iter().position(|r| !inside(r)) {
            return refused(format!("SRAF {seed} is no rectangle inside the field"));
        }
        let (mut meet, within) = (None, |lo: i32, hi: i32| [lo, hi].map(f64::from));
        // Shrunk, so that abutting ones do not count.
        let shrunk = |[lo, hi]: [f64; 2]| [lo + 0.25, hi - 0.25];
        let extent = |r: &Rect| Extent {
            along: shrunk(within(r.min.x, r.max.x)),
            at: shrunk(within(r.min.y, r.max.y)),
        };
        let boxes: Vec<Extent> = seeds.iter().map(extent).collect();
        near_pairs(&boxes, |i, j| meet = Some((i, j)));
        if let Some((i, j)) = meet {
            return refused(format!("SRAFs {i} and {j} overlap"));
        }
    }
    Ok(())
}

/// Checks every iteration and its state against the fragments of its epoch.
fn check_history(saved: &SavedRun, epochs: &[Epoch]) -> Result<(), SavedRunError> {
    let (history, states) = (&saved.history, &saved.states);
    if history.is_empty() || history.len() > saved.recipe.total_steps() + 1 {
        let most = saved.recipe.total_steps() + 1;
        return Err(count("iterations", history.len(), format!("1 to {most}")));
    }
    if states.len() != history.len() {
        return Err(count("states", states.len(), history.len()));
    }
    for (iteration, (made, state)) in history.iter().zip(states).enumerate() {
        let refused =
            |reason: &str| Err(SavedRunError::BadState { iteration, reason: reason.to_owned() });
        let Some(epoch) = epochs.get(state.epoch) else {
            let (epoch, epochs) = (state.epoch, epochs.len());
            return Err(SavedRunError::NoSuchEpoch { iteration, epoch, epochs });
        };
        // A free-form run moves no fragments.
        let free = saved.recipe.method.is_free_form();
        let fragments = if free { 0 } else { epoch.target.fragments().len() };
        for (what, found) in [
            ("whole offsets", made.offsets.len()),
            ("offsets", state.offsets.len()),
            ("first moments", state.moments.lengths()[0]),
            ("second moments", state.moments.lengths()[1]),
        ] {
            if found != fragments {
                let what = format!("{what} in iteration {iteration}");
                return Err(count(&what, found, fragments));
            }
        }
        if made.index != iteration || made.epoch != state.epoch {
            return refused("its index or epoch is another one's");
        }
        let most =
            1 + saved.recipe.optimiser.max_offset_nm.max(saved.recipe.assists.max_offset_nm) as i32;
        if made.offsets.iter().any(|o| i32::from(*o).abs() > most) {
            return refused("an offset is larger than the recipe allows");
        }
        if !state.offsets.iter().all(|o| o.is_finite()) || !state.moments.are_sound() {
            return refused("an offset or moment is not a finite number");
        }
    }
    Ok(())
}
