//! SRAFs of a run: where new ones pay, which are taken away, and the epochs they open.

use super::OpcRun;
use crate::geometry::Rect;
use crate::opc::assists::{self, Standing};
use crate::opc::epoch::State;
use crate::opc::evaluate::Terms;
use crate::opc::{AssistMethod, OpcError};

impl OpcRun {
    /// The state with new SRAFs where they pay, in an epoch of its own; evaluated.
    pub(super) fn seeded(&mut self, state: &State) -> Result<State, OpcError> {
        let index = self.history.len() - 1;
        self.evaluate_here(state, index);
        let epoch = &self.epochs[state.epoch];
        let offsets = epoch.keeper.project_rounded(&state.offsets);
        let there = Standing {
            target: self.clip.polygons.clone(),
            main: epoch.target.main_polygons(&offsets),
            assists: epoch.target.assists(&offsets),
            seeds: epoch.target.seeds(),
        };
        let recipe = &self.recipe.assists;
        let rules = [self.recipe.rules.min_sraf_to_main_nm, self.recipe.rules.min_sraf_space_nm];
        let grid = assists::seed_grid(self.evaluator.grid(), recipe);
        let added = match recipe.method {
            AssistMethod::None => Vec::new(),
            AssistMethod::Gradient => {
                let change = self.evaluator.area_gradient(&grid);
                assists::by_gradient(&change, &grid, recipe, rules, &there)
            }
            AssistMethod::Rules => assists::by_rule(&grid, recipe, rules, &there),
        };
        let keep = vec![true; epoch.target.assist_count()];
        self.carried(state, &keep, &added)
    }

    /// The state without the SRAFs whose removal adds less loss than the recipe says; evaluated.
    pub(super) fn pruned(&mut self, state: &State) -> Result<State, OpcError> {
        let index = self.history.len() - 1;
        let least = self.recipe.assists.drop_nm2;
        let state = &self.quieted(state)?;
        let mut keep = vec![true; self.epochs[state.epoch].target.assist_count()];
        let mut loss = self.evaluate(state, index).total();
        for i in 0..keep.len() {
            keep[i] = false;
            let without = self.trial(state, &keep, index)?;
            if without - loss < least {
                loss = without;
            } else {
                keep[i] = true;
            }
        }
        self.carried(state, &keep, &[])
    }

    /// The loss of a state with some of its SRAFs only.
    fn trial(&mut self, state: &State, keep: &[bool], index: usize) -> Result<f64, OpcError> {
        let epoch = &self.epochs[state.epoch];
        let main = epoch.target.main_count();
        let seeds = epoch.target.seeds();
        let seeds: Vec<Rect> =
            seeds.into_iter().zip(keep).filter(|(_, k)| **k).map(|(s, _)| s).collect();
        let target = epoch.target.with_assists(&seeds)?;
        let trial = state.carried(state.epoch, main, keep, 0);
        let sharpness = self.sharpness(index);
        let mut unused = vec![0.0; trial.offsets.len()];
        let loss =
            self.evaluator.evaluate(&target, &trial.offsets, sharpness, Terms::ALL, &mut unused);
        Ok(loss.total())
    }

    /// A state in a new epoch with the SRAFs that `keep` marks and new ones; evaluated.
    pub(super) fn carried(
        &mut self,
        state: &State,
        keep: &[bool],
        added: &[Rect],
    ) -> Result<State, OpcError> {
        let state = if added.is_empty() && keep.iter().all(|k| *k) {
            state.clone()
        } else {
            let next = self.epochs[state.epoch].next(keep, added, &self.recipe)?;
            let main = next.target.main_count();
            self.epochs.push(next);
            state.carried(self.epochs.len() - 1, main, keep, added.len())
        };
        let index = self.history.len() - 1;
        self.evaluate(&state, index);
        Ok(state)
    }
}
