//! The PV band of any list of process corners.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::VerifyError;
use super::error::require;
use crate::imaging::{Bits, FocusStack, Grid};

/// A process corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CornerSpec {
    /// Dose relative to nominal; scales intensity.
    pub dose: f64,
    /// Focus plane of the stack.
    pub plane: usize,
}

/// Where some corners print and others do not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PvBand {
    /// Area of the band, nm².
    pub area_nm2: f64,
    /// Pixels that print at one corner at least.
    #[serde(skip)]
    pub anywhere: Bits,
    /// Pixels that print at every corner.
    #[serde(skip)]
    pub everywhere: Bits,
}

impl PvBand {
    /// The band's pixels, `[ny, nx]`.
    pub fn pixels(&self) -> Array2<bool> {
        let inside = |(y, x)| self.anywhere.get(y, x) && !self.everywhere.get(y, x);
        Array2::from_shape_fn(self.anywhere.shape(), inside)
    }
}

/// The PV band of a stack's current images over some corners, on the pixels of a grid: a pixel
/// prints where intensity × dose ≥ `level` at its centre. The band of one corner is empty.
///
/// # Errors
/// No corner, a dose or level not above 0, a plane the stack does not have, or too many pixels.
pub fn pv_band_of(
    stack: &FocusStack,
    corners: &[CornerSpec],
    level: f64,
    grid: &Grid,
) -> Result<PvBand, VerifyError> {
    require(level > 0.0 && level <= 1e6, "level", level, "above 0, at most 1000000")?;
    require(!corners.is_empty(), "number of corners", 0.0, "at least 1")?;
    let pixel = grid.pixel_nm;
    require(pixel > 0.0 && pixel.is_finite(), "pixel_nm", pixel, "above 0")?;
    let mut plan = stack.print_plan(grid)?;
    let blank = Bits::zeros(grid.ny, grid.nx);
    let mut total: Option<(Bits, Bits)> = None;
    for corner in corners {
        require(
            corner.dose > 0.0 && corner.dose <= 1e6,
            "dose",
            corner.dose,
            "above 0, at most 1000000",
        )?;
        let mut printed = [blank.clone()];
        plan.print(stack.exact(corner.plane)?, &[(level / corner.dose) as f32], &mut printed);
        let [printed] = printed;
        match &mut total {
            None => total = Some((printed.clone(), printed)),
            Some((anywhere, everywhere)) => {
                anywhere.unite(&printed);
                everywhere.intersect(&printed);
            }
        }
    }
    let (anywhere, everywhere) = total.unwrap_or_else(|| (blank.clone(), blank));
    let area_nm2 = anywhere.differing(&everywhere) as f64 * pixel * pixel;
    Ok(PvBand { area_nm2, anywhere, everywhere })
}
