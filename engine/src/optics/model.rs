//! Our own optics: a source, a circular pupil, a defocus.

use std::path::Path;

use ndarray::Array3;
use num_complex::Complex32;
use serde::{Deserialize, Serialize};

use super::error::require;
use super::lens::is_default;
use super::pupil::Pupil;
use super::source::SourcePoint;
use super::symmetry::Symmetry;
use super::tcc::{self, Decomposition, Problem};
use super::{Lens, OpticsError, Polarisation, SocsKernels, Source, cache};

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
    /// Scalar or vector imaging.
    #[serde(default, skip_serializing_if = "is_default")]
    pub polarisation: Polarisation,
    /// Aberrations, apodisation and flare.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lens: Lens,
}

/// The presets by name, as they lie in `assets/optics`.
const PRESETS: [(&str, &str); 7] = [
    ("contest-like", include_str!("../../../assets/optics/contest-like.toml")),
    ("dry-annular", include_str!("../../../assets/optics/dry-annular.toml")),
    ("immersion-annular", include_str!("../../../assets/optics/immersion-annular.toml")),
    ("immersion-dipole", include_str!("../../../assets/optics/immersion-dipole.toml")),
    ("immersion-dipole-te", include_str!("../../../assets/optics/immersion-dipole-te.toml")),
    ("immersion-quasar", include_str!("../../../assets/optics/immersion-quasar.toml")),
    ("krf-conventional", include_str!("../../../assets/optics/krf-conventional.toml")),
];

/// Largest bin K of a field that is decomposed: 6 µm at NA 1.35.
const MAX_HALF: usize = 80;

/// Most complex numbers in one set of kernels (256 MiB).
const MAX_VALUES: usize = 32 << 20;

/// Least share of the source's light that passes the lens.
const LEAST_CLEAR: f64 = 1e-9;

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
        let Self { wavelength_nm, na, immersion_index, energy, .. } = *self;
        let wave = (1.0..=1e5).contains(&wavelength_nm);
        require(wave, "wavelength_nm", wavelength_nm, "from 1 to 100000")?;
        let index = (1.0..=4.0).contains(&immersion_index);
        require(index, "immersion_index", immersion_index, "from 1 to 4")?;
        let aperture = na >= 1e-3 && na < immersion_index;
        require(aperture, "na", na, "at least 0.001 and below the immersion index")?;
        require(energy > 0.0 && energy <= 1.0, "energy", energy, "above 0, at most 1")?;
        self.lens.validate(na, immersion_index)?;
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
        let pupil = self.pupil(defocus_nm);
        let symmetry = self.symmetry(&pupil);
        let mut points = self.source.points(symmetry, half);
        normalise(&mut points, &pupil)?;
        let problem = Problem { points: &points, symmetry, pupil: &pupil, half, period_nm };
        let found = tcc::decompose(&problem, self.energy)?;
        Ok(SocsKernels { flare: self.lens.flare, ..assemble(&found, half, period_nm)? })
    }

    /// The symmetry that source and pupil share.
    pub(super) fn symmetry(&self, pupil: &Pupil) -> Symmetry {
        let source = self.source.symmetry();
        Symmetry::of(|signs| source.has(signs) && pupil.is_same_under(signs))
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

    /// The lens at this defocus.
    pub(super) fn pupil(&self, defocus_nm: f64) -> Pupil {
        let numbers = [self.na, self.immersion_index, self.wavelength_nm];
        Pupil::new(numbers, &self.lens, self.polarisation, defocus_nm)
    }
}

/// Scales the source so that a clear field images to 1 through a pupil that is not clear.
pub(super) fn normalise(points: &mut [SourcePoint], pupil: &Pupil) -> Result<(), OpticsError> {
    if pupil.is_clear() {
        return Ok(());
    }
    let passed = |point: &SourcePoint| {
        let [x, y] = point.sigma.map(|sigma| sigma * pupil.edge);
        point.weight * pupil.at(x, y).norm_sqr()
    };
    let clear: f64 = points.iter().map(passed).sum();
    let lit = clear > LEAST_CLEAR;
    require(lit, "clear field", clear, "lit: the apodisation leaves none of the source's light")?;
    for point in points {
        point.weight /= clear;
    }
    Ok(())
}

/// Checks a field's period and defocus.
fn check_field(period_nm: f64, defocus_nm: f64) -> Result<(), OpticsError> {
    let period = period_nm.is_finite() && period_nm >= 1.0;
    require(period, "period_nm", period_nm, "finite and at least 1")?;
    check_defocus(defocus_nm)
}

