//! The shaders as the graphics device runs them, and what they are given.

use eframe::egui_wgpu::RenderState;
use eframe::wgpu;

use super::device_types::{Piece, Tile};

/// Source of the shaders for shapes.
pub const SHAPES_WGSL: &str = concat!(include_str!("look.wgsl"), include_str!("shapes.wgsl"));
/// Source of the shaders for density.
pub const TILES_WGSL: &str = concat!(include_str!("look.wgsl"), include_str!("tiles.wgsl"));

/// How a [`Piece`] is read.
pub const PIECE: [wgpu::VertexAttribute; 4] =
    wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2, 2 => Float32x2, 3 => Uint32];
/// How a [`Tile`] is read.
pub const TILE: [wgpu::VertexAttribute; 4] =
    wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Float32, 3 => Uint32x2];

/// Pipelines and the layouts of what is bound to them.
pub struct Pipelines {
    /// Insides of shapes: six vertices a piece.
    pub fill: wgpu::RenderPipeline,
    /// Outlines of shapes: twenty-four vertices a piece.
    pub frame: wgpu::RenderPipeline,
    /// Density: six vertices a tile.
    pub tiles: wgpu::RenderPipeline,
    looks: wgpu::BindGroupLayout,
    pages: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

impl Pipelines {
    /// Compiles them for a window.
    pub fn new(render_state: &RenderState) -> Self {
        let device = &render_state.device;
        let layout = |label, entries: &[wgpu::BindGroupLayoutEntry]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(label),
                entries,
            })
        };
        let uniform = buffer_entry(0, wgpu::BufferBindingType::Uniform);
        let looks_entry = buffer_entry(1, wgpu::BufferBindingType::Storage { read_only: true });
        let looks = layout("scene looks", &[uniform, looks_entry]);
        let pages = layout("scene pages", &[texture(0), sampler_entry(1)]);
        let module = |label, source: &'static str| {
            device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(label),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            })
        };
        let shapes = module("scene shapes", SHAPES_WGSL);
        let tiles = module("scene tiles", TILES_WGSL);
        let make = Make { device, format: render_state.target_format };
        let piece = (size_of::<Piece>(), &PIECE[..]);
        let tile = (size_of::<Tile>(), &TILE[..]);
        let of_shapes = [Some(&looks)];
        let of_tiles = [Some(&looks), Some(&pages)];
        Self {
            fill: make.pipeline(&shapes, ["fill_vertex", "fill_fragment"], piece, &of_shapes),
            frame: make.pipeline(&shapes, ["frame_vertex", "frame_fragment"], piece, &of_shapes),
            tiles: make.pipeline(&tiles, ["tile_vertex", "tile_fragment"], tile, &of_tiles),
            looks,
            pages,
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("scene"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
        }
    }

    /// View and styles, bound.
    pub fn bind_looks(
        &self,
        device: &wgpu::Device,
        view: &wgpu::Buffer,
        styles: &wgpu::Buffer,
    ) -> wgpu::BindGroup {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scene looks"),
            layout: &self.looks,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: view.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: styles.as_entire_binding() },
            ],
        })
    }

    /// Pages of tiles, bound.
    pub fn bind_pages(&self, device: &wgpu::Device, pages: &wgpu::TextureView) -> wgpu::BindGroup {
        let sampler = wgpu::BindingResource::Sampler(&self.sampler);
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scene pages"),
            layout: &self.pages,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(pages),
                },
                wgpu::BindGroupEntry { binding: 1, resource: sampler },
            ],
        })
    }
}

fn buffer_entry(binding: u32, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    }
}

fn texture(binding: u32) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            multisampled: false,
            sample_type: wgpu::TextureSampleType::Float { filterable: true },
            view_dimension: wgpu::TextureViewDimension::D2Array,
        },
        count: None,
    }
}

fn sampler_entry(binding: u32) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
        count: None,
    }
}

struct Make<'a> {
    device: &'a wgpu::Device,
    format: wgpu::TextureFormat,
}

impl Make<'_> {
    fn pipeline(
        &self,
        module: &wgpu::ShaderModule,
        [vertex, fragment]: [&str; 2],
        (stride, attributes): (usize, &[wgpu::VertexAttribute]),
        groups: &[Option<&wgpu::BindGroupLayout>],
    ) -> wgpu::RenderPipeline {
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(vertex),
            bind_group_layouts: groups,
            immediate_size: 0,
        });
        self.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(vertex),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module,
                entry_point: Some(vertex),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[Some(wgpu::VertexBufferLayout {
                    array_stride: stride as u64,
                    step_mode: wgpu::VertexStepMode::Instance,
                    attributes,
                })],
            },
            fragment: Some(wgpu::FragmentState {
                module,
                entry_point: Some(fragment),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: self.format,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            multiview_mask: None,
            cache: None,
        })
    }
}
