//! Abbe's sum over source points, the slow twin of the kernels, and what they must agree on.

use ndarray::Array2;
use num_complex::{Complex32, Complex64};

use super::pupil::Pupil;
use super::source::SourcePoint;
use super::symmetry::Symmetry;
use super::tcc::{self, Problem};
use super::{OpticalModel, SocsKernels, Source};

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

/// |Σ_f response(m, n) M̂(m, n) e^{2πi(mx + ny)/P}|².
fn coherent(
    mask: &Array2<Complex64>,
    [x, y]: [f64; 2],
    response: impl Fn(i32, i32) -> Complex64,
) -> f64 {
    let reach = (mask.dim().0 / 2) as i32;
    let turn = std::f64::consts::TAU / PERIOD_NM;
    let field: Complex64 = mask
        .indexed_iter()
        .map(|((n, m), value)| {
            let (m, n) = (m as i32 - reach, n as i32 - reach);
            let phase = Complex64::cis(turn * (f64::from(m) * x + f64::from(n) * y));
            response(m, n) * value * phase
        })
        .sum();
    field.norm_sqr()
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

/// Abbe: each source point lights the mask by itself.
fn abbe(
    source: &[([f64; 2], f64)],
    pupil: &Pupil,
    mask: &Array2<Complex64>,
    places: &[[f64; 2]],
) -> Vec<f64> {
    let image = |&place: &[f64; 2]| -> f64 {
        let one = |&([sx, sy], weight): &([f64; 2], f64)| {
            let response = |m: i32, n: i32| {
                let x = sx * pupil.edge + f64::from(m) / PERIOD_NM;
                let y = sy * pupil.edge + f64::from(n) / PERIOD_NM;
                let radius = x.hypot(y);
                if radius > pupil.edge * (1.0 + 1e-12) {
                    return Complex64::ZERO;
                }
                let path = (pupil.wave.powi(2) - radius.powi(2)).sqrt() - pupil.wave;
                Complex64::cis(std::f64::consts::TAU * pupil.defocus_nm * path)
            };
            weight * coherent(mask, place, response)
        };
        source.iter().map(one).sum()
    };
    places.iter().map(image).collect()
}

fn socs(kernels: &SocsKernels, mask: &Array2<Complex64>, places: &[[f64; 2]]) -> Vec<f64> {
    let reach = kernels.half as i32;
    let image = |&place: &[f64; 2]| -> f64 {
        let sets = kernels.weights.iter().zip(kernels.spectra.outer_iter());
        sets.map(|(weight, spectrum)| {
            let response = |m: i32, n: i32| {
                let h: Complex32 = spectrum[[(n + reach) as usize, (m + reach) as usize]];
                Complex64::new(f64::from(h.re), f64::from(h.im))
            };
            f64::from(*weight) * coherent(mask, place, response)
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

/// SOCS and Abbe images of a random mask on the model's own source points.
fn both(model: &OpticalModel, defocus_nm: f64, seed: u64) -> (SocsKernels, Vec<f64>, Vec<f64>) {
    let kernels = model.kernels(PERIOD_NM, defocus_nm).unwrap();
    let mask = random_mask(kernels.half, seed);
    let points = model.source.points(model.source.pitch(model.half(PERIOD_NM)));
    let source = taken_apart(&points, model.source.symmetry());
    let places = places(12);
    let slow = abbe(&source, &model.pupil(defocus_nm), &mask, &places);
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
    let rotated =
        Source::Dipole { inner: 0.5, outer: 0.9, half_angle_deg: 30.0, rotation_deg: 25.0 };
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
    const NONE: Symmetry = Symmetry { elements: &[[1, 1]], classes: &[&[1.0]] };
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
            Problem { points: &points, symmetry: NONE, pupil, half, period_nm: PERIOD_NM };
        let found = tcc::decompose(&problem, 1.0).unwrap();
        let kernels = super::model::assemble(&found, half, PERIOD_NM).unwrap();
        assert_eq!(kernels.weights.len(), 3);
        let slow = abbe(&taken_apart(&points, NONE), &pupil, &mask, &places);
        let fast = socs(&kernels, &mask, &places);
        assert!(relative_error(&fast, &slow) <= 1e-6);
        let mirrored: Vec<_> = points.iter().map(|p| (p.sigma.map(|s| -s), p.weight)).collect();
        assert!(relative_error(&fast, &abbe(&mirrored, &pupil, &mask, &places)) > 0.01);
    }
}

#[test]
fn a_finer_source_grid_hardly_changes_the_image() {
    for name in OpticalModel::preset_names() {
        let model = preset(name);
        let mask = random_mask(model.half(PERIOD_NM), 5);
        let pitch = model.source.pitch(model.half(PERIOD_NM));
        let image = |pitch: f64| {
            let source = taken_apart(&model.source.points(pitch), model.source.symmetry());
            abbe(&source, &model.pupil(0.0), &mask, &places(3))
        };
        let change = relative_error(&image(pitch), &image(pitch / 2.0));
        println!("{name}: pitch {pitch:.4}, change {change:.2e}");
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
