//! An OPC iteration on a device: offsets of masks in, loss and its gradient by edge out, and the
//! figures of whole-nm masks. No image leaves the device but, where asked for, what prints, in bits.

mod judge;
mod loss;
mod setup;
mod steps;

use std::sync::Arc;

use self::judge::{COUNT_GROUPS, JudgePart};
use self::loss::LossPart;
pub use self::setup::{
    CorrectionSetup, GridWeights, JudgeSetup, Judged, Loss, LossCorner, LossSettings, LossSetup,
    LossTerms, ProbeSettings, ProbeSetup,
};
pub(super) use self::steps::{Sampling, resample, step};
use super::kernel::Step;
use super::{Buffer, Compute, DeviceError, Imaging, MaskEdge, MovingMask, Program, download};

/// A part of an iteration, to be run and timed by itself once the plan has evaluated and judged
/// masks.
#[derive(Clone, Debug)]
pub struct CorrectionStage {
    /// What it does.
    pub name: &'static str,
    /// How.
    pub steps: Vec<Step>,
}

impl CorrectionStage {
    /// Bytes that its steps read and write: each buffer of each step once, which is the least that
    /// must move as long as nothing stays in a cache from one step to the next.
    pub fn bytes(&self) -> u64 {
        self.steps.iter().flat_map(|step| &step.buffers).map(Buffer::bytes).sum()
    }
}

/// A plan that corrects a batch of clips on one device.
pub struct Correction {
    imaging: Imaging,
    loss: LossPart,
    judge: JudgePart,
    /// Moving masks as they were handed in last.
    masks: Vec<Arc<MovingMask>>,
    evaluate: Option<Program>,
    score: Option<Program>,
    /// Numbers read back.
    gradients: Vec<f32>,
    sums: Vec<[f32; 2]>,
    terms: Vec<f32>,
}

impl Correction {
    /// A plan on a device.
    ///
    /// # Errors
    /// Parts that do not fit each other, or too little memory.
    pub fn new(device: &dyn Compute, setup: &CorrectionSetup<'_>) -> Result<Self, DeviceError> {
        let imaging = Imaging::new(device, &setup.imaging)?;
        let loss = LossPart::new(device, &setup.loss, &imaging)?;
        let judge = JudgePart::new(device, &setup.judge, &imaging)?;
        Ok(Self {
            sums: vec![[0.0; 2]; imaging.clips * loss.groups()],
            terms: vec![0.0; loss.probe_count()],
            gradients: Vec::new(),
            imaging,
            loss,
            judge,
            masks: Vec::new(),
            evaluate: None,
            score: None,
        })
    }

    /// Images and edges of the plan.
    pub fn imaging(&self) -> &Imaging {
        &self.imaging
    }

    /// From offsets to the loss and back to the edges that follow them.
    pub fn evaluation_steps(&self) -> Vec<Step> {
        let imaging = &self.imaging;
        [imaging.moved_steps(), self.loss.steps(imaging), imaging.adjoint_steps()].concat()
    }

    /// From edges to figures.
    pub fn judging_steps(&self) -> Vec<Step> {
        [self.imaging.forward_steps(), self.judge.steps(&self.imaging)].concat()
    }

    /// The parts of an iteration in their order.
    pub fn stages(&self) -> Vec<CorrectionStage> {
        let (forward, adjoint) = (self.imaging.moved_steps(), self.imaging.adjoint_steps());
        let stage = |name, steps: &[Step]| CorrectionStage { name, steps: steps.to_vec() };
        vec![
            stage("mask spectrum", &forward[..3]),
            stage("fields", &forward[3..5]),
            stage("intensity", &forward[5..]),
            stage("fields and intensity", &forward[3..]),
            stage("loss", &self.loss.steps(&self.imaging)),
            stage("adjoint", &adjoint[..3]),
            stage("edge gradients", &adjoint[3..]),
            stage("prints and figures", &self.judge.steps(&self.imaging)),
        ]
    }

