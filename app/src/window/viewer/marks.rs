//! What lies over the layout: selection, rulers, the frame of the clip, overview map, performance.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, vec2};
use lithoscope_engine::layout::Bounds;

use super::super::canvas::decor::{self, MARGIN, OVERVIEW, font, plate};
use super::super::canvas::{Camera, Key};
use super::super::format;
use super::super::theme::Palette;
use super::frames::FrameLog;
use super::pick::Picked;
use super::ruler::{Ruler, Snap};
use super::{LayoutView, sketch};

/// Selected shapes that are outlined, and vertices of each; beyond that a box stands for them.
const MOST_OUTLINED: usize = 500;
const MOST_VERTICES: usize = 20_000;

/// Outlines what is selected and what the pointer is on.
pub fn selection(view: &LayoutView, painter: &Painter, palette: &Palette) {
    let hovered = view.hovered.iter().filter(|h| !view.selection.contains(h));
    for picked in hovered {
        outline(view, painter, picked, Stroke::new(1.5, palette.accent), Color32::TRANSPARENT);
    }
    let fill = palette.accent.gamma_multiply(0.25);
    for picked in view.selection.iter().take(MOST_OUTLINED) {
        outline(view, painter, picked, Stroke::new(2.0, palette.ink), fill);
    }
}

fn outline(view: &LayoutView, painter: &Painter, picked: &Picked, stroke: Stroke, fill: Color32) {
    let ring = picked.ring_nm(&view.layout);
    let Some(bounds) = Bounds::around(ring.iter().copied()) else { return };
    let place = on_screen(view, &bounds);
    if !place.expand(8.0).intersects(view.canvas) {
        return;
    }
    if ring.len() == 1 {
        painter.circle_stroke(place.center(), 6.0, stroke);
        return;
    }
    if ring.len() > MOST_VERTICES || place.width().max(place.height()) < 4.0 {
        painter.rect(place.expand(1.0), 0.0, fill, stroke, StrokeKind::Outside);
        return;
    }
    if picked.geometry(&view.layout).is_some_and(|g| g.ring().0.len() == 4) {
        let corners = ring.iter().map(|p| view.camera.to_screen(view.canvas, *p)).collect();
        painter.add(Shape::convex_polygon(corners, fill, Stroke::NONE));
    }
    let mut points: Vec<Pos2> =
        ring.iter().map(|p| view.camera.to_screen(view.canvas, *p)).collect();
    points.dedup_by(|a, b| a.distance(*b) < 0.25);
    painter.add(Shape::closed_line(points, stroke));
}

/// Where a box (nm) is on the screen.
pub fn on_screen(view: &LayoutView, b: &Bounds) -> Rect {
    let corner = |p| view.camera.to_screen(view.canvas, p);
    Rect::from_two_pos(corner(b.min), corner(b.max))
}

/// All rulers, and the one being drawn.
pub fn rulers(view: &LayoutView, painter: &Painter, palette: &Palette) {
    for ruler in view.rulers.iter().chain(&view.measuring) {
        draw_ruler(view, painter, palette, ruler);
    }
}

fn draw_ruler(view: &LayoutView, painter: &Painter, palette: &Palette, ruler: &Ruler) {
    let [a, b] = [ruler.from, ruler.to].map(|p| view.camera.to_screen(view.canvas, p));
    let along = (b - a).normalized();
    let across = vec2(-along.y, along.x) * 6.0;
    let dark = Stroke::new(4.0, palette.canvas.gamma_multiply(0.8));
    let stroke = Stroke::new(1.5, palette.band);
    for line in [dark, stroke] {
        painter.line_segment([a, b], line);
        for end in [a, b] {
            painter.line_segment([end - across, end + across], line);
        }
    }
    let [dx, dy] = ruler.delta();
    let mut text = length(ruler.length());
    if dx != 0.0 && dy != 0.0 {
        text = format!("{text}\nΔx {}\nΔy {}", length(dx), length(dy));
    }
    let galley = painter.layout(text, font(), palette.ink, 200.0);
    let middle = a + (b - a) / 2.0 + vec2(10.0, -galley.size().y / 2.0);
    plate(painter, palette, Rect::from_min_size(middle, galley.size()).expand2(vec2(6.0, 3.0)));
    painter.galley(middle, galley, palette.ink);
}

/// A length with the digits a layout has: `1.234 µm`, `85 nm`, `0.5 nm`.
pub fn length(nm: f64) -> String {
    // Sums of placements at odd angles end in the last digits of a float.
    format::length((nm * 1e3).round() / 1e3)
}

