//! What a frame looks at: the one transform between database units and pixels.

use egui::{Rect, Ui};
use lithoscope_engine::layout::Bounds;

use super::SceneInput;
use super::device_types::View;

/// The view of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    /// Size of the canvas, pixels.
    pub size: [f64; 2],
    /// Its top left in the window, pixels.
    corner: [f64; 2],
    /// Database units a pixel.
    pub per_pixel: f64,
    /// Pixels a point, rounded.
    pub dot: u32,
    /// What is seen, database units.
    pub window: Bounds,
    /// Middle of the camera, database units, and where that is on the canvas, pixels.
    centre: [f64; 2],
    at: [f64; 2],
}

impl Aim {
    /// The view of a canvas; `None` where it shows nothing.
    pub fn new(ui: &Ui, canvas: Rect, input: &SceneInput<'_>) -> Option<Self> {
        let scale = f64::from(ui.ctx().pixels_per_point());
        let unit = input.layout.unit_nm;
        let pixel = |points: f32| f64::from(points) * scale;
        // As egui rounds the place of what it lets others draw.
        let corner = [pixel(canvas.min.x).round(), pixel(canvas.min.y).round()];
        let far = [pixel(canvas.max.x).round(), pixel(canvas.max.y).round()];
        let size = [0, 1].map(|k| far[k] - corner[k]);
        let per_pixel = input.camera.nm_per_point / scale / unit;
        let centre = input.camera.centre_nm.map(|v| v / unit);
        let middle = [pixel(canvas.center().x), pixel(canvas.center().y)];
        let at = [0, 1].map(|k| middle[k] - corner[k]);
        let sane = per_pixel.is_finite() && per_pixel > 0.0 && centre.iter().all(|v| v.is_finite());
        if !sane || size[0] < 1.0 || size[1] < 1.0 {
            return None;
        }
        let min = [centre[0] - at[0] * per_pixel, centre[1] - (size[1] - at[1]) * per_pixel];
        let max = [centre[0] + (size[0] - at[0]) * per_pixel, centre[1] + at[1] * per_pixel];
        let dot = scale.round().max(1.0) as u32;
        Some(Self { size, corner, per_pixel, dot, window: Bounds { min, max }, centre, at })
    }

    /// Where a place of the layout is on the canvas, pixels.
    pub fn pixel(&self, p: [f64; 2]) -> [f64; 2] {
        [
            self.at[0] + (p[0] - self.centre[0]) / self.per_pixel,
            self.at[1] - (p[1] - self.centre[1]) / self.per_pixel,
        ]
    }

    /// Where a box is on the canvas: left, top, right, bottom, pixels.
    pub fn area(&self, b: &Bounds) -> [f64; 4] {
        let ([left, bottom], [right, top]) = (self.pixel(b.min), self.pixel(b.max));
        [left, top, right, bottom]
    }

    /// What the shaders know of it, for a sheet with its origin there and shapes in that area.
    pub fn view(&self, origin: [f64; 2], shapes: [i32; 4], linear: bool) -> View {
        View {
            origin: self.pixel(origin).map(|v| v as f32),
            size: self.size.map(|v| v as f32),
            corner: self.corner.map(|v| v as f32),
            scale: (1.0 / self.per_pixel) as f32,
            dot: self.dot,
            shapes: shapes.map(|v| v as f32),
            linear: u32::from(linear),
            fill_up: [0; 3],
        }
    }
}

/// A box with this share of its size more on every side.
pub fn grown(b: &Bounds, share: f64) -> Bounds {
    let more = [0, 1].map(|k| share * (b.max[k] - b.min[k]));
    Bounds { min: [0, 1].map(|k| b.min[k] - more[k]), max: [0, 1].map(|k| b.max[k] + more[k]) }
}

/// Whether a box holds all of another.
pub fn holds(b: &Bounds, other: &Bounds) -> bool {
    (0..2).all(|k| b.min[k] <= other.min[k] && other.max[k] <= b.max[k])
}
