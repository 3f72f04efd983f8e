//! What lies over the layers: scale bar, colour bar, overview map, zoom box, hints.

use egui::{
    Align2, Color32, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2,
};
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::layout::Clip;

use super::super::format;
use super::super::theme::{Palette, SMALL, UNIT};
use super::super::view::CanvasLayer;
use super::Camera;
use super::camera::step_125;
use super::layers::{Cache, Scene};
use super::mesh::Key;
use crate::worker::{depth_colours, gain_colours, light_colours};

/// Margin of everything from the canvas' edge, points.
pub const MARGIN: f32 = 4.0 * UNIT;
/// Longest scale bar, points.
const SCALE_BAR: f64 = 160.0;
/// Side of the overview map, points.
pub const OVERVIEW: f32 = 112.0;

/// Font of what is written on the canvas.
pub fn font() -> FontId {
    FontId::proportional(SMALL)
}

/// Paints everything that is always there.
pub fn paint(scene: &Scene<'_>, clip: &Clip, cache: &mut Cache) {
    scale_bar(scene.painter, scene.palette, scene.canvas, scene.view.camera.nm_per_point);
    bars(scene);
    let whole = scene.view.camera.rect_to_screen(scene.canvas, clip.window);
    if !scene.canvas.expand(UNIT).contains_rect(whole) {
        overview(scene, clip, cache);
    }
}

/// A plate under text, so that it can be read on any image.
pub fn plate(painter: &Painter, palette: &Palette, rect: Rect) {
    painter.rect_filled(rect, 4.0, palette.plate.gamma_multiply(0.86));
}

/// A length of 1, 2 or 5 × 10ⁿ nm in the lower left corner.
pub fn scale_bar(painter: &Painter, palette: &Palette, canvas: Rect, nm_per_point: f64) {
    let length_nm = step_125(SCALE_BAR * nm_per_point);
    let length = (length_nm / nm_per_point) as f32;
    let corner = canvas.left_bottom() + vec2(MARGIN, -MARGIN);
    let back = Rect::from_min_max(corner - vec2(0.0, 34.0), corner + vec2(length + 24.0, 0.0));
    plate(painter, palette, back);
    let (left, y) = (corner.x + 12.0, corner.y - 10.0);
    let stroke = Stroke::new(2.0, palette.ink);
    painter.hline(left..=left + length, y, stroke);
    for x in [left, left + length] {
        painter.vline(x, y - 4.0..=y + 4.0, stroke);
    }
    painter.text(
        pos2(left + length / 2.0, y - 5.0),
        Align2::CENTER_BOTTOM,
        format::length(length_nm),
        font(),
        palette.ink,
    );
}

/// Width of a colour bar with its plate, points.
const BAR: f32 = 84.0;

/// The bars of the maps on the canvas, side by side in the lower right corner.
fn bars(scene: &Scene<'_>) {
    let Some(picture) = scene.run.picture.as_deref() else { return };
    let mut corner = scene.canvas.right_bottom() - vec2(MARGIN, MARGIN);
    let depth = super::shows_depth(scene.view, scene.run);
    // A map that another one covers needs no bar.
    let covered = depth.is_some() && scene.view.look(CanvasLayer::Depth) == Some(1.0);
    if scene.view.look(CanvasLayer::Aerial).is_some() && !covered {
        let bar = Bar {
            title: "Intensity\n(clear = 1)",
            table: light_colours(),
            bottom: 0.0,
            top: picture.range,
            level: picture.level,
        };
        colour_bar(scene, corner, &bar);
        corner.x -= BAR + 8.0;
    }
    if let Some(depth) = depth {
        let bar = Bar {
            title: "Resist depth\n(nm)",
            table: depth_colours(),
            bottom: 0.0,
            top: depth.thickness_nm,
            level: None,
        };
        colour_bar(scene, corner, &bar);
        corner.x -= BAR + 8.0;
    }
    let seeds = scene.maps.and_then(|m| m.seeds.as_ref());
    if let Some(seeds) = seeds.filter(|_| scene.view.look(CanvasLayer::Seeds).is_some()) {
        let bar = Bar {
            title: "Loss taken away\n(nm² a nm²)",
            table: gain_colours(),
            bottom: -seeds.range,
            top: seeds.range,
            level: None,
        };
        colour_bar(scene, corner, &bar);
    }
}

/// What a colour bar shows.
struct Bar {
    title: &'static str,
    table: &'static [Color32; 256],
    /// Value of the lowest colour.
    bottom: f32,
    /// Value of the topmost colour.
    top: f32,
    /// A value that matters.
    level: Option<f32>,
}

