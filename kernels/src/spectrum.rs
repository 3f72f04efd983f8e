//! The low bins of a polygon's Fourier transform, straight from its edges, and the way back.
//!
//! With M̂\[n, m\] = P⁻² ∬ M e^{−2πi(mx + ny)/P} dx dy, Green's theorem leaves a sum over the edges
//! parallel to y: each adds X_m(x)·Y_n(y₀, y₁) with X_m = e^{−2πimx/P}/(−2πim) and
//! Y_n = (e^{−2πiny₁/P} − e^{−2πiny₀/P})/(−2πin), or x/P and (y₁ − y₀)/P where the index is 0.
//! Summing over pixels of size p in place of integrating multiplies bin m by
//! (πmp/P)/sin(πmp/P), and bin n alike: both forms share all code.
//!
//! Cost: edges × (K+1)(2K+1) complex products, whatever the pixel size.

use std::f64::consts::PI;

use num_complex::{Complex32, Complex64};

/// An axis-parallel edge of a ring that keeps the interior on its left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The coordinate that is constant along the edge.
    pub at: f64,
    /// Where it starts along its direction.
    pub from: f64,
    /// Where it ends; may be smaller than `from`.
    pub to: f64,
}

/// Computes spectra and edge gradients for one period and number of bins.
#[derive(Clone, Debug)]
pub struct SpectrumPlan {
    period: f64,
    half: usize,
    /// Per-bin factor for bins 0…K: 1 (integral) or the pixel-sum factor.
    form: Vec<f64>,
    /// Σ over edges, rows n = 0…K, split parts of 2K+1 columns.
    re: Vec<f64>,
    im: Vec<f64>,
    /// Scratch of one edge: X for m = −K…K and Y for n = 0…K.
    xr: Vec<f64>,
    xi: Vec<f64>,
    phase: Vec<Complex64>,
    along: Vec<Complex64>,
}

impl SpectrumPlan {
    /// A plan for bins −`half`…`half` of a field of `period`; `pixel` is the size of the pixels to
    /// sum over, or `None` for the Fourier integral.
    pub fn new(period: f64, half: usize, pixel: Option<f64>) -> Self {
        let form = (0..=half)
            .map(|m| match pixel {
                Some(p) if m > 0 => {
                    let a = PI * m as f64 * p / period;
                    a / a.sin()
                }
                _ => 1.0,
            })
            .collect();
        let width = 2 * half + 1;
        Self {
            period,
            half,
            form,
            re: vec![0.0; (half + 1) * width],
            im: vec![0.0; (half + 1) * width],
            xr: vec![0.0; width],
            xi: vec![0.0; width],
            phase: vec![Complex64::default(); half + 1],
            along: vec![Complex64::default(); half + 1],
        }
    }

    /// Starts a new spectrum.
    pub fn clear(&mut self) {
        self.re.fill(0.0);
        self.im.fill(0.0);
    }

    /// Adds the edges parallel to y of axis-parallel rings.
    pub fn add_vertical(&mut self, edges: impl IntoIterator<Item = Edge>) {
        let simd = pulp::Arch::new();
        for edge in edges {
            self.load_x(edge.at);
            self.load_along(edge.from, edge.to);
            simd.dispatch(Outer {
                re: &mut self.re,
                im: &mut self.im,
                xr: &self.xr,
                xi: &self.xi,
                along: &self.along,
            });
        }
    }

