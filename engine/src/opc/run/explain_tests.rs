//! Explanations against slow twins: sums, finite differences, and the keeper's own answer.

use super::*;
use crate::geometry::{Polygon, Rect};
use crate::layout::{Clip, Layer};
use crate::opc::{Corner, Recipe, load_process};

/// Three lines 70 nm apart: with a least space of as much, edges between them cannot go outward.
fn run(recipe: &Recipe) -> OpcRun {
    let line = |x: i32| Polygon::rect(Rect::new(x, 300, x + 80, 700));
    let clip = Clip {
        name: "lines".into(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 1000, 1000),
        polygons: vec![line(300), line(450), line(600)],
        rounding_nm: 0.0,
    };
    let process = load_process(recipe, clip.window, None, None).unwrap();
    OpcRun::new(&clip, recipe, &process).unwrap()
}

fn stepped(steps: usize, guard_weight: f64) -> OpcRun {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = steps;
    recipe.objective.guard_weight = guard_weight;
    recipe.descent.passes = 0;
    recipe.rules.min_space_nm = 70.0;
    let mut run = run(&recipe);
    while run.step().unwrap().is_some() {}
    run
}

#[test]
fn parts_by_term_and_by_corner_sum_to_the_gradient_that_is_followed() {
    for guards in [0.0, 300.0] {
        let mut run = stepped(6, guards);
        run.rewind(4);
        let whole = run.gradient.clone();
        let largest = whole.iter().fold(0.0f64, |a, g| a.max(g.abs()));
        let split = run.split(4).unwrap();
        // Parts are rounded to f32 on their way through the fields: 1e-4 of the largest.
        let near = |a: f64, b: f64| (a - b).abs() < 1e-4 * largest;
        for i in 0..whole.len() {
            let terms: f64 = split.by_term.iter().map(|t| t[i]).sum();
            let corners: f64 = split.by_corner.iter().map(|(_, c)| c[i]).sum();
            assert!(near(terms, whole[i]), "fragment {i}: {terms} by term, {} in all", whole[i]);
            assert!(near(corners, whole[i]), "fragment {i}: {corners} by corner, {}", whole[i]);
        }
        for part in split.by_term.iter().chain(split.by_corner.iter().map(|(_, c)| c)) {
            let most = part.iter().fold(0.0f64, |a, g| a.max(g.abs()));
            assert!(most > 1e-2 * largest, "a part that is nothing proves nothing");
        }
        assert_eq!(run.gradient, whole, "asking changes nothing");
    }
}

/// A run with these corners beside the nominal one (dose, defocus in nm, weight), at iteration 2.
fn listed(list: &[(f64, f64, f64)], quadratic: f64, guards: f64) -> OpcRun {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = 2;
    recipe.optimiser.stages[0].quadratic = quadratic;
    recipe.objective.guard_weight = guards;
    recipe.descent.passes = 0;
    let corner = |&(dose, focus_nm, weight)| Corner { dose, focus_nm, weight };
    recipe.corners.list = list.iter().map(corner).collect();
    run(&recipe)
}

const FOUR: [(f64, f64, f64); 4] =
    [(1.03, 0.0, 0.5), (0.97, 0.0, 0.3), (1.02, 60.0, 0.4), (0.98, 80.0, 0.7)];

#[test]
fn every_corner_of_a_list_has_its_share_and_they_sum_to_the_gradient() {
    for (quadratic, guards) in [(1.0, 0.0), (0.3, 0.0), (0.5, 300.0)] {
        let mut run = listed(&FOUR, quadratic, guards);
        let split = run.split(0).unwrap();
        let names: Vec<&str> = split.by_corner.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["Nominal", "1.03 · 0 nm", "0.97 · 0 nm", "1.02 · 60 nm", "0.98 · 80 nm"]
        );
        let largest = run.gradient.iter().fold(0.0f64, |a, g| a.max(g.abs()));
        for (i, whole) in run.gradient.iter().enumerate() {
            let sum: f64 = split.by_corner.iter().map(|(_, part)| part[i]).sum();
            // As above: parts are rounded to f32.
            assert!((sum - whole).abs() < 1e-4 * largest, "fragment {i}: {sum} and {whole}");
        }
        for (name, part) in &split.by_corner {
            let most = part.iter().fold(0.0f64, |a, g| a.max(g.abs()));
            assert!(most > 1e-3 * largest, "{name} is nothing, which proves nothing");
        }
    }
}

