//! What the window knows of a run: its history, which iteration is shown, and its picture.

use std::sync::Arc;

use lithoscope_engine::mask::Fragment;
use lithoscope_engine::opc::{Iteration, Recipe};
use lithoscope_engine::verify::Metrics;

use crate::worker::{Event, Picture, Prepared, Progress, RuleMarker};

/// A run as the window sees it.
#[derive(Default)]
pub struct RunView {
    /// The run; `None` before one is ready.
    pub prepared: Option<Prepared>,
    /// Iterations so far, index = iteration.
    pub history: Vec<Iteration>,
    /// The iteration the slider stands at.
    pub wanted: usize,
    /// Whether the slider goes along with new iterations.
    pub follow: bool,
    /// Whether iterations are being made.
    pub running: bool,
    /// Best iteration so far.
    pub best: usize,
    /// Whether the engine said that the schedule is done; it may be before its last iteration.
    pub finished: bool,
    /// Newest preparation heard of: what belongs to earlier ones is stale.
    pub generation: u64,
    /// Newest picture.
    pub picture: Option<Arc<Picture>>,
    /// Counts pictures, so that textures and meshes are made once for each.
    pub picture_serial: u64,
    /// Time of the last iteration, ms.
    pub last_step_ms: Option<f64>,
    /// Work in progress.
    pub progress: Option<Progress>,
}

impl RunView {
    /// Forgets the run: another clip was cut.
    pub fn clear(&mut self) {
        let (picture_serial, generation) = (self.picture_serial + 1, self.generation);
        *self = Self { picture_serial, generation, follow: true, ..Self::default() };
    }

    /// Takes what the engine reports about the run; stale reports are dropped.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Prepared(prepared) => {
                let keep = self.picture.take();
                self.clear();
                self.picture = keep;
                self.generation = prepared.generation;
                self.prepared = Some(prepared);
            }
            Event::Iteration { generation, iteration, best, took_ms }
                if self.is_current(generation) =>
            {
                self.take_iteration(*iteration, best, took_ms);
            }
            Event::Rewound { generation, iteration } if self.is_current(generation) => {
                self.history.truncate(iteration + 1);
                self.finished = false;
                self.wanted = iteration;
                self.follow = true;
                self.best = self.best.min(iteration);
            }
            Event::Finished { generation } if self.is_current(generation) => self.finished = true,
            Event::Running(running) => self.running = running,
            Event::Progress(progress) => self.progress = progress,
            Event::Picture(picture) if self.is_fresh(picture.generation) => {
                self.picture = Some(picture);
                self.picture_serial += 1;
            }
            _ => {}
        }
    }

    fn take_iteration(&mut self, iteration: Iteration, best: usize, took_ms: Option<f64>) {
        self.history.truncate(iteration.index);
        if iteration.index > 0 {
            self.last_step_ms = took_ms;
        }
        if self.follow {
            self.wanted = iteration.index;
        }
        self.best = best;
        self.history.push(iteration);
    }

    fn is_current(&self, generation: u64) -> bool {
        self.prepared.as_ref().is_some_and(|p| p.generation == generation)
    }

    /// Whether what belongs to a preparation is still wanted. A clip that cannot be corrected is
    /// pictured without a run having been announced.
    pub fn is_fresh(&self, generation: u64) -> bool {
        generation >= self.generation
    }

    /// The fragments of the shown iteration, those of SRAFs last, and their offsets (nm): as
    /// pictured, since SRAFs come and go; before there is a picture, the main features'.
    pub fn fragments(&self) -> (&[Fragment], &[i16]) {
        match (&self.picture, &self.prepared) {
            (Some(p), _) if !p.fragments.is_empty() => (&p.fragments, &p.offsets),
            (_, Some(prepared)) => {
                let offsets = self.shown().map(|it| it.offsets.as_slice());
                (&prepared.fragments, offsets.unwrap_or_default())
            }
            _ => (&[], &[]),
        }
    }

    /// Mask rules that the picture's mask breaks.
    pub fn broken(&self) -> &[RuleMarker] {
        self.picture.as_ref().map(|p| p.broken.as_slice()).unwrap_or_default()
    }

    /// Number of the newest iteration.
    pub fn last(&self) -> usize {
        self.history.len().saturating_sub(1)
    }

    /// The iteration the slider stands at.
    pub fn shown(&self) -> Option<&Iteration> {
        self.history.get(self.wanted)
    }

    /// The one before it.
    pub fn before_shown(&self) -> Option<&Iteration> {
        self.history.get(self.wanted.checked_sub(1)?)
    }

    /// Whether the picture is not yet that of the iteration the slider stands at.
    pub fn is_loading(&self) -> bool {
        self.picture.as_ref().is_some_and(|p| p.iteration.is_some_and(|i| i != self.wanted))
    }

    /// Whether the schedule is done.
    pub fn is_finished(&self) -> bool {
        self.finished || self.prepared.as_ref().is_some_and(|p| self.last() >= p.total_steps)
    }

    /// The recipe the run was made with.
    pub fn recipe(&self) -> Option<&Recipe> {
        self.prepared.as_ref().map(|p| p.recipe.as_ref())
    }

    /// Metrics of the shown iteration and of the one before.
    pub fn metrics(&self) -> Option<(Metrics, Option<Metrics>)> {
        Some((self.shown()?.metrics, self.before_shown().map(|i| i.metrics)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iteration(index: usize) -> Event {
        Event::Iteration {
            generation: 3,
            iteration: Box::new(Iteration { index, ..Iteration::default() }),
            best: 0,
            took_ms: Some(1.0),
        }
    }

    fn prepared(generation: u64) -> Event {
        let recipe = Recipe::named("iccad13-no-sraf").unwrap();
        Event::Prepared(Prepared {
            generation,
            recipe: Arc::new(recipe),
            fragments: [].into(),
            gauges: [].into(),
            total_steps: 2,
            took_ms: 0.0,
        })
    }

    #[test]
    fn iterations_of_an_earlier_run_are_dropped() {
        let mut run = RunView::default();
        run.take(prepared(4));
        run.take(iteration(0));
        assert!(run.history.is_empty());
    }

    #[test]
    fn what_belongs_to_an_earlier_preparation_is_stale() {
        let mut run = RunView::default();
        run.take(prepared(4));
        assert!(run.is_fresh(4) && run.is_fresh(5) && !run.is_fresh(3));
        run.clear();
        assert!(!run.is_fresh(3), "another clip does not make it fresh");
    }

    #[test]
    fn the_slider_follows_until_it_is_moved() {
        let mut run = RunView::default();
        run.take(prepared(3));
        run.take(iteration(0));
        run.take(iteration(1));
        assert_eq!(run.wanted, 1);
        run.follow = false;
        run.take(iteration(2));
        assert_eq!((run.wanted, run.last()), (1, 2));
        assert!(run.is_finished());
    }

    #[test]
    fn going_back_forgets_later_iterations() {
        let mut run = RunView::default();
        run.take(prepared(3));
        (0..3).for_each(|i| run.take(iteration(i)));
        run.take(Event::Rewound { generation: 3, iteration: 0 });
        assert_eq!((run.wanted, run.history.len()), (0, 1));
    }
}
