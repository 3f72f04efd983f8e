//! From a field to a mask that keeps the rules: threshold, openings and closings, repair.

use super::cells::{Cells, Contact};
use super::field::sample;
use crate::geometry::{Point, Polygon};
use crate::imaging::Grid;
use crate::opc::Recipe;

/// Rounds in which gaps too narrow are filled or widened before everything about them gives way.
const ROUNDS: usize = 6;

/// The rules of a clean mask in cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cleaning {
    /// Cell of the polygons, nm.
    snap_nm: i32,
    width: usize,
    space: usize,
    /// Least cells of an island.
    least: usize,
}

impl Cleaning {
    pub fn new(recipe: &Recipe) -> Self {
        let snap = recipe.pixels.snap_nm.round().max(1.0);
        let rules = &recipe.rules;
        let cells = |nm: f64| (nm / snap).ceil().max(1.0) as usize;
        let space = rules.min_space_nm.max(rules.min_sraf_space_nm).max(rules.min_sraf_to_main_nm);
        Self {
            snap_nm: snap as i32,
            width: cells(rules.min_width_nm.max(rules.min_sraf_width_nm)),
            space: cells(space),
            least: (recipe.pixels.least_area_nm2 / (snap * snap)).ceil() as usize,
        }
    }

    /// The mask where the field is above 0: disjoint Manhattan polygons that keep width and space.
    pub fn polygons(&self, grid: &Grid, field: &[f32]) -> Vec<Polygon> {
        let snap = f64::from(self.snap_nm);
        let pad = self.space.max(self.width);
        let count = |n: usize| (n as f64 * grid.pixel_nm / snap).floor() as usize;
        let (nx, ny) = (count(grid.nx), count(grid.ny));
        let above = |x: usize, y: usize| {
            let inside = (pad..pad + nx).contains(&x) && (pad..pad + ny).contains(&y);
            let at = |v: usize| (v as f64 - pad as f64 + 0.5) * snap / grid.pixel_nm - 0.5;
            inside && sample(field, grid.nx, grid.ny, at(x), at(y)) > 0.0
        };
        let mask = self.clean(Cells::from_fn(nx + 2 * pad, ny + 2 * pad, above));
        let corner = |v: f64| (v - pad as f64 * snap).round() as i32;
        let origin = Point::new(corner(grid.origin_nm[0]), corner(grid.origin_nm[1]));
        mask.polygons(origin, self.snap_nm)
    }

    /// The nearest set that is open under squares of the least width and whose outside is open
    /// under squares of the least space: gaps within a shape are filled and those between shapes
    /// widened, for some rounds; then whatever is about a gap gives way, which ends at the latest
    /// with nothing.
    fn clean(&self, mut mask: Cells) -> Cells {
        for _ in 0..ROUNDS {
            mask = mask.opened(self.width);
            let gaps = mask.closed(self.space).without(&mask);
            if gaps.is_empty() {
                break;
            }
            settle(&mut mask, &gaps);
        }
        loop {
            mask = mask.opened(self.width);
            let gaps = mask.closed(self.space).without(&mask);
            if gaps.is_empty() {
                break;
            }
            for at in (0..gaps.on.len()).filter(|&at| gaps.on[at]) {
                for near in gaps.around(at) {
                    mask.on[near] = false;
                }
            }
        }
        let (_, shapes) = mask.shapes(Contact::Side);
        for cells in shapes.iter().filter(|cells| cells.len() < self.least) {
            for &at in cells {
                mask.on[at] = false;
            }
        }
        mask
    }
}

/// Fills gaps that lie within one shape; of two shapes the smaller gives way by one cell.
fn settle(mask: &mut Cells, gaps: &Cells) {
    let (labels, shapes) = mask.shapes(Contact::Side);
    let size = |label: u32| shapes.get(label as usize - 1).map_or(0, Vec::len);
    for gap in gaps.shapes(Contact::Corner).1 {
        let mut beside: Vec<u32> = gap
            .iter()
            .flat_map(|&at| gaps.around(at))
            .map(|near| labels[near])
            .filter(|label| *label != 0)
            .collect();
        beside.sort_unstable();
        beside.dedup();
        let smallest = beside.iter().copied().min_by_key(|&label| (size(label), label));
        let Some(smallest) = smallest else { continue };
        for at in gap {
            if beside.len() == 1 {
                mask.on[at] = true;
                continue;
            }
            for near in gaps.around(at) {
                if labels[near] == smallest {
                    mask.on[near] = false;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::violations;

    fn cleaning(snap_nm: i32) -> Cleaning {
        let cells = (40 / snap_nm) as usize;
        Cleaning { snap_nm, width: cells, space: cells, least: 1 }
    }

    fn area(mask: &[Polygon]) -> f64 {
        mask.iter().map(|p| p.area2() as f64 / 2.0).sum()
    }

    #[test]
    fn random_fields_become_masks_that_keep_the_rules_and_roughly_their_area() {
        let grid = Grid { origin_nm: [-40.0, 24.0], pixel_nm: 8.0, nx: 70, ny: 60 };
        for seed in 1..=12u32 {
            // Waves of 100 to 300 nm with any phases.
            let wave = |x: f64, y: f64| {
                (1..=9u32)
                    .map(|k| {
                        let turn = f64::from((seed * 7919 + k * 104_729) % 628) / 100.0;
                        let length = 100.0 + f64::from((seed * 31 + k * 17) % 200);
                        let angle = f64::from((seed * 13 + k * 41) % 314) / 100.0;
                        ((x * angle.cos() + y * angle.sin()) * std::f64::consts::TAU / length
                            + turn)
                            .sin()
                    })
                    .sum::<f64>()
            };
            let field: Vec<f32> = (0..grid.nx * grid.ny)
                .map(|i| wave((i % grid.nx) as f64 * 8.0, (i / grid.nx) as f64 * 8.0) as f32)
                .collect();
            let open = field.iter().filter(|v| **v > 0.0).count() as f64 * 64.0;
            for snap in [2, 4, 8] {
                let mask = cleaning(snap).polygons(&grid, &field);
                assert_eq!(violations(&mask, 40, 40), [], "seed {seed}, snap {snap}");
                let share = area(&mask) / open;
                assert!((0.6..1.4).contains(&share), "seed {seed}: {share} of the area");
            }
        }
    }

    #[test]
    fn noise_ends_too_and_a_clean_rectangle_stays_as_it_is() {
        let grid = Grid { origin_nm: [0.0, 0.0], pixel_nm: 8.0, nx: 50, ny: 50 };
        let noise: Vec<f32> = (0..2500u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 16) as f32 / 32768.0 - 0.9)
            .collect();
        assert_eq!(violations(&cleaning(4).polygons(&grid, &noise), 40, 40), []);
        let inside = |i: usize| (10..20).contains(&(i % 50)) && (10..35).contains(&(i / 50));
        let field: Vec<f32> = (0..2500).map(|i| if inside(i) { 4.0 } else { -4.0 }).collect();
        let mask = cleaning(8).polygons(&grid, &field);
        assert_eq!(mask.len(), 1);
        assert_eq!(area(&mask), 80.0 * 200.0);
    }
}
