//! Targets that cannot be corrected, or not wholly: each ends with a clear statement.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use lithoscope_engine::geometry::{Point, Polygon, Rect};
use lithoscope_engine::layout::{Clip, Layer};
use lithoscope_engine::opc::{
    AssistAction, AssistMethod, OpcRun, Recipe, Stage, Statement, load_process,
};
use lithoscope_engine::verify::{MaskRule, PrintFault};

const WINDOW: Rect = Rect { min: Point { x: 0, y: 0 }, max: Point { x: 900, y: 900 } };

fn clip(polygons: Vec<Polygon>) -> Clip {
    Clip { name: "t".into(), layer: Layer::new(1, 0), window: WINDOW, polygons, rounding_nm: 0.0 }
}

fn rect(x0: i32, y0: i32, x1: i32, y1: i32) -> Polygon {
    Polygon::rect(Rect::new(x0, y0, x1, y1))
}

fn ring(points: &[(i32, i32)]) -> Polygon {
    Polygon::simple(points.iter().map(|&(x, y)| Point::new(x, y)).collect())
}

/// A short schedule with SRAFs and a last descent.
fn recipe() -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    let stage = Stage { steps: 6, ..recipe.optimiser.stages[0].clone() };
    recipe.optimiser.stages = [AssistAction::Keep, AssistAction::Seed, AssistAction::Prune]
        .map(|assists| Stage { assists, ..stage.clone() })
        .to_vec();
    recipe.assists.method = AssistMethod::Gradient;
    recipe.objective.guard_weight = 100.0;
    recipe.descent.passes = 2;
    recipe
}

fn corrected_by(recipe: &Recipe, polygons: Vec<Polygon>) -> Statement {
    let clip = clip(polygons);
    let process = load_process(recipe, clip.window, None, None).unwrap();
    let mut run = OpcRun::new(&clip, recipe, &process).unwrap();
    while run.step().unwrap().is_some() {
        assert!(run.history().len() <= run.total_steps() + 1);
    }
    assert!(run.history().iter().all(|i| i.loss.total().is_finite() && i.gradient_rms.is_finite()));
    let best = run.best();
    run.statement(best).unwrap()
}

fn corrected(polygons: Vec<Polygon>) -> Statement {
    corrected_by(&recipe(), polygons)
}

fn refused(polygons: Vec<Polygon>) -> String {
    let (clip, recipe) = (clip(polygons), recipe());
    let process = load_process(&recipe, clip.window, None, None).unwrap();
    OpcRun::new(&clip, &recipe, &process).err().unwrap().to_string()
}

#[test]
fn an_easy_target_is_clean() {
    let statement = corrected(vec![rect(300, 400, 700, 480)]);
    assert!(statement.is_clean(), "{statement}");
    assert!(statement.to_string().starts_with("every shape prints at every corner"));
}

#[test]
fn a_dot_below_resolution_is_named_where_it_does_not_print() {
    let mut recipe = recipe();
    // With edges that may hardly move, nothing of 20 nm can be brought to print.
    recipe.optimiser.max_offset_nm = 12.0;
    let polygons = vec![rect(200, 200, 600, 280), rect(700, 700, 720, 720)];
    let statement = corrected_by(&recipe, polygons);
    let failed = statement.shapes.iter().find(|s| s.fault == PrintFault::Missing);
    let failed = failed.unwrap_or_else(|| panic!("{statement}"));
    assert_eq!((failed.polygons.as_slice(), failed.drawn_nm), (&[1][..], Some(20)));
    assert!(!statement.is_clean());
    assert!(statement.epe.below_resolution > 0, "{statement}");
    let words = statement.to_string();
    assert!(words.contains("polygon 1 does not print, near (710, 700) nm, 20 nm wide"), "{words}");
    assert!(words.contains("narrower than the"), "{words}");
}

