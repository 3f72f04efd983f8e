//! The resist's cross-section along a cut line: what light did to the film, and what stands of it
//! after development.

use std::sync::Arc;

use egui::{Color32, ColorImage};
use lithoscope_engine::imaging::{CutLine, Imager};
use lithoscope_engine::resist::volume::VolumeResist;
use lithoscope_engine::resist::{DepthTable, ResistModel, VerticalResist};
use ndarray::Array2;

use super::cut::step_nm;
use super::level::Level;
use super::volume;
use crate::headless::Developer;
use crate::worker::engine::Stop;
use crate::worker::lens::{Lens, Light};
use crate::worker::{Conditions, Failure, develop, exposure_colours, stages};

/// Pixels of the film's picture along the line, at most.
const COLUMNS: usize = 720;
/// Pixels of the film's picture down the film.
const ROWS: usize = 120;
/// Share of its colour that resist keeps where it is developed away.
const GONE: f32 = 0.14;

/// What became of a question for the cross-section.
#[derive(Clone, Debug)]
pub enum SectionOutcome {
    /// It was made.
    Done(Section),
    /// The resist is a threshold: it has no film.
    NoFilm,
    /// It was cancelled.
    GivenUp,
    /// It cannot be made; why.
    Failed(String),
}

/// A cross-section.
#[derive(Clone, Debug)]
pub struct Section {
    /// The line.
    pub line: CutLine,
    /// Thickness of the film, nm.
    pub thickness_nm: f64,
    /// The film at one or more moments.
    pub films: Vec<Film>,
    /// What the shades mean.
    pub shade: Shade,
    /// What stands: lines of (nm along the line, nm above the substrate).
    pub outline: Vec<Vec<[f64; 2]>>,
    /// What else there is to say, with units.
    pub facts: Vec<(&'static str, String)>,
}

/// The film at some moment.
#[derive(Clone, Debug)]
pub struct Film {
    /// Which moment.
    pub name: &'static str,
    /// The film shaded by exposure, top row first; fainter where it will be developed away.
    pub image: Arc<ColorImage>,
}

/// A scale of colours.
#[derive(Clone, Copy, Debug)]
pub struct Shade {
    /// What is shown.
    pub name: &'static str,
    /// Values of the first and the last colour.
    pub range: (f32, f32),
    /// The colours.
    pub table: &'static [Color32; 256],
}

impl Section {
    /// Height that stands at a distance along the line, nm: the highest of the outline there.
    pub fn standing_at(&self, along_nm: f64) -> Option<f64> {
        let crossing = |pair: &[[f64; 2]]| {
            let ([x0, z0], [x1, z1]) = (*pair.first()?, *pair.get(1)?);
            let within = (x0.min(x1)..=x0.max(x1)).contains(&along_nm);
            let t = if x1 == x0 { 0.0 } else { (along_nm - x0) / (x1 - x0) };
            within.then_some(z0 + (z1 - z0) * t)
        };
        let all = self.outline.iter().flat_map(|line| line.windows(2).filter_map(crossing));
        all.reduce(f64::max)
    }
}

/// What is developed, beside the light.
pub struct Subject {
    pub line: CutLine,
    pub conditions: Arc<Conditions>,
}

/// Develops the resist along a line. `go_on` is told the share done, where it is known, and answers
/// whether to go on.
///
/// # Errors
/// The line or the resist is out of range; it was given up.
pub fn make(
    imager: &Imager,
    lens: &Lens,
    subject: &Subject,
    developer: &mut Developer,
    go_on: &mut dyn FnMut(Option<f64>) -> bool,
) -> Result<SectionOutcome, Stop> {
    let light = lens.light(imager, subject.conditions.defocus_nm);
    if let Some(ResistModel::Volume(resist)) = subject.conditions.resist.model() {
        let dose = resist.dose * subject.conditions.dose;
        let resist = VolumeResist { dose, ..(**resist).clone() };
        return Ok(SectionOutcome::Done(volume::make(
            &light,
            &subject.line,
            &resist,
            developer,
            go_on,
        )?));
    }
    let threshold = imager.process().threshold;
    match develop::model(&subject.conditions, threshold) {
        ResistModel::Vertical(resist) => {
            Ok(SectionOutcome::Done(vertical(&light, &subject.line, &resist)?))
        }
        _ => Ok(SectionOutcome::NoFilm),
    }
}

/// A resist that is developed straight down: every column by itself, exactly.
fn vertical(
    light: &Light<'_>,
    line: &CutLine,
    resist: &VerticalResist,
) -> Result<Section, Failure> {
    let (step, exposing) = exposing(light, line, resist)?;
    let table = DepthTable::new(resist).map_err(|e| failed(&e))?;
    let thickness = resist.thickness_nm;
    let standing: Vec<f64> =
        exposing.iter().map(|i| thickness - f64::from(table.depth_nm(*i))).collect();
    let columns = COLUMNS.min(standing.len());
    let pick = |x: usize| x * standing.len().saturating_sub(1) / columns.saturating_sub(1).max(1);
    let height = |row: usize| (1.0 - (row as f64 + 0.5) / ROWS as f64) * thickness;
    let exposed = Array2::from_shape_fn((ROWS, columns), |(row, x)| {
        let (intensity, depth) = (f64::from(exposing[pick(x)]), thickness - height(row));
        (1.0 - resist.dill.inhibitor(intensity, resist.dose, depth)) as f32
    });
    // A negative resist stands where a positive one goes; both go from the top.
    let film = film(&exposed, |row, x| height(row) <= standing[pick(x)]);
    let surface = standing.iter().enumerate().map(|(i, z)| [i as f64 * step, *z]).collect();
    Ok(Section {
        line: *line,
        thickness_nm: thickness,
        films: vec![Film { name: "After exposure", image: Arc::new(film) }],
        shade: exposure(),
        facts: heights(&standing, thickness),
        outline: vec![surface],
    })
}

/// What exposes a resist along a line: light, after diffusion where it has some; and the step, nm.
fn exposing(
    light: &Light<'_>,
    line: &CutLine,
    resist: &VerticalResist,
) -> Result<(f64, Vec<f32>), Failure> {
    let profile = light.cut(line, step_nm(line.length_nm())).map_err(|e| failed(&e))?;
    let level = resist.equivalent_level().filter(|_| resist.diffusion_nm > 0.0);
    let Some(level) = level else { return Ok((profile.step_nm, profile.intensity)) };
    let along = Level::of(&ResistModel::Vertical(*resist), light, line, &profile)?;
    // What prints just so after diffusion is light that differs from the level by as much.
    let diffused = profile
        .intensity
        .iter()
        .enumerate()
        .map(|(i, intensity)| intensity - along.at(i as f64 * profile.step_nm) + level as f32);
    Ok((profile.step_nm, diffused.collect()))
}

/// A failure to develop.
pub(super) fn failed(error: &dyn std::error::Error) -> Failure {
    stages::failure("Could not develop the resist along the cut line".to_owned(), error)
}

/// The scale of exposure.
pub(super) fn exposure() -> Shade {
    Shade { name: "exposed", range: (0.0, 1.0), table: exposure_colours() }
}

/// The film's picture from a share 0…1 a pixel, first row on top, darker where nothing stands.
pub(super) fn film(share: &Array2<f32>, stands: impl Fn(usize, usize) -> bool) -> ColorImage {
    let (rows, columns) = share.dim();
    let pixels = share.indexed_iter().map(|((row, x), v)| {
        let colour = exposure_colours()[(v * 255.0).clamp(0.0, 255.0) as usize];
        if stands(row, x) { colour } else { colour.gamma_multiply(GONE) }
    });
    ColorImage::new([columns, rows], pixels.collect())
}

/// Least and greatest height of what stands.
fn heights(standing: &[f64], thickness: f64) -> Vec<(&'static str, String)> {
    let least = standing.iter().copied().fold(f64::INFINITY, f64::min);
    let most = standing.iter().copied().fold(0.0, f64::max);
    vec![
        ("Film", format!("{thickness:.1} nm")),
        ("Stands at most", format!("{most:.1} nm")),
        ("Stands at least", format!("{least:.1} nm")),
    ]
}
