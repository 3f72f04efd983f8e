//! Polarised light at high NA.

use super::*;

/// Water immersion, NA 1.3: two beams of an alternating mask at sin θ = 193/(160·1.44).
const PITCH_NM: f64 = 160.0;

const FIELD: i32 = 3;

const INDEX: f64 = 1.44;

fn immersion(polarisation: Polarisation) -> OpticalModel {
    OpticalModel { na: 1.3, immersion_index: INDEX, polarisation, ..coherent(0.8) }
}

fn kernels(model: &OpticalModel, defocus_nm: f64) -> SocsKernels {
    model.kernels(PITCH_NM * f64::from(FIELD), defocus_nm).unwrap()
}

fn contrast(image: &[f64]) -> f64 {
    let (low, high) = image
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), &value| (low.min(value), high.max(value)));
    (high - low) / (high + low)
}

#[test]
fn two_beams_interfere_fully_in_te_and_by_cos_2_theta_in_tm() {
    let theta = (193.0 / (PITCH_NM * INDEX)).asin();
    // 56.9°: across 45° the contrast of TM turns over.
    assert!((2.0 * theta).cos() < -0.3);
    let amplitude = (4.0 / PI).powi(2);
    for defocus_nm in [0.0, 120.0] {
        let image =
            |p: Polarisation| along_x(&kernels(&immersion(p), defocus_nm), &alternating(FIELD), 60);
        let wave = |index: usize| (TAU * index as f64 / 20.0).cos().powi(2);
        // Lines across x: light along y is TE, along x TM.
        let te: Vec<f64> = (0..60).map(|index| amplitude * wave(index)).collect();
        let tm: Vec<f64> = (0..60)
            .map(|index| {
                let (along, up) = (theta.cos().powi(2), theta.sin().powi(2));
                amplitude * (along * wave(index) + up * (1.0 - wave(index)))
            })
            .collect();
        let mean: Vec<f64> = te.iter().zip(&tm).map(|(te, tm)| 0.5 * (te + tm)).collect();
        assert!(farthest(&image(Polarisation::Y), &te) <= 4.0 * ROUNDING);
        assert!(farthest(&image(Polarisation::X), &tm) <= 4.0 * ROUNDING);
        assert!(farthest(&image(Polarisation::Unpolarised), &mean) <= 4.0 * ROUNDING);
        assert!((contrast(&image(Polarisation::Y)) - 1.0).abs() <= 4.0 * ROUNDING);
        let expected = (2.0 * theta).cos().abs();
        assert!((contrast(&image(Polarisation::X)) - expected).abs() <= 1e-5);
        assert!((contrast(&image(Polarisation::Unpolarised)) - theta.cos().powi(2)).abs() <= 1e-5);
    }
}

#[test]
fn te_light_images_lines_across_it_as_a_scalar() {
    for source in [Source::Point { x: 0.3, y: 0.0 }, Source::Point { x: 0.0, y: 0.0 }] {
        let set = |polarisation| {
            let model = OpticalModel { source: source.clone(), ..immersion(polarisation) };
            along_x(&kernels(&model, 40.0), &lines(FIELD), 60)
        };
        let (scalar, y) = (set(Polarisation::Scalar), set(Polarisation::Y));
        assert!(farthest(&scalar, &y) <= 4.0 * ROUNDING);
        assert!(farthest(&scalar, &set(Polarisation::X)) > 0.05);
    }
    // Off the axis along x, azimuthal light lies along y and radial light along x.
    let source = Source::Point { x: 0.3, y: 0.0 };
    let set = |polarisation| {
        kernels(&OpticalModel { source: source.clone(), ..immersion(polarisation) }, 40.0)
    };
    for (around, fixed) in
        [(Polarisation::Te, Polarisation::Y), (Polarisation::Tm, Polarisation::X)]
    {
        let (around, fixed) = (set(around), set(fixed));
        for place in places(480.0) {
            let [a, b] = [&around, &fixed].map(|set| intensity(set, &lopsided(), place));
            assert!((a - b).abs() <= ROUNDING);
        }
    }
}

#[test]
fn turning_mask_and_light_together_turns_the_image() {
    let (x, y) =
        (kernels(&immersion(Polarisation::X), 30.0), kernels(&immersion(Polarisation::Y), 30.0));
    for [u, v] in places(480.0) {
        let a = intensity(&x, &lopsided(), [u, v]);
        let b = intensity(&y, &along_y(&lopsided()), [v, u]);
        assert!((a - b).abs() <= ROUNDING);
    }
}

#[test]
fn unpolarised_light_is_the_mean_of_both_polarisations() {
    let ring = Source::Annular { inner: 0.6, outer: 0.8 };
    let [both, x, y] = [Polarisation::Unpolarised, Polarisation::X, Polarisation::Y]
        .map(|p| kernels(&OpticalModel { source: ring.clone(), ..immersion(p) }, 30.0));
    let mut apart = 0.0_f64;
    for place in places(480.0) {
        let [both, x, y] = [&both, &x, &y].map(|set| intensity(set, &lopsided(), place));
        assert!((both - 0.5 * (x + y)).abs() <= ROUNDING);
        apart = apart.max((x - y).abs());
    }
    assert!(apart > 1e-2, "{apart}");
}

#[test]
fn vector_imaging_tends_to_scalar_at_low_na() {
    // What differs is of the order of NA²: 1e-4 at NA 0.01, and visible at 0.8.
    let difference = |na: f64| {
        let period_nm = 900.0 * 0.8 / na;
        let ring = Source::Annular { inner: 0.4, outer: 0.6 };
        let [vector, scalar] = [Polarisation::X, Polarisation::Scalar].map(|polarisation| {
            let model = OpticalModel { source: ring.clone(), polarisation, ..coherent(na) };
            model.kernels(period_nm, 0.0).unwrap()
        });
        let apart = places(period_nm).into_iter().map(|place| {
            let [a, b] = [&vector, &scalar].map(|set| intensity(set, &lopsided(), place));
            (a - b).abs()
        });
        apart.fold(0.0, f64::max)
    };
    assert!(difference(0.01) <= 1e-4 && difference(0.8) > 1e-2);
}
