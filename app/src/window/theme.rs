//! Colours, spacing and type of the window: one place for all of them.

use egui::style::HandleShape;
use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Theme, Visuals, vec2};

/// The unit of space, points.
pub const UNIT: f32 = 4.0;
/// Body text, points.
const BODY: f32 = 13.0;
/// Small text, points.
pub const SMALL: f32 = 11.0;

/// Colours of what the canvas shows. Both themes keep the hues.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub canvas: Color32,
    /// Grid lines.
    pub grid: Color32,
    /// Outline of the clip window.
    pub frame: Color32,
    /// Text and scale bar on the canvas.
    pub ink: Color32,
    /// Panels of text on the canvas.
    pub plate: Color32,
    /// Target outline.
    pub target: Color32,
    /// Mask fill.
    pub mask: Color32,
    /// SRAF fill.
    pub sraf: Color32,
    /// Printed contour.
    pub contour: Color32,
    /// PV band.
    pub band: Color32,
    /// EPE within 2 nm.
    pub good: Color32,
    /// EPE within 10 nm.
    pub fair: Color32,
    /// EPE beyond.
    pub bad: Color32,
    /// What is selected or hovered.
    pub accent: Color32,
    /// Broken mask rules.
    pub rule: Color32,
    /// Negative values and the pinned run: one end of the signed colour map.
    pub less: Color32,
    /// Positive values and the shown run: the other end.
    pub more: Color32,
}

const DARK: Palette = Palette {
    canvas: Color32::from_rgb(0x11, 0x14, 0x18),
    grid: Color32::from_rgb(0x26, 0x2b, 0x33),
    frame: Color32::from_rgb(0x4a, 0x53, 0x60),
    ink: Color32::from_rgb(0xd7, 0xde, 0xe6),
    plate: Color32::from_rgb(0x1a, 0x1e, 0x24),
    target: Color32::from_rgb(0xee, 0xf2, 0xf6),
    mask: Color32::from_rgb(0x2d, 0xd4, 0xbf),
    sraf: Color32::from_rgb(0xa7, 0x8b, 0xfa),
    contour: Color32::from_rgb(0xff, 0x95, 0x2b),
    band: Color32::from_rgb(0xfc, 0xc4, 0x3c),
    good: Color32::from_rgb(0x4c, 0xc3, 0x8a),
    fair: Color32::from_rgb(0xf2, 0xcc, 0x4d),
    bad: Color32::from_rgb(0xff, 0x5d, 0x5d),
    accent: Color32::from_rgb(0x5a, 0xa9, 0xff),
    rule: Color32::from_rgb(0xff, 0x4f, 0xd8),
    less: Color32::from_rgb(0x3f, 0x8f, 0xe8),
    more: Color32::from_rgb(0xf2, 0x7b, 0x35),
};

const LIGHT: Palette = Palette {
    canvas: Color32::from_rgb(0xf7, 0xf8, 0xfa),
    grid: Color32::from_rgb(0xe3, 0xe6, 0xea),
    frame: Color32::from_rgb(0xa9, 0xb1, 0xbb),
    ink: Color32::from_rgb(0x24, 0x2b, 0x33),
    plate: Color32::from_rgb(0xff, 0xff, 0xff),
    target: Color32::from_rgb(0x1c, 0x22, 0x29),
    mask: Color32::from_rgb(0x0b, 0x8f, 0x84),
    sraf: Color32::from_rgb(0x7c, 0x3a, 0xed),
    contour: Color32::from_rgb(0xd1, 0x55, 0x00),
    band: Color32::from_rgb(0xd9, 0x8a, 0x04),
    good: Color32::from_rgb(0x1a, 0x7f, 0x4b),
    fair: Color32::from_rgb(0xa8, 0x72, 0x00),
    bad: Color32::from_rgb(0xcf, 0x22, 0x2e),
    accent: Color32::from_rgb(0x0b, 0x66, 0xd6),
    rule: Color32::from_rgb(0xc2, 0x18, 0x8f),
    less: Color32::from_rgb(0x0f, 0x62, 0xc4),
    more: Color32::from_rgb(0xc8, 0x50, 0x0a),
};

