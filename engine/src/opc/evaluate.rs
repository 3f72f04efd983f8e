//! One evaluation of the loss and its gradient by fragment.

mod by_corner;
mod stages;

use std::sync::Arc;

use ndarray::Array2;

use lithoscope_kernels::corner_loss::{WeightedCorner, corner_loss};
use lithoscope_kernels::device::{
    Compute, DeviceError, Loss, LossCorner, LossSettings, MovingMask, ProbeSettings,
};
use lithoscope_kernels::loss::{LossShape, pixel_loss};
use lithoscope_kernels::sigmoid;

pub use stages::ProcessorStage;

use super::on_device::{ClipInput, OnDevice, moving_mask};
use super::probes::{Probe, Watch};
use super::{LossTerms, Objective};
use crate::geometry::Polygon;
use crate::imaging::{Edge, Grid, Imager, Points, Process, ProcessCorner, Resampler};
use crate::mask::{Axis, FragmentedTarget, MovedEdge, MovedEdges};
use crate::verify::{PixelTarget, Scorer};

/// Steepness of the smooth EPE count in intensity; a probe within ±1/150 of the threshold counts
/// in part.
const EPE_STEEPNESS: f32 = 150.0;
/// Intensity by which a probe must clear the threshold to count as safe.
const EPE_MARGIN: f32 = 0.004;

/// Steepness of the guards against bridges and breaks, and the intensity they should be clear by.
const GUARD_STEEPNESS: f32 = 60.0;
const GUARD_MARGIN: f32 = 0.008;

/// What changes from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sharpness {
    pub steepness: f64,
    pub quadratic: f64,
}

/// Which loss terms enter the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    pub l2: bool,
    pub pv_band: bool,
    pub epe: bool,
}

impl Terms {
    pub const ALL: Self = Self { l2: true, pv_band: true, epe: true };
}

/// Probes on one image.
struct Watched {
    probes: Vec<Probe>,
    points: Points,
    /// Intensity, then gradient, at every probe.
    values: Vec<f32>,
}

/// Images a mask, weighs its loss and takes the gradient back to the edges. Owns every buffer.
pub(super) struct Evaluator {
    imager: Imager,
    objective: Objective,
    sampler: Resampler,
    /// Target coverage of each loss pixel.
    target: Array2<f32>,
    /// Corners beside the nominal one; `None` for the contest's two, which have a faster loss.
    corners: Option<Vec<WeightedCorner>>,
    /// By focus: the image and ∂L/∂I on the loss grid, ∂L/∂I on the exact grid, and probes.
    images: Vec<Array2<f32>>,
    gradients: Vec<Array2<f32>>,
    exact: Vec<Array2<f32>>,
    watched: Vec<Watched>,
    edges: MovedEdges,
    grid: Grid,
    /// The masks of the target that was last asked for, for a device.
    moving: Option<(FragmentedTarget, Arc<MovingMask>)>,
    /// Who evaluates in place of the processor.
    device: Option<OnDevice>,
    /// Why a device no longer does.
    failed: Option<DeviceError>,
}

impl Evaluator {
    /// `target` is the share of each pixel of `grid` that belongs to the target.
    pub fn new(
        imager: Imager,
        objective: &Objective,
        grid: &Grid,
        target: Array2<f32>,
        probes: &[Probe],
    ) -> Self {
        let sampler = imager.sampler(grid);
        let sets = imager.set_count();
        let watched = (0..sets).map(|set| {
            let probes: Vec<Probe> = probes.iter().filter(|p| p.set == set).copied().collect();
            let points: Vec<[f64; 2]> = probes.iter().map(|p| p.at).collect();
            let points = imager.points(&points);
            Watched { values: vec![0.0; probes.len()], probes, points }
        });
        let watched = watched.collect();
        let n = imager.exact_of(0).nrows();
        let pixels = || vec![Array2::zeros((grid.ny, grid.nx)); sets];
        let process = imager.process();
        let corners = process.list.is_some().then(|| {
            let weighed = process.corners().into_iter();
            weighed
                .map(|c| WeightedCorner { set: c.set, dose2: c.dose.powi(2), weight: c.weight })
                .collect()
        });
        Self {
            imager,
            objective: objective.clone(),
            sampler,
            target,
            images: pixels(),
            gradients: pixels(),
            exact: vec![Array2::zeros((n, n)); sets],
            corners,
            watched,
            edges: MovedEdges::default(),
            grid: *grid,
            moving: None,
            device: None,
            failed: None,
        }
    }

