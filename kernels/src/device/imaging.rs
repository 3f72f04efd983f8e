//! Imaging a batch of masks on a device: edges to images on the exact grid, gradients of those back
//! to edges.

use std::f64::consts::PI;

use ndarray::ArrayView3;
use num_complex::Complex32;

use super::inner::{
    ADJOINT_COLUMNS, ADJOINT_ROWS, ADJOINT_SUM, EDGE_GRADIENTS, EDGE_TABLES, EdgeWords,
    FIELD_COLUMNS, FIELD_ROWS, INTENSITY, MASK_SPECTRUM, MOVE_EDGES, MovingWords,
};
use super::kernel::{GROUP_ROW, Kernel, Step, Value, in_rows};
use super::{Buffer, Compute, DeviceError, room, turns, upload};
use crate::spectrum::Edge;

/// Largest grid whose lines fit the shared memory that every device has (16 KiB).
const LARGEST_GRID: usize = 1024;
/// Least room for edges.
const LEAST_EDGES: usize = 256;

/// An edge of a mask in field coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskEdge {
    /// The edge, the interior on its left.
    pub edge: Edge,
    /// Whether it is parallel to x.
    pub is_horizontal: bool,
}

/// A coordinate that an offset moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Follower {
    /// Where it is at offset 0.
    pub base: f64,
    /// Which offset it follows, and whether it falls as that grows; `None` where it stays.
    pub offset: Option<(u32, bool)>,
}

/// An edge of a mask in field coordinates that moves with offsets, the interior on its left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MovingEdge {
    /// Its place across its direction.
    pub at: Follower,
    /// Where it starts.
    pub from: Follower,
    /// Where it ends.
    pub to: Follower,
    /// Whether it is parallel to x.
    pub is_horizontal: bool,
}

/// A mask that moves with offsets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MovingMask {
    /// All its edges.
    pub edges: Vec<MovingEdge>,
    /// How many offsets they follow.
    pub offsets: usize,
}

/// What images are formed by.
#[derive(Clone, Debug)]
pub struct ImagingSetup<'a> {
    /// Period of the field.
    pub period: f64,
    /// Largest bin K of the kernels.
    pub half: usize,
    /// Points a side of the exact grid, ≥ 4K+1, of the form 2ᵃ3ᵇ (see
    /// [`crate::fields::grid_for`]).
    pub grid: usize,
    /// Side of the pixels to sum over, or `None` for the Fourier integral.
    pub pixel: Option<f64>,
    /// Kernels `[k, 2K+1 (n), 2K+1 (m)]` and their weights, focus by focus.
    pub sets: Vec<(ArrayView3<'a, Complex32>, &'a [f32])>,
    /// Amplitude of the features less that of the background.
    pub change: Complex32,
    /// Amplitude of the background.
    pub background: Complex32,
    /// Masks imaged at once.
    pub clips: usize,
}

/// Images and gradients of a batch of masks on one device. Everything but edges or offsets and their
/// gradients stays there.
///
/// Masks are handed in by their edges ([`Imaging::set_edges`]), or as edges that move
/// ([`Imaging::set_moving`]) and, from then on, by offsets alone ([`Imaging::set_offsets`]).
pub struct Imaging {
    pub(super) clips: usize,
    pub(super) grid: usize,
    pub(super) sets: usize,
    half: usize,
    kernels: usize,
    period: f64,
    /// Room for edges.
    pub(super) capacity: usize,
    handed: Handed,
    moving: Handed,
    /// Numbers of offsets, clip by clip.
    follows: Vec<usize>,
    held: Held,
}

/// Edges as they were handed in.
struct Handed {
    /// By clip: where its edges stand among all.
    order: Vec<Vec<u32>>,
    /// By clip: its first edge, those parallel to y, all.
    ranges: Buffer,
}

impl Handed {
    fn new(device: &dyn Compute, clips: usize) -> Result<Self, DeviceError> {
        let ranges = room(device, "ranges of edges", 4 * clips)?;
        Ok(Self { order: vec![Vec::new(); clips], ranges })
    }

