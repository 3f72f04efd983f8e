//! The recipe panel: pick one, read one, edit its parameters.

use clap::ValueEnum as _;
use egui::{Button, CollapsingHeader, ComboBox, DragValue, Grid, RichText, Ui};
use lithoscope_engine::opc::{AssistAction, PARAMETERS, Parameter, Recipe, STAGE_PARAMETERS};

use super::super::action::Action;
use super::super::command::Command;
use super::super::icons::Icon;
use super::super::recipe_facts::{ASSIST_METHODS, assists, facts, known};
use super::super::theme::Palette;
use super::{command_button, heading, hint};
use crate::headless::Backend;

/// Groups that are open at first.
const OPEN: [&str; 2] = ["Resist", "Process corners"];
/// Change by dragging the whole way across a wide screen, as a share of the range.
const DRAG_STEPS: f64 = 1000.0;

/// Recipe as it is edited.
#[derive(Default)]
pub struct RecipeEdit {
    /// The recipe in the panel.
    pub recipe: Option<Recipe>,
    /// Whether it differs from that of the run.
    pub pending: bool,
    /// Why it cannot be used as it stands.
    pub refused: Option<String>,
    /// What was chosen to compute iterations.
    pub backend: Backend,
    /// The device that computes them; `None` is the processor.
    pub device: Option<String>,
}

/// Shows the panel.
pub fn show(ui: &mut Ui, edit: &RecipeEdit, actions: &mut Vec<Action>) {
    heading(ui, "Recipe");
    let Some(recipe) = &edit.recipe else {
        hint(ui, "No recipe could be loaded. Choose one or open a file.");
        picker(ui, "Choose a recipe", actions);
        return;
    };
    ui.horizontal(|ui| {
        picker(ui, &recipe.name, actions);
        command_button(ui, Command::OpenRecipe, Icon::Open, "File…", true, actions);
    });
    hint(ui, &recipe.summary);
    if let Some(reason) = &edit.refused {
        let colour = Palette::in_use(ui.visuals()).bad;
        ui.add(egui::Label::new(RichText::new(reason).small().color(colour)).wrap());
    } else if edit.pending {
        pending(ui, actions);
    }
    backend_picker(ui, edit, actions);
    group(ui, "Optics", true, |ui| {
        for (name, value) in facts(recipe) {
            ui.label(name);
            ui.label(RichText::new(value).weak());
            ui.end_row();
        }
    });
    parameters(ui, recipe, actions);
    for stage in 0..recipe.optimiser.stages.len() {
        show_stage(ui, recipe, stage, actions);
    }
}

fn picker(ui: &mut Ui, name: &str, actions: &mut Vec<Action>) {
    ComboBox::from_id_salt("recipe")
        .width(170.0)
        .truncate()
        .selected_text(name)
        .show_ui(ui, |ui| {
            for same_method in known().chunk_by(|a, b| a.method == b.method) {
                if let Some(first) = same_method.first() {
                    hint(ui, first.method);
                }
                for known in same_method {
                    let tooltip = format!("{}.\nSRAFs: {}.", known.summary, known.assists);
                    let chosen = ui.selectable_label(known.name == name, known.name);
                    if chosen.on_hover_text(tooltip).clicked() {
                        actions.push(Action::PickRecipe(known.name));
                    }
                }
            }
        })
        .response
        .accessible_name("Recipe");
}

/// What computes iterations, and what that came to.
fn backend_picker(ui: &mut Ui, edit: &RecipeEdit, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label("Compute on");
        let name = |backend: Backend| match backend {
            Backend::Cpu => "Processor",
            Backend::Wgpu => "Graphics (wgpu)",
            Backend::Cuda => "Nvidia (CUDA)",
            Backend::Auto => "Fastest",
        };
        let mut chosen = edit.backend;
        let combo = ComboBox::from_id_salt("backend").width(130.0).selected_text(name(chosen));
        let response = combo.show_ui(ui, |ui| {
            for backend in Backend::value_variants() {
                ui.selectable_value(&mut chosen, *backend, name(*backend));
            }
        });
        response.response.accessible_name("What computes").on_hover_text(
            "What computes losses, gradients and prints of iterations. A device is checked against \
             the processor first; where it fails, the processor goes on.",
        );
        if chosen != edit.backend {
            actions.push(Action::UseBackend(chosen));
        }
    });
    if edit.backend != Backend::Cpu {
        hint(
            ui,
            edit.device.as_deref().unwrap_or("Processor: no such device computes (see the log)."),
        );
    }
}

