//! The figures of one mask.

use serde::{Deserialize, Serialize};

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
