//! Kernels and the steps that use them.

use super::Buffer;

/// A number that a kernel is compiled with.
pub type Value = (&'static str, u32);

/// A kernel's slow, obvious twin: does all groups of one step at once on the step's buffers (each
/// as 32-bit words, in the order of the bindings), given the numbers it is compiled with.
pub type Twin = fn(values: &Constants<'_>, buffers: &mut [Vec<u32>]);

/// One inner loop, written three times under one name.
///
/// The WGSL text declares buffers at group 0, bindings 0, 1, … in the order of a step's buffers;
/// the CUDA text takes pointers in the same order. Both see the step's [`Value`]s as constants.
#[derive(Debug)]
pub struct Kernel {
    /// Entry point in both languages.
    pub name: &'static str,
    /// WGSL, parts joined.
    pub wgsl: &'static [&'static str],
    /// CUDA, parts joined.
    pub cuda: &'static [&'static str],
    /// Threads in a group, along x.
    pub threads: u32,
    /// Of each binding: whether the kernel writes it.
    pub writes: &'static [bool],
    /// The same on the processor.
    pub twin: Twin,
}

impl Kernel {
    /// Its source in WGSL with some values.
    pub fn wgsl_source(&self, values: &[Value]) -> String {
        self.source(values, self.wgsl, |name, value| format!("const {name}: u32 = {value}u;\n"))
    }

    /// Its source in CUDA with some values.
    pub fn cuda_source(&self, values: &[Value]) -> String {
        self.source(values, self.cuda, |name, value| format!("#define {name} {value}u\n"))
    }

    fn source(&self, values: &[Value], parts: &[&str], line: fn(&str, u32) -> String) -> String {
        let lines = values.iter().map(|(name, value)| line(name, *value));
        let lines = lines.chain([line("THREADS", self.threads)]);
        lines.chain(parts.iter().map(|part| (*part).to_owned())).collect()
    }
}

impl PartialEq for Kernel {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// One kernel to run over some buffers.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to run.
    pub kernel: &'static Kernel,
    /// The numbers it is compiled with.
    pub values: Vec<Value>,
    /// What it reads and writes, in the order of its bindings.
    pub buffers: Vec<Buffer>,
    /// Number of groups along x, y and z.
    pub groups: [u32; 3],
}

/// Most groups in a row of a dispatch: fewer than any device refuses. Kernels that may have more of
/// them count on along y.
pub const GROUP_ROW: usize = 32768;

/// This many groups in rows.
pub fn in_rows(groups: usize) -> [usize; 3] {
    [groups.min(GROUP_ROW), groups.div_ceil(GROUP_ROW).max(1), 1]
}

/// The numbers a twin is compiled with.
#[derive(Clone, Copy, Debug)]
pub struct Constants<'a>(pub &'a [Value]);

impl Constants<'_> {
    /// A number by its name; 0 where the step does not give it, as tests with a sound kernel see.
    pub fn get(&self, name: &str) -> usize {
        self.0.iter().find(|value| value.0 == name).map_or(0, |value| value.1 as usize)
    }
}
