//! The bake of a volume on a device.

use super::{flat, value};
use crate::device::inner::{COPY_WORDS, DEPROTECT, DIFFUSE, RELEASE_ACID};
use crate::device::kernel::Step;
use crate::device::{Buffer, Compute, DeviceError, Program, upload};
use crate::diffuse::{Wall, taps};

/// A bake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BakeSetup {
    /// Diffusion by this many voxels along z, y, x, in each turn.
    pub sigma: [f64; 3],
    /// What lies beyond the sides; top and bottom are mirrors.
    pub sides: Wall,
    /// The reaction of a chemically amplified resist; without it what exposure left diffuses once.
    pub deprotection: Option<Deprotection>,
}

/// Reaction and diffusion by turns, half a step of reaction first and last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deprotection {
    /// Acid that is taken away at once.
    pub quencher: f32,
    /// Order of the reaction in acid.
    pub order: f32,
    /// Half a step.
    pub half: Reaction,
    /// A step.
    pub whole: Reaction,
    /// Turns, at least 1.
    pub turns: usize,
}

/// A reaction over some time: inhibitor·e^{−strength·acidⁿ}, acid·kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reaction {
    /// Share of the acid that is kept.
    pub kept: f32,
    /// Strength.
    pub strength: f32,
}

/// A bake on a device.
pub(super) struct BakePart {
    parts: Parts,
    /// Before the first turn, or all of it where nothing reacts.
    first: Program,
    /// A turn, and the last one.
    turns: Option<[Program; 2]>,
    count: usize,
}

/// What its steps work on.
struct Parts {
    sides: Wall,
    shape: [usize; 3],
    /// Weights along each axis, and how far they reach.
    taps: [(Buffer, usize); 3],
    reactions: Option<Reactions>,
    latent: Buffer,
    inhibitor: Buffer,
    /// The acid, and where diffusion passes through.
    scratch: [Buffer; 3],
}

/// Settings of the kernels of a reaction.
struct Reactions {
    quencher: Buffer,
    half: Buffer,
    whole: Buffer,
}

impl Reactions {
    fn new(device: &dyn Compute, setup: &Deprotection) -> Result<Self, DeviceError> {
        let reaction =
            |r: Reaction| upload(device, "reaction settings", &[setup.order, r.kept, r.strength]);
        Ok(Self {
            quencher: upload(device, "quencher", &[setup.quencher])?,
            half: reaction(setup.half)?,
            whole: reaction(setup.whole)?,
        })
    }
}

impl Parts {
    fn voxels(&self) -> usize {
        self.shape.iter().product()
    }

    /// Diffusion along the axes that have any, `from` one buffer `to` another, or the same again
    /// where `to` is `None`.
    fn spread(&self, from: &Buffer, to: Option<&Buffer>, passed: [&Buffer; 2]) -> Vec<Step> {
        // As the processor: y, x, then z.
        let axes: Vec<usize> = [1, 2, 0].into_iter().filter(|k| self.taps[*k].1 > 0).collect();
        let end = to.unwrap_or(from);
        let mut path = vec![from];
        path.extend(passed.into_iter().take(axes.len().saturating_sub(1)));
        let turns_back = axes.len() == 1 && to.is_none();
        path.extend((!axes.is_empty()).then_some(if turns_back { passed[0] } else { end }));
        let pairs = path.windows(2).zip(&axes);
        let mut steps: Vec<Step> =
            pairs.map(|(pair, axis)| self.along(*axis, pair[0], pair[1])).collect();
        if turns_back || axes.is_empty() && to.is_some() {
            let from = if turns_back { passed[0] } else { from };
            let values = vec![value("WORDS", self.voxels())];
            steps.push(flat(&COPY_WORDS, self.voxels(), values, &[from, end]));
        }
        steps
    }

