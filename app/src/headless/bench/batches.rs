//! Clips of one recipe corrected in lock-step on a device.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use indicatif::ProgressBar;
use lithoscope_engine::device::Compute;
use lithoscope_engine::opc::{BatchRun, OpcBatch, OpcRun, Recipe};
use rayon::prelude::*;

use super::{BenchOptions, ClipFile, Entry, Figures, judged_figures};
use crate::headless::{ClipChoice, Corrected, Prepared, Seconds, prepare, title};

/// What every batch needs to know.
pub struct Task<'a> {
    pub options: &'a BenchOptions,
    pub device: &'a Arc<dyn Compute>,
    pub kernels: Option<&'a Path>,
    pub bar: &'a ProgressBar,
}

impl Task<'_> {
    /// The entries of all recipes on all clips, clip by clip, and what a person should know.
    pub fn entries(&self, clips: &[ClipFile]) -> (Vec<Entry>, Vec<String>) {
        let (mut by_recipe, mut notes) = (Vec::new(), Vec::new());
        for recipe in &self.options.recipes {
            let mut own = Vec::with_capacity(clips.len());
            for batch in clips.chunks(self.options.batch) {
                self.bar.set_message(format!("{} and on · {}", batch[0].label, recipe.name));
                let outcomes = self.batch(batch, recipe, &mut notes);
                let entries = batch.iter().zip(outcomes);
                own.extend(entries.map(|(clip, outcome)| Entry::new(clip, recipe, outcome)));
                self.bar.inc(batch.len() as u64);
            }
            by_recipe.push(own.into_iter());
        }
        let rows = clips
            .iter()
            .flat_map(|_| by_recipe.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>());
        (rows.collect(), notes)
    }

    /// Corrects one batch; the outcome of each of its clips.
    fn batch(
        &self,
        clips: &[ClipFile],
        recipe: &Recipe,
        notes: &mut Vec<String>,
    ) -> Vec<anyhow::Result<Figures>> {
        let prepare = |clip: &ClipFile| {
            prepare(&clip.path, &ClipChoice::default(), recipe.clone(), self.kernels)
        };
        let prepared: Vec<_> = clips.par_iter().map(prepare).collect();
        let start = Instant::now();
        let begin = |prepared: &Prepared| {
            OpcRun::new(&prepared.clip, &prepared.recipe, &prepared.process)
                .with_context(|| prepared.file.display().to_string())
        };
        let begun: Vec<anyhow::Result<(Prepared, OpcRun)>> = prepared
            .into_par_iter()
            .map(|prepared| prepared.and_then(|own| begin(&own).map(|run| (own, run))))
            .collect();
        // What could not be begun keeps its place; the others go to the device.
        let (mut runs, mut others) = (Vec::new(), Vec::new());
        for outcome in begun {
            others.push(outcome.map(|(prepared, run)| {
                runs.push(run);
                prepared
            }));
        }
        let share = runs.len().max(1) as f64;
        let mut batch = OpcBatch::new(runs, Arc::clone(self.device));
        let parts = batch.parts();
        if parts.len() > 1 {
            let parts: Vec<String> = parts.iter().map(usize::to_string).collect();
            notes.push(format!(
                "{}: the batch from {} on is computed in parts of {} clips, as they are unlike or more than {} holds at once",
                recipe.name,
                clips[0].label,
                parts.join(", "),
                title(&**self.device),
            ));
        }
        let setup_s = start.elapsed().as_secs_f64() / share;
        let start = Instant::now();
        while batch.step() > 0 {}
        let steps_s = start.elapsed().as_secs_f64() / share;
        let mut ended = batch.into_runs().into_iter();
        let pairs: Vec<_> = others
            .into_iter()
            .map(|prepared| prepared.and_then(|own| Ok((own, ended.next().context("no run")?))))
            .collect();
        let judged = pairs.into_par_iter().zip(clips).map(|(pair, clip)| {
            let (prepared, ended) = pair?;
            self.figures(clip, &prepared, ended, [setup_s, steps_s])
        });
        judged.collect()
    }

    /// The figures of a run of a batch; `[setup, steps]` seconds a clip.
    fn figures(
        &self,
        clip: &ClipFile,
        prepared: &Prepared,
        ended: BatchRun,
        [setup_s, steps_s]: [f64; 2],
    ) -> anyhow::Result<Figures> {
        if let Some(failure) = ended.failure {
            return Err(failure.into());
        }
        let iterations = ended.run.history().len() - 1;
        let seconds = Seconds::new(prepared.kernels_s, setup_s, steps_s, iterations);
        let device = title(&**self.device);
        let corrected = Corrected::new(ended.run, seconds, device, ended.device_failure);
        judged_figures(clip, prepared, &corrected, self.options.judge.as_deref())
    }
}
