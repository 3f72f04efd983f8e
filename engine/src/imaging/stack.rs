//! One mask imaged at many focus planes.

use std::sync::Arc;

use lithoscope_kernels::fields::grid_for;
use lithoscope_kernels::images::ImagePlan;
use lithoscope_kernels::line::{LineImage, LinePlan};
use lithoscope_kernels::printed::PrintPlan;
use lithoscope_kernels::resample::{Points, Resampler};
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use num_complex::Complex32;
use rayon::prelude::*;

use super::field::{check_kernels, field_around};
use super::spectrum::{MaskSpectrum, scattered};
use super::tone::require;
use super::{CutLine, CutProfile, Grid, ImagingError, MaskTone, SpectrumForm, Transmittance};
use crate::geometry::{Polygon, Rect};
use crate::optics::SocsKernels;

/// Most focus planes.
const MAX_PLANES: usize = 1024;
/// Most values in all images of a stack, and in all sums held while it is imaged (256 MiB).
const MAX_VALUES: usize = 1 << 26;
/// Most pixels of one sampled image (1 GiB).
const MAX_PIXELS: usize = 1 << 28;
/// Largest defocus, nm.
const MAX_DEFOCUS_NM: f64 = 1e5;

/// The images of one mask at a list of focus planes, by kernels of one field.
///
/// One spectrum serves every plane. Images are kept on the small grid that holds them exactly;
/// everything else is read from there.
pub struct FocusStack {
    field: Rect,
    period: f64,
    half: usize,
    pub(super) tone: MaskTone,
    pub(super) mask: MaskSpectrum,
    plan: ImagePlan,
    defocus_nm: Vec<f64>,
    kernels: Vec<Arc<SocsKernels>>,
    pub(super) images: Vec<Array2<f32>>,
}

impl FocusStack {
    /// A stack of focus planes, in any order, for masks in `window` (clip nm), centred in the
    /// kernels' periodic field. The mask is empty at first.
    ///
    /// # Errors
    /// No plane or too many of them, a defocus that is no number, kernel sets that do not belong
    /// together, a tone out of range, or a window that does not fit the field.
    pub fn new(
        planes: Vec<(f64, Arc<SocsKernels>)>,
        form: SpectrumForm,
        tone: MaskTone,
        window: Rect,
    ) -> Result<Self, ImagingError> {
        tone.validate()?;
        for (z, _) in &planes {
            require(z.abs() <= MAX_DEFOCUS_NM, "defocus_nm", *z, "from -100000 to 100000")?;
        }
        let (defocus_nm, kernels): (Vec<f64>, Vec<Arc<SocsKernels>>) = planes.into_iter().unzip();
        let (period, half) = check_planes(&defocus_nm, &kernels)?;
        let field = field_around(window, period)?;
        let plan = ImagePlan::new(half, grid_for(2 * half));
        let values = kernels.len().saturating_mul(plan.grid() * plan.grid());
        if kernels.len() > MAX_PLANES || values > MAX_VALUES {
            return Err(ImagingError::TooManyPlanes {
                planes: kernels.len(),
                limit: MAX_PLANES.min(MAX_VALUES / (plan.grid() * plan.grid())),
            });
        }
        let mask = MaskSpectrum::new(field, period, half, form);
        let mut stack =
            Self { field, period, half, tone, mask, plan, defocus_nm, kernels, images: Vec::new() };
        stack.set_mask(&[]);
        Ok(stack)
    }

    /// Defocus of every plane, nm.
    pub fn defocus_nm(&self) -> &[f64] {
        &self.defocus_nm
    }

    /// The periodic field in clip nm.
    pub fn field(&self) -> Rect {
        self.field
    }

    /// What the mask lets through.
    pub fn tone(&self) -> &MaskTone {
        &self.tone
    }

    /// Takes a mask of disjoint polygons (clip nm) and images it at every plane.
    pub fn set_mask(&mut self, mask: &[Polygon]) {
        self.mask.set_polygons(mask, &self.tone);
        self.image();
    }

