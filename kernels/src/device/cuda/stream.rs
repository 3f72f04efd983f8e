//! What the driver is asked to do: memory, copies, launches and graphs, all on one stream.

#![expect(unsafe_code, reason = "the driver takes addresses and handles as they are given")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cudarc::driver::{
    CudaContext, CudaFunction, CudaGraph, CudaSlice, CudaStream, DevicePtr as _, DriverError,
    LaunchConfig, PinnedHostSlice, PushKernelArg as _, result, sys,
};
use cudarc::nvrtc::Ptx;

use super::super::Buffer;

/// Most bytes read back through memory that the driver need not copy from again; larger reads
/// gain nothing by it.
const STAGED: usize = 32 << 20;

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Memory of the device; it is given back in the order of the stream.
pub struct Memory {
    slice: CudaSlice<u8>,
}

impl Memory {
    /// Where it lies.
    pub fn context(&self) -> &Arc<CudaContext> {
        self.slice.context()
    }

    /// Its first byte, on the device.
    fn address(&self) -> u64 {
        // With the driver's event tracking off the guard does nothing.
        self.slice.device_ptr(self.slice.stream()).0
    }
}

/// One kernel with what it works on.
pub struct Launch {
    function: CudaFunction,
    addresses: Vec<u64>,
    groups: [u32; 3],
    threads: u32,
    /// Keeps the memory alive.
    _buffers: Vec<Buffer>,
}

impl Launch {
    /// Of a kernel over buffers, each of which holds a [`Memory`].
    pub fn new<'a>(
        function: CudaFunction,
        (groups, threads): ([u32; 3], u32),
        buffers: &[Buffer],
        memory: impl Iterator<Item = &'a Memory>,
    ) -> Self {
        let addresses = memory.map(Memory::address).collect();
        Self { function, addresses, groups, threads, _buffers: buffers.to_vec() }
    }

    fn start(&self, stream: &CudaStream) -> Result<(), DriverError> {
        let mut launch = stream.launch_builder(&self.function);
        for address in &self.addresses {
            launch.arg(address);
        }
        let [x, y, z] = self.groups;
        let config = LaunchConfig {
            grid_dim: (x, y, z),
            block_dim: (self.threads, 1, 1),
            shared_mem_bytes: 0,
        };
        // SAFETY: a kernel takes one pointer a binding, which is checked as the step is recorded, and
        // touches as much of each as its plan has allocated. The buffers live as long as this, and
        // are given back after it in the order of the stream.
        unsafe { launch.launch(config) }.map(|_| ())
    }
}

/// Launches that the driver holds ready as one.
pub struct Graph {
    graph: Mutex<Handle>,
    stream: Arc<CudaStream>,
}

struct Handle(CudaGraph);

// SAFETY: the driver's graphs may be used by any thread, one at a time; the mutex around it sees to
// that.
unsafe impl Send for Handle {}

impl Graph {
    /// Hands the launches in.
    pub fn start(&self) -> Result<(), DriverError> {
        self.stream.context().bind_to_thread()?;
        let graph = locked(&self.graph);
        // SAFETY: graph and stream are alive and of one context.
        unsafe { result::graph::launch(graph.0.cu_graph_exec(), self.stream.cu_stream()) }
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // Older drivers want a graph to have ended. A stream that fails has ended, too.
        let _ = self.stream.synchronize();
    }
}

/// A device with the one stream that all of its work is ordered on.
pub struct Stream {
    context: Arc<CudaContext>,
    queue: Arc<CudaStream>,
    /// Where launches are recorded as graphs, apart from the work that other threads hand in.
    recorder: Mutex<Arc<CudaStream>>,
    staging: Mutex<Option<PinnedHostSlice<u8>>>,
}

impl Stream {
    /// Opens a device by its place.
    pub fn open(place: usize) -> Result<Self, DriverError> {
        let context = CudaContext::new(place)?;
        // SAFETY: every access to memory goes through one stream, so nothing is left to track.
        unsafe { context.disable_event_tracking() };
        let (queue, recorder) = (context.new_stream()?, Mutex::new(context.new_stream()?));
        Ok(Self { context, queue, recorder, staging: Mutex::default() })
    }

    /// What its memory and kernels belong to.
    pub fn context(&self) -> &Arc<CudaContext> {
        &self.context
    }