    /// Adds a ring of any direction (interior on the left), slanted edges included.
    ///
    /// With d = (dx, dy) and midpoint c of an edge and f = (m, n)/P, the divergence theorem gives
    /// (m·dy − n·dx)/(−2πi(m² + n²)P) · e^{−2πi f·c} · sinc(f·d) to M̂ (sinc t = sin πt / πt).
    pub fn add_ring(&mut self, ring: &[[f64; 2]]) {
        let (half, period) = (self.half as i64, self.period);
        let width = 2 * self.half + 1;
        for (i, a) in ring.iter().enumerate() {
            let b = ring[(i + 1) % ring.len()];
            let d = [b[0] - a[0], b[1] - a[1]];
            let c = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
            for n in 0..=half {
                for m in -half..=half {
                    let (mf, nf) = (m as f64, n as f64);
                    let value = if m == 0 && n == 0 {
                        Complex64::from((a[0] * b[1] - b[0] * a[1]) / (2.0 * period * period))
                    } else {
                        let flux = (mf * d[1] - nf * d[0]) / ((mf * mf + nf * nf) * period);
                        let t = PI * (mf * d[0] + nf * d[1]) / period;
                        let sinc = if t.abs() < 1e-12 { 1.0 } else { t.sin() / t };
                        let phase = -2.0 * PI * (mf * c[0] + nf * c[1]) / period;
                        Complex64::from_polar(flux * sinc, phase) * Complex64::new(0.0, 0.5 / PI)
                    };
                    let form = self.form[m.unsigned_abs() as usize] * self.form[n as usize];
                    let at = n as usize * width + (m + half) as usize;
                    self.re[at] += value.re * form;
                    self.im[at] += value.im * form;
                }
            }
        }
    }

    /// Adds what a unit move of the edge from a to b along its outward normal adds to the spectrum
    /// of its ring, in first order: with the vector d of the edge and its midpoint c,
    /// |d|/P² · e^{−2πi f·c} · sinc(f·d), the Fourier integral over it.
    pub fn add_edge_move(&mut self, a: [f64; 2], b: [f64; 2]) {
        let (half, period) = (self.half as i64, self.period);
        let width = 2 * self.half + 1;
        let d = [b[0] - a[0], b[1] - a[1]];
        let c = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
        let length = d[0].hypot(d[1]) / (period * period);
        for n in 0..=half {
            for m in -half..=half {
                let (mf, nf) = (m as f64, n as f64);
                let t = PI * (mf * d[0] + nf * d[1]) / period;
                let sinc = if t.abs() < 1e-12 { 1.0 } else { t.sin() / t };
                let phase = -2.0 * PI * (mf * c[0] + nf * c[1]) / period;
                let form = self.form[m.unsigned_abs() as usize] * self.form[n as usize];
                let value = Complex64::from_polar(length * sinc * form, phase);
                let at = n as usize * width + (m + half) as usize;
                self.re[at] += value.re;
                self.im[at] += value.im;
            }
        }
    }

    /// Writes the spectrum, `[2K+1, 2K+1]` row-major `[n, m]`, Hermitian as a real mask's is.
    pub fn write(&self, out: &mut [Complex32]) {
        let (half, width) = (self.half, 2 * self.half + 1);
        for n in 0..=half {
            for m in 0..width {
                let at = n * width + m;
                let (re, im) = (self.re[at] as f32, self.im[at] as f32);
                out[(half + n) * width + m] = Complex32::new(re, im);
                out[(half - n) * width + (width - 1 - m)] = Complex32::new(re, -im);
            }
        }
        // Bin n = 0 is written twice; the mirrored half must agree to the last bit.
        for m in 0..half {
            out[half * width + m] = out[half * width + width - 1 - m].conj();
        }
    }

    /// Change of L for moving an edge parallel to y outward by one unit of length, where
    /// dL = Re Σ A\[n, m\] dM̂\[n, m\] with A Hermitian, `[n, m]` for n = 0…K only.
    pub fn vertical_gradient(&mut self, adjoint: &HalfSpectrum, edge: Edge) -> f64 {
        self.edge_gradient(&adjoint.rows, edge)
    }

    /// As [`SpectrumPlan::vertical_gradient`] for an edge parallel to x.
    pub fn horizontal_gradient(&mut self, adjoint: &HalfSpectrum, edge: Edge) -> f64 {
        self.edge_gradient(&adjoint.columns, edge)
    }

