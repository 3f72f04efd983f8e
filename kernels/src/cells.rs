//! The low bins of a mask of square cells, each open to some share, and the way back.
//!
//! A cell of side w about (x, y) adds its share times F_m(x)·F_n(y) to bin \[n, m\], where
//! F_m(x) = sin(πmw/P)/(πm)·e^{−2πimx/P}, or w/P where m = 0; summing over pixels of size p in
//! place of integrating multiplies by (πmp/P)/sin(πmp/P), as in [`crate::spectrum`].
//!
//! Cost each way: (K+1)·ny·nx real by complex products and (K+1)²·nx complex ones.

use std::f64::consts::PI;

use num_complex::{Complex32, Complex64};

use crate::spectrum::HalfSpectrum;

/// Turns cells into bins and an adjoint spectrum into a gradient by cell. Owns its buffers.
#[derive(Clone, Debug)]
pub struct CellPlan {
    half: usize,
    nx: usize,
    ny: usize,
    /// F_m(x) for m = 0…K, `[m, x]`; those of −m are conjugate.
    across: Split,
    /// F_n(y) for n = 0…K, `[n, y]`.
    up: Split,
    /// Σ_y of one bin n, or Σ_m, by column.
    row: Split,
}

/// Real and imaginary parts apart.
#[derive(Clone, Debug)]
struct Split {
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Split {
    fn zeros(count: usize) -> Self {
        Self { re: vec![0.0; count], im: vec![0.0; count] }
    }

    /// F_b at every place, for b = 0…`half`.
    fn factors(period: f64, half: usize, pixel: Option<f64>, cell: f64, places: &[f64]) -> Self {
        let mut out = Self::zeros((half + 1) * places.len());
        for b in 0..=half {
            let turn = PI * b as f64 / period;
            let form = match pixel {
                Some(p) if b > 0 => turn * p / (turn * p).sin(),
                _ => 1.0,
            };
            let size = if b == 0 { cell / period } else { (turn * cell).sin() / (PI * b as f64) };
            for (i, place) in places.iter().enumerate() {
                let value = Complex64::from_polar(form * size, -2.0 * turn * place);
                out.re[b * places.len() + i] = value.re as f32;
                out.im[b * places.len() + i] = value.im as f32;
            }
        }
        out
    }
}

impl CellPlan {
    /// A plan for bins −`half`…`half` of a field of `period` and cells of side `cell` about the
    /// columns `xs` and rows `ys`, from the field's corner; `pixel` is the size of the pixels to
    /// sum over, or `None` for the Fourier integral.
    pub fn new(
        period: f64,
        half: usize,
        pixel: Option<f64>,
        cell: f64,
        xs: &[f64],
        ys: &[f64],
    ) -> Self {
        Self {
            half,
            nx: xs.len(),
            ny: ys.len(),
            across: Split::factors(period, half, pixel, cell, xs),
            up: Split::factors(period, half, pixel, cell, ys),
            row: Split::zeros(xs.len()),
        }
    }

    /// Number of cells.
    pub fn count(&self) -> usize {
        self.nx * self.ny
    }

    /// Writes the bins, `[2K+1, 2K+1]` row-major `[n, m]`, of cells `[ny, nx]` row-major that are
    /// open to these shares.
    pub fn forward(&mut self, cells: &[f32], out: &mut [Complex32]) {
        pulp::Arch::new().dispatch(Forward { plan: self, cells, out });
    }

    /// Writes the change of L for each cell's share, `[ny, nx]` row-major, where
    /// dL = Re Σ A\[n, m\] dM̂\[n, m\].
    pub fn adjoint(&mut self, adjoint: &HalfSpectrum, out: &mut [f32]) {
        pulp::Arch::new().dispatch(Adjoint { plan: self, bins: adjoint, out });
    }
}

struct Forward<'a> {
    plan: &'a mut CellPlan,
    cells: &'a [f32],
    out: &'a mut [Complex32],
}

impl pulp::WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let CellPlan { half, nx, ny, across, up, row } = self.plan;
        let (half, nx, ny) = (*half, *nx, *ny);
        if nx == 0 {
            self.out.fill(Complex32::default());
            return;
        }
        let width = 2 * half + 1;
        for n in 0..=half {
            row.re.fill(0.0);
            row.im.fill(0.0);
            for (y, cells) in self.cells.chunks_exact(nx).enumerate() {
                let (c, s) = (up.re[n * ny + y], up.im[n * ny + y]);
                for ((re, im), cell) in row.re.iter_mut().zip(&mut row.im).zip(cells) {
                    *re += c * cell;
                    *im += s * cell;
                }
            }
            for m in 0..=half {
                let at = m * nx..(m + 1) * nx;
                let (fr, fi) = (&across.re[at.clone()], &across.im[at]);
                let (rr, ir) = (dot(fr, &row.re), dot(fi, &row.re));
                let (ri, ii) = (dot(fr, &row.im), dot(fi, &row.im));
                let (plus, minus) =
                    (Complex32::new(rr - ii, ri + ir), Complex32::new(rr + ii, ri - ir));
                self.out[(half + n) * width + half + m] = plus;
                self.out[(half + n) * width + half - m] = minus;
                self.out[(half - n) * width + half - m] = plus.conj();
                self.out[(half - n) * width + half + m] = minus.conj();
            }
        }
        // Bins of n = 0 are written twice; the mirrored half must agree to the last bit.
        for m in 0..half {
            self.out[half * width + m] = self.out[half * width + width - 1 - m].conj();
        }
    }
}

/// Σ a·b in eight running sums.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for l in 0..8 {
            sums[l] += a[l] * b[l];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

