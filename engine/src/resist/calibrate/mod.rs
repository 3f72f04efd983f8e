//! Calibration: the parameters of a vertical resist from what it printed.
//!
//! From pairs (aerial image, printed image) by [`Calibration`]: Adam on the cross-entropy of the
//! printed image. The depth of a pixel depends on its intensity alone, so that the loss and its
//! gradient in every chemical parameter need only the joint histogram of (intensity, printed); with
//! diffusion free, the histogram is that of the blurred image, and each pixel's ∂I/∂σ (the heat
//! equation's σ∇²I) is summed by bin beside it. From widths measured on the wafer by
//! [`EdgeCalibration`]: least squares on CD residuals.
//!
//! What pairs can tell: without diffusion, only the equivalent level, since a vertical resist is a
//! constant threshold at the image's own resolution; parameters that move the level alike share
//! out the credit. Diffusion is the one parameter that changes which shapes print.

mod baseline;
mod edges;
mod epe;
mod fit;
mod histogram;
mod least_squares;
mod pairs;
mod report;
mod scale;
mod tables;

pub use baseline::{fit_threshold, fit_variable_threshold};
pub use edges::{EdgeImage, Measurement, Prints};
pub use epe::{EdgeErrors, edge_errors};
pub use fit::{Calibration, CalibrationOptions, CalibrationState, CalibrationStep};
pub use least_squares::{EdgeCalibration, EdgeStep, EdgeSummary};
pub use pairs::Pair;
pub use report::{CalibrationReport, ModelScore, Score};
pub use tables::{CdRow, GaugeRow, read_cd_table, read_gauges};

#[cfg(test)]
mod tests;
