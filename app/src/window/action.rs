//! What panels ask the workbench for. Panels read state and emit actions; only the workbench acts.

use std::path::PathBuf;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::opc::Recipe;

use super::command::Command;
use super::dialogs::Purpose;
use super::viewer::Place;
use crate::headless::Backend;
use crate::worker::{Analysis, Conditions, Remedy, Source};

/// Something a panel asks for.
#[derive(Debug)]
pub enum Action {
    /// A command from toolbar, menu, palette or keys.
    Command(Command),
    /// Open this layout.
    Open(Source),
    /// Cut the clip that the chooser describes.
    Cut,
    /// Show this iteration.
    Show(usize),
    /// Use a recipe that comes with the program.
    PickRecipe(&'static str),
    /// Use this edited recipe.
    EditRecipe(Box<Recipe>),
    /// Take what computes iterations.
    UseBackend(Backend),
    /// A path was chosen.
    Path(Purpose, PathBuf),
    /// Give the path prompt up.
    ClosePrompt,
    /// Take a banner away.
    Dismiss(u64),
    /// Cut this window (nm) of the layout's active layer and work on it.
    CutHere(Rect),
    /// Move the layout's view to a place.
    GoTo(Place),
    /// Keep the layout's view under a name.
    AddBookmark(String),
    /// Go back to a view that was kept, by its place in the list.
    ShowBookmark(usize),
    /// Forget a view that was kept.
    RemoveBookmark(usize),
    /// Show the mask under these conditions.
    SetConditions(Conditions),
    /// Show the mask in a resist that has a film.
    UseFilm,
    /// Develop the resist along the cut line, which was given up before.
    Develop,
    /// Show the mask in a resist in three dimensions.
    UseVolume,
    /// Develop the block of resist anew.
    DevelopBlock,
    /// Ask for a path.
    Ask(Purpose),
    /// Show the mask in the resist that was calibrated.
    UseCalibrated,
    /// Ask about the shown mask.
    Analyse(Analysis),
    /// Do what a banner offers.
    Remedy(Remedy),
}
