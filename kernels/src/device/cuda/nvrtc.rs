//! Kernels from source, by Nvidia's run-time compiler where it is installed.

#![expect(unsafe_code, reason = "the compiler is a C library found at run time")]

use std::ffi::{CString, c_char, c_int};

use cudarc::nvrtc::{result, sys};

/// What a kernel is compiled for; numbers are compute capabilities, 90 for 9.0. The order is that of
/// preference: code of the device itself, then newer virtual code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// PTX, which the driver translates for the device.
    Virtual(u32),
    /// Code for one kind of device.
    Machine(u32),
}

impl Target {
    /// As the compiler spells it.
    pub fn word(self) -> String {
        match self {
            Self::Virtual(capability) => format!("compute_{capability}"),
            Self::Machine(capability) => format!("sm_{capability}"),
        }
    }

    /// From the compiler's spelling.
    pub fn of_word(word: &str) -> Option<Self> {
        let number = |prefix| word.strip_prefix(prefix).and_then(|number| number.parse().ok());
        number("compute_").map(Self::Virtual).or_else(|| number("sm_").map(Self::Machine))
    }

    /// Whether a device of this capability takes it.
    pub fn runs_on(self, capability: u32) -> bool {
        match self {
            Self::Virtual(least) => least <= capability,
            Self::Machine(only) => only == capability,
        }
    }

    /// The best that a compiler which knows some capabilities makes for a device: its own code, or
    /// virtual code of the newest one before it.
    pub fn best(known: &[u32], capability: u32) -> Option<Self> {
        if known.contains(&capability) {
            return Some(Self::Machine(capability));
        }
        known.iter().copied().filter(|known| *known < capability).max().map(Self::Virtual)
    }
}

/// The compiler.
#[derive(Debug)]
pub struct Nvrtc {
    /// Major and minor.
    pub version: (i32, i32),
    /// Compute capabilities it compiles for.
    pub known: Vec<u32>,
}

impl Nvrtc {
    /// Looks for the library; `None` where it is absent, fails, or is older than CUDA 11.2.
    pub fn find() -> Option<Self> {
        // SAFETY: loading Nvidia's library runs nothing but its own start.
        if !unsafe { sys::is_culib_present() } {
            return None;
        }
        // The newest of the symbols used below: the bindings panic where one is missing.
        // SAFETY: the symbol is only looked up.
        unsafe { sys::culib().get::<*const ()>(b"nvrtcGetSupportedArchs\0") }.ok()?;
        let (mut major, mut minor, mut count): (c_int, c_int, c_int) = (0, 0, 0);
        // SAFETY: each call writes the numbers it is given addresses of.
        unsafe {
            sys::nvrtcVersion(&raw mut major, &raw mut minor).result().ok()?;
            sys::nvrtcGetNumSupportedArchs(&raw mut count).result().ok()?;
        }
        let mut known: Vec<c_int> = vec![0; usize::try_from(count).ok()?];
        // SAFETY: the array holds as many numbers as the library just said it writes.
        unsafe { sys::nvrtcGetSupportedArchs(known.as_mut_ptr()) }.result().ok()?;
        let known = known.into_iter().filter_map(|known| u32::try_from(known).ok()).collect();
        Some(Self { version: (major, minor), known })
    }

    /// Compiles a source; PTX ends with a zero byte.
    ///
    /// # Errors
    /// What the compiler says.
    pub fn compile(&self, name: &str, source: &str, target: Target) -> Result<Vec<u8>, String> {
        let file = CString::new(format!("{name}.cu")).map_err(|error| error.to_string())?;
        let source = CString::new(source).map_err(|error| error.to_string())?;
        let program = result::create_program(&source, Some(&file)).map(Program);
        let program = program.map_err(|error| error.to_string())?;
        let options = [format!("--gpu-architecture={}", target.word()), "--std=c++17".to_owned()];
        // SAFETY: the program was made above and lives until its guard is dropped.
        if let Err(error) = unsafe { result::compile_program(program.0, &options) } {
            // SAFETY: as above.
            let log = unsafe { result::get_program_log(program.0) }.unwrap_or_default();
            let (major, minor) = self.version;
            return Err(format!("NVRTC {major}.{minor}: {error}: {}", text(&log)));
        }
        match target {
            // SAFETY: as above; the program is compiled.
            Target::Virtual(_) => unsafe { result::get_ptx(program.0) }.map(|ptx| bytes(&ptx)),
            Target::Machine(_) => program.cubin().map(|cubin| bytes(&cubin)),
        }
        .map_err(|error| error.to_string())
    }
}

/// A program that is given back when dropped.
struct Program(sys::nvrtcProgram);

impl Program {
    fn cubin(&self) -> Result<Vec<c_char>, result::NvrtcError> {
        let mut size = 0_usize;
        // SAFETY: the program lives; the call writes one number.
        unsafe { sys::nvrtcGetCUBINSize(self.0, &raw mut size) }.result()?;
        let mut cubin: Vec<c_char> = vec![0; size];
        // SAFETY: the array is as long as the library said.
        unsafe { sys::nvrtcGetCUBIN(self.0, cubin.as_mut_ptr()) }.result()?;
        Ok(cubin)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: made by the library, and nobody else holds it. A program that cannot be given back
        // costs memory and no more.
        let _ = unsafe { result::destroy_program(self.0) };
    }
}

