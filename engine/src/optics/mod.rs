//! Optics: source and pupil to SOCS kernels, and kernels from files.
//!
//! All lengths are `f64` nm. A field of period P has bins of 1/P; a kernel set holds the bins
//! |m|, |n| ≤ K of each coherent kernel, so that
//! E_k(x) = Σ H_k\[n, m\] M̂\[n, m\] e^{2πi(mx + ny)/P} and I(x) = Σ_k s_k |E_k(x)|².

mod cache;
mod class;
mod error;
mod gram;
mod kernels;
mod leading;
mod lens;
mod model;
mod npy;
mod picture;
mod polarisation;
mod pupil;
mod source;
mod symmetry;
mod tcc;
mod zernike;

#[cfg(test)]
mod abbe;
#[cfg(test)]
mod theory;

pub use error::OpticsError;
pub use kernels::SocsKernels;
pub use lens::{Apodisation, Lens};
pub use model::OpticalModel;
pub use npy::read as read_npy;
pub use picture::PupilMap;
pub use polarisation::Polarisation;
pub use source::Source;
