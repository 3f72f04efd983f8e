//! Edge placement error between two printed outlines.

use ndarray::Array2;

use crate::imaging::{Grid, contours};

/// How far two outlines lie apart.
///
/// From every corner of either outline (drawn by marching squares, a corner about every pixel) to
/// the nearest place on the other one, whatever its direction. A corner with nothing of the other
/// outline within the search distance counts as missed, with that distance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EdgeErrors {
    /// Sum of the distances, nm.
    pub sum_nm: f64,
    /// Largest distance, nm.
    pub max_nm: f64,
    /// Corners looked from.
    pub count: u64,
    /// Of those, the ones with nothing near.
    pub missed: u64,
}

impl EdgeErrors {
    /// Mean distance, nm; 0 where there is no outline.
    pub fn mean_nm(&self) -> f64 {
        self.sum_nm / self.count.max(1) as f64
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            sum_nm: self.sum_nm + other.sum_nm,
            max_nm: self.max_nm.max(other.max_nm),
            count: self.count + other.count,
            missed: self.missed + other.missed,
        }
    }
}

/// The errors between the outlines `margin` = 0 and `printed` = ½ of one grid, counting corners at
/// places (x, y) in pixels for which `counts` holds.
pub fn edge_errors(
    margin: &Array2<f32>,
    printed: &Array2<f32>,
    grid: &Grid,
    search_nm: f64,
    counts: impl Fn([f64; 2]) -> bool,
) -> EdgeErrors {
    let drawn = [contours(margin, grid, 0.0), contours(printed, grid, 0.5)];
    let [model, target] = &drawn;
    let inside = |p: [f32; 2]| {
        let pixel = |c: usize| (f64::from(p[c]) - grid.origin_nm[c]) / grid.pixel_nm;
        counts([pixel(0), pixel(1)])
    };
    let from = |lines: &[Vec<[f32; 2]>], to: &[Vec<[f32; 2]>]| {
        distances(lines, &Near::new(to, grid, search_nm), search_nm, &inside)
    };
    from(model, target).and(from(target, model))
}

fn distances(
    lines: &[Vec<[f32; 2]>],
    near: &Near,
    search_nm: f64,
    counts: &dyn Fn([f32; 2]) -> bool,
) -> EdgeErrors {
    let mut errors = EdgeErrors::default();
    for &corner in lines.iter().flatten().filter(|corner| counts(**corner)) {
        let distance = near.distance(corner);
        let reached = distance.min(search_nm);
        errors = errors.and(EdgeErrors {
            sum_nm: reached,
            max_nm: reached,
            count: 1,
            missed: u64::from(distance >= search_nm),
        });
    }
    errors
}

/// Straight pieces of lines by the cell they pass through; cells as wide as the search.
struct Near {
    origin: [f64; 2],
    cell_nm: f64,
    nx: usize,
    ny: usize,
    cells: Vec<Vec<[[f32; 2]; 2]>>,
}

/// Most cells a side.
const MOST_CELLS: f64 = 512.0;

impl Near {
    fn new(lines: &[Vec<[f32; 2]>], grid: &Grid, search_nm: f64) -> Self {
        let longest = grid.pixel_nm * grid.nx.max(grid.ny) as f64;
        // A piece is at most two pixels long: the cells of its ends and their neighbours hold it.
        let cell_nm = search_nm.max(2.0 * grid.pixel_nm).max(longest / MOST_CELLS);
        let side = |n: usize| (grid.pixel_nm * n as f64 / cell_nm) as usize + 1;
        let (nx, ny) = (side(grid.nx), side(grid.ny));
        let mut near =
            Self { origin: grid.origin_nm, cell_nm, nx, ny, cells: vec![Vec::new(); nx * ny] };
        for line in lines {
            for piece in line.windows(2) {
                let (x, y) = near.cell(piece[0]);
                near.cells[y * nx + x].push([piece[0], piece[1]]);
            }
        }
        near
    }

