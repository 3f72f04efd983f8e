//! The mask as a person edits it: fragments of a target, their offsets, and the rules they keep.

mod areas;
mod cuts;
mod ends;
mod error;
mod fragment;
mod held;
mod keeper;
mod kept;
mod moved;
pub(crate) mod near;
mod overlap;
mod plan;
mod projection;
mod ring;
mod settle;
mod standing;

pub use error::MaskError;
pub use fragment::{Axis, Fragment, FragmentKind, FragmentRules, FragmentedTarget};
pub use held::{Held, HeldBy};
pub use keeper::{AssistLimits, RuleKeeper, RuleLimits};
pub use kept::RulesKept;
pub use moved::{Coordinate, EdgeCourse, MovedEdge, MovedEdges};
#[cfg(test)]
pub(crate) use ring::contact;
