//! `lithoscope calibrate`: a resist from what it printed.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use lithoscope_engine::imaging::Grid;
use lithoscope_engine::resist::calibrate::{
    Calibration, CalibrationOptions, CalibrationReport, CalibrationState, CalibrationStep, CdRow,
    EdgeCalibration, EdgeImage, EdgeStep, EdgeSummary, Measurement, ModelScore, read_cd_table,
    read_gauges,
};
use lithoscope_engine::resist::{ResistModel, VerticalResist};
use serde::Serialize;

use super::args::CalibrateArguments;
use super::correct;
use crate::export;
use crate::headless::{
    ClipChoice, Curve, PROGRAM, Plot, Prepared, calibration_start, default_gauges, focus_stack,
    png, prepare, read_pairs,
};

/// Steps after which the state is saved.
const SAVE_EVERY: usize = 20;
/// Largest state file read, bytes.
const MAX_STATE: u64 = 1 << 20;
/// Pixel that widths are fitted on, nm.
const WIDTH_PIXEL_NM: f64 = 2.0;

pub fn run(arguments: &CalibrateArguments) -> anyhow::Result<()> {
    for path in
        [&arguments.output, &arguments.report, &arguments.csv, &arguments.state, &arguments.plot]
            .into_iter()
            .flatten()
    {
        export::check_writable(path)?;
    }
    let start = calibration_start(start(&arguments.start)?, &arguments.free);
    let outcome = match (&arguments.pairs, &arguments.layout) {
        (Some(folder), None) => from_pairs(folder, start, arguments)?,
        (None, Some(layout)) => from_widths(layout, start, arguments)?,
        _ => {
            bail!("give --pairs DIR with pairs of images, or --layout FILE with --cds or --gauges")
        }
    };
    write(&outcome, arguments)?;
    if arguments.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&outcome.report)?));
    }
    super::print(&outcome.summary(arguments.output.as_deref()))
}

/// The vertical resist to start from.
fn start(name: &str) -> anyhow::Result<VerticalResist> {
    match ResistModel::named(name)? {
        ResistModel::Vertical(resist) => Ok(resist),
        _ => bail!("calibration fits vertical resists; {name} is another kind of model"),
    }
}

/// What came out.
struct Outcome {
    result: ResistModel,
    report: Report,
    free: Vec<String>,
    /// Step, loss (or rms, nm), share of pixels wrong, share of validation pixels wrong, values.
    history: Vec<Row>,
}

/// One step, as tables and plots hold it.
struct Row {
    step: usize,
    loss: f64,
    difference: Option<f64>,
    validation: Option<f64>,
    values: Vec<f64>,
}

/// What `--json` prints and `--report` holds.
#[derive(Debug, Serialize)]
struct Report {
    program: &'static str,
    start: String,
    free: Vec<String>,
    steps: usize,
    seconds: f64,
    result: ResistModel,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<CalibrationReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    widths: Option<Widths>,
}

/// How well widths fit, before and after.
#[derive(Debug, Serialize)]
struct Widths {
    before: EdgeSummary,
    after: EdgeSummary,
}

fn from_pairs(
    folder: &Path,
    start: VerticalResist,
    arguments: &CalibrateArguments,
) -> anyhow::Result<Outcome> {
    let pairs = read_pairs(folder, arguments.pixel)?;
    let free: Vec<&str> = arguments.free.iter().map(String::as_str).collect();
    let saved = arguments.state.as_deref().filter(|path| arguments.resume && path.exists());
    let mut run = if let Some(path) = saved {
        Calibration::resume(read_state(path)?, pairs)?
    } else {
        let options = CalibrationOptions { steps: arguments.steps, ..Default::default() };
        Calibration::new(start, &free, pairs, options)?
    };
    let began = std::time::Instant::now();
    let mut history = Vec::new();
    while !run.is_finished() {
        history.push(row(run.step()?));
        if history.len().is_multiple_of(SAVE_EVERY) {
            save(&run, arguments)?;
        }
    }
    save(&run, arguments)?;
    let free: Vec<String> = run.state().free.iter().map(|p| p.name().to_owned()).collect();
    let report = Report {
        program: PROGRAM,
        start: arguments.start.clone(),
        free: free.clone(),
        steps: run.state().step,
        seconds: began.elapsed().as_secs_f64(),
        result: run.result(),
        images: Some(run.report()?),
        widths: None,
    };
    Ok(Outcome { result: run.result(), report, free, history })
}

