//! Pictures that the window's own device makes, drawn from its memory.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use image::RgbaImage;
use lithoscope::window::{Host, Status, WindowOptions, Workbench};
use lithoscope_tests::has_vulkan;

/// Long enough for a slow machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_mins(3);

fn until(harness: &mut Harness<'_, Workbench>, what: &str, is_so: impl Fn(Status) -> bool) {
    let started = Instant::now();
    while !is_so(harness.state().status()) {
        harness.step();
        assert!(started.elapsed() < PATIENCE, "{what}: {:?}", harness.state().status());
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.run_steps(3);
}

/// What lies on the middle of the canvas.
fn canvas(harness: &mut Harness<'_, Workbench>) -> RgbaImage {
    let frame = harness.render().unwrap();
    image::imageops::crop_imm(&frame, 420, 200, 500, 300).to_image()
}

/// Share of pixels in which a channel differs by more than so much.
fn differing(a: &RgbaImage, b: &RgbaImage, much: u8) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let differs = a
        .pixels()
        .zip(b.pixels())
        .filter(|(a, b)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > much));
    differs.count() as f64 / f64::from(a.width() * a.height())
}

/// A window on its own graphics device that has opened a sample.
fn window() -> Harness<'static, Workbench> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1440.0, 900.0))
        .with_os(egui::os::OperatingSystem::Nix)
        .wgpu()
        .build_eframe(|context| {
            Workbench::new(&context.egui_ctx, WindowOptions::default(), Host::Isolated)
                .unwrap()
                .with_graphics(context.wgpu_render_state.as_ref())
        });
    harness.run_steps(2);
    harness.get_by_label("Sample: Isolated line").click();
    until(&mut harness, "the starting mask", |s| s.pictured == Some(0) && !s.busy);
    assert!(!harness.state().status().drawn_on_device);
    harness
}

/// Picks an entry of a list.
fn pick(harness: &mut Harness<'_, Workbench>, list: &str, entry: &str) {
    harness.get_by_label(list).click();
    harness.run_steps(3);
    harness.get_by_label(entry).click();
}

#[test]
fn a_picture_drawn_from_the_devices_memory_is_the_processors() {
    if !has_vulkan() {
        return;
    }
    let mut harness = window();
    let processors = canvas(&mut harness);

    pick(&mut harness, "What computes", "Graphics (wgpu)");
    until(&mut harness, "a picture on the device", |s| s.drawn_on_device && !s.busy);
    let devices = canvas(&mut harness);
    // Colours step where intensities round apart; nothing else differs.
    assert!(differing(&processors, &devices, 8) < 1e-3);

    // A step on the device moves what is drawn, and the comparison sees it.
    let made = harness.state().status().iterations;
    harness.get_by_label("Step").click();
    until(&mut harness, "a step", |s| s.iterations == made + 1 && !s.busy);
    until(&mut harness, "its picture", |s| s.pictured == Some(1) && s.drawn_on_device);
    assert!(differing(&devices, &canvas(&mut harness), 8) > 1e-3);

    pick(&mut harness, "What computes", "Processor");
    until(&mut harness, "a picture of the processor", |s| !s.drawn_on_device && !s.busy);
    assert_eq!(harness.state().status().banners, 0);
}

#[test]
fn resist_depth_drawn_from_the_devices_memory_is_the_processors() {
    if !has_vulkan() {
        return;
    }
    let mut harness = window();
    let light = canvas(&mut harness);
    pick(&mut harness, "Resist model", "torchresist-iccad13 · film, straight down");
    until(&mut harness, "a film", |s| s.has_film && !s.busy);
    let processors = canvas(&mut harness);
    assert!(differing(&light, &processors, 8) > 0.1, "depth covers the light");

    pick(&mut harness, "What computes", "Graphics (wgpu)");
    until(&mut harness, "depth on the device", |s| s.drawn_on_device && s.has_film && !s.busy);
    assert!(differing(&processors, &canvas(&mut harness), 8) < 1e-3);

    // What diffuses stays on the processor, beside light from the device.
    pick(&mut harness, "Resist model", "generic-car · film, straight down");
    until(&mut harness, "a blurred film", |s| s.has_film && !s.drawn_on_device && !s.busy);
    assert_eq!(harness.state().status().banners, 0);
}
