//! The command line as a person meets it: help, results, files, and one clear line for failures.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use lithoscope_engine::layout::{self, Layer};
use lithoscope_engine::opc::Recipe;
use lithoscope_tests::{Run, glp, glp_of, lithoscope_in, sample};
use serde_json::Value;

/// Runs a line of words in a folder.
fn run(folder: &Path, line: &str) -> Run {
    lithoscope_in(folder, &line.split_whitespace().collect::<Vec<_>>()).unwrap()
}

/// A folder with a small clip in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let clip = glp(&[[0, 0, 90, 700], [230, 0, 90, 700]]);
    std::fs::write(folder.path().join("clip.glp"), clip).unwrap();
    folder
}

/// A short schedule, so that a run takes a moment.
const SHORT: &str = "--set optimiser.stages.0.steps=2 --set optimiser.stages.1.steps=2 \
    --set optimiser.stages.2.steps=1 --set optimiser.stages.3.steps=1 \
    --set optimiser.stages.4.steps=1 --set assists.most=0 --set descent.passes=0";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn help_of_every_command_shows_examples() {
    let here = folder();
    for command in ["", "simulate", "process-window", "calibrate", "opc", "bench"] {
        let help = run(here.path(), &format!("{command} --help"));
        assert_eq!(help.code, Some(0), "{}", help.err);
        assert!(help.out.contains("Examples:\n  lithoscope"), "{}", help.out);
    }
    let version = run(here.path(), "--version");
    assert_eq!(version.out.trim(), format!("lithoscope {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_exits_2_and_failures_exit_1() {
    let here = folder();
    for line in [
        "opc clip.glp",
        "opc clip.glp -o m.gds --window 0,0,1",
        "opc clip.glp -o m.gds --layer metal",
        "opc clip.glp -o m.gds --set fragments.run_nm",
        "opc clip.glp -o m.gds --json --quiet",
        "simulate clip.glp --pixel 0",
        "simulate clip.glp --threads 0",
        "simulate",
    ] {
        assert_eq!(run(here.path(), line).code, Some(2), "{line}");
    }
    assert_eq!(run(here.path(), "simulate none.glp").code, Some(1));
}

#[test]
fn recipes_are_listed_and_printed_ready_to_edit() {
    let here = folder();
    let list = run(here.path(), "recipes").out;
    for name in Recipe::names() {
        assert!(list.lines().any(|line| line.starts_with(name)), "{name} is not in\n{list}");
        let text = run(here.path(), &format!("recipes {name}")).out;
        assert_eq!(Recipe::parse(name, &text).unwrap(), Recipe::named(name).unwrap());
    }
    let unknown = run(here.path(), "recipes best");
    assert!(unknown.code == Some(1) && unknown.err.contains(Recipe::DEFAULT), "{}", unknown.err);
}

#[test]
fn simulate_images_a_clip_and_writes_pictures() {
    let here = folder();
    let done = run(here.path(), "simulate clip.glp --pixel 8 -o out --json");
    assert_eq!(done.code, Some(0), "{}", done.err);
    let report = json(&done.out);
    assert!(report["intensity_focus"]["max"].as_f64().unwrap() > 0.2);
    assert!(report["kernels"]["focus"]["energy_kept"].as_f64().unwrap() > 0.9);
    assert_eq!(report["manhattan"], true);
    let out = here.path().join("out");
    assert_eq!(json(&std::fs::read_to_string(out.join("report.json")).unwrap()), report);
    let aerial: ndarray::Array2<f32> = ndarray_npy::read_npy(out.join("aerial.npy")).unwrap();
    assert_eq!(aerial.dim(), (256, 256));
    for picture in ["aerial.png", "printed.png"] {
        let picture = image::open(out.join(picture)).unwrap();
        assert_eq!((picture.width(), picture.height()), (256, 256));
    }
}

#[test]
fn simulate_takes_slanted_polygons() {
    let here = folder();
    let slanted = glp_of("   PGON N M1  0 0 200 0 200 200 100 300\n");
    std::fs::write(here.path().join("slanted.glp"), slanted).unwrap();
    let done = run(here.path(), "simulate slanted.glp --json");
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_eq!(json(&done.out)["manhattan"], false);
}

#[test]
fn opc_writes_mask_report_and_table_that_agree() {
    let here = folder();
    let line = format!("opc clip.glp -o m.gds --report r.json --csv m.csv --json {SHORT}");
    let done = run(here.path(), &line);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    let report = json(&done.out);
    let written = std::fs::read_to_string(here.path().join("r.json")).unwrap();
    assert_eq!(json(&written), report);
    let history = report["history"].as_array().unwrap();
    assert_eq!(history.len(), 8);
    let best = report["best"]["iteration"].as_u64().unwrap() as usize;
    assert_eq!(report["best"]["l2_nm2"], history[best]["l2_nm2"]);
    assert_eq!(report["best"]["shots"], history[best]["shots"]);
    assert_eq!(report["recipe"]["name"], Recipe::DEFAULT);
    assert!(report["fragments"].as_u64().unwrap() > 8);
    let table = std::fs::read_to_string(here.path().join("m.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + history.len());
    if cfg!(target_os = "linux") {
        assert!(report["peak_memory_bytes"].as_u64().unwrap() > 1 << 20);
    }
}

#[test]
fn the_written_mask_keeps_the_contest_frame_and_the_recipes_layers() {
    let here = folder();
    let line = format!("opc clip.glp -o m.gds --quiet --set output.main=7/1 {SHORT}");
    let done = run(here.path(), &line);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(0), "", ""));
    let mask = layout::open(&here.path().join("m.gds")).unwrap();
    let cell = mask.top_cells()[0];
    let layers: Vec<_> = mask.layers(cell).into_keys().collect();
    assert_eq!(layers, [Layer::new(1, 0), Layer::new(7, 1)]);
    let target = mask.bounding_box_nm(cell, Some(Layer::new(1, 0))).unwrap();
    assert_eq!((target.min.x, target.min.y), ((2048 - 320) / 2, (2048 - 700) / 2));
    assert_eq!((target.width(), target.height()), (320, 700));
}

#[test]
fn one_thread_gives_the_mask_of_many() {
    let here = folder();
    for threads in [1, 3] {
        let line = format!("opc clip.glp -o {threads}.gds --quiet --threads {threads} {SHORT}");
        let done = run(here.path(), &line);
        assert_eq!(done.code, Some(0), "{}", done.err);
    }
    let polygons = |name: &str| {
        let mask = layout::open(&here.path().join(name)).unwrap();
        mask.clip(mask.top_cells()[0], Layer::new(2, 0), None).unwrap().polygons
    };
    assert_eq!(polygons("1.gds"), polygons("3.gds"));
}

#[test]
fn cell_layer_and_window_choose_the_clip() {
    let here = folder();
    let tile = sample("dense_metal_tile.gds");
    let layout = layout::open(&tile).unwrap();
    let cell = layout.top_cells()[0];
    let (layer, _) = layout.layers(cell).into_iter().next().unwrap();
    let name = layout.cell(cell).unwrap().name.clone();
    let (tile, layer) = (tile.to_str().unwrap(), layer.to_string());
    let window = "--window=100,100,900,700";
    let words =
        ["simulate", tile, "--cell", &name, "--layer", &layer, window, "--json", "--pixel", "4"];
    let done = lithoscope_in(here.path(), &words).unwrap();
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_eq!(json(&done.out)["clip"]["window_nm"], serde_json::json!([100, 100, 900, 700]));
}

#[test]
fn a_layer_larger_than_the_optics_is_cut_at_its_densest_part() {
    let here = folder();
    let block = sample("cell_block.gds");
    let layout = layout::open(&block).unwrap();
    let cell = layout.top_cells()[0];
    for layer in layout.layers(cell).into_keys() {
        let layer = layer.to_string();
        let words = ["simulate", block.to_str().unwrap(), "--layer", &layer, "--json"];
        let done = lithoscope_in(here.path(), &words).unwrap();
        assert_eq!(done.code, Some(0), "layer {layer}: {}", done.err);
        let window = json(&done.out)["clip"]["window_nm"].clone();
        let side = |a: usize, b: usize| window[b].as_i64().unwrap() - window[a].as_i64().unwrap();
        assert!(side(0, 2) <= 2048 && side(1, 3) <= 2048, "layer {layer}: {window}");
    }
}

#[test]
fn without_a_display_the_bare_program_corrects_the_sample() {
    let here = tempfile::tempdir().unwrap();
    let done = run(here.path(), "");
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(done.out.contains("No display") && done.out.contains("lithoscope-out"), "{}", done.out);
    let out = here.path().join("lithoscope-out");
    for file in ["mask.gds", "report.json", "metrics.csv", "mask.png", "aerial.png", "pv_band.png"]
    {
        assert!(out.join(file).metadata().unwrap().len() > 100, "{file}");
    }
    let report = json(&std::fs::read_to_string(out.join("report.json")).unwrap());
    let l2 = |of: &str| report[of]["l2_nm2"].as_u64().unwrap();
    assert!(l2("best") < l2("target_as_mask") / 2, "{} of {}", l2("best"), l2("target_as_mask"));
}
