//! The layers, bottom to top, each from a texture or mesh that is made once.

use eframe::egui_wgpu::RenderState;
use egui::{Color32, Painter, Rect, Stroke, TextureHandle, TextureOptions, pos2, vec2};
use lithoscope_engine::geometry::{self, Polygon};
use lithoscope_engine::imaging::Grid;
use lithoscope_engine::layout::Clip;
use lithoscope_engine::mask::{Axis, Fragment};
use lithoscope_engine::verify::{Gauge, GaugeReading};

use super::super::document::Document;
use super::super::run_view::RunView;
use super::super::theme::Palette;
use super::super::view::{CanvasLayer, Item, View};
use super::memory::DeviceTexture;
use super::mesh::{Key, Memo, Pen};
use super::reasons;
use crate::worker::{Colours, Difference, Maps, Picture};

/// How much longer than the error a gauge's tick is drawn.
const EPE_SCALE: f64 = 10.0;
/// Longest tick, nm: beyond this an error is a violation by any rule, and ticks would hide all else.
const LONGEST_NM: f64 = 150.0;
/// Half the length of the cross of a gauge that found no contour, points.
const LOST: f32 = 4.0;

/// Textures and meshes of what was painted last.
#[derive(Default)]
pub struct Cache {
    aerial: Texture,
    depth: Texture,
    band: Texture,
    mask: Memo,
    mask_edge: Memo,
    assists: Memo,
    assist_edge: Memo,
    seeds: Texture,
    gradient: Memo,
    pub(super) only_a: Memo,
    pub(super) only_b: Memo,
    pub(super) printed: Texture,
    target: Memo,
    contour: Memo,
    outer: Memo,
    inner: Memo,
    gauges: Memo,
    pub(super) overview: Memo,
}

/// A texture and the picture it was made from.
#[derive(Default)]
pub struct Texture {
    serial: Option<u64>,
    held: Option<Held>,
}

/// Where a texture lies.
enum Held {
    /// With egui, which was given the pixels.
    Given(TextureHandle),
    /// On the device that they were made on.
    Made(DeviceTexture),
}

/// What is painted, and where.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub painter: &'a Painter,
    /// What images in the device's memory are drawn with.
    pub graphics: Option<&'a RenderState>,
    pub canvas: Rect,
    pub palette: &'static Palette,
    pub document: &'a Document,
    pub run: &'a RunView,
    pub view: &'a View,
    /// The mask that is painted; the run's, or the pinned one.
    pub picture: Option<&'a Picture>,
    /// Tells pictures apart.
    pub serial: u64,
    /// Gauges of the picture's run.
    pub gauges: &'a [Gauge],
    /// Maps of the picture's loss, where there are any.
    pub maps: Option<&'a Maps>,
    /// What the picture and the pinned one differ in, where that is wanted.
    pub difference: Option<(u64, &'a Difference)>,
}

impl Scene<'_> {
    pub fn key(&self, source: u64, colour: Color32) -> Key {
        Key { source, camera: self.view.camera, canvas: self.canvas, colour }
    }

    /// Colour of a layer at its opacity; `None` where it is hidden.
    pub fn colour(&self, layer: CanvasLayer, colour: Color32) -> Option<Color32> {
        self.view.look(layer).map(|opacity| colour.gamma_multiply(opacity))
    }

    pub fn at(&self, nm: [f64; 2]) -> egui::Pos2 {
        self.view.camera.to_screen(self.canvas, nm)
    }
}

