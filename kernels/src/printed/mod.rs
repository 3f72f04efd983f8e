//! Which pixels print: an image thresholded on a fine grid, without computing the fine image.
//!
//! The plane is cut into cells of 4 × 4 pixels, each a `u16`. Inside a cell of side h an image
//! differs from the bilinear interpolation of its four corners by at most
//! (h²/8)(sup|∂ₓ²I| + sup|∂ᵧ²I|). Cells whose corners clear the threshold by more than that are
//! decided whole; the others, a strip along the contour, are evaluated pixel by pixel. The result
//! equals thresholding every pixel.
//!
//! The bound on the curvature comes from the corners too. With no frequency above Ω = 2πQ/P,
//! Bernstein's |∂²f| ≤ Ω² sup|f| gives, for second differences D² over h,
//! sup|h²∂²f| ≤ ((Ωh/2)/sin(Ωh/2))² sup|D²f| (the series of (x/sin x)² has positive terms only),
//! and sup|f| ≤ max over the corners / (1 − Ω²h²/4).
//!
//! Cost: (n/4)²·N multiply-adds for the corners and N a pixel in the strip, against n²·N for all.

mod bits;
mod bounds;
mod strip;

use std::f64::consts::PI;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

pub use bits::Bits;
use bits::bit;
use bounds::corner_bounds;
use strip::{STEP, Strip};

use crate::resample::weights;

/// Pixels along a side of a cell.
pub const CELL: usize = 4;

/// Cell rows that one task handles.
const BAND: usize = 16;

/// Thresholds band-limited images on one fine grid.
#[derive(Clone, Debug)]
pub struct PrintPlan {
    shape: (usize, usize),
    /// Bound of the bilinear error in a cell over (max|D²ₓ| + max|D²ᵧ|) of the corner values;
    /// infinite where cells are too large for the band.
    curvature_share: f32,
    /// Weights of the cells' corner rows `[N, ny/4 + 1]` and columns `[N, nx/4 + 1]`: products pack
    /// either fastest this way round.
    corner_rows: Array2<f32>,
    corner_columns: Array2<f32>,
    /// Weights of the pixel rows `[N, ny]` and columns `[N, nx + STEP]`, in whole cells.
    rows: Array2<f32>,
    columns: Array2<f32>,
    /// Corner values `[ny/4 + 1, nx/4 + 1]` and their half-way product.
    corners: Array2<f32>,
    corners_half_way: Array2<f32>,
    /// Half-way product of the pixel rows, `[ny, N]`.
    half_way: Array2<f32>,
}

impl PrintPlan {
    /// A plan for `ny` × `nx` pixels of size `pixel` from `origin` (x, y) of a periodic field; the
    /// image is given on `grid` × `grid` samples and has bins up to `band`.
    pub fn new(
        period: f64,
        grid: usize,
        band: usize,
        origin: [f64; 2],
        pixel: f64,
        (ny, nx): (usize, usize),
    ) -> Self {
        let cells = |n: usize| n.div_ceil(CELL);
        let corners = |o: f64, n: usize| -> Vec<f64> {
            (0..=cells(n)).map(|i| o + (i * CELL) as f64 * pixel).collect()
        };
        let centres = |o: f64, n: usize, spare: usize| -> Vec<f64> {
            (0..cells(n) * CELL + spare).map(|i| o + (i as f64 + 0.5) * pixel).collect()
        };
        let turned =
            |at: &[f64]| weights(period, grid, band, at).t().as_standard_layout().into_owned();
        let side = CELL as f64 * pixel;
        let swing = 2.0 * PI * band as f64 / period * side;
        let between = 1.0 - swing * swing / 4.0;
        let curvature_share = if between > 0.0 {
            (swing / 2.0 / (swing / 2.0).sin()).powi(2) / (8.0 * between)
        } else {
            f64::INFINITY
        };
        Self {
            shape: (ny, nx),
            curvature_share: curvature_share as f32,
            corner_rows: turned(&corners(origin[1], ny)),
            corner_columns: turned(&corners(origin[0], nx)),
            rows: turned(&centres(origin[1], ny, 0)),
            columns: turned(&centres(origin[0], nx, STEP)),
            corners: Array2::zeros((cells(ny) + 1, cells(nx) + 1)),
            corners_half_way: Array2::zeros((cells(ny) + 1, grid)),
            half_way: Array2::zeros((cells(ny) * CELL, grid)),
        }
    }

