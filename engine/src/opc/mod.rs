//! Optical proximity correction: recipes, and runs that are values to step through.

mod adam;
mod assists;
mod batch;
mod descent;
mod epoch;
mod error;
mod evaluate;
mod methods;
mod on_device;
mod probes;
mod process;
mod recipe;
mod run;
mod saved;

pub use batch::{BatchRun, OpcBatch};
pub use error::OpcError;
pub use evaluate::ProcessorStage;
pub use process::{load_focuses, load_process};
pub use recipe::{
    AssistAction, AssistMethod, Assists, Bias, CHOICES, Choice, Corner, Corners, Descent, Feedback,
    KernelSource, LevelSet, MaskRules, Objective, OpcMethod, Optics, Optimiser, OutputLayers,
    PARAMETERS, Parameter, Pixels, Recipe, Resist, STAGE_PARAMETERS, Scoring, Stage, Start,
};
pub use run::{
    BrokenRule, CornerShare, EpeLeft, FailedShape, FragmentExplanation, FragmentGradient,
    GaugeInfluence, GaugeReport, Influence, Iteration, LossTerms, Moment, OpcRun, SeedMap,
    Statement,
};
pub use saved::{SavedRun, SavedRunError};
