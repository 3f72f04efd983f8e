//! Recipes: everything that decides a result, as TOML.

mod check;
mod edit;
mod methods;
mod optics;
mod registry;
mod tables;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::OpcError;
use crate::imaging::MaskTone;
use crate::mask::FragmentRules;
use crate::optics::OpticalModel;

pub use methods::{Bias, Feedback, LevelSet, OpcMethod, Pixels, Start};
pub use optics::{KernelSource, Optics};
pub use registry::{CHOICES, Choice, PARAMETERS, Parameter, STAGE_PARAMETERS};
pub use tables::{
    AssistAction, AssistMethod, Assists, Corner, Corners, Descent, MaskRules, Objective, Optimiser,
    OutputLayers, Resist, Scoring, Stage,
};

/// A whole recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name, as `--recipe` takes it.
    pub name: String,
    /// One sentence for lists and tooltips.
    pub summary: String,
    /// How the mask is found.
    #[serde(default, skip_serializing_if = "OpcMethod::is_default")]
    pub method: OpcMethod,
    /// Where the kernels come from.
    pub optics: Optics,
    /// What the mask's features and background let through; clear features on an opaque mask
    /// unless said otherwise.
    #[serde(default)]
    pub mask: MaskTone,
    /// Process corners.
    pub corners: Corners,
    /// Resist.
    pub resist: Resist,
    /// Fragmentation.
    pub fragments: FragmentRules,
    /// Objective weights.
    pub objective: Objective,
    /// Optimiser.
    pub optimiser: Optimiser,
    /// EPE feedback.
    #[serde(default)]
    pub feedback: Feedback,
    /// Bias by rule.
    #[serde(default)]
    pub bias: Bias,
    /// The field of pixel and level-set ILT.
    #[serde(default)]
    pub pixels: Pixels,
    /// Level-set ILT.
    #[serde(default)]
    pub level_set: LevelSet,
    /// SRAFs.
    #[serde(default)]
    pub assists: Assists,
    /// The last descent.
    #[serde(default)]
    pub descent: Descent,
    /// Mask rules kept at every step.
    pub rules: MaskRules,
    /// How a mask is judged.
    pub scoring: Scoring,
    /// Layers of the written mask.
    pub output: OutputLayers,
}

/// Recipes that come with the program, name and text; the first is the default.
const BUILT_IN: &[(&str, &str)] = &[
    ("contest-like", include_str!("../../../../assets/recipes/contest-like.toml")),
    ("iccad13", include_str!("../../../../assets/recipes/iccad13.toml")),
    ("iccad13-fast", include_str!("../../../../assets/recipes/iccad13-fast.toml")),
    ("iccad13-lean", include_str!("../../../../assets/recipes/iccad13-lean.toml")),
    ("iccad13-no-sraf", include_str!("../../../../assets/recipes/iccad13-no-sraf.toml")),
    ("iccad13-robust", include_str!("../../../../assets/recipes/iccad13-robust.toml")),
    ("iccad13-feedback", include_str!("../../../../assets/recipes/iccad13-feedback.toml")),
    ("iccad13-rules", include_str!("../../../../assets/recipes/iccad13-rules.toml")),
    ("iccad13-pixel-ilt", include_str!("../../../../assets/recipes/iccad13-pixel-ilt.toml")),
    ("iccad13-level-set", include_str!("../../../../assets/recipes/iccad13-level-set.toml")),
    ("immersion-annular", include_str!("../../../../assets/recipes/immersion-annular.toml")),
    ("immersion-dipole", include_str!("../../../../assets/recipes/immersion-dipole.toml")),
    ("via", include_str!("../../../../assets/recipes/via.toml")),
];

/// Largest recipe file that is read, bytes.
const MAX_FILE: u64 = 1 << 20;

impl Recipe {
    /// The recipe of a first run: needs no data files.
    pub const DEFAULT: &'static str = "contest-like";

