//! Which rules a fragment runs into: what a keeper answers when asked why it held one back.

use super::fragment::FragmentedTarget;
use super::keeper::RuleKeeper;
use super::plan::{Pair, Plan, PlannedEdge};
use super::standing::{Standing, TOLERANCE};

/// What keeps a fragment from moving on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldBy {
    /// Least width of a main feature.
    Width,
    /// Least space between main features.
    Space,
    /// Least space within one main feature.
    Notch,
    /// Least space before a line end.
    EndSpace,
    /// Least area of a shape.
    Area,
    /// Least width or length of an SRAF.
    AssistWidth,
    /// Least space between SRAFs.
    AssistSpace,
    /// Least space between an SRAF and a main feature.
    AssistToMain,
    /// Corners that do not face each other must not touch.
    Corner,
    /// A neighbouring fragment's edge would vanish or turn round.
    Neighbour,
    /// Largest offset.
    MaxOffset,
}

/// A rule about a fragment, and how near to it the mask is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// The rule.
    pub rule: HeldBy,
    /// The fragment on the other side; `None` for areas, the largest offset and fixed places.
    pub other: Option<usize>,
    /// Distance the rule asks for, nm (area, nm²); for the largest offset, the most there may be.
    pub needed_nm: f64,
    /// Distance there is, nm (area, nm²); negative where edges have passed each other.
    pub stands_nm: f64,
}

impl RuleKeeper {
    /// The rules about a fragment that offsets (nm, one a fragment) break or keep with less than
    /// `spare_nm` to spare, tightest first. A `spare_nm` of 0 asks for broken rules only.
    ///
    /// `target` is the one the keeper was planned for.
    pub fn rules_about(
        &self,
        target: &FragmentedTarget,
        offsets: &[f32],
        fragment: usize,
        spare_nm: f64,
    ) -> Vec<Held> {
        let plan = &self.plan;
        if fragment >= plan.movable() {
            return Vec::new();
        }
        let offset = |i: usize| offsets.get(i).copied().map_or(0.0, f64::from);
        // Wishes may go beyond the largest offset, so places are taken as they are.
        let unbound = super::plan::Reach { main: f64::INFINITY, assist: f64::INFINITY };
        let places = self.places(offset, unbound);
        let mut found: Vec<Held> = Vec::new();
        let mut note = |held: Held, slack: f64| {
            // Without spare room, standing just at the rule keeps it.
            if slack < if spare_nm > 0.0 { spare_nm } else { -TOLERANCE } {
                found.push(held);
            }
        };
        for &i in plan.watchers(fragment) {
            let pair = &plan.pairs[i as usize];
            if let Some((held, slack)) = about_pair(plan, target, pair, &places, fragment) {
                note(held, slack);
            }
        }
        for area in plan.areas.iter().filter(|a| a.places.contains(&(fragment as u32))) {
            let (needed_nm, stands_nm) = (area.least, area.of(plan, &places));
            let held = Held { rule: HeldBy::Area, other: None, needed_nm, stands_nm };
            // In nm: as far as the whole outline would have to move.
            note(held, (stands_nm - needed_nm) / area.outline(plan, &places).max(1.0));
        }
        let reach = plan.reach_of(fragment);
        let moved = offset(fragment).abs();
        let most =
            Held { rule: HeldBy::MaxOffset, other: None, needed_nm: reach, stands_nm: moved };
        note(most, reach - moved);
        for s in &plan.stretches {
            let (lo, hi) = (s.lo as usize, s.hi as usize);
            if lo != fragment && hi != fragment {
                continue;
            }
            let other = Some(if lo == fragment { hi } else { lo }).filter(|&k| k < plan.movable());
            let stands_nm = places[hi] - places[lo];
            let held = Held { rule: HeldBy::Neighbour, other, needed_nm: s.least, stands_nm };
            note(held, stands_nm - s.least);
        }
        let slack = |h: &Held| match h.rule {
            HeldBy::MaxOffset => h.needed_nm - h.stands_nm,
            _ => h.stands_nm - h.needed_nm,
        };
        found.sort_by(|a, b| {
            slack(a).total_cmp(&slack(b)).then(a.rule.cmp(&b.rule)).then(a.other.cmp(&b.other))
        });
        // Several edges of one neighbour may say the same.
        let mut seen = Vec::new();
        found.retain(|h| {
            let new = !seen.contains(&(h.rule, h.other));
            seen.push((h.rule, h.other));
            new
        });
        found
    }
}

