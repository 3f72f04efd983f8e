//! Keeps a moving mask within its rules: facing edges far enough apart, rings simple.
//!
//! Violated pairs are pushed apart, half each, pair after pair in sweeps, until none is left;
//! where sweeps do not settle, the fragments involved go back towards the target, which keeps
//! every rule by definition: a distance drawn below a rule only must not get smaller.

use super::fragment::FragmentedTarget;
use super::plan::{Facing, Least, Pair, Plan, PlannedEdge};

/// Sweeps over all pairs before the fragments still in conflict are pulled back.
const SWEEPS: usize = 16;
/// Times the fragments in conflict are pulled half way back before they go back all the way.
const PULLS: usize = 4;
/// Distances within this of a rule keep it, nm.
const TOLERANCE: f64 = 1e-3;
/// Pushed apart by this much more than needed, so that sweeps end, nm.
const SLACK: f64 = 5e-3;

/// What a [`RuleKeeper`] keeps, nm. Least distances are rounded up to whole nm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleLimits {
    /// Least distance of edges that face each other across the inside.
    pub min_width_nm: f64,
    /// Least distance of edges that face each other across the outside, notches included.
    pub min_space_nm: f64,
    /// Least distance, along x or along y, of corners that do not face each other; at least 1,
    /// so that corners never touch.
    pub min_corner_nm: f64,
    /// Largest offset either way; at most 16 000.
    pub max_offset_nm: f64,
}

/// Projects offsets onto those that keep the mask rules. Planned once for a target.
#[derive(Clone, Debug)]
pub struct RuleKeeper {
    plan: Plan,
}

/// Two edges as they stand: which place to raise and which to lower to part them.
struct Standing {
    /// Signed distance, positive the way they ought to be apart.
    distance: f64,
    rule: f64,
    overlap: f64,
    /// Parting across: raise the first, lower the second.
    across: [u32; 2],
    /// Parting along: raise the first, lower the second.
    along: [u32; 2],
    /// Both places of `along` are the ends of one jog: level, it vanishes.
    one_jog: bool,
}

/// What a pair lacks, nm: across, or else along.
struct Lack {
    across: f64,
    along: f64,
}

impl RuleKeeper {
    /// Plans for a target: finds the pairs of edges that offsets within the limit can bring into
    /// conflict. About O(n log n + pairs).
    pub fn new(target: &FragmentedTarget, limits: &RuleLimits) -> Self {
        let whole = |nm: f64| if nm.is_finite() { nm.ceil().clamp(0.0, 1e6) } else { 0.0 };
        let least = Least {
            width: whole(limits.min_width_nm).max(1.0),
            space: whole(limits.min_space_nm).max(1.0),
            corner: whole(limits.min_corner_nm).max(1.0),
        };
        let reach = if limits.max_offset_nm.is_finite() { limits.max_offset_nm } else { 0.0 };
        Self { plan: Plan::new(target, least, reach.clamp(0.0, 16e3)) }
    }

    /// Number of edge pairs watched.
    pub fn pair_count(&self) -> usize {
        self.plan.pairs.len()
    }

    /// Moves offsets (nm, one a fragment) to nearby ones that keep the rules within 0.001 nm.
    /// Offsets that are not a number count as 0; missing ones as 0. Offsets that already keep the
    /// rules stay as they are.
    pub fn project(&self, offsets: &mut [f32]) {
        let mut places =
            self.places(|i| offsets.get(i).copied().map_or(0.0, f64::from), self.plan.reach);
        self.enforce(&mut places, false);
        for (i, offset) in offsets.iter_mut().enumerate().take(self.plan.movable()) {
            *offset = self.offset(&places, i) as f32;
        }
    }

    /// Whole-nm offsets near the given ones that keep the rules exactly, one for each fragment.
    pub fn project_rounded(&self, offsets: &[f32]) -> Vec<i16> {
        let rounded = |i: usize| offsets.get(i).copied().map_or(0.0, |o| f64::from(o).round());
        let mut places = self.places(rounded, self.plan.reach.floor());
        self.enforce(&mut places, true);
        (0..self.plan.movable()).map(|i| self.offset(&places, i) as i16).collect()
    }

    fn places(&self, offset: impl Fn(usize) -> f64, reach: f64) -> Vec<f64> {
        let mut places = self.plan.base.clone();
        for (i, (place, outward)) in places.iter_mut().zip(&self.plan.outward).enumerate() {
            let offset = offset(i);
            *place += outward * if offset.is_nan() { 0.0 } else { offset.clamp(-reach, reach) };
        }
        places
    }

    fn offset(&self, places: &[f64], i: usize) -> f64 {
        (places[i] - self.plan.base[i]) * self.plan.outward[i]
    }

    fn enforce(&self, places: &mut [f64], whole: bool) {
        for _ in 0..PULLS {
            for _ in 0..SWEEPS {
                if !self.sweep(places, whole) {
                    return;
                }
            }
            self.pull_back(places, 0.5);
        }
        // Each round puts at least one more fragment on the target, so this ends.
        while self.pull_back(places, 0.0) {}
    }

