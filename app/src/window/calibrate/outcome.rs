//! How a calibration goes, and what came of it.

use egui::{Grid, RichText, TextureOptions, Ui, Vec2};
use egui_plot::{Line, Plot, PlotPoints};
use lithoscope_engine::resist::calibrate::Score;

use super::super::action::Action;
use super::super::dialogs::Purpose;
use super::super::format;
use super::super::panels::hint;
use super::super::panels::plots::marks;
use super::super::theme::Palette;
use super::CalibrateView;

/// Share of wrong pixels over steps, live.
pub fn progress(ui: &mut Ui, view: &CalibrateView) {
    if let Some(why) = &view.problem {
        hint(ui, &format!("The calibration cannot go on: {why}."));
        return;
    }
    let Some(last) = view.history.last() else {
        if view.running {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("Reading or making pairs…");
            });
        } else {
            hint(
                ui,
                "A resist is fitted to pairs of an aerial image and what was printed of it. Choose a folder of measured pairs, or try it on this clip: a three-dimensional resist then stands for the wafer.",
            );
        }
        return;
    };
    let palette = Palette::in_use(ui.visuals());
    ui.horizontal(|ui| {
        ui.label(RichText::new("Pixels printed wrong, %").small().weak());
        ui.label(RichText::new("— training").small().color(palette.accent));
        ui.label(RichText::new("— validation").small().color(palette.contour));
        ui.label(
            RichText::new(format!(
                "step {} · loss {}",
                last.step + 1,
                format::significant(last.loss)
            ))
            .small()
            .weak(),
        );
    });
    let training: Vec<[f64; 2]> =
        view.history.iter().map(|s| [s.step as f64, 100.0 * s.pixel_difference]).collect();
    let validation: Vec<[f64; 2]> =
        view.history.iter().filter_map(|s| Some([s.step as f64, 100.0 * s.validation?])).collect();
    Plot::new("calibration progress")
        .width(ui.available_width())
        .height((ui.available_height() - 4.0).max(60.0))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_background(false)
        .include_y(0.0)
        .default_x_bounds(0.0, view.steps as f64)
        .label_formatter(|_| None)
        .grid_color(ui.visuals().window_stroke.color)
        .y_axis_min_width(34.0)
        .x_grid_spacer(|input| marks(input, 5.0))
        .y_grid_spacer(|input| marks(input, 5.0))
        .y_axis_formatter(|mark, _| format::significant(mark.value))
        .x_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .show(ui, |plot| {
            plot.line(
                Line::new("training", PlotPoints::from(training)).color(palette.accent).width(1.6),
            );
            plot.line(
                Line::new("validation", PlotPoints::from(validation))
                    .color(palette.contour)
                    .width(1.6),
            );
        });
}

/// Values now, and scores beside those of thresholds once it is done.
pub fn scores(ui: &mut Ui, view: &CalibrateView, actions: &mut Vec<Action>) {
    let Some(last) = view.history.last() else { return };
    if view.result.is_some() {
        ui.horizontal(|ui| {
            if ui.button("Use this resist").clicked() {
                actions.push(Action::UseCalibrated);
            }
            if ui.button("Save resist…").clicked() {
                actions.push(Action::Ask(Purpose::SaveResist));
            }
        });
    }
    Grid::new("calibrated values").num_columns(2).spacing([12.0, 2.0]).show(ui, |ui| {
        for (name, value) in view.fitted.iter().zip(&last.values) {
            ui.label(name);
            ui.monospace(format::significant(*value));
            ui.end_row();
        }
    });
    let Some(result) = &view.result else { return };
    ui.add_space(6.0);
    Grid::new("calibration scores").num_columns(4).spacing([10.0, 2.0]).show(ui, |ui| {
        for head in ["Validation", "wrong %", "EPE nm", "max nm"] {
            ui.label(RichText::new(head).small().weak());
        }
        ui.end_row();
        let report = &result.report;
        row(ui, "calibrated", &report.calibrated.validation, true);
        row(ui, "threshold", &report.threshold.validation, false);
        row(ui, "variable", &report.variable_threshold.validation, false);
    });
}

fn row(ui: &mut Ui, name: &str, score: &Score, strong: bool) {
    let text = RichText::new(name);
    ui.label(if strong { text.strong() } else { text });
    ui.monospace(format!("{:.3}", 100.0 * score.pixel_difference));
    ui.monospace(format!("{:.2}", score.epe_mean_nm));
    ui.monospace(format!("{:.2}", score.epe_max_nm));
    ui.end_row();
}

/// What the model prints against what was printed, before or after.
pub fn overlay(ui: &mut Ui, view: &mut CalibrateView) {
    let after = view.result.as_ref().map(|r| std::sync::Arc::clone(&r.after));
    let Some(before) = view.before.clone() else { return };
    ui.horizontal(|ui| {
        ui.selectable_value(&mut view.show_before, true, "Before");
        ui.add_enabled_ui(after.is_some(), |ui| {
            ui.selectable_value(&mut view.show_before, false, "After");
        });
    });
    let is_before = view.show_before || after.is_none();
    let image = if is_before { before } else { after.unwrap_or(before) };
    if view.texture.as_ref().is_none_or(|(shown, _)| *shown != is_before) {
        let handle = ui.ctx().load_texture("calibration overlay", image, TextureOptions::NEAREST);
        view.texture = Some((is_before, handle));
    }
    if let Some((_, handle)) = &view.texture {
        let [w, h] = handle.size().map(|v| v as f32);
        let room = ui.available_size() - egui::vec2(0.0, 30.0);
        let scale = (room.x / w).min(room.y / h).max(0.01);
        ui.image((handle.id(), Vec2::new(w, h) * scale));
        let palette = Palette::in_use(ui.visuals());
        ui.horizontal(|ui| {
            ui.label(RichText::new("model only").small().color(palette.bad));
            ui.label(RichText::new("measured only").small().color(palette.accent));
        });
    }
}
