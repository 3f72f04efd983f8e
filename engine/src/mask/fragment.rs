//! Fragments: pieces of target edges that move as one along their outward normals.

use serde::{Deserialize, Serialize};

use super::MaskError;
use super::cuts::Lengths;
use super::overlap::overlapping;
use super::projection::projections;
use super::ring::{clean, contact, oriented, slanted_edge};
use crate::geometry::{Point, Polygon, Rect, edges};

/// The most fragments one target may have.
const MAX_FRAGMENTS: usize = 200_000;

/// How target edges are cut, nm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FragmentRules {
    /// Length of a fragment next to a corner, nm.
    pub corner_nm: f64,
    /// Aimed length of the fragments between the corner fragments, nm.
    pub run_nm: f64,
    /// Edges shorter than this stay whole, nm.
    pub whole_below_nm: f64,
    /// Reach of projections, nm: longer edges are cut where something that faces them within this
    /// distance has a corner; 0 for none.
    #[serde(default)]
    pub projection_nm: f64,
    /// Shortest fragment of an edge that is cut, nm: boundaries that would leave less between them
    /// are not made; 0 for any.
    #[serde(default)]
    pub least_nm: f64,
}

/// Direction of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The edge runs along x; it moves in y.
    Horizontal,
    /// The edge runs along y; it moves in x.
    Vertical,
}

impl Axis {
    /// The other direction.
    #[must_use]
    pub const fn across(self) -> Self {
        match self {
            Self::Horizontal => Self::Vertical,
            Self::Vertical => Self::Horizontal,
        }
    }
}

/// What a fragment is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FragmentKind {
    /// A whole edge between two convex corners, short enough to be a line end.
    LineEnd,
    /// Next to a convex corner.
    ConvexCorner,
    /// Next to a concave corner (a whole edge with at least one).
    ConcaveCorner,
    /// Between corner fragments.
    Run,
    /// A whole side of an SRAF.
    Assist,
}

/// A piece of a target edge. All coordinates are clip nm on the target (offset 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fragment {
    /// Polygon of the target.
    pub polygon: usize,
    /// Ring of that polygon, 0 = outer.
    pub ring: usize,
    /// Direction of the edge.
    pub axis: Axis,
    /// Sign of the outward normal along the moving coordinate: +1 or −1.
    pub outward: i32,
    /// The moving coordinate (x for vertical, y for horizontal) at offset 0.
    pub base: i32,
    /// Coordinate along the edge where the fragment starts, in ring order (interior to the left).
    pub from: i32,
    /// Coordinate along the edge where it ends, in ring order.
    pub to: i32,
    /// What it is part of.
    pub kind: FragmentKind,
}

impl Fragment {
    /// Its length on the target, nm.
    pub fn length(&self) -> i64 {
        (i64::from(self.to) - i64::from(self.from)).abs()
    }
}

/// The fragments of one ring: `start..end` of [`FragmentedTarget::fragments`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RingSpan {
    pub polygon: usize,
    pub ring: usize,
    pub start: usize,
    pub end: usize,
}

/// A target cut into fragments, ring by ring, in ring order; after its main features may come
/// SRAFs: rectangles of four whole fragments each (bottom, right, top, left).
#[derive(Clone, Debug, PartialEq)]
pub struct FragmentedTarget {
    pub(crate) fragments: Vec<Fragment>,
    pub(crate) rings: Vec<RingSpan>,
    /// Polygons of the target; those of SRAFs are counted on from there.
    pub(crate) polygon_count: usize,
    /// Fragments of the main features; the SRAFs' come after them.
    main: usize,
}

impl FragmentedTarget {
    /// Cuts merged, disjoint target polygons (clip nm) into fragments.
    ///
    /// Edges shorter than `whole_below_nm` stay whole; others get a fragment of `corner_nm` at
    /// each end, boundaries at the projections of what faces them within `projection_nm`, and equal
    /// whole-nm pieces of about `run_nm` between, none shorter than `least_nm`. Repeated and
    /// collinear points are cleaned first; polygons without area are left out (their index stays
    /// unused).
    ///
    /// # Errors
    /// A slanted edge, a polygon that touches itself, two that overlap, nothing to cut, a length below 1 nm, or more
    /// than 200 000 fragments.
    pub fn new(target: &[Polygon], rules: &FragmentRules) -> Result<Self, MaskError> {
        let lengths = Lengths::new(rules)?;
        let outlines = Outlines::new(target)?;
        let reach = rules.projection_nm;
        let projected = if reach > 0.0 { projections(&outlines.edges, reach) } else { Vec::new() };
        let mut this =
            Self { fragments: Vec::new(), rings: Vec::new(), polygon_count: target.len(), main: 0 };
        for ring in &outlines.rings {
            let start = this.fragments.len();
            for i in ring.start..ring.end {
                let (edge, ends) = (outlines.edges[i], outlines.convex[i]);
                let projected = projected.get(i).map(Vec::as_slice).unwrap_or_default();
                let room = MAX_FRAGMENTS - this.fragments.len();
                if !lengths.cut(edge, ends, projected, room, &mut this.fragments) {
                    return Err(MaskError::TooManyFragments { limit: MAX_FRAGMENTS });
                }
            }
            this.rings.push(RingSpan { start, end: this.fragments.len(), ..*ring });
        }
        if let Some((first, second, at)) = overlapping(target) {
            return Err(MaskError::Overlapping { first, second, at });
        }
        this.main = this.fragments.len();
        if this.fragments.is_empty() { Err(MaskError::EmptyTarget) } else { Ok(this) }
    }

