//! A search for whole-nm moves on the model: single fragments, neighbours together, sides and
//! SRAFs as a whole, and merges of neighbours for shots, in a fixed order until none helps.

use super::model::Model;
use super::tally::Tally;
use crate::mask::{Fragment, FragmentedTarget, RuleKeeper, RulesKept};

/// What bounds a search.
#[derive(Clone, Copy, Debug)]
pub(in crate::opc) struct Limits {
    /// Largest move of a fragment either way, nm.
    pub radius: i16,
    /// A move must lower the cost by this much, nm².
    pub least_gain: f32,
    /// Rounds over all moves.
    pub rounds: usize,
    /// Cost of a shot, nm².
    pub shot_weight: f32,
}

/// Offsets near the given ones that cost less by the model.
pub(in crate::opc) fn search(
    model: &Model,
    target: &FragmentedTarget,
    keeper: &RuleKeeper,
    offsets: &[i16],
    limits: &Limits,
) -> Vec<i16> {
    let mut search = Search::new(model, target, keeper, offsets, limits);
    for _ in 0..limits.rounds {
        let before = search.total;
        search.singles();
        search.groups();
        if limits.shot_weight > 0.0 {
            search.merges();
        }
        if search.total > before - limits.least_gain {
            break;
        }
    }
    search.offsets
}

