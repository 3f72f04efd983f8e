//! Windows and grids of a run: what is judged, where the loss is taken, and how the target covers it.

use ndarray::Array2;

use crate::geometry::{Polygon, Rect};
use crate::imaging::Grid;
use crate::layout::Clip;
use crate::opc::{AssistMethod, OpcError, Recipe};
use crate::verify::PixelTarget;

/// Refuses shapes that the periodic field would fold back into itself.
pub(super) fn check_inside(polygons: &[Polygon], field: Rect) -> Result<(), OpcError> {
    for (polygon, shape) in polygons.iter().enumerate() {
        let Some(bounds) = shape.bounding_box() else { continue };
        if field.union(&bounds) != field {
            return Err(OpcError::OutsideField { polygon, bounds, field });
        }
    }
    Ok(())
}

/// Beyond the farthest SRAF nothing prints at this distance, nm.
const DARK_NM: f64 = 100.0;

/// Where something may print: about the target as far as SRAFs can get, and a little more.
pub(super) fn judged_window(clip: &Clip, recipe: &Recipe, field: Rect) -> Rect {
    let assists = match recipe.assists.method {
        _ if recipe.method.is_free_form() => recipe.objective.margin_nm,
        AssistMethod::None => 0.0,
        _ => recipe.objective.margin_nm + recipe.assists.max_offset_nm,
    };
    let margin = (assists.max(recipe.optimiser.max_offset_nm) + DARK_NM).ceil() as i32;
    let boxes = clip.polygons.iter().filter_map(Polygon::bounding_box);
    let bounds = boxes.reduce(|a, b| a.union(&b)).unwrap_or(clip.window);
    let low = |v: i32, end: i32| v.saturating_sub(margin).max(end);
    let high = |v: i32, end: i32| v.saturating_add(margin).min(end);
    Rect::new(
        low(bounds.min.x, field.min.x),
        low(bounds.min.y, field.min.y),
        high(bounds.max.x, field.max.x),
        high(bounds.max.y, field.max.y),
    )
}

/// The target's bounding box with the recipe's margin, cut to the field, in whole loss pixels.
pub(super) fn loss_grid(clip: &Clip, recipe: &Recipe, field: Rect) -> Grid {
    let pixel = recipe.objective.grid_nm.round().max(1.0);
    let margin = recipe.objective.margin_nm;
    let boxes = clip.polygons.iter().filter_map(Polygon::bounding_box);
    let bounds = boxes.reduce(|a, b| a.union(&b)).unwrap_or(clip.window);
    let low = |v: i32, end: i32| (f64::from(v) - margin).max(f64::from(end)).floor();
    let high = |v: i32, end: i32| (f64::from(v) + margin).min(f64::from(end));
    let [x0, y0] = [low(bounds.min.x, field.min.x), low(bounds.min.y, field.min.y)];
    let [x1, y1] = [high(bounds.max.x, field.max.x), high(bounds.max.y, field.max.y)];
    let count = |a: f64, b: f64| (((b - a) / pixel).ceil().max(1.0)) as usize;
    Grid { origin_nm: [x0, y0], pixel_nm: pixel, nx: count(x0, x1), ny: count(y0, y1) }
}

/// Share of each loss pixel that is target.
pub(super) fn coverage(target: &PixelTarget, grid: &Grid) -> Array2<f32> {
    let pixel = grid.pixel_nm as i32;
    let [x0, y0] = grid.origin_nm.map(|v| v as i32);
    Array2::from_shape_fn((grid.ny, grid.nx), |(y, x)| {
        let (x, y) = (x0 + x as i32 * pixel, y0 + y as i32 * pixel);
        let count = target.count(Rect::new(x, y, x + pixel, y + pixel));
        count as f32 / (pixel * pixel) as f32
    })
}
