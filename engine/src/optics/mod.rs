//! Optics: source and pupil to SOCS kernels, and kernels from files.
//!
//! All lengths are `f64` nm. A field of period P has bins of 1/P; a kernel set holds the bins
//! |m|, |n| ≤ K of each coherent kernel, so that
//! E_k(x) = Σ H_k\[n, m\] M̂\[n, m\] e^{2πi(mx + ny)/P} and I(x) = Σ_k s_k |E_k(x)|².

mod error;
mod kernels;
mod model;
mod npy;

pub use error::OpticsError;
pub use kernels::SocsKernels;
pub use model::{OpticalModel, Source};
