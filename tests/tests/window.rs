//! The window, driven without a screen: by name, as a person with a screen reader would.
//!
//! Pictures are drawn by a software Vulkan driver. Write them anew with
//! `UPDATE_SNAPSHOTS=1 cargo test --workspace --test window`, and look at them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::path::Path;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions};
use lithoscope::window::{CutStatus, Host, Status, WindowOptions, Workbench};
use lithoscope_engine::layout::{self, Layer};
use lithoscope_tests::has_vulkan;

/// Long enough for a slow machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(2);
const SIZE: egui::Vec2 = egui::vec2(1440.0, 900.0);

fn builder() -> egui_kittest::HarnessBuilder<Workbench> {
    Harness::builder().with_size(SIZE).with_os(egui::os::OperatingSystem::Nix)
}

fn workbench(context: &eframe::CreationContext<'_>) -> Workbench {
    Workbench::new(&context.egui_ctx, WindowOptions::default(), Host::Isolated)
        .unwrap()
        .with_graphics(context.wgpu_render_state.as_ref())
}

fn window<'a>() -> Harness<'a, Workbench> {
    builder().build_eframe(|context| workbench(context))
}

/// A window that draws, or `None` (with the reason) where there is no Vulkan driver.
fn drawn_window<'a>() -> Option<Harness<'a, Workbench>> {
    if !has_vulkan() {
        return None;
    }
    Some(builder().wgpu().build_eframe(|context| workbench(context)))
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

fn open_sample(harness: &mut Harness<'_, Workbench>, title: &str) {
    harness.run_steps(2);
    harness.get_by_label(&format!("Sample: {title}")).click();
    until(harness, "the starting mask", |s| s.pictured == Some(0) && !s.busy);
}

fn step_to(harness: &mut Harness<'_, Workbench>, iteration: usize) {
    while harness.state().status().iterations <= iteration {
        let made = harness.state().status().iterations;
        harness.get_by_label("Step").click();
        until(harness, "a step", |s| s.iterations == made + 1 && !s.busy);
    }
    until(harness, "its picture", |s| s.pictured == Some(iteration));
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

#[test]
fn a_sample_is_opened_stepped_scrubbed_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window();
    open_sample(&mut harness, "Isolated line");
    step_to(&mut harness, 2);

    harness.get_by_label("Iteration").set_value_accesskit(1.0);
    until(&mut harness, "iteration 1 on the canvas", |s| s.pictured == Some(1));
    assert_eq!(harness.state().status().iterations, 3, "scrubbing keeps later iterations");

    let mask = folder.path().join("mask.gds");
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::S);
    give_path(&mut harness, &mask);
    until(&mut harness, "the exported mask", |_| mask.exists());
    let written = layout::open(&mask).unwrap();
    let layers = written.layers(written.top_cells()[0]);
    assert!(layers.contains_key(&Layer::new(1, 0)) && layers.contains_key(&Layer::new(2, 0)));

    let table = folder.path().join("metrics.csv");
    harness.get_by_label("Export").click();
    harness.run_steps(4);
    harness.get_by_label("Export metrics as CSV…").click();
    give_path(&mut harness, &table);
    until(&mut harness, "the exported table", |_| table.exists());
    assert_eq!(std::fs::read_to_string(&table).unwrap().lines().count(), 1 + 3);
}

#[test]
fn a_failed_open_keeps_clip_and_run_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.gds");
    std::fs::write(&broken, b"not a layout").unwrap();
    let mut harness = window();
    open_sample(&mut harness, "Isolated line");
    step_to(&mut harness, 1);

    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::O);
    give_path(&mut harness, &broken);
    until(&mut harness, "a banner", |s| s.banners == 1);
    harness.get_by_label("Could not open broken.gds");
    let status = harness.state().status();
    assert!(status.has_clip && status.iterations == 2, "{status:?}");

    harness.get_by_label("Dismiss").click();
    until(&mut harness, "an empty screen", |s| s.banners == 0);
}

#[test]
fn space_runs_and_pauses_between_iterations() {
    let mut harness = window();
    open_sample(&mut harness, "Isolated line");
    harness.key_press(egui::Key::Space);
    until(&mut harness, "a run", |s| s.running && s.iterations > 3);
    harness.key_press(egui::Key::Space);
    until(&mut harness, "a pause", |s| !s.running);
    let paused = harness.state().status().iterations;
    until(&mut harness, "the last picture", |s| s.pictured == Some(s.iterations - 1));
    assert_eq!(harness.state().status().iterations, paused);
}

#[test]
fn the_palette_finds_reset_and_comma_goes_back() {
    let mut harness = window();
    open_sample(&mut harness, "Isolated line");
    step_to(&mut harness, 2);
    harness.key_press(egui::Key::Comma);
    until(&mut harness, "one back", |s| s.pictured == Some(1) && s.iterations == 3);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    harness.run_steps(2);
    harness.get_by_label("Command: Reset").click();
    until(&mut harness, "the start", |s| s.iterations == 1 && s.pictured == Some(0));
}

/// Drags with the left button between two places of the canvas, in shares of its size.
fn drag(harness: &mut Harness<'_, Workbench>, from: [f32; 2], to: [f32; 2]) {
    let canvas = harness.state().canvas().unwrap();
    let at = |[x, y]: [f32; 2]| canvas.min + egui::vec2(x, y) * canvas.size();
    harness.hover_at(at(from));
    harness.run_steps(1);
    harness.drag_at(at(from));
    harness.run_steps(1);
    harness.hover_at(at([f32::midpoint(from[0], to[0]), f32::midpoint(from[1], to[1])]));
    harness.run_steps(1);
    harness.hover_at(at(to));
    harness.run_steps(1);
    harness.drop_at(at(to));
    harness.run_steps(2);
}

