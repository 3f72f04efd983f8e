//! The canvas: layout, mask and images in one coordinate system.

mod camera;
pub mod decor;
pub mod grid;
mod layers;
mod mesh;
pub mod pointer;

pub use camera::{Camera, step_125};
pub use layers::Cache;
pub use mesh::{Key, Memo, Pen};

use egui::{Sense, Ui};

use super::cutline::{self, CutView};
use super::document::Document;
use super::run_view::RunView;
use super::theme::Palette;
use super::view::{CanvasLayer, View};
use crate::worker::DepthMap;

/// What stands where a clip would be.
const NO_CLIP: &str =
    "No clip is cut yet.\nDraw a box around one in Layout mode (T), or press Cut clip.";

/// Shows the canvas; moves the camera and the selection of `view`.
pub fn show(
    ui: &mut Ui,
    document: &Document,
    run: &RunView,
    view: &mut View,
    cut: &mut CutView,
    cache: &mut Cache,
) {
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::click_and_drag());
    let response = response.accessible_name("Canvas");
    let canvas = response.rect;
    // The image is dark in either theme, and so is everything that has to be seen on it.
    let palette = if shows_image(view, run) {
        Palette::of(egui::Theme::Dark)
    } else {
        Palette::in_use(ui.visuals())
    };
    painter.rect_filled(canvas, 0.0, palette.canvas);
    let Some(clip) = document.clip.as_deref() else {
        decor::message(&painter, palette, canvas, NO_CLIP);
        return;
    };
    if std::mem::take(&mut view.fit) {
        view.camera.fit_shapes(canvas, clip);
    }
    let held = cutline::act(ui, &response, &view.camera, clip.window, cut);
    let zoom_box = pointer::steer(ui, &response, view, !held);
    if response.double_clicked() && !held {
        view.camera.fit_shapes(canvas, clip);
    }
    pointer::pick(&response, run, view, !held);
    let scene = layers::Scene { painter: &painter, canvas, palette, document, run, view };
    layers::paint(&scene, clip, cache);
    cutline::paint(&painter, canvas, &view.camera, palette, cut);
    decor::paint(&scene, clip, cache);
    if let Some(zoom_box) = zoom_box {
        decor::zoom_box(&painter, palette, zoom_box);
    }
    if run.is_loading() && !run.running {
        decor::loading(&painter, palette, canvas, run.wanted);
    }
}

/// Whether an image is on the canvas, so that its bar is needed.
fn shows_image(view: &View, run: &RunView) -> bool {
    run.picture.is_some()
        && (view.look(CanvasLayer::Aerial).is_some() || shows_depth(view, run).is_some())
}

/// The map of depth on the canvas.
fn shows_depth<'a>(view: &View, run: &'a RunView) -> Option<&'a DepthMap> {
    view.look(CanvasLayer::Depth)?;
    run.picture.as_ref()?.depth.as_ref()
}
