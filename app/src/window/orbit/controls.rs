//! The row above the film: views, colours, heights, cut.

use egui::{Button, DragValue, Slider, Ui};

use super::block::Block;
use super::camera::OrbitCamera;
use super::look::{Across, Colouring, Kept, OrbitLook};
use super::pointer::{Go, VIEWS};
use crate::window::icons::{self, Icon};

/// Vertical scales to choose from.
const SCALES: [f64; 3] = [1.0, 2.0, 5.0];

/// Shows the row; returns the view asked for.
pub fn show(
    ui: &mut Ui,
    look: &mut OrbitLook,
    camera: &OrbitCamera,
    block: Option<&Block>,
) -> Option<Go> {
    let mut go = None;
    ui.add_enabled_ui(block.is_some(), |ui| {
        ui.horizontal_wrapped(|ui| {
            for (view, text, help, _) in VIEWS {
                if ui.button(text).on_hover_text(help).clicked() {
                    go = Some(view);
                }
            }
            let fit = icons::button(ui, Icon::Fit, "", "Fit the block", |b| b);
            if fit.on_hover_text("Fit the block (F, double click)").clicked() {
                go = Some(Go::Fit);
            }
            ui.separator();
            colours(ui, look);
            ui.separator();
            scales(ui, look);
            ui.separator();
            cuts(ui, look, camera, block);
        });
    });
    go
}

fn colours(ui: &mut Ui, look: &mut OrbitLook) {
    ui.label("Colour");
    let help = "Colour the film by its height over the substrate";
    ui.selectable_value(&mut look.colouring, Colouring::Height, "Height").on_hover_text(help);
    let help = "Show the film in one colour";
    ui.selectable_value(&mut look.colouring, Colouring::Resist, "Resist").on_hover_text(help);
}

fn scales(ui: &mut Ui, look: &mut OrbitLook) {
    ui.label("Heights");
    for scale in SCALES {
        let help = format!("Draw heights {scale} times as long as widths");
        ui.selectable_value(&mut look.vertical, scale, format!("{scale}×")).on_hover_text(help);
    }
}

fn cuts(ui: &mut Ui, look: &mut OrbitLook, camera: &OrbitCamera, block: Option<&Block>) {
    ui.label("Cut");
    if ui.selectable_label(look.cut.is_none(), "None").clicked() {
        look.cut = None;
    }
    for across in [Across::X, Across::Y] {
        let chosen = look.cut == Some(across);
        let text = format!("At {}", across.name());
        let help = format!("Cut the film open where {} is constant", across.name());
        if ui.selectable_label(chosen, text).on_hover_text(help).clicked() && !chosen {
            look.cut = Some(across);
            look.kept = away_from(camera, across);
        }
    }
    let is_cut = look.cut.is_some();
    let k = look.cut.unwrap_or(Across::X).index();
    let range = block.map_or(0.0..=1.0, |b| b.low[k]..=b.high[k]);
    // Before the first film there is no place to cut.
    let mut at = if look.cut_nm[k].is_finite() { look.cut_nm[k] } else { 0.0 };
    let help = "Where it is cut";
    let slider = Slider::new(&mut at, range.clone()).show_value(false);
    let slid =
        ui.add_enabled(is_cut, slider).accessible_name("Place of the cut").on_hover_text(help);
    let number = DragValue::new(&mut at).range(range).suffix(" nm").fixed_decimals(0);
    let typed = ui.add_enabled(is_cut, number).on_hover_text(help);
    if slid.changed() || typed.changed() {
        look.cut_nm[k] = at;
    }
    let turn = ui.add_enabled(is_cut, Button::new("Other side"));
    if turn.on_hover_text("Keep what is cut away").clicked() {
        look.kept = other(look.kept);
    }
}

/// What a cut is to keep so that its face is seen.
fn away_from(camera: &OrbitCamera, across: Across) -> Kept {
    let (sin, cos) = camera.yaw_deg.to_radians().sin_cos();
    let eye = [sin, -cos][across.index()];
    if eye >= -1e-9 { Kept::Below } else { Kept::Above }
}

fn other(kept: Kept) -> Kept {
    match kept {
        Kept::Below => Kept::Above,
        Kept::Above => Kept::Below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_cut_faces_the_eye() {
        for (yaw_deg, x, y) in [
            (32.0, Kept::Below, Kept::Above),
            (150.0, Kept::Below, Kept::Below),
            (250.0, Kept::Above, Kept::Below),
        ] {
            let camera = OrbitCamera { yaw_deg, ..OrbitCamera::default() };
            assert_eq!(away_from(&camera, Across::X), x, "{yaw_deg}");
            assert_eq!(away_from(&camera, Across::Y), y, "{yaw_deg}");
        }
    }
}
