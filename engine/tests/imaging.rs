//! Aerial images against their closed forms: mask tones, cuts, focus stacks, the adjoint.
#![allow(clippy::unwrap_used)]

mod lens;

use std::f64::consts::{FRAC_1_PI, PI, SQRT_2, TAU};
use std::sync::Arc;

use lens::{disc, lines, process, stack, window};
use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{
    CutLine, Edge, Focus, FocusStack, Grid, Imager, ImagingError, MaskTone, Process, SpectrumForm,
    Transmittance, contrast, quality,
};
use lithoscope_engine::optics::SocsKernels;
use ndarray::Array2;

const PERIOD: i32 = 1200;
/// A pitch of which only the orders −1, 0 and 1 pass.
const PITCH: i32 = 240;
/// Bins that pass: order 1 lies at bin 5, order 2 at 10.
const CUTOFF: f64 = 6.5;
const COHERENT: [[i32; 2]; 1] = [[0, 0]];
/// Images are f32 sums of a few hundred terms.
const TOLERANCE: f64 = 5e-6;

fn row(y: f64) -> CutLine {
    CutLine::new([0.0, y], [f64::from(PERIOD), y])
}

/// The largest difference between a stack's first plane and a closed form along x.
fn worst(stack: &FocusStack, wanted: impl Fn(f64) -> f64) -> f64 {
    let points: Vec<[f64; 2]> = row(321.7).points(3.0);
    let read = stack.read(0, &points).unwrap();
    assert!(read.iter().all(|i| i.is_finite()));
    let pairs = points.iter().zip(read);
    pairs.map(|(p, i)| (f64::from(i) - wanted(p[0])).abs()).fold(0.0, f64::max)
}

fn wave(x: f64, pitch: i32) -> f64 {
    (TAU * x / f64::from(pitch)).cos()
}

#[test]
fn three_beam_lines_have_their_closed_form_image_and_a_nils_of_eight() {
    let mut stack = stack(PERIOD, CUTOFF, &COHERENT, &[0.0], MaskTone::default());
    stack.set_mask(&lines(PERIOD, 0, PITCH, PITCH / 2));
    let closed = |x: f64| (0.5 + 2.0 * FRAC_1_PI * wave(x, PITCH)).powi(2);
    assert!(worst(&stack, closed) < TOLERANCE);
    let cut = stack.cut(0, &row(50.0), 1.0).unwrap();
    assert_eq!((cut.step_nm, cut.intensity.len(), cut.slope_per_nm.len()), (1.0, 1201, 1201));
    let (high, low) = (closed(0.0), closed(f64::from(PITCH) / 2.0));
    assert!((high - 1.2919).abs() < 1e-4 && (low - 0.0187).abs() < 1e-4);
    assert!((f64::from(cut.intensity[120]) - low).abs() < TOLERANCE);
    // The field goes through zero on either side of the middle of a space.
    assert!(contrast(&cut) > 1.0 - 2e-5);
    let edges = quality(&cut, 0.25, Some(f64::from(PITCH) / 2.0));
    assert_eq!(edges.len(), 10);
    for (i, edge) in edges.iter().enumerate() {
        let place = f64::from(PITCH) * (0.25 + 0.5 * i as f64);
        assert!((edge.at_nm - place).abs() < 1e-3, "{} for {place}", edge.at_nm);
        assert_eq!(edge.rising, i % 2 == 1);
        assert!((edge.nils.unwrap() - 8.0).abs() < 1e-4, "{edge:?}");
        assert!((edge.slope_per_nm.abs() - 4.0 / f64::from(PITCH)).abs() < 1e-6);
    }
    // Measured in place of given, the width is that of the bright line between its two edges.
    let measured = quality(&cut, 0.25, None);
    assert!(measured[0].width_nm.is_none());
    assert!((measured[1].width_nm.unwrap() - 120.0).abs() < 1e-3);
    assert!((measured[2].nils.unwrap() - 8.0).abs() < 1e-3);
}

