//! Feedback of all fragments at once: damped least squares with the matrix of MEEFs.
//!
//! A fragment's own MEEF says what its move alone does. Where lines are dense, its neighbours'
//! moves do as much again, and fragments that each make good their own EPE overshoot together. The
//! whole matrix knows (Cobb and Granik 2002, "Model-based OPC using the MEEF matrix"). It is kept
//! in intensity, where it is also known where no contour is near.

/// Rounds of conjugate gradients: far more than damped problems need.
const ROUNDS: usize = 60;
/// Share of the first residual at which the rounds end.
const ENOUGH: f64 = 1e-4;

/// What the intensity at each control point must change by, and how much that matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wish {
    /// Change of intensity.
    pub change: f64,
    pub weight: f64,
}

/// The moves m, nm, that minimise Σᵢ wᵢ (Σⱼ Rᵢⱼ mⱼ − cᵢ)² + λ Σⱼ mⱼ², by conjugate gradients from
/// zero. `answers[j]` holds (i, Rᵢⱼ) for the control points near fragment j, intensity a nm, and λ
/// is `damping` times the mean of Σᵢ wᵢ Rᵢⱼ² over the fragments that have any.
pub(super) fn moves(answers: &[Vec<(u32, f32)>], wishes: &[Wish], damping: f64) -> Vec<f64> {
    let weight = |i: u32| wishes.get(i as usize).map_or(0.0, |w| w.weight);
    let squares = answers
        .iter()
        .filter(|near| !near.is_empty())
        .map(|near| near.iter().map(|&(i, r)| weight(i) * f64::from(r).powi(2)).sum::<f64>());
    let (sum, count) = squares.fold((0.0, 0usize), |(sum, n), square| (sum + square, n + 1));
    let lambda = damping * sum / count.max(1) as f64;
    let mut found = vec![0.0; answers.len()];
    // What is left of every wish, weighed.
    let left: Vec<f64> = wishes.iter().map(|w| w.weight * w.change).collect();
    let mut residual = gathered(answers, &left);
    let mut along = residual.clone();
    let mut square = dot(&residual, &residual);
    let enough = square * ENOUGH * ENOUGH;
    for _ in 0..ROUNDS {
        if square <= enough || square <= 0.0 {
            break;
        }
        let mut changes = vec![0.0; wishes.len()];
        for (near, m) in answers.iter().zip(&along) {
            for &(i, r) in near {
                if let Some(change) = changes.get_mut(i as usize) {
                    *change += f64::from(r) * m;
                }
            }
        }
        for (change, wish) in changes.iter_mut().zip(wishes) {
            *change *= wish.weight;
        }
        let mut product = gathered(answers, &changes);
        for (p, m) in product.iter_mut().zip(&along) {
            *p += lambda * m;
        }
        let curvature = dot(&along, &product);
        if curvature <= 0.0 {
            break;
        }
        let step = square / curvature;
        for ((f, r), (m, p)) in found.iter_mut().zip(&mut residual).zip(along.iter().zip(&product))
        {
            *f += step * m;
            *r -= step * p;
        }
        let next = dot(&residual, &residual);
        for (m, r) in along.iter_mut().zip(&residual) {
            *m = r + next / square * *m;
        }
        square = next;
    }
    found
}

/// Σᵢ Rᵢⱼ vᵢ of every fragment j.
fn gathered(answers: &[Vec<(u32, f32)>], values: &[f64]) -> Vec<f64> {
    let value = |i: u32| values.get(i as usize).copied().unwrap_or(0.0);
    answers.iter().map(|near| near.iter().map(|&(i, r)| f64::from(r) * value(i)).sum()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three fragments that answer to each other, and one that answers to nothing.
    fn answers() -> Vec<Vec<(u32, f32)>> {
        let row = |values: [f32; 3]| (0..3).zip(values).collect::<Vec<_>>();
        vec![row([0.01, 0.006, 0.0]), row([0.006, 0.012, 0.005]), row([0.0, 0.005, 0.008]), vec![]]
    }

    #[test]
    fn undamped_moves_bring_what_was_wished_for() {
        let wish = |change| Wish { change, weight: 1.0 };
        let wishes = [wish(0.05), wish(-0.02), wish(0.03)];
        let found = moves(&answers(), &wishes, 0.0);
        for (i, wish) in wishes.iter().enumerate() {
            let brought: f64 = answers()
                .iter()
                .zip(&found)
                .flat_map(|(near, m)| near.iter().map(move |&(k, r)| (k, f64::from(r) * m)))
                .filter(|(k, _)| *k as usize == i)
                .map(|(_, change)| change)
                .sum();
            assert!((brought - wish.change).abs() < 1e-6, "{brought} for {wish:?}");
        }
        assert_eq!(found[3], 0.0);
    }

    #[test]
    fn damped_moves_are_a_minimum() {
        let wishes = [(0.05, 1.0), (-0.02, 0.3), (0.03, 1.0)];
        let wishes = wishes.map(|(change, weight)| Wish { change, weight });
        let (damping, answers) = (0.2, answers());
        let squares: f64 = answers
            .iter()
            .flatten()
            .map(|&(i, r)| wishes[i as usize].weight * f64::from(r).powi(2))
            .sum();
        let lambda = damping * squares / 3.0;
        let cost = |m: &[f64]| {
            let mut changes = [0.0; 3];
            for (near, m) in answers.iter().zip(m) {
                for &(i, r) in near {
                    changes[i as usize] += f64::from(r) * m;
                }
            }
            let missed = changes.iter().zip(&wishes);
            missed.map(|(c, w)| w.weight * (c - w.change).powi(2)).sum::<f64>()
                + lambda * m.iter().map(|m| m * m).sum::<f64>()
        };
        let found = moves(&answers, &wishes, damping);
        let least = cost(&found);
        for j in 0..3 {
            for by in [-0.1, 0.1] {
                let mut other = found.clone();
                other[j] += by;
                assert!(cost(&other) > least, "fragment {j} by {by}");
            }
        }
    }
}
