//! Adam (Kingma and Ba, 2015) over fragment offsets.

use serde::{Deserialize, Serialize};

use super::saved::bits::f64s;

/// Running means of the gradient and its square.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Moments {
    steps: i32,
    #[serde(with = "f64s")]
    first: Vec<f64>,
    #[serde(with = "f64s")]
    second: Vec<f64>,
}

impl Moments {
    pub fn new(count: usize) -> Self {
        Self { steps: 0, first: vec![0.0; count], second: vec![0.0; count] }
    }

    /// Number of first and of second moments.
    pub fn lengths(&self) -> [usize; 2] {
        [self.first.len(), self.second.len()]
    }

    /// Whether every moment is a number that gradients can lead to.
    pub fn are_sound(&self) -> bool {
        let second = self.second.iter().all(|v| v.is_finite() && *v >= 0.0);
        self.steps >= 0 && second && self.first.iter().all(|m| m.is_finite())
    }

    /// The memory of some fragments, and none of `added` new ones after them.
    pub fn carried(&self, kept: &[usize], added: usize) -> Self {
        let pick = |from: &[f64]| {
            let mut to: Vec<f64> = kept.iter().map(|&i| from[i]).collect();
            to.resize(kept.len() + added, 0.0);
            to
        };
        Self { steps: self.steps, first: pick(&self.first), second: pick(&self.second) }
    }
}

/// The optimiser's constants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adam {
    pub beta1: f64,
    pub beta2: f64,
}

impl Adam {
    /// Moves each offset against its gradient by about `rate` nm.
    pub fn step(&self, moments: &mut Moments, gradient: &[f64], rate: f64, offsets: &mut [f32]) {
        moments.steps = moments.steps.saturating_add(1);
        let bias1 = 1.0 - self.beta1.powi(moments.steps);
        let bias2 = 1.0 - self.beta2.powi(moments.steps);
        let means = moments.first.iter_mut().zip(&mut moments.second);
        for ((offset, g), (m, v)) in offsets.iter_mut().zip(gradient).zip(means) {
            *m = self.beta1 * *m + (1.0 - self.beta1) * g;
            *v = self.beta2 * *v + (1.0 - self.beta2) * g * g;
            *offset -= (rate * (*m / bias1) / ((*v / bias2).sqrt() + 1e-8)) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_one_rate_against_the_gradient_whatever_its_size() {
        let adam = Adam { beta1: 0.9, beta2: 0.99 };
        let mut offsets = vec![0.0, 0.0, 5.0];
        adam.step(&mut Moments::new(3), &[1e-3, -1e6, 0.0], 2.0, &mut offsets);
        assert!((offsets[0] + 2.0).abs() < 1e-3);
        assert!((offsets[1] - 2.0).abs() < 1e-3);
        assert_eq!(offsets[2], 5.0);
    }
}
