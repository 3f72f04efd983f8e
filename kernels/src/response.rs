//! What an image answers to the move of one mask edge: ∂I/∂(outward move), to first order, near it.
//!
//! With E_k the fields of the mask as it stands and dM̂ the spectrum of the strip that a unit of
//! move opens, dI(x) = 2 Re Σ_k s_k conj(E_k(x)) dE_k(x), dE_k = Σ_f H_k\[f\] dM̂\[f\] e^{2πif·x/P}.
//! Kernels fall off over a few hundred nm, so dE_k is computed with every q-th bin only, on a
//! periodic window of P/q about the edge that shares its samples with the fields' grid.
//!
//! Cost an edge: kernels × (2K/q + 1 + N/q) transforms of length N/q.

use std::f64::consts::PI;
use std::sync::Arc;

use ndarray::ArrayView3;
use num_complex::{Complex32, Complex64};
use rustfft::{Fft, FftPlanner};

use crate::fields::FieldPlan;
use crate::spectrum::Edge;

/// Windows are at least this large, in the period's unit (nm): four λ/NA at 193 nm and NA 0.8.
const WINDOW: f64 = 960.0;
/// Share of a window's half side, about its centre, that is read.
const READ: f64 = 0.8;
/// Samples along x and y that a point is interpolated from.
const TAPS: usize = 8;

/// Computes responses of one kernel set. Shared by threads; each brings its own [`Scratch`].
pub struct ResponsePlan {
    period: f64,
    /// Samples a side of the whole field and of a window.
    grid: usize,
    window: usize,
    /// Every `stride`-th bin is used: −`half`·stride … `half`·stride.
    stride: usize,
    half: usize,
    /// Per-bin factor of the pixel-sum form for bins 0…`half`·stride.
    form: Vec<f64>,
    kernels: Vec<Kernel>,
    inverse: Arc<dyn Fft<f32>>,
    forward: Arc<dyn Fft<f32>>,
    fine: Arc<dyn Fft<f32>>,
}

struct Kernel {
    /// 2·weight·stride².
    scale: f32,
    /// H at the bins used, transposed: `[m, n]`.
    spectrum: Vec<Complex32>,
}

/// Buffers of one thread.
pub struct Scratch {
    along: Vec<Complex32>,
    across: Vec<Complex32>,
    /// `[2·half + 1 (m), window (y)]`
    columns: Vec<Complex32>,
    /// `[window (y), window (x)]`
    rows: Vec<Complex32>,
    change: Vec<f32>,
    /// `[2·window, 2·window]`
    fine: Vec<Complex32>,
    turned: Vec<Complex32>,
    transform: Vec<Complex32>,
}

/// Places at which responses are read.
pub struct ResponsePoints {
    /// First sample of each point on the grid of half steps, `[x, y]`.
    first: Vec<[u32; 2]>,
    /// Weights of the samples along x, then along y.
    weights: Vec<[[f32; TAPS]; 2]>,
}

impl ResponsePoints {
    /// Number of points.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }
}

impl ResponsePlan {
    /// A plan for kernels `[k, 2K+1 (n), 2K+1 (m)]` with `weights[k]` on a field of `period` whose
    /// images are sampled on `grid` points a side; `pixel` as in
    /// [`crate::spectrum::SpectrumPlan::new`].
    pub fn new(
        spectra: ArrayView3<Complex32>,
        weights: &[f32],
        period: f64,
        grid: usize,
        pixel: Option<f64>,
    ) -> Self {
        let band = spectra.dim().2 / 2;
        let fits = |q: &usize| grid.is_multiple_of(2 * *q) && period / *q as f64 >= WINDOW;
        let stride = (1..=16).rev().find(fits).unwrap_or(1);
        let (half, window) = (band / stride, grid / stride);
        let used = |i: usize| band - half * stride + i * stride;
        let kernels = spectra
            .outer_iter()
            .zip(weights)
            .map(|(h, weight)| Kernel {
                scale: 2.0 * weight * (stride * stride) as f32,
                spectrum: (0..=2 * half)
                    .flat_map(|m| (0..=2 * half).map(move |n| (m, n)))
                    .map(|(m, n)| h[[used(n), used(m)]])
                    .collect(),
            })
            .collect();
        let form = (0..=half * stride)
            .map(|m| match pixel {
                Some(p) if m > 0 => {
                    let a = PI * m as f64 * p / period;
                    a / a.sin()
                }
                _ => 1.0,
            })
            .collect();
        let mut planner = FftPlanner::new();
        Self {
            period,
            grid,
            window,
            stride,
            half,
            form,
            kernels,
            inverse: planner.plan_fft_inverse(window),
            forward: planner.plan_fft_forward(window),
            fine: planner.plan_fft_inverse(2 * window),
        }
    }

