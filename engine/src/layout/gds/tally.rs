//! How far readers that work side by side have come together.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::layout::{LayoutError, Progress, ReadOptions};

/// Bytes between two reports.
const STRIDE: u64 = 1 << 20;

/// Reading was broken off on request.
pub(super) struct Cancelled;

/// Bytes read so far, and whether to go on.
pub(super) struct Tally<'o> {
    path: &'o Path,
    options: &'o ReadOptions<'o>,
    total: u64,
    done: AtomicU64,
    cancelled: AtomicBool,
}

impl<'o> Tally<'o> {
    pub fn new(path: &'o Path, options: &'o ReadOptions<'o>, total: usize) -> Self {
        let (done, cancelled) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { path, options, total: total as u64, done, cancelled }
    }

    /// Whether to go on.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.cancelled.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }

    /// Counts the bytes from `told` to `offset` once they are worth telling; gives what is told now.
    #[inline]
    pub fn told(&self, told: usize, offset: usize) -> Result<usize, Cancelled> {
        if (offset - told) as u64 >= STRIDE {
            self.passed(offset - told)?;
            return Ok(offset);
        }
        Ok(told)
    }

    /// Counts bytes, and tells whenever they reach a multiple of a mebibyte.
    pub fn passed(&self, bytes: usize) -> Result<(), Cancelled> {
        let before = self.done.fetch_add(bytes as u64, Ordering::Relaxed);
        let done = before + bytes as u64;
        if before / STRIDE != done / STRIDE {
            self.check()?;
            let progress = Progress { done: done.min(self.total), total: Some(self.total) };
            if self.options.report(self.path, progress).is_err() {
                self.cancelled.store(true, Ordering::Relaxed);
                return Err(Cancelled);
            }
        }
        Ok(())
    }

    /// The error that breaking off is.
    pub fn error(&self) -> LayoutError {
        LayoutError::Cancelled { path: self.path.to_path_buf() }
    }
}
