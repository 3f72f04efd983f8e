//! Nvidia's devices through their own driver, both found at run time: nothing of CUDA is needed to
//! build. Kernels are compiled by NVRTC for the device at hand and kept on disk.

mod cache;
mod library;
mod nvrtc;
mod stream;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use cudarc::driver::sys::CUresult;
use cudarc::driver::{CudaContext, CudaFunction, DriverError};

use super::{Buffer, Compute, DeviceError, DeviceInfo, Kernel, Program, Step, Value};
use cache::Cache;
use library::words;
use nvrtc::{Nvrtc, Target};
use stream::{Graph, Launch, Memory, Stream, locked};

/// Most groups along y and z.
const LARGEST_GRID: u32 = 65_535;

/// A device driven through CUDA.
pub struct CudaDevice {
    info: DeviceInfo,
    capability: u32,
    stream: Stream,
    /// Held while the launches of one program are handed in.
    turn: Mutex<()>,
    compiler: Option<Nvrtc>,
    cache: Cache,
    functions: Mutex<HashMap<(&'static str, Vec<Value>), CudaFunction>>,
    /// What the driver said when it gave up.
    lost: Mutex<Option<String>>,
}

/// A program: launches, and the same as one graph where the driver makes one.
struct Recorded {
    context: Arc<CudaContext>,
    launches: Vec<Launch>,
    graph: Option<Graph>,
}

fn missing(reason: String) -> DeviceError {
    DeviceError::Missing { backend: "cuda", reason }
}

impl CudaDevice {
    /// The number of devices.
    ///
    /// # Errors
    /// [`DeviceError::Missing`] without a driver, or where it finds no device.
    pub fn count() -> Result<usize, DeviceError> {
        library::count().map_err(missing)
    }

    /// What each device is.
    ///
    /// # Errors
    /// As [`CudaDevice::count`].
    pub fn infos() -> Result<Vec<DeviceInfo>, DeviceError> {
        let info = |place| library::info(place).map(|(info, _)| info);
        (0..Self::count()?).map(info).collect::<Result<_, _>>().map_err(|e| missing(words(e)))
    }

    /// Opens a device by its place in [`CudaDevice::infos`]. Compiled kernels are kept in the folder
    /// `cache`; without NVRTC only those found there can run.
    ///
    /// # Errors
    /// [`DeviceError::Missing`] without a driver, without such a device, or without both NVRTC and
    /// kernels compiled before.
    pub fn open(place: usize, cache: Option<PathBuf>) -> Result<Self, DeviceError> {
        let count = Self::count()?;
        if place >= count {
            return Err(missing(format!("there is none at place {place} of {count}")));
        }
        let (compiler, cache) = (Nvrtc::find(), Cache::new(cache));
        if compiler.is_none() && cache.is_empty() {
            let reason = "the compiler NVRTC (libnvrtc of CUDA 11.2 or newer) was not found, and no \
                          kernels compiled before";
            return Err(missing(reason.to_owned()));
        }
        let (info, capability) = library::info(place).map_err(|e| missing(words(e)))?;
        Ok(Self {
            info,
            capability,
            stream: Stream::open(place).map_err(|e| missing(words(e)))?,
            turn: Mutex::default(),
            compiler,
            cache,
            functions: Mutex::default(),
            lost: Mutex::default(),
        })
    }

    /// Gives the device up, as a driver that fails does: all later calls return
    /// [`DeviceError::Lost`].
    pub fn destroy(&self) {
        locked(&self.lost).get_or_insert_with(|| "it was given up".to_owned());
    }

    fn check(&self) -> Result<(), DeviceError> {
        match &*locked(&self.lost) {
            None => Ok(()),
            Some(reason) => {
                let device = self.info.name.clone();
                Err(DeviceError::Lost { device, reason: reason.clone() })
            }
        }
    }

    /// Remembers that the driver has failed. Its errors concern all work in flight, and most of them
    /// come back at every later call.
    fn lose(&self, error: DriverError) -> DeviceError {
        let mut lost = locked(&self.lost);
        let reason = lost.get_or_insert_with(|| words(error)).clone();
        DeviceError::Lost { device: self.info.name.clone(), reason }
    }

    fn unsupported(&self, what: &str, reason: String) -> DeviceError {
        DeviceError::Unsupported { device: self.info.name.clone(), what: what.to_owned(), reason }
    }

    /// Whether something belongs to this device.
    fn own(&self, context: &Arc<CudaContext>) -> Result<(), DeviceError> {
        if Arc::ptr_eq(context, self.stream.context()) { Ok(()) } else { Err(DeviceError::Foreign) }
    }

