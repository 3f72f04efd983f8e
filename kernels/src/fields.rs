//! Coherent fields of every kernel on the small exact grid, their intensity, and the adjoint.
//!
//! E_k(x) = Σ H_k\[f\] M̂\[f\] e^{2πif·x/P}, I(x) = Σ_k s_k |E_k(x)|². I has bins up to 2K, so a grid
//! of N ≥ 4K+1 points a side holds it exactly. The adjoint takes G = ∂L/∂I on that grid to
//! A\[f\] = 2 Σ_k s_k H_k\[f\] conj(FFT(G E_k))\[f\], so that dL = Re Σ A\[f\] dM̂\[f\].
//!
//! Cost a kernel: 2K+1 + N transforms of length N each way: only the columns that hold bins are
//! transformed, and kernels are kept transposed so that no pass needs a second transpose.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ArrayView3};
use num_complex::Complex32;
use rayon::prelude::*;
use rustfft::{Fft, FftPlanner};

/// Kernels that one task handles: fixed, so that sums do not depend on the number of threads.
pub(crate) const GROUP: usize = 6;

/// Fields of one kernel set on its grid. Owns all buffers.
pub struct FieldPlan {
    half: usize,
    grid: usize,
    inverse: Arc<dyn Fft<f32>>,
    forward: Arc<dyn Fft<f32>>,
    groups: Vec<Group>,
    intensity: Array2<f32>,
    /// The mask's spectrum transposed, `[m, n]`.
    turned: Vec<Complex32>,
    adjoint: Vec<Complex32>,
}

/// A few kernels with their fields and scratch.
struct Group {
    kernels: Vec<Kernel>,
    /// Partial intensity, `[N, N]`.
    intensity: Vec<f32>,
    /// Partial adjoint, `[m, n]`.
    adjoint: Vec<Complex32>,
    /// `[2K+1 (m), N (y)]`
    columns: Vec<Complex32>,
    /// `[N (y), N (x)]`
    rows: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

struct Kernel {
    weight: f32,
    /// H transposed: `[m, n]`.
    spectrum: Vec<Complex32>,
    /// E, `[N (y), N (x)]`.
    field: Vec<Complex32>,
}

/// A fast transform length (2ᵃ3ᵇ, a multiple of 4) that holds bins up to `band` both ways.
pub fn grid_for(band: usize) -> usize {
    let least = 2 * band + 1;
    let powers = |base: usize| std::iter::successors(Some(1usize), move |n| n.checked_mul(base));
    let twos = || powers(2).skip(2).take_while(|n| *n < 4 * least);
    let threes = || powers(3).take_while(|n| *n < 4 * least);
    let lengths = twos().flat_map(|two| threes().map(move |three| two.saturating_mul(three)));
    lengths.filter(|n| *n >= least).min().unwrap_or(least)
}

impl FieldPlan {
    /// A plan for kernels `[k, 2K+1 (n), 2K+1 (m)]` with `weights[k]`, on `grid` ≥ 4K+1 points.
    pub fn new(spectra: ArrayView3<Complex32>, weights: &[f32], grid: usize) -> Self {
        let width = spectra.dim().2;
        let half = width / 2;
        let mut planner = FftPlanner::new();
        let (inverse, forward) = (planner.plan_fft_inverse(grid), planner.plan_fft_forward(grid));
        let scratch = inverse.get_inplace_scratch_len().max(forward.get_inplace_scratch_len());
        let kernels: Vec<Kernel> = spectra
            .outer_iter()
            .zip(weights)
            .map(|(h, &weight)| Kernel {
                weight,
                spectrum: h.t().iter().copied().collect(),
                field: vec![Complex32::default(); grid * grid],
            })
            .collect();
        let mut groups = Vec::new();
        let mut rest = kernels.into_iter().peekable();
        while rest.peek().is_some() {
            groups.push(Group {
                kernels: rest.by_ref().take(GROUP).collect(),
                intensity: vec![0.0; grid * grid],
                adjoint: vec![Complex32::default(); width * width],
                columns: vec![Complex32::default(); width * grid],
                rows: vec![Complex32::default(); grid * grid],
                scratch: vec![Complex32::default(); scratch],
            });
        }
        Self {
            half,
            grid,
            inverse,
            forward,
            groups,
            intensity: Array2::zeros((grid, grid)),
            turned: vec![Complex32::default(); width * width],
            adjoint: vec![Complex32::default(); width * width],
        }
    }

