//! Where a layout's bytes come from: a file read whole or mapped, a pipe, a gzip stream.

use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::Path;

use flate2::bufread::GzDecoder;
use memmap2::Mmap;

use super::{LayoutError, Progress, ReadOptions};

/// Files above this size are mapped rather than read.
const LARGEST_READ: u64 = 128 << 20;

/// Most bytes taken from what is no plain file and so does not say how many it has.
const LARGEST_STREAM: u64 = 4 << 30;

/// A gzip stream may inflate to this …
const INFLATED_ALWAYS: u64 = 64 << 20;

/// … or to this many times its size. Layouts of one array after another come to some ten times;
/// DEFLATE reaches 1032.
const INFLATED_RATIO: u64 = 200;

/// Bytes inflated between two looks at the limit and at whether to go on.
const STRIDE: usize = 1 << 20;

/// The bytes of a file.
pub(super) enum Source {
    Held(Vec<u8>),
    /// The file stays open as long as its lock is needed.
    Mapped(Mmap, #[expect(dead_code, reason = "holds the lock")] File),
}

impl Deref for Source {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Held(bytes) => bytes,
            Self::Mapped(map, _) => map,
        }
    }
}

/// Opens a file's bytes, mapped where it is large.
///
/// # Errors
/// [`LayoutError::Io`]; [`LayoutError::TooLarge`] for a pipe that does not end.
pub(super) fn bytes_of(path: &Path) -> Result<Source, LayoutError> {
    let io = |source| LayoutError::Io { path: path.to_path_buf(), source };
    let file = File::open(path).map_err(io)?;
    let about = file.metadata().map_err(io)?;
    let limit = if about.is_file() { u64::MAX } else { LARGEST_STREAM };
    // Who holds a lock is writing: then the bytes are copied, not mapped.
    let settled = || !matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock));
    if about.is_file() && about.len() > LARGEST_READ && settled() {
        let map = map(&file).map_err(io)?;
        return Ok(Source::Mapped(map, file));
    }
    let mut bytes = Vec::new();
    if about.is_file() {
        bytes.try_reserve_exact(about.len() as usize).map_err(|e| io(e.into()))?;
    }
    // A pipe has no size to trust, so the reading itself is bounded.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    let size = bytes.len() as u64;
    if size > limit {
        return Err(LayoutError::TooLarge { path: path.to_path_buf(), bytes: size, limit });
    }
    Ok(Source::Held(bytes))
}

#[allow(unsafe_code, reason = "mapping a file is unsafe wherever it is done")]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the bytes of a map must not change while it lives. The map is private and only read,
    // and the file is held under a shared advisory lock where the system has one. A program that
    // writes regardless of locks can still change what is read, as it could between two reads of any
    // reader, and one that cuts the file short ends this process by a signal; programs that save
    // layouts replace the file rather than cut it.
    unsafe { Mmap::map(file) }
}

/// Whether bytes are a gzip stream.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// What a gzip stream of one or more members holds.
///
/// # Errors
/// [`LayoutError::Gzip`] where the stream is broken, cut short, followed by something else than
/// zeros, or inflates to more than a layout would; [`LayoutError::Cancelled`].
pub(super) fn inflated(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Vec<u8>, LayoutError> {
    let limit = INFLATED_ALWAYS.max((bytes.len() as u64).saturating_mul(INFLATED_RATIO));
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let start = bytes.len() - rest.len();
        let fault = |offset: usize, problem: String| LayoutError::Gzip {
            path: path.to_path_buf(),
            offset: offset as u64,
            problem,
        };
        if !is_gzip(rest) {
            if rest.iter().all(|&b| b == 0) {
                break;
            }
            return Err(fault(start, "expected the end of the file or a further member".into()));
        }
        let mut decoder = GzDecoder::new(rest);
        loop {
            let before = out.len();
            let read = (&mut decoder).take(STRIDE as u64).read_to_end(&mut out);
            let offset = bytes.len() - decoder.get_ref().len();
            read.map_err(|e| fault(offset, format!("the compressed stream is broken: {e}")))?;
            if out.len() as u64 > limit {
                let problem = format!(
                    "inflates to more than {limit} bytes, {INFLATED_RATIO} times the file; inflate it by other means first"
                );
                return Err(fault(offset, problem));
            }
            if out.len() == before {
                break;
            }
            options.report(path, Progress { done: out.len() as u64, total: None })?;
        }
        rest = decoder.into_inner();
    }
    Ok(out)
}
