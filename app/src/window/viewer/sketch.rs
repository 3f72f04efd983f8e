//! The whole cell as a small drawing, for the overview map.

use lithoscope_engine::layout::{Bounds, Region};

use super::super::canvas::Pen;
use super::LayoutView;

/// Shapes drawn at most; a map needs no more.
const MOST: usize = 3000;
/// Sizes on the map, points, below which shapes are left out: the first that gives few enough.
const SIZES: [f64; 5] = [3.0, 6.0, 12.0, 24.0, 48.0];

/// Draws the largest shapes of what is shown, those that the map can show at all.
pub fn draw(view: &LayoutView, nm_per_point: f64, pen: &mut Pen) {
    let unit = view.layout.unit_nm;
    let rings = SIZES
        .iter()
        .map(|size| rings(view, size * nm_per_point / unit))
        .find(|rings| rings.len() < MOST);
    for ring in rings.unwrap_or_default() {
        pen.line(ring.into_iter().map(|p| p.map(|v| v * unit)), 1.0, true);
    }
}

/// Visible shapes of at least a size (database units), at most [`MOST`].
fn rings(view: &LayoutView, min_size: f64) -> Vec<Vec<[f64; 2]>> {
    let unit = view.layout.unit_nm;
    let extent = view.extent();
    let scaled = |p: [f64; 2]| p.map(|v| v / unit);
    let window = Bounds { min: scaled(extent.min), max: scaled(extent.max) };
    let shapes = view.layers.visible().flat_map(|layer| {
        let region = Region { min_size, depth: view.levels(), ..Region::new(window, layer) };
        view.layout.shapes_in(view.root, region)
    });
    shapes.take(MOST).map(|found| found.ring()).collect()
}
