//! How high the film stands around each place: what darkens the foot of its walls.

use lithoscope_engine::resist::Surface;

use super::block::Block;

/// Side of the map, texels.
pub const SIDE: usize = 256;
/// Standard deviation of what counts around a place, film thicknesses.
const REACH: f64 = 0.5;
/// Most texels written before triangles are taken at their corners alone.
const WORK: f64 = 3e7;

/// Mean height around each place of the substrate, in 255ths of the film's thickness; rows from
/// near (low y) to far.
pub fn around(surface: &Surface, block: &Block) -> Vec<u8> {
    let [left, near, right, far] = block.slab();
    let per_nm = [SIDE as f64 / (right - left), SIDE as f64 / (far - near)];
    let place =
        |p: [f32; 3]| [(f64::from(p[0]) - left) * per_nm[0], (f64::from(p[1]) - near) * per_nm[1]];
    let mut heights = tops(surface, place);
    // Three boxes one after another are nearly a Gaussian.
    let reach = per_nm.map(|v| ((REACH * block.thickness * v).round() as usize).clamp(1, SIDE / 8));
    for _ in 0..3 {
        for reach in reach {
            blur_rows(&mut heights, reach);
            heights = turned(&heights);
        }
    }
    let share = |h: f32| (255.0 * f64::from(h) / block.thickness).round().clamp(0.0, 255.0) as u8;
    heights.into_iter().map(share).collect()
}

/// Height of the highest triangle over the middle of each texel.
fn tops(surface: &Surface, place: impl Fn([f32; 3]) -> [f64; 2]) -> Vec<f32> {
    let mut heights = vec![0.0_f32; SIDE * SIDE];
    let texels = |low: f64, high: f64| {
        let first = (low - 0.5).ceil().clamp(0.0, SIDE as f64) as usize;
        first..((high - 0.5).floor() + 1.0).clamp(first as f64, SIDE as f64) as usize
    };
    let areas = |corners: &[[f64; 2]; 3]| {
        [0, 1].map(|k| {
            let of = corners.map(|c| c[k]);
            texels(of[0].min(of[1]).min(of[2]), of[0].max(of[1]).max(of[2]))
        })
    };
    let corners = |t: &[u32; 3]| t.map(|c| surface.positions[c as usize]);
    let work: f64 = surface
        .triangles
        .iter()
        .map(|t| {
            let [columns, rows] = areas(&corners(t).map(&place));
            columns.len() as f64 * rows.len() as f64
        })
        .sum();
    for t in &surface.triangles {
        let points = corners(t);
        let at = points.map(&place);
        if work > WORK {
            for (p, at) in points.iter().zip(at) {
                let [x, y] = at.map(|v| v.clamp(0.0, (SIDE - 1) as f64) as usize);
                let h = &mut heights[y * SIDE + x];
                *h = h.max(p[2]);
            }
            continue;
        }
        let [columns, rows] = areas(&at);
        for y in rows {
            for x in columns.clone() {
                if let Some(z) = height_at(&points, &at, [x as f64 + 0.5, y as f64 + 0.5]) {
                    let h = &mut heights[y * SIDE + x];
                    *h = h.max(z);
                }
            }
        }
    }
    heights
}

/// Height of a triangle over a place within it.
fn height_at(points: &[[f32; 3]; 3], at: &[[f64; 2]; 3], p: [f64; 2]) -> Option<f32> {
    let [a, b, c] = at;
    let cross = |o: &[f64; 2], u: &[f64; 2], v: &[f64; 2]| {
        (u[0] - o[0]) * (v[1] - o[1]) - (u[1] - o[1]) * (v[0] - o[0])
    };
    let whole = cross(a, b, c);
    if whole == 0.0 {
        return None;
    }
    let parts = [cross(&p, b, c) / whole, cross(&p, c, a) / whole, cross(&p, a, b) / whole];
    let inside = parts.iter().all(|&part| part >= -1e-9);
    inside.then(|| (0..3).map(|k| parts[k] * f64::from(points[k][2])).sum::<f64>() as f32)
}

/// Mean over `2·reach + 1` texels of each row; the ground is 0 outside.
fn blur_rows(heights: &mut [f32], reach: usize) {
    let mut row = [0.0_f32; SIDE];
    let share = 1.0 / (2 * reach + 1) as f32;
    for line in heights.chunks_exact_mut(SIDE) {
        row.copy_from_slice(line);
        let at = |i: usize| row.get(i).copied().unwrap_or(0.0);
        let mut sum: f32 = (0..reach).map(at).sum();
        for (x, mean) in line.iter_mut().enumerate() {
            sum += at(x + reach);
            if x > reach {
                sum -= at(x - reach - 1);
            }
            *mean = sum * share;
        }
    }
}

fn turned(heights: &[f32]) -> Vec<f32> {
    (0..SIDE * SIDE).map(|i| heights[i % SIDE * SIDE + i / SIDE]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_height_is_full_inside_a_wide_film_half_at_its_edge_and_nothing_far_away() {
        let extent = [1000.0, 1000.0, 50.0];
        let half = Surface {
            positions: vec![
                [0.0, 0.0, 50.0],
                [500.0, 0.0, 50.0],
                [500.0, 1000.0, 50.0],
                [0.0, 1000.0, 50.0],
            ],
            normals: vec![[0.0, 0.0, 1.0]; 4],
            triangles: vec![[0, 1, 2], [0, 2, 3]],
        };
        let block = Block::new(extent, [0.0; 3], [500.0, 1000.0, 50.0]);
        let map = around(&half, &block);
        let [left, near, right, far] = block.slab();
        let at = |x: f64, y: f64| {
            let column = ((x - left) / (right - left) * SIDE as f64) as usize;
            let row = ((y - near) / (far - near) * SIDE as f64) as usize;
            map[row * SIDE + column]
        };
        assert_eq!(at(250.0, 500.0), 255);
        assert!((110..=145).contains(&at(500.0, 500.0)), "{}", at(500.0, 500.0));
        assert_eq!(at(750.0, 500.0), 0);
    }
}
