//! The isolated edge, and the incoherent limit.

use super::*;
use crate::optics::symmetry::NONE;

const NA: f64 = 0.8;

/// λ/NA, nm.
const UNIT_NM: f64 = 193.0 / NA;

/// Si(x) = Σ (−1)ᵏ x^{2k+1} / ((2k+1)(2k+1)!), good to 1e-10 for |x| ≤ 14.
fn sine_integral(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for k in 1..60 {
        let k = f64::from(k);
        term *= -x * x / (2.0 * k * (2.0 * k + 1.0));
        sum += term / (2.0 * k + 1.0);
    }
    sum
}

/// A field half open, its edge at x = 0 and the open half at x > 0. Symmetric about the edge but
/// for ½, so that sums over its odd orders up to an even one are the midpoint rule for the
/// isolated edge's integral, with an error of the inverse square of their number.
fn edge(orders: i32) -> Vec<([i32; 2], Complex64)> {
    let odd = (-orders..=orders).filter(|m| m % 2 != 0);
    let waves = odd.map(|m| ([m, 0], Complex64::new(0.0, -1.0 / (PI * f64::from(m)))));
    waves.chain([([0, 0], Complex64::new(0.5, 0.0))]).collect()
}

/// As [`intensity`], along x, for complex orders.
fn at(kernels: &SocsKernels, orders: &[([i32; 2], Complex64)], x: f64) -> f64 {
    let half = kernels.half as i32;
    let sets = kernels.weights.iter().zip(kernels.spectra.outer_iter());
    sets.map(|(weight, spectrum)| {
        let passing = orders.iter().filter(|([m, _], _)| m.abs() <= half);
        let field: Complex64 = passing
            .map(|&([m, n], amplitude)| {
                let h = spectrum[[(n + half) as usize, (m + half) as usize]];
                let wave = Complex64::cis(TAU * f64::from(m) * x / kernels.period_nm);
                Complex64::new(f64::from(h.re), f64::from(h.im)) * wave * amplitude
            })
            .sum();
        f64::from(*weight) * field.norm_sqr()
    })
    .sum()
}

#[test]
fn coherent_edge_rings_as_the_sine_integral() {
    const ORDERS: i32 = 76;
    let kernels = coherent(NA).kernels(f64::from(ORDERS) * UNIT_NM, 0.0).unwrap();
    let orders = edge(ORDERS);
    let found = |x: f64| at(&kernels, &orders, x);
    let expected = |x: f64| (0.5 + sine_integral(TAU * x / UNIT_NM) / PI).powi(2);
    // Tolerance 1e-4 about the edge; the period is finite, which is felt in proportion to the
    // distance from the edge.
    for step in -40_i32..=40 {
        let x = 0.05 * f64::from(step) * UNIT_NM;
        let tolerance = if step.abs() <= 12 { 1e-4 } else { 3e-4 };
        let apart = (found(x) - expected(x)).abs();
        assert!(apart <= tolerance, "{x}: {} {}", found(x), expected(x));
    }
    assert!((found(0.0) - 0.25).abs() <= ROUNDING);
    let peak = found(0.5 * UNIT_NM);
    assert!((peak - 1.187).abs() <= 1e-4, "{peak}");
    assert!(found(0.49 * UNIT_NM) < peak && found(0.51 * UNIT_NM) < peak);
    let log_slope = (found(0.5) - found(-0.5)) / found(0.0);
    assert!((log_slope * UNIT_NM - 8.0).abs() <= 2e-3, "{}", log_slope * UNIT_NM);
}

/// Intensity at an isolated edge under one source point: ¼ + (ln(b/a)/2π)², a and b being how far
/// the pupil reaches from the point along ±x.
fn under_point([x, y]: [f64; 2]) -> f64 {
    let reach = (1.0 - y * y).max(0.0).sqrt();
    0.25 + (((reach - x) / (reach + x)).ln() / TAU).powi(2)
}

/// That averaged over a disc of radius σ: midpoints in the radius squared and the angle.
fn edge_value(sigma: f64) -> f64 {
    const RINGS: i32 = 4000;
    const SPOKES: i32 = 720;
    let point = |ring: i32, spoke: i32| {
        let radius = sigma * ((f64::from(ring) + 0.5) / f64::from(RINGS)).sqrt();
        let angle = TAU * (f64::from(spoke) + 0.5) / f64::from(SPOKES);
        under_point([radius * angle.cos(), radius * angle.sin()])
    };
    let sum: f64 =
        (0..RINGS).flat_map(|ring| (0..SPOKES).map(move |spoke| point(ring, spoke))).sum();
    sum / f64::from(RINGS * SPOKES)
}

