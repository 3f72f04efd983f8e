//! Images and scores of the ten contest clips, drawn as they are, against the public evaluation.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use lithoscope_engine::geometry::{Polygon, Rect, merge};
use lithoscope_engine::imaging::{Focus, Grid, Imager, Process};
use lithoscope_engine::layout::{self, Clip};
use lithoscope_engine::opc::{Recipe, load_process};
use lithoscope_engine::verify::{PixelTarget, Scorer, contest_gauges};
use lithoscope_tests::shared;
use ndarray::Array2;
use serde_json::Value;

/// Largest difference of any intensity from the reference, which is given in f64.
const INTENSITY: f64 = 1e-5;
/// Largest difference of L2 and PV band, pixels: those within rounding of the threshold.
const PIXELS: u64 = 3;

struct Contest {
    folder: PathBuf,
    recipe: Recipe,
    process: Process,
    expected: Value,
}

impl Contest {
    fn open() -> Option<Self> {
        let folder = shared("iccad13")?;
        let recipe = Recipe::named("iccad13-no-sraf").unwrap();
        let process = load_process(&recipe, canvas(), Some(&folder), None).unwrap();
        let text = std::fs::read_to_string(folder.join("golden/target_as_mask.json")).unwrap();
        Some(Self { recipe, process, expected: serde_json::from_str(&text).unwrap(), folder })
    }

    fn names() -> impl Iterator<Item = String> {
        (1..=10).map(|i| format!("M1_test{i}"))
    }

    fn clip(&self, name: &str) -> Clip {
        let layout = layout::open(&self.folder.join(format!("{name}.glp"))).unwrap();
        layout.default_clip(2048).unwrap()
    }
}

fn canvas() -> Rect {
    Rect::new(0, 0, 2048, 2048)
}

/// Polygons drawn with both end coordinates: each pixel and its right, upper and upper right one.
fn drawn(polygons: &[Polygon]) -> Vec<Polygon> {
    let shifts = [(0, 0), (1, 0), (0, 1), (1, 1)];
    let copies =
        shifts.iter().flat_map(|&(dx, dy)| polygons.iter().map(move |p| p.translated(dx, dy)));
    merge(&copies.collect::<Vec<_>>())
}

/// The grid of every eighth 1 nm pixel of the canvas.
fn every_eighth() -> Grid {
    Grid { origin_nm: [0.5 - 4.0, 0.5 - 4.0], pixel_nm: 8.0, nx: 256, ny: 256 }
}

fn read(path: &Path) -> Array2<f32> {
    ndarray_npy::read_npy(path).unwrap()
}

fn worst(a: &Array2<f32>, b: &Array2<f32>) -> f64 {
    assert_eq!(a.dim(), b.dim());
    let difference = |(x, y): (&f32, &f32)| f64::from(*x) - f64::from(*y);
    let differences = a.iter().zip(b).map(difference).map(f64::abs);
    // NaN must not pass as small, nor be followed by something smaller.
    differences.fold(0.0, |worst: f64, d| if worst.is_nan() || d <= worst { worst } else { d })
}

#[test]
fn intensity_equals_the_public_evaluation_at_every_eighth_pixel() {
    let Some(contest) = Contest::open() else { return };
    let mut compared = 0;
    for name in Contest::names() {
        let clip = contest.clip(&name);
        let mut imager = Imager::new(&contest.process, clip.window).unwrap();
        imager.set_mask(&drawn(&clip.polygons));
        for (focus, label) in [(Focus::Nominal, "focus"), (Focus::Defocus, "defocus")] {
            let path = contest.folder.join(format!("golden/{name}_{label}_every8.npy"));
            if !path.exists() {
                continue;
            }
            let image = imager.intensity(focus, &every_eighth());
            let worst = worst(&image, &read(&path));
            println!("{name} {label}: worst difference {worst:.2e}");
            assert!(worst <= INTENSITY, "{name} {label}: {worst}");
            compared += 1;
        }
    }
    assert!(compared >= 6, "only {compared} images were compared");
}