    /// Puts edges in the order of kernels: by clip, those parallel to y first.
    fn sort<T, W>(
        &mut self,
        device: &dyn Compute,
        clips: &[&[T]],
        is_horizontal: impl Fn(&T) -> bool,
        words: impl Fn(&T, usize) -> W,
    ) -> Result<Vec<W>, DeviceError> {
        let mut all = Vec::new();
        let mut ranges = Vec::with_capacity(clips.len());
        for (clip, (edges, order)) in clips.iter().zip(&mut self.order).enumerate() {
            let first = all.len();
            order.clear();
            order.resize(edges.len(), 0);
            for along_x in [false, true] {
                for (edge, at) in edges.iter().zip(order.iter_mut()) {
                    if is_horizontal(edge) == along_x {
                        *at = all.len() as u32;
                        all.push(words(edge, clip));
                    }
                }
            }
            let vertical = edges.iter().filter(|edge| !is_horizontal(edge)).count();
            ranges.push([first as u32, vertical as u32, edges.len() as u32, 0]);
        }
        device.write(&self.ranges, 0, bytemuck::cast_slice(&ranges))?;
        Ok(all)
    }

    fn sorted(&self, clip: usize, read: &[f32], out: &mut Vec<f32>) {
        out.clear();
        let order = self.order.get(clip).map_or(&[][..], Vec::as_slice);
        out.extend(order.iter().map(|at| read.get(*at as usize).copied().unwrap_or(f32::NAN)));
    }
}

/// Memory of a plan.
struct Held {
    edges: Buffer,
    tables: Buffer,
    moving: Buffer,
    offsets: Buffer,
    scale: Buffer,
    form: Buffer,
    tone: Buffer,
    roots: Buffer,
    kernels: Buffer,
    weights: Buffer,
    sets: Buffer,
    set_of: Buffer,
    spectrum: Buffer,
    columns: Buffer,
    fields: Buffer,
    images: Buffer,
    gradients: Buffer,
    parts: Buffer,
    adjoint: Buffer,
    edge_gradients: Buffer,
}

impl Imaging {
    /// A plan on a device.
    ///
    /// # Errors
    /// A grid the device's transforms do not hold, kernels of the wrong shape, or too little memory.
    pub fn new(device: &dyn Compute, setup: &ImagingSetup<'_>) -> Result<Self, DeviceError> {
        let ImagingSetup { period, half, grid, clips, .. } = *setup;
        let width = 2 * half + 1;
        let bad = |reason: String| DeviceError::Input { what: "imaging", reason };
        if !is_smooth(grid) || grid > LARGEST_GRID || grid < 2 * width - 1 || clips == 0 {
            let reason = format!("a grid of {grid} points for bins up to {half}, {clips} clips");
            return Err(bad(reason));
        }
        let counts: Vec<usize> = setup.sets.iter().map(|set| set.1.len()).collect();
        let shapes = setup.sets.iter().zip(&counts);
        if counts.is_empty() || !shapes.clone().all(|(set, k)| set.0.dim() == (*k, width, width)) {
            return Err(bad("kernels and weights differ in number or size".to_owned()));
        }
        let kernels = counts.iter().sum::<usize>();
        let form = |bin: usize| match setup.pixel {
            Some(pixel) if bin > 0 => {
                let a = PI * bin as f64 * pixel / period;
                (a / a.sin()) as f32
            }
            _ => 1.0,
        };
        let mut forms: Vec<f32> = (0..=half).map(form).collect();
        forms.push((1.0 / period) as f32);
        let (change, background) = (setup.change, setup.background);
        let root = |k: usize| {
            let angle = 2.0 * PI * k as f64 / grid as f64;
            [angle.cos() as f32, angle.sin() as f32]
        };
        let roots: Vec<[f32; 2]> = (0..grid).map(root).collect();
        let mut spectra = Vec::with_capacity(kernels * width * width);
        for (set, _) in &setup.sets {
            for kernel in set.outer_iter() {
                spectra.extend(kernel.t().iter().map(|h| [h.re, h.im]));
            }
        }
        let weights: Vec<f32> = setup.sets.iter().flat_map(|set| set.1.iter().copied()).collect();
        let mut firsts = Vec::new();
        let mut set_of = Vec::new();
        for (set, count) in counts.iter().enumerate() {
            firsts.push([set_of.len() as u32, *count as u32]);
            set_of.extend(std::iter::repeat_n(set as u32, *count));
        }
        let room = |what: &'static str, numbers: usize| room(device, what, numbers);
        let (bins, pixels) = (width * width, grid * grid);
        let sets = counts.len();
        let [edges, tables, moving, edge_gradients] = edge_room(device, LEAST_EDGES, half)?;
        let scale = [(4_294_967_296.0 / period) as f32, (1.0 / period) as f32];
        let held = Held {
            edges,
            tables,
            moving,
            edge_gradients,
            offsets: room("offsets", LEAST_EDGES)?,
            scale: upload(device, "scale of offsets", &scale)?,
            form: upload(device, "form factors", &forms)?,
            tone: upload(
                device,
                "mask tone",
                &[change.re, change.im, background.re, background.im],
            )?,
            roots: upload(device, "roots of unity", &roots)?,
            kernels: upload(device, "kernels", &spectra)?,
            weights: upload(device, "kernel weights", &weights)?,
            sets: upload(device, "kernel sets", &firsts)?,
            set_of: upload(device, "set of each kernel", &set_of)?,
            spectrum: room("mask spectra", 2 * clips * bins)?,
            columns: room("half-transformed fields", 2 * clips * kernels * width * grid)?,
            fields: room("fields", 2 * clips * kernels * pixels)?,
            images: room("images", clips * sets * pixels)?,
            gradients: room("image gradients", clips * sets * pixels)?,
            parts: room("adjoint parts", 2 * clips * kernels * bins)?,
            adjoint: room("adjoint spectra", 2 * clips * bins)?,
        };
        Ok(Self {
            clips,
            grid,
            sets,
            half,
            kernels,
            period,
            capacity: LEAST_EDGES,
            handed: Handed::new(device, clips)?,
            moving: Handed::new(device, clips)?,
            follows: vec![0; clips],
            held,
        })
    }