fn row(step: CalibrationStep) -> Row {
    Row {
        step: step.step,
        loss: step.loss,
        difference: Some(step.pixel_difference),
        validation: step.validation,
        values: step.values,
    }
}

fn save(run: &Calibration, arguments: &CalibrateArguments) -> anyhow::Result<()> {
    match &arguments.state {
        Some(path) => export::write_json(path, run.state()),
        None => Ok(()),
    }
}

fn read_state(path: &Path) -> anyhow::Result<CalibrationState> {
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    ensure!(size <= MAX_STATE, "{}: too large to be a saved calibration", path.display());
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{}: not a saved calibration", path.display()))
}

/// Fits widths measured on a layout: a CD table over dose and focus, or gauges.
fn from_widths(
    layout: &Path,
    start: VerticalResist,
    arguments: &CalibrateArguments,
) -> anyhow::Result<Outcome> {
    let recipe = correct::recipe(&arguments.process, &arguments.changes)?;
    let kernels = arguments.process.kernels.as_deref();
    let choice = ClipChoice {
        cell: arguments.cell.clone(),
        layer: arguments.layer,
        window: arguments.window,
    };
    let prepared = prepare(layout, &choice, recipe, kernels)?;
    let (images, measurements) = match (&arguments.cds, &arguments.gauges) {
        (Some(table), None) => of_table(&prepared, &read_cd_table(table)?, arguments)?,
        (None, Some(gauges)) => {
            let images = images(&prepared, &[0.0], kernels)?;
            (images, Measurement::of_gauges(&read_gauges(gauges)?, 0))
        }
        _ => bail!("give --cds TABLE.csv or --gauges GAUGES.csv, not both"),
    };
    let free: Vec<&str> = arguments.free.iter().map(String::as_str).collect();
    let mut run = EdgeCalibration::new(start, &free, images, measurements)?;
    let (before, began) = (run.summary(), std::time::Instant::now());
    let mut history = Vec::new();
    while !run.is_finished() && history.len() < arguments.steps {
        let EdgeStep { step, rms_nm, values } = run.step()?;
        history.push(Row { step, loss: rms_nm, difference: None, validation: None, values });
    }
    let free: Vec<String> = free.into_iter().map(str::to_owned).collect();
    let report = Report {
        program: PROGRAM,
        start: arguments.start.clone(),
        free: free.clone(),
        steps: history.len(),
        seconds: began.elapsed().as_secs_f64(),
        result: run.result(),
        images: None,
        widths: Some(Widths { before, after: run.summary() }),
    };
    Ok(Outcome { result: run.result(), report, free, history })
}

/// The images and measurements of a CD table: its cut is `--cut`, or the gauge nearest the middle.
fn of_table(
    prepared: &Prepared,
    rows: &[CdRow],
    arguments: &CalibrateArguments,
) -> anyhow::Result<(Vec<EdgeImage>, Vec<Measurement>)> {
    let cut = if let Some(cut) = arguments.cut {
        cut
    } else {
        let prints = lithoscope_engine::verify::Prints::Bright;
        let gauges = default_gauges(&prepared.clip, prints);
        gauges.first().context("the clip holds no shape to measure; give --cut")?.cut
    };
    let mut focuses: Vec<f64> = rows.iter().map(|row| row.focus_nm).collect();
    focuses.sort_by(f64::total_cmp);
    focuses.dedup();
    let images = images(prepared, &focuses, arguments.process.kernels.as_deref())?;
    let ends = (cut.from_nm, cut.to_nm);
    let measurements = Measurement::of_table(rows, &images, ends, arguments.prints.into())?;
    Ok((images, measurements))
}

/// The clip imaged at each focus.
fn images(
    prepared: &Prepared,
    focuses: &[f64],
    kernels: Option<&Path>,
) -> anyhow::Result<Vec<EdgeImage>> {
    let stack = focus_stack(prepared, focuses, kernels)?;
    let grid = Grid::over(prepared.clip.window, WIDTH_PIXEL_NM);
    let image = |(plane, &focus_nm): (usize, &f64)| {
        Ok(EdgeImage { focus_nm, intensity: stack.intensity(plane, &grid)?, grid })
    };
    focuses.iter().enumerate().map(image).collect()
}

