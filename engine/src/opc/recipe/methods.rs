//! The ways to find a mask, and the tables of those other than exact edge gradients.

use serde::{Deserialize, Serialize};

/// How the mask is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpcMethod {
    /// Fragments move by exact gradients of the loss.
    #[default]
    EdgeGradient,
    /// Fragments move by their EPE over their MEEF.
    Feedback,
    /// Fragments move to biases by rule.
    Rules,
    /// The outline of a smoothed field on square cells, by exact gradients.
    PixelIlt,
    /// The outline of a signed distance that moves by the loss's gradient and its curvature.
    LevelSet,
}

impl OpcMethod {
    /// Whether the mask is the outline of a field: such runs have no offsets and no SRAFs apart
    /// from the mask's other polygons.
    pub fn is_free_form(self) -> bool {
        matches!(self, Self::PixelIlt | Self::LevelSet)
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What fragments start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// One offset for all.
    #[default]
    Even,
    /// The biases of the rule table.
    Bias,
}

impl Start {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Feedback: each fragment moves by gain · EPE / MEEF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feedback {
    /// Share of the EPE made good in one iteration.
    pub gain: f64,
    /// The same for fragments next to a corner.
    pub corner_gain: f64,
    /// Least value that a fragment's own MEEF is taken as.
    pub min_meef: f64,
    /// Above 0, all fragments are moved together by the matrix of MEEFs, damped by this share of
    /// its typical column.
    pub damping: f64,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { gain: 0.5, corner_gain: 0.2, min_meef: 0.5, damping: 0.0 }
    }
}

/// Biases by rule: classes of fragments and their offsets, nm outward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bias {
    /// An edge whose space outward is below `dense_below_nm`.
    pub dense_nm: f64,
    /// An edge between dense and isolated.
    pub middle_nm: f64,
    /// An edge whose space outward is at least `isolated_above_nm`.
    pub isolated_nm: f64,
    /// Spaces below this are dense, nm.
    pub dense_below_nm: f64,
    /// Spaces of at least this are isolated, nm.
    pub isolated_above_nm: f64,
    /// Shapes narrower than this behind an edge are narrow, nm.
    pub narrow_below_nm: f64,
    /// Added for an edge of a narrow shape.
    pub narrow_extra_nm: f64,
    /// A line end.
    pub line_end_nm: f64,
    /// Added next to a convex corner.
    pub convex_nm: f64,
    /// Added next to a concave corner.
    pub concave_nm: f64,
}

impl Default for Bias {
    fn default() -> Self {
        Self {
            dense_nm: 4.0,
            middle_nm: 8.0,
            isolated_nm: 12.0,
            dense_below_nm: 90.0,
            isolated_above_nm: 180.0,
            narrow_below_nm: 90.0,
            narrow_extra_nm: 2.0,
            line_end_nm: 25.0,
            convex_nm: 10.0,
            concave_nm: -8.0,
        }
    }
}

/// The field whose outline is the mask, and how polygons are made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pixels {
    /// Cell of the finest field, nm.
    pub cell_nm: f64,
    /// Grids from coarse to fine.
    pub levels: u32,
    /// Pixel ILT: standard deviation of the Gaussian over the parameters, nm.
    pub smooth_nm: f64,
    /// Pixel ILT: depth of the field over which a cell opens, at the start, nm.
    pub first_softness_nm: f64,
    /// The same at the end, nm.
    pub last_softness_nm: f64,
    /// Depth at which the first field is cut, nm.
    pub depth_nm: f64,
    /// Last iterations that follow the loss of the cleaned polygons.
    pub hard_steps: u32,
    /// Cell of the cleaned polygons, nm.
    pub snap_nm: f64,
    /// Least area of an island of the cleaned mask, nm².
    pub least_area_nm2: f64,
}

impl Default for Pixels {
    fn default() -> Self {
        Self {
            cell_nm: 8.0,
            levels: 2,
            smooth_nm: 16.0,
            first_softness_nm: 16.0,
            last_softness_nm: 6.0,
            depth_nm: 24.0,
            hard_steps: 60,
            snap_nm: 4.0,
            least_area_nm2: 1600.0,
        }
    }
}

/// How the outline of a signed distance moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LevelSet {
    /// Speed of the flow by curvature, nm² an iteration.
    pub curvature: f64,
    /// Standard deviation of the Gaussian over the speed, nm.
    pub smooth_nm: f64,
    /// Share of the last speed that is kept.
    pub momentum: f64,
    /// Every how many iterations the field is made the signed distance again.
    pub redistance_every: u32,
}

impl Default for LevelSet {
    fn default() -> Self {
        Self { curvature: 2.0, smooth_nm: 12.0, momentum: 0.7, redistance_every: 5 }
    }
}