    /// Writes, for each threshold, the pixels where image ≥ threshold. `image` is `[N, N]`.
    /// Pixels where the image is not a number do not print.
    pub fn print(&mut self, image: ArrayView2<f32>, thresholds: &[f32], out: &mut [Bits]) {
        self.sample_corners(image);
        let Some(corners) = self.corners.as_slice() else { return };
        let (highest, curvature) = corner_bounds(corners, self.corners.ncols());
        // Products of N terms in f32 round by some 1e-6 of the largest value, which second
        // differences see four times.
        let margin = self.curvature_share * (curvature + 4e-5 * highest) + 4e-6 * highest;
        for (bits, &threshold) in out.iter_mut().zip(thresholds) {
            debug_assert_eq!(bits.shape, self.shape);
            self.print_one(threshold, margin, bits);
        }
    }

    /// Corner values, and half of the work for the pixels that will be asked for.
    fn sample_corners(&mut self, image: ArrayView2<f32>) {
        // Longer bands than for printing: a product packs its right-hand side anew each time.
        const ROWS: usize = 8 * BAND;
        let columns = &self.corner_columns;
        self.corners_half_way
            .axis_chunks_iter_mut(Axis(0), ROWS)
            .into_par_iter()
            .zip(self.corner_rows.axis_chunks_iter(Axis(1), ROWS))
            .zip(self.corners.axis_chunks_iter_mut(Axis(0), ROWS))
            .for_each(|((mut half_way, rows), mut out)| {
                general_mat_mul(1.0, &rows.t(), &image, 0.0, &mut half_way);
                general_mat_mul(1.0, &half_way, columns, 0.0, &mut out);
            });
        self.half_way
            .axis_chunks_iter_mut(Axis(0), ROWS)
            .into_par_iter()
            .zip(self.rows.axis_chunks_iter(Axis(1), ROWS))
            .for_each(|(mut half_way, rows)| {
                general_mat_mul(1.0, &rows.t(), &image, 0.0, &mut half_way);
            });
    }

    fn print_one(&self, threshold: f32, margin: f32, out: &mut Bits) {
        let (ny, nx) = self.shape;
        out.cells.axis_chunks_iter_mut(Axis(0), BAND).into_par_iter().enumerate().for_each(
            |(band, mut cells)| {
                let mut strip = Strip::new();
                let mut below = vec![0; self.corners.ncols()];
                let mut above = below.clone();
                self.classify(band * BAND, threshold, margin, &mut below);
                for (i, mut row) in cells.outer_iter_mut().enumerate() {
                    let cy = band * BAND + i;
                    self.classify(cy + 1, threshold, margin, &mut above);
                    for (b, a) in below.iter_mut().zip(&above) {
                        *b &= a;
                    }
                    if let Some(row) = row.as_slice_mut() {
                        self.print_row(threshold, &below, cy, row, &mut strip);
                        mask_outside(row, ny - cy * CELL, nx);
                    }
                    std::mem::swap(&mut below, &mut above);
                }
            },
        );
    }

    /// Writes, for each corner of a row: [`PRINTS`] or [`DARK`] where the cells about it may be so
    /// by the margin, 0 where they may be either. Comparisons with a NaN fail and give 0.
    fn classify(&self, row: usize, threshold: f32, margin: f32, out: &mut [u8]) {
        if let Some(values) = self.corners.row(row).as_slice() {
            pulp::Arch::new().dispatch(Classify { values, threshold, margin, out });
        }
    }

    /// One row of cells: whole cells at once, runs of undecided ones pixel by pixel. `classes` are
    /// those of the corners below and above a cell's side, taken together.
    fn print_row(
        &self,
        threshold: f32,
        classes: &[u8],
        cy: usize,
        row: &mut [u16],
        strip: &mut Strip,
    ) {
        let class = |cx: usize| classes[cx] & classes[cx + 1];
        let mut cx = 0;
        while cx < row.len() {
            // Most of a picture is dark for long stretches.
            if let Some(dark) = classes.get(cx..=cx + DARK_RUN)
                && *dark == [DARK; DARK_RUN + 1]
            {
                row[cx..cx + DARK_RUN].fill(0);
                cx += DARK_RUN;
                continue;
            }
            let decided = class(cx);
            if decided != 0 {
                row[cx] = if decided == PRINTS { u16::MAX } else { 0 };
                cx += 1;
                continue;
            }
            let start = cx;
            while cx < row.len() && cx - start < Strip::CELLS && class(cx) == 0 {
                cx += 1;
            }
            strip.evaluate(self, cy, start, cx);
            for (i, cell) in row[start..cx].iter_mut().enumerate() {
                *cell = strip.cell(i, threshold);
            }
        }
    }
}

