//! Kernels on disk, keyed by all that decides them.
//!
//! A file is the magic, `half` and the kernel count as u32, `period_nm`, `energy_kept`,
//! `intensity_bound` and `flare` as f64, the weights as f32, the spectra as pairs of f32, all little-endian, and the SHA-256 of all that.
//! A file that does not check out is as good as none.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use ndarray::Array3;
use num_complex::Complex32;
use sha2::{Digest, Sha256};

use super::{OpticalModel, SocsKernels};

/// Begins every file; its last byte is the version of the format **and** of the computation:
/// raise it whenever either changes.
const MAGIC: &[u8; 8] = b"LITHOSK\x02";

/// Bytes before the weights.
const HEADER: usize = MAGIC.len() + 4 + 4 + 8 + 8 + 8 + 8;

/// Bytes of the checksum.
const CHECKSUM: usize = 32;

/// Largest file written or read, bytes.
const MAX_BYTES: usize = 288 << 20;

/// The file's name: the SHA-256 of the model, the field and the version.
pub(super) fn file_name(model: &OpticalModel, period_nm: f64, defocus_nm: f64) -> String {
    let mut hash = Sha256::new();
    hash.update(MAGIC);
    // Debug text states every field, and every f64 to its last bit.
    hash.update(format!("{model:?}"));
    // Adding 0 turns −0 into 0, which is the same focus.
    hash.update(period_nm.to_le_bytes());
    hash.update((defocus_nm + 0.0).to_le_bytes());
    format!("kernels-{:x}.bin", hash.finalize())
}

/// Kernels from a file; `None` if it is missing, damaged, or of another field.
pub(super) fn load(path: &Path, period_nm: f64) -> Option<SocsKernels> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    let (content, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
    if bytes.len() > MAX_BYTES || Sha256::digest(content).as_slice() != checksum {
        return None;
    }
    decode(content).filter(|kernels| kernels.period_nm == period_nm)
}

/// Writes kernels under a temporary name and renames the file. A failure is passed over: the
/// kernels will be computed again.
pub(super) fn store(path: &Path, kernels: &SocsKernels) {
    let mut bytes = encode(kernels);
    if bytes.len() + CHECKSUM > MAX_BYTES {
        return;
    }
    bytes.extend_from_slice(Sha256::digest(&bytes).as_slice());
    // The caller has its kernels; an unwritable cache only costs time.
    let _written: io::Result<()> = write_whole(path, &bytes);
}

