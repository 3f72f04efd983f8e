//! The layout canvas: a whole layout of any size, drawn by the graphics device.

mod input;

pub use super::canvas::Camera;
pub use input::{Detail, FrameStats, LayerPaint, SceneInput};

use std::time::Instant;

use eframe::egui_wgpu::RenderState;
use egui::{Rect, Stroke, StrokeKind, Ui, pos2};
use lithoscope_engine::layout::{Bounds, Found, Region};

/// Shapes drawn at most.
const MOST_SHAPES: usize = 20_000;

/// Draws layouts.
pub struct Scene {
    render_state: RenderState,
}

impl Scene {
    /// A scene on a window's graphics device.
    pub fn new(render_state: &RenderState) -> Self {
        Self { render_state: render_state.clone() }
    }

    /// Draws a layout on a part of the window.
    pub fn show(&mut self, ui: &Ui, canvas: Rect, input: &SceneInput<'_>) -> FrameStats {
        let started = Instant::now();
        let painter = ui.painter().with_clip_rect(canvas.intersect(ui.clip_rect()));
        let unit = input.layout.unit_nm;
        let corner = |at| input.camera.to_nm(canvas, at).map(|v| v / unit);
        let window = Bounds::around([corner(canvas.min), corner(canvas.max)]);
        let Some(window) = window else { return FrameStats::default() };
        let mut stats = FrameStats { detail: Detail::Shapes, ..FrameStats::default() };
        for look in input.layers.iter().filter(|l| l.visible) {
            let mut region = Region::new(window, look.layer);
            region.depth = input.depth;
            region.min_size = input.camera.nm_per_point / unit;
            let left = MOST_SHAPES.saturating_sub(stats.primitives);
            for found in input.layout.shapes_in(input.root, region).take(left) {
                let place = place(&found, unit, canvas, input.camera);
                painter.rect(
                    place,
                    0.0,
                    look.fill.gamma_multiply(0.5),
                    Stroke::new(look.line_width, look.frame),
                    StrokeKind::Inside,
                );
                stats.primitives += 1;
            }
        }
        stats.draw_calls = usize::from(self.render_state.target_format.has_color_aspect());
        stats.cpu_ms = started.elapsed().as_secs_f32() * 1e3;
        stats
    }
}

/// Where the box around a shape is on the screen.
fn place(found: &Found<'_>, unit: f64, canvas: Rect, camera: &Camera) -> Rect {
    let corners = found.ring().into_iter().map(|p| camera.to_screen(canvas, p.map(|v| v * unit)));
    let empty = Rect { min: pos2(f32::MAX, f32::MAX), max: pos2(f32::MIN, f32::MIN) };
    corners.fold(empty, |mut all, p| {
        all.extend_with(p);
        all
    })
}