/// Where the next point of a ruler would be.
pub fn snap(view: &LayoutView, painter: &Painter, palette: &Palette, snap: &Snap) {
    let at = view.camera.to_screen(view.canvas, snap.at);
    let stroke = Stroke::new(1.5, palette.band);
    if snap.corner {
        let mark = Rect::from_center_size(at, vec2(9.0, 9.0));
        painter.rect_stroke(mark, 0.0, stroke, StrokeKind::Middle);
    } else {
        painter.line_segment([at - vec2(5.0, 5.0), at + vec2(5.0, 5.0)], stroke);
        painter.line_segment([at - vec2(5.0, -5.0), at + vec2(5.0, -5.0)], stroke);
    }
}

/// The frame of the clip that is worked on.
pub fn clip_frame(view: &LayoutView, painter: &Painter, palette: &Palette, window: Bounds) {
    let place = on_screen(view, &window);
    if !place.intersects(view.canvas) {
        return;
    }
    painter.rect_stroke(place, 0.0, Stroke::new(1.5, palette.contour), StrokeKind::Outside);
    let at = place.left_top() - vec2(0.0, 3.0);
    painter.text(at, Align2::LEFT_BOTTOM, "Clip", font(), palette.contour);
}

/// Where the overview map is, once a part only is on the canvas.
pub fn overview_place(view: &LayoutView) -> Option<(Rect, Camera)> {
    let whole = on_screen(view, &view.extent());
    if view.canvas.expand(4.0).contains_rect(whole) {
        return None;
    }
    let side = OVERVIEW * 1.25;
    let corner = view.canvas.right_top() + vec2(-MARGIN - side, MARGIN);
    let map = Rect::from_min_size(corner, vec2(side, side));
    let mut camera = Camera::default();
    let extent = view.extent();
    camera.frame(map, extent.min, extent.max, 0.12);
    Some((map, camera))
}

/// The whole cell in a corner, with the part on the canvas.
pub fn overview(view: &mut LayoutView, painter: &Painter, palette: &Palette) {
    let Some((map, camera)) = overview_place(view) else { return };
    painter.rect_filled(map, 4.0, palette.plate.gamma_multiply(0.94));
    let colour = palette.ink.gamma_multiply(0.35);
    let key = Key { source: view.revision, camera, canvas: map, colour };
    let mut memo = std::mem::take(&mut view.overview);
    let inside = painter.with_clip_rect(map);
    memo.paint(&inside, key, |pen| sketch::draw(view, camera.nm_per_point, pen));
    view.overview = memo;
    let extent = view.extent();
    let corner = |p| camera.to_screen(map, p);
    let frame = Rect::from_two_pos(corner(extent.min), corner(extent.max));
    painter.rect(
        frame,
        0.0,
        palette.ink.gamma_multiply(0.12),
        Stroke::new(1.0, palette.frame),
        StrokeKind::Outside,
    );
    decor::map_frame(painter, palette, map, &camera, view.canvas, &view.camera);
}

/// What frames cost.
pub fn performance(painter: &Painter, palette: &Palette, canvas: Rect, log: &FrameLog) {
    let [last, mean, most] = log.summary();
    let row = |name: &str, of: fn(&super::Timing) -> f64| {
        format!("{name}{:7.2}{:7.2}{:7.2}", of(&last), of(&mean), of(&most))
    };
    let scene = &log.scene;
    let text = [
        format!("CPU, ms      last   mean    max of {}", log.len()),
        row("window    ", |t| t.ui_ms),
        row("layout    ", |t| t.scene_ms),
        format!("placements {:>13}", format::grouped(scene.placements as i64)),
        format!("primitives {:>13}", format::grouped(scene.primitives as i64)),
        format!("draw calls {:>13}", format::grouped(scene.draw_calls as i64)),
        format!("on device  {:>10.1} MB", scene.device_bytes as f64 / 1e6),
        format!("detail     {:>13}", format!("{:?}", scene.detail)),
    ];
    let galley =
        painter.layout(text.join("\n"), FontId::monospace(11.0), palette.ink, f32::INFINITY);
    let at = canvas.left_top() + vec2(MARGIN + 8.0, MARGIN + 6.0);
    plate(painter, palette, Rect::from_min_size(at, galley.size()).expand2(vec2(8.0, 6.0)));
    painter.galley(at, galley, palette.ink);
}

/// The box of a drag.
pub fn drag_box(painter: &Painter, colour: Color32, drawn: Rect, size: Option<String>) {
    painter.rect_filled(drawn, 0.0, colour.gamma_multiply(0.12));
    painter.rect_stroke(drawn, 0.0, Stroke::new(1.0, colour), StrokeKind::Inside);
    if let Some(size) = size {
        let at = drawn.right_bottom() + vec2(6.0, 6.0);
        painter.text(at, Align2::LEFT_TOP, size, font(), colour);
    }
}