    /// Buffers for one thread.
    pub fn scratch(&self) -> Scratch {
        let (n, width) = (self.window, 2 * self.half + 1);
        let plans = [&self.inverse, &self.forward, &self.fine];
        let scratch = plans.map(|p| p.get_inplace_scratch_len()).into_iter().max().unwrap_or(0);
        let zeros = |count: usize| vec![Complex32::default(); count];
        Scratch {
            along: zeros(width),
            across: zeros(width),
            columns: zeros(width * n),
            rows: zeros(n * n),
            change: vec![0.0; n * n],
            fine: zeros(4 * n * n),
            turned: zeros(4 * n * n),
            transform: zeros(scratch),
        }
    }

    /// Places (x, y) to read responses at, from the field's corner.
    pub fn points(&self, places: &[[f64; 2]]) -> ResponsePoints {
        let step = self.period / (2 * self.grid) as f64;
        let count = 2 * self.grid as i64;
        let (mut first, mut weights) = (Vec::new(), Vec::new());
        for place in places {
            let at = place.map(|v| v / step);
            let start = at.map(|v| v.floor() as i64 - (TAPS as i64 / 2 - 1));
            first.push(start.map(|v| v.rem_euclid(count) as u32));
            weights.push([0, 1].map(|axis| taps(at[axis] - start[axis] as f64)));
        }
        ResponsePoints { first, weights }
    }

    /// Appends (point, ∂I) for every point near an edge (interior on its left, direction along y
    /// where `vertical`) for a move by one unit outward, in order of the points; `fields` are those
    /// of the mask as it stands, of the same kernels.
    pub fn edge(
        &self,
        fields: &FieldPlan,
        vertical: bool,
        edge: Edge,
        points: &ResponsePoints,
        scratch: &mut Scratch,
        out: &mut Vec<(u32, f32)>,
    ) {
        let (at, along) = (edge.at, f64::midpoint(edge.from, edge.to));
        let centre = if vertical { [at, along] } else { [along, at] };
        // The window's corner on the fields' grid, so that its middle lies near the edge's.
        let step = self.period / self.grid as f64;
        let corner = centre.map(|c| (c / step).round() as i64 - self.window as i64 / 2);
        let origin = corner.map(|c| c as f64 * step);
        let (x0, y0) = if vertical { (origin[0], origin[1]) } else { (origin[1], origin[0]) };
        self.load(edge, [x0, y0], scratch);
        let (x, y) = if vertical {
            (&scratch.across, &scratch.along)
        } else {
            (&scratch.along, &scratch.across)
        };
        scratch.change.fill(0.0);
        let corner = corner.map(|c| c.rem_euclid(self.grid as i64) as usize);
        for (k, kernel) in self.kernels.iter().enumerate() {
            load_columns(kernel, x, y, self.half, self.window, &mut scratch.columns);
            self.inverse.process_with_scratch(&mut scratch.columns, &mut scratch.transform);
            columns_to_rows(&scratch.columns, self.half, self.window, &mut scratch.rows);
            self.inverse.process_with_scratch(&mut scratch.rows, &mut scratch.transform);
            self.add_change(kernel, fields.field(k), corner, &scratch.rows, &mut scratch.change);
        }
        self.refine(scratch);
        self.read(corner, points, &scratch.turned, out);
    }

