//! The volume cut into tiles whose rows are diagonals, so that a whole row updates at once.
//!
//! A voxel (z, y, x) lies in diagonal d = y + z, column x, lane z. Its neighbours in y and z lie in
//! diagonals d ± 1 and in x in columns x ± 1: all voxels of one (d, x) are independent, and tiles
//! of diagonals × columns on one anti-diagonal are, too. Sweeping tiles and rows in order equals
//! the lexicographic Gauss–Seidel sweep (Detrixhe, Gibou, Min 2013), whatever the threads do.

use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis};
use rayon::prelude::*;

use super::row::{NEVER, PAD, ROUNDING, Row, STILL, Stage, Stencil};

/// Diagonals and columns of a tile: times and slownesses of 64 lanes fill a third of a megabyte.
const LEVELS: usize = 16;
const COLUMNS: usize = 32;

/// Rows of the frame that a tile keeps of its neighbours.
const FRAME: usize = 2;

/// Lanes are kept in multiples of the widest vector.
const VECTOR: usize = 16;

/// A rate within 1e-9…1e9; the least for what is no number.
pub(super) fn bounded(rate: f32) -> f32 {
    if rate > 1e-9 { rate.min(1e9) } else { 1e-9 }
}

/// Times and slownesses of a volume in diagonal order.
pub(super) struct Tiles {
    shape: [usize; 3],
    /// Lane 0 is the last depth.
    flipped: bool,
    lanes: usize,
    counts: [usize; 2],
    cut: Vec<Tile>,
}

#[derive(Default)]
struct Tile {
    /// `[LEVELS + 2 FRAME, COLUMNS + 2 FRAME, PAD + lanes + PAD]`
    time: Vec<f32>,
    /// `[LEVELS, COLUMNS, lanes]`; 0 where a time is fixed or outside the volume.
    slow: Vec<f32>,
    /// Sides and orders of the second-order differences, as `slow`.
    plan: Vec<u32>,
    /// New times of a row.
    row: Vec<f32>,
    /// Something changed in or beside the tile since it was last found at rest.
    stale: bool,
    /// Its times moved in the present visit.
    moved: bool,
    /// They moved since the other order took them over.
    fresh: bool,
}

/// Lanes of a row that hold voxels.
fn active([nz, ny, _]: [usize; 3], level: usize) -> std::ops::Range<usize> {
    (level + 1).saturating_sub(ny)..nz.min(level + 1)
}

impl Tiles {
    /// Numbers kept for a volume of this shape, for bounding memory.
    pub fn len_for([nz, ny, nx]: [usize; 3]) -> Option<usize> {
        let levels = ny.checked_add(nz)?.div_ceil(LEVELS);
        let tile = (LEVELS + 2 * FRAME) * (COLUMNS + 2 * FRAME);
        let row = nz.checked_next_multiple_of(VECTOR)?.checked_mul(3)?;
        levels.checked_mul(nx.div_ceil(COLUMNS))?.checked_mul(tile)?.checked_mul(row)
    }

    /// Tiles of a volume `[z, y, x]`; times that are not NaN in `known` are fixed.
    pub fn new(rate: ArrayView3<f32>, known: Option<ArrayView3<f32>>, flipped: bool) -> Self {
        let (nz, ny, nx) = rate.dim();
        let shape = [nz, ny, nx];
        let lanes = nz.next_multiple_of(VECTOR);
        let counts = [(ny + nz).saturating_sub(1).div_ceil(LEVELS), nx.div_ceil(COLUMNS)];
        let empty = Self { shape, flipped, lanes, counts, cut: Vec::new() };
        let make = |index| empty.tile(index, rate, known);
        let cut = (0..counts[0] * counts[1]).into_par_iter().map(make).collect();
        Self { cut, ..empty }
    }

    fn depth(&self, lane: usize) -> usize {
        if self.flipped { self.shape[0] - 1 - lane } else { lane }
    }

    fn stride(&self) -> usize {
        self.lanes + 2 * PAD
    }

