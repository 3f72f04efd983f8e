//! Recipes against each other and against what is published, over a folder of clips.

mod averages;
mod batches;
mod clips;
mod figures;
pub mod gpu;
mod machine;
mod masks;
mod published;
mod report;
mod sheet;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use lithoscope_engine::device::Compute;
use lithoscope_engine::opc::Recipe;
use serde::Serialize;

use super::{ClipChoice, Corrected, Course, Prepared, correct_along, prepare};
pub use averages::Averages;
use clips::ClipFile;
pub use clips::clips_in;
pub use figures::Figures;
pub use machine::{Machine, cores};
pub use masks::file_name;
pub use published::{PUBLISHED, Published};
pub use report::{BenchReport, Entry};

/// What a folder of clips is, and so which recipes and published figures belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// The ten clips of the ICCAD-2013 contest: every recipe iccad13…, figures a clip.
    Iccad13,
    /// Via clips: every recipe via…, figures a via.
    Via,
    /// Any clips: the default recipe, figures a clip, nothing published beside them.
    Clips,
    /// No clips: the stages of rasterizing and correction, on the processor and on every device.
    Gpu,
}

impl Suite {
    /// The recipes that come with the program for this suite.
    ///
    /// # Errors
    /// None does.
    pub fn recipes(self) -> anyhow::Result<Vec<Recipe>> {
        let prefix = match self {
            Self::Iccad13 => "iccad13",
            Self::Via => "via",
            Self::Clips | Self::Gpu => return Ok(vec![Recipe::named(Recipe::DEFAULT)?]),
        };
        let names: Vec<_> = Recipe::names().filter(|name| name.starts_with(prefix)).collect();
        ensure!(
            !names.is_empty(),
            "no recipe that comes with the program starts with '{prefix}'; name one with --recipe"
        );
        names.into_iter().map(|name| Ok(Recipe::named(name)?)).collect()
    }

    /// Whether L2, PV band, EPE and shots are averaged over target shapes, not over clips.
    pub fn is_by_shape(self) -> bool {
        self == Self::Via
    }
}

/// What to run.
pub struct BenchOptions {
    /// What the folder is.
    pub suite: Suite,
    /// Folder of clips.
    pub folder: PathBuf,
    /// Recipes, each with a name of its own.
    pub recipes: Vec<Recipe>,
    /// Folder of the contest kernels, for recipes that import them; the clips' folder if it holds
    /// them, unless given.
    pub kernels: Option<PathBuf>,
    /// Folder that masks are written in for judging elsewhere.
    pub judge: Option<PathBuf>,
    /// Clips at a time.
    pub jobs: usize,
    /// Threads for a clip.
    pub threads: usize,
    /// What computes the iterations; the processor unless given.
    pub device: Option<Arc<dyn Compute>>,
    /// Clips that the device corrects in lock-step.
    pub batch: usize,
    /// Whether a bar may be drawn on standard error.
    pub visible: bool,
}

/// A file that the contest's folder of kernels holds.
const KERNEL_FILE: &str = "kernels_focus.npy";

/// Runs every recipe on every clip. A clip that fails is an entry with its reason; others go on.
///
/// # Errors
/// The folder cannot be read or holds no clip, two recipes share a name, or masks cannot be written.
pub fn bench(options: &BenchOptions) -> anyhow::Result<BenchReport> {
    check_names(&options.recipes)?;
    let clips = clips_in(&options.folder)?;
    let kernels = options
        .kernels
        .clone()
        .or_else(|| options.folder.join(KERNEL_FILE).is_file().then(|| options.folder.clone()));
    let runs: Vec<(&ClipFile, &Recipe)> =
        clips.iter().flat_map(|clip| options.recipes.iter().map(move |r| (clip, r))).collect();
    let bar = bar(runs.len(), options.visible);
    let mut notes = Vec::new();
    let one = |index: usize| {
        let (clip, recipe) = runs[index];
        bar.set_message(format!("{} · {}", clip.label, recipe.name));
        let device = options.device.clone();
        let outcome = run(clip, recipe, kernels.as_deref(), options.judge.as_deref(), device);
        bar.inc(1);
        Entry::new(clip, recipe, outcome)
    };
    let entries = match &options.device {
        Some(device) if options.batch > 1 => {
            let task = batches::Task { options, device, kernels: kernels.as_deref(), bar: &bar };
            let mut done = in_jobs(1, 1, options.threads, |_| task.entries(&clips))?;
            let (entries, told) = done.pop().unwrap_or_default();
            notes = told;
            entries
        }
        _ => in_jobs(runs.len(), options.jobs, options.threads, one)?,
    };
    bar.finish_and_clear();
    let report = BenchReport::new(options, clips.len(), entries, notes);
    if let Some(folder) = &options.judge {
        masks::write_guide(folder, &options.recipes, &report.runs)?;
    }
    Ok(report)
}

