//! What can go wrong on a device.

use thiserror::Error;

/// What can go wrong on a device. All of it can be met by doing the work on the processor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeviceError {
    /// There is no such device, or no driver for it.
    #[error("no {backend} device: {reason}")]
    Missing {
        /// cpu, wgpu or cuda.
        backend: &'static str,
        /// What is missing.
        reason: String,
    },
    /// The device went away or its driver gave up.
    #[error("the device {device} was lost: {reason}; the work goes on without it")]
    Lost {
        /// Its name.
        device: String,
        /// What its driver said.
        reason: String,
    },
    /// More memory than the device has or may hold in one piece.
    #[error(
        "{what}: {bytes} bytes are more than the device {device} can hold ({largest} in one buffer); use a smaller clip or batch, or the processor"
    )]
    Memory {
        /// What the memory was for.
        what: &'static str,
        /// How much of it.
        bytes: u64,
        /// The device's name.
        device: String,
        /// Most bytes it holds in one buffer.
        largest: u64,
    },
    /// Something the device cannot do.
    #[error("the device {device} cannot run {what}: {reason}")]
    Unsupported {
        /// The device's name.
        device: String,
        /// What it was asked for.
        what: String,
        /// What it lacks.
        reason: String,
    },
    /// Sizes that a plan does not hold.
    #[error("{what}: {reason}")]
    Input {
        /// Which plan.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Results differ from the processor's by more than rounding.
    #[error(
        "the device {device} failed its self-check: {what} is off by {error:.3e}, more than {tolerance:.1e}"
    )]
    SelfCheck {
        /// The device's name.
        device: String,
        /// Which result.
        what: &'static str,
        /// Largest error found, as text keeps it comparable.
        error: Error64,
        /// What would have been accepted.
        tolerance: Error64,
    },
    /// Access past the end of a buffer.
    #[error("{bytes} bytes at {offset} do not lie in a buffer of {held} bytes on a whole word")]
    Range {
        /// First byte.
        offset: u64,
        /// Number of bytes.
        bytes: u64,
        /// The buffer's size.
        held: u64,
    },
    /// A buffer or a program of another device.
    #[error("a buffer or program of another device was handed in")]
    Foreign,
}

/// A finite or infinite number in an error, compared by its bits.
#[derive(Clone, Copy, Debug)]
pub struct Error64(pub f64);

impl PartialEq for Error64 {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Error64 {}

impl std::fmt::LowerExp for Error64 {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::LowerExp::fmt(&self.0, out)
    }
}
