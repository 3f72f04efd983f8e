//! Every mask rule on the final polygons, in whole numbers, knowing nothing of how the mask came
//! about.
//!
//! Edges are compared across (the projection metric of layout checkers), corners by their straight
//! distance. Pairs come from a sweep over boxes, so the cost is about n log n + pairs. Edges that
//! are not along x or y are passed over.

use serde::Serialize;

use super::rules::{Facing, MaskRule, for_each_facing_of};
use crate::geometry::{Point, Polygon, Rect, edges, rectangles};
use crate::mask::near::{Extent, near_pairs};

/// Least distances and areas; 0 leaves a rule out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleValues {
    /// Least width of a main feature, nm.
    pub min_width_nm: i32,
    /// Least space between main features, and within one where `min_notch_nm` is 0, nm.
    pub min_space_nm: i32,
    /// Least space within one main feature, nm.
    pub min_notch_nm: i32,
    /// Least area of a main feature or an SRAF, nm².
    pub min_area_nm2: i64,
    /// An edge between two convex corners, no longer than this nor than its two neighbours, is a
    /// line end, nm.
    pub line_end_nm: i32,
    /// Least space before the line end of a main feature, nm.
    pub min_end_space_nm: i32,
    /// Least straight distance, through the outside, of convex corners that do not face, nm.
    pub min_corner_nm: i32,
    /// Least width and length of an SRAF, nm.
    pub min_sraf_width_nm: i32,
    /// Least space between SRAFs, and within one, nm.
    pub min_sraf_space_nm: i32,
    /// Least space between an SRAF and a main feature, nm.
    pub min_sraf_to_main_nm: i32,
}

/// A place where a mask breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RuleFinding {
    /// The rule.
    pub rule: MaskRule,
    /// What was found, nm, or nm² of [`MaskRule::Area`]; 0 where shapes abut or overlap.
    pub measured: f64,
    /// The least that the rule allows, in the same unit.
    pub needed: f64,
    /// What lies between the two edges or corners, the common part of two shapes that overlap, or
    /// the box of a shape that is too small; clip nm.
    pub place: Rect,
    /// The two edges, in ring order, where it is two edges.
    pub edges: Option<[[Point; 2]; 2]>,
}

/// Every place where a mask of Manhattan polygons (outer rings counter-clockwise, holes clockwise)
/// breaks a rule, in a fixed order; none where the mask is clean. A pair of edges that breaks
/// several rules is found once, by its space or width first.
pub fn check(main: &[Polygon], srafs: &[Polygon], rules: &RuleValues) -> Vec<RuleFinding> {
    let all: Vec<Polygon> = main.iter().chain(srafs).map(without_straight_corners).collect();
    let mut found = Vec::new();
    facing_edges(&all, main.len(), rules, &mut found);
    overlaps(&all, main.len(), rules, &mut found);
    corners(&all, rules, &mut found);
    touching_points(&all, rules, &mut found);
    areas(&all, rules, &mut found);
    found.sort_by_key(|f| (f.rule, f.place.min, f.place.max, f.edges));
    found
}

/// The rings without corners at which they go straight on.
fn without_straight_corners(polygon: &Polygon) -> Polygon {
    let tidy = |ring: &Vec<Point>| {
        let n = ring.len();
        let turns = |i: &usize| turn(ring[(i + n - 1) % n], ring[*i], ring[(i + 1) % n]) != 0;
        (0..n).filter(turns).map(|i| ring[i]).collect::<Vec<_>>()
    };
    Polygon { outer: tidy(&polygon.outer), holes: polygon.holes.iter().map(tidy).collect() }
}

/// Twice the area of a triangle: positive where the way turns left.
fn turn(a: Point, b: Point, c: Point) -> i128 {
    let [ax, ay, bx, by, cx, cy] = [a.x, a.y, b.x, b.y, c.x, c.y].map(i128::from);
    (bx - ax) * (cy - by) - (by - ay) * (cx - bx)
}

