//! Line ends of the moved mask: edges between two convex corners that are no longer than the rule
//! says nor than their neighbours, as the check of final polygons finds them.
//!
//! Fragments that stand level are one edge, so whether one is part of a line end changes while the
//! mask moves.

use super::fragment::FragmentedTarget;
use super::plan::Plan;

/// Fragments whose places differ by less than this go on in one line, nm: whole-nm places only
/// where they are equal.
const LEVEL: f64 = 1.0;

/// Which edges are line ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// Longest edge that is a line end, nm.
    longest: f64,
    /// What stands before and after each fragment in its ring.
    beside: Vec<[Beside; 2]>,
}

/// A neighbour in the ring.
#[derive(Clone, Copy, Debug)]
struct Beside {
    fragment: u32,
    /// Parallel: a split lies between, and a jog when they are moved apart. Otherwise a corner.
    split: bool,
    /// Whether that corner is convex.
    convex: bool,
}

/// One end of the edge that a fragment is part of.
struct Tip {
    /// The last fragment of the edge.
    last: usize,
    convex: bool,
    /// Length of the edge around the corner; infinite where it need not be known.
    beyond: f64,
}

impl Ends {
    /// The line ends of a target, no longer than `longest` nm. Where nothing asks for them, no edge
    /// is one.
    pub fn new(target: &FragmentedTarget, longest: f64, asked_for: bool) -> Self {
        if !asked_for {
            return Self::default();
        }
        let along = |k: usize| {
            let f = &target.fragments[k];
            (i64::from(f.to) - i64::from(f.from)).signum()
        };
        let outward = |k: usize| i64::from(target.fragments[k].outward);
        let mut beside = Vec::with_capacity(target.fragments.len());
        for span in &target.rings {
            for i in span.start..span.end {
                let (before, after) = span.around(i);
                // The inside lies to the left: at a convex corner the way comes in against the
                // normal of the edge after it, and goes out against that of the edge before it.
                beside.push([
                    Beside {
                        fragment: before as u32,
                        split: target.is_split(before, i),
                        convex: along(before) == outward(i),
                    },
                    Beside {
                        fragment: after as u32,
                        split: target.is_split(i, after),
                        convex: along(after) == -outward(i),
                    },
                ]);
            }
        }
        Self { longest, beside }
    }

    /// Whether the edge that a place is part of is a line end of a main feature, as it stands or
    /// as if the fragments between its two corners stood level: no line end gets nearer by being
    /// frayed.
    pub fn is_end(&self, plan: &Plan, places: &[f64], place: u32) -> bool {
        let i = place as usize;
        let is_main = i < self.beside.len() && !plan.is_assist(i);
        is_main && [LEVEL, f64::INFINITY].iter().any(|&l| self.is_end_by(plan, places, i, l))
    }

    /// The same, where fragments whose places differ by less than `level` nm are one edge.
    fn is_end_by(&self, plan: &Plan, places: &[f64], i: usize, level: f64) -> bool {
        let Some(first) = self.tip(plan, places, i, 0, level) else { return false };
        let Some(last) = self.tip(plan, places, i, 1, level) else { return false };
        let length = length(plan, places, first.last, last.last);
        first.convex
            && last.convex
            && length <= self.longest
            && length <= first.beyond.min(last.beyond)
    }

    /// The fragments that decide whether a place is part of a line end, and some more.
    pub fn around(&self, plan: &Plan, place: u32) -> Vec<u32> {
        let i = place as usize;
        let mut found = Vec::new();
        if i >= self.beside.len() || plan.is_assist(i) {
            return found;
        }
        // As long as an end and the edges beside it can be, with every corner moved.
        let enough = 2.0 * self.longest + 8.0 * plan.reach.main;
        for side in 0..2 {
            let (mut at, mut travelled) = (i, 0.0);
            while travelled <= enough {
                at = self.beside[at][side].fragment as usize;
                if at == i {
                    break;
                }
                found.push(at as u32);
                let edge = &plan.edges[at];
                travelled += (plan.base[edge.to as usize] - plan.base[edge.from as usize]).abs();
            }
        }
        found
    }

    /// The end of the edge of a fragment on one side (0 before it, 1 after it); `None` where the
    /// edge is too long to be a line end.
    fn tip(&self, plan: &Plan, places: &[f64], i: usize, side: usize, level: f64) -> Option<Tip> {
        let mut last = i;
        while let Some(other) = self.goes_on(plan, places, last, side, level) {
            if other == i || length(plan, places, i, other) > self.longest {
                return None;
            }
            last = other;
        }
        let next = self.beside[last][side];
        let other = next.fragment as usize;
        let step = (places[last] - places[other]) * plan.outward[last];
        Some(if next.split {
            Tip { last, convex: step > 0.0, beyond: step.abs() }
        } else {
            Tip { last, convex: next.convex, beyond: self.run(plan, places, other, side) }
        })
    }

    /// Length of the edge that begins with a fragment at a corner and goes on to one side, as far
    /// as it is of interest.
    fn run(&self, plan: &Plan, places: &[f64], first: usize, side: usize) -> f64 {
        let mut last = first;
        loop {
            let length = length(plan, places, first, last);
            match self.goes_on(plan, places, last, side, LEVEL) {
                Some(other) if other != first && length <= self.longest => last = other,
                _ => return length,
            }
        }
    }

    /// The fragment that goes on in the line of another to one side: across a split, or beyond a
    /// drawn step that the moves have levelled.
    fn goes_on(
        &self,
        plan: &Plan,
        places: &[f64],
        last: usize,
        side: usize,
        level: f64,
    ) -> Option<usize> {
        let next = self.beside[last][side];
        let other = next.fragment as usize;
        let apart = |k: usize| (places[last] - places[k]).abs();
        if next.split {
            return (apart(other) < level).then_some(other);
        }
        let beyond = self.beside[other][side];
        let k = beyond.fragment as usize;
        let parallel = !beyond.split && plan.outward[k] == plan.outward[last];
        (parallel && apart(k) < LEVEL).then_some(k)
    }
}

/// Distance between the far ends of two fragments of one edge.
fn length(plan: &Plan, places: &[f64], a: usize, b: usize) -> f64 {
    let ends = [a, b].map(|k| &plan.edges[k]).map(|e| [e.from, e.to]);
    let ends = ends.into_iter().flatten().map(|k| places[k as usize]);
    let (low, high) =
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    high - low
}