    /// Takes a mask of several layers (clip nm), each with its own transmission and phase, on a
    /// background, and images it at every plane: an alternating phase-shift mask, say. Layers are
    /// not to overlap: where they do, their differences from the background add up.
    ///
    /// # Errors
    /// A transmission or phase out of range.
    pub fn set_layers(
        &mut self,
        layers: &[(Transmittance, &[Polygon])],
        background: Transmittance,
    ) -> Result<(), ImagingError> {
        background.validate()?;
        for (transmittance, _) in layers {
            transmittance.validate()?;
        }
        self.mask.set_layers(layers, background);
        self.image();
        Ok(())
    }

    /// Images the current bins at every plane, as many at a time as memory allows, and spreads
    /// each lens's flare.
    pub(super) fn image(&mut self) {
        let most = self.kernels.iter().map(|k| k.weights.len()).max().unwrap_or(0);
        let at_once = (MAX_VALUES / self.plan.working_values(most).max(1)).max(1);
        let (bins, plan) = (&self.mask.bins, &self.plan);
        let image = |set: &Arc<SocsKernels>| {
            let mut image = plan.intensity(set.spectra.view(), &set.weights, bins);
            if let Some((scale, offset)) = scattered(set.flare, self.mask.mean_transmission) {
                image.mapv_inplace(|i| scale * i + offset);
            }
            image
        };
        let chunks = self.kernels.chunks(at_once);
        self.images =
            chunks.flat_map(|sets| sets.par_iter().map(image).collect::<Vec<_>>()).collect();
    }

    /// Σ s_k |E_k|² of any bins at one plane, without flare, on the exact grid.
    pub(super) fn image_of(
        &self,
        plane: usize,
        bins: &[Complex32],
    ) -> Result<Array2<f32>, ImagingError> {
        let planes = self.kernels.len();
        let set = self.kernels.get(plane).ok_or(ImagingError::NoSuchPlane { plane, planes })?;
        Ok(self.plan.intensity(set.spectra.view(), &set.weights, bins))
    }

    /// The share of light scattered at a plane; 0 for a plane the stack does not have.
    pub(super) fn flare(&self, plane: usize) -> f64 {
        self.kernels.get(plane).map_or(0.0, |set| set.flare)
    }

