//! `lithoscope bench`: recipes against each other and against what is published.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use lithoscope_engine::opc::Recipe;

use super::args::BenchArguments;
use crate::export;
use crate::headless::bench::gpu::{GpuOptions, gpu_bench};
use crate::headless::bench::{BenchOptions, Suite, bench, cores};
use crate::headless::{Backend, take};

pub fn run(arguments: &BenchArguments, threads: Option<u16>) -> anyhow::Result<()> {
    check_outputs(arguments)?;
    if arguments.suite == Suite::Gpu {
        return gpu(arguments);
    }
    let folder = arguments.folder.clone().context("no folder of clips given")?;
    let batch = usize::from(arguments.batch.unwrap_or(1));
    ensure!(
        batch == 1 || arguments.backend != Backend::Cpu,
        "--batch {batch} corrects clips in lock-step on a device; name one with --backend wgpu, cuda or auto, or take --jobs for the processor"
    );
    let taken = take(arguments.backend);
    if !arguments.quiet {
        taken.notes.iter().for_each(|note| super::tell(note));
    }
    let jobs = usize::from(arguments.jobs);
    let options = BenchOptions {
        suite: arguments.suite,
        folder,
        recipes: recipes(arguments)?,
        kernels: arguments.kernels.clone(),
        judge: arguments.judge.clone(),
        jobs,
        threads: threads.map_or_else(|| (cores() / jobs).max(1), usize::from),
        batch: if taken.device.is_some() { batch } else { 1 },
        device: taken.device,
        visible: !arguments.quiet,
    };
    let report = bench(&options)?;
    if let Some(path) = &arguments.markdown {
        export::write_file(path, report.markdown().as_bytes())?;
    }
    if let Some(path) = &arguments.csv {
        export::write_file(path, report.csv().as_bytes())?;
    }
    if let Some(path) = &arguments.json {
        export::write_json(path, &report)?;
    }
    if !arguments.quiet {
        super::print(&report.text())?;
    }
    if let Some((failed, first)) = report.failures() {
        let reason = first.failure.as_deref().unwrap_or_default();
        let (runs, clip, recipe) = (report.runs.len(), &first.clip, &first.recipe);
        bail!("{failed} of {runs} runs failed; {clip} with {recipe}: {reason}");
    }
    Ok(())
}

/// Clips in the largest batch of `lithoscope bench gpu`, unless given.
const MOST_CLIPS: u16 = 1000;

/// `lithoscope bench gpu`.
fn gpu(arguments: &BenchArguments) -> anyhow::Result<()> {
    let options = GpuOptions {
        edges: arguments.edges,
        pixels: arguments.pixels,
        batch: usize::from(arguments.batch.unwrap_or(MOST_CLIPS)),
        visible: !arguments.quiet,
    };
    let report = gpu_bench(&options)?;
    if let Some(path) = &arguments.markdown {
        export::write_file(path, report.markdown().as_bytes())?;
    }
    if let Some(path) = &arguments.json {
        export::write_json(path, &report)?;
    }
    if arguments.quiet { Ok(()) } else { super::print(&report.text()) }
}

/// The recipes of the arguments, else those of the suite, with the changes of `--set`.
fn recipes(arguments: &BenchArguments) -> anyhow::Result<Vec<Recipe>> {
    let recipes = if arguments.recipes.is_empty() {
        arguments.suite.recipes()?
    } else {
        let named = arguments.recipes.iter().map(|name| Recipe::open(name));
        named.collect::<Result<_, _>>()?
    };
    if arguments.changes.is_empty() {
        return Ok(recipes);
    }
    let changes = || arguments.changes.iter().map(|(path, value)| (path.as_str(), value.as_str()));
    recipes.iter().map(|recipe| Ok(recipe.with(changes())?)).collect()
}

/// Refuses outputs that cannot be written or would overwrite one another, before the long work.
fn check_outputs(arguments: &BenchArguments) -> anyhow::Result<()> {
    let files = [&arguments.markdown, &arguments.csv, &arguments.json];
    let files: Vec<&Path> = files.into_iter().filter_map(|file| file.as_deref()).collect();
    for (index, path) in files.iter().enumerate() {
        export::check_writable(path)?;
        ensure!(
            !files[..index].contains(path),
            "{} is named twice; each output needs a name of its own",
            path.display()
        );
    }
    if let Some(folder) = &arguments.judge {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        export::check_writable(&folder.join("JUDGE.txt"))?;
    }
    Ok(())
}
