//! The whole cell as a small drawing, for the overview map.

use lithoscope_engine::layout::{Bounds, Region};

use super::super::canvas::Pen;
use super::LayoutView;

/// Shapes drawn at most; a map needs no more.
const MOST: usize = 3000;

/// Draws the largest shapes of what is shown, those that the map can show at all.
pub fn draw(view: &LayoutView, nm_per_point: f64, pen: &mut Pen<'_>) {
    let unit = view.layout.unit_nm;
    let extent = view.extent();
    let scaled = |p: [f64; 2]| p.map(|v| v / unit);
    let window = Bounds { min: scaled(extent.min), max: scaled(extent.max) };
    let layers: Vec<_> = view.layers.visible().collect();
    let each = MOST / layers.len().max(1) + 1;
    for layer in layers {
        let min_size = 3.0 * nm_per_point / unit;
        let region = Region { min_size, depth: view.levels(), ..Region::new(window, layer) };
        for found in view.layout.shapes_in(view.root, region).take(each) {
            pen.line(found.ring().into_iter().map(|p| p.map(|v| v * unit)), 1.0, true);
        }
    }
}
