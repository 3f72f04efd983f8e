//! Pictures of masks on a device, for a window that draws from its memory.

use std::sync::Arc;

use lithoscope_kernels::device::{
    Compute, DeviceError, GridWeights, ImagingSetup, PictureSetup, Pictures, Shades,
};
use lithoscope_kernels::resample::weights;
use ndarray::Array2;
use num_complex::Complex32;

use super::{Grid, Imager};
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
        let process = imager.process();
        let sets = process.sets();
        if sets.iter().any(|set| set.flare > 0.0) {
            return Err(DeviceError::Unsupported {
                device: compute.info().name.clone(),
                what: "scattered light".to_owned(),
                reason: "only the processor images it".to_owned(),
            });
        }
        let Some(first) = sets.first() else {
            let reason = "a process without kernels".to_owned();
            return Err(DeviceError::Input { what: "pictures", reason });
        };
        let (period, half, n) = (first.period_nm, first.half, imager.exact_of(0).nrows());
        let turned =
            |at: &[f64]| weights(period, n, 2 * half, at).t().as_standard_layout().into_owned();
        let [rows, columns] = grid.positions(imager.field()).map(|at| turned(&at));
        let tone = &process.tone;
        let inner = process.inner_set();
        let setup = PictureSetup {
            imaging: ImagingSetup {
                period,
                half,
                grid: n,
                pixel: process.form.pixel_nm(),
                sets: sets.iter().map(|s| (s.spectra.view(), s.weights.as_slice())).collect(),
                change: tone.feature.amplitude() - tone.background.amplitude(),
                background: tone.background.amplitude() + Complex32::default(),
                clips: 1,
            },
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
    pub fn shades(&self, range: f32, levels: [f32; 2]) -> Result<Shades, DeviceError> {
        self.plan.shades(&*self.compute, range, levels)
    }
}
