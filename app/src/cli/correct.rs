//! `lithoscope opc`: correct a clip and write its mask.

use std::path::Path;

use anyhow::{Context as _, ensure};
use lithoscope_engine::geometry::Rect;
use lithoscope_engine::opc::{KernelSource, Recipe};
use lithoscope_engine::verify::RuleFinding;

use super::args::{ClipArguments, OpcArguments, ProcessArguments};
use super::table;
use crate::export;
use crate::headless::{ClipChoice, CorrectionReport, correct, prepare, source_map};

pub fn run(arguments: &OpcArguments) -> anyhow::Result<()> {
    let recipe = recipe(&arguments.process, &arguments.changes)?;
    check_outputs(arguments)?;
    let kernels = arguments.process.kernels.as_deref();
    let prepared = prepare(&arguments.clip.file, &choice(&arguments.clip), recipe, kernels)?;
    let visible = !arguments.quiet && !arguments.json;
    let corrected = correct(&prepared, visible)?;
    let layers = &prepared.recipe.output;
    export::write_mask(&arguments.output, &prepared.clip, &corrected.mask, layers)?;
    let report = CorrectionReport::new(&prepared, &corrected)?;
    if let Some(path) = &arguments.csv {
        export::write_metrics_csv(path, corrected.run.history())?;
    }
    if let Some(path) = &arguments.report {
        export::write_json(path, &report)?;
    }
    if arguments.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&report)?));
    }
    if arguments.quiet {
        return Ok(());
    }
    super::print(&format!("{}mask: {}\n", summary(&report), arguments.output.display()))
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
    ClipChoice { cell: clip.cell.clone(), layer: clip.layer, window: clip.window }
}

/// Refuses outputs that cannot be written or would overwrite one another, before the long work.
fn check_outputs(arguments: &OpcArguments) -> anyhow::Result<()> {
    let outputs: Vec<&Path> = std::iter::once(arguments.output.as_path())
        .chain(arguments.report.as_deref())
        .chain(arguments.csv.as_deref())
        .collect();
    for (index, path) in outputs.iter().enumerate() {
        export::check_writable(path)?;
        ensure!(
            *path != arguments.clip.file && !outputs[..index].contains(path),
            "{} is named twice; the layout and each output need names of their own",
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
    let topology = report.best.verdict.topology;
    let shapes = if topology.is_sound() {
        "every shape prints at every corner".to_owned()
    } else {
        format!(
            "at the worst corner {} shapes missing, {} broken, {} bridged, {} extra",
            topology.missing, topology.broken, topology.bridged, topology.extra
        )
    };
    let rules = match report.best.rule_findings.as_slice() {
        [] => "every mask rule is kept".to_owned(),
        [first, ..] => format!(
            "mask rules are broken in {} places; the first is {}",
            report.best.rule_findings.len(),
            rule_finding(first)
        ),
    };
    format!(
        "{} layer {} ({x0}, {y0})…({x1}, {y1}) nm · recipe {} · {} fragments\n{}{shapes}; {rules}\n{} iterations in {:.2} s, {:.1} ms each; kernels {:.2} s\n",
        clip.name,
        clip.layer,
        report.recipe.name,
        report.fragments,
        table::metrics(&rows),
        report.last.iteration,
        report.seconds.steps,
        report.seconds.per_step * 1e3,
        report.seconds.kernels,
    )
}

/// A broken rule in words.
fn rule_finding(finding: &RuleFinding) -> String {
    let name = serde_json::to_value(finding.rule).ok();
    let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
    let Rect { min, max } = finding.place;
    format!(
        "{name} {:.1} where {} is needed, at ({}, {})…({}, {}) nm",
        finding.measured, finding.needed, min.x, min.y, max.x, max.y
    )
}
