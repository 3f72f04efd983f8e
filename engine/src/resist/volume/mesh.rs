//! The surface of what is left, by surface nets (S. Gibson 1998).
//!
//! Nodes are the voxels' middles, once more on the block's walls and on the substrate, and there
//! a second time as places where all is gone: the mesh is closed, its caps lie in the walls. A cell
//! of eight nodes that the surface passes through has one corner of the mesh, the mean of where the
//! surface crosses its edges; each crossed edge joins the corners of the four cells around it.

use super::{Developed, level, level_above};
use crate::resist::Surface;

impl Developed {
    /// The surface of the resist that stands at time `t`, closed at the block's walls and at the
    /// substrate; x and y from the block's lower left corner.
    pub fn surface(&self, t: f64) -> Surface {
        let nodes = Nodes::new(self, t as f32);
        let mut net = Net::new(&nodes);
        let mut upper = nodes.layer(0);
        for k in 0..nodes.heights.len() - 1 {
            let lower = nodes.layer(k + 1);
            net.layer(&nodes, k, &upper, &lower);
            upper = lower;
        }
        let mut surface = net.surface;
        surface.normals = normals(&surface);
        surface
    }
}

/// Where nodes lie and what the level is there.
struct Nodes<'a> {
    developed: &'a Developed,
    t: f32,
    x: Vec<f32>,
    y: Vec<f32>,
    /// From the top down.
    heights: Vec<f32>,
}

/// Middles of `count` voxels with both walls, each twice.
fn marks(count: usize, pitch: f64) -> Vec<f32> {
    let end = (count as f64 * pitch) as f32;
    let middles = (0..count).map(|i| ((i as f64 + 0.5) * pitch) as f32);
    [0.0, 0.0].into_iter().chain(middles).chain([end, end]).collect()
}

impl<'a> Nodes<'a> {
    fn new(developed: &'a Developed, t: f32) -> Self {
        let (layers, ny, nx) = developed.arrival_s.dim();
        let (grid, thickness) = (developed.grid, developed.thickness_nm);
        let depths = (0..layers).map(|k| (thickness - (k as f64 + 0.5) * grid.dz_nm) as f32);
        let heights = [thickness as f32].into_iter().chain(depths).chain([0.0, 0.0]).collect();
        let (x, y) = (marks(nx, grid.pixel_nm), marks(ny, grid.pixel_nm));
        Self { developed, t, x, y, heights }
    }

    /// Levels of one layer of nodes, `[y, x]`: above 0 where resist stands.
    fn layer(&self, k: usize) -> Vec<f32> {
        let (layers, ny, nx) = self.developed.arrival_s.dim();
        let mut levels = vec![-1.0; self.x.len() * self.y.len()];
        // The last layer is below the substrate.
        if k + 1 == self.heights.len() {
            return levels;
        }
        let depth = (k.max(1) - 1).min(layers - 1);
        let plane = self.developed.arrival_s.index_axis(ndarray::Axis(0), depth);
        let level = if k == 0 { level_above } else { level };
        let width = self.x.len();
        for j in 1..self.y.len() - 1 {
            for i in 1..width - 1 {
                let voxel = [(j.max(2) - 2).min(ny - 1), (i.max(2) - 2).min(nx - 1)];
                levels[j * width + i] = level(plane[voxel], self.t);
            }
        }
        levels
    }
}

/// No corner in this cell.
const NONE: u32 = u32::MAX;

/// The mesh as far as it has grown.
struct Net {
    width: usize,
    /// Corners of the cells of this layer and of the one above.
    here: Vec<u32>,
    above: Vec<u32>,
    surface: Surface,
}

impl Net {
    fn new(nodes: &Nodes) -> Self {
        let cells = nodes.x.len() * nodes.y.len();
        Self {
            width: nodes.x.len(),
            here: vec![NONE; cells],
            above: vec![NONE; cells],
            surface: Surface::default(),
        }
    }

