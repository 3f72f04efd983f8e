//! Calibration from pairs of images: Adam on the cross-entropy of the printed image.

use lithoscope_kernels::blur::Blur;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::histogram::{Histogram, Seen};
use super::pairs::{Pair, Part, Split};
use super::scale::{free_parameters, place, positions, stretch};
use super::{CalibrationReport, report};
use crate::resist::error::require;
use crate::resist::{Gradient, Parameter, ResistError, ResistModel, VerticalResist};

/// How calibration goes about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalibrationOptions {
    /// Steps in all, 1…100000.
    pub steps: usize,
    /// First step's length in the scaled coordinates (0.02: two percent of most parameters).
    pub rate: f64,
    /// Last step's length; in between it falls geometrically.
    pub last_rate: f64,
    /// Steepness of the printed image's sigmoid at first (`TorchResist` takes 6 throughout).
    pub steepness: f64,
    /// Steepness at last: steeper, the loss looks at edges only, and its least value moves to where
    /// fewest pixels are wrong.
    pub last_steepness: f64,
    /// Cells of intensity, 16…65536.
    pub cells: usize,
    /// Every so many steps the validation pixels are looked at; 0 for never.
    pub validate_every: usize,
    /// Farthest an outline is looked for, nm.
    pub epe_search_nm: f64,
    /// Radii tried for the variable threshold that the result is compared with, nm.
    pub variable_threshold_radii_nm: Vec<f64>,
}

impl Default for CalibrationOptions {
    fn default() -> Self {
        Self {
            steps: 200,
            rate: 0.04,
            last_rate: 0.001,
            steepness: 6.0,
            last_steepness: 600.0,
            cells: 4096,
            validate_every: 20,
            epe_search_nm: 40.0,
            variable_threshold_radii_nm: vec![30.0, 60.0, 120.0],
        }
    }
}

impl CalibrationOptions {
    fn validate(&self) -> Result<(), ResistError> {
        let whole =
            |ok: bool, name, value: usize, expected| require(ok, name, value as f64, expected);
        let steps = (1..=100_000).contains(&self.steps);
        whole(steps, "steps", self.steps, "from 1 to 100000")?;
        let cells = (16..=65_536).contains(&self.cells);
        whole(cells, "cells", self.cells, "from 16 to 65536")?;
        let positive = |name, value: f64| {
            require((1e-9..=1e6).contains(&value), name, value, "from 1e-9 to 1000000")
        };
        positive("rate", self.rate)?;
        positive("last_rate", self.last_rate)?;
        positive("steepness", self.steepness)?;
        positive("last_steepness", self.last_steepness)?;
        positive("epe_search_nm", self.epe_search_nm)
    }

    /// How far along the run a step is, 0…1.
    fn progress(&self, step: usize) -> f64 {
        step as f64 / (self.steps.max(2) - 1) as f64
    }

    fn rate_at(&self, step: usize) -> f64 {
        self.rate * (self.last_rate / self.rate).powf(self.progress(step))
    }

    fn steepness_at(&self, step: usize) -> f64 {
        // Reached after two thirds, so that the least value is found at the final steepness.
        let along = (1.5 * self.progress(step)).min(1.0);
        self.steepness * (self.last_steepness / self.steepness).powf(along)
    }
}

/// What a step found, before it moved the parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationStep {
    /// From 0.
    pub step: usize,
    /// Mean cross-entropy of the training pixels, at this step's steepness.
    pub loss: f64,
    /// Share of the training pixels printed wrong, from the histogram.
    pub pixel_difference: f64,
    /// Share of the validation pixels printed wrong, at the steps that look.
    pub validation: Option<f64>,
    /// The free parameters, in the order they were named.
    pub values: Vec<f64>,
}

