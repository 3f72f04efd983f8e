//! The lens: a sharp circular pupil, and the phase that defocus adds.

use num_complex::Complex64;

/// A pupil over spatial frequencies in 1/nm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pupil {
    /// Edge of the aperture, NA/λ.
    pub edge: f64,
    /// Wave number in the immersion medium over 2π, n/λ.
    pub wave: f64,
    /// Distance of the wafer from best focus, nm.
    pub defocus_nm: f64,
}

impl Pupil {
    /// Transmission at frequency (x, y): 1 inside the NA, times the phase
    /// exp(2πi·z·(√((n/λ)² − f²) − n/λ)) of a defocus z, exact in NA; 0 outside.
    ///
    /// The edge is sharp and belongs to the pupil, up to rounding: TCC(0, 0) = 1 needs that.
    pub(super) fn at(&self, x: f64, y: f64) -> Complex64 {
        let squared = x * x + y * y;
        if squared > self.edge * self.edge * (1.0 + 1e-12) {
            return Complex64::ZERO;
        }
        // √(w² − f²) − w without the cancellation.
        let axial = (self.wave * self.wave - squared).max(0.0).sqrt();
        let path = -squared / (axial + self.wave);
        Complex64::cis(std::f64::consts::TAU * self.defocus_nm * path)
    }
}
