//! SRAFs: where they are placed, and which of them stay.

mod barred;
mod bars;
mod greedy;

use ndarray::Array2;

use super::Assists;
use crate::geometry::{Polygon, Rect};
use crate::imaging::Grid;

pub(super) use barred::Barred;
pub(super) use bars::bars;
pub(super) use greedy::best_rectangles;

/// What new SRAFs must keep clear of, clip nm.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// The target, which edges may be pulled back to.
    pub target: Vec<Polygon>,
    /// Main features as they stand.
    pub main: Vec<Polygon>,
    /// SRAFs as they stand.
    pub assists: Vec<Rect>,
    /// Where SRAFs were placed, which their edges may be pulled back to.
    pub seeds: Vec<Rect>,
}

/// Cells in which no new SRAF may lie, with the recipe's distances about everything there is.
/// `rules`: least distance (from main features, from SRAFs) that the mask rules ask for, nm.
pub(super) fn barred(grid: &Grid, recipe: &Assists, rules: [f64; 2], there: &Standing) -> Barred {
    let mut barred = Barred::new(grid);
    for polygon in &there.target {
        barred.add_polygon(polygon, rules[0]);
    }
    for polygon in &there.main {
        barred.add_polygon(polygon, recipe.keep_out_nm.max(rules[0]));
    }
    for assist in &there.assists {
        barred.add_rect(*assist, recipe.apart_nm.max(rules[1]));
    }
    for seed in &there.seeds {
        barred.add_rect(*seed, rules[1]);
    }
    barred
}

/// The grid of the seed map: that of the loss, in the recipe's cells.
pub(super) fn seed_grid(loss: &Grid, recipe: &Assists) -> Grid {
    let pixel = recipe.grid_nm.round().max(1.0);
    let count = |n: usize| (n as f64 * loss.pixel_nm / pixel).floor().max(1.0) as usize;
    Grid {
        origin_nm: loss.origin_nm.map(f64::round),
        pixel_nm: pixel,
        nx: count(loss.nx),
        ny: count(loss.ny),
    }
}

/// New SRAFs by the gradient: `change` is ∂L/∂M on the cells of `grid`, nm⁻².
pub(super) fn by_gradient(
    change: &Array2<f32>,
    grid: &Grid,
    recipe: &Assists,
    rules: [f64; 2],
    there: &Standing,
) -> Vec<Rect> {
    let barred = barred(grid, recipe, rules, there);
    let room = (recipe.most as usize).saturating_sub(there.assists.len());
    best_rectangles(change, grid, recipe, recipe.apart_nm.max(rules[1]), &barred, room)
}

/// New SRAFs by rule.
pub(super) fn by_rule(
    grid: &Grid,
    recipe: &Assists,
    rules: [f64; 2],
    there: &Standing,
) -> Vec<Rect> {
    let barred = barred(grid, recipe, rules, there);
    let room = (recipe.most as usize).saturating_sub(there.assists.len());
    bars(&there.target, grid, recipe, recipe.apart_nm.max(rules[1]), &barred, room)
}
