//! The panels around the canvas. Each reads state and emits actions.

pub mod banners;
pub mod bottom;
pub mod cells;
pub mod clip;
pub mod epe;
pub mod exposure;
pub mod help;
pub mod inspector;
pub mod layer_list;
pub mod layers;
pub mod layout_tools;
pub mod metrics;
pub mod palette;
pub mod plots;
pub mod prompts;
pub mod recipe;
pub mod rules;
pub mod shape;
pub mod status;
pub mod toolbar;
pub mod welcome;

use egui::{Response, RichText, Ui};

use super::action::Action;
use super::command::Command;
use super::icons::{self, Icon};

/// Heading of a group in a side panel.
pub fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(4.0);
    ui.label(RichText::new(text).strong());
}

/// A column of fixed size in a row, its content from top to bottom.
pub fn column(ui: &mut Ui, size: egui::Vec2, add: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(size, egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.set_min_size(size);
        ui.set_max_width(size.x);
        add(ui);
    });
}

/// A text that explains an empty place.
pub fn hint(ui: &mut Ui, text: &str) -> Response {
    ui.add(egui::Label::new(RichText::new(text).small().weak()).wrap())
}

/// A button for a command: icon, text (or none), help and shortcut as tooltip.
pub fn command_button(
    ui: &mut Ui,
    command: Command,
    icon: Icon,
    text: &str,
    enabled: bool,
    actions: &mut Vec<Action>,
) -> Response {
    let name = if text.is_empty() { command.entry().label } else { text };
    let response =
        ui.add_enabled_ui(enabled, |ui| icons::button(ui, icon, text, name, |b| b)).inner;
    finish(ui, command, &response, actions);
    response
}

/// Tooltip and action of a command's button.
pub fn finish(ui: &Ui, command: Command, response: &Response, actions: &mut Vec<Action>) {
    let tooltip = command.tooltip(ui.ctx());
    let shown = response.clone().on_hover_text(&tooltip).on_disabled_hover_text(tooltip);
    if shown.clicked() {
        actions.push(Action::Command(command));
    }
}
