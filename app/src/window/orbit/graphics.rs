//! The film as the graphics device draws it: only when something changed.

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use eframe::wgpu;
use egui::{PaintCallback, Rect};
use lithoscope_engine::resist::Surface;

use super::block::Block;
use super::body::{Body, Face};
use super::device_types::View;
use super::look::OrbitLook;
use super::pipelines::Pipelines;
use super::target::{self, Target};

/// How long nothing moves before a draft gives way to the whole surface.
pub const REST_S: f64 = 0.12;

/// What needs a graphics device.
pub struct Graphics {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipelines: Arc<Pipelines>,
    samples: u32,
    view: wgpu::Buffer,
    target: Option<Target>,
    film: Option<Film>,
    /// What the picture shows now.
    shown: Option<Shown>,
    /// Whether the device has only a processor to draw with.
    is_slow: bool,
    drawn: usize,
}

/// What a picture shows.
struct Shown {
    wish: Wish,
    is_draft: bool,
    since_s: f64,
}

/// A surface and its cut, bound.
struct Film {
    body: Body,
    bound: wgpu::BindGroup,
    face: Option<Face>,
}

/// What a picture is to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    pub view: View,
    /// Red, green, blue, encoded.
    pub background: [f64; 3],
    pub size: [u32; 2],
    /// Whether the substrate is drawn: not from below.
    pub slab: bool,
}

impl Graphics {
    /// Compiles what draws.
    pub fn new(render_state: &RenderState) -> Self {
        let device = render_state.device.clone();
        let samples = target::samples(render_state);
        Self {
            pipelines: Arc::new(Pipelines::new(render_state, samples)),
            view: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("orbit view"),
                size: size_of::<View>() as u64,
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
            queue: render_state.queue.clone(),
            samples,
            target: None,
            film: None,
            shown: None,
            is_slow: render_state.adapter.get_info().device_type == wgpu::DeviceType::Cpu,
            drawn: 0,
            device,
        }
    }

    /// Takes another surface; on an error, in words, there is none.
    pub fn set(&mut self, surface: Arc<Surface>, extent_nm: [f64; 3]) -> Result<(), String> {
        self.clear();
        let body = Body::new(&self.device, &self.queue, surface, extent_nm, self.is_slow)?;
        let bound = self.pipelines.bind_view(&self.device, &self.view, &body.relief);
        self.film = Some(Film { body, bound, face: None });
        Ok(())
    }

    /// Forgets the surface.
    pub fn clear(&mut self) {
        self.film = None;
        self.shown = None;
    }

    /// The block of the surface.
    pub fn block(&self) -> Option<Block> {
        self.film.as_ref().map(|f| f.body.block)
    }

    /// Triangles of the surface.
    pub fn triangles(&self) -> usize {
        self.film.as_ref().map_or(0, |f| f.body.triangle_count())
    }

    /// How often the picture was drawn.
    pub fn drawn(&self) -> usize {
        self.drawn
    }

    /// Cuts the surface as it is to be shown.
    pub fn cut(&mut self, look: &OrbitLook) {
        let Some(film) = &mut self.film else { return };
        let wanted = look.cut.map(|across| (across, look.cut_nm[across.index()]));
        if film.face.as_ref().map(|f| (f.across, f.at_nm)) != wanted {
            film.face = wanted.map(|(across, at)| film.body.cut(&self.device, across, at));
        }
    }

    /// Whether the picture is a draft.
    pub fn is_draft(&self) -> bool {
        self.shown.as_ref().is_some_and(|s| s.is_draft)
    }

    /// The picture of a wish on a part of the window, drawn if it is not there yet; at a time, s.
    pub fn picture(&mut self, wish: &Wish, canvas: Rect, now_s: f64) -> Option<PaintCallback> {
        let most = self.device.limits().max_texture_dimension_2d;
        let size = wish.size.map(|v| v.clamp(1, most));
        if self.target.as_ref().is_none_or(|t| t.size != size) {
            self.target = Some(Target::new(&self.device, &self.pipelines, size, self.samples));
            self.shown = None;
        }
        let (target, film) = (self.target.as_ref()?, self.film.as_ref()?);
        let has_draft = film.body.draft.is_some();
        let next = match &self.shown {
            None => Some((false, now_s)),
            Some(shown) if shown.wish != *wish => Some((has_draft, now_s)),
            Some(shown) if shown.is_draft && now_s - shown.since_s >= REST_S => {
                Some((false, now_s))
            }
            Some(_) => None,
        };
        if let Some((is_draft, since_s)) = next {
            self.queue.write_buffer(&self.view, 0, bytemuck::bytes_of(&wish.view));
            let mut encoder =
                self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.draw(target, film, wish, is_draft, &mut encoder);
            self.queue.submit([encoder.finish()]);
            self.shown = Some(Shown { wish: *wish, is_draft, since_s });
            self.drawn += 1;
        }
        Some(target.copy_to(canvas))
    }

    fn draw(
        &self,
        target: &Target,
        film: &Film,
        wish: &Wish,
        is_draft: bool,
        encoder: &mut wgpu::CommandEncoder,
    ) {
        let [r, g, b] = wish.background;
        let mut pass = target.begin(encoder, wgpu::Color { r, g, b, a: 1.0 });
        let pipelines = &self.pipelines;
        pass.set_bind_group(0, &film.bound, &[]);
        pass.set_pipeline(if film.face.is_some() { &pipelines.cut_film } else { &pipelines.film });
        pass.set_vertex_buffer(0, film.body.corners.slice(..));
        let draft = film.body.draft.as_ref().filter(|_| is_draft);
        let (triangles, count) = draft.unwrap_or(&film.body.triangles);
        pass.set_index_buffer(triangles.slice(..), wgpu::IndexFormat::Uint32);
        pass.draw_indexed(0..*count, 0, 0..1);
        if let Some((corners, count)) = film.face.as_ref().and_then(|f| f.corners.as_ref()) {
            pass.set_pipeline(&pipelines.face);
            pass.set_vertex_buffer(0, corners.slice(..));
            pass.draw(0..*count, 0..1);
        }
        if wish.slab {
            pass.set_pipeline(&pipelines.slab);
            pass.draw(0..36, 0..1);
        }
        if let Some((lines, count)) = film.face.as_ref().and_then(|f| f.outline.as_ref()) {
            pass.set_pipeline(&pipelines.outline);
            pass.set_vertex_buffer(0, lines.slice(..));
            pass.draw(0..6, 0..*count);
        }
    }
}
