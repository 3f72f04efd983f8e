//! The twins of all kernels behind the same face: slow and obvious, for tests and for finding
//! faults in plans. The program's own processor path is the engine's, not this.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::kernel::Constants;
use super::{BackendKind, Buffer, Compute, DeviceError, DeviceInfo, DeviceKind, Program, Step};

/// Most bytes of one buffer.
const LARGEST: u64 = 1 << 30;

/// A device made of the kernels' twins.
#[derive(Debug)]
pub struct Reference {
    info: DeviceInfo,
}

type Words = Mutex<Vec<u32>>;

impl Reference {
    /// The device.
    pub fn new() -> Self {
        Self {
            info: DeviceInfo {
                name: "reference twins".to_owned(),
                backend: BackendKind::Cpu,
                kind: DeviceKind::Processor,
                driver: "none".to_owned(),
                largest_buffer: LARGEST,
                memory: None,
                shared_memory: 0,
                largest_group: 1,
            },
        }
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::new()
    }
}

fn lock(words: &Words) -> MutexGuard<'_, Vec<u32>> {
    words.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Compute for Reference {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn allocate(&self, what: &'static str, bytes: u64) -> Result<Buffer, DeviceError> {
        if bytes > LARGEST {
            return Err(DeviceError::Memory {
                what,
                bytes,
                device: self.info.name.clone(),
                largest: LARGEST,
            });
        }
        Ok(Buffer::new(bytes, Words::new(vec![0; bytes.div_ceil(4) as usize])))
    }

    fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), DeviceError> {
        buffer.check_range(offset, bytes.len())?;
        let mut words = lock(buffer.held()?);
        let held: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        held[offset as usize..offset as usize + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&self, parts: &mut [(&Buffer, &mut [u8])]) -> Result<(), DeviceError> {
        for (buffer, out) in parts {
            buffer.check_range(0, out.len())?;
            let words = lock(buffer.held()?);
            let held: &[u8] = bytemuck::cast_slice(&words);
            out.copy_from_slice(&held[..out.len()]);
        }
        Ok(())
    }

    fn record(&self, steps: &[Step]) -> Result<Program, DeviceError> {
        Ok(Program::new(steps.to_vec()))
    }

    fn run(&self, program: &Program) -> Result<(), DeviceError> {
        for step in program.held::<Vec<Step>>()? {
            let mut taken = Vec::with_capacity(step.buffers.len());
            for buffer in &step.buffers {
                taken.push(std::mem::take(&mut *lock(buffer.held()?)));
            }
            (step.kernel.twin)(&Constants(&step.values), &mut taken);
            for (buffer, words) in step.buffers.iter().zip(taken) {
                *lock(buffer.held()?) = words;
            }
        }
        Ok(())
    }

    fn wait(&self) -> Result<(), DeviceError> {
        Ok(())
    }
}
