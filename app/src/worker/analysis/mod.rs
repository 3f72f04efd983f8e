//! Analyses of the shown mask: one module for each.
//!
//! To add one: a variant of [`Analysis`] for what the window asks, one of [`Finding`] for the
//! answer, a module that makes one from the other, and a job of the engine's desk.

pub mod block;
pub mod cut;
pub mod difference;
pub mod level;
pub mod maps;
pub mod optics;
pub mod rules;
pub mod section;
mod volume;
pub mod why;
pub mod window;

use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::imaging::CutLine;

pub use block::{Block, BlockOutcome, place as block_place};
pub use cut::CutFinding;
pub use difference::Difference;
pub use level::Level;
pub use maps::{Maps, SeedPicture, WantedMaps};
pub use optics::{LensPictures, OpticsPictures};
pub use rules::RuleMarker;
pub use section::{Section, SectionOutcome};
pub use why::{Ask, Explanation, Why};
pub use window::WindowOutcome;

/// What the window asks about the shown mask. It stands until it is asked anew: the answer is made
/// again whenever mask or conditions change.
#[derive(Clone, Debug, PartialEq)]
pub enum Analysis {
    /// Light and resist along a line, or no longer.
    CutLine(Option<CutLine>),
    /// Whether the resist's cross-section along the cut line is wanted: it costs more than light.
    Section(bool),
    /// Take up the cross-section that was given up.
    SectionAgain,
    /// Whether pictures of source and pupil are wanted.
    Optics(bool),
    /// Whether the process window is wanted.
    ProcessWindow(bool),
    /// The resist in three dimensions at a place (clip nm), or no longer; the same place again has
    /// it made anew.
    Block(Option<Rect>),
    /// Why a fragment or gauge is as it is, or no longer.
    Why(Option<Ask>),
    /// Which maps of the loss are wanted.
    Maps(WantedMaps),
}

impl Analysis {
    /// Its kind: a new one of a kind replaces the one that waits.
    pub fn kind(&self) -> Discriminant<Self> {
        discriminant(self)
    }
}

/// What an analysis found.
#[derive(Clone, Debug)]
pub enum Finding {
    /// Light along the cut line.
    Cut(Box<CutFinding>),
    /// The resist's cross-section there.
    Section(Box<SectionOutcome>),
    /// Source and pupil as pictures.
    Optics(Box<OpticsPictures>),
    /// The process window.
    Window(Arc<WindowOutcome>),
    /// A block of the resist.
    Block(Box<BlockOutcome>),
    /// Why a fragment or gauge is as it is.
    Why(Box<Explanation>),
    /// Maps of the loss.
    Maps(Arc<Maps>),
    /// Where two masks and what they print differ.
    Difference(Arc<Difference>),
}

impl Finding {
    /// Its kind: a new one of a kind replaces the one nobody has looked at.
    pub fn kind(&self) -> Discriminant<Self> {
        discriminant(self)
    }
}
