//! Exact area coverage of polygons on a device, after the processor's [`crate::raster`].
//!
//! Outlines become [`Segment`]s once. Each device pass lists the segments that touch each tile of
//! 64 × 64 pixels, adds them up within the tile's shared memory and writes each pixel once, so the
//! work is that of the segments' visits to tiles and 4 bytes a pixel, not that of pixels times
//! segments. All sums are of whole 2⁻²⁴ parts of a pixel: their order does not matter. A raster
//! too large for the device is made band by band, and segments too many for one memory lie in
//! several, each with those of some bands.

use std::borrow::Cow;
use std::ops::Range;

use ndarray::Array2;
use rayon::prelude::*;

use super::inner::{
    CLEAR_WORDS, COLUMN_BITS, COUNT_SEGMENTS, LIST_SEGMENTS, ONE, PLACE_TILES, SIDE, SIGN,
    SUM_BEHIND, Segment, TILE_COVERAGE,
};
use super::kernel::{GROUP_ROW, Kernel, Step, in_rows};
use super::{Buffer, Compute, DeviceError, Program, download, upload};
use crate::raster::{RasterGrid, check_grid, in_pixels};

/// Farthest a slanted segment goes along x, pixels: single precision along it stays within a
/// millionth of a pixel.
const REACH: f64 = 16.0;
/// Most bytes of pixels made at once.
const BAND_BYTES: u64 = 1 << 30;

/// Outlines on a device, ready to be made pixels.
pub struct Raster {
    grid: RasterGrid,
    /// Rows of tiles made at once.
    band: usize,
    frame: Buffer,
    pixels: Buffer,
    parts: Vec<Part>,
    segments: usize,
    visits: usize,
}

/// Bands that are made from the same memory of segments.
struct Part {
    bands: Range<usize>,
    program: Program,
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
        let mut band = tiles_y.min(band_rows / SIDE).max(1);
        let mut load = Load::new(&segments, tiles_y, band);
        let fits = |load: &Load| load.bytes() <= device.info().largest_buffer;
        while band > 1 && !fits(&load) {
            band = band.div_ceil(2);
            load = Load::new(&segments, tiles_y, band);
        }
        let mut raster = Self {
            grid: *grid,
            band,
            frame: device.allocate("raster frame", 8)?,
            pixels: device.allocate("pixels", band as u64 * row_bytes)?,
            parts: Vec::new(),
            segments: segments.len(),
            visits: load.most_visits(),
        };
        if grid.nx > 0 && grid.ny > 0 {
            let lists = Lists::new(device, &raster)?;
            let most = device.info().largest_buffer / size_of::<Segment>() as u64;
            for bands in load.parts(most as usize) {
                let own = part(&segments, bands.start * band..bands.end * band, tiles_y);
                let program = device.record(&raster.steps(device, &own, &lists)?)?;
                raster.parts.push(Part { bands, program });
            }
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
        let band = first / self.band_rows();
        let part = self.parts.iter().find(|part| part.bands.contains(&band));
        if let Some(part) = part.filter(|_| rows > 0) {
            let frame = [(first / SIDE) as u32, rows as u32];
            device.write(&self.frame, 0, bytemuck::cast_slice(&frame))?;
            device.run(&part.program)?;
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

    /// Tiles made at once.
    fn tiles(&self) -> usize {
        self.grid.nx.div_ceil(SIDE) * self.band
    }

    fn steps(
        &self,
        device: &dyn Compute,
        segments: &[Segment],
        Lists { counts, starts, places, behind }: &Lists,
    ) -> Result<Vec<Step>, DeviceError> {
        let (tiles_x, tiles) = (self.grid.nx.div_ceil(SIDE), self.tiles());
        let held = upload(device, "segments", segments)?;
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
                groups: in_rows(groups).map(|count| count as u32),
            }
        };
        let frame = &self.frame;
        let mut tiled =
            step(&TILE_COVERAGE, &[&held, frame, starts, places, behind, &self.pixels], 0);
        tiled.groups = [tiles_x as u32, self.band as u32, 1];
        let mut summed = step(&SUM_BEHIND, &[behind], 0);
        summed.groups = [self.band as u32, 1, 1];
        Ok(vec![
            step(&CLEAR_WORDS, &[counts], tiles),
            step(&CLEAR_WORDS, &[behind], tiles * SIDE),
            step(&COUNT_SEGMENTS, &[&held, frame, counts, behind], segments.len()),
            step(&PLACE_TILES, &[counts, starts], 0),
            step(&LIST_SEGMENTS, &[&held, frame, starts, counts, places], segments.len()),
            summed,
            tiled,
        ])
    }
}

