//! SOCS kernels: the few coherent systems whose intensities add up to the aerial image.

use std::path::Path;

use ndarray::{Array1, Array3, Ix1, Ix3};
use num_complex::Complex32;

use super::error::require;
use super::{OpticsError, npy};

/// A set of SOCS kernels for one focus, on a periodic field.
#[derive(Clone, Debug, PartialEq)]
pub struct SocsKernels {
    /// Period of the field, nm.
    pub period_nm: f64,
    /// Largest bin K: spectra hold bins −K…K both ways.
    pub half: usize,
    /// Weight s_k of each kernel, ≥ 0, largest first for computed sets.
    pub weights: Vec<f32>,
    /// `[kernel, 2K+1 (row bin, y), 2K+1 (column bin, x)]`; index K is bin 0.
    pub spectra: Array3<Complex32>,
    /// Share of the TCC's trace that the kept kernels hold; `None` for imported sets.
    pub energy_kept: Option<f64>,
    /// Most that the intensity of any mask with |M| ≤ 1 misses anywhere, at dose 1, because of the
    /// kernels left out; `None` for imported sets.
    ///
    /// What is missing at x is eᴴRe, R being the TCC without the kept kernels and
    /// e_f = M̂(f)·e^{2πi f·x}. That is at most R's largest eigenvalue times Σ|M̂(f)|², which by
    /// Parseval is at most the mean of |M|² ≤ 1. Never negative: R has no negative eigenvalues.
    pub intensity_bound: Option<f64>,
    /// Share of the light scattered evenly over the field, which imaging adds.
    pub flare: f64,
}

impl SocsKernels {
    /// Intensity of a clear field: Σ s_k |H_k\[0, 0\]|².
    pub fn clear_field(&self) -> f64 {
        let k = self.half;
        self.weights
            .iter()
            .zip(self.spectra.outer_iter())
            .map(|(s, h)| f64::from(*s) * f64::from(h[[k, k]].norm_sqr()))
            .sum()
    }

    /// Reads kernels and weights stored as `.npy`: complex64 `[k, 2K+1, 2K+1]` and float32 `[k]`,
    /// for a field of `period_nm`.
    ///
    /// # Errors
    /// A missing file, a wrong type or shape, a header that claims more or less than the file
    /// holds, or values that are not finite; a period that is not positive.
    pub fn from_npy(kernels: &Path, weights: &Path, period_nm: f64) -> Result<Self, OpticsError> {
        let period = period_nm.is_finite() && period_nm > 0.0;
        require(period, "period_nm", period_nm, "finite and above 0")?;
        let spectra = read_spectra(kernels)?;
        let weights = read_weights(weights, kernels, spectra.dim().0)?;
        let half = spectra.dim().1 / 2;
        Ok(Self {
            period_nm,
            half,
            weights,
            spectra,
            energy_kept: None,
            intensity_bound: None,
            flare: 0.0,
        })
    }

    /// Reads the ICCAD-2013 contest's kernel sets, in focus and defocused, from a folder that
    /// holds `kernels_focus.npy`, `scales_focus.npy`, `kernels_defocus.npy` and
    /// `scales_defocus.npy`. The contest's own period is 2048 nm.
    ///
    /// # Errors
    /// As [`SocsKernels::from_npy`], for any of the four files.
    pub fn contest(folder: &Path, period_nm: f64) -> Result<(Self, Self), OpticsError> {
        let set = |focus: &str| {
            Self::from_npy(
                &folder.join(format!("kernels_{focus}.npy")),
                &folder.join(format!("scales_{focus}.npy")),
                period_nm,
            )
        };
        Ok((set("focus")?, set("defocus")?))
    }

    /// Writes `kernels_{focus}.npy` and `scales_{focus}.npy` into a folder, made if need be, as
    /// [`SocsKernels::from_npy`] reads them (and, for `focus` and `defocus`,
    /// [`SocsKernels::contest`]). Period, energy, bound and flare are not in the files.
    ///
    /// # Errors
    /// A name that is not a plain word, or a file that cannot be written.
    pub fn write_npy(&self, folder: &Path, focus: &str) -> Result<(), OpticsError> {
        let file = |kind: &str| folder.join(format!("{kind}_{focus}.npy"));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        if focus.is_empty() || !focus.chars().all(plain) {
            let path = file("kernels");
            return Err(refuse(&path, format!("is named `{focus}`"), "letters, digits, - _ . +"));
        }
        npy::write(&file("kernels"), &self.spectra)?;
        npy::write(&file("scales"), &Array1::from(self.weights.clone()))
    }
}