    /// Where lane 0 of a tile's row lies; `level` and `column` within the tile.
    fn row_at(&self, level: usize, column: usize) -> usize {
        ((level + FRAME) * (COLUMNS + 2 * FRAME) + column + FRAME) * self.stride() + PAD
    }

    /// First level and column of a tile, and how many of each hold voxels.
    fn extent(&self, index: usize) -> ([usize; 2], [usize; 2]) {
        let first = [index / self.counts[1] * LEVELS, index % self.counts[1] * COLUMNS];
        let levels = self.shape[1] + self.shape[0] - 1;
        (first, [LEVELS.min(levels - first[0]), COLUMNS.min(self.shape[2] - first[1])])
    }

    fn tile(&self, index: usize, rate: ArrayView3<f32>, known: Option<ArrayView3<f32>>) -> Tile {
        let rows = (LEVELS + 2 * FRAME) * (COLUMNS + 2 * FRAME);
        let mut time = vec![NEVER; rows * self.stride()];
        let mut slow = vec![0.0; LEVELS * COLUMNS * self.lanes];
        let ([level0, column0], [levels, columns]) = self.extent(index);
        for level in 0..levels {
            for lane in active(self.shape, level0 + level) {
                let at = (self.depth(lane), level0 + level - lane);
                for column in 0..columns {
                    let voxel = [at.0, at.1, column0 + column];
                    let fixed = known.map_or(f32::NAN, |known| known[voxel]);
                    if fixed.is_nan() {
                        let at = (level * COLUMNS + column) * self.lanes + lane;
                        slow[at] = 1.0 / bounded(rate[voxel]);
                    } else {
                        time[self.row_at(level, column) + lane] = fixed;
                    }
                }
            }
        }
        let (plan, row) = (vec![0; slow.len()], vec![0.0; self.lanes]);
        Tile { time, slow, plan, row, stale: true, moved: false, fresh: false }
    }

    /// A source plane at time 0 above the first depth: times by going straight down as a first
    /// guess, and the plane itself in the lanes before it.
    pub fn start_from_top(&mut self, guess: ArrayView3<f32>) {
        let plane = if self.flipped { PAD + self.shape[0] } else { 0 };
        let stride = self.stride();
        self.change(|this, index, tile| {
            for row in tile.time.chunks_exact_mut(stride) {
                row[plane..plane + PAD].fill(0.0);
            }
            let ([level0, column0], [levels, columns]) = this.extent(index);
            for level in 0..levels {
                for lane in active(this.shape, level0 + level) {
                    let (depth, y) = (this.depth(lane), level0 + level - lane);
                    for column in 0..columns {
                        let at = this.row_at(level, column) + lane;
                        tile.time[at] = guess[[depth, y, column0 + column]];
                    }
                }
            }
        });
    }

    /// Changes every tile.
    fn change(&mut self, change: impl Fn(&Self, usize, &mut Tile) + Sync) {
        let mut tiles = std::mem::take(&mut self.cut);
        let this = &*self;
        tiles.par_iter_mut().enumerate().for_each(|(index, tile)| change(this, index, tile));
        self.cut = tiles;
    }

    /// Takes the times of the same volume in the other order of lanes, where they are fresh.
    /// Tiles that change, and their neighbours, become stale. `least` is the smallest spacing.
    pub fn copy_from(&mut self, other: &mut Self, least: f32) {
        let from = &*other;
        self.change(|this, index, tile| {
            tile.moved = false;
            if from.fresh_for(this.extent(index)) {
                this.copy_tile(index, tile, from, least);
            }
        });
        other.cut.iter_mut().for_each(|tile| tile.fresh = false);
        for index in 0..self.cut.len() {
            if self.cut[index].moved {
                self.cut[index].stale = true;
                self.wake_neighbours(index);
            }
        }
    }

