//! Devices that run the inner loops beside the processor: one narrow trait, [`Compute`], with three
//! implementations, and plans that are written once over it.
//!
//! A [`Kernel`] is one inner loop written three times under one name: a Rust twin in `f64` (the
//! slow, obvious one), WGSL, and CUDA. A plan allocates [`Buffer`]s, records its [`Step`]s once and
//! runs the recorded [`Program`] again and again; its data stay on the device between runs.
//!
//! Sums are taken in a fixed order or in whole numbers, so the same device gives the same bits each
//! time. Different devices round differently, within the tolerances the tests state.

mod copy;
mod correction;
mod cpu;
mod cuda;
mod error;
mod imaging;
mod inner;
mod kernel;
mod pictures;
mod raster;
mod resist;
mod select;
mod turn;
mod wgpu;

pub use copy::MemoryCopy;
pub use correction::{
    Correction, CorrectionSetup, CorrectionStage, GridWeights, JudgeSetup, Judged, Loss,
    LossCorner, LossSettings, LossSetup, LossTerms, ProbeSettings, ProbeSetup,
};
pub use cpu::Reference;
pub use cuda::CudaDevice;
pub use error::DeviceError;
pub use imaging::{Follower, Imaging, ImagingSetup, MaskEdge, MovingEdge, MovingMask};
pub use kernel::{Constants, Kernel, Step, Twin, Value};
pub use pictures::{PictureSetup, Pictures, Shades};
pub use raster::{Raster, coverage};
pub use resist::{
    BakeSetup, Deprotection, DepthImage, ExposedLayer, Front, FrontStart, Reaction, Volume,
    VolumeSetup, arrival,
};
pub use select::{BackendChoice, Devices, Selected, front_check, self_check};
pub use turn::turns;
pub use wgpu::{Adapters, WgpuDevice};

use std::any::Any;
use std::sync::Arc;

/// What a device is and can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The maker's name of the device.
    pub name: String,
    /// Which implementation drives it.
    pub backend: BackendKind,
    /// What kind of hardware it is.
    pub kind: DeviceKind,
    /// Driver and its version.
    pub driver: String,
    /// Most bytes in one buffer.
    pub largest_buffer: u64,
    /// Memory of the device in bytes, where its driver tells.
    pub memory: Option<u64>,
    /// Bytes of memory that the threads of a group share.
    pub shared_memory: u32,
    /// Most threads in a group.
    pub largest_group: u32,
}

/// Which implementation of [`Compute`] drives a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackendKind {
    /// The processor.
    Cpu,
    /// Vulkan, Metal or Direct3D 12.
    Wgpu,
    /// Nvidia's own driver.
    Cuda,
}

impl BackendKind {
    /// The word for it on the command line and in recipes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
        }
    }
}

/// What kind of hardware a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// A graphics card of its own memory.
    Discrete,
    /// Graphics that share the processor's memory.
    Integrated,
    /// The processor itself, also where a graphics driver runs on it.
    Processor,
    /// Anything else.
    Other,
}

/// Memory of a device.
#[derive(Clone)]
pub struct Buffer {
    bytes: u64,
    held: Arc<dyn Any + Send + Sync>,
}

impl Buffer {
    /// Memory of this many bytes as its device holds it; for what implements [`Compute`].
    pub fn new(bytes: u64, held: impl Any + Send + Sync) -> Self {
        Self { bytes, held: Arc::new(held) }
    }

    /// Size in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What its device holds.
    ///
    /// # Errors
    /// [`DeviceError::Foreign`] where it is another device's.
    pub fn held<T: Any>(&self) -> Result<&T, DeviceError> {
        self.held.downcast_ref().ok_or(DeviceError::Foreign)
    }

    /// That `bytes` bytes from byte `offset` on lie in it, and that the offset is a multiple of 4.
    ///
    /// # Errors
    /// [`DeviceError::Range`].
    pub fn check_range(&self, offset: u64, bytes: usize) -> Result<(), DeviceError> {
        let end = offset.checked_add(bytes as u64);
        if end.is_some_and(|end| end <= self.bytes) && offset.is_multiple_of(4) {
            Ok(())
        } else {
            Err(DeviceError::Range { offset, bytes: bytes as u64, held: self.bytes })
        }
    }
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Buffer({} bytes)", self.bytes)
    }
}