impl Palette {
    /// The palette of the theme in use.
    pub fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The palette of a widget's theme.
    pub fn in_use(visuals: &Visuals) -> &'static Self {
        if visuals.dark_mode { &DARK } else { &LIGHT }
    }

    /// Colour of an EPE reading; `None` is a contour that was not found.
    pub fn epe(&self, epe_nm: Option<f32>) -> Color32 {
        match epe_nm.map(f32::abs) {
            Some(e) if e <= 2.0 => self.good,
            Some(e) if e <= 10.0 => self.fair,
            _ => self.bad,
        }
    }
}

/// Sets both themes up.
pub fn install(ctx: &egui::Context) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme);
            style.text_styles = [
                (TextStyle::Heading, FontId::new(20.0, FontFamily::Proportional)),
                (TextStyle::Body, FontId::new(BODY, FontFamily::Proportional)),
                (TextStyle::Button, FontId::new(BODY, FontFamily::Proportional)),
                (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
                (TextStyle::Small, FontId::new(SMALL, FontFamily::Proportional)),
            ]
            .into();
            style.spacing.item_spacing = vec2(2.0 * UNIT, UNIT);
            style.spacing.button_padding = vec2(2.0 * UNIT, UNIT);
            style.spacing.interact_size.y = 6.0 * UNIT;
            style.spacing.slider_rail_height = UNIT;
            style.animation_time = 0.08;
        });
    }
}

fn visuals(theme: Theme) -> Visuals {
    let palette = Palette::of(theme);
    let dark = theme == Theme::Dark;
    let mut v = if dark { Visuals::dark() } else { Visuals::light() };
    let (panel, raised, hover, line, text, strong) = if dark {
        (0x1a1e24, 0x262c35, 0x323a46, 0x2d343e, 0xc3cbd5, 0xf2f5f8)
    } else {
        (0xf0f2f5, 0xffffff, 0xe4e9ef, 0xd3d8de, 0x333b45, 0x0c1116)
    };
    let [panel, raised, hover, line, text, strong] =
        [panel, raised, hover, line, text, strong].map(rgb);
    v.panel_fill = panel;
    v.window_fill = panel;
    v.window_stroke = Stroke::new(1.0, line);
    v.extreme_bg_color = if dark { rgb(0x11_14_18) } else { rgb(0xff_ff_ff) };
    v.faint_bg_color = if dark { rgb(0x20_25_2c) } else { rgb(0xe8_eb_ef) };
    v.weak_text_color = Some(if dark { rgb(0x8f_99_a6) } else { rgb(0x5c_66_72) });
    v.selection.bg_fill = palette.accent.gamma_multiply(if dark { 0.45 } else { 0.30 });
    v.selection.stroke = Stroke::new(1.0, strong);
    v.hyperlink_color = palette.accent;
    v.slider_trailing_fill = true;
    v.handle_shape = HandleShape::Rect { aspect_ratio: 0.4 };
    for (widget, fill, ink) in [
        (&mut v.widgets.noninteractive, panel, text),
        (&mut v.widgets.inactive, raised, text),
        (&mut v.widgets.hovered, hover, strong),
        (&mut v.widgets.active, hover, strong),
        (&mut v.widgets.open, hover, strong),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.fg_stroke = Stroke::new(1.0, ink);
        widget.corner_radius = CornerRadius::same(4);
        widget.expansion = 0.0;
        widget.bg_stroke = Stroke::new(1.0, line);
    }
    v
}

fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epe_colours_change_at_two_and_ten_nm_both_ways() {
        let p = Palette::of(Theme::Dark);
        assert_eq!(p.epe(Some(-2.0)), p.good);
        assert_eq!(p.epe(Some(2.1)), p.fair);
        assert_eq!(p.epe(Some(-10.0)), p.fair);
        assert_eq!(p.epe(Some(10.1)), p.bad);
        assert_eq!(p.epe(None), p.bad);
    }
}
