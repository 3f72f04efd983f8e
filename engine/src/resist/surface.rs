//! A surface of triangles, for showing a developed film.

/// A closed or open surface of triangles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surface {
    /// Corners (x, y, z), nm; z up from the substrate.
    pub positions: Vec<[f32; 3]>,
    /// Unit normal of each corner, out of the film.
    pub normals: Vec<[f32; 3]>,
    /// Corner indices, counter-clockwise seen from outside the film.
    pub triangles: Vec<[u32; 3]>,
}
