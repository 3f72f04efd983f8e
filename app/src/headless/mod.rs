//! Work without a window: choosing a clip, running a correction, judging, drawing and reporting.

pub mod bench;
mod correction;
mod cut;
mod developer;
mod device;
mod gauges;
mod interrupt;
mod judge;
mod optics;
mod pairs;
mod picture;
mod plot;
mod prepare;
mod report;
mod resist;
mod section;
pub mod strip;
mod window;

pub use correction::{Corrected, Course, correct, correct_along};
pub use cut::{Cut, PlaneCut};
pub use developer::Developer;
pub use device::{Backend, Taken, devices, take, take_from, title};
pub use gauges::{default_gauges, drawn_width};
pub use interrupt::INTERRUPTED;
pub use judge::{Verdict, judge};
pub use optics::{source_map, write_kernels, write_optics};
pub use pairs::{aerial_image, read_pair, read_pairs};
pub use picture::{Colours, Scene, aerial, map, picture_grid, png, printed};
pub use plot::{Curve, Plot};
pub use prepare::{ClipChoice, Prepared, cache_dir, choose_clip, prepare, prepare_saved};
pub use report::{
    Best, ClipFacts, CorrectionReport, Judged, KernelFacts, PROGRAM, ProcessFacts, Seconds,
    peak_memory_bytes,
};
pub use resist::{Print, VOLUME_PIXEL_NM, calibration_start, print, print_level};
pub use section::{Section, SectionError, profile_along, section};
pub use window::{
    GaugeFigures, QUOTED_LATITUDE, WindowReport, focus_stack, usual_doses, usual_focuses,
};
