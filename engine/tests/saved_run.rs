//! Stopping a run, saving it, loading it and going on.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use lithoscope_engine::geometry::{Point, Polygon, Rect};
use lithoscope_engine::imaging::Process;
use lithoscope_engine::layout::{Clip, Layer};
use lithoscope_engine::opc::{
    AssistAction, AssistMethod, Iteration, OpcRun, Recipe, SavedRun, Stage, load_process,
};
use serde_json::{Value, json};

/// An L beside a line end: corners of both kinds, jogs and a narrow space.
fn clip() -> Clip {
    let ring = |p: &[(i32, i32)]| p.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>();
    let ell = [(200, 200), (700, 200), (700, 280), (290, 280), (290, 700), (200, 700)];
    Clip {
        name: "l-and-line".into(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 900, 900),
        polygons: vec![
            Polygon::simple(ring(&ell)),
            Polygon::simple(ring(&[(390, 380), (470, 380), (470, 720), (390, 720)])),
        ],
        rounding_nm: 0.0,
    }
}

fn recipe(steps: usize) -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = steps;
    recipe
}

/// Stages that seed and prune SRAFs, judged every third iteration, then a last descent.
fn with_srafs() -> Recipe {
    let mut recipe = recipe(6);
    recipe.assists.method = AssistMethod::Gradient;
    recipe.assists.gain_nm2 = 20.0;
    recipe.objective.guard_weight = 100.0;
    recipe.scoring.judge_every = 3;
    recipe.descent.passes = 3;
    let stage = recipe.optimiser.stages[0].clone();
    for assists in [AssistAction::Seed, AssistAction::Seed, AssistAction::Prune] {
        recipe.optimiser.stages.push(Stage { assists, ..stage.clone() });
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
fn a_run_stopped_anywhere_goes_on_to_the_same_end() {
    let recipe = with_srafs();
    let process = process(&recipe);
    let mut whole = OpcRun::new(&clip(), &recipe, &process).unwrap();
    let (history, masks) = to_the_end(&mut whole);
    assert!(history.iter().any(|i| i.epoch > 0), "SRAFs must come in");
    assert!(history.len() > recipe.stage_steps() + 1, "the descent must begin");
    // At the start, inside a stage, before and after SRAFs come in, in the descent, at the end.
    for stop in [0, 4, 6, 7, 13, 20, history.len() - 2, history.len() - 1] {
        let mut part = OpcRun::new(&clip(), &recipe, &process).unwrap();
        for _ in 0..stop {
            part.step().unwrap();
        }
        let mut run = OpcRun::resume(stored(&part), &process).unwrap();
        assert_eq!(run.history().len(), stop + 1);
        assert_eq!(to_the_end(&mut run), (history.clone(), masks.clone()), "stopped at {stop}");
    }
}

#[test]
fn a_resumed_run_goes_back_as_the_first_one_would() {
    let recipe = with_srafs();
    let process = process(&recipe);
    let mut whole = OpcRun::new(&clip(), &recipe, &process).unwrap();
    let expected = to_the_end(&mut whole);
    let mut run = OpcRun::resume(stored(&whole), &process).unwrap();
    assert!(run.is_finished() && run.step().unwrap().is_none());
    for back in [15, 3, 0] {
        run.rewind(back);
        assert_eq!(run.history().len(), back + 1);
        assert_eq!(to_the_end(&mut run), expected, "back to {back}");
    }
}

#[test]
fn a_file_stays_small() {
    let recipe = recipe(60);
    let mut run = OpcRun::new(&clip(), &recipe, &process(&recipe)).unwrap();
    to_the_end(&mut run);
    let places: usize = run.history().iter().map(|i| i.offsets.len()).sum();
    let bytes = run.save().to_bytes().unwrap().len();
    println!("{bytes} bytes for {places} offsets");
    // 20 bytes of offset and moments, 2 of the whole-nm offset, and the packing's overhead.
    assert!(bytes < 26 * places + 40_000, "{bytes} bytes for {places} offsets");
}

#[test]
fn another_process_is_refused() {
    let recipe = recipe(2);
    let process = process(&recipe);
    let run = OpcRun::new(&clip(), &recipe, &process).unwrap();
    let refused = |other: Process| {
        let error = OpcRun::resume(run.save(), &other).err().unwrap();
        assert!(error.to_string().contains("other kernels or corners"), "{error}");
    };
    refused(Process { outer_dose: process.outer_dose + 1e-6, ..process.clone() });
    refused(Process { threshold: 0.3, ..process.clone() });
    let mut kernels = process.focus.as_ref().clone();
    kernels.spectra[[0, 3, 3]].re += 1e-6;
    refused(Process { focus: kernels.into(), ..process.clone() });
    assert!(OpcRun::resume(run.save(), &process).is_ok());
}

#[test]
fn contents_that_contradict_each_other_are_refused_by_name() {
    let recipe = with_srafs();
    let process = process(&recipe);
    let mut run = OpcRun::new(&clip(), &recipe, &process).unwrap();
    for _ in 0..15 {
        run.step().unwrap();
    }
    assert!(run.history().last().unwrap().epoch > 0);
    let whole = serde_json::to_value(run.save()).unwrap();
    let refused = |change: &dyn Fn(&mut Value), words: &str| {
        let mut value = whole.clone();
        change(&mut value);
        let saved: SavedRun = serde_json::from_value(value).unwrap();
        let error = OpcRun::resume(saved, &process).err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    };
    let list = |v: &mut Value, key: &str| v[key].as_array_mut().unwrap().clone();
    let truncated = |key: &'static str, to: usize| {
        move |v: &mut Value| v[key] = list(v, key).into_iter().take(to).collect()
    };
    let set = |path: &'static str, to: Value| {
        move |v: &mut Value| *v.pointer_mut(path).unwrap() = to.clone()
    };
    refused(&truncated("history", 3), "16 states, expected 3");
    refused(&truncated("history", 0), "0 iterations");
    refused(
        &set(
            "/recipe/optimiser/stages",
            whole["recipe"]["optimiser"]["stages"].as_array().unwrap()[..1].to_vec().into(),
        ),
        "iterations, expected 1 to",
    );
    refused(&set("/states/2/offsets", json!("00000000")), "1 offsets in iteration 2");
    refused(&set("/states/2/moments/first", json!("")), "0 first moments in iteration 2");
    refused(&set("/history/5/offsets", json!([1, 2])), "2 whole offsets in iteration 5");
    refused(&set("/history/5/offsets/0", json!(30_000)), "iteration 5: an offset is larger");
    let not_a_number = whole["states"][4]["offsets"].as_str().unwrap();
    let not_a_number = format!("0000c07f{}", &not_a_number[8..]);
    refused(&set("/states/4/offsets", json!(not_a_number)), "iteration 4: an offset or moment");
    refused(&set("/history/3/index", json!(9)), "iteration 3: its index");
    refused(&set("/states/1/epoch", json!(77)), "iteration 1 belongs to epoch 77");
    refused(&truncated("epochs", 0), "epoch 0");
    refused(&truncated("epochs", 1), "of 1");
    let far = json!(1_000_000);
    refused(&set("/epochs/1/seeds/0/max/x", far), "epoch 1: SRAF 0 is no rectangle");
    let seed = whole["epochs"][1]["seeds"][0].clone();
    refused(&set("/epochs/1/seeds", json!([seed, seed])), "overlap");
    refused(&set("/epochs/1/seeds", vec![seed.clone(); 600_000].into()), "fragments in all");
    refused(&set("/epochs/1/seeds", vec![seed; 300].into()), "the recipe has 200 at most");
    refused(&set("/clip/polygons", json!([])), "no shape");
}

