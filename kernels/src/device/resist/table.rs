//! A table on a device.

use super::{flat, value};
use crate::device::inner::LINEAR_TABLE;
use crate::device::kernel::Step;
use crate::device::{Buffer, Compute, DeviceError, upload};

/// A function given at equally spaced nodes from 0 on, cut at a largest value.
pub(in crate::device) struct Table {
    cells: Buffer,
    settings: Buffer,
    count: usize,
}

impl Table {
    /// Of cells (value at the lower node, rise to the upper one), cells a unit, and the largest
    /// value.
    pub fn new(
        device: &dyn Compute,
        cells: &[[f32; 2]],
        per_unit: f32,
        most: f32,
    ) -> Result<Self, DeviceError> {
        if cells.is_empty() {
            let reason = "a table without cells".to_owned();
            return Err(DeviceError::Input { what: "resist table", reason });
        }
        Ok(Self {
            cells: upload(device, "table", cells)?,
            settings: upload(device, "table settings", &[per_unit, most])?,
            count: cells.len(),
        })
    }

    /// Its values of so many numbers.
    pub fn step(&self, from: &Buffer, to: &Buffer, words: usize) -> Step {
        let values = vec![value("CELLS", self.count), value("WORDS", words)];
        flat(&LINEAR_TABLE, words, values, &[&self.cells, &self.settings, from, to])
    }
}
