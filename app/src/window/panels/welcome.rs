//! What the canvas shows before a layout is open: samples, recent files, how to begin.

use std::path::PathBuf;

use egui::{Align, Button, Layout, RichText, ScrollArea, Sense, Ui, vec2};

use super::super::action::Action;
use super::super::command::Command;
use super::super::samples::{SAMPLES, Sample};
use super::hint;
use crate::worker::Source;

/// Size of a sample card, points.
const CARD: egui::Vec2 = vec2(200.0, 84.0);

/// Shows the page.
pub fn show(ui: &mut Ui, recent: &[PathBuf], actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let width = (CARD.x * 3.0 + 16.0).min(ui.available_width() - 32.0);
        let side = ((ui.available_width() - width) / 2.0).max(0.0);
        ui.add_space((ui.available_height() * 0.14).min(120.0));
        ui.horizontal_top(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_max_width(width);
                page(ui, recent, actions);
            });
        });
    });
}

fn page(ui: &mut Ui, recent: &[PathBuf], actions: &mut Vec<Action>) {
    ui.heading("Lithoscope");
    ui.label("See how a mask prints, and correct it step by step.");
    ui.add_space(16.0);
    ui.horizontal(|ui| {
        let entry = Command::Open.entry();
        let button = Button::new(entry.label).fill(ui.visuals().selection.bg_fill);
        if ui.add(button).on_hover_text(Command::Open.tooltip(ui.ctx())).clicked() {
            actions.push(Action::Command(Command::Open));
        }
        ui.label(RichText::new("or drop a .gds or .glp file here").weak());
    });
    ui.add_space(16.0);
    ui.label(RichText::new("Samples").strong());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        for sample in &SAMPLES {
            card(ui, sample, actions);
        }
    });
    if !recent.is_empty() {
        ui.add_space(16.0);
        ui.label(RichText::new("Recent").strong());
        for path in recent {
            let name = path
                .file_name()
                .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
            if ui.link(name).on_hover_text(path.display().to_string()).clicked() {
                actions.push(Action::Open(Source::Path(path.clone())));
            }
        }
    }
    ui.add_space(16.0);
    hint(
        ui,
        "Run then images the mask through the lens, moves its edges to lower L2, PV band and EPE, and keeps every iteration: a clip of 2 µm takes milliseconds an iteration on the CPU.",
    );
}

fn card(ui: &mut Ui, sample: &Sample, actions: &mut Vec<Action>) {
    let (rect, response) = ui.allocate_exact_size(CARD, Sense::click());
    let visuals = ui.style().interact(&response);
    ui.painter().rect(rect, 6.0, visuals.bg_fill, visuals.bg_stroke, egui::StrokeKind::Inside);
    let inner = rect.shrink(10.0);
    let mut content =
        ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
    content.add(egui::Label::new(RichText::new(sample.title).strong()).selectable(false));
    let text = RichText::new(sample.summary).small().weak();
    content.add(egui::Label::new(text).wrap().selectable(false));
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Sample: {}", sample.title))
    });
    if response.on_hover_text(sample.summary).clicked() {
        actions.push(Action::Open(Source::Sample { name: sample.name, bytes: sample.bytes }));
    }
}
