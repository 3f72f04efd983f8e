//! Gaussian blur of an image, and its derivative in the blur's width.
//!
//! The image is continued by its mirror images (as heat in a plate with insulated rims), so that it
//! is a sum of cosines cos(πk(x + ½)/N), and a Gaussian of standard deviation σ (pixels) multiplies
//! each by e^{−σ²κ²/2}, κ² = (πk/nx)² + (πl/ny)²: exact for every σ from 0 on. The derivative in σ
//! is the heat equation's σ∇², a factor −σκ².
//!
//! Cost: the transform forward once; a blur takes nx + ny complex transforms of twice the image's
//! side. Blur and derivative go through the same transforms, as real and imaginary part.

use std::f64::consts::PI;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use num_complex::Complex32;
use rayon::prelude::*;
use rustfft::{Fft, FftPlanner};

/// An image ready to be blurred by any width.
#[derive(Clone)]
pub struct Blur {
    /// Cosine coefficients `[l (y), k (x)]`, scaled so that their plain sum over cosines is the
    /// image.
    spectrum: Array2<f32>,
    rows: Line,
    columns: Line,
}

/// A blurred image with its derivative.
#[derive(Clone, Debug, PartialEq)]
pub struct Blurred {
    /// The image.
    pub image: Array2<f32>,
    /// Its derivative in σ, a pixel of σ.
    pub in_sigma: Array2<f32>,
}

/// Cosine transforms of one length.
#[derive(Clone)]
struct Line {
    length: usize,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    /// e^{iπk/2N}
    twist: Vec<Complex32>,
}

impl Line {
    fn new(length: usize) -> Self {
        let mut planner = FftPlanner::new();
        let (forward, inverse) =
            (planner.plan_fft_forward(2 * length), planner.plan_fft_inverse(2 * length));
        let angle = |k: usize| PI * k as f64 / (2.0 * length as f64);
        let twist = (0..length)
            .map(|k| Complex32::new(angle(k).cos() as f32, angle(k).sin() as f32))
            .collect();
        Self { length, forward, inverse, twist }
    }

    /// c_k = (2 − δ_k)/N·Σ x_n cos(πk(n + ½)/N), in place, by the transform of x followed by its
    /// mirror image.
    fn analyse(&self, line: &mut [Complex32], wide: &mut [Complex32], scratch: &mut [Complex32]) {
        let n = self.length;
        wide[..n].copy_from_slice(line);
        for (mirrored, value) in wide[n..].iter_mut().zip(line.iter().rev()) {
            *mirrored = *value;
        }
        self.forward.process_with_scratch(wide, scratch);
        for (k, (out, twist)) in line.iter_mut().zip(&self.twist).enumerate() {
            let scale = if k == 0 { 0.5 } else { 1.0 } / n as f32;
            *out = wide[k] * twist.conj() * scale;
        }
    }

    /// x_n = Σ c_k cos(πk(n + ½)/N), in place.
    fn build(&self, line: &mut [Complex32], wide: &mut [Complex32], scratch: &mut [Complex32]) {
        let n = self.length;
        wide[n] = Complex32::default();
        for (k, (value, twist)) in line.iter().zip(&self.twist).enumerate() {
            let half = value * if k == 0 { 1.0 } else { 0.5 };
            wide[k] = half * twist;
            if k > 0 {
                wide[2 * n - k] = half * twist.conj();
            }
        }
        self.inverse.process_with_scratch(wide, scratch);
        line.copy_from_slice(&wide[..n]);
    }

    /// Does one of the above to every row of `lines`.
    fn each(&self, lines: &mut Array2<Complex32>, build: bool) {
        let scratch =
            self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        let buffers =
            || (vec![Complex32::default(); 2 * self.length], vec![Complex32::default(); scratch]);
        let Some(values) = lines.as_slice_mut() else { return };
        values.par_chunks_mut(self.length).for_each_init(buffers, |(wide, scratch), line| {
            if build {
                self.build(line, wide, scratch);
            } else {
                self.analyse(line, wide, scratch);
            }
        });
    }
}

/// The transpose, in row-major order.
fn turned(image: &Array2<Complex32>) -> Array2<Complex32> {
    let (ny, nx) = image.dim();
    let mut out = Array2::zeros((nx, ny));
    // Tiles keep both sides in the cache.
    const TILE: usize = 32;
    for y0 in (0..ny).step_by(TILE) {
        for x0 in (0..nx).step_by(TILE) {
            for y in y0..(y0 + TILE).min(ny) {
                for x in x0..(x0 + TILE).min(nx) {
                    out[[x, y]] = image[[y, x]];
                }
            }
        }
    }
    out
}

impl Blur {
    /// Prepares an image; `None` if it has no pixels.
    pub fn new(image: ArrayView2<f32>) -> Option<Self> {
        let (ny, nx) = image.dim();
        if ny == 0 || nx == 0 {
            return None;
        }
        let (rows, columns) = (Line::new(nx), Line::new(ny));
        let mut lines = Array2::from_shape_fn((ny, nx), |at| Complex32::new(image[at], 0.0));
        rows.each(&mut lines, false);
        let mut lines = turned(&lines);
        columns.each(&mut lines, false);
        let spectrum = turned(&lines).mapv(|c| c.re);
        Some(Self { spectrum, rows, columns })
    }

