//! Pictures of masks on a device, for a window that draws from its memory.

use std::sync::Arc;

use lithoscope_kernels::depth::LinearTable;
use lithoscope_kernels::device::{
    Compute, DeviceError, GridWeights, PictureSetup, Pictures, Shades,
};
use lithoscope_kernels::resample::weights;
use ndarray::Array2;

use super::{Grid, Imager, optics};
use crate::geometry::Polygon;

/// Makes the pictures of one grid on a device, at best focus and at the inner corner's.
pub struct DevicePictures {
    compute: Arc<dyn Compute>,
    plan: Pictures,
    grid: Grid,
    inner: usize,
    numbers: Vec<f32>,
}

impl DevicePictures {
    /// A plan for an imager's optics and `grid`; `colours` are those of intensities from 0 up, as
    /// [`PictureSetup::colours`].
    ///
    /// # Errors
    /// Optics that devices do not know (scattered light), or a device that fails.
    pub fn new(
        compute: Arc<dyn Compute>,
        imager: &Imager,
        grid: &Grid,
        colours: &[u32; 256],
    ) -> Result<Self, DeviceError> {
        let sets = imager.process().sets();
        let imaging = optics(&*compute, imager, &sets, 1)?;
        let (period, half, n) = (imaging.period, imaging.half, imaging.grid);
        let turned =
            |at: &[f64]| weights(period, n, 2 * half, at).t().as_standard_layout().into_owned();
        let [rows, columns] = grid.positions(imager.field()).map(|at| turned(&at));
        let inner = imager.process().inner_set();
        let setup = PictureSetup {
            imaging,
            grid: GridWeights { rows: rows.view(), columns: columns.view() },
            inner,
            colours,
        };
        let plan = Pictures::new(&*compute, &setup)?;
        Ok(Self { compute, plan, grid: *grid, inner, numbers: Vec::new() })
    }

    /// The grid of the pictures.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Intensities `[ny, nx]` of disjoint Manhattan polygons (clip nm) at best focus and at the
    /// inner corner's, dose 1. `imager` is the one that the plan was made for.
    ///
    /// # Errors
    /// A device that fails.
    pub fn image(
        &mut self,
        imager: &Imager,
        mask: &[Polygon],
    ) -> Result<[Array2<f32>; 2], DeviceError> {
        self.plan.image(&*self.compute, &imager.vertical_edges(mask), &mut self.numbers)?;
        let pixels = self.grid.ny * self.grid.nx;
        let image = |set: usize| {
            let numbers = self.numbers.get(set * pixels..(set + 1) * pixels).unwrap_or_default();
            Array2::from_shape_vec((self.grid.ny, self.grid.nx), numbers.to_vec())
                .map_err(|error| DeviceError::Input { what: "pictures", reason: error.to_string() })
        };
        Ok([image(0)?, image(self.inner)?])
    }

    /// Colours of the images made last, see [`Pictures::shades`].
    ///
    /// # Errors
    /// A device that fails.
    pub fn shades(&self, range: f32, levels: [f32; 2]) -> Result<[Shades; 2], DeviceError> {
        self.plan.shades(&*self.compute, range, levels)
    }

    /// Colours of the developed depth at best focus, see [`Pictures::depth_shades`].
    ///
    /// # Errors
    /// A device that fails.
    pub fn depth_shades(
        &self,
        table: &LinearTable,
        colours: &[u32; 256],
    ) -> Result<Shades, DeviceError> {
        self.plan.depth_shades(&*self.compute, table, colours)
    }
}