    /// Adds the cells between two layers of nodes.
    fn layer(&mut self, nodes: &Nodes, k: usize, upper: &[f32], lower: &[f32]) {
        std::mem::swap(&mut self.here, &mut self.above);
        self.here.fill(NONE);
        let width = self.width;
        for j in 0..nodes.y.len() - 1 {
            for i in 0..width - 1 {
                let at = j * width + i;
                let corners = [at, at + 1, at + width, at + width + 1];
                let levels = [corners.map(|c| upper[c]), corners.map(|c| lower[c])];
                let stands = levels.as_flattened().iter().filter(|level| **level > 0.0).count();
                if stands == 0 || stands == 8 {
                    continue;
                }
                self.here[at] = self.surface.positions.len() as u32;
                self.surface.positions.push(corner(nodes, [k, j, i], levels.as_flattened()));
                self.faces(at, levels.as_flattened());
            }
        }
    }

    /// Faces across the three edges at the first node of a cell, seen from outside.
    fn faces(&mut self, at: usize, levels: &[f32]) {
        let width = self.width;
        let stands = levels[0] > 0.0;
        // Around the edges along x, along y and downwards, outwards if the first node stands.
        let (here, above) = (&self.here, &self.above);
        // A crossed edge never lies on the outermost nodes: all is gone there.
        let back = |steps: usize| at.wrapping_sub(steps);
        let get = |cells: &[u32], index: usize| cells.get(index).copied().unwrap_or(NONE);
        let rings = [
            (1, [get(above, back(width)), get(here, back(width)), get(here, at), get(above, at)]),
            (2, [get(above, back(1)), get(above, at), get(here, at), get(here, back(1))]),
            (
                4,
                [
                    get(here, back(width + 1)),
                    get(here, back(1)),
                    get(here, at),
                    get(here, back(width)),
                ],
            ),
        ];
        for (other, [a, b, c, d]) in rings {
            if stands == (levels[other] > 0.0) || [a, b, c, d].contains(&NONE) {
                continue;
            }
            let [b, d] = if stands { [b, d] } else { [d, b] };
            self.surface.triangles.extend([[a, b, c], [a, c, d]]);
        }
    }
}

/// Mean of the crossings of a cell's edges; nodes are numbered x fastest, then y, then down.
fn corner(nodes: &Nodes, [k, j, i]: [usize; 3], levels: &[f32]) -> [f32; 3] {
    let place =
        |n: usize| [nodes.x[i + (n & 1)], nodes.y[j + (n >> 1 & 1)], nodes.heights[k + (n >> 2)]];
    let (mut sum, mut count) = ([0.0; 3], 0.0);
    for a in 0..8usize {
        for bit in [1, 2, 4] {
            let b = a | bit;
            if b == a || (levels[a] > 0.0) == (levels[b] > 0.0) {
                continue;
            }
            let share = levels[a] / (levels[a] - levels[b]);
            let (from, to) = (place(a), place(b));
            for axis in 0..3 {
                sum[axis] += from[axis] + share * (to[axis] - from[axis]);
            }
            count += 1.0;
        }
    }
    sum.map(|sum: f32| sum / count)
}

/// Normals of the corners: the sum of those of the faces around them, by area.
fn normals(surface: &Surface) -> Vec<[f32; 3]> {
    let mut sums = vec![[0.0f32; 3]; surface.positions.len()];
    for triangle in &surface.triangles {
        let [a, b, c] = triangle.map(|corner| surface.positions[corner as usize]);
        let [u, v] = [b, c].map(|p| [p[0] - a[0], p[1] - a[1], p[2] - a[2]]);
        let face =
            [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
        for corner in triangle {
            for (sum, part) in sums[*corner as usize].iter_mut().zip(face) {
                *sum += part;
            }
        }
    }
    let unit = |n: [f32; 3]| {
        let length = (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt();
        if length > 0.0 { n.map(|part| part / length) } else { [0.0, 0.0, 1.0] }
    };
    sums.into_iter().map(unit).collect()
}
