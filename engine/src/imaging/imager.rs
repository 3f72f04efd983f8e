//! The imaging plan: kernels, buffers and the current mask's fields.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use num_complex::Complex32;

use lithoscope_kernels::cells::CellPlan;
use lithoscope_kernels::fields::{FieldPlan, grid_for};
use lithoscope_kernels::printed::PrintPlan;
use lithoscope_kernels::resample::{Points, Resampler};
use lithoscope_kernels::response::{ResponsePlan, ResponsePoints, Scratch};
use lithoscope_kernels::spectrum::{Edge, HalfSpectrum};

use super::field::{check_kernels, field_around};
use super::spectrum::{MaskSpectrum, scattered, to_field};
use super::stack::line_plan;
use super::{CutLine, CutProfile, Focus, Grid, ImagingError, Process};
use crate::geometry::{Polygon, Rect};
use crate::optics::SocsKernels;

/// An imaging plan for one clip window. Owns every buffer; images any number of masks in turn.
///
/// The window is centred in the kernels' periodic field; all coordinates taken and returned are
/// the clip's own nm.
pub struct Imager {
    process: Process,
    field: Rect,
    period: f64,
    half: usize,
    mask: MaskSpectrum,
    adjoint: HalfSpectrum,
    adjoint_sum: Vec<Complex32>,
    focus: FieldPlan,
    defocus: FieldPlan,
}

impl Imager {
    /// Plans imaging of masks in `window` (clip nm), centred in the kernels' periodic field.
    ///
    /// # Errors
    /// The window does not fit the field, the two kernel sets differ in period or size, or the
    /// tone is out of range.
    pub fn new(process: &Process, window: Rect) -> Result<Self, ImagingError> {
        let (focus, defocus) = (&process.focus, &process.defocus);
        check_pair(focus, defocus)?;
        process.tone.validate()?;
        let period = focus.period_nm;
        let field = field_around(window, period)?;
        let half = focus.half;
        let grid = grid_for(2 * half);
        let plan = |set: &SocsKernels| FieldPlan::new(set.spectra.view(), &set.weights, grid);
        let bins = (2 * half + 1) * (2 * half + 1);
        let mut imager = Self {
            process: process.clone(),
            field,
            period,
            half,
            mask: MaskSpectrum::new(field, period, half, process.form),
            adjoint: HalfSpectrum::default(),
            adjoint_sum: vec![Complex32::default(); bins],
            focus: plan(focus),
            defocus: plan(defocus),
        };
        imager.adjoint.load(&imager.adjoint_sum, half);
        Ok(imager)
    }

    /// The process this plan was made for.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The periodic field in clip nm: the window with the same margin left and right (to 1 nm).
    pub fn field(&self) -> Rect {
        self.field
    }

    /// Takes a mask of disjoint polygons (clip nm) as the current one and computes its fields.
    pub fn set_mask(&mut self, mask: &[Polygon]) {
        self.mask.set_polygons(mask, &self.process.tone);
        self.image();
    }

    /// Takes the edges parallel to y (interior on the left, clip nm) of a Manhattan mask as the
    /// current mask and computes its fields.
    pub fn set_vertical_edges(&mut self, edges: impl IntoIterator<Item = Edge>) {
        self.mask.set_vertical_edges(edges, &self.process.tone);
        self.image();
    }

    /// A plan for masks of the square cells of a grid (clip nm).
    pub fn cell_plan(&self, grid: &Grid) -> CellPlan {
        let [ys, xs] = grid.positions(self.field);
        let pixel = self.process.form.pixel_nm();
        CellPlan::new(self.period, self.half, pixel, grid.pixel_nm, &xs, &ys)
    }

    /// Takes the cells of a plan made by [`Imager::cell_plan`], `[ny, nx]` row-major, each a
    /// feature to its share 0…1, as the current mask and computes its fields.
    pub fn set_cells(&mut self, plan: &mut CellPlan, shares: &[f32]) {
        self.mask.set_cells(plan, shares, &self.process.tone);
        self.image();
    }

    fn image(&mut self) {
        let (bins, focus, defocus) = (&self.mask.bins, &mut self.focus, &mut self.defocus);
        rayon::join(|| focus.forward(bins), || defocus.forward(bins));
        let mean = self.mask.mean_transmission;
        let sets = [(focus, &self.process.focus), (defocus, &self.process.defocus)];
        for (plan, set) in sets {
            if let Some((scale, offset)) = scattered(set.flare, mean) {
                plan.rescale_intensity(scale, offset);
            }
        }
    }