struct Adjoint<'a> {
    plan: &'a mut CellPlan,
    bins: &'a HalfSpectrum,
    out: &'a mut [f32],
}

impl pulp::WithSimd for Adjoint<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let CellPlan { half, nx, ny, across, up, row } = self.plan;
        let (half, nx, ny) = (*half, *nx, *ny);
        self.out.fill(0.0);
        if nx == 0 {
            return;
        }
        for n in 0..=half {
            let (re, im) = self.bins.row(n, half);
            row.re.fill(0.0);
            row.im.fill(0.0);
            for m in 0..=half {
                // Bins m and −m together; bin 0 counts once.
                let once = if m == 0 { 0.5 } else { 1.0 };
                let (a, b) = (re[half + m] * once, im[half + m] * once);
                let (c, d) = (re[half - m] * once, im[half - m] * once);
                let [rr, ri, ir, ii] = [a + c, d - b, a - c, b + d].map(|v| v as f32);
                let at = m * nx..(m + 1) * nx;
                let columns = across.re[at.clone()].iter().zip(&across.im[at]);
                for ((re, im), (fr, fi)) in row.re.iter_mut().zip(&mut row.im).zip(columns) {
                    *re += rr * fr + ri * fi;
                    *im += ir * fi + ii * fr;
                }
            }
            let twice = if n == 0 { 1.0 } else { 2.0 };
            for (y, out) in self.out.chunks_exact_mut(nx).enumerate() {
                let (c, s) = (twice * up.re[n * ny + y], twice * up.im[n * ny + y]);
                for ((out, re), im) in out.iter_mut().zip(&row.re).zip(&row.im) {
                    *out += c * re - s * im;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::{Edge, SpectrumPlan};

    const PERIOD: f64 = 512.0;
    const HALF: usize = 9;
    const CELL: f64 = 8.0;

    fn places(count: usize, from: f64) -> Vec<f64> {
        (0..count).map(|i| from + (i as f64 + 0.5) * CELL).collect()
    }

    fn shares(nx: usize, ny: usize) -> Vec<f32> {
        (0..nx * ny).map(|i| ((i * 7919) % 101) as f32 / 100.0).collect()
    }

    /// The obvious twin: the edges of every cell, one spectrum each.
    fn by_edges(pixel: Option<f64>, xs: &[f64], ys: &[f64], cells: &[f32]) -> Vec<Complex64> {
        let width = 2 * HALF + 1;
        let mut sum = vec![Complex64::default(); width * width];
        let mut plan = SpectrumPlan::new(PERIOD, HALF, pixel);
        let mut one = vec![Complex32::default(); width * width];
        for (i, share) in cells.iter().enumerate() {
            let (x, y) = (xs[i % xs.len()] - CELL / 2.0, ys[i / xs.len()] - CELL / 2.0);
            plan.clear();
            plan.add_vertical([
                Edge { at: x + CELL, from: y, to: y + CELL },
                Edge { at: x, from: y + CELL, to: y },
            ]);
            plan.write(&mut one);
            for (s, o) in sum.iter_mut().zip(&one) {
                *s += Complex64::new(f64::from(o.re), f64::from(o.im)) * f64::from(*share);
            }
        }
        sum
    }

    #[test]
    fn cells_have_the_spectrum_of_their_edges() {
        let (xs, ys) = (places(21, 40.0), places(13, 72.0));
        let cells = shares(21, 13);
        for pixel in [None, Some(1.0)] {
            let mut plan = CellPlan::new(PERIOD, HALF, pixel, CELL, &xs, &ys);
            let mut fast = vec![Complex32::default(); (2 * HALF + 1) * (2 * HALF + 1)];
            plan.forward(&cells, &mut fast);
            let slow = by_edges(pixel, &xs, &ys, &cells);
            let worst = fast.iter().zip(&slow).fold(0.0f64, |worst, (f, s)| {
                let f = Complex64::new(f64::from(f.re), f64::from(f.im));
                worst.max((f - s).norm())
            });
            // Sums of some hundred f32 terms of at most 2.5e-4 each.
            assert!(worst < 1e-7, "{worst}");
            let other = by_edges(pixel, &xs, &ys, &cells.iter().rev().copied().collect::<Vec<_>>());
            assert!(fast.iter().zip(&other).any(|(f, o)| (f64::from(f.re) - o.re).abs() > 1e-5));
        }
    }

    #[test]
    fn the_adjoint_passes_the_dot_product_test() {
        let (xs, ys) = (places(21, 40.0), places(13, 72.0));
        let cells = shares(21, 13);
        let bins = (2 * HALF + 1) * (2 * HALF + 1);
        let any = |i: usize, k: usize| ((i * k) % 97) as f32 / 97.0 - 0.5;
        let weights: Vec<Complex32> =
            (0..bins).map(|i| Complex32::new(any(i, 31), any(i, 57))).collect();
        let mut plan = CellPlan::new(PERIOD, HALF, Some(1.0), CELL, &xs, &ys);
        let mut spectrum = vec![Complex32::default(); bins];
        plan.forward(&cells, &mut spectrum);
        let there: f64 = weights.iter().zip(&spectrum).map(|(a, m)| f64::from((a * m).re)).sum();
        let mut loaded = HalfSpectrum::default();
        loaded.load(&weights, HALF);
        let mut gradient = vec![0.0; plan.count()];
        plan.adjoint(&loaded, &mut gradient);
        let back: f64 =
            gradient.iter().zip(&cells).map(|(g, c)| f64::from(*g) * f64::from(*c)).sum();
        assert!((there - back).abs() < 1e-5 * there.abs(), "{there} against {back}");
        assert!(there.abs() > 1e-3, "a product of nothing proves nothing");
    }
}
