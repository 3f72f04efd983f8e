//! How far an image may stray between the corners of its cells.

use rayon::prelude::*;

/// Rows that one task looks at.
const ROWS: usize = 32;

/// Largest |v|, and largest |D²| along rows plus largest |D²| along columns, of `[y, x]` values in
/// rows of `width`. Values that are not a number are passed over.
pub(super) fn corner_bounds(values: &[f32], width: usize) -> (f32, f32) {
    let rows = values.len() / width.max(1);
    let parts = (0..rows.div_ceil(ROWS)).into_par_iter().map(|band| {
        let rows = band * ROWS..rows.min((band + 1) * ROWS);
        pulp::Arch::new().dispatch(BandBounds { values, width, rows })
    });
    // The largest of all does not depend on the order it is looked for in.
    let [highest, along, across] =
        parts.reduce(|| [0.0; 3], |a, b| [a[0].max(b[0]), a[1].max(b[1]), a[2].max(b[2])]);
    (highest, along + across)
}

struct BandBounds<'a> {
    values: &'a [f32],
    width: usize,
    rows: std::ops::Range<usize>,
}

const LANES: usize = 8;
type Lanes = [f32; LANES];

impl pulp::WithSimd for BandBounds<'_> {
    type Output = [f32; 3];

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> [f32; 3] {
        let Self { values: v, width, rows } = self;
        let mut lanes = [[0.0; LANES]; 3];
        for y in rows {
            let row = &v[y * width..(y + 1) * width];
            raise(&mut lanes[0], [row, row, row], |_, b, _| b);
            if width > 2 {
                let shifted = [&row[..width - 2], &row[1..width - 1], &row[2..]];
                raise(&mut lanes[1], shifted, |a, b, c| a - 2.0 * b + c);
            }
            if y > 0 && (y + 2) * width <= v.len() {
                let before = &v[(y - 1) * width..y * width];
                let after = &v[(y + 1) * width..(y + 2) * width];
                raise(&mut lanes[2], [before, row, after], |a, b, c| a - 2.0 * b + c);
            }
        }
        lanes.map(|l| l.into_iter().fold(0.0, f32::max))
    }
}

/// Raises each lane to the largest |f(a, b, c)| of its share of three rows in step.
#[inline(always)]
fn raise(lanes: &mut Lanes, [a, b, c]: [&[f32]; 3], f: impl Fn(f32, f32, f32) -> f32) {
    let ((a, a_rest), (b, b_rest), (c, c_rest)) = (a.as_chunks(), b.as_chunks(), c.as_chunks());
    let larger = |lane: f32, value: f32| if value > lane { value } else { lane };
    for ((a, b), c) in a.iter().zip(b).zip(c) {
        let (a, b, c): (&Lanes, &Lanes, &Lanes) = (a, b, c);
        for i in 0..LANES {
            lanes[i] = larger(lanes[i], f(a[i], b[i], c[i]).abs());
        }
    }
    for ((a, b), c) in a_rest.iter().zip(b_rest).zip(c_rest) {
        lanes[0] = larger(lanes[0], f(*a, *b, *c).abs());
    }
}

#[cfg(test)]
mod tests {
    use super::corner_bounds;

    #[test]
    fn bounds_are_those_of_a_plain_search() {
        let (rows, width) = (71, 45);
        let mut values: Vec<f32> =
            (0..rows * width).map(|i| ((i * i) as f32 * 0.013).sin() * (i as f32).sqrt()).collect();
        let at = |v: &[f32], y: usize, x: usize| v[y * width + x];
        let plain = |v: &[f32]| {
            let (mut highest, mut along, mut across) = (0.0f32, 0.0f32, 0.0f32);
            for y in 0..rows {
                for x in 0..width {
                    highest = highest.max(at(v, y, x).abs());
                    if x > 0 && x + 1 < width {
                        let d = at(v, y, x - 1) - 2.0 * at(v, y, x) + at(v, y, x + 1);
                        along = along.max(d.abs());
                    }
                    if y > 0 && y + 1 < rows {
                        let d = at(v, y - 1, x) - 2.0 * at(v, y, x) + at(v, y + 1, x);
                        across = across.max(d.abs());
                    }
                }
            }
            (highest, along + across)
        };
        assert_eq!(corner_bounds(&values, width), plain(&values));
        values[width * rows - 1] = 1e6;
        assert_eq!(corner_bounds(&values, width), plain(&values));
        assert_eq!(corner_bounds(&values, width).0, 1e6);
    }
}
