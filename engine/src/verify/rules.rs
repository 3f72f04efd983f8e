//! Mask rules on finished polygons: exact distances of facing edges.
//!
//! Two edges face where they run opposite ways and their projections on their common direction
//! overlap; their distance is taken across (the projection metric of layout checkers).

use serde::{Deserialize, Serialize};

use crate::geometry::{Point, Polygon, edges};
use crate::mask::near::{Extent, near_pairs};

/// Which rule a mask breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaskRule {
    /// Least width: the inside lies between the edges.
    Width,
    /// Least space: the outside lies between the edges, of one polygon (a notch) or of two.
    Space,
    /// Least width of an SRAF.
    AssistWidth,
    /// Least space between SRAFs.
    AssistSpace,
    /// Least space between an SRAF and a main feature.
    AssistToMain,
    /// Least space within one polygon.
    Notch,
    /// Least space before a line end.
    EndSpace,
    /// Least straight distance of corners that do not face.
    Corner,
    /// Least area of a shape.
    Area,
}

impl MaskRule {
    /// The rule in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Width => "width",
            Self::Space => "space",
            Self::AssistWidth => "SRAF width",
            Self::AssistSpace => "space between SRAFs",
            Self::AssistToMain => "space from SRAF to main feature",
            Self::Notch => "notch",
            Self::EndSpace => "space before a line end",
            Self::Corner => "corner to corner",
            Self::Area => "area",
        }
    }
}

/// Least distances that SRAFs keep, nm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssistRules {
    /// Least width and length of an SRAF.
    pub min_width_nm: i32,
    /// Least space between SRAFs.
    pub min_space_nm: i32,
    /// Least space between an SRAF and a main feature.
    pub min_to_main_nm: i32,
}

/// Two edges closer than a rule allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Violation {
    /// The rule.
    pub rule: MaskRule,
    /// Their distance, nm; 0 where two polygons abut.
    pub distance_nm: i64,
    /// The two edges, in ring order, clip nm.
    pub edges: [[Point; 2]; 2],
}

/// The least facing distances of a mask, nm; `None` where nothing faces within the search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeastDistances {
    /// Least width.
    pub width_nm: Option<i64>,
    /// Least space.
    pub space_nm: Option<i64>,
}

/// Every two edges of a mask of disjoint Manhattan polygons (outer rings counter-clockwise) that
/// face each other at less than the rule, in a fixed order. About O(n log n + pairs).
pub fn violations(mask: &[Polygon], min_width_nm: i32, min_space_nm: i32) -> Vec<Violation> {
    let mut found = Vec::new();
    for_each_facing(mask, min_width_nm.max(min_space_nm), |v| {
        let least = match v.rule {
            MaskRule::Width => min_width_nm,
            _ => min_space_nm,
        };
        if v.distance_nm < i64::from(least) {
            found.push(v);
        }
    });
    found.sort_unstable();
    found
}

/// Every two edges of disjoint Manhattan polygons, at least one of them an SRAF's, that face each
/// other at less than the rule, in a fixed order. About O(n log n + pairs).
pub fn assist_violations(
    main: &[Polygon],
    assists: &[Polygon],
    rules: &AssistRules,
) -> Vec<Violation> {
    let all: Vec<Polygon> = main.iter().chain(assists).cloned().collect();
    let within = rules.min_width_nm.max(rules.min_space_nm).max(rules.min_to_main_nm);
    let mut found = Vec::new();
    for_each_facing_of(&all, within, |facing| {
        let v = facing.violation;
        let (rule, least) = match (v.rule, facing.polygons.map(|p| p >= main.len())) {
            (MaskRule::Width, [true, true]) => (MaskRule::AssistWidth, rules.min_width_nm),
            (MaskRule::Space, [true, true]) => (MaskRule::AssistSpace, rules.min_space_nm),
            (MaskRule::Space, [true, false] | [false, true]) => {
                (MaskRule::AssistToMain, rules.min_to_main_nm)
            }
            _ => return,
        };
        if v.distance_nm < i64::from(least) {
            found.push(Violation { rule, ..v });
        }
    });
    found.sort_unstable();
    found
}