    /// Settles every pair once; whether any needed it.
    fn sweep(&self, places: &mut [f64], whole: bool) -> bool {
        let mut moved = false;
        for s in &self.plan.stretches {
            let lack = s.least - (places[s.hi as usize] - places[s.lo as usize]);
            if lack > TOLERANCE {
                self.part(places, [s.hi, s.lo], lack, whole);
                moved = true;
            }
        }
        for pair in &self.plan.pairs {
            let Some(standing) = self.standing(pair, places) else { continue };
            if let Some(lack) = standing.lack(pair) {
                self.settle(places, &standing, &lack, whole);
                moved = true;
            }
        }
        moved
    }

    /// Parts two edges the cheaper way, or the other way where the first runs into its limits.
    fn settle(&self, places: &mut [f64], standing: &Standing, lack: &Lack, whole: bool) {
        let across = (standing.across, lack.across);
        let along = (standing.along, lack.along);
        let order = if lack.across <= lack.along { [across, along] } else { [along, across] };
        for (ends, lack) in order {
            if self.part(places, ends, lack, whole) {
                return;
            }
        }
    }

    /// Raises the first place and lowers the second, half of `lack` each as far as they can move;
    /// whether that was enough.
    fn part(&self, places: &mut [f64], ends: [u32; 2], lack: f64, whole: bool) -> bool {
        let lack = if whole { lack.ceil() } else { lack + SLACK };
        let ends = ends.map(|e| e as usize);
        let away = |k: usize, places: &[f64]| (places[k] - self.plan.base[k]).abs();
        // The one further from its target place takes the odd nm.
        let first = usize::from(away(ends[1], places) > away(ends[0], places));
        let half = if whole { (lack / 2.0).ceil() } else { lack / 2.0 };
        let sign = [1.0, -1.0];
        let mut left = lack;
        for (k, share) in [(first, half), (1 - first, lack), (first, lack)] {
            let step = share.min(left);
            if step > 0.0 {
                left -= self.shift(places, ends[k], sign[k] * step, whole);
            }
        }
        left <= TOLERANCE
    }

    /// Moves a place within its limits; how far it went.
    fn shift(&self, places: &mut [f64], k: usize, by: f64, whole: bool) -> f64 {
        if k >= self.plan.movable() {
            return 0.0;
        }
        let reach = if whole { self.plan.reach.floor() } else { self.plan.reach };
        let (base, before) = (self.plan.base[k], places[k]);
        places[k] = (before + by).clamp(base - reach, base + reach);
        (places[k] - before).abs()
    }

    /// Brings every fragment in conflict back to `keep` of its offset; whether there was one.
    fn pull_back(&self, places: &mut [f64], keep: f64) -> bool {
        let n = self.plan.movable();
        let mut involved: Vec<u32> = Vec::new();
        for s in &self.plan.stretches {
            if s.least - (places[s.hi as usize] - places[s.lo as usize]) > TOLERANCE {
                involved.extend([s.lo, s.hi]);
            }
        }
        for pair in &self.plan.pairs {
            if self.standing(pair, places).is_some_and(|s| s.lack(pair).is_some()) {
                for e in [pair.a, pair.b].map(|i| &self.plan.edges[i as usize]) {
                    involved.extend([e.at, e.from, e.to]);
                }
            }
        }
        involved.sort_unstable();
        involved.dedup();
        let mut moved = false;
        for k in involved.into_iter().map(|k| k as usize).filter(|&k| k < n) {
            let offset = places[k] - self.plan.base[k];
            if offset != 0.0 {
                places[k] = self.plan.base[k] + (offset * keep).trunc();
                moved = true;
            }
        }
        moved
    }

    /// How two edges stand, or `None` where they do not face opposite ways.
    fn standing(&self, pair: &Pair, places: &[f64]) -> Option<Standing> {
        let ends = |i: u32| {
            let e = &self.plan.edges[i as usize];
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
                let drawn = |k: u32| self.plan.base[k as usize];
                let drawn_gap = drawn(minus.at) - drawn(plus.at);
                if drawn_gap == 0.0 { gap >= 0.0 } else { drawn_gap > 0.0 }
            }
        };
        let rule = match (pair.facing, space) {
            (Facing::Space | Facing::Width, _) => pair.rule,
            (_, true) => self.plan.least.space,
            (_, false) => self.plan.least.width,
        };
        let (distance, across) =
            if space { (gap, [minus.at, plus.at]) } else { (-gap, [plus.at, minus.at]) };
        let spans = |e: &Oriented| e.jog && (e.lo, e.hi) == (raise, lower);
        Some(Standing {
            distance,
            rule,
            overlap: at(lower) - at(raise),
            across,
            along: [raise, lower],
            one_jog: spans(&a) || spans(&b),
        })
    }
}

impl Standing {
    /// What keeps the two from the rule; `None` where they keep it.
    fn lack(&self, pair: &Pair) -> Option<Lack> {
        if self.overlap > TOLERANCE {
            let clear =
                if self.one_jog || self.distance >= pair.corner { 0.0 } else { pair.corner };
            (self.distance < self.rule - TOLERANCE)
                .then(|| Lack { across: self.rule - self.distance, along: self.overlap + clear })
        } else {
            let apart = self.distance.max(-self.overlap);
            (apart < pair.corner - TOLERANCE).then(|| Lack {
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
    } else if (e.axis == super::Axis::Vertical) == (rise > 0.0) {
        // Going up the outside is on the right, going right it is below.
        1
    } else {
        -1
    };
    Oriented { at: e.at, lo, hi, outward, jog }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