#[test]
fn intensity_equals_the_stated_samples_and_sums_of_all_ten_clips() {
    let Some(contest) = Contest::open() else { return };
    for name in Contest::names() {
        let clip = contest.clip(&name);
        let mut imager = Imager::new(&contest.process, clip.window).unwrap();
        imager.set_mask(&drawn(&clip.polygons));
        for (focus, label) in [(Focus::Nominal, "focus"), (Focus::Defocus, "defocus")] {
            let image = imager.intensity(focus, &Grid::over(canvas(), 1.0));
            let stated = &contest.expected[&name][label];
            let close = |what: &str, got: f64, tolerance: f64| {
                let wanted = stated[what].as_f64().unwrap();
                assert!(
                    (got - wanted).abs() <= tolerance,
                    "{name} {label} {what}: {got}, {wanted}"
                );
            };
            close("min", image.iter().copied().fold(f32::MAX, f32::min).into(), INTENSITY);
            close("max", image.iter().copied().fold(0.0, f32::max).into(), INTENSITY);
            let sum: f64 = image.iter().copied().map(f64::from).sum();
            close("sum", sum, INTENSITY * sum);
            for (place, wanted) in stated["at_yx"].as_object().unwrap() {
                let (y, x) = place.split_once(',').unwrap();
                let got = image[[y.parse().unwrap(), x.parse().unwrap()]];
                let wanted = wanted.as_f64().unwrap();
                assert!((f64::from(got) - wanted).abs() <= INTENSITY, "{name} {label} {place}");
            }
        }
    }
}

#[test]
fn scores_equal_the_stated_ones_for_all_ten_clips() {
    let Some(contest) = Contest::open() else { return };
    for name in Contest::names() {
        let clip = contest.clip(&name);
        let mut imager = Imager::new(&contest.process, clip.window).unwrap();
        let scoring = &contest.recipe.scoring;
        let target = PixelTarget::new(&clip.polygons, imager.field(), scoring.target_rule).unwrap();
        let gauges = contest_gauges(&target, scoring.epe_tolerance_nm);
        let mut scorer = Scorer::new(&imager, &target, &gauges);
        let metrics = scorer.score(&mut imager, &drawn(&clip.polygons));
        let stated = |what: &str| contest.expected[&name][what].as_u64().unwrap();
        println!("{name}: {metrics:?}");
        assert_eq!(target.count(canvas()), stated("target_pixels"), "{name}");
        assert_eq!(gauges.len() as u64, stated("epe_sites"), "{name}");
        assert_eq!(u64::from(metrics.epe_inner), stated("epe_inner"), "{name}");
        assert_eq!(u64::from(metrics.epe_outer), stated("epe_outer"), "{name}");
        assert_eq!(u64::from(metrics.shots), stated("shots"), "{name}");
        assert!(metrics.l2_nm2.abs_diff(stated("l2")) <= PIXELS, "{name}: {metrics:?}");
        assert!(metrics.pvb_nm2.abs_diff(stated("pvb")) <= PIXELS, "{name}: {metrics:?}");
    }
}

#[test]
fn a_mask_moved_by_1_nm_or_a_nan_fails_the_comparison() {
    let Some(contest) = Contest::open() else { return };
    let clip = contest.clip("M1_test1");
    let mut imager = Imager::new(&contest.process, clip.window).unwrap();
    let moved: Vec<_> = drawn(&clip.polygons).iter().map(|p| p.translated(1, 0)).collect();
    imager.set_mask(&moved);
    let mut image = imager.intensity(Focus::Nominal, &every_eighth());
    let reference = read(&contest.folder.join("golden/M1_test1_focus_every8.npy"));
    assert!(worst(&image, &reference) > INTENSITY);
    image.assign(&reference);
    image[[7, 9]] = f32::NAN;
    assert!(worst(&image, &reference).is_nan());
}