/// Memory for the lists of a band's tiles.
struct Lists {
    counts: Buffer,
    starts: Buffer,
    places: Buffer,
    behind: Buffer,
}

impl Lists {
    fn new(device: &dyn Compute, raster: &Raster) -> Result<Self, DeviceError> {
        let room = |what: &'static str, words: usize| device.allocate(what, 4 * words as u64);
        let tiles = raster.tiles();
        Ok(Self {
            counts: room("tile counts", tiles)?,
            starts: room("tile starts", tiles + 1)?,
            places: room("tile lists", raster.visits)?,
            behind: room("cover behind tiles", tiles * SIDE)?,
        })
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

/// What the bands of a raster hold.
struct Load {
    /// Of each band: segments in it, and those that begin in it.
    segments: Vec<[usize; 2]>,
    /// Of each band: places in the lists of its tiles.
    visits: Vec<usize>,
}

impl Load {
    fn new(segments: &[Segment], tiles_y: usize, band: usize) -> Self {
        let bands = tiles_y.div_ceil(band);
        let mut load = Self { segments: vec![[0; 2]; bands], visits: vec![0; bands] };
        for segment in segments {
            let [first, last] = segment.tiles();
            let Range { start, end } = rows(segment, tiles_y);
            for own in start / band..end.div_ceil(band) {
                load.segments[own][0] += 1;
                let height = end.min((own + 1) * band) - start.max(own * band);
                load.visits[own] += height * (last + 1 - first);
            }
            load.segments[start / band][1] += 1;
        }
        load
    }

    /// Most places in lists that one band needs.
    fn most_visits(&self) -> usize {
        self.visits.iter().copied().max().unwrap_or(0)
    }

    /// Bytes of the largest memory that one band cannot do without.
    fn bytes(&self) -> u64 {
        let most = self.segments.iter().map(|own| own[0]).max().unwrap_or(0);
        (most * size_of::<Segment>()).max(4 * self.most_visits()) as u64
    }

    /// Bands in a row that have no more segments than `most` together, as many as do; one at least.
    fn parts(&self, most: usize) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        let mut held = 0;
        for (band, [inside, begun]) in self.segments.iter().enumerate() {
            if let Some(part) = parts.last_mut().filter(|_| held + begun <= most) {
                part.end = band + 1;
                held += begun;
            } else {
                parts.push(band..band + 1);
                held = *inside;
            }
        }
        parts
    }
}

/// Rows of tiles that a segment touches.
fn rows(segment: &Segment, tiles_y: usize) -> Range<usize> {
    let row = |y: i32| (y.max(0) as usize / SIDE).min(tiles_y - 1);
    row(segment.y0)..row(segment.y1) + 1
}

/// The segments that touch some rows of tiles.
fn part(segments: &[Segment], wanted: Range<usize>, tiles_y: usize) -> Cow<'_, [Segment]> {
    if wanted.start == 0 && wanted.end >= tiles_y {
        return Cow::Borrowed(segments);
    }
    let touches = |segment: &&Segment| {
        let own = rows(segment, tiles_y);
        own.start < wanted.end && wanted.start < own.end
    };
    Cow::Owned(segments.iter().filter(touches).copied().collect())
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
