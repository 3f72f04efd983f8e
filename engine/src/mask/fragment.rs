//! Fragments: pieces of target edges that move as one along their outward normals.

use serde::{Deserialize, Serialize};

use super::MaskError;
use super::overlap::overlapping;
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
#[derive(Clone, Debug)]
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
    /// each end and equal whole-nm pieces of about `run_nm` between. Repeated and collinear points
    /// are cleaned first; polygons without area are left out (their index stays unused).
    ///
    /// # Errors
    /// A slanted edge, a polygon that touches itself, two that overlap, nothing to cut, a length below 1 nm, or more
    /// than 200 000 fragments.
    pub fn new(target: &[Polygon], rules: &FragmentRules) -> Result<Self, MaskError> {
        let lengths = Lengths::new(rules)?;
        let mut this =
            Self { fragments: Vec::new(), rings: Vec::new(), polygon_count: target.len(), main: 0 };
        for (index, polygon) in target.iter().enumerate() {
            for (ring, points) in clean_rings(index, polygon)?.iter().enumerate() {
                this.cut_ring(index, ring, points, lengths)?;
            }
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

    fn cut_ring(
        &mut self,
        polygon: usize,
        ring: usize,
        points: &[Point],
        lengths: Lengths,
    ) -> Result<(), MaskError> {
        let start = self.fragments.len();
        let convex = convex_corners(points);
        for (i, (a, b)) in edges(points).enumerate() {
            let ends = [convex[i], convex[(i + 1) % points.len()]];
            let edge = whole_edge(polygon, ring, a, b);
            if self.fragments.len() + lengths.count(edge.length()) > MAX_FRAGMENTS {
                return Err(MaskError::TooManyFragments { limit: MAX_FRAGMENTS });
            }
            lengths.cut(edge, ends, &mut self.fragments);
        }
        let end = self.fragments.len();
        self.rings.push(RingSpan { polygon, ring, start, end });
        Ok(())
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

/// The rules in whole nm.
#[derive(Clone, Copy)]
struct Lengths {
    corner: i64,
    run: i64,
    whole_below: i64,
}

impl Lengths {
    fn new(rules: &FragmentRules) -> Result<Self, MaskError> {
        let whole = |name, value: f64| {
            let nm = value.round();
            if nm >= 1.0 && nm.is_finite() {
                Ok(nm.min(f64::from(i32::MAX)) as i64)
            } else {
                Err(MaskError::BadRule { name, value })
            }
        };
        Ok(Self {
            corner: whole("corner_nm", rules.corner_nm)?,
            run: whole("run_nm", rules.run_nm)?,
            whole_below: whole("whole_below_nm", rules.whole_below_nm)?,
        })
    }

    /// Pieces between the two corner fragments of an edge; `None` for an edge that stays whole.
    fn runs(self, length: i64) -> Option<i64> {
        let middle = length - 2 * self.corner;
        if length < self.whole_below || middle < 0 {
            None
        } else if middle == 0 {
            Some(0)
        } else {
            Some(((middle + self.run / 2) / self.run).max(1))
        }
    }

    fn count(self, length: i64) -> usize {
        self.runs(length).map_or(1, |runs| runs as usize + 2)
    }

    /// Appends the pieces of an edge; `ends` tells whether its corners are convex.
    fn cut(self, edge: Fragment, ends: [bool; 2], out: &mut Vec<Fragment>) {
        let corner = |convex| {
            if convex { FragmentKind::ConvexCorner } else { FragmentKind::ConcaveCorner }
        };
        let length = edge.length();
        let Some(runs) = self.runs(length) else {
            let line_end = ends == [true, true];
            let kind = if line_end { FragmentKind::LineEnd } else { FragmentKind::ConcaveCorner };
            out.push(Fragment { kind, ..edge });
            return;
        };
        let sign = i64::from((edge.to > edge.from) as i32 * 2 - 1);
        let place = |along: i64| (i64::from(edge.from) + sign * along) as i32;
        let middle = length - 2 * self.corner;
        let cut = |k: i64| if runs == 0 { self.corner } else { self.corner + middle * k / runs };
        out.push(Fragment { to: place(self.corner), kind: corner(ends[0]), ..edge });
        for k in 0..runs {
            out.push(Fragment { from: place(cut(k)), to: place(cut(k + 1)), ..edge });
        }
        out.push(Fragment { from: place(cut(runs)), kind: corner(ends[1]), ..edge });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    const RULES: FragmentRules =
        FragmentRules { corner_nm: 40.0, run_nm: 60.0, whole_below_nm: 100.0 };

    fn line() -> Polygon {
        Polygon::rect(Rect::new(0, 0, 300, 80))
    }

    #[test]
    fn a_line_has_ends_corners_and_equal_runs() {
        let target = FragmentedTarget::new(&[line()], &RULES).unwrap();
        let lengths: Vec<_> = target.fragments().iter().map(Fragment::length).collect();
        // 300 = 40 + 4 pieces of 55 + 40; the ends stay whole.
        assert_eq!(lengths, [40, 55, 55, 55, 55, 40, 80, 40, 55, 55, 55, 55, 40, 80]);
        let kinds: Vec<_> = target.fragments().iter().map(|f| f.kind).collect();
        assert_eq!(kinds[0], FragmentKind::ConvexCorner);
        assert_eq!(kinds[1], FragmentKind::Run);
        assert_eq!(kinds[6], FragmentKind::LineEnd);
        assert!(
            target
                .fragments()
                .iter()
                .map(|f| f.outward)
                .eq([-1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, -1])
        );
    }

    #[test]
    fn fragments_of_a_ring_join_end_to_start() {
        let ell = Polygon::simple(
            [(0, 0), (400, 0), (400, 90), (90, 90), (90, 333), (0, 333)]
                .map(|(x, y)| Point::new(x, y))
                .to_vec(),
        );
        let target = FragmentedTarget::new(&[ell], &RULES).unwrap();
        let f = target.fragments();
        assert_eq!(f.iter().map(Fragment::length).sum::<i64>(), 2 * (400 + 333));
        for i in 0..f.len() {
            let (a, b) = (&f[i], &f[(i + 1) % f.len()]);
            if a.axis == b.axis {
                assert_eq!((a.to, a.base), (b.from, b.base));
            } else {
                assert_eq!((a.to, a.base), (b.base, b.from));
            }
        }
        assert_eq!(f.iter().filter(|f| f.kind == FragmentKind::ConcaveCorner).count(), 2);
    }

    #[test]
    fn bad_targets_are_named() {
        let slanted = Polygon::simple(
            [(0, 0), (100, 0), (90, 100), (0, 100)].map(|(x, y)| Point::new(x, y)).to_vec(),
        );
        let error = FragmentedTarget::new(&[line(), slanted], &RULES).unwrap_err();
        let (from, to) = (Point::new(100, 0), Point::new(90, 100));
        assert_eq!(error, MaskError::SlantedEdge { polygon: 1, from, to });

        let bow = Polygon::simple(
            [(0, 0), (10, 0), (10, 10), (20, 10), (20, 20), (10, 20), (10, 10), (0, 10)]
                .map(|(x, y)| Point::new(x, y))
                .to_vec(),
        );
        let error = FragmentedTarget::new(&[bow], &RULES).unwrap_err();
        assert_eq!(error, MaskError::SelfTouching { polygon: 0, at: Point::new(10, 10) });

        assert_eq!(FragmentedTarget::new(&[], &RULES).unwrap_err(), MaskError::EmptyTarget);
        let flat = Polygon::simple(vec![Point::new(0, 0), Point::new(9, 0), Point::new(4, 0)]);
        assert_eq!(FragmentedTarget::new(&[flat], &RULES).unwrap_err(), MaskError::EmptyTarget);
    }

    #[test]
    fn absurd_fragment_counts_and_lengths_are_refused() {
        let huge = Polygon::rect(Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX));
        let error = FragmentedTarget::new(&[huge], &RULES).unwrap_err();
        assert_eq!(error, MaskError::TooManyFragments { limit: MAX_FRAGMENTS });
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let rules = FragmentRules { run_nm: bad, ..RULES };
            let error = FragmentedTarget::new(&[line()], &rules).unwrap_err();
            assert!(matches!(error, MaskError::BadRule { name: "run_nm", .. }));
        }
    }
}
