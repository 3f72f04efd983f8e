//! Exposure of every voxel.
//!
//! With w(z) the shape that the films give the light of a column (1 without reflection), τ(z) what
//! the film above has let through and E = C·dose·I, the photoactive compound left is m = e^{−u},
//! u = E·w·τ. Dill's equations with the standing wave's shape held fixed while the film bleaches,
//! ∂M/∂t = −C·w·I·M and ∂I/∂z = −(A·M + B)·I, become one equation in depth,
//!
//!   d(ln τ)/dz = −(A·(1 − e^{−u})/u + B),
//!
//! exact in time for any A; it is followed down each column by Heun's rule. Without reflection it
//! is Dill's model; with A = 0 it is u = E·w·e^{−Bz} to rounding.

use lithoscope_kernels::device::ExposedLayer;
use ndarray::{Array3, ArrayView1, Axis};
use rayon::prelude::*;

use super::VolumeResist;
use super::develop::Planes;
use crate::resist::ResistError;
use crate::resist::film::{Film, FilmStack};

/// Relative intensity at the middle of each layer, unbleached.
pub(super) fn standing_wave(
    resist: &VolumeResist,
    dz: f64,
    layers: usize,
) -> Result<Vec<f64>, ResistError> {
    let per_nm = (resist.dill.a_per_um + resist.dill.b_per_um) / 1000.0;
    let k = per_nm * resist.wavelength_nm / (4.0 * std::f64::consts::PI);
    let film = Film { k, ..resist.stack.resist.clone() };
    let stack = FilmStack { resist: film, ..resist.stack.clone() };
    let depths: Vec<f64> = (0..layers).map(|k| (k as f64 + 0.5) * dz).collect();
    stack.standing_wave(resist.wavelength_nm, resist.polarisation, &depths)
}

/// What is left of the photoactive compound, `[z, y, x]`, for a standing wave on layers of `dz`.
pub(super) fn expose(resist: &VolumeResist, planes: &Planes, wave: &[f64], dz: f64) -> Array3<f32> {
    let (rows, columns) = planes[0].1.dim();
    let column = Column::new(resist, wave, dz);
    let mixes: Vec<_> = (0..wave.len()).map(|k| around(planes, (k as f64 + 0.5) * dz)).collect();
    let mut left = Array3::zeros((wave.len(), rows, columns));
    left.axis_iter_mut(Axis(1)).into_par_iter().enumerate().for_each(|(y, mut slab)| {
        let mut state = vec![Light::default(); columns];
        let mut exposure = vec![0.0; columns];
        for (k, mut row) in slab.outer_iter_mut().enumerate() {
            let (lower, upper, share) = mixes[k];
            mix(&mut exposure, planes[lower].1.row(y), planes[upper].1.row(y), share);
            for ((left, light), exposure) in row.iter_mut().zip(&mut state).zip(&exposure) {
                *left = column.descend(k, light, exposure.max(0.0));
            }
        }
    });
    left
}

/// The layers of a film as devices expose them, and its bleachable and other absorption, 1/nm.
pub(super) fn layers(
    resist: &VolumeResist,
    planes: &Planes,
    wave: &[f64],
    dz: f64,
) -> (Vec<ExposedLayer>, [f32; 2]) {
    let column = Column::new(resist, wave, dz);
    let layer = |(k, dose): (usize, &f32)| {
        let (upper, lower, share) = around(planes, (k as f64 + 0.5) * dz);
        ExposedLayer { dose: *dose, share, upper: upper as u32, lower: lower as u32 }
    };
    let layers = column.dose.iter().enumerate().map(layer).collect();
    (layers, [column.a_per_nm, column.b_per_nm])
}

/// The images to mix at a depth and the share of the second.
fn around(planes: &Planes, depth_nm: f64) -> (usize, usize, f32) {
    let upper = planes.partition_point(|(depth, _)| *depth < depth_nm);
    if upper == 0 || upper == planes.len() {
        let only = upper.min(planes.len() - 1);
        return (only, only, 0.0);
    }
    let (above, below) = (planes[upper - 1].0, planes[upper].0);
    (upper - 1, upper, ((depth_nm - above) / (below - above)) as f32)
}

/// out = lower + share·(upper − lower)
fn mix(out: &mut [f32], lower: ArrayView1<f32>, upper: ArrayView1<f32>, share: f32) {
    for ((out, lower), upper) in out.iter_mut().zip(lower).zip(upper) {
        *out = lower + share * (upper - lower);
    }
}

/// What stays the same for all columns.
struct Column {
    /// C·dose·w(z) of each layer.
    dose: Vec<f32>,
    a_per_nm: f32,
    b_per_nm: f32,
    dz: f32,
}

/// The light of one column on its way down: ln τ and the absorption −d(ln τ)/dz of the last layer.
#[derive(Clone, Copy, Default)]
struct Light {
    through: f32,
    fall: f32,
}

impl Column {
    fn new(resist: &VolumeResist, wave: &[f64], dz: f64) -> Self {
        let dill = &resist.dill;
        let per_nm = (dill.a_per_um + dill.b_per_um) / 1000.0;
        // The unbleached absorption is taken out of the wave: τ brings it back, bleached.
        let shape = |(k, wave): (usize, &f64)| {
            let dose = dill.c_per_dose * resist.dose * wave;
            (dose * (per_nm * (k as f64 + 0.5) * dz).exp()) as f32
        };
        Self {
            dose: wave.iter().enumerate().map(shape).collect(),
            a_per_nm: (dill.a_per_um / 1000.0) as f32,
            b_per_nm: (dill.b_per_um / 1000.0) as f32,
            dz: dz as f32,
        }
    }

    /// Goes to the middle of layer `k`; what is left there for an intensity.
    #[inline]
    fn descend(&self, k: usize, light: &mut Light, intensity: f32) -> f32 {
        let full = self.dose[k] * intensity;
        if self.a_per_nm == 0.0 {
            let depth = (k as f32 + 0.5) * self.dz;
            return (-full * (-self.b_per_nm * depth).exp()).exp();
        }
        let (step, before) = if k == 0 {
            // The surface: exposed as the first layer is, but for what that absorbs.
            (0.5 * self.dz, self.fall(full))
        } else {
            (self.dz, light.fall)
        };
        let guess = light.through - step * before;
        let ahead = self.fall(full * guess.exp());
        light.through -= 0.5 * step * (before + ahead);
        let u = full * light.through.exp();
        light.fall = self.fall(u);
        (-u).exp()
    }

    /// A·(1 − e^{−u})/u + B, 1/nm.
    #[inline]
    fn fall(&self, u: f32) -> f32 {
        let bleached = if u < 0.02 { 1.0 - u * (0.5 - u / 6.0) } else { (1.0 - (-u).exp()) / u };
        self.a_per_nm * bleached + self.b_per_nm
    }
}
