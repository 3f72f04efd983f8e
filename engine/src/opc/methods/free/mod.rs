//! Free-form masks: the outline of a field on square cells.
//!
//! Pixel ILT: the parameters, smoothed, are the field φ, and a cell is open to σ(φ / softness).
//! Level-set ILT: φ is a signed distance, and a cell is open to the share of it that lies inside.
//! Either way the gradient of the loss by cell is exact, and the judged mask is made of polygons.

mod cells;
mod clean;
mod field;
mod memory;
mod saved;

use lithoscope_kernels::sigmoid;
use serde::{Deserialize, Serialize};

use self::clean::Cleaning;
use self::field::{Gaussian, bend, distance, sample};
use self::memory::Memory;
pub(in crate::opc) use self::saved::SavedField;
use crate::geometry::Polygon;
use crate::imaging::{CellPlan, Grid, Imager};
use crate::opc::evaluate::{Evaluator, Sharpness, Terms};
use crate::opc::saved::bits::f32s;
use crate::opc::{LossTerms, OpcError, OpcMethod, Recipe};

/// Most cells of a field.
const MAX_CELLS: usize = 1 << 20;
/// Share of the typical gradient that every cell's step is measured against besides its own: where
/// the loss hardly depends on a cell, it hardly moves.
const CALM: f32 = 0.1;
/// A cell of a level set moves at most this much faster than the typical one.
const FASTEST: f32 = 3.0;

/// One grid of the field.
struct Level {
    grid: Grid,
    plan: CellPlan,
}

/// What stepping goes on from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FieldState {
    level: usize,
    /// Updates on this level so far.
    steps: i32,
    /// Parameters (pixel ILT) or signed distance (level set), nm.
    #[serde(with = "f32s")]
    field: Vec<f32>,
    #[serde(with = "f32s")]
    first: Vec<f32>,
    #[serde(with = "f32s")]
    second: Vec<f32>,
}

/// How one iteration is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub level: usize,
    pub sharpness: Sharpness,
    /// Depth over which a cell opens, nm.
    pub softness: f32,
    /// Whether the loss is that of the cleaned polygons.
    pub hard: bool,
}

/// The field of a run with its history.
pub(in crate::opc) struct FreeForm {
    method: OpcMethod,
    levels: Vec<Level>,
    cleaning: Cleaning,
    depth: f32,
    now: FieldState,
    /// ∂L/∂field at the state.
    gradient: Vec<f32>,
    memory: Memory,
}

impl FreeForm {
    /// A field on the cells of `loss`, from the target's share of each of them.
    ///
    /// # Errors
    /// More than 2²⁰ cells.
    pub fn new(
        imager: &Imager,
        recipe: &Recipe,
        loss: &Grid,
        cover: impl Fn(&Grid) -> Vec<f32>,
    ) -> Result<Self, OpcError> {
        let finest = recipe.pixels.cell_nm.round().max(1.0);
        let count = recipe.pixels.levels.max(1);
        let coarsest = finest * f64::from(1u32 << (count - 1));
        let cells = |n: usize| ((n as f64 * loss.pixel_nm / coarsest).floor().max(1.0)) as usize;
        let (nx, ny) = (cells(loss.nx), cells(loss.ny));
        let most = nx.saturating_mul(ny).saturating_mul(1 << (2 * (count - 1)));
        if most > MAX_CELLS {
            return Err(OpcError::FieldTooLarge { cells: most, limit: MAX_CELLS });
        }
        let levels: Vec<Level> = (0..count)
            .map(|k| {
                let grid = Grid {
                    origin_nm: loss.origin_nm,
                    pixel_nm: coarsest / f64::from(1u32 << k),
                    nx: nx << k,
                    ny: ny << k,
                };
                Level { grid, plan: imager.cell_plan(&grid) }
            })
            .collect();
        let grid = levels[0].grid;
        let depth = recipe.pixels.depth_nm as f32;
        let outline: Vec<f32> = cover(&grid).into_iter().map(|share| share - 0.5).collect();
        let mut field = distance(&outline, grid.nx, grid.ny, grid.pixel_nm as f32);
        let offset = recipe.optimiser.initial_offset_nm as f32;
        for value in &mut field {
            *value = (*value + offset).clamp(-depth, depth);
        }
        let memory = Memory::new(most);
        let now = FieldState::new(0, field);
        let (method, cleaning) = (recipe.method, Cleaning::new(recipe));
        Ok(Self { method, levels, cleaning, depth, now, gradient: Vec::new(), memory })
    }

