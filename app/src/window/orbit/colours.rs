//! Colours of the film and the substrate.

use egui::{Color32, Rgba};

use super::device_types::RAMP;

/// Colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colours {
    pub substrate: Color32,
    pub grid: Color32,
    /// Where the film is cut.
    pub inside: Color32,
    /// Around it.
    pub outline: Color32,
    /// The film where heights have no colours.
    pub resist: Color32,
    /// How much walls darken what is at their foot.
    pub shade: f32,
}

const DARK: Colours = Colours {
    substrate: Color32::from_rgb(0x3a, 0x43, 0x4f),
    grid: Color32::from_rgb(0x5c, 0x68, 0x78),
    inside: Color32::from_rgb(0xf0, 0x8a, 0x5d),
    outline: Color32::from_rgb(0xff, 0xf1, 0xe6),
    resist: Color32::from_rgb(0xe2, 0xc3, 0x90),
    shade: 1.0,
};

const LIGHT: Colours = Colours {
    substrate: Color32::from_rgb(0xb3, 0xbb, 0xc6),
    grid: Color32::from_rgb(0x8f, 0x9a, 0xa8),
    inside: Color32::from_rgb(0xe8, 0x6f, 0x3c),
    outline: Color32::from_rgb(0x4a, 0x1c, 0x08),
    resist: Color32::from_rgb(0xe0, 0xc0, 0x8a),
    shade: 0.85,
};

impl Colours {
    /// Those of a theme.
    pub fn of(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }
}

/// A colour as the shaders count with it: linear.
pub fn linear(colour: Color32) -> [f32; 4] {
    Rgba::from(colour).to_array()
}

/// Colour of a share of the film's thickness.
pub fn of_height(share: f64) -> Color32 {
    let c = colorous::VIRIDIS.eval_continuous(share.clamp(0.0, 1.0));
    Color32::from_rgb(c.r, c.g, c.b)
}

/// [`of_height`] at equal steps, linear.
pub fn ramp() -> [[f32; 4]; RAMP] {
    std::array::from_fn(|i| linear(of_height(i as f64 / (RAMP - 1) as f64)))
}
