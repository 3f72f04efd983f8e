//! From a mask to its aerial image and back.

mod contour;
mod error;
mod imager;

pub use contour::contours;
pub use error::ImagingError;
pub use imager::{Focus, Grid, Imager, Process, SpectrumForm};