    /// Points a side of the grid.
    pub fn grid(&self) -> usize {
        self.grid
    }

    /// Intensity at j·P/N of the last mask, `[N, N]`.
    pub fn intensity(&self) -> ArrayView2<'_, f32> {
        self.intensity.view()
    }

    /// Field of kernel k of the last mask, `[N, N]` row-major.
    pub fn field(&self, k: usize) -> &[Complex32] {
        &self.groups[k / GROUP].kernels[k % GROUP].field
    }

    /// Replaces the intensity by `scale`·I + `offset`, as scattered light does; fields stay as they
    /// are.
    pub fn rescale_intensity(&mut self, scale: f32, offset: f32) {
        self.intensity.mapv_inplace(|i| scale * i + offset);
    }

    /// Computes fields and intensity for a mask spectrum `[2K+1 (n), 2K+1 (m)]`.
    pub fn forward(&mut self, spectrum: &[Complex32]) {
        let (half, grid, inverse) = (self.half, self.grid, &self.inverse);
        let width = 2 * half + 1;
        for m in 0..width {
            for n in 0..width {
                self.turned[m * width + n] = spectrum[n * width + m];
            }
        }
        let spectrum = &self.turned;
        self.groups.par_iter_mut().for_each(|group| {
            group.intensity.fill(0.0);
            for kernel in &mut group.kernels {
                load_columns(&kernel.spectrum, spectrum, half, grid, &mut group.columns);
                inverse.process_with_scratch(&mut group.columns, &mut group.scratch);
                columns_to_rows(&group.columns, half, grid, &mut kernel.field);
                inverse.process_with_scratch(&mut kernel.field, &mut group.scratch);
                pulp::Arch::new().dispatch(AddIntensity {
                    intensity: &mut group.intensity,
                    field: &kernel.field,
                    weight: kernel.weight,
                });
            }
        });
        self.intensity.fill(0.0);
        for group in &self.groups {
            for (total, part) in self.intensity.iter_mut().zip(&group.intensity) {
                *total += part;
            }
        }
    }

    /// The adjoint spectrum A `[n, m]` for G = ∂L/∂I at the grid points `[N, N]`; uses the fields
    /// of the last [`FieldPlan::forward`].
    pub fn adjoint(&mut self, gradient: ArrayView2<f32>) -> &[Complex32] {
        let (half, grid, forward) = (self.half, self.grid, &self.forward);
        let gradient = gradient.as_standard_layout();
        let Some(gradient) = gradient.as_slice() else { return &self.adjoint };
        self.groups.par_iter_mut().for_each(|group| {
            group.adjoint.fill(Complex32::default());
            for kernel in &group.kernels {
                pulp::Arch::new().dispatch(Scale {
                    out: &mut group.rows,
                    field: &kernel.field,
                    by: gradient,
                });
                forward.process_with_scratch(&mut group.rows, &mut group.scratch);
                rows_to_columns(&group.rows, half, grid, &mut group.columns);
                forward.process_with_scratch(&mut group.columns, &mut group.scratch);
                add_adjoint(&mut group.adjoint, &group.columns, kernel, half, grid);
            }
        });
        let width = 2 * half + 1;
        for n in 0..width {
            for m in 0..width {
                self.adjoint[n * width + m] =
                    self.groups.iter().map(|group| group.adjoint[m * width + n]).sum();
            }
        }
        &self.adjoint
    }
}

/// Index on an N-grid of bin `i − half`.
pub(crate) fn wrapped(i: usize, half: usize, grid: usize) -> usize {
    (i + grid - half) % grid
}

/// columns\[m\]\[n mod N\] = H\[m, n\]·M̂\[m, n\], zero elsewhere.
fn load_columns(
    kernel: &[Complex32],
    spectrum: &[Complex32],
    half: usize,
    grid: usize,
    columns: &mut [Complex32],
) {
    pulp::Arch::new().dispatch(LoadColumns { kernel, spectrum, half, grid, columns });
}

struct LoadColumns<'a> {
    kernel: &'a [Complex32],
    spectrum: &'a [Complex32],
    half: usize,
    grid: usize,
    columns: &'a mut [Complex32],
}

