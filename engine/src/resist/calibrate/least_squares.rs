//! Calibration from measured widths: Levenberg and Marquardt's least squares.
//!
//! The vertical model's width is that of the blurred image at the equivalent level, so that
//! ∂CD/∂θ = ∂CD/∂level·∂level/∂θ from the slopes at the two edges, and ∂CD/∂σ from the heat equation
//! there.

use lithoscope_kernels::blur::Blur;
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::edges::{EdgeImage, Measurement, Width, width};
use super::scale::{free_parameters, place, positions, stretch};
use crate::resist::error::require;
use crate::resist::model::no_level;
use crate::resist::{Parameter, ResistError, ResistModel, VerticalResist};

/// How well a resist's widths fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EdgeSummary {
    /// Root of the weighted mean square of the residuals, nm.
    pub rms_nm: f64,
    /// Largest residual, nm.
    pub max_nm: f64,
    /// Measurements whose feature the model does not print; they count with their whole width.
    pub missing: usize,
    /// The model's width of each measurement, nm.
    pub widths_nm: Vec<Option<f64>>,
}

/// What a step found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgeStep {
    /// From 1.
    pub step: usize,
    /// Root of the weighted mean square of the residuals after it, nm.
    pub rms_nm: f64,
    /// The free parameters after it, in the order they were named.
    pub values: Vec<f64>,
}

/// Calibration from measured widths. A value without thread or clock.
pub struct EdgeCalibration {
    images: Vec<EdgeImage>,
    blurs: Vec<Option<Blur>>,
    measurements: Vec<Measurement>,
    free: Vec<Parameter>,
    positions: Vec<f64>,
    resist: VerticalResist,
    damping: f64,
    step: usize,
    finished: bool,
}

/// Most steps; least squares of this size settle in a few dozen.
const MOST_STEPS: usize = 200;

/// A step that lessens the sum of squares by less than this share is the last.
const ENOUGH: f64 = 1e-10;

/// Most damping tried before a step is given up.
const MOST_DAMPING: f64 = 1e12;

/// Longest step in a scaled coordinate: about a doubling.
const LONGEST: f64 = 0.7;

/// Most pixels of one image.
const MOST_PIXELS: usize = 1 << 26;

/// Residuals and their derivatives in the free coordinates.
struct Residuals {
    /// √weight·(model − measured), nm.
    values: Vec<f64>,
    /// One row a residual.
    jacobian: Vec<Vec<f64>>,
}

impl Residuals {
    fn squares(&self) -> f64 {
        self.values.iter().map(|r| r * r).sum()
    }
}

impl EdgeCalibration {
    /// Plans a calibration of the parameters named in `free` from `start`.
    ///
    /// # Errors
    /// A parameter out of range, a name the resist lacks, no measurement or a bad one, or a resist
    /// that prints at no intensity.
    pub fn new(
        start: VerticalResist,
        free: &[&str],
        images: Vec<EdgeImage>,
        measurements: Vec<Measurement>,
    ) -> Result<Self, ResistError> {
        start.validate()?;
        start.equivalent_level().ok_or_else(|| no_level(&start))?;
        if measurements.is_empty() {
            return Err(ResistError::Mismatch("calibration needs at least one measurement".into()));
        }
        measurements.iter().try_for_each(|m| m.validate(images.len()))?;
        images.iter().try_for_each(check_image)?;
        let free = free_parameters(&start, free)?;
        let diffuses = start.diffusion_nm > 0.0;
        let blurs = images
            .iter()
            .map(|image| diffuses.then(|| Blur::new(image.intensity.view())).flatten())
            .collect();
        let positions = positions(&start, &free);
        Ok(Self {
            images,
            blurs,
            measurements,
            free,
            positions,
            resist: start,
            damping: 1e-3,
            step: 0,
            finished: false,
        })
    }

    /// Whether further steps would change nothing.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The resist so far.
    pub fn result(&self) -> ResistModel {
        ResistModel::Vertical(self.resist)
    }

    /// How well the resist's widths fit.
    pub fn summary(&self) -> EdgeSummary {
        let widths = self.widths(&self.resist);
        let mut summary = EdgeSummary::default();
        let (mut squares, mut weights) = (0.0, 0.0);
        for (measurement, width) in self.measurements.iter().zip(&widths) {
            let residual = width.map_or(0.0, |w| w.nm) - measurement.cd_nm;
            squares += measurement.weight * residual * residual;
            weights += measurement.weight;
            summary.max_nm = summary.max_nm.max(residual.abs());
            summary.missing += usize::from(width.is_none());
            summary.widths_nm.push(width.map(|w| w.nm));
        }
        summary.rms_nm = (squares / weights.max(f64::MIN_POSITIVE)).sqrt();
        summary
    }

