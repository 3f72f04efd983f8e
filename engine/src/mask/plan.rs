//! What can break a mask rule: pairs of edges that may come to face each other, and edges that
//! may shrink to nothing. Found once for a target.
//!
//! Every coordinate of the moved mask is one *place*: place i < n is the moved coordinate of
//! fragment i, later ones are the fixed split points. An edge is three places (at, from, to).

use super::areas::Area;
use super::ends::Ends;
use super::fragment::{Axis, FragmentedTarget};
use super::near::{Extent, near_pairs};

/// An edge of the moved mask as places.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedEdge {
    pub axis: Axis,
    pub at: u32,
    pub from: u32,
    pub to: u32,
    pub polygon: u32,
    /// Sign of the outward normal; 0 for a jog, whose direction follows from its ends.
    pub outward: i8,
}

/// How two edges may face each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Facing {
    /// Outside between them, always.
    Space,
    /// Inside between them, always.
    Width,
    /// Whichever the moment shows.
    Either,
    /// A jog and an edge of its polygon: as their target places lie, so that none passes the
    /// other through the inside.
    AsDrawn,
}

/// Two edges on one axis that may come too near.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub a: u32,
    pub b: u32,
    pub facing: Facing,
    /// Least distance where they face with the outside between them, nm.
    pub space: f64,
    /// Least distance where they face with the inside between them, nm.
    pub width: f64,
    /// Least distance, along or across, where they do not face, nm.
    pub corner: f64,
    /// Least distance where they face with the outside between them and one is a line end, nm.
    pub end: f64,
}

/// An edge that must not turn round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// The place that must stay below `hi` by `least`.
    pub lo: u32,
    pub hi: u32,
    pub least: f64,
}

/// Least distances, whole nm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Least {
    pub width: f64,
    pub space: f64,
    /// Within one main feature.
    pub notch: f64,
    pub corner: f64,
    pub assist_width: f64,
    pub assist_space: f64,
    pub assist_to_main: f64,
    /// Before a line end; 0 where there is no such rule.
    pub end_space: f64,
    /// Longest edge that is a line end.
    pub line_end: f64,
    /// Area of a shape, nm²; 0 where there is no such rule.
    pub area: f64,
}

/// Largest offsets either way, nm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub main: f64,
    pub assist: f64,
}

impl Reach {
    /// In whole nm.
    pub fn floor(self) -> Self {
        Self { main: self.main.floor(), assist: self.assist.floor() }
    }
}

/// The plan.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Places at offset 0: moved ones, then fixed ones.
    pub base: Vec<f64>,
    /// Outward sign of the moved places.
    pub outward: Vec<f64>,
    pub edges: Vec<PlannedEdge>,
    pub pairs: Vec<Pair>,
    pub stretches: Vec<Stretch>,
    pub ends: Ends,
    pub areas: Vec<Area>,
    pub least: Least,
    pub reach: Reach,
    /// Moving places before this belong to main features, those after it to SRAFs, four each.
    main: usize,
    /// The first polygon that is an SRAF.
    first_assist: u32,
    /// Pairs by moving place: those of place k are `watching[watch_start[k]..watch_start[k + 1]]`.
    watch_start: Vec<u32>,
    watching: Vec<u32>,
}

impl Plan {
    pub fn new(target: &FragmentedTarget, least: Least, reach: Reach) -> Self {
        let n = target.fragments.len();
        let mut plan = Self {
            base: target.fragments.iter().map(|f| f64::from(f.base)).collect(),
            outward: target.fragments.iter().map(|f| f64::from(f.outward)).collect(),
            edges: Vec::with_capacity(2 * n),
            pairs: Vec::new(),
            stretches: Vec::new(),
            ends: Ends::new(target, least.line_end, least.end_space > 0.0),
            areas: Vec::new(),
            least,
            reach,
            main: target.main_count(),
            first_assist: target.polygon_count as u32,
            watch_start: Vec::new(),
            watching: Vec::new(),
        };
        plan.add_edges(target);
        plan.add_stretches();
        plan.add_pairs(Axis::Horizontal);
        plan.add_pairs(Axis::Vertical);
        plan.pairs.sort_unstable_by_key(|p| (p.a, p.b));
        plan.areas = Area::all(&plan, target, least.area);
        plan.add_watchers();
        plan
    }

