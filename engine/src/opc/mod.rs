//! Optical proximity correction: recipes, and runs that are values to step through.

mod adam;
mod assists;
mod descent;
mod epoch;
mod error;
mod evaluate;
mod probes;
mod process;
mod recipe;
mod run;
mod saved;

pub use error::OpcError;
pub use process::{load_focuses, load_process};
pub use recipe::{
    AssistAction, AssistMethod, Assists, CHOICES, Choice, Corner, Corners, Descent, KernelSource,
    MaskRules, Objective, Optics, Optimiser, OutputLayers, PARAMETERS, Parameter, Recipe, Resist,
    STAGE_PARAMETERS, Scoring, Stage,
};
pub use run::{
    BrokenRule, EpeLeft, FailedShape, FragmentGradient, Iteration, LossTerms, OpcRun, Statement,
};
pub use saved::{SavedRun, SavedRunError};
