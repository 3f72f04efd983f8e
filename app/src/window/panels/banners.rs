//! Banners and the path prompt, over the top of the canvas so that nothing moves when they come.

use egui::{Align, Button, Frame, Key, Label, Layout, RichText, TextEdit, Ui};

use super::super::action::Action;
use super::super::dialogs::Prompt;
use super::super::notices::{Banner, Tone};
use super::super::theme::Palette;
use crate::worker::Remedy;

/// Shows what there is, the prompt first: banners that come meanwhile do not move it.
pub fn show(
    ui: &mut Ui,
    banners: &[Banner],
    prompt: Option<&mut Prompt>,
    actions: &mut Vec<Action>,
) {
    if let Some(prompt) = prompt {
        frame(ui, Tone::Info, |ui| show_prompt(ui, prompt, actions));
    }
    for banner in banners {
        frame(ui, banner.tone, |ui| show_banner(ui, banner, actions));
    }
}

/// A strip over the canvas with a bar of its colour at the left.
pub fn frame(ui: &mut Ui, tone: Tone, content: impl FnOnce(&mut Ui)) {
    let palette = Palette::in_use(ui.visuals());
    let colour = match tone {
        Tone::Error => palette.bad,
        Tone::Info => palette.accent,
    };
    Frame::new()
        .fill(ui.visuals().panel_fill.lerp_to_gamma(colour, 0.18))
        .inner_margin(egui::Margin::symmetric(12, 6))
        .show(ui, |ui| {
            let bar = ui.max_rect();
            content(ui);
            let bar = egui::Rect::from_min_max(
                bar.left_top() - egui::vec2(12.0, 6.0),
                egui::pos2(bar.left() - 9.0, ui.min_rect().bottom() + 6.0),
            );
            ui.painter().rect_filled(bar, 0.0, colour);
        });
}

fn show_banner(ui: &mut Ui, banner: &Banner, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let buttons = if banner.remedy.is_some() { 260.0 } else { 90.0 };
        ui.vertical(|ui| {
            ui.set_width((ui.available_width() - buttons).max(120.0));
            ui.add(Label::new(RichText::new(&banner.what).strong()).wrap());
            if !banner.why.is_empty() {
                ui.add(Label::new(&banner.why).wrap());
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Dismiss").clicked() {
                actions.push(Action::Dismiss(banner.id));
            }
            let Some(remedy) = banner.remedy else { return };
            let text = match remedy {
                Remedy::ChooseKernels => "Choose kernels folder…",
                Remedy::OpenLeniently => "Open leniently",
            };
            if ui.button(text).clicked() {
                actions.push(Action::Remedy(remedy));
            }
        });
    });
}

fn show_prompt(ui: &mut Ui, prompt: &mut Prompt, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(prompt.purpose.title()).strong())
            .on_hover_text("No file dialog is available on this desktop: type a path.");
        let width = (ui.available_width() - 160.0).max(120.0);
        let field = TextEdit::singleline(&mut prompt.text)
            .hint_text("No file dialog available: type a path")
            .desired_width(width);
        let response = ui.add(field).accessible_name("Path");
        if prompt.text.is_empty() && !response.has_focus() && !response.lost_focus() {
            response.request_focus();
        }
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let ready = !prompt.text.trim().is_empty();
        let clicked = ui.add_enabled(ready, Button::new("Use this path")).clicked();
        if ready && (clicked || entered) {
            actions.push(Action::Path(prompt.purpose, prompt.text.trim().into()));
        }
        if ui.button("Close").clicked() {
            actions.push(Action::ClosePrompt);
        }
    });
}
