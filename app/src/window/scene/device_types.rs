//! What is sent to the shaders, laid out as they read it.

use bytemuck::{Pod, Zeroable};
use egui::Color32;

use super::LayerPaint;

/// `View` of `look.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct View {
    pub origin: [f32; 2],
    pub size: [f32; 2],
    pub corner: [f32; 2],
    pub scale: f32,
    pub dot: u32,
    pub shapes: [f32; 4],
    pub linear: u32,
    pub fill_up: [u32; 3],
}

/// `Style` of `look.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Style {
    pub fill: [f32; 4],
    pub frame: [f32; 4],
    pub line_width: f32,
    pub stipple: [u32; 32],
    pub fill_up: [u32; 3],
}

impl Style {
    /// How a layer looks where a dot is this many pixels.
    pub fn of(look: &LayerPaint, dot: u32) -> Self {
        Self {
            fill: parts(look.fill),
            frame: parts(look.frame),
            // Outlines lie on whole pixels.
            line_width: if look.line_width > 0.0 && look.frame.a() > 0 {
                (look.line_width * dot as f32).round().max(1.0)
            } else {
                0.0
            },
            stipple: look.stipple,
            fill_up: [0; 3],
        }
    }

    /// How the frames of cells look that are not opened.
    pub fn of_cells(frame: Color32, dot: u32) -> Self {
        Self {
            fill: [0.0; 4],
            frame: parts(frame),
            line_width: dot as f32,
            stipple: LayerPaint::HOLLOW,
            fill_up: [0; 3],
        }
    }

    /// Whether any pixel of an inside is drawn.
    pub fn fills(&self) -> bool {
        self.fill[3] > 0.0 && self.stipple != LayerPaint::HOLLOW
    }

    /// Whether outlines are drawn.
    pub fn frames(&self) -> bool {
        self.line_width > 0.0 && self.frame[3] > 0.0
    }
}

fn parts(colour: Color32) -> [f32; 4] {
    colour.to_array().map(|v| f32::from(v) / 255.0)
}

/// `Piece` of `shapes.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Piece {
    pub a: [f32; 2],
    pub b: [f32; 2],
    pub c: [f32; 2],
    pub what: u32,
}

impl Piece {
    pub fn triangle(corners: [[f32; 2]; 3], style: u32) -> Self {
        let [a, b, c] = corners;
        Self { a, b, c, what: style }
    }

    pub fn rectangle(low: [f32; 2], high: [f32; 2], style: u32) -> Self {
        Self { a: low, b: high, c: [0.0; 2], what: 1 << 30 | style }
    }

    pub fn edge(from: [f32; 2], to: [f32; 2], style: u32) -> Self {
        Self { a: from, b: to, c: [0.0; 2], what: 2 << 30 | style }
    }
}

/// `Tile` of `tiles.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Tile {
    pub area: [f32; 4],
    pub part_whole: [[f32; 2]; 2],
    pub span: f32,
    pub page_style: [u32; 2],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::scene::pipelines::{SHAPES_WGSL, TILES_WGSL};
    use eframe::wgpu::naga;
    use std::mem::{offset_of, size_of};

    /// Size of a struct of a shader, and name and offset of its members.
    fn layout_in(source: &str, name: &str) -> (usize, Vec<(String, usize)>) {
        let module = naga::front::wgsl::parse_str(source).unwrap();
        let mut layouter = naga::proc::Layouter::default();
        layouter.update(module.to_ctx()).unwrap();
        let (handle, found) =
            module.types.iter().find(|(_, t)| t.name.as_deref() == Some(name)).unwrap();
        let naga::TypeInner::Struct { members, .. } = &found.inner else { panic!("{name}") };
        let member = |m: &naga::StructMember| (m.name.clone().unwrap(), m.offset as usize);
        (layouter[handle].to_stride() as usize, members.iter().map(member).collect())
    }

    macro_rules! same_layout {
        ($source:expr, $type:ty, $($member:ident),+) => {
            let (stride, members) = layout_in($source, stringify!($type));
            assert_eq!(stride, size_of::<$type>());
            let ours = vec![$((stringify!($member).to_owned(), offset_of!($type, $member))),+];
            assert_eq!(members, ours);
        };
    }

    #[test]
    fn structs_lie_in_memory_as_the_shaders_read_them() {
        same_layout!(SHAPES_WGSL, View, origin, size, corner, scale, dot, shapes, linear);
        same_layout!(SHAPES_WGSL, Style, fill, frame, line_width, stipple);
        same_layout!(TILES_WGSL, View, origin, size, corner, scale, dot, shapes, linear);
    }

    #[test]
    fn instances_are_packed_as_the_pipelines_say() {
        use crate::window::scene::pipelines::{PIECE, TILE};
        let offsets = |attributes: &[eframe::wgpu::VertexAttribute]| {
            attributes.iter().map(|a| a.offset as usize).collect::<Vec<_>>()
        };
        let piece = [
            offset_of!(Piece, a),
            offset_of!(Piece, b),
            offset_of!(Piece, c),
            offset_of!(Piece, what),
        ];
        assert_eq!(offsets(&PIECE), piece);
        let tile = [
            offset_of!(Tile, area),
            offset_of!(Tile, part_whole),
            offset_of!(Tile, span),
            offset_of!(Tile, page_style),
        ];
        assert_eq!(offsets(&TILE), tile);
    }
}
