//! A run as a value: step it, look at any iteration, take its mask.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::adam::{Adam, Moments};
use super::evaluate::{Evaluator, Probe, Sharpness, Terms};
use super::{OpcError, Recipe};
use crate::geometry::{Polygon, Rect};
use crate::imaging::{Focus, Grid, Imager, Process};
use crate::layout::Clip;
use crate::mask::{FragmentedTarget, RuleKeeper, RuleLimits};
use crate::verify::{
    Gauge, GaugeReading, Metrics, PixelTarget, Scorer, Topology, contest_gauges, read,
};

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
    /// Loss of the unrounded mask of this iteration.
    pub loss: LossTerms,
    /// Metrics of the mask with these offsets.
    pub metrics: Metrics,
    /// Root mean square of the loss gradient over fragments, nm² a nm.
    pub gradient_rms: f64,
}

/// Gradient of the loss with respect to one fragment's offset, by term, nm² a nm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FragmentGradient {
    /// From the image difference.
    pub l2: f64,
    /// From the PV band.
    pub pv_band: f64,
    /// From EPE.
    pub epe: f64,
}

/// What stepping goes on from: unrounded offsets and the optimiser's memory.
#[derive(Clone, Debug)]
struct State {
    offsets: Vec<f32>,
    moments: Moments,
}

/// A run of edge-based OPC: a state machine without threads or clock.
///
/// The same recipe, clip and process give the same history, bit for bit, on any number of threads.
pub struct OpcRun {
    recipe: Recipe,
    target: FragmentedTarget,
    keeper: RuleKeeper,
    gauges: Vec<Gauge>,
    evaluator: Evaluator,
    scorer: Scorer,
    adam: Adam,
    history: Vec<Iteration>,
    /// State of every iteration, so that any can be gone back to exactly.
    states: Vec<State>,
    /// Gradient at the last iteration.
    gradient: Vec<f64>,
}

impl OpcRun {
    /// Prepares a run; iteration 0 (the starting mask) is judged at once and is in the history.
    ///
    /// # Errors
    /// An empty, slanted or self-touching target, a clip that does not fit the optics, a bad recipe.
    pub fn new(clip: &Clip, recipe: &Recipe, process: &Process) -> Result<Self, OpcError> {
        recipe.validate()?;
        if !recipe.mask.features_are_brighter() {
            return Err(OpcError::DarkFeatures { recipe: recipe.name.clone() });
        }
        let target = FragmentedTarget::new(&clip.polygons, &recipe.fragments)?;
        let imager = Imager::new(process, clip.window)?;
        let pixels = PixelTarget::new(&clip.polygons, imager.field(), recipe.scoring.target_rule)?;
        let gauges = contest_gauges(&pixels, recipe.scoring.epe_tolerance_nm);
        let scorer = Scorer::new(&imager, &pixels, &gauges);
        let grid = loss_grid(clip, recipe, imager.field());
        let probes: Vec<Probe> =
            gauges.iter().map(|g| Probe { inside: g.inner_nm, outside: g.outer_nm }).collect();
        let cover = coverage(&pixels, &grid);
        let evaluator = Evaluator::new(imager, &recipe.objective, &grid, cover, &probes);
        let count = target.fragments().len();
        let mut run = Self {
            keeper: RuleKeeper::new(&target, &limits(recipe)),
            adam: Adam { beta1: recipe.optimiser.beta1, beta2: recipe.optimiser.beta2 },
            recipe: recipe.clone(),
            target,
            gauges,
            evaluator,
            scorer,
            history: Vec::new(),
            states: Vec::new(),
            gradient: vec![0.0; count],
        };
        let mut offsets = vec![recipe.optimiser.initial_offset_nm as f32; count];
        run.keeper.project(&mut offsets);
        run.record(State { offsets, moments: Moments::new(count) })?;
        Ok(run)
    }