/// Paints every visible layer.
pub fn paint(scene: &Scene<'_>, clip: &Clip, cache: &mut Cache) {
    let picture = scene.picture;
    if let Some(picture) = picture {
        paint_images(scene, picture, cache);
        reasons::paint_seeds(scene, &mut cache.seeds);
    }
    let image = super::shows_image(scene.view, scene.run);
    let colour = if image { scene.palette.ink.gamma_multiply(0.08) } else { scene.palette.grid };
    super::grid::paint(scene.painter, scene.canvas, &scene.view.camera, colour);
    paint_frame(scene, clip);
    if let Some(picture) = picture {
        paint_mask(scene, picture, cache);
        paint_assists(scene, picture, cache);
        paint_band(scene, picture, cache);
        reasons::paint_difference(scene, cache);
    }
    if let Some(colour) = scene.colour(CanvasLayer::Target, scene.palette.target) {
        cache.target.paint(scene.painter, scene.key(scene.document.revision, colour), |pen| {
            for ring in clip.polygons.iter().flat_map(Polygon::rings) {
                pen.line(ring.iter().map(|p| [f64::from(p.x), f64::from(p.y)]), 1.0, true);
            }
        });
    }
    if let Some(picture) = picture {
        paint_contours(scene, picture, cache);
        paint_gauges(scene, picture, cache);
        reasons::paint_gradient(scene, picture, &mut cache.gradient);
        reasons::paint_rules(scene, picture);
    }
}

fn paint_images(scene: &Scene<'_>, picture: &Picture, cache: &mut Cache) {
    let serial = scene.serial;
    let close = picture.grid.pixel_nm > 4.0 * scene.view.camera.nm_per_point;
    let options = if close { TextureOptions::NEAREST } else { TextureOptions::LINEAR };
    if let Some(opacity) = scene.view.look(CanvasLayer::Aerial) {
        cache.aerial.take(scene, "aerial image", serial, &picture.aerial, options);
        cache.aerial.paint(
            scene,
            &picture.grid,
            Color32::from_white_alpha((opacity * 255.0) as u8),
        );
    }
    if let Some((opacity, depth)) = scene.view.look(CanvasLayer::Depth).zip(picture.depth.as_ref())
    {
        cache.depth.take(scene, "resist depth", serial, &depth.colours, options);
        let tint = Color32::from_white_alpha((opacity * 255.0) as u8);
        cache.depth.paint(scene, &picture.grid, tint);
    }
}

fn paint_band(scene: &Scene<'_>, picture: &Picture, cache: &mut Cache) {
    let serial = scene.serial;
    if let Some(tint) = scene.colour(CanvasLayer::Band, scene.palette.band) {
        cache.band.take(scene, "PV band", serial, &picture.band, TextureOptions::LINEAR);
        cache.band.paint(scene, &picture.grid, tint);
    }
}

impl Texture {
    /// Takes an image in colours, wherever it was made.
    fn take(
        &mut self,
        scene: &Scene<'_>,
        name: &str,
        serial: u64,
        colours: &Colours,
        options: TextureOptions,
    ) {
        let memory = match colours {
            Colours::Image(image) => return self.update(scene, name, serial, image, options),
            Colours::Memory(memory) => memory,
        };
        let source = source(serial, options);
        let Some(state) = scene.graphics.filter(|_| self.serial != Some(source)) else { return };
        match &self.held {
            Some(Held::Made(texture)) if texture.takes(memory.size, options) => {
                texture.fill(memory);
            }
            _ => {
                let texture = DeviceTexture::new(state, memory.size, options);
                texture.fill(memory);
                self.held = Some(Held::Made(texture));
            }
        }
        self.serial = Some(source);
    }

    pub fn update(
        &mut self,
        scene: &Scene<'_>,
        name: &str,
        serial: u64,
        image: &std::sync::Arc<egui::ColorImage>,
        options: TextureOptions,
    ) {
        let source = source(serial, options);
        if self.serial == Some(source) {
            return;
        }
        let image = std::sync::Arc::clone(image);
        if let Some(Held::Given(handle)) = &mut self.held {
            handle.set(image, options);
        } else {
            let handle = scene.painter.ctx().load_texture(name, image, options);
            self.held = Some(Held::Given(handle));
        }
        self.serial = Some(source);
    }

