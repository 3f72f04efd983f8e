//! The gradient of the loss split by process corner, for lists of corners.

use lithoscope_kernels::corner_loss::{WeightedCorner, corner_loss};
use ndarray::{Array2, ArrayView2};

use super::{Evaluator, Probe, Sharpness, Terms, Watch, edge, probed};
use crate::mask::{Axis, MovedEdge};

impl Evaluator {
    /// The gradient of the whole loss at the mask that was evaluated last, by fragment, nm² a nm,
    /// split by corner: the nominal one, with EPE, then those of the list, each with its guards.
    /// Nothing where the corners are the contest's two.
    ///
    /// The loss takes the image of a focus for all its corners; here every corner is given a copy
    /// of its own, so that the derivative in it is what comes through that corner.
    pub fn gradients_by_corner(&mut self, sharpness: Sharpness) -> Vec<Vec<f64>> {
        let Some(corners) = self.corners.clone() else { return Vec::new() };
        let shape = self.loss_shape(sharpness, Terms::ALL);
        let sets: Vec<usize> =
            std::iter::once(0).chain(corners.iter().map(|corner| corner.set)).collect();
        let own = |(i, corner): (usize, &WeightedCorner)| WeightedCorner { set: 1 + i, ..*corner };
        let own: Vec<WeightedCorner> = corners.iter().enumerate().map(own).collect();
        let images: Option<Vec<&[f32]>> =
            sets.iter().map(|&set| self.images[set].as_slice()).collect();
        let (Some(images), Some(target)) = (images, self.target.as_slice()) else {
            return Vec::new();
        };
        let mut parts = vec![vec![0.0f32; target.len()]; sets.len()];
        let mut slices: Vec<&mut [f32]> = parts.iter_mut().map(Vec::as_mut_slice).collect();
        corner_loss(&shape, &own, &images, target, &mut slices);

        let area = self.objective.grid_nm.powi(2) as f32;
        let size = (self.grid.ny, self.grid.nx);
        let mut split = Vec::with_capacity(sets.len());
        for (corner, (part, set)) in parts.iter().zip(sets).enumerate() {
            let mut exact = Array2::zeros(self.exact[set].dim());
            if let Ok(part) = ArrayView2::from_shape(size, part) {
                self.sampler.adjoint_add(part, exact.view_mut());
            }
            exact *= area;
            self.add_probes_of(corner, &corners, set, &mut exact);
            self.imager.set_gradients(&[(set, exact.view())]);
            let gradient =
                |e: &MovedEdge| self.imager.edge_gradient(e.axis == Axis::Vertical, edge(e));
            split.push(self.edges.fragments.iter().map(gradient).collect());
        }
        split
    }

    /// Adds what the probes of a corner (0 is nominal, then those of the list) pull at its image.
    fn add_probes_of(
        &mut self,
        corner: usize,
        corners: &[WeightedCorner],
        set: usize,
        exact: &mut Array2<f32>,
    ) {
        // Guards belong to the first corner that has their image and dose.
        let guarded = |probe: &Probe| {
            let same = |c: &WeightedCorner| (c.set, c.dose2) == (probe.set, probe.dose2);
            corners.iter().position(same).map(|index| index + 1)
        };
        let is_own = |probe: &Probe| match probe.watch {
            Watch::Epe => corner == 0,
            Watch::Topology => guarded(probe) == Some(corner),
        };
        let pulls = self.pulls(set);
        let watched = &mut self.watched[set];
        if watched.probes.is_empty() {
            return;
        }
        for (value, (probe, pull)) in
            watched.values.iter_mut().zip(watched.probes.iter().zip(pulls))
        {
            *value = if is_own(probe) { pull } else { 0.0 };
        }
        watched.points.adjoint_add(&watched.values, exact.view_mut());
    }

    /// ∂L/∂I at each probe of an image.
    fn pulls(&mut self, set: usize) -> Vec<f32> {
        let (threshold, weights) = (self.imager.process().threshold, self.probe_weights());
        let watched = &mut self.watched[set];
        if watched.probes.is_empty() {
            return Vec::new();
        }
        watched.points.read(self.imager.exact_of(set), &mut watched.values);
        let probes = watched.probes.iter().zip(&watched.values);
        probes.map(|(probe, &value)| probed(probe, value, threshold, weights).1).collect()
    }
}
