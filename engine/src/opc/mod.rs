//! Optical proximity correction: recipes, and runs that are values to step through.

mod error;
mod process;
mod recipe;
mod run;

pub use error::OpcError;
pub use process::load_process;
pub use recipe::{
    Corners, KernelSource, MaskRules, Objective, Optics, Optimiser, OutputLayers, Recipe, Resist,
    Scoring, Stage,
};
pub use run::{FragmentGradient, Iteration, LossTerms, OpcRun};
