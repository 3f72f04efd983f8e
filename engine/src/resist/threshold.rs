//! Thresholds on intensity: constant, and following the brightest place nearby.

use lithoscope_kernels::maximum::largest_within;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::ResistError;
use super::error::require;

/// Prints where the intensity is above one level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The level, clear field = 1.
    pub level: f64,
}

/// Prints where the intensity is above τ = M₁ + M₂·R_max, with R_max the largest intensity within a
/// radius (J. Randall, K. Ronse et al., Proc. SPIE 3679, 176, 1999, in its simplest form).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableThreshold {
    /// M₁.
    pub base: f64,
    /// M₂.
    pub gain: f64,
    /// Radius, nm.
    pub radius_nm: f64,
}

/// Largest radius, pixels: a disc of this size takes thousands of comparisons a pixel.
const LARGEST_RADIUS_PX: f64 = 1024.0;

impl Threshold {
    /// Checks the level's range.
    ///
    /// # Errors
    /// It is not above 0 and at most 16.
    pub fn validate(&self) -> Result<(), ResistError> {
        let ok = self.level > 0.0 && self.level <= 16.0;
        require(ok, "level", self.level, "above 0, at most 16")
    }
}

impl VariableThreshold {
    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn validate(&self) -> Result<(), ResistError> {
        let ok = |x: f64| (-16.0..=16.0).contains(&x);
        require(ok(self.base), "base", self.base, "from -16 to 16")?;
        require(ok(self.gain), "gain", self.gain, "from -16 to 16")?;
        let radius = (0.0..=1e5).contains(&self.radius_nm);
        require(radius, "radius_nm", self.radius_nm, "from 0 to 100000")
    }

    /// R_max at every pixel.
    ///
    /// # Errors
    /// The radius is more than 1024 pixels.
    pub fn brightest_near(
        &self,
        intensity: ArrayView2<f32>,
        pixel_nm: f64,
    ) -> Result<Array2<f32>, ResistError> {
        let radius = self.radius_nm / pixel_nm;
        if !(0.0..=LARGEST_RADIUS_PX).contains(&radius) {
            return Err(ResistError::TooLarge {
                what: "the radius of the variable threshold",
                needed: radius as usize,
                limit: LARGEST_RADIUS_PX as usize,
                advice: "use larger pixels or a smaller radius",
            });
        }
        Ok(largest_within(intensity, radius))
    }

    /// The margin I − τ at every pixel: prints where it is above 0.
    ///
    /// # Errors
    /// As [`VariableThreshold::brightest_near`].
    pub fn margin(
        &self,
        intensity: ArrayView2<f32>,
        pixel_nm: f64,
    ) -> Result<Array2<f32>, ResistError> {
        let mut margin = self.brightest_near(intensity, pixel_nm)?;
        let (base, gain) = (self.base as f32, self.gain as f32);
        margin.zip_mut_with(&intensity, |largest, i| *largest = i - base - gain * *largest);
        Ok(margin)
    }
}