    /// Spectrum factors of the strip on the bins used: e^{−2πim·at/P}/P across, and the integral of
    /// e^{−2πin·v/P}/P along.
    fn load(&self, edge: Edge, [across0, along0]: [f64; 2], scratch: &mut Scratch) {
        let half = self.half;
        let (lo, hi) = (edge.from.min(edge.to) - along0, edge.from.max(edge.to) - along0);
        let at = edge.at - across0;
        for i in 0..=half {
            let bin = i * self.stride;
            let turn =
                |v: f64| Complex64::from_polar(1.0, -2.0 * PI * bin as f64 * v / self.period);
            let form = self.form[bin] / self.period;
            let across = turn(at) * form;
            let along = if bin == 0 {
                Complex64::from((hi - lo) * form)
            } else {
                let rate = 2.0 * PI * bin as f64 / self.period;
                (turn(hi) - turn(lo)) * Complex64::new(0.0, form / rate)
            };
            let narrow = |c: Complex64| Complex32::new(c.re as f32, c.im as f32);
            scratch.across[half + i] = narrow(across);
            scratch.across[half - i] = narrow(across.conj());
            scratch.along[half + i] = narrow(along);
            scratch.along[half - i] = narrow(along.conj());
        }
    }

    /// change += scale·Re(conj(E)·dE) over the window at `corner` of the whole field.
    fn add_change(
        &self,
        kernel: &Kernel,
        field: &[Complex32],
        corner: [usize; 2],
        rows: &[Complex32],
        change: &mut [f32],
    ) {
        let (n, grid) = (self.window, self.grid);
        for y in 0..n {
            let row = &field[(corner[1] + y) % grid * grid..][..grid];
            let own = &rows[y * n..(y + 1) * n];
            let sums = &mut change[y * n..(y + 1) * n];
            // A window that wraps is two pieces.
            let head = (grid - corner[0]).min(n);
            add_products(
                &mut sums[..head],
                &row[corner[0]..corner[0] + head],
                &own[..head],
                kernel.scale,
            );
            add_products(&mut sums[head..], &row[..n - head], &own[head..], kernel.scale);
        }
    }

    /// From samples at every step to every half step: `turned` then holds `[2x, 2y]`.
    fn refine(&self, scratch: &mut Scratch) {
        let n = self.window;
        let wide = 2 * n;
        let scale = 1.0 / (n * n) as f32;
        for (to, from) in scratch.rows.iter_mut().zip(&scratch.change) {
            *to = Complex32::new(from * scale, 0.0);
        }
        self.forward.process_with_scratch(&mut scratch.rows, &mut scratch.transform);
        // Rows hold `[y, m]`; columns of them are transformed as rows of the transpose.
        let turned = &mut scratch.fine[..n * n];
        for (y, row) in scratch.rows.chunks_exact(n).enumerate() {
            for (m, v) in row.iter().enumerate() {
                turned[m * n + y] = *v;
            }
        }
        self.forward.process_with_scratch(turned, &mut scratch.transform);
        // `[m, n]` → padded `[m of window, 2n]`, inverse along y, then along x.
        scratch.turned[..n * wide].fill(Complex32::default());
        for m in 0..n {
            pad(&turned[m * n..(m + 1) * n], &mut scratch.turned[m * wide..(m + 1) * wide]);
        }
        let half_way = &mut scratch.turned[..n * wide];
        self.fine.process_with_scratch(half_way, &mut scratch.transform);
        scratch.fine.fill(Complex32::default());
        for y in 0..wide {
            let row = &mut scratch.fine[y * wide..(y + 1) * wide];
            for m in 0..n {
                let to = if m < n / 2 { m } else { m + n };
                row[to] = half_way[m * wide + y];
            }
        }
        self.fine.process_with_scratch(&mut scratch.fine, &mut scratch.transform);
        std::mem::swap(&mut scratch.fine, &mut scratch.turned);
    }

