//! What can go wrong when a mask is judged.

/// A verdict cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
}