    fn cell(&self, p: [f32; 2]) -> (usize, usize) {
        let place = |c: usize, n: usize| {
            (((f64::from(p[c]) - self.origin[c]) / self.cell_nm).max(0.0) as usize).min(n - 1)
        };
        (place(0, self.nx), place(1, self.ny))
    }

    /// Distance to the nearest piece in the cells around, nm.
    fn distance(&self, p: [f32; 2]) -> f64 {
        let (x, y) = self.cell(p);
        let mut least = f64::INFINITY;
        for v in y.saturating_sub(1)..(y + 2).min(self.ny) {
            for u in x.saturating_sub(1)..(x + 2).min(self.nx) {
                for &piece in &self.cells[v * self.nx + u] {
                    least = least.min(to_piece(p, piece));
                }
            }
        }
        least
    }
}

/// Distance from a point to a straight piece.
fn to_piece(p: [f32; 2], [a, b]: [[f32; 2]; 2]) -> f64 {
    let of = |i: usize| (f64::from(b[i] - a[i]), f64::from(p[i] - a[i]));
    let ((dx, px), (dy, py)) = (of(0), of(1));
    let square = dx * dx + dy * dy;
    let t = if square > 0.0 { ((px * dx + py * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    (px - t * dx).hypot(py - t * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far pixel centres lie inside a disc, nm; pixels of 2 nm.
    fn disc(radius: f64, centre: [f64; 2]) -> (Array2<f32>, Grid) {
        let grid = Grid { origin_nm: [0.0; 2], pixel_nm: 2.0, nx: 100, ny: 90 };
        let inside = Array2::from_shape_fn((90, 100), |(y, x)| {
            let [x, y] = grid.centre(x as f64, y as f64);
            (radius - (x - centre[0]).hypot(y - centre[1])) as f32
        });
        (inside, grid)
    }

    /// The share of each pixel, for an edge that is straight within it.
    fn share(inside: &Array2<f32>) -> Array2<f32> {
        inside.mapv(|d| (0.5 + d / 2.0).clamp(0.0, 1.0))
    }

    #[test]
    fn a_disc_grown_by_3_nm_has_errors_of_3_nm() {
        let (target, grid) = disc(40.0, [100.0, 90.0]);
        let (model, _) = disc(43.0, [100.0, 90.0]);
        let errors = edge_errors(&model, &share(&target), &grid, 20.0, |_| true);
        assert!((errors.mean_nm() - 3.0).abs() < 0.05, "{errors:?}");
        assert!((errors.max_nm - 3.0).abs() < 0.2 && errors.missed == 0, "{errors:?}");
        // Moved aside, the errors run from 0 to the shift.
        let (model, _) = disc(40.0, [105.0, 90.0]);
        let errors = edge_errors(&model, &share(&target), &grid, 20.0, |_| true);
        assert!((errors.max_nm - 5.0).abs() < 0.2 && errors.mean_nm() < 3.6, "{errors:?}");
        let same = edge_errors(&target, &share(&target), &grid, 20.0, |_| true);
        assert!(same.max_nm < 0.2 && same.count > 200, "{same:?}");
    }

    #[test]
    fn what_is_missing_counts_with_the_search_distance() {
        let (target, grid) = disc(40.0, [100.0, 90.0]);
        let nothing = Array2::from_elem(target.dim(), -1.0);
        let errors = edge_errors(&nothing, &share(&target), &grid, 20.0, |_| true);
        assert_eq!((errors.max_nm, errors.missed), (20.0, errors.count));
        assert!(errors.count > 100);
        let left = edge_errors(&nothing, &share(&target), &grid, 20.0, |[x, _]| x < 50.0);
        assert!(left.count * 2 <= errors.count + 4 && left.count > 40);
        let none = edge_errors(&nothing, &Array2::zeros(target.dim()), &grid, 20.0, |_| true);
        assert_eq!(none.mean_nm(), 0.0);
    }
}
