//! Keeps a moving mask within its rules: facing edges far enough apart, rings simple.
//!
//! Violated pairs are pushed apart, half each, pair after pair in sweeps, until none is left;
//! where sweeps do not settle, the fragments involved go back towards the target, which keeps
//! every rule by definition: a distance or area drawn below a rule only must not get smaller.

use super::fragment::FragmentedTarget;
use super::kept::RulesKept;
use super::plan::{Least, Plan, Reach};
use super::settle::Settling;

/// What a [`RuleKeeper`] keeps, nm. Least distances are rounded up to whole nm, the longest line
/// end down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleLimits {
    /// Least distance of edges that face each other across the inside.
    pub min_width_nm: f64,
    /// Least distance of edges that face each other across the outside.
    pub min_space_nm: f64,
    /// The same within one main feature.
    pub min_notch_nm: f64,
    /// Longest edge between two convex corners that is a line end, where it is no longer than its
    /// neighbours.
    pub line_end_nm: f64,
    /// Least space before the line end of a main feature; 0 for none but that of other edges.
    pub min_end_space_nm: f64,
    /// Least area of a shape, nm²; 0 for none.
    pub min_area_nm2: f64,
    /// Least distance, along x or along y, of corners that do not face each other; at least 1,
    /// so that corners never touch.
    pub min_corner_nm: f64,
    /// Largest offset either way; at most 16 000.
    pub max_offset_nm: f64,
    /// What SRAFs keep.
    pub assists: AssistLimits,
}

/// What a [`RuleKeeper`] keeps about SRAFs, nm. Least distances are rounded up to whole nm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AssistLimits {
    /// Least width and length of an SRAF.
    pub min_width_nm: f64,
    /// Least distance of SRAF edges that face each other.
    pub min_space_nm: f64,
    /// Least distance of an SRAF's edge from an edge of a main feature that faces it.
    pub min_to_main_nm: f64,
    /// Largest move of an SRAF's edge from where it was seeded, either way; at most 16 000.
    pub max_offset_nm: f64,
}

/// Projects offsets onto those that keep the mask rules. Planned once for a target.
#[derive(Clone, Debug)]
pub struct RuleKeeper {
    pub(super) plan: Plan,
}

impl RuleKeeper {
    /// Plans for a target: finds the pairs of edges that offsets within the limit can bring into
    /// conflict. About O(n log n + pairs).
    pub fn new(target: &FragmentedTarget, limits: &RuleLimits) -> Self {
        let whole = |nm: f64| if nm.is_finite() { nm.ceil().clamp(1.0, 1e6) } else { 1.0 };
        let rule = |v: f64, most: f64| if v > 0.0 { v.ceil().min(most) } else { 0.0 };
        let least = Least {
            width: whole(limits.min_width_nm),
            space: whole(limits.min_space_nm),
            notch: whole(limits.min_notch_nm),
            line_end: if limits.line_end_nm > 0.0 { limits.line_end_nm.floor() } else { 0.0 },
            end_space: rule(limits.min_end_space_nm, 1e6),
            area: rule(limits.min_area_nm2, 1e12),
            corner: whole(limits.min_corner_nm),
            assist_width: whole(limits.assists.min_width_nm),
            assist_space: whole(limits.assists.min_space_nm),
            assist_to_main: whole(limits.assists.min_to_main_nm),
        };
        let reach = |nm: f64| if nm.is_finite() { nm.clamp(0.0, 16e3) } else { 0.0 };
        let reach = Reach {
            main: reach(limits.max_offset_nm),
            assist: reach(limits.assists.max_offset_nm),
        };
        Self { plan: Plan::new(target, least, reach) }
    }

    /// Number of edge pairs watched.
    pub fn pair_count(&self) -> usize {
        self.plan.pairs.len()
    }

    /// Moves offsets (nm, one a fragment) to nearby ones that keep the rules within 0.001 nm.
    /// Offsets that are not a number count as 0. Offsets that already keep the rules stay as they
    /// are.
    pub fn project(&self, offsets: &mut [f32]) {
        let given = |i: usize| offsets.get(i).copied().map_or(0.0, f64::from);
        let settled = self.settled(given, false);
        for (i, offset) in offsets.iter_mut().enumerate().take(self.plan.movable()) {
            *offset = self.offset(&settled, i) as f32;
        }
    }

    /// Whole-nm offsets near the given ones (a missing one counts as 0) that keep the rules
    /// exactly, one for each fragment.
    pub fn project_rounded(&self, offsets: &[f32]) -> Vec<i16> {
        let rounded = |i: usize| offsets.get(i).copied().map_or(0.0, |o| f64::from(o).round());
        let settled = self.settled(rounded, true);
        (0..self.plan.movable()).map(|i| self.offset(&settled, i) as i16).collect()
    }

    /// Whole-nm offsets that keep the rules, to be moved a few at a time.
    pub fn kept(&self, offsets: &[i16]) -> RulesKept<'_> {
        let given = |i: usize| offsets.get(i).copied().map_or(0.0, f64::from);
        RulesKept::new(&self.plan, self.places(given, self.plan.reach.floor()))
    }

    /// Places for the given offsets, brought within limits and rules.
    fn settled(&self, offset: impl Fn(usize) -> f64, whole: bool) -> Vec<f64> {
        let reach = if whole { self.plan.reach.floor() } else { self.plan.reach };
        let mut settling = Settling::new(&self.plan, self.places(offset, reach), whole);
        settling.enforce();
        settling.places
    }

    pub(super) fn places(&self, offset: impl Fn(usize) -> f64, reach: Reach) -> Vec<f64> {
        let mut places = self.plan.base.clone();
        for (i, (place, outward)) in places.iter_mut().zip(&self.plan.outward).enumerate() {
            let (offset, assist) = (offset(i), self.plan.is_assist(i));
            let reach = if assist { reach.assist } else { reach.main };
            *place += outward * if offset.is_nan() { 0.0 } else { offset.clamp(-reach, reach) };
        }
        places
    }

    fn offset(&self, places: &[f64], i: usize) -> f64 {
        (places[i] - self.plan.base[i]) * self.plan.outward[i]
    }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
