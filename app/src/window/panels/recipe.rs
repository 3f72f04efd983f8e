//! The recipe panel: pick one, read one, edit its parameters.

use egui::{Button, CollapsingHeader, ComboBox, DragValue, Grid, RichText, Ui};
use lithoscope_engine::opc::Recipe;

use super::super::action::Action;
use super::super::command::Command;
use super::super::parameters::{GROUPS, Parameter, parameters};
use super::{command_button, heading, hint};

/// Recipe as it is edited.
#[derive(Default)]
pub struct RecipeEdit {
    /// The recipe in the panel.
    pub recipe: Option<Recipe>,
    /// Whether it differs from that of the run.
    pub pending: bool,
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
        command_button(ui, Command::OpenRecipe, "File…", true, actions);
    });
    hint(ui, &recipe.summary);
    if edit.pending {
        pending(ui, actions);
    }
    for group in GROUPS {
        CollapsingHeader::new(RichText::new(group).strong())
            .default_open(matches!(group, "Optics" | "Resist" | "Corners"))
            .show(ui, |ui| show_group(ui, group, recipe, actions));
    }
}

fn picker(ui: &mut Ui, name: &str, actions: &mut Vec<Action>) {
    ComboBox::from_id_salt("recipe")
        .width(180.0)
        .truncate()
        .selected_text(name)
        .show_ui(ui, |ui| {
            for known in Recipe::names() {
                if ui.selectable_label(known == name, known).clicked() {
                    actions.push(Action::PickRecipe(known));
                }
            }
        })
        .response
        .accessible_name("Recipe");
}

fn pending(ui: &mut Ui, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Edited: the run still uses the old values.").small());
        let button = ui.add(Button::new("Apply and reset").small());
        if button.on_hover_text(Command::Reset.tooltip(ui.ctx())).clicked() {
            actions.push(Action::Command(Command::Reset));
        }
    });
}

fn show_group(ui: &mut Ui, group: &str, recipe: &Recipe, actions: &mut Vec<Action>) {
    Grid::new(group).num_columns(2).spacing([8.0, 4.0]).show(ui, |ui| {
        for line in super::super::parameters::facts(group, recipe) {
            ui.label(line.0);
            ui.label(RichText::new(line.1).weak());
            ui.end_row();
        }
        for parameter in parameters(recipe).iter().filter(|p| p.group == group) {
            row(ui, parameter, recipe, actions);
        }
    });
}

fn row(ui: &mut Ui, parameter: &Parameter, recipe: &Recipe, actions: &mut Vec<Action>) {
    let range = parameter.range.clone();
    let unit = if parameter.unit.is_empty() { "" } else { parameter.unit };
    let tooltip = format!("{}\nRange {} to {} {unit}", parameter.help, range.start(), range.end());
    ui.label(&parameter.label).on_hover_text(&tooltip);
    let mut value = (parameter.get)(recipe);
    let suffix = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let field = DragValue::new(&mut value)
        .range(range)
        .speed(parameter.speed)
        .max_decimals(parameter.decimals)
        .suffix(suffix)
        .update_while_editing(false);
    let response = ui.add(field).on_hover_text(tooltip).accessible_name(&parameter.label);
    // While a value is dragged every change is a new request; the inbox keeps only the newest.
    if response.changed() {
        let mut edited = recipe.clone();
        (parameter.set)(&mut edited, value);
        actions.push(Action::EditRecipe(Box::new(edited)));
    }
    ui.end_row();
}