/// A corner above the threshold by the margin.
const PRINTS: u8 = 1;
/// A corner below the threshold by the margin.
const DARK: u8 = 2;
/// Cells looked at together when skipping dark ones.
const DARK_RUN: usize = 16;

struct Classify<'a> {
    values: &'a [f32],
    threshold: f32,
    margin: f32,
    out: &'a mut [u8],
}

impl pulp::WithSimd for Classify<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (out, v) in self.out.iter_mut().zip(self.values) {
            *out = PRINTS * u8::from(v - self.margin >= self.threshold)
                + DARK * u8::from(v + self.margin < self.threshold);
        }
    }
}

/// Clears the bits of pixels past the last row or column.
fn mask_outside(row: &mut [u16], rows_left: usize, nx: usize) {
    if rows_left < CELL {
        let keep = (1u16 << (CELL * rows_left)) - 1;
        for cell in row.iter_mut() {
            *cell &= keep;
        }
    }
    if let (Some(last), extra @ 1..) = (row.last_mut(), nx % CELL) {
        let keep = (0..CELL).flat_map(|y| (0..extra).map(move |x| bit(y, x))).sum::<u16>();
        *last &= keep;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::grid_for;
    use crate::resample::Resampler;

    const PERIOD: f64 = 256.0;
    const BAND_LIMIT: usize = 6;

    /// A smooth random-looking image with bins up to the band, on its exact grid.
    fn image(seed: f32) -> Array2<f32> {
        let grid = grid_for(BAND_LIMIT);
        Array2::from_shape_fn((grid, grid), |(y, x)| {
            let (mut value, step) = (0.5, 2.0 * std::f32::consts::PI / grid as f32);
            for m in 0..=BAND_LIMIT {
                for n in 0..=BAND_LIMIT {
                    let phase = seed * (7 * m + 3 * n) as f32;
                    let t = step * (m * x) as f32 + phase;
                    value += 0.06 * t.cos() * (step * (n * y) as f32 - phase).cos();
                }
            }
            value
        })
    }

    /// The obvious twin: every pixel evaluated and thresholded.
    fn slow(image: &Array2<f32>, threshold: f32, (ny, nx): (usize, usize)) -> Array2<f32> {
        let centres = |n: usize, o: f64| (0..n).map(|i| o + i as f64 + 0.5).collect::<Vec<_>>();
        let (ys, xs) = (centres(ny, 3.0), centres(nx, -5.0));
        let mut plan = Resampler::new(PERIOD, image.nrows(), BAND_LIMIT, &ys, &xs);
        let mut out = Array2::zeros((ny, nx));
        plan.forward(image.view(), out.view_mut());
        out.mapv_inplace(|v| v - threshold);
        out
    }

    fn plan(shape: (usize, usize)) -> PrintPlan {
        PrintPlan::new(PERIOD, grid_for(BAND_LIMIT), BAND_LIMIT, [-5.0, 3.0], 1.0, shape)
    }

    #[test]
    fn cells_print_what_every_pixel_would() {
        for shape in [(256, 256), (97, 130)] {
            for seed in [0.3f32, 1.1, 2.7] {
                let image = image(seed);
                let thresholds = [0.45, 0.6];
                let mut out = vec![Bits::zeros(shape.0, shape.1); 2];
                plan(shape).print(image.view(), &thresholds, &mut out);
                for (bits, threshold) in out.iter().zip(thresholds) {
                    let excess = slow(&image, threshold, shape);
                    let mut printed = 0;
                    for ((y, x), v) in excess.indexed_iter() {
                        // Within rounding of the threshold either answer is right.
                        if v.abs() > 2e-6 {
                            assert_eq!(bits.get(y, x), *v > 0.0, "pixel ({y}, {x}) at {v}");
                        }
                        printed += u64::from(bits.get(y, x));
                    }
                    assert_eq!(printed, bits.count());
                    assert!(printed > 100 && printed < (shape.0 * shape.1) as u64 - 100);
                }
                assert!(out[0].differing(&out[1]) > 0);
            }
        }
    }

    #[test]
    fn an_image_that_is_not_a_number_prints_nothing() {
        let image = image(0.3).mapv(|_| f32::NAN);
        let mut out = vec![Bits::zeros(64, 64)];
        plan((64, 64)).print(image.view(), &[0.2], &mut out);
        assert_eq!(out[0].count(), 0);
    }
}
