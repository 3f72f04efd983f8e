//! Texts of the layout and names of cells below the depth shown, as many as can be read.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, vec2};
use lithoscope_engine::layout::{Bounds, Placement, Region};

use super::LayoutView;

/// Labels of each kind at most.
const MOST: usize = 300;
/// Texts looked at in a frame at most.
const MOST_SEEN: usize = 5000;
/// Time that looking for labels may take.
const BUDGET: Duration = Duration::from_micros(800);
/// Least size on the screen of a cell whose texts or name are drawn, points: its longer side, and
/// its shorter one for texts, of which there are many.
const LEAST_CELL: f64 = 40.0;
const LEAST_SHORT_SIDE: f64 = 80.0;

/// Places that are taken, so that labels do not lie on one another.
#[derive(Default)]
struct Taken(HashSet<(i32, i32)>);

impl Taken {
    /// Whether a label lies on a point.
    fn holds(&self, at: Pos2) -> bool {
        self.0.contains(&((at.x / 8.0).floor() as i32, (at.y / 7.0).floor() as i32))
    }

    /// Takes the place of a label, unless one is there.
    fn take(&mut self, place: Rect) -> bool {
        let cell = |v: f32, size: f32| (v / size).floor() as i32;
        let columns = cell(place.left(), 8.0)..=cell(place.right(), 8.0);
        let rows = cell(place.top(), 7.0)..=cell(place.bottom(), 7.0);
        let all: Vec<_> = columns.flat_map(|x| rows.clone().map(move |y| (x, y))).collect();
        if all.iter().any(|c| self.0.contains(c)) {
            return false;
        }
        self.0.extend(all);
        true
    }
}

/// Draws what can be read of the part on the canvas.
pub fn paint(view: &LayoutView, painter: &Painter, ink: Color32) {
    if !view.labels {
        return;
    }
    let unit = view.layout.unit_nm;
    let visible = view.visible();
    let scaled = |p: [f64; 2]| p.map(|v| v / unit);
    let window = Bounds { min: scaled(visible.min), max: scaled(visible.max) };
    let mut taken = Taken::default();
    cell_names(view, painter, window, ink, &mut taken);
    texts(view, painter, window, &mut taken);
}

fn at(view: &LayoutView, p: [f64; 2]) -> Pos2 {
    view.camera.to_screen(view.canvas, p.map(|v| v * view.layout.unit_nm))
}

fn label(
    painter: &Painter,
    at: Pos2,
    anchor: Align2,
    text: &str,
    colour: Color32,
    taken: &mut Taken,
) -> bool {
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(11.0), colour);
    let place = anchor.anchor_size(at, galley.size());
    if !taken.take(place) {
        return false;
    }
    // Edges of shapes in all colours run behind it.
    painter.rect_filled(place.expand2(vec2(2.0, 0.0)), 2.0, Color32::from_black_alpha(176));
    painter.galley(place.min, galley, colour);
    true
}

/// Names of the cells that stand as frames below the depth shown.
fn cell_names(
    view: &LayoutView,
    painter: &Painter,
    window: Bounds,
    ink: Color32,
    taken: &mut Taken,
) {
    let Some(depth) = view.depth else { return };
    let started = Instant::now();
    let min_size = LEAST_CELL * view.camera.nm_per_point / view.layout.unit_nm;
    let region = Region { min_size, depth: depth + 1, ..Region::new(window, None) };
    let frames = view.layout.placements_in(view.root, region).filter(|p| p.depth == depth + 1);
    let mut drawn = 0;
    for placement in frames {
        let (Some(place), Some(cell)) = (frame(view, &placement), view.layout.cell(placement.cell))
        else {
            continue;
        };
        let room = place.width() > 6.0 * cell.name.len() as f32;
        if room && label(painter, place.center(), Align2::CENTER_CENTER, &cell.name, ink, taken) {
            drawn += 1;
        }
        if drawn >= MOST || started.elapsed() > BUDGET {
            return;
        }
    }
}

fn frame(view: &LayoutView, placement: &Placement) -> Option<Rect> {
    let bounds = view.layout.bounds(placement.cell, None)?.mapped(&placement.map);
    Some(Rect::from_two_pos(at(view, bounds.min), at(view, bounds.max)).intersect(view.canvas))
}

/// Texts of cells that are large enough on the screen.
fn texts(view: &LayoutView, painter: &Painter, window: Bounds, taken: &mut Taken) {
    let (started, mut drawn, mut seen) = (Instant::now(), 0, 0);
    let min_size = LEAST_CELL * view.camera.nm_per_point / view.layout.unit_nm;
    let region = Region { min_size, depth: view.levels(), ..Region::new(window, None) };
    let least = LEAST_SHORT_SIDE * view.camera.nm_per_point / view.layout.unit_nm;
    for placement in view.layout.placements_in(view.root, region) {
        let bounds = view.layout.bounds(placement.cell, None).map(|b| b.mapped(&placement.map));
        let short = bounds.map_or(0.0, |b| (b.max[0] - b.min[0]).min(b.max[1] - b.min[1]));
        if short < least && placement.depth > 0 {
            continue;
        }
        let tree = view.survey.cells.get(placement.cell.0).and_then(|c| c.texts.as_ref());
        for i in tree.into_iter().flat_map(|t| t.near(placement.window.outward(), 0)) {
            seen += 1;
            if drawn >= MOST || seen >= MOST_SEEN || started.elapsed() > BUDGET {
                return;
            }
            let text = view.layout.cell(placement.cell).and_then(|c| c.texts.get(i as usize));
            let Some(text) = text else { continue };
            let Some(paint) = view.layers.paint(text.layer).filter(|p| p.visible) else { continue };
            let place = at(view, placement.map.apply_point(text.at));
            let beside = place + vec2(3.0, 0.0);
            // Laying text out costs more than looking.
            if taken.holds(beside) {
                continue;
            }
            if label(painter, beside, Align2::LEFT_CENTER, &text.string, paint.frame, taken) {
                painter.circle_filled(place, 1.5, paint.frame);
                drawn += 1;
            }
        }
        if started.elapsed() > BUDGET {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn a_label_is_not_drawn_over_another() {
        let mut taken = Taken::default();
        let place = |x: f32| Rect::from_min_size(pos2(x, 10.0), vec2(40.0, 12.0));
        assert!(taken.take(place(0.0)));
        assert!(!taken.take(place(30.0)));
        assert!(taken.take(place(60.0)));
    }
}