    pub fn paint(&self, scene: &Scene<'_>, grid: &Grid, tint: Color32) {
        let id = match &self.held {
            Some(Held::Given(handle)) => handle.id(),
            Some(Held::Made(texture)) => texture.id(),
            None => return,
        };
        let [x, y] = grid.origin_nm;
        let far = [x + grid.nx as f64 * grid.pixel_nm, y + grid.ny as f64 * grid.pixel_nm];
        let place = Rect::from_two_pos(scene.at(grid.origin_nm), scene.at(far));
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        scene.painter.image(id, place, whole, tint);
    }
}

/// Tells what a texture was made from. The filter is part of it: it changes when single pixels
/// become visible.
fn source(serial: u64, options: TextureOptions) -> u64 {
    serial * 2 + u64::from(options == TextureOptions::NEAREST)
}

fn paint_frame(scene: &Scene<'_>, clip: &Clip) {
    let frame = scene.view.camera.rect_to_screen(scene.canvas, clip.window);
    let stroke = Stroke::new(1.0, scene.palette.frame);
    scene.painter.rect_stroke(frame, 0.0, stroke, egui::StrokeKind::Outside);
}

fn paint_mask(scene: &Scene<'_>, picture: &Picture, cache: &mut Cache) {
    let Some(opacity) = scene.view.look(CanvasLayer::Mask) else { return };
    let colour = scene.palette.mask.gamma_multiply(opacity);
    let serial = scene.serial;
    cache.mask.paint(scene.painter, scene.key(serial, colour), |pen| {
        for quad in &picture.fills {
            pen.fill(quad);
        }
    });
    let edge = scene.palette.mask.gamma_multiply((opacity * 2.0).min(1.0));
    cache.mask_edge.paint(scene.painter, scene.key(serial, edge), |pen| {
        for ring in picture.main.iter().flat_map(Polygon::rings) {
            pen.line(ring.iter().map(|p| [f64::from(p.x), f64::from(p.y)]), 1.0, true);
        }
    });
}

fn paint_assists(scene: &Scene<'_>, picture: &Picture, cache: &mut Cache) {
    let Some(opacity) = scene.view.look(CanvasLayer::Sraf) else { return };
    let colour = scene.palette.sraf.gamma_multiply(opacity);
    cache.assists.paint(scene.painter, scene.key(scene.serial, colour), |pen| {
        picture.assists.iter().for_each(|a| pen.fill(&corners(*a)));
    });
    let edge = scene.palette.sraf.gamma_multiply((opacity * 2.0).min(1.0));
    cache.assist_edge.paint(scene.painter, scene.key(scene.serial, edge), |pen| {
        for assist in &picture.assists {
            pen.line(corners(*assist).into_iter().map(|p| p.map(f64::from)), 1.0, true);
        }
    });
}

/// The corners of a rectangle in order, nm.
pub fn corners(r: geometry::Rect) -> [[f32; 2]; 4] {
    r.corners().map(|p| [p.x as f32, p.y as f32])
}

fn paint_contours(scene: &Scene<'_>, picture: &Picture, cache: &mut Cache) {
    let serial = scene.serial;
    let draw = |lines: &[Vec<[f32; 2]>], width: f32, pen: &mut Pen| {
        for line in lines {
            pen.line(line.iter().map(|p| p.map(f64::from)), width, false);
        }
    };
    if let Some(colour) = scene.colour(CanvasLayer::Corners, scene.palette.band) {
        let key = scene.key(serial, colour);
        cache.outer.paint(scene.painter, key, |pen| draw(&picture.printed.outer, 1.0, pen));
        cache.inner.paint(scene.painter, key, |pen| draw(&picture.printed.inner, 1.0, pen));
    }
    if let Some(colour) = scene.colour(CanvasLayer::Contour, scene.palette.contour) {
        let key = scene.key(serial, colour);
        cache.contour.paint(scene.painter, key, |pen| draw(&picture.printed.shown, 1.5, pen));
    }
}

