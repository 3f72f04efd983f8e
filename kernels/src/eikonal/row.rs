//! One row of the front's update: every depth of a column pair's diagonal at once.
//!
//! Per axis the earlier neighbour wins (Godunov). With |T − a|₊ along each axis, weight w = 1/h²
//! and slowness s, the arrival solves Σ w (T − a)₊² = s². First order: a = T₁. Second order
//! (Sethian 1999, §8.6): a = T₁ + q(T₁ − T₂) with q = 1/3, w = 9/(4h²), where T₂ ≤ T₁.
//!
//! Which side of each axis is the earlier one, and where second order is allowed, is read once off
//! the first-order times and kept as a plan: a voxel then depends on earlier ones only, so that
//! second-order sweeps come to rest, where choosing anew at every visit flickers for ever.

use pulp::Simd;

/// A time later than any that occurs; its square times any weight is finite.
pub(super) const NEVER: f32 = 1e17;

/// Lanes kept free at either end of a row, for the second neighbours.
pub(super) const PAD: usize = 2;

/// A change of arrival below this share of the time to cross a voxel counts as none.
pub(super) const STILL: f32 = 1e-4;

/// Rounding of an arrival time that counts as no change.
pub(super) const ROUNDING: f32 = 4e-7;

/// A slope steeper than this many times the local slowness is not extrapolated: the rate changes
/// too fast for second differences there.
const STEEPEST: f32 = 2.0;

/// Weights of the two sides of an axis in every lane.
#[derive(Clone, Debug)]
pub(super) struct SideWeights {
    /// 1/h² of the first difference.
    pub first: Vec<f32>,
    /// 1/h'² of the second-order difference.
    pub second: Vec<f32>,
    /// q of the second-order difference.
    pub share: Vec<f32>,
}

impl SideWeights {
    /// Equal spacing in every lane.
    pub fn even(spacing: f32, lanes: usize) -> Self {
        let first = 1.0 / (spacing * spacing);
        Self {
            first: vec![first; lanes],
            second: vec![2.25 * first; lanes],
            share: vec![1.0 / 3.0; lanes],
        }
    }

    /// Weights of `count` vectors from lane `from`.
    #[inline(always)]
    fn vectors<S: Simd>(&self, from: usize, count: usize) -> [&[S::f32s]; 3] {
        let lanes = from..from + count * S::F32_LANES;
        [
            &S::as_simd_f32s(&self.first[lanes.clone()]).0[..count],
            &S::as_simd_f32s(&self.second[lanes.clone()]).0[..count],
            &S::as_simd_f32s(&self.share[lanes]).0[..count],
        ]
    }

    /// A source plane half a voxel before `lane`, met by the lanes behind it in direction `step`.
    /// Differences over (h/2) and over (h, 3h/2) are exact for a parabola.
    pub fn with_plane(mut self, lane: usize, next: Option<usize>) -> Self {
        let first = self.first[lane];
        self.first[lane] = 4.0 * first;
        self.second[lane] = 4.0 * first;
        self.share[lane] = 0.0;
        if let Some(next) = next {
            self.second[next] = (25.0 / 9.0) * first;
            self.share[next] = 0.8;
        }
        self
    }
}

/// What stays the same for a whole sweep.
#[derive(Clone, Debug)]
pub(super) struct Stencil {
    /// Towards lane −1 and lane +1.
    pub lanes: [SideWeights; 2],
    /// 1/h² across rows of the long and of the short side.
    pub across: [f32; 2],
    /// Smallest spacing.
    pub least: f32,
    /// Lane 0 is the last depth: where both sides are equally early, lanes take the other one.
    pub flipped: bool,
    /// What a visit does.
    pub stage: Stage,
}

/// What a visit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// First differences; times only fall.
    First,
    /// Reads the plan off the times.
    Plan,
    /// Second-order differences where the plan has them.
    Second,
}

/// Bits of a voxel's plan: the earlier side is the lower one, the upper one, and second order; for
/// lanes, then shifted by 3 for the long and by 6 for the short side.
const LOWER: u32 = 1;
const UPPER: u32 = 2;
const SECOND: u32 = 4;

/// The row at `center` of a tile's times and where its neighbours lie.
#[derive(Clone)]
pub(super) struct Row<'a> {
    pub time: &'a [f32],
    /// Index of lane 0.
    pub center: usize,
    /// Distance to the next diagonal and to the next column of the short side.
    pub strides: [usize; 2],
    /// Slowness from lane 0; 0 where a time is fixed.
    pub slow: &'a [f32],
    pub stencil: &'a Stencil,
    /// The lanes that hold voxels.
    pub lanes: std::ops::Range<usize>,
}

