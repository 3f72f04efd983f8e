//! The developed film in three dimensions.
//!
//! The film is drawn with depth and several samples a pixel into a picture of its own
//! ([`target`]), which a paint callback copies to the window. The picture is drawn again only when
//! the camera, the look, the theme or the surface changed; while it moves, a device that has only a
//! processor draws a coarser surface ([`draft`]). A cut is capped: the plane's section is
//! found on the processor ([`section`]), so that it is exact whatever lies behind it.

mod block;
mod body;
mod camera;
mod colours;
mod controls;
mod decor;
mod device_types;
mod draft;
mod graphics;
mod look;
mod pipelines;
mod pointer;
mod relief;
mod section;
mod target;
mod vector;

pub use block::MAX_TRIANGLES;
pub use camera::OrbitCamera;
pub use look::{Across, Colouring, Kept, OrbitLook};

use std::sync::Arc;
use std::time::Duration;

use eframe::egui_wgpu::RenderState;
use egui::{Pos2, Rect, Response, Sense, Shape, Ui, vec2};
use lithoscope_engine::resist::Surface;

use super::theme::Palette;
use block::Block;
use camera::Aim;
use colours::{Colours, linear};
use device_types::View;
use graphics::{Graphics, REST_S, Wish};
use pointer::Go;
use vector::{add, scale, unit};

/// What the mouse does, for a status bar.
pub const HINT: &str = "Drag turns (Ctrl: also below the substrate) · Shift or middle drag moves · wheel zooms · F fits";

/// What stands where a film would be.
const EMPTY: &str = "No developed resist yet\nDevelop the film of a clip with the three-dimensional resist model: what it leaves stands here, to be turned and cut open.";

/// Shows a developed film: one for each canvas.
pub struct OrbitView {
    /// Where it is seen from.
    pub camera: OrbitCamera,
    /// How it is shown.
    pub look: OrbitLook,
    graphics: Graphics,
    problem: Option<String>,
    aim: Option<Aim>,
    fit: bool,
}

/// What the view has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrbitStats {
    /// How often the film was drawn; a frame in which nothing changed draws it not at all.
    pub drawn: usize,
    /// Whether the picture is a coarser one, until nothing moves.
    pub draft: bool,
    /// Triangles of the surface.
    pub triangles: usize,
}

impl OrbitView {
    /// An empty view on a window's graphics device.
    pub fn new(render_state: &RenderState) -> Self {
        Self {
            camera: OrbitCamera::default(),
            look: OrbitLook::default(),
            graphics: Graphics::new(render_state),
            problem: None,
            aim: None,
            fit: true,
        }
    }

    /// Shows a surface. The film it was developed from reaches from 0 to `extent_nm`, (x, y, z), z
    /// up from the substrate. A block of another size is shown whole, one of the same size as the
    /// last is seen from where that was. A surface that cannot be shown leaves a
    /// [`problem`](Self::problem), which stands in the view.
    pub fn set_surface(&mut self, surface: Arc<Surface>, extent_nm: [f64; 3]) {
        let before = self.graphics.block();
        self.problem = self.graphics.set(surface, extent_nm).err();
        let now = self.graphics.block();
        self.fit |= now.is_some() && now != before;
    }

    /// Shows no surface.
    pub fn clear(&mut self) {
        self.graphics.clear();
        self.problem = None;
    }

    /// Why the last surface cannot be shown.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// What the view has done.
    pub fn stats(&self) -> OrbitStats {
        OrbitStats {
            drawn: self.graphics.drawn(),
            draft: self.graphics.is_draft(),
            triangles: self.graphics.triangles(),
        }
    }

    /// Shows the whole block in the next frame.
    pub fn fit(&mut self) {
        self.fit = true;
    }

    /// Where a place of the film (nm) was in the last frame; `None` behind the eye or before it.
    pub fn to_screen(&self, [x, y, z]: [f64; 3]) -> Option<Pos2> {
        self.aim.and_then(|aim| aim.project([x, y, z * self.look.vertical]))
    }