    /// Number of grids.
    pub fn level_count(&self) -> usize {
        self.levels.len()
    }

    /// Goes to a finer grid where the manner asks for it, evaluates the loss and its gradient, and
    /// returns the loss with the root mean square of the gradient over the cells.
    pub(in crate::opc::methods) fn evaluate(
        &mut self,
        evaluator: &mut Evaluator,
        recipe: &Recipe,
        manner: Manner,
    ) -> (LossTerms, f64) {
        while self.now.level < manner.level.min(self.levels.len() - 1) {
            self.refine();
        }
        let field = self.field(recipe);
        let cell = self.grid().pixel_nm as f32;
        let opened: Vec<(f32, f32)> = field
            .iter()
            .map(|&f| match self.method {
                OpcMethod::LevelSet => inside(f, cell),
                _ => soft(f, manner.softness),
            })
            .collect();
        if manner.hard {
            let mask = self.cleaning.polygons(self.grid(), &field);
            evaluator.imager().set_mask(&mask);
        } else {
            let shares: Vec<f32> = opened.iter().map(|(share, _)| *share).collect();
            let plan = &mut self.levels[self.now.level].plan;
            evaluator.imager().set_cells(plan, &shares);
        }
        let loss = evaluator.image_terms(manner.sharpness, Terms::ALL);
        self.gradient.resize(field.len(), 0.0);
        let plan = &mut self.levels[self.now.level].plan;
        evaluator.imager().cell_gradient(plan, &mut self.gradient);
        for (g, (_, slope)) in self.gradient.iter_mut().zip(&opened) {
            *g *= slope;
        }
        let smooth = match self.method {
            OpcMethod::LevelSet => recipe.level_set.smooth_nm,
            _ => recipe.pixels.smooth_nm,
        };
        let nx = self.grid().nx;
        Gaussian::new(smooth / f64::from(cell)).smooth(&mut self.gradient, nx);
        (loss, rms(&self.gradient))
    }

    /// Moves the field by about `rate` nm where the loss asks for it.
    pub fn advance(&mut self, recipe: &Recipe, rate: f64) {
        match self.method {
            OpcMethod::LevelSet => self.flow(recipe, rate as f32),
            _ => self.descend(recipe, rate as f32),
        }
        self.now.steps = self.now.steps.saturating_add(1);
    }

    /// The mask of the present state.
    pub fn polygons(&self, recipe: &Recipe) -> Vec<Polygon> {
        self.cleaning.polygons(self.grid(), &self.field(recipe))
    }

    /// Notes the present state and, where it was judged, its mask.
    pub fn note(&mut self, iteration: usize, mask: Option<Vec<Polygon>>) {
        self.memory.note(iteration, &self.now, mask);
    }

    /// The mask of an iteration: its own where it was judged, else that of the last one that was.
    pub fn mask(&self, iteration: usize) -> Option<&[Polygon]> {
        self.memory.mask(iteration)
    }

    /// Forgets everything after an iteration and goes back to the last state kept at or before it,
    /// whose iteration is returned.
    pub fn back_to(&mut self, iteration: usize) -> usize {
        let (from, state) = self.memory.back_to(iteration, &self.now);
        self.now = state;
        from
    }

    fn grid(&self) -> &Grid {
        &self.levels[self.now.level].grid
    }

    /// φ of the present state, nm.
    fn field(&self, recipe: &Recipe) -> Vec<f32> {
        if self.method == OpcMethod::LevelSet {
            return self.now.field.clone();
        }
        // Outside the grid the parameters are as deep as they start.
        let mut field: Vec<f32> = self.now.field.iter().map(|f| f + self.depth).collect();
        let grid = self.grid();
        Gaussian::new(recipe.pixels.smooth_nm / grid.pixel_nm).smooth(&mut field, grid.nx);
        for value in &mut field {
            *value -= self.depth;
        }
        field
    }

