//! What each aberration does to an image.

use super::*;

const PERIOD_NM: f64 = 900.0;
const NA: f64 = 0.8;

/// Orders to ±3 of a line off the middle of nothing: symmetric about x = 0.
fn symmetric() -> Vec<Order> {
    (-3..=3).map(|m: i32| ([m, 0], 0.3 / (1.0 + f64::from(m * m)))).collect()
}

/// A partly coherent source.
fn ring(model: OpticalModel) -> OpticalModel {
    OpticalModel { source: Source::Annular { inner: 0.4, outer: 0.6 }, ..model }
}

fn image(model: &OpticalModel, defocus_nm: f64, orders: &[Order], at: &[[f64; 2]]) -> Vec<f64> {
    let kernels = model.kernels(PERIOD_NM, defocus_nm).unwrap();
    at.iter().map(|place| intensity(&kernels, orders, *place)).collect()
}

/// Places along x, and their mirror images.
fn mirrored_places() -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let xs = (1..30).map(|step| 14.7 * f64::from(step));
    (xs.clone().map(|x| [x, 0.0]).collect(), xs.map(|x| [-x, 0.0]).collect())
}

#[test]
fn even_aberrations_keep_a_symmetric_line_symmetric() {
    let (right, left) = mirrored_places();
    for zernikes in [&[(9, 0.1)], &[(5, 0.1)], &[(12, 0.15)], &[(16, 0.1)], &[(17, 0.1)]] {
        let model = ring(aberrated(NA, zernikes));
        for defocus_nm in [0.0, 80.0] {
            let (a, b) = (
                image(&model, defocus_nm, &symmetric(), &right),
                image(&model, defocus_nm, &symmetric(), &left),
            );
            assert!(farthest(&a, &b) <= ROUNDING, "{zernikes:?}");
        }
    }
}

#[test]
fn odd_aberrations_mirror_the_image_when_they_change_sign() {
    let (right, left) = mirrored_places();
    for number in [7, 10, 14, 19, 23] {
        let plus = ring(aberrated(NA, &[(number, 0.1)]));
        let minus = ring(aberrated(NA, &[(number, -0.1)]));
        let a = image(&plus, 0.0, &symmetric(), &right);
        let b = image(&minus, 0.0, &symmetric(), &left);
        assert!(farthest(&a, &b) <= ROUNDING, "Z{number}");
        let same_side = image(&plus, 0.0, &symmetric(), &left);
        assert!(farthest(&a, &same_side) > 1e-3, "Z{number} does nothing");
    }
}

#[test]
fn coma_shifts_lines_across_it_and_leaves_lines_along_it() {
    // Coherent lines across x see the pupil's x axis, where Z7 = 3ρ³ − 2ρ; those along x see the y
    // axis, where it is 0. Three beams are shifted by W(ρ)·λ/(NA·ρ) as a whole.
    let coma = 0.05;
    let clear = coherent(NA).kernels(PERIOD_NM, 0.0).unwrap();
    let shifted = aberrated(NA, &[(7, coma)]).kernels(PERIOD_NM, 0.0).unwrap();
    let radius = 193.0 * 3.0 / (PERIOD_NM * NA);
    let shift = coma * (3.0 * radius.powi(2) - 2.0) * 193.0 / NA;
    assert!(shift.abs() > 0.3, "{shift}");
    for [x, y] in places(PERIOD_NM) {
        let here = intensity(&shifted, &lines(3), [x - shift, y]);
        assert!((here - intensity(&clear, &lines(3), [x, y])).abs() <= 4.0 * ROUNDING);
        let [a, b] = [&shifted, &clear].map(|set| intensity(set, &along_y(&lines(3)), [x, y]));
        assert!((a - b).abs() <= 4.0 * ROUNDING);
    }
}

