//! Density: how much of each texel of a tile one layer covers, so that shapes of any number and any
//! smallness cost one texture read a pixel.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use lithoscope_engine::layout::{Affine, Bounds};

use super::outline::Area;
use super::source::{LayerKey, Placed, Source, mirrors};

/// Texels along a tile.
pub const SIDE: usize = 256;

/// Bytes of a tile: two a texel.
pub const TILE_BYTES: usize = SIDE * SIDE * 2;

/// The covers of a tile whose lower left corner is `low`, of texels `texel` long (both database
/// units): for each, from the lower left, row by row, what the insides of shapes cover and what
/// their borders do, which are one texel wide; 255 is everything. `None` where there is nothing.
///
/// # Errors
/// It was cancelled.
pub fn tile(
    source: &Source,
    layer: LayerKey,
    low: [f64; 2],
    texel: f64,
    cancel: &AtomicBool,
) -> Result<Option<Vec<u8>>, ()> {
    let size = texel * SIDE as f64;
    let window = Bounds { min: low, max: [low[0] + size, low[1] + size] };
    let mut grid = None;
    let mut seen = 0u32;
    source.visit(layer, window, |placed| {
        seen = seen.wrapping_add(1);
        let grid = grid.get_or_insert_with(|| Grid::new(low, texel));
        match placed {
            Placed::Box(b) if layer.is_none() => grid.add_frame(&b),
            Placed::Box(b) => grid.add_box(&b),
            Placed::Area(area, map) => grid.add_area(area, &map, layer.is_some()),
        }
        let stop = seen.is_multiple_of(256) && cancel.load(Ordering::Relaxed);
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if cancel.load(Ordering::Relaxed) {
        return Err(());
    }
    Ok(grid.as_ref().map(Grid::bytes).filter(|bytes| bytes.iter().any(|&b| b > 0)))
}

/// Covers being added up, in texels.
struct Grid {
    low: [f64; 2],
    per_unit: f64,
    /// By all of the shapes.
    total: Vec<f32>,
    /// By what is more than a texel away from their borders.
    inside: Vec<f32>,
}

impl Grid {
    fn new(low: [f64; 2], texel: f64) -> Self {
        let none = vec![0.0; SIDE * SIDE];
        Self { low, per_unit: 1.0 / texel, total: none.clone(), inside: none }
    }

    fn near(&self, p: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|k| (p[k] - self.low[k]) * self.per_unit)
    }

    fn add_box(&mut self, b: &Bounds) {
        let (low, high) = thickened(self.near(b.min), self.near(b.max));
        add(&mut self.total, low, high, 1.0);
        add(&mut self.inside, low.map(|v| v + 1.0), high.map(|v| v - 1.0), 1.0);
    }

    /// Only the border of a box.
    fn add_frame(&mut self, b: &Bounds) {
        let (low, high) = thickened(self.near(b.min), self.near(b.max));
        add(&mut self.total, low, high, 1.0);
        add(&mut self.total, low.map(|v| v + 1.0), high.map(|v| v - 1.0), -1.0);
    }

    fn add_area(&mut self, area: &Area, map: &Affine, filled: bool) {
        let place =
            |p: [f32; 2]| self.near(map.apply([0, 1].map(|k| area.origin[k] + f64::from(p[k]))));
        let pieces: Vec<_> = area.pieces.iter().map(|piece| piece.map(place)).collect();
        let mirrored = mirrors(map);
        let edges: Vec<_> = area
            .rings
            .iter()
            .flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)))
            .map(|(&p, &q)| if mirrored { [place(q), place(p)] } else { [place(p), place(q)] })
            .collect();
        let around = Bounds::around(edges.iter().map(|e| e[0]));
        let large = around.is_some_and(|b| (0..2).all(|k| b.max[k] - b.min[k] > 2.0));
        if filled || !large {
            add_pieces(&mut self.total, &pieces);
        }
        if filled && large {
            add_pieces(&mut self.inside, &pieces);
            add_lines(&mut self.inside, &edges, -1.0);
        } else if large {
            add_lines(&mut self.total, &edges, 1.0);
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |v: f32| (v * 255.0).round() as u8;
        let covers = self.total.iter().zip(&self.inside);
        covers
            .flat_map(|(&total, &inside)| {
                let total = total.clamp(0.0, 1.0);
                let inside = inside.clamp(0.0, total);
                [byte(inside), byte(total - inside)]
            })
            .collect()
    }
}

/// A box without width or height gets a little of it, as a line would be drawn.
fn thickened(low: [f64; 2], high: [f64; 2]) -> ([f64; 2], [f64; 2]) {
    const LINE: f64 = 0.25;
    let thin = [0, 1].map(|k| if high[k] > low[k] { 0.0 } else { LINE });
    ([0, 1].map(|k| low[k] - thin[k]), [0, 1].map(|k| high[k] + thin[k]))
}