    /// The same main features with these SRAFs (clip nm) in place of those there were. The
    /// rectangles should keep the mask rules against the target and each other.
    ///
    /// # Errors
    /// More than 200 000 fragments in all.
    pub fn with_assists(&self, seeds: &[Rect]) -> Result<Self, MaskError> {
        if self.main + 4 * seeds.len() > MAX_FRAGMENTS {
            return Err(MaskError::TooManyFragments { limit: MAX_FRAGMENTS });
        }
        let mut this = self.clone();
        this.fragments.truncate(this.main);
        this.rings.retain(|span| span.polygon < this.polygon_count);
        for (i, seed) in seeds.iter().enumerate() {
            let (polygon, start) = (this.polygon_count + i, this.fragments.len());
            for (a, b) in edges(&seed.corners()) {
                let kind = FragmentKind::Assist;
                this.fragments.push(Fragment { kind, ..whole_edge(polygon, 0, a, b) });
            }
            this.rings.push(RingSpan { polygon, ring: 0, start, end: this.fragments.len() });
        }
        Ok(this)
    }

    /// Every fragment, the main features' first; offsets are indexed alike.
    pub fn fragments(&self) -> &[Fragment] {
        &self.fragments
    }

    /// Number of fragments of the main features; those after them belong to SRAFs, four each.
    pub fn main_count(&self) -> usize {
        self.main
    }

    /// Number of SRAFs.
    pub fn assist_count(&self) -> usize {
        (self.fragments.len() - self.main) / 4
    }

    /// The SRAF that a fragment belongs to; `None` for one of a main feature.
    pub fn assist_of(&self, fragment: usize) -> Option<usize> {
        (self.main..self.fragments.len()).contains(&fragment).then(|| (fragment - self.main) / 4)
    }

    /// The SRAFs at offset 0.
    pub fn seeds(&self) -> Vec<Rect> {
        self.assists(&[])
    }

    /// The SRAFs with whole-nm offsets (those of all fragments; a missing one counts as 0).
    pub fn assists(&self, offsets: &[i16]) -> Vec<Rect> {
        let place = |i: usize| {
            let f = &self.fragments[i];
            f.base + f.outward * i32::from(offsets.get(i).copied().unwrap_or(0))
        };
        (self.main..self.fragments.len())
            .step_by(4)
            .map(|i| Rect::new(place(i + 3), place(i), place(i + 1), place(i + 2)))
            .collect()
    }
}

/// The edges of a target before they are cut.
struct Outlines {
    /// Whole edges, ring by ring, in ring order.
    edges: Vec<Fragment>,
    /// Of each edge: whether the corners at its ends are convex.
    convex: Vec<[bool; 2]>,
    /// Whose edges they are.
    rings: Vec<RingSpan>,
}

impl Outlines {
    fn new(target: &[Polygon]) -> Result<Self, MaskError> {
        let mut this = Self { edges: Vec::new(), convex: Vec::new(), rings: Vec::new() };
        for (polygon, shape) in target.iter().enumerate() {
            for (ring, points) in clean_rings(polygon, shape)?.iter().enumerate() {
                let start = this.edges.len();
                if start + points.len() > MAX_FRAGMENTS {
                    return Err(MaskError::TooManyFragments { limit: MAX_FRAGMENTS });
                }
                let convex = convex_corners(points);
                for (i, (a, b)) in edges(points).enumerate() {
                    this.edges.push(whole_edge(polygon, ring, a, b));
                    this.convex.push([convex[i], convex[(i + 1) % points.len()]]);
                }
                this.rings.push(RingSpan { polygon, ring, start, end: this.edges.len() });
            }
        }
        Ok(this)
    }
}

/// The rings of a polygon, cleaned, turned and checked; none where the polygon has no area.
fn clean_rings(index: usize, polygon: &Polygon) -> Result<Vec<Vec<Point>>, MaskError> {
    if let Some((from, to)) = polygon.rings().find_map(slanted_edge) {
        return Err(MaskError::SlantedEdge { polygon: index, from, to });
    }
    let outer = clean(&polygon.outer);
    if outer.is_empty() {
        return Ok(Vec::new());
    }
    let mut rings = vec![oriented(outer, true)];
    for hole in polygon.holes.iter().map(|h| clean(h)).filter(|h| !h.is_empty()) {
        rings.push(oriented(hole, false));
    }
    match contact(&rings) {
        Some(at) => Err(MaskError::SelfTouching { polygon: index, at }),
        None => Ok(rings),
    }
}

/// For each point of a ring with the interior on its left: whether the corner is convex.
fn convex_corners(points: &[Point]) -> Vec<bool> {
    let n = points.len();
    let step = |a: Point, b: Point| {
        ((i64::from(b.x) - i64::from(a.x)).signum(), (i64::from(b.y) - i64::from(a.y)).signum())
    };
    (0..n)
        .map(|i| {
            let before = step(points[(i + n - 1) % n], points[i]);
            let after = step(points[i], points[(i + 1) % n]);
            before.0 * after.1 - before.1 * after.0 > 0
        })
        .collect()
}

/// The edge from a to b, interior on its left, as one fragment.
fn whole_edge(polygon: usize, ring: usize, a: Point, b: Point) -> Fragment {
    let horizontal = a.y == b.y;
    let (axis, base, from, to) = if horizontal {
        (Axis::Horizontal, a.y, a.x, b.x)
    } else {
        (Axis::Vertical, a.x, a.y, b.y)
    };
    // Going right the outside is below, going up it is on the right.
    let outward = if horizontal == (to > from) { -1 } else { 1 };
    Fragment { polygon, ring, axis, outward, base, from, to, kind: FragmentKind::Run }
}

#[cfg(test)]
#[path = "fragment_tests.rs"]
mod tests;
