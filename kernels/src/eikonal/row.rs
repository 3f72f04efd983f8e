//! One row of the front's update: every depth of a column pair's diagonal at once.
//!
//! Per axis the earlier neighbour wins (Godunov). With |T − a|₊ along each axis, weight w = 1/h²
//! and slowness s, the arrival solves Σ w (T − a)₊² = s². First order: a = T₁. Second order
//! (Sethian 1999, §8.6): a = T₁ + q(T₁ − T₂) with q = 1/3, w = 9/(4h²), where T₂ ≤ T₁.

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
    /// Second-order differences where they are allowed; then times may also grow.
    pub second_order: bool,
}

/// The row at `center` of a tile's times and where its neighbours lie.
pub(super) struct Row<'a> {
    pub time: &'a [f32],
    /// Index of lane 0.
    pub center: usize,
    /// Distance to the next diagonal and to the next column of the short side.
    pub strides: [usize; 2],
    /// Slowness from lane 0; 0 where a time is fixed.
    pub slow: &'a [f32],
    pub stencil: &'a Stencil,
    /// Vectors that hold the active lanes.
    pub lanes: std::ops::Range<usize>,
    /// New times from lane 0.
    pub out: &'a mut [f32],
}

impl Row<'_> {
    /// Writes new times; says whether any moved.
    #[inline(always)]
    pub fn update<S: Simd>(self, simd: S) -> bool {
        let width = S::F32_LANES;
        let vectors = (self.lanes.start / width)..(self.lanes.end.div_ceil(width));
        let (from, count) = (vectors.start * width, vectors.len());
        let at = |offset: isize| {
            let start = self.center.wrapping_add_signed(offset) + from;
            S::as_simd_f32s(&self.time[start..start + count * width]).0
        };
        let whole = |values: &'_ [f32]| from..(from + count * width).min(values.len());
        let [level, column] = self.strides.map(|s| s as isize);
        let across = [level, column].map(|s| [at(-s), at(-2 * s), at(s), at(2 * s)]);
        let z = [at(-level - 1), at(-2 * level - 2), at(level + 1), at(2 * level + 2)];
        let old = at(0);
        let slow = S::as_simd_f32s(&self.slow[whole(self.slow)]).0;
        let sides = self.stencil.lanes.each_ref().map(|side| {
            [&side.first, &side.second, &side.share].map(|w| S::as_simd_f32s(&w[whole(w)]).0)
        });
        let range = whole(self.out);
        let out = S::as_mut_simd_f32s(&mut self.out[range]).0;
        let even = self
            .stencil
            .across
            .map(|first| [first, 2.25 * first, 1.0 / 3.0].map(|weight| simd.splat_f32s(weight)));
        let second_order = self.stencil.second_order;
        let steepest = simd.splat_f32s(STEEPEST * self.stencil.least);
        let zero = simd.splat_f32s(0.0);
        let mut moved = zero;
        for i in 0..count {
            let s = slow[i];
            let steep = simd.mul_f32s(steepest, s);
            let axis = |n: [&[S::f32s]; 4], minus: [S::f32s; 3], plus: [S::f32s; 3]| {
                upwind(simd, n.map(|v| v[i]), minus, plus, steep, second_order)
            };
            let solved = solve(
                simd,
                [
                    axis(z, sides[0].map(|v| v[i]), sides[1].map(|v| v[i])),
                    axis(across[0], even[0], even[0]),
                    axis(across[1], even[1], even[1]),
                ],
                s,
            );
            let bound = if second_order { simd.splat_f32s(NEVER) } else { old[i] };
            let free = simd.less_than_f32s(zero, s);
            let new = simd.select_f32s(free, simd.min_f32s(solved, bound), old[i]);
            let allowed = simd.mul_add_e_f32s(
                simd.splat_f32s(ROUNDING),
                new,
                simd.mul_f32s(simd.splat_f32s(STILL * self.stencil.least), s),
            );
            let change = simd.abs_f32s(simd.sub_f32s(new, old[i]));
            moved = simd.max_f32s(moved, simd.sub_f32s(change, allowed));
            out[i] = new;
        }
        simd.reduce_max_f32s(moved) > 0.0
    }
}

