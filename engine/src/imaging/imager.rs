//! The imaging plan: kernels, buffers and the current mask's fields.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use num_complex::Complex32;

use lithoscope_kernels::fields::{FieldPlan, grid_for};
use lithoscope_kernels::printed::PrintPlan;
use lithoscope_kernels::resample::{Points, Resampler};
use lithoscope_kernels::response::{ResponsePlan, ResponsePoints, Scratch};
use lithoscope_kernels::spectrum::{Edge, HalfSpectrum, SpectrumPlan};

use super::{Focus, Grid, ImagingError, Process, SpectrumForm};
use crate::geometry::{Point, Polygon, Rect};
use crate::optics::SocsKernels;

/// Pixels that [`SpectrumForm::PixelSums`] sums over, nm.
const PIXEL_NM: f64 = 1.0;

/// An imaging plan for one clip window. Owns every buffer; images any number of masks in turn.
///
/// The window is centred in the kernels' periodic field; all coordinates taken and returned are
/// the clip's own nm.
pub struct Imager {
    process: Process,
    field: Rect,
    period: f64,
    half: usize,
    spectrum_plan: SpectrumPlan,
    spectrum: Vec<Complex32>,
    adjoint: HalfSpectrum,
    adjoint_sum: Vec<Complex32>,
    focus: FieldPlan,
    defocus: FieldPlan,
}

