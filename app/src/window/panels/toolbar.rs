//! The toolbar: open, export, run control, view, palette.

use egui::{Align, Button, Layout, Ui, vec2};

use super::super::action::Action;
use super::super::command::Command;
use super::super::run_view::RunView;
use super::command_button;

/// What can be done now.
#[derive(Clone, Copy, Debug)]
pub struct Can {
    /// A run is ready and not done.
    pub run: bool,
    /// A step can be made or shown.
    pub step: bool,
    /// There is something to export.
    pub export: bool,
    /// There is a clip.
    pub view: bool,
}

impl Can {
    /// What the state of the run allows.
    pub fn of(run: &RunView, has_clip: bool) -> Self {
        let ready = run.prepared.is_some();
        Self {
            run: ready && !run.is_finished(),
            step: ready && !run.running && (!run.is_finished() || run.wanted < run.last()),
            export: ready && !run.history.is_empty(),
            view: has_clip,
        }
    }
}

/// Shows the toolbar.
pub fn show(ui: &mut Ui, run: &RunView, has_clip: bool, actions: &mut Vec<Action>) {
    let can = Can::of(run, has_clip);
    ui.horizontal_centered(|ui| {
        command_button(ui, Command::Open, "🗁  Open…", true, actions);
        export_menu(ui, can.export, actions);
        ui.separator();
        let (text, enabled) =
            if run.running { ("⏸  Pause", true) } else { ("▶  Run", can.run) };
        run_button(ui, text, enabled, run.running, actions);
        command_button(ui, Command::Back, "⏴  Back", run.wanted > 0, actions);
        command_button(ui, Command::Step, "⏵  Step", can.step, actions);
        command_button(ui, Command::Reset, "⟲  Reset", run.prepared.is_some(), actions);
        ui.separator();
        command_button(ui, Command::Fit, "⛶  Fit", can.view, actions);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            command_button(ui, Command::Help, "?", true, actions);
            let theme = if ui.visuals().dark_mode { "☀" } else { "🌙" };
            command_button(ui, Command::ToggleTheme, theme, true, actions)
                .accessible_name(Command::ToggleTheme.entry().label);
            palette_button(ui, actions);
        });
    });
}

/// The main button: as wide for "Pause" as for "Run", so that nothing moves.
fn run_button(ui: &mut Ui, text: &str, enabled: bool, running: bool, actions: &mut Vec<Action>) {
    let mut button = Button::new(text).min_size(vec2(84.0, 0.0));
    if enabled && !running {
        button = button.fill(ui.visuals().selection.bg_fill);
    }
    let tooltip = Command::RunPause.tooltip(ui.ctx());
    if ui.add_enabled(enabled, button).on_hover_text(tooltip).clicked() {
        actions.push(Action::Command(Command::RunPause));
    }
}

fn export_menu(ui: &mut Ui, enabled: bool, actions: &mut Vec<Action>) {
    ui.add_enabled_ui(enabled, |ui| {
        ui.menu_button("⬇  Export", |ui| {
            for command in [Command::ExportMask, Command::ExportCsv, Command::ExportJson] {
                let entry = command.entry();
                let keys = entry.shortcut.map(|s| ui.ctx().format_shortcut(&s));
                let button = Button::new(entry.label).shortcut_text(keys.unwrap_or_default());
                if ui.add(button).on_hover_text(entry.help).clicked() {
                    actions.push(Action::Command(command));
                    ui.close();
                }
            }
        });
    });
}

fn palette_button(ui: &mut Ui, actions: &mut Vec<Action>) {
    let entry = Command::Palette.entry();
    let keys = entry.shortcut.map(|s| ui.ctx().format_shortcut(&s)).unwrap_or_default();
    let button = Button::new("🔍  Find a command").shortcut_text(keys).min_size(vec2(220.0, 0.0));
    if ui.add(button).on_hover_text(entry.help).clicked() {
        actions.push(Action::Command(Command::Palette));
    }
}
