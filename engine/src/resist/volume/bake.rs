//! Post-exposure bake.

use lithoscope_kernels::device::{self, BakeSetup, Deprotection};
use lithoscope_kernels::diffuse::{MAX_SIGMA, Wall, diffuse};
use ndarray::{Array3, Axis};
use rayon::prelude::*;

use super::{Amplified, Bake, BakeKind, Sides, VolumeGrid};
use crate::resist::ResistError;
use crate::resist::error::require;

/// Diffusion lengths in voxels along z, y, x.
fn lengths(length_nm: f64, grid: VolumeGrid) -> [f64; 3] {
    [length_nm / grid.dz_nm, length_nm / grid.pixel_nm, length_nm / grid.pixel_nm]
}

/// Checks that the grid can hold a diffusion length.
pub(super) fn check(bake: &Bake, grid: VolumeGrid) -> Result<(), ResistError> {
    let widest = lengths(bake.diffusion_nm, grid)[0].max(bake.diffusion_nm / grid.pixel_nm);
    let expected = "at most 1000 voxels long";
    require(widest <= MAX_SIGMA, "diffusion_nm", bake.diffusion_nm, expected)
}

fn walls(sides: Sides) -> Wall {
    match sides {
        Sides::Mirror => Wall::Mirror,
        Sides::Periodic => Wall::Periodic,
    }
}

/// Diffusion length of one turn.
fn step_nm(bake: &Bake, amplified: &Amplified) -> f64 {
    bake.diffusion_nm / (amplified.steps as f64).sqrt()
}

/// The bake as devices do it.
pub(super) fn setup(bake: &Bake, grid: VolumeGrid, sides: Sides) -> BakeSetup {
    let sides = walls(sides);
    let BakeKind::Amplified(amplified) = bake.kind else {
        let sigma = lengths(bake.diffusion_nm, grid);
        return BakeSetup { sigma, sides, deprotection: None };
    };
    let [half, whole] = Reaction::halves(&amplified)
        .map(|reaction| device::Reaction { kept: reaction.kept, strength: reaction.strength });
    let deprotection = Deprotection {
        quencher: amplified.quencher as f32,
        order: amplified.order as f32,
        half,
        whole,
        turns: amplified.steps,
    };
    let sigma = lengths(step_nm(bake, &amplified), grid);
    BakeSetup { sigma, sides, deprotection: Some(deprotection) }
}

/// Bakes what exposure left of the photoactive compound; the relative inhibitor concentration.
/// `go_on` is asked between steps; `None` if it says no.
pub(super) fn bake(
    bake: &Bake,
    grid: VolumeGrid,
    sides: Sides,
    left: &Array3<f32>,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Option<Array3<f32>> {
    let walls = walls(sides);
    match bake.kind {
        BakeKind::Fickian => {
            let mut inhibitor = left.clone();
            diffuse(&mut inhibitor.view_mut(), lengths(bake.diffusion_nm, grid), walls);
            Some(inhibitor)
        }
        BakeKind::Amplified(amplified) => {
            let sigma = lengths(step_nm(bake, &amplified), grid);
            let mut spread = |acid: &mut Array3<f32>| diffuse(&mut acid.view_mut(), sigma, walls);
            deprotect(&amplified, left, &mut spread, go_on)
        }
    }
}

/// Reaction and diffusion by turns, half a step of reaction first and last (Strang 1968).
fn deprotect(
    amplified: &Amplified,
    left: &Array3<f32>,
    spread: &mut dyn FnMut(&mut Array3<f32>),
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Option<Array3<f32>> {
    let quencher = amplified.quencher as f32;
    let mut acid = left.mapv(|left| (1.0 - left - quencher).max(0.0));
    let mut inhibitor = Array3::ones(left.raw_dim());
    let [half, whole] = Reaction::halves(amplified);
    half.run(&mut acid, &mut inhibitor);
    for turn in 0..amplified.steps {
        if !go_on(turn as f64 / amplified.steps as f64) {
            return None;
        }
        spread(&mut acid);
        let last = turn + 1 == amplified.steps;
        let reaction = if last { &half } else { &whole };
        reaction.run(&mut acid, &mut inhibitor);
    }
    Some(inhibitor)
}

/// The reaction over a time, solved exactly: h falls as e^{−k_loss t}, so that
/// m(t) = m·exp(−k·hⁿ·(1 − e^{−n k_loss t})/(n k_loss)).
struct Reaction {
    /// e^{−k_loss t}
    kept: f32,
    /// k·(1 − e^{−n k_loss t})/(n k_loss)
    strength: f32,
    order: f32,
}

impl Reaction {
    /// Over half a step and over a step.
    fn halves(amplified: &Amplified) -> [Self; 2] {
        let step = amplified.bake_s / amplified.steps as f64;
        [0.5 * step, step].map(|time| Self::new(amplified, time))
    }

    fn new(amplified: &Amplified, time: f64) -> Self {
        let loss = amplified.order * amplified.loss_per_s;
        let acting = if loss * time < 1e-12 { time } else { -(-loss * time).exp_m1() / loss };
        Self {
            kept: (-amplified.loss_per_s * time).exp() as f32,
            strength: (amplified.amplification_per_s * acting) as f32,
            order: amplified.order as f32,
        }
    }

    fn run(&self, acid: &mut Array3<f32>, inhibitor: &mut Array3<f32>) {
        let planes =
            acid.axis_iter_mut(Axis(0)).into_par_iter().zip(inhibitor.axis_iter_mut(Axis(0)));
        planes.for_each(|(mut acid, mut inhibitor)| {
            for (h, m) in acid.iter_mut().zip(&mut inhibitor) {
                let power = if self.order == 1.0 { *h } else { h.powf(self.order) };
                *m *= (-self.strength * power).exp();
                *h *= self.kept;
            }
        });
    }
}