/// Moves of one fragment, of two neighbours, and of whole sides of shapes that have four, with what
/// the model thinks they change the cost by, the best first; those that it finds worse than
/// −`least_gain` are left out.
pub(in crate::opc) fn promising(
    model: &Model,
    target: &FragmentedTarget,
    keeper: &RuleKeeper,
    offsets: &[i16],
    limits: &Limits,
) -> Vec<(f32, Moves)> {
    let mut search = Search::new(model, target, keeper, offsets, limits);
    let mut found = Vec::new();
    for span in target.spans() {
        let mut options: Vec<Moves> = Vec::new();
        for i in span.clone() {
            let next = if i + 1 == span.end { span.start } else { i + 1 };
            options.extend((1..=limits.radius).flat_map(|by| [vec![(i, by)], vec![(i, -by)]]));
            let both = [1, -1].into_iter().flat_map(|a| [1, -1].map(|b| vec![(i, a), (next, b)]));
            options.extend(both);
        }
        options.extend(of_sides(target, &span));
        for moves in options {
            if let Some(change) = search.trial(&moves, -limits.least_gain)
                && change < -limits.least_gain
            {
                found.push((change, moves));
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

/// A shape of four sides shifted along x, along y or both, and made wider or higher; none for other
/// shapes.
fn of_sides(target: &FragmentedTarget, span: &std::ops::Range<usize>) -> Vec<Moves> {
    let mut sides: Vec<Vec<usize>> = Vec::new();
    for i in span.clone() {
        match sides.last_mut() {
            Some(side) if target.is_split(i - 1, i) => side.push(i),
            _ => sides.push(vec![i]),
        }
    }
    let [a, b, c, d] = sides.as_slice() else { return Vec::new() };
    let moved = |steps: [i16; 4]| -> Moves {
        let sides = [a, b, c, d].into_iter().zip(steps).filter(|(_, by)| *by != 0);
        sides.flat_map(|(side, by)| side.iter().map(move |i| (*i, by))).collect()
    };
    let mut options = Vec::new();
    for by in [1, -1, 2, -2] {
        let (one, other) = ([by, 0, -by, 0], [0, by, 0, -by]);
        options.extend([one, other, [by, 0, by, 0], [0, by, 0, by]]);
        options.extend([[by, by, -by, -by], [by, -by, -by, by]]);
        options.extend([[by, 0, 0, 0], [0, by, 0, 0], [0, 0, by, 0], [0, 0, 0, by]]);
    }
    options.into_iter().map(moved).collect()
}

/// Fragments and how far each goes outward, nm.
pub(in crate::opc) type Moves = Vec<(usize, i16)>;

struct Search<'a> {
    model: &'a Model,
    target: &'a FragmentedTarget,
    limits: &'a Limits,
    start: &'a [i16],
    rules: RulesKept<'a>,
    offsets: Vec<i16>,
    /// Displacement or intensity of every place, and its cost.
    values: Vec<f32>,
    costs: Vec<f32>,
    /// Change by the moves under trial, zero between trials; the places where it is not.
    change: Vec<f32>,
    touched: Vec<u32>,
    tally: Option<Tally<'a>>,
    total: f32,
}

impl<'a> Search<'a> {
    fn new(
        model: &'a Model,
        target: &'a FragmentedTarget,
        keeper: &'a RuleKeeper,
        offsets: &'a [i16],
        limits: &'a Limits,
    ) -> Self {
        Self {
            model,
            target,
            limits,
            start: offsets,
            rules: keeper.kept(offsets),
            offsets: offsets.to_vec(),
            values: model.start.clone(),
            costs: model.start.iter().enumerate().map(|(p, v)| model.cost(p, *v)).collect(),
            change: vec![0.0; model.start.len()],
            touched: Vec::new(),
            tally: (limits.shot_weight > 0.0).then(|| Tally::new(target, offsets)),
            total: 0.0,
        }
    }

    /// Every fragment alone: 1 nm either way, and on as long as it helps; near a violated gauge by
    /// any step within the radius, for it may tip only after several nm that cost.
    fn singles(&mut self) {
        for i in 0..self.offsets.len() {
            let mut best = (-self.limits.least_gain, 0);
            let radius = self.limits.radius;
            let far = self.is_near_violation(i);
            'signs: for sign in [1, -1] {
                for by in (1..=radius).map(|step| sign * step) {
                    let moves = [(i, by)];
                    match self.trial(&moves, best.0) {
                        Some(change) if change < best.0 && self.rules.allow(&moves) => {
                            best = (change, by);
                        }
                        _ if far => {}
                        _ if best.1 * sign > 0 => break 'signs,
                        _ => break,
                    }
                }
            }
            if best.1 != 0 {
                self.make(&[(i, best.1)]);
                self.total += best.0;
            }
        }
    }

    /// Neighbours together and against each other, runs of equal offsets, sides of an SRAF.
    fn groups(&mut self) {
        let target = self.target;
        for span in target.spans() {
            if span.len() == 4 && span.clone().any(|i| self.is_near_violation(i)) {
                self.four_sides(span.start);
            }
            for i in span.clone() {
                let next = if i + 1 == span.end { span.start } else { i + 1 };
                self.best_of([
                    vec![(i, 1), (next, 1)],
                    vec![(i, -1), (next, -1)],
                    vec![(i, 1), (next, -1)],
                    vec![(i, -1), (next, 1)],
                ]);
            }
            let mut i = span.start;
            while i < span.end {
                let run = self.run_of(i);
                if run.len() > 2 {
                    self.best_of([-2, -1, 1, 2].map(|by| run.clone().map(|k| (k, by)).collect()));
                }
                i = run.end;
            }
        }
        for first in (target.main_count()..self.offsets.len()).step_by(4) {
            self.opposite_sides(first);
        }
    }

    /// Opposite sides of a rectangle, whose fragments are `first` and the next three, shifted.
    fn opposite_sides(&mut self, first: usize) {
        let shift = |side: usize, by: i16| vec![(first + side, by), (first + side + 2, -by)];
        for by in [1, 3] {
            self.best_of([shift(0, by), shift(0, -by), shift(1, by), shift(1, -by)]);
        }
    }

    /// Whether a fragment reaches a gauge, guard or SRAF that is on the wrong side.
    fn is_near_violation(&self, fragment: usize) -> bool {
        let contours = self.model.contours() as u32;
        let probes = self.model.answers(fragment).iter().rev();
        probes.take_while(|a| a.place >= contours).any(|a| self.costs[a.place as usize] > 0.0)
    }

    /// All sides of a rectangle by any of a few steps each: what tips a gauge of a contact or via
    /// may cost on every side but all four.
    fn four_sides(&mut self, first: usize) {
        const STEPS: [i16; 5] = [0, 1, -1, 3, -3];
        let count = STEPS.len();
        let options = (1..count.pow(4)).map(|code| {
            let step = |side: u32| STEPS[code / count.pow(side) % count];
            let moves = (0..4).map(|side| (first + side as usize, step(side)));
            moves.filter(|m| m.1 != 0).collect()
        });
        self.best_of(options);
    }

    /// Runs of equal offsets brought level with the next, alone or with the side across.
    fn merges(&mut self) {
        let target = self.target;
        for span in target.spans() {
            for i in span.start..span.end {
                if i + 1 == span.end
                    || !target.is_split(i, i + 1)
                    || self.offsets[i] == self.offsets[i + 1]
                {
                    continue;
                }
                let mut options = self.levelled(i);
                if let Some(across) = target.split_across(i)
                    && self.offsets[across] != self.offsets[across + 1]
                {
                    let other = self.levelled(across);
                    let pairs = options
                        .iter()
                        .flat_map(|a| other.iter().map(move |b| [a.as_slice(), b].concat()))
                        .collect::<Vec<_>>();
                    options.extend(pairs);
                }
                self.best_of(options);
            }
        }
    }

    /// Ways to bring the runs that end at `i` and begin at `i + 1` level.
    fn levelled(&self, i: usize) -> Vec<Vec<(usize, i16)>> {
        let (left, right) = (self.run_of(i), self.run_of(i + 1));
        let (a, b) = (self.offsets[i], self.offsets[i + 1]);
        let length = |run: std::ops::Range<usize>| {
            self.target.fragments()[run].iter().map(Fragment::length).sum::<i64>() as f32
        };
        let (la, lb) = (length(left.clone()), length(right.clone()));
        let mean = ((f32::from(a) * la + f32::from(b) * lb) / (la + lb)).round() as i16;
        let mut levels = vec![a, b, mean, mean - 1, mean + 1];
        levels.sort_unstable();
        levels.dedup();
        let to = |level: i16| {
            let moves = left.clone().chain(right.clone()).map(|k| (k, level - self.offsets[k]));
            moves.filter(|m| m.1 != 0).collect()
        };
        levels.into_iter().map(to).collect()
    }

    /// The run of fragments on one edge with the offset of fragment i.
    fn run_of(&self, i: usize) -> std::ops::Range<usize> {
        let span = self.target.span_of(i);
        let same =
            |a: usize, b: usize| self.target.is_split(a, b) && self.offsets[a] == self.offsets[b];
        let (mut start, mut end) = (i, i + 1);
        while start > span.start && same(start - 1, start) {
            start -= 1;
        }
        while end < span.end && same(end - 1, end) {
            end += 1;
        }
        start..end
    }

    /// Makes the move that gains most, if any gains.
    fn best_of(&mut self, options: impl IntoIterator<Item = Vec<(usize, i16)>>) {
        let mut best: Option<(f32, Vec<(usize, i16)>)> = None;
        for moves in options {
            let bound = best.as_ref().map_or(-self.limits.least_gain, |b| b.0);
            if let Some(change) = self.trial(&moves, bound)
                && change < bound
                && self.rules.allow(&moves)
            {
                best = Some((change, moves));
            }
        }
        if let Some((change, moves)) = best {
            self.make(&moves);
            self.total += change;
        }
    }

    /// Change of cost by a move; `None` where it leaves the radius or cannot get below `bound`.
    fn trial(&mut self, moves: &[(usize, i16)], bound: f32) -> Option<f32> {
        let radius = self.limits.radius;
        let inside =
            |&(i, by): &(usize, i16)| (self.offsets[i] + by - self.start[i]).abs() <= radius;
        if moves.is_empty() || !moves.iter().all(inside) {
            return None;
        }
        let mut sum = self.areas(moves);
        if let Some(tally) = &self.tally {
            // No move of a few fragments saves more shots than this.
            let most = 2.0 * moves.len().min(4) as f32 * self.limits.shot_weight;
            if sum - most >= bound {
                return None;
            }
            if self.changes_jogs(moves) {
                for &(i, by) in moves {
                    self.offsets[i] += by;
                }
                let mut polygons: Vec<usize> =
                    moves.iter().map(|m| self.target.fragments()[m.0].polygon).collect();
                polygons.dedup();
                let change: i64 = polygons.iter().map(|&p| tally.change(p, &self.offsets)).sum();
                for &(i, by) in moves {
                    self.offsets[i] -= by;
                }
                sum += change as f32 * self.limits.shot_weight;
            }
        }
        Some(sum)
    }

    /// Change of cost by L2, PV band and probes.
    fn areas(&mut self, moves: &[(usize, i16)]) -> f32 {
        let model = self.model;
        let mut sum = 0.0;
        if let [(i, by)] = moves {
            let by = f32::from(*by);
            for answer in model.answers(*i) {
                let p = answer.place as usize;
                sum += model.cost(p, self.values[p] + by * answer.rate) - self.costs[p];
            }
            return sum + by * model.linear[*i];
        }
        for &(i, by) in moves {
            let by = f32::from(by);
            sum += by * model.linear[i];
            for answer in model.answers(i) {
                let change = &mut self.change[answer.place as usize];
                if *change == 0.0 {
                    self.touched.push(answer.place);
                }
                *change += by * answer.rate;
            }
        }
        for p in self.touched.drain(..) {
            let p = p as usize;
            let change = std::mem::take(&mut self.change[p]);
            if change != 0.0 {
                sum += model.cost(p, self.values[p] + change) - self.costs[p];
            }
        }
        sum
    }

    /// Whether a move makes or unmakes a jog.
    fn changes_jogs(&self, moves: &[(usize, i16)]) -> bool {
        let by = |k: usize| moves.iter().find(|m| m.0 == k).map_or(0, |m| m.1);
        moves.iter().any(|&(i, own)| {
            let span = self.target.span_of(i);
            let prev = if i == span.start { span.end - 1 } else { i - 1 };
            let next = if i + 1 == span.end { span.start } else { i + 1 };
            [prev, next].into_iter().any(|k| {
                let step = self.offsets[i] - self.offsets[k];
                self.target.is_split(i, k) && (step == 0) != (step + own - by(k) == 0)
            })
        })
    }

    fn make(&mut self, moves: &[(usize, i16)]) {
        for &(i, by) in moves {
            self.offsets[i] += by;
            for answer in self.model.answers(i) {
                let p = answer.place as usize;
                self.values[p] += f32::from(by) * answer.rate;
                self.costs[p] = self.model.cost(p, self.values[p]);
            }
        }
        self.rules.make(moves);
        if let Some(tally) = &mut self.tally {
            for &(i, _) in moves {
                tally.renew(self.target.fragments()[i].polygon, &self.offsets);
            }
        }
    }
}
