//! What can go wrong in imaging.

/// An imaging plan cannot be made or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImagingError {
    /// The clip does not fit the kernels' field.
    #[error(
        "the clip is {width} × {height} nm, the optics' field {period} nm; cut a smaller clip or use optics computed for it"
    )]
    FieldTooSmall {
        /// Clip width, nm.
        width: i64,
        /// Clip height, nm.
        height: i64,
        /// Field period, nm.
        period: f64,
    },
    /// Kernel sets do not belong together.
    #[error("kernel sets disagree: {0}")]
    KernelMismatch(String),
    /// A parameter is out of its range.
    #[error("imaging: {name} = {value}: must be {expected}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// More focus planes than memory is meant to hold.
    #[error("{planes} focus planes are more than the {limit} a field of this size may have")]
    TooManyPlanes {
        /// How many were asked for.
        planes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A focus plane that is not there.
    #[error("focus plane {plane} (counted from 0) was asked for; the stack has {planes}")]
    NoSuchPlane {
        /// Which was asked for.
        plane: usize,
        /// How many there are.
        planes: usize,
    },
    /// A grid of too many pixels.
    #[error("a grid of {nx} × {ny} pixels has more than {limit}; take larger pixels")]
    GridTooLarge {
        /// Pixels along x.
        nx: usize,
        /// Pixels along y.
        ny: usize,
        /// The most there may be.
        limit: usize,
    },
    /// A mask bias that leaves nothing of some edge.
    #[error(
        "a mask bias of {bias_nm} nm an edge turns an edge of the mask around; take a smaller one"
    )]
    BiasTooLarge {
        /// The bias, nm an edge.
        bias_nm: f64,
    },
    /// A cut line longer than a few periods of the field.
    #[error(
        "a cut line of {length_nm} nm is longer than {limit_nm} nm, beyond which the periodic field only repeats"
    )]
    CutTooLong {
        /// Its length, nm.
        length_nm: f64,
        /// The longest allowed, nm.
        limit_nm: f64,
    },
}