/// The least width and space of a mask, searched below `up_to_nm`.
pub fn least_distances(mask: &[Polygon], up_to_nm: i32) -> LeastDistances {
    let mut least = LeastDistances::default();
    for_each_facing(mask, up_to_nm, |v| {
        let slot = match v.rule {
            MaskRule::Width => &mut least.width_nm,
            _ => &mut least.space_nm,
        };
        if v.distance_nm < i64::from(up_to_nm) {
            *slot = Some(slot.map_or(v.distance_nm, |d| d.min(v.distance_nm)));
        }
    });
    least
}

/// Two edges that face each other.
pub(super) struct Facing {
    /// Their kind, distance and ends.
    pub violation: Violation,
    /// The polygons they belong to.
    pub polygons: [usize; 2],
    /// The length of each that joins two convex corners and is no longer than its neighbours.
    pub end_nm: [Option<i64>; 2],
}

/// An edge with its outward normal along the positive or negative direction across.
struct Edge {
    polygon: usize,
    ends: [Point; 2],
    end_nm: Option<i64>,
    at: i32,
    lo: i32,
    hi: i32,
    positive: bool,
}

impl Edge {
    fn extent(&self, halo: f64) -> Extent {
        let at = f64::from(self.at);
        Extent { along: [f64::from(self.lo), f64::from(self.hi)], at: [at - halo, at + halo] }
    }
}

fn for_each_facing(mask: &[Polygon], within_nm: i32, mut report: impl FnMut(Violation)) {
    for_each_facing_of(mask, within_nm, |facing| report(facing.violation));
}

/// As [`for_each_facing`], with what the two edges are like.
pub(super) fn for_each_facing_of(
    mask: &[Polygon],
    within_nm: i32,
    mut report: impl FnMut(&Facing),
) {
    for vertical in [false, true] {
        let edges = axis_edges(mask, vertical);
        let halo = f64::from(within_nm.max(0)) / 2.0;
        let boxes: Vec<Extent> = edges.iter().map(|e| e.extent(halo)).collect();
        near_pairs(&boxes, |i, j| {
            let (a, b) = (&edges[i], &edges[j]);
            if let Some(violation) = facing(a, b) {
                let polygons = [a.polygon, b.polygon];
                report(&Facing { violation, polygons, end_nm: [a.end_nm, b.end_nm] });
            }
        });
    }
}

fn axis_edges(mask: &[Polygon], vertical: bool) -> Vec<Edge> {
    let mut out = Vec::new();
    for (polygon, shape) in mask.iter().enumerate() {
        for (ends, end_nm) in shape.rings().flat_map(edges_and_ends) {
            let [a, b] = ends;
            let (at, lo, hi, positive) = if vertical && a.x == b.x && a.y != b.y {
                (a.x, a.y.min(b.y), a.y.max(b.y), b.y > a.y)
            } else if !vertical && a.y == b.y && a.x != b.x {
                (a.y, a.x.min(b.x), a.x.max(b.x), b.x < a.x)
            } else {
                continue;
            };
            out.push(Edge { polygon, ends, end_nm, at, lo, hi, positive });
        }
    }
    out
}

/// The edges of a ring, each with its length where it joins two convex corners and is no longer
/// than its two neighbours.
fn edges_and_ends(ring: &[Point]) -> impl Iterator<Item = ([Point; 2], Option<i64>)> + '_ {
    let n = ring.len();
    let way =
        |[a, b]: [Point; 2]| [i64::from(b.x) - i64::from(a.x), i64::from(b.y) - i64::from(a.y)];
    let length = |[x, y]: [i64; 2]| x.abs() + y.abs();
    let turns_left = |a: [i64; 2], b: [i64; 2]| {
        a[0].signum() * b[1].signum() - a[1].signum() * b[0].signum() > 0
    };
    edges(ring).enumerate().map(move |(i, (a, b))| {
        let [before, own, after] =
            [[ring[(i + n - 1) % n], a], [a, b], [b, ring[(i + 2) % n]]].map(way);
        let convex = turns_left(before, own) && turns_left(own, after);
        let shortest = length(own) <= length(before).min(length(after));
        ([a, b], (convex && shortest).then(|| length(own)))
    })
}

