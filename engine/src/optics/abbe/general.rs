//! Aberrated, polarised and lopsided models, and large ones: kernels against Abbe's sum.

use super::*;

/// Models that reach every symmetry, polarisation and part of the lens.
fn general_models() -> Vec<OpticalModel> {
    let base = OpticalModel { energy: 1.0, na: 1.2, ..preset("contest-like") };
    let lens = |zernikes: &[(u8, f64)]| Lens {
        zernike_waves: zernikes.iter().copied().collect(),
        ..Lens::default()
    };
    let ring = Source::Annular { inner: 0.5, outer: 0.7 };
    let poles = |rotation_deg, balance: &[f64]| Source::Quadrupole {
        inner: 0.5,
        outer: 0.7,
        half_angle_deg: 20.0,
        rotation_deg,
        balance: balance.to_vec(),
    };
    let map = Source::parse_map(".....\n..63.\n.....\n.#...\n.....").unwrap();
    let apodised = Lens {
        radiometric: true,
        apodisation: Apodisation::Gaussian { edge: 0.7 },
        ..lens(&[(4, 0.03), (9, -0.05)])
    };
    let of = |polarisation, source: &Source, lens: Lens| OpticalModel {
        polarisation,
        source: source.clone(),
        lens,
        ..base.clone()
    };
    vec![
        of(Polarisation::Unpolarised, &ring, lens(&[])),
        of(Polarisation::Scalar, &ring, lens(&[(7, 0.08), (5, 0.05)])),
        of(Polarisation::Unpolarised, &ring, lens(&[(8, 0.06)])),
        of(Polarisation::X, &poles(0.0, &[1.0, 2.0, 3.0, 2.0]), lens(&[])),
        of(Polarisation::Y, &map, lens(&[(6, 0.04), (10, 0.07)])),
        of(Polarisation::Te, &poles(45.0, &[]), apodised.clone()),
        of(Polarisation::Tm, &poles(30.0, &[]), lens(&[(6, 0.05)])),
        of(Polarisation::Scalar, &map, apodised),
        of(Polarisation::Te, &Source::Point { x: 0.3, y: -0.5 }, lens(&[(3, 0.1)])),
    ]
}

#[test]
fn with_all_kernels_vector_and_aberrated_socs_is_abbe() {
    for (index, model) in general_models().into_iter().enumerate() {
        for defocus_nm in [0.0, 70.0] {
            let (kernels, fast, slow) = both(&model, defocus_nm, 20 + index as u64);
            let error = relative_error(&fast, &slow);
            println!("model {index} at {defocus_nm} nm: error {error:.2e}");
            assert!(error <= 1e-6, "{model:?}: {error}");
            assert!((kernels.clear_field() - 1.0).abs() <= 1e-6);
        }
    }
}

#[test]
fn every_part_of_the_lens_and_the_light_is_seen_in_the_image() {
    let models = general_models();
    let slow = |model: &OpticalModel| {
        let mask = random_mask(model.half(PERIOD_NM), 3);
        abbe(&own_source(model, 1.0), model, 0.0, &mask, &places(8))
    };
    let plain = |model: &OpticalModel| OpticalModel { lens: Lens::default(), ..model.clone() };
    let scalar =
        |model: &OpticalModel| OpticalModel { polarisation: Polarisation::Scalar, ..model.clone() };
    for model in [&models[1], &models[4], &models[7]] {
        let change = relative_error(&slow(&plain(model)), &slow(model));
        assert!(change > 1e-3, "{model:?}: {change}");
    }
    for model in [&models[0], &models[3], &models[5], &models[6]] {
        let change = relative_error(&slow(&scalar(model)), &slow(model));
        assert!(change > 1e-3, "{model:?}: {change}");
    }
}

#[test]
fn what_is_missing_is_within_the_stated_bound() {
    for (index, model) in general_models().into_iter().enumerate() {
        let model = OpticalModel { energy: 0.9, ..model };
        let (kernels, fast, slow) = both(&model, 40.0, 50 + index as u64);
        let bound = kernels.intensity_bound.unwrap();
        for (fast, slow) in fast.iter().zip(&slow) {
            let missing = slow - fast;
            assert!(missing >= -1e-6 && missing <= bound + 1e-6, "{index}: {missing} of {bound}");
        }
        // A mask made to be missed, the conjugate of the next kernel: the bound is nearly met.
        let all = OpticalModel { energy: 1.0, ..model }.kernels(PERIOD_NM, 40.0).unwrap();
        let count = kernels.weights.len();
        let Some(weight) = all.weights.get(count) else { continue };
        let missed = all
            .spectra
            .index_axis(ndarray::Axis(0), count)
            .mapv(|h| Complex64::new(f64::from(h.re), -f64::from(h.im)));
        let lost = socs(&all, &missed, &[[0.0; 2]])[0] - socs(&kernels, &missed, &[[0.0; 2]])[0];
        assert!((lost - f64::from(*weight)).abs() <= 1e-4 * bound + 1e-6, "{lost} of {weight}");
        assert!((lost / bound - 1.0).abs() <= 0.05, "{lost} of {bound}");
    }
}

