//! Moving geometry: from offsets to the edges and polygons of the mask.
//!
//! ```text
//!        corner: follows both          split: fixed along, a jog across
//!             ┌────────                     ────┐
//!             │                                 └────
//! ```

use super::fragment::{Axis, FragmentedTarget, RingSpan};
use super::ring::clean;
use crate::geometry::{Point, Polygon};

/// One edge of a moved mask, interior to the left going from `from` to `to`. Clip nm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MovedEdge {
    /// Direction of the edge.
    pub axis: Axis,
    /// Coordinate across the edge (x for vertical, y for horizontal).
    pub at: f64,
    /// Coordinate along the edge where it starts, in ring order.
    pub from: f64,
    /// Coordinate along the edge where it ends, in ring order.
    pub to: f64,
}

/// Every edge of a moved mask; the buffers are kept between calls.
#[derive(Clone, Debug, Default)]
pub struct MovedEdges {
    /// Edge of fragment i at index i.
    pub fragments: Vec<MovedEdge>,
    /// Edges across that join collinear neighbours with different offsets, in ring order.
    pub jogs: Vec<MovedEdge>,
}

/// A coordinate of an edge of a moved mask, clip nm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Coordinate {
    /// It stays here.
    Fixed(i32),
    /// It is where a fragment lies across its direction.
    Across(usize),
}

/// An edge of a moved mask by what its coordinates are, interior to the left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdgeCourse {
    /// Direction of the edge.
    pub axis: Axis,
    /// Its coordinate across.
    pub at: Coordinate,
    /// Where it starts along itself.
    pub from: Coordinate,
    /// Where it ends.
    pub to: Coordinate,
}

impl FragmentedTarget {
    /// What the edges of masks with any offsets follow: those of the fragments, then a jog between
    /// any two collinear neighbours, which has no length where their offsets are alike.
    pub fn courses(&self) -> Vec<EdgeCourse> {
        let mut fragments = Vec::with_capacity(self.fragments.len());
        let mut jogs = Vec::new();
        for span in &self.rings {
            for i in span.start..span.end {
                let (prev, next) = span.around(i);
                let f = &self.fragments[i];
                let from = if self.is_split(prev, i) {
                    let at = Coordinate::Fixed(f.from);
                    let (from, to) = (Coordinate::Across(prev), Coordinate::Across(i));
                    jogs.push(EdgeCourse { axis: f.axis.across(), at, from, to });
                    at
                } else {
                    Coordinate::Across(prev)
                };
                let to = if self.is_split(i, next) {
                    Coordinate::Fixed(f.to)
                } else {
                    Coordinate::Across(next)
                };
                fragments.push(EdgeCourse { axis: f.axis, at: Coordinate::Across(i), from, to });
            }
        }
        fragments.append(&mut jogs);
        fragments
    }

    /// The edges of the mask with these offsets (nm outward; a missing one counts as 0).
    ///
    /// Closed rings: the vertical edges of fragments and jogs together, taken with their
    /// direction, describe the mask, and so do the horizontal ones. Allocates only while the
    /// buffers grow.
    pub fn edges(&self, offsets: &[f32], out: &mut MovedEdges) {
        let moved = |i: usize| {
            let f = &self.fragments[i];
            let offset = offsets.get(i).copied().unwrap_or(0.0);
            f64::from(f.base) + f64::from(f.outward) * f64::from(offset)
        };
        out.fragments.clear();
        out.jogs.clear();
        for span in &self.rings {
            for i in span.start..span.end {
                let (prev, next) = span.around(i);
                let f = &self.fragments[i];
                let at = moved(i);
                let from = if self.is_split(prev, i) {
                    let (before, split) = (moved(prev), f64::from(f.from));
                    if before != at {
                        let axis = f.axis.across();
                        out.jogs.push(MovedEdge { axis, at: split, from: before, to: at });
                    }
                    split
                } else {
                    moved(prev)
                };
                let to = if self.is_split(i, next) { f64::from(f.to) } else { moved(next) };
                out.fragments.push(MovedEdge { axis: f.axis, at, from, to });
            }
        }
    }

    /// The mask with whole-nm offsets (a missing one counts as 0): the main features, then the
    /// SRAFs.
    ///
    /// The polygons are simple and disjoint where the offsets keep the mask rules
    /// (see [`super::RuleKeeper`]).
    pub fn polygons(&self, offsets: &[i16]) -> Vec<Polygon> {
        let mut polygons = self.main_polygons(offsets);
        polygons.extend(self.assists(offsets).into_iter().map(Polygon::rect));
        polygons
    }