    /// The same field on the next finer grid.
    fn refine(&mut self) {
        let (from, level) = (*self.grid(), self.now.level + 1);
        let to = self.levels[level].grid;
        let at = |v: usize| v as f64 / 2.0 - 0.25;
        let field = (0..to.nx * to.ny)
            .map(|i| sample(&self.now.field, from.nx, from.ny, at(i % to.nx), at(i / to.nx)))
            .collect();
        self.now = FieldState::new(level, field);
    }

    /// Adam whose steps fade where the gradient is far below the typical one.
    fn descend(&mut self, recipe: &Recipe, rate: f32) {
        let [beta1, beta2] = [recipe.optimiser.beta1, recipe.optimiser.beta2];
        let steps = self.now.steps.saturating_add(1);
        let bias = [beta1, beta2].map(|beta| (1.0 - beta.powi(steps)) as f32);
        let [beta1, beta2] = [beta1 as f32, beta2 as f32];
        let FieldState { field, first, second, .. } = &mut self.now;
        for ((m, v), g) in first.iter_mut().zip(second.iter_mut()).zip(&self.gradient) {
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
        }
        let mean = second.iter().map(|v| f64::from(*v)).sum::<f64>() / second.len().max(1) as f64;
        let calm = CALM * (mean as f32 / bias[1]).sqrt() + f32::MIN_POSITIVE;
        for ((f, m), v) in field.iter_mut().zip(first.iter()).zip(second.iter()) {
            *f -= rate * (m / bias[0]) / ((v / bias[1]).sqrt() + calm);
        }
    }

    /// A step of the outline along its normal, with momentum, and of its flow by curvature.
    fn flow(&mut self, recipe: &Recipe, rate: f32) {
        let table = &recipe.level_set;
        let Grid { nx, ny, pixel_nm, .. } = *self.grid();
        let cell = pixel_nm as f32;
        let near = |f: f32| f.abs() < 2.0 * cell;
        let FieldState { field, first, steps, .. } = &mut self.now;
        let band = field.iter().zip(&self.gradient).filter(|(f, _)| near(**f));
        let (sum, count) =
            band.fold((0.0f64, 0usize), |(s, n), (_, g)| (s + f64::from(g * g), n + 1));
        let typical = (sum / count.max(1) as f64).sqrt() as f32 + f32::MIN_POSITIVE;
        let kept = table.momentum as f32;
        for (m, g) in first.iter_mut().zip(&self.gradient) {
            *m = kept * *m - (1.0 - kept) * g / typical;
        }
        let curvature = table.curvature as f32;
        let moved: Vec<f32> = (0..field.len())
            .map(|i| {
                let bent = if near(field[i]) {
                    bend(field, nx, ny, i % nx, i / nx, cell).unwrap_or(0.0)
                } else {
                    0.0
                };
                let by_curvature = (curvature * bent).clamp(-cell / 4.0, cell / 4.0);
                field[i] + rate * first[i].clamp(-FASTEST, FASTEST) + by_curvature
            })
            .collect();
        let every = table.redistance_every.max(1) as i32;
        *field = if steps.saturating_add(1) % every == 0 {
            distance(&moved, nx, ny, cell)
        } else {
            moved
        };
    }
}

impl FieldState {
    fn new(level: usize, field: Vec<f32>) -> Self {
        let none = vec![0.0; field.len()];
        Self { level, steps: 0, field, first: none.clone(), second: none }
    }
}

/// Share of a cell that opens at depth f, and its slope.
fn soft(f: f32, softness: f32) -> (f32, f32) {
    let share = sigmoid(f / softness);
    (share, share * (1.0 - share) / softness)
}

/// Share of a cell that lies inside an outline at distance f of its centre, and its slope: a raised
/// sine over one cell either way (Osher and Fedkiw 2003, eq. 1.22).
fn inside(f: f32, cell: f32) -> (f32, f32) {
    let t = (f / cell).clamp(-1.0, 1.0);
    let turn = std::f32::consts::PI * t;
    let share = 0.5 * (1.0 + t + turn.sin() / std::f32::consts::PI);
    (share, 0.5 * (1.0 + turn.cos()) / cell)
}

fn rms(values: &[f32]) -> f64 {
    let sum: f64 = values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
    (sum / values.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests;
