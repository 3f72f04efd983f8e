//! How two edges of the moved mask stand to each other, and what they lack to keep the rules.

use super::Axis;
use super::plan::{Facing, Pair, Plan, PlannedEdge};

/// Distances within this of a rule keep it, nm.
pub(super) const TOLERANCE: f64 = 1e-3;

/// Two edges as they stand: which place to raise and which to lower to part them.
pub(super) struct Standing {
    /// Signed distance, positive the way they ought to be apart.
    pub distance: f64,
    /// Whether the outside ought to lie between them.
    pub space: bool,
    pub rule: f64,
    /// The rule is that about the space before a line end.
    pub before_end: bool,
    pub overlap: f64,
    /// Parting across: raise the first, lower the second.
    pub across: [u32; 2],
    /// Parting along: raise the first, lower the second.
    pub along: [u32; 2],
    /// Both places of `along` are the ends of one jog: level, it vanishes.
    pub one_jog: bool,
}

/// What a pair lacks, nm: across, or else along.
pub(super) struct Lack {
    pub across: f64,
    pub along: f64,
}

impl Standing {
    /// How two edges stand, or `None` where they do not face opposite ways.
    pub fn of(plan: &Plan, pair: &Pair, places: &[f64]) -> Option<Self> {
        let ends = |i: u32| {
            let e = &plan.edges[i as usize];
            oriented(e, places)
        };
        let (a, b) = (ends(pair.a), ends(pair.b));
        if a.outward * b.outward >= 0 {
            return None;
        }
        let (plus, minus) = if a.outward > 0 { (&a, &b) } else { (&b, &a) };
        let at = |k: u32| places[k as usize];
        let gap = at(minus.at) - at(plus.at);
        let lower =
            if at(a.hi) < at(b.hi) || (at(a.hi) == at(b.hi) && a.hi < b.hi) { a.hi } else { b.hi };
        let raise =
            if at(a.lo) > at(b.lo) || (at(a.lo) == at(b.lo) && a.lo < b.lo) { a.lo } else { b.lo };
        let space = match pair.facing {
            Facing::Space => true,
            Facing::Width => false,
            Facing::Either => gap >= 0.0,
            Facing::AsDrawn => {
                let drawn = |k: u32| plan.base[k as usize];
                let drawn_gap = drawn(minus.at) - drawn(plus.at);
                if drawn_gap == 0.0 { gap >= 0.0 } else { drawn_gap > 0.0 }
            }
        };
        let overlap = at(lower) - at(raise);
        // Looked into only where it makes a difference.
        let near_end = space && pair.end > pair.space && gap < pair.end && overlap > TOLERANCE;
        let is_end = |i: u32| plan.ends.is_end(plan, places, plan.edges[i as usize].at);
        let before_end = near_end && (is_end(pair.a) || is_end(pair.b));
        let rule = match (space, before_end) {
            (true, true) => pair.end,
            (true, false) => pair.space,
            (false, _) => pair.width,
        };
        let (distance, across) =
            if space { (gap, [minus.at, plus.at]) } else { (-gap, [plus.at, minus.at]) };
        let spans = |e: &Oriented| e.jog && (e.lo, e.hi) == (raise, lower);
        Some(Self {
            distance,
            space,
            rule,
            before_end,
            overlap,
            across,
            along: [raise, lower],
            one_jog: spans(&a) || spans(&b),
        })
    }

    /// What keeps the two from the rule; `None` where they keep it.
    pub fn lack(&self, pair: &Pair) -> Option<Lack> {
        if self.overlap > TOLERANCE {
            let clear =
                if self.one_jog || self.distance >= pair.corner { 0.0 } else { pair.corner };
            (self.distance < self.rule - TOLERANCE)
                .then_some(Lack { across: self.rule - self.distance, along: self.overlap + clear })
        } else {
            let apart = self.distance.max(-self.overlap);
            (apart < pair.corner - TOLERANCE).then_some(Lack {
                across: pair.corner - self.distance,
                along: pair.corner + self.overlap,
            })
        }
    }
}

/// An edge with its ends in order and its outward sign at the moment (0: a level jog).
struct Oriented {
    at: u32,
    lo: u32,
    hi: u32,
    outward: i8,
    jog: bool,
}

fn oriented(e: &PlannedEdge, places: &[f64]) -> Oriented {
    let rise = places[e.to as usize] - places[e.from as usize];
    let (lo, hi) = if rise >= 0.0 { (e.from, e.to) } else { (e.to, e.from) };
    let jog = e.outward == 0;
    let outward = if !jog {
        e.outward
    } else if rise.abs() <= TOLERANCE {
        0
    } else if (e.axis == Axis::Vertical) == (rise > 0.0) {
        // Going up the outside is on the right, going right it is below.
        1
    } else {
        -1
    };
    Oriented { at: e.at, lo, hi, outward, jog }
}
