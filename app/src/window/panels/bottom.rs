//! The bottom panel: metrics strip, timeline, tabs.

use egui::{RichText, ScrollArea, Ui};

use super::super::action::Action;
use super::super::calibrate::{self, CalibrateView};
use super::super::compare::{self, CompareView};
use super::super::cutline::{self, CutView};
use super::super::lens::{self, LensView};
use super::super::notices::Notices;
use super::super::process::{self, ProcessView};
use super::super::run_view::RunView;
use super::super::view::{Tab, View};
use super::super::why::{self, WhyView};
use super::{epe, hint, metrics, plots, rules};

/// What tabs show and change.
pub struct Bottom<'a> {
    /// The run.
    pub run: &'a RunView,
    /// How things are looked at.
    pub view: &'a mut View,
    /// Explanations.
    pub why: &'a WhyView,
    /// The comparison.
    pub compare: &'a mut CompareView,
    /// The cut line.
    pub cut: &'a mut CutView,
    /// The process window.
    pub process: &'a mut ProcessView,
    /// Source and pupil.
    pub lens: &'a mut LensView,
    /// The calibration.
    pub calibrate: &'a mut CalibrateView,
    /// The log.
    pub notices: &'a Notices,
}

/// Shows the content of a tab.
type Show = fn(&mut Ui, &mut Bottom<'_>, &mut Vec<Action>);

/// A tab of the panel.
struct Entry {
    tab: Tab,
    name: &'static str,
    help: &'static str,
    /// Shows its content.
    show: Show,
    /// Shows its tools, in the row of the tabs' names.
    tools: Option<Show>,
}

/// Every tab, in this order.
const TABS: [Entry; 10] = [
    Entry {
        tab: Tab::Metrics,
        name: "Metrics",
        help: "Loss, L2, PV band, EPE and shots over iterations.",
        show: |ui, b, actions| plots::show(ui, b.run, b.compare.pinned.as_ref(), actions),
        tools: None,
    },
    Entry {
        tab: Tab::Explain,
        name: "Explain",
        help: "Why a fragment or gauge is as it is: click one on the canvas.",
        show: |ui, b, actions| why::show(ui, b.why, b.run, b.view, actions),
        tools: None,
    },
    Entry {
        tab: Tab::Rules,
        name: "Rules",
        help: "Mask rules that the shown mask breaks.",
        show: |ui, b, _| rules::show(ui, b.run, b.view),
        tools: None,
    },
    Entry {
        tab: Tab::Compare,
        name: "Compare",
        help: "Two runs side by side: figures, wipe and difference.",
        show: |ui, b, actions| compare::show(ui, b.compare, b.run, actions),
        tools: Some(|ui, b, actions| compare::tools(ui, b.compare, b.view, actions)),
    },
    Entry {
        tab: Tab::Cut,
        name: "Cut line",
        help: "Light and resist along a line across the clip.",
        show: |ui, b, actions| cutline::show(ui, b.cut, actions),
        tools: Some(|ui, b, actions| cutline::tools(ui, b.cut, actions)),
    },
    Entry {
        tab: Tab::Window,
        name: "Window",
        help: "Widths over focus and dose: Bossung curves and the process window.",
        show: |ui, b, actions| process::show(ui, b.process, actions),
        tools: None,
    },
    Entry {
        tab: Tab::Optics,
        name: "Optics",
        help: "Source, wavefront of the lens, kernels.",
        show: |ui, b, _| lens::show(ui, b.lens),
        tools: None,
    },
    Entry {
        tab: Tab::Calibrate,
        name: "Calibrate",
        help: "Fit a resist to what was printed.",
        show: |ui, b, actions| calibrate::show(ui, b.calibrate, b.run, actions),
        tools: None,
    },
    Entry {
        tab: Tab::Epe,
        name: "EPE by gauge",
        help: "Placement error at every gauge.",
        show: |ui, b, _| epe::show(ui, b.run, b.view),
        tools: None,
    },
    Entry {
        tab: Tab::Log,
        name: "Log",
        help: "What happened.",
        show: |ui, b, _| log(ui, b.notices),
        tools: None,
    },
];

/// Shows the panel.
pub fn show(ui: &mut Ui, bottom: &mut Bottom<'_>, actions: &mut Vec<Action>) {
    // The panel keeps its height whatever is in it.
    ui.set_min_height(ui.available_height());
    ui.add_space(4.0);
    metrics::show(ui, bottom.run, actions);
    ui.separator();
    ui.horizontal(|ui| {
        for entry in &TABS {
            let tab = ui.selectable_value(&mut bottom.view.tab, entry.tab, entry.name);
            tab.on_hover_text(entry.help);
        }
        let open = TABS.iter().find(|entry| entry.tab == bottom.view.tab);
        if let Some(tools) = open.and_then(|entry| entry.tools) {
            ui.separator();
            tools(ui, bottom, actions);
        }
    });
    if let Some(entry) = TABS.iter().find(|entry| entry.tab == bottom.view.tab) {
        (entry.show)(ui, bottom, actions);
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
