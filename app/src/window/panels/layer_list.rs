//! The layers of a layout: swatch, name, visibility, groups, the active one.

use egui::{
    Align, Align2, Color32, FontId, Layout, Mesh, Rect, RichText, ScrollArea, Sense, Shape, Stroke,
    StrokeKind, TextEdit, Ui, pos2, vec2,
};
use lithoscope_engine::layout::Layer;

use super::super::action::Action;
use super::super::command::Command;
use super::super::format;
use super::super::icons::{self, Icon};
use super::super::theme::{Palette, SMALL};
use super::super::viewer::{LayoutView, Row, RowKind, Swatch};
use super::cells::{ROW, triangle};
use super::hint;

/// What was done to a row.
enum Click {
    Toggle(Vec<usize>),
    Fold(Vec<usize>),
    Only(Vec<usize>),
    Activate(Layer),
    All(bool),
}

/// Shows the list.
pub fn show(ui: &mut Ui, view: &mut LayoutView, actions: &mut Vec<Action>) {
    head(ui, view, actions);
    let field = TextEdit::singleline(&mut view.layers.search)
        .hint_text("Search layers")
        .desired_width(f32::INFINITY);
    ui.add(field).accessible_name("Search layers");
    let rows = view.layers.listed();
    if rows.is_empty() {
        hint(ui, "No layer has such a name.");
    }
    let active = view.layers.active;
    let mut click = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, rows.len(), |ui, range| {
        for row in rows.get(range).unwrap_or_default() {
            show_row(ui, row, active, &mut click);
        }
    });
    let Some(click) = click else { return };
    match click {
        Click::Toggle(path) => view.layers.toggle(&path),
        Click::Fold(path) => view.layers.fold(&path),
        Click::Only(path) => view.layers.show_only(&path),
        Click::Activate(layer) => view.layers.active = Some(layer),
        Click::All(visible) => view.layers.show_all(visible),
    }
    view.touch();
}

fn head(ui: &mut Ui, view: &mut LayoutView, actions: &mut Vec<Action>) {
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new("Layers").strong());
        let shown =
            format!("{} of {} shown", view.layers.visible().count(), view.survey.layers.len());
        ui.label(RichText::new(shown).small().weak());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.menu_button("…", |ui| menu(ui, view, actions))
                .response
                .on_hover_text("Show, hide, open and save layer properties.")
                .accessible_name("Layer menu");
        });
    });
}

fn menu(ui: &mut Ui, view: &mut LayoutView, actions: &mut Vec<Action>) {
    for command in
        [Command::ShowAllLayers, Command::HideAllLayers, Command::OpenLooks, Command::SaveLooks]
    {
        let entry = command.entry();
        if ui.button(entry.label).on_hover_text(entry.help).clicked() {
            actions.push(Action::Command(command));
            ui.close();
        }
    }
    ui.separator();
    ui.checkbox(&mut view.layers.with_absent, "List layers that the file does not have");
    let file = view.layers.file.as_ref().map(|p| p.display().to_string());
    let changed = if view.layers.changed { ", changed" } else { "" };
    hint(ui, &file.map_or("Default looks".to_owned() + changed, |f| f + changed));
}

fn show_row(ui: &mut Ui, row: &Row, active: Option<Layer>, click: &mut Option<Click>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let visuals = ui.visuals().clone();
    let is_active =
        matches!(row.kind, RowKind::Layer(_)) && active.is_some_and(|a| row.layers.contains(&a));
    if is_active {
        ui.painter().rect_filled(rect, 3.0, visuals.selection.bg_fill);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 3.0, visuals.widgets.hovered.bg_fill);
    }
    response.widget_info(|| {
        egui::WidgetInfo::selected(
            egui::Role::Button,
            true,
            is_active,
            format!("Layer {}", row.name),
        )
    });
    eye(ui, row, rect, click);
    let shown = row.visible && !row.hidden_above;
    let dim = if shown { 1.0 } else { 0.4 };
    let left = rect.left() + 26.0 + 12.0 * (row.path.len() - 1).min(8) as f32;
    let text = match &row.kind {
        RowKind::Layer(look) => {
            let place = Rect::from_min_size(pos2(left, rect.top() + 3.0), vec2(26.0, ROW - 6.0));
            swatch(ui, place, look, dim);
            left + 34.0
        }
        RowKind::Group { expanded } => {
            triangle(ui, pos2(left + 6.0, rect.center().y), *expanded);
            left + 16.0
        }
    };
    let ink = if shown { visuals.text_color() } else { visuals.weak_text_color() };
    names(ui, row, rect, text, if is_active { visuals.strong_text_color() } else { ink });
    pressed(response, row, left, click);
}

