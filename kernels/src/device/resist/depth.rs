//! The depth table applied to images.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::room;
use super::table::Table;
use crate::depth::LinearTable;
use crate::device::kernel::Step;
use crate::device::{Buffer, Compute, DeviceError, Program, download};

/// A table of depths and the images it is applied to, on a device.
pub struct DepthImage {
    table: Table,
    intensity: Buffer,
    depth: Buffer,
    pixels: usize,
    program: Program,
}

impl DepthImage {
    /// For images of up to so many pixels.
    ///
    /// # Errors
    /// More pixels than the device holds, or a device that fails.
    pub fn new(
        device: &dyn Compute,
        table: &LinearTable,
        pixels: usize,
    ) -> Result<Self, DeviceError> {
        if pixels >= 1 << 30 {
            let reason = format!("{pixels} pixels are more than 2^30");
            return Err(DeviceError::Input { what: "depth of an image", reason });
        }
        let table = Table::new(device, &table.cells(), table.per_step(), table.most())?;
        let intensity = room(device, "intensity", pixels)?;
        let depth = room(device, "developed depth", pixels)?;
        let program = device.record(&[table.step(&intensity, &depth, pixels)])?;
        Ok(Self { table, intensity, depth, pixels, program })
    }

    /// Where intensities are expected, f32.
    pub fn intensity(&self) -> &Buffer {
        &self.intensity
    }

    /// Where depths are left, f32.
    pub fn depth(&self) -> &Buffer {
        &self.depth
    }

    /// Bytes that must move.
    pub fn bytes(&self) -> u64 {
        8 * self.pixels as u64
    }

    /// From intensities to depths.
    pub fn steps(&self) -> Vec<Step> {
        vec![self.table.step(&self.intensity, &self.depth, self.pixels)]
    }

    /// The depth of every pixel that is on the device; does not wait.
    ///
    /// # Errors
    /// A device that fails.
    pub fn run(&self, device: &dyn Compute) -> Result<(), DeviceError> {
        device.run(&self.program)
    }

    /// Writes the depth of every pixel of an image, `[y, x]`.
    ///
    /// # Errors
    /// Arrays of another size than the plan's, or a device that fails.
    pub fn apply(
        &self,
        device: &dyn Compute,
        image: ArrayView2<'_, f32>,
        mut out: ArrayViewMut2<'_, f32>,
    ) -> Result<(), DeviceError> {
        if image.dim() != out.dim() || image.len() != self.pixels {
            let reason = format!(
                "an image of {:?} and depths of {:?} pixels for a plan of {}",
                image.dim(),
                out.dim(),
                self.pixels
            );
            return Err(DeviceError::Input { what: "depth of an image", reason });
        }
        if image.is_empty() {
            return Ok(());
        }
        let image = image.as_standard_layout();
        if let Some(pixels) = image.as_slice() {
            device.write(&self.intensity, 0, bytemuck::cast_slice(pixels))?;
        }
        self.run(device)?;
        if let Some(depth) = out.as_slice_mut() {
            return download(device, &self.depth, depth);
        }
        let mut depth = vec![0.0_f32; self.pixels];
        download(device, &self.depth, &mut depth)?;
        out.iter_mut().zip(depth).for_each(|(out, depth)| *out = depth);
        Ok(())
    }
}
