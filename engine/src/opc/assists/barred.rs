//! Cells of a grid in which no new SRAF may lie.

use ndarray::Array2;

use crate::geometry::{Point, Polygon, Rect, edges};
use crate::imaging::Grid;

/// Cells of a grid, barred or free.
#[derive(Clone, Debug)]
pub(in crate::opc) struct Barred {
    grid: Grid,
    cells: Array2<bool>,
}

impl Barred {
    /// Nothing barred.
    pub fn new(grid: &Grid) -> Self {
        Self { grid: *grid, cells: Array2::from_elem((grid.ny, grid.nx), false) }
    }

    /// The cells, `[ny, nx]`.
    pub fn cells(&self) -> &Array2<bool> {
        &self.cells
    }

    /// Bars the cells nearer than `distance` nm, along x and along y, to a rectangle.
    pub fn add_rect(&mut self, rect: Rect, distance: f64) {
        let Grid { origin_nm, pixel_nm, nx, ny } = self.grid;
        let span = |lo: i32, hi: i32, origin: f64, count: usize| {
            let cell = |at: f64| (at - origin) / pixel_nm;
            let first = cell(f64::from(lo) - distance).floor().max(0.0) as usize;
            let end = cell(f64::from(hi) + distance).ceil().max(0.0) as usize;
            first.min(count)..end.min(count)
        };
        for y in span(rect.min.y, rect.max.y, origin_nm[1], ny) {
            for x in span(rect.min.x, rect.max.x, origin_nm[0], nx) {
                self.cells[[y, x]] = true;
            }
        }
    }

    /// Bars the cells in a polygon, and those nearer than `distance` nm to its edges.
    pub fn add_polygon(&mut self, polygon: &Polygon, distance: f64) {
        for (a, b) in polygon.rings().flat_map(edges) {
            let (min, max) =
                (Point::new(a.x.min(b.x), a.y.min(b.y)), Point::new(a.x.max(b.x), a.y.max(b.y)));
            self.add_rect(Rect { min, max }, distance);
        }
        self.add_inside(polygon);
    }

    /// Bars the cells whose centre lies in a polygon; its edges are barred apart.
    fn add_inside(&mut self, polygon: &Polygon) {
        for y in 0..self.grid.ny {
            let [_, at] = self.grid.centre(0.0, y as f64);
            let mut crossings: Vec<f64> = polygon
                .rings()
                .flat_map(edges)
                .filter(|(a, b)| (f64::from(a.y) <= at) != (f64::from(b.y) <= at))
                .map(|(a, b)| {
                    let t = (at - f64::from(a.y)) / (f64::from(b.y) - f64::from(a.y));
                    f64::from(a.x) + t * (f64::from(b.x) - f64::from(a.x))
                })
                .collect();
            crossings.sort_unstable_by(f64::total_cmp);
            for inside in crossings.chunks_exact(2) {
                let first = |x: f64| {
                    ((x - self.grid.origin_nm[0]) / self.grid.pixel_nm - 0.5).ceil().max(0.0)
                };
                let (from, to) = (first(inside[0]) as usize, first(inside[1]) as usize);
                for x in from.min(self.grid.nx)..to.min(self.grid.nx) {
                    self.cells[[y, x]] = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_cell_keeps_its_distance_from_every_shape() {
        let grid = Grid { origin_nm: [-40.0, -24.0], pixel_nm: 8.0, nx: 60, ny: 50 };
        let ell = Polygon::simple(
            [(0, 0), (150, 0), (150, 61), (61, 61), (61, 200), (0, 200)]
                .map(|(x, y)| Point::new(x, y))
                .to_vec(),
        );
        let inside = |x: f64, y: f64| {
            x > 0.0 && y > 0.0 && ((x < 150.0 && y < 61.0) || (x < 61.0 && y < 200.0))
        };
        let mut barred = Barred::new(&grid);
        barred.add_polygon(&ell, 30.0);
        let mut free = 0;
        for ((y, x), cell) in barred.cells().indexed_iter() {
            let [cx, cy] = grid.centre(x as f64, y as f64);
            // Every point of a square of half a side 30 + 4 about the centre, on a 2 nm raster.
            let near = (-17..=17).any(|dx| {
                (-17..=17).any(|dy| inside(cx + f64::from(dx) * 1.99, cy + f64::from(dy) * 1.99))
            });
            assert!(*cell || !near, "cell ({x}, {y})");
            free += usize::from(!cell);
        }
        assert!(free > 600, "{free}");
    }
}