fn bytes(chars: &[c_char]) -> Vec<u8> {
    bytemuck::cast_slice(chars).to_vec()
}

fn text(chars: &[c_char]) -> String {
    String::from_utf8_lossy(&bytes(chars)).trim_end_matches(['\0', '\n']).to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]
mod tests {
    use super::super::super::inner;
    use super::super::super::kernel::Kernel;
    use super::*;

    const KERNELS: [&Kernel; 23] = [
        &inner::COPY_WORDS,
        &inner::CLEAR_WORDS,
        &inner::COUNT_SEGMENTS,
        &inner::LIST_SEGMENTS,
        &inner::PLACE_TILES,
        &inner::SUM_BEHIND,
        &inner::TILE_COVERAGE,
        &inner::EDGE_TABLES,
        &inner::MASK_SPECTRUM,
        &inner::EDGE_GRADIENTS,
        &inner::FIELD_COLUMNS,
        &inner::FIELD_ROWS,
        &inner::INTENSITY,
        &inner::ADJOINT_ROWS,
        &inner::ADJOINT_COLUMNS,
        &inner::ADJOINT_SUM,
        &inner::PIXEL_LOSS,
        &inner::PROBE_TERMS,
        &inner::PROBE_ADJOINT,
        &inner::PRODUCT,
        &inner::PRINT_BITS,
        &inner::COUNT_METRICS,
        &inner::COUNT_EPE,
    ];

    /// One value for every name that any kernel is compiled with.
    const VALUES: [(&str, u32); 36] = [
        ("EACH_A", 2),
        ("EACH_B", 1),
        ("STRIDE", 126_720),
        ("TILES_X", 32),
        ("TILES_Y", 32),
        ("SEGMENTS", 9000),
        ("HALF", 17),
        ("N", 96),
        ("KERNELS", 24),
        ("SETS", 3),
        ("CLIPS", 4),
        ("LINES", 8),
        ("FORWARD", 1),
        ("EDGES", 4096),
        ("ROW", 32768),
        ("PIXELS", 65536),
        ("CORNERS", 3),
        ("PAIR", 0),
        ("GROUPS", 64),
        ("PROBES", 40),
        ("IMAGES", 12),
        ("ROWS", 256),
        ("COLUMNS", 256),
        ("INNER", 96),
        ("TURN_A", 1),
        ("TURN_B", 0),
        ("STRIDE_A", 0),
        ("STRIDE_B", 9216),
        ("STRIDE_C", 24576),
        ("BATCH", 12),
        ("NY", 2000),
        ("NX", 2000),
        ("SET", 1),
        ("FIRST", 1),
        ("LEVELS", 2),
        ("WORDS", 126_000),
    ];

    fn compiler() -> Option<Nvrtc> {
        let found = Nvrtc::find();
        if found.is_none() {
            let required = std::env::var_os("LITHOSCOPE_REQUIRE_CUDA").is_some();
            assert!(!required, "no NVRTC, and LITHOSCOPE_REQUIRE_CUDA is set");
            println!("skipped: no NVRTC on this machine");
        }
        found
    }

    #[test]
    fn the_best_target_is_the_devices_own_or_the_newest_before_it() {
        let known = [75, 80, 86, 90];
        assert_eq!(Target::best(&known, 86), Some(Target::Machine(86)));
        assert_eq!(Target::best(&known, 120), Some(Target::Virtual(90)));
        assert_eq!(Target::best(&known, 89), Some(Target::Virtual(86)));
        assert_eq!(Target::best(&known, 70), None);
        assert!(Target::Machine(90) > Target::Virtual(120));
        for target in [Target::Virtual(75), Target::Machine(90)] {
            assert_eq!(Target::of_word(&target.word()), Some(target));
        }
        assert_eq!(Target::of_word("sm_"), None);
        assert_eq!(Target::of_word("x90"), None);
    }

    #[test]
    fn every_kernel_compiles() {
        let Some(nvrtc) = compiler() else { return };
        for kernel in KERNELS {
            let source = kernel.cuda_source(&VALUES);
            for target in [Target::best(&nvrtc.known, 90), Some(Target::Virtual(nvrtc.known[0]))] {
                let image = nvrtc.compile(kernel.name, &source, target.unwrap());
                let image = image.unwrap_or_else(|log| panic!("{}: {log}", kernel.name));
                match target.unwrap() {
                    Target::Machine(_) => assert_eq!(&image[..4], b"\x7fELF"),
                    Target::Virtual(_) => {
                        let entry = format!(".visible .entry {}(", kernel.name);
                        assert!(String::from_utf8_lossy(&image).contains(&entry));
                        assert_eq!(image.last(), Some(&0));
                    }
                }
            }
        }
    }

    #[test]
    fn a_faulty_kernel_is_refused_with_the_compilers_words() {
        let Some(nvrtc) = compiler() else { return };
        let target = Target::Virtual(nvrtc.known[0]);
        let log = nvrtc.compile("faulty", "__global__ void f() { missing; }", target).unwrap_err();
        assert!(log.contains("faulty.cu(1)") && log.contains("\"missing\" is undefined"), "{log}");
        assert!(nvrtc.compile("faulty", "\0", target).is_err());
    }
}
