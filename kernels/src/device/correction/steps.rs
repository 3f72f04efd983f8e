//! Steps that several plans share.

use ndarray::ArrayView2;

use super::setup::GridWeights;
use crate::device::inner::{PRODUCT, TILE};
use crate::device::kernel::{Kernel, Step, Value};
use crate::device::{Buffer, Compute, DeviceError, upload};

/// Parts that do not fit each other.
pub(super) fn bad(reason: String) -> DeviceError {
    DeviceError::Input { what: "correction", reason }
}

/// Weights from the exact grid to each clip's own, on a device. The largest of these grids is the
/// plan's; a smaller one lies in its corner, and the rest of its weights are nothing.
pub(in crate::device) struct Sampling {
    /// Rows and columns of the plan's grid.
    pub(in crate::device) shape: [usize; 2],
    /// Rows and columns of each clip's own.
    pub(super) own: Vec<[usize; 2]>,
    /// Weights of rows and of columns, `[N, length]`, clip by clip or for all clips.
    pub(super) rows: Buffer,
    pub(super) columns: Buffer,
    /// Numbers from one clip's weights to the next one's: 0 where all share them.
    pub(super) strides: [usize; 2],
}

impl Sampling {
    /// Uploads weights; `n` points a side of the exact grid.
    ///
    /// # Errors
    /// Neither one grid for all clips nor one for each, other weights than of `n` points, or too
    /// little memory.
    pub(in crate::device) fn new(
        device: &dyn Compute,
        what: [&'static str; 2],
        grids: &[GridWeights<'_>],
        n: usize,
        clips: usize,
    ) -> Result<Self, DeviceError> {
        let fit = |g: &GridWeights<'_>| g.rows.nrows() == n && g.columns.nrows() == n;
        if (grids.len() != clips && grids.len() != 1) || !grids.iter().all(fit) {
            let count = grids.len();
            return Err(bad(format!("{count} grids of weights do not fit {clips} clips of {n}²")));
        }
        let largest = |i: usize| grids.iter().map(|g| g.shape()[i]).max().unwrap_or(0);
        let shape = [largest(0), largest(1)];
        let all = |i: usize| {
            let mut flat = Vec::with_capacity(grids.len() * n * shape[i]);
            for grid in grids {
                let weights = if i == 0 { grid.rows } else { grid.columns };
                append_padded(weights, [n, shape[i]], &mut flat);
            }
            flat
        };
        let stride = |i: usize| if grids.len() == 1 { 0 } else { n * shape[i] };
        Ok(Self {
            shape,
            own: grids.iter().cycle().take(clips).map(GridWeights::shape).collect(),
            rows: upload(device, what[0], &all(0))?,
            columns: upload(device, what[1], &all(1))?,
            strides: [stride(0), stride(1)],
        })
    }

    /// The rows' weights as a member of products with the images of `sets` foci.
    pub(super) fn rows(&self, sets: usize) -> Member<'_> {
        Member { buffer: &self.rows, stride: self.strides[0], each: sets }
    }

    /// The columns' weights, likewise.
    pub(super) fn columns(&self, sets: usize) -> Member<'_> {
        Member { buffer: &self.columns, stride: self.strides[1], each: sets }
    }
}

/// The matrices of one side of a batch of products.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) buffer: &'a Buffer,
    /// Numbers from one matrix to the next; 0 for one matrix for all.
    pub(super) stride: usize,
    /// Members in a row of the batch that share a matrix.
    pub(super) each: usize,
}

impl<'a> Member<'a> {
    /// A matrix for every member of the batch.
    pub(super) fn own(buffer: &'a Buffer, stride: usize) -> Self {
        Self { buffer, stride, each: 1 }
    }
}

/// Exact images to a finer or coarser grid: rowsᵀ·I·columns.
pub(in crate::device) fn resample(
    images: &Buffer,
    sampling: &Sampling,
    [half_way, out]: [&Buffer; 2],
    n: usize,
    [sets, clips]: [usize; 2],
) -> Vec<Step> {
    let [ny, nx] = sampling.shape;
    let batch = sets * clips;
    let from = [sampling.rows(sets), Member::own(images, n * n)];
    let half = Member::own(half_way, ny * n);
    let to = [half, sampling.columns(sets)];
    vec![
        product(from, half, [ny, n, n], [true, false], batch),
        product(to, Member::own(out, ny * nx), [ny, nx, n], [false, false], batch),
    ]
}

/// C = op(A)·op(B): `[rows, columns, inner]`, and which of A and B are turned.
pub(super) fn product(
    [a, b]: [Member<'_>; 2],
    c: Member<'_>,
    [rows, columns, inner]: [usize; 3],
    [turn_a, turn_b]: [bool; 2],
    batch: usize,
) -> Step {
    let value = |name, number: usize| (name, number as u32);
    let values = vec![
        value("ROWS", rows),
        value("COLUMNS", columns),
        value("INNER", inner),
        value("TURN_A", usize::from(turn_a)),
        value("TURN_B", usize::from(turn_b)),
        value("STRIDE_A", a.stride),
        value("STRIDE_B", b.stride),
        value("STRIDE_C", c.stride),
        value("EACH_A", a.each),
        value("EACH_B", b.each),
        value("BATCH", batch),
    ];
    let tiles = |length: usize| length.div_ceil(TILE as usize);
    let buffers = [a.buffer, b.buffer, c.buffer];
    step(&PRODUCT, values, &buffers, [tiles(columns), tiles(rows), batch])
}

pub(in crate::device) fn step(
    kernel: &'static Kernel,
    values: Vec<Value>,
    buffers: &[&Buffer],
    groups: [usize; 3],
) -> Step {
    Step {
        kernel,
        values,
        buffers: buffers.iter().map(|b| (*b).clone()).collect(),
        groups: groups.map(|count| count as u32),
    }
}

/// The numbers of a clip's matrix in the corner of a larger one of zeros, appended row by row.
pub(super) fn append_padded(
    matrix: ArrayView2<'_, f32>,
    [rows, columns]: [usize; 2],
    flat: &mut Vec<f32>,
) {
    let end = flat.len() + rows * columns;
    for row in matrix.outer_iter() {
        flat.extend(row.iter().copied());
        flat.resize(flat.len() + columns - row.len(), 0.0);
    }
    flat.resize(end, 0.0);
}