#[test]
fn defocused_three_beam_lines_have_their_closed_form_contrast() {
    // I = a₀² + 4a₁²c² + 4a₀a₁c·cos φ, c = cos 2πx/p: least at c = −cos φ·a₀/(2a₁).
    let z = 75.0;
    let mut stack = stack(PERIOD, CUTOFF, &COHERENT, &[z], MaskTone::default());
    stack.set_mask(&lines(PERIOD, 0, PITCH, PITCH / 2));
    let sine = lens::WAVELENGTH / f64::from(PITCH);
    let turn = (TAU * z / lens::WAVELENGTH * ((1.0 - sine * sine).sqrt() - 1.0)).cos();
    let image = |c: f64| 0.25 + (2.0 * FRAC_1_PI * c).powi(2) + 2.0 * FRAC_1_PI * c * turn;
    assert!(worst(&stack, |x| image(wave(x, PITCH))) < TOLERANCE);
    let (high, low) = (image(1.0), image(-turn * PI / 4.0));
    let found = contrast(&stack.cut(0, &row(77.0), 5.0).unwrap());
    assert!((found - (high - low) / (high + low)).abs() < 2e-5, "{found}");
    assert!(found < 0.9);
}

#[test]
fn a_coherent_edge_has_the_log_slope_eight_na_over_wavelength() {
    // One edge pair a period; the first order beyond the cutoff is as far out as the last within.
    let (period, cutoff) = (4000, 40.0);
    let mut stack = stack(period, cutoff, &COHERENT, &[0.0], MaskTone::default());
    stack.set_mask(&lines(period, 2000, period, 2000));
    let line = CutLine::new([900.0, 7.0], [1100.0, 7.0]);
    let edges = quality(&stack.cut(0, &line, 1.0).unwrap(), 0.25, None);
    let edge = edges.iter().find(|e| (e.at_nm - 100.0).abs() < 1.0).unwrap();
    let na_over_wavelength = cutoff / f64::from(period);
    assert!((edge.at_nm - 100.0).abs() < 1e-3 && edge.rising);
    assert!((edge.ils_per_nm - 8.0 * na_over_wavelength).abs() < 1e-4 * edge.ils_per_nm);
}

#[test]
fn slopes_along_a_slanted_cut_are_the_derivative_of_the_image() {
    let mut stack = stack(PERIOD, CUTOFF, &disc(3), &[40.0], MaskTone::default());
    stack.set_mask(&[Polygon::rect(Rect::new(400, 500, 700, 640))]);
    let line = CutLine::new([350.0, 410.0], [810.0, 702.0]);
    let cut = stack.cut(0, &line, 2.0).unwrap();
    let read = stack.read(0, &line.points(2.0)).unwrap();
    for (a, b) in cut.intensity.iter().zip(&read) {
        assert!((a - b).abs() < 5e-6);
    }
    // A central difference of the exact profile itself, with an error of (2πfh)²/6 ~ 1e-6.
    let (h, image) = (0.02, cut.image());
    for (i, slope) in cut.slope_per_nm.iter().enumerate().skip(1).take(250) {
        let at = i as f64 * cut.step_nm;
        let difference = (image.at(at + h).0 - image.at(at - h).0) / (2.0 * h);
        assert!((f64::from(*slope) - difference).abs() < 1e-8 + 1e-5 * difference.abs());
    }
}

#[test]
fn dark_features_are_the_clear_field_less_bright_features_in_amplitude() {
    // |a − 2b|² + |a|² = 2|a − b|² + 2|b|² for the fields a of a clear mask and b of bright
    // features, kernel by kernel.
    let mask = [
        Polygon::rect(Rect::new(300, 200, 420, 900)),
        Polygon::simple([(500, 300), (900, 350), (640, 800)].map(point).to_vec()),
    ];
    let image = |tone: MaskTone| {
        let mut stack = stack(PERIOD, CUTOFF, &disc(3), &[70.0], tone);
        stack.set_mask(&mask);
        stack.exact(0).unwrap().to_owned()
    };
    let (bright, dark) = (image(MaskTone::bright_features()), image(MaskTone::dark_features()));
    let shifted =
        image(MaskTone { background: Transmittance::CLEAR, feature: Transmittance::SHIFTED });
    for ((b, d), s) in bright.iter().zip(&dark).zip(&shifted) {
        assert!((s + 1.0 - 2.0 * (d + b)).abs() < 1e-5);
    }
    // In intensity the two do not add up to a clear field.
    assert!(bright.iter().zip(&dark).any(|(b, d)| (b + d - 1.0).abs() > 0.1));
}

fn point((x, y): (i32, i32)) -> lithoscope_engine::geometry::Point {
    lithoscope_engine::geometry::Point::new(x, y)
}

#[test]
fn dark_lines_image_as_bright_lines_half_a_pitch_away() {
    let mut dark = stack(PERIOD, CUTOFF, &COHERENT, &[0.0], MaskTone::dark_features());
    dark.set_mask(&lines(PERIOD, 0, PITCH, PITCH / 2));
    let closed = |x: f64| (0.5 - 2.0 * FRAC_1_PI * wave(x, PITCH)).powi(2);
    assert!(worst(&dark, closed) < TOLERANCE);
}

