//! The pixel loss of any list of process corners and its derivative in intensity.
//!
//! With z_n = σ(a(I − t)) at the nominal corner, z_c = σ(a(d_c² I_c − t)) at the others and T the
//! target's coverage: quadratic Q = (z_n − T)² + Σ w_c (z_c − T)², linear
//! Λ = |z_n − T| + w (max z_c − min z_c); the loss is q·Q + (1 − q)·Λ, reported as an image term
//! (z_n) and a PV-band term (the corners). [`crate::loss`] is the fast form for the contest's two.

use crate::loss::LossShape;
use crate::sigmoid;

/// A process corner beside the nominal one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedCorner {
    /// Which image it dims or brightens.
    pub set: usize,
    /// Squared dose.
    pub dose2: f32,
    /// Weight in the quadratic loss.
    pub weight: f32,
}

/// Sums the loss over pixels and writes ∂L/∂I for every image; image 0 is that of the nominal
/// corner. The shape's own two corners are not looked at. All slices have one length, corners name
/// images that are there; returns (image term, PV-band term), unscaled by the shares.
pub fn corner_loss(
    shape: &LossShape,
    corners: &[WeightedCorner],
    images: &[&[f32]],
    target: &[f32],
    gradients: &mut [&mut [f32]],
) -> (f64, f64) {
    let LossShape { steepness: a, threshold, quadratic: q, .. } = *shape;
    let linear = 1.0 - q;
    let mut total = (0.0, 0.0);
    for (i, &wanted) in target.iter().enumerate() {
        // The value z, and its derivative in the intensity of its image.
        let printed = |set: usize, dose2: f32| {
            let z = sigmoid(a * (dose2 * images[set][i] - threshold));
            (z, a * dose2 * z * (1.0 - z))
        };
        for gradient in gradients.iter_mut() {
            gradient[i] = 0.0;
        }
        let (z, slope) = printed(0, 1.0);
        let error = z - wanted;
        total.0 += f64::from(q * error * error + linear * error.abs());
        let sign = f32::from(u8::from(error > 0.0)) - f32::from(u8::from(error < 0.0));
        gradients[0][i] += shape.image_share * (2.0 * q * error + linear * sign) * slope;
        let mut ends: Option<[(f32, f32, usize); 2]> = None;
        for corner in corners {
            let (z, slope) = printed(corner.set, corner.dose2);
            let error = z - wanted;
            total.1 += f64::from(q * corner.weight * error * error);
            gradients[corner.set][i] +=
                shape.pv_band_share * 2.0 * q * corner.weight * error * slope;
            let own = (z, slope, corner.set);
            ends = Some(ends.map_or([own; 2], |[least, most]| {
                [if z < least.0 { own } else { least }, if z > most.0 { own } else { most }]
            }));
        }
        if let Some([least, most]) = ends {
            let weight = linear * shape.pv_band_weight;
            total.1 += f64::from(weight * (most.0 - least.0));
            gradients[most.2][i] += shape.pv_band_share * weight * most.1;
            gradients[least.2][i] -= shape.pv_band_share * weight * least.1;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::pixel_loss;

    const SHAPE: LossShape = LossShape {
        steepness: 40.0,
        threshold: 0.225,
        outer: 1.0404,
        inner: 0.9604,
        quadratic: 0.3,
        pv_band_weight: 0.2,
        image_share: 1.0,
        pv_band_share: 1.0,
    };

    fn images() -> [Vec<f32>; 2] {
        let focus: Vec<f32> = (0..700).map(|i| 0.1 + 0.0004 * i as f32).collect();
        let defocus = focus.iter().map(|i| i * 0.9 + 0.01).collect();
        [focus, defocus]
    }

    fn target() -> Vec<f32> {
        (0..700).map(|i| (i % 2) as f32).collect()
    }

    #[test]
    fn the_contests_two_corners_as_a_list_have_the_contests_loss() {
        let ([f, d], t) = (images(), target());
        let corners = [
            WeightedCorner { set: 0, dose2: SHAPE.outer, weight: 0.5 },
            WeightedCorner { set: 1, dose2: SHAPE.inner, weight: 0.5 },
        ];
        let mut fast = [vec![0.0; 700], vec![0.0; 700]];
        let mut slow = fast.clone();
        let [gf, gd] = &mut fast;
        let expected = pixel_loss(&SHAPE, &f, &d, &t, gf, gd);
        let [sf, sd] = &mut slow;
        let found = corner_loss(&SHAPE, &corners, &[&f, &d], &t, &mut [sf, sd]);
        // The outer corner is the brighter one everywhere here; sums of f32 differ in their order.
        assert!((found.0 - expected.0).abs() < 1e-5 * expected.0, "{found:?} {expected:?}");
        assert!((found.1 - expected.1).abs() < 1e-5 * expected.1, "{found:?} {expected:?}");
        let worst = fast.iter().flatten().zip(slow.iter().flatten());
        let worst = worst.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "{worst}");
        let other = [WeightedCorner { dose2: 1.0, ..corners[0] }, corners[1]];
        let differs =
            corner_loss(&SHAPE, &other, &[&f, &d], &t, &mut [&mut [0.0; 700], &mut [0.0; 700]]);
        assert!((differs.1 - expected.1).abs() > 1e-3 * expected.1, "the negative control");
    }

    #[test]
    fn the_gradient_of_five_corners_matches_finite_differences() {
        let ([f, d], t) = (images(), target());
        let corner = |set, dose: f32, weight| WeightedCorner { set, dose2: dose * dose, weight };
        let corners = [
            corner(0, 1.04, 0.5),
            corner(0, 0.97, 0.2),
            corner(1, 1.03, 0.7),
            corner(1, 0.96, 0.4),
            corner(1, 1.0, 0.1),
        ];
        let mut gradients = [vec![0.0; 700], vec![0.0; 700]];
        let [gf, gd] = &mut gradients;
        corner_loss(&SHAPE, &corners, &[&f, &d], &t, &mut [gf, gd]);
        let at = |f: f32, d: f32, t: f32| {
            let (a, b) =
                corner_loss(&SHAPE, &corners, &[&[f], &[d]], &[t], &mut [&mut [0.0], &mut [0.0]]);
            a + b
        };
        for i in (0..700).step_by(13) {
            let h = 1e-3f32;
            let ff = (at(f[i] + h, d[i], t[i]) - at(f[i] - h, d[i], t[i])) / f64::from(2.0 * h);
            let fd = (at(f[i], d[i] + h, t[i]) - at(f[i], d[i] - h, t[i])) / f64::from(2.0 * h);
            let [gf, gd] = [f64::from(gradients[0][i]), f64::from(gradients[1][i])];
            assert!((ff - gf).abs() < 0.03 + 0.01 * ff.abs(), "{ff} {gf}");
            assert!((fd - gd).abs() < 0.03 + 0.01 * fd.abs(), "{fd} {gd}");
        }
    }
}