fn paint_gauges(scene: &Scene<'_>, picture: &Picture, cache: &mut Cache) {
    let Some(opacity) = scene.view.look(CanvasLayer::Gauges) else { return };
    let key = scene.key(scene.serial, Color32::from_white_alpha((opacity * 255.0) as u8));
    cache.gauges.paint(scene.painter, key, |pen| {
        for (gauge, reading) in scene.gauges.iter().zip(&picture.readings) {
            let colour = scene.palette.epe(reading.epe_nm).gamma_multiply(opacity);
            tick(pen, gauge, reading, colour);
        }
    });
}

/// A foot on the target edge and a tick along the normal as long as the error, enlarged.
fn tick(pen: &mut Pen, gauge: &Gauge, reading: &GaugeReading, colour: Color32) {
    let foot = pen.at([gauge.x_nm, gauge.y_nm]);
    let Some(epe) = reading.epe_nm else {
        let stroke = Stroke::new(1.5, colour);
        pen.segment([foot - vec2(LOST, LOST), foot + vec2(LOST, LOST)], stroke);
        pen.segment([foot - vec2(LOST, -LOST), foot + vec2(LOST, -LOST)], stroke);
        return;
    };
    let reach = (f64::from(epe) * EPE_SCALE).clamp(-LONGEST_NM, LONGEST_NM);
    let end = pen.at([gauge.x_nm + gauge.normal[0] * reach, gauge.y_nm + gauge.normal[1] * reach]);
    let along = vec2(gauge.normal[1] as f32, gauge.normal[0] as f32) * 3.0;
    pen.segment([foot - along, foot + along], Stroke::new(1.5, colour));
    pen.segment([foot, end], Stroke::new(2.0, colour));
}

/// Lights up what is hovered or selected.
pub fn paint_focus(scene: &Scene<'_>) {
    let (Some(item), Some(prepared)) = (scene.view.focus(), &scene.run.prepared) else { return };
    match item {
        Item::Gauge(i) => {
            if let Some(gauge) = prepared.gauges.get(i) {
                let at = scene.at([gauge.x_nm, gauge.y_nm]);
                scene.painter.circle_stroke(at, 8.0, Stroke::new(2.0, scene.palette.accent));
            }
        }
        Item::Fragment(i) => {
            let (fragments, offsets) = scene.run.fragments();
            let offset = offsets.get(i).copied();
            if let Some(fragment) = fragments.get(i) {
                let [a, b] = ends(fragment, offset.unwrap_or(0));
                let stroke = Stroke::new(3.0, scene.palette.accent);
                scene.painter.line_segment([scene.at(a), scene.at(b)], stroke);
            }
        }
        Item::Rule(i) => {
            if let Some(marker) = scene.run.broken().get(i) {
                let stroke = Stroke::new(2.0, scene.palette.accent);
                scene.painter.circle_stroke(scene.at(marker.at), 16.0, stroke);
            }
        }
    }
}

/// Where a fragment lies when moved outward by an offset, nm.
pub fn ends(fragment: &Fragment, offset: i16) -> [[f64; 2]; 2] {
    let across = f64::from(fragment.base) + f64::from(fragment.outward) * f64::from(offset);
    let (from, to) = (f64::from(fragment.from), f64::from(fragment.to));
    match fragment.axis {
        Axis::Vertical => [[across, from], [across, to]],
        Axis::Horizontal => [[from, across], [to, across]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lithoscope_engine::mask::FragmentKind;

    #[test]
    fn a_fragment_moves_along_its_outward_normal() {
        let fragment = Fragment {
            polygon: 0,
            ring: 0,
            axis: Axis::Vertical,
            outward: -1,
            base: 100,
            from: 40,
            to: 0,
            kind: FragmentKind::Run,
        };
        assert_eq!(ends(&fragment, 7), [[93.0, 40.0], [93.0, 0.0]]);
    }
}
