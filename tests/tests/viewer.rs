//! The layout viewer, driven without a screen: by name, and by places on the canvas in nm.
//!
//! Pictures: see `window.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions};
use lithoscope::window::{Host, LayoutStatus, Mode, WindowOptions, Workbench};
use lithoscope_engine::layout::{Layer, lyp};
use lithoscope_tests::{has_vulkan, sample};

/// Long enough for a slow machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(2);
const SIZE: egui::Vec2 = egui::vec2(1440.0, 900.0);
const METAL: Layer = Layer::new(12, 0);
const STRAP: Layer = Layer::new(13, 0);

type Window<'a> = Harness<'a, Workbench>;

fn options(file: &Path) -> WindowOptions {
    WindowOptions { file: Some(file.to_path_buf()), ..WindowOptions::default() }
}

/// Frames are short, so that two clicks can be a double click.
fn builder() -> egui_kittest::HarnessBuilder<Workbench> {
    let builder = Harness::builder().with_size(SIZE).with_step_dt(1.0 / 60.0);
    builder.with_os(egui::os::OperatingSystem::Nix)
}

/// A window with the file open in Layout mode.
fn viewing<'a>(file: &Path) -> Window<'a> {
    let options = options(file);
    let mut window = builder().build_eframe(|context| {
        Workbench::new(&context.egui_ctx, options, Host::Isolated).unwrap()
    });
    until(&mut window, "an open layout", |w| w.layout_status().is_some());
    window
}

fn block<'a>() -> Window<'a> {
    viewing(&sample("cell_block.gds"))
}

