//! A run as a value: step it, look at any iteration, take its mask.

mod ending;
mod explain;
mod grids;
mod resume;
mod srafs;
mod statement;
mod trial;

use std::sync::Arc;

use lithoscope_kernels::device::{Compute, DeviceError, DeviceInfo};
use serde::{Deserialize, Serialize};

use super::adam::{Adam, Moments};
use super::epoch::{Epoch, State};
use super::evaluate::{Evaluator, Sharpness, Terms};
use super::methods::{Feeder, FreeForm, approach, biases};
use super::probes::{Probe, epe_probes, guards};
use super::recipe::Start;
use super::{AssistAction, OpcError, OpcMethod, Recipe};
use crate::geometry::{Polygon, Rect};
use crate::imaging::{Focus, Grid, Imager, Process};
use crate::layout::Clip;
use crate::mask::FragmentedTarget;
use crate::verify::{
    Gauge, GaugeReading, Metrics, PixelTarget, Scorer, Topology, contest_gauges, read,
};
use ending::DescentPlans;
pub use explain::{
    CornerShare, FragmentExplanation, GaugeInfluence, GaugeReport, Influence, Moment, SeedMap,
};
use grids::{check_inside, coverage, judged_window, loss_grid};
pub use statement::{BrokenRule, EpeLeft, FailedShape, Statement};
pub(super) use trial::Trial;

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

/// One iteration: the mask it made and what was found. Kept for the whole run, so it is light.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Iteration {
    /// 0 is the starting mask.
    pub index: usize,
    /// Which set of fragments the offsets belong to: SRAFs come and go between epochs, the main
    /// features' fragments come first in all of them.
    pub epoch: usize,
    /// Whole-nm offset of every fragment of the epoch, rule-clean: the mask that metrics describe.
    pub offsets: Vec<i16>,
    /// Loss of the unrounded mask of this iteration.
    pub loss: LossTerms,
    /// Metrics of the mask with these offsets or, where it was not judged, of the last one that
    /// was.
    pub metrics: Metrics,
    /// Printed shapes against the target's, the worst over the corners; as old as the metrics.
    pub topology: Topology,
    /// Whether this mask was judged; only such iterations can be the best.
    pub judged: bool,
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

/// A run of edge-based OPC: a state machine without threads or clock.
///
/// The same recipe, clip and process give the same history, bit for bit, on any number of threads.
pub struct OpcRun {
    pub(super) recipe: Recipe,
    /// What is corrected.
    clip: Clip,
    /// Sets of fragments, in the order they came about.
    epochs: Vec<Epoch>,
    pub(super) pixels: PixelTarget,
    gauges: Vec<Gauge>,
    /// Places where shapes would bridge or break first.
    guards: Vec<Probe>,
    pub(super) evaluator: Evaluator,
    pub(super) scorer: Scorer,
    /// Plans of the last descent, made when it is reached.
    descent: Option<DescentPlans>,
    adam: Adam,
    /// EPE feedback, made when it is first followed.
    feeder: Option<Feeder>,
    /// The field of a free-form method.
    pub(super) free: Option<FreeForm>,
    pub(super) history: Vec<Iteration>,
    /// State of every iteration, so that any can be gone back to exactly.
    pub(super) states: Vec<State>,
    /// Gradient at the last iteration.
    gradient: Vec<f64>,
    /// Nothing is left to do.
    pub(super) finished: bool,
}

impl OpcRun {
    /// Prepares a run; iteration 0 (the starting mask) is judged at once and is in the history.
    ///
    /// # Errors
    /// An empty, slanted or self-touching target, a clip that does not fit the optics, a bad recipe.
    pub fn new(clip: &Clip, recipe: &Recipe, process: &Process) -> Result<Self, OpcError> {
        let mut run = Self::prepare(clip, recipe, process)?;
        if run.free.is_some() {
            run.record_free()?;
            return Ok(run);
        }
        let count = run.gradient.len();
        let mut offsets = match recipe.optimiser.start {
            Start::Even => vec![recipe.optimiser.initial_offset_nm as f32; count],
            Start::Bias => biases(run.epochs[0].target.fragments(), &run.pixels, &recipe.bias),
        };
        run.epochs[0].keeper.project(&mut offsets);
        run.record(State { epoch: 0, offsets, moments: Moments::new(count) })?;
        Ok(run)
    }

