//! Abbe's sum over source points, the slow twin of the kernels, and what they must agree on.

mod general;

use ndarray::Array2;
use num_complex::{Complex32, Complex64};

use super::source::SourcePoint;
use super::symmetry::NONE;
use super::symmetry::Symmetry;
use super::tcc::{self, Problem};
use super::{Apodisation, Lens, OpticalModel, Polarisation, SocsKernels, Source};

const PERIOD_NM: f64 = 900.0;

fn preset(name: &str) -> OpticalModel {
    OpticalModel::preset(name).unwrap()
}

/// Numbers in 0…1 from a seed (Knuth's linear congruential generator).
fn numbers(seed: u64) -> impl Iterator<Item = f64> {
    let step = |state: &u64| {
        Some(state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407))
    };
    std::iter::successors(step(&seed), step).map(|state| (state >> 11) as f64 / 2f64.powi(53))
}

/// The spectrum, bins −K…K, of a mask of 20 × 20 random open and opaque squares.
fn random_mask(half: usize, seed: u64) -> Array2<Complex64> {
    const SQUARES: usize = 20;
    let open: Vec<f64> = numbers(seed).take(SQUARES * SQUARES).map(f64::round).collect();
    let reach = half as i32;
    Array2::from_shape_fn((2 * half + 1, 2 * half + 1), |(n, m)| {
        let (m, n) = (m as i32 - reach, n as i32 - reach);
        let phase = |at: usize| {
            let turns = f64::from(m) * (at % SQUARES) as f64 + f64::from(n) * (at / SQUARES) as f64;
            Complex64::cis(-std::f64::consts::TAU * turns / SQUARES as f64)
        };
        open.iter().enumerate().map(|(at, value)| phase(at) * value).sum::<Complex64>()
            / open.len() as f64
    })
}

/// Places in the field, nm.
fn places(count: usize) -> Vec<[f64; 2]> {
    let xs = numbers(7).take(count);
    xs.zip(numbers(8)).map(|(x, y)| [x * PERIOD_NM, y * PERIOD_NM]).collect()
}

/// M̂(m, n) e^{2πi(mx + ny)/P} of every bin.
fn waves(mask: &Array2<Complex64>, [x, y]: [f64; 2]) -> Array2<Complex64> {
    let reach = (mask.dim().0 / 2) as i32;
    let turn = std::f64::consts::TAU / PERIOD_NM;
    Array2::from_shape_fn(mask.dim(), |(n, m)| {
        let turns = f64::from(m as i32 - reach) * x + f64::from(n as i32 - reach) * y;
        mask[[n, m]] * Complex64::cis(turn * turns)
    })
}

/// Every source point on its own with its power: the orbits taken apart.
fn taken_apart(points: &[SourcePoint], symmetry: Symmetry) -> Vec<([f64; 2], f64)> {
    let share = 1.0 / symmetry.order() as f64;
    let images = |point: &SourcePoint| {
        let SourcePoint { sigma: [x, y], weight } = *point;
        symmetry
            .elements
            .iter()
            .map(move |[sx, sy]| ([f64::from(*sx) * x, f64::from(*sy) * y], weight * share))
    };
    points.iter().flat_map(images).collect()
}

/// A few fringe Zernike polynomials in polar form.
fn zernike(number: u8, r: f64, angle: f64) -> f64 {
    match number {
        1 => 1.0,
        2 => r * angle.cos(),
        3 => r * angle.sin(),
        4 => 2.0 * r * r - 1.0,
        5 => r * r * (2.0 * angle).cos(),
        6 => r * r * (2.0 * angle).sin(),
        7 => (3.0 * r.powi(3) - 2.0 * r) * angle.cos(),
        8 => (3.0 * r.powi(3) - 2.0 * r) * angle.sin(),
        9 => 6.0 * r.powi(4) - 6.0 * r * r + 1.0,
        10 => r.powi(3) * (3.0 * angle).cos(),
        _ => panic!("Z{number} is not in this list"),
    }
}

