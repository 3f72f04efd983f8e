//! `lithoscope simulate`: image a clip as it is drawn.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::imaging::{Focus, FocusStack, Grid, Imager};
use lithoscope_engine::opc::Recipe;
use lithoscope_engine::resist::ResistModel;
use ndarray::{Array2, Array3, Axis};
use ndarray_npy::WriteNpyExt as _;
use serde::Serialize;

use super::args::SimulateArguments;
use super::{correct, table};
use crate::export;
use crate::headless::{
    ClipFacts, Colours, Cut, Developer, PROGRAM, Prepared, Print, ProcessFacts, Section,
    VOLUME_PIXEL_NM, Verdict, aerial, focus_stack, judge, map, picture_grid, png, prepare, print,
    printed, section, take, write_kernels, write_optics,
};

/// Largest picture, pixels a side.
const LARGEST_SIDE: usize = 8192;
/// Most numbers of a stack of images that is written (1 GiB).
const LARGEST_STACK: usize = 1 << 28;

pub fn run(arguments: &SimulateArguments) -> anyhow::Result<()> {
    let recipe = correct::recipe(&arguments.process, &arguments.changes)?;
    let recipe = correct::with_source(recipe, arguments.source.as_deref())?;
    let resist = arguments.resist.as_deref().map(ResistModel::named).transpose()?;
    if let Some(folder) = &arguments.output {
        make_folder(folder)?;
    }
    let kernels = arguments.process.kernels.as_deref();
    let choice = correct::choice(&arguments.clip);
    let prepared = prepare(&arguments.clip.file, &choice, recipe, kernels)?;
    let focuses = arguments.focus.as_ref().map_or_else(|| vec![0.0], |list| list.0.clone());
    let stack = focus_stack(&prepared, &focuses, kernels)?;
    let taken = take(arguments.backend);
    if !arguments.json {
        taken.notes.iter().for_each(|note| super::tell(note));
    }
    let mut developer = Developer::new(taken.device);
    let images = Images::new(&prepared, &stack, resist.as_ref(), &mut developer, arguments)?;
    let lines = Lines::new(&stack, &images, &prepared, resist.as_ref(), &mut developer, arguments)?;
    if let Some(failure) = developer.failure() {
        super::tell(&format!("resist computed on the processor: {failure}"));
    }
    let report = SimulationReport::new(&prepared, &stack, &images, &lines, arguments)?;
    if let Some(folder) = &arguments.write_kernels {
        write_kernels(folder, &prepared.process)?;
    }
    if let Some(folder) = &arguments.output {
        images.write(folder)?;
        if arguments.focus.is_some() {
            write_stack(folder, &stack, &images.grid)?;
        }
        if let Some(model) = prepared.recipe.optical_model() {
            write_optics(folder, &model, stack.defocus_nm()[0])?;
        }
        lines.write(folder)?;
        export::write_json(&folder.join("report.json"), &report)?;
    }
    if arguments.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&report)?));
    }
    super::print(&report.summary(arguments.output.as_deref()))
}

/// Makes the folder of the outputs and checks that files can be written in it.
pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    export::check_writable(&folder.join("report.json"))
}

/// Intensity over the clip's window, and what prints of it.
struct Images {
    grid: Grid,
    /// At the first focus, dose 1.
    shown: Array2<f32>,
    /// At the recipe's defocused corner.
    defocus: Array2<f32>,
    print: Print,
}