impl pulp::WithSimd for LoadColumns<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { kernel, spectrum, half, grid, columns } = self;
        let width = 2 * half + 1;
        let rows = kernel.chunks_exact(width).zip(spectrum.chunks_exact(width));
        for (column, (h, m)) in columns.chunks_exact_mut(grid).zip(rows) {
            let (low, high) = column.split_at_mut(grid - half);
            for ((out, h), m) in low.iter_mut().zip(&h[half..]).zip(&m[half..]) {
                *out = h * m;
            }
            low[half + 1..].fill(Complex32::default());
            for ((out, h), m) in high.iter_mut().zip(&h[..half]).zip(&m[..half]) {
                *out = h * m;
            }
        }
    }
}

/// out = by·field
struct Scale<'a> {
    out: &'a mut [Complex32],
    field: &'a [Complex32],
    by: &'a [f32],
}

impl pulp::WithSimd for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for ((out, e), g) in self.out.iter_mut().zip(self.field).zip(self.by) {
            *out = Complex32::new(e.re * g, e.im * g);
        }
    }
}

/// rows\[y\]\[m mod N\] = columns\[m\]\[y\], zero elsewhere.
pub(crate) fn columns_to_rows(
    columns: &[Complex32],
    half: usize,
    grid: usize,
    rows: &mut [Complex32],
) {
    for (y, row) in rows.chunks_exact_mut(grid).enumerate() {
        let (low, high) = row.split_at_mut(grid - half);
        for (m, out) in low[..=half].iter_mut().enumerate() {
            *out = columns[(half + m) * grid + y];
        }
        low[half + 1..].fill(Complex32::default());
        for (m, out) in high.iter_mut().enumerate() {
            *out = columns[m * grid + y];
        }
    }
}

/// columns\[m\]\[y\] = rows\[y\]\[m mod N\].
fn rows_to_columns(rows: &[Complex32], half: usize, grid: usize, columns: &mut [Complex32]) {
    for (m, column) in columns.chunks_exact_mut(grid).enumerate() {
        let x = wrapped(m, half, grid);
        for (out, row) in column.iter_mut().zip(rows.chunks_exact(grid)) {
            *out = row[x];
        }
    }
}

/// intensity += weight·|field|²
pub(crate) struct AddIntensity<'a> {
    pub intensity: &'a mut [f32],
    pub field: &'a [Complex32],
    pub weight: f32,
}

impl pulp::WithSimd for AddIntensity<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (total, e) in self.intensity.iter_mut().zip(self.field) {
            *total += self.weight * (e.re * e.re + e.im * e.im);
        }
    }
}

/// adjoint\[m, n\] += 2 s H\[m, n\]·conj(columns\[m\]\[n mod N\]).
fn add_adjoint(
    adjoint: &mut [Complex32],
    columns: &[Complex32],
    kernel: &Kernel,
    half: usize,
    grid: usize,
) {
    pulp::Arch::new().dispatch(AddAdjoint { adjoint, columns, kernel, half, grid });
}

struct AddAdjoint<'a> {
    adjoint: &'a mut [Complex32],
    columns: &'a [Complex32],
    kernel: &'a Kernel,
    half: usize,
    grid: usize,
}

