//! The end of a run: SRAFs that print give way, then the last descent.

use lithoscope_kernels::response::ResponsePlan;

use super::{Iteration, OpcRun, cost};
use crate::imaging::{Grid, Resampler};
use crate::opc::OpcError;
use crate::opc::adam::Moments;
use crate::opc::descent::{Limits, Model, ModelInput, search};
use crate::opc::epoch::State;

/// What the last descent needs besides.
pub(super) struct DescentPlans {
    response: ResponsePlan,
    grid: Grid,
    sampler: Resampler,
}

/// Pixel of the images that contours are taken from in the last descent, nm.
const CONTOUR_PIXEL_NM: f64 = 4.0;

impl OpcRun {
    /// An iteration after the stages: SRAFs that print give way, then the last descent.
    pub(super) fn finish(&mut self, done: usize) -> Result<Option<&Iteration>, OpcError> {
        let after = done.saturating_sub(self.recipe.stage_steps());
        let mut next = None;
        if !self.finished && after == 0 {
            next = self.quieted_best()?;
        }
        if !self.finished && next.is_none() && after < self.recipe.descent.passes as usize {
            next = self.descended();
        }
        let Some(state) = next else {
            self.finished = true;
            return Ok(None);
        };
        self.record(state)?;
        Ok(self.history.last())
    }

    /// The best mask with the SRAFs that print made smaller or taken away; `None` where none does.
    fn quieted_best(&mut self) -> Result<Option<State>, OpcError> {
        let best = self.best();
        if self.history[best].topology.extra == 0 {
            return Ok(None);
        }
        let state = self.states[best].clone();
        let quiet = self.quieted(&state)?;
        Ok((quiet.epoch != state.epoch || quiet.offsets != state.offsets).then_some(quiet))
    }

    /// A pass of the last descent from the best mask; `None` where it finds nothing better.
    fn descended(&mut self) -> Option<State> {
        let best = self.best();
        let scoring = &self.recipe.scoring;
        let start = &self.history[best];
        let (state, goal) = (&self.states[best], self.cost(&start.metrics, start.topology));
        let epoch = &self.epochs[state.epoch];
        let imager = self.evaluator.imager();
        let plans = self.descent.get_or_insert_with(|| {
            let grid = Grid::over(self.pixels.window(), CONTOUR_PIXEL_NM);
            let sampler = imager.sampler(&grid);
            DescentPlans { response: imager.response_plan(), grid, sampler }
        });
        let input = ModelInput {
            target: &epoch.target,
            offsets: &start.offsets,
            pixels: &self.pixels,
            gauges: &self.gauges,
            guards: &self.guards,
            pv_band_weight: scoring.pv_band_weight as f32,
            epe_weight: scoring.epe_weight as f32,
            fault_weight: scoring.fault_weight as f32,
        };
        let model = Model::new(imager, &plans.response, &plans.grid, &mut plans.sampler, &input);
        let descent = &self.recipe.descent;
        let radius = descent.radius_nm.min(100) as i16;
        // The model errs more the farther and the more moves are made: fewer and shorter ones are
        // tried where all that it promises do not hold.
        let radii = std::iter::successors(Some(radius), |r| Some(r / 2)).take_while(|r| *r > 0);
        for (radius, least_gain) in radii.flat_map(|r| [(r, 0.5), (r, 4.0)]) {
            let limits = Limits {
                radius,
                least_gain,
                rounds: descent.rounds as usize,
                shot_weight: scoring.shot_weight as f32,
            };
            let offsets = search(&model, &epoch.target, &epoch.keeper, &start.offsets, &limits);
            if offsets == start.offsets {
                continue;
            }
            let mask = epoch.target.polygons(&offsets);
            let metrics = self.scorer.score(self.evaluator.imager(), &mask);
            if cost(scoring, &metrics, self.scorer.topology()) < goal {
                let offsets: Vec<f32> = offsets.iter().map(|&o| f32::from(o)).collect();
                let moments = Moments::new(offsets.len());
                return Some(State { epoch: state.epoch, offsets, moments });
            }
        }
        None
    }

    /// A state in which no SRAF prints at any corner: those that do become narrower, nm by nm, as
    /// far as the rules let them, and are then taken away. Evaluated.
    pub(super) fn quieted(&mut self, state: &State) -> Result<State, OpcError> {
        let least = self.recipe.rules.min_sraf_width_nm.ceil() as i32;
        let mut state = state.clone();
        loop {
            let epoch = &self.epochs[state.epoch];
            let offsets = epoch.keeper.project_rounded(&state.offsets);
            let mask = epoch.target.polygons(&offsets);
            self.scorer.score(self.evaluator.imager(), &mask);
            let assists = epoch.target.assists(&offsets);
            let printing: Vec<bool> = assists.iter().map(|a| self.scorer.prints_in(*a)).collect();
            if !printing.contains(&true) {
                return Ok(state);
            }
            let main = epoch.target.main_count();
            let mut keep = vec![true; assists.len()];
            for (i, assist) in assists.iter().enumerate().filter(|(i, _)| printing[*i]) {
                let first = main + 4 * i;
                // Sides that lie across the width: bottom and top of one that runs along x.
                let (sides, width) = if assist.width() >= assist.height() {
                    ([first, first + 2], assist.height() as i32)
                } else {
                    ([first + 1, first + 3], assist.width() as i32)
                };
                let spare = width - least;
                if spare <= 0 {
                    keep[i] = false;
                } else {
                    state.offsets[sides[0]] = f32::from(offsets[sides[0]]) - 1.0;
                    state.offsets[sides[1]] =
                        f32::from(offsets[sides[1]]) - if spare > 1 { 1.0 } else { 0.0 };
                }
            }
            state = self.carried(&state, &keep, &[])?;
        }
    }
}