impl Images {
    fn new(
        prepared: &Prepared,
        stack: &FocusStack,
        resist: Option<&ResistModel>,
        developer: &mut Developer,
        arguments: &SimulateArguments,
    ) -> anyhow::Result<Self> {
        let window = prepared.clip.window;
        let mut grid =
            arguments.pixel.map_or_else(|| picture_grid(window), |nm| Grid::over(window, nm));
        if arguments.pixel.is_none() && matches!(resist, Some(ResistModel::Volume(_))) {
            grid = Grid::over(window, grid.pixel_nm.max(VOLUME_PIXEL_NM));
        }
        ensure!(
            grid.nx.max(grid.ny) <= LARGEST_SIDE,
            "a picture of {} × {} pixels is too large; give --pixel {} or more",
            grid.nx,
            grid.ny,
            window.width().max(window.height()) as usize / LARGEST_SIDE + 1
        );
        let mut imager = Imager::new(&prepared.process, window)?;
        imager.set_mask(&prepared.clip.polygons);
        let defocus = imager.intensity(Focus::Defocus, &grid);
        let shown = stack.intensity(0, &grid)?;
        let print =
            print(&prepared.recipe, resist, &shown, grid.pixel_nm, arguments.dose, developer)?;
        Ok(Self { grid, shown, defocus, print })
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let prints = &self.print.printed;
        export::write_file(&folder.join("aerial.png"), &png(&aerial(&self.shown, prints))?)?;
        export::write_file(&folder.join("printed.png"), &png(&printed(prints))?)?;
        export::write_file(&folder.join("aerial.npy"), &npy(&self.shown)?)?;
        if let Some(depth) = &self.print.depth_nm {
            let range = [0.0, self.print.thickness_nm as f32];
            let picture = map(depth, range, Colours::Viridis, 1);
            export::write_file(&folder.join("depth.png"), &png(&picture)?)?;
            export::write_file(&folder.join("depth.npy"), &npy(depth)?)?;
        }
        Ok(())
    }
}

fn npy(values: &Array2<f32>) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    values.write_npy(&mut bytes).context("cannot encode an .npy file")?;
    Ok(bytes)
}

/// Writes the images of every focus as one array, `[focus, y, x]`.
fn write_stack(folder: &Path, stack: &FocusStack, grid: &Grid) -> anyhow::Result<()> {
    let count = stack.defocus_nm().len();
    ensure!(
        count.saturating_mul(grid.nx * grid.ny) <= LARGEST_STACK,
        "{count} images of {} × {} pixels are too many to write; give a larger --pixel",
        grid.nx,
        grid.ny
    );
    let mut all = Array3::zeros((count, grid.ny, grid.nx));
    for (plane, mut image) in all.axis_iter_mut(Axis(0)).enumerate() {
        image.assign(&stack.intensity(plane, grid)?);
    }
    let mut bytes = Vec::new();
    all.write_npy(&mut bytes).context("cannot encode stack.npy")?;
    export::write_file(&folder.join("stack.npy"), &bytes)
}

/// What was found along the lines of `--cut`.
struct Lines {
    cuts: Vec<Cut>,
    /// One for each line where the resist is three-dimensional.
    sections: Vec<Section>,
}

impl Lines {
    fn new(
        stack: &FocusStack,
        images: &Images,
        prepared: &Prepared,
        resist: Option<&ResistModel>,
        developer: &mut Developer,
        arguments: &SimulateArguments,
    ) -> anyhow::Result<Self> {
        let level = level(prepared, resist, images) / arguments.dose;
        let lines = arguments.cuts.iter();
        let cuts = lines.map(|line| Cut::new(stack, line, level)).collect::<Result<_, _>>()?;
        let mut sections = Vec::new();
        if let Some(ResistModel::Volume(volume)) = resist {
            for line in &arguments.cuts {
                sections.push(section(developer, volume, stack, arguments.dose, line)?);
            }
        }
        Ok(Self { cuts, sections })
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        for (index, cut) in self.cuts.iter().enumerate() {
            let name = |suffix: &str| folder.join(format!("cut-{}.{suffix}", index + 1));
            export::write_file(&name("csv"), cut.csv().as_bytes())?;
            export::write_file(&name("png"), &png(&cut.plot().picture()?)?)?;
        }
        for (index, section) in self.sections.iter().enumerate() {
            let name = |suffix: &str| folder.join(format!("profile-{}.{suffix}", index + 1));
            export::write_file(&name("csv"), section.csv().as_bytes())?;
            export::write_file(&name("png"), &png(&section.picture())?)?;
        }
        Ok(())
    }
}

/// The intensity at which edges are looked at: where the resist prints. A resist without one level
/// has the mean intensity along the edges of what it prints.
fn level(prepared: &Prepared, resist: Option<&ResistModel>, images: &Images) -> f64 {
    match resist {
        None => prepared.recipe.resist.threshold,
        Some(ResistModel::Threshold(threshold)) => threshold.level,
        Some(ResistModel::Vertical(vertical)) if vertical.equivalent_level().is_some() => {
            vertical.equivalent_level().unwrap_or(prepared.recipe.resist.threshold)
        }
        _ => edge_mean(&images.shown, &images.print.printed)
            .unwrap_or(prepared.recipe.resist.threshold),
    }
}

