//! The one transform between the clip (nm, y up) and the screen (points, y down).

use egui::{Pos2, Rect, Vec2, pos2};
use lithoscope_engine::geometry;
use lithoscope_engine::layout::Clip;

/// Finest and coarsest scale, nm a point.
const SCALE: std::ops::RangeInclusive<f64> = 0.005..=1e6;

/// Room around the shapes that is shown at first, nm: about what one feature does to another.
const HALO_NM: i32 = 160;

/// What part of the clip is on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Middle of the canvas, nm.
    pub centre_nm: [f64; 2],
    /// Scale.
    pub nm_per_point: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Self { centre_nm: [0.0; 2], nm_per_point: 1.0 }
    }
}

impl Camera {
    /// Where a point (nm) is on a canvas.
    pub fn to_screen(self, canvas: Rect, nm: [f64; 2]) -> Pos2 {
        let middle = canvas.center();
        pos2(
            middle.x + ((nm[0] - self.centre_nm[0]) / self.nm_per_point) as f32,
            middle.y - ((nm[1] - self.centre_nm[1]) / self.nm_per_point) as f32,
        )
    }

    /// Which point (nm) is at a place on a canvas.
    pub fn to_nm(self, canvas: Rect, at: Pos2) -> [f64; 2] {
        let away = at - canvas.center();
        [
            self.centre_nm[0] + f64::from(away.x) * self.nm_per_point,
            self.centre_nm[1] - f64::from(away.y) * self.nm_per_point,
        ]
    }

    /// Where a rectangle (nm) is on a canvas.
    pub fn rect_to_screen(self, canvas: Rect, r: geometry::Rect) -> Rect {
        let low = self.to_screen(canvas, [f64::from(r.min.x), f64::from(r.min.y)]);
        let high = self.to_screen(canvas, [f64::from(r.max.x), f64::from(r.max.y)]);
        Rect::from_two_pos(low, high)
    }

    /// Moves the picture by this much of the screen.
    pub fn pan(&mut self, by: Vec2) {
        self.centre_nm[0] -= f64::from(by.x) * self.nm_per_point;
        self.centre_nm[1] += f64::from(by.y) * self.nm_per_point;
    }

    /// Zooms in by `factor` about the middle.
    pub fn zoom(&mut self, factor: f64) {
        self.nm_per_point = (self.nm_per_point / factor).clamp(*SCALE.start(), *SCALE.end());
    }

    /// Zooms in by `factor`; the point under `at` stays where it is.
    pub fn zoom_about(&mut self, canvas: Rect, at: Pos2, factor: f64) {
        let fixed = self.to_nm(canvas, at);
        self.nm_per_point = (self.nm_per_point / factor).clamp(*SCALE.start(), *SCALE.end());
        let now = self.to_nm(canvas, at);
        self.centre_nm[0] += fixed[0] - now[0];
        self.centre_nm[1] += fixed[1] - now[1];
    }

    /// Shows a rectangle (nm: two opposite corners) as large as it goes, with this share of room
    /// around it.
    pub fn frame(&mut self, canvas: Rect, a: [f64; 2], b: [f64; 2], room: f64) {
        let size = [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()];
        self.centre_nm = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
        let fitting = (size[0] / f64::from(canvas.width().max(1.0)))
            .max(size[1] / f64::from(canvas.height().max(1.0)));
        self.nm_per_point = (fitting * (1.0 + room)).clamp(*SCALE.start(), *SCALE.end());
    }

    /// Shows the shapes of a clip with the light around them, or its whole window if that is not
    /// much more.
    pub fn fit_shapes(&mut self, canvas: Rect, clip: &Clip) {
        let points = clip.polygons.iter().flat_map(|p| p.outer.iter().copied());
        let shapes = geometry::Rect::around(points).unwrap_or(clip.window);
        let grow = |low: i32, high: i32, least: i32, most: i32| {
            (low.saturating_sub(HALO_NM).max(least), high.saturating_add(HALO_NM).min(most))
        };
        let (x0, x1) = grow(shapes.min.x, shapes.max.x, clip.window.min.x, clip.window.max.x);
        let (y0, y1) = grow(shapes.min.y, shapes.max.y, clip.window.min.y, clip.window.max.y);
        self.fit(canvas, geometry::Rect::new(x0, y0, x1, y1));
    }

    /// Shows a whole rectangle.
    pub fn fit(&mut self, canvas: Rect, window: geometry::Rect) {
        let corner = |p: geometry::Point| [f64::from(p.x), f64::from(p.y)];
        self.frame(canvas, corner(window.min), corner(window.max), 0.08);
    }
}

/// The largest of 1, 2, 5 × 10ⁿ that is not above `value`.
pub fn step_125(value: f64) -> f64 {
    let decade = 10_f64.powf(value.max(1e-9).log10().floor());
    let lead = value / decade;
    decade
        * if lead >= 5.0 {
            5.0
        } else if lead >= 2.0 {
            2.0
        } else {
            1.0
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    const CANVAS: Rect = Rect { min: pos2(100.0, 50.0), max: pos2(900.0, 650.0) };

    #[test]
    fn zoom_keeps_the_point_under_the_cursor() {
        let mut camera = Camera { centre_nm: [1000.0, 500.0], nm_per_point: 2.0 };
        let at = pos2(300.0, 200.0);
        let before = camera.to_nm(CANVAS, at);
        camera.zoom_about(CANVAS, at, 3.0);
        let after = camera.to_nm(CANVAS, at);
        assert!((before[0] - after[0]).abs() < 1e-9 && (before[1] - after[1]).abs() < 1e-9);
    }

    #[test]
    fn y_points_up_and_the_way_back_is_exact() {
        let camera = Camera { centre_nm: [10.0, 20.0], nm_per_point: 0.5 };
        let higher = camera.to_screen(CANVAS, [10.0, 30.0]);
        assert!(higher.y < CANVAS.center().y);
        assert_eq!(camera.to_nm(CANVAS, higher), [10.0, 30.0]);
    }

    #[test]
    fn panning_moves_the_picture_with_the_pointer() {
        let mut camera = Camera { centre_nm: [0.0, 0.0], nm_per_point: 4.0 };
        let at = camera.to_screen(CANVAS, [8.0, 8.0]);
        camera.pan(vec2(5.0, -3.0));
        assert_eq!(camera.to_screen(CANVAS, [8.0, 8.0]), at + vec2(5.0, -3.0));
    }

    #[test]
    fn fit_shows_the_whole_window() {
        let mut camera = Camera::default();
        let window = geometry::Rect::new(-500, 0, 1548, 2048);
        camera.fit(CANVAS, window);
        assert!(CANVAS.contains_rect(camera.rect_to_screen(CANVAS, window)));
    }

    #[test]
    fn steps_are_one_two_or_five_times_a_power_of_ten() {
        for (value, step) in [(1.0, 1.0), (1.9, 1.0), (4.0, 2.0), (73.0, 50.0), (0.03, 0.02)] {
            assert!((step_125(value) - step).abs() < 1e-12 * step.max(1.0), "{value}");
        }
    }
}
