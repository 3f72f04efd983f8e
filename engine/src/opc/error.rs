//! What can go wrong in a run.

use std::path::PathBuf;

use super::SavedRunError;
use crate::geometry::Rect;
use crate::imaging::ImagingError;
use crate::mask::MaskError;
use crate::optics::OpticsError;
use crate::verify::VerifyError;

/// A recipe or run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum OpcError {
    /// A recipe file or text is not valid.
    #[error("recipe {name}: {reason}")]
    Recipe {
        /// Name or file.
        name: String,
        /// What is wrong, with the parameter and its allowed range.
        reason: String,
    },
    /// No recipe of this name.
    #[error("no recipe named '{name}'; known: {known}")]
    UnknownRecipe {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The recipe reads kernels from files and no folder was given.
    #[error(
        "recipe {recipe} reads kernels from files; give the folder that holds kernels_focus.npy, scales_focus.npy, kernels_defocus.npy and scales_defocus.npy (--kernels DIR)"
    )]
    KernelsNeeded {
        /// The recipe.
        recipe: String,
    },
    /// Imported kernels do not have this focus.
    #[error(
        "recipe {recipe} imports kernels for best focus and for {corner_nm} nm of defocus, not for {defocus_nm} nm; ask for 0 or {corner_nm}, or take a recipe with computed optics"
    )]
    FocusUnknown {
        /// The recipe.
        recipe: String,
        /// What was asked for, nm.
        defocus_nm: f64,
        /// What there is beside best focus, nm.
        corner_nm: f64,
    },
    /// What is drawn lets less light through than what lies about it.
    #[error(
        "recipe {recipe}: the mask's features are darker than its background; correction prints bright features, so let mask.feature be the brighter one"
    )]
    DarkFeatures {
        /// The recipe.
        recipe: String,
    },
    /// A shape of the target lies outside the field.
    #[error(
        "polygon {polygon} reaches ({}, {}) to ({}, {}) nm, beyond the imaged field ({}, {}) to ({}, {}) nm; cut the clip to its window",
        bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y, field.min.x, field.min.y, field.max.x, field.max.y
    )]
    OutsideField {
        /// Index of the polygon in the clip.
        polygon: usize,
        /// Its bounding box, nm.
        bounds: Rect,
        /// The periodic field, nm.
        field: Rect,
    },
    /// A file could not be read.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// From the optics.
    #[error(transparent)]
    Optics(#[from] OpticsError),
    /// From imaging.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
    /// From the target.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// From the judge.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The field of a free-form method has too many cells.
    #[error(
        "the field would have {cells} cells, at most {limit} are taken; raise pixels.cell_nm or cut the clip"
    )]
    FieldTooLarge {
        /// Cells of the finest grid.
        cells: usize,
        /// Most that are taken.
        limit: usize,
    },
    /// No mask of a free-form run has any shape.
    #[error(
        "nothing of the field is as wide as the mask rules ask for, so the mask stayed empty; the target may be below resolution or narrower than rules.min_width_nm"
    )]
    EmptyMask,
    /// From a saved run.
    #[error(transparent)]
    Saved(#[from] SavedRunError),
    /// The loss is not a finite number any more.
    #[error(
        "iteration {iteration}: the loss is not finite; lower the optimiser's step or check the kernels"
    )]
    Diverged {
        /// Which iteration.
        iteration: usize,
    },
}
