//! The front of development on a device.

use ndarray::{Array3, ArrayView3};

use super::{GROUP_ROW, flat, room, value, voxels};
use crate::device::inner::{
    ADVANCE_FRONT, BLOCK, CLEAR_WORDS, FRONT_PLAN, START_KNOWN, START_TOP, STEEPEST, STILL,
};
use crate::device::kernel::{Step, Value, in_rows};
use crate::device::{Buffer, Compute, DeviceError, Program, download, upload};
use crate::eikonal::{Arrival, Start};

/// Times down and up its columns in one visit of a block: crosses it.
const PASSES: usize = 4;

/// Rounds between looks at whether anything moved.
const ROUNDS: usize = 4;

/// Rounds after which times are taken as they stand.
const MOST_ROUNDS: usize = 4000;

/// Where a front starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontStart {
    /// On the plane above the first depth, half a voxel from its centres, at time 0.
    Top,
    /// At the voxels whose time is a number as it is handed in; these stay as they are.
    Known,
}

/// A front in a volume on a device.
pub struct Front {
    parts: Parts,
    /// Of [`Front::steps`].
    programs: [Program; 4],
}

/// What its steps work on.
struct Parts {
    shape: [usize; 3],
    start: FrontStart,
    settings: Buffer,
    /// Voxels, then blocks, along z, y, x; for each colour, which comes last.
    sizes: [Buffer; 2],
    /// Rates, then slownesses.
    slow: Buffer,
    plan: Buffer,
    times: Buffer,
    /// Whether each block rests.
    rests: Buffer,
    anything: Buffer,
}

impl Parts {
    fn voxels(&self) -> usize {
        self.shape.iter().product()
    }

    fn blocks(&self) -> [usize; 3] {
        self.shape.map(|n| n.div_ceil(BLOCK))
    }

    fn shape_values(&self) -> Vec<Value> {
        let [nz, ny, nx] = self.shape;
        vec![value("NZ", nz), value("NY", ny), value("NX", nx), value("TOP", self.top())]
    }

    fn top(&self) -> usize {
        usize::from(self.start == FrontStart::Top)
    }

    fn steps(&self) -> [Vec<Step>; 4] {
        [self.start(), self.turn(0), self.between(), self.turn(1)]
    }

    fn start(&self) -> Vec<Step> {
        let [nz, ny, nx] = self.shape;
        let started = match self.start {
            FrontStart::Top => {
                let values = vec![value("NZ", nz), value("PIXELS", ny * nx)];
                flat(&START_TOP, ny * nx, values, &[&self.settings, &self.slow, &self.times])
            }
            FrontStart::Known => {
                let values = vec![value("WORDS", self.voxels())];
                flat(&START_KNOWN, self.voxels(), values, &[&self.slow, &self.times])
            }
        };
        vec![started, self.wake()]
    }

    fn between(&self) -> Vec<Step> {
        let buffers = [&self.settings, &self.slow, &self.times, &self.plan];
        vec![flat(&FRONT_PLAN, self.voxels(), self.shape_values(), &buffers), self.wake()]
    }

    /// No block rests.
    fn wake(&self) -> Step {
        clear(&self.rests, self.blocks().iter().product())
    }

    /// Rounds of both colours; what moved is that of the last round.
    fn turn(&self, second: usize) -> Vec<Step> {
        let round = [0, 1].map(|colour: usize| self.visit(second, colour));
        let mut steps: Vec<Step> = round.iter().cycle().take(2 * (ROUNDS - 1)).cloned().collect();
        steps.push(clear(&self.anything, 1));
        steps.extend(round);
        steps
    }

    fn visit(&self, second: usize, colour: usize) -> Step {
        let [bz, by, bx] = self.blocks();
        let groups = bz * by * bx.div_ceil(2);
        // The shape is no constant: this kernel takes compilers long, and so does for all shapes.
        let values = vec![
            value("TOP", self.top()),
            value("SECOND", second),
            value("PASSES", PASSES),
            value("GROUP_ROW", GROUP_ROW),
        ];
        let Self { settings, sizes, slow, plan, times, rests, anything, .. } = self;
        let buffers = [settings, &sizes[colour], slow, plan, times, rests, anything];
        Step {
            kernel: &ADVANCE_FRONT,
            values,
            buffers: buffers.map(Buffer::clone).to_vec(),
            groups: in_rows(groups).map(|count| count as u32),
        }
    }
}

fn clear(buffer: &Buffer, words: usize) -> Step {
    flat(&CLEAR_WORDS, words, vec![value("WORDS", words)], &[buffer])
}