/// Puts a whole file in place or none.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// All but the checksum.
fn encode(kernels: &SocsKernels) -> Vec<u8> {
    let mut bytes =
        Vec::with_capacity(HEADER + 4 * kernels.weights.len() + 8 * kernels.spectra.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(kernels.half as u32).to_le_bytes());
    bytes.extend_from_slice(&(kernels.weights.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&kernels.period_nm.to_le_bytes());
    bytes.extend_from_slice(&kernels.energy_kept.unwrap_or(f64::NAN).to_le_bytes());
    bytes.extend_from_slice(&kernels.intensity_bound.unwrap_or(f64::NAN).to_le_bytes());
    bytes.extend_from_slice(&kernels.flare.to_le_bytes());
    for weight in &kernels.weights {
        bytes.extend_from_slice(&weight.to_le_bytes());
    }
    for value in &kernels.spectra {
        bytes.extend_from_slice(&value.re.to_le_bytes());
        bytes.extend_from_slice(&value.im.to_le_bytes());
    }
    bytes
}

/// The kernels in a file's content, if its length is exactly what its header says.
fn decode(content: &[u8]) -> Option<SocsKernels> {
    let rest = content.strip_prefix(MAGIC)?;
    let (half, rest) = rest.split_first_chunk::<4>()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let (period, rest) = rest.split_first_chunk::<8>()?;
    let (energy, rest) = rest.split_first_chunk::<8>()?;
    let (error, rest) = rest.split_first_chunk::<8>()?;
    let (flare, rest) = rest.split_first_chunk::<8>()?;
    let (half, count) = (u32::from_le_bytes(*half) as usize, u32::from_le_bytes(*count) as usize);
    let side = half.checked_mul(2)?.checked_add(1)?;
    let values = side.checked_mul(side)?.checked_mul(count)?;
    let (weights, spectra) = rest.split_at_checked(count.checked_mul(4)?)?;
    if spectra.len() != values.checked_mul(8)? {
        return None;
    }
    let numbers = |bytes: &[u8]| -> Vec<f32> {
        let (words, _) = bytes.as_chunks::<4>();
        words.iter().map(|word| f32::from_le_bytes(*word)).collect()
    };
    let (pairs, _) = spectra.as_chunks::<8>();
    let complex = |pair: &[u8; 8]| {
        let [a, b, c, d, e, f, g, h] = *pair;
        Complex32::new(f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]))
    };
    let known = |bytes: [u8; 8]| Some(f64::from_le_bytes(bytes)).filter(|value| value.is_finite());
    Some(SocsKernels {
        period_nm: f64::from_le_bytes(*period),
        half,
        weights: numbers(weights),
        spectra: Array3::from_shape_vec((count, side, side), pairs.iter().map(complex).collect())
            .ok()?,
        energy_kept: known(*energy),
        intensity_bound: known(*error),
        flare: f64::from_le_bytes(*flare),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::{Lens, Polarisation, Source};

    const PERIOD_NM: f64 = 600.0;

    fn model() -> OpticalModel {
        OpticalModel::preset("contest-like").unwrap()
    }

    fn only_file(folder: &Path) -> std::path::PathBuf {
        let files: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    #[test]
    fn cached_kernels_are_the_computed_ones_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let cached = || model().kernels_cached(PERIOD_NM, 25.0, Some(folder.path())).unwrap();
        let computed = model().kernels(PERIOD_NM, 25.0).unwrap();
        assert_eq!(cached(), computed);
        assert_eq!(load(&only_file(folder.path()), PERIOD_NM), Some(computed.clone()));
        assert_eq!(cached(), computed);
    }

    #[test]
    fn a_file_that_checks_out_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let mut planted = model().kernels(PERIOD_NM, 0.0).unwrap();
        planted.weights[0] = 0.125;
        store(&folder.path().join(file_name(&model(), PERIOD_NM, -0.0)), &planted);
        let read = model().kernels_cached(PERIOD_NM, 0.0, Some(folder.path())).unwrap();
        assert_eq!(read, planted);
    }

    #[test]
    fn damaged_files_are_passed_over_and_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cached = || model().kernels_cached(PERIOD_NM, 0.0, Some(folder.path())).unwrap();
        let computed = cached();
        let path = only_file(folder.path());
        let good = fs::read(&path).unwrap();
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        let damaged = [flipped, good[..good.len() - 9].to_vec(), good[..3].to_vec(), Vec::new()];
        for bytes in damaged {
            fs::write(&path, &bytes).unwrap();
            assert_eq!(load(&path, PERIOD_NM), None);
            assert_eq!(cached(), computed);
            assert_eq!(fs::read(&path).unwrap(), good);
        }
        assert_eq!(load(&path, PERIOD_NM + 1.0), None);
    }

    #[test]
    fn a_header_that_claims_too_much_is_passed_over() {
        let mut content = encode(&model().kernels(PERIOD_NM, 0.0).unwrap());
        assert!(decode(&content).is_some());
        content[MAGIC.len()..MAGIC.len() + 8].fill(0xff);
        assert_eq!(decode(&content), None);
    }

    #[test]
    fn whatever_decides_the_kernels_changes_the_name() {
        let coma = |waves| Lens { zernike_waves: [(7, waves)].into(), ..Lens::default() };
        let ring = Source::Annular { inner: 0.6, outer: 0.85 };
        let changed = [
            OpticalModel { na: 0.8 + 1e-15, ..model() },
            OpticalModel { wavelength_nm: 193.1, ..model() },
            OpticalModel { immersion_index: 1.0, ..model() },
            OpticalModel { energy: 0.9, ..model() },
            OpticalModel { source: ring, ..model() },
            OpticalModel { polarisation: Polarisation::Unpolarised, ..model() },
            OpticalModel { lens: Lens { flare: 0.01, ..Lens::default() }, ..model() },
            OpticalModel { lens: coma(0.01), ..model() },
            OpticalModel { lens: coma(0.02), ..model() },
            OpticalModel { source: Source::Map { rows: vec![vec![1.0]] }, ..model() },
            OpticalModel { source: Source::Map { rows: vec![vec![2.0]] }, ..model() },
        ];
        let mut names: Vec<_> =
            changed.iter().map(|model| file_name(model, PERIOD_NM, 0.0)).collect();
        names.push(file_name(&model(), PERIOD_NM, 0.0));
        names.push(file_name(&model(), PERIOD_NM, 1.0));
        names.push(file_name(&model(), PERIOD_NM + 1.0, 0.0));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 14);
    }

    #[test]
    fn a_folder_that_cannot_be_written_costs_only_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("not a folder");
        fs::write(&file, "").unwrap();
        let kernels = model().kernels_cached(PERIOD_NM, 0.0, Some(&file)).unwrap();
        assert_eq!(kernels, model().kernels(PERIOD_NM, 0.0).unwrap());
    }
}