    fn memory<'a>(&self, buffer: &'a Buffer) -> Result<&'a Memory, DeviceError> {
        let memory = buffer.held::<Memory>()?;
        self.own(memory.context()).map(|()| memory)
    }

    fn function(&self, kernel: &Kernel, values: &[Value]) -> Result<CudaFunction, DeviceError> {
        let key = (kernel.name, values.to_vec());
        if let Some(function) = locked(&self.functions).get(&key) {
            return Ok(function.clone());
        }
        if kernel.threads > self.info.largest_group {
            let reason = format!("groups of {} threads", kernel.threads);
            return Err(self.unsupported(kernel.name, reason));
        }
        let source = kernel.cuda_source(values);
        let kept = self.kept(kernel.name, &source);
        let kept = kept.and_then(|image| self.stream.load(image, kernel.name).ok());
        let function = match kept {
            Some(function) => function,
            None => self.compiled(kernel.name, &source)?,
        };
        locked(&self.functions).insert(key, function.clone());
        Ok(function)
    }

    /// What was compiled before.
    fn kept(&self, name: &str, source: &str) -> Option<Vec<u8>> {
        match &self.compiler {
            None => self.cache.find_any(name, source, self.capability),
            Some(nvrtc) => {
                let target = Target::best(&nvrtc.known, self.capability)?;
                self.cache.find(name, source, target, nvrtc.version)
            }
        }
    }

    fn compiled(&self, name: &str, source: &str) -> Result<CudaFunction, DeviceError> {
        let refused = |reason: String| self.unsupported(name, reason);
        let Some(nvrtc) = &self.compiler else {
            return Err(refused("NVRTC was not found to compile it".to_owned()));
        };
        let Some(target) = Target::best(&nvrtc.known, self.capability) else {
            let (major, minor) = nvrtc.version;
            let reason = format!("NVRTC {major}.{minor} compiles for newer devices only");
            return Err(refused(reason));
        };
        let image = nvrtc.compile(name, source, target).map_err(refused)?;
        // A folder that cannot be written costs time alone.
        let _ = self.cache.keep(name, source, target, nvrtc.version, &image);
        self.stream.load(image, name).map_err(|error| match error.0 {
            CUresult::CUDA_ERROR_INVALID_IMAGE
            | CUresult::CUDA_ERROR_INVALID_PTX
            | CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION
            | CUresult::CUDA_ERROR_JIT_COMPILER_NOT_FOUND
            | CUresult::CUDA_ERROR_NO_BINARY_FOR_GPU
            | CUresult::CUDA_ERROR_NOT_FOUND
            | CUresult::CUDA_ERROR_OUT_OF_MEMORY => refused(words(error)),
            _ => self.lose(error),
        })
    }

    fn launch(&self, step: &Step) -> Result<Launch, DeviceError> {
        let kernel = step.kernel;
        if step.buffers.len() != kernel.writes.len() {
            let reason =
                format!("{} buffers for {} bindings", step.buffers.len(), kernel.writes.len());
            return Err(DeviceError::Input { what: kernel.name, reason });
        }
        if step.groups[1..].iter().any(|count| *count > LARGEST_GRID) {
            let reason = format!("{:?} groups, more than {LARGEST_GRID} along y or z", step.groups);
            return Err(self.unsupported(kernel.name, reason));
        }
        let function = self.function(kernel, &step.values)?;
        let memory: Result<Vec<&Memory>, _> =
            step.buffers.iter().map(|buffer| self.memory(buffer)).collect();
        let shape = (step.groups, kernel.threads);
        Ok(Launch::new(function, shape, &step.buffers, memory?.into_iter()))
    }
}

impl Compute for CudaDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn allocate(&self, what: &'static str, bytes: u64) -> Result<Buffer, DeviceError> {
        self.check()?;
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
        let memory = self.stream.allocate(size as usize).map_err(|error| match error.0 {
            CUresult::CUDA_ERROR_OUT_OF_MEMORY => too_large(),
            _ => self.lose(error),
        })?;
        Ok(Buffer::new(size, memory))
    }

    fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), DeviceError> {
        self.check()?;
        buffer.check_range(offset, bytes.len())?;
        let memory = self.memory(buffer)?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.stream.write(memory, offset, bytes).map_err(|error| self.lose(error))
    }

    fn read(&self, parts: &mut [(&Buffer, &mut [u8])]) -> Result<(), DeviceError> {
        self.check()?;
        let mut memories: Vec<(&Memory, &mut [u8])> = Vec::with_capacity(parts.len());
        for (buffer, out) in parts {
            buffer.check_range(0, out.len())?;
            let memory = self.memory(buffer)?;
            if !out.is_empty() {
                memories.push((memory, out));
            }
        }
        self.stream.read(&mut memories).map_err(|error| self.lose(error))
    }

    fn record(&self, steps: &[Step]) -> Result<Program, DeviceError> {
        self.check()?;
        // The driver refuses to launch no groups.
        let some = steps.iter().filter(|step| step.groups.iter().all(|count| *count > 0));
        let launches: Vec<Launch> = some.map(|step| self.launch(step)).collect::<Result<_, _>>()?;
        // Where no graph can be made the launches are handed in one by one; whatever is wrong with
        // the device shows then.
        let graph = self.stream.graph(&launches).unwrap_or(None);
        let context = Arc::clone(self.stream.context());
        Ok(Program::new(Recorded { context, launches, graph }))
    }

    fn run(&self, program: &Program) -> Result<(), DeviceError> {
        self.check()?;
        let recorded = program.held::<Recorded>()?;
        self.own(&recorded.context)?;
        let _turn = locked(&self.turn);
        match &recorded.graph {
            Some(graph) => graph.start(),
            None => self.stream.start(&recorded.launches),
        }
        .map_err(|error| self.lose(error))
    }

    fn wait(&self) -> Result<(), DeviceError> {
        self.check()?;
        self.stream.wait().map_err(|error| self.lose(error))
    }
}
