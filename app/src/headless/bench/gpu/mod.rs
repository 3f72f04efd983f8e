//! The stages of rasterizing and correction, timed on the processor and on every device.

mod corrections;
mod layouts;
mod per_pixel;
mod resist;
mod stages;
mod tables;

use anyhow::Context as _;
use serde::Serialize;

use super::Machine;
use super::machine::cores;
use crate::headless::{devices, title};
use stages::Bench;

/// How far to go.
pub struct GpuOptions {
    /// Most edges in a layout.
    pub edges: usize,
    /// Most pixels a side.
    pub pixels: usize,
    /// Most clips in a batch.
    pub batch: usize,
    /// Whether progress is told on standard error.
    pub visible: bool,
}

/// One stage on one backend.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GpuRow {
    /// What was done.
    pub stage: &'static str,
    /// What it was done to.
    pub input: String,
    /// Device and backend, or the processor.
    pub on: String,
    /// Shortest wall time of several, s.
    pub seconds: f64,
    /// Bytes that must move at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Of what a copy moves on the same backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_of_copy: Option<f64>,
    /// Times as fast as the processor's own path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_processor: Option<f64>,
    /// Times as fast as testing every pixel of every bounding box on the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_per_pixel: Option<f64>,
    /// Clips whose iteration is made in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clips_per_second: Option<f64>,
}

/// All that was timed.
#[derive(Clone, Debug, Serialize)]
pub struct GpuReport {
    /// Machine and threads.
    pub machine: Machine,
    /// Devices that were timed beside the processor.
    pub devices: Vec<String>,
    /// What was not timed, and why.
    pub left_out: Vec<String>,
    /// Stage by stage.
    pub rows: Vec<GpuRow>,
}

/// Times everything.
///
/// # Errors
/// The sample for correction cannot be corrected; a device that fails is left out with its reason.
pub fn gpu_bench(options: &GpuOptions) -> anyhow::Result<GpuReport> {
    let there = devices();
    let mut left_out: Vec<String> =
        there.missing_cuda().map(|reason| format!("cuda: {reason}")).into_iter().collect();
    let mut opened = Vec::new();
    for (place, info) in there.infos().iter().enumerate() {
        match there.open(place) {
            Ok(device) => opened.push(device),
            Err(error) => left_out.push(format!("{}: {error}", info.name)),
        }
    }
    let mut bench = Bench::new(options, &opened);
    bench.copies();
    bench.rasters();
    bench.resists();
    bench.corrections().context("timing of correction")?;
    left_out.append(&mut bench.left_out);
    Ok(GpuReport {
        machine: Machine::here(cores(), 1, None),
        devices: opened.iter().map(|device| title(&**device)).collect(),
        left_out,
        rows: bench.rows,
    })
}