/// The kernels' spectra, checked: at least one, square, odd, finite.
fn read_spectra(path: &Path) -> Result<Array3<Complex32>, OpticsError> {
    const EXPECTED: &str = "complex64 [kernel, 2K+1, 2K+1]";
    let spectra = npy::read::<Complex32, Ix3>(path, EXPECTED)?;
    let (count, rows, columns) = spectra.dim();
    if count == 0 || rows != columns || rows % 2 == 0 {
        return Err(refuse(path, format!("has the shape [{count}, {rows}, {columns}]"), EXPECTED));
    }
    if !spectra.iter().all(|h| h.is_finite()) {
        return Err(refuse(path, "holds values that are not finite".into(), "finite numbers"));
    }
    Ok(spectra.as_standard_layout().into_owned())
}

/// The kernels' weights, checked: as many as there are kernels, finite, not negative.
fn read_weights(path: &Path, kernels: &Path, count: usize) -> Result<Vec<f32>, OpticsError> {
    let weights: Array1<f32> = npy::read::<f32, Ix1>(path, "float32 [kernel]")?;
    if weights.len() != count {
        let expected = format!("{count}, one for each kernel of {}", kernels.display());
        return Err(refuse(path, format!("holds {} weights", weights.len()), &expected));
    }
    match weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        Some(bad) => Err(refuse(path, format!("holds the weight {bad}"), "finite, 0 or more")),
        None => Ok(weights.to_vec()),
    }
}

