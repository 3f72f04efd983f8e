//! Thin films: how much light a stack reflects and how it stands in the resist.
//!
//! Plane waves in a stack of homogeneous films, by characteristic matrices (F. Abelès 1950; Born
//! and Wolf, *Principles of Optics*, §1.6): s and p polarisation, complex indices n + ik, any angle
//! of incidence. See the module `wave` for the formulas.

mod wave;

use serde::{Deserialize, Serialize};

use super::ResistError;
use super::error::require;
use wave::Field;

/// A homogeneous film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Film {
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// Refractive index.
    pub n: f64,
    /// Extinction coefficient: the absorption is 4πk/λ.
    #[serde(default)]
    pub k: f64,
    /// Thickness, nm.
    pub thickness_nm: f64,
}

/// What lies below all films, without end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Substrate {
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// Refractive index.
    pub n: f64,
    /// Extinction coefficient.
    #[serde(default)]
    pub k: f64,
}

/// Light that comes in at an angle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ray {
    /// Angle to the normal in the medium above, degrees.
    pub angle_deg: f64,
    /// Its share of the light; shares need not add up to 1.
    pub weight: f64,
}

/// Films from top to bottom, the resist among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmStack {
    /// Refractive index of the medium above (1 air, 1.44 water at 193 nm).
    #[serde(default = "air")]
    pub above_n: f64,
    /// Films above the resist, the uppermost first.
    #[serde(default)]
    pub top: Vec<Film>,
    /// The resist.
    pub resist: Film,
    /// Films below the resist, the uppermost first.
    #[serde(default)]
    pub below: Vec<Film>,
    /// What lies below.
    pub substrate: Substrate,
    /// Angles of incidence to average over; empty for light along the normal.
    #[serde(default)]
    pub rays: Vec<Ray>,
}

fn air() -> f64 {
    1.0
}

/// Direction of the electric field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilmPolarisation {
    /// Across the plane of incidence (TE).
    S,
    /// In the plane of incidence (TM).
    P,
    /// Half of either.
    #[default]
    Unpolarised,
}

impl FilmPolarisation {
    /// The pure states it is made of, to be averaged.
    fn states(self) -> &'static [Self] {
        match self {
            Self::S => &[Self::S],
            Self::P => &[Self::P],
            Self::Unpolarised => &[Self::S, Self::P],
        }
    }
}

/// Where the light goes, as shares of what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Balance {
    /// Reflected.
    pub reflected: f64,
    /// Transmitted into the substrate.
    pub transmitted: f64,
    /// Absorbed in all films.
    pub absorbed: f64,
}

/// Most films on either side of the resist, and rays.
const MOST: usize = 1000;

/// Largest thickness of one film, nm.
const THICKEST_NM: f64 = 1e6;

impl FilmStack {
    /// Resist on a substrate of its own index: nothing comes back.
    pub fn matched(n: f64, k: f64, thickness_nm: f64) -> Self {
        Self {
            above_n: 1.0,
            top: Vec::new(),
            resist: Film { name: "resist".into(), n, k, thickness_nm },
            below: Vec::new(),
            substrate: Substrate { name: "resist".into(), n, k },
            rays: Vec::new(),
        }
    }

    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn validate(&self) -> Result<(), ResistError> {
        let above = (1.0..=4.0).contains(&self.above_n);
        require(above, "above_n", self.above_n, "from 1 to 4")?;
        for (name, count) in
            [("top", self.top.len()), ("below", self.below.len()), ("rays", self.rays.len())]
        {
            require(count <= MOST, name, count as f64, "at most 1000 entries")?;
        }
        for film in self.films() {
            check_index(film.n, film.k)?;
            let thick = (0.0..=THICKEST_NM).contains(&film.thickness_nm);
            require(thick, "thickness_nm", film.thickness_nm, "from 0 to 1000000")?;
        }
        check_index(self.substrate.n, self.substrate.k)?;
        for ray in &self.rays {
            check_angle(ray.angle_deg)?;
            let weight = (0.0..=1e6).contains(&ray.weight);
            require(weight, "weight", ray.weight, "from 0 to 1000000")?;
        }
        let light: f64 = self.rays.iter().map(|ray| ray.weight).sum();
        require(self.rays.is_empty() || light > 0.0, "weight", light, "above 0 for one ray")
    }