    /// Makes one step: never to a worse fit.
    ///
    /// # Errors
    /// The parameters were driven where no resist is (they are kept in range).
    pub fn step(&mut self) -> Result<EdgeStep, ResistError> {
        self.step += 1;
        let now = self.residuals(&self.resist);
        let before = now.squares();
        let mut after = before;
        while !self.finished {
            let mut tried = self.positions.clone();
            for (at, change) in tried.iter_mut().zip(self.change(&now)) {
                *at -= change.clamp(-LONGEST, LONGEST);
            }
            let resist = place(&self.resist, &self.free, &mut tried)?;
            let squares = self.residuals(&resist).squares();
            if squares < before {
                (self.resist, self.positions, after) = (resist, tried, squares);
                self.damping = (self.damping / 5.0).max(1e-12);
                break;
            }
            self.damping *= 4.0;
            self.finished = self.damping > MOST_DAMPING;
        }
        self.finished |= before - after <= ENOUGH * before || self.step >= MOST_STEPS;
        let weights: f64 = self.measurements.iter().map(|m| m.weight).sum();
        Ok(EdgeStep {
            step: self.step,
            rms_nm: (after / weights.max(f64::MIN_POSITIVE)).sqrt(),
            values: self.free.iter().filter_map(|&p| self.resist.get(p)).collect(),
        })
    }

    /// The model's widths.
    fn widths(&self, resist: &VerticalResist) -> Vec<Option<Width>> {
        let Some(level) = resist.equivalent_level() else {
            return vec![None; self.measurements.len()];
        };
        let seen: Vec<(Array2<f32>, Option<Array2<f32>>)> = self
            .images
            .par_iter()
            .zip(&self.blurs)
            .map(|(image, blur)| match blur {
                Some(blur) => {
                    let blurred = blur.blurred(resist.diffusion_nm / image.grid.pixel_nm);
                    let per_nm = 1.0 / image.grid.pixel_nm as f32;
                    (blurred.image, Some(blurred.in_sigma.mapv_into(|d| d * per_nm)))
                }
                None => (image.intensity.clone(), None),
            })
            .collect();
        let of = |measurement: &Measurement| {
            let (image, drift) = &seen[measurement.image];
            let views = (image.view(), drift.as_ref().map(|drift| drift.view()));
            width(measurement, views, &self.images[measurement.image].grid, level)
        };
        self.measurements.par_iter().map(of).collect()
    }

    fn residuals(&self, resist: &VerticalResist) -> Residuals {
        let level = resist.level();
        let row = |(measurement, width): (&Measurement, &Option<Width>)| {
            let root = measurement.weight.sqrt();
            let Some(width) = width else {
                return (-root * measurement.cd_nm, vec![0.0; self.free.len()]);
            };
            let slope = |&parameter: &Parameter| {
                let value = resist.get(parameter).unwrap_or(1.0);
                let by_level = level.map_or(0.0, |level| level.gradient[parameter as usize]);
                let diffuses = parameter == Parameter::DiffusionNm;
                let by_blur = if diffuses { width.in_diffusion } else { 0.0 };
                root * (width.in_level * by_level + by_blur) * stretch(parameter, value)
            };
            (root * (width.nm - measurement.cd_nm), self.free.iter().map(slope).collect())
        };
        let widths = self.widths(resist);
        let (values, jacobian) = self.measurements.iter().zip(&widths).map(row).unzip();
        Residuals { values, jacobian }
    }

    /// The damped step: (JᵀJ + damping·(diag JᵀJ + ε))·change = Jᵀr.
    fn change(&self, residuals: &Residuals) -> Vec<f64> {
        let n = self.free.len();
        let mut matrix = vec![vec![0.0; n + 1]; n];
        for (row, r) in residuals.jacobian.iter().zip(&residuals.values) {
            for i in 0..n {
                for j in 0..n {
                    matrix[i][j] += row[i] * row[j];
                }
                matrix[i][n] += row[i] * r;
            }
        }
        let largest = (0..n).map(|i| matrix[i][i]).fold(f64::MIN_POSITIVE, f64::max);
        for (i, row) in matrix.iter_mut().enumerate() {
            row[i] += self.damping * (row[i] + 1e-6 * largest);
        }
        solve(matrix)
    }
}

/// Gauss's elimination with pivots of [A | b]; 0 where A is singular.
fn solve(mut matrix: Vec<Vec<f64>>) -> Vec<f64> {
    let n = matrix.len();
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))
            .unwrap_or(column);
        matrix.swap(column, pivot);
        let head = matrix[column].clone();
        if head[column] == 0.0 || !head[column].is_finite() {
            return vec![0.0; n];
        }
        for (i, row) in matrix.iter_mut().enumerate() {
            if i != column {
                let factor = row[column] / head[column];
                for (value, above) in row.iter_mut().zip(&head) {
                    *value -= factor * above;
                }
            }
        }
    }
    (0..n).map(|i| matrix[i][n] / matrix[i][i]).collect()
}

fn check_image(image: &EdgeImage) -> Result<(), ResistError> {
    let EdgeImage { intensity, grid, .. } = image;
    if intensity.is_empty() || intensity.dim() != (grid.ny, grid.nx) {
        return Err(ResistError::Mismatch(format!(
            "an image of {:?} pixels does not fill a grid of {:?}",
            intensity.dim(),
            (grid.ny, grid.nx)
        )));
    }
    if intensity.len() > MOST_PIXELS {
        return Err(ResistError::TooLarge {
            what: "an image that widths are measured on",
            needed: intensity.len(),
            limit: MOST_PIXELS,
            advice: "cut it down to the gauges",
        });
    }
    let pixel = (1e-3..=1e6).contains(&grid.pixel_nm);
    require(pixel, "pixel_nm", grid.pixel_nm, "from 0.001 to 1000000")?;
    for &i in intensity {
        require((0.0..=64.0).contains(&i), "intensity", i.into(), "from 0 to 64")?;
    }
    Ok(())
}
