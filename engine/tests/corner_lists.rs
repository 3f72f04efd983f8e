//! Lists of process corners: the contest's two as a list, PV bands by brute force, whole runs.

#![allow(clippy::unwrap_used)]

use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{Grid, Imager};
use lithoscope_engine::layout::{Clip, Layer};
use lithoscope_engine::opc::{Corner, OpcRun, Recipe, load_process};
use lithoscope_engine::verify::{PixelTarget, Scorer, TargetRule};

fn clip() -> Clip {
    Clip {
        name: "two-lines".into(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 800, 800),
        polygons: vec![
            Polygon::rect(Rect::new(200, 200, 600, 280)),
            Polygon::rect(Rect::new(200, 360, 500, 440)),
        ],
        rounding_nm: 0.0,
    }
}

fn recipe(list: &[(f64, f64, f64)]) -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = 12;
    recipe.optimiser.stages[0].quadratic = 0.4;
    recipe.objective.guard_weight = 100.0;
    recipe.descent.passes = 1;
    let corner = |&(dose, focus_nm, weight): &(f64, f64, f64)| Corner { dose, focus_nm, weight };
    recipe.corners.list = list.iter().map(corner).collect();
    recipe
}

/// Two focuses beside the best one, doses on all three.
const FIVE: &[(f64, f64, f64)] =
    &[(1.03, 0.0, 0.5), (0.98, 0.0, 0.2), (0.97, 80.0, 0.5), (1.02, 80.0, 0.3), (0.99, -40.0, 0.4)];

fn run(recipe: &Recipe) -> OpcRun {
    let process = load_process(recipe, clip().window, None, None).unwrap();
    let mut run = OpcRun::new(&clip(), recipe, &process).unwrap();
    while run.step().unwrap().is_some() {}
    run
}

#[test]
fn the_outer_and_the_inner_corner_as_a_list_give_the_same_run() {
    let named = run(&recipe(&[]));
    let listed = run(&recipe(&[(1.02, 0.0, 0.5), (0.98, 80.0, 0.5)]));
    assert_eq!(named.history(), listed.history());
    let other = run(&recipe(&[(1.02, 0.0, 0.5), (0.98, 80.0, 0.6)]));
    assert_ne!(named.history(), other.history(), "the negative control must differ");
}

#[test]
fn corners_of_one_focus_share_its_kernels() {
    let process = load_process(&recipe(FIVE), clip().window, None, None).unwrap();
    assert_eq!(process.sets().len(), 3);
    assert_eq!(process.corners().iter().map(|c| c.set).collect::<Vec<_>>(), [0, 0, 1, 1, 2]);
    assert_eq!((process.outer_dose, process.inner_dose), (1.03, 0.97));
    assert_eq!(process.inner_set(), 1);
    let doses = recipe(&[(1.05, 0.0, 0.5), (0.95, 0.0, 0.5), (0.9, 0.0, 0.1)]);
    assert_eq!(load_process(&doses, clip().window, None, None).unwrap().sets().len(), 1);
}

#[test]
fn the_pv_band_of_a_list_is_what_some_corners_print_and_others_do_not() {
    let process = load_process(&recipe(FIVE), clip().window, None, None).unwrap();
    let mut imager = Imager::new(&process, clip().window).unwrap();
    let window = Rect::new(100, 100, 700, 560);
    let target = PixelTarget::new(&clip().polygons, window, TargetRule::HalfOpen).unwrap();
    let mut scorer = Scorer::new(&imager, &target, &[]);
    let mask: Vec<Polygon> =
        [Rect::new(180, 195, 620, 290), Rect::new(180, 350, 520, 445)].map(Polygon::rect).to_vec();
    let band = scorer.score(&mut imager, &mask).pvb_nm2;
    let grid = Grid::over(window, 1.0);
    let images: Vec<_> = (0..3)
        .map(|set| {
            let mut image = ndarray::Array2::zeros((grid.ny, grid.nx));
            imager.sampler(&grid).forward(imager.exact_of(set), image.view_mut());
            image
        })
        .collect();
    let prints = |set: usize, dose: f64, at: (usize, usize)| {
        f64::from(images[set][at]) * dose * dose >= f64::from(process.threshold)
    };
    let sets = [0, 0, 1, 1, 2];
    let differs = |at: (usize, usize)| {
        let printed: Vec<bool> =
            FIVE.iter().zip(sets).map(|(corner, set)| prints(set, corner.0, at)).collect();
        printed.contains(&true) && printed.contains(&false)
    };
    let slow = ndarray::indices((grid.ny, grid.nx)).into_iter().filter(|at| differs(*at)).count();
    // Pixels within rounding of a threshold may fall either way.
    assert!(band.abs_diff(slow as u64) <= 3, "{band} against {slow}");
    let in_focus = ndarray::indices((grid.ny, grid.nx)).into_iter();
    let in_focus = in_focus.filter(|at| prints(0, 1.03, *at) != prints(0, 1.0, *at)).count();
    assert!(band > in_focus as u64 + 3, "the corners out of focus must count");
}

#[test]
fn a_run_over_five_corners_corrects_and_resumes() {
    let recipe = recipe(FIVE);
    let mut run = run(&recipe);
    let as_mask = run.score(&clip().polygons);
    let best = run.history()[run.best()].metrics;
    assert!(best.l2_nm2 < as_mask.l2_nm2, "{best:?} from {as_mask:?}");
    let process = load_process(&recipe, clip().window, None, None).unwrap();
    let mut again = OpcRun::resume(run.save(), &process).unwrap();
    again.rewind(5);
    while again.step().unwrap().is_some() {}
    assert_eq!(again.history(), run.history());
}

#[test]
fn corners_out_of_range_are_refused_by_path() {
    let refused = |list: &[(f64, f64, f64)], words: &str| {
        let error = recipe(list).validate().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    refused(&[(1.0, 0.0, 0.5), (9.0, 0.0, 0.5)], "corners.list.1.dose = 9");
    refused(&[(1.0, f64::NAN, 0.5)], "corners.list.0.focus_nm");
    refused(&[(1.0, 0.0, -1.0)], "corners.list.0.weight = -1");
    refused(&[(1.0, 0.0, 0.5); 17], "17 corners, at most 16");
    let focuses: Vec<_> = (1..8).map(|z| (1.0, f64::from(z), 0.5)).collect();
    refused(&focuses, "7 focuses");
    let text = toml::to_string(&recipe(FIVE)).unwrap();
    assert_eq!(Recipe::parse("five", &text).unwrap(), recipe(FIVE));
}
