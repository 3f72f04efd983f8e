//! The bottom panel: metrics strip, timeline, tabs.

use egui::{RichText, ScrollArea, Ui};

use super::super::action::Action;
use super::super::notices::Notices;
use super::super::run_view::RunView;
use super::super::view::{Tab, View};
use super::{epe, hint, metrics, plots};

/// Shows the panel.
pub fn show(
    ui: &mut Ui,
    run: &RunView,
    view: &mut View,
    notices: &Notices,
    actions: &mut Vec<Action>,
) {
    // The panel keeps its height whatever is in it.
    ui.set_min_height(ui.available_height());
    ui.add_space(4.0);
    metrics::strip(ui, run);
    metrics::timeline(ui, run, actions);
    ui.separator();
    ui.horizontal(|ui| {
        for (tab, name) in
            [(Tab::Metrics, "Metrics"), (Tab::Epe, "EPE by gauge"), (Tab::Log, "Log")]
        {
            ui.selectable_value(&mut view.tab, tab, name);
        }
    });
    match view.tab {
        Tab::Metrics => plots::show(ui, run, actions),
        Tab::Epe => epe::show(ui, run, view),
        Tab::Log => log(ui, notices),
    }
}

fn log(ui: &mut Ui, notices: &Notices) {
    if notices.log.is_empty() {
        hint(ui, "What happens is written here.");
    }
    ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
        for (seconds, line) in &notices.log {
            ui.horizontal_top(|ui| {
                ui.label(RichText::new(format!("{seconds:8.2} s")).monospace().weak());
                ui.label(line);
            });
        }
    });
}
