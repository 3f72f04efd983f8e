//! The rasterizer that every pixel's test makes slow: the measure of what accumulation gains.

use std::time::{Duration, Instant};

/// A pixel's part of a polygon by clipping the polygon to it (Sutherland and Hodgman 1974).
fn pixel_area(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> f64 {
    let mut part = ring.to_vec();
    for (axis, low) in [(0, x), (1, y)] {
        for (sign, limit) in [(1.0, low), (-1.0, low + 1.0)] {
            let inside = |v: &[f64; 2]| sign * (v[axis] - limit);
            let mut kept = Vec::with_capacity(part.len() + 2);
            for (i, to) in part.iter().enumerate() {
                let from = &part[(i + part.len() - 1) % part.len()];
                let (a, b) = (inside(from), inside(to));
                if (a < 0.0) != (b < 0.0) {
                    let t = a / (a - b);
                    kept.push([0, 1].map(|c| from[c] + t * (to[c] - from[c])));
                }
                if b >= 0.0 {
                    kept.push(*to);
                }
            }
            part = kept;
        }
    }
    let next = part.iter().cycle().skip(1);
    part.iter().zip(next).map(|(a, b)| 0.5 * (a[0] * b[1] - b[0] * a[1])).sum()
}

/// Covered share of every pixel, `[side, side]` row-major, of rings in pixels; stops after `limit` and
/// returns how many rings it got through.
pub fn rasterize(rings: &[Vec<[f64; 2]>], side: usize, limit: Duration) -> (Vec<f32>, usize) {
    let begun = Instant::now();
    let mut image = vec![0.0_f32; side * side];
    for (done, ring) in rings.iter().enumerate() {
        if done > 0 && begun.elapsed() > limit {
            return (image, done);
        }
        let ends = |axis: usize| {
            let least = ring.iter().map(|v| v[axis]).fold(f64::INFINITY, f64::min);
            let most = ring.iter().map(|v| v[axis]).fold(0.0, f64::max);
            (least.max(0.0) as usize, (most.ceil() as usize).min(side))
        };
        let ((x0, x1), (y0, y1)) = (ends(0), ends(1));
        for y in y0..y1 {
            for x in x0..x1 {
                image[y * side + x] += pixel_area(ring, [x as f64, y as f64]) as f32;
            }
        }
    }
    (image, rings.len())
}

#[cfg(test)]
mod tests {
    use lithoscope_engine::raster::{RasterGrid, coverage};

    use super::super::layouts::Shapes;
    use super::*;

    #[test]
    fn testing_every_pixel_gives_the_coverage_of_accumulation() {
        for shapes in [Shapes::Manhattan, Shapes::Curvilinear] {
            let rings = shapes.rings(600, 90.0);
            let (slow, done) = rasterize(&rings, 90, Duration::MAX);
            assert_eq!(done, rings.len());
            let grid = RasterGrid { origin: [0.0; 2], pixel: 1.0, nx: 90, ny: 90 };
            let fast = coverage(rings.iter().map(Vec::as_slice), &grid).unwrap();
            assert!(fast.iter().zip(&slow).all(|(a, b)| (a - b).abs() < 1e-5));
            assert!(slow.iter().any(|v| *v > 0.99));
            assert_eq!(rasterize(&rings, 90, Duration::ZERO).1, 1);
        }
    }
}
