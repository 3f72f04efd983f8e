//! The physics of Lithoscope: layout, optics, imaging, masks, verification and OPC.
//!
//! One way through: file → [`layout::Layout`] → [`layout::Clip`] → mask → aerial image → verdict.
//! The crate knows no window, reads no clock and prints nothing; every failure is a typed error.

pub mod geometry;
pub mod imaging;
pub mod layout;
pub mod mask;
pub mod opc;
pub mod optics;
pub mod resist;
pub mod verify;

/// Devices that work may be handed to, and the coverage of pixels.
pub use lithoscope_kernels::{device, raster};