    /// The pairs that a moving place has a part in.
    pub fn watchers(&self, place: usize) -> &[u32] {
        let range = self.watch_start[place] as usize..self.watch_start[place + 1] as usize;
        &self.watching[range]
    }

    fn add_watchers(&mut self) {
        let n = self.movable();
        let mut entries: Vec<(u32, u32)> = Vec::new();
        for (i, pair) in self.pairs.iter().enumerate() {
            let places = self.places_of(pair);
            entries.extend(places.filter(|&k| (k as usize) < n).map(|k| (k, i as u32)));
        }
        entries.sort_unstable();
        entries.dedup();
        self.watch_start =
            (0..=n).map(|k| entries.partition_point(|e| (e.0 as usize) < k) as u32).collect();
        self.watching = entries.into_iter().map(|(_, pair)| pair).collect();
    }

    /// The places that decide how a pair stands, some of them twice.
    pub fn places_of(&self, pair: &Pair) -> impl Iterator<Item = u32> + use<> {
        let edges = [pair.a, pair.b].map(|e| self.edges[e as usize]);
        let around = |e: PlannedEdge| {
            if pair.end > pair.space { self.ends.around(self, e.at) } else { Vec::new() }
        };
        let around = edges.map(around);
        edges.into_iter().flat_map(|e| [e.at, e.from, e.to]).chain(around.into_iter().flatten())
    }

    /// Number of fragments; places below it move.
    pub fn movable(&self) -> usize {
        self.outward.len()
    }

    /// Whether a place is a side of an SRAF.
    pub fn is_assist(&self, place: usize) -> bool {
        (self.main..self.movable()).contains(&place)
    }

    /// The side across from a side of an SRAF.
    pub fn opposite(&self, place: usize) -> usize {
        let side = place - self.main;
        self.main + side - side % 4 + (side + 2) % 4
    }

    fn add_edges(&mut self, target: &FragmentedTarget) {
        let n = target.fragments.len() as u32;
        let mut jogs = Vec::new();
        for span in &target.rings {
            // Place of the corner or split before each fragment of the ring.
            let starts: Vec<u32> = (span.start..span.end)
                .map(|i| {
                    let (prev, _) = span.around(i);
                    if !target.is_split(prev, i) {
                        return prev as u32;
                    }
                    let f = &target.fragments[i];
                    let at = n + jogs.len() as u32;
                    self.base.push(f64::from(f.from));
                    jogs.push(PlannedEdge {
                        axis: f.axis.across(),
                        at,
                        from: prev as u32,
                        to: i as u32,
                        polygon: f.polygon as u32,
                        outward: 0,
                    });
                    at
                })
                .collect();
            for i in span.start..span.end {
                let f = &target.fragments[i];
                let (_, next) = span.around(i);
                let to =
                    if target.is_split(i, next) { starts[next - span.start] } else { next as u32 };
                self.edges.push(PlannedEdge {
                    axis: f.axis,
                    at: i as u32,
                    from: starts[i - span.start],
                    to,
                    polygon: f.polygon as u32,
                    outward: f.outward as i8,
                });
            }
        }
        self.edges.append(&mut jogs);
    }

    /// Fragments with a moving end keep their direction: at least 1 nm beside a split; a step
    /// between two parallel neighbours may vanish, as their edges then run on in one line.
    fn add_stretches(&mut self) {
        let n = self.movable() as u32;
        for e in &self.edges[..n as usize] {
            if e.from >= n && e.to >= n {
                continue;
            }
            let (from, to) = (self.base[e.from as usize], self.base[e.to as usize]);
            let (lo, hi) = if from < to { (e.from, e.to) } else { (e.to, e.from) };
            let step = lo < n && hi < n && self.outward[lo as usize] == self.outward[hi as usize];
            self.stretches.push(Stretch { lo, hi, least: if step { 0.0 } else { 1.0 } });
        }
    }

    /// How far a place can get from its base either way.
    pub fn reach_of(&self, place: usize) -> f64 {
        match place {
            k if k < self.main => self.reach.main,
            k if k < self.movable() => self.reach.assist,
            _ => 0.0,
        }
    }