/// Adds `weight` times what a box covers of each texel.
fn add(grid: &mut [f32], low: [f64; 2], high: [f64; 2], weight: f32) {
    let low = low.map(|v| v.max(0.0));
    let high = high.map(|v| v.min(SIDE as f64));
    if low[0] >= high[0] || low[1] >= high[1] {
        return;
    }
    let texels = [0, 1].map(|k| low[k] as usize..(high[k].ceil() as usize).min(SIDE));
    let part =
        |k: usize, i: usize| ((i + 1) as f64).min(high[k]) as f32 - (i as f64).max(low[k]) as f32;
    let columns = texels[0].clone();
    for y in texels[1].clone() {
        let height = weight * part(1, y);
        let Some(row) = grid.get_mut(y * SIDE + columns.start..y * SIDE + columns.end) else {
            continue;
        };
        let last = row.len() - 1;
        for (i, texel) in row.iter_mut().enumerate() {
            let full = i > 0 && i < last;
            *texel += height * if full { 1.0 } else { part(0, columns.start + i) };
        }
    }
}

fn add_pieces(grid: &mut [f32], pieces: &[[[f64; 2]; 4]]) {
    for piece in pieces {
        add_convex(grid, piece);
    }
}

fn add_lines(grid: &mut [f32], edges: &[[[f64; 2]; 2]], weight: f32) {
    for edge in edges {
        add_line(grid, *edge, weight);
    }
}

/// Adds what a convex piece covers of each texel: in every row exactly as high, and as wide as it
/// is halfway.
fn add_convex(grid: &mut [f32], corners: &[[f64; 2]; 4]) {
    let (mut bottom, mut top) = (f64::INFINITY, f64::NEG_INFINITY);
    for corner in corners {
        (bottom, top) = (bottom.min(corner[1]), top.max(corner[1]));
    }
    let (first, last) = (bottom.max(0.0).floor() as usize, top.min(SIDE as f64).ceil().max(0.0));
    for row in first..last as usize {
        let (y0, y1) = (bottom.max(row as f64), top.min((row + 1) as f64));
        if let Some((x0, x1)) = span_at(corners, f64::midpoint(y0, y1)) {
            add(grid, [x0, y0], [x1, y1], 1.0);
        }
    }
}

/// From where to where a convex piece reaches at some height.
fn span_at(corners: &[[f64; 2]; 4], y: f64) -> Option<(f64, f64)> {
    let mut span: Option<(f64, f64)> = None;
    for (i, &[x0, y0]) in corners.iter().enumerate() {
        let [x1, y1] = corners[(i + 1) % 4];
        if y0 == y1 || y < y0.min(y1) || y > y0.max(y1) {
            continue;
        }
        let x = x0 + (x1 - x0) * ((y - y0) / (y1 - y0));
        span = Some(span.map_or((x, x), |(low, high)| (low.min(x), high.max(x))));
    }
    span
}

/// Adds `weight` times a line one texel wide on the left of an edge.
fn add_line(grid: &mut [f32], [from, to]: [[f64; 2]; 2], weight: f32) {
    let Some((from, to)) = clipped(from, to) else { return };
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0].hypot(along[1]);
    let steps = (2.0 * length).ceil().max(1.0);
    let inwards = [-0.5 * along[1] / length, 0.5 * along[0] / length];
    for step in 0..steps as usize {
        let t = (step as f64 + 0.5) / steps;
        let at = [0, 1].map(|k| (from[k] + along[k] * t + inwards[k]).floor());
        if at.iter().all(|v| (0.0..SIDE as f64).contains(v))
            && let Some(texel) = grid.get_mut(at[1] as usize * SIDE + at[0] as usize)
        {
            *texel += weight * (length / steps) as f32;
        }
    }
}

/// The part of a line on the tile or a texel around it.
fn clipped(from: [f64; 2], to: [f64; 2]) -> Option<([f64; 2], [f64; 2])> {
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for k in 0..2 {
        let run = to[k] - from[k];
        let ends = [-1.0, SIDE as f64 + 1.0].map(|end| (end - from[k]) / run);
        if run == 0.0 {
            if !(-1.0..=SIDE as f64 + 1.0).contains(&from[k]) {
                return None;
            }
        } else {
            first = first.max(ends[0].min(ends[1]));
            last = last.min(ends[0].max(ends[1]));
        }
    }
    let at = |t: f64| [0, 1].map(|k| from[k] + (to[k] - from[k]) * t);
    (first < last).then(|| (at(first), at(last)))
}
