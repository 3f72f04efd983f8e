//! Inner loops.

pub mod raster;
