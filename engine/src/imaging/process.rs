//! What imaging needs to know: kernels and corners, and where to sample.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::MaskTone;
use crate::geometry::Rect;
use crate::optics::SocsKernels;

/// Which image: that of best focus, or that of the inner corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Best focus.
    Nominal,
    /// The defocused corner.
    Defocus,
}

/// How the mask spectrum treats the mask's extent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpectrumForm {
    /// The Fourier integral of the polygons.
    #[default]
    Continuous,
    /// The sum over 1 nm pixels, as the ICCAD-2013 evaluation takes it.
    PixelSums,
}

impl SpectrumForm {
    /// Side of the pixels that are summed over, nm; `None` for the integral.
    pub fn pixel_nm(self) -> Option<f64> {
        (self == Self::PixelSums).then_some(1.0)
    }
}

/// Everything that turns a mask into printed images.
#[derive(Clone, Debug)]
pub struct Process {
    /// Kernels at best focus.
    pub focus: Arc<SocsKernels>,
    /// Kernels at the defocused corner.
    pub defocus: Arc<SocsKernels>,
    /// Mask spectrum form.
    pub form: SpectrumForm,
    /// What the mask's features and background let through.
    pub tone: MaskTone,
    /// Printing threshold on intensity.
    pub threshold: f32,
    /// Dose of the outer corner at best focus; scales the mask amplitude.
    pub outer_dose: f32,
    /// Dose of the inner corner at defocus; scales the mask amplitude.
    pub inner_dose: f32,
    /// Corners in place of the outer and the inner one. Those two then name the corners of largest
    /// and of least dose, and `defocus` holds the kernels of the latter.
    pub list: Option<CornerList>,
}

/// A process corner beside the nominal one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProcessCorner {
    /// Which kernels: index into [`Process::sets`].
    pub set: usize,
    /// Dose; scales the mask amplitude.
    pub dose: f32,
    /// Weight in the quadratic loss, in which the nominal corner weighs 1.
    pub weight: f32,
}

/// Any list of corners; those of one focus share its kernels.
#[derive(Clone, Debug)]
pub struct CornerList {
    /// Kernels of each focus, best focus first.
    pub sets: Vec<Arc<SocsKernels>>,
    /// The corners.
    pub corners: Vec<ProcessCorner>,
    /// Which kernels the corner of least dose has.
    pub inner_set: usize,
}

impl Process {
    /// The kernels of every focus, best focus first.
    pub fn sets(&self) -> Vec<Arc<SocsKernels>> {
        match &self.list {
            Some(list) => list.sets.clone(),
            None => vec![Arc::clone(&self.focus), Arc::clone(&self.defocus)],
        }
    }

    /// The corners beside the nominal one.
    pub fn corners(&self) -> Vec<ProcessCorner> {
        let pair = || {
            let corner = |set, dose| ProcessCorner { set, dose, weight: 0.5 };
            vec![corner(0, self.outer_dose), corner(1, self.inner_dose)]
        };
        self.list.as_ref().map_or_else(pair, |list| list.corners.clone())
    }

    /// Which of the sets [`Focus::Defocus`] names.
    pub fn inner_set(&self) -> usize {
        self.list.as_ref().map_or(1, |list| list.inner_set)
    }

    /// What tells two processes apart: the first 16 bytes, in hexadecimal, of a SHA-256 over every
    /// kernel, weight, corner and number that images depend on.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for set in self.sets() {
            hash.update(set.period_nm.to_le_bytes());
            hash.update(set.flare.to_le_bytes());
            hash.update((set.half as u64).to_le_bytes());
            hash.update((set.weights.len() as u64).to_le_bytes());
            for weight in &set.weights {
                hash.update(weight.to_le_bytes());
            }
            for bin in &set.spectra {
                hash.update(bin.re.to_le_bytes());
                hash.update(bin.im.to_le_bytes());
            }
        }
        for light in [self.tone.background, self.tone.feature] {
            hash.update(light.transmission.to_le_bytes());
            hash.update(light.phase_deg.to_le_bytes());
        }
        hash.update([u8::from(self.form == SpectrumForm::PixelSums)]);
        hash.update(self.threshold.to_le_bytes());
        for corner in self.corners() {
            hash.update((corner.set as u64).to_le_bytes());
            hash.update(corner.dose.to_le_bytes());
            hash.update(corner.weight.to_le_bytes());
        }
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
        hash.finalize().iter().take(16).flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
    }
}

/// A sampling grid: pixel centres at `origin + (index + ½)·pixel`, row-major `[y, x]`, y up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Lower left corner (x, y), clip nm.
    pub origin_nm: [f64; 2],
    /// Pixel size, nm.
    pub pixel_nm: f64,
    /// Pixels along x.
    pub nx: usize,
    /// Pixels along y.
    pub ny: usize,
}

impl Grid {
    /// The grid of `pixel_nm` pixels that covers a rectangle from its lower left corner.
    pub fn over(rect: Rect, pixel_nm: f64) -> Self {
        Self {
            origin_nm: [f64::from(rect.min.x), f64::from(rect.min.y)],
            pixel_nm,
            nx: (rect.width() as f64 / pixel_nm).ceil() as usize,
            ny: (rect.height() as f64 / pixel_nm).ceil() as usize,
        }
    }

    /// The centre (x, y) of a pixel, clip nm; fractional indices lie between.
    pub fn centre(&self, x: f64, y: f64) -> [f64; 2] {
        [
            self.origin_nm[0] + (x + 0.5) * self.pixel_nm,
            self.origin_nm[1] + (y + 0.5) * self.pixel_nm,
        ]
    }

    /// Pixel centres along y and along x, measured from the corner of a field, nm.
    pub fn positions(&self, field: Rect) -> [Vec<f64>; 2] {
        let centres = |origin: f64, count: usize, zero: i32| {
            let at = |i: usize| origin + (i as f64 + 0.5) * self.pixel_nm - f64::from(zero);
            (0..count).map(at).collect()
        };
        [
            centres(self.origin_nm[1], self.ny, field.min.y),
            centres(self.origin_nm[0], self.nx, field.min.x),
        ]
    }
}