    fn read(
        &self,
        corner: [usize; 2],
        points: &ResponsePoints,
        fine: &[Complex32],
        out: &mut Vec<(u32, f32)>,
    ) {
        let wide = 2 * self.window;
        let count = 2 * self.grid;
        let margin = ((1.0 - READ) * self.window as f64) as usize;
        for (i, first) in points.first.iter().enumerate() {
            let local = [0, 1].map(|axis| {
                let offset = first[axis] as usize + count - 2 * corner[axis];
                offset % count
            });
            if local.iter().any(|&v| v < margin || v + TAPS + margin > wide) {
                continue;
            }
            let [wx, wy] = &points.weights[i];
            let mut sum = 0.0;
            for (j, wy) in wy.iter().enumerate() {
                let row = &fine[(local[1] + j) * wide + local[0]..][..TAPS];
                let line: f32 = row.iter().zip(wx).map(|(v, w)| v.re * w).sum();
                sum += line * wy;
            }
            out.push((i as u32, sum));
        }
    }
}

/// Spreads a spectrum of n bins over 2n, the bins between left empty.
fn pad(from: &[Complex32], to: &mut [Complex32]) {
    let n = from.len();
    to[..n / 2].copy_from_slice(&from[..n / 2]);
    to[n + n / 2..].copy_from_slice(&from[n / 2..]);
}

/// Interpolation weights for a place `at` samples after the first: a sinc under a Kaiser window.
fn taps(at: f64) -> [f32; TAPS] {
    const BETA: f64 = 5.0;
    let reach = TAPS as f64 / 2.0;
    let mut weights = [0.0; TAPS];
    for (i, weight) in weights.iter_mut().enumerate() {
        let t = at - i as f64;
        let sinc = if t.abs() < 1e-9 { 1.0 } else { (PI * t).sin() / (PI * t) };
        let inside = (1.0 - (t / reach).powi(2)).max(0.0).sqrt();
        *weight = sinc * bessel(BETA * inside) / bessel(BETA);
    }
    let sum: f64 = weights.iter().sum();
    weights.map(|w| (w / sum) as f32)
}

/// The modified Bessel function I₀ by its power series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..40 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

/// columns\[m\]\[n mod N\] = H\[m, n\]·X\[m\]·Y\[n\], zero elsewhere.
fn load_columns(
    kernel: &Kernel,
    x: &[Complex32],
    y: &[Complex32],
    half: usize,
    window: usize,
    columns: &mut [Complex32],
) {
    let width = 2 * half + 1;
    for (m, (column, h)) in
        columns.chunks_exact_mut(window).zip(kernel.spectrum.chunks_exact(width)).enumerate()
    {
        column[half + 1..window - half].fill(Complex32::default());
        for n in half..width {
            column[n - half] = h[n] * y[n] * x[m];
        }
        for n in 0..half {
            column[window + n - half] = h[n] * y[n] * x[m];
        }
    }
}

/// rows\[y\]\[m mod N\] = columns\[m\]\[y\], zero elsewhere.
fn columns_to_rows(columns: &[Complex32], half: usize, window: usize, rows: &mut [Complex32]) {
    for (y, row) in rows.chunks_exact_mut(window).enumerate() {
        let (low, high) = row.split_at_mut(window - half);
        for (m, out) in low[..=half].iter_mut().enumerate() {
            *out = columns[(half + m) * window + y];
        }
        low[half + 1..].fill(Complex32::default());
        for (m, out) in high.iter_mut().enumerate() {
            *out = columns[m * window + y];
        }
    }
}

