//! The list of cells of a layout.

use egui::{
    Align, Align2, Button, FontId, Layout, RichText, ScrollArea, Sense, TextEdit, Ui, vec2,
};
use lithoscope_engine::layout::CellId;

use super::super::format;
use super::super::theme::{Palette, SMALL};
use super::super::viewer::{LayoutView, TreeRow};
use super::hint;

/// Height of a row, points.
pub const ROW: f32 = 20.0;
/// Indentation of a level, points.
const INDENT: f32 = 12.0;

/// Shows the list.
pub fn show(ui: &mut Ui, view: &mut LayoutView) {
    head(ui, view);
    let field = TextEdit::singleline(&mut view.tree.search)
        .hint_text("Search cells")
        .desired_width(f32::INFINITY);
    ui.add(field).accessible_name("Search cells");
    let (layout, survey, root) = (view.layout.clone(), view.survey.clone(), view.root);
    let rows = view.tree.rows(&layout, &survey);
    if rows.is_empty() {
        hint(ui, "No cell has such a name.");
    }
    let (mut toggled, mut shown) = (None, None);
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, rows.len(), |ui, range| {
        for row in rows.get(range).unwrap_or_default() {
            match show_row(ui, row, layout.cell(row.cell).map_or("", |c| &c.name), row.cell == root)
            {
                Click::None => {}
                Click::Fold => toggled = Some(row.clone()),
                Click::Show => shown = Some(row.cell),
            }
        }
    });
    if let Some(row) = toggled {
        view.tree.toggle(&row);
    }
    if let Some(cell) = shown {
        view.show_cell(cell);
    }
}

fn head(ui: &mut Ui, view: &mut LayoutView) {
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new("Cells").strong());
        let count = format::grouped(view.layout.cells().len() as i64);
        ui.label(RichText::new(count).small().weak());
        let top = view.real_top();
        let elsewhere = view.root != top;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.add_enabled(elsewhere, Button::new("Back to top").small());
            if button.on_hover_text(back_help(view, top)).clicked() {
                view.show_cell(top);
            }
        });
    });
}

fn back_help(view: &LayoutView, top: CellId) -> String {
    let name = view.layout.cell(top).map_or("", |c| c.name.as_str());
    format!("Show {name}, the top cell of the file.")
}

enum Click {
    None,
    Fold,
    Show,
}

fn show_row(ui: &mut Ui, row: &TreeRow, name: &str, is_root: bool) -> Click {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Cell {name}"))
    });
    let visuals = ui.visuals();
    let palette = Palette::in_use(visuals);
    if is_root {
        ui.painter().rect_filled(rect, 3.0, visuals.selection.bg_fill);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 3.0, visuals.widgets.hovered.bg_fill);
    }
    let fold = rect.left() + 8.0 + INDENT * row.above.len().min(12) as f32;
    let centre = egui::pos2(fold, rect.center().y);
    if let Some(expanded) = row.expanded {
        triangle(ui, centre, expanded);
    }
    let ink = if is_root { visuals.strong_text_color() } else { visuals.text_color() };
    let count = (row.count > 1).then(|| format!("× {}", format::grouped(row.count as i64)));
    let painter = ui.painter().with_clip_rect(rect);
    let mut room = rect.right() - 6.0;
    if let Some(count) = count {
        let at = rect.right_center() - vec2(6.0, 0.0);
        let place = painter.text(
            at,
            Align2::RIGHT_CENTER,
            count,
            FontId::proportional(SMALL),
            visuals.weak_text_color(),
        );
        room = place.left() - 4.0;
    }
    let name_rect = egui::Rect::from_x_y_ranges(fold + 10.0..=room, rect.y_range());
    painter.with_clip_rect(name_rect).text(
        egui::pos2(fold + 10.0, rect.center().y),
        Align2::LEFT_CENTER,
        name,
        FontId::proportional(13.0),
        ink,
    );
    if response.has_focus() {
        let stroke = egui::Stroke::new(1.0, palette.accent);
        ui.painter().rect_stroke(rect, 3.0, stroke, egui::StrokeKind::Inside);
    }
    clicked(&response, row, name, centre)
}

fn clicked(response: &egui::Response, row: &TreeRow, name: &str, fold: egui::Pos2) -> Click {
    let mut click = Click::None;
    response.context_menu(|ui| {
        if ui.button("Show as new top").clicked() {
            click = Click::Show;
            ui.close();
        }
        if ui.button("Copy name").clicked() {
            ui.ctx().copy_text(name.to_owned());
            ui.close();
        }
    });
    let on_fold = response.interact_pointer_pos().is_some_and(|at| at.x < fold.x + 8.0);
    if response.double_clicked() && !on_fold {
        click = Click::Show;
    } else if response.clicked() && row.expanded.is_some() && on_fold {
        click = Click::Fold;
    }
    let help = "Double click shows the cell as new top; the triangle lists what it places.";
    response.clone().on_hover_text(format!("{name}\n{help}"));
    click
}

/// A triangle that points down where the row is unfolded.
pub fn triangle(ui: &Ui, centre: egui::Pos2, expanded: bool) {
    let points = if expanded {
        [vec2(-4.0, -2.5), vec2(4.0, -2.5), vec2(0.0, 3.5)]
    } else {
        [vec2(-2.5, -4.0), vec2(3.5, 0.0), vec2(-2.5, 4.0)]
    };
    let points = points.map(|p| centre + p).to_vec();
    let colour = ui.visuals().weak_text_color();
    ui.painter().add(egui::Shape::convex_polygon(points, colour, egui::Stroke::NONE));
}
