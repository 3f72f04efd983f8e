//! What is timed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lithoscope_engine::device::{Compute, DeviceError, MemoryCopy, Raster};
use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::layout::{Clip, Layer};
use lithoscope_engine::opc::{OpcRun, Recipe, load_process};
use lithoscope_engine::raster::{RasterGrid, coverage};
use rayon::prelude::*;

use super::layouts::Shapes;
use super::per_pixel::rasterize;
use super::{GpuOptions, GpuRow};
use crate::headless::{cache_dir, title};

/// Words that are copied, or a quarter of the largest buffer.
const COPIED: usize = 1 << 26;
/// How long one thing is timed again and again, s.
const LONG: f64 = 0.5;
/// Rasters are not made larger once one took longer, s.
const TOO_LONG: f64 = 30.0;
/// How long the slow rasterizer is let run.
const PER_PIXEL: Duration = Duration::from_secs(2);
/// Iterations of one timed correction.
const STEPS: usize = 12;

const PROCESSOR: &str = "processor";

/// Rows so far.
pub struct Bench<'a> {
    pub options: &'a GpuOptions,
    pub devices: &'a [Arc<dyn Compute>],
    /// Bytes a second that each device's copy moves; the processor's first.
    copies: Vec<Option<f64>>,
    pub rows: Vec<GpuRow>,
    pub left_out: Vec<String>,
}

/// The shortest of several times, s; one if that is long.
pub fn shortest<E>(mut work: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
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

    fn tell(&self, what: &str) {
        if self.options.visible {
            tracing::info!("{what}");
        }
    }

    /// Adds a row.
    pub fn row(&mut self, stage: &'static str, input: &str, place: usize, times: Times) {
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
                    let times = Times { seconds, bytes: Some(bytes), processor, per_pixel };
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
                    let times = Times { seconds, bytes: Some(bytes), processor, per_pixel };
                    self.row("raster, edges on the device", &input, place + 1, times);
                }
                Err(error) => self.left_out.push(format!("{input}: {error}")),
            }
        }
    }

    /// Iterations of a 2 µm clip, without and with judging each at 1 nm.
    ///
    /// # Errors
    /// The clip cannot be corrected.
    pub fn corrections(&mut self) -> anyhow::Result<()> {
        for (stage, judge_every) in [("iteration", 1000), ("iteration, judged", 1)] {
            self.tell(stage);
            let mut recipe = Recipe::named(Recipe::DEFAULT)?;
            recipe.optimiser.stages.truncate(1);
            for stage in &mut recipe.optimiser.stages {
                stage.steps = STEPS;
            }
            recipe.descent.passes = 0;
            recipe.scoring.judge_every = judge_every;
            let clip = clip();
            let process = load_process(&recipe, clip.window, None, cache_dir().as_deref())?;
            let input = format!("{} rectangles in 2 µm", clip.polygons.len());
            let mut processor = None;
            for place in 0..=self.devices.len() {
                let mut run = OpcRun::new(&clip, &recipe, &process)?;
                if let Some(device) = place.checked_sub(1).map(|i| &self.devices[i])
                    && let Err(error) = run.use_device(Arc::clone(device))
                {
                    self.left_out.push(format!("{stage} on {}: {error}", title(&**device)));
                    continue;
                }
                // The first makes the plan; the last of a stage is judged in any case.
                run.step()?;
                let begun = Instant::now();
                for _ in 2..STEPS {
                    run.step()?;
                }
                let seconds = begun.elapsed().as_secs_f64() / (STEPS - 2) as f64;
                if place == 0 {
                    processor = Some(seconds);
                }
                if let Some(error) = run.device_failure() {
                    self.left_out.push(format!("{stage}: {error}"));
                    continue;
                }
                let times = Times { seconds, bytes: None, processor, per_pixel: None };
                self.row(stage, &input, place, times);
            }
        }
        Ok(())
    }
}

/// What was found of one stage on one backend.
pub struct Times {
    pub seconds: f64,
    pub bytes: Option<u64>,
    pub processor: Option<f64>,
    pub per_pixel: Option<f64>,
}

impl Times {
    fn plain(seconds: f64, bytes: u64) -> Self {
        Self { seconds, bytes: Some(bytes), processor: None, per_pixel: None }
    }
}

/// Lines, bars and squares, as on a metal layer.
fn clip() -> Clip {
    let bars = (0..9).map(|i| {
        let y = 300 + 160 * i;
        Rect::new(300, y, if i % 3 == 0 { 1700 } else { 900 }, y + 80)
    });
    let more = (0..9).filter(|i| i % 3 != 0).map(|i| {
        let y = 300 + 160 * i;
        Rect::new(1000, y, 1700, y + 80)
    });
    Clip {
        name: "bars".to_owned(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 2048, 2048),
        polygons: bars.chain(more).map(Polygon::rect).collect(),
        rounding_nm: 0.0,
    }
}
