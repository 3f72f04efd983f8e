//! What lies under the pointer, and in a box.

use std::time::{Duration, Instant};

use lithoscope_engine::geometry::{Point, Rect};
use lithoscope_engine::layout::{
    Affine, Bounds, CellId, Geometry, Layer, Layout, Properties, Region, ShapeId, Step,
};

use super::LayoutView;

/// Shapes of a box selection at most; more than anyone reads.
const MOST_SELECTED: usize = 2000;
/// Time that picking may take while the pointer moves.
const HOVER_BUDGET: Duration = Duration::from_micros(700);
/// Time that picking may take on a click.
const CLICK_BUDGET: Duration = Duration::from_millis(20);

/// A shape or text in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Picked {
    /// Its layer.
    pub layer: Layer,
    /// Which one of its cell.
    pub what: What,
    /// Its cell.
    pub cell: CellId,
    /// How that is reached from the cell shown.
    pub path: Vec<Step>,
    /// From its cell's coordinates to those of the cell shown, database units.
    pub map: Affine,
    /// Area in place, database units squared.
    pub area: f64,
}

/// A shape or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A shape of the cell's layer.
    Shape(ShapeId),
    /// A text, by index.
    Text(usize),
}

/// The clicks at one place: each takes the next shape below.
#[derive(Debug, Default)]
pub struct Stack {
    at: Option<[f64; 2]>,
    next: usize,
}

impl Stack {
    /// Which of `count` shapes a click at a place (nm) takes.
    pub fn turn(&mut self, at: [f64; 2], reach: f64, count: usize) -> usize {
        let near = |a: [f64; 2]| (a[0] - at[0]).abs() <= reach && (a[1] - at[1]).abs() <= reach;
        if self.at.is_some_and(near) {
            self.next += 1;
        } else {
            *self = Self { at: Some(at), next: 0 };
        }
        self.next % count.max(1)
    }
}

impl Picked {
    /// The shape; `None` of a text or of a layout that is not this any more.
    pub fn geometry<'a>(&self, layout: &'a Layout) -> Option<Geometry<'a>> {
        let What::Shape(id) = self.what else { return None };
        Some(layout.cell(self.cell)?.shapes(self.layer)?.shape(id)?.geometry)
    }

    /// What is noted beside it.
    pub fn properties<'a>(&self, layout: &'a Layout) -> Option<&'a Properties> {
        let cell = layout.cell(self.cell)?;
        match self.what {
            What::Shape(id) => Some(cell.shapes(self.layer)?.shape(id)?.properties),
            What::Text(i) => Some(&cell.texts.get(i)?.properties),
        }
    }

    /// The ring around it, or the place of a text, nm.
    pub fn ring_nm(&self, layout: &Layout) -> Vec<[f64; 2]> {
        let place = |p: Point| self.map.apply_point(p).map(|v| v * layout.unit_nm);
        match self.what {
            What::Shape(_) => {
                let ring = self.geometry(layout).map(|g| g.ring().0.into_owned());
                ring.unwrap_or_default().into_iter().map(place).collect()
            }
            What::Text(i) => {
                let text = layout.cell(self.cell).and_then(|c| c.texts.get(i));
                text.map(|t| place(t.at)).into_iter().collect()
            }
        }
    }

    /// The box around it, nm.
    pub fn bounds_nm(&self, layout: &Layout) -> Option<Bounds> {
        Bounds::around(self.ring_nm(layout))
    }
}

/// The smallest shape under the pointer, within the time a frame can spare.
pub fn hovered(view: &LayoutView, at: [f64; 2], reach: f64) -> Option<Picked> {
    let found = at_point(view, at, reach, 2.0 * view.camera.nm_per_point, HOVER_BUDGET);
    found.into_iter().next()
}

/// Everything under the pointer, the smallest first and texts before shapes; of equal areas the
/// one on top.
pub fn clicked(view: &LayoutView, at: [f64; 2], reach: f64) -> Vec<Picked> {
    at_point(view, at, reach, 0.0, CLICK_BUDGET)
}

fn at_point(
    view: &LayoutView,
    at: [f64; 2],
    reach: f64,
    min_size: f64,
    budget: Duration,
) -> Vec<Picked> {
    let unit = view.layout.unit_nm;
    let (centre, reach) = (at.map(|v| v / unit), reach / unit);
    let window = Bounds { min: centre, max: centre }.grown(reach);
    let mut found = texts(view, window, budget);
    visit(view, window, min_size / unit, budget, |picked, geometry| {
        if let Some(inverse) = picked.map.inverse() {
            let near = reach * inverse.stretch();
            if covers(geometry, inverse.apply(centre), near) {
                found.push(picked);
            }
        }
        true
    });
    found.sort_by(|a, b| a.area.total_cmp(&b.area));
    found
}

/// Shapes that lie in a box (nm) with all they are.
pub fn in_box(view: &LayoutView, window_nm: Bounds) -> Vec<Picked> {
    let unit = view.layout.unit_nm;
    let scaled = |p: [f64; 2]| p.map(|v| v / unit);
    let window = Bounds { min: scaled(window_nm.min), max: scaled(window_nm.max) };
    let least = view.camera.nm_per_point / unit;
    let mut found = Vec::new();
    visit(view, window, least, 10 * CLICK_BUDGET, |picked, geometry| {
        let whole = Bounds::of(geometry.bounding_box()).mapped(&picked.map);
        let inside = (0..2).all(|i| window.min[i] <= whole.min[i] && whole.max[i] <= window.max[i]);
        if inside {
            found.push(picked);
        }
        found.len() < MOST_SELECTED
    });
    found
}