    /// The image blurred by a Gaussian of standard deviation `sigma` ≥ 0 pixels.
    pub fn blurred(&self, sigma: f64) -> Blurred {
        let (ny, nx) = self.spectrum.dim();
        let square = |k: usize, n: usize| (PI * k as f64 / n as f64).powi(2);
        let gauss = |n: usize| -> Vec<f64> {
            (0..n).map(|k| (-0.5 * sigma * sigma * square(k, n)).exp()).collect()
        };
        let (along_x, along_y) = (gauss(nx), gauss(ny));
        let mut lines = Array2::from_shape_fn((ny, nx), |(l, k)| {
            let kept = f64::from(self.spectrum[[l, k]]) * along_x[k] * along_y[l];
            let change = -sigma * (square(k, nx) + square(l, ny)) * kept;
            Complex32::new(kept as f32, change as f32)
        });
        self.rows.each(&mut lines, true);
        let mut lines = turned(&lines);
        self.columns.each(&mut lines, true);
        let both = turned(&lines);
        Blurred { image: both.mapv(|c| c.re), in_sigma: both.mapv(|c| c.im) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(ny: usize, nx: usize) -> Array2<f32> {
        Array2::from_shape_fn((ny, nx), |(y, x)| {
            let (x, y) = (x as f32, y as f32);
            0.4 + 0.3 * (0.31 * x + 0.1 * y).sin() + 0.2 * (0.017 * x * y).cos()
        })
    }

    /// The slow twin: a direct sum over mirrored neighbours.
    fn direct(image: &Array2<f32>, sigma: f64) -> Array2<f64> {
        let (ny, nx) = image.dim();
        let reach = (9.0 * sigma).ceil() as i64;
        let mirrored = |i: i64, n: usize| {
            let i = i.rem_euclid(2 * n as i64) as usize;
            if i < n { i } else { 2 * n - 1 - i }
        };
        let weight = |d: i64| (-0.5 * (d as f64 / sigma).powi(2)).exp();
        let total: f64 = (-reach..=reach).map(weight).sum();
        let line = |get: &dyn Fn(usize) -> f64, at: usize, n: usize| -> f64 {
            let part = |d: i64| weight(d) * get(mirrored(at as i64 + d, n));
            (-reach..=reach).map(part).sum::<f64>() / total
        };
        let rows =
            Array2::from_shape_fn((ny, nx), |(y, x)| line(&|i| f64::from(image[[y, i]]), x, nx));
        Array2::from_shape_fn((ny, nx), |(y, x)| line(&|i| rows[[i, x]], y, ny))
    }

    #[test]
    fn blur_is_the_gaussian_sum_over_the_mirrored_image() {
        let image = picture(37, 54);
        let blur = Blur::new(image.view()).unwrap();
        // Sampled, a Gaussian of σ ≥ 1.5 pixels is band-limited to e^{−σ²π²/2} = 1.5e-5.
        for (sigma, tolerance) in [(1.5, 3e-5), (3.0, 2e-6), (11.0, 2e-6)] {
            let (fast, slow) = (blur.blurred(sigma).image, direct(&image, sigma));
            let worst =
                fast.iter().zip(&slow).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
            assert!(worst < tolerance, "{sigma}: {worst}");
        }
        // Negative control.
        let (fast, slow) = (blur.blurred(3.03).image, direct(&image, 3.0));
        assert!(fast.iter().zip(&slow).any(|(a, b)| (f64::from(*a) - b).abs() > 1e-4));
        let none = blur.blurred(0.0);
        assert!(none.image.iter().zip(&image).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn derivative_in_sigma_is_that_of_finite_differences() {
        let blur = Blur::new(picture(40, 33).view()).unwrap();
        for sigma in [0.3, 1.0, 4.0] {
            let h = 0.02;
            let exact = blur.blurred(sigma).in_sigma;
            let (above, below) = (blur.blurred(sigma + h).image, blur.blurred(sigma - h).image);
            for ((exact, a), b) in exact.iter().zip(&above).zip(&below) {
                let finite = (a - b) / (2.0 * h as f32);
                assert!((exact - finite).abs() < 3e-4, "{sigma}: {exact} against {finite}");
            }
        }
    }

    #[test]
    fn blur_keeps_the_mean_and_does_not_depend_on_threads() {
        let image = picture(64, 48);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Blur::new(image.view()).unwrap().blurred(2.0))
        };
        assert_eq!(run(1), run(3));
        let mean = |a: &Array2<f32>| a.iter().copied().map(f64::from).sum::<f64>();
        assert!((mean(&run(1).image) / mean(&image) - 1.0).abs() < 1e-6);
        assert!(Blur::new(Array2::zeros((0, 3)).view()).is_none());
    }
}
