//! The line on the canvas.

use egui::{Align2, Painter, Pos2, Rect, Stroke, Vec2, pos2, vec2};
use lithoscope_engine::imaging::CutLine;

use super::super::canvas::Camera;
use super::super::canvas::decor::{font, plate};
use super::super::format;
use super::super::theme::Palette;
use super::CutView;

/// Half the length of the marks at the ends, points.
const END: f32 = 7.0;
/// Shortest line whose length is written beside it, points.
const WRITTEN: f32 = 60.0;

/// Paints the line with its ends, what prints on it, its length and the point that is pointed at.
pub fn paint(painter: &Painter, canvas: Rect, camera: &Camera, palette: &Palette, cut: &CutView) {
    let Some(line) = cut.line else { return };
    let place = |nm: [f64; 2]| camera.to_screen(canvas, nm);
    let [a, b] = [place(line.from_nm), place(line.to_nm)];
    let along = (b - a).normalized();
    let across = vec2(-along.y, along.x);
    let dark = Stroke::new(4.5, palette.canvas.gamma_multiply(0.75));
    let bright = Stroke::new(1.5, palette.accent);
    for stroke in [dark, bright] {
        painter.line_segment([a, b], stroke);
        for end in [a, b] {
            painter.line_segment([end - across * END, end + across * END], stroke);
        }
    }
    printed(painter, palette, cut, &line, &place);
    ends(painter, palette, [a, b], along);
    length(painter, palette, &line, [a, b], across);
    pointed(painter, palette, cut, &line, &place);
}

/// The parts that print, thicker and in the contour's colour; of this very line only.
fn printed(
    painter: &Painter,
    palette: &Palette,
    cut: &CutView,
    line: &CutLine,
    place: &impl Fn([f64; 2]) -> Pos2,
) {
    let finding = cut.finding.as_ref().filter(|f| f.line == *line);
    for [from, to] in finding.iter().flat_map(|f| &f.printed) {
        let ends = [place(line.point(*from)), place(line.point(*to))];
        painter.line_segment(ends, Stroke::new(3.5, palette.contour));
    }
}

/// Round handles, with letters that the plot repeats.
fn ends(painter: &Painter, palette: &Palette, [a, b]: [Pos2; 2], along: Vec2) {
    for (end, outward, name) in [(a, -along, "A"), (b, along, "B")] {
        painter.circle(end, 4.0, palette.canvas, Stroke::new(1.5, palette.accent));
        let middle = end + outward * 15.0;
        plate(painter, palette, Rect::from_center_size(middle, vec2(15.0, 15.0)));
        painter.text(middle, Align2::CENTER_CENTER, name, font(), palette.ink);
    }
}

fn length(painter: &Painter, palette: &Palette, line: &CutLine, [a, b]: [Pos2; 2], across: Vec2) {
    if a.distance(b) < WRITTEN {
        return;
    }
    let text = format::length((line.length_nm() * 10.0).round() / 10.0);
    let galley = painter.layout_no_wrap(text, font(), palette.ink);
    // Above a level line, to the right of an upright one.
    let side = if across.y > 0.1 || (across.y.abs() <= 0.1 && across.x < 0.0) { -1.0 } else { 1.0 };
    let reach = 10.0 + (galley.size() * across / 2.0).length();
    let middle = a + (b - a) / 2.0 + across * side * reach;
    let place = Rect::from_center_size(middle, galley.size());
    plate(painter, palette, place.expand2(vec2(5.0, 2.0)));
    painter.galley(place.min, galley, palette.ink);
}

/// The point that is pointed at, here or in a plot, with its intensity.
fn pointed(
    painter: &Painter,
    palette: &Palette,
    cut: &CutView,
    line: &CutLine,
    place: &impl Fn([f64; 2]) -> Pos2,
) {
    let Some(along) = cut.pointed_nm else { return };
    let point = place(line.point(along));
    painter.circle(point, 4.5, palette.accent, Stroke::new(1.5, palette.canvas));
    let finding = cut.finding.as_ref().filter(|f| f.line == *line);
    let Some(value) = finding.and_then(|f| super::plot::value(f.profile(), along)) else { return };
    let text = format!("{} · I {value:.3}", format::length((along * 10.0).round() / 10.0));
    let galley = painter.layout_no_wrap(text, font(), palette.ink);
    let corner = pos2(point.x + 12.0, point.y + 10.0);
    let back = Rect::from_min_size(corner, galley.size()).expand2(vec2(5.0, 2.0));
    plate(painter, palette, back);
    painter.galley(corner, galley, palette.ink);
}
