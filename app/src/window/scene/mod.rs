//! The layout canvas: a whole layout of any size, drawn by the graphics device.
//!
//! While the shapes in view are few enough they are drawn one by one from a [`sheet`]: every shape
//! in and around the view, gathered through the hierarchy on another thread (polygons are cut into
//! pieces once a cell) and kept on the device until the view leaves it. Otherwise [`tiles`] of a
//! pyramid show how much of each pixel every layer covers ([`density`]), also made on other threads;
//! a coarser tile stands in for one that is not there yet. So the time a frame takes depends on the
//! number of pixels, never on the size of the layout.

mod aim;
mod atlas;
mod crew;
mod density;
mod device_types;
mod frame;
mod input;
mod outline;
mod pipelines;
mod pyramid;
mod sheet;
mod sheets;
mod source;
mod store;
mod tiles;

pub use super::canvas::Camera;
pub use input::{Detail, FrameStats, LayerPaint, SceneInput};

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use eframe::egui_wgpu::{Callback, RenderState};
use eframe::wgpu;
use egui::{Align2, FontId, Rect, Ui};

use aim::Aim;
use crew::{Crew, Done, Job};
use device_types::Style;
use frame::{Frame, ShapeDraw, TileDraw};
use pipelines::Pipelines;
use sheets::Sheets;
use source::{LayerKey, Source};
use store::Store;
use tiles::{Shown, Tiles, Wanted};

/// Draws layouts: one for each canvas.
pub struct Scene {
    graphics: Option<Graphics>,
    crew: Option<Crew>,
    source: Option<Arc<Source>>,
    took: Arc<AtomicU32>,
}

/// What needs a graphics device that can draw layouts.
struct Graphics {
    device: wgpu::Device,
    queue: wgpu::Queue,
    linear: bool,
    pipelines: Arc<Pipelines>,
    tiles: Tiles,
    sheets: Sheets,
    view: Store,
    styles: Store,
    sheet_styles: Store,
    quads: Store,
}

/// What a graphics device can be asked to do.
#[derive(Clone, Copy, Debug)]
struct Power {
    /// Shapes, pieces of them and edges drawn one by one.
    pieces: usize,
    /// Pages of tiles, 8 MiB each.
    pages: u32,
}

impl Power {
    fn of(kind: wgpu::DeviceType) -> Self {
        match kind {
            wgpu::DeviceType::DiscreteGpu => Self { pieces: 500_000, pages: 48 },
            wgpu::DeviceType::IntegratedGpu => Self { pieces: 250_000, pages: 32 },
            wgpu::DeviceType::Cpu => Self { pieces: 40_000, pages: 32 },
            _ => Self { pieces: 100_000, pages: 32 },
        }
    }
}

impl Scene {
    /// A scene on a window's graphics device.
    pub fn new(render_state: &RenderState) -> Self {
        Self::with_budget(render_state, None)
    }

    /// A scene that draws at most so many shapes one by one, whatever the device; `None` as many as
    /// suit it.
    pub fn with_budget(render_state: &RenderState, pieces: Option<usize>) -> Self {
        let limits = render_state.device.limits();
        let able = limits.max_storage_buffers_per_shader_stage >= 2
            && limits.max_texture_dimension_2d >= 2048
            && limits.max_vertex_attributes >= 4;
        let mut power = Power::of(render_state.adapter.get_info().device_type);
        power.pieces = pieces.unwrap_or(power.pieces);
        Self {
            graphics: able.then(|| Graphics::new(render_state, power)),
            crew: None,
            source: None,
            took: Arc::default(),
        }
    }

