//! Grid lines.

use egui::{Color32, Painter, Rect, Stroke};

use super::Camera;
use super::camera::step_125;

/// Grid lines every 1, 2 or 5 × 10ⁿ nm, at least 56 points apart.
pub fn paint(painter: &Painter, canvas: Rect, camera: &Camera, colour: Color32) {
    let step = step_125(56.0 * camera.nm_per_point * 2.5);
    let low = camera.to_nm(canvas, canvas.left_bottom());
    let high = camera.to_nm(canvas, canvas.right_top());
    let stroke = Stroke::new(1.0, colour);
    for i in marks(low[0], high[0], step) {
        let x = camera.to_screen(canvas, [i as f64 * step, 0.0]).x;
        painter.vline(x.round() + 0.5, canvas.y_range(), stroke);
    }
    for i in marks(low[1], high[1], step) {
        let y = camera.to_screen(canvas, [0.0, i as f64 * step]).y;
        painter.hline(canvas.x_range(), y.round() + 0.5, stroke);
    }
}

/// Multiples of `step` within a range, at most 200.
fn marks(low: f64, high: f64, step: f64) -> impl Iterator<Item = i64> {
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).take(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_marks_are_bounded() {
        assert_eq!(marks(-1.0, 1.0, 0.5).collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!(marks(0.0, 1e9, 1.0).count(), 200);
    }
}