#[test]
fn the_share_of_a_corner_is_what_a_run_with_that_corner_alone_has() {
    // The quadratic loss is a sum over corners, so each share is the PV-band part of a run that
    // has no other corner.
    let mut all = listed(&FOUR, 1.0, 0.0);
    let split = all.split(0).unwrap();
    let largest = all.gradient.iter().fold(0.0f64, |a, g| a.max(g.abs()));
    for (corner, (name, part)) in FOUR.iter().zip(split.by_corner.iter().skip(1)) {
        let mut alone = listed(std::slice::from_ref(corner), 1.0, 0.0);
        let twin = alone.gradients(0).unwrap();
        let mut worst = 0.0f64;
        for (part, twin) in part.iter().zip(&twin) {
            worst = worst.max((part - twin.pv_band).abs());
        }
        assert!(worst < 1e-4 * largest, "{name}: {worst} of {largest}");
        let other = &split.by_corner[0].1;
        let apart = other.iter().zip(&twin).map(|(a, b)| (a - b.pv_band).abs()).fold(0.0, f64::max);
        assert!(apart > 1e-2 * largest, "the negative control must differ");
    }
}

#[test]
fn influence_equals_moving_a_fragment_and_reading_the_gauge_again() {
    let mut run = stepped(5, 0.0);
    let target = run.target_of(5).unwrap().clone();
    let offsets = run.history[5].offsets.clone();
    let threshold = run.evaluator.imager().process().threshold;
    let mut compared = 0;
    for gauge in (0..run.gauges.len()).step_by(7) {
        let found = run.influence(5, gauge).unwrap();
        let Some(slope) = found.slope_per_nm else { continue };
        assert_eq!(found.fragments.len(), target.fragments().len());
        assert!(slope < 0.0);
        let site = run.gauges[gauge];
        let mut epe = |fragment: usize, by: i16| {
            let mut moved = offsets.clone();
            moved[fragment] += by;
            let imager = run.evaluator.imager();
            imager.set_mask(&target.polygons(&moved));
            let light = |x: f64, y: f64| imager.intensity_at(Focus::Nominal, x, y);
            f64::from(read(&site, light, threshold).epe_nm.unwrap())
        };
        for influence in found.fragments.iter().take(6).chain(found.fragments.last()) {
            let i = influence.fragment;
            let finite = (epe(i, 1) - epe(i, -1)) / 2.0;
            // Central differences over ±1 nm: what is left is cubic in it and below 1 % here;
            // readings end their search at 1e-4 nm.
            let error = (finite - influence.nm_per_nm).abs();
            assert!(
                error < 0.01 * finite.abs() + 3e-4,
                "gauge {gauge}, fragment {i}: {finite} against {}",
                influence.nm_per_nm
            );
            compared += 1;
        }
        let sizes: Vec<f64> = found.fragments.iter().map(|f| f.nm_per_nm.abs()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes[0] > 0.05, "{sizes:?}");
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn a_fragment_held_back_names_a_rule_and_a_free_one_goes_as_it_wishes() {
    let mut run = stepped(30, 0.0);
    let (mut held, mut named, mut free) = (0, 0, 0);
    for iteration in [10, 29] {
        for fragment in 0..run.target().fragments().len() {
            let found = run.explain_fragment(iteration, fragment).unwrap();
            let (wished, kept) = (found.wished_nm.unwrap(), found.kept_nm.unwrap());
            if (wished - kept).abs() > 0.01 {
                // A push may come from beyond: by a rule between two others.
                named += usize::from(!found.held.is_empty());
                held += 1;
            } else {
                free += 1;
            }
            let next = run.states[iteration + 1].offsets[fragment];
            let made = f64::from(next - run.states[iteration].offsets[fragment]);
            // The parts that the wish is summed from are rounded to f32, and the optimiser divides
            // small gradients by their own size.
            assert!((made - kept).abs() < 0.05, "fragment {fragment}: {made} made, {kept} wished");
        }
    }
    assert!(held > 0 && free > 0, "{held} held, {free} free");
    assert!(10 * named >= 9 * held, "{named} of {held} name a rule");
}

#[test]
fn an_explanation_tells_offset_gauges_and_history() {
    let mut run = stepped(4, 0.0);
    for fragment in 0..run.target().fragments().len() {
        let found = run.explain_fragment(3, fragment).unwrap();
        assert_eq!(found.offset_nm, run.history[3].offsets[fragment]);
        assert_eq!(found.history.len(), 5);
        assert_eq!(found.history[3], Moment { iteration: 3, offset_nm: found.offset_nm });
        assert!(!found.gauges.is_empty());
        for report in &found.gauges {
            let Some(gauge) = report.gauge else { continue };
            assert_eq!(report.reading, run.gauge_readings(3).unwrap()[gauge]);
        }
    }
    let owned: usize = (0..run.target().fragments().len())
        .filter_map(|f| run.explain_fragment(4, f))
        .map(|e| e.gauges.iter().filter(|g| g.gauge.is_some()).count())
        .sum();
    assert_eq!(owned, run.gauges.len(), "every gauge belongs to one fragment");
    assert!(run.explain_fragment(9, 0).is_none() && run.explain_fragment(0, 9999).is_none());
    assert!(run.influence(9, 0).is_none() && run.influence(0, 9999).is_none());
    assert!(run.explain_fragment(4, 0).unwrap().wished_nm.is_none(), "the stages are over");
}

#[test]
fn the_seed_map_predicts_what_a_small_opening_takes_from_the_loss() {
    let mut run = stepped(3, 0.0);
    let map = run.seed_map(3).unwrap();
    assert_eq!(map.gain.dim(), (map.grid.ny, map.grid.nx));
    assert_eq!(map.gain.dim(), map.barred.dim());
    assert!(map.barred.iter().any(|b| *b) && map.barred.iter().any(|b| !*b));
    // The strongest free cell away from the target, opened.
    let free = |&(at, _): &((usize, usize), &f32)| !map.barred[at];
    let inside = |&((y, x), _): &((usize, usize), &f32)| {
        (2..map.grid.ny - 2).contains(&y) && (2..map.grid.nx - 2).contains(&x)
    };
    let strongest = map.gain.indexed_iter().filter(free).filter(inside);
    let ((y, x), _) = strongest.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).unwrap();
    let corner = |i: usize, axis: usize| {
        (map.grid.origin_nm[axis] + i as f64 * map.grid.pixel_nm).round() as i32
    };
    let seed = Rect::new(corner(x, 0), corner(y, 1), corner(x + 1, 0), corner(y + 1, 1));
    let target = run.epochs[0].target.clone();
    let opened = target.with_assists(&[seed]).unwrap();
    let sharpness = run.sharpness(3);
    let mut offsets = run.states[3].offsets.clone();
    let mut loss = |target: &crate::mask::FragmentedTarget, offsets: &[f32]| {
        let mut unused = vec![0.0; offsets.len()];
        run.evaluator.evaluate(target, offsets, sharpness, Terms::ALL, &mut unused).total()
    };
    let before = loss(&target, &offsets);
    offsets.resize(opened.fragments().len(), 0.0);
    let taken = before - loss(&opened, &offsets);
    let promised = f64::from(map.gain[(y, x)]) * map.grid.pixel_nm.powi(2);
    // A cell of 8 nm changes the light by little: the loss bends by less than a fifth.
    assert!((taken - promised).abs() < 0.2 * promised.abs(), "{taken} against {promised}");
}