    /// Makes one iteration; `None` once the schedule is done.
    ///
    /// # Errors
    /// The loss is not finite.
    pub fn step(&mut self) -> Result<Option<&Iteration>, OpcError> {
        let done = self.history.len().saturating_sub(1);
        let Some((stage, t)) = self.stage_at(done) else { return Ok(None) };
        let Some(last) = self.states.last() else { return Ok(None) };
        let rate = blend(stage.step_nm, t);
        let mut state = last.clone();
        self.adam.step(&mut state.moments, &self.gradient, rate, &mut state.offsets);
        self.keeper.project(&mut state.offsets);
        self.record(state)?;
        Ok(self.history.last())
    }

    /// Evaluates a state under the sharpness its next step needs, judges its rounded mask, and
    /// appends both to the history.
    fn record(&mut self, state: State) -> Result<(), OpcError> {
        let index = self.history.len();
        let sharpness = self.sharpness(index);
        let loss = self.evaluator.evaluate(
            &self.target,
            &state.offsets,
            sharpness,
            Terms::ALL,
            &mut self.gradient,
        );
        let square: f64 = self.gradient.iter().map(|g| g * g).sum();
        if !(loss.total() + square).is_finite() {
            return Err(OpcError::Diverged { iteration: index });
        }
        let offsets = self.keeper.project_rounded(&state.offsets);
        let mask = self.target.polygons(&offsets);
        let metrics = self.scorer.score(self.evaluator.imager(), &mask);
        let gradient_rms = (square / self.gradient.len().max(1) as f64).sqrt();
        self.history.push(Iteration { index, offsets, loss, metrics, gradient_rms });
        self.states.push(state);
        Ok(())
    }

    /// The stage of step `step` (0-based) and how far through it that is, 0…1.
    fn stage_at(&self, step: usize) -> Option<(&super::Stage, f64)> {
        let mut before = 0;
        for stage in &self.recipe.optimiser.stages {
            if step < before + stage.steps {
                let t = (step - before) as f64 / stage.steps.saturating_sub(1).max(1) as f64;
                return Some((stage, t));
            }
            before += stage.steps;
        }
        None
    }

    /// Sharpness of the loss whose gradient step `step` follows; past the end, the last one's.
    fn sharpness(&self, step: usize) -> Sharpness {
        let last = self.total_steps().saturating_sub(1);
        let (steepness, quadratic) = self
            .stage_at(step.min(last))
            .map_or((50.0, 1.0), |(stage, t)| (blend(stage.steepness, t), stage.quadratic));
        Sharpness { steepness, quadratic }
    }

    /// The recipe of this run.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The fragmented target.
    pub fn target(&self) -> &FragmentedTarget {
        &self.target
    }

