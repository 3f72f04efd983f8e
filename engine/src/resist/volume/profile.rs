//! A cross-section of a developed film along a line.

use ndarray::Array2;
use serde::Serialize;

use super::{Developed, level, level_above};
use crate::imaging::{Grid, contours};
use crate::resist::ResistError;
use crate::resist::error::require;

/// A cross-section along a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// Distances along the line, nm, even.
    pub x_nm: Vec<f64>,
    /// Depths of the rows below the top of the film, nm: the middles of the layers.
    pub z_nm: Vec<f64>,
    /// Film thickness, nm.
    pub thickness_nm: f64,
    /// Development time the outline is taken at, s.
    pub develop_s: f64,
    /// Photoactive compound that exposure left, `[z, x]`.
    pub latent: Array2<f32>,
    /// Relative inhibitor concentration after the bake, `[z, x]`.
    pub inhibitor: Array2<f32>,
    /// Arrival of the developer, s, `[z, x]`.
    pub arrival_s: Array2<f32>,
    /// Where resist meets the developer: lines of (distance along the cut, height above the
    /// substrate), nm.
    pub outline: Vec<Vec<[f64; 2]>>,
}

/// Most points along a cut.
const MOST_POINTS: f64 = 1e6;

impl Developed {
    /// The cross-section from one point to another (x, y from the block's lower left corner, nm),
    /// sampled at about a voxel's pitch; beyond the block its edge goes on.
    ///
    /// # Errors
    /// Points that are not finite or one and the same, or too far apart for the pixels.
    pub fn profile(&self, from_nm: [f64; 2], to_nm: [f64; 2]) -> Result<Profile, ResistError> {
        let [dx, dy] = [0, 1].map(|k| to_nm[k] - from_nm[k]);
        let length = dx.hypot(dy);
        let line = length > 0.0 && length.is_finite();
        require(line, "cut length", length, "above 0 and finite")?;
        let steps = (length / self.grid.pixel_nm).ceil().max(1.0);
        require(steps < MOST_POINTS, "cut length", length, "below a million pixels")?;
        let share = |i: usize| i as f64 / steps;
        let points: Vec<[f64; 2]> = (0..=steps as usize)
            .map(|i| [from_nm[0] + share(i) * dx, from_nm[1] + share(i) * dy])
            .collect();
        let layers = self.arrival_s.dim().0;
        let mut profile = Profile {
            x_nm: (0..points.len()).map(|i| share(i) * length).collect(),
            z_nm: (0..layers).map(|k| (k as f64 + 0.5) * self.grid.dz_nm).collect(),
            thickness_nm: self.thickness_nm,
            develop_s: self.develop_s,
            latent: self.sampled(&self.latent, &points),
            inhibitor: self.sampled(&self.inhibitor, &points),
            arrival_s: self.sampled(&self.arrival_s, &points),
            outline: Vec::new(),
        };
        profile.outline = profile.outlined();
        Ok(profile)
    }

    /// A volume along points, bilinear in x and y, `[z, point]`.
    fn sampled(&self, volume: &ndarray::Array3<f32>, points: &[[f64; 2]]) -> Array2<f32> {
        let (layers, ny, nx) = volume.dim();
        let mut out = Array2::zeros((layers, points.len()));
        for (i, [x, y]) in points.iter().enumerate() {
            let (x0, x1, u) = between(x / self.grid.pixel_nm - 0.5, nx);
            let (y0, y1, v) = between(y / self.grid.pixel_nm - 0.5, ny);
            for k in 0..layers {
                let lower = (1.0 - u) * volume[[k, y0, x0]] + u * volume[[k, y0, x1]];
                let upper = (1.0 - u) * volume[[k, y1, x0]] + u * volume[[k, y1, x1]];
                out[[k, i]] = (1.0 - v) * lower + v * upper;
            }
        }
        out
    }
}

/// The samples either side of a position in samples, and the share of the second.
fn between(at: f64, count: usize) -> (usize, usize, f32) {
    let at = at.clamp(0.0, (count - 1) as f64);
    let low = (at as usize).min(count - 1);
    (low, (low + 1).min(count - 1), (at - low as f64) as f32)
}

impl Profile {
    /// The level whose zero is the outline, `[row, x]`, with a row at the top of the film (all
    /// gone) and one at its bottom (as its last layer); and the depths of the rows.
    pub(super) fn levels(&self) -> (Vec<f64>, Array2<f32>) {
        let t = self.develop_s as f32;
        let (layers, count) = self.arrival_s.dim();
        let depths = [0.0].into_iter().chain(self.z_nm.iter().copied()).chain([self.thickness_nm]);
        let levels = Array2::from_shape_fn((layers + 2, count), |(row, i)| match row {
            0 => level_above(self.arrival_s[[0, i]], t),
            row => level(self.arrival_s[[(row - 1).min(layers - 1), i]], t),
        });
        (depths.collect(), levels)
    }

    fn outlined(&self) -> Vec<Vec<[f64; 2]>> {
        let (depths, levels) = self.levels();
        let (ny, nx) = levels.dim();
        let grid = Grid { origin_nm: [-0.5, -0.5], pixel_nm: 1.0, nx, ny };
        let place = |at: f32, marks: &[f64]| {
            let (low, high, share) = between(f64::from(at), marks.len());
            marks[low] + f64::from(share) * (marks[high] - marks[low])
        };
        let point =
            |[x, row]: [f32; 2]| [place(x, &self.x_nm), self.thickness_nm - place(row, &depths)];
        let lines = contours(&levels, &grid, 0.0);
        lines.into_iter().map(|line| line.into_iter().map(point).collect()).collect()
    }
}
