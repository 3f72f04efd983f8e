//! What the lines and colours of a plot mean, in one row above it.

use egui::{Color32, RichText, Sense, Stroke, Ui, vec2};

/// How a thing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A line.
    Line,
    /// A dashed line.
    Dashed,
    /// An area.
    Area,
}

/// One entry: swatch and name.
pub fn entry(ui: &mut Ui, look: Look, colour: Color32, name: &str) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let (rect, _) = ui.allocate_exact_size(vec2(16.0, 12.0), Sense::hover());
    let painter = ui.painter();
    let y = rect.center().y;
    match look {
        Look::Line => {
            painter.hline(rect.x_range(), y, Stroke::new(2.0, colour));
        }
        Look::Dashed => {
            for i in 0..3 {
                let x = rect.left() + 6.0 * i as f32;
                painter.hline(x..=x + 4.0, y, Stroke::new(1.5, colour));
            }
        }
        Look::Area => {
            painter.rect_filled(rect.shrink2(vec2(1.0, 2.0)), 1.0, colour);
        }
    }
    ui.label(RichText::new(name).small());
    ui.add_space(8.0);
}