    /// Whether any tile that holds voxels of these levels of the other order is fresh.
    fn fresh_for(&self, ([level0, column0], [levels, _]): ([usize; 2], [usize; 2])) -> bool {
        // Lane l of level d is lane last − l of level d + last − 2l there.
        let last = self.shape[0] - 1;
        let all = (level0..level0 + levels).map(|level| active(self.shape, level));
        let (start, end) = all.fold((usize::MAX, 0), |(start, end), lanes| {
            (start.min(lanes.start), end.max(lanes.end))
        });
        let low = (level0 + last + 2).saturating_sub(2 * end) / LEVELS;
        let high = (level0 + levels - 1 + last).saturating_sub(2 * start) / LEVELS;
        (low..=high.min(self.counts[0] - 1))
            .any(|level| self.cut[level * self.counts[1] + column0 / COLUMNS].fresh)
    }

    /// Takes over one tile; a column at a time, whose rows fit the nearest cache.
    fn copy_tile(&self, index: usize, tile: &mut Tile, from: &Self, least: f32) {
        let ([level0, column0], [levels, columns]) = self.extent(index);
        let last = self.shape[0] - 1;
        // The next lane lies two levels and a lane before in the other order.
        let step = 2 * (COLUMNS + 2 * FRAME) * self.stride() + 1;
        for column in 0..columns {
            for level in 0..levels {
                let row = self.row_at(level, column);
                let slow = (level * COLUMNS + column) * self.lanes;
                let lanes = active(self.shape, level0 + level);
                let mut lane = lanes.start;
                while lane < lanes.end {
                    let there = level0 + level + last - 2 * lane;
                    let index = there / LEVELS * from.counts[1] + column0 / COLUMNS;
                    let source = &from.cut[index].time;
                    let mut at = from.row_at(there % LEVELS, column) + last - lane;
                    let end = (lane + there % LEVELS / 2 + 1).min(lanes.end);
                    let old = &mut tile.time[row + lane..row + end];
                    for (old, slow) in old.iter_mut().zip(&tile.slow[slow + lane..slow + end]) {
                        let new = source[at];
                        let still = STILL * least * slow + ROUNDING * new;
                        tile.moved |= (new - *old).abs() > still;
                        *old = new;
                        at = at.wrapping_sub(step);
                    }
                    lane = end;
                }
            }
        }
    }

    /// Makes the neighbours of a tile that moved stale.
    fn wake_neighbours(&mut self, index: usize) {
        for next in self.neighbours(index).into_iter().flatten() {
            self.cut[next].stale = true;
        }
    }

    /// Tiles before and after in levels, then in columns.
    fn neighbours(&self, index: usize) -> [Option<usize>; 4] {
        let [levels, columns] = self.counts;
        let (level, column) = (index / columns, index % columns);
        [
            (level > 0).then(|| index - columns),
            (level + 1 < levels).then(|| index + columns),
            (column > 0).then(|| index - 1),
            (column + 1 < columns).then(|| index + 1),
        ]
    }

    /// Whether every tile is at rest.
    pub fn at_rest(&self) -> bool {
        self.cut.iter().all(|tile| !tile.stale)
    }

    /// Every tile is to be looked at again, and taken over by the other order.
    pub fn wake(&mut self) {
        for tile in &mut self.cut {
            (tile.stale, tile.fresh) = (true, true);
        }
    }

    /// One Gauss–Seidel sweep of the stale tiles, towards larger levels and columns where `up`.
    pub fn sweep(&mut self, stencil: &Stencil, up: [bool; 2]) {
        let [levels, columns] = self.counts;
        for wave in 0..levels + columns {
            let members = (0..levels).filter_map(|level| {
                let column = wave.checked_sub(level).filter(|c| *c < columns)?;
                let level = if up[0] { level } else { levels - 1 - level };
                let column = if up[1] { column } else { columns - 1 - column };
                Some(level * columns + column)
            });
            let mut taken: Vec<(usize, Tile)> = Vec::new();
            for index in members {
                if self.cut[index].stale {
                    taken.push((index, std::mem::take(&mut self.cut[index])));
                }
            }
            let this = &*self;
            taken.par_iter_mut().with_max_len(1).for_each(|(index, tile)| {
                this.frame(*index, tile);
                pulp::Arch::new().dispatch(Visit { tiles: this, tile, index: *index, stencil, up });
            });
            for (index, tile) in taken {
                let moved = tile.moved;
                self.cut[index] = tile;
                if moved {
                    self.wake_neighbours(index);
                }
            }
        }
    }

