//! What calibration has to beat: the best constant and the best variable threshold.

use ndarray::Array2;
use rayon::prelude::*;

use super::histogram::{Histogram, Seen};
use super::pairs::{Pair, Part, Split};
use crate::resist::{ResistError, Threshold, VariableThreshold};

/// Cells in which levels are told apart.
const CELLS: usize = 1 << 14;

/// Gains tried first: from −`MOST_GAIN` to `MOST_GAIN` in steps of this.
const GAIN_STEP: f64 = 0.1;
const MOST_GAIN: f64 = 0.8;

/// Times the best gain's neighbourhood is searched in thirds of the step.
const REFINEMENTS: usize = 4;

/// The constant threshold that prints fewest training pixels wrong (of a deterministic four fifths
/// of the pixels), found exactly to 1/16384 of the brightest intensity.
pub fn fit_threshold(pairs: &[Pair]) -> Threshold {
    let split = Split::of(pairs.len());
    let images: Vec<Array2<f32>> = pairs.iter().map(|pair| pair.intensity.clone()).collect();
    let (level, _) = best_level(pairs, images, split);
    Threshold { level }
}

/// The variable threshold that prints fewest training pixels wrong: each radius (nm) is tried, the
/// gain searched from −0.8 to 0.8 and the base found exactly for each.
///
/// # Errors
/// No radius is given, or one is too large for the pixels.
pub fn fit_variable_threshold(
    pairs: &[Pair],
    radii_nm: &[f64],
) -> Result<VariableThreshold, ResistError> {
    let split = Split::of(pairs.len());
    let mut best: Option<(f64, VariableThreshold)> = None;
    for &radius_nm in radii_nm {
        let near = VariableThreshold { base: 0.0, gain: 0.0, radius_nm };
        let brightest: Vec<Array2<f32>> = pairs
            .iter()
            .map(|pair| near.brightest_near(pair.intensity.view(), pair.pixel_nm))
            .collect::<Result<_, _>>()?;
        let (wrong, found) = best_gain(pairs, &brightest, split, near);
        if best.is_none_or(|(least, _)| wrong < least) {
            best = Some((wrong, found));
        }
    }
    best.map(|(_, found)| found).ok_or_else(|| {
        ResistError::Mismatch("no radius is given for the variable threshold".into())
    })
}

/// The best gain and base for one radius, and the share of pixels they print wrong.
fn best_gain(
    pairs: &[Pair],
    brightest: &[Array2<f32>],
    split: Split,
    near: VariableThreshold,
) -> (f64, VariableThreshold) {
    // Shifted up by this much, so that no value is negative.
    let largest = brightest.iter().flatten().copied().fold(0.0, f32::max);
    let try_gain = |gain: f64| {
        let lift = gain.max(0.0) * f64::from(largest);
        let (gain32, lift32) = (gain as f32, lift as f32);
        let images = pairs
            .par_iter()
            .zip(brightest)
            .map(|(pair, near)| {
                let mut image = pair.intensity.clone();
                image.zip_mut_with(near, |i, largest| *i += lift32 - gain32 * largest);
                image
            })
            .collect();
        let (level, wrong) = best_level(pairs, images, split);
        (wrong, VariableThreshold { base: level - lift, gain, ..near })
    };
    let better = |a: (f64, VariableThreshold), b: (f64, VariableThreshold)| {
        if b.0 < a.0 { b } else { a }
    };
    let count = (MOST_GAIN / GAIN_STEP).round() as i32;
    let mut best = try_gain(0.0);
    for i in (-count..=count).filter(|i| *i != 0) {
        best = better(best, try_gain(f64::from(i) * GAIN_STEP));
    }
    let mut step = GAIN_STEP;
    for _ in 0..REFINEMENTS {
        step /= 3.0;
        let centre = best.1.gain;
        for i in [-2.0, -1.0, 1.0, 2.0] {
            best = better(best, try_gain(centre + i * step));
        }
    }
    best
}

/// The level of an image that prints fewest training pixels wrong, and their share.
fn best_level(pairs: &[Pair], images: Vec<Array2<f32>>, split: Split) -> (f64, f64) {
    let brightest = images.iter().flatten().copied().fold(0.0, f32::max);
    let seen: Vec<Seen> =
        images.into_iter().map(|image| Seen { image, in_diffusion: None }).collect();
    let bins = (CELLS, f64::from(brightest));
    let histogram = Histogram::of(pairs, &seen, split, Part::Train, bins);
    let level = histogram.best_level();
    (level, histogram.difference(level))
}