/// Where a calibration stands: enough to go on exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationState {
    /// Steps made.
    pub step: usize,
    /// Share of training pixels wrong at the best step so far.
    pub best_difference: f64,
    /// The scaled coordinates of the free parameters.
    positions: Vec<f64>,
    /// Adam's running mean of the gradient.
    first: Vec<f64>,
    /// Adam's running mean of its square.
    second: Vec<f64>,
    /// The names of the free parameters.
    pub free: Vec<Parameter>,
    /// The options.
    pub options: CalibrationOptions,
    /// The resist as it stands.
    pub resist: VerticalResist,
    /// The resist of the best step so far.
    pub best: VerticalResist,
}

/// Calibration from pairs of images. A value without thread or clock: `step` makes one step.
pub struct Calibration {
    state: CalibrationState,
    pairs: Vec<Pair>,
    split: Split,
    /// The images ready to be blurred, where diffusion moves.
    blurs: Vec<Option<Blur>>,
    brightest: f64,
    /// Kept where diffusion does not move.
    fixed: Option<[Histogram; 2]>,
}

/// Adam's constants (Kingma and Ba, 2015).
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.99;
const TINY: f64 = 1e-12;

impl Calibration {
    /// Plans a calibration of the parameters named in `free` from `start`.
    ///
    /// # Errors
    /// A parameter or option out of range, a name the resist lacks, no pairs.
    pub fn new(
        start: VerticalResist,
        free: &[&str],
        pairs: Vec<Pair>,
        options: CalibrationOptions,
    ) -> Result<Self, ResistError> {
        start.validate()?;
        let free = free_parameters(&start, free)?;
        let positions = positions(&start, &free);
        let state = CalibrationState {
            step: 0,
            best_difference: f64::MAX,
            first: vec![0.0; free.len()],
            second: vec![0.0; free.len()],
            positions,
            free,
            options,
            resist: start,
            best: start,
        };
        Self::resume(state, pairs)
    }

    /// Goes on from a saved state with the same pairs: every later step is what it would have been.
    ///
    /// # Errors
    /// The state does not hold together, or there are no pairs.
    pub fn resume(state: CalibrationState, pairs: Vec<Pair>) -> Result<Self, ResistError> {
        check_state(&state)?;
        if pairs.is_empty() {
            return Err(ResistError::Mismatch("calibration needs at least one pair".into()));
        }
        let moves = state.free.contains(&Parameter::DiffusionNm);
        let diffuses = moves || state.resist.diffusion_nm > 0.0;
        let blurs: Vec<Option<Blur>> = pairs
            .iter()
            .map(|pair| diffuses.then(|| Blur::new(pair.intensity.view())).flatten())
            .collect();
        let brightest = pairs.iter().flat_map(|pair| &pair.intensity).copied().fold(0.0, f32::max);
        let split = Split::of(pairs.len());
        let brightest = f64::from(brightest);
        let mut run = Self { state, pairs, split, blurs, brightest, fixed: None };
        if !moves {
            let seen = run.seen(false);
            let parts = [Part::Train, Part::Validation];
            run.fixed = Some(parts.map(|part| run.histogram(&seen, part)));
        }
        Ok(run)
    }

    /// What to save, to go on later.
    pub fn state(&self) -> &CalibrationState {
        &self.state
    }

    /// Whether all steps are made.
    pub fn is_finished(&self) -> bool {
        self.state.step >= self.state.options.steps
    }

    /// The best resist so far: the one whose training pixels were least wrong.
    pub fn result(&self) -> ResistModel {
        ResistModel::Vertical(self.state.best)
    }

    /// Makes one step; after the last it only looks.
    ///
    /// # Errors
    /// The parameters were driven where no resist is (not seen to happen: they are kept in range).
    pub fn step(&mut self) -> Result<CalibrationStep, ResistError> {
        let (step, resist) = (self.state.step, self.state.resist);
        let every = self.state.options.validate_every;
        let looks = every > 0 && step.is_multiple_of(every);
        let (train, validation) = self.histograms(looks);
        let steepness = self.state.options.steepness_at(step);
        let (loss, gradient) = train.loss(&resist, steepness);
        let level = resist.equivalent_level();
        let wrong = |h: &Histogram| level.map_or(1.0, |level| h.difference(level));
        let pixel_difference = wrong(&train);
        if pixel_difference < self.state.best_difference {
            self.state.best_difference = pixel_difference;
            self.state.best = resist;
        }
        let found = CalibrationStep {
            step,
            loss,
            pixel_difference,
            validation: validation.as_ref().map(wrong),
            values: self.state.free.iter().filter_map(|&p| resist.get(p)).collect(),
        };
        if !self.is_finished() {
            self.move_by(&gradient)?;
        }
        Ok(found)
    }