#[test]
fn an_attenuated_grating_has_the_orders_of_its_two_amplitudes() {
    let root = 0.06_f64.sqrt();
    for dark_features in [false, true] {
        let tone = MaskTone::attenuated(0.06, dark_features);
        let mut stack = stack(PERIOD, CUTOFF, &COHERENT, &[0.0], tone);
        stack.set_mask(&lines(PERIOD, 0, PITCH, PITCH / 2));
        let way = if dark_features { -1.0 } else { 1.0 };
        let (zero, first) = ((1.0 - root) / 2.0, way * (1.0 + root) * FRAC_1_PI);
        let closed = |x: f64| (zero + 2.0 * first * wave(x, PITCH)).powi(2);
        assert!(worst(&stack, closed) < TOLERANCE, "{dark_features}");
    }
}

#[test]
fn six_percent_of_the_light_passes_an_attenuated_background() {
    let mut stack = stack(PERIOD, CUTOFF, &disc(3), &[30.0], MaskTone::attenuated(0.06, false));
    stack.set_mask(&[]);
    assert!(worst(&stack, |_| 0.06) < TOLERANCE);
    stack.set_mask(&[Polygon::rect(window(PERIOD))]);
    assert!(worst(&stack, |_| 1.0) < TOLERANCE);
}

#[test]
fn an_alternating_mask_prints_half_the_pitch_with_full_contrast() {
    // Spaces every 120 nm, every other one shifted: two beams at the orders ±1 of 240 nm.
    let mut stack = stack(PERIOD, CUTOFF, &COHERENT, &[0.0, 200.0], MaskTone::default());
    let (clear, shifted) = (lines(PERIOD, 0, 240, 60), lines(PERIOD, 120, 240, 60));
    let layers = [(Transmittance::CLEAR, &clear[..]), (Transmittance::SHIFTED, &shifted[..])];
    stack.set_layers(&layers, Transmittance::OPAQUE).unwrap();
    let closed = |x: f64| (2.0 * SQRT_2 * FRAC_1_PI * (PI * x / 120.0).cos()).powi(2);
    assert!(worst(&stack, closed) < TOLERANCE);
    for plane in [0, 1] {
        // Two beams of one angle do not go out of focus.
        let cut = stack.cut(plane, &row(0.0), 1.0).unwrap();
        assert!(contrast(&cut) > 1.0 - 2e-5);
    }
    // Without the phase, the pitch of 120 nm is beyond the lens.
    let flat = [(Transmittance::CLEAR, &clear[..]), (Transmittance::CLEAR, &shifted[..])];
    stack.set_layers(&flat, Transmittance::OPAQUE).unwrap();
    assert!(contrast(&stack.cut(0, &row(0.0), 1.0).unwrap()) < 1e-4);
}

#[test]
fn one_layer_is_the_mask_of_its_tone() {
    let tone = MaskTone::attenuated(0.06, true);
    let mask = lines(PERIOD, 100, 400, 130);
    let mut by_tone = stack(PERIOD, CUTOFF, &disc(2), &[0.0], tone);
    by_tone.set_mask(&mask);
    let mut by_layer = stack(PERIOD, CUTOFF, &disc(2), &[0.0], MaskTone::default());
    by_layer.set_layers(&[(tone.feature, &mask)], tone.background).unwrap();
    assert_eq!(by_tone.exact(0).unwrap(), by_layer.exact(0).unwrap());
}

