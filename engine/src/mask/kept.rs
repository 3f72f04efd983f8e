//! Whole-nm offsets that keep the rules, moved a few at a time.

use super::plan::Plan;
use super::standing::{Standing, TOLERANCE};

/// Offsets as they stand, and whether a move of some of them keeps the rules: about the pairs that
/// watch the moved places.
#[derive(Clone, Debug)]
pub struct RulesKept<'a> {
    plan: &'a Plan,
    places: Vec<f64>,
}

impl<'a> RulesKept<'a> {
    pub(super) fn new(plan: &'a Plan, places: Vec<f64>) -> Self {
        Self { plan, places }
    }

    /// Whether the rules hold with these fragments moved by so many nm outward. The offsets stay.
    pub fn allow(&mut self, moves: &[(usize, i16)]) -> bool {
        self.make(moves);
        let allowed = moves.iter().all(|&(k, _)| self.holds_about(k));
        for &(k, by) in moves {
            self.places[k] -= self.plan.outward[k] * f64::from(by);
        }
        allowed
    }

    /// Moves fragments by so many nm outward.
    pub fn make(&mut self, moves: &[(usize, i16)]) {
        for &(k, by) in moves {
            self.places[k] += self.plan.outward[k] * f64::from(by);
        }
    }

    fn holds_about(&self, place: usize) -> bool {
        let plan = self.plan;
        if (self.places[place] - plan.base[place]).abs() > plan.reach_of(place).floor() {
            return false;
        }
        let stretched =
            plan.stretches.iter().filter(|s| s.lo as usize == place || s.hi as usize == place).all(
                |s| self.places[s.hi as usize] - self.places[s.lo as usize] >= s.least - TOLERANCE,
            );
        let areas = plan.areas.iter().filter(|area| area.places.contains(&(place as u32)));
        stretched
            && areas.into_iter().all(|area| area.lack(plan, &self.places).is_none())
            && plan.watchers(place).iter().all(|&i| {
                let pair = &plan.pairs[i as usize];
                Standing::of(plan, pair, &self.places).is_none_or(|s| s.lack(pair).is_none())
            })
    }
}
