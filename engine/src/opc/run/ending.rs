//! The end of a run: SRAFs that print give way, then the last descent.

use lithoscope_kernels::response::ResponsePlan;

use super::{Iteration, OpcRun};
use crate::imaging::{Grid, Resampler};
use crate::mask::FragmentedTarget;
use crate::opc::OpcError;
use crate::opc::descent::{Limits, Model, ModelInput, promising, search};
use crate::opc::epoch::{Epoch, State};

/// What the last descent needs besides.
pub(super) struct DescentPlans {
    response: ResponsePlan,
    grid: Grid,
    sampler: Resampler,
}

/// Pixel of the images that contours are taken from in the last descent, nm.
const CONTOUR_PIXEL_NM: f64 = 4.0;
/// How many times its weight a gauge counts for that is wished within tolerance.
const FORCE: f32 = 10.0;
/// Longest move that is tried by itself, nm.
const TRIAL_RADIUS: i16 = 3;
/// How much worse the model may find a move that is tried, nm².
const TRIAL_SLACK: f32 = 6.0;

impl OpcRun {
    /// The state of an iteration after the stages: SRAFs that print give way, then the last descent.
    pub(super) fn next_after_stages(&mut self, done: usize) -> Result<Option<State>, OpcError> {
        let after = done.saturating_sub(self.recipe.stage_steps());
        let mut next = None;
        if !self.finished && after == 0 {
            next = self.quieted_best()?;
        }
        let descent = &self.recipe.descent;
        let (starts, passes) = (descent.starts as usize, descent.passes as usize);
        if !self.finished && next.is_none() && after < starts + passes {
            if after < starts {
                next = self.descended_from(after);
            }
            next = next.or_else(|| self.descended());
        }
        self.finished |= next.is_none();
        Ok(next)
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
        let (start, index) = (&self.history[best], self.states[best].epoch);
        let goal = self.cost(&start.metrics, start.topology);
        let (offsets, epoch) = (start.offsets.clone(), self.epochs[index].clone());
        self.bettered(&epoch, &offsets, goal).map(|offsets| State::at(index, &offsets))
    }