    /// Every film from the top.
    fn films(&self) -> impl Iterator<Item = &Film> {
        self.top.iter().chain([&self.resist]).chain(&self.below)
    }

    /// Rays to average over, at least one.
    fn light(&self) -> Vec<Ray> {
        if self.rays.is_empty() {
            vec![Ray { angle_deg: 0.0, weight: 1.0 }]
        } else {
            self.rays.clone()
        }
    }

    /// Share of the light that the stack reflects.
    ///
    /// # Errors
    /// A parameter out of its range.
    pub fn reflectivity(
        &self,
        wavelength_nm: f64,
        angle_deg: f64,
        polarisation: FilmPolarisation,
    ) -> Result<f64, ResistError> {
        Ok(self.balance(wavelength_nm, angle_deg, polarisation)?.reflected)
    }

    /// Where the light goes.
    ///
    /// # Errors
    /// A parameter out of its range.
    pub fn balance(
        &self,
        wavelength_nm: f64,
        angle_deg: f64,
        polarisation: FilmPolarisation,
    ) -> Result<Balance, ResistError> {
        self.validate()?;
        check_wavelength(wavelength_nm)?;
        check_angle(angle_deg)?;
        let states = polarisation.states();
        let mut sum = Balance { reflected: 0.0, transmitted: 0.0, absorbed: 0.0 };
        for &state in states {
            let field = Field::new(self, wavelength_nm, angle_deg, state);
            let [reflected, transmitted] = [field.reflected(), field.transmitted()];
            sum.reflected += reflected / states.len() as f64;
            sum.transmitted += transmitted / states.len() as f64;
        }
        Ok(Balance { absorbed: 1.0 - sum.reflected - sum.transmitted, ..sum })
    }

    /// Intensity |E|² at depths below the top of the resist (nm), averaged over the rays and
    /// relative to that at the top of resist without end below the same films: 1 everywhere in
    /// resist that does not absorb on a substrate of its own index, e^{−αz} if it absorbs.
    ///
    /// # Errors
    /// A parameter out of its range.
    pub fn standing_wave(
        &self,
        wavelength_nm: f64,
        polarisation: FilmPolarisation,
        depths_nm: &[f64],
    ) -> Result<Vec<f64>, ResistError> {
        self.validate()?;
        check_wavelength(wavelength_nm)?;
        let mut sum = vec![0.0; depths_nm.len()];
        let mut unit = 0.0;
        for ray in self.light() {
            for &state in polarisation.states() {
                let field = Field::new(self, wavelength_nm, ray.angle_deg, state);
                unit += ray.weight * field.endless();
                for (sum, z) in sum.iter_mut().zip(depths_nm) {
                    *sum += ray.weight * field.intensity(z.clamp(0.0, self.resist.thickness_nm));
                }
            }
        }
        Ok(sum.into_iter().map(|intensity| intensity / unit).collect())
    }
}

fn check_index(n: f64, k: f64) -> Result<(), ResistError> {
    require((0.01..=20.0).contains(&n), "n", n, "from 0.01 to 20")?;
    require((0.0..=20.0).contains(&k), "k", k, "from 0 to 20")
}

fn check_angle(angle_deg: f64) -> Result<(), ResistError> {
    require((0.0..=89.0).contains(&angle_deg), "angle_deg", angle_deg, "from 0 to 89")
}

/// Checks a wavelength in vacuum, nm.
pub(super) fn check_wavelength(wavelength_nm: f64) -> Result<(), ResistError> {
    let wave = (1.0..=1e5).contains(&wavelength_nm);
    require(wave, "wavelength_nm", wavelength_nm, "from 1 to 100000")
}

#[cfg(test)]
mod tests;
