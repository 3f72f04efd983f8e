//! Why a mask is as it is, and two runs side by side: driven without a screen.
//!
//! Pictures are written anew with `UPDATE_SNAPSHOTS=1 cargo test --workspace --test reasons`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::time::{Duration, Instant};

use egui::{Key, Pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions};
use lithoscope::window::{Host, WindowOptions, Workbench};
use lithoscope_tests::{has_vulkan, sample};

/// Long enough for a slow machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(4);

fn builder() -> egui_kittest::HarnessBuilder<Workbench> {
    Harness::builder().with_size(vec2(1280.0, 800.0)).with_os(egui::os::OperatingSystem::Nix)
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

fn until_shown(harness: &mut Harness<'_, Workbench>, label: &str) {
    until(harness, label, |h| shows(h, label));
}

/// Opens the sample and makes so many steps.
fn stepped(harness: &mut Harness<'_, Workbench>, steps: usize) {
    until(harness, "the starting mask", |h| h.state().status().pictured == Some(0));
    step_to(harness, steps);
}

fn step_to(harness: &mut Harness<'_, Workbench>, iteration: usize) {
    while harness.state().status().iterations <= iteration {
        let made = harness.state().status().iterations;
        harness.get_by_label("Step").click();
        until(harness, "a step", |h| h.state().status().iterations == made + 1);
    }
    until(harness, "its picture", |h| h.state().status().pictured == Some(iteration));
}

/// A place on the canvas where the pointer is on what the inspector calls so.
fn find(harness: &mut Harness<'_, Workbench>, name: &str) -> Pos2 {
    let canvas = harness.state().canvas().unwrap();
    for row in [0.5, 0.45, 0.4, 0.35, 0.3] {
        let y = canvas.top() + row * canvas.height();
        let mut x = canvas.left() + 4.0;
        while x < canvas.right() - 4.0 {
            harness.hover_at(Pos2::new(x, y));
            harness.run_steps(2);
            if shows(harness, name) {
                return Pos2::new(x, y);
            }
            x += 6.0;
        }
    }
    panic!("nothing on the canvas is called {name}");
}

fn click(harness: &mut Harness<'_, Workbench>, at: Pos2) {
    harness.hover_at(at);
    harness.run_steps(1);
    harness.drag_at(at);
    harness.run_steps(1);
    harness.drop_at(at);
    harness.run_steps(2);
}

#[test]
fn a_click_on_a_fragment_tells_what_pulls_and_holds_it_at_any_iteration() {
    let mut harness = builder().build_eframe(|context| workbench(context));
    stepped(&mut harness, 3);
    let at = find(&mut harness, "Fragment ");
    click(&mut harness, at);
    until_shown(&mut harness, "Next move wished");
    for part in ["By term", "By process corner", "Left by the rules", "Offset · nm over"] {
        assert!(shows(&harness, part), "{part}");
    }
    for bar in ["L2 pulls", "EPE pulls", "Nominal pulls", "Inner pulls"] {
        assert!(shows(&harness, bar), "{bar}");
    }
    harness.key_press(Key::Comma);
    until(&mut harness, "one back", |h| h.state().status().pictured == Some(2));
    until_shown(&mut harness, "Next move wished");
}

#[test]
fn a_click_on_a_gauge_lists_what_moves_it_and_a_row_leads_to_its_fragment() {
    let mut harness = builder().build_eframe(|context| workbench(context));
    stepped(&mut harness, 3);
    let at = find(&mut harness, "Gauge ");
    click(&mut harness, at);
    until_shown(&mut harness, "nm/nm");
    assert!(shows(&harness, "Slope of the image"));
    harness.query_all_by_label_contains("nm/nm").next().unwrap().click();
    until_shown(&mut harness, "Next move wished");
}

#[test]
fn layers_of_the_loss_and_the_rules_tab_say_what_they_show() {
    let mut harness = builder().build_eframe(|context| workbench(context));
    stepped(&mut harness, 2);
    harness.get_by_label("Show Gradient").click();
    until_shown(&mut harness, "Longest arrow");
    harness.get_by_label("Gradient of PV band").click();
    harness.run_steps(3);
    assert!(shows(&harness, "No SRAF at this iteration: a later stage places them"));
    harness.get_by_label("Show Difference").click();
    harness.run_steps(3);
    assert!(shows(&harness, "pin a run as A first"));
    harness.get_by_label("Rules").click();
    harness.run_steps(3);
    assert!(shows(&harness, "breaks no mask rule"));
}

#[test]
fn a_pinned_run_is_compared_with_the_one_that_goes_on() {
    let mut harness = builder().build_eframe(|context| workbench(context));
    stepped(&mut harness, 1);
    harness.key_press(Key::P);
    harness.run_steps(3);
    assert!(shows(&harness, "A · pinned"));
    step_to(&mut harness, 4);
    until_shown(&mut harness, "Printed only here");
    assert!(shows(&harness, "Wipe position"));
    harness.key_press(Key::Comma);
    until(&mut harness, "one back", |h| h.state().status().pictured == Some(3));
    until_shown(&mut harness, "Mask only here");
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::P);
    harness.run_steps(3);
    assert!(shows(&harness, "Pin this run as A"));
}

/// As in the other window tests: drivers round colours and blend edges differently.
fn tolerance() -> SnapshotOptions {
    SnapshotOptions::new().threshold(0.6).max_failed_pixels(60)
}

#[test]
fn pictures_of_explanations_and_comparisons_have_not_changed() {
    if !has_vulkan() {
        return;
    }
    let mut harness = builder().wgpu().build_eframe(|context| workbench(context));
    stepped(&mut harness, 1);
    harness.key_press(Key::P);
    harness.run_steps(3);
    step_to(&mut harness, 6);
    until_shown(&mut harness, "Printed only here");
    harness.remove_cursor();
    harness.run_steps(4);
    harness.snapshot_options("window_compare", &tolerance());

    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::P);
    harness.get_by_label("Show Gradient").click();
    harness.get_by_label("Show Seed map").click();
    harness.get_by_label("Show Aerial image").click();
    until_shown(&mut harness, "Longest arrow");
    let at = find(&mut harness, "Fragment ");
    click(&mut harness, at);
    until_shown(&mut harness, "Next move wished");
    harness.remove_cursor();
    harness.run_steps(4);
    harness.snapshot_options("window_explain", &tolerance());
}
