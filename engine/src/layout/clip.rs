//! A clip: a window of one layer, flattened, merged, in integer nm.

use serde::{Deserialize, Serialize};

use super::affine::{Affine, Bounds};
use super::gds::hole_free;
use super::query::Region;
use super::{Cell, CellId, Layer, Layout, LayoutError};
use crate::geometry::{Point, Polygon, Rect, clip_to, crossing_bound};

/// What imaging and OPC work on. Coordinates are integer nm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// Name for titles and reports: the file's stem, and the cell where the file has several.
    pub name: String,
    /// The layer it was cut from.
    pub layer: Layer,
    /// The window, nm. For a contest clip the canvas 0…2048 with the shapes centred in it.
    pub window: Rect,
    /// Merged, disjoint polygons, nm.
    pub polygons: Vec<Polygon>,
    /// Largest shift that rounding to whole nm caused, in nm (0 where the file is on a 1 nm grid).
    pub rounding_nm: f64,
}

impl Clip {
    /// The clip as a layout of one cell on its own layer, 1 nm a unit; polygons with holes are cut
    /// into pieces. `None` where that is more than a cell holds.
    pub fn to_layout(&self) -> Option<Layout> {
        let mut cell = Cell::new(self.name.clone());
        for polygon in &self.polygons {
            for ring in hole_free(polygon)? {
                cell.on(self.layer).push_polygon(&ring).ok()?;
            }
        }
        Some(Layout::new(self.name.clone(), 1.0, vec![cell]))
    }
}

/// Side of the contest's canvas, nm.
const CANVAS_NM: i64 = 2048;

/// Shapes, and their vertices, that a window may hold: hundreds of times those of any field that
/// is imaged, and few enough that merging them ends in seconds.
const MOST_SHAPES: usize = 1_000_000;
const MOST_VERTICES: usize = 20_000_000;

/// Edges that may meet in a window beyond some neighbours for each: what merging takes in time and
/// memory grows with their crossings, of which a small file can ask for any number.
const MOST_CROSSINGS: u64 = 5_000_000;
const NEIGHBOURS: u64 = 4;

pub(super) fn cut(
    layout: &Layout,
    cell: CellId,
    layer: Layer,
    window_nm: Option<Rect>,
) -> Result<Clip, LayoutError> {
    let Some(source) = layout.cell(cell) else {
        return Err(LayoutError::NoSuchCell {
            layout: layout.name.clone(),
            cell: cell.0,
            cells: layout.cells().len(),
        });
    };
    let Some(covered) = layout.bounding_box_nm(cell, Some(layer)) else {
        return Err(LayoutError::NoSuchLayer {
            cell: source.name.clone(),
            layer,
            layers: layout.layers(cell).into_keys().collect(),
        });
    };
    let region = window_nm.unwrap_or(covered);
    let nothing = || LayoutError::NothingInWindow {
        cell: source.name.clone(),
        layer,
        window: region,
        covered,
    };
    if region.is_empty() {
        // Without a window this is a layer whose shapes have no area.
        return Err(match window_nm {
            Some(window) => LayoutError::EmptyWindow { window },
            None => nothing(),
        });
    }
    let (mut polygons, rounding_nm) = flatten_nm(layout, cell, layer, region)?;
    polygons.sort_unstable_by(|a, b| (&a.outer, &a.holes).cmp(&(&b.outer, &b.holes)));
    polygons.dedup();
    let edges: usize = polygons.iter().flat_map(Polygon::rings).map(<[Point]>::len).sum();
    if crossing_bound(&polygons) > MOST_CROSSINGS + NEIGHBOURS * edges as u64 {
        let cell = source.name.clone();
        return Err(LayoutError::TooManyCrossings { cell, layer, limit: MOST_CROSSINGS });
    }
    let polygons = clip_to(&polygons, region);
    if polygons.is_empty() {
        return Err(nothing());
    }
    // The hierarchy's boxes may be too large around cells at odd angles; the shapes know better.
    let tight = Rect::around(polygons.iter().flat_map(|p| &p.outer).copied());
    let window = window_nm.or(tight).unwrap_or(region);
    let clip = Clip { name: name_of(layout, cell), layer, window, polygons, rounding_nm };
    Ok(if layout.contest && window_nm.is_none() { on_canvas(clip) } else { clip })
}

fn name_of(layout: &Layout, cell: CellId) -> String {
    match layout.cell(cell) {
        Some(c) if layout.cells().len() > 1 => format!("{} {}", layout.name, c.name),
        _ => layout.name.clone(),
    }
}

/// Centres the clip in the contest's canvas.
fn on_canvas(clip: Clip) -> Clip {
    let covered = clip.window;
    let tiles = (covered.width().max(covered.height()) + CANVAS_NM - 1) / CANVAS_NM;
    let side = tiles.max(1) * CANVAS_NM;
    let shift = |size: i64, min: i32| ((side - size).div_euclid(2) - i64::from(min)) as i32;
    let dx = shift(covered.width(), covered.min.x);
    let dy = shift(covered.height(), covered.min.y);
    let polygons = clip.polygons.iter().map(|p| p.translated(dx, dy)).collect();
    Clip { window: Rect::new(0, 0, side as i32, side as i32), polygons, ..clip }
}

