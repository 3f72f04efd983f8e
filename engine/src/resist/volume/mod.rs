//! The resist in three dimensions: standing waves, exposure, bake, development front.
//!
//! [`develop`] takes an aerial image to a [`Developed`] film: intensity in depth from the film
//! stack, Dill's exposure, diffusion (and deprotection) in the bake, dissolution rate, and the time
//! at which the developer's front arrives, |∇T| = 1/r. What is left at a time, profiles, angles and
//! surfaces are read off the arrival times.
//!
//! Volumes are `[z, y, x]`, z down from the top of the film; heights count up from the substrate.

mod bake;
mod develop;
mod expose;
mod mesh;
mod on_device;
mod profile;
mod walls;

use serde::{Deserialize, Serialize};

use super::error::require;
use super::film::{FilmPolarisation, FilmStack, check_wavelength};
use super::{Dill, Parameter, RateModel, ResistError, Tone};

pub use develop::{Aerial, Developed, Progress, Stage, develop};
pub use on_device::develop_on;
pub use profile::Profile;
pub use walls::{Edge, Feature};

/// A resist in three dimensions and what is done to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeResist {
    /// Wavelength in vacuum, nm.
    pub wavelength_nm: f64,
    /// Exposure dose at clear field, mJ/cm²: in the resist, at its top, were nothing reflected from
    /// below.
    pub dose: f64,
    /// Development time, s.
    pub develop_s: f64,
    /// Which part dissolves.
    #[serde(default)]
    pub tone: Tone,
    /// Polarisation of the rays in the film stack.
    #[serde(default)]
    pub polarisation: FilmPolarisation,
    /// What lies beyond the sides of the block while it bakes.
    #[serde(default)]
    pub sides: Sides,
    /// Exposure. A + B also gives the resist its absorption: the k of the stack's resist is not
    /// used.
    pub dill: Dill,
    /// Dissolution.
    pub rate: RateModel,
    /// Post-exposure bake.
    #[serde(default)]
    pub bake: Bake,
    /// The films.
    pub stack: FilmStack,
}

/// What lies beyond the sides of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sides {
    /// Its mirror image.
    #[default]
    Mirror,
    /// The block again.
    Periodic,
}

/// Post-exposure bake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bake {
    /// Diffusion length √(2Dt) of the whole bake, nm; 0 for none.
    #[serde(default)]
    pub diffusion_nm: f64,
    /// What diffuses and what it does.
    #[serde(default)]
    pub kind: BakeKind,
}

/// What a bake does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BakeKind {
    /// The photoactive compound diffuses: what is left of it is the inhibitor.
    #[default]
    Fickian,
    /// Chemically amplified: acid diffuses and takes the inhibitor away.
    Amplified(Amplified),
}

/// A chemically amplified bake: acid h = 1 − e^{−C·E} less the quencher, dm/dt = −k·hⁿ·m and
/// ∂h/∂t = D∇²h − k_loss·h (H. Ito, C. G. Willson 1982; R. A. Ferguson et al. 1990).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amplified {
    /// k, deprotection by acid, 1/s.
    pub amplification_per_s: f64,
    /// n, order of the reaction in acid.
    #[serde(default = "one")]
    pub order: f64,
    /// k_loss, acid that is lost, 1/s.
    #[serde(default)]
    pub loss_per_s: f64,
    /// Quencher, as a share of the acid generator: takes as much acid away at once.
    #[serde(default)]
    pub quencher: f64,
    /// Time of the bake, s.
    pub bake_s: f64,
    /// Steps in which reaction and diffusion take turns.
    #[serde(default = "bake_steps")]
    pub steps: usize,
}

fn one() -> f64 {
    1.0
}

fn bake_steps() -> usize {
    16
}

/// Size of the voxels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeGrid {
    /// Along x and y, nm: the pixel of the aerial image.
    pub pixel_nm: f64,
    /// Along z, nm; brought to a whole number of layers in the film.
    pub dz_nm: f64,
}