/// First and second neighbours below and above along an axis.
struct Axis<'a, V> {
    m1: &'a [V],
    m2: &'a [V],
    p1: &'a [V],
    p2: &'a [V],
}

impl<V: Copy> Axis<'_, V> {
    #[inline(always)]
    fn get(&self, i: usize) -> [V; 4] {
        [self.m1[i], self.m2[i], self.p1[i], self.p2[i]]
    }
}

// No closures in what follows: they would not be compiled for the vectors of the machine.
impl<'a> Row<'a> {
    /// First lane and number of vectors to visit.
    #[inline(always)]
    fn vectors<S: Simd>(&self) -> (usize, usize) {
        let first = self.lanes.start / S::F32_LANES;
        (first * S::F32_LANES, self.lanes.end.div_ceil(S::F32_LANES) - first)
    }

    /// The vectors of the row `offset` away.
    #[inline(always)]
    fn at<S: Simd>(&self, offset: isize) -> &'a [S::f32s] {
        let (from, count) = self.vectors::<S>();
        let start = self.center.wrapping_add_signed(offset) + from;
        &S::as_simd_f32s(&self.time[start..start + count * S::F32_LANES]).0[..count]
    }

    #[inline(always)]
    fn axis<S: Simd>(&self, step: isize) -> Axis<'a, S::f32s> {
        Axis {
            m1: self.at::<S>(-step),
            m2: self.at::<S>(-2 * step),
            p1: self.at::<S>(step),
            p2: self.at::<S>(2 * step),
        }
    }

    /// Neighbours in z, along the long and along the short side.
    #[inline(always)]
    fn axes<S: Simd>(&self) -> [Axis<'a, S::f32s>; 3] {
        let [level, column] = [self.strides[0] as isize, self.strides[1] as isize];
        [self.axis::<S>(level + 1), self.axis::<S>(level), self.axis::<S>(column)]
    }

    #[inline(always)]
    fn slow<S: Simd>(&self) -> &'a [S::f32s] {
        let (from, count) = self.vectors::<S>();
        &S::as_simd_f32s(&self.slow[from..from + count * S::F32_LANES]).0[..count]
    }

    /// Writes first-order times; says whether any moved.
    #[inline(always)]
    pub fn first_order<S: Simd>(&self, simd: S, out: &mut [f32]) -> bool {
        let (from, count) = self.vectors::<S>();
        let ([z, y, x], slow, old) = (self.axes::<S>(), self.slow::<S>(), self.at::<S>(0));
        let out = &mut S::as_mut_simd_f32s(&mut out[from..from + count * S::F32_LANES]).0[..count];
        let minus = self.stencil.lanes[0].vectors::<S>(from, count);
        let plus = self.stencil.lanes[1].vectors::<S>(from, count);
        let (wy, wx) = (self.stencil.across[0], self.stencil.across[1]);
        let (wy, wx) = (simd.splat_f32s(wy), simd.splat_f32s(wx));
        let zero = simd.splat_f32s(0.0);
        let mut moved = zero;
        for i in 0..count {
            let before = simd.less_than_or_equal_f32s(z.m1[i], z.p1[i]);
            let wz = simd.select_f32s(before, minus[0][i], plus[0][i]);
            let z = [simd.min_f32s(z.m1[i], z.p1[i]), wz];
            let y = [simd.min_f32s(y.m1[i], y.p1[i]), wy];
            let x = [simd.min_f32s(x.m1[i], x.p1[i]), wx];
            let solved = simd.min_f32s(solve(simd, z, y, x, slow[i]), old[i]);
            let free = simd.less_than_f32s(zero, slow[i]);
            out[i] = simd.select_f32s(free, solved, old[i]);
            moved = simd.max_f32s(moved, self.change(simd, out[i], old[i], slow[i]));
        }
        simd.reduce_max_f32s(moved) > 0.0
    }

    /// Writes times after the plan; says whether any moved.
    #[inline(always)]
    pub fn second_order<S: Simd>(&self, simd: S, plan: &[u32], out: &mut [f32]) -> bool {
        let (from, count) = self.vectors::<S>();
        let whole = from..from + count * S::F32_LANES;
        let ([z, y, x], slow, old) = (self.axes::<S>(), self.slow::<S>(), self.at::<S>(0));
        let plan = &S::as_simd_u32s(&plan[whole.clone()]).0[..count];
        let out = &mut S::as_mut_simd_f32s(&mut out[whole]).0[..count];
        let minus = self.stencil.lanes[0].vectors::<S>(from, count);
        let plus = self.stencil.lanes[1].vectors::<S>(from, count);
        let wy = even(simd, self.stencil.across[0]);
        let wx = even(simd, self.stencil.across[1]);
        let (zero, never) = (simd.splat_f32s(0.0), simd.splat_f32s(NEVER));
        let mut moved = zero;
        for i in 0..count {
            let minus = [minus[0][i], minus[1][i], minus[2][i]];
            let plus = [plus[0][i], plus[1][i], plus[2][i]];
            let z = planned(simd, z.get(i), minus, plus, plan[i], 0);
            let y = planned(simd, y.get(i), wy, wy, plan[i], 3);
            let x = planned(simd, x.get(i), wx, wx, plan[i], 6);
            let solved = simd.min_f32s(solve(simd, z, y, x, slow[i]), never);
            let free = simd.less_than_f32s(zero, slow[i]);
            out[i] = simd.select_f32s(free, solved, old[i]);
            moved = simd.max_f32s(moved, self.change(simd, out[i], old[i], slow[i]));
        }
        simd.reduce_max_f32s(moved) > 0.0
    }

    /// Reads the plan off the times.
    #[inline(always)]
    pub fn choose<S: Simd>(&self, simd: S, plan: &mut [u32]) {
        let (from, count) = self.vectors::<S>();
        let ([z, y, x], slow, own) = (self.axes::<S>(), self.slow::<S>(), self.at::<S>(0));
        let whole = from..from + count * S::F32_LANES;
        let plan = &mut S::as_mut_simd_u32s(&mut plan[whole]).0[..count];
        let [still, steepest] =
            [STILL, STEEPEST].map(|share| simd.splat_f32s(share * self.stencil.least));
        for i in 0..count {
            let steps = [still, steepest].map(|step| simd.mul_f32s(step, slow[i]));
            let z = chosen(simd, z.get(i), own[i], steps, self.stencil.flipped, 0);
            let y = chosen(simd, y.get(i), own[i], steps, false, 3);
            let x = chosen(simd, x.get(i), own[i], steps, false, 6);
            plan[i] = simd.or_u32s(z, simd.or_u32s(y, x));
        }
    }

    /// By how much a change exceeds what counts as none.
    #[inline(always)]
    fn change<S: Simd>(&self, simd: S, new: S::f32s, old: S::f32s, slow: S::f32s) -> S::f32s {
        let still = simd.splat_f32s(STILL * self.stencil.least);
        let rounding = simd.splat_f32s(ROUNDING);
        let allowed = simd.mul_add_e_f32s(rounding, new, simd.mul_f32s(still, slow));
        let change = simd.max_f32s(simd.sub_f32s(new, old), simd.sub_f32s(old, new));
        simd.sub_f32s(change, allowed)
    }
}

