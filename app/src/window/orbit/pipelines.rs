//! The shaders as the graphics device runs them, and what they are given.

use eframe::egui_wgpu::RenderState;
use eframe::wgpu;

use super::device_types::{Corner, Line};
use super::target::{COLOUR, DEPTH};

/// Source of the shaders of the picture.
pub const ORBIT_WGSL: &str = include_str!("orbit.wgsl");
/// Source of the shader that puts it on the window.
const COPY_WGSL: &str = include_str!("copy.wgsl");

/// How a [`Corner`] is read.
pub const CORNER: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x3];
/// How a [`Line`] is read.
pub const LINE: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x3];

/// Pipelines and the layouts of what is bound to them.
pub struct Pipelines {
    /// The film, whole.
    pub film: wgpu::RenderPipeline,
    /// The film, without what a cut takes away.
    pub cut_film: wgpu::RenderPipeline,
    /// The face of a cut.
    pub face: wgpu::RenderPipeline,
    /// Its outline: six vertices a piece.
    pub outline: wgpu::RenderPipeline,
    /// The substrate: 36 vertices.
    pub slab: wgpu::RenderPipeline,
    /// The picture onto the window: three vertices.
    pub copy: wgpu::RenderPipeline,
    view: wgpu::BindGroupLayout,
    picture: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

impl Pipelines {
    /// Compiles them for a window and a number of samples a pixel.
    pub fn new(render_state: &RenderState, samples: u32) -> Self {
        let device = &render_state.device;
        let view = bind_layout(device, "orbit view", &[uniform(0), texture(1), sampler(2)]);
        let picture = bind_layout(device, "orbit picture", &[texture(0)]);
        let orbit = module(device, "orbit", ORBIT_WGSL);
        let copy = module(device, "orbit copy", COPY_WGSL);
        let corner = buffer::<Corner>(&CORNER, wgpu::VertexStepMode::Vertex);
        let line = buffer::<Line>(&LINE, wgpu::VertexStepMode::Instance);
        let draw = |entries, buffer: Option<wgpu::VertexBufferLayout<'_>>| {
            let make = Make { device, layout: &view, module: &orbit, samples: Some(samples) };
            make.pipeline(entries, COLOUR, buffer)
        };
        let to_window = if render_state.target_format.is_srgb() {
            "copy_linear_fragment"
        } else {
            "copy_fragment"
        };
        let copying = Make { device, layout: &picture, module: &copy, samples: None };
        let format = render_state.target_format;
        Self {
            film: draw(["film_vertex", "film_fragment"], Some(corner.clone())),
            cut_film: draw(["film_vertex", "cut_film_fragment"], Some(corner.clone())),
            face: draw(["film_vertex", "face_fragment"], Some(corner)),
            outline: draw(["outline_vertex", "outline_fragment"], Some(line)),
            slab: draw(["slab_vertex", "slab_fragment"], None),
            copy: copying.pipeline(["copy_vertex", to_window], format, None),
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("orbit relief"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
            view,
            picture,
        }
    }

    /// The view and the heights around every place, bound.
    pub fn bind_view(
        &self,
        device: &wgpu::Device,
        view: &wgpu::Buffer,
        relief: &wgpu::TextureView,
    ) -> wgpu::BindGroup {
        bind(
            device,
            &self.view,
            &[
                view.as_entire_binding(),
                wgpu::BindingResource::TextureView(relief),
                wgpu::BindingResource::Sampler(&self.sampler),
            ],
        )
    }

    /// The finished picture, bound.
    pub fn bind_picture(
        &self,
        device: &wgpu::Device,
        picture: &wgpu::TextureView,
    ) -> wgpu::BindGroup {
        bind(device, &self.picture, &[wgpu::BindingResource::TextureView(picture)])
    }
}

fn bind(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    resources: &[wgpu::BindingResource<'_>],
) -> wgpu::BindGroup {
    let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
        .zip(resources)
        .map(|(binding, r)| wgpu::BindGroupEntry { binding, resource: r.clone() })
        .collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("orbit"),
        layout,
        entries: &entries,
    })
}

fn module(device: &wgpu::Device, label: &str, source: &'static str) -> wgpu::ShaderModule {
    device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    })
}

fn buffer<T>(
    attributes: &[wgpu::VertexAttribute],
    step_mode: wgpu::VertexStepMode,
) -> wgpu::VertexBufferLayout<'_> {
    wgpu::VertexBufferLayout { array_stride: size_of::<T>() as u64, step_mode, attributes }
}

fn bind_layout(
    device: &wgpu::Device,
    label: &str,
    entries: &[wgpu::BindGroupLayoutEntry],
) -> wgpu::BindGroupLayout {
    let descriptor = wgpu::BindGroupLayoutDescriptor { label: Some(label), entries };
    device.create_bind_group_layout(&descriptor)
}

fn entry(binding: u32, ty: wgpu::BindingType) -> wgpu::BindGroupLayoutEntry {
    let visibility = wgpu::ShaderStages::VERTEX_FRAGMENT;
    wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None }
}

fn uniform(binding: u32) -> wgpu::BindGroupLayoutEntry {
    let ty = wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Uniform,
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    entry(binding, ty)
}

fn texture(binding: u32) -> wgpu::BindGroupLayoutEntry {
    let ty = wgpu::BindingType::Texture {
        multisampled: false,
        sample_type: wgpu::TextureSampleType::Float { filterable: true },
        view_dimension: wgpu::TextureViewDimension::D2,
    };
    entry(binding, ty)
}

fn sampler(binding: u32) -> wgpu::BindGroupLayoutEntry {
    entry(binding, wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering))
}

struct Make<'a> {
    device: &'a wgpu::Device,
    layout: &'a wgpu::BindGroupLayout,
    module: &'a wgpu::ShaderModule,
    /// Samples a pixel of what has depth; `None` for what has not.
    samples: Option<u32>,
}

impl Make<'_> {
    fn pipeline(
        &self,
        [vertex, fragment]: [&str; 2],
        format: wgpu::TextureFormat,
        buffer: Option<wgpu::VertexBufferLayout<'_>>,
    ) -> wgpu::RenderPipeline {
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(fragment),
            bind_group_layouts: &[Some(self.layout)],
            immediate_size: 0,
        });
        let buffers: Vec<_> = buffer.into_iter().map(Some).collect();
        self.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(fragment),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: self.module,
                entry_point: Some(vertex),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &buffers,
            },
            fragment: Some(wgpu::FragmentState {
                module: self.module,
                entry_point: Some(fragment),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format,
                    blend: None,
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: self.samples.map(|_| wgpu::DepthStencilState {
                format: DEPTH,
                depth_write_enabled: Some(true),
                depth_compare: Some(wgpu::CompareFunction::LessEqual),
                stencil: wgpu::StencilState::default(),
                bias: wgpu::DepthBiasState::default(),
            }),
            multisample: wgpu::MultisampleState {
                count: self.samples.unwrap_or(1),
                ..Default::default()
            },
            multiview_mask: None,
            cache: None,
        })
    }
}
