//! A surface on the graphics device.

use std::sync::Arc;

use eframe::wgpu;
use eframe::wgpu::util::DeviceExt as _;
use lithoscope_engine::resist::Surface;

use super::block::{self, Block};
use super::device_types::{Corner, Line};
use super::draft;
use super::look::Across;
use super::relief;
use super::section::{GROUND_NM, Place, Section};

/// A surface, ready to be drawn.
pub struct Body {
    pub block: Block,
    pub corners: wgpu::Buffer,
    /// Corners of triangles, and how many.
    pub triangles: (wgpu::Buffer, u32),
    /// Of fewer triangles, where the device is too slow to turn them all.
    pub draft: Option<(wgpu::Buffer, u32)>,
    /// Heights around every place of the substrate.
    pub relief: wgpu::TextureView,
    surface: Arc<Surface>,
}

/// A cut on the graphics device.
pub struct Face {
    pub across: Across,
    pub at_nm: f64,
    pub corners: Option<(wgpu::Buffer, u32)>,
    pub outline: Option<(wgpu::Buffer, u32)>,
}

impl Body {
    /// Sends a surface to the device.
    ///
    /// # Errors
    /// In words, why it cannot be shown.
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        surface: Arc<Surface>,
        extent_nm: [f64; 3],
        is_slow: bool,
    ) -> Result<Self, String> {
        let most = device.limits().max_buffer_size;
        let block = block::check(&surface, extent_nm, most, size_of::<Corner>())?;
        let mut corners: Vec<Corner> =
            surface.positions.iter().zip(&surface.normals).map(corner).collect();
        let mut triangles: Vec<[u32; 3]> =
            surface.triangles.iter().filter(|t| is_above_ground(&surface, t)).copied().collect();
        close_sides(&surface, &mut corners, &mut triangles);
        if triangles.is_empty() {
            return Err(
                "Nothing of the resist is left: it is developed down to the substrate.".into()
            );
        }
        let buffer = |contents: &[u8], usage| {
            let label = Some("orbit film");
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label, contents, usage })
        };
        let indices = |triangles: &[[u32; 3]]| {
            let bytes = bytemuck::cast_slice(triangles);
            (buffer(bytes, wgpu::BufferUsages::INDEX), 3 * triangles.len() as u32)
        };
        let draft = (is_slow && triangles.len() > 2 * draft::WANTED)
            .then(|| draft::coarser(&corners, &triangles));
        Ok(Self {
            corners: buffer(bytemuck::cast_slice(&corners), wgpu::BufferUsages::VERTEX),
            triangles: indices(&triangles),
            draft: draft.filter(|d| !d.is_empty()).map(|d| indices(&d)),
            relief: upload_relief(device, queue, &relief::around(&surface, &block)),
            block,
            surface,
        })
    }

    /// Triangles of the surface.
    pub fn triangle_count(&self) -> usize {
        self.surface.triangles.len()
    }

    /// Cuts it.
    pub fn cut(&self, device: &wgpu::Device, across: Across, at_nm: f64) -> Face {
        let section = Section::new(&self.surface, across, at_nm as f32);
        let place = |p: &Place| in_space(across, at_nm as f32, *p);
        let corners: Vec<Corner> = section
            .faces
            .iter()
            .map(|p| Corner { nm: place(p), normal: [0.0, 0.0, 1.0] })
            .collect();
        let lines: Vec<Line> =
            section.outline.iter().map(|[a, b]| Line { from: place(a), to: place(b) }).collect();
        let buffer = |contents: &[u8], count: usize| {
            (count > 0).then(|| {
                let descriptor = wgpu::util::BufferInitDescriptor {
                    label: Some("orbit cut"),
                    contents,
                    usage: wgpu::BufferUsages::VERTEX,
                };
                (device.create_buffer_init(&descriptor), count as u32)
            })
        };
        Face {
            across,
            at_nm,
            corners: buffer(bytemuck::cast_slice(&corners), corners.len()),
            outline: buffer(bytemuck::cast_slice(&lines), lines.len()),
        }
    }
}

fn corner((nm, normal): (&[f32; 3], &[f32; 3])) -> Corner {
    let length: f32 = normal.iter().map(|v| v * v).sum();
    let sane = length.is_finite() && length > 0.0;
    Corner { nm: *nm, normal: if sane { *normal } else { [0.0, 0.0, 1.0] } }
}