    /// Change of L for each unit of area (or each pixel centre) that opens at places (`xs`\[j\], `ys`\[i\]) of the mask,
    /// `[ys, xs]` row-major, with A as for [`SpectrumPlan::vertical_gradient`].
    ///
    /// Cost: ys·(K+1)(2K+1) + ys·xs·(2K+1) complex products.
    pub fn area_gradient(&self, adjoint: &HalfSpectrum, ys: &[f64], xs: &[f64]) -> Vec<f32> {
        let (half, width) = (self.half, 2 * self.half + 1);
        let turn = |bin: f64, at: f64| {
            Complex64::from_polar(1.0, -2.0 * PI * bin * at / self.period) / self.period
        };
        let columns: Vec<Complex64> = xs
            .iter()
            .flat_map(|&x| (0..width).map(move |m| turn(m as f64 - half as f64, x)))
            .collect();
        let mut out = Vec::with_capacity(ys.len() * xs.len());
        let mut row = vec![Complex64::default(); width];
        for &y in ys {
            row.fill(Complex64::default());
            for n in 0..=half {
                let twice = if n == 0 { 1.0 } else { 2.0 };
                let along = turn(n as f64, y) * twice;
                for (m, sum) in row.iter_mut().enumerate() {
                    let at = n * width + m;
                    *sum += Complex64::new(adjoint.rows.re[at], adjoint.rows.im[at]) * along;
                }
            }
            out.extend(columns.chunks_exact(width).map(|column| {
                let terms = row.iter().zip(column);
                terms.map(|(a, c)| a.re * c.re - a.im * c.im).sum::<f64>() as f32
            }));
        }
        out
    }

    fn edge_gradient(&mut self, adjoint: &SplitRows, edge: Edge) -> f64 {
        self.load_phase(edge.at);
        let half = self.half;
        for m in 0..=half {
            let p = self.phase[m] * (self.form[m] / self.period);
            (self.xr[half + m], self.xi[half + m]) = (p.re, p.im);
            (self.xr[half - m], self.xi[half - m]) = (p.re, -p.im);
        }
        self.load_along(edge.from.min(edge.to), edge.from.max(edge.to));
        pulp::Arch::new().dispatch(Inner {
            adjoint,
            xr: &self.xr,
            xi: &self.xi,
            along: &self.along,
        })
    }

    /// X_m(x) for m = −K…K with the form factor.
    fn load_x(&mut self, x: f64) {
        self.load_phase(x);
        let half = self.half;
        self.xr[half] = x / self.period;
        self.xi[half] = 0.0;
        for m in 1..=half {
            // 1/(−2πim) = i/(2πm)
            let value = self.phase[m] * Complex64::new(0.0, self.form[m] / (2.0 * PI * m as f64));
            (self.xr[half + m], self.xi[half + m]) = (value.re, value.im);
            (self.xr[half - m], self.xi[half - m]) = (value.re, -value.im);
        }
    }

    /// Y_n(from, to) for n = 0…K with the form factor.
    fn load_along(&mut self, from: f64, to: f64) {
        self.along[0] = Complex64::from((to - from) / self.period);
        let step = [to, from].map(|y| Complex64::from_polar(1.0, -2.0 * PI * y / self.period));
        let mut power = step;
        for n in 1..=self.half {
            self.along[n] =
                (power[0] - power[1]) * Complex64::new(0.0, self.form[n] / (2.0 * PI * n as f64));
            power = [power[0] * step[0], power[1] * step[1]];
        }
    }

    /// e^{−2πimx/P} for m = 0…K: one sine and cosine, then products.
    fn load_phase(&mut self, x: f64) {
        let step = Complex64::from_polar(1.0, -2.0 * PI * x / self.period);
        let mut power = Complex64::from(1.0);
        for p in &mut self.phase {
            *p = power;
            power *= step;
        }
    }
}

/// Adds along ⊗ X to the running sums.
struct Outer<'a> {
    re: &'a mut [f64],
    im: &'a mut [f64],
    xr: &'a [f64],
    xi: &'a [f64],
    along: &'a [Complex64],
}