    /// Names of the recipes that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The TOML text, with its comments, of a recipe that comes with the program.
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
    }

    /// A recipe that comes with the program.
    ///
    /// # Errors
    /// No such name; the error lists those there are.
    pub fn named(name: &str) -> Result<Self, OpcError> {
        let text = Self::built_in_text(name).ok_or_else(|| OpcError::UnknownRecipe {
            name: name.to_owned(),
            known: Self::names().collect::<Vec<_>>().join(", "),
        })?;
        Self::parse(name, text)
    }

    /// Reads a recipe from a TOML file of at most 1 MiB.
    ///
    /// # Errors
    /// The file cannot be read, or as [`Recipe::parse`].
    pub fn load(path: &Path) -> Result<Self, OpcError> {
        let refused = |source| OpcError::Io { path: path.to_path_buf(), source };
        let origin = path.display().to_string();
        let mut bytes = Vec::new();
        File::open(path)
            .map_err(refused)?
            .take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(refused)?;
        if bytes.len() as u64 > MAX_FILE {
            let reason = "larger than 1 MiB: not a recipe".to_owned();
            return Err(OpcError::Recipe { name: origin, reason });
        }
        let text = String::from_utf8(bytes).map_err(|e| OpcError::Recipe {
            name: origin.clone(),
            reason: format!(
                "not UTF-8 text at byte {}; a recipe is a TOML file",
                e.utf8_error().valid_up_to()
            ),
        })?;
        Self::parse(&origin, &text)
    }

    /// A recipe by name or, where the text ends in `.toml` or holds a path separator, by file.
    ///
    /// # Errors
    /// As [`Recipe::named`] or [`Recipe::load`].
    pub fn open(name_or_file: &str) -> Result<Self, OpcError> {
        let path = Path::new(name_or_file);
        let is_file = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"))
            || path.components().count() > 1;
        if is_file { Self::load(path) } else { Self::named(name_or_file) }
    }

    /// Reads and checks a recipe from TOML text; `origin` names it in errors.
    ///
    /// # Errors
    /// Syntax, an unknown or missing field, or a value out of range.
    pub fn parse(origin: &str, text: &str) -> Result<Self, OpcError> {
        let refused = |reason| OpcError::Recipe { name: origin.to_owned(), reason };
        let recipe: Self = toml::from_str(text).map_err(|e| refused(in_one_line(&e, text)))?;
        check::check(&recipe).map_err(refused)?;
        Ok(recipe)
    }

    /// Checks every value against its allowed range.
    ///
    /// # Errors
    /// The first value out of range, with the range.
    pub fn validate(&self) -> Result<(), OpcError> {
        check::check(self).map_err(|reason| OpcError::Recipe { name: self.name.clone(), reason })
    }

    /// The lens and source that kernels are computed from; `None` where they are imported, or a
    /// preset is named that does not exist.
    pub fn optical_model(&self) -> Option<OpticalModel> {
        match &self.optics.kernels {
            KernelSource::Imported { .. } => None,
            KernelSource::Preset { preset } => OpticalModel::preset(preset),
            KernelSource::Model { model } => Some(model.clone()),
        }
    }

    /// Iterations of the stages.
    pub fn stage_steps(&self) -> usize {
        self.optimiser.stages.iter().map(|s| s.steps).fold(0, usize::saturating_add)
    }

    /// Most iterations of the whole schedule: the stages' and the last descent's, the first of which
    /// may be one in which SRAFs that print give way.
    pub fn total_steps(&self) -> usize {
        let has_assists = self.assists.method != AssistMethod::None && !self.method.is_free_form();
        let quiet = usize::from(has_assists);
        let starts = if self.method.is_free_form() { 0 } else { self.descent.starts };
        self.stage_steps() + quiet.max((starts + self.descent.passes) as usize)
    }
}

/// A TOML error with its line, the line's text and the reason, on one line.
fn in_one_line(error: &toml::de::Error, text: &str) -> String {
    let reason = error.message().lines().map(str::trim).collect::<Vec<_>>().join("; ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return reason;
    };
    let number = before.matches('\n').count() + 1;
    match text.lines().nth(number - 1).map(str::trim) {
        Some(line) if !line.is_empty() => format!("line {number} ({line}): {reason}"),
        _ => format!("line {number}: {reason}"),
    }
}

#[cfg(test)]
mod tests;
