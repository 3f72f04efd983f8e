//! The CUDA texts on the processor, where there is no card: each is compiled by the machine's C++
//! compiler with `cuda.h` before it. Shows that the texts compute what they should and that their
//! threads meet at barriers; nothing of the driver, of NVRTC or of speed.

#![expect(unsafe_code, reason = "kernels compiled from text are called by address")]
#![allow(clippy::unwrap_used, reason = "for tests, which a text that is wrong must fail")]

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ffi::c_void;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use libloading::{Library, Symbol};
use lithoscope_kernels::device::{
    BackendKind, Buffer, Compute, DeviceError, DeviceInfo, DeviceKind, Kernel, Program, Step, Value,
};
use sha2::{Digest as _, Sha256};

/// Words beside each buffer that no kernel may touch.
const GUARD: usize = 64;
/// What they hold: no number.
const GUARDED: u32 = 0x7fc0_dead;
/// What every card can share within a group.
const SHARED: usize = 48 << 10;
/// Most groups along y and z that CUDA starts.
const LARGEST_GRID: u32 = 65_535;
const HEAD: &str = include_str!("cuda.h");

/// A compiled text; what its threads share lies in it, so that one launch of it runs at a time.
type Compiled = Arc<Mutex<Library>>;

/// `launch` of a compiled text.
type Launch = unsafe extern "C" fn(*mut *mut c_void, *const u32, bool) -> bool;

/// CUDA's texts as a device.
struct Emulated {
    info: DeviceInfo,
    compiler: PathBuf,
    is_reversed: bool,
    turn: Mutex<()>,
}

/// Words with a guard on both sides.
struct Memory(Mutex<Vec<u32>>);

struct Ready {
    step: Step,
    library: Compiled,
}

/// CUDA's texts as devices, with threads in order and in reverse; none without a C++ compiler.
pub fn devices() -> Vec<Arc<dyn Compute>> {
    let Some(compiler) = compiler() else { return Vec::new() };
    let device = |is_reversed| Emulated::new(compiler.clone(), is_reversed);
    [false, true].map(|is_reversed| Arc::new(device(is_reversed)) as Arc<dyn Compute>).into()
}

/// The machine's C++ compiler.
fn compiler() -> Option<PathBuf> {
    let works = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    ["c++", "g++", "clang++"].into_iter().find(works).map(PathBuf::from)
}

impl Emulated {
    /// With threads and groups in order, or in reverse.
    fn new(compiler: PathBuf, is_reversed: bool) -> Self {
        let order = if is_reversed { "in reverse" } else { "in order" };
        let info = DeviceInfo {
            name: format!("CUDA's texts on the processor, threads {order}"),
            backend: BackendKind::Cuda,
            kind: DeviceKind::Processor,
            driver: "none".to_owned(),
            largest_buffer: 1 << 30,
            memory: None,
            shared_memory: SHARED as u32,
            largest_group: 1024,
        };
        Self { info, compiler, is_reversed, turn: Mutex::default() }
    }

    /// A text compiled once in this process, and kept on disk for the next.
    fn library(&self, kernel: &Kernel, values: &[Value]) -> Compiled {
        static LIBRARIES: OnceLock<Mutex<HashMap<String, Compiled>>> = OnceLock::new();
        let text = source(kernel, values);
        let hash = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}");
            hash
        });
        let mut libraries = locked(LIBRARIES.get_or_init(Mutex::default));
        let library = libraries.entry(hash).or_insert_with_key(|hash| {
            let folder = folder();
            let path = folder.join(format!("{}-{hash}.so", kernel.name));
            if !path.exists() {
                std::fs::create_dir_all(&folder).unwrap();
                compile(&self.compiler, kernel.name, &text, &path);
            }
            // SAFETY: the library holds the kernel and the head alone, neither of which does anything
            // as it is loaded.
            Arc::new(Mutex::new(unsafe { Library::new(&path) }.unwrap()))
        });
        Arc::clone(library)
    }
}

/// Where compiled texts are kept: beside the program that runs.
fn folder() -> PathBuf {
    std::env::current_exe().unwrap().with_file_name("emulated")
}

/// A kernel's text with what runs it.
fn source(kernel: &Kernel, values: &[Value]) -> String {
    let text = kernel.cuda_source(values);
    let has_barriers = text.contains("__syncthreads()");
    let (name, threads) = (kernel.name, kernel.threads);
    format!(
        "{HEAD}\n{text}\n\
         static void emulated_body(void** pointers) {{ emulated::spread({name}, pointers); }}\n\
         extern \"C\" size_t shared_bytes() {{ return emulated::shared_bytes(); }}\n\
         extern \"C\" bool launch(void** pointers, const unsigned* count, bool reverse) {{\n\
         return emulated::groups(\n\
         emulated_body, pointers, count, {threads}u, reverse, {has_barriers});\n}}\n"
    )
}

