//! Resist on a device: the depth table, exposure and bake of a volume, and the front of
//! development, after [`crate::depth`], [`crate::diffuse`] and [`crate::eikonal`]. Intensities go
//! in and depths or arrival times come out; what lies between stays on the device.

mod bake;
mod depth;
mod front;
mod table;
mod volume;

pub use self::bake::{BakeSetup, Deprotection, Reaction};
pub use self::depth::DepthImage;
pub use self::front::{Front, FrontStart, arrival};
pub(super) use self::table::Table;
pub use self::volume::{Volume, VolumeSetup};
pub use super::inner::Layer as ExposedLayer;

use super::kernel::{GROUP_ROW, Kernel, Step, Value, in_rows};
use super::{Buffer, Compute, DeviceError};

/// A number that a kernel is compiled with.
fn value(name: &'static str, number: usize) -> Value {
    (name, number as u32)
}

/// One thread for each of some items.
fn flat(
    kernel: &'static Kernel,
    items: usize,
    mut values: Vec<Value>,
    buffers: &[&Buffer],
) -> Step {
    let threads = kernel.threads as usize;
    let groups = items.div_ceil(threads).max(1);
    values.push(value("ROW", GROUP_ROW * threads));
    Step {
        kernel,
        values,
        buffers: buffers.iter().map(|buffer| (*buffer).clone()).collect(),
        groups: in_rows(groups).map(|count| count as u32),
    }
}

/// Numbers of four bytes in a volume of a shape.
///
/// # Errors
/// More than kernels count.
fn voxels(what: &'static str, shape: [usize; 3]) -> Result<usize, DeviceError> {
    let all = shape.iter().try_fold(1_usize, |all, n| all.checked_mul(*n));
    match all.filter(|all| *all < 1 << 30) {
        Some(all) if all > 0 => Ok(all),
        Some(_) => Err(DeviceError::Input { what, reason: "a volume without voxels".to_owned() }),
        None => {
            let reason = format!("{shape:?} voxels are more than 2^30");
            Err(DeviceError::Input { what, reason })
        }
    }
}

/// Memory for this many numbers of four bytes.
///
/// # Errors
/// As [`Compute::allocate`].
fn room(device: &dyn Compute, what: &'static str, words: usize) -> Result<Buffer, DeviceError> {
    device.allocate(what, 4 * words as u64)
}