impl Imager {
    /// Plans imaging of masks in `window` (clip nm), centred in the kernels' periodic field.
    ///
    /// # Errors
    /// The window does not fit the field, or the two kernel sets differ in period or size.
    pub fn new(process: &Process, window: Rect) -> Result<Self, ImagingError> {
        let (focus, defocus) = (&process.focus, &process.defocus);
        check_pair(focus, defocus)?;
        let period = focus.period_nm;
        let field = field_around(window, period)?;
        let half = focus.half;
        let grid = grid_for(2 * half);
        let plan = |set: &SocsKernels| FieldPlan::new(set.spectra.view(), &set.weights, grid);
        let pixel = (process.form == SpectrumForm::PixelSums).then_some(PIXEL_NM);
        let bins = (2 * half + 1) * (2 * half + 1);
        let mut imager = Self {
            process: process.clone(),
            field,
            period,
            half,
            spectrum_plan: SpectrumPlan::new(period, half, pixel),
            spectrum: vec![Complex32::default(); bins],
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
        self.spectrum_plan.clear();
        let origin = self.field.min;
        let local = |p: &Point| {
            [f64::from(p.x) - f64::from(origin.x), f64::from(p.y) - f64::from(origin.y)]
        };
        for polygon in mask {
            let manhattan = polygon.is_manhattan();
            for ring in polygon.rings() {
                let ring: Vec<[f64; 2]> = ring.iter().map(local).collect();
                if manhattan {
                    self.spectrum_plan.add_vertical(vertical_edges(&ring));
                } else {
                    self.spectrum_plan.add_ring(&ring);
                }
            }
        }
        self.image();
    }

    /// Takes the edges parallel to y (interior on the left, clip nm) of a Manhattan mask as the
    /// current mask and computes its fields.
    pub fn set_vertical_edges(&mut self, edges: impl IntoIterator<Item = Edge>) {
        let origin = self.field.min;
        self.spectrum_plan.clear();
        self.spectrum_plan.add_vertical(edges.into_iter().map(|e| to_field(e, origin.x, origin.y)));
        self.image();
    }

    fn image(&mut self) {
        self.spectrum_plan.write(&mut self.spectrum);
        let (spectrum, focus, defocus) = (&self.spectrum, &mut self.focus, &mut self.defocus);
        rayon::join(|| focus.forward(spectrum), || defocus.forward(spectrum));
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
        let centres = |origin: f64, count: usize, zero: i32| -> Vec<f64> {
            (0..count)
                .map(|i| origin + (i as f64 + 0.5) * grid.pixel_nm - f64::from(zero))
                .collect()
        };
        let ys = centres(grid.origin_nm[1], grid.ny, self.field.min.y);
        let xs = centres(grid.origin_nm[0], grid.nx, self.field.min.x);
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
        for ((sum, a), b) in self.adjoint_sum.iter_mut().zip(a).zip(b) {
            *sum = a + b;
        }
        self.adjoint.load(&self.adjoint_sum, self.half);
    }

    /// ∂L/∂(outward move) of a mask edge (clip nm) in nm⁻¹: the exact line integral of ∂L/∂M.
    pub fn edge_gradient(&mut self, vertical: bool, edge: Edge) -> f64 {
        let origin = self.field.min;
        if vertical {
            self.spectrum_plan.vertical_gradient(&self.adjoint, to_field(edge, origin.x, origin.y))
        } else {
            self.spectrum_plan
                .horizontal_gradient(&self.adjoint, to_field(edge, origin.y, origin.x))
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
        let values = self.spectrum_plan.area_gradient(&self.adjoint, &ys, &xs);
        Array2::from_shape_vec((grid.ny, grid.nx), values).unwrap_or_default()
    }

    /// A plan for what the nominal image answers to the move of an edge.
    pub fn response_plan(&self) -> ResponsePlan {
        let set = &self.process.focus;
        let pixel = (self.process.form == SpectrumForm::PixelSums).then_some(PIXEL_NM);
        ResponsePlan::new(set.spectra.view(), &set.weights, self.period, self.focus.grid(), pixel)
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

/// The kernels' periodic field centred about a window, as the contest centres its clips:
/// ⌊(P − size)/2⌋ nm before it.
fn field_around(window: Rect, period: f64) -> Result<Rect, ImagingError> {
    let side = period.round() as i64;
    if window.width() > side || window.height() > side {
        return Err(ImagingError::FieldTooSmall {
            width: window.width(),
            height: window.height(),
            period,
        });
    }
    let start = |min: i32, size: i64| i64::from(min) - (side - size) / 2;
    let (x, y) = (start(window.min.x, window.width()), start(window.min.y, window.height()));
    let fits = |v: i64| i32::try_from(v).ok();
    let corners = (fits(x), fits(y), fits(x + side), fits(y + side));
    let (Some(x0), Some(y0), Some(x1), Some(y1)) = corners else {
        return Err(ImagingError::KernelMismatch(format!(
            "a field of {period} nm about the window leaves the coordinate range"
        )));
    };
    Ok(Rect::new(x0, y0, x1, y1))
}

fn check_pair(focus: &SocsKernels, defocus: &SocsKernels) -> Result<(), ImagingError> {
    let same = focus.half == defocus.half && focus.period_nm == defocus.period_nm;
    if !same {
        return Err(ImagingError::KernelMismatch(format!(
            "focus has {} bins over {} nm, defocus {} bins over {} nm",
            focus.half, focus.period_nm, defocus.half, defocus.period_nm
        )));
    }
    for (name, set) in [("focus", focus), ("defocus", defocus)] {
        let width = 2 * set.half + 1;
        if set.spectra.dim() != (set.weights.len(), width, width) || set.weights.is_empty() {
            return Err(ImagingError::KernelMismatch(format!(
                "the {name} set holds {:?} spectra for {} weights and K = {}",
                set.spectra.dim(),
                set.weights.len(),
                set.half
            )));
        }
    }
    Ok(())
}

fn to_field(edge: Edge, at0: i32, along0: i32) -> Edge {
    let (at0, along0) = (f64::from(at0), f64::from(along0));
    Edge { at: edge.at - at0, from: edge.from - along0, to: edge.to - along0 }
}

fn vertical_edges(ring: &[[f64; 2]]) -> impl Iterator<Item = Edge> + '_ {
    ring.iter().enumerate().filter_map(move |(i, a)| {
        let b = ring[(i + 1) % ring.len()];
        (a[0] == b[0] && a[1] != b[1]).then_some(Edge { at: a[0], from: a[1], to: b[1] })
    })
}