#[test]
fn the_edge_gradient_is_the_derivative_of_the_loss_for_every_tone() {
    let slanted = Transmittance { transmission: 0.3, phase_deg: 37.0 };
    let tones = [
        MaskTone::bright_features(),
        MaskTone::dark_features(),
        MaskTone::attenuated(0.06, true),
        MaskTone { background: slanted, feature: Transmittance::CLEAR },
    ];
    let rectangle = |right: f64| {
        [Edge { at: right, from: 400.0, to: 700.0 }, Edge { at: 350.0, from: 700.0, to: 400.0 }]
    };
    let mut found = Vec::new();
    for tone in tones {
        let mut imager =
            Imager::new(&process(PERIOD, CUTOFF, &disc(3), 80.0, tone), window(PERIOD)).unwrap();
        let n = imager.exact(Focus::Nominal).nrows();
        let weight = |seed: f32| {
            Array2::from_shape_fn((n, n), |(y, x)| (seed * (7 * y + 3 * x) as f32).sin())
        };
        let (g, h) = (weight(0.13), weight(0.29));
        let mut loss = |right: f64| -> f64 {
            imager.set_vertical_edges(rectangle(right));
            let dot = |g: &Array2<f32>, focus| -> f64 {
                let pairs = g.iter().zip(imager.exact(focus));
                pairs.map(|(g, i)| f64::from(*g) * f64::from(*i)).sum()
            };
            dot(&g, Focus::Nominal) + dot(&h, Focus::Defocus)
        };
        // Truncation (2πKh/P)²/6 ~ 5e-5 of the largest part of the derivative.
        let step = 1.0;
        let finite = (loss(520.0 + step) - loss(520.0 - step)) / (2.0 * step);
        loss(520.0);
        imager.set_gradient(g.view(), h.view());
        let exact = imager.edge_gradient(true, rectangle(520.0)[0]);
        assert!((exact - finite).abs() < 2e-3 * finite.abs(), "{exact} against {finite}");
        found.push(exact);
    }
    // Tones matter.
    assert!(found.windows(2).all(|pair| (pair[0] - pair[1]).abs() > 1e-2 * pair[0].abs()));
}

/// A lens that scatters a share of its light.
fn scattering(flare: f64, z: f64) -> Arc<SocsKernels> {
    let clean = lens::lens(f64::from(PERIOD), CUTOFF, &disc(2), z);
    Arc::new(SocsKernels { flare, ..(*clean).clone() })
}

#[test]
fn flare_spreads_its_share_of_the_light_that_the_mask_lets_through() {
    let (flare, tone) = (0.04, MaskTone::attenuated(0.06, true));
    let mask = [Polygon::rect(Rect::new(400, 500, 700, 640))];
    let planes = vec![(0.0, scattering(0.0, 0.0)), (0.0, scattering(flare, 0.0))];
    let new = |planes| FocusStack::new(planes, SpectrumForm::Continuous, tone, window(PERIOD));
    let mut stack = new(planes).unwrap();
    stack.set_mask(&mask);
    let dark = 300.0 * 140.0 / f64::from(PERIOD).powi(2);
    let mean = 1.0 - dark + 0.06 * dark;
    for (clean, hazy) in stack.exact(0).unwrap().iter().zip(stack.exact(1).unwrap()) {
        let wanted = (1.0 - flare) * f64::from(*clean) + flare * mean;
        assert!((f64::from(*hazy) - wanted).abs() < 1e-6);
    }
    assert!(new(vec![(0.0, scattering(1.5, 0.0))]).is_err());
}

#[test]
fn the_edge_gradient_follows_scattered_light() {
    let tone = MaskTone::attenuated(0.06, true);
    let process = Process {
        focus: scattering(0.3, 0.0),
        defocus: scattering(0.1, 60.0),
        ..process(PERIOD, CUTOFF, &disc(2), 60.0, tone)
    };
    let mut imager = Imager::new(&process, window(PERIOD)).unwrap();
    let n = imager.exact(Focus::Nominal).nrows();
    // L is the light on the whole wafer, and twice that of the second image.
    let gradient = Array2::from_elem((n, n), 1.0 / (n * n) as f32);
    let rectangle = |right: f64| {
        [Edge { at: right, from: 400.0, to: 700.0 }, Edge { at: 350.0, from: 700.0, to: 400.0 }]
    };
    let mut loss = |right: f64| -> f64 {
        imager.set_vertical_edges(rectangle(right));
        let mean = |focus| imager.exact(focus).iter().map(|i| f64::from(*i)).sum::<f64>();
        (mean(Focus::Nominal) + 2.0 * mean(Focus::Defocus)) / (n * n) as f64
    };
    let finite = (loss(524.0) - loss(516.0)) / 8.0;
    loss(520.0);
    let doubled = &gradient * 2.0;
    imager.set_gradient(gradient.view(), doubled.view());
    let exact = imager.edge_gradient(true, rectangle(520.0)[0]);
    // Truncation (2πKh/P)²/6 ~ 5e-4 and rounding of the mean, 1e-8 over 1e-4.
    assert!((exact - finite).abs() < 3e-3 * finite.abs(), "{exact} against {finite}");
    // Without its share of the area's light, the gradient is another.
    let scattered = (0.3 + 2.0 * 0.1) * (0.06 - 1.0) * 300.0 / f64::from(PERIOD).powi(2);
    assert!(scattered.abs() > 0.05 * exact.abs());
}

