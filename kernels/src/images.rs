//! Aerial images alone: the sums of [`crate::fields`] without keeping the fields.
//!
//! Equal to [`crate::fields::FieldPlan`]'s intensity to the last bit, with memory for a few
//! transforms in place of one field a kernel, and no copy of the kernels.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ArrayView3};
use num_complex::Complex32;
use rayon::prelude::*;
use rustfft::{Fft, FftPlanner};

use crate::fields::{AddIntensity, GROUP, columns_to_rows, wrapped};

/// Images any kernel sets of one number of bins on one grid.
pub struct ImagePlan {
    half: usize,
    grid: usize,
    inverse: Arc<dyn Fft<f32>>,
}

/// Buffers of one task.
struct Scratch {
    /// `[2K+1 (m), N (y)]`
    columns: Vec<Complex32>,
    /// `[N (y), N (x)]`
    field: Vec<Complex32>,
    transform: Vec<Complex32>,
}

impl ImagePlan {
    /// A plan for kernels with bins −`half`…`half` on `grid` ≥ 4·`half` + 1 points a side.
    pub fn new(half: usize, grid: usize) -> Self {
        Self { half, grid, inverse: FftPlanner::new().plan_fft_inverse(grid) }
    }

    /// Points a side of the grid.
    pub fn grid(&self) -> usize {
        self.grid
    }

    /// Numbers held while kernels of this count are imaged, beside one task's buffers.
    pub fn working_values(&self, kernels: usize) -> usize {
        kernels.div_ceil(GROUP).saturating_mul(self.grid * self.grid)
    }

    /// Intensity at j·P/N, `[N, N]`, of a mask spectrum `[2K+1 (n), 2K+1 (m)]` through kernels
    /// `[k, 2K+1 (n), 2K+1 (m)]` with `weights[k]`.
    pub fn intensity(
        &self,
        spectra: ArrayView3<Complex32>,
        weights: &[f32],
        spectrum: &[Complex32],
    ) -> Array2<f32> {
        let cells = self.grid * self.grid;
        let count = weights.len().min(spectra.dim().0);
        let parts: Vec<Vec<f32>> = (0..count.div_ceil(GROUP))
            .into_par_iter()
            .map_init(
                || self.scratch(),
                |scratch, group| {
                    let mut part = vec![0.0; cells];
                    let kernels = spectra.outer_iter().zip(weights);
                    for (kernel, &weight) in kernels.skip(group * GROUP).take(GROUP) {
                        self.add_kernel(kernel, weight, spectrum, scratch, &mut part);
                    }
                    part
                },
            )
            .collect();
        let mut total = Array2::zeros((self.grid, self.grid));
        for part in &parts {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
        total
    }

    fn scratch(&self) -> Scratch {
        let zero = Complex32::default();
        Scratch {
            columns: vec![zero; (2 * self.half + 1) * self.grid],
            field: vec![zero; self.grid * self.grid],
            transform: vec![zero; self.inverse.get_inplace_scratch_len()],
        }
    }

    fn add_kernel(
        &self,
        kernel: ArrayView2<Complex32>,
        weight: f32,
        spectrum: &[Complex32],
        scratch: &mut Scratch,
        intensity: &mut [f32],
    ) {
        let (half, grid) = (self.half, self.grid);
        let width = 2 * half + 1;
        scratch.columns.fill(Complex32::default());
        for (m, column) in scratch.columns.chunks_exact_mut(grid).enumerate() {
            for n in 0..width {
                column[wrapped(n, half, grid)] = kernel[[n, m]] * spectrum[n * width + m];
            }
        }
        self.inverse.process_with_scratch(&mut scratch.columns, &mut scratch.transform);
        columns_to_rows(&scratch.columns, half, grid, &mut scratch.field);
        self.inverse.process_with_scratch(&mut scratch.field, &mut scratch.transform);
        pulp::Arch::new().dispatch(AddIntensity { intensity, field: &scratch.field, weight });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{FieldPlan, grid_for};
    use ndarray::Array3;

    #[test]
    fn images_are_those_of_the_fields_to_the_last_bit_on_any_number_of_threads() {
        let half = 4;
        let width = 2 * half + 1;
        let spectra = Array3::from_shape_fn((15, width, width), |(k, n, m)| {
            let t = (k * 31 + n * 7 + m * 3) as f32;
            Complex32::new(t.sin(), (1.7 * t).cos())
        });
        let weights: Vec<f32> = (0..15).map(|k| 1.0 / (k + 1) as f32).collect();
        let mask: Vec<Complex32> = (0..width * width)
            .map(|i| Complex32::new((i as f32 * 0.37).cos(), (i as f32 * 0.91).sin()))
            .collect();
        let grid = grid_for(2 * half);
        let mut fields = FieldPlan::new(spectra.view(), &weights, grid);
        fields.forward(&mask);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let plan = ImagePlan::new(half, grid);
            let image = pool.install(|| plan.intensity(spectra.view(), &weights, &mask));
            assert_eq!(image, fields.intensity());
        }
        let fewer = ImagePlan::new(half, grid).intensity(spectra.view(), &weights[..14], &mask);
        assert_ne!(fewer, fields.intensity());
    }
}