    /// A run without any iteration.
    fn prepare(clip: &Clip, recipe: &Recipe, process: &Process) -> Result<Self, OpcError> {
        recipe.validate()?;
        if !recipe.mask.features_are_brighter() {
            return Err(OpcError::DarkFeatures { recipe: recipe.name.clone() });
        }
        let target = FragmentedTarget::new(&clip.polygons, &recipe.fragments)?;
        let imager = Imager::new(process, clip.window)?;
        check_inside(&clip.polygons, imager.field())?;
        let window = judged_window(clip, recipe, imager.field());
        let pixels = PixelTarget::new(&clip.polygons, window, recipe.scoring.target_rule)?;
        let gauges = contest_gauges(&pixels, recipe.scoring.epe_tolerance_nm);
        let scorer = Scorer::new(&imager, &pixels, &gauges);
        let grid = loss_grid(clip, recipe, imager.field());
        let mut probes = epe_probes(&gauges);
        let guards = guards(&gauges, &pixels, &process.corners());
        if recipe.objective.guard_weight > 0.0 {
            probes.extend(&guards);
        }
        let cover = coverage(&pixels, &grid);
        let mut evaluator = Evaluator::new(imager, &recipe.objective, &grid, cover, &probes);
        let count = target.fragments().len();
        let free = if recipe.method.is_free_form() {
            let first = match recipe.optimiser.start {
                Start::Even => pixels.clone(),
                Start::Bias => {
                    let epoch = Epoch::new(target.clone(), recipe);
                    let biases = biases(target.fragments(), &pixels, &recipe.bias);
                    let mask = target.polygons(&epoch.keeper.project_rounded(&biases));
                    PixelTarget::new(&mask, window, recipe.scoring.target_rule)?
                }
            };
            let cover = |grid: &Grid| coverage(&first, grid).into_iter().collect();
            Some(FreeForm::new(evaluator.imager(), recipe, &grid, cover)?)
        } else {
            None
        };
        Ok(Self {
            clip: clip.clone(),
            epochs: vec![Epoch::new(target, recipe)],
            adam: Adam { beta1: recipe.optimiser.beta1, beta2: recipe.optimiser.beta2 },
            recipe: recipe.clone(),
            pixels,
            gauges,
            guards,
            evaluator,
            scorer,
            descent: None,
            feeder: None,
            free,
            finished: false,
            history: Vec::new(),
            states: Vec::new(),
            gradient: vec![0.0; count],
        })
    }

    /// Makes one iteration; `None` once the schedule is done.
    ///
    /// # Errors
    /// The loss is not finite.
    pub fn step(&mut self) -> Result<Option<&Iteration>, OpcError> {
        if self.free.is_some() {
            return self.step_free();
        }
        let Some(state) = self.next_state()? else { return Ok(None) };
        self.record(state)?;
        Ok(self.history.last())
    }

    /// The state that the next iteration records; `None` once the schedule is done.
    fn next_state(&mut self) -> Result<Option<State>, OpcError> {
        let done = self.history.len().saturating_sub(1);
        let Some((stage, t)) = self.stage_at(done) else { return self.next_after_stages(done) };
        let (rate, action) = (blend(stage.step_nm, t), stage.assists);
        let Some(last) = self.states.last() else { return Ok(None) };
        let mut state = last.clone();
        if t == 0.0 {
            match action {
                AssistAction::Keep => {}
                AssistAction::Seed => state = self.seeded(&state)?,
                AssistAction::Prune => state = self.pruned(&state)?,
            }
        }
        self.update(&mut state, rate);
        self.epochs[state.epoch].keeper.project(&mut state.offsets);
        Ok(Some(state))
    }

    /// Moves the offsets of a state as the recipe's method does, by about (gradient) or at most
    /// (the others) `rate` nm.
    fn update(&mut self, state: &mut State, rate: f64) {
        let epoch = &self.epochs[state.epoch];
        let fragments = epoch.target.fragments();
        match self.recipe.method {
            OpcMethod::Feedback => {
                self.evaluator.image(&epoch.target, &state.offsets);
                let (imager, edges) = (self.evaluator.held(), self.evaluator.edges());
                let feeder = self.feeder.take().filter(|f| f.epoch == state.epoch);
                let mut feeder =
                    feeder.unwrap_or_else(|| Feeder::new(imager, fragments, state.epoch));
                let recipe = &self.recipe.feedback;
                feeder.feed(imager, fragments, edges, recipe, rate, &mut state.offsets);
                self.feeder = Some(feeder);
            }
            OpcMethod::Rules => {
                let biases = biases(fragments, &self.pixels, &self.recipe.bias);
                approach(&mut state.offsets, &biases, rate);
            }
            _ => self.adam.step(&mut state.moments, &self.gradient, rate, &mut state.offsets),
        }
    }

