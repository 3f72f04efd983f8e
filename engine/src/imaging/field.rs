//! The kernels' periodic field about a window, and whether kernels can be used.

use super::ImagingError;
use crate::geometry::Rect;
use crate::optics::SocsKernels;

/// The kernels' periodic field centred about a window, as the contest centres its clips:
/// ⌊(P − size)/2⌋ nm before it.
pub(super) fn field_around(window: Rect, period: f64) -> Result<Rect, ImagingError> {
    let side = period.round() as i64;
    if window.width() > side || window.height() > side {
        return Err(ImagingError::FieldTooSmall {
            width: window.width(),
            height: window.height(),
            period,
        });
    }
    let start = |min: i32, size: i64| i64::from(min) - (side - size) / 2;
    let (x, y) = (start(window.min.x, window.width()), start(window.min.y, window.height()));
    let fits = |v: i64| i32::try_from(v).ok();
    let corners = (fits(x), fits(y), fits(x + side), fits(y + side));
    let (Some(x0), Some(y0), Some(x1), Some(y1)) = corners else {
        return Err(ImagingError::KernelMismatch(format!(
            "a field of {period} nm about the window leaves the coordinate range"
        )));
    };
    Ok(Rect::new(x0, y0, x1, y1))
}

/// Whether a set's spectra and weights belong together and are numbers.
pub(super) fn check_kernels(name: &str, set: &SocsKernels) -> Result<(), ImagingError> {
    let width = 2 * set.half + 1;
    if set.spectra.dim() != (set.weights.len(), width, width) || set.weights.is_empty() {
        return Err(ImagingError::KernelMismatch(format!(
            "the {name} set holds {:?} spectra for {} weights and K = {}",
            set.spectra.dim(),
            set.weights.len(),
            set.half
        )));
    }
    let finite = set.weights.iter().all(|w| w.is_finite())
        && set.spectra.iter().all(|h| h.re.is_finite() && h.im.is_finite());
    if !finite || !(0.0..=1.0).contains(&set.flare) {
        return Err(ImagingError::KernelMismatch(format!(
            "the {name} set holds values that are not finite, or a flare of {} outside 0…1",
            set.flare
        )));
    }
    Ok(())
}
