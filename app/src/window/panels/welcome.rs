//! What the canvas shows before a layout is open: samples, recent files, how to begin.

use std::path::PathBuf;

use egui::{
    Align, Color32, Label, Layout, Mesh, Rect, RichText, ScrollArea, Sense, Shape, Ui, pos2, vec2,
};

use super::super::action::Action;
use super::super::command::Command;
use super::super::icons::{self, Icon};
use super::super::samples::{SAMPLES, Sample};
use super::super::theme::Palette;
use super::{finish, hint};
use crate::worker::{Sketch, Source};

/// Size of a sample card, points.
const CARD: egui::Vec2 = vec2(224.0, 166.0);
/// Height of the drawing on a card, points.
const DRAWING: f32 = 116.0;
/// Space between cards, points.
const GAP: f32 = 12.0;

/// Shows the page.
pub fn show(
    ui: &mut Ui,
    recent: &[PathBuf],
    sketches: &[Sketch],
    busy: bool,
    actions: &mut Vec<Action>,
) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let width = (CARD.x * 3.0 + GAP * 2.0).min(ui.available_width() - 32.0);
        let side = ((ui.available_width() - width) / 2.0).max(0.0);
        ui.add_space((ui.available_height() * 0.08).min(96.0));
        ui.horizontal_top(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_max_width(width);
                page(ui, recent, sketches, busy, actions);
            });
        });
    });
}

fn page(
    ui: &mut Ui,
    recent: &[PathBuf],
    sketches: &[Sketch],
    busy: bool,
    actions: &mut Vec<Action>,
) {
    ui.heading("Lithoscope");
    ui.label("See how a mask prints, and correct it step by step.");
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        let (name, fill) = (Command::Open.entry().label, ui.visuals().selection.bg_fill);
        let response = icons::button(ui, Icon::Open, name, name, |b| b.fill(fill));
        finish(ui, Command::Open, &response, actions);
        ui.label(RichText::new("or drop a .gds, .oas or .glp file here").weak());
        if busy {
            ui.spinner();
            ui.label("Opening…");
        }
    });
    ui.add_space(16.0);
    ui.label(RichText::new("Samples").strong());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(GAP, GAP);
        for (i, sample) in SAMPLES.iter().enumerate() {
            card(ui, sample, sketches.get(i), actions);
        }
    });
    if !recent.is_empty() {
        ui.add_space(12.0);
        ui.label(RichText::new("Recent").strong());
        ui.horizontal_wrapped(|ui| recent_files(ui, recent, actions));
    }
    ui.add_space(12.0);
    hint(
        ui,
        "Run images the mask through the lens, moves its edges to lower L2, PV band and EPE, and keeps every iteration. A clip of 2 µm takes some milliseconds an iteration on the CPU.",
    );
}

fn recent_files(ui: &mut Ui, recent: &[PathBuf], actions: &mut Vec<Action>) {
    for path in recent {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        if ui.link(name).on_hover_text(path.display().to_string()).clicked() {
            actions.push(Action::Open(Source::of(path.clone())));
        }
    }
}

fn card(ui: &mut Ui, sample: &Sample, sketch: Option<&Sketch>, actions: &mut Vec<Action>) {
    let (rect, response) = ui.allocate_exact_size(CARD, Sense::click());
    let palette = Palette::in_use(ui.visuals());
    let edge = if response.hovered() || response.has_focus() {
        egui::Stroke::new(1.5, palette.accent)
    } else {
        ui.visuals().window_stroke
    };
    ui.painter().rect(rect, 6.0, ui.visuals().panel_fill, edge, egui::StrokeKind::Inside);
    if let Some(sketch) = sketch {
        let top = Rect::from_min_size(rect.min, vec2(CARD.x, DRAWING)).shrink(12.0);
        let square = Rect::from_center_size(top.center(), vec2(top.height(), top.height()));
        ui.painter().add(drawing(sketch, square, palette.mask));
    }
    let inner =
        Rect::from_min_max(rect.left_top() + vec2(12.0, DRAWING), rect.max - vec2(12.0, 6.0));
    let builder = egui::UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min));
    let mut text = ui.new_child(builder);
    text.spacing_mut().item_spacing.y = 2.0;
    text.add(Label::new(RichText::new(sample.title).strong()).selectable(false));
    text.add(Label::new(RichText::new(sample.summary).small().weak()).wrap().selectable(false));
    let response = response.on_hover_text(format!("Open {}", sample.name));
    if response.clicked() {
        actions.push(Action::Open(sample.source()));
    }
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Sample: {}", sample.title))
    });
}

fn drawing(sketch: &Sketch, square: Rect, colour: Color32) -> Shape {
    let mut mesh = Mesh::default();
    for quad in sketch {
        let first = mesh.vertices.len() as u32;
        for [x, y] in quad {
            let at = pos2(
                egui::lerp(square.x_range(), *x),
                egui::lerp(square.bottom()..=square.top(), *y),
            );
            mesh.colored_vertex(at, colour);
        }
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first, first + 2, first + 3);
    }
    Shape::mesh(mesh)
}
