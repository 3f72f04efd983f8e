//! A function of one number applied to every pixel of an image: linear interpolation in a table.
//!
//! Cost a pixel: a handful of operations to find the cell, two loads from 32 KiB that stay in the
//! first cache, one multiply-add; no branch. The floor is the memory traffic of reading the image and writing
//! the result.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, Zip};
use rayon::prelude::*;

/// Rows that one task does.
const BAND: usize = 32;

/// Cells of a table: a power of two, so that a mask keeps places within it.
const CELLS: usize = 4096;

/// A function given at equally spaced nodes from 0 on, cut at a largest value.
#[derive(Clone, Debug)]
pub struct LinearTable {
    /// Value at each cell's lower node.
    low: Box<[f32; CELLS]>,
    /// Rise to its upper one.
    rise: Box<[f32; CELLS]>,
    per_step: f32,
    most: f32,
}

impl LinearTable {
    /// Cells between nodes.
    pub const CELLS: usize = CELLS;

    /// A table of `value(i)` at i·`step`, i = 0…[`LinearTable::CELLS`]; results are at most `most`.
    /// Arguments beyond the last node count as it, negative ones and NaN as 0.
    pub fn new(value: impl Fn(usize) -> f32, step: f32, most: f32) -> Self {
        let mut low = Box::new([0.0; CELLS]);
        let mut rise = Box::new([0.0; CELLS]);
        for (i, (low, rise)) in low.iter_mut().zip(rise.iter_mut()).enumerate() {
            *low = value(i);
            *rise = value(i + 1) - *low;
        }
        Self { low, rise, per_step: if step > 0.0 { 1.0 / step } else { 0.0 }, most }
    }

    /// Value at each cell's lower node and rise to its upper one.
    pub(crate) fn cells(&self) -> Vec<[f32; 2]> {
        self.low.iter().zip(self.rise.iter()).map(|(low, rise)| [*low, *rise]).collect()
    }

    /// Cells a unit of the argument.
    pub(crate) fn per_step(&self) -> f32 {
        self.per_step
    }

    /// The largest value.
    pub(crate) fn most(&self) -> f32 {
        self.most
    }

    /// The value at `x`.
    #[inline(always)]
    #[expect(
        clippy::manual_clamp,
        reason = "`max` takes the number where x is NaN, `clamp` the NaN"
    )]
    pub fn at(&self, x: f32) -> f32 {
        // Adding 1.5·2²³ rounds to the nearest integer without a call, and leaves it in the lowest
        // bits. Just below the last node, the nearest to place − ½ is still the last cell.
        const ROUND: f32 = 12_582_912.0;
        const LAST: f32 = CELLS as f32 * (1.0 - f32::EPSILON);
        let place = (x * self.per_step).max(0.0).min(LAST);
        let shifted = (place - 0.5) + ROUND;
        let cell = shifted.to_bits() as usize & (CELLS - 1);
        (self.low[cell] + (place - (shifted - ROUND)) * self.rise[cell]).min(self.most)
    }
}

/// Writes the table's value of every pixel; arrays of one shape.
pub fn apply(table: &LinearTable, image: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    let bands = image.axis_chunks_iter(Axis(0), BAND).into_par_iter();
    bands.zip(out.axis_chunks_iter_mut(Axis(0), BAND)).for_each(|(image, mut out)| {
        for (image, mut out) in image.outer_iter().zip(out.outer_iter_mut()) {
            apply_row(table, image, &mut out);
        }
    });
}

fn apply_row(table: &LinearTable, image: ArrayView1<f32>, out: &mut ArrayViewMut1<f32>) {
    if let (Some(image), Some(out)) = (image.to_slice(), out.as_slice_mut()) {
        pulp::Arch::new().dispatch(Row { table, image, out });
    } else {
        Zip::from(out).and(image).for_each(|out, &x| *out = table.at(x));
    }
}

struct Row<'a> {
    table: &'a LinearTable,
    image: &'a [f32],
    out: &'a mut [f32],
}

impl pulp::WithSimd for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (out, &x) in self.out.iter_mut().zip(self.image) {
            *out = self.table.at(x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    #[test]
    fn a_table_of_a_straight_line_is_the_line_cut_at_its_most() {
        let end = CELLS as f32;
        let table = LinearTable::new(|i| 3.0 + 2.0 * i as f32, 0.5, 15.0);
        for (x, wanted) in [(0.0, 3.0), (0.25, 4.0), (2.9, 14.6), (3.5, 15.0), (9.0, 15.0)] {
            assert!((table.at(x) - wanted).abs() < 1e-5, "{x}");
        }
        let falling = LinearTable::new(|i| end - i as f32, 1.0, 2.0 * end);
        for x in [0.0, 0.3, 1.0, 77.5, 1000.75, end - 1.0, end - 0.25, end, 2.0 * end] {
            assert!((falling.at(x) - (end - x).max(0.0)).abs() < 1e-3, "{x}: {}", falling.at(x));
        }
        for dark in [-1.0, f32::NAN, f32::NEG_INFINITY] {
            assert_eq!(table.at(dark), 3.0);
        }
        assert_eq!(table.at(f32::INFINITY), 15.0);
    }

    #[test]
    fn every_pixel_gets_the_tables_value_however_the_image_lies_in_memory() {
        let table = LinearTable::new(|i| (i as f32 * 0.01).sin(), 3e-4, 9.0);
        let image = Array2::from_shape_fn((70, 41), |(y, x)| (y * 41 + x) as f32 * 3.7e-4 - 0.01);
        let mut out = Array2::zeros((70, 41));
        apply(&table, image.view(), out.view_mut());
        assert!(out.iter().zip(&image).all(|(o, i)| *o == table.at(*i)));
        let mut turned = Array2::zeros((41, 70));
        apply(&table, image.t(), turned.view_mut());
        assert_eq!(turned.t(), out);
        let mut thinned = Array2::zeros((35, 41));
        apply(&table, image.slice(s![..;2, ..]), thinned.view_mut());
        assert_eq!(thinned, out.slice(s![..;2, ..]));
    }
}
