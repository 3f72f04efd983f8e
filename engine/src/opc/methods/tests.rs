//! Every method behind the one face of a run: corrects, keeps rules, repeats itself.

use crate::geometry::{Point, Polygon, Rect};
use crate::layout::{Clip, Layer};
use crate::opc::{OpcMethod, OpcRun, Recipe, load_process};
use crate::verify::violations;

const METHODS: [OpcMethod; 4] =
    [OpcMethod::Feedback, OpcMethod::Rules, OpcMethod::PixelIlt, OpcMethod::LevelSet];

/// An L beside a line end.
pub(super) fn clip() -> Clip {
    let points = |p: &[(i32, i32)]| p.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>();
    let ell = [(200, 200), (700, 200), (700, 280), (290, 280), (290, 700), (200, 700)];
    let line = [(390, 380), (470, 380), (470, 720), (390, 720)];
    Clip {
        name: "l-and-line".into(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 900, 900),
        polygons: vec![Polygon::simple(points(&ell)), Polygon::simple(points(&line))],
        rounding_nm: 0.0,
    }
}

/// The default recipe with another method and two short stages.
pub(super) fn recipe(method: OpcMethod, steps: usize) -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.method = method;
    recipe.descent.passes = 0;
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = steps;
    recipe.optimiser.stages[0].step_nm = [4.0, 2.0];
    recipe.optimiser.stages.push(recipe.optimiser.stages[0].clone());
    recipe.pixels.hard_steps = steps as u32 / 2;
    recipe.scoring.judge_every = 2;
    if method == OpcMethod::LevelSet {
        recipe.pixels.levels = 1;
        recipe.pixels.depth_nm = 200.0;
    }
    recipe
}

pub(super) fn run(method: OpcMethod, steps: usize) -> OpcRun {
    let (clip, recipe) = (clip(), recipe(method, steps));
    let process = load_process(&recipe, clip.window, None, None).unwrap();
    OpcRun::new(&clip, &recipe, &process).unwrap()
}

fn finished(mut run: OpcRun) -> OpcRun {
    while run.step().unwrap().is_some() {}
    run
}

#[test]
fn every_method_corrects_and_its_judged_masks_keep_the_rules() {
    for method in METHODS {
        let mut run = finished(run(method, 12));
        assert!(run.is_finished() && run.history().len() == 25, "{method:?}");
        let plain = run.score(&clip().polygons);
        let best = run.best();
        let metrics = run.history()[best].metrics;
        // A table that was not made for this clip may do no better than the target itself.
        let share = if method == OpcMethod::Rules { 1.001 } else { 0.7 };
        assert!(
            (metrics.l2_nm2 as f64) < share * plain.l2_nm2 as f64,
            "{method:?}: {metrics:?} from {plain:?}"
        );
        for i in (0..run.history().len()).filter(|&i| run.history()[i].judged) {
            let mask = run.mask(i).unwrap();
            assert_eq!(violations(&mask, 40, 40), [], "{method:?}, iteration {i}");
        }
        let mask = run.mask(best).unwrap();
        assert_eq!(run.score(&mask), metrics);
        assert_eq!(run.topology(best).unwrap(), run.history()[best].topology);
        let readings = run.gauge_readings(best).unwrap();
        let inner = readings.iter().filter(|r| r.inner_violation).count();
        assert_eq!(inner as u32, metrics.epe_inner, "{method:?}");
        assert!(run.mask(25).is_none() && run.gradients(25).is_none());
        let fragments = run.gradients(best).unwrap().len();
        assert_eq!(fragments == 0, method.is_free_form());
    }
}

#[test]
fn going_back_and_stepping_again_repeats_every_method_bit_for_bit() {
    for method in METHODS {
        let mut run = finished(run(method, 7));
        let first = run.history().to_vec();
        let masks: Vec<_> = (0..first.len()).map(|i| run.mask(i)).collect();
        // Into the first stage, and just before the second one's grid.
        for back in [9, 6, 3] {
            run.rewind(back);
            assert_eq!(run.history().len(), back + 1);
            while run.step().unwrap().is_some() {}
            assert_eq!(run.history(), first, "{method:?} from {back}");
            assert!((0..first.len()).all(|i| run.mask(i) == masks[i]));
        }
    }
}

