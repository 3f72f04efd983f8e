use super::*;
use std::f64::consts::PI;

fn film(n: f64, k: f64, thickness_nm: f64) -> Film {
    Film { name: String::new(), n, k, thickness_nm }
}

/// A bare substrate: a film of no thickness on it.
fn bare(n: f64, k: f64) -> FilmStack {
    on(film(1.7, 0.0, 0.0), n, k)
}

fn on(resist: Film, n: f64, k: f64) -> FilmStack {
    FilmStack {
        substrate: Substrate { name: String::new(), n, k },
        resist,
        ..FilmStack::matched(1.0, 0.0, 0.0)
    }
}

/// Silicon: λ, n, k and R as printed. 193 nm: Palik, Handbook of Optical Constants (1985), 6.4 eV;
/// the others: Aspnes and Studna, Phys. Rev. B 27, 985 (1983), 5.0, 3.4 and 1.96 eV.
const SILICON: [(f64, f64, f64, f64); 4] = [
    (193.0, 0.883, 2.778, 0.686),
    (248.0, 1.570, 3.565, 0.675),
    (365.0, 6.522, 2.705, 0.592),
    (633.0, 3.882, 0.019, 0.348),
];

#[test]
fn bare_silicon_reflects_as_fresnel_says_and_as_published() {
    for (wavelength, n, k, published) in SILICON {
        let fresnel = ((n - 1.0).powi(2) + k * k) / ((n + 1.0).powi(2) + k * k);
        let found = bare(n, k).reflectivity(wavelength, 0.0, FilmPolarisation::S).unwrap();
        assert!((found - fresnel).abs() < 1e-12, "{wavelength} nm: {found} against {fresnel}");
        assert!((found - published).abs() < 1e-3, "{wavelength} nm: {found} against {published}");
    }
}

#[test]
fn oblique_light_follows_fresnel_and_vanishes_at_brewsters_angle() {
    let (n, angle) = (1.5f64, 40.0f64);
    let (cosine, inside) =
        (angle.to_radians().cos(), (1.0 - (angle.to_radians().sin() / n).powi(2)).sqrt());
    let s = ((cosine - n * inside) / (cosine + n * inside)).powi(2);
    let p = ((n * cosine - inside) / (n * cosine + inside)).powi(2);
    let glass = bare(n, 0.0);
    let found = |angle, state| glass.reflectivity(500.0, angle, state).unwrap();
    assert!((found(angle, FilmPolarisation::S) - s).abs() < 1e-12);
    assert!((found(angle, FilmPolarisation::P) - p).abs() < 1e-12);
    let mean = found(angle, FilmPolarisation::Unpolarised);
    assert!((mean - 0.5 * (s + p)).abs() < 1e-12);
    let brewster = n.atan().to_degrees();
    assert!(found(brewster, FilmPolarisation::P) < 1e-12);
    assert!(found(brewster, FilmPolarisation::S) > 0.1, "s light must not vanish there");
}

#[test]
fn quarter_wave_of_the_geometric_mean_index_reflects_nothing() {
    let (n, wavelength) = (2.25f64, 500.0);
    let quarter = wavelength / (4.0 * n.sqrt());
    let found = |thickness| {
        on(film(n.sqrt(), 0.0, thickness), n, 0.0)
            .reflectivity(wavelength, 0.0, FilmPolarisation::S)
            .unwrap()
    };
    assert!(found(quarter) < 1e-12, "{}", found(quarter));
    // A quarter wave of another index f: ((n − f²)/(n + f²))².
    let other: f64 = 1.38;
    let closed = ((n - other * other) / (n + other * other)).powi(2);
    let stack = on(film(other, 0.0, wavelength / (4.0 * other)), n, 0.0);
    let r = stack.reflectivity(wavelength, 0.0, FilmPolarisation::P).unwrap();
    assert!((r - closed).abs() < 1e-12, "{r} against {closed}");
    assert!(found(2.0 * quarter) > 0.1, "a half wave must act as nothing");
}