/// The shapes that touch a window, in whole nm, with the largest shift that rounding caused.
fn flatten_nm(
    layout: &Layout,
    cell: CellId,
    layer: Layer,
    window: Rect,
) -> Result<(Vec<Polygon>, f64), LayoutError> {
    let name = || layout.cell(cell).map(|c| c.name.clone()).unwrap_or_default();
    let mut rounder = Rounder { unit_nm: layout.unit_nm, shift: 0.0, beyond: None };
    let mut polygons = Vec::new();
    let (mut vertices, mut path_rounding) = (0usize, 0.0f64);
    let region = Region::new(Bounds::of_window(window, layout.unit_nm), layer);
    let mut shapes = layout.shapes_in(cell, region);
    let too_many = || LayoutError::TooManyShapes { cell: name(), layer, limit: MOST_SHAPES };
    for found in &mut shapes {
        let (ring, rounding) = found.shape.geometry.ring();
        vertices += ring.len();
        if polygons.len() == MOST_SHAPES || vertices > MOST_VERTICES {
            return Err(too_many());
        }
        let ring = rounder.ring(&ring, &found.map());
        // A mirrored ring runs the other way round; merging turns it back.
        polygons.push(Polygon { outer: without_far_corners(ring, window), holes: Vec::new() });
        path_rounding = path_rounding.max(rounding);
    }
    if shapes.gave_up() {
        return Err(too_many());
    }
    if let Some(value) = rounder.beyond {
        return Err(LayoutError::CoordinateRange { cell: name(), value });
    }
    let shift = rounder.shift.max(path_rounding * layout.unit_nm);
    // What is left of decimal fractions in binary is not a shift anyone could see.
    Ok((polygons, if shift < 1e-6 { 0.0 } else { shift }))
}

/// Turns database units to whole nm and keeps the account of it.
struct Rounder {
    unit_nm: f64,
    shift: f64,
    beyond: Option<f64>,
}

impl Rounder {
    fn ring(&mut self, ring: &[Point], map: &Affine) -> Vec<Point> {
        ring.iter().map(|&p| self.point(map.apply_point(p))).collect()
    }

    fn point(&mut self, p: [f64; 2]) -> Point {
        let [x, y] = p.map(|v| {
            let exact = v * self.unit_nm;
            let whole = exact.round();
            if whole.abs() <= f64::from(i32::MAX) {
                self.shift = self.shift.max((whole - exact).abs());
            } else {
                self.beyond.get_or_insert(exact);
            }
            whole as i32
        });
        Point::new(x, y)
    }
}

/// A ring that winds about every point of the window as the given one does, with fewer corners:
/// where it runs beyond one side of the window, two upright and level edges between the run's first
/// and last corner do as well. No edge that meets the window is touched, so nothing is rounded.
fn without_far_corners(mut ring: Vec<Point>, window: Rect) -> Vec<Point> {
    let beyond: [fn(&Point, &Rect) -> bool; 4] =
        [|p, w| p.x < w.min.x, |p, w| p.x > w.max.x, |p, w| p.y < w.min.y, |p, w| p.y > w.max.y];
    for outside in beyond {
        // Starting from a corner on this side, no run goes on past the end of the list.
        let Some(start) = ring.iter().position(|p| !outside(p, &window)) else { break };
        ring.rotate_left(start);
        let mut kept: Vec<Point> = Vec::with_capacity(ring.len());
        for run in ring.chunk_by(|a, b| outside(a, &window) == outside(b, &window)) {
            match run {
                [first, _, .., last] if outside(first, &window) => {
                    kept.extend([*first, Point::new(first.x, last.y), *last]);
                }
                _ => kept.extend_from_slice(run),
            }
        }
        ring = kept;
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn corners_far_from_the_window_do_not_matter(
            points in prop::collection::vec((-60..60i32, -60..60i32), 6..60),
            (x, y, w, h) in (-40..30i32, -40..30i32, 1..20i32, 1..20i32),
        ) {
            let window = Rect::new(x, y, x + w, y + h);
            // A Manhattan ring that may cross itself any number of times: all results are exact.
            let ring: Vec<Point> = points
                .iter()
                .zip(points.iter().cycle().skip(1))
                .flat_map(|(a, b)| [Point::new(a.0, a.1), Point::new(b.0, a.1)])
                .collect();
            let cut = |outer: Vec<Point>| clip_to(&[Polygon { outer, holes: vec![] }], window);
            prop_assert_eq!(cut(without_far_corners(ring.clone(), window)), cut(ring));
        }
    }

    #[test]
    fn most_of_a_long_ring_is_left_out() {
        let comb: Vec<_> = (0..10_000)
            .flat_map(|i| [(2 * i, 0), (2 * i, 9), (2 * i + 1, 9), (2 * i + 1, 0)])
            .map(|(x, y)| Point::new(x, y))
            .chain([Point::new(30_000, -5), Point::new(0, -5)])
            .collect();
        let window = Rect::new(7000, -9, 7010, 20);
        let kept = without_far_corners(comb, window);
        assert!(kept.len() < 40, "{}", kept.len());
    }
}
