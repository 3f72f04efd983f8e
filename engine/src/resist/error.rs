//! What can go wrong with a resist model.

use std::path::PathBuf;

/// A resist model, its data or its calibration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ResistError {
    /// A parameter is out of its range.
    #[error("resist: {name} = {value}: must be {expected}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// A name that stands for nothing here.
    #[error("resist: no {what} is called \"{name}\"; there are {known}")]
    Unknown {
        /// What was looked for: a preset, a parameter.
        what: &'static str,
        /// The name given.
        name: String,
        /// The names there are, with commas.
        known: String,
    },
    /// Arrays or values that do not go together.
    #[error("resist: {0}")]
    Mismatch(String),
    /// More memory or work than is sensible.
    #[error("resist: {what} would need {needed}, more than {limit}: {advice}")]
    TooLarge {
        /// What would not fit.
        what: &'static str,
        /// How much it takes.
        needed: usize,
        /// How much there may be.
        limit: usize,
        /// What to do about it.
        advice: &'static str,
    },
    /// The work was given up because the caller asked for it.
    #[error("resist: cancelled")]
    Cancelled,
    /// A file cannot be read or does not hold what it should.
    #[error("{}: {reason}", place(.path, *.line))]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where one can be named.
        line: Option<u64>,
        /// What is wrong and what was expected.
        reason: String,
    },
}

/// A file and its line, as editors write them.
fn place(path: &std::path::Path, line: Option<u64>) -> String {
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}

/// A parameter's range check; NaN is in no range.
pub(crate) fn require(
    ok: bool,
    name: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), ResistError> {
    if ok { Ok(()) } else { Err(ResistError::Parameter { name, value, expected }) }
}