    /// Intensity of a plane on the small grid that holds it exactly, `[N, N]` at j·P/N of the
    /// field.
    ///
    /// # Errors
    /// A plane the stack does not have.
    pub fn exact(&self, plane: usize) -> Result<ArrayView2<'_, f32>, ImagingError> {
        let planes = self.images.len();
        let image = self.images.get(plane).ok_or(ImagingError::NoSuchPlane { plane, planes })?;
        Ok(image.view())
    }

    /// Intensity of a plane on a grid, `[ny, nx]`, clear field = 1.
    ///
    /// # Errors
    /// A plane the stack does not have; a grid of more than 2²⁸ pixels.
    pub fn intensity(&self, plane: usize, grid: &Grid) -> Result<Array2<f32>, ImagingError> {
        let mut sampler = self.sampler(grid)?;
        let mut out = Array2::zeros((grid.ny, grid.nx));
        self.sample(plane, &mut sampler, out.view_mut())?;
        Ok(out)
    }

    /// A resampling plan from the exact small grid to `grid`, for every plane.
    ///
    /// # Errors
    /// A grid of more than 2²⁸ pixels.
    pub fn sampler(&self, grid: &Grid) -> Result<Resampler, ImagingError> {
        check_grid(grid)?;
        let [ys, xs] = grid.positions(self.field);
        Ok(Resampler::new(self.period, self.plan.grid(), 2 * self.half, &ys, &xs))
    }

    /// Samples a plane through a plan made by [`FocusStack::sampler`].
    ///
    /// # Errors
    /// A plane the stack does not have.
    pub fn sample(
        &self,
        plane: usize,
        sampler: &mut Resampler,
        out: ArrayViewMut2<f32>,
    ) -> Result<(), ImagingError> {
        sampler.forward(self.exact(plane)?, out);
        Ok(())
    }

    /// Intensity of a plane at points (x, y), clip nm.
    ///
    /// # Errors
    /// A plane the stack does not have.
    pub fn read(&self, plane: usize, points: &[[f64; 2]]) -> Result<Vec<f32>, ImagingError> {
        let image = self.exact(plane)?;
        let origin = self.origin();
        let local: Vec<[f64; 2]> =
            points.iter().map(|p| [p[0] - origin[0], p[1] - origin[1]]).collect();
        let mut out = vec![0.0; points.len()];
        Points::new(self.period, self.plan.grid(), 2 * self.half, &local).read(image, &mut out);
        Ok(out)
    }

    /// A plan to tell which pixels of a grid print, for every plane.
    ///
    /// # Errors
    /// A grid of more than 2²⁸ pixels.
    pub fn print_plan(&self, grid: &Grid) -> Result<PrintPlan, ImagingError> {
        check_grid(grid)?;
        let [x, y] = self.origin();
        let origin = [grid.origin_nm[0] - x, grid.origin_nm[1] - y];
        let (n, band, shape) = (self.plan.grid(), 2 * self.half, (grid.ny, grid.nx));
        Ok(PrintPlan::new(self.period, n, band, origin, grid.pixel_nm, shape))
    }

    /// A plan to read a cut line from the exact image of every plane.
    ///
    /// # Errors
    /// A line that is no line on this field.
    pub fn line_plan(&self, line: &CutLine) -> Result<LinePlan, ImagingError> {
        line_plan(line, self.field, self.period, self.plan.grid(), self.half)
    }

    /// The image of a plane along a cut line, everywhere on it.
    ///
    /// # Errors
    /// A plane the stack does not have, or a line that is no line on this field.
    pub fn line(&self, plane: usize, line: &CutLine) -> Result<LineImage, ImagingError> {
        Ok(self.line_plan(line)?.read(self.exact(plane)?))
    }

    /// Intensity and its exact slope along a cut line, in steps of about `step_nm`.
    ///
    /// # Errors
    /// As [`FocusStack::line`].
    pub fn cut(
        &self,
        plane: usize,
        line: &CutLine,
        step_nm: f64,
    ) -> Result<CutProfile, ImagingError> {
        Ok(CutProfile::new(line, self.line(plane, line)?, step_nm))
    }

    fn origin(&self) -> [f64; 2] {
        [f64::from(self.field.min.x), f64::from(self.field.min.y)]
    }
}

/// The one period and number of bins of all kernel sets.
fn check_planes(
    defocus_nm: &[f64],
    kernels: &[Arc<SocsKernels>],
) -> Result<(f64, usize), ImagingError> {
    let Some(first) = kernels.first() else {
        return Err(ImagingError::KernelMismatch("a focus stack needs at least one plane".into()));
    };
    for (z, set) in defocus_nm.iter().zip(kernels) {
        check_kernels(&format!("{z} nm"), set)?;
        if set.half != first.half || set.period_nm != first.period_nm {
            return Err(ImagingError::KernelMismatch(format!(
                "the set at {z} nm has {} bins over {} nm, the first one {} bins over {} nm",
                set.half, set.period_nm, first.half, first.period_nm
            )));
        }
    }
    Ok((first.period_nm, first.half))
}

fn check_grid(grid: &Grid) -> Result<(), ImagingError> {
    if grid.nx.saturating_mul(grid.ny) > MAX_PIXELS {
        return Err(ImagingError::GridTooLarge { nx: grid.nx, ny: grid.ny, limit: MAX_PIXELS });
    }
    Ok(())
}

/// A plan to read a cut line from the exact image of a field.
pub(super) fn line_plan(
    line: &CutLine,
    field: Rect,
    period: f64,
    grid: usize,
    half: usize,
) -> Result<LinePlan, ImagingError> {
    line.check(period)?;
    let origin = [f64::from(field.min.x), f64::from(field.min.y)];
    let [from, to] = [line.from_nm, line.to_nm].map(|p| [p[0] - origin[0], p[1] - origin[1]]);
    Ok(LinePlan::new(period, grid, 2 * half, from, to))
}
