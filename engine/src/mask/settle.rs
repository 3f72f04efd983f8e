//! Settling: sweeps that part the pairs in conflict until every rule is kept.

use super::areas::Area;
use super::plan::{Plan, Reach};
use super::standing::{Lack, Standing, TOLERANCE};

/// Sweeps before the fragments still in conflict are pulled back.
const SWEEPS: usize = 24;
/// Sweeps in which an SRAF gives way to a main feature as far as it can; after these both move, as
/// an SRAF between two main features cannot give way to both.
const YIELDING: usize = 4;
/// Times the fragments in conflict are pulled half way back before they go back all the way.
const PULLS: usize = 4;
/// Pushed apart by this much more than needed, so that sweeps end, nm.
const SLACK: f64 = 0.02;

/// Places on their way to keeping the rules.
pub(super) struct Settling<'a> {
    plan: &'a Plan,
    pub places: Vec<f64>,
    /// Pairs an edge of which moved since they were last looked at.
    unsettled: Vec<bool>,
    /// Only whole-nm moves.
    whole: bool,
    reach: Reach,
    /// SRAFs give way to main features.
    yielding: bool,
}

impl<'a> Settling<'a> {
    pub fn new(plan: &'a Plan, places: Vec<f64>, whole: bool) -> Self {
        let reach = if whole { plan.reach.floor() } else { plan.reach };
        let unsettled = vec![true; plan.pairs.len()];
        Self { plan, places, unsettled, whole, reach, yielding: true }
    }

    /// Moves places until every rule is kept.
    pub fn enforce(&mut self) {
        for _ in 0..PULLS {
            for sweep in 0..SWEEPS {
                self.yielding = sweep < YIELDING;
                if !self.sweep() {
                    return;
                }
            }
            self.pull_back(0.5);
        }
        // Each round puts at least one more fragment on the target, so this ends.
        while self.pull_back(0.0) {}
    }

    /// Settles every unsettled pair once; whether any needed it.
    fn sweep(&mut self) -> bool {
        let plan = self.plan;
        let mut moved = false;
        for s in &plan.stretches {
            let lack = s.least - (self.places[s.hi as usize] - self.places[s.lo as usize]);
            if lack > TOLERANCE {
                self.part([s.hi, s.lo], lack);
                moved = true;
            }
        }
        for (i, pair) in plan.pairs.iter().enumerate() {
            if !std::mem::take(&mut self.unsettled[i]) {
                continue;
            }
            let Some(standing) = Standing::of(plan, pair, &self.places) else { continue };
            if let Some(lack) = standing.lack(pair) {
                self.settle(&standing, &lack);
                self.unsettled[i] = true;
                moved = true;
            }
        }
        for area in &plan.areas {
            if let Some(lack) = area.lack(plan, &self.places) {
                self.grow(area, lack);
                moved = true;
            }
        }
        moved
    }

    /// Moves the whole outline of a shape outward, as far as that takes and its limits let it.
    fn grow(&mut self, area: &Area, lack: f64) {
        // Moved by d, an outline l without holes takes in l·d + 4·d² more.
        let outline = area.outline(self.plan, &self.places);
        let by = ((outline * outline + 16.0 * lack).sqrt() - outline) / 8.0;
        let by = if self.whole { by.ceil() } else { by + SLACK };
        for &k in &area.places {
            let k = k as usize;
            self.shift(k, self.plan.outward[k] * by);
        }
    }

    /// Parts two edges the cheaper way, or the other way where the first runs into its limits.
    fn settle(&mut self, standing: &Standing, lack: &Lack) {
        let across = (standing.across, lack.across);
        let along = (standing.along, lack.along);
        let order = if lack.across <= lack.along { [across, along] } else { [along, across] };
        for (ends, lack) in order {
            if self.part(ends, lack) {
                return;
            }
        }
    }