    /// The judged iteration of the stages that is `rank`-th from the best, followed down by as many
    /// passes as help; `None` where there are not so many.
    fn descended_from(&mut self, rank: usize) -> Option<State> {
        let judged = self.history.iter().take(self.recipe.stage_steps() + 1).filter(|i| i.judged);
        let cost = |i: &Iteration| self.cost(&i.metrics, i.topology);
        let mut ranked: Vec<(f64, usize)> = judged.map(|i| (cost(i), i.index)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let &(mut goal, from) = ranked.get(rank)?;
        let index = self.states[from].epoch;
        let (mut offsets, epoch) = (self.history[from].offsets.clone(), self.epochs[index].clone());
        for _ in 0..self.recipe.descent.passes {
            let model = self.model(&epoch.target, &offsets);
            let Some(better) = self.searched(&model, &epoch, &offsets, goal) else { break };
            goal = self.judged_cost(&epoch, &better);
            offsets = better;
        }
        Some(State::at(index, &offsets))
    }

    /// Offsets near these that the judge finds better than `goal`; `None` where none is found.
    pub(in crate::opc) fn bettered(
        &mut self,
        epoch: &Epoch,
        offsets: &[i16],
        goal: f64,
    ) -> Option<Vec<i16>> {
        let mut model = self.model(&epoch.target, offsets);
        self.searched(&model, epoch, offsets, goal)
            .or_else(|| self.wished(&mut model, epoch, offsets, goal))
            .or_else(|| self.tried(&model, epoch, offsets, goal))
    }

    /// What is left after moves that the model does not forbid were judged one by one, and those
    /// that helped kept: the model errs by a few nm² a move, about what the last moves gain.
    fn tried(
        &mut self,
        model: &Model,
        epoch: &Epoch,
        offsets: &[i16],
        mut goal: f64,
    ) -> Option<Vec<i16>> {
        let trials = self.recipe.descent.trials as usize;
        if trials == 0 {
            return None;
        }
        let limits = self.limits(TRIAL_RADIUS, -TRIAL_SLACK);
        let moves = promising(model, &epoch.target, &epoch.keeper, offsets, &limits);
        let mut rules = epoch.keeper.kept(offsets);
        let mut here = offsets.to_vec();
        for (_, moves) in moves.iter().take(trials) {
            if !rules.allow(moves) {
                continue;
            }
            let mut moved = here.clone();
            for &(i, by) in moves {
                moved[i] += by;
            }
            let cost = self.judged_cost(epoch, &moved);
            if cost < goal {
                goal = cost;
                rules.make(moves);
                here = moved;
            }
        }
        (here != offsets).then_some(here)
    }

    /// The metrics about a mask.
    fn model(&mut self, target: &FragmentedTarget, offsets: &[i16]) -> Model {
        let scoring = &self.recipe.scoring;
        let imager = self.evaluator.imager();
        let plans = self.descent.get_or_insert_with(|| {
            let grid = Grid::over(self.pixels.window(), CONTOUR_PIXEL_NM);
            let sampler = imager.sampler(&grid);
            DescentPlans { response: imager.response_plan(), grid, sampler }
        });
        let input = ModelInput {
            target,
            offsets,
            pixels: &self.pixels,
            gauges: &self.gauges,
            guards: &self.guards,
            pv_band_weight: scoring.pv_band_weight as f32,
            epe_weight: scoring.epe_weight as f32,
            fault_weight: scoring.fault_weight as f32,
        };
        Model::new(imager, &plans.response, &plans.grid, &mut plans.sampler, &input)
    }

    /// What the model is searched within.
    fn limits(&self, radius: i16, least_gain: f32) -> Limits {
        Limits {
            radius,
            least_gain,
            rounds: self.recipe.descent.rounds as usize,
            shot_weight: self.recipe.scoring.shot_weight as f32,
        }
    }

    /// What masks are compared by, of whole offsets.
    fn judged_cost(&mut self, epoch: &Epoch, offsets: &[i16]) -> f64 {
        let mask = epoch.target.polygons(offsets);
        let metrics = self.scorer.score(self.evaluator.imager(), &mask);
        self.cost(&metrics, self.scorer.topology())
    }

    /// What a search on the model finds, where the judge agrees.
    fn searched(
        &mut self,
        model: &Model,
        epoch: &Epoch,
        offsets: &[i16],
        goal: f64,
    ) -> Option<Vec<i16>> {
        let radius = self.recipe.descent.radius_nm.min(100) as i16;
        // The model errs more the farther and the more moves are made: fewer and shorter ones are
        // tried where all that it promises do not hold.
        let radii = std::iter::successors(Some(radius), |r| Some(r / 2)).take_while(|r| *r > 0);
        for (radius, least_gain) in radii.flat_map(|r| [(r, 0.5), (r, 4.0)]) {
            let limits = self.limits(radius, least_gain);
            let moved = search(model, &epoch.target, &epoch.keeper, offsets, &limits);
            if moved != offsets && self.judged_cost(epoch, &moved) < goal {
                return Some(moved);
            }
        }
        None
    }

    /// What the search finds where one gauge after the other is made to count for much, or for
    /// nothing where it is within tolerance already: what a violation less is worth may lie beyond
    /// moves that cost. Each is judged, and the model renewed where one helped.
    fn wished(
        &mut self,
        model: &mut Model,
        epoch: &Epoch,
        offsets: &[i16],
        goal: f64,
    ) -> Option<Vec<i16>> {
        let weight = self.recipe.scoring.epe_weight as f32;
        let limits = self.limits(self.recipe.descent.radius_nm.min(100) as i16, 0.5);
        let (mut goal, mut best) = (goal, None);
        let mut here = offsets.to_vec();
        let mut since = 0;
        let wishes = self.recipe.descent.wishes as usize * model.gauges();
        for gauge in (0..model.gauges()).cycle().take(wishes) {
            if since == model.gauges() {
                break;
            }
            since += 1;
            model.set_gauge_cost(gauge, if model.violates(gauge) { FORCE * weight } else { 0.0 });
            let moved = search(model, &epoch.target, &epoch.keeper, &here, &limits);
            model.set_gauge_cost(gauge, weight);
            if moved == here {
                continue;
            }
            let cost = self.judged_cost(epoch, &moved);
            if cost < goal {
                goal = cost;
                *model = self.model(&epoch.target, &moved);
                here.clone_from(&moved);
                best = Some(moved);
                since = 0;
            }
        }
        best
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
