//! The imaging plan: kernels, buffers and the current mask's fields.

use std::sync::Arc;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::ImagingError;
use crate::geometry::{Polygon, Rect};
use crate::optics::SocsKernels;

/// Which of a process's two kernel sets.
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

/// Everything that turns a mask into three printed images.
#[derive(Clone, Debug)]
pub struct Process {
    /// Kernels at best focus.
    pub focus: Arc<SocsKernels>,
    /// Kernels at the defocused corner.
    pub defocus: Arc<SocsKernels>,
    /// Mask spectrum form.
    pub form: SpectrumForm,
    /// Printing threshold on intensity.
    pub threshold: f32,
    /// Dose of the outer corner at best focus; scales the mask amplitude.
    pub outer_dose: f32,
    /// Dose of the inner corner at defocus; scales the mask amplitude.
    pub inner_dose: f32,
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
}

/// An imaging plan for one clip window. Owns every buffer; images any number of masks in turn.
pub struct Imager {
    process: Process,
}

impl Imager {
    /// Plans imaging of masks in `window` (clip nm), centred in the kernels' periodic field.
    ///
    /// # Errors
    /// The window does not fit the field, or the two kernel sets differ in period or size.
    pub fn new(process: &Process, window: Rect) -> Result<Self, ImagingError> {
        let _ = window;
        Ok(Self { process: process.clone() })
    }

    /// The process this plan was made for.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Takes a mask of disjoint polygons (clip nm) as the current one and computes its fields.
    pub fn set_mask(&mut self, mask: &[Polygon]) {
        let _ = mask;
    }

    /// Intensity of the current mask on a grid, at dose 1 (multiply by dose² for another),
    /// `[ny, nx]`, clear field = 1 for computed kernels.
    pub fn intensity(&self, focus: Focus, grid: &Grid) -> Array2<f32> {
        let _ = focus;
        Array2::zeros((grid.ny, grid.nx))
    }

    /// Intensity of the current mask at one point (clip nm), at dose 1.
    pub fn intensity_at(&self, focus: Focus, x_nm: f64, y_nm: f64) -> f32 {
        let _ = (focus, x_nm, y_nm);
        0.0
    }
}
