//! The toolbar: open, export, run control, view, palette.

use egui::{Align, Button, Layout, Popup, Ui, vec2};

use super::super::action::Action;
use super::super::command::Command;
use super::super::icons::{self, Icon};
use super::super::run_view::RunView;
use super::super::settings::Bookmark;
use super::super::theme::UNIT;
use super::super::viewer::{LayoutView, Mode};
use super::{command_button, finish, layout_tools};

/// What can be opened.
const OPENS: [Command; 5] =
    [Command::Open, Command::OpenRun, Command::OpenRecipe, Command::OpenResist, Command::OpenLooks];

/// What can be written.
const EXPORTS: [Command; 6] = [
    Command::SaveRun,
    Command::ExportMask,
    Command::ExportCsv,
    Command::ExportJson,
    Command::ExportPicture,
    Command::SaveLooks,
];

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
pub fn show(
    ui: &mut Ui,
    run: &RunView,
    has_clip: bool,
    layout: Option<(&LayoutView, &[Bookmark])>,
    mode: Option<Mode>,
    actions: &mut Vec<Action>,
) {
    let can = Can::of(run, has_clip);
    ui.horizontal_centered(|ui| {
        open_menu(ui, mode.is_some(), actions);
        export_menu(ui, can.export, mode.is_some(), actions);
        ui.separator();
        mode_switch(ui, mode, actions);
        ui.separator();
        match layout {
            Some((view, bookmarks)) if mode == Some(Mode::Layout) => {
                layout_tools::show(ui, view, bookmarks, actions);
            }
            _ => clip_tools(ui, run, can, has_clip, actions),
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            command_button(ui, Command::Help, Icon::Help, "", true, actions);
            let theme = if ui.visuals().dark_mode { Icon::Sun } else { Icon::Moon };
            command_button(ui, Command::ToggleTheme, theme, "", true, actions);
            palette_button(ui, actions);
        });
    });
}

/// Layout or clip; nothing is chosen before a file is open.
fn mode_switch(ui: &mut Ui, mode: Option<Mode>, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.x = 2.0;
    for (which, command, icon, text) in [
        (Mode::Layout, Command::ShowLayout, Icon::Stack, "Layout"),
        (Mode::Clip, Command::ShowClip, Icon::Crop, "Clip"),
    ] {
        let fill = ui.visuals().selection.bg_fill;
        let style = |b: Button<'static>| if mode == Some(which) { b.fill(fill) } else { b };
        let response = ui
            .add_enabled_ui(mode.is_some(), |ui| {
                icons::button(ui, icon, text, &format!("{text} mode"), style)
            })
            .inner;
        finish(ui, command, &response, actions);
    }
    ui.spacing_mut().item_spacing.x = 2.0 * UNIT;
}

/// The run's controls.
fn clip_tools(ui: &mut Ui, run: &RunView, can: Can, has_clip: bool, actions: &mut Vec<Action>) {
    run_button(ui, run.running, can.run, actions);
    let back = run.wanted > 0;
    command_button(ui, Command::Back, Icon::Previous, "Back", back, actions);
    command_button(ui, Command::Step, Icon::Step, "Step", can.step, actions);
    command_button(ui, Command::Reset, Icon::Reset, "Reset", has_clip, actions);
    ui.separator();
    command_button(ui, Command::Fit, Icon::Fit, "Fit", can.view, actions);
    command_button(ui, Command::CutLine, Icon::Slice, "Cut line", can.view, actions);
}

/// The main button: as wide for "Pause" as for "Run", so that nothing moves.
fn run_button(ui: &mut Ui, running: bool, can_run: bool, actions: &mut Vec<Action>) {
    let (icon, text) = if running { (Icon::Pause, "Pause") } else { (Icon::Run, "Run") };
    let fill = ui.visuals().selection.bg_fill;
    let style = |button: Button<'static>| {
        let button = button.min_size(vec2(84.0, 0.0));
        if can_run && !running { button.fill(fill) } else { button }
    };
    let response = ui
        .add_enabled_ui(can_run || running, |ui| icons::button(ui, icon, text, text, style))
        .inner;
    finish(ui, Command::RunPause, &response, actions);
}

fn open_menu(ui: &mut Ui, has_layout: bool, actions: &mut Vec<Action>) {
    let response = icons::button(ui, Icon::Open, "Open…", "Open…", |b| b)
        .on_hover_text("Read a layout, a saved run, a recipe, a resist or layer properties.");
    Popup::menu(&response).show(|ui| {
        for command in OPENS {
            let enabled = command != Command::OpenLooks || has_layout;
            menu_entry(ui, command, enabled, actions);
        }
    });
}

fn export_menu(ui: &mut Ui, has_run: bool, has_layout: bool, actions: &mut Vec<Action>) {
    let response = ui
        .add_enabled_ui(has_run || has_layout, |ui| {
            icons::button(ui, Icon::Export, "Export", "Export", |b| b)
        })
        .inner
        .on_hover_text("Write the run, the mask or the metrics to a file.");
    Popup::menu(&response).show(|ui| {
        for command in EXPORTS {
            let enabled = if command.export().is_some() { has_run } else { has_layout };
            menu_entry(ui, command, enabled, actions);
        }
    });
}

/// A command's line in a menu, with its shortcut.
fn menu_entry(ui: &mut Ui, command: Command, enabled: bool, actions: &mut Vec<Action>) {
    let entry = command.entry();
    let keys = entry.shortcut.map(|s| ui.ctx().format_shortcut(&s));
    let button = Button::new(entry.label).shortcut_text(keys.unwrap_or_default());
    let response = ui.add_enabled(enabled, button).on_hover_text(entry.help);
    if response.accessible_name(entry.label).clicked() {
        actions.push(Action::Command(command));
        ui.close();
    }
}

fn palette_button(ui: &mut Ui, actions: &mut Vec<Action>) {
    let entry = Command::Palette.entry();
    let keys = entry.shortcut.map(|s| ui.ctx().format_shortcut(&s)).unwrap_or_default();
    let style = |button: Button<'static>| button.shortcut_text(keys).min_size(vec2(220.0, 0.0));
    let response = icons::button(ui, Icon::Search, "Find a command", "Find a command", style);
    finish(ui, Command::Palette, &response, actions);
}
