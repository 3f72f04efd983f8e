//! Steps that several plans share.

use ndarray::ArrayView2;

use crate::device::inner::{PRODUCT, TILE};
use crate::device::kernel::{Kernel, Step, Value};
use crate::device::{Buffer, DeviceError};

/// Parts that do not fit each other.
pub(super) fn bad(reason: String) -> DeviceError {
    DeviceError::Input { what: "correction", reason }
}

/// Exact images to a finer or coarser grid: rowsᵀ·I·columns.
pub(in crate::device) fn resample(
    images: &Buffer,
    [rows, columns, half_way, out]: [&Buffer; 4],
    [n, ny, nx]: [usize; 3],
    batch: usize,
) -> Vec<Step> {
    let down = [0, n * n, ny * n];
    let across = [ny * n, 0, ny * nx];
    vec![
        product([rows, images, half_way], [ny, n, n], [true, false], down, batch),
        product([half_way, columns, out], [ny, nx, n], [false, false], across, batch),
    ]
}

/// C = op(A)·op(B): `[rows, columns, inner]`, which of A and B are turned, and strides.
pub(super) fn product(
    buffers: [&Buffer; 3],
    [rows, columns, inner]: [usize; 3],
    [turn_a, turn_b]: [bool; 2],
    strides: [usize; 3],
    batch: usize,
) -> Step {
    let value = |name, number: usize| (name, number as u32);
    let values = vec![
        value("ROWS", rows),
        value("COLUMNS", columns),
        value("INNER", inner),
        value("TURN_A", usize::from(turn_a)),
        value("TURN_B", usize::from(turn_b)),
        value("STRIDE_A", strides[0]),
        value("STRIDE_B", strides[1]),
        value("STRIDE_C", strides[2]),
        value("BATCH", batch),
    ];
    let tiles = |length: usize| length.div_ceil(TILE as usize);
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

/// The numbers of a matrix row by row.
pub(in crate::device) fn standard(matrix: ArrayView2<'_, f32>) -> Vec<f32> {
    matrix.iter().copied().collect()
}