    /// The main features with whole-nm offsets (a missing one counts as 0): Manhattan, one polygon
    /// for each target polygon with its holes, no repeated or collinear points, same order.
    pub fn main_polygons(&self, offsets: &[i16]) -> Vec<Polygon> {
        let mut polygons = vec![Polygon::default(); self.polygon_count];
        for span in self.rings.iter().filter(|span| span.polygon < self.polygon_count) {
            self.add_ring(span, offsets, &mut polygons[span.polygon]);
        }
        polygons.retain(|p| !p.outer.is_empty());
        polygons
    }

    /// One main feature with whole-nm offsets; `None` where nothing of it is there.
    pub fn main_polygon(&self, index: usize, offsets: &[i16]) -> Option<Polygon> {
        let mut polygon = Polygon::default();
        for span in self.rings.iter().filter(|span| span.polygon == index) {
            self.add_ring(span, offsets, &mut polygon);
        }
        (index < self.polygon_count && !polygon.outer.is_empty()).then_some(polygon)
    }

    fn add_ring(&self, span: &RingSpan, offsets: &[i16], polygon: &mut Polygon) {
        let moved = |i: usize| {
            let f = &self.fragments[i];
            let offset = i32::from(offsets.get(i).copied().unwrap_or(0));
            f.base.saturating_add(f.outward * offset)
        };
        let ring = clean(&self.moved_ring(span, moved));
        if span.ring == 0 {
            polygon.outer = ring;
        } else if !ring.is_empty() {
            polygon.holes.push(ring);
        }
    }

    fn moved_ring(&self, span: &RingSpan, moved: impl Fn(usize) -> i32) -> Vec<Point> {
        let mut points = Vec::with_capacity(2 * (span.end - span.start));
        for i in span.start..span.end {
            let (prev, _) = span.around(i);
            let f = &self.fragments[i];
            let mut vertex = |along: i32, across: i32| {
                points.push(match f.axis {
                    Axis::Horizontal => Point::new(along, across),
                    Axis::Vertical => Point::new(across, along),
                });
            };
            if self.is_split(prev, i) {
                vertex(f.from, moved(prev));
                vertex(f.from, moved(i));
            } else {
                vertex(moved(prev), moved(i));
            }
        }
        points
    }

    /// The fragments of each ring.
    pub(crate) fn spans(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        self.rings.iter().map(|span| span.start..span.end)
    }

    /// The fragments of the ring that a fragment belongs to.
    pub(crate) fn span_of(&self, fragment: usize) -> std::ops::Range<usize> {
        let ring = self.rings.partition_point(|span| span.end <= fragment);
        self.rings[ring].start..self.rings[ring].end
    }

    /// The first fragment of the split that lies straight across the inside from the split after
    /// a fragment: jogs at both are one cut of the polygon.
    pub(crate) fn split_across(&self, fragment: usize) -> Option<usize> {
        let f = &self.fragments[fragment];
        let facing = |&k: &usize| {
            let g = &self.fragments[k];
            let last = self.span_of(k).end == k + 1;
            !last
                && self.is_split(k, k + 1)
                && (g.axis, g.polygon, g.to) == (f.axis, f.polygon, f.to)
                && g.outward == -f.outward
                && (f.base - g.base) * f.outward > 0
        };
        (0..self.main_count())
            .filter(facing)
            .min_by_key(|&k| (f.base - self.fragments[k].base).abs())
    }

    /// Whether a fragment and the one after it lie on one target edge.
    pub(crate) fn is_split(&self, first: usize, second: usize) -> bool {
        self.fragments[first].axis == self.fragments[second].axis
    }
}