    /// The loss of a batch of masks that move, at these offsets (nm), and its gradient by edge. A
    /// mask is handed to the device once, for as long as the same one is asked for.
    ///
    /// # Errors
    /// Another number of clips than the plan has, other numbers of offsets than the masks follow, or a
    /// device that fails.
    pub fn evaluate(
        &mut self,
        device: &dyn Compute,
        masks: &[Arc<MovingMask>],
        offsets: &[&[f32]],
        settings: &LossSettings,
    ) -> Result<Vec<Loss>, DeviceError> {
        let is_held = masks.len() == self.masks.len()
            && masks.iter().zip(&self.masks).all(|(mask, held)| Arc::ptr_eq(mask, held));
        if !is_held {
            self.masks.clear();
            let borrowed: Vec<&MovingMask> = masks.iter().map(|mask| &**mask).collect();
            if self.imaging.set_moving(device, &borrowed)? {
                (self.evaluate, self.score) = (None, None);
            }
            self.masks = masks.to_vec();
        }
        self.imaging.set_offsets(device, offsets)?;
        self.write_settings(device, settings)?;
        let program = match self.evaluate.take() {
            Some(program) => program,
            None => device.record(&self.evaluation_steps())?,
        };
        device.run(&program)?;
        self.evaluate = Some(program);
        self.gradients.resize(self.imaging.capacity, 0.0);
        device.read(&mut [
            (self.imaging.edge_gradients(), bytemuck::cast_slice_mut(&mut self.gradients)),
            (&self.loss.sums, bytemuck::cast_slice_mut(&mut self.sums)),
            (&self.loss.terms, bytemuck::cast_slice_mut(&mut self.terms)),
        ])?;
        let area = f64::from(self.loss.area);
        let groups = self.loss.groups().max(1);
        let clips = self.sums.chunks(groups).zip(&self.loss.probes).enumerate();
        Ok(clips
            .map(|(clip, (sums, [first, count]))| {
                let total = |i: usize| sums.iter().map(|s| f64::from(s[i])).sum::<f64>() * area;
                let terms = &self.terms[*first..first + count];
                let terms = LossTerms {
                    image: total(0),
                    pv_band: total(1),
                    probes: terms.iter().map(|t| f64::from(*t)).sum(),
                };
                let mut gradient = Vec::new();
                self.imaging.sorted_moving(clip, &self.gradients, &mut gradient);
                Loss { terms, gradient }
            })
            .collect())
    }

    /// The figures of a batch of masks given by their edges.
    ///
    /// # Errors
    /// As [`Correction::evaluate`].
    pub fn judge(
        &mut self,
        device: &dyn Compute,
        masks: &[&[MaskEdge]],
    ) -> Result<Vec<Judged>, DeviceError> {
        self.hand_in(device, masks)?;
        let program = match self.score.take() {
            Some(program) => program,
            None => device.record(&self.judging_steps())?,
        };
        device.run(&program)?;
        self.score = Some(program);
        let clips = self.imaging.clips;
        let mut counts = vec![[0_u32; 2]; clips * COUNT_GROUPS];
        let mut epe = vec![[0_u32; 2]; clips];
        device.read(&mut [
            (&self.judge.counts, bytemuck::cast_slice_mut(&mut counts)),
            (&self.judge.epe, bytemuck::cast_slice_mut(&mut epe)),
        ])?;
        let total = |sums: &[[u32; 2]], i: usize| sums.iter().map(|s| u64::from(s[i])).sum();
        let figures = counts.chunks(COUNT_GROUPS).zip(epe);
        Ok(figures
            .map(|(sums, epe)| Judged { l2: total(sums, 0), pv_band: total(sums, 1), epe })
            .collect())
    }

    /// What the masks judged last print, clip by clip: `[corner, row, words]` of the clip's own
    /// pixels with 32 to a word from the left, corners in the order of [`JudgeSetup::levels`].
    ///
    /// # Errors
    /// A device that fails.
    pub fn prints(&self, device: &dyn Compute) -> Result<Vec<Vec<u32>>, DeviceError> {
        let mut bits = vec![0; self.imaging.clips * self.judge.corners() * self.judge.words()];
        download(device, &self.judge.bits, &mut bits)?;
        Ok(self.judge.cropped(&bits))
    }

    fn hand_in(&mut self, device: &dyn Compute, masks: &[&[MaskEdge]]) -> Result<(), DeviceError> {
        if self.imaging.set_edges(device, masks)? {
            // What moves lies in memory that is gone.
            self.masks.clear();
            (self.evaluate, self.score) = (None, None);
        }
        Ok(())
    }

    fn write_settings(
        &self,
        device: &dyn Compute,
        settings: &LossSettings,
    ) -> Result<(), DeviceError> {
        let LossSettings { epe, guard, .. } = settings;
        let enters = settings.enters.map(|enters| f32::from(u8::from(enters)));
        let loss = [
            settings.steepness,
            self.loss.threshold,
            settings.quadratic,
            settings.pv_band_weight,
            enters[0],
            enters[1],
            self.loss.area,
        ];
        let probes = [
            self.loss.threshold,
            epe.steepness,
            epe.margin,
            epe.weight,
            guard.steepness,
            guard.margin,
            guard.weight,
            enters[2],
        ];
        device.write(&self.loss.settings, 0, bytemuck::cast_slice(&loss))?;
        device.write(&self.loss.probe_settings, 0, bytemuck::cast_slice(&probes))
    }
}