#[test]
fn a_focus_stack_is_one_imager_a_plane_to_the_last_bit() {
    let mask =
        [Polygon::rect(Rect::new(400, 500, 700, 640)), lines(PERIOD, 60, 1200, 90).remove(0)];
    let source = disc(3);
    let z = [-60.0, 0.0, 25.0, 60.0];
    let grid = Grid { origin_nm: [380.0, 480.0], pixel_nm: 2.0, nx: 170, ny: 90 };
    let tone = MaskTone::attenuated(0.06, false);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut stack = stack(PERIOD, CUTOFF, &source, &z, tone);
            stack.set_mask(&mask);
            (0..z.len()).map(|i| stack.intensity(i, &grid).unwrap()).collect::<Vec<_>>()
        })
    };
    let images = run(1);
    assert_eq!(images, run(3));
    for (z, image) in z.iter().zip(&images) {
        let process = process(PERIOD, CUTOFF, &source, *z, tone);
        let mut imager = Imager::new(&process, window(PERIOD)).unwrap();
        imager.set_mask(&mask);
        assert_eq!(image, imager.intensity(Focus::Defocus, &grid));
        let line = CutLine::new([390.0, 480.0], [700.0, 610.0]);
        let mut stack = stack(PERIOD, CUTOFF, &source, &[*z], tone);
        stack.set_mask(&mask);
        let cut = imager.cut(Focus::Defocus, &line, 1.5).unwrap();
        assert_eq!(stack.cut(0, &line, 1.5).unwrap(), cut);
    }
    // A symmetric lens images a real mask alike on both sides of focus, and not as in focus.
    let difference =
        |a: &Array2<f32>, b: &Array2<f32>| (a - b).mapv(f32::abs).fold(0.0, |m, v| v.max(m));
    let largest = |a: usize, b: usize| difference(&images[a], &images[b]);
    assert!(largest(0, 3) < 1e-5 && largest(0, 1) > 1e-3);
}

#[test]
fn cuts_without_length_are_points_and_bad_ones_are_refused() {
    let mut stack = stack(PERIOD, CUTOFF, &COHERENT, &[0.0], MaskTone::default());
    stack.set_mask(&lines(PERIOD, 0, PITCH, PITCH / 2));
    let dot = stack.cut(0, &CutLine::new([60.0, 5.0], [60.0, 5.0]), 1.0).unwrap();
    assert_eq!((dot.intensity.len(), dot.slope_per_nm[0]), (1, 0.0));
    assert!((dot.intensity[0] - 0.25).abs() < 1e-5);
    assert!(quality(&dot, 0.25, None).is_empty() && contrast(&dot) == 0.0);
    let far = CutLine::new([0.0, 0.0], [0.0, 4801.0]);
    assert!(matches!(stack.cut(0, &far, 1.0), Err(ImagingError::CutTooLong { .. })));
    let nowhere = CutLine::new([f64::NAN, 0.0], [0.0, 1.0]);
    assert!(matches!(stack.cut(0, &nowhere, 1.0), Err(ImagingError::Parameter { .. })));
    assert!(matches!(
        stack.cut(3, &row(0.0), 1.0),
        Err(ImagingError::NoSuchPlane { plane: 3, planes: 1 })
    ));
    for step in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        let points = CutLine::new([0.0, 0.0], [10.0, 0.0]).points(step).len();
        assert!((2..=(1 << 20) + 1).contains(&points), "{step}: {points}");
    }
}

#[test]
fn stacks_that_cannot_be_are_refused_with_their_reason() {
    let lens = |period: f64, cutoff: f64| lens::lens(period, cutoff, &COHERENT, 0.0);
    let new = |planes, tone| {
        FocusStack::new(planes, SpectrumForm::Continuous, tone, window(PERIOD)).err().unwrap()
    };
    let tone = MaskTone::default();
    assert!(matches!(new(vec![], tone), ImagingError::KernelMismatch(_)));
    let mixed = vec![(0.0, lens(1200.0, 6.0)), (10.0, lens(1200.0, 7.0))];
    assert!(new(mixed, tone).to_string().contains("10 nm"));
    let nowhere = vec![(f64::NAN, lens(1200.0, 6.0))];
    assert!(new(nowhere, tone).to_string().contains("defocus_nm"));
    let small = vec![(0.0, lens(1000.0, 6.0))];
    assert!(matches!(new(small, tone), ImagingError::FieldTooSmall { .. }));
    let bright = Transmittance { transmission: 2.0, phase_deg: 0.0 };
    let bad = MaskTone { feature: bright, ..tone };
    assert!(new(vec![(0.0, lens(1200.0, 6.0))], bad).to_string().contains("transmission"));
}
