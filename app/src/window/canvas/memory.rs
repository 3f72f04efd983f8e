//! Textures that are filled from memory of the window's device, without a way through the processor.

use eframe::egui_wgpu::RenderState;
use eframe::wgpu;
use egui::{TextureId, TextureOptions};

use crate::worker::ColourMemory;

/// A texture of the window's device that egui knows.
pub struct DeviceTexture {
    state: RenderState,
    texture: wgpu::Texture,
    id: TextureId,
    options: TextureOptions,
}

impl DeviceTexture {
    /// A texture for images of this size.
    pub fn new(state: &RenderState, [width, height]: [u32; 2], options: TextureOptions) -> Self {
        let format = wgpu::TextureFormat::Rgba8Unorm;
        let texture = state.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("image on the canvas"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let filter = match options.magnification {
            egui::TextureFilter::Nearest => wgpu::FilterMode::Nearest,
            egui::TextureFilter::Linear => wgpu::FilterMode::Linear,
        };
        let id = state.renderer.write().register_native_texture(&state.device, &view, filter);
        Self { state: state.clone(), texture, id, options }
    }

    /// What egui calls it.
    pub fn id(&self) -> TextureId {
        self.id
    }

    /// Whether it takes images of this size, drawn so.
    pub fn takes(&self, [width, height]: [u32; 2], options: TextureOptions) -> bool {
        [self.texture.width(), self.texture.height()] == [width, height] && self.options == options
    }

    /// Copies an image into it, within the device.
    pub fn fill(&self, colours: &ColourMemory) {
        let [width, height] = colours.size;
        let mut encoder =
            self.state.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_texture(
            wgpu::TexelCopyBufferInfo {
                buffer: &colours.buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(colours.row_bytes),
                    rows_per_image: Some(height),
                },
            },
            self.texture.as_image_copy(),
            wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        );
        self.state.queue.submit([encoder.finish()]);
    }
}

impl Drop for DeviceTexture {
    fn drop(&mut self) {
        self.state.renderer.write().free_texture(&self.id);
    }
}