fn facing_edges(all: &[Polygon], main: usize, rules: &RuleValues, found: &mut Vec<RuleFinding>) {
    let within = [
        rules.min_width_nm,
        rules.min_space_nm,
        rules.min_notch_nm,
        rules.min_end_space_nm,
        rules.min_sraf_width_nm,
        rules.min_sraf_space_nm,
        rules.min_sraf_to_main_nm,
    ];
    let within = within.into_iter().max().unwrap_or(0);
    for_each_facing_of(all, within, |facing| {
        let distance = facing.violation.distance_nm;
        let applicable = rules_of(facing, main, rules);
        if let Some((rule, needed)) = applicable.into_iter().find(|(_, n)| distance < i64::from(*n))
        {
            let ends = facing.violation.edges;
            found.push(RuleFinding {
                rule,
                measured: distance as f64,
                needed: f64::from(needed),
                place: between(ends),
                edges: Some(ends),
            });
        }
    });
}

/// The rules that two facing edges must keep, the plain one first.
fn rules_of(facing: &Facing, main: usize, rules: &RuleValues) -> [(MaskRule, i32); 2] {
    let same = facing.polygons[0] == facing.polygons[1];
    let srafs = facing.polygons.map(|p| p >= main);
    let plain = match (facing.violation.rule, srafs) {
        (MaskRule::Width, [false, false]) => (MaskRule::Width, rules.min_width_nm),
        (MaskRule::Width, _) => (MaskRule::AssistWidth, rules.min_sraf_width_nm),
        (_, [false, false]) if same && rules.min_notch_nm > 0 => {
            (MaskRule::Notch, rules.min_notch_nm)
        }
        (_, [false, false]) => (MaskRule::Space, rules.min_space_nm),
        (_, [true, true]) => (MaskRule::AssistSpace, rules.min_sraf_space_nm),
        _ => (MaskRule::AssistToMain, rules.min_sraf_to_main_nm),
    };
    let is_end =
        |i: usize| !srafs[i] && facing.end_nm[i].is_some_and(|l| l <= rules.line_end_nm.into());
    let ends = facing.violation.rule == MaskRule::Space && (is_end(0) || is_end(1));
    [plain, (MaskRule::EndSpace, if ends { rules.min_end_space_nm } else { 0 })]
}

/// What lies between two facing edges: their common stretch.
fn between([[a, b], [c, d]]: [[Point; 2]; 2]) -> Rect {
    let common = |p: i32, q: i32, r: i32, s: i32| [p.min(q).max(r.min(s)), p.max(q).min(r.max(s))];
    if a.x == b.x {
        let [y0, y1] = common(a.y, b.y, c.y, d.y);
        Rect::new(a.x.min(c.x), y0, a.x.max(c.x), y1)
    } else {
        let [x0, x1] = common(a.x, b.x, c.x, d.x);
        Rect::new(x0, a.y.min(c.y), x1, a.y.max(c.y))
    }
}

/// Shapes that share area have no space between them at all.
fn overlaps(all: &[Polygon], main: usize, rules: &RuleValues, found: &mut Vec<RuleFinding>) {
    let mut pieces = Vec::new();
    for (owner, polygon) in all.iter().enumerate() {
        let cut = rectangles(std::slice::from_ref(polygon));
        pieces.extend(cut.into_iter().map(|rect| (owner, rect)));
    }
    let boxes: Vec<Extent> = pieces.iter().map(|(_, r)| extent(*r, 0.0)).collect();
    near_pairs(&boxes, |i, j| {
        let ((a, first), (b, second)) = (pieces[i], pieces[j]);
        if a == b || !first.overlaps(&second) {
            return;
        }
        let (rule, needed) = match (a < main, b < main) {
            (true, true) => (MaskRule::Space, rules.min_space_nm),
            (false, false) => (MaskRule::AssistSpace, rules.min_sraf_space_nm),
            _ => (MaskRule::AssistToMain, rules.min_sraf_to_main_nm),
        };
        if needed > 0 {
            let (low, high) = (first.min, first.max);
            let place = Rect::new(
                low.x.max(second.min.x),
                low.y.max(second.min.y),
                high.x.min(second.max.x),
                high.y.min(second.max.y),
            );
            let needed = f64::from(needed);
            found.push(RuleFinding { rule, measured: 0.0, needed, place, edges: None });
        }
    });
}

fn extent(r: Rect, halo: f64) -> Extent {
    let span = |a: i32, b: i32| [f64::from(a) - halo, f64::from(b) + halo];
    Extent { along: span(r.min.x, r.max.x), at: span(r.min.y, r.max.y) }
}