/// The distance at which two edges of one axis face each other, whatever it is.
fn facing(a: &Edge, b: &Edge) -> Option<Violation> {
    let overlap = i64::from(a.hi.min(b.hi)) - i64::from(a.lo.max(b.lo));
    if a.positive == b.positive || overlap <= 0 {
        return None;
    }
    let (plus, minus) = if a.positive { (a, b) } else { (b, a) };
    let gap = i64::from(minus.at) - i64::from(plus.at);
    let ends = [a.ends, b.ends];
    if gap >= 0 {
        Some(Violation { rule: MaskRule::Space, distance_nm: gap, edges: ends })
    } else if a.polygon == b.polygon {
        Some(Violation { rule: MaskRule::Width, distance_nm: -gap, edges: ends })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn rect(x0: i32, y0: i32, x1: i32, y1: i32) -> Polygon {
        Polygon::rect(Rect::new(x0, y0, x1, y1))
    }

    #[test]
    fn a_distance_equal_to_the_rule_keeps_it_and_one_less_breaks_it() {
        let mask = [rect(0, 0, 40, 300), rect(79, 0, 200, 300)];
        assert!(violations(&mask, 40, 39).is_empty());
        let broken = violations(&mask, 41, 40);
        let kinds: Vec<_> = broken.iter().map(|v| (v.rule, v.distance_nm)).collect();
        assert_eq!(kinds, [(MaskRule::Width, 40), (MaskRule::Space, 39)]);
        let least = least_distances(&mask, 200);
        assert_eq!(least, LeastDistances { width_nm: Some(40), space_nm: Some(39) });
    }

    #[test]
    fn corners_that_do_not_face_break_nothing() {
        assert!(violations(&[rect(0, 0, 50, 50), rect(50, 50, 100, 100)], 40, 40).is_empty());
    }

    #[test]
    fn notches_holes_and_abutting_polygons_are_space() {
        let ring = [(0, 0), (130, 0), (130, 50), (80, 50), (80, 20), (50, 20), (50, 50), (0, 50)];
        let notch = Polygon::simple(ring.map(|(x, y)| Point::new(x, y)).to_vec());
        let broken = violations(&[notch], 0, 40);
        assert_eq!(broken.iter().map(|v| v.distance_nm).collect::<Vec<_>>(), [30]);
        let frame = Polygon {
            outer: Rect::new(0, 0, 130, 130).corners().to_vec(),
            holes: vec![Rect::new(50, 50, 80, 80).corners().into_iter().rev().collect()],
        };
        let least = least_distances(&[frame], 200);
        assert_eq!(least, LeastDistances { width_nm: Some(50), space_nm: Some(30) });
        let seam = violations(&[rect(0, 0, 50, 50), rect(50, 0, 100, 50)], 0, 1);
        assert_eq!(seam.iter().map(|v| v.distance_nm).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn jogs_facing_each_other_are_a_neck() {
        // A bump 30 wide and 5 high on a line.
        let ring =
            [(0, 0), (200, 0), (200, 80), (130, 80), (130, 85), (100, 85), (100, 80), (0, 80)];
        let bump = Polygon::simple(ring.map(|(x, y)| Point::new(x, y)).to_vec());
        let broken = violations(&[bump], 40, 40);
        assert_eq!(broken.len(), 1);
        assert_eq!((broken[0].rule, broken[0].distance_nm), (MaskRule::Width, 30));
    }
}
