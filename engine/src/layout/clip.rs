//! A clip: a window of one layer, flattened, merged, in integer nm.

use super::affine::{Affine, Bounds};
use super::query::Region;
use super::{CellId, Layer, Layout, LayoutError};
use crate::geometry::{Point, Polygon, Rect, clip_to, crossing_bound};

/// What imaging and OPC work on. Coordinates are integer nm.
#[derive(Clone, Debug, PartialEq)]
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
        polygons.push(rounder.polygon(&ring, &found.map()));
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
    fn polygon(&mut self, ring: &[Point], map: &Affine) -> Polygon {
        // A mirrored ring runs the other way round; merging turns it back.
        let outer = ring.iter().map(|&p| self.point(map.apply_point(p))).collect();
        Polygon { outer, holes: Vec::new() }
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
