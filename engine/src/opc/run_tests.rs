//! A run as a whole: gradients, determinism, going back, and that it corrects.

use ndarray::Array2;

use super::*;
use crate::geometry::Point;
use crate::imaging::Focus;
use crate::layout::Layer;
use crate::opc::load_process;
use crate::verify::{PrintLevels, TargetRule, score_images, violations};

/// An L beside a line end: corners of both kinds, jogs and a narrow space.
fn clip() -> Clip {
    let points = |p: &[(i32, i32)]| p.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>();
    Clip {
        name: "l-and-line".into(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 900, 900),
        polygons: vec![
            Polygon::simple(points(&[
                (200, 200),
                (700, 200),
                (700, 280),
                (290, 280),
                (290, 700),
                (200, 700),
            ])),
            Polygon::simple(points(&[(390, 380), (470, 380), (470, 720), (390, 720)])),
        ],
        rounding_nm: 0.0,
    }
}

fn recipe(steps: usize) -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = steps;
    recipe.descent.passes = 0;
    recipe
}

/// SRAFs are seeded after 20 iterations and pruned after 35; then come passes of the last descent.
pub(super) fn with_srafs() -> OpcRun {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(3);
    for (stage, (steps, assists)) in recipe.optimiser.stages.iter_mut().zip([
        (20, AssistAction::Keep),
        (15, AssistAction::Seed),
        (5, AssistAction::Prune),
    ]) {
        stage.steps = steps;
        stage.assists = assists;
    }
    recipe.descent.passes = 2;
    let process = load_process(&recipe, clip().window, None, None).unwrap();
    OpcRun::new(&clip(), &recipe, &process).unwrap()
}

fn run(steps: usize) -> OpcRun {
    let (clip, recipe) = (clip(), recipe(steps));
    let process = load_process(&recipe, clip.window, None, None).unwrap();
    OpcRun::new(&clip, &recipe, &process).unwrap()
}

fn offsets(run: &OpcRun) -> Vec<f32> {
    (0..run.target().fragments().len()).map(|i| ((i * 37 % 11) as f32 - 3.0) * 0.9).collect()
}

#[test]
fn fragment_gradients_match_finite_differences_to_one_percent() {
    let mut run = run(1);
    let sharpness = Sharpness { steepness: 40.0, quadratic: 0.6 };
    let x = offsets(&run);
    let terms = [
        Terms { l2: true, pv_band: false, epe: false },
        Terms { l2: false, pv_band: true, epe: false },
        Terms { l2: false, pv_band: false, epe: true },
    ];
    for (which, terms) in terms.into_iter().enumerate() {
        let mut gradient = vec![0.0; x.len()];
        run.evaluator.evaluate(&run.epochs[0].target, &x, sharpness, terms, &mut gradient);
        let largest = gradient.iter().fold(0.0f64, |a, g| a.max(g.abs()));
        let mut loss = |x: &[f32]| {
            let mut unused = vec![0.0; x.len()];
            let l = run.evaluator.evaluate(&run.epochs[0].target, x, sharpness, terms, &mut unused);
            [l.l2, l.pv_band, l.epe][which]
        };
        for i in (0..x.len()).step_by(3) {
            // Central differences over ±0.25 nm: truncation is quadratic in that, rounding of f32
            // images limits smaller steps.
            let h = 0.25f32;
            let moved = |d: f32| {
                let mut y = x.clone();
                y[i] += d;
                y
            };
            let finite = (loss(&moved(h)) - loss(&moved(-h))) / f64::from(2.0 * h);
            let error = (finite - gradient[i]).abs();
            assert!(
                error < 0.01 * finite.abs() + 0.002 * largest,
                "term {which}, fragment {i}: {finite} against {}",
                gradient[i]
            );
        }
        assert!(largest > 0.0, "a gradient that is nothing proves nothing");
    }
}

#[test]
fn gradients_by_term_add_up_to_the_gradient_that_is_followed() {
    let mut run = run(3);
    let by_term = run.gradients(0).unwrap();
    for (sum, whole) in by_term.iter().zip(&run.gradient) {
        let sum = sum.l2 + sum.pv_band + sum.epe;
        assert!((sum - whole).abs() < 1e-3 * whole.abs() + 1e-3, "{sum} against {whole}");
    }
}