/// Shows frames until light along the cut line is known.
fn until_cut(harness: &mut Harness<'_, Workbench>, what: &str, is_so: impl Fn(CutStatus) -> bool) {
    let started = Instant::now();
    loop {
        harness.step();
        let status = harness.state().cut_status();
        if status.is_some_and(&is_so) {
            harness.run_steps(3);
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{what} did not happen: {status:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_cut_line_is_drawn_read_moved_and_removed() {
    let mut harness = window();
    open_sample(&mut harness, "Isolated line");
    harness.key_press(egui::Key::X);
    harness.run_steps(2);
    drag(&mut harness, [0.2, 0.5], [0.8, 0.52]);
    until_cut(&mut harness, "light along the line", |c| c.edges.is_some());
    let drawn = harness.state().cut_status().unwrap();
    assert!(drawn.edges.unwrap() >= 2, "a line across the sample meets edges: {drawn:?}");

    // Its end can be dragged.
    drag(&mut harness, [0.8, 0.52], [0.7, 0.51]);
    until_cut(&mut harness, "the moved line", |c| c.edges.is_some() && c != drawn);

    harness.get_by_role_and_label(Role::Slider, "Defocus").set_value_accesskit(60.0);
    until_cut(&mut harness, "the line in defocus", |c| c.defocus_nm == Some(60.0));

    harness.get_by_label("Use a film").click();
    until_cut(&mut harness, "the developed film", |c| c.developed);
    harness.get_by_label("Remove").click();
    harness.run_steps(2);
    assert_eq!(harness.state().cut_status(), None);
}

#[test]
fn a_resist_in_three_dimensions_is_developed_along_the_line() {
    let mut harness = window();
    open_sample(&mut harness, "Isolated line");
    harness.get_by_label("Resist model").click();
    harness.run_steps(4);
    harness.get_by_label("film-on-silicon · film, 3-D").click();
    harness.run_steps(2);
    harness.key_press(egui::Key::X);
    harness.run_steps(2);
    drag(&mut harness, [0.35, 0.5], [0.65, 0.5]);
    until_cut(&mut harness, "the developed film", |c| c.developed);
    harness.get_by_label("After bake").click();
    harness.run_steps(3);
    harness.get_by_label("Sidewall angle");
}

#[test]
fn escape_gives_up_the_line_begun_and_then_the_tool() {
    let mut harness = window();
    open_sample(&mut harness, "Isolated line");
    harness.key_press(egui::Key::X);
    harness.run_steps(2);
    let canvas = harness.state().canvas().unwrap();
    harness.hover_at(canvas.center());
    harness.drag_at(canvas.center());
    harness.run_steps(1);
    harness.hover_at(canvas.center() + egui::vec2(100.0, 0.0));
    harness.run_steps(2);
    assert!(harness.state().cut_status().is_some());
    harness.key_press(egui::Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().cut_status(), None);
    harness.drop_at(canvas.center() + egui::vec2(100.0, 0.0));
    harness.key_press(egui::Key::Escape);
    harness.run_steps(2);
    drag(&mut harness, [0.3, 0.3], [0.6, 0.6]);
    assert_eq!(harness.state().cut_status(), None, "without the tool a drag pans");
}

#[test]
fn a_recipe_without_its_kernels_offers_to_choose_them_and_the_target_is_still_shown() {
    let options =
        WindowOptions { recipe: Some("iccad13-no-sraf".to_owned()), ..WindowOptions::default() };
    let mut harness = builder().build_eframe(|context| {
        Workbench::new(&context.egui_ctx, options, Host::Isolated).unwrap()
    });
    harness.run_steps(2);
    harness.get_by_label("Sample: Isolated line").click();
    until(&mut harness, "a banner", |s| s.banners == 1 && s.has_clip);
    harness.get_by_label("Dismiss");
    assert_eq!(harness.get_all_by_label("Choose kernels folder…").count(), 1);
}

/// Text is drawn by the same code everywhere, but drivers round colours and blend edges
/// differently: a pixel may differ slightly (0.6 of the squared YIQ distance, egui's own default),
/// and 60 of 1.3 million, less than one letter, may differ more.
fn tolerance() -> SnapshotOptions {
    SnapshotOptions::new().threshold(0.6).max_failed_pixels(60)
}

#[test]
fn pictures_of_empty_loaded_and_corrected_windows_have_not_changed() {
    let Some(mut harness) = drawn_window() else { return };
    // The drawings on the cards come from the engine's thread.
    for _ in 0..20 {
        harness.step();
        std::thread::sleep(Duration::from_millis(20));
    }
    harness.snapshot_options("window_empty", &tolerance());

    open_sample(&mut harness, "Elbow and T");
    harness.remove_cursor();
    harness.run_steps(4);
    harness.snapshot_options("window_clip", &tolerance());

    harness.key_press(egui::Key::X);
    harness.run_steps(2);
    drag(&mut harness, [0.3, 0.5], [0.7, 0.5]);
    until_cut(&mut harness, "light along the line", |c| c.edges.is_some());
    harness.remove_cursor();
    harness.run_steps(4);
    harness.snapshot_options("window_cut_line", &tolerance());
    harness.get_by_label("Remove").click();
    harness.get_by_label("Metrics").click();
    harness.run_steps(2);

    step_to(&mut harness, 12);
    harness.remove_cursor();
    harness.run_steps(4);
    harness.snapshot_options("window_corrected", &tolerance());

    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::T);
    harness.run_steps(4);
    harness.snapshot_options("window_corrected_light", &tolerance());
}
