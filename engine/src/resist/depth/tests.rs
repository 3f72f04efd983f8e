use ndarray::Array2;

use super::*;
use crate::resist::{Dill, Parameter, RateModel, Tone};

/// The published ICCAD-13 set of the contest simulator, and a film with every effect in it.
fn resists() -> Vec<VerticalResist> {
    let published = VerticalResist {
        dose: 200.07752685546875,
        develop_s: 7.742_169_857_025_146_5,
        thickness_nm: 75.0,
        threshold_nm: 21.822141647338867,
        diffusion_nm: 0.0,
        tone: Tone::Positive,
        layers: 75,
        layer_rule: LayerRule::Continuous,
        dill: Dill { a_per_um: 0.0, b_per_um: 6.186, c_per_dose: 0.01 },
        rate: RateModel::Mack {
            r_max: 12.657231330871582,
            r_min: 0.08401506394147873,
            m_th: 0.6576871871948242,
            n: 5.0,
        },
    };
    let stepped = VerticalResist { layer_rule: LayerRule::Stepped, ..published };
    let bleaching = VerticalResist {
        dill: Dill { a_per_um: 3.0, b_per_um: 2.0, c_per_dose: 0.01 },
        rate: RateModel::EnhancedMack { r_max: 30.0, r_min: 0.1, r_resin: 4.0, n: 3.0, l: 9.0 },
        layers: 40,
        ..published
    };
    let notch = VerticalResist {
        rate: RateModel::Notch { r_max: 30.0, r_min: 0.1, m_th: 0.5, n: 1.5, n_notch: 9.0 },
        ..bleaching
    };
    let negative = VerticalResist { tone: Tone::Negative, develop_s: 4.0, ..published };
    let negative_stepped = VerticalResist { tone: Tone::Negative, ..stepped };
    vec![published, stepped, bleaching, notch, negative, negative_stepped]
}

#[test]
fn depth_from_the_table_is_within_its_stated_bound_of_the_direct_depth() {
    for resist in resists() {
        let table = DepthTable::new(&resist).unwrap();
        let mut worst = 0.0f64;
        for i in 0..=12_000u32 {
            let intensity = (f64::from(i) / 12_000.0 * table.brightest()) as f32;
            let direct = resist.depth_nm(f64::from(intensity));
            worst = worst.max((f64::from(table.depth_nm(intensity)) - direct).abs());
        }
        let bound = table.error_bound_nm();
        println!("{:?}: worst {worst:.2e} nm, bound {bound:.2e} nm", resist.layer_rule);
        assert!(worst <= bound && bound < 0.02, "{worst} {bound} {resist:?}");
        // Brighter still, nothing more happens: the film is through, or dissolves no slower.
        let beyond = (resist.depth_nm(10.0) - f64::from(table.depth_nm(10.0))).abs();
        assert!(beyond <= bound + 1e-3, "{beyond}");
    }
}

#[test]
fn depth_is_monotone_in_intensity_and_negative_tone_mirrors_it() {
    for resist in resists() {
        let depths: Vec<f64> = (0..2000).map(|i| resist.depth_nm(f64::from(i) * 1e-3)).collect();
        let rises = resist.tone.sign();
        assert!(depths.windows(2).all(|w| rises * (w[1] - w[0]) >= 0.0), "{resist:?}");
        assert!((depths[0] - depths[1999]).abs() > 10.0, "{resist:?}");
    }
    // A film that absorbs nothing has one m throughout: exposing to m in one tone is exposing to
    // 1 − m in the other.
    let clear = Dill { a_per_um: 0.0, b_per_um: 0.0, c_per_dose: 0.01 };
    let positive = VerticalResist { dill: clear, thickness_nm: 500.0, ..resists()[0] };
    let negative = VerticalResist { tone: Tone::Negative, ..positive };
    for m in [0.1f64, 0.35, 0.5, 0.8, 0.95] {
        let intensity = |m: f64| -m.ln() / (0.01 * positive.dose);
        let (a, b) = (positive.depth_nm(intensity(m)), negative.depth_nm(intensity(1.0 - m)));
        assert!((a - b).abs() < 1e-9, "{m}: {a} against {b}");
    }
}