    /// Intensity of the current mask on a grid, at dose 1 (multiply by dose² for another),
    /// `[ny, nx]`, clear field = 1 for computed kernels.
    pub fn intensity(&self, focus: Focus, grid: &Grid) -> Array2<f32> {
        let mut sampler = self.sampler(grid);
        let mut out = Array2::zeros((grid.ny, grid.nx));
        self.sample(focus, &mut sampler, out.view_mut());
        out
    }

    /// Intensity of the current mask at one point (clip nm), at dose 1.
    pub fn intensity_at(&self, focus: Focus, x_nm: f64, y_nm: f64) -> f32 {
        let mut value = [0.0];
        self.points(&[[x_nm, y_nm]]).read(self.exact(focus), &mut value);
        value[0]
    }

    /// A resampling plan from the exact small grid to `grid`, to be used again and again.
    pub fn sampler(&self, grid: &Grid) -> Resampler {
        let [ys, xs] = grid.positions(self.field);
        Resampler::new(self.period, self.focus.grid(), 2 * self.half, &ys, &xs)
    }

    /// A plan to read single points (x, y), clip nm.
    pub fn points(&self, points: &[[f64; 2]]) -> Points {
        let local: Vec<[f64; 2]> = points
            .iter()
            .map(|p| [p[0] - f64::from(self.field.min.x), p[1] - f64::from(self.field.min.y)])
            .collect();
        Points::new(self.period, self.focus.grid(), 2 * self.half, &local)
    }

    /// A plan to tell which 1 nm pixels of a window print.
    pub fn print_plan(&self, window: Rect) -> PrintPlan {
        let origin = [
            f64::from(window.min.x) - f64::from(self.field.min.x),
            f64::from(window.min.y) - f64::from(self.field.min.y),
        ];
        let shape = (window.height().max(0) as usize, window.width().max(0) as usize);
        PrintPlan::new(self.period, self.focus.grid(), 2 * self.half, origin, 1.0, shape)
    }

    /// Samples the current image through a plan made by [`Imager::sampler`].
    pub fn sample(&self, focus: Focus, sampler: &mut Resampler, out: ArrayViewMut2<f32>) {
        sampler.forward(self.exact(focus), out);
    }

    /// Intensity and its exact slope along a cut line, in steps of about `step_nm`, at dose 1.
    ///
    /// # Errors
    /// A line that is no line on this field.
    pub fn cut(
        &self,
        focus: Focus,
        line: &CutLine,
        step_nm: f64,
    ) -> Result<CutProfile, ImagingError> {
        let plan = line_plan(line, self.field, self.period, self.focus.grid(), self.half)?;
        Ok(CutProfile::new(line, plan.read(self.exact(focus)), step_nm))
    }

    /// Intensity on the small grid that holds it exactly, `[N, N]` at j·P/N of the field.
    pub fn exact(&self, focus: Focus) -> ArrayView2<'_, f32> {
        match focus {
            Focus::Nominal => self.focus.intensity(),
            Focus::Defocus => self.defocus.intensity(),
        }
    }

    /// Takes ∂L/∂I of both images on the exact grid; edge gradients then come from
    /// [`Imager::edge_gradient`].
    pub fn set_gradient(&mut self, focus: ArrayView2<f32>, defocus: ArrayView2<f32>) {
        let (plan_f, plan_d) = (&mut self.focus, &mut self.defocus);
        let (a, b) = rayon::join(|| plan_f.adjoint(focus), || plan_d.adjoint(defocus));
        let tone = &self.process.tone;
        let flares = [self.process.focus.flare, self.process.defocus.flare];
        let [keep_a, keep_b] = flares.map(|f| (1.0 - f) as f32);
        let change = tone.feature.amplitude() - tone.background.amplitude();
        for ((sum, a), b) in self.adjoint_sum.iter_mut().zip(a).zip(b) {
            let both = if flares == [0.0; 2] { a + b } else { a * keep_a + b * keep_b };
            // M moves with the features by the difference of amplitudes.
            *sum = if change == Complex32::new(1.0, 0.0) { both } else { both * change };
        }
        // Scattered light follows the features' area.
        let total = |g: ArrayView2<f32>| g.iter().map(|g| f64::from(*g)).sum::<f64>();
        if flares != [0.0; 2] {
            let light = tone.feature.transmission - tone.background.transmission;
            let scattered = flares[0] * total(focus) + flares[1] * total(defocus);
            let zero = 2 * self.half * (self.half + 1);
            self.adjoint_sum[zero] += (light * scattered) as f32;
        }
        self.adjoint.load(&self.adjoint_sum, self.half);
    }

    /// ∂L/∂(outward move) of a mask edge (clip nm) in nm⁻¹: the exact line integral of ∂L/∂M.
    pub fn edge_gradient(&mut self, vertical: bool, edge: Edge) -> f64 {
        let origin = self.field.min;
        if vertical {
            let edge = to_field(edge, origin.x, origin.y);
            self.mask.plan.vertical_gradient(&self.adjoint, edge)
        } else {
            let edge = to_field(edge, origin.y, origin.x);
            self.mask.plan.horizontal_gradient(&self.adjoint, edge)
        }
    }
}