fn colour_bar(scene: &Scene<'_>, corner: Pos2, shown: &Bar) {
    let height = (scene.canvas.height() * 0.5).clamp(80.0, 260.0);
    let back = Rect::from_min_max(corner - vec2(BAR, height + 48.0), corner);
    plate(scene.painter, scene.palette, back);
    let bar = Rect::from_min_size(back.min + vec2(12.0, 34.0), vec2(12.0, height));
    scene.painter.add(gradient(bar, shown.table));
    let ink = scene.palette.ink;
    let font = FontId::proportional(9.5);
    scene.painter.text(back.min + vec2(12.0, 6.0), Align2::LEFT_TOP, shown.title, font, ink);
    let y_of = |v: f32| egui::remap(v, shown.bottom..=shown.top, bar.bottom()..=bar.top());
    let level = shown.level.filter(|l| (shown.bottom..=shown.top).contains(l));
    let step = step_125(f64::from(shown.top - shown.bottom) / 4.0) as f32;
    // As many decimals as tell neighbours apart.
    let digits = (-(step.log10() + 1e-3).floor()).max(0.0) as usize;
    for i in (shown.bottom / step - 1e-3) as i32..=(shown.top / step + 1e-3) as i32 {
        let value = i as f32 * step;
        if level.is_some_and(|l| (y_of(value) - y_of(l)).abs() < 11.0) {
            continue;
        }
        let text = format::signed(f64::from(value), digits);
        mark(scene.painter, bar, y_of(value), ink, 1.0, text);
    }
    if let Some(level) = level {
        let text = format!("{level:.3}");
        mark(scene.painter, bar, y_of(level), scene.palette.contour, 2.0, text);
    }
}

fn mark(painter: &Painter, bar: Rect, y: f32, colour: Color32, width: f32, text: String) {
    painter.hline(bar.left() - 3.0..=bar.right() + 3.0, y, Stroke::new(width, colour));
    painter.text(pos2(bar.right() + 7.0, y), Align2::LEFT_CENTER, text, font(), colour);
}

/// The colour map from bottom (0) to top.
fn gradient(bar: Rect, table: &[Color32; 256]) -> Shape {
    let mut mesh = Mesh::default();
    for (i, colour) in table.iter().enumerate().step_by(5) {
        let y = egui::remap(i as f32, 0.0..=255.0, bar.bottom()..=bar.top());
        let first = mesh.vertices.len() as u32;
        mesh.colored_vertex(pos2(bar.left(), y), *colour);
        mesh.colored_vertex(pos2(bar.right(), y), *colour);
        if i > 0 {
            mesh.add_triangle(first - 2, first - 1, first);
            mesh.add_triangle(first - 1, first, first + 1);
        }
    }
    Shape::mesh(mesh)
}

/// The whole clip in a corner with the part on the canvas, once that is not all of it.
fn overview(scene: &Scene<'_>, clip: &Clip, cache: &mut Cache) {
    let corner = scene.canvas.right_top() + vec2(-MARGIN - OVERVIEW, MARGIN);
    let map = Rect::from_min_size(corner, vec2(OVERVIEW, OVERVIEW));
    scene.painter.rect_filled(map, 4.0, scene.palette.plate.gamma_multiply(0.92));
    let mut camera = Camera::default();
    camera.fit(map, clip.window);
    let colour = scene.palette.target.gamma_multiply(0.55);
    let key = Key { source: scene.document.revision, camera, canvas: map, colour };
    cache.overview.paint(scene.painter, key, |pen| {
        for ring in clip.polygons.iter().flat_map(Polygon::rings) {
            pen.line(ring.iter().map(|p| [f64::from(p.x), f64::from(p.y)]), 1.0, true);
        }
    });
    map_frame(scene.painter, scene.palette, map, &camera, scene.canvas, &scene.view.camera);
}

/// The part of a map (seen through `camera`) that is on the canvas (seen through `main`), and the
/// map's own frame.
pub fn map_frame(
    painter: &Painter,
    palette: &Palette,
    map: Rect,
    camera: &Camera,
    canvas: Rect,
    main: &Camera,
) {
    let corner = |at: Pos2| camera.to_screen(map, main.to_nm(canvas, at));
    let part = Rect::from_two_pos(corner(canvas.min), corner(canvas.max));
    // Of a very small part there is still something to see.
    let part = part.expand2(((vec2(4.0, 4.0) - part.size()) / 2.0).max(vec2(0.0, 0.0)));
    let inside = painter.with_clip_rect(map);
    let stroke = Stroke::new(1.5, palette.accent);
    inside.rect_stroke(part.intersect(map), 0.0, stroke, StrokeKind::Inside);
    painter.rect_stroke(map, 4.0, Stroke::new(1.0, palette.frame), StrokeKind::Inside);
}

/// The box of a right drag.
pub fn zoom_box(painter: &Painter, palette: &Palette, drawn: Rect) {
    painter.rect_filled(drawn, 0.0, palette.accent.gamma_multiply(0.12));
    painter.rect_stroke(drawn, 0.0, Stroke::new(1.0, palette.accent), StrokeKind::Inside);
}

/// Says that the picture is not yet that of the iteration chosen.
pub fn loading(painter: &Painter, palette: &Palette, canvas: Rect, iteration: usize) {
    let text = format!("Imaging iteration {iteration}…");
    let galley = painter.layout_no_wrap(text, font(), palette.ink);
    let at = canvas.left_top() + vec2(MARGIN, MARGIN);
    plate(painter, palette, Rect::from_min_size(at, galley.size()).expand2(vec2(8.0, 4.0)));
    painter.galley(at, galley, palette.ink);
}

/// A few words in the middle of an empty canvas.
pub fn message(painter: &Painter, palette: &Palette, canvas: Rect, text: &str) {
    let galley = painter.layout(text.to_owned(), FontId::proportional(14.0), palette.ink, 420.0);
    let at = canvas.center() - galley.size() / 2.0;
    painter.galley(at, galley, palette.ink);
}