/// Mean intensity of neighbours along x of which one prints and one does not.
fn edge_mean(image: &Array2<f32>, prints: &Array2<bool>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0usize);
    for (row, printed) in image.rows().into_iter().zip(prints.rows()) {
        for x in 1..row.len() {
            if printed[x] != printed[x - 1] {
                sum += f64::from(row[x] + row[x - 1]) / 2.0;
                count += 1;
            }
        }
    }
    (count > 0).then(|| sum / count as f64)
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
    /// The clip as its own mask, at the recipe's corners; absent where features are darker than
    /// the background, which the corners' scoring does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    /// Whether every edge is horizontal or vertical; only then do shots mean anything.
    manhattan: bool,
    pixel_nm: f64,
    focus_nm: &'a [f64],
    dose: f64,
    resist: Option<&'a str>,
    intensity_focus: Range,
    intensity_defocus: Range,
    /// Share of the window that prints at the first focus.
    printed_share: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth_nm: Option<Range>,
    cuts: &'a [Cut],
    sections: &'a [Section],
}

impl<'a> SimulationReport<'a> {
    fn new(
        prepared: &'a Prepared,
        stack: &'a FocusStack,
        images: &Images,
        lines: &'a Lines,
        arguments: &'a SimulateArguments,
    ) -> anyhow::Result<Self> {
        let polygons = &prepared.clip.polygons;
        let bright = prepared.recipe.mask.features_are_brighter();
        let printed = images.print.printed.iter().filter(|p| **p).count();
        Ok(Self {
            program: PROGRAM,
            clip: ClipFacts::new(&prepared.file, &prepared.clip),
            recipe: &prepared.recipe,
            kernels: ProcessFacts::from(&prepared.process),
            verdict: bright.then(|| judge(prepared, polygons)).transpose()?,
            manhattan: polygons.iter().all(Polygon::is_manhattan),
            pixel_nm: images.grid.pixel_nm,
            focus_nm: stack.defocus_nm(),
            dose: arguments.dose,
            resist: arguments.resist.as_deref(),
            intensity_focus: Range::of(&images.shown),
            intensity_defocus: Range::of(&images.defocus),
            printed_share: printed as f64 / images.print.printed.len().max(1) as f64,
            depth_nm: images.print.depth_nm.as_ref().map(Range::of),
            cuts: &lines.cuts,
            sections: &lines.sections,
        })
    }

    /// The table a person reads.
    fn summary(&self, folder: Option<&Path>) -> String {
        let [x0, y0, x1, y1] = self.clip.window_nm;
        let (focus, defocus) = (&self.intensity_focus, &self.intensity_defocus);
        let mut text = format!(
            "{} layer {} ({x0}, {y0})…({x1}, {y1}) nm · recipe {}\n",
            self.clip.name, self.clip.layer, self.recipe.name
        );
        if let Some(verdict) = &self.verdict {
            text += &table::metrics(&[("as drawn".to_owned(), verdict.metrics)]);
        }
        let _ = writeln!(
            text,
            "intensity {:.4}…{:.4} at {} nm of focus, {:.4}…{:.4} at the corner; {:.1} % of the window prints{}",
            focus.min,
            focus.max,
            self.focus_nm[0],
            defocus.min,
            defocus.max,
            self.printed_share * 100.0,
            self.resist.map_or_else(
                || format!(" at {}", self.recipe.resist.threshold),
                |name| format!(" in {name}")
            ),
        );
        if let Some(depth) = &self.depth_nm {
            let _ = writeln!(text, "developed {:.1}…{:.1} nm deep", depth.min, depth.max);
        }
        for (index, cut) in self.cuts.iter().enumerate() {
            text += &cut.summary(index + 1);
        }
        for (index, section) in self.sections.iter().enumerate() {
            text += &section.summary(index + 1);
        }
        if !self.manhattan {
            text += "shots are not counted: the clip has slanted edges\n";
        }
        if let Some(folder) = folder {
            let _ = writeln!(text, "pictures and report: {}", folder.display());
        }
        text
    }
}
