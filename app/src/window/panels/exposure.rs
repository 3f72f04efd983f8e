//! What the shown mask is exposed to: focus, dose and resist.

use egui::{ComboBox, Grid, Response, RichText, Slider, Ui};

use super::super::action::Action;
use super::super::command::Command;
use super::super::exposure::Exposure;
use super::super::format;
use super::super::icons::Icon;
use super::{command_button, hint};
use crate::worker::{Conditions, FOCUS_STEP_NM, Focuses, Resist, resists};

/// Doses that can be chosen, relative to nominal.
const DOSES: std::ops::RangeInclusive<f64> = 0.7..=1.3;
/// Width of the sliders' rails, points.
const RAIL: f32 = 96.0;

/// Shows the controls.
pub fn show(ui: &mut Ui, exposure: &Exposure, actions: &mut Vec<Action>) {
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new("Exposure").strong());
        let away = !exposure.conditions.is_nominal();
        let button = command_button(ui, Command::NominalConditions, Icon::Reset, "", away, actions);
        button.on_hover_text("Back to best focus and nominal dose");
    });
    let Some(optics) = &exposure.optics else {
        hint(
            ui,
            "Focus, dose and resist of what is shown can be chosen once the optics are ready.",
        );
        return;
    };
    let mut wanted = exposure.conditions.clone();
    Grid::new("exposure").num_columns(2).min_col_width(44.0).show(ui, |ui| {
        ui.spacing_mut().slider_width = RAIL;
        ui.label("Focus").on_hover_text("Defocus of what is shown; 0 is best focus. Metrics, PV band and gauges stay at the recipe's corners.");
        focus(ui, optics.focuses, &mut wanted);
        ui.end_row();
        ui.label("Dose").on_hover_text("Exposure dose relative to nominal: scales intensity.");
        dose(ui, &mut wanted);
        ui.end_row();
        ui.label("Resist").on_hover_text("What turns light into print on the canvas and along the cut line. The run keeps the recipe's threshold.");
        resist(ui, optics.threshold, &mut wanted);
        ui.end_row();
    });
    if matches!(optics.focuses, Focuses::Two { .. }) {
        hint(ui, "Imported kernels know two focuses only.");
    }
    if wanted.resist.is_volume() {
        hint(ui, "Developed along the cut line; the canvas shows the recipe's threshold.");
    }
    if wanted != exposure.conditions {
        actions.push(Action::SetConditions(wanted));
    }
}

fn focus(ui: &mut Ui, focuses: Focuses, wanted: &mut Conditions) {
    match focuses {
        Focuses::Within { reach_nm } => {
            let slider = Slider::new(&mut wanted.defocus_nm, -reach_nm..=reach_nm)
                .step_by(FOCUS_STEP_NM)
                .custom_formatter(|v, _| format::signed(v, 0))
                .suffix(" nm");
            reset(ui.add(slider).accessible_name("Defocus"), || wanted.defocus_nm = 0.0);
            wanted.defocus_nm = focuses.nearest(wanted.defocus_nm);
        }
        Focuses::Two { defocus_nm } => {
            ui.horizontal(|ui| {
                ui.selectable_value(&mut wanted.defocus_nm, 0.0, "Best");
                let other = format!("{} nm", format::signed(defocus_nm, 0));
                ui.selectable_value(&mut wanted.defocus_nm, defocus_nm, other);
            });
        }
    }
}

fn dose(ui: &mut Ui, wanted: &mut Conditions) {
    let mut percent = wanted.dose * 100.0;
    let slider = Slider::new(&mut percent, DOSES.start() * 100.0..=DOSES.end() * 100.0)
        .step_by(0.5)
        .fixed_decimals(1)
        .suffix(" %");
    let response = ui.add(slider).accessible_name("Exposure dose");
    if response.changed() {
        // In thousandths, so that 100 % is 1 exactly.
        wanted.dose = (percent * 10.0).round() / 1000.0;
    }
    reset(response, || wanted.dose = 1.0);
}

/// A double click on a slider goes back to nominal.
fn reset(response: Response, back: impl FnOnce()) {
    if response.double_clicked() {
        back();
    }
}

fn resist(ui: &mut Ui, threshold: f32, wanted: &mut Conditions) {
    let of_recipe = format!("Threshold {threshold:.4}");
    let name = match &wanted.resist {
        Resist::Recipe => of_recipe.clone(),
        Resist::Model { name, .. } => name.clone(),
    };
    ComboBox::from_id_salt("resist")
        .width(RAIL + 56.0)
        .truncate()
        .selected_text(&name)
        .show_ui(ui, |ui| {
            let recipe = wanted.resist == Resist::Recipe;
            if ui.selectable_label(recipe, format!("{of_recipe} (recipe)")).clicked() {
                wanted.resist = Resist::Recipe;
            }
            for (known, kind) in resists() {
                let text = RichText::new(format!("{known} · {kind}"));
                if ui.selectable_label(!recipe && name == known, text).clicked()
                    && let Some(resist) = Resist::preset(known)
                {
                    wanted.resist = resist;
                }
            }
        })
        .response
        .accessible_name("Resist model");
}
