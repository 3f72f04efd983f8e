//! Boolean operations on polygons, on integer coordinates from end to end.
//!
//! Where all edges are horizontal or vertical the result is exact. Where slanted edges cross, the
//! crossing is rounded to the nearest database unit.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::integer::OverlayInt;
use i_overlay::core::overlay::{IntOverlayOptions, Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;

use super::shapes::ring_area2;
use super::{Point, Polygon, Rect};

/// The union of polygons as disjoint polygons with holes, collinear points removed.
///
/// Each input polygon is filled by the non-zero rule (either orientation of its rings will do, a
/// self-crossing ring covers every region it winds around), then all are united. Of the result,
/// every ring visits a point at most once: parts that meet only in a corner come out as separate
/// polygons, and a hole that touches its outer ring in a corner stays a hole of its own. Rings
/// start at their leftmost (then lowest) point and polygons are sorted by it, so that equal regions give
/// equal results. Polygons without area vanish.
pub fn merge(polygons: &[Polygon]) -> Vec<Polygon> {
    combine(polygons, None)
}

/// The part of the polygons inside a window, merged as by [`merge`]. Nothing is left of an empty
/// window.
pub fn clip_to(polygons: &[Polygon], window: Rect) -> Vec<Polygon> {
    if window.is_empty() {
        return Vec::new();
    }
    combine(polygons, Some(window))
}

/// `i_overlay` computes in `i32` up to ±2³⁰; what lies beyond goes through its `i64` engine.
fn combine(polygons: &[Polygon], window: Option<Rect>) -> Vec<Polygon> {
    const LIMIT: i32 = 1 << 30;
    let fits = |p: &Point| (-LIMIT..LIMIT).contains(&p.x) && (-LIMIT..LIMIT).contains(&p.y);
    let all_fit = polygons.iter().flat_map(Polygon::rings).flatten().all(fits)
        && window.is_none_or(|w| fits(&w.min) && fits(&w.max));
    if all_fit { combine_in::<i32>(polygons, window) } else { combine_in::<i64>(polygons, window) }
}

/// A coordinate type of the boolean engine.
trait Coordinate: OverlayInt {
    fn of(value: i32) -> Self;
    fn back(self) -> i32;
}

impl Coordinate for i32 {
    fn of(value: i32) -> Self {
        value
    }
    fn back(self) -> i32 {
        self
    }
}

impl Coordinate for i64 {
    fn of(value: i32) -> Self {
        Self::from(value)
    }
    fn back(self) -> i32 {
        // Results stay inside the hull of the input, so the clamp never acts.
        self.clamp(Self::from(i32::MIN), Self::from(i32::MAX)) as i32
    }
}

fn combine_in<I: Coordinate>(polygons: &[Polygon], window: Option<Rect>) -> Vec<Polygon> {
    let points = polygons.iter().flat_map(Polygon::rings).map(<[Point]>::len).sum();
    let mut alone = overlay::<I>(0);
    let mut all = overlay::<I>(points);
    for polygon in polygons {
        if window.is_some_and(|w| polygon.bounding_box().is_none_or(|b| !touches(&b, &w))) {
            continue;
        }
        if is_convex_quad(polygon) {
            add_ring(&mut all, &polygon.outer, false, ShapeType::Subject);
            continue;
        }
        // A self-crossing ring winds negatively around some regions. Summed with its neighbours'
        // windings these would cancel, so each polygon is resolved by itself first.
        alone.clear();
        add_ring(&mut alone, &polygon.outer, false, ShapeType::Subject);
        for hole in &polygon.holes {
            add_ring(&mut alone, hole, true, ShapeType::Subject);
        }
        for shape in alone.overlay(OverlayRule::Subject, FillRule::NonZero) {
            all.add_source(&shape, ShapeType::Subject);
        }
    }
    let rule = match window {
        Some(w) => {
            add_ring(&mut all, &w.corners(), false, ShapeType::Clip);
            OverlayRule::Intersect
        }
        None => OverlayRule::Subject,
    };
    let mut merged: Vec<_> = all
        .overlay(rule, FillRule::NonZero)
        .into_iter()
        .filter_map(|shape| polygon_of(shape.iter().map(|ring| points_of(ring))))
        .collect();
    merged.sort_by(|a, b| (&a.outer, &a.holes).cmp(&(&b.outer, &b.holes)));
    merged
}

fn overlay<I: Coordinate>(capacity: usize) -> Overlay<I> {
    Overlay::new_custom(capacity, IntOverlayOptions::ogc(), i_overlay::core::solver::Solver::AUTO)
}

/// Whether the boxes share a point: unlike [`Rect::overlaps`] true for boxes without width too.
fn touches(a: &Rect, b: &Rect) -> bool {
    a.min.x <= b.max.x && b.min.x <= a.max.x && a.min.y <= b.max.y && b.min.y <= a.max.y
}

/// The common case that cannot cross itself: an upright rectangle.
fn is_convex_quad(polygon: &Polygon) -> bool {
    let [a, b, c, d] = polygon.outer.as_slice() else {
        return false;
    };
    let first_flat = a.y == b.y && b.x == c.x && c.y == d.y && d.x == a.x;
    let first_upright = a.x == b.x && b.y == c.y && c.x == d.x && d.y == a.y;
    polygon.holes.is_empty() && (first_flat || first_upright)
}

fn add_ring<I: Coordinate>(
    overlay: &mut Overlay<I>,
    ring: &[Point],
    clockwise: bool,
    kind: ShapeType,
) {
    if ring.len() < 3 {
        return;
    }
    let points = ring.iter().map(|p| IntPoint::new(I::of(p.x), I::of(p.y)));
    if (ring_area2(ring) < 0) == clockwise {
        overlay.add_path_iter(points, kind);
    } else {
        overlay.add_path_iter(points.rev(), kind);
    }
}

fn points_of<I: Coordinate>(ring: &[IntPoint<I>]) -> Vec<Point> {
    ring.iter().map(|p| Point::new(p.x.back(), p.y.back())).collect()
}

fn polygon_of(mut rings: impl Iterator<Item = Vec<Point>>) -> Option<Polygon> {
    let outer = canonical(rings.next()?)?;
    let mut holes: Vec<_> = rings.filter_map(canonical).collect();
    holes.sort();
    Some(Polygon { outer, holes })
}

/// The ring from its smallest point on; `None` for a ring without area.
fn canonical(mut ring: Vec<Point>) -> Option<Vec<Point>> {
    if ring.len() < 3 || ring_area2(&ring) == 0 {
        return None;
    }
    let first = (0..ring.len()).min_by_key(|&i| ring[i])?;
    ring.rotate_left(first);
    Some(ring)
}

#[cfg(test)]
#[path = "boolean_tests.rs"]
mod tests;
