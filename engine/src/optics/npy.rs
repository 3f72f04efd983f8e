//! Kernel files: NumPy's `.npy`, read with every claim of the header held against the file's size.

use std::fs::{self, File};
use std::io::{BufWriter, Read};
use std::path::Path;

use ndarray::{Array, Dimension};
use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement, WritableElement, WriteNpyExt};

use super::OpticsError;

/// Largest file read, bytes: 128 kernels of 257 × 257 bins fit three times over.
const MAX_BYTES: u64 = 256 << 20;

/// Longest header text read, bytes; NumPy writes 64 to 118 for plain arrays.
const MAX_HEADER: usize = 4096;

/// Reads an array of one type and number of dimensions from a `.npy` file of at most 256 MiB.
///
/// `expected` says in words what the file should hold, for the message.
///
/// # Errors
/// The file cannot be read or is too large; another type or number of dimensions; a header that
/// claims more or less than the file holds.
pub fn read<A, D>(path: &Path, expected: &str) -> Result<Array<A, D>, OpticsError>
where
    A: ReadableElement,
    D: Dimension,
{
    let fail = |what: String| OpticsError::KernelFile {
        path: path.to_path_buf(),
        reason: format!("{what}; expected {expected}"),
    };
    let bytes = bytes_of(path).map_err(&fail)?;
    check_header(&bytes, size_of::<A>()).map_err(&fail)?;
    Array::read_npy(bytes.as_slice()).map_err(|error| fail(describe(&error)))
}

/// Writes an array under a temporary name and renames the file.
pub(super) fn write<A, D>(path: &Path, array: &Array<A, D>) -> Result<(), OpticsError>
where
    A: WritableElement,
    D: Dimension,
{
    let fail = |what: String| OpticsError::KernelFile {
        path: path.to_path_buf(),
        reason: format!("cannot be written: {what}"),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| fail(error.to_string()))?;
    let file = tempfile::NamedTempFile::new_in(folder).map_err(|error| fail(error.to_string()))?;
    array.write_npy(BufWriter::new(&file)).map_err(|error| fail(error.to_string()))?;
    file.persist(path).map_err(|error| fail(error.to_string()))?;
    Ok(())
}

/// The whole file, if it is not too large.
fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {} MiB", MAX_BYTES >> 20));
    }
    Ok(bytes)
}

/// Holds the header's claims against the bytes there are, before anything is allocated from them.
///
/// The only nesting a plain array's header has is one dictionary with one tuple, its shape: more
/// is refused, so that a hostile header can neither recurse deeply nor state a second shape.
fn check_header(bytes: &[u8], element_bytes: usize) -> Result<(), String> {
    let (header, start) = header_text(bytes).ok_or("is not an .npy file, or its header is cut")?;
    let brackets: Vec<u8> =
        header.iter().copied().filter(|byte| b"{}()[]".contains(byte)).collect();
    if brackets != b"{()}" {
        return Err(".npy header is not that of a plain array".into());
    }
    let shape = header
        .split(|&byte| byte == b'(')
        .nth(1)
        .and_then(|rest| rest.split(|&byte| byte == b')').next())
        .and_then(|text| std::str::from_utf8(text).ok())
        .ok_or(".npy header has no shape")?;
    let mut claimed = element_bytes as u64;
    for side in shape.split(',').map(str::trim).filter(|side| !side.is_empty()) {
        let side: u64 = side.parse().map_err(|_| format!(".npy header has the shape ({shape})"))?;
        claimed = claimed.saturating_mul(side);
    }
    let held = (bytes.len() - start) as u64;
    if claimed != held {
        return Err(format!(
            ".npy header claims the shape ({shape}), {claimed} bytes, but {held} bytes follow it"
        ));
    }
    Ok(())
}

/// The header's text and the offset of the data behind it.
fn header_text(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let version = *bytes.strip_prefix(b"\x93NUMPY")?.first()?;
    let (length, text_at) = if version == 1 {
        (usize::from(u16::from_le_bytes(bytes.get(8..10)?.try_into().ok()?)), 10)
    } else {
        (u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?) as usize, 12)
    };
    if length > MAX_HEADER {
        return None;
    }
    let end = text_at + length;
    Some((bytes.get(text_at..end)?, end))
}

/// The reader's error in our words.
fn describe(error: &ReadNpyError) -> String {
    match error {
        ReadNpyError::WrongNdim(_, found) => format!("has {found} dimensions"),
        ReadNpyError::WrongDescriptor(found) => format!("holds elements of type {found}"),
        other => format!("is not a valid .npy file ({other})"),
    }
}