    /// The periodic field that is imaged and judged, clip nm.
    pub fn field(&mut self) -> Rect {
        self.evaluator.imager().field()
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

    /// Index of the best iteration so far: lowest L2 + PV band + `epe_weight` · EPE violations,
    /// the later of equals.
    pub fn best(&self) -> usize {
        let cost = |m: &Metrics| {
            m.l2_nm2 as f64
                + m.pvb_nm2 as f64
                + self.recipe.objective.epe_weight * f64::from(m.epe_violations)
        };
        let mut best = (f64::INFINITY, 0);
        for iteration in &self.history {
            let cost = cost(&iteration.metrics);
            if cost <= best.0 {
                best = (cost, iteration.index);
            }
        }
        best.1
    }

    /// Goes back to an iteration: later ones are dropped and stepping goes on from there, exactly
    /// as it did the first time. Past the end, nothing changes.
    pub fn rewind(&mut self, iteration: usize) {
        if iteration + 1 >= self.history.len() {
            return;
        }
        self.history.truncate(iteration + 1);
        self.states.truncate(iteration + 1);
        let sharpness = self.sharpness(iteration);
        if let Some(state) = self.states.last() {
            self.evaluator.evaluate(
                &self.target,
                &state.offsets,
                sharpness,
                Terms::ALL,
                &mut self.gradient,
            );
        }
    }

    /// The mask of an iteration; `None` if there is no such iteration.
    pub fn mask(&self, iteration: usize) -> Option<Vec<Polygon>> {
        Some(self.target.polygons(&self.history.get(iteration)?.offsets))
    }

    /// Metrics of any mask on this run's target and process.
    pub fn score(&mut self, mask: &[Polygon]) -> Metrics {
        self.scorer.score(self.evaluator.imager(), mask)
    }

    /// Missing, broken, bridged and extra printed shapes of an iteration, the worst over the
    /// corners; `None` if there is no such iteration.
    pub fn topology(&mut self, iteration: usize) -> Option<Topology> {
        let mask = self.mask(iteration)?;
        self.score(&mask);
        self.scorer.topology().ok()
    }

    /// The EPE gauges of the target.
    pub fn gauges(&self) -> &[Gauge] {
        &self.gauges
    }

    /// What each gauge reads at an iteration (recomputed from its offsets).
    pub fn gauge_readings(&mut self, iteration: usize) -> Option<Vec<GaugeReading>> {
        let mask = self.mask(iteration)?;
        let imager = self.evaluator.imager();
        imager.set_mask(&mask);
        let threshold = imager.process().threshold;
        let intensity = |x: f64, y: f64| imager.intensity_at(Focus::Nominal, x, y);
        Some(self.gauges.iter().map(|g| read(g, intensity, threshold)).collect())
    }

    /// Gradient by fragment and term at an iteration's unrounded mask (recomputed).
    pub fn gradients(&mut self, iteration: usize) -> Option<Vec<FragmentGradient>> {
        let state = self.states.get(iteration)?;
        let sharpness = self.sharpness(iteration);
        let mut by_term = [0, 1, 2].map(|_| vec![0.0; state.offsets.len()]);
        for (term, gradient) in by_term.iter_mut().enumerate() {
            let terms = Terms { l2: term == 0, pv_band: term == 1, epe: term == 2 };
            self.evaluator.evaluate(&self.target, &state.offsets, sharpness, terms, gradient);
        }
        let [l2, pv_band, epe] = by_term;
        let joined = l2.into_iter().zip(pv_band).zip(epe);
        Some(joined.map(|((l2, pv_band), epe)| FragmentGradient { l2, pv_band, epe }).collect())
    }
}

fn blend([start, end]: [f64; 2], t: f64) -> f64 {
    start + (end - start) * t
}

fn limits(recipe: &Recipe) -> RuleLimits {
    RuleLimits {
        min_width_nm: recipe.rules.min_width_nm,
        min_space_nm: recipe.rules.min_space_nm,
        min_corner_nm: 1.0,
        max_offset_nm: recipe.optimiser.max_offset_nm,
    }
}

/// The target's bounding box with the recipe's margin, cut to the field, in whole loss pixels.
fn loss_grid(clip: &Clip, recipe: &Recipe, field: Rect) -> Grid {
    let pixel = recipe.objective.grid_nm.round().max(1.0);
    let margin = recipe.objective.margin_nm;
    let boxes = clip.polygons.iter().filter_map(Polygon::bounding_box);
    let bounds = boxes.reduce(|a, b| a.union(&b)).unwrap_or(clip.window);
    let low = |v: i32, end: i32| (f64::from(v) - margin).max(f64::from(end)).floor();
    let high = |v: i32, end: i32| (f64::from(v) + margin).min(f64::from(end));
    let [x0, y0] = [low(bounds.min.x, field.min.x), low(bounds.min.y, field.min.y)];
    let [x1, y1] = [high(bounds.max.x, field.max.x), high(bounds.max.y, field.max.y)];
    let count = |a: f64, b: f64| (((b - a) / pixel).ceil().max(1.0)) as usize;
    Grid { origin_nm: [x0, y0], pixel_nm: pixel, nx: count(x0, x1), ny: count(y0, y1) }
}

/// Share of each loss pixel that is target.
fn coverage(target: &PixelTarget, grid: &Grid) -> Array2<f32> {
    let pixel = grid.pixel_nm as i32;
    let [x0, y0] = grid.origin_nm.map(|v| v as i32);
    Array2::from_shape_fn((grid.ny, grid.nx), |(y, x)| {
        let (x, y) = (x0 + x as i32 * pixel, y0 + y as i32 * pixel);
        let count = target.count(Rect::new(x, y, x + pixel, y + pixel));
        count as f32 / (pixel * pixel) as f32
    })
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