#[test]
fn derivatives_of_depth_are_those_of_finite_differences() {
    let mut compared = 0;
    for resist in resists() {
        for intensity in [0.02, 0.11, 0.17, 0.21, 0.3, 0.6] {
            let depth = resist.depth(intensity);
            let central = |at: &dyn Fn(f64) -> f64, h: f64| (at(h) - at(-h)) / (2.0 * h);
            let finite = central(&|d| resist.depth_nm(intensity + d), 1e-7);
            let close = |exact: f64, finite: f64, scale: f64, what: &str| {
                let error = (exact - finite).abs();
                assert!(error < 2e-6 * scale, "{what} at {intensity}: {exact} against {finite}");
            };
            close(depth.slope, finite, 100.0 + finite.abs(), "slope");
            for parameter in resist.parameters() {
                let value = resist.get(parameter).unwrap();
                let h = 1e-7 * value.abs().max(0.1);
                let moved = |d: f64| {
                    let mut moved = resist;
                    moved.set(parameter, value + d).unwrap();
                    moved.depth_nm(intensity)
                };
                let finite = central(&moved, h);
                let exact = depth.gradient[parameter as usize];
                let scale = finite.abs() + 10.0 / value.abs().max(0.1);
                close(exact, finite, scale, parameter.name());
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
    // Negative control: the derivative in the dose is not that of half the dose.
    let resist = resists()[0];
    let half = VerticalResist { dose: resist.dose / 2.0, ..resist };
    let index = Parameter::Dose as usize;
    let (a, b) = (resist.depth(0.17).gradient[index], half.depth(0.17).gradient[index]);
    assert!((a - b).abs() > 0.01, "{a} {b}");
}

#[test]
fn finer_layers_bring_both_rules_to_the_same_integral() {
    let [continuous, stepped] = [LayerRule::Continuous, LayerRule::Stepped].map(|layer_rule| {
        move |layers: usize, intensity: f64| {
            VerticalResist { layers, layer_rule, ..resists()[0] }.depth_nm(intensity)
        }
    });
    let truth = |intensity: f64| continuous(4000, intensity);
    let worst = |rule: &dyn Fn(usize, f64) -> f64, layers: usize| {
        let at = |i: i32| (rule(layers, f64::from(i) * 0.005) - truth(f64::from(i) * 0.005)).abs();
        (1..70).map(at).fold(0.0, f64::max)
    };
    let (c75, c150) = (worst(&continuous, 75), worst(&continuous, 150));
    let (s75, s150) = (worst(&stepped, 75), worst(&stepped, 150));
    println!("continuous {c75:.2e} {c150:.2e} nm, stepped {s75:.3} {s150:.3} nm");
    // Second order and first order.
    assert!(c75 < 5e-3 && c75 / c150 > 3.5, "{c75} {c150}");
    assert!(s75 < 1.5 && (1.7..2.3).contains(&(s75 / s150)), "{s75} {s150}");
}

#[test]
fn an_open_frame_clears_at_its_closed_form_dose() {
    // Without absorption the rate is one number through the film: it clears when R(m)·t is the
    // thickness, m = e^{−C·E}. For Mack's law that is a quadratic-free closed form in (1 − m)ⁿ.
    let clear = Dill { a_per_um: 0.0, b_per_um: 0.0, c_per_dose: 0.012 };
    let resist =
        VerticalResist { dill: clear, thickness_nm: 60.0, threshold_nm: 60.0, ..resists()[0] };
    let RateModel::Mack { r_max, r_min, m_th, n } = resist.rate else { panic!("Mack") };
    let a = (n + 1.0) / (n - 1.0) * (1.0 - m_th).powf(n);
    let needed = (60.0 / resist.develop_s - r_min) / r_max;
    let p = a * needed / (a + 1.0 - needed);
    let dose_to_clear = -(1.0 - p.powf(1.0 / n)).ln() / 0.012;
    let level = resist.equivalent_level().unwrap();
    assert!((level * resist.dose / dose_to_clear - 1.0).abs() < 1e-9, "{level}");
}

#[test]
fn contrast_at_dose_to_clear_is_that_of_the_rate_law() {
    // With thickness left 1 − R·t/D in a film without absorption, γ = d(left)/d(ln E) at dose to
    // clear is −∂ln R/∂ln E: = (R'·m·C·E)/R with R' = ∂R/∂m.
    let clear = Dill { a_per_um: 0.0, b_per_um: 0.0, c_per_dose: 0.012 };
    let resist =
        VerticalResist { dill: clear, thickness_nm: 60.0, threshold_nm: 60.0, ..resists()[0] };
    let level = resist.equivalent_level().unwrap();
    let exposure = 0.012 * resist.dose * level;
    let m = (-exposure).exp();
    let rate = resist.rate.rate(m);
    let closed = -rate.in_m * m * exposure / rate.nm_s;
    // The curve just before it clears.
    let left = |ln_e: f64| 1.0 - resist.depth_nm(level * ln_e.exp()) / 60.0;
    let gamma = (left(-2e-6) - left(-1e-6)) / 1e-6;
    assert!((gamma - closed).abs() < 1e-4 * closed, "{gamma} against {closed}");
    assert!(closed > 1.0);
}

#[test]
fn the_equivalent_level_and_its_derivatives_follow_the_depth() {
    for resist in resists() {
        let Some(level) = resist.level() else { panic!("{resist:?}") };
        assert!((resist.depth_nm(level.intensity) - resist.threshold_nm).abs() < 1e-9);
        for parameter in resist.parameters() {
            let value = resist.get(parameter).unwrap();
            let h = 1e-6 * value.abs().max(0.1);
            let at = |v: f64| {
                let mut moved = resist;
                moved.set(parameter, v).unwrap();
                moved.equivalent_level().unwrap()
            };
            let finite = (at(value + h) - at(value - h)) / (2.0 * h);
            let exact = level.gradient[parameter as usize];
            let scale = finite.abs() + 0.1 / value.abs().max(0.1);
            assert!((exact - finite).abs() < 2e-6 * scale, "{parameter:?}: {exact} {finite}");
        }
    }
    // Nothing prints in a film that no light opens.
    let deep = VerticalResist { threshold_nm: 75.0, develop_s: 1.0, ..resists()[0] };
    assert_eq!(deep.equivalent_level(), None);
}

#[test]
fn a_depth_image_is_the_table_applied_to_every_pixel() {
    let table = DepthTable::new(&resists()[0]).unwrap();
    let image = Array2::from_shape_fn((33, 65), |(y, x)| (y * 65 + x) as f32 * 3e-4);
    let mut depth = Array2::zeros((33, 65));
    table.apply(image.view(), depth.view_mut()).unwrap();
    assert!(depth.iter().zip(&image).all(|(d, i)| *d == table.depth_nm(*i)));
    assert!(table.apply(image.view(), Array2::zeros((33, 64)).view_mut()).is_err());
}

#[test]
fn extreme_parameters_give_depths_that_are_numbers() {
    for resist in resists() {
        for parameter in resist.parameters() {
            let range = parameter.range();
            for value in [*range.start(), *range.end()] {
                let mut moved = resist;
                moved.set(parameter, value).unwrap();
                if moved.validate().is_err() {
                    continue;
                }
                for intensity in [0.0, 1e-9, 0.2, 1.0, 16.0, -1.0, f64::NAN] {
                    let depth = moved.depth(intensity);
                    let numbers = depth.gradient.iter().chain([&depth.nm, &depth.slope]);
                    let finite = numbers.clone().all(|x| x.is_finite());
                    assert!(finite, "{parameter:?} = {value} at {intensity}: {depth:?}");
                    assert!((0.0..=moved.thickness_nm).contains(&depth.nm), "{depth:?}");
                }
            }
        }
    }
}
