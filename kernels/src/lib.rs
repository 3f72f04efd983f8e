//! The inner loops of Lithoscope on plain arrays: mask spectra from edges, coherent fields and
//! their adjoint, band-limited resampling, the loss of a pixel, diffusion and moving fronts.
//!
//! Knows arrays and numbers, never layouts or recipes. Plans own their buffers: after the first
//! call a plan's `process`-like methods allocate nothing of their own.
//! Results do not depend on the number of threads: sums are taken in a fixed order.
//!
//! Conventions: a periodic field of period P is `[y, x]`, y up. A spectrum holds bins −K…K both
//! ways, `[n (y), m (x)]`, index K being bin 0. Positions are continuous; a pixel's value is taken
//! at its centre.

pub mod blur;
pub mod cells;
pub mod chebyshev;
pub mod corner_loss;
pub mod depth;
pub mod device;
pub mod diffuse;
pub mod eikonal;
pub mod fields;
pub mod images;
pub mod line;
pub mod loss;
pub mod maximum;
pub mod printed;
pub mod raster;
pub mod resample;
pub mod response;
pub mod spectrum;

mod sigmoid;

pub use sigmoid::sigmoid;
