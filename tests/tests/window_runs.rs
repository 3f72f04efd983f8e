//! Runs in the window, driven without a screen: saved, opened, and computed on devices.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lithoscope::window::{Host, Status, WindowOptions, Workbench};
use lithoscope_engine::device::{BackendKind, Devices};
use lithoscope_engine::layout;
use lithoscope_engine::opc::{OpcRun, Recipe, SavedRun, load_process};
use lithoscope_tests::sample;

/// Long enough for a slow machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(2);

fn window<'a>(file: Option<&Path>) -> Harness<'a, Workbench> {
    let options = WindowOptions { file: file.map(Path::to_path_buf), ..WindowOptions::default() };
    Harness::builder()
        .with_size(egui::vec2(1440.0, 900.0))
        .with_os(egui::os::OperatingSystem::Nix)
        .build_eframe(|context| Workbench::new(&context.egui_ctx, options, Host::Isolated).unwrap())
}

/// Shows frames until the workbench is where it should be.
fn until(harness: &mut Harness<'_, Workbench>, what: &str, is_so: impl Fn(Status) -> bool) {
    let started = Instant::now();
    loop {
        harness.step();
        let status = harness.state().status();
        if is_so(status) {
            harness.run_steps(3);
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{what} did not happen: {status:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A window with a sample and some iterations made.
fn stepped<'a>(iterations: usize) -> Harness<'a, Workbench> {
    let mut harness = window(None);
    harness.run_steps(2);
    harness.get_by_label("Sample: Isolated line").click();
    until(&mut harness, "the starting mask", |s| s.pictured == Some(0) && !s.busy);
    step(&mut harness, iterations);
    harness
}

fn step(harness: &mut Harness<'_, Workbench>, times: usize) {
    for _ in 0..times {
        let made = harness.state().status().iterations;
        harness.get_by_label("Step").click();
        until(harness, "a step", |s| s.iterations == made + 1 && !s.busy);
    }
    until(harness, "its picture", |s| s.pictured == Some(s.iterations - 1));
}

fn give_path(harness: &mut Harness<'_, Workbench>, path: &Path) {
    harness.run_steps(2);
    let field = harness.get_by_label("Path");
    field.focus();
    field.set_text_value_accesskit(path.to_str().unwrap());
    harness.run_steps(2);
    harness.get_by_label("Use this path").click();
    harness.run_steps(2);
}

/// Opens a menu of the toolbar and takes one of its lines.
fn choose(harness: &mut Harness<'_, Workbench>, menu: &str, line: &str) {
    harness.get_by_label(menu).click();
    harness.run_steps(4);
    harness.get_by_label(line).click();
}

/// The table of all iterations, as the window exports it.
fn table(harness: &mut Harness<'_, Workbench>, path: &Path) -> String {
    choose(harness, "Export", "Export metrics as CSV…");
    give_path(harness, path);
    until(harness, "the exported table", |_| path.exists());
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_run_saved_in_the_window_is_opened_scrubbed_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("line.run");
    let mut harness = stepped(3);
    choose(&mut harness, "Export", "Save run…");
    give_path(&mut harness, &run);
    until(&mut harness, "the saved run", |_| run.exists());
    assert_eq!(SavedRun::load(&run).unwrap().iterations(), 4);
    assert_eq!(SavedRun::load(&run).unwrap().source, "isolated_line.gds");
    step(&mut harness, 2);
    let whole = table(&mut harness, &folder.path().join("whole.csv"));

    // In the window that went on, and in one that never saw it.
    let mut other = window(None);
    other.run_steps(2);
    for (harness, name) in [(&mut harness, "same.csv"), (&mut other, "other.csv")] {
        harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::O);
        give_path(harness, &run);
        let there = |s: Status| s.iterations == 4 && s.pictured == Some(3) && !s.busy;
        until(harness, "the opened run", there);
        assert_eq!(harness.state().status().wanted, 3);
        harness.get_by_label("Iteration").set_value_accesskit(1.0);
        until(harness, "iteration 1 on the canvas", |s| s.pictured == Some(1));
        harness.key_press(Key::End);
        until(harness, "the last one again", |s| s.pictured == Some(3));
        step(harness, 2);
        assert_eq!(table(harness, &folder.path().join(name)), whole, "{name}");
        assert!(harness.query_by_label_contains("Could not").is_none());
    }
}

#[test]
fn a_run_named_at_the_start_is_opened_with_its_own_recipe() {
    let clip = layout::open(&sample("isolated_line.gds")).unwrap().default_clip(2048).unwrap();
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = 5;
    recipe.descent.passes = 0;
    let process = load_process(&recipe, clip.window, None, None).unwrap();
    let mut run = OpcRun::new(&clip, &recipe, &process).unwrap();
    while run.step().unwrap().is_some() {}
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("short.run");
    std::fs::write(&file, run.save().to_bytes().unwrap()).unwrap();

    let mut harness = window(Some(&file));
    until(&mut harness, "the opened run", |s| s.iterations == 6 && s.pictured == Some(5));
    assert!(harness.query_by_label("Sample: Isolated line").is_none());
    // The recipe in the panel is that of the run, so there is nothing to apply.
    assert!(harness.query_by_label("Apply and reset").is_none());
    harness.key_press(Key::Period);
    harness.run_steps(4);
    assert_eq!(harness.state().status().iterations, 6, "the schedule is done");
    harness.key_press(Key::F5);
    until(&mut harness, "a word about it", |s| s.banners == 1 && s.iterations == 6);
}

#[test]
fn a_run_that_cannot_be_opened_or_written_is_told_and_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.run");
    std::fs::write(&broken, b"not a run").unwrap();
    let mut harness = stepped(2);
    choose(&mut harness, "Open…", "Open run…");
    give_path(&mut harness, &broken);
    until(&mut harness, "a banner", |s| s.banners == 1);
    harness.get_by_label("Could not open broken.run");
    let status = harness.state().status();
    assert!(status.has_clip && status.iterations == 3, "{status:?}");
    harness.get_by_label("Dismiss").click();
    until(&mut harness, "an empty screen", |s| s.banners == 0);

    choose(&mut harness, "Export", "Save run…");
    give_path(&mut harness, &folder.path().join("nowhere").join("line.run"));
    until(&mut harness, "a banner", |s| s.banners == 1);
    assert!(harness.query_by_label_contains("Could not write the run to").is_some());
    assert_eq!(harness.state().status().iterations, 3);
    step(&mut harness, 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no half-written file stays");
}

#[test]
fn a_device_chosen_in_the_recipe_panel_computes_from_there_on() {
    let devices = Devices::find(None);
    let of_wgpu = devices.infos().iter().find(|info| info.backend == BackendKind::Wgpu);
    let Some(wgpu) = of_wgpu else {
        assert!(std::env::var_os("LITHOSCOPE_REQUIRE_GPU").is_none(), "no device");
        println!("skipped: no device that wgpu drives");
        return;
    };
    let mut harness = stepped(1);
    for (choice, said) in [
        ("Graphics (wgpu)", format!("{} (wgpu)", wgpu.name)),
        ("Nvidia (CUDA)", "Processor: no such device".to_owned()),
    ] {
        if choice.contains("CUDA") && devices.missing_cuda().is_none() {
            continue;
        }
        harness.get_by_label("What computes").click();
        harness.run_steps(3);
        harness.get_by_label(choice).click();
        let started = Instant::now();
        while harness.query_by_label_contains(&said).is_none() {
            harness.step();
            assert!(started.elapsed() < PATIENCE, "{choice}: {said} is not shown");
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was computed before stays, and the run goes on.
        let before = harness.state().status().iterations;
        step(&mut harness, 1);
        assert_eq!(harness.state().status().iterations, before + 1);
        assert_eq!(harness.state().status().banners, 0);
    }
}