impl RingSpan {
    /// The fragments before and after fragment `i` of this ring.
    pub(crate) fn around(&self, i: usize) -> (usize, usize) {
        let prev = if i == self.start { self.end - 1 } else { i - 1 };
        let next = if i + 1 == self.end { self.start } else { i + 1 };
        (prev, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;
    use crate::mask::FragmentRules;

    fn target() -> FragmentedTarget {
        let rules = FragmentRules {
            corner_nm: 40.0,
            run_nm: 60.0,
            whole_below_nm: 100.0,
            projection_nm: 0.0,
            least_nm: 0.0,
        };
        let frame = Polygon {
            outer: Rect::new(0, 0, 400, 400).corners().to_vec(),
            holes: vec![Rect::new(100, 100, 300, 300).corners().into_iter().rev().collect()],
        };
        let ell = Polygon::simple(
            [(500, 0), (800, 0), (800, 90), (590, 90), (590, 300), (500, 300)]
                .map(|(x, y)| Point::new(x, y))
                .to_vec(),
        );
        FragmentedTarget::new(&[frame, ell], &rules).unwrap()
    }

    /// Deterministic offsets within ±20 nm.
    fn offsets(n: usize) -> Vec<i16> {
        (0..n).map(|i| ((i * 7919 + 13) % 41) as i16 - 20).collect()
    }

    #[test]
    fn offset_zero_gives_back_the_target() {
        let target = target();
        let mask = target.polygons(&vec![0; target.fragments().len()]);
        assert_eq!(mask.iter().map(Polygon::area2).collect::<Vec<_>>(), [240_000, 2 * 45_900]);
        assert_eq!(mask[0].holes.len(), 1);
        assert_eq!(mask[1].outer.len(), 6);
    }

    #[test]
    fn equal_offsets_bias_every_side() {
        let target = target();
        let mask = target.polygons(&vec![10; target.fragments().len()]);
        assert_eq!(mask[0].bounding_box(), Some(Rect::new(-10, -10, 410, 410)));
        assert_eq!(
            Rect::around(mask[0].holes[0].iter().copied()),
            Some(Rect::new(110, 110, 290, 290))
        );
    }

    #[test]
    fn courses_lead_to_the_edges_of_any_offsets() {
        let target = target();
        let offsets: Vec<f32> =
            offsets(target.fragments().len()).iter().map(|o| 0.37 * f32::from(*o)).collect();
        let across = |i: usize| {
            let f = &target.fragments()[i];
            f64::from(f.base) + f64::from(f.outward) * f64::from(offsets[i])
        };
        let at = |coordinate: Coordinate| match coordinate {
            Coordinate::Fixed(at) => f64::from(at),
            Coordinate::Across(i) => across(i),
        };
        let course = |c: &EdgeCourse| MovedEdge {
            axis: c.axis,
            at: at(c.at),
            from: at(c.from),
            to: at(c.to),
        };
        let found: Vec<MovedEdge> = target.courses().iter().map(course).collect();
        let mut wanted = MovedEdges::default();
        target.edges(&offsets, &mut wanted);
        let (fragments, jogs) = found.split_at(wanted.fragments.len());
        assert_eq!(fragments, wanted.fragments);
        let jogs: Vec<_> = jogs.iter().filter(|jog| jog.from != jog.to).copied().collect();
        assert_eq!(jogs, wanted.jogs);
        assert!(jogs.len() > 10);
    }

    #[test]
    fn vertical_edges_alone_and_horizontal_edges_alone_give_the_polygons_area() {
        let target = target();
        let whole = offsets(target.fragments().len());
        let mut moved = MovedEdges::default();
        target.edges(&whole.iter().map(|&o| f32::from(o)).collect::<Vec<_>>(), &mut moved);
        let area = |axis| {
            moved
                .fragments
                .iter()
                .chain(&moved.jogs)
                .filter(|e| e.axis == axis)
                .map(|e| e.at * (e.to - e.from))
                .sum::<f64>()
        };
        let expected =
            target.polygons(&whole).iter().map(Polygon::area2).sum::<i128>() as f64 / 2.0;
        assert_eq!(area(Axis::Vertical), expected);
        assert_eq!(area(Axis::Horizontal), -expected);
        assert!(!moved.jogs.is_empty());
    }

    #[test]
    fn polygons_and_edges_agree_vertex_by_vertex() {
        let target = target();
        let whole = offsets(target.fragments().len());
        let mut moved = MovedEdges::default();
        target.edges(&whole.iter().map(|&o| f32::from(o)).collect::<Vec<_>>(), &mut moved);
        let points: Vec<Point> = target
            .polygons(&whole)
            .iter()
            .flat_map(|p| p.rings().flatten().copied().collect::<Vec<_>>())
            .collect();
        for e in &moved.fragments {
            for along in [e.from, e.to] {
                let (x, y) = if e.axis == Axis::Horizontal { (along, e.at) } else { (e.at, along) };
                let on_ring = points.contains(&Point::new(x as i32, y as i32));
                // A split between equal offsets is no vertex.
                assert!(on_ring || moved.fragments.iter().any(|o| *o != *e && o.at == e.at));
            }
        }
    }

    #[test]
    fn buffers_are_kept_between_calls() {
        let target = target();
        let n = target.fragments().len();
        let mut moved = MovedEdges::default();
        target.edges(&(0..n).map(|i| i as f32 * 0.1).collect::<Vec<_>>(), &mut moved);
        let before = (moved.fragments.as_ptr(), moved.jogs.as_ptr());
        target.edges(&vec![1.0; n], &mut moved);
        assert_eq!((moved.fragments.as_ptr(), moved.jogs.as_ptr()), before);
        assert!(moved.jogs.is_empty());
    }
}
