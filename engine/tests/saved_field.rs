//! Stopping a free-form run, saving it, loading it and going on.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::Process;
use lithoscope_engine::layout::{Clip, Layer};
use lithoscope_engine::opc::{Iteration, OpcMethod, OpcRun, Recipe, SavedRun, load_process};
use serde_json::{Value, json};

/// A line beside a shorter one.
fn clip() -> Clip {
    let bars = [Rect::new(200, 200, 280, 700), Rect::new(420, 300, 500, 560)];
    Clip {
        name: "two-lines".into(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 900, 900),
        polygons: bars.map(Polygon::rect).to_vec(),
        rounding_nm: 0.0,
    }
}

/// Two stages of ten steps, the second on the finer grid in pixel ILT.
fn recipe(method: OpcMethod) -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.method = method;
    recipe.descent.passes = 0;
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = 10;
    recipe.optimiser.stages[0].step_nm = [4.0, 2.0];
    recipe.optimiser.stages.push(recipe.optimiser.stages[0].clone());
    recipe.pixels.hard_steps = 4;
    recipe.scoring.judge_every = 3;
    if method == OpcMethod::LevelSet {
        recipe.pixels.levels = 1;
        recipe.pixels.depth_nm = 200.0;
    }
    recipe
}

fn process(recipe: &Recipe) -> Process {
    load_process(recipe, clip().window, None, None).unwrap()
}

fn to_the_end(run: &mut OpcRun) -> (Vec<Iteration>, Vec<Vec<Polygon>>) {
    while run.step().unwrap().is_some() {}
    let masks = (0..run.history().len()).map(|i| run.mask(i).unwrap()).collect();
    (run.history().to_vec(), masks)
}

/// Through the bytes of a file.
fn stored(run: &OpcRun) -> SavedRun {
    let saved = run.save();
    let back = SavedRun::parse("run", &saved.to_bytes().unwrap()).unwrap();
    assert_eq!(back, saved);
    back
}

#[test]
fn a_free_form_run_stopped_anywhere_goes_on_to_the_same_end() {
    for method in [OpcMethod::PixelIlt, OpcMethod::LevelSet] {
        let recipe = recipe(method);
        let process = process(&recipe);
        let mut whole = OpcRun::new(&clip(), &recipe, &process).unwrap();
        let expected = to_the_end(&mut whole);
        assert_eq!(expected.0.len(), 21);
        // At the start, before and at the finer grid, off a judged iteration, at the end.
        for stop in [0, 9, 10, 14, 20] {
            let mut part = OpcRun::new(&clip(), &recipe, &process).unwrap();
            for _ in 0..stop {
                part.step().unwrap();
            }
            let mut run = OpcRun::resume(stored(&part), &process).unwrap();
            assert_eq!(run.history().len(), stop + 1);
            assert_eq!(to_the_end(&mut run), expected, "{method:?} stopped at {stop}");
        }
        let mut run = OpcRun::resume(stored(&whole), &process).unwrap();
        for back in [17, 11, 2, 0] {
            run.rewind(back);
            assert_eq!(run.history().len(), back + 1);
            assert_eq!(to_the_end(&mut run), expected, "{method:?} back to {back}");
        }
    }
}

#[test]
fn a_field_that_does_not_go_with_its_run_is_refused_by_name() {
    let recipe = recipe(OpcMethod::PixelIlt);
    let process = process(&recipe);
    let mut run = OpcRun::new(&clip(), &recipe, &process).unwrap();
    for _ in 0..12 {
        run.step().unwrap();
    }
    let whole = serde_json::to_value(run.save()).unwrap();
    let refused = |path: &str, to: Value, words: &str| {
        let mut value = whole.clone();
        *value.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = to;
        let saved: SavedRun = serde_json::from_value(value).unwrap();
        let error = OpcRun::resume(saved, &process).err().unwrap().to_string();
        assert!(error.contains("damaged: its field") && error.contains(words), "{path}: {error}");
    };
    refused("/field", Value::Null, "it is missing");
    refused("/field/now/level", json!(9), "the last state is on grid 9 of");
    refused("/field/now/field", json!("00000000"), "the last state has 1 cells");
    refused("/field/now/steps", json!(-1), "the last state holds");
    refused("/field/memory/states/1/1/second", json!(""), "iteration 8 has 0 cells");
    let first = whole["field"]["now"]["first"].as_str().unwrap();
    let not_a_number = format!("0000c07f{}", &first[8..]);
    refused("/field/now/first", json!(not_a_number), "the last state holds");
    refused("/field/memory/every", json!(0), "0 iterations apart");
    refused("/field/memory/states/1/0", json!(9), "are not those of every 8th iteration");
    refused("/field/memory/states", json!([]), "are not those of every 8th iteration");
    refused("/field/memory/masks", json!([]), "are not those of the judged iterations");
    refused("/field/memory/masks/1/0", json!(4), "are not those of the judged iterations");
    let corner = "/field/memory/masks/1/1/0/outer/0";
    refused(&format!("{corner}/x"), json!(i32::MAX), "polygon 0 of iteration 3");
    let ring = json!([{"x": 300, "y": 300}, {"x": 310, "y": 310}, {"x": 300, "y": 310}]);
    refused("/field/memory/masks/1/1/0/outer", ring, "polygon 0 of iteration 3");
    let mut edges = recipe.clone();
    edges.method = OpcMethod::EdgeGradient;
    let mut value =
        serde_json::to_value(OpcRun::new(&clip(), &edges, &process).unwrap().save()).unwrap();
    value["field"] = whole["field"].clone();
    let saved: SavedRun = serde_json::from_value(value).unwrap();
    let error = OpcRun::resume(saved, &process).err().unwrap().to_string();
    assert!(error.contains("no edge run has one"), "{error}");
}

#[test]
fn the_file_of_a_free_form_run_is_bounded_by_its_states() {
    let recipe = recipe(OpcMethod::PixelIlt);
    let mut run = OpcRun::new(&clip(), &recipe, &process(&recipe)).unwrap();
    to_the_end(&mut run);
    let value = serde_json::to_value(run.save()).unwrap();
    let states = value["field"]["memory"]["states"].as_array().unwrap();
    // 8 hexadecimal digits a value, three values a cell.
    let digits = |state: &Value| 3 * state["field"].as_str().unwrap().len();
    let held = digits(&value["field"]["now"]) + states.iter().map(|s| digits(&s[1])).sum::<usize>();
    assert_eq!(states.len(), 3, "iterations 0, 8 and 16");
    let bytes = run.save().to_bytes().unwrap().len();
    println!("{bytes} bytes for {held} digits of the field");
    assert!(bytes < held + 100_000, "{bytes} bytes for {held} digits");
}
