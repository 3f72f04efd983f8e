//! What can go wrong in imaging.

/// An imaging plan cannot be made or used.
#[derive(Debug, thiserror::Error)]
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
    /// The two kernel sets do not belong together.
    #[error("kernel sets disagree: {0}")]
    KernelMismatch(String),
}
