//! What can go wrong in optics.

use std::path::PathBuf;

/// An optical model or kernel file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpticsError {
    /// A parameter is out of its range.
    #[error("optics: {name} = {value}: must be {expected}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// A kernel file is missing, unreadable or of the wrong shape.
    #[error("kernel file {path}: {reason}")]
    KernelFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what was expected.
        reason: String,
    },
}