#[test]
fn shapes_drawn_closer_than_the_rules_end_clean_or_with_the_rule_named() {
    for (gap, width) in [(10, 80), (1, 80), (60, 12), (60, 1)] {
        let polygons =
            vec![rect(200, 300, 700, 300 + width), rect(200, 300 + width + gap, 700, 800)];
        let statement = corrected(polygons);
        for broken in &statement.rules {
            assert!(broken.finding.measured < 40.0 && broken.finding.needed == 40.0, "{broken:?}");
            let near = |v: f64, lo: i32, hi: i32| (f64::from(lo)..=f64::from(hi)).contains(&v);
            assert!(near(f64::from(broken.finding.place.min.x), 140, 760), "{broken:?}");
            let narrow = if gap < 40 { MaskRule::Space } else { MaskRule::Width };
            assert!(broken.drawn && broken.finding.rule == narrow, "{broken:?}");
        }
        assert!(!statement.to_string().is_empty());
    }
}

#[test]
fn a_gap_that_cannot_be_kept_open_is_named_with_both_shapes() {
    let mut recipe = recipe();
    recipe.optimiser.max_offset_nm = 4.0;
    let statement = corrected_by(&recipe, vec![rect(200, 200, 700, 400), rect(200, 420, 700, 600)]);
    let bridged = statement.shapes.iter().find(|s| s.fault == PrintFault::Bridged);
    let bridged = bridged.unwrap_or_else(|| panic!("{statement}"));
    assert_eq!(bridged.polygons, [0, 1]);
    assert!(statement.to_string().contains("polygons 0, 1 print as one shape"), "{statement}");
    assert!(
        statement.rules.iter().any(|r| r.finding.rule == MaskRule::Space && r.drawn),
        "{statement}"
    );
    assert!(statement.to_string().contains("mask rule space: "), "{statement}");
}

#[test]
fn a_shape_on_the_clips_border_is_corrected_and_said_to_be_there() {
    let statement = corrected(vec![rect(0, 300, 500, 380), rect(300, 600, 700, 680)]);
    assert_eq!(statement.at_border, [0]);
    assert!(statement.to_string().contains("polygon 0 at the clip's border"), "{statement}");
}

#[test]
fn a_target_that_leaves_no_place_for_srafs_says_so() {
    // Bars close enough over the whole window that no SRAF keeps its distance from them.
    let mut recipe = recipe();
    recipe.assists.keep_out_nm = 400.0;
    let bars = (0..5).map(|i| rect(100, 100 + 150 * i, 800, 180 + 150 * i)).collect();
    let statement = corrected_by(&recipe, bars);
    assert!(statement.no_place_for_srafs, "{statement}");
    assert!(statement.to_string().contains("no SRAF was placed"), "{statement}");
}

#[test]
fn targets_that_are_no_targets_are_refused_with_polygon_and_place() {
    let line = || rect(100, 100, 400, 180);
    let slanted = ring(&[(500, 500), (700, 500), (600, 700)]);
    let words = refused(vec![line(), slanted]);
    assert!(
        words.contains("polygon 1 has a slanted edge from (700, 500) to (600, 700)"),
        "{words}"
    );
    assert!(words.contains("draw it in steps"), "{words}");
    let words = refused(vec![line(), rect(300, 150, 600, 300)]);
    assert!(words.contains("polygons 0 and 1 overlap near (350, 165) nm"), "{words}");
    let eight = ring(&[
        (100, 100),
        (200, 100),
        (200, 200),
        (300, 200),
        (300, 300),
        (200, 300),
        (200, 200),
        (100, 200),
    ]);
    assert!(refused(vec![eight]).contains("polygon 0 touches itself near (200, 200) nm"));
    let words = refused(vec![line(), rect(100, 300, 5000, 380)]);
    assert!(words.contains("polygon 1 reaches (100, 300) to (5000, 380) nm"), "{words}");
    let words = refused(vec![rect(i32::MIN, i32::MIN, i32::MAX, i32::MAX)]);
    assert!(words.contains("more than 200000 fragments"), "{words}");
    assert!(refused(Vec::new()).contains("no shape"));
    assert!(refused(vec![ring(&[(5, 5), (9, 5)]), Polygon::default()]).contains("no shape"));
}

#[test]
fn more_fragments_than_a_run_can_hold_are_refused() {
    // 225² squares of four edges each.
    let squares = (0..225 * 225).map(|k| {
        let (x, y) = (4 * (k % 225), 4 * (k / 225));
        rect(x, y, x + 2, y + 2)
    });
    assert!(refused(squares.collect()).contains("more than 200000 fragments"));
}