/// Checks a defocus.
pub(super) fn check_defocus(defocus_nm: f64) -> Result<(), OpticsError> {
    let near = defocus_nm.abs() <= MAX_DEFOCUS_NM;
    require(near, "defocus_nm", defocus_nm, "from -100000 to 100000")
}

/// Refuses what would not fit.
fn bound(
    period_nm: f64,
    what: &'static str,
    needed: usize,
    limit: usize,
) -> Result<(), OpticsError> {
    if needed <= limit {
        Ok(())
    } else {
        Err(OpticsError::TooLarge { period_nm, what, needed, limit })
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
    Ok(SocsKernels {
        period_nm,
        half,
        weights,
        spectra,
        energy_kept: Some(found.energy_kept),
        intensity_bound: Some(found.intensity_bound),
        flare: 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD_NM: f64 = 1000.0;

    fn contest_like() -> OpticalModel {
        OpticalModel::preset("contest-like").unwrap()
    }

    /// ⟨a, b⟩ of two kernels of a set.
    fn inner(kernels: &SocsKernels, a: usize, b: usize) -> Complex32 {
        let spectrum = |k| kernels.spectra.index_axis(ndarray::Axis(0), k);
        spectrum(a).iter().zip(spectrum(b)).map(|(a, b)| a.conj() * b).sum()
    }

    #[test]
    fn every_preset_is_valid_and_no_other_name_is_one() {
        for name in OpticalModel::preset_names() {
            OpticalModel::preset(name).unwrap().validate().unwrap();
        }
        assert!(OpticalModel::preset("contest").is_none());
        assert!(OpticalModel::preset_names().any(|name| name == "contest-like"));
    }

    #[test]
    fn models_are_written_as_they_are_read() {
        for name in OpticalModel::preset_names() {
            let model = OpticalModel::preset(name).unwrap();
            let text = toml::to_string(&model).unwrap();
            assert_eq!(toml::from_str::<OpticalModel>(&text).unwrap(), model);
            // A plain scalar model says nothing of what it does not use.
            assert_eq!(text.contains("lens"), model.lens != Lens::default());
            assert_eq!(text.contains("polarisation"), model.polarisation.is_vector());
        }
    }

    #[test]
    fn flare_is_carried_along() {
        let lens = Lens { flare: 0.02, ..Lens::default() };
        let with = OpticalModel { lens, ..contest_like() }.kernels(PERIOD_NM, 0.0).unwrap();
        let without = contest_like().kernels(PERIOD_NM, 0.0).unwrap();
        assert_eq!((with.flare, without.flare), (0.02, 0.0));
        assert_eq!(with.spectra, without.spectra);
    }

    #[test]
    fn an_apodisation_that_leaves_no_light_is_refused() {
        let ring = super::super::Apodisation::Radial { transmissions: vec![1.0, 0.0, 0.0] };
        let lens = Lens { apodisation: ring, ..Lens::default() };
        let message = OpticalModel { lens, ..contest_like() }
            .kernels(PERIOD_NM, 0.0)
            .unwrap_err()
            .to_string();
        assert!(message.contains("clear field"), "{message}");
    }

    #[test]
    fn a_parameter_out_of_range_is_named() {
        let bad = f64::NAN;
        let wrong = [
            ("wavelength_nm", OpticalModel { wavelength_nm: 0.0, ..contest_like() }),
            ("immersion_index", OpticalModel { immersion_index: bad, ..contest_like() }),
            ("na", OpticalModel { na: 1.44, ..contest_like() }),
            ("na", OpticalModel { na: bad, ..contest_like() }),
            ("energy", OpticalModel { energy: 0.0, ..contest_like() }),
            ("energy", OpticalModel { energy: 1.01, ..contest_like() }),
            ("sigma", OpticalModel { source: Source::Circular { sigma: -0.1 }, ..contest_like() }),
        ];
        for (name, model) in wrong {
            let message = model.kernels(PERIOD_NM, 0.0).unwrap_err().to_string();
            assert!(message.starts_with(&format!("optics: {name} = ")), "{message}");
        }
        for (period_nm, defocus_nm) in [(0.0, 0.0), (bad, 0.0), (PERIOD_NM, bad), (1e3, 1e9)] {
            let outcome = contest_like().kernels(period_nm, defocus_nm);
            assert!(matches!(outcome, Err(OpticsError::Parameter { .. })), "{outcome:?}");
        }
    }

    #[test]
    fn a_field_too_large_for_the_lens_is_refused() {
        let message = contest_like().kernels(1e9, 0.0).unwrap_err().to_string();
        assert!(message.contains("smaller field"), "{message}");
    }

    #[test]
    fn a_clear_field_images_to_one_less_what_is_left_out() {
        for name in OpticalModel::preset_names() {
            let model = OpticalModel::preset(name).unwrap();
            for defocus_nm in [0.0, 80.0] {
                let clear = model.kernels(PERIOD_NM, defocus_nm).unwrap().clear_field();
                assert!((model.energy..=1.0 + 1e-6).contains(&clear), "{name}: {clear}");
                let whole = OpticalModel { energy: 1.0, ..model.clone() };
                let clear = whole.kernels(PERIOD_NM, defocus_nm).unwrap().clear_field();
                assert!((clear - 1.0).abs() <= 1e-6, "{name}: {clear}");
            }
        }
    }

    #[test]
    fn kernels_are_orthonormal_and_ordered_by_weight() {
        for defocus_nm in [0.0, 50.0] {
            let kernels = contest_like().kernels(PERIOD_NM, defocus_nm).unwrap();
            assert!(kernels.weights.is_sorted_by(|a, b| a >= b));
            assert!(kernels.weights.iter().all(|weight| *weight > 0.0));
            for a in 0..kernels.weights.len() {
                for b in 0..=a {
                    let expected = if a == b { 1.0 } else { 0.0 };
                    let found = inner(&kernels, a, b);
                    assert!((found - expected).norm() <= 1e-5, "{a}, {b}: {found}");
                }
            }
        }
    }

    #[test]
    fn more_energy_takes_more_kernels() {
        let mut last = (0, 0.0);
        for energy in [0.5, 0.9, 0.95, 0.98, 0.995, 1.0] {
            let kernels =
                OpticalModel { energy, ..contest_like() }.kernels(PERIOD_NM, 0.0).unwrap();
            let now = (kernels.weights.len(), kernels.energy_kept.unwrap());
            assert!(now.0 > last.0 && now.1 > last.1 && now.1 >= energy - 1e-9, "{now:?}");
            last = now;
        }
    }

    #[test]
    fn pairs_of_equal_weight_are_kept_whole() {
        // The four poles look alike along x and y, so the image of a mask turned by 90° is the
        // image turned by 90°: the kept kernels' power must be symmetric too.
        for energy in [0.3, 0.6, 0.9] {
            let kernels =
                OpticalModel { energy, ..contest_like() }.kernels(PERIOD_NM, 0.0).unwrap();
            let half = 2 * kernels.half + 1;
            let power = |n: usize, m: usize| -> f32 {
                let sets = kernels.weights.iter().zip(kernels.spectra.outer_iter());
                sets.map(|(weight, h)| weight * h[[n, m]].norm_sqr()).sum()
            };
            for (n, m) in (0..half).flat_map(|n| (0..n).map(move |m| (n, m))) {
                assert!((power(n, m) - power(m, n)).abs() <= 1e-5, "{energy}: {n}, {m}");
            }
        }
    }

    #[test]
    fn the_other_side_of_focus_has_the_conjugate_kernels() {
        let above = contest_like().kernels(PERIOD_NM, 60.0).unwrap();
        let below = contest_like().kernels(PERIOD_NM, -60.0).unwrap();
        assert_eq!(above.weights.len(), below.weights.len());
        for (a, b) in above.weights.iter().zip(&below.weights) {
            assert!((a - b).abs() <= 1e-6);
        }
        let first =
            |kernels: &SocsKernels| kernels.spectra.index_axis(ndarray::Axis(0), 0).to_owned();
        for (a, b) in first(&above).iter().zip(&first(&below)) {
            assert!((a - b.conj()).norm() <= 1e-5);
        }
    }

    #[test]
    fn bins_reach_exactly_as_far_as_the_source_shifts_the_pupil() {
        assert_eq!(contest_like().half(2048.0), 15);
        let coherent = OpticalModel { source: Source::Circular { sigma: 0.0 }, ..contest_like() };
        // 10 bins of 1/2412.5 nm are NA/λ: the bin on the edge belongs to the pupil.
        let period_nm = 10.0 * 193.0 / 0.8;
        assert_eq!(coherent.half(period_nm), 10);
        let kernels = coherent.kernels(period_nm, 0.0).unwrap();
        assert_eq!(kernels.weights.len(), 1);
        for ((_, n, m), value) in kernels.spectra.indexed_iter() {
            let (m, n) = (m as i32 - 10, n as i32 - 10);
            assert_eq!(value.norm() > 0.0, m * m + n * n <= 100, "bin {m}, {n}");
        }
    }

    #[test]
    fn one_thread_and_many_give_the_same_bits() {
        let many = contest_like().kernels(PERIOD_NM, 30.0).unwrap();
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| contest_like().kernels(PERIOD_NM, 30.0)).unwrap(), many);
    }
}