/// Weights of an axis of equal spacing with first weight 1/h².
#[inline(always)]
fn even<S: Simd>(simd: S, first: f32) -> [S::f32s; 3] {
    [simd.splat_f32s(first), simd.splat_f32s(2.25 * first), simd.splat_f32s(1.0 / 3.0)]
}

/// The plan of one axis: bits shifted by `shift`. Along an even wall the step is 0, so that one which
/// counts as none may as well fall.
#[inline(always)]
fn chosen<S: Simd>(
    simd: S,
    [m1, m2, p1, p2]: [S::f32s; 4],
    own: S::f32s,
    [still, steep]: [S::f32s; 2],
    upper_first: bool,
    shift: u32,
) -> S::u32s {
    let lower = if upper_first {
        simd.less_than_f32s(m1, p1)
    } else {
        simd.less_than_or_equal_f32s(m1, p1)
    };
    let near = simd.min_f32s(m1, p1);
    let step = simd.sub_f32s(near, simd.select_f32s(lower, m2, p2));
    let least = simd.neg_f32s(simd.mul_add_e_f32s(simd.splat_f32s(ROUNDING), near, still));
    let smooth = simd.and_m32s(
        simd.less_than_or_equal_f32s(least, step),
        simd.less_than_or_equal_f32s(step, steep),
    );
    let (none, second) = (simd.splat_u32s(0), simd.splat_u32s(SECOND << shift));
    let (below, above) = (simd.splat_u32s(LOWER << shift), simd.splat_u32s(UPPER << shift));
    let side = simd.select_u32s(lower, below, above);
    let order = simd.select_u32s(smooth, second, none);
    simd.select_u32s(simd.less_than_f32s(near, own), simd.or_u32s(side, order), none)
}