    /// Zeroed memory.
    pub fn allocate(&self, bytes: usize) -> Result<Memory, DriverError> {
        Ok(Memory { slice: self.queue.alloc_zeros(bytes)? })
    }

    /// Copies to the device; the bytes may be given up at once. The range lies in the memory.
    pub fn write(&self, memory: &Memory, offset: u64, bytes: &[u8]) -> Result<(), DriverError> {
        self.context.bind_to_thread()?;
        debug_assert!(offset + bytes.len() as u64 <= memory.slice.len() as u64);
        // SAFETY: the caller has checked the range. From pageable memory the driver has taken the
        // bytes when it returns.
        unsafe {
            result::memcpy_htod_async(memory.address() + offset, bytes, self.queue.cu_stream())
        }
    }

    /// Copies the beginnings of memories from the device, and waits for it.
    pub fn read(&self, parts: &mut [(&Memory, &mut [u8])]) -> Result<(), DriverError> {
        self.context.bind_to_thread()?;
        let total: usize = parts.iter().map(|(_, out)| out.len()).sum();
        if total > STAGED {
            for (memory, out) in parts.iter_mut() {
                self.start_read(memory, out)?;
            }
            return self.wait();
        }
        let mut staging = locked(&self.staging);
        let staged = self.staged(&mut staging, total)?;
        let mut rest = &mut *staged;
        for (memory, out) in parts.iter() {
            let Some((own, after)) = rest.split_at_mut_checked(out.len()) else { break };
            self.start_read(memory, own)?;
            rest = after;
        }
        self.wait()?;
        let mut rest = &*staged;
        for (_, out) in parts.iter_mut() {
            let Some((own, after)) = rest.split_at_checked(out.len()) else { break };
            out.copy_from_slice(own);
            rest = after;
        }
        Ok(())
    }

    fn start_read(&self, memory: &Memory, out: &mut [u8]) -> Result<(), DriverError> {
        debug_assert!(out.len() <= memory.slice.len());
        // SAFETY: the caller has checked the range and waits before it looks at what was copied.
        unsafe { result::memcpy_dtoh_async(out, memory.address(), self.queue.cu_stream()) }
    }

    /// Memory that the device copies to by itself, of at least some bytes.
    fn staged<'a>(
        &self,
        staging: &'a mut Option<PinnedHostSlice<u8>>,
        bytes: usize,
    ) -> Result<&'a mut [u8], DriverError> {
        if staging.as_ref().is_none_or(|held| held.len() < bytes) {
            let size = bytes.next_power_of_two().max(1 << 16);
            // SAFETY: the memory is set below before anything reads it.
            let mut fresh = unsafe { self.context.alloc_pinned_with_flags::<u8>(size, 0) }?;
            // SAFETY: that many bytes were just allocated.
            unsafe { fresh.as_mut_ptr()?.write_bytes(0, size) };
            *staging = Some(fresh);
        }
        staging.as_mut().map_or(Ok(&mut []), PinnedHostSlice::as_mut_slice)
    }

    /// Loads a kernel from its image; PTX must end with a zero byte.
    pub fn load(&self, image: Vec<u8>, name: &str) -> Result<CudaFunction, DriverError> {
        let function = self.context.load_module(Ptx::from_binary(image))?.load_function(name)?;
        // Asking for an attribute loads what the driver would load at the first launch, when a graph
        // may be in the making.
        function.get_attribute(
            sys::CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
        )?;
        Ok(function)
    }

    /// Hands launches in one by one.
    pub fn start(&self, launches: &[Launch]) -> Result<(), DriverError> {
        launches.iter().try_for_each(|launch| launch.start(&self.queue))
    }

    /// Makes one graph of launches; none where there is nothing to gain.
    pub fn graph(&self, launches: &[Launch]) -> Result<Option<Graph>, DriverError> {
        if launches.len() < 2 {
            return Ok(None);
        }
        let recorder = locked(&self.recorder);
        recorder.begin_capture(sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)?;
        let recorded = launches.iter().try_for_each(|launch| launch.start(&recorder));
        let graph = recorder.end_capture(sys::CUgraphInstantiate_flags(0));
        recorded?;
        let stream = Arc::clone(&self.queue);
        Ok(graph?.map(|graph| Graph { graph: Mutex::new(Handle(graph)), stream }))
    }

    /// Waits for all work handed in.
    pub fn wait(&self) -> Result<(), DriverError> {
        self.queue.synchronize()
    }
}