    /// Scores of the result and of the thresholds it has to beat, on training and validation pixels.
    ///
    /// # Errors
    /// A radius of the variable threshold is too large for the pixels.
    pub fn report(&self) -> Result<CalibrationReport, ResistError> {
        report::report(&self.result(), &self.pairs, &self.state.options)
    }

    fn move_by(&mut self, gradient: &Gradient) -> Result<(), ResistError> {
        let state = &mut self.state;
        let rate = state.options.rate_at(state.step);
        state.step += 1;
        let steps = state.step as i32;
        let (bias1, bias2) = (1.0 - BETA_1.powi(steps), 1.0 - BETA_2.powi(steps));
        let means = state.first.iter_mut().zip(&mut state.second);
        for ((&parameter, at), (m, v)) in state.free.iter().zip(&mut state.positions).zip(means) {
            let value = state.resist.get(parameter).unwrap_or(1.0);
            let g = gradient[parameter as usize] * stretch(parameter, value);
            *m = BETA_1 * *m + (1.0 - BETA_1) * g;
            *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
            *at -= rate * (*m / bias1) / ((*v / bias2).sqrt() + TINY);
        }
        state.resist = place(&state.resist, &state.free, &mut state.positions)?;
        Ok(())
    }

    /// The histograms of the training pixels and, if looked at, of the validation pixels.
    fn histograms(&self, validation: bool) -> (Histogram, Option<Histogram>) {
        if let Some([train, other]) = &self.fixed {
            return (train.clone(), validation.then(|| other.clone()));
        }
        let seen = self.seen(true);
        let other = validation.then(|| self.histogram(&seen, Part::Validation));
        (self.histogram(&seen, Part::Train), other)
    }

    /// The images after diffusion.
    fn seen(&self, moves: bool) -> Vec<Seen> {
        let sigma_nm = self.state.resist.diffusion_nm;
        let see = |(pair, blur): (&Pair, &Option<Blur>)| match blur {
            Some(blur) => {
                let blurred = blur.blurred(sigma_nm / pair.pixel_nm);
                let per_nm = 1.0 / pair.pixel_nm as f32;
                let in_diffusion = moves.then(|| blurred.in_sigma.mapv_into(|d| d * per_nm));
                Seen { image: blurred.image, in_diffusion }
            }
            None => Seen { image: pair.intensity.clone(), in_diffusion: None },
        };
        self.pairs.par_iter().zip(&self.blurs).map(see).collect()
    }

    fn histogram(&self, seen: &[Seen], part: Part) -> Histogram {
        let bins = (self.state.options.cells, self.brightest);
        Histogram::of(&self.pairs, seen, self.split, part, bins)
    }
}

/// Checks a state that came from a file.
fn check_state(state: &CalibrationState) -> Result<(), ResistError> {
    state.options.validate()?;
    state.resist.validate()?;
    state.best.validate()?;
    let lengths = [&state.positions, &state.first, &state.second].map(Vec::len);
    let finite = [&state.positions, &state.first, &state.second]
        .iter()
        .all(|values| values.iter().all(|v| v.is_finite()));
    let known = state.free.iter().all(|&p| state.resist.get(p).is_some());
    if lengths != [state.free.len(); 3] || !finite || !known || state.free.is_empty() {
        return Err(ResistError::Mismatch(
            "the saved calibration does not hold together; start again".into(),
        ));
    }
    Ok(())
}