    /// Points a side of the exact grid.
    pub fn grid(&self) -> usize {
        self.grid
    }

    /// Images on the exact grid, `[clip, set, N, N]` f32.
    pub fn images(&self) -> &Buffer {
        &self.held.images
    }

    /// Where ∂L/∂I on the exact grid is expected, `[clip, set, N, N]` f32.
    pub fn gradients(&self) -> &Buffer {
        &self.held.gradients
    }

    /// Hands the edges of a batch of masks in, clip by clip; returns whether steps must be recorded
    /// anew because there are more than before.
    ///
    /// # Errors
    /// Another number of clips than the plan has, too many edges, or a lost device.
    pub fn set_edges(
        &mut self,
        device: &dyn Compute,
        clips: &[&[MaskEdge]],
    ) -> Result<bool, DeviceError> {
        self.check_clips(clips.len())?;
        let period = self.period;
        let words = |edge: &MaskEdge, clip: usize| words(edge, clip as u32, period);
        let mut all = self.handed.sort(device, clips, |edge| edge.is_horizontal, words)?;
        let grown = self.grow(device, all.len())?;
        // Edges beyond are those of nothing: they lie in clip 0 and have no length.
        all.resize(self.capacity, EdgeWords::default());
        device.write(&self.held.edges, 0, bytemuck::cast_slice(&all))?;
        Ok(grown)
    }

    /// Hands a batch of masks in that move, clip by clip; returns whether steps must be recorded
    /// anew. They hold until others are handed in or [`Imaging::set_edges`] needs more room.
    ///
    /// # Errors
    /// As [`Imaging::set_edges`], and an edge that follows an offset which is not there.
    pub fn set_moving(
        &mut self,
        device: &dyn Compute,
        clips: &[&MovingMask],
    ) -> Result<bool, DeviceError> {
        self.check_clips(clips.len())?;
        if let Some(clip) = clips.iter().position(|mask| !mask.is_whole()) {
            let reason = format!("an edge of clip {clip} follows an offset that is not there");
            return Err(DeviceError::Input { what: "imaging", reason });
        }
        self.follows = clips.iter().map(|mask| mask.offsets).collect();
        let firsts: Vec<usize> =
            (0..clips.len()).map(|clip| self.follows[..clip].iter().sum()).collect();
        let edges: Vec<&[MovingEdge]> = clips.iter().map(|mask| mask.edges.as_slice()).collect();
        let period = self.period;
        let words =
            |edge: &MovingEdge, clip: usize| moving_words(edge, clip as u32, firsts[clip], period);
        let mut all = self.moving.sort(device, &edges, |edge| edge.is_horizontal, words)?;
        let mut grown = self.grow(device, all.len())?;
        let offsets = self.follows.iter().sum::<usize>();
        if 4 * offsets as u64 > self.held.offsets.bytes() {
            self.held.offsets = room(device, "offsets", offsets.next_power_of_two())?;
            grown = true;
        }
        all.resize(self.capacity, MovingWords::default());
        device.write(&self.held.moving, 0, bytemuck::cast_slice(&all))?;
        Ok(grown)
    }