    /// Raises the first place and lowers the second, half of `lack` each as far as they can move,
    /// or the one of an SRAF first; whether that was enough.
    fn part(&mut self, ends: [u32; 2], lack: f64) -> bool {
        let lack = if self.whole { lack.ceil() } else { lack + SLACK };
        let ends = ends.map(|e| e as usize);
        let away = |k: usize| (self.places[k] - self.plan.base[k]).abs();
        // The one further from its target place takes the odd nm.
        let mut first = usize::from(away(ends[1]) > away(ends[0]));
        let mut share = if self.whole { (lack / 2.0).ceil() } else { lack / 2.0 };
        let assist = ends.map(|k| self.plan.is_assist(k));
        if self.yielding && assist[0] != assist[1] {
            (first, share) = (usize::from(assist[1]), lack);
        }
        let sign = [1.0, -1.0];
        let mut left = lack;
        for (k, share) in [(first, share), (1 - first, lack), (first, lack)] {
            let step = share.min(left);
            if step > 0.0 {
                left -= self.shift(ends[k], sign[k] * step);
            }
        }
        left <= TOLERANCE
    }

    /// Moves a place within its limits; how far it went.
    fn shift(&mut self, k: usize, by: f64) -> f64 {
        let plan = self.plan;
        if k >= plan.movable() {
            return 0.0;
        }
        if plan.is_assist(k) {
            return self.shift_assist(k, by);
        }
        let (base, before) = (plan.base[k], self.places[k]);
        let after = (before + by).clamp(base - self.reach.main, base + self.reach.main);
        self.put(k, after);
        (after - before).abs()
    }

    /// Moves a side of an SRAF, and the side across where it would come too near.
    fn shift_assist(&mut self, k: usize, by: f64) -> f64 {
        let (plan, reach) = (self.plan, self.reach.assist);
        let (across, width) = (plan.opposite(k), plan.least.assist_width);
        let limits = |place: usize| [plan.base[place] - reach, plan.base[place] + reach];
        let (own, other) = (limits(k), limits(across));
        // Where the side across ends up at the least width from this one.
        let clear = plan.outward[k] * width;
        let (low, high) = if clear > 0.0 {
            (own[0].max(other[0] + clear), own[1])
        } else {
            (own[0], own[1].min(other[1] + clear))
        };
        let before = self.places[k];
        let after = (before + by).max(low).min(high);
        self.put(k, after);
        let near = after - clear;
        if (near - self.places[across]) * clear < 0.0 {
            self.put(across, near.clamp(other[0], other[1]));
        }
        (after - before).abs()
    }

    fn put(&mut self, k: usize, place: f64) {
        if self.places[k] != place {
            self.places[k] = place;
            for &pair in self.plan.watchers(k) {
                self.unsettled[pair as usize] = true;
            }
        }
    }

    /// Brings every fragment in conflict back to `keep` of its offset; whether there was one.
    fn pull_back(&mut self, keep: f64) -> bool {
        let mut moved = false;
        for k in self.in_conflict() {
            let base = self.plan.base[k];
            let offset = self.places[k] - base;
            if offset != 0.0 {
                self.put(k, base + (offset * keep).trunc());
                moved = true;
            }
        }
        moved
    }

    /// The moving places of every broken rule.
    fn in_conflict(&self) -> Vec<usize> {
        let (plan, places) = (self.plan, &self.places);
        let mut involved: Vec<u32> = Vec::new();
        for s in &plan.stretches {
            if s.least - (places[s.hi as usize] - places[s.lo as usize]) > TOLERANCE {
                involved.extend([s.lo, s.hi]);
            }
        }
        for pair in &plan.pairs {
            if Standing::of(plan, pair, places).is_some_and(|s| s.lack(pair).is_some()) {
                involved.extend(plan.places_of(pair));
            }
        }
        for area in &plan.areas {
            if area.lack(plan, places).is_some() {
                involved.extend(&area.places);
            }
        }
        involved.sort_unstable();
        involved.dedup();
        involved.into_iter().map(|k| k as usize).filter(|&k| k < plan.movable()).collect()
    }
}
