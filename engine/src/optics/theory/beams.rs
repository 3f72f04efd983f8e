//! Gratings of two and three beams, in focus and out of it.

use super::*;

/// Period of the grating, nm: the first orders pass, at 0.772 of the NA, the third do not.
const PITCH_NM: f64 = 312.5;

/// The field holds three periods.
const FIELD: i32 = 3;

const NA: f64 = 0.8;

fn kernels(model: &OpticalModel, defocus_nm: f64) -> SocsKernels {
    model.kernels(PITCH_NM * f64::from(FIELD), defocus_nm).unwrap()
}

/// 2πz·(√((n/λ)² − f²) − n/λ).
fn defocus_phase(frequency: f64, defocus_nm: f64) -> f64 {
    let wave = 1.0 / 193.0_f64;
    TAU * defocus_nm * ((wave * wave - frequency * frequency).sqrt() - wave)
}

/// Defocus that turns the first orders by this phase against the zeroth, nm.
fn defocus_for(phase: f64) -> f64 {
    phase / defocus_phase(1.0 / PITCH_NM, 1.0)
}

/// ¼ + (2/π)·cos φ·cos kx + (4/π²)·cos² kx: |½ + (2/π)e^{iφ} cos kx|².
fn three_beams(x: f64, phase: f64) -> f64 {
    let wave = 2.0 / PI * (TAU * x / PITCH_NM).cos();
    0.25 + phase.cos() * wave + wave * wave
}

#[test]
fn three_beam_lines_have_the_textbook_extremes_slope_and_nils() {
    let kernels = kernels(&coherent(NA), 0.0);
    let at = |x: f64| intensity(&kernels, &lines(FIELD), [x, 0.0]);
    // Tolerance 1e-4: the values, given to four digits.
    for (x, expected) in [(0.0, 1.2919), (PITCH_NM / 2.0, 0.0187), (PITCH_NM / 4.0, 0.25)] {
        assert!((at(x) - expected).abs() <= 1e-4, "{x}: {}", at(x));
    }
    let edge = PITCH_NM / 4.0;
    let slope = (at(edge + 0.1) - at(edge - 0.1)).abs() / 0.2;
    let nils = slope / at(edge) * PITCH_NM / 2.0;
    // f32 kernels over 0.2 nm leave 1e-3 of the slope.
    assert!((nils - 8.0).abs() <= 5e-3, "{nils}");
}

#[test]
fn three_beams_through_focus_are_their_closed_form() {
    for defocus_nm in [0.0, 40.0, -40.0, 150.0] {
        let kernels = kernels(&coherent(NA), defocus_nm);
        let phase = defocus_phase(1.0 / PITCH_NM, defocus_nm);
        for step in 0..40 {
            let x = 7.9 * f64::from(step);
            let found = intensity(&kernels, &lines(FIELD), [x, 11.0]);
            assert!((found - three_beams(x, phase)).abs() <= 2.0 * ROUNDING, "{defocus_nm}, {x}");
            let paraxial = three_beams(x, -PI * 193.0 * defocus_nm / PITCH_NM.powi(2));
            // The paraxial phase is 12 % short: the test would see it.
            if defocus_nm == 150.0 && step == 0 {
                assert!((found - paraxial).abs() > 0.01);
            }
        }
    }
}

#[test]
fn a_coherent_grating_comes_back_after_a_talbot_distance() {
    let focus = kernels(&coherent(NA), 0.0);
    let image = along_x(&focus, &lines(FIELD), 60);
    let whole = kernels(&coherent(NA), defocus_for(TAU));
    assert!(farthest(&along_x(&whole, &lines(FIELD), 60), &image) <= 4.0 * ROUNDING);
    // After half of it, moved by half a period: 10 of 60 samples.
    let half = along_x(&kernels(&coherent(NA), defocus_for(PI)), &lines(FIELD), 60);
    let moved: Vec<f64> = (0..60).map(|index| image[(index + 10) % 60]).collect();
    assert!(farthest(&half, &moved) <= 4.0 * ROUNDING);
    assert!(farthest(&half, &image) > 0.5);
    // And alike on both sides of focus.
    let [above, below] =
        [70.0, -70.0].map(|z| along_x(&kernels(&coherent(NA), z), &lines(FIELD), 60));
    assert!(farthest(&above, &below) <= 2.0 * ROUNDING);
}