/// Whether any of a triangle is film rather than the substrate's top.
fn is_above_ground(surface: &Surface, triangle: &[u32; 3]) -> bool {
    triangle.iter().any(|&c| surface.positions[c as usize][2] > GROUND_NM)
}

/// Where a place of a cut is.
fn in_space(across: Across, at: f32, [u, z]: Place) -> [f32; 3] {
    match across {
        Across::X => [at, u, z],
        Across::Y => [u, at, z],
    }
}

/// Closes a surface that ends at the sides of the block.
fn close_sides(surface: &Surface, corners: &mut Vec<Corner>, triangles: &mut Vec<[u32; 3]>) {
    for across in [Across::X, Across::Y] {
        let k = across.index();
        let of = |p: &[f32; 3]| p[k];
        let low = surface.positions.iter().map(of).fold(f32::INFINITY, f32::min);
        let high = surface.positions.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        let hair = 1e-4 * (high - low);
        for (side, inside, sign) in [(low, low + hair, -1.0), (high, high - hair, 1.0)] {
            let lies = |p: [f32; 3]| (p[k] - side).abs() <= 2.0 * hair;
            let is_wall = |t: &[u32; 3]| t.iter().all(|&c| lies(surface.positions[c as usize]));
            if hair.is_nan() || hair <= 0.0 || surface.triangles.iter().any(is_wall) {
                continue;
            }
            let mut normal = [0.0; 3];
            normal[k] = sign;
            for face in Section::new(surface, across, inside).faces.chunks_exact(3) {
                let first = corners.len() as u32;
                let nm = [face[0], face[1], face[2]].map(|p| in_space(across, inside, p));
                corners.extend(nm.map(|nm| Corner { nm, normal }));
                let outward = sign * turn(k, &nm) > 0.0;
                let [b, c] = if outward { [1, 2] } else { [2, 1] };
                triangles.push([first, first + b, first + c]);
            }
        }
    }
}

/// Component `k` of the normal of a triangle.
fn turn(k: usize, [a, b, c]: &[[f32; 3]; 3]) -> f32 {
    let (i, j) = ((k + 1) % 3, (k + 2) % 3);
    (b[i] - a[i]) * (c[j] - a[j]) - (b[j] - a[j]) * (c[i] - a[i])
}

fn upload_relief(device: &wgpu::Device, queue: &wgpu::Queue, map: &[u8]) -> wgpu::TextureView {
    let side = relief::SIDE as u32;
    let texture = device.create_texture_with_data(
        queue,
        &wgpu::TextureDescriptor {
            label: Some("orbit relief"),
            size: wgpu::Extent3d { width: side, height: side, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::R8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        },
        wgpu::util::TextureDataOrder::LayerMajor,
        map,
    );
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_roof_is_given_walls_that_face_outwards_and_a_closed_block_none() {
        let roof = Surface {
            positions: vec![
                [0.0, 0.0, 40.0],
                [100.0, 0.0, 40.0],
                [100.0, 80.0, 40.0],
                [0.0, 80.0, 40.0],
            ],
            normals: vec![[0.0, 0.0, 1.0]; 4],
            triangles: vec![[0, 1, 2], [0, 2, 3]],
        };
        let (mut corners, mut triangles) = (Vec::new(), Vec::new());
        close_sides(&roof, &mut corners, &mut triangles);
        let mut area = 0.0;
        for t in &triangles {
            let [a, b, c] = t.map(|i| corners[i as usize]);
            let facing: f32 = (0..3).map(|k| turn(k, &[a.nm, b.nm, c.nm]) * a.normal[k]).sum();
            assert!(facing > 0.0);
            area += 0.5 * facing;
        }
        assert!((area - 2.0 * 180.0 * 40.0).abs() < 10.0, "{area}");

        let mut closed = roof.clone();
        closed.positions.extend(roof.positions.iter().map(|p| [p[0], p[1], 0.0]));
        closed.normals = vec![[0.0, 0.0, 1.0]; 8];
        for i in 0..4_u32 {
            let j = (i + 1) % 4;
            closed.triangles.extend([[i, i + 4, j], [j, i + 4, j + 4]]);
        }
        let (mut corners, mut triangles) = (Vec::new(), Vec::new());
        close_sides(&closed, &mut corners, &mut triangles);
        assert!(triangles.is_empty(), "{}", triangles.len());
    }
}
