//! What is sent to the shaders, laid out as they read it.

use bytemuck::{Pod, Zeroable};

/// Colours of the ramp.
pub const RAMP: usize = 16;

/// `View` of `orbit.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct View {
    pub clip_from_nm: [[f32; 4]; 4],
    pub eye: [f32; 3],
    pub vertical: f32,
    pub light: [f32; 3],
    pub thickness: f32,
    pub cut: [f32; 4],
    pub slab: [f32; 4],
    pub size: [f32; 2],
    pub slab_depth: f32,
    pub grid_step: f32,
    pub substrate: [f32; 4],
    pub grid: [f32; 4],
    pub inside: [f32; 4],
    pub outline: [f32; 4],
    pub resist: [f32; 4],
    pub by_height: u32,
    pub line_width: f32,
    pub shade: f32,
    pub reach: f32,
    pub ramp: [[f32; 4]; RAMP],
}

/// A corner of the film, nm.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Corner {
    pub nm: [f32; 3],
    pub normal: [f32; 3],
}

/// A piece of an outline, nm.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Line {
    pub from: [f32; 3],
    pub to: [f32; 3],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::orbit::pipelines::{CORNER, LINE, ORBIT_WGSL};
    use eframe::wgpu::{VertexAttribute, naga};
    use std::mem::{offset_of, size_of};

    #[test]
    fn the_view_lies_in_memory_as_the_shader_reads_it() {
        let module = naga::front::wgsl::parse_str(ORBIT_WGSL).unwrap();
        let mut layouter = naga::proc::Layouter::default();
        layouter.update(module.to_ctx()).unwrap();
        let is_view = |t: &naga::Type| t.name.as_deref() == Some("View");
        let (handle, found) = module.types.iter().find(|(_, t)| is_view(t)).unwrap();
        let naga::TypeInner::Struct { members, .. } = &found.inner else { panic!("no struct") };
        let theirs: Vec<(&str, usize)> =
            members.iter().map(|m| (m.name.as_deref().unwrap(), m.offset as usize)).collect();
        macro_rules! ours {
            ($($member:ident),+) => { vec![$((stringify!($member), offset_of!(View, $member))),+] };
        }
        let ours = ours!(
            clip_from_nm,
            eye,
            vertical,
            light,
            thickness,
            cut,
            slab,
            size,
            slab_depth,
            grid_step,
            substrate,
            grid,
            inside,
            outline,
            resist,
            by_height,
            line_width,
            shade,
            reach,
            ramp
        );
        assert_eq!(theirs, ours);
        assert_eq!(layouter[handle].to_stride() as usize, size_of::<View>());
    }

    #[test]
    fn corners_and_lines_are_packed_as_the_pipelines_say() {
        let offsets =
            |attributes: &[VertexAttribute]| attributes.iter().map(|a| a.offset as usize).collect();
        let corner: Vec<usize> = offsets(&CORNER);
        assert_eq!(corner, [offset_of!(Corner, nm), offset_of!(Corner, normal)]);
        let line: Vec<usize> = offsets(&LINE);
        assert_eq!(line, [offset_of!(Line, from), offset_of!(Line, to)]);
    }
}
