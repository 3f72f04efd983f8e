//! A coarser surface, to be drawn while the picture moves.

use std::collections::HashMap;

use super::device_types::Corner;

/// About as many triangles as a processor draws while a hand moves.
pub const WANTED: usize = 20_000;

/// Fewer triangles between some of the same corners: in every cell of a grid one corner stands for
/// all of them (Rossignac and Borrel 1993).
pub fn coarser(corners: &[Corner], triangles: &[[u32; 3]]) -> Vec<[u32; 3]> {
    let area: f64 = triangles.iter().map(|t| area(t.map(|c| corners[c as usize].nm))).sum();
    // A surface takes two triangles for each cell it passes through.
    let side = (2.0 * area / WANTED as f64).sqrt().max(1e-6);
    let mut stands = HashMap::new();
    let of: Vec<u32> = (0..)
        .zip(corners)
        .map(|(i, c): (u32, _)| {
            let [x, y, z] = c.nm.map(|v| f64::from(v) / side);
            // Heights have colours and walls have feet: they are kept better.
            let cell = [x, y, 2.0 * z].map(|v| v.floor() as i32);
            *stands.entry(cell).or_insert(i)
        })
        .collect();
    let moved = triangles.iter().map(|t| t.map(|c| of[c as usize]));
    moved.filter(|[a, b, c]| a != b && b != c && c != a).collect()
}

fn area([a, b, c]: [[f32; 3]; 3]) -> f64 {
    let (u, v) = ([0, 1, 2].map(|k| b[k] - a[k]), [0, 1, 2].map(|k| c[k] - a[k]));
    let turn = |i: usize, j: usize| f64::from(u[i] * v[j] - u[j] * v[i]);
    0.5 * (turn(1, 2).powi(2) + turn(2, 0).powi(2) + turn(0, 1).powi(2)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coarser_sheet_covers_the_same_area_with_far_fewer_triangles() {
        let side = 400_u32;
        let corners: Vec<Corner> = (0..=side)
            .flat_map(|y| (0..=side).map(move |x| [x as f32, y as f32, 0.0]))
            .map(|nm| Corner { nm, normal: [0.0, 0.0, 1.0] })
            .collect();
        let quad = |x: u32, y: u32| {
            let a = y * (side + 1) + x;
            [[a, a + 1, a + side + 2], [a, a + side + 2, a + side + 1]]
        };
        let triangles: Vec<[u32; 3]> =
            (0..side).flat_map(|y| (0..side).flat_map(move |x| quad(x, y))).collect();
        let coarse = coarser(&corners, &triangles);
        assert!(coarse.len() < triangles.len() / 5, "{}", coarse.len());
        let whole = |list: &[[u32; 3]]| -> f64 {
            list.iter().map(|t| area(t.map(|c| corners[c as usize].nm))).sum()
        };
        let share = whole(&coarse) / whole(&triangles);
        // The last cells end before the edge.
        assert!((0.97..=1.0).contains(&share), "{share}");
    }
}
