//! Iterations of correction: of one clip and of batches, and their stages.

use std::sync::Arc;
use std::time::Instant;

use lithoscope_engine::device::{Compute, DeviceError};
use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::Process;
use lithoscope_engine::layout::{Clip, Layer};
use lithoscope_engine::opc::{OpcBatch, OpcError, OpcRun, ProcessorStage, Recipe, load_process};
use rayon::prelude::*;

use super::stages::{Bench, Times, shortest};
use crate::headless::{cache_dir, title};

/// Iterations that are timed one by one, at most.
const STEPS: u32 = 10;
/// How long iterations are timed again and again, s.
const LONG: f64 = 2.0;
/// Batches are not timed that would take longer an iteration, s.
const TOO_LONG: f64 = 60.0;
/// Most clips that the processor is timed with: beside each other, more take as much longer.
const MOST_HERE: usize = 100;

/// What is corrected.
struct Task {
    recipe: Recipe,
    process: Process,
}

impl Task {
    /// A recipe without an end whose iterations are judged as often as this.
    fn new(judge_every: u32) -> anyhow::Result<Self> {
        let mut recipe = Recipe::named(Recipe::DEFAULT)?;
        recipe.optimiser.stages.truncate(1);
        for stage in &mut recipe.optimiser.stages {
            stage.steps = 900;
        }
        recipe.descent.passes = 0;
        recipe.scoring.judge_every = judge_every;
        let process = load_process(&recipe, clip(0).window, None, cache_dir().as_deref())?;
        Ok(Self { recipe, process })
    }

    /// Runs of clips that differ.
    fn runs(&self, count: usize) -> Result<Vec<OpcRun>, OpcError> {
        let run = |seed| OpcRun::new(&clip(seed), &self.recipe, &self.process);
        (0..count).into_par_iter().map(run).collect()
    }
}

impl Bench<'_> {
    /// The stages of an iteration of one clip, then whole iterations of more and more clips, without
    /// and with judging each at 1 nm.
    ///
    /// # Errors
    /// The clips cannot be corrected.
    pub fn corrections(&mut self) -> anyhow::Result<()> {
        self.stages_of_iteration()?;
        for (stage, judge_every) in [("iteration", 1000), ("iteration, judged", 1)] {
            let task = Task::new(judge_every)?;
            let mut a_clip = vec![0.0; self.devices.len()];
            for clips in sizes(self.options.batch) {
                self.tell(&format!("{stage}, {clips} clips"));
                self.batches(stage, &task, clips, &mut a_clip)?;
            }
        }
        Ok(())
    }

    fn stages_of_iteration(&mut self) -> anyhow::Result<()> {
        self.tell("stages of an iteration");
        let task = Task::new(1)?;
        let input = input(1, 1);
        let mut here = Vec::new();
        for mut run in task.runs(1)? {
            for stage in ProcessorStage::ALL {
                let again = || {
                    run.repeat_stage(stage);
                    Ok::<(), OpcError>(())
                };
                let seconds = shortest(again)?;
                here.push((stage.words(), seconds));
                self.row(stage.words(), &input, 0, Times { seconds, ..Times::default() });
            }
        }
        for (place, device) in self.devices.iter().enumerate() {
            let mut batch = OpcBatch::new(task.runs(1)?, Arc::clone(device));
            batch.step();
            if let Some(reason) = failure(&batch) {
                self.left_out.push(format!("stages on {}: {reason}", title(&**device)));
            }
            for stage in batch.stages() {
                let timed = device.record(&stage.steps).and_then(|program| {
                    let again = || device.run(&program).and_then(|()| device.wait());
                    again()?;
                    shortest(again)
                });
                match timed {
                    Ok(seconds) => {
                        let here = here.iter().find(|(name, _)| *name == stage.name);
                        let processor = here.map(|(_, seconds)| *seconds);
                        let bytes = Some(stage.bytes());
                        let times = Times { seconds, bytes, processor, ..Times::default() };
                        self.row(stage.name, &input, place + 1, times);
                    }
                    Err(error) => self.left_out.push(format!("{}: {error}", stage.name)),
                }
            }
        }
        Ok(())
    }

    /// An iteration of so many clips on every backend that is not too slow for it; `a_clip` holds the
    /// seconds of a clip in each device's last batch.
    fn batches(
        &mut self,
        stage: &'static str,
        task: &Task,
        clips: usize,
        a_clip: &mut [f64],
    ) -> anyhow::Result<()> {
        let mut runs = task.runs(clips.min(MOST_HERE))?;
        let share = clips as f64 / runs.len() as f64;
        let seconds = share * shortest_step(|| runs.par_iter_mut().try_for_each(one_step))?;
        if runs.len() < clips {
            let here = runs.len();
            self.left_out.push(format!(
                "{stage} of {clips} clips on the processor: the row is that of {here}, multiplied"
            ));
        }
        drop(runs);
        let (processor, clips_of) = (Some(seconds), Some(clips));
        let times = Times { seconds, processor, clips: clips_of, ..Times::default() };
        self.row(stage, &input(clips, 1), 0, times);
        for (place, device) in self.devices.iter().enumerate() {
            if a_clip[place] * clips as f64 > TOO_LONG {
                let on = title(&**device);
                self.left_out.push(format!("{stage} of {clips} clips on {on}: too slow"));
                continue;
            }
            match on_device(task, clips, device)? {
                Ok((seconds, parts)) => {
                    a_clip[place] = seconds / clips as f64;
                    let times = Times { seconds, processor, clips: clips_of, ..Times::default() };
                    self.row(stage, &input(clips, parts), place + 1, times);
                }
                Err(error) => {
                    a_clip[place] = f64::INFINITY;
                    self.left_out.push(format!("{stage} of {clips} clips: {error}"));
                }
            }
        }
        Ok(())
    }
}