#[test]
fn two_beams_from_an_alternating_mask_do_not_lose_focus() {
    for defocus_nm in [0.0, 200.0, -1000.0] {
        let kernels = kernels(&coherent(NA), defocus_nm);
        for step in 0..40 {
            let x = 7.9 * f64::from(step);
            let expected = (4.0 / PI * (TAU * x / PITCH_NM).cos()).powi(2);
            let found = intensity(&kernels, &alternating(FIELD), [x, 0.0]);
            assert!((found - expected).abs() <= 4.0 * ROUNDING, "{defocus_nm}, {x}: {found}");
        }
    }
}

#[test]
fn an_oblique_beam_out_of_focus_shifts_the_image_the_way_it_travels() {
    // From σ = 0.5 along x the orders 0 and −1 pass, and +1, at 1.27 of the NA, does not.
    let model = OpticalModel { source: Source::Point { x: 0.5, y: 0.0 }, ..coherent(NA) };
    let zeroth = 0.5 * NA / 193.0;
    let first = zeroth - 1.0 / PITCH_NM;
    for defocus_nm in [0.0, 60.0, -60.0] {
        let kernels = kernels(&model, defocus_nm);
        let phase = defocus_phase(first, defocus_nm) - defocus_phase(zeroth, defocus_nm);
        for step in 0..40 {
            let x = 7.9 * f64::from(step);
            let expected = 0.25 + 1.0 / (PI * PI) + 1.0 / PI * (TAU * x / PITCH_NM - phase).cos();
            let found = intensity(&kernels, &lines(FIELD), [x, 0.0]);
            assert!((found - expected).abs() <= ROUNDING, "{defocus_nm}, {x}: {found}");
        }
    }
    // The mirrored beam shifts the other way.
    let mirrored = OpticalModel { source: Source::Point { x: -0.5, y: 0.0 }, ..coherent(NA) };
    let (here, there) = (kernels(&model, 60.0), kernels(&mirrored, 60.0));
    let at = |set: &SocsKernels, x: f64| intensity(set, &lines(FIELD), [x, 0.0]);
    assert!((at(&here, 30.0) - at(&there, -30.0)).abs() <= ROUNDING);
    assert!((at(&here, 30.0) - at(&there, 30.0)).abs() > 0.01);
}

#[test]
fn what_the_pupil_passes_keeps_its_energy() {
    // Mean intensity of a mask whose orders all pass is Σ|M̂|², whatever the phase of the lens and
    // the turn of the field do.
    let expected = 0.25 + 2.0 / (PI * PI);
    let lens = |terms: &[(u8, f64)]| aberrated(NA, terms);
    let vector = OpticalModel { polarisation: Polarisation::Unpolarised, ..coherent(NA) };
    let x_coma = OpticalModel { polarisation: Polarisation::X, ..lens(&[(7, 0.1)]) };
    let models = [coherent(NA), lens(&[(7, 0.1)]), lens(&[(5, 0.2), (9, -0.1)]), vector, x_coma];
    for model in models {
        for defocus_nm in [0.0, 90.0] {
            let image = along_x(&kernels(&model, defocus_nm), &lines(FIELD), 60);
            let mean = image.iter().sum::<f64>() / 60.0;
            assert!((mean - expected).abs() <= ROUNDING, "{:?}: {mean}", model.lens);
        }
    }
    let fading =
        Lens { apodisation: super::super::Apodisation::Gaussian { edge: 0.5 }, ..Lens::default() };
    let image =
        along_x(&kernels(&OpticalModel { lens: fading, ..coherent(NA) }, 0.0), &lines(FIELD), 60);
    let radius = 193.0 / (PITCH_NM * NA);
    let faded = 0.25 + 2.0 / (PI * PI) * 0.5_f64.powf(radius * radius);
    assert!((image.iter().sum::<f64>() / 60.0 - faded).abs() <= ROUNDING);
}

#[test]
fn the_radiometric_correction_is_the_ratio_of_beam_widths() {
    let lens = Lens { radiometric: true, ..Lens::default() };
    let kernels = kernels(&OpticalModel { lens, ..coherent(NA) }, 0.0);
    let sine = 193.0 / PITCH_NM;
    let cosine = |sine: f64| (1.0 - sine * sine).sqrt();
    let gain = (cosine(sine / 4.0) / cosine(sine)).sqrt();
    let expected = (0.5 + 2.0 / PI * gain).powi(2);
    let found = intensity(&kernels, &lines(FIELD), [0.0, 0.0]);
    assert!((found - expected).abs() <= 4.0 * ROUNDING, "{found}, {expected}");
    assert!(gain > 1.1);
}
