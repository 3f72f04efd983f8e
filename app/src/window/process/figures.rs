//! The figures beside the plots: one row a gauge, and what all have in common.

use egui::{Grid, RichText, ScrollArea, Ui};

use super::super::format;
use super::ProcessView;
use crate::headless::WindowReport;

/// Shows the table; a click on a row chooses the gauge that is drawn.
pub fn show(ui: &mut Ui, process: &mut ProcessView, report: &WindowReport) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Grid::new("process window figures").num_columns(6).spacing([10.0, 2.0]).show(ui, |ui| {
            for (head, help) in [
                ("Gauge", "Where a width is measured."),
                ("Target", "Width wanted, nm."),
                ("CD", "Width at best focus and nominal dose, nm."),
                ("MEEF", "Change of the printed width by change of the mask's, at wafer scale."),
                ("DOF", "Depth of focus at 5 % exposure latitude, nm."),
                ("EL", "Largest exposure latitude, %."),
            ] {
                ui.label(RichText::new(head).small().weak()).on_hover_text(help);
            }
            ui.end_row();
            for (i, gauge) in report.gauges.iter().enumerate() {
                if ui.selectable_label(process.gauge == i, &gauge.name).clicked() {
                    process.gauge = i;
                }
                ui.monospace(format!("{:.0}", gauge.target_nm));
                ui.monospace(number(gauge.cd_nm, 1));
                ui.monospace(number(gauge.meef, 2));
                ui.monospace(number(gauge.depth_of_focus_nm, 0));
                ui.monospace(number(latitude(&gauge.window.latitude_curve), 1));
                ui.end_row();
            }
            ui.label(RichText::new("All").strong());
            for _ in 0..3 {
                ui.label("");
            }
            ui.monospace(number(report.depth_of_focus_nm, 0));
            ui.monospace(number(latitude(&report.common.latitude_curve), 1));
            ui.end_row();
        });
        ui.add_space(4.0);
        ui.label(RichText::new(verdict(report)).small().weak());
    });
}

fn latitude(curve: &[(f64, f64)]) -> Option<f64> {
    curve.iter().map(|(_, latitude)| latitude * 100.0).reduce(f64::max)
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
}

fn verdict(report: &WindowReport) -> String {
    let Some(best) = report.common.rectangle else {
        return "No focus and dose keep every gauge within its tolerance.".to_owned();
    };
    let end = if report.common.reaches_the_end {
        " The window goes on beyond what was measured."
    } else {
        ""
    };
    format!(
        "Best dose {}, best focus {} nm.{end}",
        format::significant(best.dose),
        format::signed(best.focus_nm, 0)
    )
}