fn add_products(sums: &mut [f32], a: &[Complex32], b: &[Complex32], scale: f32) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        *sum += scale * (a.re * b.re + a.im * b.im);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::grid_for;
    use crate::resample::Points;
    use crate::spectrum::SpectrumPlan;
    use ndarray::Array3;

    const PERIOD: f64 = 2048.0;
    const HALF: usize = 14;

    /// Kernels that fall off over some 200 nm, of different shapes.
    fn kernels() -> (Array3<Complex32>, Vec<f32>) {
        let width = 2 * HALF + 1;
        let spectra = Array3::from_shape_fn((3, width, width), |(k, n, m)| {
            let (n, m) = (n as f32 - HALF as f32, m as f32 - HALF as f32);
            let r = (m * m + n * n).sqrt() / HALF as f32;
            let soft = (1.0 - r * r).max(0.0).powi(2);
            match k {
                0 => Complex32::new(soft, 0.2 * soft * r),
                1 => Complex32::new(soft * m / 8.0, 0.0),
                _ => Complex32::new(0.0, soft * n / 8.0),
            }
        });
        (spectra, vec![0.7, 0.2, 0.1])
    }

    #[test]
    fn a_response_is_the_difference_of_two_images() {
        let (spectra, weights) = kernels();
        let grid = grid_for(2 * HALF);
        let mut fields = FieldPlan::new(spectra.view(), &weights, grid);
        let mut spectrum = SpectrumPlan::new(PERIOD, HALF, Some(1.0));
        let mut bins = vec![Complex32::default(); (2 * HALF + 1) * (2 * HALF + 1)];
        let plan = ResponsePlan::new(spectra.view(), &weights, PERIOD, grid, Some(1.0));
        assert!(plan.stride == 2, "the test must use every second bin");
        // A line across the field's border, and one in the middle.
        let rects = |d: f64| {
            [[-40.0, 100.0, 40.0 + d, 400.0], [900.0, 300.0, 980.0, 900.0]].into_iter().flat_map(
                |[x0, y0, x1, y1]: [f64; 4]| {
                    [Edge { at: x1, from: y0, to: y1 }, Edge { at: x0, from: y1, to: y0 }]
                },
            )
        };
        let places: Vec<[f64; 2]> = (0..400)
            .map(|i| [f64::from(i % 20) * 37.3 - 350.0, f64::from(i / 20) * 33.1 - 80.0])
            .map(|[x, y]: [f64; 2]| [x.rem_euclid(PERIOD), y.rem_euclid(PERIOD)])
            .collect();
        let mut reader = Points::new(PERIOD, grid, 2 * HALF, &places);
        let mut image = |d: f64, fields: &mut FieldPlan| {
            spectrum.clear();
            spectrum.add_vertical(rects(d));
            spectrum.write(&mut bins);
            fields.forward(&bins);
            let mut values = vec![0.0; places.len()];
            reader.read(fields.intensity(), &mut values);
            values
        };
        let (up, down) = (image(1.0, &mut fields), image(-1.0, &mut fields));
        let _ = image(0.0, &mut fields);
        let mut response = Vec::new();
        let edge = Edge { at: 40.0, from: 100.0, to: 400.0 };
        let points = plan.points(&places);
        plan.edge(&fields, true, edge, &points, &mut plan.scratch(), &mut response);
        let finite: Vec<f32> = up.iter().zip(&down).map(|(u, d)| (u - d) / 2.0).collect();
        let largest = finite.iter().fold(0.0f32, |a, v| a.max(v.abs()));
        assert!(response.len() > 150);
        for &(i, value) in &response {
            let error = (value - finite[i as usize]).abs();
            // The window's period folds the kernels' tails in.
            assert!(error < 0.01 * largest, "{i}: {value} against {}", finite[i as usize]);
        }
        let left_out: f32 = (0..places.len())
            .filter(|i| response.iter().all(|r| r.0 as usize != *i))
            .map(|i| finite[i].abs())
            .fold(0.0, f32::max);
        assert!(left_out < 0.01 * largest, "{left_out} of {largest}");
    }
}
