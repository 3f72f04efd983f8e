//! The rectangles that gain most, one after the other.

use ndarray::Array2;

use super::Barred;
use crate::geometry::Rect;
use crate::imaging::Grid;
use crate::opc::Assists;

/// A rectangle of cells, ends not included, and what opening it takes from the loss, nm².
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    gain: f32,
    x: [u16; 2],
    y: [u16; 2],
}

/// Disjoint rectangles `width_nm` wide and `min_length_nm` to `max_length_nm` long, both ways
/// round, in free cells: the one of largest gain −Σ ∂L/∂M first, then the largest that lies
/// `apart` nm from those before it, until less than `gain_nm2` is left to gain or `room` are found.
///
/// Every rectangle's sum comes from an integral image; about cells × lengths, and a sort of those
/// that gain enough.
pub(in crate::opc) fn best_rectangles(
    change: &Array2<f32>,
    grid: &Grid,
    recipe: &Assists,
    apart: f64,
    barred: &Barred,
    room: usize,
) -> Vec<Rect> {
    let cells = |nm: f64| (nm / grid.pixel_nm).round().max(1.0) as usize;
    let width = cells(recipe.width_nm);
    let lengths = cells(recipe.min_length_nm).max(width)..=cells(recipe.max_length_nm).max(width);
    let sums = Sums::new(change, barred.cells(), grid.pixel_nm);
    let mut candidates = Vec::new();
    for length in lengths {
        sums.collect(length, width, recipe.gain_nm2, &mut candidates);
        if length != width {
            sums.collect(width, length, recipe.gain_nm2, &mut candidates);
        }
    }
    candidates
        .sort_unstable_by(|a, b| b.gain.total_cmp(&a.gain).then(a.y.cmp(&b.y)).then(a.x.cmp(&b.x)));
    let gap = (apart / grid.pixel_nm).ceil().max(0.0) as u16;
    let mut chosen: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if chosen.len() >= room {
            break;
        }
        if chosen.iter().all(|other| candidate.clears(other, gap)) {
            chosen.push(candidate);
        }
    }
    chosen.iter().map(|c| c.rect(grid)).collect()
}

impl Candidate {
    fn clears(&self, other: &Self, gap: u16) -> bool {
        let apart = |a: [u16; 2], b: [u16; 2]| a[1] + gap <= b[0] || b[1] + gap <= a[0];
        apart(self.x, other.x) || apart(self.y, other.y)
    }

    fn rect(&self, grid: &Grid) -> Rect {
        let place = |cell: u16, axis: usize| {
            (grid.origin_nm[axis] + f64::from(cell) * grid.pixel_nm).round() as i32
        };
        Rect::new(
            place(self.x[0], 0),
            place(self.y[0], 1),
            place(self.x[1], 0),
            place(self.y[1], 1),
        )
    }
}

/// Integral images: gain, and barred cells.
struct Sums {
    nx: usize,
    ny: usize,
    gain: Vec<f64>,
    barred: Vec<u32>,
}

impl Sums {
    fn new(change: &Array2<f32>, cells: &Array2<bool>, pixel_nm: f64) -> Self {
        let (ny, nx) = change.dim();
        let (ny, nx) = (ny.min(usize::from(u16::MAX) / 2), nx.min(usize::from(u16::MAX) / 2));
        let stride = nx + 1;
        let (mut gain, mut barred) = (vec![0.0; stride * (ny + 1)], vec![0; stride * (ny + 1)]);
        let area = pixel_nm * pixel_nm;
        for y in 0..ny {
            let (mut row_gain, mut row_barred) = (0.0, 0);
            for x in 0..nx {
                row_gain -= f64::from(change[[y, x]]) * area;
                row_barred += u32::from(cells[[y, x]]);
                let at = (y + 1) * stride + x + 1;
                gain[at] = gain[at - stride] + row_gain;
                barred[at] = barred[at - stride] + row_barred;
            }
        }
        Self { nx, ny, gain, barred }
    }

    /// Appends the free rectangles of one size that gain at least `least`.
    fn collect(&self, w: usize, h: usize, least: f64, out: &mut Vec<Candidate>) {
        if w > self.nx || h > self.ny {
            return;
        }
        let stride = self.nx + 1;
        for y in 0..=self.ny - h {
            for x in 0..=self.nx - w {
                let [a, b] = [y * stride + x, y * stride + x + w];
                let [c, d] = [a + h * stride, b + h * stride];
                if self.barred[d] + self.barred[a] != self.barred[b] + self.barred[c] {
                    continue;
                }
                let gain = self.gain[d] + self.gain[a] - self.gain[b] - self.gain[c];
                if gain >= least {
                    let span = |from: usize, size: usize| [from as u16, (from + size) as u16];
                    out.push(Candidate { gain: gain as f32, x: span(x, w), y: span(y, h) });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        Grid { origin_nm: [100.0, -50.0], pixel_nm: 8.0, nx: 70, ny: 60 }
    }

    /// Two ridges that gain and a valley that loses.
    fn change() -> Array2<f32> {
        Array2::from_shape_fn((60, 70), |(y, x)| {
            let ridge = |at: f32| (-((x as f32 - at) / 3.0).powi(2)).exp();
            let along = if (10..50).contains(&y) { 1.0 } else { -0.2 };
            0.4 * ridge(35.0) - along * (0.5 * ridge(12.0) + 0.3 * ridge(58.0))
        })
    }

    #[test]
    fn rectangles_lie_where_most_is_gained_and_keep_apart() {
        let recipe = Assists { gain_nm2: 200.0, max_length_nm: 160.0, ..Assists::default() };
        let found = best_rectangles(&change(), &grid(), &recipe, 40.0, &Barred::new(&grid()), 99);
        assert!(found.len() >= 3, "{found:?}");
        // The first lies along the higher ridge, in its middle.
        let x = f64::midpoint(f64::from(found[0].min.x), f64::from(found[0].max.x));
        assert!((x - (100.0 + 12.5 * 8.0)).abs() <= 8.0, "{found:?}");
        assert_eq!((found[0].width(), found[0].height()), (40, 160));
        for (i, a) in found.iter().enumerate() {
            for b in &found[..i] {
                let gap_x = (a.min.x - b.max.x).max(b.min.x - a.max.x);
                let gap_y = (a.min.y - b.max.y).max(b.min.y - a.max.y);
                assert!(gap_x.max(gap_y) >= 40, "{a:?} and {b:?}");
            }
        }
        assert_eq!(
            best_rectangles(&change(), &grid(), &recipe, 40.0, &Barred::new(&grid()), 2),
            found[..2]
        );
    }

    #[test]
    fn nothing_lies_in_a_barred_cell() {
        let mut barred = Barred::new(&grid());
        barred.add_rect(Rect::new(150, 100, 700, 200), 13.0);
        let recipe = Assists { gain_nm2: 50.0, ..Assists::default() };
        let found = best_rectangles(&change(), &grid(), &recipe, 40.0, &barred, 99);
        assert!(!found.is_empty());
        for r in &found {
            assert!(!r.overlaps(&Rect::new(137, 87, 713, 213)), "{r:?}");
        }
    }

    #[test]
    fn gradients_that_are_not_numbers_seed_nothing() {
        let recipe = Assists::default();
        let nan = change().mapv(|_| f32::NAN);
        assert!(best_rectangles(&nan, &grid(), &recipe, 40.0, &Barred::new(&grid()), 9).is_empty());
    }
}
