//! The layer list: eye, swatch, opacity.

use egui::{Color32, Painter, Rect, Sense, Slider, Ui, pos2, vec2};

use lithoscope_engine::opc::AssistMethod;

use super::super::compare::CompareView;
use super::super::format;
use super::super::icons::{self, Icon};
use super::super::run_view::RunView;
use super::super::theme::Palette;
use super::super::view::{CanvasLayer, GradientTerm, LAYERS, Look, View};
use super::super::why::WhyView;
use super::{heading, hint};
use crate::worker::{depth_colours, gain_colours, light_colours};

/// Shows the list.
pub fn show(ui: &mut Ui, view: &mut View, run: &RunView, why: &WhyView, compare: &CompareView) {
    heading(ui, "Layers");
    let palette = Palette::in_use(ui.visuals());
    for (layer, name, help) in LAYERS {
        let look = &mut view.looks[layer as usize];
        ui.horizontal(|ui| row(ui, layer, name, help, look, palette));
    }
    notes(ui, view, run, why, compare);
}

/// What layers that show nothing wait for, and the choice of the gradient's term.
fn notes(ui: &mut Ui, view: &mut View, run: &RunView, why: &WhyView, compare: &CompareView) {
    let shown = |layer| view.look(layer).is_some();
    let without = run.picture.as_ref().is_some_and(|p| p.assists.is_empty());
    if shown(CanvasLayer::Sraf) && without {
        let none = run.recipe().is_none_or(|r| r.assists.method == AssistMethod::None);
        let text = if none {
            "No SRAF: this recipe places none (see SRAFs in the recipe)."
        } else {
            "No SRAF at this iteration: a later stage places them."
        };
        hint(ui, text);
    }
    if shown(CanvasLayer::Difference) && compare.pinned.is_none() {
        hint(ui, "No difference: pin a run as A first (P).");
    }
    let maps = shown(CanvasLayer::Seeds) || shown(CanvasLayer::Gradient);
    if maps && run.running {
        hint(ui, "Seed map and gradient are drawn while the run is paused.");
    } else if maps && run.prepared.is_none() {
        hint(ui, "Seed map and gradient need a run.");
    }
    if shown(CanvasLayer::Gradient) {
        gradient_term(ui, view, why);
    }
}

fn gradient_term(ui: &mut Ui, view: &mut View, why: &WhyView) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (term, name) in GradientTerm::ALL {
            ui.selectable_value(&mut view.gradient, term, name)
                .on_hover_text("Whose gradient the arrows show.")
                .accessible_name(format!("Gradient of {name}"));
        }
    });
    if let Some(gradients) = why.maps.as_ref().and_then(|m| m.gradients.as_ref()) {
        let of = |g| view.gradient.of(g).abs();
        let strongest = gradients.iter().map(of).fold(0.0, f64::max);
        let text = format!("Longest arrow: {} nm² a nm.", format::significant(strongest));
        hint(ui, &text);
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

fn arrow(painter: &Painter, rect: Rect, colour: Color32) {
    let tip = rect.right_center() - vec2(1.0, 0.0);
    painter.hline(rect.left() + 1.0..=tip.x, tip.y, (2.0, colour));
    for side in [-1.0, 1.0] {
        painter.line_segment([tip, tip + vec2(-4.0, 3.5 * side)], (2.0, colour));
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
        CanvasLayer::Seeds => gradient(painter, rect, gain_colours(), dim),
        CanvasLayer::Difference => {
            let (left, right) = rect.split_left_right_at_fraction(0.5);
            painter.rect_filled(left, 2.0, palette.less.gamma_multiply(dim));
            painter.rect_filled(right, 2.0, palette.more.gamma_multiply(dim));
        }
        CanvasLayer::Gradient => arrow(painter, rect, palette.more.gamma_multiply(dim)),
        CanvasLayer::Rules => {
            painter.circle_stroke(rect.center(), 4.5, (2.0, palette.rule.gamma_multiply(dim)));
        }
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
