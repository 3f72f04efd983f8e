//! How well a model prints what was printed, beside what it has to beat.

use ndarray::Array2;
use serde::Serialize;

use super::pairs::{Pair, Part, Split};
use super::{CalibrationOptions, EdgeErrors, edge_errors, fit_threshold, fit_variable_threshold};
use crate::resist::{ResistError, ResistModel};

/// How far a printed image is from the one wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// Share of pixels printed wrong (a pixel counts as printed from half its area on).
    pub pixel_difference: f64,
    /// Mean edge placement error, nm; see [`super::EdgeErrors`] for what is measured.
    pub epe_mean_nm: f64,
    /// Largest edge placement error, nm.
    pub epe_max_nm: f64,
    /// Outline corners with nothing of the other outline near.
    pub missed: u64,
}

/// A model and its scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelScore {
    /// The model.
    pub model: ResistModel,
    /// On the pixels it was fitted to.
    pub train: Score,
    /// On the pixels kept back.
    pub validation: Score,
}

/// A calibrated model beside the best thresholds for the same training pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationReport {
    /// The result.
    pub calibrated: ModelScore,
    /// The best constant threshold.
    pub threshold: ModelScore,
    /// The best variable threshold.
    pub variable_threshold: ModelScore,
}

pub(super) fn report(
    model: &ResistModel,
    pairs: &[Pair],
    options: &CalibrationOptions,
) -> Result<CalibrationReport, ResistError> {
    let radii = &options.variable_threshold_radii_nm;
    let threshold = ResistModel::Threshold(fit_threshold(pairs));
    let variable = ResistModel::VariableThreshold(fit_variable_threshold(pairs, radii)?);
    let score = |model: &ResistModel| score(model, pairs, options.epe_search_nm);
    Ok(CalibrationReport {
        calibrated: score(model)?,
        threshold: score(&threshold)?,
        variable_threshold: score(&variable)?,
    })
}

/// What is counted of one part of the pixels.
#[derive(Clone, Copy, Default)]
struct Tally {
    wrong: u64,
    pixels: u64,
    edges: EdgeErrors,
}

impl Tally {
    fn score(&self) -> Score {
        Score {
            pixel_difference: self.wrong as f64 / self.pixels.max(1) as f64,
            epe_mean_nm: self.edges.mean_nm(),
            epe_max_nm: self.edges.max_nm,
            missed: self.edges.missed,
        }
    }
}

fn score(model: &ResistModel, pairs: &[Pair], search_nm: f64) -> Result<ModelScore, ResistError> {
    let split = Split::of(pairs.len());
    let mut tallies = [Tally::default(); 2];
    for (k, pair) in pairs.iter().enumerate() {
        let margin = model.margin(pair.intensity.view(), pair.pixel_nm)?;
        count_pixels(&margin, (k, pair), split, &mut tallies);
        for (tally, part) in tallies.iter_mut().zip([Part::Train, Part::Validation]) {
            let counts = |[x, y]: [f64; 2]| split.part(k, y as usize, x as usize) == part;
            let errors = edge_errors(&margin, &pair.printed, &pair.grid(), search_nm, counts);
            tally.edges = tally.edges.and(errors);
        }
    }
    let [train, validation] = tallies.map(|tally| tally.score());
    Ok(ModelScore { model: model.clone(), train, validation })
}

fn count_pixels(
    margin: &Array2<f32>,
    (k, pair): (usize, &Pair),
    split: Split,
    tallies: &mut [Tally; 2],
) {
    for (y, (margin, printed)) in margin.outer_iter().zip(pair.printed.outer_iter()).enumerate() {
        for (from, to, part) in split.runs(k, y, margin.len()) {
            let tally = &mut tallies[usize::from(part == Part::Validation)];
            let wrong = (from..to).filter(|&x| (margin[x] > 0.0) != (printed[x] >= 0.5)).count();
            tally.wrong += wrong as u64;
            tally.pixels += (to - from) as u64;
        }
    }
}
