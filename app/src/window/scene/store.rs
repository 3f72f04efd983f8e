//! Buffers that change from frame to frame.

use bytemuck::Pod;
use eframe::wgpu;

/// A buffer that grows with what is put in it.
pub struct Store {
    label: &'static str,
    usage: wgpu::BufferUsages,
    buffer: wgpu::Buffer,
    last: Vec<u8>,
}

impl Store {
    /// An empty one.
    pub fn new(device: &wgpu::Device, label: &'static str, usage: wgpu::BufferUsages) -> Self {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        Self { label, usage, buffer: make(device, label, usage, 256), last: Vec::new() }
    }

    /// Puts in what is not there already; returns the number of bytes sent.
    pub fn put<T: Pod>(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        items: &[T],
    ) -> usize {
        let bytes: &[u8] = bytemuck::cast_slice(items);
        if bytes == self.last {
            return 0;
        }
        if bytes.len() as u64 > self.buffer.size() {
            let size = (bytes.len() as u64).next_power_of_two();
            self.buffer = make(device, self.label, self.usage, size);
        }
        queue.write_buffer(&self.buffer, 0, bytes);
        self.last.clear();
        self.last.extend_from_slice(bytes);
        bytes.len()
    }

    /// The buffer.
    pub fn buffer(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

fn make(
    device: &wgpu::Device,
    label: &'static str,
    usage: wgpu::BufferUsages,
    size: u64,
) -> wgpu::Buffer {
    let descriptor =
        wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
    device.create_buffer(&descriptor)
}
