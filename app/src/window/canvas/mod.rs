//! The canvas: layout, mask and images in one coordinate system.

mod camera;
pub mod decor;
pub mod grid;
mod layers;
mod memory;
mod mesh;
pub mod pointer;
mod reasons;

pub use camera::{Camera, step_125};
pub use mesh::{Key, Memo, Pen};

use eframe::egui_wgpu::RenderState;
use egui::{Response, Sense, Ui};

use super::compare::{self, CompareView};
use super::cutline::{self, CutView};
use super::document::Document;
use super::panels::rules;
use super::run_view::RunView;
use super::theme::Palette;
use super::view::{CanvasLayer, Item, View};
use super::why::WhyView;
use crate::worker::DepthMap;

/// What stands where a clip would be.
const NO_CLIP: &str =
    "No clip is cut yet.\nDraw a box around one in Layout mode (T), or press Cut clip.";

/// What was painted last, for the shown mask and for the pinned one.
#[derive(Default)]
pub struct Cache {
    shown: layers::Cache,
    pinned: layers::Cache,
    /// What images in the device's memory are drawn with.
    graphics: Option<RenderState>,
}

impl Cache {
    /// Draws images that lie in memory of the window's device.
    pub fn draw_with(&mut self, state: &RenderState) {
        self.graphics = Some(state.clone());
    }
}

/// What there is to paint.
pub struct Content<'a> {
    pub document: &'a Document,
    pub run: &'a RunView,
    pub why: &'a WhyView,
}

/// What tools of the canvas change.
pub struct Tools<'a> {
    pub cut: &'a mut CutView,
    pub compare: &'a mut CompareView,
}

/// Shows the canvas; moves the camera and the selection of `view`.
pub fn show(
    ui: &mut Ui,
    content: &Content<'_>,
    view: &mut View,
    tools: Tools<'_>,
    cache: &mut Cache,
) {
    let Content { document, run, why } = *content;
    let Tools { cut, compare } = tools;
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
    let divider = compare.divide(ui, canvas);
    let held = cutline::act(ui, &response, &view.camera, clip.window, cut);
    let zoom_box = pointer::steer(ui, &response, view, !held);
    if response.double_clicked() && !held {
        view.camera.fit_shapes(canvas, clip);
    }
    // Left of the divider lies another mask.
    let on_pinned = divider.zip(response.hover_pos()).is_some_and(|(x, at)| at.x < x);
    pointer::pick(&response, run, view, !held && !on_pinned);
    let picture = run.picture.as_deref();
    let of_picture = |iteration: usize| picture.is_some_and(|p| p.iteration == Some(iteration));
    let graphics = cache.graphics.clone();
    let scene = layers::Scene {
        painter: &painter,
        graphics: graphics.as_ref(),
        canvas,
        palette,
        document,
        run,
        view,
        picture,
        serial: run.picture_serial,
        gauges: run.prepared.as_ref().map(|p| &*p.gauges).unwrap_or_default(),
        maps: why.maps.as_deref().filter(|m| of_picture(m.iteration)),
        difference: compare
            .difference
            .as_deref()
            .filter(|d| d.iteration.is_some_and(of_picture))
            .map(|d| (compare.serial, d)),
    };
    match compare.pinned.as_ref().zip(divider) {
        None => layers::paint(&scene, clip, &mut cache.shown),
        Some((pinned, x)) => {
            let (left, right) = canvas.split_left_right_at_x(x);
            let [left, right] = [left, right].map(|side| painter.with_clip_rect(side));
            let b = layers::Scene { painter: &right, ..scene };
            layers::paint(&b, clip, &mut cache.shown);
            let a = layers::Scene {
                painter: &left,
                picture: Some(&pinned.picture),
                serial: pinned.serial,
                gauges: &pinned.gauges,
                maps: None,
                ..scene
            };
            layers::paint(&a, clip, &mut cache.pinned);
            compare::paint_divider(&painter, canvas, palette, x, pinned, run);
        }
    }
    layers::paint_focus(&scene);
    cutline::paint(&painter, canvas, &view.camera, palette, cut);
    decor::paint(&scene, clip, &mut cache.shown);
    rule_tooltip(&response, run, view);
    if let Some(zoom_box) = zoom_box {
        decor::zoom_box(&painter, palette, zoom_box);
    }
    if run.is_loading() && !run.running {
        decor::loading(&painter, palette, canvas, run.wanted);
    }
}

/// Says what a rule marker under the pointer is about.
fn rule_tooltip(response: &Response, run: &RunView, view: &View) {
    if let Some(Item::Rule(i)) = view.hovered
        && let Some(marker) = run.broken().get(i)
        && response.hovered()
    {
        response.clone().on_hover_text_at_pointer(rules::sentence(marker));
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
