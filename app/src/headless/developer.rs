//! Resists developed on a device, for as long as it does that.

use std::sync::Arc;

use lithoscope_engine::device::{Compute, DeviceError};
use lithoscope_engine::resist::volume::{
    Aerial, Developed, Progress, VolumeGrid, VolumeResist, develop_on,
};
use lithoscope_engine::resist::{DepthTable, ResistError};
use ndarray::{ArrayView2, ArrayViewMut2};

/// Develops on a device where there is one. After its first failure the processor does it all, and
/// the reason is kept.
#[derive(Debug, Default)]
pub struct Developer {
    device: Option<Arc<dyn Compute>>,
    failure: Option<DeviceError>,
}

impl Developer {
    /// On this device, or on the processor.
    pub fn new(device: Option<Arc<dyn Compute>>) -> Self {
        Self { device, failure: None }
    }

    /// Why the device was done without.
    pub fn failure(&self) -> Option<&DeviceError> {
        self.failure.as_ref()
    }

    /// Depths of an image, as [`DepthTable::apply_on`].
    ///
    /// # Errors
    /// The two arrays differ in shape.
    pub fn depth(
        &mut self,
        table: &DepthTable,
        intensity: ArrayView2<'_, f32>,
        depth: ArrayViewMut2<'_, f32>,
    ) -> Result<(), ResistError> {
        let failure = table.apply_on(self.device.as_deref(), intensity, depth)?;
        self.done(failure);
        Ok(())
    }

    /// A film in three dimensions, as [`develop_on`].
    ///
    /// # Errors
    /// A parameter out of range, too many voxels, or it was given up.
    pub fn film(
        &mut self,
        resist: &VolumeResist,
        aerial: &Aerial<'_>,
        grid: VolumeGrid,
        proceed: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Developed, ResistError> {
        let device = self.device.as_deref();
        let (developed, failure) = develop_on(device, resist, aerial, grid, proceed)?;
        self.done(failure);
        Ok(developed)
    }

    fn done(&mut self, failure: Option<DeviceError>) {
        if failure.is_some() {
            (self.device, self.failure) = (None, failure);
        }
    }
}
