//! What the film is drawn into: egui's own pass has no depth, so that the film has a picture of its
//! own, several samples a pixel, which is kept until something changes and copied to the window.

use std::sync::Arc;

use eframe::egui_wgpu::{Callback, CallbackResources, CallbackTrait, RenderState};
use eframe::wgpu;
use egui::{PaintCallback, PaintCallbackInfo, Rect};

use super::pipelines::Pipelines;

/// Format of the picture, encoded as screens have it.
pub const COLOUR: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
/// Format of its depths.
pub const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// The picture and what it is drawn with.
pub struct Target {
    /// Width and height, pixels.
    pub size: [u32; 2],
    colour: wgpu::TextureView,
    /// The samples, where a pixel has more than one.
    samples: Option<wgpu::TextureView>,
    depth: wgpu::TextureView,
    copy: PaintCallback,
}

/// Samples a pixel that a graphics device can draw: four or one.
pub fn samples(render_state: &RenderState) -> u32 {
    let able = |format| {
        let features = render_state.adapter.get_texture_format_features(format);
        features.flags.sample_count_supported(4)
    };
    if able(COLOUR) && able(DEPTH) { 4 } else { 1 }
}

impl Target {
    /// An empty picture.
    pub fn new(
        device: &wgpu::Device,
        pipelines: &Arc<Pipelines>,
        size: [u32; 2],
        samples: u32,
    ) -> Self {
        let attachment = wgpu::TextureUsages::RENDER_ATTACHMENT;
        let colour =
            texture(device, size, 1, COLOUR, attachment | wgpu::TextureUsages::TEXTURE_BINDING);
        let copy = Copy {
            pipelines: Arc::clone(pipelines),
            picture: pipelines.bind_picture(device, &colour),
        };
        Self {
            size,
            samples: (samples > 1).then(|| texture(device, size, samples, COLOUR, attachment)),
            depth: texture(device, size, samples, DEPTH, attachment),
            copy: Callback::new_paint_callback(Rect::ZERO, copy),
            colour,
        }
    }

    /// Begins to draw it anew on a colour.
    pub fn begin<'a>(
        &self,
        encoder: &'a mut wgpu::CommandEncoder,
        background: wgpu::Color,
    ) -> wgpu::RenderPass<'a> {
        let view = self.samples.as_ref().unwrap_or(&self.colour);
        let keep =
            if self.samples.is_some() { wgpu::StoreOp::Discard } else { wgpu::StoreOp::Store };
        encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("orbit"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view,
                depth_slice: None,
                resolve_target: self.samples.as_ref().map(|_| &self.colour),
                ops: wgpu::Operations { load: wgpu::LoadOp::Clear(background), store: keep },
            })],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: &self.depth,
                depth_ops: Some(wgpu::Operations {
                    load: wgpu::LoadOp::Clear(1.0),
                    store: wgpu::StoreOp::Discard,
                }),
                stencil_ops: None,
            }),
            ..Default::default()
        })
    }

    /// What puts it on a part of the window.
    pub fn copy_to(&self, canvas: Rect) -> PaintCallback {
        PaintCallback { rect: canvas, ..self.copy.clone() }
    }
}

fn texture(
    device: &wgpu::Device,
    [width, height]: [u32; 2],
    sample_count: u32,
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("orbit"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    });
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

/// Puts the picture on the window.
struct Copy {
    pipelines: Arc<Pipelines>,
    picture: wgpu::BindGroup,
}

impl CallbackTrait for Copy {
    fn paint(
        &self,
        _info: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        pass.set_pipeline(&self.pipelines.copy);
        pass.set_bind_group(0, &self.picture, &[]);
        pass.draw(0..3, 0..1);
    }
}