/// The lens's amplitude at a place in the pupil, radius 1 at the edge: textbook forms, no care
/// for rounding.
fn lens_amplitude(model: &OpticalModel, defocus_nm: f64, [x, y]: [f64; 2]) -> Complex64 {
    let (r, angle) = (x.hypot(y), y.atan2(x));
    if r > 1.0 + 1e-12 {
        return Complex64::ZERO;
    }
    let sine = model.na * r / model.immersion_index;
    let cosine = (1.0 - sine * sine).sqrt();
    let path = model.immersion_index * (cosine - 1.0) * defocus_nm / model.wavelength_nm;
    let aberration: f64 =
        model.lens.zernike_waves.iter().map(|(number, c)| c * zernike(*number, r, angle)).sum();
    let balance = if model.lens.radiometric {
        let at_mask = (1.0 - (model.na * r / model.lens.reduction).powi(2)).sqrt();
        (at_mask / cosine).sqrt()
    } else {
        1.0
    };
    let transmission = match &model.lens.apodisation {
        Apodisation::None => 1.0,
        Apodisation::Gaussian { edge } => edge.powf(r * r),
        Apodisation::Radial { .. } => panic!("not in this twin"),
    };
    Complex64::cis(std::f64::consts::TAU * (path + aberration)) * balance * transmission.sqrt()
}

/// The polarisations of a source point and their shares.
fn states(polarisation: Polarisation, [x, y]: [f64; 2]) -> Vec<([f64; 2], f64)> {
    let azimuth = y.atan2(x);
    match polarisation {
        Polarisation::Scalar => Vec::new(),
        Polarisation::Unpolarised => vec![([1.0, 0.0], 0.5), ([0.0, 1.0], 0.5)],
        Polarisation::X => vec![([1.0, 0.0], 1.0)],
        Polarisation::Y => vec![([0.0, 1.0], 1.0)],
        Polarisation::Te => vec![([-azimuth.sin(), azimuth.cos()], 1.0)],
        Polarisation::Tm => vec![([azimuth.cos(), azimuth.sin()], 1.0)],
    }
}

/// A component of light polarised along p behind the lens: taken apart into TE and TM, and put
/// together on the unit vectors of the refracted beam.
fn refracted(model: &OpticalModel, [x, y]: [f64; 2], p: [f64; 2], component: usize) -> f64 {
    let azimuth = y.atan2(x);
    let angle = (model.na * x.hypot(y) / model.immersion_index).min(1.0).asin();
    let (te, tm) = (
        [-azimuth.sin(), azimuth.cos(), 0.0],
        [azimuth.cos() * angle.cos(), azimuth.sin() * angle.cos(), -angle.sin()],
    );
    let in_te = p[0] * te[0] + p[1] * te[1];
    let in_tm = p[0] * azimuth.cos() + p[1] * azimuth.sin();
    in_te * te[component] + in_tm * tm[component]
}

/// Abbe: each source point, polarisation and field component lights the mask by itself.
fn abbe(
    source: &[([f64; 2], f64)],
    model: &OpticalModel,
    defocus_nm: f64,
    mask: &Array2<Complex64>,
    places: &[[f64; 2]],
) -> Vec<f64> {
    let reach = (mask.dim().0 / 2) as i32;
    let step = model.wavelength_nm / (model.na * PERIOD_NM);
    let waves: Vec<Array2<Complex64>> = places.iter().map(|place| waves(mask, *place)).collect();
    let mut images = vec![0.0; places.len()];
    let mut clear = 0.0;
    for &(sigma, weight) in source {
        let at = |m: i32, n: i32| [sigma[0] + f64::from(m) * step, sigma[1] + f64::from(n) * step];
        let lens = Array2::from_shape_fn(mask.dim(), |(n, m)| {
            lens_amplitude(model, defocus_nm, at(m as i32 - reach, n as i32 - reach))
        });
        clear += weight * lens[[reach as usize, reach as usize]].norm_sqr();
        let mut add = |share: f64, turn: &dyn Fn(i32, i32) -> f64| {
            let mut response = lens.clone();
            for ((n, m), value) in response.indexed_iter_mut().filter(|(_, v)| v.norm_sqr() > 0.0) {
                *value *= turn(m as i32 - reach, n as i32 - reach);
            }
            for (image, waves) in images.iter_mut().zip(&waves) {
                let field: Complex64 = response.iter().zip(waves).map(|(r, w)| r * w).sum();
                *image += share * field.norm_sqr();
            }
        };
        if model.polarisation == Polarisation::Scalar {
            add(weight, &|_, _| 1.0);
        }
        for (p, share) in states(model.polarisation, sigma) {
            for component in 0..3 {
                add(weight * share, &|m, n| refracted(model, at(m, n), p, component));
            }
        }
    }
    images.iter().map(|image| image / clear).collect()
}