#[test]
fn swing_curve_repeats_every_half_wave_in_the_film() {
    let (n, wavelength) = (1.7, 248.0);
    let swing = |thickness| {
        on(film(n, 0.0, thickness), 1.57, 3.565)
            .reflectivity(wavelength, 0.0, FilmPolarisation::S)
            .unwrap()
    };
    let period = wavelength / (2.0 * n);
    for thickness in [100.0, 431.0, 777.7] {
        assert!((swing(thickness) - swing(thickness + period)).abs() < 1e-12);
        assert!((swing(thickness) - swing(thickness + 0.5 * period)).abs() > 1e-3);
    }
    // Tops of the curve found by scanning lie one period apart.
    let samples: Vec<f64> = (0..4000).map(|i| swing(500.0 + 0.1 * f64::from(i))).collect();
    let tops: Vec<f64> = (1..samples.len() - 1)
        .filter(|&i| samples[i - 1] < samples[i] && samples[i] >= samples[i + 1])
        .map(|i| 0.1 * i as f64)
        .collect();
    assert!(tops.len() >= 4, "{tops:?}");
    assert!(tops.windows(2).all(|pair| (pair[1] - pair[0] - period).abs() < 0.11), "{tops:?}");
}

#[test]
fn light_is_reflected_transmitted_or_absorbed_where_the_field_stands() {
    // What the resist absorbs is also ∫ 2nk·k₀·|E|²/n₀ dz over its own field (s, normal).
    let wavelength = 193.0;
    let mut stack = on(film(1.7, 0.03, 120.0), 0.883, 2.778);
    stack.top.push(film(1.45, 0.0, 30.0));
    stack.below.push(film(1.8, 0.0, 40.0));
    let balance = stack.balance(wavelength, 0.0, FilmPolarisation::S).unwrap();
    let field = Field::new(&stack, wavelength, 0.0, FilmPolarisation::S);
    let steps = 4000;
    let dz = 120.0 / f64::from(steps);
    let sum: f64 = (0..steps).map(|i| field.intensity((f64::from(i) + 0.5) * dz) * dz).sum();
    let absorbed = 2.0 * 1.7 * 0.03 * 2.0 * PI / wavelength * sum;
    assert!((balance.absorbed - absorbed).abs() < 1e-6, "{balance:?} against {absorbed}");
    assert!(absorbed > 0.05, "something must be absorbed for the test to mean anything");
}

#[test]
fn clear_films_absorb_nothing_at_any_angle() {
    let mut stack = on(film(1.7, 0.0, 120.0), 2.4, 0.0);
    stack.top.push(film(1.45, 0.0, 30.0));
    for angle in [0.0, 30.0, 70.0] {
        for state in [FilmPolarisation::S, FilmPolarisation::P] {
            let balance = stack.balance(193.0, angle, state).unwrap();
            assert!(balance.absorbed.abs() < 1e-12, "{angle}: {balance:?}");
            assert!(balance.reflected > 0.0 && balance.transmitted > 0.0);
        }
    }
}

#[test]
fn standing_wave_repeats_every_half_wave_in_the_resist() {
    let (n, wavelength) = (1.7, 248.0);
    let stack = on(film(n, 0.0, 500.0), 1.57, 3.565);
    let period = wavelength / (2.0 * n);
    let depths = [10.0, 10.0 + period, 77.0, 77.0 + 3.0 * period, 77.0 + 0.5 * period];
    let i = stack.standing_wave(wavelength, FilmPolarisation::S, &depths).unwrap();
    assert!((i[0] - i[1]).abs() < 1e-12 && (i[2] - i[3]).abs() < 1e-12, "{i:?}");
    assert!((i[2] - i[4]).abs() > 0.1, "half a period must differ: {i:?}");
}

#[test]
fn resist_on_its_own_index_fades_exponentially_under_any_top_coat() {
    let (wavelength, k) = (193.0, 0.03);
    let alpha = 4.0 * PI * k / wavelength;
    let mut stack = FilmStack::matched(1.7, k, 200.0);
    let depths = [0.0, 31.0, 100.0, 200.0];
    for _ in 0..2 {
        let i = stack.standing_wave(wavelength, FilmPolarisation::Unpolarised, &depths).unwrap();
        for (i, z) in i.iter().zip(depths) {
            assert!((i - (-alpha * z).exp()).abs() < 1e-12, "{i} at {z}");
        }
        stack.top.push(film(1.5, 0.01, 50.0));
    }
    let clear = FilmStack::matched(1.7, 0.0, 200.0);
    let i = clear.standing_wave(wavelength, FilmPolarisation::S, &depths).unwrap();
    assert!(i.iter().all(|i| (i - 1.0).abs() < 1e-12));
    stack.substrate.n = 1.9;
    let i = stack.standing_wave(wavelength, FilmPolarisation::S, &depths).unwrap();
    assert!((i[0] - 1.0).abs() > 1e-3, "another substrate must be seen");
}