    /// Where a place can get to.
    fn range(&self, place: u32) -> [f64; 2] {
        let (base, reach) = (self.base[place as usize], self.reach_of(place as usize));
        [base - reach, base + reach]
    }

    fn add_pairs(&mut self, axis: Axis) {
        let Least { width, space, notch, corner, end_space, .. } = self.least;
        let Least { assist_width, assist_space, assist_to_main, .. } = self.least;
        let main = [width, space, notch, corner, end_space];
        let rules = main.into_iter().chain([assist_width, assist_space, assist_to_main]);
        let halo = rules.fold(0.0, f64::max) / 2.0;
        let ids: Vec<u32> =
            (0..self.edges.len() as u32).filter(|&i| self.edges[i as usize].axis == axis).collect();
        let boxes: Vec<Extent> = ids
            .iter()
            .map(|&i| {
                let e = &self.edges[i as usize];
                let (at, from, to) = (self.range(e.at), self.range(e.from), self.range(e.to));
                let margin = self.least.corner / 2.0;
                Extent {
                    along: [from[0].min(to[0]) - margin, from[1].max(to[1]) + margin],
                    at: [at[0] - halo, at[1] + halo],
                }
            })
            .collect();
        let mut pairs = Vec::new();
        near_pairs(&boxes, |i, j| pairs.extend(self.pair(ids[i], ids[j])));
        self.pairs.append(&mut pairs);
    }

    /// Two edges as a pair, or `None` where they can never face each other.
    fn pair(&self, a: u32, b: u32) -> Option<Pair> {
        let (ea, eb) = (&self.edges[a as usize], &self.edges[b as usize]);
        let own = ea.polygon == eb.polygon;
        let least = &self.least;
        let assists = [ea, eb].map(|e| e.polygon >= self.first_assist);
        let (space, width) = match assists {
            [false, false] => (if own { least.notch } else { least.space }, least.width),
            [true, true] => (least.assist_space, least.assist_width),
            _ => (least.assist_to_main, least.width),
        };
        let end = if assists == [true, true] { 0.0 } else { least.end_space };
        let any = Pair { a, b, facing: Facing::Either, space, width, corner: least.corner, end };
        if ea.outward == 0 || eb.outward == 0 {
            return Some(if own { Pair { facing: Facing::AsDrawn, ..any } } else { any });
        }
        if ea.outward == eb.outward {
            return None;
        }
        let (plus, minus) = if ea.outward > 0 { (ea, eb) } else { (eb, ea) };
        let place = |k: u32| self.base[k as usize];
        let gap = place(minus.at) - place(plus.at);
        let span = |e: &PlannedEdge| {
            let (f, t) = (place(e.from), place(e.to));
            (f.min(t), f.max(t))
        };
        let (sa, sb) = (span(ea), span(eb));
        let overlap = sa.1.min(sb.1) - sa.0.max(sb.0);
        if assists != [false, false] {
            // SRAFs are seeded by the rules: nothing about them is forgiven because it was drawn so.
            return match (gap > 0.0, overlap > 0.0) {
                (true, _) => Some(Pair { facing: Facing::Space, ..any }),
                (false, true) if own => Some(Pair { facing: Facing::Width, ..any }),
                (false, true) => None,
                (false, false) => Some(any),
            };
        }
        let drawn_corner = if overlap > 0.0 { f64::INFINITY } else { gap.abs().max(-overlap) };
        let corner = least.corner.min(drawn_corner);
        // Facing as drawn keeps its kind and, where it breaks the rule, its drawn distance.
        let drawn = if overlap > 0.0 { gap.abs() } else { f64::INFINITY };
        if gap > 0.0 {
            // What is no line end as drawn has no excuse where it becomes one.
            let is_end = |e: &PlannedEdge| self.ends.is_end(self, &self.base, e.at);
            let end = if drawn < end && (is_end(ea) || is_end(eb)) { drawn } else { end };
            Some(Pair { facing: Facing::Space, space: space.min(drawn), corner, end, ..any })
        } else if overlap > 0.0 && !own {
            // Each polygon's own width and the space between them already part these two.
            None
        } else if overlap > 0.0 {
            Some(Pair { facing: Facing::Width, width: width.min(drawn), corner, ..any })
        } else {
            Some(Pair { corner, ..any })
        }
    }
}
