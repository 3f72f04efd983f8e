//! The process window tab: widths over focus and dose, and the window they leave.

mod figures;
mod plots;

use std::sync::Arc;

use egui::{Ui, vec2};

use super::action::Action;
use super::panels::{column, hint};
use crate::headless::WindowReport;
use crate::worker::{Analysis, WindowOutcome};

/// Width of the column of figures, points.
const FIGURES: f32 = 300.0;
/// Space between plots, points.
const GAP: f32 = 12.0;

/// What the tab shows.
#[derive(Default)]
pub struct ProcessView {
    /// The answer to the last question; `None` while there is none.
    pub outcome: Option<Arc<WindowOutcome>>,
    /// Whether a window was asked for.
    pub asked: bool,
    /// Gauge whose Bossung curves are drawn.
    pub gauge: usize,
}

impl ProcessView {
    /// Takes an answer.
    pub fn take(&mut self, outcome: Arc<WindowOutcome>) {
        if let WindowOutcome::Done(report) = outcome.as_ref() {
            self.gauge = self.gauge.min(report.gauges.len().saturating_sub(1));
        }
        self.outcome = Some(outcome);
    }

    /// Forgets what belongs to another clip.
    pub fn clear(&mut self) {
        self.outcome = None;
    }
}

/// Shows the tab.
pub fn show(ui: &mut Ui, process: &mut ProcessView, actions: &mut Vec<Action>) {
    if !process.asked {
        hint(
            ui,
            "How much focus and dose may be off before widths leave their tolerance: CDs of the shapes nearest the middle (and of the cut line, where there is one), 21 focus planes, 41 doses. It is measured again whenever the shown mask changes.",
        );
        ui.add_space(4.0);
        if ui.button("Measure the process window").clicked() {
            process.asked = true;
            actions.push(Action::Analyse(Analysis::ProcessWindow(true)));
        }
        return;
    }
    match process.outcome.clone().as_deref() {
        None => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("Imaging through focus…");
            });
        }
        Some(WindowOutcome::Failed(why)) => {
            hint(ui, &format!("There is no process window to show: {why}."));
        }
        Some(WindowOutcome::Done(report)) => content(ui, process, report),
    }
}

fn content(ui: &mut Ui, process: &mut ProcessView, report: &WindowReport) {
    let room = ui.available_size();
    let width = ((room.x - FIGURES - 3.0 * GAP) / 3.0).max(120.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        column(ui, vec2(FIGURES, room.y), |ui| figures::show(ui, process, report));
        column(ui, vec2(width, room.y), |ui| plots::bossung(ui, report, process.gauge));
        column(ui, vec2(width, room.y), |ui| plots::window(ui, report, process.gauge));
        column(ui, vec2(width, room.y), |ui| plots::latitude(ui, report, process.gauge));
    });
}
