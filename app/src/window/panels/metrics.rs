//! The metrics strip and the timeline: the numbers of the shown iteration, always in sight.

use egui::{Align, Color32, Layout, RichText, Slider, Ui, vec2};

use super::super::action::Action;
use super::super::command::Command;
use super::super::format;
use super::super::icons::{self, Icon};
use super::super::run_view::RunView;
use super::super::theme::Palette;
use super::command_button;

/// Width of one number, points.
const WIDTH: f32 = 140.0;

/// Width from which numbers and timeline stand in one row, points.
const ONE_ROW: f32 = 1240.0;

/// Shows numbers and timeline, side by side where there is room.
pub fn show(ui: &mut Ui, run: &RunView, actions: &mut Vec<Action>) {
    if ui.available_width() < ONE_ROW {
        strip(ui, run);
        timeline(ui, run, actions);
        return;
    }
    ui.horizontal(|ui| {
        strip(ui, run);
        timeline(ui, run, actions);
    });
}

/// Shows L2, PV band, EPE, shots and loss of the shown iteration, with their change.
fn strip(ui: &mut Ui, run: &RunView) {
    let (now, before) = run.metrics().map_or((None, None), |(n, b)| (Some(n), b));
    let pick = |f: fn(&lithoscope_engine::verify::Metrics) -> i64| {
        (now.as_ref().map(f), before.as_ref().map(f))
    };
    ui.horizontal(|ui| {
        number(
            ui,
            "L2",
            "nm²",
            pick(|m| m.l2_nm2 as i64),
            "Area where the nominal print differs from the target.",
        );
        number(
            ui,
            "PV band",
            "nm²",
            pick(|m| m.pvb_nm2 as i64),
            "Area that prints at one process corner but not at the other.",
        );
        number(
            ui,
            "EPE",
            "violations",
            pick(|m| i64::from(m.epe_violations)),
            "Gauges whose placement error exceeds the tolerance.",
        );
        number(
            ui,
            "Shots",
            "rectangles",
            pick(|m| i64::from(m.shots)),
            "Least number of rectangles that tile the mask.",
        );
        loss(ui, run);
    });
}

fn number(
    ui: &mut Ui,
    name: &str,
    unit: &str,
    (now, before): (Option<i64>, Option<i64>),
    help: &str,
) {
    let value = now.map_or("–".to_owned(), format::grouped);
    let change = now.zip(before).map(|(n, b)| n - b);
    let text = change.map_or(String::new(), format::change);
    cell(ui, name, unit, &value, &text, change.map_or(0, i64::signum), help);
}

fn loss(ui: &mut Ui, run: &RunView) {
    let of = |i: Option<&lithoscope_engine::opc::Iteration>| i.map(|i| i.loss.total());
    let (now, before) = (of(run.shown()), of(run.before_shown()));
    let value = now.map_or("–".to_owned(), |v| format::grouped(v.round() as i64));
    let change = now.zip(before).map(|(n, b)| (n - b).round() as i64);
    let text = change.map_or(String::new(), format::change);
    let help = "What the optimiser lowers: weighted soft counts on the loss grid.";
    cell(ui, "Loss", "nm²", &value, &text, change.map_or(0, i64::signum), help);
}

/// One number: its name and unit, the value, and the change coloured by whether it got better.
fn cell(ui: &mut Ui, name: &str, unit: &str, value: &str, change: &str, sign: i64, help: &str) {
    let palette = Palette::in_use(ui.visuals());
    let colour: Color32 = match sign {
        s if s < 0 => palette.good,
        s if s > 0 => palette.bad,
        _ => ui.visuals().weak_text_color(),
    };
    let response =
        ui.allocate_ui_with_layout(vec2(WIDTH, 38.0), Layout::top_down(Align::Min), |ui| {
            ui.set_min_size(vec2(WIDTH, 38.0));
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.label(RichText::new(format!("{name} · {unit}")).small().weak());
            ui.horizontal(|ui| {
                ui.label(RichText::new(value).monospace().size(15.0).strong());
                ui.label(RichText::new(change).monospace().small().color(colour));
            });
        });
    response.response.on_hover_text(format!(
        "{help}\nThe small number is the change since the iteration before."
    ));
}

/// Shows the iteration slider with its buttons.
fn timeline(ui: &mut Ui, run: &RunView, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let any = !run.history.is_empty();
        let (earlier, later) = (any && run.wanted > 0, run.wanted < run.last());
        command_button(ui, Command::First, Icon::First, "", earlier, actions);
        neighbour(
            ui,
            Icon::Previous,
            earlier,
            "Previous iteration",
            run.wanted.wrapping_sub(1),
            actions,
        );
        neighbour(ui, Icon::Next, later, "Next iteration", run.wanted + 1, actions);
        command_button(ui, Command::Last, Icon::Last, "", later, actions);
        slider(ui, run, any, actions);
        command_button(ui, Command::Best, Icon::Star, "Best", any, actions);
    });
}

fn neighbour(
    ui: &mut Ui,
    icon: Icon,
    enabled: bool,
    name: &str,
    iteration: usize,
    actions: &mut Vec<Action>,
) {
    let response = ui.add_enabled_ui(enabled, |ui| icons::button(ui, icon, "", name, |b| b)).inner;
    if response.on_hover_text(name).clicked() {
        actions.push(Action::Show(iteration));
    }
}

/// The slider spans the whole schedule, so that it shows progress too; it stops at the newest
/// iteration.
fn slider(ui: &mut Ui, run: &RunView, any: bool, actions: &mut Vec<Action>) {
    let total = run.prepared.as_ref().map_or(1, |p| p.total_steps.max(1));
    let text = if any { format!("{:>4} / {total}", run.wanted) } else { "   – / –".to_owned() };
    ui.label(RichText::new(text).monospace()).on_hover_text("Shown iteration of the schedule");
    ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(80.0);
    let mut wanted = run.wanted;
    let slider = Slider::new(&mut wanted, 0..=total).show_value(false);
    let response = ui.add_enabled(any && run.last() > 0, slider).accessible_name("Iteration");
    if response.changed() && wanted.min(run.last()) != run.wanted {
        actions.push(Action::Show(wanted.min(run.last())));
    }
}