impl pulp::WithSimd for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let width = self.xr.len();
        let rows = self.re.chunks_exact_mut(width).zip(self.im.chunks_exact_mut(width));
        for (y, (re, im)) in self.along.iter().zip(rows) {
            for (((re, im), xr), xi) in re.iter_mut().zip(im).zip(self.xr).zip(self.xi) {
                *re += y.re * xr - y.im * xi;
                *im += y.re * xi + y.im * xr;
            }
        }
    }
}

/// Re Σ over all bins of adjoint·(along ⊗ X), from rows n = 0…K of a Hermitian spectrum.
struct Inner<'a> {
    adjoint: &'a SplitRows,
    xr: &'a [f64],
    xi: &'a [f64],
    along: &'a [Complex64],
}

impl pulp::WithSimd for Inner<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> f64 {
        const LANES: usize = 4;
        let width = self.xr.len();
        let mut total = 0.0;
        for (n, y) in self.along.iter().enumerate() {
            let row = n * width..(n + 1) * width;
            let (ar, ai) = (&self.adjoint.re[row.clone()], &self.adjoint.im[row]);
            let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
            let mut m = 0;
            while m + LANES <= width {
                for l in 0..LANES {
                    re[l] += ar[m + l] * self.xr[m + l] - ai[m + l] * self.xi[m + l];
                    im[l] += ar[m + l] * self.xi[m + l] + ai[m + l] * self.xr[m + l];
                }
                m += LANES;
            }
            for m in m..width {
                re[0] += ar[m] * self.xr[m] - ai[m] * self.xi[m];
                im[0] += ar[m] * self.xi[m] + ai[m] * self.xr[m];
            }
            let (re, im): (f64, f64) = (re.iter().sum(), im.iter().sum());
            let once = re * y.re - im * y.im;
            total += if n == 0 { once } else { 2.0 * once };
        }
        total
    }
}

/// Rows of 2K+1 complex numbers, real and imaginary parts apart.
#[derive(Clone, Debug, Default)]
struct SplitRows {
    re: Vec<f64>,
    im: Vec<f64>,
}

impl SplitRows {
    fn fill(&mut self, rows: usize, width: usize, value: impl Fn(usize, usize) -> Complex64) {
        self.re.resize(rows * width, 0.0);
        self.im.resize(rows * width, 0.0);
        for i in 0..rows {
            for j in 0..width {
                let v = value(i, j);
                (self.re[i * width + j], self.im[i * width + j]) = (v.re, v.im);
            }
        }
    }
}

/// The Hermitian part of an adjoint spectrum, laid out for edges of either direction.
#[derive(Clone, Debug, Default)]
pub struct HalfSpectrum {
    /// Rows n = 0…K, columns m = −K…K.
    rows: SplitRows,
    /// Rows m = 0…K, columns n = −K…K.
    columns: SplitRows,
}

impl HalfSpectrum {
    /// Takes A, `[2K+1, 2K+1]`; only (A\[f\] + conj A\[−f\])/2 acts on real masks.
    pub fn load(&mut self, adjoint: &[Complex32], half: usize) {
        let width = 2 * half + 1;
        let wide = |c: Complex32| Complex64::new(f64::from(c.re), f64::from(c.im));
        let hermitian = |n: usize, m: usize| {
            let mirror = adjoint[(width - 1 - n) * width + width - 1 - m];
            (wide(adjoint[n * width + m]) + wide(mirror).conj()) * 0.5
        };
        self.rows.fill(half + 1, width, |n, m| hermitian(half + n, m));
        self.columns.fill(half + 1, width, |m, n| hermitian(n, half + m));
    }

