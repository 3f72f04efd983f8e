//! The pupil: the lens's amplitude over spatial frequency.

use num_complex::Complex64;

use super::lens::{Apodisation, Lens};
use super::polarisation::{Polarisation, Turn};
use super::zernike::Term;

/// A pupil over spatial frequencies in 1/nm.
#[derive(Clone, Debug)]
pub(super) struct Pupil {
    /// Edge of the aperture, NA/λ.
    pub edge: f64,
    /// Wave number in the immersion medium over 2π, n/λ.
    pub wave: f64,
    /// Distance of the wafer from best focus, nm.
    pub defocus_nm: f64,
    /// Aberrations, waves over the unit disc.
    pub aberrations: Vec<Term>,
    /// Transmission over the radius.
    pub apodisation: Apodisation,
    /// Wave number at the mask in wafer units, reduction/λ, where the amplitude is to keep the
    /// energy of each beam.
    pub mask_wave: Option<f64>,
    /// What becomes of the light's polarisation.
    pub polarisation: Polarisation,
}

impl Pupil {
    /// A pupil from its lens.
    pub(super) fn new(
        [na, index, wavelength_nm]: [f64; 3],
        lens: &Lens,
        polarisation: Polarisation,
        defocus_nm: f64,
    ) -> Self {
        Self {
            edge: na / wavelength_nm,
            wave: index / wavelength_nm,
            defocus_nm,
            aberrations: lens.terms(),
            apodisation: lens.apodisation.clone(),
            mask_wave: lens.radiometric.then(|| lens.reduction / wavelength_nm),
            polarisation,
        }
    }

    /// Whether the amplitude is real everywhere: in focus and without aberrations.
    pub(super) fn is_real(&self) -> bool {
        self.defocus_nm == 0.0 && self.aberrations.is_empty()
    }

    /// Whether the amplitude is 1 over the whole aperture but for its phase.
    pub(super) fn is_clear(&self) -> bool {
        self.apodisation == Apodisation::None && self.mask_wave.is_none()
    }

    /// Whether the pupil looks the same under (x, y) → (±x, ±y). (Polarised components may change
    /// their sign, which their products do not show.)
    pub(super) fn is_same_under(&self, signs: [i32; 2]) -> bool {
        self.aberrations.iter().all(|term| term.is_even_under(signs))
    }

    /// Whether a frequency passes. The edge is sharp and belongs to the pupil, up to rounding:
    /// TCC(0, 0) = 1 needs that.
    fn passes(&self, squared: f64) -> bool {
        squared <= self.edge * self.edge * (1.0 + 1e-12)
    }

    /// Transmission at frequency (x, y) inside the NA: amplitude, times the phase
    /// exp(2πi·(W + z·(√((n/λ)² − f²) − n/λ))) of the aberrations W and a defocus z, exact in NA;
    /// 0 outside.
    pub(super) fn at(&self, x: f64, y: f64) -> Complex64 {
        let squared = x * x + y * y;
        if !self.passes(squared) {
            return Complex64::ZERO;
        }
        let phase = Complex64::cis(std::f64::consts::TAU * self.waves(x, y));
        if self.is_clear() { phase } else { phase * self.amplitude(squared) }
    }

    /// How the lens turns polarised light at frequency (x, y).
    pub(super) fn turn(&self, x: f64, y: f64) -> Turn {
        self.polarisation.turn(x / self.wave, y / self.wave)
    }

    /// Amplitude transmission at a squared frequency inside the NA.
    pub(super) fn amplitude(&self, squared: f64) -> f64 {
        let balance = self.mask_wave.map_or(1.0, |mask| {
            let cosine = |wave: f64| (1.0 - squared / (wave * wave)).max(f64::EPSILON).sqrt();
            (cosine(mask) / cosine(self.wave)).sqrt()
        });
        balance * self.apodisation.amplitude(squared / (self.edge * self.edge))
    }

    /// Wavefront at frequency (x, y) inside the NA, waves.
    pub(super) fn waves(&self, x: f64, y: f64) -> f64 {
        let squared = x * x + y * y;
        // √(w² − f²) − w without the cancellation.
        let axial = (self.wave * self.wave - squared).max(0.0).sqrt();
        let path = self.defocus_nm * (-squared / (axial + self.wave));
        let (x, y) = (x / self.edge, y / self.edge);
        self.aberrations.iter().fold(path, |sum, term| sum + term.at(x, y))
    }
}
