//! Printed contours as short pieces with their slope: what a small change of intensity moves.

use ndarray::{Array2, ArrayViewMut2};

use crate::imaging::Grid;

/// A piece of a contour within one cell of a sampled image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    /// Its middle (x, y), clip nm.
    pub at: [f64; 2],
    /// Unit normal towards lower intensity.
    pub normal: [f32; 2],
    /// Length, nm.
    pub length: f32,
    /// Fall of intensity along the normal, nm⁻¹.
    pub slope: f32,
    /// Lower left sample (y, x) of its cell, and the place in the cell, 0…1 along x and y.
    cell: [u32; 2],
    within: [f32; 2],
}

/// The pieces of the iso-line at `level` of an image sampled on `grid`, row by row.
pub(super) fn pieces(image: &Array2<f32>, grid: &Grid, level: f32) -> Vec<Piece> {
    let (ny, nx) = image.dim();
    let mut found = Vec::new();
    for y in 0..ny.saturating_sub(1) {
        for x in 0..nx.saturating_sub(1) {
            // Counter-clockwise from the lower left.
            let v = [image[[y, x]], image[[y, x + 1]], image[[y + 1, x + 1]], image[[y + 1, x]]];
            let inside = v.map(|v| v >= level);
            if inside != [inside[0]; 4] {
                of_cell(v, inside, [y, x], grid, level, &mut found);
            }
        }
    }
    found
}

fn of_cell(
    v: [f32; 4],
    inside: [bool; 4],
    [y, x]: [usize; 2],
    grid: &Grid,
    level: f32,
    found: &mut Vec<Piece>,
) {
    const CORNERS: [[f32; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
    let crossing = |side: usize| {
        let next = (side + 1) % 4;
        let t = (level - v[side]) / (v[next] - v[side]);
        [0, 1].map(|axis| CORNERS[side][axis] + t * (CORNERS[next][axis] - CORNERS[side][axis]))
    };
    let sides: Vec<usize> = (0..4).filter(|&i| inside[i] != inside[(i + 1) % 4]).collect();
    // Four crossings are a saddle: each corner off the middle's side is cut off alone.
    let pairs: Vec<[usize; 2]> = if sides.len() == 2 {
        vec![[sides[0], sides[1]]]
    } else if (v.iter().sum::<f32>() / 4.0 >= level) == inside[0] {
        vec![[0, 1], [2, 3]]
    } else {
        vec![[3, 0], [1, 2]]
    };
    for [a, b] in pairs {
        let (a, b) = (crossing(a), crossing(b));
        let within = [f32::midpoint(a[0], b[0]), f32::midpoint(a[1], b[1])];
        let length = (b[0] - a[0]).hypot(b[1] - a[1]) * grid.pixel_nm as f32;
        let dx = (v[1] - v[0]) * (1.0 - within[1]) + (v[2] - v[3]) * within[1];
        let dy = (v[3] - v[0]) * (1.0 - within[0]) + (v[2] - v[1]) * within[0];
        let fall = dx.hypot(dy);
        if length > 0.0 && fall > 0.0 {
            found.push(Piece {
                at: grid.centre(x as f64 + f64::from(within[0]), y as f64 + f64::from(within[1])),
                normal: [-dx / fall, -dy / fall],
                length,
                slope: fall / grid.pixel_nm as f32,
                cell: [y as u32, x as u32],
                within,
            });
        }
    }
}

impl Piece {
    /// Adds `weight` times the derivative of the intensity here to a gradient on the samples.
    pub fn scatter(&self, weight: f32, out: &mut ArrayViewMut2<f32>) {
        let ([y, x], [tx, ty]) = (self.cell.map(|v| v as usize), self.within);
        out[[y, x]] += weight * (1.0 - tx) * (1.0 - ty);
        out[[y, x + 1]] += weight * tx * (1.0 - ty);
        out[[y + 1, x]] += weight * (1.0 - tx) * ty;
        out[[y + 1, x + 1]] += weight * tx * ty;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_disc_lie_on_it_and_have_its_length() {
        let grid = Grid { origin_nm: [10.0, -20.0], pixel_nm: 4.0, nx: 60, ny: 50 };
        let image = Array2::from_shape_fn((50, 60), |(y, x)| {
            let [x, y] = grid.centre(x as f64, y as f64);
            (0.01 * (70.0 - (x - 130.0).hypot(y - 80.0))) as f32
        });
        let found = pieces(&image, &grid, 0.0);
        let length: f64 = found.iter().map(|p| f64::from(p.length)).sum();
        assert!((length - 2.0 * std::f64::consts::PI * 70.0).abs() < 1.0, "{length}");
        for p in &found {
            let (dx, dy) = (p.at[0] - 130.0, p.at[1] - 80.0);
            assert!((dx.hypot(dy) - 70.0).abs() < 0.1);
            let along = (dx * f64::from(p.normal[0]) + dy * f64::from(p.normal[1])) / dx.hypot(dy);
            assert!(along > 0.999, "{along}");
            assert!((p.slope - 0.01).abs() < 2e-4);
        }
    }
}
