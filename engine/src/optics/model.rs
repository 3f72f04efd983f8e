//! Our own optics: a source, a circular pupil, a defocus.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{OpticsError, SocsKernels};

/// An illumination source in the pupil plane; radii are partial coherence σ (1 = edge of the NA).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// A filled disc of radius σ.
    Circular {
        /// Radius, 0 < σ ≤ 1.
        sigma: f64,
    },
    /// A ring.
    Annular {
        /// Inner radius.
        inner: f64,
        /// Outer radius.
        outer: f64,
    },
    /// Two ring sectors, opposite each other.
    Dipole {
        /// Inner radius.
        inner: f64,
        /// Outer radius.
        outer: f64,
        /// Half the opening angle of a pole, degrees.
        half_angle_deg: f64,
        /// Direction of the first pole, degrees from the x axis.
        rotation_deg: f64,
    },
    /// Four ring sectors, 90° apart.
    Quadrupole {
        /// Inner radius.
        inner: f64,
        /// Outer radius.
        outer: f64,
        /// Half the opening angle of a pole, degrees.
        half_angle_deg: f64,
        /// Direction of the first pole, degrees from the x axis.
        rotation_deg: f64,
    },
}

/// A projection lens and its illumination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpticalModel {
    /// Wavelength in vacuum, nm.
    pub wavelength_nm: f64,
    /// Numerical aperture on the wafer side, below the immersion index.
    pub na: f64,
    /// Refractive index between lens and resist (1 dry, 1.44 water at 193 nm).
    pub immersion_index: f64,
    /// The source.
    pub source: Source,
    /// Share of the TCC's trace the kernels must keep, 0…1.
    pub energy: f64,
}

impl OpticalModel {
    /// Names of the presets that come with the program (`assets/optics`).
    pub fn preset_names() -> impl Iterator<Item = &'static str> {
        ["contest-like"].into_iter()
    }

    /// A preset by name; `None` if there is none of that name.
    pub fn preset(name: &str) -> Option<Self> {
        let _ = name;
        None
    }

    /// Largest bin K of a field of this period: ⌊(1 + σ_max)·NA·P/λ⌋.
    pub fn half(&self, period_nm: f64) -> usize {
        let _ = period_nm;
        0
    }

    /// The SOCS kernels of a field of `period_nm` at `defocus_nm`.
    ///
    /// # Errors
    /// A parameter out of range.
    pub fn kernels(&self, period_nm: f64, defocus_nm: f64) -> Result<SocsKernels, OpticsError> {
        let _ = (period_nm, defocus_nm);
        Err(OpticsError::Parameter { name: "na", value: self.na, expected: "implemented" })
    }

    /// As [`OpticalModel::kernels`], through a cache folder keyed by content. A cache that cannot
    /// be read or written is passed over.
    ///
    /// # Errors
    /// As [`OpticalModel::kernels`].
    pub fn kernels_cached(
        &self,
        period_nm: f64,
        defocus_nm: f64,
        cache: Option<&Path>,
    ) -> Result<SocsKernels, OpticsError> {
        let _ = cache;
        self.kernels(period_nm, defocus_nm)
    }
}
