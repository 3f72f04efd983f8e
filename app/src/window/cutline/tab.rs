//! The tab of the cut line: plot, cross-section and numbers, or how to draw a line.

use egui::{Align, Layout, RichText, Sense, Ui, UiBuilder, Vec2, vec2};

use super::super::action::Action;
use super::super::command::Command;
use super::super::format;
use super::super::icons::Icon;
use super::super::panels::{command_button, hint};
use super::{CutView, direction_deg, plot, readout, section};

/// Width of the numbers, points.
const NUMBERS: f32 = 392.0;
/// Space between parts, points.
const GAP: f32 = 12.0;
/// Above this height the cross-section stands below the plot, x under x; beside it otherwise.
const STACKED: f32 = 320.0;

/// Shows the tab.
pub fn show(ui: &mut Ui, cut: &mut CutView, actions: &mut Vec<Action>) {
    if cut.line.is_none() {
        explain(ui, cut.drawing);
        return;
    }
    if cut.finding.is_none() {
        hint(ui, "Reading the light along the line…");
        return;
    }
    ui.add_space(2.0);
    let all = ui.available_size().floor();
    let charts = (all.x - NUMBERS - GAP).max(240.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        if all.y >= STACKED {
            let half = vec2(charts, (all.y - 6.0) / 2.0);
            part(ui, vec2(charts, all.y), |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                part(ui, half, |ui| plot::show(ui, cut, half));
                part(ui, half, |ui| section::show(ui, cut, half, actions));
            });
        } else {
            let half = vec2((charts - GAP) / 2.0, all.y);
            part(ui, half, |ui| plot::show(ui, cut, half));
            part(ui, half, |ui| section::show(ui, cut, half, actions));
        }
        let numbers = vec2(NUMBERS, all.y);
        part(ui, numbers, |ui| readout::show(ui, cut, numbers));
    });
}

/// A place of fixed size: what does not fit is cut off, so that nothing moves and no panel grows.
fn part(ui: &mut Ui, size: Vec2, content: impl FnOnce(&mut Ui)) {
    let (place, _) = ui.allocate_exact_size(size, Sense::hover());
    let layout = Layout::top_down(Align::Min);
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).layout(layout));
    child.set_clip_rect(place.intersect(ui.clip_rect()));
    content(&mut child);
}

/// The tab's tools, and where the line runs.
pub fn tools(ui: &mut Ui, cut: &CutView, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let text = if cut.drawing { "Drawing…" } else { "Draw a line" };
        command_button(ui, Command::CutLine, Icon::Slice, text, true, actions);
        command_button(ui, Command::RemoveCut, Icon::Cross, "Remove", cut.line.is_some(), actions);
        let Some(line) = cut.line else { return };
        ui.add_space(8.0);
        let place =
            |[x, y]: [f64; 2]| format!("({}, {})", format::signed(x, 0), format::signed(y, 0));
        let text = format!(
            "A {} to B {} · {} at {}°",
            place(line.from_nm),
            place(line.to_nm),
            format::length((line.length_nm() * 10.0).round() / 10.0),
            format::signed(direction_deg(&line), 0)
        );
        ui.label(RichText::new(text).small().weak());
    });
}

/// What a line is for, and how to draw one.
fn explain(ui: &mut Ui, drawing: bool) {
    ui.add_space(8.0);
    let text = if drawing {
        "Drag on the canvas from A to B, or click both ends. Shift keeps the line level, upright or at 45°. Esc leaves."
    } else {
        "A cut line shows the light along it, where and how steeply it prints, and the resist's cross-section. Press X, then drag on the canvas from A to B; afterwards the ends and the line itself can be dragged."
    };
    hint(ui, text);
}
