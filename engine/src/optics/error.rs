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
    /// A source's brightness map cannot be used.
    #[error("source map, row {row}: {reason}")]
    SourceMap {
        /// Row of the map or line of its text, from 1 at the top.
        row: usize,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// A file of arrays is missing, unreadable or of the wrong type or shape.
    #[error("{path}: {reason}")]
    KernelFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what was expected.
        reason: String,
    },
    /// The field is too large for this lens: its kernels would not fit.
    #[error(
        "optics: a field of {period_nm} nm needs {needed} {what}, more than {limit}: \
         use a smaller field or less energy"
    )]
    TooLarge {
        /// Period of the field, nm.
        period_nm: f64,
        /// What there would be too many of.
        what: &'static str,
        /// How many it takes.
        needed: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The TCC's eigenvalues could not be found.
    #[error("optics: the kernels of this model could not be computed: {0}")]
    Decomposition(String),
}

/// A parameter's range check.
pub(super) fn require(
    ok: bool,
    name: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), OpticsError> {
    if ok { Ok(()) } else { Err(OpticsError::Parameter { name, value, expected }) }
}
