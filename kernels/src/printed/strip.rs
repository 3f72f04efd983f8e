//! The pixels along a contour, a run of cells at a time.

use super::bits::bit;
use super::{CELL, PrintPlan};

/// Columns summed at once, in registers; a run's last step may reach past its end.
pub(super) const STEP: usize = 16;

/// Pixel values of a run of cells in one row of cells.
pub(super) struct Strip {
    values: [[f32; Strip::CELLS * CELL]; CELL],
}

impl Strip {
    /// Longest run evaluated at once.
    pub const CELLS: usize = 16;

    pub fn new() -> Self {
        Self { values: [[0.0; Self::CELLS * CELL]; CELL] }
    }

    pub fn evaluate(&mut self, plan: &PrintPlan, cy: usize, start: usize, end: usize) {
        let (stride, grid) = (plan.columns.ncols(), plan.columns.nrows());
        let slices = (plan.columns.as_slice(), plan.half_way.as_slice());
        let (Some(columns), Some(half_way)) = slices else { return };
        pulp::Arch::new().dispatch(StripSums {
            columns,
            half_way: &half_way[cy * CELL * grid..(cy + 1) * CELL * grid],
            stride,
            grid,
            x0: start * CELL,
            width: (end - start) * CELL,
            values: &mut self.values,
        });
    }

    pub fn cell(&self, i: usize, threshold: f32) -> u16 {
        let mut bits = 0;
        for (y, line) in self.values.iter().enumerate() {
            for x in 0..CELL {
                if line[i * CELL + x] >= threshold {
                    bits |= bit(y, x);
                }
            }
        }
        bits
    }
}

/// values\[r\]\[x\] = Σ_j half_way\[r, j\]·columns\[j, x0 + x\].
struct StripSums<'a> {
    columns: &'a [f32],
    half_way: &'a [f32],
    stride: usize,
    grid: usize,
    x0: usize,
    width: usize,
    values: &'a mut [[f32; Strip::CELLS * CELL]; CELL],
}

impl pulp::WithSimd for StripSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for x in (0..self.width).step_by(STEP) {
            let mut sums = [[0.0f32; STEP]; CELL];
            for j in 0..self.grid {
                let at = j * self.stride + self.x0 + x;
                let column = &self.columns[at..at + STEP];
                for (r, sums) in sums.iter_mut().enumerate() {
                    let weight = self.half_way[r * self.grid + j];
                    for (sum, c) in sums.iter_mut().zip(column) {
                        *sum += weight * c;
                    }
                }
            }
            for (line, sums) in self.values.iter_mut().zip(sums) {
                line[x..x + STEP].copy_from_slice(&sums);
            }
        }
    }
}
