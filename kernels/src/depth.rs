//! A function of one number applied to every pixel of an image: linear interpolation in a table.
//!
//! Cost a pixel: one multiplication to find the cell, two loads from a table that stays in the
//! first cache, one multiply-add. The floor is the memory traffic of reading the image and writing
//! the result.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, Zip};
use rayon::prelude::*;

/// Rows that one task does.
const BAND: usize = 32;

/// A function given at equally spaced nodes from 0 on, cut at a largest value.
#[derive(Clone, Debug)]
pub struct LinearTable {
    /// Value at a cell's lower node and the rise to its upper one.
    cells: Vec<[f32; 2]>,
    per_step: f32,
    last: f32,
    most: f32,
}

impl LinearTable {
    /// A table of `values` at 0, `step`, 2·`step`, …; results are at most `most`. Arguments beyond
    /// the last node count as it, negative ones and NaN as 0.
    pub fn new(values: &[f32], step: f32, most: f32) -> Self {
        let mut cells: Vec<[f32; 2]> =
            values.windows(2).map(|pair| [pair[0], pair[1] - pair[0]]).collect();
        let last = cells.len() as f32;
        // An argument at the end finds a cell too, so that no lookup needs a branch.
        cells.push([values.last().copied().unwrap_or(0.0), 0.0]);
        let per_step = if step > 0.0 { 1.0 / step } else { 0.0 };
        Self { cells, per_step, last, most }
    }

    /// The value at `x`.
    #[inline(always)]
    pub fn at(&self, x: f32) -> f32 {
        // `max` first: it takes the number where x is NaN.
        let place = (x * self.per_step).max(0.0).min(self.last);
        let cell = place as usize;
        let [value, rise] = self.cells.get(cell).copied().unwrap_or_default();
        (value + (place - cell as f32) * rise).min(self.most)
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
        let values: Vec<f32> = (0..=8).map(|i| 3.0 + 2.0 * i as f32).collect();
        let table = LinearTable::new(&values, 0.5, 15.0);
        for (x, wanted) in [(0.0, 3.0), (0.25, 4.0), (2.9, 14.6), (3.5, 15.0), (9.0, 15.0)] {
            assert!((table.at(x) - wanted).abs() < 1e-5, "{x}");
        }
        for dark in [-1.0, f32::NAN, f32::NEG_INFINITY] {
            assert_eq!(table.at(dark), 3.0);
        }
        assert_eq!(table.at(f32::INFINITY), 15.0);
        assert_eq!(LinearTable::new(&[], 1.0, 5.0).at(2.0), 0.0);
    }

    #[test]
    fn every_pixel_gets_the_tables_value_however_the_image_lies_in_memory() {
        let values: Vec<f32> = (0..100).map(|i| (i as f32 * 0.1).sin()).collect();
        let table = LinearTable::new(&values, 0.01, 9.0);
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