#[test]
fn astigmatism_exchanges_x_and_y_lines_about_focus() {
    let model = ring(aberrated(NA, &[(5, 0.08)]));
    let along = [[20.0, 0.0], [110.0, 0.0], [260.0, 0.0]];
    let across = along.map(|[x, y]| [y, x]);
    for defocus_nm in [60.0, 120.0] {
        let a = image(&model, defocus_nm, &lines(3), &along);
        let b = image(&model, -defocus_nm, &along_y(&lines(3)), &across);
        let same = image(&model, defocus_nm, &along_y(&lines(3)), &across);
        // A ring cut by a square grid looks the same with x and y exchanged.
        assert!(farthest(&a, &b) <= 2.0 * ROUNDING, "{}", farthest(&a, &b));
        assert!(farthest(&a, &same) > 0.01);
    }
}

#[test]
fn focus_and_spherical_aberration_turn_sign_together() {
    let model = |waves: f64| aberrated(NA, &[(9, waves)]);
    let at = places(PERIOD_NM);
    let a = image(&model(0.1), 70.0, &lines(3), &at);
    let b = image(&model(-0.1), -70.0, &lines(3), &at);
    assert!(farthest(&a, &b) <= ROUNDING);
    assert!(farthest(&a, &image(&model(0.1), -70.0, &lines(3), &at)) > 0.01);
}

#[test]
fn tilt_shifts_the_image_by_waves_over_na() {
    // exp(2πi·c·f_x·λ/NA) moves the image by −c·λ/NA, whatever the source.
    for (number, direction) in [(2, [1.0, 0.0]), (3, [0.0, 1.0])] {
        let waves = 0.2;
        let shift = direction.map(|d: f64| d * waves * 193.0 / NA);
        let at = places(PERIOD_NM);
        let moved: Vec<[f64; 2]> = at.iter().map(|[x, y]| [x - shift[0], y - shift[1]]).collect();
        // Coma both ways leaves no symmetry with or without the tilt, so that the source is cut
        // alike.
        let lens = |tilt: f64| ring(aberrated(NA, &[(7, 0.03), (8, 0.02), (number, tilt)]));
        let here = image(&lens(0.0), 50.0, &lopsided(), &at);
        let there = image(&lens(waves), 50.0, &lopsided(), &moved);
        let apart = farthest(&here, &there);
        assert!(apart <= 2.0 * ROUNDING, "Z{number}: {apart}");
        assert!(farthest(&here, &image(&lens(waves), 50.0, &lopsided(), &at)) > 0.01);
    }
}

#[test]
fn the_fourth_zernike_is_paraxial_defocus() {
    // 2πc·2ρ² = −2πz·NA²ρ²/(2λ), so c = −z·NA²/(4λ). At NA 0.02 what the paraxial form leaves
    // out, NA²/4 of the phase, is 1e-4 of it.
    let na = 0.02;
    let period_nm = PERIOD_NM * NA / na;
    let waves = 0.15;
    let defocus_nm = -waves * 4.0 * 193.0 / (na * na);
    let (aberrated, clear) = (aberrated(na, &[(4, waves)]), coherent(na));
    // 290 µm would be refused: a tenth of it with a tenth of the waves, ten times finer.
    let part = 0.1;
    let lens = Lens { zernike_waves: [(4, waves * part)].into(), ..Lens::default() };
    let by_zernike = OpticalModel { lens, ..aberrated }.kernels(period_nm, 0.0).unwrap();
    let by_focus = clear.kernels(period_nm, defocus_nm * part).unwrap();
    let in_focus = clear.kernels(period_nm, 0.0).unwrap();
    for place in places(period_nm) {
        let [a, b, c] =
            [&by_zernike, &by_focus, &in_focus].map(|set| intensity(set, &lopsided(), place));
        assert!((a - b).abs() <= 2e-5, "{a} {b}");
        assert!((a - b).abs() <= 0.05 * (a - c).abs() + 1e-5);
    }
}

#[test]
fn a_piston_does_nothing() {
    let with = aberrated(NA, &[(1, 0.3)]).kernels(PERIOD_NM, 20.0).unwrap();
    assert_eq!(with, coherent(NA).kernels(PERIOD_NM, 20.0).unwrap());
}
