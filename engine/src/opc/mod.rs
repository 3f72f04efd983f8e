//! Optical proximity correction: recipes, and runs that are values to step through.

mod adam;
mod error;
mod evaluate;
mod process;
mod recipe;
mod run;

pub use error::OpcError;
pub use process::{load_focuses, load_process};
pub use recipe::{
    CHOICES, Choice, Corners, KernelSource, MaskRules, Objective, Optics, Optimiser, OutputLayers,
    PARAMETERS, Parameter, Recipe, Resist, STAGE_PARAMETERS, Scoring, Stage,
};
pub use run::{FragmentGradient, Iteration, LossTerms, OpcRun};
