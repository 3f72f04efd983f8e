//! Resist: from an aerial image to what is left of the film.

pub mod calibrate;
mod depth;
mod dill;
mod error;
pub mod film;
mod model;
mod parameter;
mod rate;
mod surface;
mod threshold;
mod tone;
mod vertical;
pub mod volume;

pub use depth::DepthTable;
pub use dill::{Dill, Exposure};
pub use error::ResistError;
pub use model::ResistModel;
pub use parameter::{Gradient, PARAMETER_COUNT, Parameter};
pub use rate::{RATE_PARAMETERS, Rate, RateModel};
pub use surface::Surface;
pub use threshold::{Threshold, VariableThreshold};
pub use tone::Tone;
pub use vertical::{Column, Depth, LayerRule, Level, VerticalResist};
