//! The stages of an evaluation by themselves, for timing each beside a device's.

use super::{Evaluator, Sharpness, Terms, edge};
use crate::mask::Axis;
use crate::opc::OpcRun;

/// A stage of an iteration on the processor, in the order they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessorStage {
    /// From edges to the mask's spectrum.
    MaskSpectrum,
    /// From the spectrum to fields and their intensity at every focus.
    Images,
    /// From images to the loss and its gradient on the exact grid.
    Loss,
    /// From that gradient to the mask's.
    Adjoint,
    /// The mask's gradient along each fragment.
    EdgeGradients,
    /// What the mask prints at 1 nm, and its L2, PV band and EPE.
    Figures,
}

impl ProcessorStage {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::MaskSpectrum,
        Self::Images,
        Self::Loss,
        Self::Adjoint,
        Self::EdgeGradients,
        Self::Figures,
    ];

    /// The words for it, those of [`lithoscope_kernels::device::CorrectionStage`] where it is the same work.
    pub const fn words(self) -> &'static str {
        match self {
            Self::MaskSpectrum => "mask spectrum",
            Self::Images => "fields and intensity",
            Self::Loss => "loss",
            Self::Adjoint => "adjoint",
            Self::EdgeGradients => "edge gradients",
            Self::Figures => "prints and figures",
        }
    }
}

impl Evaluator {
    /// Does a stage again on the mask that was last evaluated on the processor.
    fn repeat(&mut self, stage: ProcessorStage, sharpness: Sharpness, gradient: &mut [f64]) {
        match stage {
            ProcessorStage::MaskSpectrum => {
                let edges = self.edges.fragments.iter().chain(&self.edges.jogs);
                let vertical = edges.filter(|e| e.axis == Axis::Vertical).map(edge);
                self.imager.set_vertical_spectrum(vertical);
            }
            ProcessorStage::Images => self.imager.image(),
            ProcessorStage::Loss => {
                self.pixel_terms(sharpness, Terms::ALL);
                self.epe_term(true);
            }
            ProcessorStage::Adjoint => self.set_gradients(),
            ProcessorStage::EdgeGradients => self.edge_gradients(gradient),
            // The scorer's, who holds what prints.
            ProcessorStage::Figures => {}
        }
    }
}

impl OpcRun {
    /// Does a stage again on the processor, of the mask that was last evaluated there, each on what
    /// the stages before it left; the run stays as it is. A free-form run has no such stages.
    pub fn repeat_stage(&mut self, stage: ProcessorStage) {
        let last = self.history.len().saturating_sub(1);
        let sharpness = self.sharpness(last);
        if stage == ProcessorStage::Figures {
            self.scorer.score_held(self.evaluator.held());
        } else {
            let mut unused = vec![0.0; self.target().fragments().len()];
            self.evaluator.repeat(stage, sharpness, &mut unused);
        }
    }
}