#[test]
fn damaged_files_give_errors_and_never_a_panic() {
    let recipe = recipe(2);
    let mut run = OpcRun::new(&clip(), &recipe, &process(&recipe)).unwrap();
    to_the_end(&mut run);
    let bytes = run.save().to_bytes().unwrap();
    let step = (bytes.len() / 60).max(1);
    for at in (0..bytes.len()).step_by(step) {
        assert!(SavedRun::parse("run", &bytes[..at]).is_err(), "cut at {at}");
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x55;
        // A change that unpacks and parses may only be refused, or be gone on from, later.
        if let Ok(saved) = SavedRun::parse("run", &flipped) {
            let _ = OpcRun::resume(saved, &process(&recipe));
        }
    }
    assert!(SavedRun::parse("run", b"not packed at all").is_err());
    let mut other = serde_json::to_value(run.save()).unwrap();
    other["format"] = json!(2);
    let other: SavedRun = serde_json::from_value(other).unwrap();
    let error = SavedRun::parse("run", &other.to_bytes().unwrap()).unwrap_err();
    assert!(error.to_string().contains("format 2"), "{error}");
}

#[test]
fn a_file_that_unpacks_without_end_is_refused() {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"{\"format\":1,\"padding\":\"").unwrap();
    let blank = vec![b' '; 1 << 20];
    for _ in 0..257 {
        packed.write_all(&blank).unwrap();
    }
    let error = SavedRun::parse("bomb", &packed.finish().unwrap()).unwrap_err();
    assert!(error.to_string().contains("more than 256 MiB"), "{error}");
}
