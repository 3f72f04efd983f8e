//! EPE gauges: where edge placement is measured.

use serde::{Deserialize, Serialize};

/// A place on a target edge where EPE is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// Position on the target edge, clip nm.
    pub x_nm: f64,
    /// Position on the target edge, clip nm.
    pub y_nm: f64,
    /// Outward unit normal (one of ±x, ±y for Manhattan targets).
    pub normal: [f64; 2],
}

/// What one gauge reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaugeReading {
    /// Signed distance from target edge to printed contour along the normal, nm; positive where
    /// too much prints. `None` where no contour lies within the search range.
    pub epe_nm: Option<f32>,
    /// The contest's verdict: not printed one tolerance inside.
    pub inner_violation: bool,
    /// The contest's verdict: printed one tolerance outside.
    pub outer_violation: bool,
}
