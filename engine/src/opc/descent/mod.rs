//! The last descent: whole-nm moves that lower the true metrics.
//!
//! Around a mask, contours move by what intensities change, and these by what fragments move:
//! d_p = Σ_i J_pi·Δ_i with J_pi = (∂I_p/∂offset_i) / |∇I_p|. So the true L2 is a sum over pieces of
//! the nominal contour of what each covers or uncovers, the PV band is linear in the moves, and
//! gauges tip where their probes cross the threshold. A search over whole-nm moves on that model
//! costs about a microsecond a move; after each pass the mask is judged exactly, and a pass that
//! did not help is made again with shorter moves.

mod contour;
mod model;
mod search;
mod tally;

pub(super) use model::{Model, ModelInput};
pub(super) use search::{Limits, promising, search};
