//! Kernels on disk, keyed by all that decides them.
//!
//! A file is the magic, `half` and the kernel count as u32, `period_nm` and `energy_kept` as f64,
//! the weights as f32, the spectra as pairs of f32, all little-endian, and the SHA-256 of all that.
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
const MAGIC: &[u8; 8] = b"LITHOSK\x01";

/// Bytes before the weights.
const HEADER: usize = MAGIC.len() + 4 + 4 + 8 + 8;

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
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("kernels-{digits}.bin")
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
    Some(SocsKernels {
        period_nm: f64::from_le_bytes(*period),
        half,
        weights: numbers(weights),
        spectra: Array3::from_shape_vec((count, side, side), pairs.iter().map(complex).collect())
            .ok()?,
        energy_kept: Some(f64::from_le_bytes(*energy)).filter(|energy| energy.is_finite()),
    })
}