    /// Moves the masks of [`Imaging::set_moving`] by offsets (nm), clip by clip.
    ///
    /// # Errors
    /// Other numbers of clips or offsets, or a lost device.
    pub fn set_offsets(&self, device: &dyn Compute, clips: &[&[f32]]) -> Result<(), DeviceError> {
        self.check_clips(clips.len())?;
        if !clips.iter().zip(&self.follows).all(|(offsets, follows)| offsets.len() == *follows) {
            let reason = "other numbers of offsets than the masks follow".to_owned();
            return Err(DeviceError::Input { what: "imaging", reason });
        }
        device.write(&self.held.offsets, 0, bytemuck::cast_slice(&clips.concat()))
    }

    fn check_clips(&self, clips: usize) -> Result<(), DeviceError> {
        if clips == self.clips {
            return Ok(());
        }
        let reason = format!("{clips} clips for a plan of {}", self.clips);
        Err(DeviceError::Input { what: "imaging", reason })
    }

    /// Makes room for so many edges; whether there was too little.
    fn grow(&mut self, device: &dyn Compute, edges: usize) -> Result<bool, DeviceError> {
        if edges <= self.capacity {
            return Ok(false);
        }
        self.capacity = edges.next_power_of_two();
        let [edges, tables, moving, gradients] = edge_room(device, self.capacity, self.half)?;
        (self.held.edges, self.held.tables) = (edges, tables);
        (self.held.moving, self.held.edge_gradients) = (moving, gradients);
        Ok(true)
    }

    /// ∂L/∂(outward move) of the edges handed in, to be read with whatever else is read.
    pub fn edge_gradients(&self) -> &Buffer {
        &self.held.edge_gradients
    }

    /// Sorts what was read of [`Imaging::edge_gradients`] into the order of a clip's edges.
    pub fn sorted(&self, clip: usize, read: &[f32], out: &mut Vec<f32>) {
        self.handed.sorted(clip, read, out);
    }

    /// The same of a clip's moving edges.
    pub fn sorted_moving(&self, clip: usize, read: &[f32], out: &mut Vec<f32>) {
        self.moving.sorted(clip, read, out);
    }

    fn step(
        &self,
        kernel: &'static Kernel,
        buffers: &[&Buffer],
        groups: [usize; 3],
        more: &[Value],
    ) -> Step {
        let mut values = vec![
            ("HALF", self.half as u32),
            ("N", self.grid as u32),
            ("KERNELS", self.kernels as u32),
            ("SETS", self.sets as u32),
            ("CLIPS", self.clips as u32),
            ("LINES", self.lines() as u32),
        ];
        values.extend(more);
        Step {
            kernel,
            values,
            buffers: buffers.iter().map(|b| (*b).clone()).collect(),
            groups: groups.map(|count| count as u32),
        }
    }

    /// Lines that a group transforms at once, as many as shared memory holds.
    fn lines(&self) -> usize {
        1 << (LARGEST_GRID / self.grid).clamp(1, 8).ilog2()
    }

    /// From edges to images.
    pub fn forward_steps(&self) -> Vec<Step> {
        self.forward(&self.handed.ranges)
    }

    /// From offsets to images.
    pub fn moved_steps(&self) -> Vec<Step> {
        let h = &self.held;
        let moved = self.step(
            &MOVE_EDGES,
            &[&h.moving, &h.offsets, &h.scale, &h.edges],
            in_rows(self.capacity.div_ceil(MOVE_EDGES.threads as usize)),
            &[("EDGES", self.capacity as u32), ("ROW", GROUP_ROW as u32 * MOVE_EDGES.threads)],
        );
        let mut steps = vec![moved];
        steps.extend(self.forward(&self.moving.ranges));
        steps
    }

