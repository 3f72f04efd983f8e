//! One plane wave in a stack.
//!
//! Light goes as e^{i(k_z z − ωt)}, z down, N = n + ik, k_z = (2π/λ)·√(N² − n₀² sin²θ). In units of
//! 2π/λ the tilted admittance H/E of the fields along the films is η = k_z (s) or N²/k_z (p). Over a
//! film of phase δ = k_z·d the fields obey
//!
//!   [E]     [ cos δ       −i sin δ/η ] [E]
//!   [H]top = [ −iη sin δ   cos δ      ] [H]bottom.
//!
//! Only Y = H/E is carried upwards, written with ρ = (η − Y)/(η + Y) at the bottom and
//! e^{2iδ}: Y_top = η(1 − ρe^{2iδ})/(1 + ρe^{2iδ}), which no thickness can overflow.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::{FilmPolarisation, FilmStack};

/// The field of one plane wave of unit amplitude.
pub(super) struct Field {
    /// Reflected amplitude.
    reflection: Complex64,
    /// Admittance of the medium above, of what the films below look like, and of the substrate.
    above: f64,
    substrate: Complex64,
    /// Transmitted amplitude.
    transmission: Complex64,
    resist: Inside,
    /// Amplitude of the wave going down at the top of the resist, and what it would be were there
    /// no bottom.
    amplitude: Complex64,
    endless: Complex64,
}

/// A film as the wave sees it.
#[derive(Clone, Copy)]
struct Inside {
    /// k_z, 1/nm.
    wave: Complex64,
    /// k_x/k_z for p, 0 for s: the share of the field along z.
    tilt: Complex64,
    admittance: Complex64,
    thickness: f64,
    /// Reflection at its bottom.
    bottom: Complex64,
}

impl Inside {
    /// `sine` is n₀ sin θ.
    fn new(
        index: Complex64,
        thickness: f64,
        wavelength: f64,
        sine: f64,
        polarisation: FilmPolarisation,
    ) -> Self {
        let cosine = (index * index - sine * sine).sqrt();
        // Exactly grazing light would have no admittance.
        let cosine = if cosine.norm() < 1e-9 { Complex64::new(1e-9, 0.0) } else { cosine };
        let (admittance, tilt) = match polarisation {
            FilmPolarisation::P => (index * index / cosine, sine / cosine),
            FilmPolarisation::S | FilmPolarisation::Unpolarised => (cosine, 0.0.into()),
        };
        let wave = cosine * (TAU / wavelength);
        Self { wave, tilt, admittance, thickness, bottom: 0.0.into() }
    }

    /// e^{i k_z distance}
    fn phase(&self, distance: f64) -> Complex64 {
        (Complex64::i() * self.wave * distance).exp()
    }

    /// The wave going up over the one going down, both at the top.
    fn returned(&self) -> Complex64 {
        self.bottom * self.phase(2.0 * self.thickness)
    }

    /// Puts the film on something of admittance `below`; the admittance of both together.
    fn onto(&mut self, below: Complex64) -> Complex64 {
        self.bottom = ratio(self.admittance, below);
        self.admittance * (1.0 - self.returned()) / (1.0 + self.returned())
    }

    /// E at the bottom over E at the top.
    fn carried(&self) -> Complex64 {
        self.phase(self.thickness) * (1.0 + self.bottom) / (1.0 + self.returned())
    }
}

/// Reflection (a − b)/(a + b) where a wave meets admittance b.
fn ratio(a: Complex64, b: Complex64) -> Complex64 {
    (a - b) / (a + b)
}

/// Tangential field at the bottom of `films` for unit incident light, when they lie on something
/// of admittance `below`; and the reflection.
fn through(films: &mut [Inside], above: f64, below: Complex64) -> (Complex64, Complex64) {
    let top = films.iter_mut().rev().fold(below, |below, film| film.onto(below));
    let reflection = ratio(above.into(), top);
    let carried: Complex64 = films.iter().map(Inside::carried).product();
    ((1.0 + reflection) * carried, reflection)
}

impl Field {
    pub fn new(
        stack: &FilmStack,
        wavelength: f64,
        angle_deg: f64,
        polarisation: FilmPolarisation,
    ) -> Self {
        let sine = stack.above_n * angle_deg.to_radians().sin();
        let see = |n, k, d| Inside::new(Complex64::new(n, k), d, wavelength, sine, polarisation);
        let above = see(stack.above_n, 0.0, 0.0).admittance.re;
        let substrate = see(stack.substrate.n, stack.substrate.k, 0.0).admittance;
        let mut films: Vec<Inside> =
            stack.films().map(|film| see(film.n, film.k, film.thickness_nm)).collect();
        let (transmission, reflection) = through(&mut films, above, substrate);
        let resist = films[stack.top.len()];
        let over = &mut films[..stack.top.len()];
        let at_top = over.iter().map(Inside::carried).product::<Complex64>() * (1.0 + reflection);
        let amplitude = at_top / (1.0 + resist.returned());
        let (endless, _) = through(over, above, resist.admittance);
        Self { reflection, above, substrate, transmission, resist, amplitude, endless }
    }

    pub fn reflected(&self) -> f64 {
        self.reflection.norm_sqr()
    }

    pub fn transmitted(&self) -> f64 {
        self.transmission.norm_sqr() * self.substrate.re / self.above
    }

    /// |E|² at a depth below the top of the resist.
    pub fn intensity(&self, depth: f64) -> f64 {
        let down = self.resist.phase(depth);
        let up = self.resist.bottom * self.resist.phase(2.0 * self.resist.thickness - depth);
        let [along, normal] = [down + up, self.resist.tilt * (down - up)];
        self.amplitude.norm_sqr() * (along.norm_sqr() + normal.norm_sqr())
    }

    /// |E|² at the top of resist without end.
    pub fn endless(&self) -> f64 {
        self.endless.norm_sqr() * (1.0 + self.resist.tilt.norm_sqr())
    }
}