impl pulp::WithSimd for AddAdjoint<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { adjoint, columns, kernel, half, grid } = self;
        let width = 2 * half + 1;
        let scale = 2.0 * kernel.weight;
        let rows = adjoint.chunks_exact_mut(width).zip(kernel.spectrum.chunks_exact(width));
        for (column, (sums, h)) in columns.chunks_exact(grid).zip(rows) {
            let (low, high) = (&column[..=half], &column[grid - half..]);
            let (negative, positive) = sums.split_at_mut(half);
            let add = |sum: &mut Complex32, h: &Complex32, c: &Complex32| {
                sum.re += scale * (h.re * c.re + h.im * c.im);
                sum.im += scale * (h.im * c.re - h.re * c.im);
            };
            for ((sum, h), c) in positive.iter_mut().zip(&h[half..]).zip(low) {
                add(sum, h, c);
            }
            for ((sum, h), c) in negative.iter_mut().zip(&h[..half]).zip(high) {
                add(sum, h, c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;
    use std::f64::consts::PI;

    const HALF: usize = 3;
    const WIDTH: usize = 2 * HALF + 1;

    fn kernels(count: usize) -> (Array3<Complex32>, Vec<f32>) {
        let spectra = Array3::from_shape_fn((count, WIDTH, WIDTH), |(k, n, m)| {
            let t = (k * 31 + n * 7 + m * 3) as f32;
            Complex32::new(t.sin(), (1.7 * t).cos())
        });
        (spectra, (0..count).map(|k| 1.0 / (k + 1) as f32).collect())
    }

    fn spectrum() -> Vec<Complex32> {
        (0..WIDTH * WIDTH)
            .map(|i| Complex32::new((i as f32 * 0.37).cos(), (i as f32 * 0.91).sin()))
            .collect()
    }

    /// The obvious twin: a direct sum over bins and kernels in f64.
    fn direct(
        (spectra, weights): &(Array3<Complex32>, Vec<f32>),
        mask: &[Complex32],
        (x, y): (f64, f64),
    ) -> f64 {
        let mut intensity = 0.0;
        for (k, weight) in weights.iter().enumerate() {
            let (mut re, mut im) = (0.0, 0.0);
            for n in 0..WIDTH {
                for m in 0..WIDTH {
                    let c = spectra[[k, n, m]] * mask[n * WIDTH + m];
                    let t = 2.0 * PI * ((m as f64 - 3.0) * x + (n as f64 - 3.0) * y);
                    re += f64::from(c.re) * t.cos() - f64::from(c.im) * t.sin();
                    im += f64::from(c.re) * t.sin() + f64::from(c.im) * t.cos();
                }
            }
            intensity += f64::from(*weight) * (re * re + im * im);
        }
        intensity
    }

    #[test]
    fn intensity_is_the_direct_sum_over_bins_and_kernels() {
        let set = kernels(8);
        let grid = grid_for(2 * HALF);
        let mut plan = FieldPlan::new(set.0.view(), &set.1, grid);
        plan.forward(&spectrum());
        for y in 0..grid {
            for x in 0..grid {
                let slow =
                    direct(&set, &spectrum(), (x as f64 / grid as f64, y as f64 / grid as f64));
                let fast = f64::from(plan.intensity()[[y, x]]);
                assert!((fast - slow).abs() < 2e-6 * slow.max(100.0), "{fast} against {slow}");
            }
        }
    }

    #[test]
    fn adjoint_is_the_derivative_with_respect_to_the_spectrum() {
        let set = kernels(8);
        let grid = grid_for(2 * HALF);
        let mut plan = FieldPlan::new(set.0.view(), &set.1, grid);
        let mask = spectrum();
        let change: Vec<Complex32> = (0..WIDTH * WIDTH)
            .map(|i| Complex32::new((i as f32 * 1.1).sin(), (i as f32 * 0.3).cos()))
            .collect();
        let gradient = Array2::from_shape_fn((grid, grid), |(y, x)| ((3 * y + 5 * x) as f32).sin());
        let loss = |t: f32, plan: &mut FieldPlan| -> f64 {
            let moved: Vec<_> = mask.iter().zip(&change).map(|(m, d)| m + d * t).collect();
            plan.forward(&moved);
            plan.intensity().iter().zip(&gradient).map(|(i, g)| f64::from(*i) * f64::from(*g)).sum()
        };
        // L is quadratic in the spectrum: a central difference is exact but for rounding.
        let finite = (loss(0.5, &mut plan) - loss(-0.5, &mut plan)) / 1.0;
        let _ = loss(0.0, &mut plan);
        let exact: f64 = plan
            .adjoint(gradient.view())
            .iter()
            .zip(&change)
            .map(|(a, d)| f64::from(a.re) * f64::from(d.re) - f64::from(a.im) * f64::from(d.im))
            .sum();
        assert!((finite - exact).abs() < 1e-5 * exact.abs(), "{finite} against {exact}");
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads() {
        let set = kernels(24);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut plan = FieldPlan::new(set.0.view(), &set.1, 16);
                plan.forward(&spectrum());
                plan.intensity().to_owned()
            })
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn grids_hold_the_intensity_band() {
        assert_eq!(grid_for(34), 72);
        assert!((1..200).all(|band| grid_for(band) > 2 * band));
    }
}