#[test]
fn a_run_corrects_keeps_its_rules_and_counts_its_steps() {
    let mut run = run(40);
    while run.step().unwrap().is_some() {}
    assert!(run.is_finished());
    assert_eq!(run.history().len(), 41);
    let target_as_mask = run.score(&clip().polygons);
    let best = run.best();
    let metrics = run.history()[best].metrics;
    assert!(metrics.l2_nm2 < target_as_mask.l2_nm2 / 2, "{metrics:?} from {target_as_mask:?}");
    assert!(metrics.epe_violations < target_as_mask.epe_violations);
    for iteration in 0..run.history().len() {
        assert_eq!(violations(&run.mask(iteration).unwrap(), 40, 40), []);
    }
    assert!(run.topology(best).unwrap().is_sound());
    let readings = run.gauge_readings(best).unwrap();
    let inner = readings.iter().filter(|r| r.inner_violation).count();
    let outer = readings.iter().filter(|r| r.outer_violation).count();
    assert_eq!((inner as u32, outer as u32), (metrics.epe_inner, metrics.epe_outer));
    assert!(run.mask(41).is_none() && run.gradients(41).is_none());
}

#[test]
fn metrics_equal_those_of_full_images() {
    let mut run = run(6);
    while run.step().unwrap().is_some() {}
    let mask = run.mask(6).unwrap();
    let metrics = run.score(&mask);
    let imager = run.evaluator.imager();
    let grid = Grid::over(imager.field(), 1.0);
    let focus = imager.intensity(Focus::Nominal, &grid);
    let defocus = imager.intensity(Focus::Defocus, &grid);
    let process = imager.process();
    let levels = PrintLevels {
        threshold: f64::from(process.threshold),
        outer_dose: f64::from(process.outer_dose),
        inner_dose: f64::from(process.inner_dose),
    };
    let target = PixelTarget::new(&clip().polygons, imager.field(), TargetRule::default()).unwrap();
    let slow = score_images(focus.view(), defocus.view(), &target, &levels).unwrap();
    // Pixels within rounding of a threshold may fall either way.
    assert!(metrics.l2_nm2.abs_diff(slow.l2_nm2) <= 2, "{metrics:?} against {slow:?}");
    assert!(metrics.pvb_nm2.abs_diff(slow.pvb_nm2) <= 2, "{metrics:?} against {slow:?}");
    let nothing = score_images(Array2::zeros(focus.dim()).view(), defocus.view(), &target, &levels);
    assert_ne!(nothing.unwrap(), slow, "the negative control must differ");
}

#[test]
fn going_back_and_stepping_again_repeats_the_run_bit_for_bit() {
    let mut run = run(8);
    while run.step().unwrap().is_some() {}
    let first = run.history().to_vec();
    let _ = run.gradients(2);
    run.rewind(3);
    assert_eq!(run.history().len(), 4);
    while run.step().unwrap().is_some() {}
    assert_eq!(run.history(), first);
}

#[test]
fn srafs_narrow_the_pv_band_keep_their_rules_and_do_not_print() {
    let mut alone = run(40);
    while alone.step().unwrap().is_some() {}
    let mut run = with_srafs();
    while run.step().unwrap().is_some() {}
    let [with, without] = [&run, &alone].map(|run| run.history()[run.best()].metrics);
    let best = run.best();
    assert!(!run.assists(best).unwrap().is_empty());
    assert!(run.assists(19).unwrap().is_empty() && run.assists(41).is_some());
    assert!(10 * with.pvb_nm2 < 9 * without.pvb_nm2, "{with:?} against {without:?}");
    assert!(run.topology(best).unwrap().is_sound());
    for iteration in 0..run.history().len() {
        let mask = run.mask(iteration).unwrap();
        assert_eq!(violations(&mask, 40, 40), [], "iteration {iteration}");
        let main = run.main_mask(iteration).unwrap().len();
        assert_eq!(mask.len(), main + run.assists(iteration).unwrap().len());
    }
}