/// Steps that a device has made ready to run.
#[derive(Clone)]
pub struct Program {
    held: Arc<dyn Any + Send + Sync>,
}

impl Program {
    /// A program as its device holds it; for what implements [`Compute`].
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { held: Arc::new(held) }
    }

    /// What its device holds.
    ///
    /// # Errors
    /// [`DeviceError::Foreign`] where it is another device's.
    pub fn held<T: Any>(&self) -> Result<&T, DeviceError> {
        self.held.downcast_ref().ok_or(DeviceError::Foreign)
    }
}

/// A device that runs kernels. All methods may be called from any thread; work is done in the
/// order in which it was handed in.
pub trait Compute: Send + Sync {
    /// What the device is.
    fn info(&self) -> &DeviceInfo;

    /// Zeroed memory; `what` names it in messages.
    ///
    /// # Errors
    /// More than the device can hold, or a lost device.
    fn allocate(&self, what: &'static str, bytes: u64) -> Result<Buffer, DeviceError>;

    /// Overwrites a buffer from byte `offset` (a multiple of 4) on, after the work handed in so far.
    ///
    /// # Errors
    /// Bytes past the buffer's end, or a lost device.
    fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), DeviceError>;

    /// Reads the beginnings of buffers at once; waits for the work handed in so far.
    ///
    /// # Errors
    /// Bytes past a buffer's end, a lost device, or work that failed.
    fn read(&self, parts: &mut [(&Buffer, &mut [u8])]) -> Result<(), DeviceError>;

    /// Makes steps ready to run one after the other.
    ///
    /// # Errors
    /// A kernel that this device cannot compile, or a lost device.
    fn record(&self, steps: &[Step]) -> Result<Program, DeviceError>;

    /// Hands a program in; does not wait for it. What goes wrong in it is told by the next read.
    ///
    /// # Errors
    /// A lost device.
    fn run(&self, program: &Program) -> Result<(), DeviceError>;

    /// Waits for all work handed in so far.
    ///
    /// # Errors
    /// A lost device, or work that failed.
    fn wait(&self) -> Result<(), DeviceError>;
}

impl std::fmt::Debug for dyn Compute + '_ {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let info = self.info();
        write!(out, "{} ({})", info.name, info.backend.word())
    }
}

/// Zeroed memory for this many words.
///
/// # Errors
/// As [`Compute::allocate`], and more words than the 32 bits that kernels count with.
pub(crate) fn room(
    device: &dyn Compute,
    what: &'static str,
    words: usize,
) -> Result<Buffer, DeviceError> {
    let bytes = (words as u64).saturating_mul(4);
    if u32::try_from(words).is_err() {
        let largest = device.info().largest_buffer.min(4 * u64::from(u32::MAX));
        return Err(DeviceError::Memory {
            what,
            bytes,
            device: device.info().name.clone(),
            largest,
        });
    }
    device.allocate(what, bytes)
}

/// Memory filled with numbers.
///
/// # Errors
/// As [`Compute::allocate`].
pub(crate) fn upload<T: bytemuck::NoUninit>(
    device: &dyn Compute,
    what: &'static str,
    values: &[T],
) -> Result<Buffer, DeviceError> {
    let bytes: &[u8] = bytemuck::cast_slice(values);
    // Kernels bind memory of one item at least.
    let buffer = device.allocate(what, bytes.len().max(size_of::<T>()) as u64)?;
    device.write(&buffer, 0, bytes)?;
    Ok(buffer)
}

/// The first numbers in a buffer.
///
/// # Errors
/// As [`Compute::read`].
pub(crate) fn download<T: bytemuck::AnyBitPattern + bytemuck::NoUninit>(
    device: &dyn Compute,
    buffer: &Buffer,
    out: &mut [T],
) -> Result<(), DeviceError> {
    device.read(&mut [(buffer, bytemuck::cast_slice_mut(out))])
}
