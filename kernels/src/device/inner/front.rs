//! The front of development: |∇T| = 1/r, after the processor's [`crate::eikonal`].
//!
//! Times are kept in place. Blocks of 8³ voxels are visited in two colours, so that no block's
//! neighbour changes while it is; within a visit every thread goes down and up its own column and
//! sees the columns beside it as the pass before left them. No order of threads shows in a bit.

use super::super::kernel::{Constants, Kernel};
use super::{real, word};

/// Side of a block, voxels.
pub const BLOCK: usize = 8;

/// A time later than any that occurs.
const NEVER: f64 = 1e17;

/// A change of arrival below this share of the time to cross a voxel counts as none.
pub const STILL: f64 = 1e-4;

/// Rounding of an arrival time that counts as no change.
const ROUNDING: f64 = 4e-7;

/// A slope steeper than this many times the local slowness is not extrapolated.
pub const STEEPEST: f64 = 2.0;

/// A rate within 1e-9…1e9; the least for what is no number.
fn bounded(rate: f64) -> f64 {
    if rate > 1e-9 { rate.min(1e9) } else { 1e-9 }
}

/// Makes rates slownesses, and times those of going straight down from the top: an upper bound.
/// Bindings: settings (1/h² of z, y, x; change that counts as none and steepest step, both by
/// slowness; height of a layer), rates, times.
///
/// Cost: 12 bytes and a division a voxel.
pub static START_TOP: Kernel = Kernel {
    name: "start_top",
    wgsl: &[include_str!("front.wgsl"), include_str!("start_top.wgsl")],
    cuda: &[include_str!("front.cu"), include_str!("start_top.cu")],
    threads: 64,
    writes: &[false, true, true],
    twin: start_top,
};

fn start_top(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [settings, slow, times] = buffers else { return };
    let pixels = values.get("PIXELS");
    for pixel in 0..pixels {
        let mut front = 0.0;
        for k in 0..values.get("NZ") {
            let at = k * pixels + pixel;
            let own = 1.0 / bounded(real(slow[at]));
            front += if k == 0 { 0.5 } else { 1.0 } * real(settings[5]) * own;
            (slow[at], times[at]) = (word(own), word(front));
        }
    }
}

/// Makes rates slownesses, 0 where a time is known, and times that are NaN later than any.
/// Bindings: rates, times.
///
/// Cost: 16 bytes and a division a voxel.
pub static START_KNOWN: Kernel = Kernel {
    name: "start_known",
    wgsl: &[include_str!("front.wgsl"), include_str!("start_known.wgsl")],
    cuda: &[include_str!("front.cu"), include_str!("start_known.cu")],
    threads: 256,
    writes: &[true, true],
    twin: start_known,
};

fn start_known(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [slow, times] = buffers else { return };
    for i in 0..values.get("WORDS") {
        if real(times[i]).is_nan() {
            times[i] = word(NEVER);
            slow[i] = word(1.0 / bounded(real(slow[i])));
        } else {
            slow[i] = word(0.0);
        }
    }
}

/// Reads off first-order times which side of each axis is the earlier one and where second order is
/// allowed: three bits an axis (lower side, upper side, second order), z first. `TOP`: a source at
/// time 0 lies above the first layer. Bindings: settings, slownesses, times, plan.
///
/// Cost: 12 bytes and some 30 operations a voxel; neighbours come from the cache.
pub static FRONT_PLAN: Kernel = Kernel {
    name: "front_plan",
    wgsl: &[include_str!("front.wgsl"), include_str!("front_plan.wgsl")],
    cuda: &[include_str!("front.cu"), include_str!("front_plan.cu")],
    threads: 256,
    writes: &[false, false, false, true],
    twin: front_plan,
};

/// A volume as twins read it.
struct Volume<'a> {
    values: &'a Constants<'a>,
    shape: [usize; 3],
}

impl Volume<'_> {
    /// A voxel's place, if it is one.
    fn place(&self, at: [i64; 3]) -> Option<usize> {
        let inside = (0..3).all(|k| (0..self.shape[k] as i64).contains(&at[k]));
        let [_, ny, nx] = self.shape;
        inside.then(|| (at[0] as usize * ny + at[1] as usize) * nx + at[2] as usize)
    }

    /// The time at a place or beyond the walls.
    fn time(&self, times: &[u32], at: [i64; 3]) -> f64 {
        match self.place(at) {
            Some(i) => real(times[i]),
            None if at[0] < 0 && self.values.get("TOP") == 1 => 0.0,
            None => NEVER,
        }
    }
}

