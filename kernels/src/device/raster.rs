//! Exact area coverage of polygons on a device, after the processor's [`crate::raster`].
//!
//! Outlines become [`Segment`]s once. Each device pass lists the segments that touch each tile of
//! 64 × 64 pixels, adds them up within the tile's shared memory and writes each pixel once, so the
//! work is that of the segments' visits to tiles and 4 bytes a pixel, not that of pixels times
//! segments. All sums are of whole 2⁻²⁴ parts of a pixel: their order does not matter. A raster
//! too large for the device is made band by band.

use ndarray::Array2;
use rayon::prelude::*;

use super::inner::{
    CLEAR_WORDS, COLUMN_BITS, COUNT_SEGMENTS, LIST_SEGMENTS, ONE, PLACE_TILES, SIDE, SIGN,
    SUM_BEHIND, Segment, TILE_COVERAGE,
};
use super::kernel::{Kernel, Step};
use super::{Buffer, Compute, DeviceError, Program, download, upload};
use crate::raster::{RasterGrid, check_grid, in_pixels};

/// Farthest a slanted segment goes along x, pixels: single precision along it stays within a
/// millionth of a pixel.
const REACH: f64 = 16.0;
/// Most groups in a row of a dispatch.
const GROUP_ROW: usize = 32768;
/// Most bytes of pixels made at once.
const BAND_BYTES: u64 = 1 << 30;

/// Outlines on a device, ready to be made pixels.
pub struct Raster {
    grid: RasterGrid,
    /// Rows of tiles made at once.
    band: usize,
    frame: Buffer,
    pixels: Buffer,
    program: Option<Program>,
    segments: usize,
    visits: usize,
}