fn until(window: &mut Window<'_>, what: &str, is_so: impl Fn(&mut Workbench) -> bool) {
    let started = Instant::now();
    loop {
        window.step();
        if is_so(window.state_mut()) {
            window.run_steps(3);
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn status(window: &mut Window<'_>) -> LayoutStatus {
    window.state_mut().layout_status().unwrap()
}

/// Where a point (nm) is on the screen.
fn at(window: &mut Window<'_>, nm: [f64; 2]) -> Pos2 {
    let s = status(window);
    let off = |i: usize| ((nm[i] - s.centre_nm[i]) / s.nm_per_point) as f32;
    s.canvas.center() + egui::vec2(off(0), -off(1))
}

fn button(window: &mut Window<'_>, pos: Pos2, pressed: bool, modifiers: Modifiers) {
    window.event_modifiers(
        Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers },
        modifiers,
    );
    window.run_steps(1);
}

fn click(window: &mut Window<'_>, nm: [f64; 2], modifiers: Modifiers) {
    let pos = at(window, nm);
    window.hover_at(pos);
    window.run_steps(1);
    button(window, pos, true, modifiers);
    button(window, pos, false, modifiers);
    // The next click is no double click.
    window.run_steps(40);
}

fn drag(window: &mut Window<'_>, from: [f64; 2], to: [f64; 2], modifiers: Modifiers) {
    let (from, to) = (at(window, from), at(window, to));
    window.hover_at(from);
    window.run_steps(1);
    button(window, from, true, modifiers);
    for i in 1..=4 {
        let on_the_way = from + (to - from) * (i as f32 / 4.0);
        window.event_modifiers(Event::PointerMoved(on_the_way), modifiers);
        window.run_steps(1);
    }
    button(window, to, false, modifiers);
    window.run_steps(2);
}

fn type_into(window: &mut Window<'_>, field: &str, text: &str) {
    let node = window.get_by_label(field);
    node.focus();
    node.set_text_value_accesskit(text);
    window.run_steps(3);
}

fn give_path(window: &mut Window<'_>, path: &Path) {
    window.run_steps(2);
    type_into(window, "Path", path.to_str().unwrap());
    window.get_by_label("Use this path").click();
    window.run_steps(2);
}

fn command(window: &mut Window<'_>, name: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(2);
    type_into(window, "Command name", name);
    window.get_by_label(&format!("Command: {name}")).click();
    window.run_steps(3);
}

fn has(window: &Window<'_>, text: &str) -> bool {
    window.query_all_by_label(text).next().is_some()
}

#[test]
fn a_layout_of_several_cells_is_shown_whole_and_no_clip_is_cut() {
    let mut window = block();
    let s = status(&mut window);
    assert_eq!((s.cell.as_str(), s.cell_rows), ("CELL_BLOCK", 6));
    assert_eq!(s.visible.len(), 4);
    assert_eq!(s.active, Some(METAL), "the layer with most shapes");
    // The whole cell is on the canvas: 6000 by about 6096 nm.
    let height = f64::from(s.canvas.height()) * s.nm_per_point;
    assert!((6096.0..8000.0).contains(&height), "{height}");
    let window = window.state().status();
    assert_eq!((window.mode, window.has_clip), (Some(Mode::Layout), false));
}

#[test]
fn cells_are_searched_shown_as_top_and_left_again() {
    let mut window = block();
    type_into(&mut window, "Search cells", "nand");
    assert_eq!(status(&mut window).cell_rows, 1);
    let row = window.get_by_label("Cell NAND2").rect().center();
    window.hover_at(row);
    for pressed in [true, false, true, false] {
        button(&mut window, row, pressed, Modifiers::NONE);
    }
    window.run_steps(3);
    let s = status(&mut window);
    assert_eq!(s.cell, "NAND2");
    assert!(s.nm_per_point < 3.0, "the cell is fitted: {}", s.nm_per_point);
    window.get_by_label("Back to top").click();
    window.run_steps(3);
    assert_eq!(status(&mut window).cell, "CELL_BLOCK");
}

#[test]
fn layers_are_hidden_and_the_depth_is_changed_by_key() {
    let mut window = block();
    window.get_by_label("Hide 12/0").click();
    window.run_steps(3);
    assert!(!status(&mut window).visible.contains(&METAL));
    window.get_by_label("Show 12/0").click();
    window.run_steps(3);
    command(&mut window, "Hide all layers");
    assert!(status(&mut window).visible.is_empty());
    command(&mut window, "Show all layers");
    assert_eq!(status(&mut window).visible.len(), 4);

    window.key_press(Key::OpenBracket);
    window.run_steps(2);
    assert_eq!(status(&mut window).depth, Some(0), "there are two levels");
    window.key_press(Key::CloseBracket);
    window.run_steps(2);
    assert_eq!(status(&mut window).depth, None);
}

#[test]
fn a_click_takes_the_smallest_shape_and_the_inspector_reads_it() {
    let mut window = block();
    // The rail contact of the lowest row on the rail: contacts are 64 nm squares.
    click(&mut window, [120.0, 0.0], Modifiers::NONE);
    assert_eq!(status(&mut window).selected, 1);
    assert!(has(&window, "Rectangle on 11/0"));
    assert!(has(&window, "CELL_BLOCK / RAIL_CONTACT"));
    assert!(has(&window, "0.004096 µm²") && has(&window, "64 nm × 64 nm"));
    assert!(has(&window, "25 × 5"), "the array that places it");
    // Again: the rail below.
    click(&mut window, [120.0, 0.0], Modifiers::NONE);
    assert!(has(&window, "Rectangle on 12/0"));
    // Shift adds another one, and takes it out again.
    click(&mut window, [360.0, 0.0], Modifiers::SHIFT);
    assert_eq!(status(&mut window).selected, 2);
    assert!(has(&window, "2 selected"));
    click(&mut window, [360.0, 0.0], Modifiers::NONE);
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert_eq!(status(&mut window).selected, 0);
}

#[test]
fn a_box_selects_what_lies_in_it_and_ctrl_drag_pans() {
    let mut window = block();
    drag(&mut window, [60.0, -50.0], [700.0, 50.0], Modifiers::NONE);
    // Contacts at 120, 360 and 600 nm; the rails reach beyond the box.
    assert_eq!(status(&mut window).selected, 3);
    let before = status(&mut window).centre_nm;
    drag(&mut window, [3000.0, 3000.0], [2000.0, 3000.0], Modifiers::COMMAND);
    let after = status(&mut window).centre_nm;
    assert!((after[0] - before[0] - 1000.0).abs() < 20.0, "{before:?} {after:?}");
}

#[test]
fn a_right_drag_zooms_to_its_box_and_escape_gives_it_up() {
    let mut window = block();
    let (from, to) = (at(&mut window, [1000.0, 3000.0]), at(&mut window, [2000.0, 2000.0]));
    let mut dragged = |given_up: bool| {
        let right = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Secondary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        window.hover_at(from);
        window.run_steps(1);
        window.event(right(from, true));
        window.run_steps(1);
        window.hover_at(to);
        window.run_steps(2);
        if given_up {
            window.key_press(Key::Escape);
            window.run_steps(2);
        }
        window.event(right(to, false));
        window.run_steps(2);
        status(&mut window)
    };
    let before = dragged(true);
    assert!(before.nm_per_point > 5.0, "{}", before.nm_per_point);
    let after = dragged(false);
    assert!((0..2).all(|i| (after.centre_nm[i] - [1500.0, 2500.0][i]).abs() < 20.0), "{after:?}");
    assert!(after.nm_per_point < 2.0, "{}", after.nm_per_point);
}

#[test]
fn a_ruler_snaps_to_corners() {
    let mut window = block();
    command(&mut window, "Hide all layers");
    window.get_by_label("Show 11/0").click();
    window.run_steps(2);
    window.key_press(Key::K);
    window.run_steps(2);
    // Some nm beside the lower corners of two rail contacts 240 nm apart, 64 nm wide.
    click(&mut window, [91.0, -30.0], Modifiers::NONE);
    click(&mut window, [390.0, -34.0], Modifiers::NONE);
    assert_eq!(status(&mut window).rulers_nm, [304.0]);
    window.key_press_modifiers(Modifiers::SHIFT, Key::K);
    window.run_steps(2);
    assert!(status(&mut window).rulers_nm.is_empty());
}

#[test]
fn places_are_typed_and_views_bookmarked() {
    let mut window = block();
    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    window.run_steps(2);
    type_into(&mut window, "Place", "1.5, 2, 0.7 µm");
    window.get_by_label("Go").click();
    window.run_steps(3);
    let there = status(&mut window);
    assert_eq!(there.centre_nm, [1500.0, 2000.0]);
    let side = there.canvas.height().min(there.canvas.width());
    assert!((there.nm_per_point * f64::from(side) - 700.0).abs() < 1.0);

    window.key_press_modifiers(Modifiers::COMMAND, Key::B);
    window.run_steps(2);
    type_into(&mut window, "Bookmark name", "hot spot");
    window.get_by_label("Keep").click();
    window.run_steps(3);
    assert_eq!(status(&mut window).bookmarks, ["hot spot"]);
    window.key_press(Key::F2);
    window.run_steps(2);
    assert_ne!(status(&mut window).centre_nm, there.centre_nm);
    window.get_by_label("Views").click();
    window.run_steps(3);
    window.get_by_label("hot spot").click();
    window.run_steps(3);
    let back = status(&mut window);
    assert!((back.nm_per_point / there.nm_per_point - 1.0).abs() < 1e-6);
    assert!((0..2).all(|i| (back.centre_nm[i] - there.centre_nm[i]).abs() < 1e-6));
}

#[test]
fn a_clip_is_taken_by_a_box_on_the_active_layer() {
    let mut window = block();
    window.key_press(Key::T);
    window.run_steps(2);
    drag(&mut window, [500.0, 500.0], [2500.0, 2500.0], Modifiers::NONE);
    until(&mut window, "a clip", |w| w.status().pictured == Some(0));
    assert_eq!(window.state().status().mode, Some(Mode::Clip));
    assert!(has(&window, "cell_block CELL_BLOCK"));
    // Back in the layout the clip's frame is there, and the view is as it was.
    window.get_by_label("Layout mode").click();
    window.run_steps(3);
    assert_eq!(window.state().status().mode, Some(Mode::Layout));
    window.key_press(Key::C);
    window.run_steps(3);
    assert_eq!(window.state().status().mode, Some(Mode::Clip));
}

fn copied(folder: &Path) -> PathBuf {
    let file = folder.join("block.gds");
    std::fs::copy(sample("cell_block.gds"), &file).unwrap();
    file
}

#[test]
fn a_changed_file_is_read_again_with_the_view_kept_and_a_broken_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = copied(folder.path());
    let mut window = viewing(&file);
    window.get_by_label("Hide 13/0").click();
    window.key_press(Key::Num0);
    window.run_steps(2);
    window.key_press(Key::Plus);
    window.run_steps(2);
    let before = status(&mut window);

    let mut bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    until(&mut window, "a refusal", |w| w.status().banners == 1);
    assert!(has(&window, "block.gds changed but cannot be read"));
    assert!(has(&window, "Open leniently"));
    assert_eq!(status(&mut window), before);

    // What follows the end of a library is padding.
    bytes.extend([0; 2048]);
    std::fs::write(&file, &bytes).unwrap();
    until(&mut window, "another reading", |w| w.layout_status().unwrap().readings == 2);
    let after = status(&mut window);
    assert!(!after.visible.contains(&STRAP));
    assert_eq!(LayoutStatus { readings: 1, ..after }, before);
}

#[test]
fn layer_properties_are_found_beside_the_file_and_saved_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = copied(folder.path());
    let mut properties = lyp::LayerProperties::for_layers([(METAL, Some("metal one"))]);
    properties.views[0].nodes[0].fill_color = Some([1, 2, 3]);
    lyp::write(&folder.path().join("tech.lyp"), &properties).unwrap();

    let mut window = viewing(&file);
    assert!(status(&mut window).has_looks);
    window.get_by_label("Layer metal one 12/0");
    window.get_by_label("Hide metal one 12/0").click();
    window.run_steps(2);
    command(&mut window, "Save layer properties…");
    let written = folder.path().join("saved.lyp");
    give_path(&mut window, &written);
    until(&mut window, "the written file", |_| written.exists());

    let saved = lyp::open(&written).unwrap();
    let node = saved.views[0].leaf_of(METAL, None).unwrap();
    assert!(!node.node().visible);
    assert_eq!(node.node().fill_color, Some([1, 2, 3]));
    assert_eq!(saved.views[0].nodes.len(), 4, "layers the file did not speak of");

    command(&mut window, "Open layer properties…");
    give_path(&mut window, &folder.path().join("tech.lyp"));
    until(&mut window, "the first properties", |w| {
        w.layout_status().unwrap().visible.contains(&METAL)
    });
}

