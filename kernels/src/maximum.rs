//! The largest value within a disc around every pixel.
//!
//! A disc is a stack of runs along x; the largest value of a run of length n is that of two runs of
//! length 2ˡ ≤ n that cover it, and runs of length 2ˡ follow from those half as long. Cost a pixel:
//! two comparisons a row of the disc.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// The largest value within `radius` (pixels, centre to centre) of every pixel; beyond the image
/// there is nothing.
pub fn largest_within(image: ArrayView2<f32>, radius: f64) -> Array2<f32> {
    let (ny, nx) = image.dim();
    // No disc is larger than the image.
    let radius = radius.clamp(0.0, (ny + nx) as f64);
    let reach = radius as usize;
    let width = nx + 2 * reach;
    let mut out = Array2::from_elem((ny, nx), f32::NEG_INFINITY);
    if nx == 0 || ny == 0 {
        return out;
    }
    // runs[y, x]: the largest of 2ˡ pixels from column x − reach on.
    let mut runs = Array2::from_elem((ny, width), f32::NEG_INFINITY);
    for (mut row, image) in runs.outer_iter_mut().zip(image.outer_iter()) {
        row.slice_mut(ndarray::s![reach..reach + nx]).assign(&image);
    }
    let rows = disc(radius);
    let mut length = 1;
    while length <= 2 * reach + 1 {
        let of_length: Vec<(isize, usize)> = rows
            .iter()
            .copied()
            .filter(|(_, half)| (length..2 * length).contains(&(2 * half + 1)))
            .collect();
        out.outer_iter_mut().into_par_iter().enumerate().for_each(|(y, mut out)| {
            for &(dy, half) in &of_length {
                let Some(from) = y.checked_add_signed(dy).filter(|from| *from < ny) else {
                    continue;
                };
                let row = runs.row(from);
                let (Some(row), Some(out)) = (row.to_slice(), out.as_slice_mut()) else { continue };
                let first = &row[reach - half..];
                let last = &row[reach + half + 1 - length..];
                for ((out, a), b) in out.iter_mut().zip(first).zip(last) {
                    *out = out.max(a.max(*b));
                }
            }
        });
        runs.outer_iter_mut().into_par_iter().for_each(|mut row| {
            for x in 0..width.saturating_sub(length) {
                row[x] = row[x].max(row[x + length]);
            }
        });
        length *= 2;
    }
    out
}

/// The rows of a disc: offset along y, half the run's length along x.
fn disc(radius: f64) -> Vec<(isize, usize)> {
    let reach = radius as isize;
    (-reach..=reach)
        .map(|dy| {
            let left = radius * radius - (dy * dy) as f64;
            (dy, left.max(0.0).sqrt() as usize)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_within_a_disc_is_found_by_looking_everywhere() {
        let image = Array2::from_shape_fn((31, 43), |(y, x)| ((y * 57 + x * 31) % 101) as f32);
        for radius in [0.0, 1.0, 1.5, 4.2, 9.0, 60.0] {
            let fast = largest_within(image.view(), radius);
            for ((y, x), found) in fast.indexed_iter() {
                let near = |(v, u): (usize, usize)| {
                    let (dy, dx) = (v as f64 - y as f64, u as f64 - x as f64);
                    dy * dy + dx * dx <= radius * radius
                };
                let slow = image
                    .indexed_iter()
                    .filter(|(at, _)| near(*at))
                    .map(|(_, v)| *v)
                    .fold(f32::NEG_INFINITY, f32::max);
                assert_eq!(*found, slow, "radius {radius} at {y}, {x}");
            }
        }
        assert_eq!(largest_within(Array2::zeros((0, 5)).view(), 3.0).dim(), (0, 5));
    }
}