fn socs(kernels: &SocsKernels, mask: &Array2<Complex64>, places: &[[f64; 2]]) -> Vec<f64> {
    let wide = |h: &Complex32| Complex64::new(f64::from(h.re), f64::from(h.im));
    let image = |&place: &[f64; 2]| -> f64 {
        let waves = waves(mask, place);
        let sets = kernels.weights.iter().zip(kernels.spectra.outer_iter());
        sets.map(|(weight, spectrum)| {
            let field: Complex64 = spectrum.iter().zip(&waves).map(|(h, w)| wide(h) * w).sum();
            f64::from(*weight) * field.norm_sqr()
        })
        .sum()
    };
    places.iter().map(image).collect()
}

/// Mean of |a − b| over the mean of b; NaN wherever either is.
fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    let difference: f64 = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum();
    difference / b.iter().sum::<f64>()
}

/// The model's own source points, each on its own.
fn own_source(model: &OpticalModel, finer: f64) -> Vec<([f64; 2], f64)> {
    let symmetry = model.symmetry(&model.pupil(0.0));
    let points = model.source.finer_points(symmetry, model.half(PERIOD_NM), finer);
    taken_apart(&points, symmetry)
}

/// SOCS and Abbe images of a random mask on the model's own source points.
fn both(model: &OpticalModel, defocus_nm: f64, seed: u64) -> (SocsKernels, Vec<f64>, Vec<f64>) {
    let kernels = model.kernels(PERIOD_NM, defocus_nm).unwrap();
    let mask = random_mask(kernels.half, seed);
    let places = places(12);
    let slow = abbe(&own_source(model, 1.0), model, defocus_nm, &mask, &places);
    let fast = socs(&kernels, &mask, &places);
    (kernels, fast, slow)
}

#[test]
fn socs_differs_from_abbe_by_less_than_the_energy_left_out() {
    for name in OpticalModel::preset_names() {
        for (seed, defocus_nm) in [(1, 0.0), (2, 60.0)] {
            let (kernels, fast, slow) = both(&preset(name), defocus_nm, seed);
            let error = relative_error(&fast, &slow);
            let left_out = 1.0 - kernels.energy_kept.unwrap();
            println!("{name} at {defocus_nm} nm: error {error:.2e}, left out {left_out:.2e}");
            assert!(error <= left_out, "{name}: {error} > {left_out}");
            // What is left out is a sum of intensities: it can only be missing.
            assert!(fast.iter().zip(&slow).all(|(fast, slow)| *fast <= slow * (1.0 + 1e-6)));
        }
    }
}

#[test]
fn with_all_kernels_socs_is_abbe() {
    let rotated = Source::Dipole {
        inner: 0.5,
        outer: 0.9,
        half_angle_deg: 30.0,
        rotation_deg: 25.0,
        balance: vec![],
    };
    let sources = [
        Source::Circular { sigma: 0.5 },
        Source::Circular { sigma: 0.0 },
        Source::Annular { inner: 0.4, outer: 0.5 },
        rotated,
    ];
    for source in sources {
        let model = OpticalModel { source, energy: 1.0, na: 0.7, ..preset("contest-like") };
        for defocus_nm in [0.0, -80.0] {
            let (_, fast, slow) = both(&model, defocus_nm, 3);
            let error = relative_error(&fast, &slow);
            println!("{:?} at {defocus_nm} nm: error {error:.2e}", model.source);
            // Weights and spectra are rounded to f32 (6e-8); an image adds a few hundred bins.
            assert!(error <= 1e-6, "{:?}: {error}", model.source);
        }
    }
}