    /// Copies the rows that neighbour `tile` into its frame.
    fn frame(&self, index: usize, tile: &mut Tile) {
        let [before, after, left, right] = self.neighbours(index);
        let stride = self.stride();
        let start = |level: usize, column: usize| (level * (COLUMNS + 2 * FRAME) + column) * stride;
        for (next, to, from) in [(before, 0, LEVELS), (after, LEVELS + FRAME, FRAME)] {
            let Some(next) = next else { continue };
            for k in 0..FRAME {
                let (to, from) = (start(to + k, FRAME), start(from + k, FRAME));
                let count = COLUMNS * stride;
                tile.time[to..to + count].copy_from_slice(&self.cut[next].time[from..from + count]);
            }
        }
        for (next, to, from) in [(left, 0, COLUMNS), (right, COLUMNS + FRAME, FRAME)] {
            let Some(next) = next else { continue };
            for level in FRAME..FRAME + LEVELS {
                let (to, from) = (start(level, to), start(level, from));
                let count = FRAME * stride;
                tile.time[to..to + count].copy_from_slice(&self.cut[next].time[from..from + count]);
            }
        }
    }

    /// The times `[z, y, x]`.
    pub fn times(&self) -> Array3<f32> {
        let mut out = Array3::zeros(self.shape);
        let band = LEVELS;
        out.axis_chunks_iter_mut(Axis(1), band)
            .into_par_iter()
            .enumerate()
            .for_each(|(index, part)| self.read(index * band, part));
        out
    }

    /// Reads the rows from `y0` on, a strip of columns at a time so that lines are used whole.
    fn read(&self, y0: usize, mut out: ArrayViewMut3<f32>) {
        const STRIP: usize = 16;
        let (_, rows, columns) = out.dim();
        for x0 in (0..columns).step_by(STRIP) {
            for lane in 0..self.shape[0] {
                for y in 0..rows {
                    let level = y0 + y + lane;
                    let tile = &self.cut[level / LEVELS * self.counts[1] + x0 / COLUMNS];
                    for x in x0..columns.min(x0 + STRIP) {
                        let at = self.row_at(level % LEVELS, x % COLUMNS) + lane;
                        out[[self.depth(lane), y, x]] = tile.time[at];
                    }
                }
            }
        }
    }
}

/// One visit of a tile.
struct Visit<'a> {
    tiles: &'a Tiles,
    tile: &'a mut Tile,
    index: usize,
    stencil: &'a Stencil,
    up: [bool; 2],
}

impl pulp::WithSimd for Visit<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let Self { tiles, tile, index, stencil, up } = self;
        let ([level0, _], [levels, columns]) = tiles.extent(index);
        let stride = tiles.stride();
        let strides = [(COLUMNS + 2 * FRAME) * stride, stride];
        let mut moved = false;
        for i in 0..levels {
            let level = if up[0] { i } else { levels - 1 - i };
            let lanes = active(tiles.shape, level0 + level);
            for j in 0..columns {
                let column = if up[1] { j } else { columns - 1 - j };
                let center = tiles.row_at(level, column);
                let slow = (level * COLUMNS + column) * tiles.lanes;
                let row = Row {
                    time: &tile.time,
                    center,
                    strides,
                    slow: &tile.slow[slow..slow + tiles.lanes],
                    stencil,
                    lanes: lanes.clone(),
                };
                let plan = &mut tile.plan[slow..slow + tiles.lanes];
                moved |= match stencil.stage {
                    Stage::First => row.first_order(simd, &mut tile.row),
                    Stage::Second => row.second_order(simd, plan, &mut tile.row),
                    Stage::Plan => {
                        row.choose(simd, plan);
                        continue;
                    }
                };
                let new = &tile.row[lanes.clone()];
                tile.time[center + lanes.start..center + lanes.end].copy_from_slice(new);
            }
        }
        tile.moved = moved;
        tile.fresh |= moved;
        tile.stale = moved;
    }
}