    /// The loss grid.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// What images are formed by.
    pub fn process(&self) -> &Process {
        self.imager.process()
    }

    /// The imaging plan; whoever sets a mask through it does not disturb later evaluations.
    pub fn imager(&mut self) -> &mut Imager {
        &mut self.imager
    }

    /// The imaging plan as it stands, with the mask that was last imaged.
    pub fn held(&self) -> &Imager {
        &self.imager
    }

    /// The loss at these offsets, and its gradient by fragment in nm² a nm: on the device if there
    /// is one, which leaves the imager as it was. A device that fails is given up.
    pub fn evaluate(
        &mut self,
        target: &FragmentedTarget,
        offsets: &[f32],
        sharpness: Sharpness,
        terms: Terms,
        gradient: &mut [f64],
    ) -> LossTerms {
        let settings = self.settings(sharpness, terms);
        let moving = self.device.is_some().then(|| self.moving(target));
        if let (Some(device), Some(moving)) = (&mut self.device, moving) {
            let losses = device.evaluate(&[moving], &[offsets], &settings);
            match losses.map(|losses| losses.into_iter().next()) {
                Ok(Some(loss)) => return taken(&loss, gradient),
                Ok(None) => {}
                Err(error) => self.give_up(error),
            }
        }
        self.evaluate_here(target, offsets, sharpness, terms, gradient)
    }

    /// The masks of a target, for a device; the same ones as long as the target is the same.
    pub fn moving(&mut self, target: &FragmentedTarget) -> Arc<MovingMask> {
        match &self.moving {
            Some((of, moving)) if of == target => Arc::clone(moving),
            _ => {
                let moving = Arc::new(moving_mask(&self.imager, target));
                self.moving = Some((target.clone(), Arc::clone(&moving)));
                moving
            }
        }
    }

    /// What a mask prints at the corners of `scorer`, by the device; `None` without one.
    pub fn prints(&mut self, mask: &[Polygon]) -> Option<Vec<u32>> {
        let device = self.device.as_mut()?;
        match device.prints(&[&self.imager.vertical_edges(mask)]) {
            Ok(prints) => prints.into_iter().next(),
            Err(error) => {
                self.give_up(error);
                None
            }
        }
    }

    /// Hands evaluations to a device.
    ///
    /// # Errors
    /// What the device cannot do; evaluations then stay on the processor.
    pub fn use_device(
        &mut self,
        compute: Arc<dyn Compute>,
        pixels: &PixelTarget,
        scorer: &Scorer,
    ) -> Result<(), DeviceError> {
        self.device = Some(OnDevice::new(compute, &[self.clip_input(pixels, scorer)])?);
        self.failed = None;
        Ok(())
    }