/// `at` moved along an axis.
fn moved(at: [i64; 3], axis: usize, step: i64) -> [i64; 3] {
    let mut to = at;
    to[axis] += step;
    to
}

fn front_plan(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [settings, slow, times, plan] = buffers else { return };
    let volume = Volume { values, shape: ["NZ", "NY", "NX"].map(|name| values.get(name)) };
    let [_, ny, nx] = volume.shape;
    for i in 0..volume.shape.iter().product() {
        let at = [i / (ny * nx), i / nx % ny, i % nx].map(|i| i as i64);
        plan[i] = 0;
        for axis in 0..3 {
            let get = |step: i64| volume.time(times, moved(at, axis, step));
            let (before, after) = (get(-1), get(1));
            let near = before.min(after);
            let lower = before <= after;
            let step = near - get(if lower { -2 } else { 2 });
            // Along an even wall the step is 0, so that one which counts as none may as well fall.
            let still = real(settings[3]) * real(slow[i]) + ROUNDING * near;
            let smooth = (-still..=real(settings[4]) * real(slow[i])).contains(&step);
            if near < real(times[i]) {
                let bits = if lower { 1 } else { 2 } | if smooth { 4 } else { 0 };
                plan[i] |= bits << (3 * axis);
            }
        }
    }
}

/// Visits the blocks of one colour that are not at rest: `PASSES` times down and up every column, at first order
/// (times only fall) or, with `SECOND`, after the plan. A block rests if nothing moved at the
/// end; neighbours beside whom something moved do not. Bindings: settings, shape (voxels, then blocks, along z, y, x; colour),
/// slownesses, plan, times, whether each block rests, whether anything moved.
///
/// Cost: for a visited voxel 20 bytes (12 at first order) and 2·PASSES updates of some 60
/// operations; for a block at rest 4 bytes.
pub static ADVANCE_FRONT: Kernel = Kernel {
    name: "advance_front",
    wgsl: &[include_str!("front.wgsl"), include_str!("advance_front.wgsl")],
    cuda: &[include_str!("front.cu"), include_str!("advance_front.cu")],
    threads: 64,
    writes: &[false, false, false, false, true, true, true],
    twin: advance_front,
};

fn advance_front(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [settings, shape, slow, plan, times, rests, anything] = buffers else { return };
    let [nz, ny, nx, bz, by, bx, visited] = [0, 1, 2, 3, 4, 5, 6].map(|i| shape[i] as usize);
    let volume = Volume { values, shape: [nz, ny, nx] };
    for block in 0..bz * by * bx {
        let at = [block / (by * bx), block / bx % by, block % bx];
        let colour = at.iter().sum::<usize>() % 2;
        if colour != visited || rests[block] == 1 {
            continue;
        }
        let visit = Visit { volume: &volume, settings, slow, plan, first: at.map(|b| b * BLOCK) };
        let (new, is_late) = visit.passes(times);
        rests[block] = u32::from(!is_late);
        let mut moves = is_late;
        let counts = [bz, by, bx].map(|n| n as i64);
        for (i, value) in new.iter().enumerate() {
            let Some((place, s)) = visit.free(i) else { continue };
            if (value - real(times[place])).abs() > visit.still(s, *value) {
                moves = true;
                for (axis, own) in offset(i).into_iter().enumerate() {
                    for (step, sees) in [(-1, own < 2), (1, own >= BLOCK - 2)] {
                        let next = moved(at.map(|b| b as i64), axis, step);
                        if sees && (0..counts[axis]).contains(&next[axis]) {
                            let next = (next[0] * counts[1] + next[1]) * counts[2] + next[2];
                            rests[next as usize] = 0;
                        }
                    }
                }
            }
            times[place] = word(*value);
        }
        anything[0] |= u32::from(moves);
    }
}

/// One visit of a block.
struct Visit<'a> {
    volume: &'a Volume<'a>,
    settings: &'a [u32],
    slow: &'a [u32],
    plan: &'a [u32],
    first: [usize; 3],
}

/// Voxels of a block.
const VOXELS: usize = BLOCK * BLOCK * BLOCK;

/// Where a voxel lies within its block.
fn offset(i: usize) -> [usize; 3] {
    [i / (BLOCK * BLOCK), i / BLOCK % BLOCK, i % BLOCK]
}

