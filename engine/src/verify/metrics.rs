//! The figures of one mask.

use ndarray::{Array2, ArrayView2, Zip};
use serde::{Deserialize, Serialize};

use super::{PixelTarget, VerifyError};

/// Which pixels of the 1 nm grid belong to the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetRule {
    /// `min ≤ p < max`: an 80 nm line covers 80 pixels.
    #[default]
    HalfOpen,
    /// Both end coordinates belong: an 80 nm line covers 81 pixels (the public ICCAD-2013 code).
    Inclusive,
}

/// Everything the plots and the report show about a mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// Pixels (nm²) where the nominal print differs from the target.
    pub l2_nm2: u64,
    /// Pixels (nm²) that print at the outer corner or the inner one, but not both.
    pub pvb_nm2: u64,
    /// EPE violations: inner + outer.
    pub epe_violations: u32,
    /// Gauges that do not print one tolerance inside.
    pub epe_inner: u32,
    /// Gauges that print one tolerance outside.
    pub epe_outer: u32,
    /// Least number of rectangles that tile the mask.
    pub shots: u32,
}

/// Where a mask prints: intensity at dose 1 times dose² against the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrintLevels {
    /// A pixel prints where intensity ≥ threshold.
    pub threshold: f64,
    /// Dose of the outer corner at best focus; scales the mask amplitude.
    pub outer_dose: f64,
    /// Dose of the inner corner at defocus; scales the mask amplitude.
    pub inner_dose: f64,
}

/// The areas a mask is judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AreaScores {
    /// Pixels where the nominal print differs from the target, nm².
    pub l2_nm2: u64,
    /// Pixels that print at exactly one of the outer and the inner corner, nm².
    pub pvb_nm2: u64,
}

/// What prints of an intensity image (at dose 1) at a dose.
pub fn printed(intensity: ArrayView2<'_, f32>, dose: f64, threshold: f64) -> Array2<bool> {
    intensity.mapv(|i| f64::from(i) * (dose * dose) >= threshold)
}

/// L2 and PV band, pixel by pixel, from intensity at dose 1 on the target's 1 nm pixels, at best
/// focus (nominal and outer corner) and at defocus (inner corner).
///
/// # Errors
/// An image whose shape is not the target's.
pub fn score_images(
    focus: ArrayView2<'_, f32>,
    defocus: ArrayView2<'_, f32>,
    target: &PixelTarget,
    levels: &PrintLevels,
) -> Result<AreaScores, VerifyError> {
    let pixels = target.pixels();
    for (image, view) in [("focus", &focus), ("defocus", &defocus)] {
        if view.dim() != pixels.dim() {
            let shape = |(y, x): (usize, usize)| [y, x];
            let (found, expected) = (shape(view.dim()), shape(pixels.dim()));
            return Err(VerifyError::ImageSize { image, found, expected });
        }
    }
    let prints = |i: f32, dose: f64| f64::from(i) * (dose * dose) >= levels.threshold;
    let mut scores = AreaScores::default();
    Zip::from(focus).and(defocus).and(pixels).for_each(|&f, &d, &wanted| {
        scores.l2_nm2 += u64::from(prints(f, 1.0) != wanted);
        let (outer, inner) = (prints(f, levels.outer_dose), prints(d, levels.inner_dose));
        scores.pvb_nm2 += u64::from(outer != inner);
    });
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::geometry::{Polygon, Rect};

    const LEVELS: PrintLevels = PrintLevels { threshold: 0.25, outer_dose: 1.02, inner_dose: 0.98 };

    fn target() -> PixelTarget {
        let shape = [Polygon::rect(Rect::new(0, 0, 2, 1))];
        PixelTarget::new(&shape, Rect::new(0, 0, 3, 2), TargetRule::HalfOpen).unwrap()
    }

    #[test]
    fn areas_count_pixels_on_the_wrong_side_and_between_the_corners() {
        // Prints at nominal: the first two of row 0 and one of row 1; the others do not.
        let focus = array![[0.25, 0.3, 0.2], [0.26, 0.1, 0.245]];
        // 0.25 fails at the low dose, 0.245 prints at the high one.
        let scores = score_images(focus.view(), focus.view(), &target(), &LEVELS).unwrap();
        assert_eq!(scores, AreaScores { l2_nm2: 1, pvb_nm2: 3 });
        let same = PrintLevels { outer_dose: 1.0, inner_dose: 1.0, ..LEVELS };
        let scores = score_images(focus.view(), focus.view(), &target(), &same).unwrap();
        assert_eq!(scores, AreaScores { l2_nm2: 1, pvb_nm2: 0 });
    }

    #[test]
    fn an_image_of_another_size_is_refused() {
        let (good, bad) = (Array2::zeros((2, 3)), Array2::zeros((3, 2)));
        let error = score_images(good.view(), bad.view(), &target(), &LEVELS).unwrap_err();
        let (found, expected) = ([3, 2], [2, 3]);
        assert_eq!(error, VerifyError::ImageSize { image: "defocus", found, expected });
    }
}
