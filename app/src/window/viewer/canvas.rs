//! The canvas of a layout: the scene from the graphics device, and what lies over it.

use egui::{PointerButton, Sense, Theme, Ui};
use lithoscope_engine::layout::Bounds;

use super::super::action::Action;
use super::super::canvas::{decor, grid};
use super::super::scene::{FrameStats, Scene, SceneInput};
use super::super::theme::Palette;
use super::pointer::{Gesture, window};
use super::{Aim, FrameLog, LayoutView, Tool, labels, marks, pointer};

/// What is shown over the layout besides its own.
pub struct Over<'a> {
    /// Window of the clip that is worked on, in the coordinates shown, nm.
    pub clip: Option<Bounds>,
    /// Costs of frames, where they are to be shown.
    pub performance: Option<&'a FrameLog>,
}

/// Shows the canvas; moves camera, selection and rulers. Returns the costs of the scene and where
/// the pointer is, nm.
pub fn show(
    ui: &mut Ui,
    view: &mut LayoutView,
    scene: Option<&mut Scene>,
    over: &Over<'_>,
    actions: &mut Vec<Action>,
) -> (FrameStats, Option<[f64; 2]>) {
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::click_and_drag());
    let response = response.accessible_name("Layout canvas");
    // Colours of layers are made for a dark background, in KLayout's files too.
    let palette = Palette::of(Theme::Dark);
    view.canvas = response.rect;
    painter.rect_filled(view.canvas, 0.0, palette.canvas);
    aim(view);
    let gesture = pointer::act(ui, &response, view, actions);
    if view.grid {
        grid::paint(&painter, view.canvas, &view.camera, palette.grid.gamma_multiply(0.7));
    }
    let stats = scene.map_or_else(FrameStats::default, |scene| {
        let input = SceneInput {
            layout: &view.layout,
            root: view.root,
            camera: &view.camera,
            layers: view.layers.paints(),
            depth: view.levels(),
            cell_frame: palette.ink.gamma_multiply(0.55),
        };
        scene.show(ui, view.canvas, &input)
    });
    marks_over(view, &painter, palette, over, &gesture);
    if view.layout.bounds(view.root, None).is_none() {
        decor::message(&painter, palette, view.canvas, "This cell is empty.");
    }
    let cursor = response.hover_pos().map(|at| view.camera.to_nm(view.canvas, at));
    (stats, cursor)
}

fn aim(view: &mut LayoutView) {
    match view.aim.take() {
        None => {}
        Some(Aim::Everything) => {
            let all = view.extent();
            view.camera.frame(view.canvas, all.min, all.max, 0.06);
        }
        Some(Aim::Box(b, room)) => view.camera.frame(view.canvas, b.min, b.max, room),
    }
}

fn marks_over(
    view: &mut LayoutView,
    painter: &egui::Painter,
    palette: &Palette,
    over: &Over<'_>,
    gesture: &Gesture,
) {
    labels::paint(view, painter, palette.ink);
    if let Some(clip) = over.clip {
        marks::clip_frame(view, painter, palette, clip);
    }
    marks::selection(view, painter, palette);
    marks::rulers(view, painter, palette);
    if let Some(snap) = &gesture.snap {
        marks::snap(view, painter, palette, snap);
    }
    if let Some((drawn, button)) = gesture.drawn {
        let cuts = button == PointerButton::Primary && view.tool == Tool::Clip;
        let colour = if cuts { palette.contour } else { palette.accent };
        let size = cuts.then(|| {
            let b = window(view, drawn);
            let side = |i: usize| marks::length((b.max[i] - b.min[i]).round());
            format!("{} × {}", side(0), side(1))
        });
        marks::drag_box(painter, colour, drawn, size);
    }
    decor::scale_bar(painter, palette, view.canvas, view.camera.nm_per_point);
    marks::overview(view, painter, palette);
    if let Some(log) = over.performance {
        marks::performance(painter, palette, view.canvas, log);
    }
}