fn compile(compiler: &Path, name: &str, text: &str, path: &Path) {
    let own = format!("{}.{}", path.display(), std::process::id());
    let (input, output) = (format!("{own}.cc"), format!("{own}.new"));
    std::fs::write(&input, text).unwrap();
    let mut command = Command::new(compiler);
    command.args(["-std=c++17", "-O1", "-shared", "-fPIC", "-w"]);
    // NVRTC makes one operation of a product and a sum, too.
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("fma") {
        command.args(["-mfma", "-ffp-contract=fast"]);
    }
    let done = command.args([&input, "-o", &output]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name} does not compile:\n{said}");
    std::fs::rename(&output, path).unwrap();
    std::fs::remove_file(&input).unwrap();
}

/// A lock that a test which failed may have left.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    fn of(buffer: &Buffer) -> Result<&Self, DeviceError> {
        buffer.held()
    }

    /// Does something with the bytes between the guards.
    fn with<T>(&self, job: impl FnOnce(&mut [u8]) -> T) -> T {
        let mut words = locked(&self.0);
        let end = words.len() - GUARD;
        job(bytemuck::cast_slice_mut(&mut words[GUARD..end]))
    }

    fn is_whole(&self) -> bool {
        let words = locked(&self.0);
        let (low, high) = (&words[..GUARD], &words[words.len() - GUARD..]);
        low.iter().chain(high).all(|word| *word == GUARDED)
    }
}

impl Compute for Emulated {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn allocate(&self, what: &'static str, bytes: u64) -> Result<Buffer, DeviceError> {
        let largest = self.info.largest_buffer;
        if bytes > largest {
            let device = self.info.name.clone();
            return Err(DeviceError::Memory { what, bytes, device, largest });
        }
        let words = bytes.div_ceil(4) as usize;
        let mut memory = vec![GUARDED; words + 2 * GUARD];
        memory[GUARD..GUARD + words].fill(0);
        Ok(Buffer::new(bytes, Memory(Mutex::new(memory))))
    }

    fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), DeviceError> {
        buffer.check_range(offset, bytes.len())?;
        let _turn = locked(&self.turn);
        let start = offset as usize;
        Memory::of(buffer)?.with(|held| held[start..start + bytes.len()].copy_from_slice(bytes));
        Ok(())
    }

    fn read(&self, parts: &mut [(&Buffer, &mut [u8])]) -> Result<(), DeviceError> {
        let _turn = locked(&self.turn);
        for (buffer, out) in parts {
            buffer.check_range(0, out.len())?;
            Memory::of(buffer)?.with(|held| out.copy_from_slice(&held[..out.len()]));
        }
        Ok(())
    }

    fn record(&self, steps: &[Step]) -> Result<Program, DeviceError> {
        let ready = |step: &Step| {
            let name = step.kernel.name;
            assert_eq!(step.buffers.len(), step.kernel.writes.len(), "buffers of {name}");
            assert!(step.groups[1..].iter().all(|n| *n <= LARGEST_GRID), "groups of {name}");
            let library = self.library(step.kernel, &step.values);
            let shared = {
                let library = locked(&library);
                // SAFETY: `source` has written a function of this name and type.
                let shared: Symbol<'_, extern "C" fn() -> usize> =
                    unsafe { library.get(b"shared_bytes") }.unwrap();
                shared()
            };
            assert!(shared <= SHARED, "{name} shares {shared} bytes");
            Ready { step: step.clone(), library }
        };
        Ok(Program::new(steps.iter().map(ready).collect::<Vec<_>>()))
    }

    fn run(&self, program: &Program) -> Result<(), DeviceError> {
        let _turn = locked(&self.turn);
        for Ready { step, library } in program.held::<Vec<Ready>>()? {
            let name = step.kernel.name;
            let mut pointers = Vec::with_capacity(step.buffers.len());
            for buffer in &step.buffers {
                pointers.push(Memory::of(buffer)?.with(|held| held.as_mut_ptr().cast::<c_void>()));
            }
            let library = locked(library);
            // SAFETY: `source` has written a function of this name and type.
            let launch: Symbol<'_, Launch> = unsafe { library.get(b"launch") }.unwrap();
            // SAFETY: a pointer for each binding; the memory behind them stays where it is, and
            // nothing else looks at it while this device's turn lasts.
            let met =
                unsafe { launch(pointers.as_mut_ptr(), step.groups.as_ptr(), self.is_reversed) };
            assert!(met, "{name}: some threads wait at a barrier, others have ended");
            for buffer in &step.buffers {
                assert!(Memory::of(buffer)?.is_whole(), "{name} writes beside its memory");
            }
        }
        Ok(())
    }

    fn wait(&self) -> Result<(), DeviceError> {
        Ok(())
    }
}