    fn forward(&self, ranges: &Buffer) -> Vec<Step> {
        let h = &self.held;
        let (width, clips) = (2 * self.half + 1, self.clips);
        let edges = ("EDGES", self.capacity as u32);
        let tables = (self.capacity * (self.half + 1)).div_ceil(EDGE_TABLES.threads as usize);
        let transform = |forward: u32| [("FORWARD", forward)];
        let groups = |lines: usize| [lines.div_ceil(self.lines()), clips, 1];
        vec![
            self.step(
                &EDGE_TABLES,
                &[&h.edges, &h.form, &h.tables],
                in_rows(tables),
                &[edges, ("ROW", GROUP_ROW as u32 * EDGE_TABLES.threads)],
            ),
            self.step(
                &MASK_SPECTRUM,
                &[&h.edges, &h.tables, &h.form, ranges, &h.tone, &h.spectrum],
                [(self.half + 1) * width, clips, 1],
                &[],
            ),
            self.step(
                &FIELD_COLUMNS,
                &[&h.kernels, &h.spectrum, &h.roots, &h.columns],
                groups(self.kernels * width),
                &transform(0),
            ),
            self.step(
                &FIELD_ROWS,
                &[&h.columns, &h.roots, &h.fields],
                groups(self.kernels * self.grid),
                &transform(0),
            ),
            self.step(
                &INTENSITY,
                &[&h.fields, &h.weights, &h.sets, &h.images],
                [(self.grid * self.grid).div_ceil(INTENSITY.threads as usize), self.sets, clips],
                &[],
            ),
        ]
    }

    /// From gradients of the images to those of the edges.
    pub fn adjoint_steps(&self) -> Vec<Step> {
        let h = &self.held;
        let (width, clips) = (2 * self.half + 1, self.clips);
        let groups = |lines: usize| [lines.div_ceil(self.lines()), clips, 1];
        let forward = [("FORWARD", 1)];
        vec![
            self.step(
                &ADJOINT_ROWS,
                &[&h.gradients, &h.fields, &h.set_of, &h.roots, &h.columns],
                groups(self.kernels * self.grid),
                &forward,
            ),
            self.step(
                &ADJOINT_COLUMNS,
                &[&h.columns, &h.kernels, &h.weights, &h.roots, &h.parts],
                groups(self.kernels * width),
                &forward,
            ),
            self.step(
                &ADJOINT_SUM,
                &[&h.parts, &h.tone, &h.adjoint],
                [(width * width).div_ceil(ADJOINT_SUM.threads as usize), clips, 1],
                &[],
            ),
            self.step(
                &EDGE_GRADIENTS,
                &[&h.edges, &h.tables, &h.form, &h.adjoint, &h.edge_gradients],
                in_rows(self.capacity),
                &[("EDGES", self.capacity as u32), ("ROW", GROUP_ROW as u32)],
            ),
        ]
    }
}

fn edge_room(
    device: &dyn Compute,
    capacity: usize,
    half: usize,
) -> Result<[Buffer; 4], DeviceError> {
    Ok([
        room(device, "edges", capacity * size_of::<EdgeWords>() / 4)?,
        room(device, "edge tables", 4 * capacity * (half + 1))?,
        room(device, "moving edges", capacity * size_of::<MovingWords>() / 4)?,
        room(device, "edge gradients", capacity)?,
    ])
}

impl MovingMask {
    /// Whether its edges follow offsets that are there.
    fn is_whole(&self) -> bool {
        let is_there = |follower: &Follower| {
            follower.offset.is_none_or(|(which, _)| (which as usize) < self.offsets)
        };
        self.edges.iter().all(|edge| [edge.at, edge.from, edge.to].iter().all(is_there))
    }
}

fn moving_words(edge: &MovingEdge, place: u32, first: usize, period: f64) -> MovingWords {
    let still = Edge { at: edge.at.base, from: edge.from.base, to: edge.to.base };
    let still = MaskEdge { edge: still, is_horizontal: edge.is_horizontal };
    let by = |follower: Follower| {
        follower
            .offset
            .map_or(0, |(which, falls)| 1 + 2 * (first as u32 + which) + u32::from(falls))
    };
    MovingWords {
        still: words(&still, place, period),
        at_by: by(edge.at),
        from_by: by(edge.from),
        to_by: by(edge.to),
    }
}

fn words(edge: &MaskEdge, place: u32, period: f64) -> EdgeWords {
    let Edge { at, from, to } = edge.edge;
    EdgeWords {
        at: turns(at, period),
        middle: turns(f64::midpoint(from, to), period),
        half_length: turns(0.5 * (to - from), period),
        place,
        at_share: (at / period) as f32,
        length_share: ((to - from) / period) as f32,
        is_horizontal: u32::from(edge.is_horizontal),
        unused: 0,
    }
}

/// Whether a length has no factors but 2 and 3.
fn is_smooth(mut n: usize) -> bool {
    for factor in [2, 3] {
        while n > 1 && n.is_multiple_of(factor) {
            n /= factor;
        }
    }
    n == 1
}
