//! The clip chooser: cell, layer and window of the open layout.

use egui::{Button, ComboBox, DragValue, Grid, RichText, Ui};

use super::super::action::Action;
use super::super::document::Document;
use super::super::format;
use super::{heading, hint};

/// Shows the chooser.
pub fn show(ui: &mut Ui, document: &mut Document, actions: &mut Vec<Action>) {
    heading(ui, "Clip");
    if document.layout.is_none() {
        hint(ui, "Open a layout to choose cell, layer and window.");
        return;
    }
    if let Some(clip) = &document.clip {
        ui.label(&clip.name);
        let (w, h) = (clip.window.width() as f64, clip.window.height() as f64);
        let text = format!(
            "{} × {} · {} polygons",
            format::length(w),
            format::length(h),
            format::grouped(clip.polygons.len() as i64)
        );
        ui.label(RichText::new(text).small().weak());
        if clip.rounding_nm > 0.0 {
            let moved =
                format!("Rounding to whole nm moved points by up to {:.2} nm.", clip.rounding_nm);
            hint(ui, &moved);
        }
    }
    Grid::new("clip chooser").num_columns(2).show(ui, |ui| {
        cell(ui, document);
        layer(ui, document);
    });
    window(ui, document);
    let ready = document.chooser.cell.is_some() && document.chooser.layer.is_some();
    let help = "Flatten and merge this window of the layer; the run starts anew.";
    if ui.add_enabled(ready, Button::new("Cut clip")).on_hover_text(help).clicked() {
        actions.push(Action::Cut);
    }
}

fn cell(ui: &mut Ui, document: &mut Document) {
    ui.label("Cell");
    let chosen = document.chooser.cell;
    let name = document.chooser.cells.iter().find(|c| Some(c.0) == chosen);
    let name = name.map_or_else(String::new, |c| c.1.clone());
    let mut picked = None;
    ComboBox::from_id_salt("cell")
        .width(150.0)
        .truncate()
        .selected_text(name)
        .show_ui(ui, |ui| {
            for (id, name, is_top) in &document.chooser.cells {
                let text = if *is_top { format!("{name} (top)") } else { name.clone() };
                if ui.selectable_label(chosen == Some(*id), text).clicked() {
                    picked = Some(*id);
                }
            }
        })
        .response
        .accessible_name("Cell");
    if let Some(cell) = picked {
        document.choose_cell(cell);
    }
    ui.end_row();
}

fn layer(ui: &mut Ui, document: &mut Document) {
    ui.label("Layer");
    let chooser = &mut document.chooser;
    let text = chooser.layer.map_or_else(|| "none".to_owned(), |l| l.to_string());
    ComboBox::from_id_salt("layer")
        .width(150.0)
        .selected_text(text)
        .show_ui(ui, |ui| {
            for (layer, shapes) in &chooser.layers {
                let text = format!("{layer}   {} shapes", format::grouped(*shapes as i64));
                ui.selectable_value(&mut chooser.layer, Some(*layer), text);
            }
        })
        .response
        .accessible_name("Layer");
    ui.end_row();
}

fn window(ui: &mut Ui, document: &mut Document) {
    let chooser = &mut document.chooser;
    ui.checkbox(&mut chooser.limited, "Only a window")
        .on_hover_text("Cut only this window; otherwise the whole bounding box of the layer.");
    if !chooser.limited {
        return;
    }
    Grid::new("clip window").num_columns(4).show(ui, |ui| {
        for (i, name) in ["x", "y", "Width", "Height"].into_iter().enumerate() {
            ui.label(name);
            let lowest = if i < 2 { i32::MIN } else { 1 };
            let field =
                DragValue::new(&mut chooser.window[i]).range(lowest..=i32::MAX).suffix(" nm");
            ui.add(field).accessible_name(format!("Window {name}"));
            if i == 1 {
                ui.end_row();
            }
        }
    });
}