impl Front {
    /// In a volume of a shape (z, y, x; at least one voxel) and spacing (above 0), over buffers of
    /// one number of four bytes a voxel: rates as a run begins, arrival times (known ones as a run
    /// begins, NaN elsewhere), and scratch.
    ///
    /// # Errors
    /// A shape or spacing out of range, or a device that fails.
    pub fn new(
        device: &dyn Compute,
        shape: [usize; 3],
        spacing: [f64; 3],
        start: FrontStart,
        [slow, times, plan]: [Buffer; 3],
    ) -> Result<Self, DeviceError> {
        voxels("front", shape)?;
        if spacing.iter().any(|h| !(*h > 0.0 && h.is_finite())) {
            let reason = format!("voxels of {spacing:?} must be of positive size");
            return Err(DeviceError::Input { what: "front", reason });
        }
        let least = spacing.iter().copied().fold(f64::INFINITY, f64::min);
        let [wz, wy, wx] = spacing.map(|h| (h * h).recip() as f32);
        let changes = [STILL, STEEPEST].map(|share| (share * least) as f32);
        let settings = [wz, wy, wx, changes[0], changes[1], spacing[0] as f32];
        let blocks = shape.map(|n| n.div_ceil(BLOCK));
        let sizes = |colour: usize| {
            let [nz, ny, nx] = shape;
            let [bz, by, bx] = blocks;
            let words = [nz, ny, nx, bz, by, bx, colour].map(|n| n as u32);
            upload(device, "front sizes", &words)
        };
        let parts = Parts {
            shape,
            start,
            settings: upload(device, "front settings", &settings)?,
            sizes: [sizes(0)?, sizes(1)?],
            slow,
            plan,
            times,
            rests: room(device, "blocks at rest", blocks.iter().product())?,
            anything: room(device, "whether blocks moved", 1)?,
        };
        let [start, first, between, second] = parts.steps();
        let programs = [
            device.record(&start)?,
            device.record(&first)?,
            device.record(&between)?,
            device.record(&second)?,
        ];
        Ok(Self { parts, programs })
    }

    /// Arrival times `[z, y, x]`, f32.
    pub fn times(&self) -> &Buffer {
        &self.parts.times
    }

    /// Bytes that must move were every block visited once at each order: 24 a voxel for the visits,
    /// 24 for what goes before them.
    pub fn least_bytes(&self) -> u64 {
        48 * self.parts.voxels() as u64
    }

    /// Steps before the first order, of one turn of it, between the orders, of one turn of the
    /// second.
    pub fn steps(&self) -> [Vec<Step>; 4] {
        self.parts.steps()
    }

    /// Lets the front go from where it starts until it rests; the rounds at first and at second
    /// order, and whether it came to rest before the last one. `go_on` is asked every few rounds;
    /// `None` where it says no.
    ///
    /// # Errors
    /// A device that fails.
    pub fn run(
        &self,
        device: &dyn Compute,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<([usize; 2], bool)>, DeviceError> {
        let [start, first, between, second] = &self.programs;
        device.run(start)?;
        let Some((firsts, _)) = self.settle(device, first, go_on)? else { return Ok(None) };
        device.run(between)?;
        let Some((seconds, at_rest)) = self.settle(device, second, go_on)? else {
            return Ok(None);
        };
        Ok(Some(([firsts, seconds], at_rest)))
    }

    /// Turns until nothing moves or there were too many; how many rounds, and whether all rests.
    fn settle(
        &self,
        device: &dyn Compute,
        turn: &Program,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<(usize, bool)>, DeviceError> {
        let mut moved = [0_u32];
        for rounds in (ROUNDS..=MOST_ROUNDS).step_by(ROUNDS) {
            if !go_on() {
                return Ok(None);
            }
            device.run(turn)?;
            download(device, &self.parts.anything, &mut moved)?;
            if moved[0] == 0 {
                return Ok(Some((rounds, true)));
            }
        }
        Ok(Some((MOST_ROUNDS, false)))
    }
}

/// Arrival times of a front as [`crate::eikonal::arrival`] finds them, for the same arguments; rounds
/// are those of [`Front::run`].
///
/// # Errors
/// As [`Front::new`], known times of another shape, or a device that fails.
pub fn arrival(
    device: &dyn Compute,
    rate: ArrayView3<'_, f32>,
    spacing: [f64; 3],
    start: Start<'_>,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<Arrival>, DeviceError> {
    if rate.is_empty() {
        return Ok(None);
    }
    let shape: [usize; 3] = rate.dim().into();
    let words = voxels("front", shape)?;
    let slow = room(device, "rates", words)?;
    let times = room(device, "arrival times", words)?;
    let plan = room(device, "sides of the front", words)?;
    let numbers = |volume: ArrayView3<'_, f32>| volume.iter().copied().collect::<Vec<f32>>();
    device.write(&slow, 0, bytemuck::cast_slice(&numbers(rate)))?;
    let front_start = match start {
        Start::Top => FrontStart::Top,
        Start::Known(known) if known.dim() == rate.dim() => {
            device.write(&times, 0, bytemuck::cast_slice(&numbers(known)))?;
            FrontStart::Known
        }
        Start::Known(known) => {
            let reason = format!("known times of {:?} voxels for {shape:?}", known.dim());
            return Err(DeviceError::Input { what: "front", reason });
        }
    };
    let front = Front::new(device, shape, spacing, front_start, [slow, times, plan])?;
    let Some((rounds, at_rest)) = front.run(device, go_on)? else { return Ok(None) };
    let mut times = Array3::zeros(rate.raw_dim());
    if let Some(times) = times.as_slice_mut() {
        download(device, front.times(), times)?;
    }
    Ok(Some(Arrival { times, rounds, at_rest }))
}
