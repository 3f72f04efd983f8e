//! The tabs that measure and the resist in three dimensions, driven without a screen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::time::{Duration, Instant};

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lithoscope::window::{Host, WindowOptions, Workbench};
use lithoscope_tests::{has_vulkan, sample};

/// Long enough for a slow machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(4);

fn builder() -> egui_kittest::HarnessBuilder<Workbench> {
    Harness::builder().with_size(egui::vec2(1440.0, 900.0)).with_os(egui::os::OperatingSystem::Nix)
}

fn workbench(context: &eframe::CreationContext<'_>) -> Workbench {
    let file = Some(sample("isolated_line.gds"));
    let options = WindowOptions { file, ..WindowOptions::default() };
    Workbench::new(&context.egui_ctx, options, Host::Isolated)
        .unwrap()
        .with_graphics(context.wgpu_render_state.as_ref())
}

fn until(
    harness: &mut Harness<'_, Workbench>,
    what: &str,
    is_so: impl Fn(&Harness<'_, Workbench>) -> bool,
) {
    let started = Instant::now();
    loop {
        harness.step();
        if is_so(harness) {
            harness.run_steps(3);
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether something of this name is shown; the same word may stand in several panels.
fn shows(harness: &Harness<'_, Workbench>, label: &str) -> bool {
    harness.query_all_by_label_contains(label).next().is_some()
}

fn open<'a>() -> Harness<'a, Workbench> {
    let mut harness = builder().build_eframe(|context| workbench(context));
    until(&mut harness, "the starting mask", |h| h.state().status().pictured == Some(0));
    harness
}

#[test]
fn the_window_tab_measures_gauges_and_their_common_window() {
    let mut harness = open();
    harness.get_by_label("Window").click();
    harness.run_steps(3);
    harness.get_by_label("Measure the process window").click();
    until(&mut harness, "a process window", |h| shows(h, "MEEF"));
    assert!(shows(&harness, "G1"));
    // As drawn the lines are too narrow at any focus and dose, and the tab says so.
    assert!(shows(&harness, "Best dose") || shows(&harness, "No focus and dose"));
}

#[test]
fn the_optics_tab_shows_the_kernels_of_the_recipe() {
    let mut harness = open();
    // The recipe panel has a group of that name too; the tabs come first.
    harness.query_all_by_label("Optics").next().unwrap().click();
    until(&mut harness, "the optics", |h| shows(h, "Image error"));
    assert!(shows(&harness, "Energy kept"));
    assert!(shows(&harness, "Wavefront"));
}

#[test]
fn a_resist_is_calibrated_on_the_shown_clip_and_used() {
    let mut harness = open();
    harness.get_by_label("Calibrate").click();
    harness.run_steps(3);
    harness.get_by_label("Try it on this clip").click();
    until(&mut harness, "a calibrated resist", |h| shows(h, "Use this resist"));
    assert!(shows(&harness, "calibrated"));
    harness.get_by_label("Use this resist").click();
    harness.run_steps(3);
    until(&mut harness, "its picture", |h| {
        !h.state().status().busy && h.state().status().pictured == Some(0)
    });
    assert_eq!(harness.state().status().banners, 0);
}

#[test]
fn the_resist_stands_in_place_of_the_canvas_and_goes_again() {
    if !has_vulkan() {
        return;
    }
    let mut harness = builder().wgpu().build_eframe(|context| workbench(context));
    until(&mut harness, "the starting mask", |h| h.state().status().pictured == Some(0));
    harness.key_press(Key::D);
    let offer = "Use a three-dimensional resist";
    until(&mut harness, "the offer of a resist", |h| shows(h, offer));
    harness.get_by_label(offer).click();
    until(&mut harness, "a developed block", |h| h.state().block_triangles() > 1000);
    assert!(shows(&harness, "voxels"));
    harness.get_by_label("Back to the clip").click();
    harness.run_steps(3);
    assert!(shows(&harness, "Canvas"));
    assert_eq!(harness.state().status().banners, 0);
}
