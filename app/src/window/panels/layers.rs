//! The layer list: eye, swatch, opacity.

use egui::{Color32, Painter, Rect, Sense, Slider, Ui, pos2, vec2};

use super::super::icons::{self, Icon};
use super::super::theme::Palette;
use super::super::view::{CanvasLayer, LAYERS, Look, View};
use super::{heading, hint};
use crate::worker::{depth_colours, light_colours};

/// Shows the list.
pub fn show(ui: &mut Ui, view: &mut View) {
    heading(ui, "Layers");
    let palette = Palette::in_use(ui.visuals());
    for (layer, name, help) in LAYERS {
        let look = &mut view.looks[layer as usize];
        ui.horizontal(|ui| row(ui, layer, name, help, look, palette));
    }
    if view.look(CanvasLayer::Sraf).is_some() {
        hint(ui, "No SRAF: this version corrects main features only.");
    }
}

fn row(
    ui: &mut Ui,
    layer: CanvasLayer,
    name: &str,
    help: &str,
    look: &mut Look,
    palette: &Palette,
) {
    let eye = if look.visible { Icon::Eye } else { Icon::EyeOff };
    let toggled = icons::button(ui, eye, "", &format!("Show {name}"), |b| b.frame(false));
    if toggled.on_hover_text(format!("Show or hide.\n{help}")).clicked() {
        look.visible = !look.visible;
    }
    swatch(ui, layer, look, palette);
    let ink = if look.visible { ui.visuals().text_color() } else { ui.visuals().weak_text_color() };
    ui.scope(|ui| {
        ui.set_width(92.0);
        ui.colored_label(ink, name).on_hover_text(help);
    });
    ui.spacing_mut().slider_width = (ui.available_width() - 4.0).max(24.0);
    let opacity = look_percent(look);
    let slider = Slider::new(&mut look.opacity, 0.0..=1.0).show_value(false);
    ui.add_enabled(look.visible, slider)
        .on_hover_text(format!("Opacity {opacity} %"))
        .accessible_name(format!("Opacity of {name}"));
}

/// The colours of a map in little.
fn gradient(painter: &Painter, rect: Rect, table: &[Color32; 256], dim: f32) {
    for i in 0..7 {
        let colour = table[40 + 30 * i].gamma_multiply(dim);
        let x = rect.left() + 2.0 * i as f32;
        let part = Rect::from_min_size(pos2(x, rect.top()), vec2(2.0, 12.0));
        painter.rect_filled(part, 0.0, colour);
    }
}

fn look_percent(look: &Look) -> i32 {
    (look.opacity * 100.0).round() as i32
}

fn swatch(ui: &mut Ui, layer: CanvasLayer, look: &Look, palette: &Palette) {
    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 12.0), Sense::hover());
    let painter = ui.painter();
    let dim = if look.visible { 1.0 } else { 0.35 };
    let line = |colour: Color32, width: f32| {
        painter.hline(rect.x_range(), rect.center().y, (width, colour.gamma_multiply(dim)));
    };
    let fill = |colour: Color32| {
        painter.rect_filled(rect, 2.0, colour.gamma_multiply(0.75 * dim));
    };
    match layer {
        CanvasLayer::Aerial => gradient(painter, rect, light_colours(), dim),
        CanvasLayer::Depth => gradient(painter, rect, depth_colours(), dim),
        CanvasLayer::Band => fill(palette.band),
        CanvasLayer::Mask => fill(palette.mask),
        CanvasLayer::Sraf => fill(palette.sraf),
        CanvasLayer::Target => line(palette.target, 1.5),
        CanvasLayer::Contour => line(palette.contour, 2.5),
        CanvasLayer::Corners => line(palette.band, 1.5),
        CanvasLayer::Gauges => {
            for (i, colour) in [palette.good, palette.fair, palette.bad].into_iter().enumerate() {
                let x = rect.left() + 3.0 + 4.0 * i as f32;
                painter.vline(x, rect.y_range(), (2.0, colour.gamma_multiply(dim)));
            }
        }
    }
}
