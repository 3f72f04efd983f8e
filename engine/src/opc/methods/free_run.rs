//! Runs of the free-form methods: the same iterations, from a field in place of offsets.

use super::free::Manner;
use crate::geometry::Polygon;
use crate::mask::FragmentedTarget;
use crate::opc::adam::Moments;
use crate::opc::epoch::{Epoch, State};
use crate::opc::evaluate::Terms;
use crate::opc::run::blend;
use crate::opc::{Iteration, OpcError, OpcRun};
use crate::verify::{Metrics, Topology};

impl OpcRun {
    /// Makes one iteration of a field; `None` once the schedule is done.
    ///
    /// # Errors
    /// The loss is not finite, or no judged mask has any shape.
    pub(in crate::opc) fn step_free(&mut self) -> Result<Option<&Iteration>, OpcError> {
        let done = self.history.len().saturating_sub(1);
        let Some((stage, t)) = self.stage_at(done) else { return self.finish_free(done) };
        let rate = blend(stage.step_nm, t);
        if let Some(free) = &mut self.free {
            free.advance(&self.recipe, rate);
        }
        self.record_free()?;
        Ok(self.history.last())
    }

    /// An iteration after the stages: the outline of the best mask, cut into fragments, goes through
    /// the last descent.
    fn finish_free(&mut self, done: usize) -> Result<Option<&Iteration>, OpcError> {
        let best = self.best();
        let mask = self.mask(best).unwrap_or_default();
        if mask.is_empty() {
            return Err(OpcError::EmptyMask);
        }
        let after = done.saturating_sub(self.recipe.stage_steps());
        let left = after < self.recipe.descent.passes as usize && !self.finished;
        let edges = if left { self.edges_bettered(best, &mask) } else { None };
        let Some((epoch, offsets)) = edges else {
            self.finished = true;
            return Ok(None);
        };
        let index = self.history.len();
        let sharpness = self.sharpness(index);
        let places: Vec<f32> = offsets.iter().map(|&o| f32::from(o)).collect();
        let mut gradient = vec![0.0; places.len()];
        let loss =
            self.evaluator.evaluate(&epoch.target, &places, sharpness, Terms::ALL, &mut gradient);
        let square: f64 = gradient.iter().map(|g| g * g).sum();
        let gradient_rms = (square / gradient.len().max(1) as f64).sqrt();
        if !(loss.total() + gradient_rms).is_finite() {
            return Err(OpcError::Diverged { iteration: index });
        }
        let (mask, metrics, topology) = self.judged_free(epoch.target.polygons(&offsets));
        if let Some(free) = &mut self.free {
            free.note(index, Some(mask));
        }
        self.append(Iteration {
            index,
            loss,
            metrics,
            topology,
            judged: true,
            gradient_rms,
            ..Iteration::default()
        });
        Ok(self.history.last())
    }

    /// Fragments of a mask's outline and offsets that make it better; `None` where none are found,
    /// or where the outline touches itself.
    fn edges_bettered(&mut self, iteration: usize, mask: &[Polygon]) -> Option<(Epoch, Vec<i16>)> {
        let Iteration { metrics, topology, .. } = &self.history[iteration];
        let goal = self.cost(metrics, *topology);
        let target = FragmentedTarget::new(mask, &self.recipe.fragments).ok()?;
        let epoch = Epoch::new(target, &self.recipe);
        let start = vec![0; epoch.target.fragments().len()];
        let offsets = self.bettered(&epoch, &start, goal)?;
        Some((epoch, offsets))
    }

    /// Appends an iteration of a field.
    fn append(&mut self, iteration: Iteration) {
        self.history.push(iteration);
        self.states.push(State { epoch: 0, offsets: Vec::new(), moments: Moments::new(0) });
    }

    /// Evaluates the present field, judges its mask where that is due, and appends both.
    pub(in crate::opc) fn record_free(&mut self) -> Result<(), OpcError> {
        let index = self.history.len();
        let Some(mut free) = self.free.take() else { return Ok(()) };
        let manner = self.manner(index, free.level_count());
        let (loss, gradient_rms) = free.evaluate(&mut self.evaluator, &self.recipe, manner);
        if !(loss.total() + gradient_rms).is_finite() {
            self.free = Some(free);
            return Err(OpcError::Diverged { iteration: index });
        }
        let judged = self.is_judged(index);
        let (metrics, topology) = if judged {
            let (mask, metrics, topology) = self.judged_free(free.polygons(&self.recipe));
            free.note(index, Some(mask));
            (metrics, topology)
        } else {
            free.note(index, None);
            self.history.last().map(|i| (i.metrics, i.topology)).unwrap_or_default()
        };
        self.free = Some(free);
        self.append(Iteration {
            index,
            loss,
            metrics,
            topology,
            judged,
            gradient_rms,
            ..Iteration::default()
        });
        Ok(())
    }

    /// Goes back to an iteration that is there: from the last state kept before it, the steps are
    /// taken again.
    pub(in crate::opc) fn rewind_free(&mut self, iteration: usize) {
        let Some(mut free) = self.free.take() else { return };
        let from = free.back_to(iteration);
        for index in from..=iteration {
            let manner = self.manner(index, free.level_count());
            free.evaluate(&mut self.evaluator, &self.recipe, manner);
            if let Some((stage, t)) = self.stage_at(index).filter(|_| index < iteration) {
                let rate = blend(stage.step_nm, t);
                free.advance(&self.recipe, rate);
            }
        }
        self.free = Some(free);
    }

    /// Evaluates the present field again as that of iteration `index`; keeps its gradient.
    pub(in crate::opc) fn evaluate_free(&mut self, index: usize) {
        let Some(mut free) = self.free.take() else { return };
        let manner = self.manner(index, free.level_count());
        free.evaluate(&mut self.evaluator, &self.recipe, manner);
        self.free = Some(free);
    }

    /// A mask without the islands that print where nothing should, and its verdict.
    fn judged_free(&mut self, mut mask: Vec<Polygon>) -> (Vec<Polygon>, Metrics, Topology) {
        let mut metrics = self.scorer.score(self.evaluator.imager(), &mask);
        if self.scorer.topology().extra > 0 {
            let count = mask.len();
            mask.retain(|p| self.on_target(p) || !self.prints(p));
            if mask.len() < count {
                metrics = self.scorer.score(self.evaluator.imager(), &mask);
            }
        }
        (mask, metrics, self.scorer.topology())
    }

    fn on_target(&self, polygon: &Polygon) -> bool {
        polygon.bounding_box().is_some_and(|bounds| self.pixels.count(bounds) > 0)
    }

    fn prints(&self, polygon: &Polygon) -> bool {
        polygon.bounding_box().is_some_and(|bounds| self.scorer.prints_in(bounds))
    }

    /// How iteration `index` is evaluated.
    fn manner(&self, index: usize, levels: usize) -> Manner {
        let table = &self.recipe.pixels;
        let total = self.recipe.stage_steps();
        let mut stage = 0;
        let mut end = 0;
        for (i, s) in self.recipe.optimiser.stages.iter().enumerate() {
            if index >= end {
                stage = i;
            }
            end += s.steps;
        }
        let t = index.min(total) as f64 / total.max(1) as f64;
        let softness = blend([table.first_softness_nm, table.last_softness_nm], t) as f32;
        let hard = index + table.hard_steps as usize > total;
        Manner { level: stage.min(levels - 1), sharpness: self.sharpness(index), softness, hard }
    }
}
