//! Band-limited resampling: from the exact small grid of a periodic image to any positions.
//!
//! An image with bins |q| ≤ Q sampled on N ≥ 2Q+1 points a side is known everywhere:
//! I(x) = Σ_j I_j D(x − x_j), D(t) = sin(π(2Q+1)t/P) / (N sin(πt/P)). Rows and columns separate, so
//! a grid is two thin matrix products: ny·N·N + ny·nx·N multiply-adds.

use std::f64::consts::PI;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

/// Rows of a product that one task computes: fixed, so that results do not depend on threads.
const BAND: usize = 64;

/// The periodic interpolation weights of some positions: `[positions, N]`.
///
/// `period`: of the field; `grid`: N samples at j·P/N; `band`: Q, the largest bin in the image.
pub fn weights(period: f64, grid: usize, band: usize, positions: &[f64]) -> Array2<f32> {
    Array2::from_shape_fn((positions.len(), grid), |(i, j)| {
        weight(grid, band, positions[i] / period, j) as f32
    })
}

/// The weight of sample j in the value at a position given in periods.
pub(crate) fn weight(grid: usize, band: usize, position: f64, j: usize) -> f64 {
    let order = (2 * band + 1) as f64;
    let t = PI * (position - j as f64 / grid as f64);
    let d = t.sin();
    let value =
        if d.abs() < 1e-12 { (order * t).cos() / t.cos() * order } else { (order * t).sin() / d };
    value / grid as f64
}

/// Takes images from an N × N periodic grid to an ny × nx grid and gradients back.
#[derive(Clone, Debug)]
pub struct Resampler {
    /// `[N, ny]`: products pack it faster this way round.
    rows: Array2<f32>,
    /// `[N, nx]`
    columns: Array2<f32>,
    /// `[ny, N]`
    half_way: Array2<f32>,
}

impl Resampler {
    /// A plan for sample positions `ys` and `xs` (same unit as `period`) of an image with bins up
    /// to `band` on a `grid` × `grid` field.
    pub fn new(period: f64, grid: usize, band: usize, ys: &[f64], xs: &[f64]) -> Self {
        let turned =
            |at: &[f64]| weights(period, grid, band, at).t().as_standard_layout().into_owned();
        let (rows, columns) = (turned(ys), turned(xs));
        let half_way = Array2::zeros((ys.len(), grid));
        Self { rows, columns, half_way }
    }

    /// (ny, nx)
    pub fn shape(&self) -> (usize, usize) {
        (self.rows.ncols(), self.columns.ncols())
    }

    /// `out[ny, nx]` = the image at the plan's positions.
    pub fn forward(&mut self, image: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
        let columns = &self.columns;
        self.half_way
            .axis_chunks_iter_mut(Axis(0), BAND)
            .into_par_iter()
            .zip(self.rows.axis_chunks_iter(Axis(1), BAND))
            .zip(out.axis_chunks_iter_mut(Axis(0), BAND))
            .for_each(|((mut half_way, rows), mut out)| {
                general_mat_mul(1.0, &rows.t(), &image, 0.0, &mut half_way);
                general_mat_mul(1.0, &half_way, columns, 0.0, &mut out);
            });
    }

    /// `out[N, N]` += the adjoint of [`Resampler::forward`] applied to a gradient `[ny, nx]`.
    pub fn adjoint_add(&mut self, gradient: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
        let columns = &self.columns;
        self.half_way
            .axis_chunks_iter_mut(Axis(0), BAND)
            .into_par_iter()
            .zip(gradient.axis_chunks_iter(Axis(0), BAND))
            .for_each(|(mut half_way, gradient)| {
                general_mat_mul(1.0, &gradient, &columns.t(), 0.0, &mut half_way);
            });
        general_mat_mul(1.0, &self.rows, &self.half_way, 1.0, &mut out);
    }
}

/// Reads single points of a periodic image, and takes their gradients back: points·N·N
/// multiply-adds each way.
#[derive(Clone, Debug)]
pub struct Points {
    /// `[points, N]`
    rows: Array2<f32>,
    /// `[points, N]`
    columns: Array2<f32>,
    /// `[points, N]`
    half_way: Array2<f32>,
}