#[test]
fn leading_kernels_of_a_large_class_miss_no_more_than_they_say() {
    // 1000 bins without symmetry: found by Lanczos on the side of the bins; under few source
    // points, on theirs.
    let lens = Lens { zernike_waves: [(7, 0.04), (8, 0.03)].into(), ..Lens::default() };
    let base = OpticalModel { energy: 0.95, lens, ..preset("immersion-annular") };
    let half = 22;
    let period_nm = 1700.0;
    let ring = OpticalModel { polarisation: Polarisation::Unpolarised, na: 1.35, ..base.clone() };
    for model in [ring.clone(), OpticalModel { polarisation: Polarisation::X, ..ring }] {
        assert_eq!(model.half(period_nm), half);
        let pupil = model.pupil(40.0);
        let symmetry = model.symmetry(&pupil);
        assert_eq!(symmetry.order(), 1);
        let points = model.source.points(symmetry, half);
        let kernels = model.kernels(period_nm, 40.0).unwrap();
        assert!(kernels.weights.is_sorted_by(|a, b| a >= b));
        let (bound, kept) = (kernels.intensity_bound.unwrap(), kernels.energy_kept.unwrap());
        assert!((0.95..0.96).contains(&kept), "{kept}");
        let next = f64::from(*kernels.weights.last().unwrap());
        assert!(bound <= 1.02 * next && bound > 0.5 * next, "{bound} {next}");
        // In units of its own field the twin's mask and places are the same.
        let scaled = OpticalModel {
            wavelength_nm: model.wavelength_nm * PERIOD_NM / period_nm,
            ..model.clone()
        };
        let mask = random_mask(half, 31);
        let places = places(6);
        let defocus_nm = 40.0 * PERIOD_NM / period_nm;
        let slow = abbe(&taken_apart(&points, symmetry), &scaled, defocus_nm, &mask, &places);
        let fast = socs(&kernels, &mask, &places);
        for (fast, slow) in fast.iter().zip(&slow) {
            let missing = slow - fast;
            println!("{missing:.5} of {bound:.5}");
            assert!(missing >= -1e-5 && missing <= bound, "{missing} of {bound}");
        }
        assert!(relative_error(&fast, &slow) <= 0.05);
    }
}

/// TCC(f₁, f₂) of a set on bins a and b.
fn tcc_of(kernels: &SocsKernels, [a, b]: [[usize; 2]; 2]) -> Complex64 {
    let wide = |h: Complex32| Complex64::new(f64::from(h.re), f64::from(h.im));
    let sets = kernels.weights.iter().zip(kernels.spectra.outer_iter());
    sets.map(|(weight, h)| wide(h[a]) * wide(h[b]).conj() * f64::from(*weight)).sum()
}

#[test]
fn the_tcc_is_hermitian_and_reciprocal() {
    // Reversing all light, s → −s and f → −f, through a lens alike on both sides leaves the TCC;
    // through coma, odd over the pupil, it conjugates it.
    let models = general_models();
    let even = models[0].kernels(PERIOD_NM, 50.0).unwrap();
    let odd_lens = Lens { zernike_waves: [(7, 0.08)].into(), ..Lens::default() };
    let odd = OpticalModel { lens: odd_lens, ..models[1].clone() };
    let odd = odd.kernels(PERIOD_NM, 0.0).unwrap();
    for (kernels, turned) in [(&even, false), (&odd, true)] {
        let side = 2 * kernels.half;
        let mut largest = 0.0_f64;
        for pair in [[[3, 9], [9, 12]], [[7, 11], [12, 8]], [[10, 13], [8, 5]]] {
            let here = tcc_of(kernels, pair);
            let swapped = tcc_of(kernels, [pair[1], pair[0]]);
            assert!((here - swapped.conj()).norm() <= 1e-9);
            let there = tcc_of(kernels, pair.map(|bin| bin.map(|index| side - index)));
            let expected = if turned { here.conj() } else { here };
            assert!((there - expected).norm() <= 1e-6, "{here} {there}");
            largest = largest.max(here.im.abs());
        }
        assert!(largest > 1e-3, "a real TCC would not tell: {largest}");
    }
}
