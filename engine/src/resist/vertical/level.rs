//! The intensity at which a vertical resist prints.

use super::{Column, VerticalResist};
use crate::resist::parameter::{Gradient, PARAMETER_COUNT, Parameter};

/// Brightest intensity looked at; images of masks stay below 4 (clear field 1).
pub(in crate::resist) const BRIGHTEST: f64 = 16.0;

/// Halvings of the interval: below f64's spacing from any start.
const HALVINGS: usize = 70;

/// The equivalent level with its derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Intensity at which the depth is τ.
    pub intensity: f64,
    /// ∂intensity/∂(parameter), by the implicit function theorem.
    pub gradient: Gradient,
}

impl VerticalResist {
    /// The intensity at which the developed depth is τ (`threshold_nm`); `None` where no intensity
    /// up to 16 reaches it.
    ///
    /// Depth being monotone, a pixel prints exactly where the image (blurred by `diffusion_nm`) is
    /// brighter than this.
    pub fn equivalent_level(&self) -> Option<f64> {
        let column = Column::new(self);
        let above = |intensity: f64| {
            self.tone.sign() * (column.depth(intensity).nm - self.threshold_nm) > 0.0
        };
        let (mut low, mut high) = (0.0, BRIGHTEST);
        if above(low) || !above(high) {
            return None;
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            *(if above(middle) { &mut high } else { &mut low }) = middle;
        }
        Some(0.5 * (low + high))
    }

    /// As [`VerticalResist::equivalent_level`], with derivatives in every parameter; `None` too
    /// where the depth stands still at the level.
    pub fn level(&self) -> Option<Level> {
        let intensity = self.equivalent_level()?;
        let depth = Column::new(self).depth(intensity);
        if depth.slope == 0.0 {
            return None;
        }
        // depth(I, θ) = τ: dI = (dτ − ∂depth/∂θ dθ)/(∂depth/∂I).
        let mut gradient = [0.0; PARAMETER_COUNT];
        for (out, part) in gradient.iter_mut().zip(&depth.gradient) {
            *out = -part / depth.slope;
        }
        gradient[Parameter::ThresholdNm as usize] = 1.0 / depth.slope;
        gradient.iter().all(|g| g.is_finite()).then_some(Level { intensity, gradient })
    }
}
