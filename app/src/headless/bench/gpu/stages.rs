//! What is timed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lithoscope_engine::device::{Compute, DeviceError, MemoryCopy, Raster};
use lithoscope_engine::raster::{RasterGrid, coverage};
use rayon::prelude::*;

use super::layouts::Shapes;
use super::per_pixel::rasterize;
use super::{GpuOptions, GpuRow};
use crate::headless::title;

/// Words that are copied, or a quarter of the largest buffer.
const COPIED: usize = 1 << 26;
/// How long one thing is timed again and again, s.
const LONG: f64 = 0.5;
/// Rasters are not made larger once one took longer, s.
const TOO_LONG: f64 = 30.0;
/// How long the slow rasterizer is let run.
const PER_PIXEL: Duration = Duration::from_secs(2);

const PROCESSOR: &str = "processor";

/// Rows so far.
pub struct Bench<'a> {
    pub(super) options: &'a GpuOptions,
    pub(super) devices: &'a [Arc<dyn Compute>],
    /// Bytes a second that each device's copy moves; the processor's first.
    copies: Vec<Option<f64>>,
    pub rows: Vec<GpuRow>,
    pub left_out: Vec<String>,
}

/// The shortest of several times, s; one if that is long.
pub(super) fn shortest<E>(mut work: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let begun = Instant::now();
    let mut best = f64::INFINITY;
    let mut times = 0;
    while times < 1 || (times < 50 && begun.elapsed().as_secs_f64() < LONG) {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed().as_secs_f64());
        times += 1;
    }
    Ok(best)
}

impl<'a> Bench<'a> {
    pub fn new(options: &'a GpuOptions, devices: &'a [Arc<dyn Compute>]) -> Self {
        let copies = vec![None; devices.len() + 1];
        Self { options, devices, copies, rows: Vec::new(), left_out: Vec::new() }
    }

    pub(super) fn tell(&self, what: &str) {
        if self.options.visible {
            tracing::info!("{what}");
        }
    }

    pub(super) fn row(&mut self, stage: &'static str, input: &str, place: usize, times: Times) {
        let on = match place.checked_sub(1) {
            Some(device) => title(&*self.devices[device]),
            None => PROCESSOR.to_owned(),
        };
        let moved = times.bytes.map(|bytes| bytes as f64 / times.seconds);
        let ratio = |slow: Option<f64>| slow.map(|slow| slow / times.seconds);
        self.rows.push(GpuRow {
            stage,
            input: input.to_owned(),
            on,
            seconds: times.seconds,
            bytes: times.bytes,
            share_of_copy: moved.zip(self.copies[place]).map(|(moved, copy)| moved / copy),
            over_processor: ratio(times.processor.filter(|_| place > 0)),
            over_per_pixel: ratio(times.per_pixel),
            clips_per_second: times.clips.map(|clips| clips as f64 / times.seconds),
        });
    }

    /// Plain copies of memory: what everything else is held against.
    pub fn copies(&mut self) {
        self.tell("copies");
        let from = vec![1_u32; COPIED];
        let mut to = vec![0_u32; COPIED];
        let copied = shortest(|| {
            let pairs = to.par_chunks_mut(1 << 16).zip(from.par_chunks(1 << 16));
            pairs.for_each(|(to, from)| to.copy_from_slice(from));
            Ok::<(), DeviceError>(())
        });
        if let Ok(seconds) = copied {
            let bytes = 8 * COPIED as u64;
            self.copies[0] = Some(bytes as f64 / seconds);
            self.row("copy", "256 MiB", 0, Times::plain(seconds, bytes));
        }
        for (place, device) in self.devices.iter().enumerate() {
            let words = COPIED.min(device.info().largest_buffer as usize / 16);
            let timed = MemoryCopy::new(&**device, words).and_then(|copy| {
                let run = || copy.run(&**device).and_then(|()| device.wait());
                run()?;
                Ok((shortest(run)?, copy.bytes()))
            });
            let input = format!("{} MiB", (4 * words) >> 20);
            match timed {
                Ok((seconds, bytes)) => {
                    self.copies[place + 1] = Some(bytes as f64 / seconds);
                    self.row("copy", &input, place + 1, Times::plain(seconds, bytes));
                }
                Err(error) => self.left_out.push(format!("copy of {input}: {error}")),
            }
        }
    }

    /// Coverage of layouts of every size on rasters of every size.
    pub fn rasters(&mut self) {
        let mut tired = vec![false; self.devices.len() + 1];
        for shapes in [Shapes::Manhattan, Shapes::Curvilinear] {
            for edges in [1_000, 100_000, 10_000_000] {
                for side in [1024, 4096, 16_384] {
                    if edges <= self.options.edges && side <= self.options.pixels {
                        self.raster(shapes, edges, side, &mut tired);
                    }
                }
            }
        }
    }

    fn raster(&mut self, shapes: Shapes, edges: usize, side: usize, tired: &mut [bool]) {
        let input = format!("{edges} edges, {}, {side}²", shapes.word());
        self.tell(&input);
        let rings = shapes.rings(edges, side as f64);
        let grid = RasterGrid { origin: [0.0; 2], pixel: 1.0, nx: side, ny: side };
        let borrowed = || rings.iter().map(Vec::as_slice);
        let begun = Instant::now();
        let (_, done) = rasterize(&rings, side, PER_PIXEL);
        // Rings are alike: what some take tells what all would.
        let per_pixel = begun.elapsed().as_secs_f64() * rings.len() as f64 / done.max(1) as f64;
        let bytes = (4 * side * side) as u64;
        let mut processor = None;
        if !tired[0] {
            match shortest(|| coverage(borrowed(), &grid).map(drop)) {
                Ok(seconds) => {
                    tired[0] = seconds > TOO_LONG;
                    processor = Some(seconds);
                    let per_pixel = Some(per_pixel);
                    let times =
                        Times { seconds, bytes: Some(bytes), processor, per_pixel, clips: None };
                    self.row("raster", &input, 0, times);
                }
                Err(error) => self.left_out.push(format!("{input}: {error}")),
            }
        }
        for (place, device) in self.devices.iter().enumerate() {
            if tired[place + 1] {
                self.left_out.push(format!("{input} on {}: too slow", title(&**device)));
                continue;
            }
            let timed = Raster::new(&**device, borrowed(), &grid).and_then(|raster| {
                let run = || {
                    for first in (0..side).step_by(raster.band_rows()) {
                        raster.make(&**device, first)?;
                    }
                    device.wait()
                };
                run()?;
                Ok((shortest(run)?, raster.least_bytes()))
            });
            match timed {
                Ok((seconds, bytes)) => {
                    tired[place + 1] = seconds > TOO_LONG;
                    let per_pixel = Some(per_pixel);
                    let times =
                        Times { seconds, bytes: Some(bytes), processor, per_pixel, clips: None };
                    self.row("raster, edges on the device", &input, place + 1, times);
                }
                Err(error) => self.left_out.push(format!("{input}: {error}")),
            }
        }
    }
}

/// What was found of one stage on one backend.
#[derive(Default)]
pub(super) struct Times {
    pub seconds: f64,
    pub bytes: Option<u64>,
    /// The processor's.
    pub processor: Option<f64>,
    /// The slow rasterizer's.
    pub per_pixel: Option<f64>,
    /// How many clips it was for.
    pub clips: Option<usize>,
}

impl Times {
    fn plain(seconds: f64, bytes: u64) -> Self {
        Self { seconds, bytes: Some(bytes), ..Self::default() }
    }
}