/// The earlier side of an axis after the plan: where the front would have started (a), and w.
#[inline(always)]
fn planned<S: Simd>(
    simd: S,
    [m1, m2, p1, p2]: [S::f32s; 4],
    minus: [S::f32s; 3],
    plus: [S::f32s; 3],
    plan: S::u32s,
    shift: u32,
) -> [S::f32s; 2] {
    let none = simd.splat_u32s(0);
    let not_lower = simd.equal_u32s(simd.and_u32s(plan, simd.splat_u32s(LOWER << shift)), none);
    let not_upper = simd.equal_u32s(simd.and_u32s(plan, simd.splat_u32s(UPPER << shift)), none);
    let not_second = simd.equal_u32s(simd.and_u32s(plan, simd.splat_u32s(SECOND << shift)), none);
    let above = simd.select_f32s(not_upper, simd.splat_f32s(NEVER), p1);
    let near = simd.select_f32s(not_lower, above, m1);
    let step = simd.sub_f32s(near, simd.select_f32s(not_lower, p2, m2));
    let share = simd.select_f32s(not_lower, plus[2], minus[2]);
    let ahead = simd.mul_add_e_f32s(share, step, near);
    let second = simd.select_f32s(not_lower, plus[1], minus[1]);
    let first = simd.select_f32s(not_lower, plus[0], minus[0]);
    [simd.select_f32s(not_second, near, ahead), simd.select_f32s(not_second, first, second)]
}

/// T of Σ w (T − a)₊² = s²; axes are taken in the order of a, each only if the front passes it.
#[inline(always)]
fn solve<S: Simd>(
    simd: S,
    x: [S::f32s; 2],
    y: [S::f32s; 2],
    z: [S::f32s; 2],
    s: S::f32s,
) -> S::f32s {
    let (x, y) = ordered(simd, x, y);
    let (y, z) = ordered(simd, y, z);
    let (x, y) = ordered(simd, x, y);
    let zero = simd.splat_f32s(0.0);
    let b = simd.sub_f32s(y[0], x[0]);
    let c = simd.sub_f32s(z[0], x[0]);
    let gap = simd.sub_f32s(z[0], y[0]);
    let s2 = simd.mul_f32s(s, s);
    let reach_b = simd.mul_f32s(x[1], simd.mul_f32s(b, b));
    let passes_b = simd.less_than_f32s(reach_b, s2);
    let reach_c = simd.mul_add_e_f32s(
        simd.mul_f32s(x[1], c),
        c,
        simd.mul_f32s(simd.mul_f32s(y[1], gap), gap),
    );
    let passes_c = simd.and_m32s(passes_b, simd.less_than_f32s(reach_c, s2));
    let wb = simd.select_f32s(passes_b, y[1], zero);
    let wc = simd.select_f32s(passes_c, z[1], zero);
    let weight = simd.add_f32s(x[1], simd.add_f32s(wb, wc));
    let (wbb, wcc) = (simd.mul_f32s(wb, b), simd.mul_f32s(wc, c));
    let linear = simd.add_f32s(wbb, wcc);
    let rest = simd.sub_f32s(s2, simd.mul_add_e_f32s(wbb, b, simd.mul_f32s(wcc, c)));
    let root = simd.mul_add_e_f32s(weight, rest, simd.mul_f32s(linear, linear));
    let root = simd.sqrt_f32s(simd.max_f32s(root, zero));
    simd.add_f32s(x[0], simd.div_f32s(simd.add_f32s(linear, root), weight))
}

/// The two with the smaller a first.
#[inline(always)]
fn ordered<S: Simd>(simd: S, x: [S::f32s; 2], y: [S::f32s; 2]) -> ([S::f32s; 2], [S::f32s; 2]) {
    let swap = simd.less_than_f32s(y[0], x[0]);
    (
        [simd.min_f32s(x[0], y[0]), simd.select_f32s(swap, y[1], x[1])],
        [simd.max_f32s(x[0], y[0]), simd.select_f32s(swap, x[1], y[1])],
    )
}
