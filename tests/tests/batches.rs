//! `lithoscope bench --batch`: clips in lock-step on a device, each as if it were alone.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use lithoscope_engine::opc::Recipe;
use lithoscope_tests::{Run, glp, has_vulkan, lithoscope_in};
use serde_json::Value;

fn run(folder: &Path, line: &str) -> Run {
    lithoscope_in(folder, &line.split_whitespace().collect::<Vec<_>>()).unwrap()
}

/// A folder with a recipe whose schedule and loss take a moment, and a folder of three clips whose
/// targets reach differently far.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = 3;
    recipe.objective.grid_nm = 16.0;
    recipe.descent.passes = 0;
    std::fs::write(folder.path().join("short.toml"), toml::to_string(&recipe).unwrap()).unwrap();
    let clips = folder.path().join("clips");
    std::fs::create_dir(&clips).unwrap();
    let targets: [&[[i32; 4]]; 3] = [
        &[[0, 0, 90, 700], [230, 0, 90, 700]],
        &[[0, 0, 600, 90]],
        &[[0, 0, 120, 120], [300, 200, 90, 500]],
    ];
    for (index, target) in targets.iter().enumerate() {
        std::fs::write(clips.join(format!("t{index}.glp")), glp(target)).unwrap();
    }
    folder
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn a_batch_gives_the_masks_and_figures_of_single_runs() {
    if !has_vulkan() {
        return;
    }
    let here = folder();
    for (batch, name) in [(1, "one"), (2, "two")] {
        let line = format!(
            "bench clips clips --recipe short.toml --backend wgpu --batch {batch} --judge {name} \
             --json {name}.json"
        );
        let ended = run(here.path(), &line);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(ended.out.contains("in lock-step on"), batch > 1, "{}", ended.out);
        assert_eq!(ended.out.contains("wall time of their batch"), batch > 1, "{}", ended.out);
        let (found, wanted) =
            (json(here.path(), &format!("{name}.json")), json(here.path(), "one.json"));
        assert_eq!(found["machine"]["batch"], batch);
        for (own, alone) in
            found["runs"].as_array().unwrap().iter().zip(wanted["runs"].as_array().unwrap())
        {
            for figure in ["clip", "l2_nm2", "pvb_nm2", "epe_violations", "shots", "iteration"] {
                assert_eq!(own[figure], alone[figure], "{figure}");
            }
            assert!(own["seconds"]["total"].as_f64().unwrap() > 0.0);
            let mask = format!("contest-like/{}.gds", own["clip"].as_str().unwrap());
            let bytes = |folder: &str| std::fs::read(here.path().join(folder).join(&mask)).unwrap();
            assert_eq!(bytes(name), bytes("one"), "{mask}");
        }
    }
}

#[test]
fn a_clip_of_a_batch_that_fails_is_a_row_and_the_others_go_on() {
    if !has_vulkan() {
        return;
    }
    let here = folder();
    std::fs::write(here.path().join("clips/broken.gds"), "no layout").unwrap();
    let line =
        "bench clips clips --recipe short.toml --backend wgpu --batch 4 --json t.json --quiet";
    let ended = run(here.path(), line);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("1 of 4 runs failed"), "{}", ended.err);
    let report = json(here.path(), "t.json");
    let failed = report["runs"].as_array().unwrap().iter().map(|run| run["failure"].is_string());
    assert_eq!(failed.collect::<Vec<_>>(), [true, false, false, false]);
}

#[test]
fn batches_that_make_no_sense_are_refused() {
    let here = folder();
    for (line, code, said) in [
        ("bench clips clips --backend wgpu --batch 0", 2, "0 is not in 1..=10000"),
        ("bench clips clips --backend wgpu --batch 2 --jobs 2", 2, "--jobs"),
        ("bench clips clips --batch 2", 1, "--backend wgpu, cuda or auto"),
    ] {
        let ended = run(here.path(), line);
        assert_eq!(ended.code, Some(code), "{line}: {}", ended.err);
        assert!(ended.err.contains(said), "{line}: {}", ended.err);
    }
}