#[test]
fn going_back_across_new_srafs_and_the_descent_repeats_the_run_bit_for_bit() {
    let mut run = with_srafs();
    while run.step().unwrap().is_some() {}
    let first = run.history().to_vec();
    let mask = run.mask(run.best());
    for back in [first.len() - 2, 36, 19] {
        run.rewind(back);
        while run.step().unwrap().is_some() {}
        assert_eq!(run.history(), first, "from {back}");
        assert_eq!(run.mask(run.best()), mask);
    }
}

#[test]
fn the_last_descent_lowers_what_masks_are_compared_by() {
    let mut run = with_srafs();
    while run.step().unwrap().is_some() {}
    let cost = |i: &Iteration| run.cost(&i.metrics, i.topology);
    let (stages, descent) = run.history().split_at(41);
    let before = stages.iter().map(cost).fold(f64::INFINITY, f64::min);
    assert!(!descent.is_empty());
    assert!(cost(&descent[descent.len() - 1]) < before - 100.0);
}

#[test]
fn one_thread_and_three_give_the_same_history() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut run = with_srafs();
            while run.step().unwrap().is_some() {}
            run.history().to_vec()
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn targets_that_cannot_be_corrected_are_refused_with_the_reason() {
    let recipe = recipe(1);
    let process = load_process(&recipe, clip().window, None, None).unwrap();
    let refuse = |polygons: Vec<Polygon>, window: Rect| {
        let clip = Clip { window, polygons, ..clip() };
        OpcRun::new(&clip, &recipe, &process).err().unwrap().to_string()
    };
    let triangle =
        Polygon::simple(vec![Point::new(0, 0), Point::new(300, 0), Point::new(150, 200)]);
    assert!(refuse(vec![triangle], clip().window).contains("slanted"));
    assert!(refuse(Vec::new(), clip().window).contains("no shape"));
    let large = Rect::new(0, 0, 9000, 9000);
    assert!(refuse(clip().polygons, large).contains("9000"));
}

/// A run of 20 iterations and a last descent, to its end.
fn descended(change: impl Fn(&mut Recipe)) -> OpcRun {
    let mut recipe = recipe(20);
    change(&mut recipe);
    let process = load_process(&recipe, clip().window, None, None).unwrap();
    let mut run = OpcRun::new(&clip(), &recipe, &process).unwrap();
    while run.step().unwrap().is_some() {}
    run
}

/// What the best mask of a run costs.
fn best_cost(run: &OpcRun) -> f64 {
    let best = &run.history()[run.best()];
    run.cost(&best.metrics, best.topology)
}

/// That a descent has kept the mask rules, and comes out the same again.
fn keeps_rules_and_repeats(mut run: OpcRun) {
    let mask = run.mask(run.best()).unwrap();
    assert_eq!(violations(&mask, 40, 40), []);
    let first = run.history().to_vec();
    run.rewind(21);
    while run.step().unwrap().is_some() {}
    assert_eq!(run.history(), first);
}

#[test]
fn trials_find_what_the_model_does_not_and_repeat_themselves() {
    let with = |trials: u32| {
        descended(|recipe| {
            recipe.descent.passes = 12;
            recipe.descent.trials = trials;
        })
    };
    let (plain, tried) = (best_cost(&with(0)), with(60));
    assert!(best_cost(&tried) < plain, "{} from {plain}", best_cost(&tried));
    keeps_rules_and_repeats(tried);
}

#[test]
fn starts_and_wishes_end_no_worse_keep_the_rules_and_repeat_themselves() {
    let with = |starts: u32, wishes: u32| {
        descended(|recipe| {
            recipe.scoring.epe_tolerance_nm = 2;
            recipe.scoring.epe_weight = 60.0;
            recipe.descent.passes = 4;
            recipe.descent.starts = starts;
            recipe.descent.wishes = wishes;
        })
    };
    let (plain, wished, both) = (best_cost(&with(0, 0)), best_cost(&with(0, 1)), with(2, 1));
    // What is wished comes after all that the plain search finds.
    assert!(wished < plain, "{wished} from {plain}");
    assert!(both.history().len() <= both.total_steps() + 1);
    let after = &both.history()[21..];
    assert!(after.len() >= 2 && after[..2].iter().all(|i| i.judged));
    keeps_rules_and_repeats(both);
}