    /// The loss of a state under the sharpness that step `index` needs; keeps its gradient.
    fn evaluate(&mut self, state: &State, index: usize) -> LossTerms {
        let sharpness = self.sharpness(index);
        self.gradient.resize(state.offsets.len(), 0.0);
        self.evaluator.evaluate(
            &self.epochs[state.epoch].target,
            &state.offsets,
            sharpness,
            Terms::ALL,
            &mut self.gradient,
        )
    }

    /// The same on the processor, which leaves its images and gradient with the evaluator.
    fn evaluate_here(&mut self, state: &State, index: usize) -> LossTerms {
        let sharpness = self.sharpness(index);
        self.gradient.resize(state.offsets.len(), 0.0);
        self.evaluator.evaluate_here(
            &self.epochs[state.epoch].target,
            &state.offsets,
            sharpness,
            Terms::ALL,
            &mut self.gradient,
        )
    }

    /// Hands the iterations to come to a device: losses, gradients and what prints. Seeding of SRAFs,
    /// the last descent and explanations stay on the processor; so does all else, from the very next
    /// evaluation on, should the device fail (see [`OpcRun::device_failure`]).
    ///
    /// # Errors
    /// What the device cannot do; the run then goes on as before.
    pub fn use_device(&mut self, device: Arc<dyn Compute>) -> Result<(), DeviceError> {
        self.check_device(&*device)?;
        self.evaluator.use_device(device, &self.pixels, &self.scorer)
    }

    /// Refuses what no device does.
    pub(super) fn check_device(&self, device: &dyn Compute) -> Result<(), DeviceError> {
        if self.free.is_none() {
            return Ok(());
        }
        Err(DeviceError::Unsupported {
            device: device.info().name.clone(),
            what: "free-form correction".to_owned(),
            reason: "only edges are corrected on devices".to_owned(),
        })
    }

    /// Takes the iterations to come back to the processor.
    pub fn use_processor(&mut self) {
        self.evaluator.use_processor();
    }

    /// The device that iterations run on; `None` is the processor.
    pub fn device(&self) -> Option<&DeviceInfo> {
        self.evaluator.device().map(|device| device.info())
    }

    /// Why a device no longer runs this run's iterations.
    pub fn device_failure(&self) -> Option<&DeviceError> {
        self.evaluator.device_failure()
    }

    /// Whether an iteration is judged: every so many, and the last of every stage.
    pub(super) fn is_judged(&self, index: usize) -> bool {
        let mut end = 0;
        let mut ends = false;
        for stage in &self.recipe.optimiser.stages {
            end += stage.steps;
            ends |= end == index;
        }
        ends || index > end || index.is_multiple_of(self.recipe.scoring.judge_every.max(1) as usize)
    }

