//! The pixel loss of three printed images and its derivative in intensity.
//!
//! With z = σ(a(d²I − t)) at the nominal, outer and inner corners and T the target's coverage:
//! quadratic Q = (z_n − T)² + ½[(z_o − T)² + (z_i − T)²], linear Λ = |z_n − T| + w(z_o − z_i);
//! the loss is q·Q + (1 − q)·Λ, reported as an image term (z_n) and a PV-band term (z_o, z_i).

use crate::sigmoid;

/// What one evaluation of the loss needs to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossShape {
    /// Steepness a of the resist sigmoid.
    pub steepness: f32,
    /// Printing threshold t.
    pub threshold: f32,
    /// Squared dose of the outer corner (focus image).
    pub outer: f32,
    /// Squared dose of the inner corner (defocus image).
    pub inner: f32,
    /// Share q of the quadratic loss.
    pub quadratic: f32,
    /// Weight w of the linear PV-band term.
    pub pv_band_weight: f32,
    /// Scale of the image term's gradient: 1, or 0 to leave it out.
    pub image_share: f32,
    /// Scale of the PV-band term's gradient: 1, or 0 to leave it out.
    pub pv_band_share: f32,
}

/// Sums the loss over pixels and writes ∂L/∂I for the focus and the defocus image.
/// All slices have one length; returns (image term, PV-band term), unscaled by the shares.
pub fn pixel_loss(
    shape: &LossShape,
    focus: &[f32],
    defocus: &[f32],
    target: &[f32],
    focus_gradient: &mut [f32],
    defocus_gradient: &mut [f32],
) -> (f64, f64) {
    const CHUNK: usize = 256;
    let simd = pulp::Arch::new();
    let mut sums = (0.0, 0.0);
    let inputs = focus.chunks(CHUNK).zip(defocus.chunks(CHUNK)).zip(target.chunks(CHUNK));
    let outputs = focus_gradient.chunks_mut(CHUNK).zip(defocus_gradient.chunks_mut(CHUNK));
    for (((f, d), t), (gf, gd)) in inputs.zip(outputs) {
        let (image, band) = simd.dispatch(|| chunk_loss(shape, f, d, t, gf, gd));
        sums = (sums.0 + f64::from(image), sums.1 + f64::from(band));
    }
    sums
}

#[inline(always)]
fn chunk_loss(
    shape: &LossShape,
    focus: &[f32],
    defocus: &[f32],
    target: &[f32],
    focus_gradient: &mut [f32],
    defocus_gradient: &mut [f32],
) -> (f32, f32) {
    const LANES: usize = 8;
    let LossShape { steepness: a, threshold, outer, inner, quadratic: q, .. } = *shape;
    let linear = 1.0 - q;
    let w = shape.pv_band_weight;
    let (mut image_sum, mut band_sum) = ([0.0f32; LANES], [0.0f32; LANES]);
    let n = focus.len();
    let (defocus, target) = (&defocus[..n], &target[..n]);
    let (focus_gradient, defocus_gradient) = (&mut focus_gradient[..n], &mut defocus_gradient[..n]);
    for i in 0..n {
        let t = target[i];
        let zn = sigmoid(a * (focus[i] - threshold));
        let zo = sigmoid(a * (outer * focus[i] - threshold));
        let zi = sigmoid(a * (inner * defocus[i] - threshold));
        let (en, eo, ei) = (zn - t, zo - t, zi - t);
        image_sum[i % LANES] += q * en * en + linear * en.abs();
        band_sum[i % LANES] += q * 0.5 * (eo * eo + ei * ei) + linear * w * (zo - zi);
        let dn = shape.image_share * (q * 2.0 * en + linear * sign(en));
        let d_o = shape.pv_band_share * (q * eo + linear * w);
        let di = shape.pv_band_share * (q * ei - linear * w);
        focus_gradient[i] = a * (dn * zn * (1.0 - zn) + outer * d_o * zo * (1.0 - zo));
        defocus_gradient[i] = a * inner * di * zi * (1.0 - zi);
    }
    (image_sum.iter().sum(), band_sum.iter().sum())
}

/// −1, 0 or 1 (`f32::signum` has no 0).
#[inline(always)]
fn sign(x: f32) -> f32 {
    f32::from(u8::from(x > 0.0)) - f32::from(u8::from(x < 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn loss_gradient_matches_finite_differences() {
        let focus: Vec<f32> = (0..700).map(|i| 0.1 + 0.0004 * i as f32).collect();
        let defocus: Vec<f32> = focus.iter().map(|i| i * 0.9 + 0.01).collect();
        // Whole targets keep clear of the kink of the absolute value.
        let target: Vec<f32> = (0..700).map(|i| (i % 2) as f32).collect();
        let (mut gf, mut gd) = (vec![0.0; 700], vec![0.0; 700]);
        pixel_loss(&SHAPE, &focus, &defocus, &target, &mut gf, &mut gd);
        let at = |f: f32, d: f32, t: f32| {
            let (a, b) = pixel_loss(&SHAPE, &[f], &[d], &[t], &mut [0.0], &mut [0.0]);
            a + b
        };
        for i in (0..700).step_by(13) {
            let (f, d, t, h) = (focus[i], defocus[i], target[i], 1e-3f32);
            let ff = (at(f + h, d, t) - at(f - h, d, t)) / f64::from(2.0 * h);
            let fd = (at(f, d + h, t) - at(f, d - h, t)) / f64::from(2.0 * h);
            assert!((ff - f64::from(gf[i])).abs() < 0.02 + 0.01 * ff.abs(), "{ff} {}", gf[i]);
            assert!((fd - f64::from(gd[i])).abs() < 0.02 + 0.01 * fd.abs(), "{fd} {}", gd[i]);
        }
    }
}