fn names(ui: &Ui, row: &Row, rect: Rect, left: f32, ink: Color32) {
    let painter = ui.painter().with_clip_rect(rect);
    let count =
        if row.layers.is_empty() { "–".to_owned() } else { format::short(row.shapes as f64) };
    let count = painter.text(
        rect.right_center() - vec2(6.0, 0.0),
        Align2::RIGHT_CENTER,
        count,
        FontId::proportional(SMALL),
        ui.visuals().weak_text_color(),
    );
    let place = Rect::from_x_y_ranges(left..=(count.left() - 4.0).max(left), rect.y_range());
    painter.with_clip_rect(place).text(
        pos2(left, rect.center().y),
        Align2::LEFT_CENTER,
        &row.name,
        FontId::proportional(13.0),
        ink,
    );
}

fn eye(ui: &mut Ui, row: &Row, rect: Rect, click: &mut Option<Click>) {
    let place = Rect::from_min_size(rect.min, vec2(24.0, ROW));
    let id = ui.scope_id().with(("eye", &row.path));
    let response = ui.interact(place, id, Sense::click());
    let name =
        if row.visible { format!("Hide {}", row.name) } else { format!("Show {}", row.name) };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name.clone()));
    let icon = if row.visible { Icon::Eye } else { Icon::EyeOff };
    let colour = if row.visible && !row.hidden_above {
        ui.style().interact(&response).text_color()
    } else {
        ui.visuals().weak_text_color()
    };
    icons::paint(
        icon,
        ui.painter(),
        Rect::from_center_size(place.center(), vec2(14.0, 14.0)),
        colour,
    );
    if response.on_hover_text(name).clicked() {
        *click = Some(Click::Toggle(row.path.clone()));
    }
}

fn pressed(response: egui::Response, row: &Row, left: f32, click: &mut Option<Click>) {
    response.context_menu(|ui| {
        for (text, what) in [
            ("Show only this", Click::Only(row.path.clone())),
            ("Show all", Click::All(true)),
            ("Hide all", Click::All(false)),
        ] {
            if ui.button(text).clicked() {
                *click = Some(what);
                ui.close();
            }
        }
    });
    let on_fold = response.interact_pointer_pos().is_some_and(|at| at.x < left + 14.0);
    let is_group = matches!(row.kind, RowKind::Group { .. });
    if response.double_clicked() && !(is_group && on_fold) {
        *click = Some(Click::Toggle(row.path.clone()));
    } else if response.clicked() {
        if is_group {
            *click = Some(Click::Fold(row.path.clone()));
        } else if let Some(layer) = row.layers.first() {
            *click = Some(Click::Activate(*layer));
        }
    }
    let layers: Vec<String> = row.layers.iter().take(8).map(Layer::to_string).collect();
    let layers = if layers.is_empty() { "not in this file".to_owned() } else { layers.join(", ") };
    response.on_hover_text(format!(
        "{} ({layers})\nClick: tools work on it. Double click: show or hide.",
        row.name
    ));
}

/// A sample of how a layer looks: colour and stipple.
pub fn swatch(ui: &Ui, place: Rect, look: &Swatch, dim: f32) {
    let background = Palette::of(egui::Theme::Dark).canvas;
    ui.painter().rect_filled(place, 1.0, background);
    let rgb = |[r, g, b]: [u8; 3]| Color32::from_rgb(r, g, b).gamma_multiply(dim);
    let mut mesh = Mesh::default();
    let (width, height) = (place.width() as u32, place.height() as u32);
    for y in 0..height {
        let bits = look.stipple[(y % 32) as usize];
        let set = |x: u32| bits >> (x % 32) & 1 == 1;
        let mut x = 0;
        while x < width {
            let run = (x..width).take_while(|&x| set(x)).count() as u32;
            if run > 0 {
                let low = pos2(place.left() + x as f32, place.bottom() - y as f32 - 1.0);
                let quad = Rect::from_min_size(low, vec2(run as f32, 1.0));
                mesh.add_colored_rect(quad, rgb(look.fill));
            }
            x += run.max(1);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    ui.painter().rect_stroke(place, 1.0, Stroke::new(1.0, rgb(look.frame)), StrokeKind::Inside);
}