/// Visits visible shapes whose box touches a window (database units), topmost layer first, until
/// the time is up or the visitor has enough.
pub fn visit(
    view: &LayoutView,
    window: Bounds,
    min_size: f64,
    budget: Duration,
    mut visitor: impl FnMut(Picked, &Geometry<'_>) -> bool,
) {
    let started = Instant::now();
    for layer in view.layers.visible() {
        let region = Region { min_size, depth: view.levels(), ..Region::new(window, layer) };
        let mut shapes = view.layout.shapes_in(view.root, region);
        while let Some(found) = shapes.next() {
            let geometry = found.shape.geometry;
            let map = found.map();
            let picked = Picked {
                layer,
                what: What::Shape(found.shape.id),
                cell: found.placement.cell,
                path: shapes.path().collect(),
                map,
                area: geometry.area2() as f64 / 2.0 * map.stretch().powi(2),
            };
            if !visitor(picked, &geometry) || started.elapsed() > budget {
                return;
            }
        }
        if started.elapsed() > budget {
            return;
        }
    }
}

/// Texts at a place, as far as they are drawn at all.
fn texts(view: &LayoutView, window: Bounds, budget: Duration) -> Vec<Picked> {
    let mut found = Vec::new();
    if !view.labels {
        return found;
    }
    let started = Instant::now();
    let region = Region { depth: view.levels(), ..Region::new(window, None) };
    let mut placements = view.layout.placements_in(view.root, region);
    while let Some(placement) = placements.next() {
        let tree = view.survey.cells.get(placement.cell.0).and_then(|c| c.texts.as_ref());
        for i in tree.into_iter().flat_map(|t| t.near(placement.window.outward(), 0)) {
            let text = view.layout.cell(placement.cell).and_then(|c| c.texts.get(i as usize));
            if let Some(text) = text.filter(|t| view.layers.is_visible(t.layer)) {
                found.push(Picked {
                    layer: text.layer,
                    what: What::Text(i as usize),
                    cell: placement.cell,
                    path: placements.path().collect(),
                    map: placement.map,
                    area: 0.0,
                });
            }
        }
        if started.elapsed() > budget {
            break;
        }
    }
    found
}

/// Whether a shape covers a point of its cell or comes within `reach` of it.
fn covers(geometry: &Geometry<'_>, p: [f64; 2], reach: f64) -> bool {
    if let Geometry::Rect(r) = geometry {
        return holds(*r, p, reach);
    }
    let (ring, _) = geometry.ring();
    let mut inside = false;
    for (a, b) in edges(&ring) {
        if distance(p, a, b) <= reach {
            return true;
        }
        let crosses = (a[1] > p[1]) != (b[1] > p[1]);
        if crosses && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0] {
            inside = !inside;
        }
    }
    inside
}

fn holds(r: Rect, p: [f64; 2], reach: f64) -> bool {
    let inside =
        |v: f64, low: i32, high: i32| f64::from(low) - reach <= v && v <= f64::from(high) + reach;
    inside(p[0], r.min.x, r.max.x) && inside(p[1], r.min.y, r.max.y)
}

/// The sides of a ring.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    let corner = |p: &Point| [f64::from(p.x), f64::from(p.y)];
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(move |(a, b)| (corner(a), corner(b)))
}

/// The point of a side that is nearest to `p`.
pub fn nearest(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let along = [b[0] - a[0], b[1] - a[1]];
    let length2 = along[0] * along[0] + along[1] * along[1];
    let t = ((p[0] - a[0]) * along[0] + (p[1] - a[1]) * along[1]) / length2.max(1e-30);
    let t = t.clamp(0.0, 1.0);
    [a[0] + t * along[0], a[1] + t * along[1]]
}

fn distance(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let n = nearest(p, a, b);
    (n[0] - p[0]).hypot(n[1] - p[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_and_a_narrow_rim_are_covered() {
        let ring = [(0, 0), (10, 0), (10, 10), (5, 2), (0, 10)].map(|(x, y)| Point::new(x, y));
        let shape = Geometry::Polygon(&ring);
        assert!(covers(&shape, [1.0, 1.0], 0.0));
        assert!(!covers(&shape, [5.0, 6.0], 1.0), "in the notch");
        assert!(covers(&shape, [-0.5, 5.0], 1.0) && !covers(&shape, [-1.5, 5.0], 1.0));
        let rect = Geometry::Rect(Rect::new(0, 0, 10, 1));
        assert!(covers(&rect, [10.5, 1.5], 0.5) && !covers(&rect, [11.0, 0.5], 0.5));
    }

    #[test]
    fn clicking_again_at_a_place_goes_down_the_stack_and_round() {
        let mut stack = Stack::default();
        let turns: Vec<_> = (0..4).map(|_| stack.turn([5.0, 5.0], 1.0, 3)).collect();
        assert_eq!(turns, [0, 1, 2, 0]);
        assert_eq!(stack.turn([9.0, 5.0], 1.0, 3), 0);
    }

    #[test]
    fn the_nearest_point_of_a_side_may_be_its_end() {
        assert_eq!(nearest([3.0, 4.0], [0.0, 0.0], [10.0, 0.0]), [3.0, 0.0]);
        assert_eq!(nearest([13.0, 4.0], [0.0, 0.0], [10.0, 0.0]), [10.0, 0.0]);
        assert_eq!(nearest([1.0, 1.0], [2.0, 2.0], [2.0, 2.0]), [2.0, 2.0]);
    }
}