/// The error for a file that holds something else than it should.
fn refuse(path: &Path, what: String, expected: &str) -> OpticsError {
    OpticsError::KernelFile {
        path: path.to_path_buf(),
        reason: format!("{what}; expected {expected}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ndarray::ShapeBuilder;
    use ndarray_npy::write_npy;

    use super::*;

    fn some_spectra(count: usize, side: usize) -> Array3<Complex32> {
        Array3::from_shape_fn((count, side, side), |(k, n, m)| {
            Complex32::new(k as f32 + 0.5 * n as f32, -(m as f32))
        })
    }

    /// Writes a pair, reads it, and gives back the outcome with the error as text.
    fn read_pair(spectra: &Array3<Complex32>, weights: &[f32]) -> Result<SocsKernels, String> {
        let folder = tempfile::tempdir().unwrap();
        let (kernels, scales) = (folder.path().join("k.npy"), folder.path().join("s.npy"));
        write_npy(&kernels, spectra).unwrap();
        write_npy(&scales, &Array1::from(weights.to_vec())).unwrap();
        SocsKernels::from_npy(&kernels, &scales, 2048.0).map_err(|error| error.to_string())
    }

    #[test]
    fn written_kernels_come_back_unchanged() {
        let spectra = some_spectra(3, 5);
        let read = read_pair(&spectra, &[3.0, 2.0, 0.0]).unwrap();
        assert_eq!(read.spectra, spectra);
        assert_eq!((read.half, read.weights), (2, vec![3.0, 2.0, 0.0]));
        assert_eq!((read.period_nm, read.energy_kept), (2048.0, None));
    }

    #[test]
    fn exported_kernels_are_imported_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("kernels");
        let model = crate::optics::OpticalModel::preset("contest-like").unwrap();
        let set = model.kernels(600.0, 30.0).unwrap();
        set.write_npy(&folder, "focus").unwrap();
        set.write_npy(&folder, "defocus").unwrap();
        let (focus, defocus) = SocsKernels::contest(&folder, 600.0).unwrap();
        assert_eq!((&focus.spectra, &focus.weights), (&set.spectra, &set.weights));
        assert_eq!(defocus, focus);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
        for bad in ["", "../focus", "a b"] {
            assert!(set.write_npy(&folder, bad).is_err());
        }
        let file = folder.join("kernels_focus.npy");
        let message = set.write_npy(&file, "focus").unwrap_err().to_string();
        assert!(message.contains("kernels_focus.npy"), "{message}");
    }

    #[test]
    fn column_major_kernels_come_back_in_row_major_order() {
        let mut spectra = Array3::zeros((2, 3, 3).f());
        spectra.assign(&some_spectra(2, 3));
        let read = read_pair(&spectra, &[1.0, 1.0]).unwrap();
        assert_eq!(read.spectra, some_spectra(2, 3));
        assert!(read.spectra.is_standard_layout());
    }

    #[test]
    fn shapes_that_are_not_square_and_odd_are_refused() {
        let even = read_pair(&some_spectra(1, 4), &[1.0]).unwrap_err();
        assert!(even.contains("k.npy") && even.contains("[1, 4, 4]"), "{even}");
        let none = read_pair(&some_spectra(0, 5), &[]).unwrap_err();
        assert!(none.contains("[0, 5, 5]"), "{none}");
    }

    #[test]
    fn weights_must_match_the_kernels_and_be_finite() {
        let few = read_pair(&some_spectra(3, 5), &[1.0]).unwrap_err();
        assert!(few.contains("s.npy") && few.contains("1 weights") && few.contains('3'), "{few}");
        for bad in [f32::NAN, f32::INFINITY, -1.0] {
            assert!(read_pair(&some_spectra(1, 5), &[bad]).is_err());
        }
        let mut spectra = some_spectra(1, 3);
        spectra[[0, 1, 2]].im = f32::NAN;
        assert!(read_pair(&spectra, &[1.0]).unwrap_err().contains("not finite"));
    }

    #[test]
    fn the_message_names_the_missing_or_mistyped_file() {
        let folder = tempfile::tempdir().unwrap();
        let missing = SocsKernels::contest(folder.path(), 2048.0).unwrap_err().to_string();
        assert!(missing.contains("kernels_focus.npy"), "{missing}");
        let kernels = folder.path().join("kernels_focus.npy");
        write_npy(&kernels, &Array3::<f32>::zeros((1, 3, 3))).unwrap();
        let mistyped = SocsKernels::contest(folder.path(), 2048.0).unwrap_err().to_string();
        assert!(mistyped.contains("complex64"), "{mistyped}");
    }

    /// A `.npy` file with a header of our making and some data bytes.
    fn forged(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(vec![0; data]);
        bytes
    }

    #[test]
    fn forged_and_truncated_files_are_refused_without_large_allocation() {
        let folder = tempfile::tempdir().unwrap();
        let (kernels, scales) = (folder.path().join("k.npy"), folder.path().join("s.npy"));
        write_npy(&kernels, &some_spectra(2, 5)).unwrap();
        let good = fs::read(&kernels).unwrap();
        write_npy(&scales, &Array1::from(vec![1.0_f32, 0.5])).unwrap();
        let mut bad: Vec<Vec<u8>> = (0..good.len()).map(|end| good[..end].to_vec()).collect();
        let claim = |shape: &str| {
            forged(&format!("{{'descr': '<c8', 'fortran_order': False, 'shape': {shape}, }}\n"), 64)
        };
        bad.push(claim("(1000000, 4097, 4097)"));
        bad.push(claim("(18446744073709551615, 18446744073709551615, 3)"));
        bad.push(claim("(-1, 3, 3)"));
        bad.push(claim("(1, 3, 3), 'shape': (1, 3, 3)"));
        bad.push(claim(&"(".repeat(2000)));
        bad.push([good.as_slice(), &[0]].concat());
        bad.push(b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec());
        for bytes in bad {
            fs::write(&kernels, &bytes).unwrap();
            let outcome = SocsKernels::from_npy(&kernels, &scales, 2048.0);
            assert!(outcome.unwrap_err().to_string().contains("k.npy"));
        }
    }

    #[test]
    fn a_period_that_is_not_positive_is_refused() {
        for period in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let outcome = SocsKernels::from_npy(Path::new("k"), Path::new("s"), period);
            assert!(matches!(outcome, Err(OpticsError::Parameter { name: "period_nm", .. })));
        }
    }

    #[test]
    fn clear_field_sums_the_zero_bins() {
        let mut spectra = Array3::zeros((2, 3, 3));
        spectra[[0, 1, 1]] = Complex32::new(0.0, 2.0);
        spectra[[1, 1, 1]] = Complex32::new(1.0, 0.0);
        spectra[[1, 0, 1]] = Complex32::new(9.0, 0.0);
        let set = read_pair(&spectra, &[0.5, 0.25]).unwrap();
        assert!((set.clear_field() - 2.25).abs() < 1e-12);
    }
}