#[test]
fn the_comparison_fails_on_a_small_change_and_on_nan() {
    let (_, fast, slow) = both(&preset("contest-like"), 0.0, 1);
    let mut changed = slow.clone();
    changed[3] *= 1.0 + 1e-4;
    assert!(relative_error(&changed, &slow) > 1e-6);
    changed[3] = f64::NAN;
    assert!(relative_error(&changed, &slow).is_nan());
    assert!(fast.iter().all(|value| *value > 0.0));
}

/// No preset can tell s + f from s − f: a source without any symmetry can.
#[test]
fn a_lopsided_source_shifts_the_spectrum_the_right_way() {
    let points = [
        SourcePoint { sigma: [0.61, 0.2], weight: 0.5 },
        SourcePoint { sigma: [0.1, 0.43], weight: 0.3 },
        SourcePoint { sigma: [-0.2, 0.3], weight: 0.2 },
    ];
    let model = preset("contest-like");
    let half = model.half(PERIOD_NM);
    // Not the spectrum of a real mask, which would image alike under the mirrored source.
    let mask = random_mask(half, 4) + random_mask(half, 11) * Complex64::I;
    let places = places(12);
    for defocus_nm in [0.0, 90.0] {
        let pupil = model.pupil(defocus_nm);
        let problem =
            Problem { points: &points, symmetry: NONE, pupil: &pupil, half, period_nm: PERIOD_NM };
        let found = tcc::decompose(&problem, 1.0).unwrap();
        let kernels = super::model::assemble(&found, half, PERIOD_NM).unwrap();
        assert_eq!(kernels.weights.len(), 3);
        let slow = abbe(&taken_apart(&points, NONE), &model, defocus_nm, &mask, &places);
        let fast = socs(&kernels, &mask, &places);
        assert!(relative_error(&fast, &slow) <= 1e-6);
        let mirrored: Vec<_> = points.iter().map(|p| (p.sigma.map(|s| -s), p.weight)).collect();
        assert!(relative_error(&fast, &abbe(&mirrored, &model, defocus_nm, &mask, &places)) > 0.01);
    }
}

#[test]
fn a_finer_source_grid_hardly_changes_the_image() {
    for name in OpticalModel::preset_names() {
        let model = preset(name);
        let mask = random_mask(model.half(PERIOD_NM), 5);
        let image = |finer: f64| abbe(&own_source(&model, finer), &model, 0.0, &mask, &places(3));
        let change = relative_error(&image(1.0), &image(2.0));
        println!("{name}: change {change:.2e}");
        assert!(change <= 1e-3, "{name}: {change}");
    }
}

#[test]
fn moving_the_mask_moves_the_image() {
    let kernels = preset("contest-like").kernels(PERIOD_NM, 40.0).unwrap();
    let mask = random_mask(kernels.half, 6);
    let (dx, dy) = (37.5, -120.25);
    let reach = kernels.half as i32;
    let moved = Array2::from_shape_fn(mask.dim(), |(n, m)| {
        let turns = f64::from(m as i32 - reach) * dx + f64::from(n as i32 - reach) * dy;
        mask[[n, m]] * Complex64::cis(-std::f64::consts::TAU * turns / PERIOD_NM)
    });
    let here = places(12);
    let there: Vec<_> = here.iter().map(|[x, y]| [x + dx, y + dy]).collect();
    assert!(relative_error(&socs(&kernels, &moved, &there), &socs(&kernels, &mask, &here)) <= 1e-9);
}

#[test]
fn a_real_mask_images_alike_on_both_sides_of_focus() {
    for name in OpticalModel::preset_names() {
        let model = preset(name);
        let (above, below) =
            (model.kernels(PERIOD_NM, 150.0).unwrap(), model.kernels(PERIOD_NM, -150.0).unwrap());
        let mask = random_mask(above.half, 9);
        let (a, b) = (socs(&above, &mask, &places(12)), socs(&below, &mask, &places(12)));
        assert!(relative_error(&a, &b) <= 1e-6, "{name}: {}", relative_error(&a, &b));
        let focus = model.kernels(PERIOD_NM, 0.0).unwrap();
        assert!(relative_error(&a, &socs(&focus, &mask, &places(12))) > 0.01, "{name}");
    }
}