#[test]
fn isolated_edge_prints_its_known_value_at_every_coherence() {
    const ORDERS: i32 = 12;
    let table = [(0.0, 0.250), (0.3, 0.252), (0.5, 0.257), (0.7, 0.267), (1.0, 0.334)];
    for (sigma, known) in table {
        let exact = edge_value(sigma);
        // The table has three digits; its last value stands for one third.
        assert!((exact - known).abs() <= 1e-3, "{sigma}: {exact}");
        let model = OpticalModel { source: Source::Circular { sigma }, ..coherent(NA) };
        let kernels = model.kernels(f64::from(ORDERS) * UNIT_NM, 0.0).unwrap();
        let found = at(&kernels, &edge(2 * ORDERS), 0.0);
        println!("σ {sigma}: {found:.5}, exact {exact:.5}");
        // Orders come whole: pupils shifted by parts of one cut the sum where they may, which
        // leaves a share of one order over the squared number of orders.
        assert!((found - exact).abs() <= 1e-3, "{sigma}: {found}, {exact}");
    }
}

#[test]
fn isolated_edge_in_a_wide_field_is_exact_under_each_source_point() {
    // A field of 4000 λ/NA, summed for source points one by one through the lens's own pupil.
    const ORDERS: i32 = 4000;
    let pupil = coherent(NA).pupil(0.0);
    for sigma in [[0.0, 0.0], [0.31, 0.0], [-0.5, 0.4], [0.2, -0.7], [0.0, 0.9]] {
        let field: Complex64 = edge(2 * ORDERS)
            .iter()
            .map(|&([m, _], amplitude)| {
                let x = sigma[0] + f64::from(m) / f64::from(ORDERS);
                amplitude * pupil.at(x * pupil.edge, sigma[1] * pupil.edge)
            })
            .sum();
        let apart = field.norm_sqr() - under_point(sigma);
        assert!(apart.abs() <= 1e-4, "{sigma:?}: {apart}");
    }
}

#[test]
fn isolated_edge_prints_a_third_under_a_filled_pupil() {
    // Along each chord of the pupil ln(b/a) has the logistic distribution, of variance π²/3:
    // ¼ + (π²/3)/(2π)². Chord by chord, by midpoints: their error is that of the logarithms at the
    // ends, 1e-5.
    const STEPS: i32 = 20_000;
    let sum: f64 = (0..STEPS)
        .map(|step| under_point([2.0 * (f64::from(step) + 0.5) / f64::from(STEPS) - 1.0, 0.0]))
        .sum();
    let found = sum / f64::from(STEPS);
    assert!((found - 1.0 / 3.0).abs() <= 1e-4, "{found}");
    assert!((edge_value(1.0) - 1.0 / 3.0).abs() <= 1e-4);
}

/// (2/π)(acos s − s√(1 − s²)).
fn incoherent_mtf(s: f64) -> f64 {
    2.0 / PI * (s.acos() - s * (1.0 - s * s).sqrt())
}

#[test]
fn a_filled_pupil_has_the_incoherent_mtf() {
    let model = OpticalModel { source: Source::Circular { sigma: 1.0 }, ..coherent(NA) };
    // The transfer of a weak grating is TCC(f, 0), the overlap of two discs.
    let pupil = model.pupil(0.0);
    let points = model.source.finer_points(NONE, 10, 12.0);
    for step in 0..=10 {
        let s = 0.1 * f64::from(step);
        let passed: f64 = points
            .iter()
            .map(|point| {
                let [x, y] = point.sigma.map(|sigma| sigma * pupil.edge);
                point.weight * (pupil.at(x, y) * pupil.at(x + 2.0 * s * pupil.edge, y).conj()).re
            })
            .sum();
        let apart = passed - incoherent_mtf(s);
        assert!(apart.abs() <= 1e-4, "{s}: {apart}");
    }
    // The kernels hold the same, to what their own cut of the source leaves (1500 points a
    // quadrant).
    let kernels = model.kernels(10.0 * UNIT_NM, 0.0).unwrap();
    let half = kernels.half;
    for order in 0..=19 {
        let sets = kernels.weights.iter().zip(kernels.spectra.outer_iter());
        let product = |h: &ndarray::ArrayView2<num_complex::Complex32>| {
            f64::from((h[[half, half + order]] * h[[half, half]].conj()).re)
        };
        let passed: f64 = sets.map(|(weight, h)| f64::from(*weight) * product(&h)).sum();
        let expected = incoherent_mtf(order as f64 / 20.0);
        assert!((passed - expected).abs() <= 2e-3, "{order}: {passed}, {expected}");
    }
}
