//! `lithoscope process-window`: widths over focus and dose, and the window they leave.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use lithoscope_engine::imaging::Grid;
use lithoscope_engine::verify::{CdGauge, CornerSpec, Prints, pv_band_of};
use serde::Serialize;

use super::args::{GaugeArgument, ProcessWindowArguments};
use super::{correct, simulate};
use crate::export;
use crate::headless::{
    ClipFacts, PROGRAM, Prepared, QUOTED_LATITUDE, WindowReport, default_gauges, drawn_width,
    focus_stack, png, prepare, print_level, usual_doses, usual_focuses,
};

pub fn run(arguments: &ProcessWindowArguments) -> anyhow::Result<()> {
    let recipe = correct::recipe(&arguments.process, &arguments.changes)?;
    let recipe = correct::with_source(recipe, arguments.source.as_deref())?;
    let level = print_level(&recipe, arguments.resist.as_deref())?;
    if let Some(folder) = &arguments.output {
        simulate::make_folder(folder)?;
    }
    let kernels = arguments.process.kernels.as_deref();
    let prepared =
        prepare(&arguments.clip.file, &correct::choice(&arguments.clip), recipe, kernels)?;
    let gauges = gauges(&prepared, arguments)?;
    let focuses = match &arguments.focus {
        Some(list) => list.0.clone(),
        None => usual_focuses(&prepared.recipe),
    };
    let doses = arguments.doses.as_ref().map_or_else(usual_doses, |list| list.0.clone());
    let mut stack = focus_stack(&prepared, &focuses, kernels)?;
    let pv_band_nm2 = pv_band(&prepared, &arguments.corners, level, kernels)?;
    let window = WindowReport::new(&prepared.clip.polygons, &mut stack, &gauges, &doses, level)?;
    let report = Report {
        program: PROGRAM,
        clip: ClipFacts::new(&prepared.file, &prepared.clip),
        recipe: &prepared.recipe.name,
        pv_band_nm2,
        window,
    };
    if let Some(folder) = &arguments.output {
        write(folder, &report)?;
    }
    if arguments.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&report)?));
    }
    super::print(&report.summary(arguments.output.as_deref()))
}

/// The gauges of the arguments, else some across the middle of the clip.
fn gauges(prepared: &Prepared, arguments: &ProcessWindowArguments) -> anyhow::Result<Vec<CdGauge>> {
    let bright = prepared.recipe.mask.features_are_brighter();
    let prints = if bright { Prints::Bright } else { Prints::Dark };
    let mut gauges: Vec<CdGauge> = if arguments.gauges.is_empty() {
        default_gauges(&prepared.clip, prints)
    } else {
        let numbered = arguments.gauges.iter().enumerate();
        numbered.map(|(i, g)| asked_for(prepared, g, i + 1, prints)).collect::<Result<_, _>>()?
    };
    ensure!(!gauges.is_empty(), "the clip holds no shape to measure; give --gauge X0,Y0,X1,Y1");
    for gauge in &mut gauges {
        gauge.tolerance = arguments.tolerance / 100.0;
    }
    Ok(gauges)
}

fn asked_for(
    prepared: &Prepared,
    gauge: &GaugeArgument,
    number: usize,
    prints: Prints,
) -> anyhow::Result<CdGauge> {
    let name = gauge.name.clone().unwrap_or_else(|| format!("G{number}"));
    let target = match gauge.target_nm {
        Some(nm) => nm,
        None => drawn_width(&prepared.clip.polygons, &gauge.cut).with_context(|| {
            format!(
                "gauge {name} crosses no drawn shape or space; add its target width, like {}@60",
                gauge.text
            )
        })?,
    };
    Ok(CdGauge { prints, ..CdGauge::new(name, gauge.cut, target) })
}

/// The PV band of some corners at 1 nm over the clip's window; `None` without corners.
fn pv_band(
    prepared: &Prepared,
    corners: &[(f64, f64)],
    level: f64,
    kernels: Option<&Path>,
) -> anyhow::Result<Option<f64>> {
    if corners.is_empty() {
        return Ok(None);
    }
    let mut focuses: Vec<f64> = corners.iter().map(|(_, focus)| *focus).collect();
    focuses.sort_by(f64::total_cmp);
    focuses.dedup();
    let stack = focus_stack(prepared, &focuses, kernels)?;
    let at = |focus: f64| focuses.iter().position(|f| *f == focus).unwrap_or_default();
    let specs: Vec<CornerSpec> =
        corners.iter().map(|&(dose, focus)| CornerSpec { dose, plane: at(focus) }).collect();
    let grid = Grid::over(prepared.clip.window, 1.0);
    Ok(Some(pv_band_of(&stack, &specs, level, &grid)?.area_nm2))
}