    fn along(&self, axis: usize, from: &Buffer, to: &Buffer) -> Step {
        let (taps, reach) = &self.taps[axis];
        let periodic = axis > 0 && self.sides == Wall::Periodic;
        let values = vec![
            value("STRIDE", self.shape[axis + 1..].iter().product()),
            value("COUNT", self.shape[axis]),
            value("REACH", *reach),
            value("PERIODIC", usize::from(periodic)),
            value("WORDS", self.voxels()),
        ];
        flat(&DIFFUSE, self.voxels(), values, &[taps, from, to])
    }

    fn react(&self, settings: &Buffer) -> Step {
        let values = vec![value("WORDS", self.voxels())];
        let buffers = [settings, &self.scratch[0], &self.inhibitor];
        flat(&DEPROTECT, self.voxels(), values, &buffers)
    }

    /// Steps before the first turn, of a turn, and of the last one.
    fn steps(&self) -> [Vec<Step>; 3] {
        let [acid, passed @ ..] = &self.scratch;
        let passed = [&passed[0], &passed[1]];
        let Some(reactions) = &self.reactions else {
            let first = self.spread(&self.latent, Some(&self.inhibitor), passed);
            return [first, Vec::new(), Vec::new()];
        };
        let values = vec![value("WORDS", self.voxels())];
        let buffers = [&self.latent, &reactions.quencher, acid, &self.inhibitor];
        let release = flat(&RELEASE_ACID, self.voxels(), values, &buffers);
        let turn = |settings: &Buffer| {
            let mut steps = self.spread(acid, None, passed);
            steps.push(self.react(settings));
            steps
        };
        let first = vec![release, self.react(&reactions.half)];
        [first, turn(&reactions.whole), turn(&reactions.half)]
    }
}

impl BakePart {
    /// From what exposure left to the inhibitor, by way of three buffers of the same size.
    pub fn new(
        device: &dyn Compute,
        setup: &BakeSetup,
        shape: [usize; 3],
        [latent, inhibitor]: [&Buffer; 2],
        scratch: [&Buffer; 3],
    ) -> Result<Self, DeviceError> {
        let weights = |sigma: f64| {
            let taps = taps(sigma);
            let buffer = upload(device, "weights of diffusion", &taps)?;
            Ok::<_, DeviceError>((buffer, taps.len() - 1))
        };
        let [z, y, x] = setup.sigma;
        let reactions = setup.deprotection.as_ref();
        let parts = Parts {
            sides: setup.sides,
            shape,
            taps: [weights(z)?, weights(y)?, weights(x)?],
            reactions: reactions.map(|setup| Reactions::new(device, setup)).transpose()?,
            latent: latent.clone(),
            inhibitor: inhibitor.clone(),
            scratch: scratch.map(Buffer::clone),
        };
        let [first, turn, last] = parts.steps();
        let turns = match setup.deprotection {
            Some(_) => Some([device.record(&turn)?, device.record(&last)?]),
            None => None,
        };
        let count = setup.deprotection.map_or(0, |setup| setup.turns.max(1));
        Ok(Self { first: device.record(&first)?, turns, count, parts })
    }

    /// Steps before the first turn, of a turn, and of the last one.
    pub fn steps(&self) -> [Vec<Step>; 3] {
        self.parts.steps()
    }

    /// Bytes that must move.
    pub fn least_bytes(&self) -> u64 {
        let axes = self.parts.taps.iter().filter(|(_, reach)| *reach > 0).count() as u64;
        let bytes = match self.count as u64 {
            0 => 8 * axes.max(1),
            turns => 12 + 16 + turns * (8 * axes + 16),
        };
        bytes * self.parts.voxels() as u64
    }

    /// Bakes. `go_on` is asked between turns with the share that is done; `false` if it said no.
    pub fn run(
        &self,
        device: &dyn Compute,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<bool, DeviceError> {
        device.run(&self.first)?;
        let Some([turn, last]) = &self.turns else { return Ok(true) };
        for done in 0..self.count {
            // What is asked is asked as the work stands.
            device.wait()?;
            if !go_on(done as f64 / self.count as f64) {
                return Ok(false);
            }
            device.run(if done + 1 == self.count { last } else { turn })?;
        }
        Ok(true)
    }
}