/// Writes what was asked for.
fn write(outcome: &Outcome, arguments: &CalibrateArguments) -> anyhow::Result<()> {
    if let Some(path) = &arguments.output {
        let text = format!(
            "# Calibrated by {PROGRAM} from {}: {}.\n{}",
            arguments.start,
            outcome.free.join(", "),
            outcome.result.to_toml()?
        );
        export::write_file(path, text.as_bytes())?;
    }
    if let Some(path) = &arguments.report {
        export::write_json(path, &outcome.report)?;
    }
    if let Some(path) = &arguments.csv {
        export::write_file(path, outcome.csv().as_bytes())?;
    }
    // A calibration that was finished before has no steps left to draw.
    if let Some(path) = arguments.plot.as_ref().filter(|_| !outcome.history.is_empty()) {
        export::write_file(path, &png(&outcome.plot().picture()?)?)?;
    }
    Ok(())
}

impl Outcome {
    /// Every step as a table.
    fn csv(&self) -> String {
        let loss = if self.report.images.is_some() { "cross_entropy" } else { "rms_nm" };
        let mut text = format!("step,{loss},pixel_difference,validation,{}\n", self.free.join(","));
        for row in &self.history {
            let known = |v: Option<f64>| v.map(|v| format!("{v:.9}")).unwrap_or_default();
            let values: Vec<String> = row.values.iter().map(|v| format!("{v:.9}")).collect();
            let _ = writeln!(
                text,
                "{},{:.9},{},{},{}",
                row.step,
                row.loss,
                known(row.difference),
                known(row.validation),
                values.join(",")
            );
        }
        text
    }

    /// The loss, or the share of pixels printed wrong, over the steps.
    fn plot(&self) -> Plot {
        let curve = |name: &str, value: fn(&Row) -> Option<f64>| Curve {
            name: name.to_owned(),
            points: self
                .history
                .iter()
                .filter_map(|row| Some([row.step as f64, value(row)?]))
                .collect(),
        };
        let images = self.report.images.is_some();
        let curves = if images {
            vec![
                curve("training", |row| row.difference.map(|d| d * 100.0)),
                curve("validation", |row| row.validation.map(|d| d * 100.0)),
            ]
        } else {
            vec![curve("widths", |row| Some(row.loss))]
        };
        Plot {
            title: "Calibration".into(),
            x: "step".into(),
            y: if images { "pixels printed wrong, %" } else { "rms of widths, nm" }.into(),
            curves,
            ..Plot::default()
        }
    }

    /// The table a person reads.
    fn summary(&self, folder: Option<&Path>) -> String {
        let report = &self.report;
        let mut text = format!(
            "{} steps in {:.2} s from {}: {}\n",
            report.steps,
            report.seconds,
            report.start,
            report.free.join(", ")
        );
        if let Some(images) = &report.images {
            let _ = writeln!(
                text,
                "{:20} {:>18} {:>12} {:>12}",
                "validation pixels", "pixel difference %", "EPE mean nm", "EPE max nm"
            );
            let rows = [
                ("calibrated", &images.calibrated),
                ("constant threshold", &images.threshold),
                ("variable threshold", &images.variable_threshold),
            ];
            for (name, ModelScore { validation: v, .. }) in rows {
                let _ = writeln!(
                    text,
                    "{name:20} {:>18.4} {:>12.3} {:>12.3}",
                    v.pixel_difference * 100.0,
                    v.epe_mean_nm,
                    v.epe_max_nm
                );
            }
        }
        if let Some(Widths { before, after }) = &report.widths {
            for (name, s) in [("before", before), ("after", after)] {
                let _ = writeln!(
                    text,
                    "{name:7} rms {:.3} nm, largest {:.3} nm, {} of {} without print",
                    s.rms_nm,
                    s.max_nm,
                    s.missing,
                    s.widths_nm.len()
                );
            }
        }
        if let Some(last) = self.history.last() {
            for (name, value) in self.free.iter().zip(&last.values) {
                let _ = writeln!(text, "{name:16} {value:.6}");
            }
        }
        if let Some(path) = folder {
            let _ = writeln!(text, "resist: {}", path.display());
        }
        text
    }
}
