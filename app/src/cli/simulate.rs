//! `lithoscope simulate`: image a clip as it is drawn.

use std::path::Path;

use anyhow::{Context as _, ensure};
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::imaging::{Focus, Grid, Imager};
use lithoscope_engine::opc::Recipe;
use lithoscope_engine::verify;
use ndarray::Array2;
use ndarray_npy::WriteNpyExt as _;
use serde::Serialize;

use super::args::SimulateArguments;
use super::{correct, table};
use crate::export;
use crate::headless::{
    ClipFacts, PROGRAM, Prepared, ProcessFacts, Verdict, aerial, judge, picture_grid, png, prepare,
    printed,
};

/// Largest picture, pixels a side.
const LARGEST_SIDE: usize = 8192;

pub fn run(arguments: &SimulateArguments) -> anyhow::Result<()> {
    let recipe = correct::recipe(&arguments.process, &arguments.changes)?;
    if let Some(folder) = &arguments.output {
        make_folder(folder)?;
    }
    let kernels = arguments.process.kernels.as_deref();
    let choice = correct::choice(&arguments.clip);
    let prepared = prepare(&arguments.clip.file, &choice, recipe, kernels)?;
    let images = Images::new(&prepared, arguments.pixel)?;
    let report = SimulationReport::new(&prepared, &images)?;
    if let Some(folder) = &arguments.output {
        images.write(folder, f64::from(prepared.process.threshold))?;
        export::write_json(&folder.join("report.json"), &report)?;
    }
    if arguments.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&report)?));
    }
    super::print(&report.summary(arguments.output.as_deref()))
}

/// The intensity that prints at dose 1: that of a resist, else the recipe's threshold.
pub fn print_level(recipe: &Recipe, _resist: Option<&str>) -> anyhow::Result<f64> {
    Ok(recipe.resist.threshold)
}

/// Makes the folder of the outputs and checks that files can be written in it.
pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    export::check_writable(&folder.join("report.json"))
}

/// Intensity over the clip's window, both focus settings.
struct Images {
    grid: Grid,
    focus: Array2<f32>,
    defocus: Array2<f32>,
}

impl Images {
    fn new(prepared: &Prepared, pixel_nm: Option<f64>) -> anyhow::Result<Self> {
        let window = prepared.clip.window;
        let grid = pixel_nm.map_or_else(|| picture_grid(window), |nm| Grid::over(window, nm));
        ensure!(
            grid.nx.max(grid.ny) <= LARGEST_SIDE,
            "a picture of {} × {} pixels is too large; give --pixel {} or more",
            grid.nx,
            grid.ny,
            window.width().max(window.height()) as usize / LARGEST_SIDE + 1
        );
        let mut imager = Imager::new(&prepared.process, window)?;
        imager.set_mask(&prepared.clip.polygons);
        let focus = imager.intensity(Focus::Nominal, &grid);
        let defocus = imager.intensity(Focus::Defocus, &grid);
        Ok(Self { grid, focus, defocus })
    }

    fn write(&self, folder: &Path, threshold: f64) -> anyhow::Result<()> {
        let prints = verify::printed(self.focus.view(), 1.0, threshold);
        export::write_file(&folder.join("aerial.png"), &png(&aerial(&self.focus, &prints))?)?;
        export::write_file(&folder.join("printed.png"), &png(&printed(&prints))?)?;
        let mut npy = Vec::new();
        self.focus.write_npy(&mut npy).context("cannot encode aerial.npy")?;
        export::write_file(&folder.join("aerial.npy"), &npy)
    }
}

/// Least and largest intensity.
#[derive(Debug, Serialize)]
struct Range {
    min: f32,
    max: f32,
}

impl Range {
    fn of(image: &Array2<f32>) -> Self {
        let (min, max) = image
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &i| (low.min(i), high.max(i)));
        Self { min, max }
    }
}

/// What `--json` prints and `report.json` holds.
#[derive(Debug, Serialize)]
struct SimulationReport<'a> {
    program: &'static str,
    clip: ClipFacts,
    recipe: &'a Recipe,
    kernels: ProcessFacts,
    /// The clip as its own mask.
    verdict: Verdict,
    /// Whether every edge is horizontal or vertical; only then do shots mean anything.
    manhattan: bool,
    pixel_nm: f64,
    intensity_focus: Range,
    intensity_defocus: Range,
}

impl<'a> SimulationReport<'a> {
    fn new(prepared: &'a Prepared, images: &Images) -> anyhow::Result<Self> {
        let polygons = &prepared.clip.polygons;
        Ok(Self {
            program: PROGRAM,
            clip: ClipFacts::new(&prepared.file, &prepared.clip),
            recipe: &prepared.recipe,
            kernels: ProcessFacts::from(&prepared.process),
            verdict: judge(prepared, polygons)?,
            manhattan: polygons.iter().all(Polygon::is_manhattan),
            pixel_nm: images.grid.pixel_nm,
            intensity_focus: Range::of(&images.focus),
            intensity_defocus: Range::of(&images.defocus),
        })
    }

    /// The table a person reads.
    fn summary(&self, folder: Option<&Path>) -> String {
        let [x0, y0, x1, y1] = self.clip.window_nm;
        let (focus, defocus) = (&self.intensity_focus, &self.intensity_defocus);
        let slanted =
            if self.manhattan { "" } else { "shots are not counted: the clip has slanted edges\n" };
        let written =
            folder.map(|f| format!("pictures and report: {}\n", f.display())).unwrap_or_default();
        format!(
            "{} layer {} ({x0}, {y0})…({x1}, {y1}) nm · recipe {}\n{}intensity {:.4}…{:.4} in focus, {:.4}…{:.4} defocused; prints at {}\n{slanted}{written}",
            self.clip.name,
            self.clip.layer,
            self.recipe.name,
            table::metrics(&[("as drawn".to_owned(), self.verdict.metrics)]),
            focus.min,
            focus.max,
            defocus.min,
            defocus.max,
            self.recipe.resist.threshold,
        )
    }
}
