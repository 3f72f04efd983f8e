//! Work without a window: choosing a clip, running a correction, drawing and reporting it.

mod correction;
mod picture;
mod prepare;
mod report;

pub use correction::{Corrected, correct};
pub use picture::{Scene, aerial, fill, picture_grid, png, printed};
pub use prepare::{ClipChoice, Prepared, cache_dir, choose_clip, prepare};
pub use report::{ClipFacts, CorrectionReport, KernelFacts, Seconds, peak_memory_bytes};