#[test]
fn what_a_frame_costs_is_told() {
    let mut window = block();
    window.key_press(Key::F12);
    window.run_steps(3);
    let stats = window.state().frame_costs();
    assert!(stats.ui_ms > 0.0 && stats.ui_ms.is_finite());
}

/// As in `window.rs`.
fn tolerance() -> SnapshotOptions {
    SnapshotOptions::new().threshold(0.6).max_failed_pixels(60)
}

#[test]
fn pictures_of_layout_mode_have_not_changed() {
    if !has_vulkan() {
        return;
    }
    let options = options(&sample("cell_block.gds"));
    let mut window = builder().wgpu().build_eframe(|context| {
        Workbench::new(&context.egui_ctx, options, Host::Isolated)
            .unwrap()
            .with_graphics(context.wgpu_render_state.as_ref())
    });
    until(&mut window, "a settled picture", |w| w.layout_status().is_some() && w.is_settled());
    window.remove_cursor();
    window.run_steps(4);
    window.snapshot_options("viewer_block", &tolerance());

    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    window.run_steps(2);
    type_into(&mut window, "Place", "0.6, 0.6, 1.8 µm");
    window.get_by_label("Go").click();
    window.run_steps(3);
    window.key_press(Key::K);
    window.run_steps(3);
    click(&mut window, [60.0, 400.0], Modifiers::NONE);
    click(&mut window, [348.0, 1200.0], Modifiers::NONE);
    window.key_press(Key::S);
    window.run_steps(2);
    click(&mut window, [100.0, 900.0], Modifiers::NONE);
    window.remove_cursor();
    until(&mut window, "a settled picture", |w| w.is_settled());
    window.snapshot_options("viewer_inspected", &tolerance());
}