    /// What a device's plan needs to know of this clip.
    pub fn clip_input<'a>(&'a self, pixels: &'a PixelTarget, scorer: &'a Scorer) -> ClipInput<'a> {
        let corner =
            |c: ProcessCorner| LossCorner { set: c.set, dose2: c.dose.powi(2), weight: c.weight };
        ClipInput {
            imager: &self.imager,
            grid: &self.grid,
            target: self.target.view(),
            corners: self.imager.process().corners().into_iter().map(corner).collect(),
            is_pair: self.corners.is_none(),
            probes: self.watched.iter().flat_map(|w| w.probes.iter().copied()).collect(),
            pixels,
            scorer,
        }
    }

    /// Takes evaluations back to the processor.
    pub fn use_processor(&mut self) {
        (self.device, self.failed) = (None, None);
    }

    /// The device that evaluates, if one does.
    pub fn device(&self) -> Option<&Arc<dyn Compute>> {
        self.device.as_ref().map(OnDevice::compute)
    }

    /// Why a device no longer evaluates.
    pub fn device_failure(&self) -> Option<&DeviceError> {
        self.failed.as_ref()
    }

    /// Leaves evaluations to the processor, for this reason.
    pub fn give_up(&mut self, error: DeviceError) {
        self.device = None;
        self.failed = Some(error);
    }

    /// How a device weighs the loss.
    pub fn settings(&self, sharpness: Sharpness, terms: Terms) -> LossSettings {
        let probe = |steepness, margin, weight: f64| ProbeSettings {
            steepness,
            margin,
            weight: weight as f32,
        };
        LossSettings {
            steepness: sharpness.steepness as f32,
            quadratic: sharpness.quadratic as f32,
            pv_band_weight: self.objective.pv_band_weight as f32,
            enters: [terms.l2, terms.pv_band, terms.epe],
            epe: probe(EPE_STEEPNESS, EPE_MARGIN, self.objective.epe_weight),
            guard: probe(GUARD_STEEPNESS, GUARD_MARGIN, self.objective.guard_weight),
        }
    }

    /// The same on the processor, which leaves mask, images and gradient in the imager.
    pub fn evaluate_here(
        &mut self,
        target: &FragmentedTarget,
        offsets: &[f32],
        sharpness: Sharpness,
        terms: Terms,
        gradient: &mut [f64],
    ) -> LossTerms {
        self.image(target, offsets);
        let loss = self.image_terms(sharpness, terms);
        self.edge_gradients(gradient);
        loss
    }

    /// The gradient that the imager holds, by fragment.
    fn edge_gradients(&mut self, gradient: &mut [f64]) {
        for (g, e) in gradient.iter_mut().zip(&self.edges.fragments) {
            *g = self.imager.edge_gradient(e.axis == Axis::Vertical, edge(e));
        }
    }

    /// Images the mask with these offsets; its edges are those of [`Evaluator::edges`].
    pub fn image(&mut self, target: &FragmentedTarget, offsets: &[f32]) {
        target.edges(offsets, &mut self.edges);
        let edges = self.edges.fragments.iter().chain(&self.edges.jogs);
        self.imager.set_vertical_edges(edges.filter(|e| e.axis == Axis::Vertical).map(edge));
    }

    /// The edges of the mask that was last imaged by its offsets.
    pub fn edges(&self) -> &MovedEdges {
        &self.edges
    }

    /// The loss of whatever mask the imager holds; leaves its gradient in the imager.
    pub fn image_terms(&mut self, sharpness: Sharpness, terms: Terms) -> LossTerms {
        let mut loss = self.pixel_terms(sharpness, terms);
        loss.epe = self.epe_term(terms.epe);
        self.set_gradients();
        loss
    }

    /// Hands the gradients on the exact grid to the imager.
    fn set_gradients(&mut self) {
        let exact: Vec<_> = self.exact.iter().map(|g| g.view()).enumerate().collect();
        self.imager.set_gradients(&exact);
    }

    /// The part of the last evaluation's gradient that comes through the image of best focus, by
    /// fragment, nm² a nm.
    pub fn gradient_through_focus(&mut self, gradient: &mut [f64]) {
        self.imager.set_gradients(&[(0, self.exact[0].view())]);
        self.edge_gradients(gradient);
    }

    /// Sets the weight of the guards; returns that before.
    pub fn set_guard_weight(&mut self, weight: f64) -> f64 {
        std::mem::replace(&mut self.objective.guard_weight, weight)
    }

    /// ∂L/∂M of the last evaluation on the cells of a grid, nm⁻².
    pub fn area_gradient(&self, grid: &Grid) -> Array2<f32> {
        self.imager.area_gradient(grid)
    }

    /// Image and PV-band terms on the loss grid; leaves their gradient on the exact grid.
    fn pixel_terms(&mut self, sharpness: Sharpness, terms: Terms) -> LossTerms {
        for (set, image) in self.images.iter_mut().enumerate() {
            self.sampler.forward(self.imager.exact_of(set), image.view_mut());
        }
        let shape = self.loss_shape(sharpness, terms);
        let images: Option<Vec<&[f32]>> = self.images.iter().map(|i| i.as_slice()).collect();
        let gradients: Option<Vec<&mut [f32]>> =
            self.gradients.iter_mut().map(|g| g.as_slice_mut()).collect();
        let (Some(images), Some(mut gradients), Some(t)) =
            (images, gradients, self.target.as_slice())
        else {
            return LossTerms::default();
        };
        let (l2, pv_band) = match (&self.corners, &images[..], &mut gradients[..]) {
            (None, [f, d], [gf, gd]) => pixel_loss(&shape, f, d, t, gf, gd),
            (corners, images, gradients) => {
                let corners = corners.as_deref().unwrap_or_default();
                corner_loss(&shape, corners, images, t, gradients)
            }
        };
        let area = self.objective.grid_nm.powi(2);
        for (exact, gradient) in self.exact.iter_mut().zip(&self.gradients) {
            exact.fill(0.0);
            self.sampler.adjoint_add(gradient.view(), exact.view_mut());
            *exact *= area as f32;
        }
        LossTerms { l2: l2 * area, pv_band: pv_band * area, epe: 0.0 }
    }

    /// The pixel loss as it is weighed, with the terms that enter its gradient.
    fn loss_shape(&self, sharpness: Sharpness, terms: Terms) -> LossShape {
        let process = self.imager.process();
        LossShape {
            steepness: sharpness.steepness as f32,
            threshold: process.threshold,
            outer: process.outer_dose.powi(2),
            inner: process.inner_dose.powi(2),
            quadratic: sharpness.quadratic as f32,
            pv_band_weight: self.objective.pv_band_weight as f32,
            image_share: f32::from(u8::from(terms.l2)),
            pv_band_share: f32::from(u8::from(terms.pv_band)),
        }
    }

    /// Weights of the EPE probes and of the guards.
    fn probe_weights(&self) -> [f32; 2] {
        [self.objective.epe_weight, self.objective.guard_weight].map(|w| w as f32)
    }

    /// The smooth EPE count and what guards add; adds their gradient where asked.
    fn epe_term(&mut self, with_gradient: bool) -> f64 {
        let threshold = self.imager.process().threshold;
        let weights = self.probe_weights();
        let mut total = 0.0;
        for (set, (watched, exact)) in self.watched.iter_mut().zip(&mut self.exact).enumerate() {
            if watched.probes.is_empty() {
                continue;
            }
            watched.points.read(self.imager.exact_of(set), &mut watched.values);
            for (probe, value) in watched.probes.iter().zip(&mut watched.values) {
                let (term, slope) = probed(probe, *value, threshold, weights);
                total += f64::from(term);
                *value = slope;
            }
            if with_gradient {
                watched.points.adjoint_add(&watched.values, exact.view_mut());
            }
        }
        total
    }
}

