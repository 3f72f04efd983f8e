//! The rules tab: what the shown mask breaks; a click centres the canvas on it.

use egui::{RichText, ScrollArea, Ui};

use super::super::run_view::RunView;
use super::super::theme::Palette;
use super::super::view::{Item, View};
use super::hint;
use crate::worker::RuleMarker;

/// Coarsest scale that a broken rule is looked at with, nm a point.
const NEAR: f64 = 0.8;

/// What a marker says.
pub fn sentence(marker: &RuleMarker) -> String {
    format!(
        "{}: {} where {} is asked for",
        marker.rule,
        marker.measured_text(),
        marker.needed_text()
    )
}

/// Shows the tab.
pub fn show(ui: &mut Ui, run: &RunView, view: &mut View) {
    let Some(recipe) = run.recipe() else {
        hint(
            ui,
            "The mask rules that the shown mask breaks are listed here once a run is prepared.",
        );
        return;
    };
    let broken = run.broken();
    let r = &recipe.rules;
    let rules = format!(
        "Least width {} nm · space {} nm · SRAF width {} nm · SRAF space {} nm · SRAF to main {} nm",
        r.min_width_nm,
        r.min_space_nm,
        r.min_sraf_width_nm,
        r.min_sraf_space_nm,
        r.min_sraf_to_main_nm
    );
    hint(ui, &rules);
    if broken.is_empty() {
        let palette = Palette::in_use(ui.visuals());
        let text = format!("Iteration {} breaks no mask rule.", run.wanted);
        ui.label(RichText::new(text).color(palette.good));
        return;
    }
    let count = format!("Iteration {} breaks {} mask rules.", run.wanted, broken.len());
    ui.label(RichText::new(count).color(Palette::in_use(ui.visuals()).rule));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (i, marker) in broken.iter().enumerate() {
            let [x, y] = marker.at;
            let text = format!("{}, at {x:.0}, {y:.0} nm", sentence(marker));
            let row = ui.selectable_label(view.selected == Some(Item::Rule(i)), text);
            if row.hovered() {
                view.hovered = Some(Item::Rule(i));
            }
            if row.on_hover_text("Click to see it.").clicked() {
                view.selected = Some(Item::Rule(i));
                view.camera.centre_nm = marker.at;
                view.camera.nm_per_point = view.camera.nm_per_point.min(NEAR);
            }
        }
    });
}
