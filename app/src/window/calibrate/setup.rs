//! What is calibrated from what.

use std::sync::Arc;

use egui::{ComboBox, DragValue, RichText, ScrollArea, Ui};
use lithoscope_engine::resist::{ResistModel, VerticalResist};

use super::super::action::Action;
use super::super::dialogs::Purpose;
use super::super::panels::hint;
use super::super::run_view::RunView;
use super::CalibrateView;
use crate::headless::calibration_start;
use crate::worker::{CalibrationOrder, PairSource};

/// The presets that can be calibrated.
fn vertical() -> impl Iterator<Item = (&'static str, VerticalResist)> {
    ResistModel::preset_names().filter_map(|name| match ResistModel::preset(name) {
        Some(ResistModel::Vertical(resist)) => Some((name, resist)),
        _ => None,
    })
}

/// The first resist in three dimensions, for pairs made here.
fn truth() -> Option<(&'static str, Box<lithoscope_engine::resist::volume::VolumeResist>)> {
    ResistModel::preset_names().find_map(|name| match ResistModel::preset(name) {
        Some(ResistModel::Volume(resist)) => Some((name, resist)),
        _ => None,
    })
}

/// Shows the column.
pub fn show(ui: &mut Ui, view: &mut CalibrateView, run: &RunView, actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.horizontal(|ui| {
            ui.label("Start from");
            ComboBox::from_id_salt("calibration start")
                .width(170.0)
                .selected_text(view.start)
                .show_ui(ui, |ui| {
                    for (name, _) in vertical() {
                        ui.selectable_value(&mut view.start, name, name);
                    }
                });
        });
        let Some((_, start)) = vertical().find(|(name, _)| *name == view.start) else { return };
        buttons(ui, view, start, run, actions);
        ui.horizontal(|ui| {
            ui.label("Steps");
            ui.add(DragValue::new(&mut view.steps).range(10..=5000));
            ui.label("Pixel of the pairs");
            ui.add(DragValue::new(&mut view.pixel_nm).range(0.1..=100.0).speed(0.1).suffix(" nm"));
        });
        ui.label(RichText::new("Parameters to fit").small().weak());
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for parameter in start.parameters() {
                let name = parameter.name();
                let mut free = view.free.iter().any(|f| f == name);
                let value = start.get(parameter).unwrap_or_default();
                let tick = ui.checkbox(&mut free, name);
                if tick.on_hover_text(format!("starts at {value}")).changed() {
                    view.free.retain(|f| f != name);
                    if free {
                        view.free.push(name.to_owned());
                    }
                }
            }
        });
        view.free.retain(|name| start.parameters().any(|p| p.name() == name));
    });
}

fn buttons(
    ui: &mut Ui,
    view: &mut CalibrateView,
    start: VerticalResist,
    run: &RunView,
    actions: &mut Vec<Action>,
) {
    if view.running {
        let paused = view.job.as_ref().is_some_and(crate::worker::CalibrationJob::is_paused);
        ui.horizontal(|ui| {
            if ui.button(if paused { "Go on" } else { "Pause" }).clicked()
                && let Some(job) = &view.job
            {
                job.pause(!paused);
            }
            if ui.button("Stop").clicked() {
                view.stop();
            }
        });
        return;
    }
    let ready = !view.free.is_empty();
    let order = |source: PairSource| CalibrationOrder {
        source,
        start: calibration_start(start, &view.free),
        free: view.free.clone(),
        steps: view.steps,
    };
    let mut begin = None;
    ui.horizontal_wrapped(|ui| {
        if ui
            .button("Choose pairs…")
            .on_hover_text("A folder of NAME.aerial.npy with NAME.printed.npy or NAME.printed.png.")
            .clicked()
        {
            actions.push(Action::Ask(Purpose::PairsDir));
        }
        let folder = view.folder.clone();
        let name =
            folder.as_ref().and_then(|f| f.file_name()).map(|n| n.to_string_lossy().into_owned());
        let label = name.map_or_else(|| "Calibrate".to_owned(), |n| format!("Calibrate on {n}"));
        if ui.add_enabled(ready && folder.is_some(), egui::Button::new(label)).clicked()
            && let Some(folder) = folder
        {
            begin = Some(order(PairSource::Folder(folder, view.pixel_nm)));
        }
    });
    if let (Some((name, truth)), Some(picture)) = (truth(), &run.picture) {
        let tip = format!(
            "Develops the shown image by {name} in three dimensions and fits the vertical resist to what that prints."
        );
        let button = egui::Button::new("Try it on this clip");
        if ui.add_enabled(ready, button).on_hover_text(tip).clicked() {
            begin = Some(order(PairSource::Shown {
                intensity: Arc::new(picture.intensity.clone()),
                pixel_nm: picture.grid.pixel_nm,
                truth,
            }));
        }
    }
    if !ready {
        hint(ui, "Tick at least one parameter.");
    }
    if let Some(order) = begin {
        let ctx = ui.ctx().clone();
        view.start(order, &ctx);
    }
}