fn pending(ui: &mut Ui, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("The run uses the old values.").small());
        let button = ui.add(Button::new("Apply and reset").small());
        if button.on_hover_text(Command::Reset.tooltip(ui.ctx())).clicked() {
            actions.push(Action::Command(Command::Reset));
        }
    });
}

fn group(ui: &mut Ui, title: &str, open: bool, content: impl FnOnce(&mut Ui)) {
    CollapsingHeader::new(RichText::new(title).strong()).default_open(open).show(ui, |ui| {
        Grid::new(title).num_columns(2).min_col_width(104.0).spacing([8.0, 4.0]).show(ui, content);
    });
}

/// The parameters of the registry, group by group in its order.
fn parameters(ui: &mut Ui, recipe: &Recipe, actions: &mut Vec<Action>) {
    for members in PARAMETERS.chunk_by(|a, b| a.group == b.group) {
        let Some(title) = members.first().map(|p| p.group) else { continue };
        group(ui, title, OPEN.contains(&title), |ui| {
            if title == "SRAFs" {
                assist_method(ui, recipe, actions);
            }
            for parameter in members {
                if let Some(value) = row(ui, parameter, parameter.label, (parameter.get)(recipe)) {
                    let mut edited = recipe.clone();
                    (parameter.set)(&mut edited, value);
                    actions.push(Action::EditRecipe(Box::new(edited)));
                }
            }
        });
    }
}

/// How SRAFs are placed. A schedule in which no stage places any gets them in its second stage,
/// once the main features have found their places.
fn assist_method(ui: &mut Ui, recipe: &Recipe, actions: &mut Vec<Action>) {
    ui.label("Method");
    let mut chosen = recipe.assists.method;
    ComboBox::from_id_salt("SRAF method")
        .width(110.0)
        .selected_text(assists(recipe))
        .show_ui(ui, |ui| {
            for (method, name) in ASSIST_METHODS {
                ui.selectable_value(&mut chosen, method, name);
            }
        })
        .response
        .on_hover_text(
            "None, rectangles where the loss asks most for light, or bars along the target's edges.",
        )
        .accessible_name("SRAF method");
    ui.end_row();
    if chosen == recipe.assists.method {
        return;
    }
    let mut edited = recipe.clone();
    edited.assists.method = chosen;
    let stages = &mut edited.optimiser.stages;
    let seeds = stages.iter().any(|s| s.assists == AssistAction::Seed);
    let second = 1.min(stages.len().saturating_sub(1));
    if let Some(stage) = stages.get_mut(second).filter(|_| !seeds) {
        stage.assists = AssistAction::Seed;
    }
    actions.push(Action::EditRecipe(Box::new(edited)));
}

fn show_stage(ui: &mut Ui, recipe: &Recipe, index: usize, actions: &mut Vec<Action>) {
    let Some(stage) = recipe.optimiser.stages.get(index) else { return };
    group(ui, &format!("Stage {}", index + 1), false, |ui| {
        for parameter in STAGE_PARAMETERS {
            let name = format!("{} of stage {}", parameter.label, index + 1);
            let Some(value) = row(ui, parameter, &name, (parameter.get)(stage)) else { continue };
            let mut edited = recipe.clone();
            if let Some(stage) = edited.optimiser.stages.get_mut(index) {
                (parameter.set)(stage, value);
                actions.push(Action::EditRecipe(Box::new(edited)));
            }
        }
    });
}

/// One number; returns its new value if it was edited. While it is dragged every change is a
/// request of its own, of which the engine's inbox keeps the newest.
fn row<T>(ui: &mut Ui, parameter: &Parameter<T>, name: &str, mut value: f64) -> Option<f64> {
    let tooltip = format!("{}\n{} ({})", parameter.help, parameter.range(), parameter.path);
    ui.label(parameter.label).on_hover_text(&tooltip);
    let suffix =
        if parameter.unit.is_empty() { String::new() } else { format!(" {}", parameter.unit) };
    let span = parameter.max - parameter.min;
    let field = DragValue::new(&mut value)
        .range(parameter.min..=parameter.max)
        .speed(span / DRAG_STEPS)
        .max_decimals(if parameter.integer { 0 } else { 4 })
        .suffix(suffix)
        .update_while_editing(false);
    let response = ui.add(field).on_hover_text(tooltip).accessible_name(name);
    ui.end_row();
    response.changed().then(|| if parameter.integer { value.round() } else { value })
}