/// Most voxels of a block (2²⁵: half a gigabyte for what is kept, two and a half while developing).
pub const MAX_VOXELS: usize = 1 << 25;

/// Largest optical depth of a film: less light than that is none.
const MAX_OPTICAL_DEPTH: f64 = 200.0;

impl VolumeResist {
    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn validate(&self) -> Result<(), ResistError> {
        check_wavelength(self.wavelength_nm)?;
        Parameter::Dose.check(self.dose)?;
        Parameter::DevelopS.check(self.develop_s)?;
        Parameter::ThicknessNm.check(self.stack.resist.thickness_nm)?;
        self.stack.validate()?;
        self.dill.validate()?;
        self.rate.validate()?;
        self.bake.validate()?;
        let per_um = self.dill.a_per_um + self.dill.b_per_um;
        let depth = per_um * self.stack.resist.thickness_nm / 1000.0;
        let expected = "such that (a + b)·thickness is at most 200";
        require(depth <= MAX_OPTICAL_DEPTH, "a_per_um", self.dill.a_per_um, expected)
    }

    /// Film thickness, nm.
    pub fn thickness_nm(&self) -> f64 {
        self.stack.resist.thickness_nm
    }
}

impl Bake {
    fn validate(&self) -> Result<(), ResistError> {
        Parameter::DiffusionNm.check(self.diffusion_nm)?;
        let BakeKind::Amplified(amplified) = self.kind else { return Ok(()) };
        let Amplified { amplification_per_s, order, loss_per_s, quencher, bake_s, steps } =
            amplified;
        let rate = 0.0..=1e6;
        let ranges = [
            ("amplification_per_s", amplification_per_s, rate.clone(), "from 0 to 1000000"),
            ("order", order, 0.1..=10.0, "from 0.1 to 10"),
            ("loss_per_s", loss_per_s, rate, "from 0 to 1000000"),
            ("quencher", quencher, 0.0..=1.0, "from 0 to 1"),
            ("bake_s", bake_s, 0.0..=1e5, "from 0 to 100000"),
            ("steps", steps as f64, 1.0..=1000.0, "from 1 to 1000"),
        ];
        for (name, value, range, expected) in ranges {
            require(range.contains(&value), name, value, expected)?;
        }
        Ok(())
    }
}

impl VolumeGrid {
    /// The grid whose layers fill a film, and how many there are.
    ///
    /// # Errors
    /// A size out of its range.
    pub fn fitted(self, thickness_nm: f64) -> Result<(Self, usize), ResistError> {
        let Self { pixel_nm, dz_nm } = self;
        let pixel = (0.1..=1000.0).contains(&pixel_nm);
        require(pixel, "pixel_nm", pixel_nm, "from 0.1 to 1000")?;
        let step = (0.1..=1000.0).contains(&dz_nm);
        require(step, "dz_nm", dz_nm, "from 0.1 to 1000")?;
        let layers = (thickness_nm / dz_nm).round().max(1.0);
        let most = layers <= MAX_VOXELS as f64;
        require(most, "dz_nm", dz_nm, "large enough for at most 33554432 layers")?;
        Ok((Self { pixel_nm, dz_nm: thickness_nm / layers }, layers as usize))
    }
}

/// Whether and where between two times the film is gone at time `t`: below 0 it is, above 0 it
/// stands, and near 0 it is straight in the arrival time. Cut off at 2, so that the wall of a
/// line, where arrival times leap by orders of magnitude, lies between its voxels.
fn level(arrival: f32, t: f32) -> f32 {
    (arrival / t).min(3.0) - 1.0
}

/// The level at the top of the film, where the front starts at time 0: with that of the first
/// voxel, which may be cut off, it leaves the crossing where the arrival time, straight between the
/// two, is `t`.
fn level_above(first_arrival: f32, t: f32) -> f32 {
    let here = level(first_arrival, t);
    if here < 2.0 {
        return -1.0;
    }
    let share = t / first_arrival;
    -here * share / (1.0 - share)
}
