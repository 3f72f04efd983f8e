//! A plain copy in a device's memory: the measure that other work is held against.

use super::inner::COPY_WORDS;
use super::kernel::{GROUP_ROW, Step, in_rows};
use super::{Buffer, Compute, DeviceError, Program};

/// A copy that is made again and again.
pub struct MemoryCopy {
    from: Buffer,
    to: Buffer,
    words: usize,
    program: Program,
}

impl MemoryCopy {
    /// A copy of this many words.
    ///
    /// # Errors
    /// Too little memory, or a device that fails.
    pub fn new(device: &dyn Compute, words: usize) -> Result<Self, DeviceError> {
        let from = device.allocate("copied from", 4 * words as u64)?;
        let to = device.allocate("copied to", 4 * words as u64)?;
        let threads = COPY_WORDS.threads as usize;
        let groups = words.div_ceil(threads).max(1);
        let step = Step {
            kernel: &COPY_WORDS,
            values: vec![("WORDS", words as u32), ("ROW", (GROUP_ROW * threads) as u32)],
            buffers: vec![from.clone(), to.clone()],
            groups: in_rows(groups).map(|count| count as u32),
        };
        let program = device.record(&[step])?;
        Ok(Self { from, to, words, program })
    }

    /// What is copied from, and to.
    pub fn buffers(&self) -> [&Buffer; 2] {
        [&self.from, &self.to]
    }

    /// Bytes read and written each time.
    pub fn bytes(&self) -> u64 {
        8 * self.words as u64
    }

    /// Copies; does not wait.
    ///
    /// # Errors
    /// A device that fails.
    pub fn run(&self, device: &dyn Compute) -> Result<(), DeviceError> {
        device.run(&self.program)
    }
}