/// The earlier side of an axis: where the front would have started (a) and the weight w.
#[inline(always)]
fn upwind<S: Simd>(
    simd: S,
    [m1, m2, p1, p2]: [S::f32s; 4],
    minus: [S::f32s; 3],
    plus: [S::f32s; 3],
    steep: S::f32s,
    second_order: bool,
) -> [S::f32s; 2] {
    let before = simd.less_than_or_equal_f32s(m1, p1);
    let pick = |a, b| simd.select_f32s(before, a, b);
    let near = pick(m1, p1);
    let first = pick(minus[0], plus[0]);
    if !second_order {
        return [near, first];
    }
    let step = simd.sub_f32s(near, pick(m2, p2));
    let smooth = simd.and_m32s(
        simd.less_than_or_equal_f32s(simd.splat_f32s(0.0), step),
        simd.less_than_or_equal_f32s(step, steep),
    );
    let share = simd.select_f32s(smooth, pick(minus[2], plus[2]), simd.splat_f32s(0.0));
    let weight = simd.select_f32s(smooth, pick(minus[1], plus[1]), first);
    [simd.mul_add_e_f32s(share, step, near), weight]
}

/// T of Σ w (T − a)₊² = s²; axes are taken in the order of a, each only if the front passes it.
#[inline(always)]
fn solve<S: Simd>(simd: S, axes: [[S::f32s; 2]; 3], s: S::f32s) -> S::f32s {
    let [x, y, z] = axes;
    let (x, y) = ordered(simd, x, y);
    let (y, z) = ordered(simd, y, z);
    let (x, y) = ordered(simd, x, y);
    let zero = simd.splat_f32s(0.0);
    let b = simd.sub_f32s(y[0], x[0]);
    let c = simd.sub_f32s(z[0], x[0]);
    let gap = simd.sub_f32s(z[0], y[0]);
    let square = |v| simd.mul_f32s(v, v);
    let s2 = square(s);
    let reach_b = simd.mul_f32s(x[1], square(b));
    let passes_b = simd.less_than_f32s(reach_b, s2);
    let reach_c = simd.mul_add_e_f32s(x[1], square(c), simd.mul_f32s(y[1], square(gap)));
    let passes_c = simd.and_m32s(passes_b, simd.less_than_f32s(reach_c, s2));
    let wb = simd.select_f32s(passes_b, y[1], zero);
    let wc = simd.select_f32s(passes_c, z[1], zero);
    let weight = simd.add_f32s(x[1], simd.add_f32s(wb, wc));
    let (wbb, wcc) = (simd.mul_f32s(wb, b), simd.mul_f32s(wc, c));
    let linear = simd.add_f32s(wbb, wcc);
    let rest = simd.sub_f32s(s2, simd.mul_add_e_f32s(wbb, b, simd.mul_f32s(wcc, c)));
    let root = simd.mul_add_e_f32s(weight, rest, square(linear));
    let root = simd.sqrt_f32s(simd.max_f32s(root, zero));
    simd.add_f32s(x[0], simd.div_f32s(simd.add_f32s(linear, root), weight))
}

/// The two with the smaller a first.
#[inline(always)]
fn ordered<S: Simd>(simd: S, x: [S::f32s; 2], y: [S::f32s; 2]) -> ([S::f32s; 2], [S::f32s; 2]) {
    let swap = simd.less_than_f32s(y[0], x[0]);
    let pick = |a, b| simd.select_f32s(swap, a, b);
    ([pick(y[0], x[0]), pick(y[1], x[1])], [pick(x[0], y[0]), pick(x[1], y[1])])
}