#[test]
fn antireflective_coating_flattens_the_standing_wave() {
    // The ratio of crest to trough is ((1 + |ρ|)/(1 − |ρ|))², ρ the reflection at the bottom.
    let contrast = |stack: &FilmStack| {
        let depths: Vec<f64> = (0..1000).map(|i| 0.3 * f64::from(i)).collect();
        let i = stack.standing_wave(193.0, FilmPolarisation::S, &depths).unwrap();
        i.iter().copied().fold(0.0, f64::max) / i.iter().copied().fold(f64::MAX, f64::min)
    };
    let bare = on(film(1.7, 0.0, 300.0), 0.883, 2.778);
    let rho = (((1.7f64 - 0.883).powi(2) + 2.778f64.powi(2))
        / ((1.7f64 + 0.883).powi(2) + 2.778f64.powi(2)))
    .sqrt();
    let closed = ((1.0 + rho) / (1.0 - rho)).powi(2);
    assert!((contrast(&bare) / closed - 1.0).abs() < 1e-3, "{} against {closed}", contrast(&bare));
    let coated = FilmStack { below: vec![film(1.7, 0.5, 80.0)], ..bare.clone() };
    assert!(contrast(&coated) < 2.5 && contrast(&bare) > 20.0, "{}", contrast(&coated));
}

#[test]
fn tilted_light_stands_with_the_period_of_its_normal_part() {
    let n = 1.7f64;
    let inside = (1.0 - (60f64.to_radians().sin() / n).powi(2)).sqrt();
    let mut stack = on(film(n, 0.0, 400.0), 0.883, 2.778);
    stack.rays = vec![Ray { angle_deg: 60.0, weight: 2.0 }];
    let period = 193.0 / (2.0 * n * inside);
    for state in [FilmPolarisation::S, FilmPolarisation::P] {
        let i = stack.standing_wave(193.0, state, &[40.0, 40.0 + 2.0 * period]).unwrap();
        assert!((i[0] - i[1]).abs() < 1e-12, "{i:?}");
    }
    // Rays are averaged: two of one angle are that angle.
    let one = stack.standing_wave(193.0, FilmPolarisation::S, &[33.0]).unwrap();
    stack.rays.push(Ray { angle_deg: 60.0, weight: 0.3 });
    let two = stack.standing_wave(193.0, FilmPolarisation::S, &[33.0]).unwrap();
    assert!((one[0] - two[0]).abs() < 1e-12);
}

#[test]
fn thick_metal_films_do_not_overflow() {
    let stack = on(film(1.0, 5.0, 1e6), 1.5, 0.0);
    let balance = stack.balance(193.0, 20.0, FilmPolarisation::P).unwrap();
    assert!(balance.transmitted == 0.0 && (0.0..1.0).contains(&balance.reflected));
}

#[test]
fn bad_films_are_named() {
    let good = bare(1.5, 0.0);
    let message = |stack: &FilmStack| stack.validate().unwrap_err().to_string();
    assert!(message(&FilmStack { above_n: f64::NAN, ..good.clone() }).contains("above_n"));
    assert!(message(&on(film(1.7, -0.1, 10.0), 1.5, 0.0)).contains('k'));
    assert!(message(&on(film(1.7, 0.0, -1.0), 1.5, 0.0)).contains("thickness_nm"));
    let rays = vec![Ray { angle_deg: 90.0, weight: 1.0 }];
    assert!(message(&FilmStack { rays, ..good.clone() }).contains("angle_deg"));
    let dark = vec![Ray { angle_deg: 0.0, weight: 0.0 }];
    assert!(message(&FilmStack { rays: dark, ..good.clone() }).contains("weight"));
    let error = good.reflectivity(0.0, 0.0, FilmPolarisation::S).unwrap_err();
    assert!(error.to_string().contains("wavelength_nm"));
}
