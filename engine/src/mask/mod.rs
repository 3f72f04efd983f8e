//! The mask as a person edits it: fragments of a target and their offsets.

mod error;
mod fragment;
mod moved;
mod ring;

pub use error::MaskError;
pub use fragment::{Axis, Fragment, FragmentKind, FragmentRules, FragmentedTarget};
pub use moved::{MovedEdge, MovedEdges};
