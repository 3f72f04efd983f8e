//! Where to look first in a layout.

use super::affine::Bounds;
use super::query::Region;
use super::{CellId, Clip, Layer, Layout, LayoutError};
use crate::geometry::Rect;

/// Bins a side in each search; few enough to be quick, many enough to close in fast.
const MOST_BINS: usize = 256;

/// Shapes looked at in each search. A larger layout is judged by the first of them.
const MOST_SHAPES: usize = 500_000;

pub(super) fn default_clip(layout: &Layout, largest_nm: i32) -> Result<Clip, LayoutError> {
    let (cell, layer) =
        likeliest(layout).ok_or_else(|| LayoutError::NoShapes { layout: layout.name.clone() })?;
    densest_clip(layout, cell, layer, largest_nm)
}

pub(super) fn densest_clip(
    layout: &Layout,
    cell: CellId,
    layer: Layer,
    largest_nm: i32,
) -> Result<Clip, LayoutError> {
    let whole = layout.bounding_box_nm(cell, Some(layer));
    let largest = i64::from(largest_nm.max(1));
    match whole {
        Some(r) if !layout.contest && r.width().max(r.height()) > largest => {
            let window = densest_window(layout, cell, layer, r, largest);
            layout.clip(cell, layer, Some(window))
        }
        _ => layout.clip(cell, layer, None),
    }
}

/// The first top cell with a shape, and its layer with most shapes.
fn likeliest(layout: &Layout) -> Option<(CellId, Layer)> {
    layout.top_cells().iter().find_map(|&cell| {
        let counts = layout.layers(cell);
        let (layer, _) =
            counts.into_iter().min_by_key(|&(layer, n)| (std::cmp::Reverse(n), layer))?;
        Some((cell, layer))
    })
}

/// Closes in on the pair of bins, per axis, with most vertices until it is of the wanted size.
fn densest_window(layout: &Layout, cell: CellId, layer: Layer, whole: Rect, size: i64) -> Rect {
    let mut region = whole;
    let smallest = (size / 2).max(1);
    loop {
        let extent = region.width().max(region.height());
        let bin = (extent / MOST_BINS as i64 + 1).max(smallest);
        let block = densest_block(layout, cell, layer, region, bin);
        if bin == smallest {
            return within(block, whole, size);
        }
        region = block;
    }
}

/// A window of the given size about the middle of a block, moved so as not to look past the whole.
fn within(block: Rect, whole: Rect, size: i64) -> Rect {
    let place = |low: i32, high: i32, first: i32, last: i32| {
        let (first, last) = (i64::from(first), i64::from(last));
        let length = size.min(last - first);
        let start = (i64::from(low) + i64::from(high) - length).div_euclid(2);
        let start = start.clamp(first, last - length);
        (start as i32, (start + length) as i32)
    };
    let (x0, x1) = place(block.min.x, block.max.x, whole.min.x, whole.max.x);
    let (y0, y1) = place(block.min.y, block.max.y, whole.min.y, whole.max.y);
    Rect::new(x0, y0, x1, y1)
}

/// The two-by-two block of bins with most vertices; shapes count where their middle is.
fn densest_block(layout: &Layout, cell: CellId, layer: Layer, region: Rect, bin: i64) -> Rect {
    let count = |length: i64| (length / bin + 1).clamp(2, MOST_BINS as i64 + 1) as usize;
    let (columns, rows) = (count(region.width()), count(region.height()));
    let mut bins = vec![0u64; columns * rows];
    // What is beyond the first of very many shapes hardly changes where most of them are.
    let region_dbu = Region::new(Bounds::of_window(region, layout.unit_nm), layer);
    for found in layout.shapes_in(cell, region_dbu).take(MOST_SHAPES) {
        let at = Bounds::of(found.shape.geometry.bounding_box()).mapped(&found.map());
        let bin_at = |axis: usize, low: i32| {
            let middle = f64::midpoint(at.min[axis], at.max[axis]);
            ((middle * layout.unit_nm - f64::from(low)) / bin as f64).floor()
        };
        let (i, j) = (bin_at(0, region.min.x), bin_at(1, region.min.y));
        if i >= 0.0 && j >= 0.0 && i < columns as f64 && j < rows as f64 {
            let vertices = found.shape.geometry.ring().0.len() as u64;
            bins[j as usize * columns + i as usize] += vertices;
        }
    }
    let score = |i: usize, j: usize| {
        let at = |i: usize, j: usize| bins[j * columns + i];
        at(i, j) + at(i + 1, j) + at(i, j + 1) + at(i + 1, j + 1)
    };
    let blocks = (0..rows - 1).flat_map(|j| (0..columns - 1).map(move |i| (i, j)));
    let best = blocks.min_by_key(|&(i, j)| std::cmp::Reverse(score(i, j)));
    let (i, j) = best.unwrap_or((0, 0));
    let corner = |low: i32, index: usize| {
        let start = i64::from(low) + index as i64 * bin;
        let clamp = |v: i64| v.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        (clamp(start), clamp(start + 2 * bin))
    };
    let ((x0, x1), (y0, y1)) = (corner(region.min.x, i), corner(region.min.y, j));
    Rect::new(x0, y0, x1, y1)
}