/// A device's loss of a mask whose fragments' edges come first; writes their gradient.
pub(super) fn taken(loss: &Loss, gradient: &mut [f64]) -> LossTerms {
    for (to, from) in gradient.iter_mut().zip(&loss.gradient) {
        *to = f64::from(*from);
    }
    LossTerms { l2: loss.terms.image, pv_band: loss.terms.pv_band, epe: loss.terms.probes }
}

/// What a probe adds to the loss at an intensity, and the derivative in it.
fn probed(probe: &Probe, intensity: f32, threshold: f32, weights: [f32; 2]) -> (f32, f32) {
    let side = if probe.prints { 1.0 } else { -1.0 };
    // How far on the wrong side.
    let wrong = side * (threshold - probe.dose2 * intensity);
    let (term, slope) = match probe.watch {
        Watch::Epe => count(wrong, weights[0]),
        Watch::Topology => hinge(wrong, weights[1]),
    };
    (term, -side * probe.dose2 * slope)
}

/// A smooth count of a probe on the wrong side by `wrong`, and its slope.
fn count(wrong: f32, weight: f32) -> (f32, f32) {
    let z = sigmoid(EPE_STEEPNESS * (wrong + EPE_MARGIN));
    (weight * z, weight * EPE_STEEPNESS * z * (1.0 - z))
}

/// A cost that grows with how far a guard is on the wrong side, and its slope: one weight for each
/// 1/60 of intensity.
fn hinge(wrong: f32, weight: f32) -> (f32, f32) {
    let x = GUARD_STEEPNESS * (wrong + GUARD_MARGIN);
    let softplus = if x > 20.0 { x } else { x.exp().ln_1p() };
    (weight * softplus, weight * GUARD_STEEPNESS * sigmoid(x))
}

pub(super) fn edge(e: &MovedEdge) -> Edge {
    Edge { at: e.at, from: e.from, to: e.to }
}