/// Writes tables, plots and the report.
fn write(folder: &Path, report: &Report) -> anyhow::Result<()> {
    let window = &report.window;
    export::write_file(&folder.join("matrix.csv"), window.matrix_csv().as_bytes())?;
    export::write_file(&folder.join("latitude.csv"), window.latitude_csv().as_bytes())?;
    export::write_json(&folder.join("report.json"), report)?;
    for gauge in 0..window.gauges.len() {
        // A gauge that prints nowhere has no curves to draw.
        if window.matrix.cds_nm[gauge].iter().flatten().any(Option::is_some) {
            let name = format!("bossung-{}.png", gauge + 1);
            let picture = window.bossung_plot(gauge).picture()?;
            export::write_file(&folder.join(name), &png(&picture)?)?;
        }
    }
    let windows = window.gauges.iter().any(|g| !g.window.edges.is_empty());
    if windows {
        let (area, latitude) = (window.window_plot(), window.latitude_plot());
        export::write_file(&folder.join("window.png"), &png(&area.picture()?)?)?;
        export::write_file(&folder.join("latitude.png"), &png(&latitude.picture()?)?)?;
    }
    Ok(())
}

/// What `--json` prints and `report.json` holds.
#[derive(Debug, Serialize)]
struct Report<'a> {
    program: &'static str,
    clip: ClipFacts,
    recipe: &'a str,
    /// Area that prints at one of the corners asked for and not at all of them, nm².
    #[serde(skip_serializing_if = "Option::is_none")]
    pv_band_nm2: Option<f64>,
    #[serde(flatten)]
    window: WindowReport,
}

impl Report<'_> {
    /// The table a person reads.
    fn summary(&self, folder: Option<&Path>) -> String {
        let m = &self.window.matrix;
        let (first, last) = (m.focuses_nm.first(), m.focuses_nm.last());
        let mut text = format!(
            "{} layer {} · recipe {} · prints at {:.4} · {} focus planes {}…{} nm · {} doses {:.3}…{:.3}\n",
            self.clip.name,
            self.clip.layer,
            self.recipe,
            m.level,
            m.focuses_nm.len(),
            first.copied().unwrap_or_default(),
            last.copied().unwrap_or_default(),
            m.doses.len(),
            m.doses.first().copied().unwrap_or_default(),
            m.doses.last().copied().unwrap_or_default(),
        );
        let _ = writeln!(
            text,
            "{:10} {:>9} {:>8} {:>6} {:>14} {:>10} {:>10} {:>12} {:>8}",
            "gauge",
            "target nm",
            "CD nm",
            "MEEF",
            "isofocal dose",
            "best dose",
            "best focus",
            "DOF at 5 %",
            "max EL %"
        );
        for g in &self.window.gauges {
            let row = [
                format!("{:>9.1}", g.target_nm),
                number(g.cd_nm, 8, 1),
                number(g.meef, 6, 2),
                number(g.isofocal.map(|i| i.dose), 14, 3),
                number(g.window.rectangle.map(|r| r.dose), 10, 3),
                number(g.window.rectangle.map(|r| r.focus_nm), 10, 0),
                number(g.depth_of_focus_nm, 12, 0),
                number(largest_latitude(&g.window), 8, 1),
            ];
            let _ = writeln!(text, "{:10} {}", g.name, row.join(" "));
        }
        let common = &self.window.common;
        let _ = match common.rectangle {
            None => writeln!(text, "no common window"),
            Some(r) => writeln!(
                text,
                "common window: best dose {:.3}, best focus {:.0} nm, depth of focus {} nm at {:.0} % exposure latitude{}",
                r.dose,
                r.focus_nm,
                number(self.window.depth_of_focus_nm, 0, 0),
                QUOTED_LATITUDE * 100.0,
                if common.reaches_the_end {
                    "; it reaches the end of what was looked at"
                } else {
                    ""
                }
            ),
        };
        if let Some(area) = self.pv_band_nm2 {
            let _ = writeln!(text, "PV band of the corners: {area:.0} nm²");
        }
        if let Some(folder) = folder {
            let _ = writeln!(text, "tables, plots and report: {}", folder.display());
        }
        text
    }
}

/// The largest exposure latitude of a window, %.
fn largest_latitude(window: &lithoscope_engine::verify::ProcessWindow) -> Option<f64> {
    window.latitude_curve.iter().map(|(_, latitude)| latitude * 100.0).reduce(f64::max)
}

/// A number of a table, or a dash.
fn number(value: Option<f64>, width: usize, digits: usize) -> String {
    value.map_or_else(|| format!("{:>width$}", "–"), |v| format!("{v:>width$.digits$}"))
}
