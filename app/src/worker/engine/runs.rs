//! Requests about a run: its clip, recipe and steps, and what is written of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use lithoscope_engine::layout::{CellId, Clip};
use lithoscope_engine::opc::{OpcRun, Recipe};

use super::{Bench, Engine, Stop, milliseconds};
use crate::export;
use crate::worker::lens::Lens;
use crate::worker::{Conditions, Event, Export, Failure, Optics, Prepared, stages};

impl Engine {
    pub(super) fn take_clip(&mut self, clip: Clip, cell: CellId) -> Result<(), Stop> {
        let clip = Arc::new(clip);
        self.clip = Some(Arc::clone(&clip));
        self.bench = None;
        self.generation += 1;
        if self.running {
            self.set_running(false);
        }
        self.tell(Event::Clip { clip, cell, generation: self.generation });
        self.prepare()
    }

    /// Takes a recipe; one that cannot be prepared leaves the run there was.
    pub(super) fn take_recipe(&mut self, recipe: Recipe) -> Result<(), Stop> {
        recipe
            .validate()
            .map_err(|e| stages::opc_failure("The recipe was not taken".to_owned(), &e))?;
        let before = self.recipe.replace(recipe);
        let outcome = self.prepare();
        if outcome.is_err() && self.bench.is_some() {
            self.recipe = before;
        }
        outcome
    }

    pub(super) fn take_kernels(&mut self, folder: PathBuf) -> Result<(), Stop> {
        self.folders.kernels = Some(folder);
        if self.bench.is_some() { Ok(()) } else { self.prepare() }
    }

    /// Kernels, imaging plan and iteration 0 of the present clip and recipe.
    pub(super) fn prepare(&mut self) -> Result<(), Stop> {
        let (Some(clip), Some(recipe)) = (self.clip.clone(), self.recipe.clone()) else {
            return Ok(());
        };
        let started = Instant::now();
        self.stage("Preparing the optics")?;
        let imager = stages::plan(&clip, &recipe, &self.folders)?;
        self.stage("Judging the starting mask")?;
        let run = stages::start(&clip, &recipe, &imager);
        if self.running {
            self.set_running(false);
        }
        self.generation += 1;
        self.shown = self.shown.anew();
        let (run, refused) = match run {
            Ok(mut run) => {
                self.hand_over(&mut run);
                (Some(run), None)
            }
            Err(failure) => (None, Some(failure)),
        };
        let lens = Lens::new(&recipe);
        self.take_optics(&lens, imager.process().threshold);
        self.announce(&recipe, run.as_ref(), milliseconds(started));
        self.bench = Some(Bench { imager, lens, drawing: self.drawing(), run, range: None });
        refused.map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// Says what the optics can be asked for; a focus they cannot be shown at is left.
    pub(super) fn take_optics(&mut self, lens: &Lens, threshold: f32) {
        let focuses = lens.focuses();
        let conditions = (*self.shown.conditions).clone();
        let defocus_nm = focuses.nearest(conditions.defocus_nm);
        self.take_conditions(Conditions { defocus_nm, ..conditions });
        self.tell(Event::Optics(Optics { generation: self.generation, focuses, threshold }));
    }

    pub(super) fn announce(&self, recipe: &Recipe, run: Option<&OpcRun>, took_ms: f64) {
        let Some(run) = run else { return };
        self.tell(Event::Prepared(Prepared {
            generation: self.generation,
            recipe: Arc::new(recipe.clone()),
            fragments: run.target().fragments().into(),
            gauges: run.gauges().into(),
            total_steps: run.total_steps(),
            took_ms,
        }));
        let best = run.best();
        for iteration in run.history() {
            self.tell(Event::Iteration {
                generation: self.generation,
                iteration: Box::new(iteration.clone()),
                best,
                took_ms: None,
            });
        }
    }

    pub(super) fn set_running(&mut self, running: bool) {
        let can_run =
            self.bench.as_ref().and_then(|b| b.run.as_ref()).is_some_and(|r| !r.is_finished());
        self.running = running && can_run;
        if self.running {
            self.shown.follow = true;
        }
        self.tell(Event::Running(self.running));
    }

    pub(super) fn reset(&mut self) -> Result<(), Stop> {
        if self.bench.is_none() {
            return self.prepare();
        }
        self.set_running(false);
        if let Some(run) = self.bench.as_mut().and_then(|b| b.run.as_mut()) {
            run.rewind(0);
            self.shown.wanted = 0;
            self.shown.follow = true;
            self.tell(Event::Rewound { generation: self.generation, iteration: 0 });
        }
        Ok(())
    }

    pub(super) fn step(&mut self) -> Result<(), Stop> {
        let started = Instant::now();
        let Some(run) = self.bench.as_mut().and_then(|b| b.run.as_mut()) else { return Ok(()) };
        let made =
            run.step().map_err(|e| stages::opc_failure("The run stopped".to_owned(), &e))?.cloned();
        let (best, finished) = (run.best(), run.is_finished());
        self.watch_device();
        if let Some(iteration) = made {
            if self.shown.follow {
                self.shown.wanted = iteration.index;
            }
            self.tell(Event::Iteration {
                generation: self.generation,
                iteration: Box::new(iteration),
                best,
                took_ms: Some(milliseconds(started)),
            });
        }
        if finished {
            self.tell(Event::Finished { generation: self.generation });
        }
        if finished && self.running {
            self.set_running(false);
            self.tell(Event::Log("The schedule is done.".to_owned()));
        }
        Ok(())
    }

    pub(super) fn export(
        &mut self,
        what: Export,
        path: &Path,
        iteration: usize,
    ) -> Result<(), Stop> {
        self.stage("Writing the file")?;
        let (Some(clip), Some(run)) =
            (self.clip.as_ref(), self.bench.as_ref().and_then(|b| b.run.as_ref()))
        else {
            return Err(Stop::Failed(Failure {
                what: format!("There is no {} to write yet", what.noun()),
                why: "open a layout and prepare a run first".to_owned(),
                remedy: None,
            }));
        };
        let written = match what {
            Export::Mask => {
                let main = run.main_mask(iteration).unwrap_or_default();
                let srafs = run.assists(iteration).unwrap_or_default();
                export::write_mask(path, clip, &main, &srafs, &run.recipe().output)
            }
            Export::Run => {
                let mut saved = run.save();
                saved.source.clone_from(&self.origin);
                saved.to_bytes().map_err(Into::into).and_then(|b| export::write_file(path, &b))
            }
            Export::MetricsCsv => export::write_metrics_csv(path, run.history()),
            Export::MetricsJson => export::write_metrics_json(path, run.history()),
        };
        written.map_err(|e| stages::write_failure(what.noun(), path, &e))?;
        self.tell(Event::Written { what, path: path.to_path_buf() });
        Ok(())
    }
}
