//! Images against their closed forms.
//!
//! Masks are given by their orders, so that nothing but optics is tested. All kernels are kept;
//! they are stored as f32, which leaves 1e-6 of the clear field.

mod aberrations;
mod beams;
mod edge;
mod vector;

use std::f64::consts::{PI, TAU};

use num_complex::Complex64;

use super::{Lens, OpticalModel, Polarisation, SocsKernels, Source};

/// Rounding of an image to f32.
const ROUNDING: f64 = 1e-6;

/// A diffraction order (m, n) of a mask and its amplitude.
type Order = ([i32; 2], f64);

/// Orders −1, 0, 1 (along x, of a field of `field` periods) of equal lines and spaces, a space in
/// the middle: ½ and (1/π).
fn lines(field: i32) -> Vec<Order> {
    vec![([-field, 0], 1.0 / PI), ([0, 0], 0.5), ([field, 0], 1.0 / PI)]
}

/// Orders −1 and 1 of equal spaces of amplitude 1 and −1.
fn alternating(field: i32) -> Vec<Order> {
    vec![([-field, 0], 2.0 / PI), ([field, 0], 2.0 / PI)]
}

/// A mask turned to vary along y.
fn along_y(orders: &[Order]) -> Vec<Order> {
    orders.iter().map(|&([m, n], amplitude)| ([n, m], amplitude)).collect()
}

/// Intensity of a mask at (x, y) nm.
fn intensity(kernels: &SocsKernels, orders: &[Order], [x, y]: [f64; 2]) -> f64 {
    let half = kernels.half as i32;
    let waves: Vec<([usize; 2], Complex64)> = orders
        .iter()
        .filter(|([m, n], _)| m.abs() <= half && n.abs() <= half)
        .map(|&([m, n], amplitude)| {
            let turns = (f64::from(m) * x + f64::from(n) * y) / kernels.period_nm;
            let bin = [(n + half) as usize, (m + half) as usize];
            (bin, Complex64::cis(TAU * turns) * amplitude)
        })
        .collect();
    let sets = kernels.weights.iter().zip(kernels.spectra.outer_iter());
    sets.map(|(weight, spectrum)| {
        let wide = |bin: [usize; 2]| {
            let h = spectrum[bin];
            Complex64::new(f64::from(h.re), f64::from(h.im))
        };
        let field: Complex64 = waves.iter().map(|&(bin, wave)| wide(bin) * wave).sum();
        f64::from(*weight) * field.norm_sqr()
    })
    .sum()
}

/// Intensities along x over one period of a field.
fn along_x(kernels: &SocsKernels, orders: &[Order], samples: usize) -> Vec<f64> {
    let at = |index: usize| kernels.period_nm * index as f64 / samples as f64;
    (0..samples).map(|index| intensity(kernels, orders, [at(index), 0.0])).collect()
}

/// Largest of |a − b|; NaN counts as infinite.
fn farthest(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    apart.fold(0.0, |most, d| if d.is_nan() { f64::INFINITY } else { most.max(d) })
}

/// 193 nm in air, coherent, every kernel kept.
fn coherent(na: f64) -> OpticalModel {
    OpticalModel {
        wavelength_nm: 193.0,
        na,
        immersion_index: 1.0,
        source: Source::Circular { sigma: 0.0 },
        energy: 1.0,
        polarisation: Polarisation::Scalar,
        lens: Lens::default(),
    }
}

/// As [`coherent`], with these aberrations.
fn aberrated(na: f64, zernikes: &[(u8, f64)]) -> OpticalModel {
    let lens = Lens { zernike_waves: zernikes.iter().copied().collect(), ..Lens::default() };
    OpticalModel { lens, ..coherent(na) }
}

/// A mask of no symmetry, in a field of bins to ±4.
fn lopsided() -> Vec<Order> {
    let numbers = (1..).map(|k: i32| f64::from(k * k * 7 % 23) / 23.0 - 0.4);
    let bins = (-4..=4).flat_map(|n| (-4..=4).map(move |m| [m, n]));
    bins.zip(numbers).map(|(bin, value)| (bin, 0.2 * value)).collect()
}

/// Places all over a field, nm.
fn places(period_nm: f64) -> Vec<[f64; 2]> {
    let share = |k: i32, step: f64| (f64::from(k) * step).fract() * period_nm;
    (0..24).map(|k| [share(k, 0.6180339887), share(k, 0.7548776662)]).collect()
}