    /// The stage of step `step` (0-based) and how far through it that is, 0…1.
    pub(super) fn stage_at(&self, step: usize) -> Option<(&super::Stage, f64)> {
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
    pub(super) fn sharpness(&self, step: usize) -> Sharpness {
        let last = self.recipe.stage_steps().saturating_sub(1);
        let (steepness, quadratic) = self
            .stage_at(step.min(last))
            .map_or((50.0, 1.0), |(stage, t)| (blend(stage.steepness, t), stage.quadratic));
        Sharpness { steepness, quadratic }
    }

    /// The recipe of this run.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The fragments of the last iteration: those of the main features, which all iterations
    /// share, then those of its SRAFs.
    pub fn target(&self) -> &FragmentedTarget {
        let epoch = self.states.last().map_or(0, |state| state.epoch);
        &self.epochs[epoch].target
    }

    /// The fragments of an iteration; `None` if there is no such iteration.
    pub fn target_of(&self, iteration: usize) -> Option<&FragmentedTarget> {
        Some(&self.epochs[self.history.get(iteration)?.epoch].target)
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
        self.finished || self.history.len() > self.total_steps()
    }

    /// Index of the best judged iteration so far: lowest L2 + weighted PV band, EPE violations,
    /// shots and shapes that are missing, broken, bridged or extra (see [`super::Scoring`]), the
    /// later of equals.
    pub fn best(&self) -> usize {
        let mut best = (f64::INFINITY, 0);
        for iteration in self.history.iter().filter(|i| i.judged) {
            let cost = self.cost(&iteration.metrics, iteration.topology);
            if cost <= best.0 {
                best = (cost, iteration.index);
            }
        }
        best.1
    }

    /// What masks are compared by, nm².
    pub(super) fn cost(&self, metrics: &Metrics, topology: Topology) -> f64 {
        let scoring = &self.recipe.scoring;
        metrics.l2_nm2 as f64
            + scoring.pv_band_weight * metrics.pvb_nm2 as f64
            + scoring.epe_weight * f64::from(metrics.epe_violations)
            + scoring.shot_weight * f64::from(metrics.shots)
            + scoring.fault_weight * f64::from(topology.faults())
    }

    /// Goes back to an iteration: later ones are dropped and stepping goes on from there, exactly
    /// as it did the first time. Past the end, nothing changes.
    pub fn rewind(&mut self, iteration: usize) {
        if iteration + 1 >= self.history.len() {
            return;
        }
        self.history.truncate(iteration + 1);
        self.states.truncate(iteration + 1);
        self.finished = false;
        if self.free.is_some() {
            return self.rewind_free(iteration);
        }
        let epochs = self.states.iter().map(|s| s.epoch + 1).max().unwrap_or(1);
        self.epochs.truncate(epochs);
        self.feeder = None;
        if let Some(state) = self.states.last().cloned() {
            self.evaluate(&state, iteration);
        }
    }

    /// The mask of an iteration, main features first, then SRAFs; `None` if there is no such
    /// iteration. In a free-form run that of the last judged iteration so far.
    pub fn mask(&self, iteration: usize) -> Option<Vec<Polygon>> {
        if let Some(free) = &self.free {
            self.history.get(iteration)?;
            return free.mask(iteration).map(<[Polygon]>::to_vec);
        }
        Some(self.target_of(iteration)?.polygons(&self.history[iteration].offsets))
    }

    /// The main features of the mask of an iteration; `None` if there is no such iteration. In a
    /// free-form run the whole mask, which grows its SRAFs as it does the rest.
    pub fn main_mask(&self, iteration: usize) -> Option<Vec<Polygon>> {
        if self.free.is_some() {
            return self.mask(iteration);
        }
        Some(self.target_of(iteration)?.main_polygons(&self.history[iteration].offsets))
    }

    /// The SRAFs of an iteration that were placed as such, clip nm; `None` if there is no such
    /// iteration.
    pub fn assists(&self, iteration: usize) -> Option<Vec<Rect>> {
        Some(self.target_of(iteration)?.assists(&self.history[iteration].offsets))
    }

    /// Metrics of any mask on this run's target and process, as far about the target as this run
    /// may place SRAFs.
    pub fn score(&mut self, mask: &[Polygon]) -> Metrics {
        self.scorer.score(self.evaluator.imager(), mask)
    }

    /// Missing, broken, bridged and extra printed shapes of an iteration, the worst over the
    /// corners; `None` if there is no such iteration.
    pub fn topology(&mut self, iteration: usize) -> Option<Topology> {
        let mask = self.mask(iteration)?;
        self.score(&mask);
        Some(self.scorer.topology())
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
    ///
    /// Empty in a free-form run, which moves no fragments.
    pub fn gradients(&mut self, iteration: usize) -> Option<Vec<FragmentGradient>> {
        let state = self.states.get(iteration)?;
        if self.free.is_some() {
            return Some(Vec::new());
        }
        let sharpness = self.sharpness(iteration);
        let target = &self.epochs[state.epoch].target;
        let mut by_term = [0, 1, 2].map(|_| vec![0.0; state.offsets.len()]);
        for (term, gradient) in by_term.iter_mut().enumerate() {
            let terms = Terms { l2: term == 0, pv_band: term == 1, epe: term == 2 };
            self.evaluator.evaluate(target, &state.offsets, sharpness, terms, gradient);
        }
        let [l2, pv_band, epe] = by_term;
        let joined = l2.into_iter().zip(pv_band).zip(epe);
        Some(joined.map(|((l2, pv_band), epe)| FragmentGradient { l2, pv_band, epe }).collect())
    }
}

pub(super) fn blend([start, end]: [f64; 2], t: f64) -> f64 {
    start + (end - start) * t
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;

#[cfg(test)]
mod device_tests;
