//! One frame as the graphics device draws it.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use eframe::egui_wgpu::{CallbackResources, CallbackTrait};
use eframe::wgpu;
use egui::PaintCallbackInfo;

use super::pipelines::Pipelines;

/// What a frame draws: density first, then shapes.
pub struct Frame {
    pub pipelines: Arc<Pipelines>,
    pub tiles: Option<TileDraw>,
    pub shapes: Option<ShapeDraw>,
    /// Where the time to record the frame is left, µs.
    pub took: Arc<AtomicU32>,
}

/// Density.
pub struct TileDraw {
    pub looks: wgpu::BindGroup,
    pub pages: wgpu::BindGroup,
    pub quads: wgpu::Buffer,
    pub count: u32,
}

/// Shapes.
pub struct ShapeDraw {
    pub looks: wgpu::BindGroup,
    pub pieces: wgpu::Buffer,
    /// What is drawn of each layer, the lowest first.
    pub layers: Vec<LayerDraw>,
    /// Where on the canvas: left, top, right, bottom, pixels.
    pub area: [i32; 4],
}

/// The pieces of a layer to fill and to frame; empty for none.
#[derive(Clone, Debug)]
pub struct LayerDraw {
    pub insides: Range<u32>,
    pub outlines: Range<u32>,
}

impl ShapeDraw {
    /// Draw calls it takes.
    pub fn calls(&self) -> usize {
        let calls = |l: &LayerDraw| {
            usize::from(!l.insides.is_empty()) + usize::from(!l.outlines.is_empty())
        };
        self.layers.iter().map(calls).sum()
    }
}

impl CallbackTrait for Frame {
    fn paint(
        &self,
        info: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        let started = Instant::now();
        if let Some(tiles) = &self.tiles {
            pass.set_pipeline(&self.pipelines.tiles);
            pass.set_bind_group(0, &tiles.looks, &[]);
            pass.set_bind_group(1, &tiles.pages, &[]);
            pass.set_vertex_buffer(0, tiles.quads.slice(..));
            pass.draw(0..6, 0..tiles.count);
        }
        if let Some(shapes) = &self.shapes
            && restrict(&info, pass, shapes.area)
        {
            self.draw_shapes(shapes, pass);
        }
        let took = started.elapsed().as_micros().min(u128::from(u32::MAX)) as u32;
        self.took.store(took, Ordering::Relaxed);
    }
}

impl Frame {
    fn draw_shapes(&self, shapes: &ShapeDraw, pass: &mut wgpu::RenderPass<'static>) {
        pass.set_bind_group(0, &shapes.looks, &[]);
        pass.set_vertex_buffer(0, shapes.pieces.slice(..));
        for layer in &shapes.layers {
            if !layer.insides.is_empty() {
                pass.set_pipeline(&self.pipelines.fill);
                pass.draw(0..6, layer.insides.clone());
            }
            if !layer.outlines.is_empty() {
                pass.set_pipeline(&self.pipelines.frame);
                pass.draw(0..24, layer.outlines.clone());
            }
        }
    }
}

/// Lets drawing touch only this area of the canvas; returns whether anything is left of it.
fn restrict(
    info: &PaintCallbackInfo,
    pass: &mut wgpu::RenderPass<'static>,
    [left, top, right, bottom]: [i32; 4],
) -> bool {
    let (clip, canvas) = (info.clip_rect_in_pixels(), info.viewport_in_pixels());
    let part = |low: i32, high: i32, corner: i32, first: i32, length: i32| {
        let low = low.saturating_add(corner).max(first);
        let high = high.saturating_add(corner).min(first.saturating_add(length));
        (low, high.saturating_sub(low))
    };
    let (x, width) = part(left, right, canvas.left_px, clip.left_px, clip.width_px);
    let (y, height) = part(top, bottom, canvas.top_px, clip.top_px, clip.height_px);
    if x < 0 || y < 0 || width <= 0 || height <= 0 {
        return false;
    }
    pass.set_scissor_rect(x as u32, y as u32, width as u32, height as u32);
    true
}