impl Raster {
    /// Takes outlines (counter-clockwise rings, holes clockwise, disjoint but for holes as boolean
    /// merging leaves them) to a device.
    ///
    /// # Errors
    /// A grid or a vertex out of range, or too little memory.
    pub fn new<'a>(
        device: &dyn Compute,
        rings: impl IntoIterator<Item = &'a [[f64; 2]]>,
        grid: &RasterGrid,
    ) -> Result<Self, DeviceError> {
        let row_bytes = (grid.nx.max(1) as u64).saturating_mul(4);
        let most = BAND_BYTES.min(device.info().largest_buffer) / row_bytes;
        Self::with_band(device, rings, grid, most as usize)
    }

    /// The same with at most so many rows of pixels at once (but at least one row of tiles), for
    /// rasters that leave the device piece by piece.
    ///
    /// # Errors
    /// As [`Raster::new`].
    pub fn with_band<'a>(
        device: &dyn Compute,
        rings: impl IntoIterator<Item = &'a [[f64; 2]]>,
        grid: &RasterGrid,
        band_rows: usize,
    ) -> Result<Self, DeviceError> {
        let bad = |reason: String| DeviceError::Input { what: "rasteriser", reason };
        // Only a band of it must fit.
        check_grid(&RasterGrid { nx: 1, ny: 1, ..*grid })
            .map_err(|error| bad(error.to_string()))?;
        let (tiles_x, tiles_y) = (grid.nx.div_ceil(SIDE), grid.ny.div_ceil(SIDE));
        if tiles_x >= 1 << COLUMN_BITS || grid.ny >= 1 << 30 {
            return Err(bad(format!("{} x {} pixels are too many", grid.nx, grid.ny)));
        }
        let rings: Vec<&[[f64; 2]]> = rings.into_iter().collect();
        let parts: Result<Vec<Vec<Segment>>, _> = rings
            .par_chunks(1024)
            .map(|rings| {
                let mut out = Vec::new();
                rings.iter().try_for_each(|ring| add_ring(ring, grid, &mut out)).map(|()| out)
            })
            .collect();
        let segments = parts.map_err(|error| bad(error.to_string()))?.concat();
        let row_bytes = (grid.nx * SIDE * 4) as u64;
        let band = tiles_y.min(band_rows / SIDE).max(1);
        let visits = most_visits(&segments, tiles_y, band);
        let mut raster = Self {
            grid: *grid,
            band,
            frame: device.allocate("raster frame", 8)?,
            pixels: device.allocate("pixels", band as u64 * row_bytes)?,
            program: None,
            segments: segments.len(),
            visits,
        };
        if grid.nx > 0 && grid.ny > 0 {
            raster.program = Some(device.record(&raster.steps(device, &segments)?)?);
        }
        Ok(raster)
    }

    /// Segments the outlines became.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// Bytes that must move to make all pixels: every segment three times with its place in a list,
    /// and every pixel once.
    pub fn least_bytes(&self) -> u64 {
        let pixels = (self.grid.nx * self.grid.ny) as u64;
        (self.segments * 3 * size_of::<Segment>() + self.visits * 8) as u64 + 4 * pixels
    }

    /// Rows of pixels made at once.
    pub fn band_rows(&self) -> usize {
        self.band * SIDE
    }

    /// Pixels of the band made last, `[rows, nx]` f32, on the device.
    pub fn pixels(&self) -> &Buffer {
        &self.pixels
    }

    /// Makes the rows from `first` on, a multiple of [`Raster::band_rows`]; returns how many. Does
    /// not wait for the device.
    ///
    /// # Errors
    /// A device that fails.
    pub fn make(&self, device: &dyn Compute, first: usize) -> Result<usize, DeviceError> {
        let rows = self.grid.ny.saturating_sub(first).min(self.band_rows());
        if let Some(program) = self.program.as_ref().filter(|_| rows > 0) {
            let frame = [(first / SIDE) as u32, rows as u32];
            device.write(&self.frame, 0, bytemuck::cast_slice(&frame))?;
            device.run(program)?;
        }
        Ok(rows)
    }

    /// All pixels, `[ny, nx]`.
    ///
    /// # Errors
    /// More pixels than one image may have, or a device that fails.
    pub fn read(&self, device: &dyn Compute) -> Result<Array2<f32>, DeviceError> {
        check_grid(&self.grid).map_err(|error| DeviceError::Input {
            what: "rasteriser",
            reason: error.to_string(),
        })?;
        let mut image = Array2::zeros((self.grid.ny, self.grid.nx));
        let Some(all) = image.as_slice_mut() else { return Ok(image) };
        for (band, out) in all.chunks_mut((self.band_rows() * self.grid.nx).max(1)).enumerate() {
            self.make(device, band * self.band_rows())?;
            download(device, &self.pixels, out)?;
        }
        Ok(image)
    }

    fn steps(&self, device: &dyn Compute, segments: &[Segment]) -> Result<Vec<Step>, DeviceError> {
        let tiles_x = self.grid.nx.div_ceil(SIDE);
        let tiles = tiles_x * self.band;
        let room = |what: &'static str, words: usize| device.allocate(what, 4 * words as u64);
        let held = upload(device, "segments", segments)?;
        let counts = room("tile counts", tiles)?;
        let starts = room("tile starts", tiles + 1)?;
        let lists = room("tile lists", self.visits)?;
        let behind = room("cover behind tiles", tiles * SIDE)?;
        let step = |kernel: &'static Kernel, buffers: &[&Buffer], items: usize| {
            let groups = items.div_ceil(kernel.threads as usize).max(1);
            let row = GROUP_ROW * kernel.threads as usize;
            Step {
                kernel,
                values: vec![
                    ("TILES_X", tiles_x as u32),
                    ("TILES_Y", self.band as u32),
                    ("NX", self.grid.nx as u32),
                    ("SEGMENTS", segments.len() as u32),
                    ("ROW", row as u32),
                    ("WORDS", items as u32),
                ],
                buffers: buffers.iter().map(|buffer| (*buffer).clone()).collect(),
                groups: [groups.min(GROUP_ROW) as u32, groups.div_ceil(GROUP_ROW) as u32, 1],
            }
        };
        let frame = &self.frame;
        let mut tiled =
            step(&TILE_COVERAGE, &[&held, frame, &starts, &lists, &behind, &self.pixels], 0);
        tiled.groups = [tiles_x as u32, self.band as u32, 1];
        let mut summed = step(&SUM_BEHIND, &[&behind], 0);
        summed.groups = [self.band as u32, 1, 1];
        Ok(vec![
            step(&CLEAR_WORDS, &[&counts], tiles),
            step(&CLEAR_WORDS, &[&behind], tiles * SIDE),
            step(&COUNT_SEGMENTS, &[&held, frame, &counts, &behind], segments.len()),
            step(&PLACE_TILES, &[&counts, &starts], 0),
            step(&LIST_SEGMENTS, &[&held, frame, &starts, &counts, &lists], segments.len()),
            summed,
            tiled,
        ])
    }
}

/// Covered share of each pixel, `[ny, nx]`, as [`crate::raster::coverage`] gives it.
///
/// # Errors
/// As [`Raster::new`], or a device that fails.
pub fn coverage<'a>(
    device: &dyn Compute,
    rings: impl IntoIterator<Item = &'a [[f64; 2]]>,
    grid: &RasterGrid,
) -> Result<Array2<f32>, DeviceError> {
    Raster::new(device, rings, grid)?.read(device)
}