impl Visit<'_> {
    /// Where it lies in the volume.
    fn at(&self, i: usize) -> [i64; 3] {
        let offset = offset(i);
        [0, 1, 2].map(|k| (self.first[k] + offset[k]) as i64)
    }

    /// Place and slowness of a voxel whose time is not fixed.
    fn free(&self, i: usize) -> Option<(usize, f64)> {
        let place = self.volume.place(self.at(i))?;
        let s = real(self.slow[place]);
        (s > 0.0).then_some((place, s))
    }

    /// Change that counts as none.
    fn still(&self, s: f64, time: f64) -> f64 {
        real(self.settings[3]) * s + ROUNDING * time
    }

    /// Times of the block after all passes, and whether the last two moved any.
    fn passes(&self, times: &[u32]) -> (Vec<f64>, bool) {
        let mut now: Vec<f64> = (0..VOXELS).map(|i| self.volume.time(times, self.at(i))).collect();
        let passes = 2 * self.volume.values.get("PASSES");
        let mut is_late = false;
        for pass in 0..passes {
            let before = now.clone();
            for step in 0..VOXELS {
                let i = if pass % 2 == 0 { step } else { VOXELS - 1 - step };
                let Some((place, s)) = self.free(i) else { continue };
                // In the block along z as it is, beside as it was, beyond as it stays.
                let get = |axis: usize, step: i64| {
                    let to = moved(offset(i).map(|o| o as i64), axis, step);
                    if (0..BLOCK as i64).contains(&to[axis]) {
                        let [z, y, x] = to.map(|o| o as usize);
                        let values = if axis == 0 { &now } else { &before };
                        return values[(z * BLOCK + y) * BLOCK + x];
                    }
                    self.volume.time(times, moved(self.at(i), axis, step))
                };
                let new = self.update(i, self.plan[place], s, get);
                let is_second = self.volume.values.get("SECOND") == 1;
                let new = if is_second { new.min(NEVER) } else { new.min(now[i]) };
                // Kept as devices keep it: fronts come to rest in the numbers there are.
                let new = f64::from(new as f32);
                is_late |= pass + 2 >= passes && (new - now[i]).abs() > self.still(s, new);
                now[i] = new;
            }
        }
        (now, is_late)
    }

    /// The new time of a voxel.
    fn update(&self, i: usize, plan: u32, s: f64, get: impl Fn(usize, i64) -> f64) -> f64 {
        let layer = self.at(i)[0];
        let values = self.volume.values;
        let mut axes = [0, 1, 2].map(|axis| {
            let even = real(self.settings[axis]);
            let is_top = values.get("TOP") == 1 && axis == 0;
            let lower = match layer {
                0 if is_top => [4.0 * even, 4.0 * even, 0.0],
                1 if is_top => [even, 25.0 / 9.0 * even, 0.8],
                _ => [even, 2.25 * even, 1.0 / 3.0],
            };
            let upper = [even, 2.25 * even, 1.0 / 3.0];
            if values.get("SECOND") == 0 {
                let (before, after) = (get(axis, -1), get(axis, 1));
                let weight = if before <= after { lower[0] } else { upper[0] };
                return (before.min(after), weight);
            }
            let bits = plan >> (3 * axis) & 7;
            let (near, far, weights) = match bits & 3 {
                1 => (get(axis, -1), get(axis, -2), lower),
                2 => (get(axis, 1), get(axis, 2), upper),
                _ => (NEVER, NEVER, upper),
            };
            if bits & 4 == 4 {
                (near + weights[2] * (near - far), weights[1])
            } else {
                (near, weights[0])
            }
        });
        axes.sort_by(|a, b| a.0.total_cmp(&b.0));
        solve(&axes, s)
    }
}

/// T of Σ w (T − a)₊² = s² for axes (a, w) in the order of a.
fn solve(axes: &[(f64, f64); 3], s: f64) -> f64 {
    let mut time = f64::INFINITY;
    for count in 1..=3 {
        // The front passes this many axes if it does so later than where the last of them starts.
        let (passed, from) = (&axes[..count], axes[0].0);
        if count > 1 && time <= axes[count - 1].0 {
            break;
        }
        let sum =
            |power: i32| -> f64 { passed.iter().map(|(a, w)| w * (a - from).powi(power)).sum() };
        let (w, wa, waa) = (sum(0), sum(1), sum(2));
        time = from + (wa + (wa * wa - w * (waa - s * s)).max(0.0).sqrt()) / w;
    }
    time
}