/// One run: correct, write the mask, judge it over the whole field.
fn run(
    clip: &ClipFile,
    recipe: &Recipe,
    kernels: Option<&Path>,
    judged: Option<&Path>,
    device: Option<Arc<dyn Compute>>,
) -> anyhow::Result<Figures> {
    let prepared = prepare(&clip.path, &ClipChoice::default(), recipe.clone(), kernels)?;
    let corrected = correct_along(&prepared, Course { device, ..Course::default() })?;
    judged_figures(clip, &prepared, &corrected, judged)
}

/// Writes the mask of a run that ended, and judges it.
fn judged_figures(
    clip: &ClipFile,
    prepared: &Prepared,
    corrected: &Corrected,
    judged: Option<&Path>,
) -> anyhow::Result<Figures> {
    if let Some(failure) = &corrected.device_failure {
        bail!("computed on the processor: {failure}");
    }
    if let Some(folder) = judged {
        masks::write(folder, clip, prepared, corrected)?;
    }
    Figures::new(prepared, corrected)
}

/// Calls `one` for every index below `count`, some at a time, each on threads of its own; results
/// in the order of the indices.
fn in_jobs<T: Send>(
    count: usize,
    jobs: usize,
    threads: usize,
    one: impl Fn(usize) -> T + Sync,
) -> anyhow::Result<Vec<T>> {
    let jobs = jobs.clamp(1, count.max(1));
    let pools: Vec<_> = (0..jobs)
        .map(|_| rayon::ThreadPoolBuilder::new().num_threads(threads).build())
        .collect::<Result<_, _>>()
        .with_context(|| format!("cannot start {jobs} times {threads} threads"))?;
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        for pool in &pools {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let result = pool.install(|| one(index));
                    done.lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

/// Refuses recipes whose rows and folders could not be told apart.
fn check_names(recipes: &[Recipe]) -> anyhow::Result<()> {
    for (i, recipe) in recipes.iter().enumerate() {
        let same = |other: &Recipe| file_name(&other.name) == file_name(&recipe.name);
        if recipes[..i].iter().any(same) {
            bail!("two recipes are called '{}'; give each a name of its own", recipe.name);
        }
    }
    Ok(())
}

/// The progress bar; indicatif hides it where standard error is no terminal.
fn bar(runs: usize, visible: bool) -> ProgressBar {
    if !visible {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(runs as u64);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed_precise} ETA {eta}")
    {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_keep_the_order_of_what_they_are_given() {
        for jobs in [1, 3, 9] {
            let found = in_jobs(7, jobs, 1, |i| (i, rayon::current_num_threads())).unwrap();
            assert_eq!(found, (0..7).map(|i| (i, 1)).collect::<Vec<_>>());
        }
        assert!(in_jobs(0, 2, 1, |i| i).unwrap().is_empty());
    }

    #[test]
    fn recipes_of_one_name_are_refused() {
        let recipe = Recipe::named(Recipe::DEFAULT).unwrap();
        let mut other = recipe.clone();
        other.name += " ";
        assert!(check_names(&[recipe.clone(), other]).is_ok());
        let error = check_names(&[recipe.clone(), recipe]).unwrap_err().to_string();
        assert!(error.contains("contest-like"), "{error}");
    }

    #[test]
    fn every_suite_but_via_has_recipes_and_says_which() {
        let iccad13 = Suite::Iccad13.recipes().unwrap();
        assert!(!iccad13.is_empty() && iccad13.iter().all(|r| r.name.starts_with("iccad13")));
        assert_eq!(Suite::Clips.recipes().unwrap()[0].name, Recipe::DEFAULT);
        assert!(Suite::Via.is_by_shape() && !Suite::Iccad13.is_by_shape());
    }
}
