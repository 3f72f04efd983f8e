//! Prompts of a layout, over the top of the canvas: go to a place, name a bookmark.

use egui::{Button, Key, RichText, TextEdit, Ui};

use super::super::action::Action;
use super::super::notices::Tone;
use super::super::viewer::LayoutView;
use super::super::viewer::location;
use super::banners::frame;

/// Shows the prompts that are open.
pub fn show(ui: &mut Ui, view: &mut LayoutView, actions: &mut Vec<Action>) {
    if let Some(text) = view.location.take() {
        frame(ui, Tone::Info, |ui| view.location = go_to(ui, text, actions));
    }
    if let Some(name) = view.bookmark.take() {
        frame(ui, Tone::Info, |ui| view.bookmark = name_view(ui, name, actions));
    }
}

/// One line to type in. Returns the text while it stays open, and whether it was entered.
fn line(
    ui: &mut Ui,
    title: &str,
    name: &str,
    go: &str,
    mut text: String,
    ready: bool,
) -> (Option<String>, bool) {
    let mut entered = false;
    let mut open = true;
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).strong());
        let width = (ui.available_width() - 160.0).clamp(120.0, 420.0);
        let field = TextEdit::singleline(&mut text).desired_width(width);
        let response = ui.add(field).accessible_name(name);
        let by_key = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let given_up = ui.input(|i| i.key_pressed(Key::Escape));
        if !response.has_focus() && !by_key && !given_up {
            response.request_focus();
        }
        let by_mouse = ui.add_enabled(ready, Button::new(go)).clicked();
        entered = ready && (by_key || by_mouse);
        open = !(entered || given_up || ui.button("Close").clicked());
    });
    (open.then_some(text), entered)
}

fn go_to(ui: &mut Ui, text: String, actions: &mut Vec<Action>) -> Option<String> {
    let place = location::parse(&text);
    let ready = place.is_ok();
    let (left, entered) = line(ui, "Go to", "Place", "Go", text.clone(), ready);
    match place {
        Ok(place) if entered => actions.push(Action::GoTo(place)),
        Err(why) if !text.trim().is_empty() => {
            ui.label(RichText::new(why).small().weak());
        }
        _ => {
            let help = "x, y and, if you like, the width of the view: 12.5, 3.2, 10 µm";
            ui.label(RichText::new(help).small().weak());
        }
    }
    left
}

fn name_view(ui: &mut Ui, text: String, actions: &mut Vec<Action>) -> Option<String> {
    let ready = !text.trim().is_empty();
    let (left, entered) =
        line(ui, "Bookmark this view", "Bookmark name", "Keep", text.clone(), ready);
    if entered {
        actions.push(Action::AddBookmark(text.trim().to_owned()));
    }
    left
}