#[test]
fn the_last_descent_makes_the_outline_of_a_field_better_and_keeps_the_rules() {
    for method in [OpcMethod::PixelIlt, OpcMethod::LevelSet] {
        let mut recipe = recipe(method, 6);
        recipe.descent.passes = 3;
        recipe.descent.radius_nm = 4;
        let process = load_process(&recipe, clip().window, None, None).unwrap();
        let mut run = finished(OpcRun::new(&clip(), &recipe, &process).unwrap());
        let stages = recipe.stage_steps();
        let passes = run.history().len() - 1 - stages;
        assert!((1..=3).contains(&passes), "{method:?}: {passes}");
        let best = run.best();
        assert!(best > stages, "{method:?}: {best}");
        let before = run.history()[..=stages].iter().filter(|i| i.judged);
        let before = before.map(|i| run.cost(&i.metrics, i.topology)).fold(f64::MAX, f64::min);
        let made = run.history()[best].clone();
        assert!(run.cost(&made.metrics, made.topology) < before, "{method:?}");
        let mask = run.mask(best).unwrap();
        assert_eq!(violations(&mask, 40, 40), [], "{method:?}");
        assert_eq!(run.score(&mask), made.metrics);
        let first = run.history().to_vec();
        run.rewind(stages);
        let again = finished(run);
        assert_eq!(again.history(), first, "{method:?}");
        assert_eq!(again.mask(best), Some(mask));
    }
}

#[test]
fn one_thread_and_two_give_the_same_history_by_every_method() {
    for method in METHODS {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let run = finished(run(method, 3));
                (run.history().to_vec(), run.mask(run.best()))
            })
        };
        assert_eq!(on(1), on(2), "{method:?}");
    }
}

#[test]
fn feedback_takes_away_most_of_the_epe() {
    let mut run = run(OpcMethod::Feedback, 10);
    // Gauges beyond the search count as at its end.
    let epe = |run: &mut OpcRun, i: usize| -> f64 {
        let readings = run.gauge_readings(i).unwrap();
        readings.iter().map(|r| f64::from(r.epe_nm.unwrap_or(40.0).abs())).sum()
    };
    let before = epe(&mut run, 0);
    let mut run = finished(run);
    let best = run.best();
    let after = epe(&mut run, best);
    assert!(after < 0.4 * before, "{after} of {before}");
}

#[test]
fn a_run_may_start_from_the_biases_of_the_table() {
    let mut recipe = recipe(OpcMethod::EdgeGradient, 2);
    let process = load_process(&recipe, clip().window, None, None).unwrap();
    let even = OpcRun::new(&clip(), &recipe, &process).unwrap();
    recipe.optimiser.start = crate::opc::Start::Bias;
    let biased = OpcRun::new(&clip(), &recipe, &process).unwrap();
    let offsets = |run: &OpcRun| run.history()[0].offsets.clone();
    assert!(offsets(&even).iter().all(|o| *o == offsets(&even)[0]));
    assert!(offsets(&biased).contains(&(recipe.bias.line_end_nm as i16)));
}

#[test]
fn a_target_too_narrow_for_the_rules_ends_with_the_reason() {
    let recipe = Recipe { method: OpcMethod::PixelIlt, ..recipe(OpcMethod::PixelIlt, 1) };
    let narrow = Polygon::rect(Rect::new(300, 300, 310, 340));
    let clip = Clip { polygons: vec![narrow], ..clip() };
    let process = load_process(&recipe, clip.window, None, None).unwrap();
    let mut run = OpcRun::new(&clip, &recipe, &process).unwrap();
    let error = loop {
        match run.step() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("an empty mask passed"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("rules.min_width_nm"), "{error}");
}