    /// The view with its controls, as large as there is room. The response is that of the picture.
    pub fn show(&mut self, ui: &mut Ui) -> Response {
        let block = self.graphics.block();
        // The row of controls may be wider than there is room; the picture is not.
        let wide = ui.available_width();
        let go = controls::show(ui, &mut self.look, &self.camera, block.as_ref());
        let size = vec2(wide, ui.available_height());
        let (response, painter) = ui.allocate_painter(size, Sense::click_and_drag());
        let response = response.accessible_name("Developed resist in three dimensions");
        let palette = Palette::in_use(ui.visuals());
        painter.rect_filled(response.rect, 0.0, palette.canvas);
        self.aim = None;
        match block {
            Some(block) if response.rect.is_positive() => {
                self.look.settle(&block);
                self.steer(ui, &response, &block, go);
                self.paint(ui, response.rect, &block, palette);
            }
            _ => {
                let text = self.problem.as_deref().unwrap_or(EMPTY);
                decor::message(&painter.with_clip_rect(response.rect), palette, text);
            }
        }
        response
    }

    fn steer(&mut self, ui: &Ui, response: &Response, block: &Block, go: Option<Go>) {
        let vertical = self.look.vertical;
        let go = pointer::steer(ui, response, &mut self.camera, block, vertical).or(go);
        let fit = std::mem::take(&mut self.fit).then_some(Go::Fit);
        if let Some(go) = go.or(fit) {
            go.apply(&mut self.camera, response.rect, block, vertical);
        }
    }

    fn paint(&mut self, ui: &Ui, canvas: Rect, block: &Block, palette: &Palette) {
        let aim = self.camera.aim(canvas, block.size_nm(self.look.vertical));
        let grid_step = decor::grid_step(self.camera.nm_per_point(canvas), block);
        let scale = ui.ctx().pixels_per_point();
        // As egui rounds the place of what it lets others draw.
        let pixels = |low: f32, high: f32| ((high * scale).round() - (low * scale).round()) as u32;
        let dark = ui.visuals().dark_mode;
        let size = [pixels(canvas.min.x, canvas.max.x), pixels(canvas.min.y, canvas.max.y)];
        let [r, g, b, _] = palette.canvas.to_array().map(|v| f64::from(v) / 255.0);
        let wish = Wish {
            view: View {
                size: size.map(|v| v as f32),
                line_width: 1.25 * scale,
                ..self.view(&aim, block, grid_step, Colours::of(dark))
            },
            background: [r, g, b],
            size,
            slab: aim.eye[2] > 0.0,
        };
        self.graphics.cut(&self.look);
        let painter = ui.painter().with_clip_rect(canvas.intersect(ui.clip_rect()));
        let now = ui.input(|i| i.time);
        if let Some(picture) = self.graphics.picture(&wish, canvas, now) {
            painter.add(Shape::Callback(picture));
        }
        if self.graphics.is_draft() {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(REST_S));
        }
        let decor = decor::Decor {
            painter: &painter,
            palette,
            aim: &aim,
            block,
            look: &self.look,
            grid_step,
            taken: Vec::new(),
        };
        decor.paint();
        self.aim = Some(aim);
    }

    fn view(&self, aim: &Aim, block: &Block, grid_step: f64, colours: &Colours) -> View {
        let vertical = self.look.vertical;
        // The lamp hangs a little above the eye and to its left.
        let lamp = add(scale(aim.right, -0.45), scale(aim.up, 0.45));
        let light = unit(add(scale(aim.forward, -1.0), lamp));
        View {
            clip_from_nm: aim.clip_from_nm(vertical),
            eye: aim.eye.map(|v| v as f32),
            vertical: vertical as f32,
            light: light.map(|v| v as f32),
            thickness: block.thickness as f32,
            cut: self.look.plane(),
            slab: block.slab().map(|v| v as f32),
            slab_depth: block.slab_depth() as f32,
            grid_step: grid_step as f32,
            substrate: linear(colours.substrate),
            grid: linear(colours.grid),
            inside: linear(colours.inside),
            outline: linear(colours.outline),
            resist: linear(colours.resist),
            by_height: u32::from(self.look.colouring == Colouring::Height),
            shade: colours.shade,
            reach: block.thickness as f32,
            ramp: colours::ramp(),
            ..View::default()
        }
    }
}
