//! Masks whose every edge moves outward: by a finite bias, and in first order.

use ndarray::Array2;
use num_complex::Complex32;

use super::tone::require;
use super::{FocusStack, ImagingError};
use crate::geometry::{Polygon, merge};

/// Largest bias of an edge, nm.
const MAX_BIAS_NM: f64 = 1000.0;
/// Corners sharper than this (1 ± cosine of the angle between normals) move as if they were not.
const SHARPEST: f64 = 0.05;

impl FocusStack {
    /// Takes a mask of polygons (clip nm), united, with every edge moved outward by `bias_nm`
    /// (inward if negative) as the current one and images it at every plane. Corners stay corners;
    /// edges on the border of the periodic field stay, for there the mask goes on.
    ///
    /// # Errors
    /// A bias that is no number or larger than 1 µm, or one that turns an edge around: the mask
    /// then keeps what it was.
    pub fn set_biased_mask(&mut self, mask: &[Polygon], bias_nm: f64) -> Result<(), ImagingError> {
        require(bias_nm.abs() <= MAX_BIAS_NM, "mask bias", bias_nm, "from -1000 to 1000 nm")?;
        let rings = self.mask.rings(&merge(mask));
        let bias = |a, b| if self.mask.on_border(a, b) { 0.0 } else { bias_nm };
        let moved: Option<Vec<_>> = rings.iter().map(|ring| biased(ring, bias)).collect();
        let moved = moved.ok_or(ImagingError::BiasTooLarge { bias_nm })?;
        self.mask.set_rings(&moved, &self.tone);
        self.image();
        Ok(())
    }

    /// dI/db of a plane on the exact grid, `[N, N]` in nm⁻¹, for a mask of polygons (clip nm),
    /// united, whose every edge moves outward by b, at b = 0. Leaves the current mask as it is.
    ///
    /// Intensity is quadratic in the mask, so the difference of the images of M + h·M′ and
    /// M − h·M′ over 2h is the derivative itself, for any h: the exact linearised image.
    ///
    /// # Errors
    /// A plane the stack does not have.
    pub fn bias_derivative(
        &self,
        plane: usize,
        mask: &[Polygon],
    ) -> Result<Array2<f32>, ImagingError> {
        let shape = self.exact(plane)?.dim();
        let mut spectrum = self.mask.clone();
        let rings = spectrum.rings(&merge(mask));
        spectrum.set_rings(&rings, &self.tone);
        let (change, mean) = spectrum.boundary(&rings, &self.tone);
        let power = |bins: &[Complex32]| bins.iter().map(Complex32::norm_sqr).sum::<f32>();
        let (whole, part) = (power(&spectrum.bins), power(&change));
        if part == 0.0 {
            return Ok(Array2::zeros(shape));
        }
        // A step as large as the mask itself keeps the rounding of the difference least.
        let h = (whole / part).sqrt().max(1.0);
        let moved = |h: f32| -> Vec<Complex32> {
            spectrum.bins.iter().zip(&change).map(|(b, c)| b + c * h).collect()
        };
        let (more, less) = (self.image_of(plane, &moved(h))?, self.image_of(plane, &moved(-h))?);
        let flare = self.flare(plane);
        let (scale, offset) = ((1.0 - flare) as f32 / (2.0 * h), (flare * mean) as f32);
        Ok((more - less).mapv_into(|d| scale * d + offset))
    }
}

/// A ring (interior on the left) with every edge from a to b moved outward by `bias(a, b)`; `None`
/// where an edge would turn around.
fn biased(ring: &[[f64; 2]], bias: impl Fn([f64; 2], [f64; 2]) -> f64) -> Option<Vec<[f64; 2]>> {
    let n = ring.len();
    let normal_and_bias = |i: usize| {
        let (a, b) = (ring[i % n], ring[(i + 1) % n]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy).max(f64::MIN_POSITIVE);
        ([dy / length, -dx / length], bias(a, b))
    };
    // The corner v of two moved edges: v·n₁ = b₁ and v·n₂ = b₂.
    let corner = |i: usize| {
        let ((n1, b1), (n2, b2)) = (normal_and_bias(i + n - 1), normal_and_bias(i));
        let cosine = n1[0] * n2[0] + n1[1] * n2[1];
        let (together, apart) = (f64::midpoint(b1, b2), f64::midpoint(b1, -b2));
        let sum = together / (1.0 + cosine).max(SHARPEST);
        let difference = apart / (1.0 - cosine).max(SHARPEST);
        [0, 1].map(|c| ring[i][c] + sum * (n1[c] + n2[c]) + difference * (n1[c] - n2[c]))
    };
    let moved: Vec<[f64; 2]> = (0..n).map(corner).collect();
    let keeps_its_way = |i: usize| {
        let j = (i + 1) % n;
        let along = |r: &[[f64; 2]]| [r[j][0] - r[i][0], r[j][1] - r[i][1]];
        let (a, b) = (along(ring), along(&moved));
        a[0] * b[0] + a[1] * b[1] > 0.0
    };
    (0..n).all(keeps_its_way).then_some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_biased_ring_keeps_its_directions_and_gains_its_perimeter_times_the_bias() {
        let l_shape =
            vec![[0.0, 0.0], [100.0, 0.0], [100.0, 40.0], [40.0, 40.0], [40.0, 90.0], [0.0, 90.0]];
        let area = |ring: &[[f64; 2]]| -> f64 {
            let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
            pairs.map(|(a, b)| (a[0] * b[1] - b[0] * a[1]) / 2.0).sum()
        };
        // Five convex corners add a square each, one concave corner takes one away.
        let grown = biased(&l_shape, |_, _| 3.0).unwrap();
        assert!((area(&grown) - area(&l_shape) - 380.0 * 3.0 - 4.0 * 9.0).abs() < 1e-9);
        // An edge that stays: the others grow up to it.
        let held = biased(&l_shape, |a, b| if a[0] == 0.0 && b[0] == 0.0 { 0.0 } else { 3.0 });
        assert_eq!(held.unwrap()[0], [0.0, -3.0]);
        assert!(biased(&l_shape, |_, _| -19.0).is_some());
        assert!(biased(&l_shape, |_, _| -21.0).is_none());
    }
}
