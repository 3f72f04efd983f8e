//! The command palette: type part of a name, press Enter.

use egui::{Align2, Area, Button, Frame, Id, Key, Order, TextEdit, Ui, vec2};

use super::super::action::Action;
use super::super::command::{COMMANDS, Command, Entry};
use super::super::view::View;

/// Shows the palette if it is open.
pub fn show(ui: &Ui, view: &mut View, actions: &mut Vec<Action>) {
    let Some(mut text) = view.palette.take() else { return };
    if ui.input(|i| i.key_pressed(Key::Escape)) {
        return;
    }
    let mut chosen = None;
    let area = Area::new(Id::unique("command palette"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 64.0))
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_width(460.0);
                chosen = content(ui, &mut text);
            });
        });
    if let Some(command) = chosen {
        actions.push(Action::Command(command));
    } else if !(area.response.clicked_elsewhere() && ui.input(|i| i.pointer.any_pressed())) {
        view.palette = Some(text);
    }
}

fn content(ui: &mut Ui, text: &mut String) -> Option<Command> {
    let field = TextEdit::singleline(text).hint_text("Type a command").desired_width(f32::INFINITY);
    let response = ui.add(field).accessible_name("Command name");
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    response.request_focus();
    let matches: Vec<&Entry> = COMMANDS.iter().filter(|e| fits(e, text)).collect();
    if entered {
        return matches.first().map(|e| e.command);
    }
    let mut chosen = None;
    for (i, entry) in matches.iter().enumerate() {
        let keys = entry.shortcut.map(|s| ui.ctx().format_shortcut(&s)).unwrap_or_default();
        let button = Button::selectable(i == 0, entry.label)
            .shortcut_text(keys)
            .min_size(vec2(ui.available_width(), 0.0));
        let response = ui.add(button).on_hover_text(entry.help);
        if response.accessible_name(format!("Command: {}", entry.label)).clicked() {
            chosen = Some(entry.command);
        }
    }
    chosen
}

/// Whether every word typed occurs in label or help.
fn fits(entry: &Entry, text: &str) -> bool {
    let hay = format!("{} {}", entry.label, entry.help).to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| hay.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_order_and_case() {
        let entry = Command::ExportMask.entry();
        assert!(fits(entry, "GDSII mask"));
        assert!(fits(entry, ""));
        assert!(!fits(entry, "mask json"));
    }
}