/// The rule of a pair of edges as it stands, with what is left of it, nm.
fn about_pair(
    plan: &Plan,
    target: &FragmentedTarget,
    pair: &Pair,
    places: &[f64],
    fragment: usize,
) -> Option<(Held, f64)> {
    let standing = Standing::of(plan, pair, places)?;
    let edges = [pair.a, pair.b].map(|e| &plan.edges[e as usize]);
    // The fragment moves one of the edges, or an end of it; the other edge is on the other side.
    let own = |e: &PlannedEdge| e.at as usize == fragment;
    let ends = |e: &PlannedEdge| [e.from, e.to].contains(&(fragment as u32));
    let [a, b] = edges;
    let across = if own(a) || (!own(b) && ends(a)) { b } else { a };
    let other = Some(across.at as usize).filter(|&k| k < plan.movable());
    let assists = edges.map(|e| {
        let place = if (e.at as usize) < plan.movable() { e.at } else { e.from };
        target.assist_of(place as usize).is_some()
    });
    let facing = standing.overlap > TOLERANCE;
    let (rule, needed_nm, stands_nm) = if facing {
        let one = a.polygon == b.polygon;
        let rule = match (standing.space, assists) {
            (true, _) if standing.before_end => HeldBy::EndSpace,
            (true, [false, false]) if one => HeldBy::Notch,
            (true, [false, false]) => HeldBy::Space,
            (true, [true, true]) => HeldBy::AssistSpace,
            (true, _) => HeldBy::AssistToMain,
            (false, [false, false]) => HeldBy::Width,
            (false, _) => HeldBy::AssistWidth,
        };
        (rule, standing.rule, standing.distance)
    } else {
        (HeldBy::Corner, pair.corner, standing.distance.max(-standing.overlap))
    };
    let held = Held { rule, other, needed_nm, stands_nm };
    Some((held, stands_nm - needed_nm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Polygon, Rect};
    use crate::mask::{AssistLimits, FragmentRules, RuleLimits};

    /// Two lines 60 nm apart, each side one fragment, and an SRAF 60 nm beyond the second.
    fn lines() -> (FragmentedTarget, RuleKeeper) {
        let rules = FragmentRules {
            corner_nm: 40.0,
            run_nm: 60.0,
            whole_below_nm: 1000.0,
            projection_nm: 0.0,
            least_nm: 0.0,
        };
        let lines = [Rect::new(0, 0, 60, 400), Rect::new(120, 0, 180, 400)].map(Polygon::rect);
        let target = FragmentedTarget::new(&lines, &rules).unwrap();
        let target = target.with_assists(&[Rect::new(240, 100, 290, 300)]).unwrap();
        let limits = RuleLimits {
            min_width_nm: 40.0,
            min_space_nm: 40.0,
            min_notch_nm: 40.0,
            line_end_nm: 100.0,
            min_end_space_nm: 0.0,
            min_area_nm2: 0.0,
            min_corner_nm: 1.0,
            max_offset_nm: 30.0,
            assists: AssistLimits {
                min_width_nm: 40.0,
                min_space_nm: 40.0,
                min_to_main_nm: 50.0,
                max_offset_nm: 20.0,
            },
        };
        let keeper = RuleKeeper::new(&target, &limits);
        (target, keeper)
    }

    /// The right sides of both lines (fragments run bottom, right, top, left) and the left one of
    /// the second.
    const RIGHT: usize = 1;
    const SECOND_RIGHT: usize = 5;
    const SECOND_LEFT: usize = 7;
    const ASSIST_LEFT: usize = 11;

    fn about(moves: &[(usize, f32)], fragment: usize, spare: f64) -> Vec<(HeldBy, Option<usize>)> {
        let (target, keeper) = lines();
        let mut offsets = vec![0.0; target.fragments().len()];
        for &(k, by) in moves {
            offsets[k] = by;
        }
        let found = keeper.rules_about(&target, &offsets, fragment, spare);
        found.iter().map(|h| (h.rule, h.other)).collect()
    }

    #[test]
    fn rules_are_named_where_they_are_broken_and_only_there() {
        assert_eq!(about(&[], RIGHT, 0.0), []);
        let space = (HeldBy::Space, Some(SECOND_LEFT));
        assert_eq!(about(&[(RIGHT, 15.0), (SECOND_LEFT, 6.0)], RIGHT, 0.0), [space]);
        assert_eq!(about(&[(RIGHT, 15.0), (SECOND_LEFT, 5.0)], RIGHT, 0.0), []);
        let width = (HeldBy::Width, Some(3));
        assert_eq!(about(&[(RIGHT, -21.0)], RIGHT, 0.0), [width]);
        let to_main = (HeldBy::AssistToMain, Some(ASSIST_LEFT));
        assert_eq!(about(&[(SECOND_RIGHT, 11.0)], SECOND_RIGHT, 0.0), [to_main]);
        let narrow = (HeldBy::AssistWidth, Some(9));
        assert_eq!(about(&[(ASSIST_LEFT, -11.0)], ASSIST_LEFT, 0.0), [narrow]);
    }

    #[test]
    fn spare_room_finds_rules_that_are_just_kept() {
        let tight = about(&[(RIGHT, 15.0), (SECOND_LEFT, 5.0)], RIGHT, 0.5);
        assert_eq!(tight, [(HeldBy::Space, Some(SECOND_LEFT))]);
        let far = about(&[(0, 30.0)], 0, 0.5);
        assert_eq!(far, [(HeldBy::MaxOffset, None)]);
        let beyond = about(&[(0, 31.0)], 0, 0.0);
        assert_eq!(beyond, [(HeldBy::MaxOffset, None)]);
        assert_eq!(about(&[], 999, 0.5), []);
    }
}
