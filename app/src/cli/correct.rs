//! `lithoscope opc`: correct a clip and write its mask.

use std::path::Path;

use anyhow::{Context as _, ensure};
use lithoscope_engine::opc::{KernelSource, Recipe, SavedRun};

use super::args::{ClipArguments, OpcArguments, PartArguments, ProcessArguments};
use super::{Ending, table};
use crate::export;
use crate::headless::{
    ClipChoice, CorrectionReport, Course, Prepared, correct_along, prepare, prepare_saved,
    source_map, take,
};

pub fn run(arguments: &OpcArguments) -> anyhow::Result<Ending> {
    check_outputs(arguments)?;
    let (prepared, from) = start(arguments)?;
    let visible = !arguments.quiet && !arguments.json;
    let interruptible = arguments.save.is_some();
    let taken = take(arguments.backend);
    if !arguments.quiet {
        taken.notes.iter().for_each(|note| super::tell(note));
    }
    let stop_after = arguments.stop_after;
    let course = Course { visible, from, stop_after, interruptible, device: taken.device };
    let corrected = correct_along(&prepared, course)?;
    if let Some(failure) = &corrected.device_failure {
        super::tell(&format!("computed on the processor: {failure}"));
    }
    if let Some(path) = &arguments.save {
        let mut saved = corrected.run.save();
        saved.source = prepared.file.display().to_string();
        export::write_file(path, &saved.to_bytes()?)?;
    }
    corrected.write_mask(&arguments.output, &prepared)?;
    let report = CorrectionReport::new(&prepared, &corrected)?;
    if let Some(path) = &arguments.csv {
        export::write_metrics_csv(path, corrected.run.history())?;
    }
    if let Some(path) = &arguments.report {
        export::write_json(path, &report)?;
    }
    if arguments.json {
        super::print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?;
    } else if !arguments.quiet {
        super::print(&format!("{}mask: {}\n", summary(&report), arguments.output.display()))?;
    }
    match &arguments.save {
        Some(path) if corrected.interrupted => {
            let made = corrected.run.history().len() - 1;
            let path = path.display();
            super::tell(&format!(
                "stopped after iteration {made} and saved; go on with: lithoscope opc --resume {path} -o {}",
                arguments.output.display()
            ));
            Ok(Ending::Interrupted)
        }
        _ => Ok(Ending::Done),
    }
}

/// What is to be corrected, and the run it begins from if not anew.
fn start(arguments: &OpcArguments) -> anyhow::Result<(Prepared, Option<SavedRun>)> {
    let kernels = arguments.process.kernels.as_deref();
    if let Some(path) = &arguments.resume {
        let saved = SavedRun::load(path)?;
        return Ok((prepare_saved(&saved, kernels)?, Some(saved)));
    }
    let recipe = recipe(&arguments.process, &arguments.changes)?;
    let file = arguments.file.as_deref().context("no layout file given")?;
    Ok((prepare(file, &part(&arguments.part), recipe, kernels)?, None))
}

/// The recipe of the arguments, with the changes of `--set`.
pub fn recipe(process: &ProcessArguments, changes: &[(String, String)]) -> anyhow::Result<Recipe> {
    let recipe = Recipe::open(process.recipe.as_deref().unwrap_or(Recipe::DEFAULT))?;
    if changes.is_empty() {
        return Ok(recipe);
    }
    Ok(recipe.with(changes.iter().map(|(path, value)| (path.as_str(), value.as_str())))?)
}

/// The recipe with a source from a file in place of its own.
pub fn with_source(mut recipe: Recipe, file: Option<&Path>) -> anyhow::Result<Recipe> {
    let Some(file) = file else { return Ok(recipe) };
    let mut model = recipe.optical_model().with_context(|| {
        format!("recipe {} imports its kernels; --source needs computed optics", recipe.name)
    })?;
    model.source = source_map(file)?;
    recipe.optics.kernels = KernelSource::Model { model };
    recipe.validate()?;
    Ok(recipe)
}

/// The part of the layout that the arguments name.
pub fn choice(clip: &ClipArguments) -> ClipChoice {
    part(&clip.part)
}

fn part(part: &PartArguments) -> ClipChoice {
    ClipChoice { cell: part.cell.clone(), layer: part.layer, window: part.window }
}

/// Refuses outputs that cannot be written or would overwrite one another, before the long work.
fn check_outputs(arguments: &OpcArguments) -> anyhow::Result<()> {
    let outputs: Vec<&Path> = std::iter::once(arguments.output.as_path())
        .chain(arguments.report.as_deref())
        .chain(arguments.csv.as_deref())
        .chain(arguments.save.as_deref())
        .collect();
    // A run may be saved in place of the one it went on from.
    let resumed =
        arguments.resume.as_deref().filter(|path| arguments.save.as_deref() != Some(*path));
    let inputs = [arguments.file.as_deref(), resumed];
    for (index, path) in outputs.iter().enumerate() {
        export::check_writable(path)?;
        ensure!(
            !inputs.contains(&Some(*path)) && !outputs[..index].contains(path),
            "{} is named twice; what is read and each output need names of their own",
            path.display()
        );
    }
    Ok(())
}

/// The table a person reads at the end.
pub fn summary(report: &CorrectionReport) -> String {
    let clip = &report.clip;
    let [x0, y0, x1, y1] = clip.window_nm;
    let rows = [
        ("target as mask".to_owned(), report.target_as_mask.metrics),
        ("start".to_owned(), report.initial.metrics),
        (format!("best, iteration {}", report.best.iteration), report.best.verdict.metrics),
    ];
    format!(
        "{} layer {} ({x0}, {y0})…({x1}, {y1}) nm · recipe {} · {} fragments\n{}{}{} iterations in {:.2} s, {:.1} ms each, on the {}; kernels {:.2} s\n",
        clip.name,
        clip.layer,
        report.recipe.name,
        report.fragments,
        table::metrics(&rows),
        report.statement,
        report.last.iteration,
        report.seconds.steps,
        report.seconds.per_step * 1e3,
        report.device,
        report.seconds.kernels,
    )
}