    /// Real and imaginary parts of row n ≥ 0, m = −K…K.
    pub(crate) fn row(&self, n: usize, half: usize) -> (&[f64], &[f64]) {
        let row = n * (2 * half + 1)..(n + 1) * (2 * half + 1);
        (&self.rows.re[row.clone()], &self.rows.im[row])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The obvious twin: sums every 1 nm pixel of a rectangle.
    fn pixel_sum(rects: &[[i32; 4]], period: i32, n: i32, m: i32) -> Complex64 {
        let mut sum = Complex64::default();
        for &[x0, y0, x1, y1] in rects {
            for y in y0..y1 {
                for x in x0..x1 {
                    let t =
                        f64::from(m) * (f64::from(x) + 0.5) + f64::from(n) * (f64::from(y) + 0.5);
                    sum += Complex64::from_polar(1.0, -2.0 * PI * t / f64::from(period));
                }
            }
        }
        sum / f64::from(period).powi(2)
    }

    fn rectangle_edges(&[x0, y0, x1, y1]: &[i32; 4]) -> [Edge; 2] {
        let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(f64::from);
        [Edge { at: x1, from: y0, to: y1 }, Edge { at: x0, from: y1, to: y0 }]
    }

    fn spectrum(
        rects: &[[i32; 4]],
        period: i32,
        half: usize,
        pixel: Option<f64>,
    ) -> Vec<Complex32> {
        let mut plan = SpectrumPlan::new(f64::from(period), half, pixel);
        plan.clear();
        plan.add_vertical(rects.iter().flat_map(rectangle_edges));
        let mut out = vec![Complex32::default(); (2 * half + 1) * (2 * half + 1)];
        plan.write(&mut out);
        out
    }

    const RECTS: [[i32; 4]; 3] = [[3, 5, 20, 11], [40, 2, 41, 60], [22, 30, 39, 64]];

    #[test]
    fn edges_give_the_same_spectrum_as_summing_pixels() {
        let (period, half) = (64, 5);
        let fast = spectrum(&RECTS, period, half, Some(1.0));
        let width = 2 * half + 1;
        for n in 0..width {
            for m in 0..width {
                let slow =
                    pixel_sum(&RECTS, period, n as i32 - half as i32, m as i32 - half as i32);
                let got = fast[n * width + m];
                let error = (slow - Complex64::new(f64::from(got.re), f64::from(got.im))).norm();
                assert!(error < 1e-7, "bin ({n}, {m}): off by {error}");
            }
        }
    }

    #[test]
    fn rings_and_vertical_edges_agree_and_integrals_differ_from_pixel_sums() {
        let (period, half) = (64, 5);
        let vertical = spectrum(&RECTS, period, half, None);
        let mut plan = SpectrumPlan::new(64.0, half, None);
        for &[x0, y0, x1, y1] in &RECTS {
            let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(f64::from);
            plan.add_ring(&[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
        }
        let mut ring = vertical.clone();
        plan.write(&mut ring);
        let worst = |a: &[Complex32], b: &[Complex32]| {
            a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max)
        };
        assert!(worst(&vertical, &ring) < 1e-7);
        let sums = spectrum(&RECTS, period, half, Some(1.0));
        assert!(worst(&vertical, &sums) > 1e-5, "the negative control must differ");
    }

    #[test]
    fn boundary_is_the_derivative_of_the_spectrum_with_respect_to_a_bias() {
        let (half, period) = (5, 64.0);
        let width = 2 * half + 1;
        // A rectangle and a slanted triangle; moved by b, corners move by b·(n₁ + n₂)/(1 + n₁·n₂).
        let rectangle = |b: f64| {
            vec![
                [10.0 - b, 12.0 - b],
                [30.0 + b, 12.0 - b],
                [30.0 + b, 47.0 + b],
                [10.0 - b, 47.0 + b],
            ]
        };
        let r = 2f64.sqrt() - 1.0;
        let triangle =
            |b: f64| vec![[40.0 - b, 5.0 - b], [60.0 + b / r, 5.0 - b], [40.0 - b, 25.0 + b / r]];
        let spectrum = |rings: [Vec<[f64; 2]>; 2], boundary: bool| {
            let mut plan = SpectrumPlan::new(period, half, Some(1.0));
            for ring in rings {
                let next = ring.iter().cycle().skip(1);
                if boundary {
                    ring.iter().zip(next).for_each(|(a, b)| plan.add_edge_move(*a, *b));
                } else {
                    plan.add_ring(&ring);
                }
            }
            let mut out = vec![Complex32::default(); width * width];
            plan.write(&mut out);
            out
        };
        let at = |b: f64| spectrum([rectangle(b), triangle(b)], false);
        let exact = spectrum([rectangle(0.0), triangle(0.0)], true);
        let worst = |h: f64| {
            let pairs = at(h).into_iter().zip(at(-h));
            let errors =
                exact.iter().zip(pairs).map(|(e, (a, b))| (e - (a - b) / (2.0 * h as f32)).norm());
            errors.fold(0.0, f32::max)
        };
        let largest = exact.iter().map(|e| e.norm()).fold(0.0, f32::max);
        // The difference's own error is of second order: a quarter for half the step.
        let (coarse, fine) = (worst(1.0), worst(0.5));
        assert!(fine < 0.05 * largest, "{fine} of {largest}");
        assert!((3.5..4.5).contains(&(coarse / fine)), "{coarse} and {fine}");
    }

    #[test]
    fn the_gradient_of_an_edge_is_the_line_integral_of_the_area_gradient() {
        let half = 4;
        let width = 2 * half + 1;
        let adjoint: Vec<Complex32> = (0..width * width)
            .map(|i| Complex32::new((i as f32 * 0.7).sin(), (i as f32 * 1.3).cos()))
            .collect();
        let mut plan = SpectrumPlan::new(64.0, half, None);
        let mut loaded = HalfSpectrum::default();
        loaded.load(&adjoint, half);
        let step = 0.1;
        let along: Vec<f64> = (0..350).map(|i| 12.0 + (f64::from(i) + 0.5) * step).collect();
        for vertical in [true, false] {
            let edge = Edge { at: 30.0, from: 12.0, to: 47.0 };
            let (whole, values) = if vertical {
                (
                    plan.vertical_gradient(&loaded, edge),
                    plan.area_gradient(&loaded, &along, &[30.0]),
                )
            } else {
                (
                    plan.horizontal_gradient(&loaded, edge),
                    plan.area_gradient(&loaded, &[30.0], &along),
                )
            };
            let sum: f64 = values.iter().map(|v| f64::from(*v) * step).sum();
            assert!((sum - whole).abs() < 1e-4 * whole.abs(), "{sum} against {whole}");
        }
    }

    #[test]
    fn edge_gradient_is_the_derivative_of_the_spectrum() {
        let half = 4;
        let width = 2 * half + 1;
        let adjoint: Vec<Complex32> = (0..width * width)
            .map(|i| Complex32::new((i as f32 * 0.7).sin(), (i as f32 * 1.3).cos()))
            .collect();
        let value = |edges: &[Edge], transpose: bool| -> f64 {
            let mut plan = SpectrumPlan::new(64.0, half, Some(1.0));
            plan.add_vertical(edges.iter().copied());
            let mut out = vec![Complex32::default(); width * width];
            plan.write(&mut out);
            (0..width * width)
                .map(|i| {
                    let j = if transpose { (i % width) * width + i / width } else { i };
                    let (a, m) = (adjoint[j], out[i]);
                    f64::from(a.re) * f64::from(m.re) - f64::from(a.im) * f64::from(m.im)
                })
                .sum()
        };
        let mut plan = SpectrumPlan::new(64.0, half, Some(1.0));
        let mut half_adjoint = HalfSpectrum::default();
        half_adjoint.load(&adjoint, half);
        let [right, left] = rectangle_edges(&[10, 12, 30, 47]);
        // Truncation (2πmh/P)²/6 = 3e-4 at m = 4; rounding of f32 spectra adds as much.
        let step = 0.1;
        for transpose in [false, true] {
            let moved = |d: f64| value(&[Edge { at: right.at + d, ..right }, left], transpose);
            let finite = (moved(step) - moved(-step)) / (2.0 * step);
            let exact = if transpose {
                plan.horizontal_gradient(&half_adjoint, right)
            } else {
                plan.vertical_gradient(&half_adjoint, right)
            };
            assert!((finite - exact).abs() < 2e-3 * exact.abs(), "{finite} against {exact}");
        }
    }
}
