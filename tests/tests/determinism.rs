//! The same recipe and clip give the same mask file, byte for byte: run after run, on one thread
//! and on two, at one go or stopped and gone on with.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use lithoscope_engine::layout::{self, Clip};
use lithoscope_engine::opc::{
    AssistAction, AssistMethod, KernelSource, OpcRun, Recipe, Stage, load_process,
};
use lithoscope_tests::{lithoscope_in, sample, shared};

/// The mask file of a run's best iteration.
fn mask_file(clip: &Clip, recipe: &Recipe, kernels: Option<&Path>) -> Vec<u8> {
    let process = load_process(recipe, clip.window, kernels, None).unwrap();
    let mut run = OpcRun::new(clip, recipe, &process).unwrap();
    while run.step().unwrap().is_some() {}
    let best = run.best();
    let (main, srafs) = (run.main_mask(best).unwrap(), run.assists(best).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mask.gds");
    lithoscope::export::write_mask(&path, clip, &main, &srafs, &recipe.output).unwrap();
    std::fs::read(path).unwrap()
}

fn on_threads<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap().install(work)
}

/// Twice on two threads and once on one; a run that starts elsewhere must differ.
fn assert_same_masks(clip: &Clip, recipe: &Recipe, kernels: Option<&Path>) {
    let file = |threads| on_threads(threads, || mask_file(clip, recipe, kernels));
    let first = file(2);
    assert!(first == file(2), "{}: two runs differ", recipe.name);
    assert!(first == file(1), "{}: one thread and two differ", recipe.name);
    let mut other = recipe.clone();
    other.optimiser.initial_offset_nm += 3.0;
    let other = mask_file(clip, &other, kernels);
    assert!(first != other, "{}: the negative control must differ", recipe.name);
}

fn sample_clip() -> Clip {
    layout::open(&sample("elbow_and_t.gds")).unwrap().default_clip(2048).unwrap()
}

/// Computed optics, a short schedule that seeds and prunes SRAFs, and the last descent.
fn short_with_srafs() -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    let mut stage = recipe.optimiser.stages[0].clone();
    stage.steps = 10;
    recipe.optimiser.stages = [AssistAction::Keep, AssistAction::Seed, AssistAction::Prune]
        .map(|assists| Stage { assists, ..stage.clone() })
        .to_vec();
    recipe.assists.method = AssistMethod::Gradient;
    recipe.descent.passes = 2;
    recipe.scoring.judge_every = 5;
    recipe
}

#[test]
fn a_recipe_with_srafs_and_descent_gives_one_mask_on_any_number_of_threads() {
    assert_same_masks(&sample_clip(), &short_with_srafs(), None);
}

#[test]
fn every_contest_recipe_gives_one_mask_on_any_number_of_threads() {
    let Some(folder) = shared("iccad13") else { return };
    let clip = layout::open(&folder.join("M1_test10.glp")).unwrap().default_clip(2048).unwrap();
    let recipes = Recipe::names().map(|name| Recipe::named(name).unwrap());
    let imported = |r: &Recipe| matches!(r.optics.kernels, KernelSource::Imported { .. });
    let mut checked = 0;
    for recipe in recipes.filter(imported) {
        let file = |threads| on_threads(threads, || mask_file(&clip, &recipe, Some(&folder)));
        assert!(file(2) == file(1), "{}: one thread and two differ", recipe.name);
        checked += 1;
    }
    assert!(checked > 0, "the contest's recipes come with the program");
}

#[test]
fn a_run_stopped_and_resumed_by_the_program_writes_the_same_mask() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = folder.path().join("short.toml");
    std::fs::write(&recipe, toml::to_string(&short_with_srafs()).unwrap()).unwrap();
    let clip = sample("elbow_and_t.gds");
    let clip = std::fs::canonicalize(clip).unwrap();
    let run = |arguments: &[&str]| {
        let run = lithoscope_in(folder.path(), arguments).unwrap();
        assert_eq!(run.code, Some(0), "{}", run.err);
    };
    let clip = clip.to_str().unwrap();
    let anew = ["opc", clip, "--recipe", "short.toml", "-q"];
    run(&[&anew[..], &["-o", "whole.gds", "--csv", "whole.csv"]].concat());
    let stop = ["-o", "part.gds", "--stop-after", "14", "--save", "part.run"];
    run(&[&anew[..], &stop].concat());
    let again = ["opc", "--resume", "part.run", "-q"];
    run(&[&again[..], &["-o", "two.gds", "--stop-after", "9", "--save", "part.run"]].concat());
    run(&[&again[..], &["-o", "end.gds", "--csv", "end.csv"]].concat());
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("whole.gds") == read("end.gds"), "the masks differ");
    assert!(read("whole.csv") == read("end.csv"), "the histories differ");
}

#[test]
fn a_file_that_is_no_saved_run_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.run"), b"not a run").unwrap();
    let run = lithoscope_in(folder.path(), &["opc", "--resume", "bad.run", "-o", "m.gds"]).unwrap();
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("bad.run is not a saved run"), "{}", run.err);
    assert!(!folder.path().join("m.gds").exists());
}
