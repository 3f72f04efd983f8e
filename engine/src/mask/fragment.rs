//! Fragments: pieces of target edges that move as one along their outward normals.

use serde::{Deserialize, Serialize};

use super::MaskError;
use crate::geometry::Polygon;

/// How target edges are cut, nm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FragmentRules {
    /// Length of a fragment next to a corner, nm.
    pub corner_nm: f64,
    /// Aimed length of the fragments between the corner fragments, nm.
    pub run_nm: f64,
    /// Edges shorter than this stay whole, nm.
    pub whole_below_nm: f64,
}

/// Direction of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The edge runs along x; it moves in y.
    Horizontal,
    /// The edge runs along y; it moves in x.
    Vertical,
}

/// What a fragment is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FragmentKind {
    /// A whole edge between two convex corners, short enough to be a line end.
    LineEnd,
    /// Next to a convex corner.
    ConvexCorner,
    /// Next to a concave corner.
    ConcaveCorner,
    /// Between corner fragments.
    Run,
}

/// A piece of a target edge. All coordinates are clip nm on the target (offset 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fragment {
    /// Polygon of the target.
    pub polygon: usize,
    /// Ring of that polygon, 0 = outer.
    pub ring: usize,
    /// Direction of the edge.
    pub axis: Axis,
    /// Sign of the outward normal along the moving coordinate: +1 or −1.
    pub outward: i32,
    /// The moving coordinate (x for vertical, y for horizontal) at offset 0.
    pub base: i32,
    /// Coordinate along the edge where the fragment starts, in ring order (interior to the left).
    pub from: i32,
    /// Coordinate along the edge where it ends, in ring order.
    pub to: i32,
    /// What it is part of.
    pub kind: FragmentKind,
}

/// A target cut into fragments, ring by ring, in ring order.
#[derive(Clone, Debug)]
pub struct FragmentedTarget {
    fragments: Vec<Fragment>,
}

impl FragmentedTarget {
    /// Cuts merged, disjoint target polygons into fragments.
    ///
    /// # Errors
    /// A slanted edge, a ring that touches itself, or nothing to cut.
    pub fn new(target: &[Polygon], rules: &FragmentRules) -> Result<Self, MaskError> {
        let _ = (target, rules);
        Err(MaskError::EmptyTarget)
    }

    /// Every fragment; offsets are indexed alike.
    pub fn fragments(&self) -> &[Fragment] {
        &self.fragments
    }

    /// The mask with whole-nm offsets: Manhattan, merged.
    pub fn polygons(&self, offsets: &[i16]) -> Vec<Polygon> {
        let _ = offsets;
        Vec::new()
    }
}
