//! The optics tab: source over the pupil, wavefront of the lens, facts of the kernels.

use std::sync::Arc;

use egui::{
    Align2, Color32, FontId, Grid, RichText, Stroke, TextureHandle, TextureOptions, Ui, Vec2, pos2,
    vec2,
};

use super::format;
use super::panels::hint;
use super::theme::{Palette, SMALL};
use crate::worker::OpticsPictures;

/// Space between the parts, points.
const GAP: f32 = 24.0;
/// Circles drawn over the source, σ.
const CIRCLES: [f32; 2] = [0.5, 1.0];

/// What the tab shows.
#[derive(Default)]
pub struct LensView {
    pictures: Option<Arc<OpticsPictures>>,
    source: Option<TextureHandle>,
    wavefront: Option<TextureHandle>,
}

impl LensView {
    /// Takes new pictures.
    pub fn take(&mut self, pictures: OpticsPictures) {
        self.pictures = Some(Arc::new(pictures));
        self.source = None;
        self.wavefront = None;
    }

    /// Forgets what belongs to another recipe.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Shows the tab.
pub fn show(ui: &mut Ui, view: &mut LensView) {
    let Some(pictures) = view.pictures.clone() else {
        hint(ui, "Source and pupil are drawn here once the optics of the recipe are prepared.");
        return;
    };
    let side = (ui.available_height() - 22.0).clamp(60.0, 320.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        if let Some(lens) = &pictures.lens {
            let ctx = ui.ctx().clone();
            let source = view.source.get_or_insert_with(|| {
                ctx.load_texture("source", Arc::clone(&lens.source), TextureOptions::LINEAR)
            });
            disc(ui, "Source · σ", source, side, &CIRCLES);
            let wavefront = view.wavefront.get_or_insert_with(|| {
                ctx.load_texture("wavefront", Arc::clone(&lens.wavefront), TextureOptions::LINEAR)
            });
            let name = format!(
                "Wavefront over the NA · ±{} waves, defocus {} nm",
                format::significant(f64::from(lens.waves)),
                format::signed(lens.defocus_nm, 0)
            );
            disc(ui, &name, wavefront, side, &[1.0]);
        } else {
            ui.allocate_ui(vec2(side * 1.4, side), |ui| {
                hint(ui, "This recipe imports its kernels, and those do not tell what source and lens they were made for. Choose a recipe with computed optics to see both.");
            });
        }
        ui.vertical(|ui| {
            ui.label(RichText::new("Kernels").small().weak());
            Grid::new("kernel facts").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
                for (name, value, help) in &pictures.facts {
                    ui.label(*name).on_hover_text(*help);
                    ui.monospace(value).on_hover_text(*help);
                    ui.end_row();
                }
            });
        });
    });
}

/// A picture over −1…1 both ways, with axes and circles.
fn disc(ui: &mut Ui, title: &str, texture: &TextureHandle, side: f32, circles: &[f32]) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.label(RichText::new(title).small().weak());
        let (place, response) = ui.allocate_exact_size(Vec2::splat(side), egui::Sense::hover());
        let palette = Palette::in_use(ui.visuals());
        let painter = ui.painter_at(place);
        // Dark in either theme: light is drawn on it.
        painter.rect_filled(place, 2.0, Palette::of(egui::Theme::Dark).canvas);
        let inner = place.shrink(side * 0.06);
        let whole = egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture.id(), inner, whole, Color32::WHITE);
        let line = Stroke::new(1.0, Palette::of(egui::Theme::Dark).frame);
        let (centre, radius) = (inner.center(), inner.width() / 2.0);
        painter.hline(inner.x_range(), centre.y, line);
        painter.vline(centre.x, inner.y_range(), line);
        for circle in circles {
            painter.circle_stroke(centre, radius * circle, line);
            let at = centre + vec2(0.71, 0.71) * radius * *circle;
            let ink = Palette::of(egui::Theme::Dark).ink;
            painter.text(
                at,
                Align2::LEFT_TOP,
                circle.to_string(),
                FontId::proportional(SMALL),
                ink,
            );
        }
        if let Some(at) = response.hover_pos() {
            let offset = (at - centre) / radius;
            painter.circle_stroke(at, 3.0, Stroke::new(1.0, palette.accent));
            response.on_hover_text_at_pointer(format!("({:.2}, {:.2})", offset.x, -offset.y));
        }
    });
}
