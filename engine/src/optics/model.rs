//! Our own optics: a source, a circular pupil, a defocus.

use std::path::Path;

use ndarray::Array3;
use num_complex::Complex32;
use serde::{Deserialize, Serialize};

use super::pupil::Pupil;
use super::tcc::{self, Decomposition, Problem};
use super::{OpticsError, SocsKernels, Source, cache};

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

/// The presets by name, as they lie in `assets/optics`.
const PRESETS: [(&str, &str); 3] = [
    ("contest-like", include_str!("../../../assets/optics/contest-like.toml")),
    ("immersion-annular", include_str!("../../../assets/optics/immersion-annular.toml")),
    ("immersion-dipole", include_str!("../../../assets/optics/immersion-dipole.toml")),
];

/// Largest bin K of a field that is decomposed: 6 µm at NA 1.35.
const MAX_HALF: usize = 80;

/// Most complex numbers in one set of kernels (256 MiB).
const MAX_VALUES: usize = 32 << 20;

/// Largest defocus, nm: a hundred times the depth of any focus.
const MAX_DEFOCUS_NM: f64 = 1e5;

impl OpticalModel {
    /// Names of the presets that come with the program (`assets/optics`).
    pub fn preset_names() -> impl Iterator<Item = &'static str> {
        PRESETS.into_iter().map(|(name, _)| name)
    }

    /// A preset by name; `None` if there is none of that name.
    pub fn preset(name: &str) -> Option<Self> {
        let (_, text) = PRESETS.into_iter().find(|(preset, _)| *preset == name)?;
        toml::from_str(text).ok()
    }

    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn validate(&self) -> Result<(), OpticsError> {
        let check = |ok: bool, name, value, expected| match ok {
            true => Ok(()),
            false => Err(OpticsError::Parameter { name, value, expected }),
        };
        let Self { wavelength_nm, na, immersion_index, energy, .. } = *self;
        let wave = (1.0..=1e5).contains(&wavelength_nm);
        check(wave, "wavelength_nm", wavelength_nm, "from 1 to 100000")?;
        let index = (1.0..=4.0).contains(&immersion_index);
        check(index, "immersion_index", immersion_index, "from 1 to 4")?;
        let aperture = na >= 1e-3 && na < immersion_index;
        check(aperture, "na", na, "at least 0.001 and below the immersion index")?;
        check(energy > 0.0 && energy <= 1.0, "energy", energy, "above 0, at most 1")?;
        self.source.validate()
    }

    /// Largest bin K of a field of this period: ⌊(1 + σ_max)·NA·P/λ⌋.
    pub fn half(&self, period_nm: f64) -> usize {
        let (_, outer) = self.source.radii();
        // The margin keeps a bin that lies on the edge of the outermost pupil.
        ((1.0 + outer) * self.na * period_nm / self.wavelength_nm + 1e-9) as usize
    }

    /// The SOCS kernels of a field of `period_nm` at `defocus_nm`, heaviest first.
    ///
    /// Weights are the eigenvalues of the TCC of a source of unit power, kernels have unit norm
    /// with their largest bin real and positive. With every kernel a clear field images to 1;
    /// those left out are not made up for, so it images to slightly less.
    ///
    /// # Errors
    /// A parameter out of range; a field too large for the lens.
    pub fn kernels(&self, period_nm: f64, defocus_nm: f64) -> Result<SocsKernels, OpticsError> {
        self.validate()?;
        check_field(period_nm, defocus_nm)?;
        let half = self.half(period_nm);
        bound(period_nm, "bins a side", half, MAX_HALF)?;
        let problem = Problem {
            points: &self.source.points(self.source.pitch(self.bin_sigma(period_nm))),
            symmetry: self.source.symmetry(),
            pupil: self.pupil(defocus_nm),
            half,
            period_nm,
        };
        assemble(&tcc::decompose(&problem, self.energy)?, half, period_nm)
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
        let Some(folder) = cache else { return self.kernels(period_nm, defocus_nm) };
        let path = folder.join(cache::file_name(self, period_nm, defocus_nm));
        if let Some(kernels) = cache::load(&path, period_nm) {
            return Ok(kernels);
        }
        let kernels = self.kernels(period_nm, defocus_nm)?;
        cache::store(&path, &kernels);
        Ok(kernels)
    }

    /// The width of a bin of this field in σ.
    pub(super) fn bin_sigma(&self, period_nm: f64) -> f64 {
        self.wavelength_nm / (self.na * period_nm)
    }

    /// The lens at this defocus.
    pub(super) fn pupil(&self, defocus_nm: f64) -> Pupil {
        let (edge, wave) =
            (self.na / self.wavelength_nm, self.immersion_index / self.wavelength_nm);
        Pupil { edge, wave, defocus_nm }
    }
}

/// Checks the field's period and defocus.
fn check_field(period_nm: f64, defocus_nm: f64) -> Result<(), OpticsError> {
    if !(period_nm.is_finite() && period_nm >= 1.0) {
        let expected = "finite and at least 1";
        return Err(OpticsError::Parameter { name: "period_nm", value: period_nm, expected });
    }
    if !(-MAX_DEFOCUS_NM..=MAX_DEFOCUS_NM).contains(&defocus_nm) {
        let expected = "from -100000 to 100000";
        return Err(OpticsError::Parameter { name: "defocus_nm", value: defocus_nm, expected });
    }
    Ok(())
}

/// Refuses what would not fit.
fn bound(
    period_nm: f64,
    what: &'static str,
    needed: usize,
    limit: usize,
) -> Result<(), OpticsError> {
    match needed <= limit {
        true => Ok(()),
        false => Err(OpticsError::TooLarge { period_nm, what, needed, limit }),
    }
}

/// The kernels in single precision on the square of bins.
pub(super) fn assemble(
    found: &Decomposition,
    half: usize,
    period_nm: f64,
) -> Result<SocsKernels, OpticsError> {
    let side = 2 * half + 1;
    let count = found.kernels.len();
    bound(period_nm, "kernel values", count.saturating_mul(side * side), MAX_VALUES)?;
    let mut spectra = Array3::zeros((count, side, side));
    for (mut spectrum, kernel) in spectra.outer_iter_mut().zip(&found.kernels) {
        for &([m, n], value) in &kernel.bins {
            let at = |bin: i32| (bin + half as i32) as usize;
            spectrum[[at(n), at(m)]] = Complex32::new(value.re as f32, value.im as f32);
        }
    }
    let weights = found.kernels.iter().map(|kernel| kernel.weight as f32).collect();
    Ok(SocsKernels { period_nm, half, weights, spectra, energy_kept: Some(found.energy_kept) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRATCH: [(&str, f64); 2] = [("focus", 0.0), ("defocus", 40.0)];

    #[test]
    fn scratch_times() {
        for name in OpticalModel::preset_names() {
            for energy in [0.98, 0.99, 0.995] {
                for (focus, z) in SCRATCH {
                    let model = OpticalModel { energy, ..OpticalModel::preset(name).unwrap() };
                    let start = std::time::Instant::now();
                    let k = model.kernels(2048.0, z).unwrap();
                    let points = model.source.points(model.source.pitch(model.bin_sigma(2048.0)));
                    println!(
                        "{name} {focus} {energy}: K {} kernels {} kept {:.5} clear {:.5} points {} in {:?}",
                        k.half,
                        k.weights.len(),
                        k.energy_kept.unwrap(),
                        k.clear_field(),
                        points.len(),
                        start.elapsed()
                    );
                }
            }
        }
    }
}
