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
    pulp::Arch::new().dispatch(PixelLoss {
        shape,
        focus,
        defocus,
        target,
        focus_gradient,
        defocus_gradient,
    })
}

struct PixelLoss<'a> {
    shape: &'a LossShape,
    focus: &'a [f32],
    defocus: &'a [f32],
    target: &'a [f32],
    focus_gradient: &'a mut [f32],
    defocus_gradient: &'a mut [f32],
}

/// Pixels worked on in step, one vector each.
const LANES: usize = 8;
type Lanes = [f32; LANES];
/// Vectors summed in f32 before they enter the f64 sums.
const STEPS: usize = 32;

impl pulp::WithSimd for PixelLoss<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> (f64, f64) {
        let (f, f_rest) = self.focus.as_chunks();
        let (d, d_rest) = self.defocus.as_chunks();
        let (t, t_rest) = self.target.as_chunks();
        let (gf, gf_rest) = self.focus_gradient.as_chunks_mut();
        let (gd, gd_rest) = self.defocus_gradient.as_chunks_mut();
        let mut total = (0.0, 0.0);
        let mut add = |[image, band]: [Lanes; 2], count: usize| {
            total.0 += f64::from(image[..count].iter().sum::<f32>());
            total.1 += f64::from(band[..count].iter().sum::<f32>());
        };
        let inputs = f.chunks(STEPS).zip(d.chunks(STEPS)).zip(t.chunks(STEPS));
        for (((f, d), t), (gf, gd)) in inputs.zip(gf.chunks_mut(STEPS).zip(gd.chunks_mut(STEPS))) {
            let mut sums = [[0.0; LANES]; 2];
            for i in 0..f.len() {
                eight(self.shape, [&f[i], &d[i], &t[i]], &mut gf[i], &mut gd[i], &mut sums);
            }
            add(sums, LANES);
        }
        let rest = [f_rest, d_rest, t_rest].map(padded);
        let (mut gf, mut gd, mut sums) = ([0.0; LANES], [0.0; LANES], [[0.0; LANES]; 2]);
        eight(self.shape, [&rest[0], &rest[1], &rest[2]], &mut gf, &mut gd, &mut sums);
        gf_rest.copy_from_slice(&gf[..gf_rest.len()]);
        gd_rest.copy_from_slice(&gd[..gd_rest.len()]);
        add(sums, f_rest.len());
        total
    }
}

fn padded(rest: &[f32]) -> Lanes {
    let mut lanes = [0.0; LANES];
    lanes[..rest.len()].copy_from_slice(rest);
    lanes
}

/// Eight pixels; sums are the image and the PV-band term by lane.
#[inline(always)]
fn eight(
    shape: &LossShape,
    [f, d, t]: [&Lanes; 3],
    gf: &mut Lanes,
    gd: &mut Lanes,
    sums: &mut [Lanes; 2],
) {
    let LossShape { steepness: a, threshold, outer, inner, quadratic: q, .. } = *shape;
    let (linear, w) = (1.0 - q, shape.pv_band_weight);
    for i in 0..LANES {
        let zn = sigmoid(a * (f[i] - threshold));
        let zo = sigmoid(a * (outer * f[i] - threshold));
        let zi = sigmoid(a * (inner * d[i] - threshold));
        let (en, eo, ei) = (zn - t[i], zo - t[i], zi - t[i]);
        sums[0][i] += q * en * en + linear * en.abs();
        sums[1][i] += q * 0.5 * (eo * eo + ei * ei) + linear * w * (zo - zi);
        let dn = shape.image_share * (q * 2.0 * en + linear * sign(en));
        let d_o = shape.pv_band_share * (q * eo + linear * w);
        let di = shape.pv_band_share * (q * ei - linear * w);
        gf[i] = a * (dn * zn * (1.0 - zn) + outer * d_o * zo * (1.0 - zo));
        gd[i] = a * inner * di * zi * (1.0 - zi);
    }
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
