//! Printed contours by marching squares.

use std::collections::HashMap;

use ndarray::Array2;

use super::Grid;

/// A lattice edge that an iso-line crosses: twice the index of its lower-left sample, plus 1 where
/// the edge runs along y.
type Crossing = u32;

/// Iso-lines of an image at `level`, as polylines in nm (closed ones repeat their first point).
/// Points are placed by linear interpolation between pixel centres; lines keep the higher values
/// on their left. Saddles are split by the mean of their four corners.
pub fn contours(image: &Array2<f32>, grid: &Grid, level: f32) -> Vec<Vec<[f32; 2]>> {
    let segments = segments(image, level);
    let next: HashMap<Crossing, Crossing> = segments.iter().copied().collect();
    let has_predecessor: std::collections::HashSet<Crossing> =
        segments.iter().map(|s| s.1).collect();
    let mut used = std::collections::HashSet::with_capacity(segments.len());
    let mut lines = Vec::new();
    // Open lines start where nothing leads in; what is left are loops.
    let open = segments.iter().map(|s| s.0).filter(|s| !has_predecessor.contains(s));
    let starts: Vec<Crossing> = open.chain(segments.iter().map(|s| s.0)).collect();
    for start in starts {
        if used.contains(&start) {
            continue;
        }
        let mut line = vec![place(image, grid, level, start)];
        let mut at = start;
        while used.insert(at) {
            let Some(&to) = next.get(&at) else { break };
            line.push(place(image, grid, level, to));
            at = to;
        }
        lines.push(line);
    }
    lines
}

/// Every cell's crossings as directed pairs, row by row.
fn segments(image: &Array2<f32>, level: f32) -> Vec<(Crossing, Crossing)> {
    let (ny, nx) = image.dim();
    let mut found = Vec::new();
    for y in 0..ny.saturating_sub(1) {
        for x in 0..nx.saturating_sub(1) {
            let corner =
                [image[[y, x]], image[[y, x + 1]], image[[y + 1, x + 1]], image[[y + 1, x]]];
            let inside = corner.map(|v| v >= level);
            if inside == [inside[0]; 4] {
                continue;
            }
            let id = |y: usize, x: usize, along_y: u32| (2 * (y * nx + x)) as u32 + along_y;
            // Sides in the order bottom, right, top, left: side i lies between corners i and i+1.
            let side = [id(y, x, 0), id(y, x + 1, 1), id(y + 1, x, 0), id(y, x, 1)];
            let centre_inside = corner.iter().sum::<f32>() / 4.0 >= level;
            for (from, to) in cell_segments(inside, centre_inside).into_iter().flatten() {
                found.push((side[from], side[to]));
            }
        }
    }
    found
}

/// The one or two directed lines through a cell, as (side in, side out), inside on the left.
fn cell_segments(inside: [bool; 4], centre_inside: bool) -> [Option<(usize, usize)>; 2] {
    // Walking around the cell counter-clockwise, a line enters where inside turns to outside
    // (side i between corners i and i+1) and leaves where outside turns to inside.
    let turn =
        |from: bool| (0..4).filter(move |&i| inside[i] == from && inside[(i + 1) % 4] != from);
    let (mut enter, mut leave) = (turn(true), turn(false));
    match (enter.next(), leave.next(), enter.next(), leave.next()) {
        (Some(a), Some(b), None, None) => [Some((a, b)), None],
        (Some(a0), Some(b0), Some(a1), Some(b1)) => {
            // A saddle: joined inside corners send each line to the leaving side after it,
            // separate ones to the leaving side before it.
            let after = |a: usize| if (a + 1) % 4 == b0 { b0 } else { b1 };
            let before = |a: usize| if after(a) == b0 { b1 } else { b0 };
            if centre_inside {
                [Some((a0, after(a0))), Some((a1, after(a1)))]
            } else {
                [Some((a0, before(a0))), Some((a1, before(a1)))]
            }
        }
        _ => [None, None],
    }
}

/// Where a crossing lies, nm.
fn place(image: &Array2<f32>, grid: &Grid, level: f32, crossing: Crossing) -> [f32; 2] {
    let nx = image.ncols();
    let sample = crossing as usize / 2;
    let (y, x) = (sample / nx, sample % nx);
    let along_y = crossing % 2 == 1;
    let (y1, x1) = if along_y { (y + 1, x) } else { (y, x + 1) };
    let (a, b) = (image[[y, x]], image[[y1, x1]]);
    let t = if a == b { 0.5 } else { f64::from((level - a) / (b - a)).clamp(0.0, 1.0) };
    let p = if along_y {
        grid.centre(x as f64, y as f64 + t)
    } else {
        grid.centre(x as f64 + t, y as f64)
    };
    p.map(|c| c as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(line: &[[f32; 2]]) -> f32 {
        line.windows(2).map(|w| (w[0][0] * w[1][1] - w[1][0] * w[0][1]) / 2.0).sum()
    }

    #[test]
    fn a_disc_has_one_closed_contour_with_its_area_on_the_left() {
        let grid = Grid { origin_nm: [10.0, -20.0], pixel_nm: 2.0, nx: 60, ny: 50 };
        let image = Array2::from_shape_fn((50, 60), |(y, x)| {
            let [x, y] = grid.centre(x as f64, y as f64);
            (30.0 - (x - 70.0).hypot(y - 30.0)) as f32
        });
        let lines = contours(&image, &grid, 0.0);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        assert!((area(&lines[0]) - std::f32::consts::PI * 900.0).abs() < 5.0);
        for p in &lines[0] {
            assert!(((p[0] - 70.0).hypot(p[1] - 30.0) - 30.0).abs() < 0.05);
        }
    }

    #[test]
    fn lines_cut_by_the_border_stay_open_and_saddles_are_split_without_loss() {
        let grid = Grid { origin_nm: [0.0, 0.0], pixel_nm: 1.0, nx: 20, ny: 20 };
        let stripes = Array2::from_shape_fn((20, 20), |(_, x)| (x as f32 * 0.9).sin());
        for line in contours(&stripes, &grid, 0.1) {
            assert_ne!(line.first(), line.last());
            assert_eq!(line.len(), 20);
        }
        let board =
            Array2::from_shape_fn((20, 20), |(y, x)| if (x + y) % 2 == 0 { 1.0 } else { 0.0 });
        for level in [0.3, 0.7] {
            let points: usize = contours(&board, &grid, level).iter().map(Vec::len).sum();
            // Each of the 2·19·20 lattice edges is crossed once; closed loops repeat one point.
            let loops =
                contours(&board, &grid, level).iter().filter(|l| l.first() == l.last()).count();
            assert_eq!(points - loops, 2 * 19 * 20);
        }
    }
}
