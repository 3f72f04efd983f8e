//! The help sheet: mouse, keys and commands at a glance.

use egui::{Grid, RichText, ScrollArea, Ui, Window};

use super::super::command::COMMANDS;
use super::super::view::View;

const MOUSE: [(&str, &str); 12] = [
    ("Wheel", "Zoom to the pointer"),
    ("Middle drag, arrow keys", "Move the picture"),
    ("Right drag", "Zoom to a box"),
    ("Left drag", "Clip: move the picture. Layout: select what is in the box"),
    ("Ctrl + left drag", "Layout: move the picture"),
    ("Click", "Layout: select the smallest shape; again, the next one below"),
    ("Shift + click or drag", "Layout: add to the selection, or take one shape out of it"),
    ("Shift with the ruler", "Keep it upright or level"),
    (
        "Left drag with the cut line",
        "Draw it; drag its ends or itself to move it; Shift snaps to 45°",
    ),
    ("Click or drag on the map", "Move there"),
    ("Double click", "Clip: fit. Cell list: show as new top. Layer list: show or hide"),
    ("Escape", "Give up the ruler begun, then the tool, then the selection"),
];

/// Shows the sheet if it is open.
pub fn show(ui: &Ui, view: &mut View) {
    if !view.help {
        return;
    }
    if ui.input(|i| i.key_pressed(egui::Key::Escape)) {
        view.help = false;
    }
    Window::new("Help").open(&mut view.help).collapsible(false).default_width(560.0).show(
        ui.ctx(),
        |ui| {
            ScrollArea::vertical().max_height(520.0).show(ui, |ui| {
                ui.label(RichText::new("Mouse").strong());
                rows(ui, "mouse", MOUSE.iter().map(|(k, v)| ((*k).to_owned(), *v)));
                ui.add_space(8.0);
                ui.label(RichText::new("Commands").strong());
                let ctx = ui.ctx().clone();
                let commands = COMMANDS.iter().map(|entry| {
                    let keys = entry.shortcut.map(|s| format!("  ({})", ctx.format_shortcut(&s)));
                    (format!("{}{}", entry.label, keys.unwrap_or_default()), entry.help)
                });
                rows(ui, "commands", commands);
            });
        },
    );
}

fn rows<'a>(ui: &mut Ui, id: &str, rows: impl Iterator<Item = (String, &'a str)>) {
    Grid::new(id).num_columns(2).spacing([16.0, 4.0]).striped(true).show(ui, |ui| {
        for (name, text) in rows {
            ui.label(name);
            ui.label(RichText::new(text).weak());
            ui.end_row();
        }
    });
}