impl Imager {
    /// ∂L/∂M, the change of L for each nm² that opens, of the last [`Imager::set_gradient`] at the
    /// pixel centres of a grid, `[ny, nx]`, nm⁻².
    pub fn area_gradient(&self, grid: &Grid) -> Array2<f32> {
        let centres = |count: usize, origin: f64, zero: i32| -> Vec<f64> {
            let start = origin - f64::from(zero);
            (0..count).map(|i| start + (i as f64 + 0.5) * grid.pixel_nm).collect()
        };
        let ys = centres(grid.ny, grid.origin_nm[1], self.field.min.y);
        let xs = centres(grid.nx, grid.origin_nm[0], self.field.min.x);
        let values = self.mask.plan.area_gradient(&self.adjoint, &ys, &xs);
        Array2::from_shape_vec((grid.ny, grid.nx), values).unwrap_or_default()
    }

    /// ∂L/∂(share of a cell) of the last [`Imager::set_gradient`], `[ny, nx]` row-major.
    pub fn cell_gradient(&self, plan: &mut CellPlan, out: &mut [f32]) {
        plan.adjoint(&self.adjoint, out);
    }

    /// A plan for what the nominal image answers to the move of an edge.
    pub fn response_plan(&self) -> ResponsePlan {
        let set = &self.process.focus;
        let tone = &self.process.tone;
        // M moves with the features by the difference of amplitudes; scattered light takes a share
        // of what the lens forms.
        let change = tone.feature.amplitude() - tone.background.amplitude();
        let spectra = set.spectra.mapv(|h| h * change);
        let weights: Vec<f32> = set.weights.iter().map(|w| w * (1.0 - set.flare) as f32).collect();
        let pixel = self.process.form.pixel_nm();
        let grid = self.focus.grid();
        ResponsePlan::new(spectra.view(), &weights, self.period, grid, pixel)
    }

    /// Places (x, y), clip nm, to read responses at.
    pub fn response_points(&self, plan: &ResponsePlan, points: &[[f64; 2]]) -> ResponsePoints {
        let origin = [f64::from(self.field.min.x), f64::from(self.field.min.y)];
        let local: Vec<_> = points.iter().map(|p| [p[0] - origin[0], p[1] - origin[1]]).collect();
        plan.points(&local)
    }

    /// Appends (point, ∂I) for the points near a mask edge (clip nm) for its move by 1 nm outward
    /// from the current mask, nominal image.
    pub fn edge_response(
        &self,
        plan: &ResponsePlan,
        vertical: bool,
        edge: Edge,
        points: &ResponsePoints,
        scratch: &mut Scratch,
        out: &mut Vec<(u32, f32)>,
    ) {
        let origin = self.field.min;
        let (at0, along0) = if vertical { (origin.x, origin.y) } else { (origin.y, origin.x) };
        plan.edge(&self.focus, vertical, to_field(edge, at0, along0), points, scratch, out);
    }
}

fn check_pair(focus: &SocsKernels, defocus: &SocsKernels) -> Result<(), ImagingError> {
    let same = focus.half == defocus.half && focus.period_nm == defocus.period_nm;
    if !same {
        return Err(ImagingError::KernelMismatch(format!(
            "focus has {} bins over {} nm, defocus {} bins over {} nm",
            focus.half, focus.period_nm, defocus.half, defocus.period_nm
        )));
    }
    check_kernels("focus", focus)?;
    check_kernels("defocus", defocus)
}