impl Points {
    /// A plan for points `(x, y)`; the other arguments as in [`Resampler::new`].
    pub fn new(period: f64, grid: usize, band: usize, points: &[[f64; 2]]) -> Self {
        let [xs, ys] = [0, 1].map(|c| points.iter().map(|p| p[c]).collect::<Vec<_>>());
        Self {
            rows: weights(period, grid, band, &ys),
            columns: weights(period, grid, band, &xs),
            half_way: Array2::zeros((points.len(), grid)),
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.rows.nrows()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the image's value at every point.
    pub fn read(&mut self, image: ArrayView2<f32>, out: &mut [f32]) {
        general_mat_mul(1.0, &self.rows, &image, 0.0, &mut self.half_way);
        let pairs = self.half_way.outer_iter().zip(self.columns.outer_iter());
        for (out, (half_way, columns)) in out.iter_mut().zip(pairs) {
            *out = half_way.dot(&columns);
        }
    }

    /// `out[N, N]` += the adjoint of [`Points::read`] applied to a gradient a point.
    pub fn adjoint_add(&mut self, gradient: &[f32], mut out: ArrayViewMut2<f32>) {
        self.half_way.assign(&self.columns);
        for (mut row, g) in self.half_way.outer_iter_mut().zip(gradient) {
            row *= *g;
        }
        general_mat_mul(1.0, &self.rows.t(), &self.half_way, 1.0, &mut out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: f64 = 100.0;
    const BAND_LIMIT: usize = 5;

    fn wave(x: f64, y: f64) -> f64 {
        let p = 2.0 * PI / PERIOD;
        1.0 + (3.0 * p * x + 1.0).cos() * (5.0 * p * y).sin() + (p * (4.0 * x - 5.0 * y)).cos()
    }

    fn sampled(grid: usize) -> Array2<f32> {
        let step = PERIOD / grid as f64;
        Array2::from_shape_fn((grid, grid), |(y, x)| wave(x as f64 * step, y as f64 * step) as f32)
    }

    #[test]
    fn a_band_limited_image_is_known_between_its_samples() {
        for grid in [11, 12, 16] {
            let ys: Vec<f64> = (0..37).map(|i| -20.0 + f64::from(i) * 3.7).collect();
            let xs: Vec<f64> = (0..53).map(|i| f64::from(i) * 2.5).collect();
            let mut plan = Resampler::new(PERIOD, grid, BAND_LIMIT, &ys, &xs);
            let mut out = Array2::zeros(plan.shape());
            plan.forward(sampled(grid).view(), out.view_mut());
            for (i, &y) in ys.iter().enumerate() {
                for (j, &x) in xs.iter().enumerate() {
                    assert!((f64::from(out[[i, j]]) - wave(x, y)).abs() < 3e-6);
                }
            }
            let mut value = [0.0; 2];
            let places = [[xs[3], ys[4]], [xs[50], ys[0]]];
            let mut points = Points::new(PERIOD, grid, BAND_LIMIT, &places);
            points.read(sampled(grid).view(), &mut value);
            assert!((value[0] - out[[4, 3]]).abs() < 3e-6);
            assert!((value[1] - out[[0, 50]]).abs() < 3e-6);
        }
    }

    #[test]
    fn adjoints_pass_the_dot_product_test() {
        let grid = 12;
        let ys: Vec<f64> = (0..70).map(|i| f64::from(i) * 1.3).collect();
        let xs: Vec<f64> = (0..31).map(|i| f64::from(i) * 2.1).collect();
        let mut plan = Resampler::new(PERIOD, grid, BAND_LIMIT, &ys, &xs);
        let image = Array2::from_shape_fn((grid, grid), |(y, x)| ((y * 7 + x * 13) as f32).sin());
        let gradient = Array2::from_shape_fn((70, 31), |(y, x)| ((y * 3 + x * 5) as f32).cos());
        let mut forward = Array2::zeros((70, 31));
        plan.forward(image.view(), forward.view_mut());
        let mut back = Array2::zeros((grid, grid));
        plan.adjoint_add(gradient.view(), back.view_mut());
        let dot = |a: &Array2<f32>, b: &Array2<f32>| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let (left, right) = (dot(&forward, &gradient), dot(&image, &back));
        assert!((left - right).abs() < 1e-5 * left.abs().max(1.0), "{left} against {right}");

        let mut points = Points::new(PERIOD, grid, BAND_LIMIT, &[[13.0, 77.5], [1.0, 2.0]]);
        let (mut value, weight) = ([0.0; 2], [0.7f32, -1.3]);
        points.read(image.view(), &mut value);
        let mut spread = Array2::zeros((grid, grid));
        points.adjoint_add(&weight, spread.view_mut());
        let left: f32 = value.iter().zip(&weight).map(|(v, w)| v * w).sum();
        let right = dot(&image, &spread);
        assert!((f64::from(left) - right).abs() < 1e-5, "{left} against {right}");
    }
}
