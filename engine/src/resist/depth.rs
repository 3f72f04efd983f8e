//! Developed depth of whole images: a table with a stated error.

use lithoscope_kernels::depth::{LinearTable, apply};
use lithoscope_kernels::device::{Compute, DepthImage, DeviceError};
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use super::vertical::{BRIGHTEST, Column, Depth, LayerRule};
use super::{Gradient, ResistError, VerticalResist};

/// Cells of the table.
const CELLS: usize = LinearTable::CELLS;

/// Brightest intensity a table reaches unless the film is through before.
const BRIGHTEST_IN_TABLE: f64 = 4.0;

/// Developed depth as a function of intensity, tabulated once and interpolated linearly.
///
/// Nodes are equally spaced from 0 to where the film is through (or intensity 4). The table holds
/// the depth development would reach in a film without bottom, which is smooth, and cuts it at the
/// thickness afterwards.
#[derive(Clone, Debug)]
pub struct DepthTable {
    resist: VerticalResist,
    table: LinearTable,
    brightest: f64,
    error_bound_nm: f64,
}

impl DepthTable {
    /// Tabulates a resist's depth.
    ///
    /// # Errors
    /// A parameter out of its range.
    pub fn new(resist: &VerticalResist) -> Result<Self, ResistError> {
        resist.validate()?;
        let brightest = range(resist);
        let step = brightest / CELLS as f64;
        let column = Column::new(resist);
        let nodes: Vec<Depth> =
            (0..=CELLS).into_par_iter().map(|i| column.depth(i as f64 * step)).collect();
        let value = |i: usize| nodes.get(i).map_or(0.0, |node| node.nm as f32);
        let table = LinearTable::new(value, step as f32, resist.thickness_nm as f32);
        let error_bound_nm = error_bound(resist, &nodes, step);
        Ok(Self { resist: *resist, table, brightest, error_bound_nm })
    }

    /// The resist it stands for.
    pub fn resist(&self) -> &VerticalResist {
        &self.resist
    }

    /// The brightest intensity it holds: brighter ones get this one's depth.
    pub fn brightest(&self) -> f64 {
        self.brightest
    }

    /// Largest difference of an interpolated depth from that of [`VerticalResist::depth_nm`], nm,
    /// for intensities up to [`DepthTable::brightest`].
    ///
    /// Where the slope changes one way within a cell, the chord of width h leaves the curve by at
    /// most h/4 times the change of slope.
    /// Rounding to f32 is included.
    pub fn error_bound_nm(&self) -> f64 {
        self.error_bound_nm
    }

    /// The table itself, nm of depth by intensity; its largest value is the film's thickness.
    pub fn table(&self) -> &LinearTable {
        &self.table
    }

    /// Developed depth, nm, interpolated as [`DepthTable::apply`] does.
    pub fn depth_nm(&self, intensity: f32) -> f32 {
        self.table.at(intensity)
    }

    /// ∂depth/∂I, exact, not the table's.
    pub fn slope(&self, intensity: f64) -> f64 {
        self.resist.depth(intensity).slope
    }

    /// ∂depth/∂(parameter), exact, not the table's.
    pub fn parameter_gradient(&self, intensity: f64) -> Gradient {
        self.resist.depth(intensity).gradient
    }

    /// Writes the developed depth (nm) of every pixel of an image; NaN counts as dark.
    ///
    /// # Errors
    /// The two arrays differ in shape.
    pub fn apply(
        &self,
        intensity: ArrayView2<f32>,
        depth: ArrayViewMut2<f32>,
    ) -> Result<(), ResistError> {
        self.apply_on(None, intensity, depth).map(|_| ())
    }

    /// The same on a device where there is one, within 0.05 nm. A device that fails is done without:
    /// the reason is returned.
    ///
    /// # Errors
    /// The two arrays differ in shape.
    pub fn apply_on(
        &self,
        device: Option<&dyn Compute>,
        intensity: ArrayView2<f32>,
        mut depth: ArrayViewMut2<f32>,
    ) -> Result<Option<DeviceError>, ResistError> {
        if intensity.dim() != depth.dim() {
            return Err(ResistError::Mismatch(format!(
                "an image of {:?} pixels cannot become a depth of {:?}",
                intensity.dim(),
                depth.dim()
            )));
        }
        let failure = device.map(|device| {
            let plan = DepthImage::new(device, &self.table, intensity.len())?;
            plan.apply(device, intensity, depth.view_mut())
        });
        match failure {
            Some(Ok(())) => Ok(None),
            Some(Err(error)) => {
                apply(&self.table, intensity, depth);
                Ok(Some(error))
            }
            None => {
                apply(&self.table, intensity, depth);
                Ok(None)
            }
        }
    }
}

/// The last node: just past where the film is through, if it ever is.
fn range(resist: &VerticalResist) -> f64 {
    let through = VerticalResist { threshold_nm: resist.thickness_nm, ..*resist };
    let last = match through.equivalent_level() {
        Some(level) if resist.tone.sign() > 0.0 => level.min(BRIGHTEST),
        _ => BRIGHTEST_IN_TABLE,
    };
    // A cell more, so that the cut at the thickness lies within the table.
    last.clamp(1e-6, BRIGHTEST_IN_TABLE) * (1.0 + 2.0 / CELLS as f64)
}

/// The bound that [`DepthTable::error_bound_nm`] states.
fn error_bound(resist: &VerticalResist, nodes: &[Depth], step: f64) -> f64 {
    let bend =
        nodes.windows(2).map(|pair| (pair[1].slope - pair[0].slope).abs()).fold(0.0, f64::max);
    // Where layers are steps the slope jumps at their borders, against the bend where it may: what
    // it varies by within a cell is then at most the bend and the jump, and the jump at most what
    // is seen of it and the bend once more.
    let variation = match resist.layer_rule {
        LayerRule::Continuous => bend,
        LayerRule::Stepped => 3.0 * bend,
    };
    let deepest = nodes.iter().map(|node| node.nm.abs()).fold(0.0, f64::max);
    step * variation / 4.0 + 4.0 * f64::from(f32::EPSILON) * deepest
}

#[cfg(test)]
mod tests;
