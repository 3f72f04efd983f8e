//! The toolbar's part for a layout: tools, depth, views.

use egui::{Button, RichText, Ui, vec2};

use super::super::action::Action;
use super::super::command::Command;
use super::super::icons::{self, Icon};
use super::super::settings::Bookmark;
use super::super::viewer::{LayoutView, Tool};
use super::{command_button, finish};

/// Shows tools, depth and views.
pub fn show(ui: &mut Ui, view: &LayoutView, bookmarks: &[Bookmark], actions: &mut Vec<Action>) {
    // Where the window is narrow, icons have to do.
    let wide = ui.available_width() > 900.0;
    for (tool, command, icon, text) in [
        (Tool::Select, Command::SelectTool, Icon::Arrow, "Select"),
        (Tool::Ruler, Command::RulerTool, Icon::Ruler, "Ruler"),
        (Tool::Clip, Command::TakeClip, Icon::Crop, "Take clip"),
    ] {
        let chosen = view.tool == tool;
        let shown = if wide { text } else { "" };
        let fill = ui.visuals().selection.bg_fill;
        let style = |b: Button<'static>| if chosen { b.fill(fill) } else { b };
        let response = icons::button(ui, icon, shown, text, style);
        finish(ui, command, &response, actions);
    }
    ui.separator();
    depth(ui, view, actions);
    ui.separator();
    command_button(ui, Command::Fit, Icon::Fit, "Fit", true, actions);
    views(ui, bookmarks, actions);
}

fn depth(ui: &mut Ui, view: &LayoutView, actions: &mut Vec<Action>) {
    let deepest = view.deepest();
    let shown = view.depth.unwrap_or(deepest).min(deepest);
    let less = ui.add_enabled(shown > 0, Button::new("−").min_size(vec2(22.0, 0.0)));
    finish(ui, Command::DepthLess, &less.accessible_name("Fewer levels"), actions);
    let text = if view.depth.is_none() {
        if deepest == 0 { "1 level".to_owned() } else { format!("All {} levels", deepest + 1) }
    } else {
        format!("{} of {} levels", shown + 1, deepest + 1)
    };
    ui.allocate_ui_with_layout(
        vec2(96.0, ui.available_height()),
        egui::Layout::centered_and_justified(egui::Direction::LeftToRight),
        |ui| {
            ui.label(RichText::new(text).small())
                .on_hover_text("Levels of hierarchy that are drawn; cells below stand as frames.");
        },
    );
    let more = ui.add_enabled(view.depth.is_some(), Button::new("+").min_size(vec2(22.0, 0.0)));
    finish(ui, Command::DepthMore, &more.accessible_name("More levels"), actions);
}

fn views(ui: &mut Ui, bookmarks: &[Bookmark], actions: &mut Vec<Action>) {
    ui.menu_button("Views", |ui| {
        for command in [Command::GoTo, Command::FitSelection, Command::AddBookmark] {
            let entry = command.entry();
            let keys = entry.shortcut.map(|s| ui.ctx().format_shortcut(&s)).unwrap_or_default();
            let button = Button::new(entry.label).shortcut_text(keys);
            if ui.add(button).on_hover_text(entry.help).clicked() {
                actions.push(Action::Command(command));
                ui.close();
            }
        }
        ui.separator();
        if bookmarks.is_empty() {
            ui.label(RichText::new("Bookmarks of this file are listed here.").weak());
        }
        for (i, bookmark) in bookmarks.iter().enumerate() {
            ui.horizontal(|ui| {
                let name = ui.button(&bookmark.name).on_hover_text(&bookmark.cell);
                if name.clicked() {
                    actions.push(Action::ShowBookmark(i));
                    ui.close();
                }
                let remove = ui.small_button("×").on_hover_text("Forget this bookmark.");
                if remove.accessible_name(format!("Forget {}", bookmark.name)).clicked() {
                    actions.push(Action::RemoveBookmark(i));
                }
            });
        }
    })
    .response
    .on_hover_text("Go to a place, bookmarks.");
}
