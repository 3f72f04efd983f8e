//! From a mask to its aerial image and back.

mod contour;
mod error;
mod imager;
mod process;

pub use contour::contours;
pub use error::ImagingError;
pub use imager::Imager;
pub use lithoscope_kernels::printed::{Bits, PrintPlan};
pub use lithoscope_kernels::resample::{Points, Resampler};
pub use lithoscope_kernels::spectrum::Edge;
pub use process::{Focus, Grid, Process, SpectrumForm};
