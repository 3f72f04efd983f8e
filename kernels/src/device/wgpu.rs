//! Vulkan, Metal and Direct3D 12 through wgpu.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use super::{
    BackendKind, Buffer, Compute, DeviceError, DeviceInfo, DeviceKind, Kernel, Program, Step, Value,
};

/// The adapters of this machine.
#[derive(Debug)]
pub struct Adapters(Vec<wgpu::Adapter>);

impl Adapters {
    /// Looks for adapters that can compute, in the order of their drivers.
    pub fn find() -> Self {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::PRIMARY,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let all = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
        let computes = |adapter: &wgpu::Adapter| {
            let flags = adapter.get_downlevel_capabilities().flags;
            flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
        };
        Self(all.into_iter().filter(computes).collect())
    }

    /// What each of them is.
    pub fn infos(&self) -> Vec<DeviceInfo> {
        self.0.iter().map(info).collect()
    }

    /// Opens one, by its place in [`Adapters::infos`].
    ///
    /// # Errors
    /// No such adapter, or a driver that refuses.
    pub fn open(&self, index: usize) -> Result<WgpuDevice, DeviceError> {
        let missing = |reason: String| DeviceError::Missing { backend: "wgpu", reason };
        let Some(adapter) = self.0.get(index) else {
            return Err(missing("no Vulkan, Metal or Direct3D 12 driver was found".to_owned()));
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("lithoscope compute"),
            required_limits: adapter.limits(),
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|error| missing(error.to_string()))?;
        Ok(WgpuDevice::new(info(adapter), device, queue))
    }
}

fn info(adapter: &wgpu::Adapter) -> DeviceInfo {
    let (about, limits) = (adapter.get_info(), adapter.limits());
    DeviceInfo {
        name: about.name,
        backend: BackendKind::Wgpu,
        kind: match about.device_type {
            wgpu::DeviceType::DiscreteGpu => DeviceKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => DeviceKind::Integrated,
            wgpu::DeviceType::Cpu => DeviceKind::Processor,
            _ => DeviceKind::Other,
        },
        driver: format!("{:?}, {} {}", about.backend, about.driver, about.driver_info)
            .trim_end()
            .to_owned(),
        largest_buffer: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
        memory: None,
        shared_memory: limits.max_compute_workgroup_storage_size,
        largest_group: limits.max_compute_invocations_per_workgroup,
    }
}

/// A device driven through wgpu.
pub struct WgpuDevice {
    info: DeviceInfo,
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipelines: Mutex<HashMap<(&'static str, Vec<Value>), wgpu::ComputePipeline>>,
    faults: Arc<Faults>,
}

/// What the driver reported out of turn.
#[derive(Default)]
struct Faults {
    lost: AtomicBool,
    said: Mutex<Option<String>>,
}

impl Faults {
    fn tell(&self, message: String) {
        locked(&self.said).get_or_insert(message);
    }
}

/// An error with its causes, in one line.
fn told(error: &wgpu::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for WgpuDevice {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "WgpuDevice({})", self.info.name)
    }
}

/// A program: pipelines with what they are bound to.
type Recorded = Vec<(wgpu::ComputePipeline, wgpu::BindGroup, [u32; 3])>;

impl WgpuDevice {
    /// Shares the device that a window draws with, so that it can draw what is computed. Faults of
    /// the window's own work are told by this device's next call.
    pub fn shared(adapter: &wgpu::Adapter, device: wgpu::Device, queue: wgpu::Queue) -> Self {
        let mut info = info(adapter);
        let limits = device.limits();
        info.largest_buffer = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        info.shared_memory = limits.max_compute_workgroup_storage_size;
        info.largest_group = limits.max_compute_invocations_per_workgroup;
        Self::new(info, device, queue)
    }

    /// The memory itself, for whoever shares the device; `None` for another device's.
    pub fn memory(&self, buffer: &Buffer) -> Option<wgpu::Buffer> {
        buffer.held::<wgpu::Buffer>().ok().cloned()
    }

    /// Takes a device that nobody else reports the faults of.
    fn new(info: DeviceInfo, device: wgpu::Device, queue: wgpu::Queue) -> Self {
        let faults = Arc::new(Faults::default());
        let heard = Arc::clone(&faults);
        device.set_device_lost_callback(move |reason, message| {
            heard.tell(format!("{reason:?} {message}"));
            heard.lost.store(true, Ordering::SeqCst);
        });
        let heard = Arc::clone(&faults);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            heard.tell(told(&error));
        }));
        Self { info, device, queue, pipelines: Mutex::default(), faults }
    }

    /// Gives the device up, as a driver that fails does: all later calls return
    /// [`DeviceError::Lost`].
    pub fn destroy(&self) {
        self.device.destroy();
        self.faults.tell("it was given up".to_owned());
        self.faults.lost.store(true, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), DeviceError> {
        if self.faults.lost.load(Ordering::SeqCst) {
            let reason = locked(&self.faults.said).clone().unwrap_or_default();
            return Err(DeviceError::Lost { device: self.info.name.clone(), reason });
        }
        match locked(&self.faults.said).take() {
            None => Ok(()),
            Some(reason) => Err(self.unsupported("the last work", reason)),
        }
    }

    fn unsupported(&self, what: impl Into<String>, reason: String) -> DeviceError {
        DeviceError::Unsupported { device: self.info.name.clone(), what: what.into(), reason }
    }

    fn pipeline(
        &self,
        kernel: &'static Kernel,
        values: &[Value],
    ) -> Result<wgpu::ComputePipeline, DeviceError> {
        let key = (kernel.name, values.to_vec());
        if let Some(pipeline) = locked(&self.pipelines).get(&key) {
            return Ok(pipeline.clone());
        }
        if kernel.threads > self.info.largest_group {
            let reason = format!("groups of {} threads", kernel.threads);
            return Err(self.unsupported(kernel.name, reason));
        }
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(kernel.name),
            source: wgpu::ShaderSource::Wgsl(kernel.wgsl_source(values).into()),
        });
        let entries: Vec<_> = kernel.writes.iter().zip(0..).map(entry).collect();
        let layout = self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(kernel.name),
            entries: &entries,
        });
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(kernel.name),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name),
            layout: Some(&layout),
            module: &module,
            entry_point: Some(kernel.name),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        if let Some(error) = pollster::block_on(scope.pop()) {
            return Err(self.unsupported(kernel.name, told(&error)));
        }
        locked(&self.pipelines).insert(key, pipeline.clone());
        Ok(pipeline)
    }
}

