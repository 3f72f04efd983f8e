//! Work without a window: choosing a clip, running a correction, judging, drawing and reporting.

mod correction;
mod judge;
mod picture;
mod plot;
mod prepare;
mod report;

pub use correction::{Corrected, correct};
pub use judge::{Verdict, judge};
pub use picture::{Colours, Scene, aerial, map, picture_grid, png, printed};
pub use plot::{Curve, Plot};
pub use prepare::{ClipChoice, Prepared, cache_dir, choose_clip, prepare};
pub use report::{
    Best, ClipFacts, CorrectionReport, Judged, KernelFacts, PROGRAM, ProcessFacts, Seconds,
    peak_memory_bytes,
};
