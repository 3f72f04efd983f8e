//! From a mask to its aerial image and back.

mod bias;
mod contour;
mod cut;
mod error;
mod field;
mod imager;
mod on_device;
mod pictures;
mod process;
mod spectrum;
mod stack;
mod tone;

pub use contour::contours;
pub use cut::{CutLine, CutProfile, EdgeQuality, contrast, quality};
pub use error::ImagingError;
pub use imager::Imager;
pub use lithoscope_kernels::cells::CellPlan;
pub use lithoscope_kernels::line::{Crossing, LineImage, LinePlan};
pub use lithoscope_kernels::printed::{Bits, PrintPlan};
pub use lithoscope_kernels::resample::{Points, Resampler};
pub use lithoscope_kernels::spectrum::Edge;
pub(crate) use on_device::optics;
pub use pictures::DevicePictures;
pub use process::{CornerList, Focus, Grid, Process, ProcessCorner, SpectrumForm};
pub use stack::FocusStack;
pub use tone::{MaskTone, Transmittance};