/// A convex corner and the quarter of the plane that lies opposite to its inside: the signs of x
/// and y there.
struct Corner {
    at: Point,
    outward: [i64; 2],
}

fn corners(all: &[Polygon], rules: &RuleValues, found: &mut Vec<RuleFinding>) {
    if rules.min_corner_nm <= 0 {
        return;
    }
    let corners: Vec<Corner> =
        all.iter().flat_map(Polygon::rings).flat_map(convex_corners).collect();
    let halo = f64::from(rules.min_corner_nm) / 2.0;
    let boxes: Vec<Extent> =
        corners.iter().map(|c| extent(Rect { min: c.at, max: c.at }, halo)).collect();
    let least2 = i64::from(rules.min_corner_nm).pow(2);
    near_pairs(&boxes, |i, j| {
        let (a, b) = (&corners[i], &corners[j]);
        let [dx, dy] =
            [[a.at.x, b.at.x], [a.at.y, b.at.y]].map(|[from, to]| i64::from(to) - i64::from(from));
        let opposite = a.outward.map(|s| -s) == b.outward;
        let before = dx * a.outward[0] >= 0 && dy * a.outward[1] >= 0;
        let distance2 = dx * dx + dy * dy;
        if opposite && before && distance2 < least2 {
            found.push(RuleFinding {
                rule: MaskRule::Corner,
                measured: (distance2 as f64).sqrt(),
                needed: f64::from(rules.min_corner_nm),
                place: Rect::new(
                    a.at.x.min(b.at.x),
                    a.at.y.min(b.at.y),
                    a.at.x.max(b.at.x),
                    a.at.y.max(b.at.y),
                ),
                edges: None,
            });
        }
    });
}

/// Points at which the outline of a shape touches itself: two corners that turn into the inside
/// meet there, and no distance is left between the outsides.
fn touching_points(all: &[Polygon], rules: &RuleValues, found: &mut Vec<RuleFinding>) {
    if rules.min_corner_nm <= 0 {
        return;
    }
    let rings = all.iter().flat_map(Polygon::rings);
    let mut reflex: Vec<Point> = rings.flat_map(reflex_corners).collect();
    reflex.sort_unstable();
    for point in reflex.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]) {
        found.push(RuleFinding {
            rule: MaskRule::Corner,
            measured: 0.0,
            needed: f64::from(rules.min_corner_nm),
            place: Rect { min: point, max: point },
            edges: None,
        });
    }
}

fn reflex_corners(ring: &[Point]) -> impl Iterator<Item = Point> + '_ {
    let n = ring.len();
    let corners =
        edges(ring).enumerate().map(move |(i, (a, b))| (b, turn(a, b, ring[(i + 2) % n])));
    corners.filter(|(_, turn)| *turn < 0).map(|(corner, _)| corner)
}

fn convex_corners(ring: &[Point]) -> impl Iterator<Item = Corner> + '_ {
    let n = ring.len();
    edges(ring).enumerate().filter_map(move |(i, (a, b))| {
        let c = ring[(i + 2) % n];
        let sign = |from: i32, to: i32| (i64::from(to) - i64::from(from)).signum();
        // The way in and the way out are along one axis each; the inside lies to the left of both.
        let outward = [sign(a.x, b.x) - sign(b.x, c.x), sign(a.y, b.y) - sign(b.y, c.y)];
        let square = outward.iter().all(|s| s.abs() == 1);
        (turn(a, b, c) > 0 && square).then_some(Corner { at: b, outward })
    })
}

fn areas(all: &[Polygon], rules: &RuleValues, found: &mut Vec<RuleFinding>) {
    for polygon in all {
        let area2 = polygon.area2();
        if let Some(place) = polygon.bounding_box()
            && area2 < 2 * i128::from(rules.min_area_nm2)
        {
            let (measured, needed) = (area2 as f64 / 2.0, rules.min_area_nm2 as f64);
            found.push(RuleFinding { rule: MaskRule::Area, measured, needed, place, edges: None });
        }
    }
}

#[cfg(test)]
#[path = "rule_check_tests.rs"]
mod tests;
