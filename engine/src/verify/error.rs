//! What can go wrong when a mask is judged.

use crate::imaging::ImagingError;

/// A verdict cannot be given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// The window holds more 1 nm pixels than a pixel target may.
    #[error(
        "a window of {width} × {height} nm holds more than {limit} pixels of 1 nm; choose a smaller window"
    )]
    WindowTooLarge {
        /// Width of the window, nm.
        width: i64,
        /// Height of the window, nm.
        height: i64,
        /// The most pixels allowed.
        limit: i64,
    },
    /// An image does not cover the target's window at 1 nm.
    #[error(
        "the {image} image has {found:?} pixels [y, x] where the target has {expected:?}; image the target's window at 1 nm"
    )]
    ImageSize {
        /// Which image.
        image: &'static str,
        /// Its shape.
        found: [usize; 2],
        /// The target's shape.
        expected: [usize; 2],
    },
    /// A parameter is out of its range.
    #[error("{name} = {value}: must be {expected}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// A gauge cannot be measured.
    #[error("gauge {name}: {reason}")]
    Gauge {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A focus-exposure matrix is not one.
    #[error("focus-exposure matrix: {0}")]
    Matrix(String),
    /// The image cannot be taken or read.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
}

/// A parameter's range check.
pub(super) fn require(
    ok: bool,
    name: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), VerifyError> {
    if ok { Ok(()) } else { Err(VerifyError::Parameter { name, value, expected }) }
}