    /// Draws a layout on a part of the window.
    pub fn show(&mut self, ui: &Ui, canvas: Rect, input: &SceneInput<'_>) -> FrameStats {
        let started = Instant::now();
        let Some(graphics) = &mut self.graphics else {
            let text = "This graphics driver cannot draw layouts: it offers no storage buffers.";
            let colour = ui.visuals().text_color();
            ui.painter().text(
                canvas.center(),
                Align2::CENTER_CENTER,
                text,
                FontId::default(),
                colour,
            );
            return FrameStats::default();
        };
        let Some(aim) = Aim::new(ui, canvas, input) else { return FrameStats::default() };
        if self.crew.is_none() {
            let crew = Crew::start(ui.ctx(), &graphics.device, &graphics.queue);
            self.crew = crew.map_err(|e| tracing::error!("no thread to draw with: {e}")).ok();
        }
        let source = current(&mut self.source, graphics, input);
        if let Some(crew) = &self.crew {
            graphics.take(&source, crew.done());
        }
        let (mut stats, mut jobs, frame) = graphics.frame(&source, &aim, input, &self.took);
        if let Some(crew) = &self.crew {
            stats.tiles_pending += jobs.iter().filter(|j| matches!(j, Job::Tile(..))).count();
            crew.want(&source, std::mem::take(&mut jobs));
        }
        if frame.tiles.is_some() || frame.shapes.is_some() {
            let painter = ui.painter().with_clip_rect(canvas.intersect(ui.clip_rect()));
            painter.add(Callback::new_paint_callback(canvas, frame));
        }
        if stats.uploaded_bytes > 0 && !stats.settled() {
            ui.ctx().request_repaint();
        }
        let recording = self.took.load(Ordering::Relaxed) as f32 / 1e3;
        stats.cpu_ms = started.elapsed().as_secs_f32() * 1e3 + recording;
        stats
    }
}

/// The source of a frame; all that was made of another is forgotten.
fn current(
    source: &mut Option<Arc<Source>>,
    graphics: &mut Graphics,
    input: &SceneInput<'_>,
) -> Arc<Source> {
    match source {
        Some(source) if source.is(input.layout, input.root, input.depth) => Arc::clone(source),
        _ => {
            let new = Arc::new(Source::new(Arc::clone(input.layout), input.root, input.depth));
            if let Some(area) = new.layout.bounds(new.root, None) {
                graphics.tiles.restart(&area);
            }
            graphics.sheets.clear();
            Arc::clone(source.insert(new))
        }
    }
}

impl Graphics {
    fn new(render_state: &RenderState, power: Power) -> Self {
        let device = &render_state.device;
        let store = |label, usage| Store::new(device, label, usage);
        Self {
            linear: render_state.target_format.is_srgb(),
            pipelines: Arc::new(Pipelines::new(render_state)),
            tiles: Tiles::new(device, power.pages),
            sheets: Sheets::new(power.pieces),
            view: store("scene view", wgpu::BufferUsages::UNIFORM),
            styles: store("scene styles", wgpu::BufferUsages::STORAGE),
            sheet_styles: store("scene sheet styles", wgpu::BufferUsages::STORAGE),
            quads: store("scene tiles", wgpu::BufferUsages::VERTEX),
            device: device.clone(),
            queue: render_state.queue.clone(),
        }
    }

    /// Takes what the threads have made.
    fn take(&mut self, source: &Arc<Source>, done: impl Iterator<Item = Done>) {
        for done in done {
            match done {
                Done::Tile(of, key, bytes) if Arc::ptr_eq(&of, source) => {
                    self.tiles.take(key, bytes);
                }
                Done::Sheet(of, wish, sheet) if Arc::ptr_eq(&of, source) => {
                    self.sheets.take(wish, sheet);
                }
                _ => {}
            }
        }
    }

