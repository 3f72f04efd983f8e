//! The imaging plan: kernels, buffers and the current mask's fields.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use num_complex::Complex32;
use rayon::prelude::*;

use lithoscope_kernels::cells::CellPlan;
use lithoscope_kernels::device::MaskEdge;
use lithoscope_kernels::fields::{FieldPlan, grid_for};
use lithoscope_kernels::printed::PrintPlan;
use lithoscope_kernels::resample::{Points, Resampler};
use lithoscope_kernels::response::{ResponsePlan, ResponsePoints, Scratch};
use lithoscope_kernels::spectrum::{Edge, HalfSpectrum};

use super::field::{check_kernels, field_around};
use super::spectrum::{MaskSpectrum, scattered, to_field, vertical_edges};
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
    /// Fields of every focus of the process.
    fields: Vec<FieldPlan>,
    /// Which of them [`Focus::Defocus`] names.
    inner: usize,
}

impl Imager {
    /// Plans imaging of masks in `window` (clip nm), centred in the kernels' periodic field.
    ///
    /// # Errors
    /// The window does not fit the field, the two kernel sets differ in period or size, or the
    /// tone is out of range.
    pub fn new(process: &Process, window: Rect) -> Result<Self, ImagingError> {
        let (sets, inner) = (process.sets(), process.inner_set());
        let Some(focus) = sets.first().filter(|_| inner < sets.len()) else {
            return Err(ImagingError::KernelMismatch("a corner has no kernels".to_owned()));
        };
        check_sets(&sets)?;
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
            fields: sets.iter().map(|set| plan(set)).collect(),
            inner,
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
        self.set_vertical_spectrum(edges);
        self.image();
    }

    /// The first half of [`Imager::set_vertical_edges`]; the images are still the last mask's.
    pub(crate) fn set_vertical_spectrum(&mut self, edges: impl IntoIterator<Item = Edge>) {
        self.mask.set_vertical_edges(edges, &self.process.tone);
    }

    /// The edges parallel to y of a mask of disjoint Manhattan polygons (clip nm), as devices take
    /// them.
    pub fn vertical_edges(&self, mask: &[Polygon]) -> Vec<MaskEdge> {
        let rings = self.mask.rings(mask);
        let edges = rings.iter().flat_map(|ring| vertical_edges(ring));
        edges.map(|edge| MaskEdge { edge, is_horizontal: false }).collect()
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

    /// Fields and intensity of the mask whose spectrum was set.
    pub(crate) fn image(&mut self) {
        let bins = &self.mask.bins;
        self.fields.par_iter_mut().for_each(|field| field.forward(bins));
        let mean = self.mask.mean_transmission;
        for (plan, set) in self.fields.iter_mut().zip(self.process.sets()) {
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
        Resampler::new(self.period, self.fields[0].grid(), 2 * self.half, &ys, &xs)
    }

    /// A plan to read single points (x, y), clip nm.
    pub fn points(&self, points: &[[f64; 2]]) -> Points {
        let local: Vec<[f64; 2]> = points
            .iter()
            .map(|p| [p[0] - f64::from(self.field.min.x), p[1] - f64::from(self.field.min.y)])
            .collect();
        Points::new(self.period, self.fields[0].grid(), 2 * self.half, &local)
    }

    /// A plan to tell which 1 nm pixels of a window print.
    pub fn print_plan(&self, window: Rect) -> PrintPlan {
        let origin = [
            f64::from(window.min.x) - f64::from(self.field.min.x),
            f64::from(window.min.y) - f64::from(self.field.min.y),
        ];
        let shape = (window.height().max(0) as usize, window.width().max(0) as usize);
        PrintPlan::new(self.period, self.fields[0].grid(), 2 * self.half, origin, 1.0, shape)
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
        let plan = line_plan(line, self.field, self.period, self.fields[0].grid(), self.half)?;
        Ok(CutProfile::new(line, plan.read(self.exact(focus)), step_nm))
    }

    /// Intensity on the small grid that holds it exactly, `[N, N]` at j·P/N of the field.
    pub fn exact(&self, focus: Focus) -> ArrayView2<'_, f32> {
        self.exact_of(match focus {
            Focus::Nominal => 0,
            Focus::Defocus => self.inner,
        })
    }

    /// The same for one of the sets of [`Process::sets`].
    pub fn exact_of(&self, set: usize) -> ArrayView2<'_, f32> {
        self.fields[set].intensity()
    }

    /// Number of images that a mask has: one for each focus.
    pub fn set_count(&self) -> usize {
        self.fields.len()
    }

    /// Takes ∂L/∂I of both images on the exact grid; edge gradients then come from
    /// [`Imager::edge_gradient`].
    pub fn set_gradient(&mut self, focus: ArrayView2<f32>, defocus: ArrayView2<f32>) {
        if self.inner == 0 {
            self.set_gradients(&[(0, (&focus + &defocus).view())]);
        } else {
            self.set_gradients(&[(0, focus), (self.inner, defocus)]);
        }
    }

    /// The same for any images: (set, ∂L/∂I), each set once at most.
    pub fn set_gradients(&mut self, gradients: &[(usize, ArrayView2<f32>)]) {
        let of = |set: usize| gradients.iter().find(|g| g.0 == set).map(|g| g.1);
        let fields = self.fields.par_iter_mut().enumerate();
        let parts: Vec<Option<&[Complex32]>> =
            fields.map(|(set, plan)| of(set).map(|gradient| plan.adjoint(gradient))).collect();
        let flares: Vec<f64> = self.process.sets().iter().map(|set| set.flare).collect();
        self.adjoint_sum.fill(Complex32::default());
        let mut begun = false;
        for (part, flare) in parts.into_iter().zip(&flares) {
            let Some(part) = part else { continue };
            let keep = (1.0 - flare) as f32;
            for (sum, value) in self.adjoint_sum.iter_mut().zip(part) {
                let value = if keep == 1.0 { *value } else { value * keep };
                *sum = if begun { *sum + value } else { value };
            }
            begun = true;
        }
        let tone = &self.process.tone;
        let change = tone.feature.amplitude() - tone.background.amplitude();
        if change != Complex32::new(1.0, 0.0) {
            // M moves with the features by the difference of amplitudes.
            for sum in &mut self.adjoint_sum {
                *sum *= change;
            }
        }
        // Scattered light follows the features' area.
        let total = |g: ArrayView2<f32>| g.iter().map(|g| f64::from(*g)).sum::<f64>();
        if flares.iter().any(|flare| *flare != 0.0) {
            let light = tone.feature.transmission - tone.background.transmission;
            let scattered: f64 = gradients.iter().map(|(set, g)| flares[*set] * total(*g)).sum();
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
        let grid = self.fields[0].grid();
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
        plan.edge(&self.fields[0], vertical, to_field(edge, at0, along0), points, scratch, out);
    }
}

/// Checks that the kernels of every focus are sound and of one size.
fn check_sets(sets: &[std::sync::Arc<SocsKernels>]) -> Result<(), ImagingError> {
    let name = |i: usize| match i {
        0 => "focus".to_owned(),
        1 => "defocus".to_owned(),
        _ => format!("focus {i}"),
    };
    for (i, set) in sets.iter().enumerate() {
        let first = &sets[0];
        if set.half != first.half || set.period_nm != first.period_nm {
            return Err(ImagingError::KernelMismatch(format!(
                "focus has {} bins over {} nm, {} {} bins over {} nm",
                first.half,
                first.period_nm,
                name(i),
                set.half,
                set.period_nm
            )));
        }
        check_kernels(&name(i), set)?;
    }
    Ok(())
}