/// Numbers of clips: 1, 10, 100 and so on below the most, then the most.
fn sizes(most: usize) -> Vec<usize> {
    let tens = std::iter::successors(Some(1), |size: &usize| size.checked_mul(10));
    tens.take_while(|size| *size < most).chain([most]).collect()
}

fn input(clips: usize, parts: usize) -> String {
    let many = if clips == 1 { "1 clip".to_owned() } else { format!("{clips} clips") };
    let split = if parts > 1 { format!(" in {parts} parts") } else { String::new() };
    format!("{many}{split}, 15 rectangles in 2 µm each")
}

fn one_step(run: &mut OpcRun) -> Result<(), OpcError> {
    run.step().map(drop)
}

/// The shortest of several iterations after one that makes ready, s.
fn shortest_step<E>(mut step: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    step()?;
    let begun = Instant::now();
    let mut best = f64::INFINITY;
    let mut times = 0;
    while times == 0 || (times < STEPS && begun.elapsed().as_secs_f64() < LONG) {
        let start = Instant::now();
        step()?;
        best = best.min(start.elapsed().as_secs_f64());
        times += 1;
    }
    Ok(best)
}

/// Why a run of a batch is not on its device.
fn failure(batch: &OpcBatch) -> Option<String> {
    batch.failures().next().map(ToString::to_string)
}

/// Seconds of an iteration of so many clips on a device, and how many plans it took.
fn on_device(
    task: &Task,
    clips: usize,
    device: &Arc<dyn Compute>,
) -> Result<Result<(f64, usize), DeviceError>, OpcError> {
    let mut batch = OpcBatch::new(task.runs(clips)?, Arc::clone(device));
    let seconds = shortest_step(|| {
        batch.step();
        batch.failures().next().map_or(Ok(()), |error| Err(error.clone()))
    });
    Ok(seconds.map(|seconds| (seconds, batch.parts().len())))
}

/// Lines, bars and squares, as on a metal layer; clips of other seeds have other line ends.
fn clip(seed: usize) -> Clip {
    let end = 900 + 5 * (seed % 18) as i32;
    let bars = (0..9).map(|i| {
        let y = 300 + 160 * i;
        Rect::new(300, y, if i % 3 == 0 { 1700 } else { end }, y + 80)
    });
    let more = (0..9).filter(|i| i % 3 != 0).map(|i| {
        let y = 300 + 160 * i;
        Rect::new(end + 100, y, 1700, y + 80)
    });
    Clip {
        name: "bars".to_owned(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 2048, 2048),
        polygons: bars.chain(more).map(Polygon::rect).collect(),
        rounding_nm: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_tenfold_up_to_the_most() {
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(5), [1, 5]);
        assert_eq!(sizes(1000), [1, 10, 100, 1000]);
        assert_ne!(clip(0).polygons, clip(1).polygons);
    }
}
