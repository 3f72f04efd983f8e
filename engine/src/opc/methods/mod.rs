//! The ways a run finds its mask besides exact edge gradients.
//!
//! Feedback and rules move fragments, as the gradient does: only the update differs. Free-form
//! methods move a field on square cells, whose outline is the mask.

mod bias;
mod coupled;
mod feedback;
mod free;
mod free_run;

pub(super) use bias::biases;
pub(super) use feedback::Feeder;
pub(super) use free::{FreeForm, SavedField};

/// Moves every offset towards its bias by at most `step` nm.
pub(super) fn approach(offsets: &mut [f32], biases: &[f32], step: f64) {
    for (offset, bias) in offsets.iter_mut().zip(biases) {
        *offset += (bias - *offset).clamp(-step as f32, step as f32);
    }
}

#[cfg(test)]
mod tests;
