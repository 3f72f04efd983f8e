//! Devices that are not as they should be.

use lithoscope_kernels::device::{
    Buffer, Compute, DeviceError, DeviceInfo, Program, Reference, Step,
};

/// Twins with other properties, that read back every number as another one.
pub struct Twisted {
    twins: Reference,
    pub info: DeviceInfo,
    pub change: fn(f32) -> f32,
}

impl Twisted {
    /// The twins as they are.
    pub fn new() -> Self {
        let twins = Reference::new();
        Self { info: twins.info().clone(), twins, change: |number| number }
    }
}

impl Compute for Twisted {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn allocate(&self, what: &'static str, bytes: u64) -> Result<Buffer, DeviceError> {
        let largest = self.info.largest_buffer;
        if bytes > largest {
            let device = self.info.name.clone();
            return Err(DeviceError::Memory { what, bytes, device, largest });
        }
        self.twins.allocate(what, bytes)
    }

    fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), DeviceError> {
        self.twins.write(buffer, offset, bytes)
    }

    fn read(&self, parts: &mut [(&Buffer, &mut [u8])]) -> Result<(), DeviceError> {
        self.twins.read(parts)?;
        let words = parts.iter_mut().flat_map(|(_, out)| out.chunks_exact_mut(4));
        for word in words {
            let number: f32 = bytemuck::pod_read_unaligned(word);
            word.copy_from_slice(&(self.change)(number).to_le_bytes());
        }
        Ok(())
    }

    fn record(&self, steps: &[Step]) -> Result<Program, DeviceError> {
        self.twins.record(steps)
    }

    fn run(&self, program: &Program) -> Result<(), DeviceError> {
        self.twins.run(program)
    }

    fn wait(&self) -> Result<(), DeviceError> {
        self.twins.wait()
    }
}
