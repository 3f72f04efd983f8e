//! Lenses whose images have closed forms, and masks for them.
#![allow(dead_code)]

use std::sync::Arc;

use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{FocusStack, MaskTone, Process, SpectrumForm};
use lithoscope_engine::optics::SocsKernels;
use ndarray::Array3;
use num_complex::Complex32;

pub const WAVELENGTH: f64 = 150.0;

/// A lens without aberrations that passes bins up to `cutoff` (in bins), lit from points given in
/// bins, equally bright, at a defocus. One kernel a source point: Abbe's sum itself.
pub fn lens(period: f64, cutoff: f64, source: &[[i32; 2]], defocus_nm: f64) -> Arc<SocsKernels> {
    let reach = source.iter().flatten().map(|s| s.unsigned_abs()).max().unwrap_or(0) as usize;
    let half = cutoff as usize + reach;
    let width = 2 * half + 1;
    let pupil = |m: f64, n: f64| {
        let radius = m.hypot(n);
        if radius > cutoff {
            return Complex32::default();
        }
        let sine = radius * WAVELENGTH / period;
        let path = defocus_nm * ((1.0 - sine * sine).max(0.0).sqrt() - 1.0);
        let (sin, cos) = (std::f64::consts::TAU * path / WAVELENGTH).sin_cos();
        Complex32::new(cos as f32, sin as f32)
    };
    let spectra = Array3::from_shape_fn((source.len(), width, width), |(k, n, m)| {
        let bin = |i: usize, s: i32| i as f64 - half as f64 + f64::from(s);
        pupil(bin(m, source[k][0]), bin(n, source[k][1]))
    });
    let weights = vec![1.0 / source.len() as f32; source.len()];
    Arc::new(SocsKernels {
        period_nm: period,
        half,
        weights,
        spectra,
        energy_kept: None,
        intensity_bound: None,
        flare: 0.0,
    })
}

/// Every bin of a disc.
pub fn disc(radius: i32) -> Vec<[i32; 2]> {
    let bins = (-radius..=radius).flat_map(|m| (-radius..=radius).map(move |n| [m, n]));
    bins.filter(|[m, n]| m * m + n * n <= radius * radius).collect()
}

/// The whole field as a window.
pub fn window(period: i32) -> Rect {
    Rect::new(0, 0, period, period)
}

/// Lines along y of a width, centred on every `pitch` from `first`, through the whole field.
pub fn lines(period: i32, first: i32, pitch: i32, width: i32) -> Vec<Polygon> {
    let centres = (0..period / pitch).map(|i| first + i * pitch);
    centres
        .map(|c| Polygon::rect(Rect::new(c - width / 2, 0, c - width / 2 + width, period)))
        .collect()
}

/// A stack of one lens at several focuses.
pub fn stack(
    period: i32,
    cutoff: f64,
    source: &[[i32; 2]],
    z: &[f64],
    tone: MaskTone,
) -> FocusStack {
    let planes = z.iter().map(|&z| (z, lens(f64::from(period), cutoff, source, z))).collect();
    FocusStack::new(planes, SpectrumForm::Continuous, tone, window(period)).unwrap()
}

/// A process of one lens in focus and at a defocus.
pub fn process(period: i32, cutoff: f64, source: &[[i32; 2]], z: f64, tone: MaskTone) -> Process {
    Process {
        focus: lens(f64::from(period), cutoff, source, 0.0),
        defocus: lens(f64::from(period), cutoff, source, z),
        form: SpectrumForm::Continuous,
        tone,
        threshold: 0.25,
        outer_dose: 1.02,
        inner_dose: 0.98,
        list: None,
    }
}
