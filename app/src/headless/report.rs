//! What a run says about itself, as JSON.

use std::path::{Path, PathBuf};

use lithoscope_engine::imaging::Process;
use lithoscope_engine::layout::{Clip, Layer};
use lithoscope_engine::opc::{Recipe, Statement};
use lithoscope_engine::optics::SocsKernels;
use lithoscope_engine::verify::{Metrics, VsbCount, VsbWriter, vsb_count};
use serde::Serialize;

use super::{Corrected, Prepared, Verdict, judge};
use crate::export::{Row, rows};

/// Program and version, as reports carry it.
pub const PROGRAM: &str = concat!("lithoscope ", env!("CARGO_PKG_VERSION"));

/// Where a clip came from.
#[derive(Debug, Serialize)]
pub struct ClipFacts {
    /// Layout file.
    pub file: PathBuf,
    /// Name of the clip.
    pub name: String,
    /// Layer it was cut from.
    pub layer: Layer,
    /// Window x0, y0, x1, y1, nm.
    pub window_nm: [i32; 4],
    /// Number of merged polygons.
    pub polygons: usize,
    /// Largest shift from rounding to whole nm, nm.
    pub rounding_nm: f64,
}

impl ClipFacts {
    /// The facts of a clip cut from `file`.
    pub fn new(file: &Path, clip: &Clip) -> Self {
        let w = clip.window;
        Self {
            file: file.to_path_buf(),
            name: clip.name.clone(),
            layer: clip.layer,
            window_nm: [w.min.x, w.min.y, w.max.x, w.max.y],
            polygons: clip.polygons.len(),
            rounding_nm: clip.rounding_nm,
        }
    }
}

/// What a set of kernels is like.
#[derive(Debug, Serialize)]
pub struct KernelFacts {
    /// Number of kernels.
    pub count: usize,
    /// Largest bin K.
    pub half: usize,
    /// Period of the field, nm.
    pub period_nm: f64,
    /// Intensity of a clear field.
    pub clear_field: f64,
    /// Share of the TCC's trace that is kept; absent for imported kernels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_kept: Option<f64>,
}

impl From<&SocsKernels> for KernelFacts {
    fn from(kernels: &SocsKernels) -> Self {
        Self {
            count: kernels.weights.len(),
            half: kernels.half,
            period_nm: kernels.period_nm,
            clear_field: kernels.clear_field(),
            energy_kept: kernels.energy_kept,
        }
    }
}

/// Kernels of both focus settings.
#[derive(Debug, Serialize)]
pub struct ProcessFacts {
    /// At best focus.
    pub focus: KernelFacts,
    /// At the defocused corner.
    pub defocus: KernelFacts,
}

impl From<&Process> for ProcessFacts {
    fn from(process: &Process) -> Self {
        Self {
            focus: KernelFacts::from(process.focus.as_ref()),
            defocus: KernelFacts::from(process.defocus.as_ref()),
        }
    }
}

/// Wall time of the parts of a run, s.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Seconds {
    /// Reading or computing the kernels.
    pub kernels: f64,
    /// Fragmenting, planning and judging the starting mask.
    pub setup: f64,
    /// Every iteration, with its metrics.
    pub steps: f64,
    /// One iteration on average.
    pub per_step: f64,
    /// All of these.
    pub total: f64,
}

impl Seconds {
    /// The parts of a run of this many iterations.
    pub fn new(kernels: f64, setup: f64, steps: f64, iterations: usize) -> Self {
        let per_step = steps / iterations.max(1) as f64;
        Self { kernels, setup, steps, per_step, total: kernels + setup + steps }
    }
}

/// An iteration and its metrics.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// Which iteration.
    pub iteration: usize,
    /// Its metrics.
    #[serde(flatten)]
    pub metrics: Metrics,
}

/// The best iteration: the one whose mask is written.
#[derive(Debug, Serialize)]
pub struct Best {
    /// Which iteration.
    pub iteration: usize,
    /// Its mask's metrics and printed shapes.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Shots of a mask writer of the usual limits; absent where an edge is slanted.
    pub vsb: Option<VsbCount>,
}

/// The report of a correction.
#[derive(Debug, Serialize)]
pub struct CorrectionReport<'a> {
    /// Program and version.
    pub program: &'static str,
    /// The clip.
    pub clip: ClipFacts,
    /// The whole recipe.
    pub recipe: &'a Recipe,
    /// The kernels.
    pub kernels: ProcessFacts,
    /// Number of fragments.
    pub fragments: usize,
    /// The target as its own mask.
    pub target_as_mask: Verdict,
    /// Metrics of the starting mask.
    pub initial: Judged,
    /// Metrics of the last iteration.
    pub last: Judged,
    /// The best iteration: its mask is what is written.
    pub best: Best,
    /// What that mask does not meet.
    pub statement: Statement,
    /// Wall time.
    pub seconds: Seconds,
    /// Threads computed with.
    pub threads: usize,
    /// What computed the iterations: a device's name and backend, or the processor.
    pub device: &'a str,
    /// Why a device that was asked for did not, or did not to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_failure: Option<String>,
    /// Most memory the process held, bytes; absent where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    /// Every iteration.
    pub history: Vec<Row>,
}

impl<'a> CorrectionReport<'a> {
    /// The report of a finished run.
    ///
    /// # Errors
    /// As [`judge`].
    pub fn new(prepared: &'a Prepared, corrected: &'a Corrected) -> anyhow::Result<Self> {
        let run = &corrected.run;
        let history = run.history();
        let judged = |index: usize| Judged {
            iteration: index,
            metrics: history.get(index).map(|i| i.metrics).unwrap_or_default(),
        };
        Ok(Self {
            program: PROGRAM,
            clip: ClipFacts::new(&prepared.file, &prepared.clip),
            recipe: &prepared.recipe,
            kernels: ProcessFacts::from(&prepared.process),
            fragments: run.target().fragments().len(),
            target_as_mask: judge(prepared, &prepared.clip.polygons)?,
            initial: judged(0),
            last: judged(history.len().saturating_sub(1)),
            best: Best {
                iteration: run.best(),
                verdict: judge(prepared, &corrected.mask)?,
                vsb: vsb_count(&corrected.mask, &VsbWriter::default()),
            },
            statement: corrected.statement.clone(),
            seconds: corrected.seconds,
            threads: rayon::current_num_threads(),
            device: &corrected.device,
            device_failure: corrected.device_failure.as_ref().map(ToString::to_string),
            peak_memory_bytes: peak_memory_bytes(),
            history: rows(history),
        })
    }
}

/// Most memory this process held at once, bytes (Linux: `VmHWM`); `None` elsewhere.
pub fn peak_memory_bytes() -> Option<u64> {
    high_water_mark(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// `VmHWM` of a `/proc/PID/status`, bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_water_mark_is_read_in_bytes() {
        let status = "Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t    123 kB\nThreads:\t1\n";
        assert_eq!(high_water_mark(status), Some(123 * 1024));
        assert_eq!(high_water_mark("VmHWM: none\n"), None);
    }
}