/// Most places in lists that one band needs.
fn most_visits(segments: &[Segment], tiles_y: usize, band: usize) -> usize {
    let mut visits = vec![0_usize; tiles_y.div_ceil(band.max(1)) + 1];
    for segment in segments {
        let [first, last] = segment.tiles();
        let (low, high) = (segment.y0 as usize / SIDE, segment.y1 as usize / SIDE);
        for (own, visits) in visits.iter_mut().enumerate().take(high / band + 1).skip(low / band) {
            let rows = high.min((own + 1) * band - 1) + 1 - low.max(own * band);
            *visits += rows * (last + 1 - first);
        }
    }
    visits.into_iter().max().unwrap_or(0)
}

/// Adds a ring's edges that rise or fall somewhere on the grid and are not wholly to its right.
fn add_ring(
    ring: &[[f64; 2]],
    grid: &RasterGrid,
    out: &mut Vec<Segment>,
) -> Result<(), crate::raster::RasterError> {
    let Some(&last) = ring.last() else { return Ok(()) };
    let mut from = snapped(in_pixels(last, grid)?);
    for &vertex in ring {
        let to = snapped(in_pixels(vertex, grid)?);
        if from[1] < to[1] {
            // A right edge rises: what is right of it is uncovered.
            add_edge(from, to, false, grid, out);
        } else if to[1] < from[1] {
            add_edge(to, from, true, grid, out);
        }
        from = to;
    }
    Ok(())
}

/// Heights are kept in whole 2⁻²⁴ parts, so that edges that share a vertex share its height.
fn snapped([x, y]: [f64; 2]) -> [f64; 2] {
    [x, (y * f64::from(ONE)).round() / f64::from(ONE)]
}

/// Adds an edge from its lower end up, cut to the grid.
fn add_edge(
    low: [f64; 2],
    high: [f64; 2],
    covers: bool,
    grid: &RasterGrid,
    out: &mut Vec<Segment>,
) {
    let (width, height) = (grid.nx as f64, grid.ny as f64);
    let slope = (high[0] - low[0]) / (high[1] - low[1]);
    let x_at = |y: f64| match () {
        () if y <= low[1] => low[0],
        () if y >= high[1] => high[0],
        () => low[0] + (y - low[1]) * slope,
    };
    let (start, end) = (low[1].max(0.0), high[1].min(height));
    if start >= end || low[0].min(high[0]) >= width {
        return;
    }
    if low[0] == high[0] {
        return push([low[0].max(0.0), start], [low[0].max(0.0), end], covers, grid, out);
    }
    // Pieces end where the edge enters or leaves the grid, and every so many pixels along x.
    let y_at = |x: f64| (low[1] + (x - low[0]) / slope).clamp(start, end);
    let height_of = |y: f64| snapped([0.0, y])[1];
    let mut cuts = vec![start, end, height_of(y_at(0.0)), height_of(y_at(width))];
    let (a, b) = (x_at(start).clamp(0.0, width), x_at(end).clamp(0.0, width));
    let pieces = ((b - a).abs() / REACH).ceil() as usize;
    cuts.extend((1..pieces).map(|i| height_of(y_at(a + (b - a) * i as f64 / pieces as f64))));
    cuts.sort_by(f64::total_cmp);
    for pair in cuts.windows(2) {
        let [from, to] = [pair[0], pair[1]].map(|y| [x_at(y), y]);
        let middle = f64::midpoint(from[0], to[0]);
        if pair[0] < pair[1] && middle < width {
            let inside = |x: f64| x.clamp(0.0, width);
            push([inside(from[0]), from[1]], [inside(to[0]), to[1]], covers, grid, out);
        }
    }
}

/// Adds a piece that lies on the grid.
fn push(from: [f64; 2], to: [f64; 2], covers: bool, grid: &RasterGrid, out: &mut Vec<Segment>) {
    let column = from[0].floor();
    let row = from[1].floor();
    // The last row is the one below the upper end.
    let last = to[1].ceil() - 1.0;
    let tile = |x: f64| ((x.floor() as u32) / SIDE as u32).min((grid.nx.div_ceil(SIDE) - 1) as u32);
    let (first_tile, last_tile) = (tile(from[0].min(to[0])), tile(from[0].max(to[0])));
    if from[0] == to[0] && from[0] >= grid.nx as f64 {
        return;
    }
    out.push(Segment {
        x: column as i32,
        columns: first_tile | last_tile << COLUMN_BITS | u32::from(covers) << SIGN,
        y0: row as i32,
        y1: last as i32,
        fx: (from[0] - column) as f32,
        dx: (to[0] - from[0]) as f32,
        bottom: ((from[1] - row) * f64::from(ONE)) as i32,
        top: ((to[1] - last) * f64::from(ONE)) as i32,
    });
}