fn entry((writes, binding): (&bool, u32)) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only: !writes },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    }
}

impl Compute for WgpuDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn allocate(&self, what: &'static str, bytes: u64) -> Result<Buffer, DeviceError> {
        self.check()?;
        // Bindings are whole words, and none is empty.
        let size = bytes.max(16).next_multiple_of(4);
        let too_large = || DeviceError::Memory {
            what,
            bytes,
            device: self.info.name.clone(),
            largest: self.info.largest_buffer,
        };
        if size > self.info.largest_buffer {
            return Err(too_large());
        }
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(what),
            size,
            usage: wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::COPY_SRC
                | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        if pollster::block_on(scope.pop()).is_some() {
            return Err(too_large());
        }
        self.check()?;
        Ok(Buffer::new(size, buffer))
    }

    fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), DeviceError> {
        self.check()?;
        buffer.check_range(offset, bytes.len())?;
        let held = buffer.held::<wgpu::Buffer>()?;
        if bytes.len().is_multiple_of(4) {
            self.queue.write_buffer(held, offset, bytes);
        } else {
            let mut padded = bytes.to_vec();
            padded.resize(bytes.len().next_multiple_of(4), 0);
            self.queue.write_buffer(held, offset, &padded);
        }
        Ok(())
    }

    fn read(&self, parts: &mut [(&Buffer, &mut [u8])]) -> Result<(), DeviceError> {
        self.check()?;
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut total = 0;
        for (buffer, out) in parts.iter() {
            buffer.check_range(0, out.len())?;
            total += (out.len() as u64).next_multiple_of(4);
        }
        if total == 0 {
            return self.wait();
        }
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read back"),
            size: total,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut at = 0;
        for (buffer, out) in parts.iter() {
            let size = (out.len() as u64).next_multiple_of(4);
            encoder.copy_buffer_to_buffer(buffer.held::<wgpu::Buffer>()?, 0, &staging, at, size);
            at += size;
        }
        self.queue.submit([encoder.finish()]);
        let (send, receive) = mpsc::channel();
        staging.slice(..).map_async(wgpu::MapMode::Read, move |result| {
            // Nobody listens any more if the wait below failed.
            let _ = send.send(result);
        });
        self.wait()?;
        let lost = |reason: String| DeviceError::Lost { device: self.info.name.clone(), reason };
        let mapped = receive.try_recv().map_err(|error| lost(error.to_string()))?;
        mapped.map_err(|error| lost(error.to_string()))?;
        let mapped = staging.get_mapped_range(..).map_err(|error| lost(error.to_string()))?;
        let mut at = 0;
        for (_, out) in parts {
            out.copy_from_slice(&mapped[at..at + out.len()]);
            at += out.len().next_multiple_of(4);
        }
        Ok(())
    }

    fn record(&self, steps: &[Step]) -> Result<Program, DeviceError> {
        self.check()?;
        let mut recorded = Recorded::with_capacity(steps.len());
        let most = self.device.limits().max_compute_workgroups_per_dimension;
        for step in steps {
            if step.groups.iter().any(|count| *count > most) {
                let reason = format!("{:?} groups, more than {most} along a side", step.groups);
                return Err(self.unsupported(step.kernel.name, reason));
            }
            let pipeline = self.pipeline(step.kernel, &step.values)?;
            let mut entries = Vec::with_capacity(step.buffers.len());
            for (buffer, binding) in step.buffers.iter().zip(0..) {
                let resource = buffer.held::<wgpu::Buffer>()?.as_entire_binding();
                entries.push(wgpu::BindGroupEntry { binding, resource });
            }
            let scope = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
            let bound = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(step.kernel.name),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            });
            if let Some(error) = pollster::block_on(scope.pop()) {
                return Err(self.unsupported(step.kernel.name, told(&error)));
            }
            recorded.push((pipeline, bound, step.groups));
        }
        Ok(Program::new(recorded))
    }

    fn run(&self, program: &Program) -> Result<(), DeviceError> {
        self.check()?;
        let recorded = program.held::<Recorded>()?;
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for (pipeline, bound, [x, y, z]) in recorded {
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, bound, &[]);
                pass.dispatch_workgroups(*x, *y, *z);
            }
        }
        self.queue.submit([encoder.finish()]);
        Ok(())
    }

    fn wait(&self) -> Result<(), DeviceError> {
        let waited = self.device.poll(wgpu::PollType::wait_indefinitely());
        self.check()?;
        match waited {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(DeviceError::Lost { device: self.info.name.clone(), reason: error.to_string() })
            }
        }
    }
}