    /// What this frame draws and what is to be made for the next ones.
    fn frame(
        &mut self,
        source: &Source,
        aim: &Aim,
        input: &SceneInput<'_>,
        took: &Arc<AtomicU32>,
    ) -> (FrameStats, Vec<Job>, Frame) {
        let all = wanted(source, input);
        let visible: Vec<Wanted> = all
            .iter()
            .filter(|w| input.layers.get(w.style as usize).is_none_or(|l| l.visible))
            .copied()
            .collect();
        let (sent, more) = self.tiles.send(&self.device, &self.queue);
        let mut stats = FrameStats { uploaded_bytes: sent, ..FrameStats::default() };
        let layers: Vec<LayerKey> = visible.iter().map(|w| w.layer).collect();
        let others: Vec<LayerKey> =
            all.iter().map(|w| w.layer).filter(|l| !layers.contains(l)).collect();
        let mut jobs: Vec<Job> = self.sheets.plan(aim, &layers, &others).into_iter().collect();
        stats.shapes_pending = self.sheets.is_waiting();

        let area = self.sheets.area(aim, &layers);
        let origin = self.sheets.origin();
        let view = aim.view(origin, area.unwrap_or_default(), self.linear);
        stats.uploaded_bytes += self.view.put(&self.device, &self.queue, &[view]);
        let covered = area.is_some_and(|[left, top, right, bottom]| {
            left <= 0
                && top <= 0
                && f64::from(right) >= aim.size[0]
                && f64::from(bottom) >= aim.size[1]
        });
        let shapes = area.and_then(|area| self.draw_shapes(area, aim, input, &visible, &mut stats));
        let mut tiles = None;
        if !covered {
            let mut shown = self.tiles.show(aim, &visible, &all);
            jobs.append(&mut shown.missing);
            tiles = self.draw_tiles(&shown, aim, input, &mut stats);
        }
        stats.tiles_pending = usize::from(more && !covered);
        stats.detail = match (shapes.is_some(), tiles.is_some()) {
            (true, true) => Detail::Both,
            (true, false) => Detail::Shapes,
            (false, true) => Detail::Density,
            (false, false) => Detail::Nothing,
        };
        stats.device_bytes = self.tiles.bytes() + self.sheets.bytes();
        let pipelines = Arc::clone(&self.pipelines);
        (stats, jobs, Frame { pipelines, tiles, shapes, took: Arc::clone(took) })
    }

    fn draw_shapes(
        &mut self,
        area: [i32; 4],
        aim: &Aim,
        input: &SceneInput<'_>,
        visible: &[Wanted],
        stats: &mut FrameStats,
    ) -> Option<ShapeDraw> {
        let styles = |wanted: &Wanted| style(wanted, aim, input);
        let draw = self.sheets.draw(visible, styles)?;
        stats.uploaded_bytes += self.sheet_styles.put(&self.device, &self.queue, &draw.styles);
        let looks =
            self.pipelines.bind_looks(&self.device, self.view.buffer(), self.sheet_styles.buffer());
        let shapes = ShapeDraw { looks, pieces: draw.pieces, layers: draw.layers, area };
        stats.draw_calls += shapes.calls();
        stats.primitives += draw.count;
        stats.placements = draw.placements;
        Some(shapes)
    }

    fn draw_tiles(
        &mut self,
        shown: &Shown,
        aim: &Aim,
        input: &SceneInput<'_>,
        stats: &mut FrameStats,
    ) -> Option<TileDraw> {
        if shown.quads.is_empty() {
            return None;
        }
        let (device, queue) = (&self.device, &self.queue);
        // The frames of cells have the last style.
        let mut styles: Vec<Style> =
            input.layers.iter().map(|look| Style::of(look, aim.dot)).collect();
        styles.push(Style::of_cells(input.cell_frame, aim.dot));
        stats.uploaded_bytes +=
            self.styles.put(device, queue, &styles) + self.quads.put(device, queue, &shown.quads);
        stats.draw_calls += 1;
        stats.primitives += shown.quads.len();
        Some(TileDraw {
            looks: self.pipelines.bind_looks(device, self.view.buffer(), self.styles.buffer()),
            pages: self.pipelines.bind_pages(device, self.tiles.view()),
            quads: self.quads.buffer().clone(),
            count: shown.quads.len() as u32,
        })
    }
}

/// The layers that have anything to show, the lowest first, and the frames of closed cells above
/// them.
fn wanted(source: &Source, input: &SceneInput<'_>) -> Vec<Wanted> {
    let layers = (0u32..).zip(input.layers).filter_map(|(style, look)| {
        let area = source.layout.bounds(source.root, Some(look.layer))?;
        Some(Wanted { layer: Some(look.layer), style, area })
    });
    let frames = (source.has_closed_cells() && input.cell_frame.a() > 0)
        .then(|| source.layout.bounds(source.root, None))
        .flatten()
        .map(|area| Wanted { layer: None, style: input.layers.len() as u32, area });
    layers.chain(frames).collect()
}

/// How a layer looks.
fn style(wanted: &Wanted, aim: &Aim, input: &SceneInput<'_>) -> Style {
    match input.layers.get(wanted.style as usize) {
        Some(look) => Style::of(look, aim.dot),
        None => Style::of_cells(input.cell_frame, aim.dot),
    }
}
