//! What tells the size of the film: axes on the substrate, a bar of heights, which way is which.

use std::sync::Arc;

use egui::{
    Align, Align2, Color32, FontId, Galley, Mesh, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2,
    text::LayoutJob, vec2,
};

use super::block::Block;
use super::camera::Aim;
use super::colours::of_height;
use super::look::{Colouring, OrbitLook};
use super::vector::{Vector, add, dot, scale, unit};
use crate::window::canvas::decor::{MARGIN, font, plate};
use crate::window::canvas::step_125;
use crate::window::format;
use crate::window::theme::Palette;

/// Least distance of grid lines at the target, and of labelled marks, points.
const LINES: f64 = 26.0;
const LABELS: f32 = 52.0;
/// Shortest axis that is labelled, points.
const SHORTEST: f32 = 48.0;
/// Least share of its length that an axis shows.
const FORESHORTENED: f64 = 0.2;
/// Most marks of an axis.
const MARKS: f64 = 300.0;

/// Everything the picture is annotated from.
pub struct Decor<'a> {
    pub painter: &'a Painter,
    pub palette: &'a Palette,
    pub aim: &'a Aim,
    pub block: &'a Block,
    pub look: &'a OrbitLook,
    pub grid_step: f64,
    /// What is written already.
    pub taken: Vec<Rect>,
}

/// One axis of the block.
struct Axis {
    name: &'static str,
    /// World place of the axis' value 0, direction of 1 nm, and the way away from the block.
    origin: Vector,
    along: Vector,
    outward: Vector,
    range: [f64; 2],
}

impl Axis {
    /// Where a value of it is, world.
    fn place(&self, value: f64) -> Vector {
        add(self.origin, scale(self.along, value))
    }

    fn is_up(&self) -> bool {
        self.along[2] != 0.0
    }

    /// Points below which it is not labelled.
    fn shortest(&self) -> f32 {
        if self.is_up() { 0.5 * SHORTEST } else { SHORTEST }
    }
}

/// Step of the grid for a scale, nm: 1, 2 or 5 × 10ⁿ.
pub fn grid_step(nm_per_point: f64, block: &Block) -> f64 {
    let side = (block.high[0] - block.low[0]).max(block.high[1] - block.low[1]);
    step_125(2.5 * LINES * nm_per_point).max(step_125(2.5 * side / MARKS))
}

/// Words in the middle of a canvas without a film: what, and below what to do.
pub fn message(painter: &Painter, palette: &Palette, text: &str) {
    let (what, how) = text.split_once('\n').unwrap_or((text, ""));
    let canvas = painter.clip_rect();
    let wide = (canvas.width() - 8.0 * MARGIN).clamp(80.0, 440.0);
    let galley = |text: &str, size: f32, colour: Color32| {
        let mut job = LayoutJob::simple(text.to_owned(), FontId::proportional(size), colour, wide);
        job.halign = Align::Center;
        painter.layout_job(job)
    };
    let what = galley(what, 15.0, palette.ink);
    let how = galley(how, 13.0, palette.ink.gamma_multiply(0.7));
    let high = what.size().y + 8.0 + how.size().y;
    let top = canvas.center() - vec2(0.0, high / 2.0);
    painter.galley(top + vec2(0.0, what.size().y + 8.0), how, palette.ink);
    painter.galley(top, what, palette.ink);
}

impl Decor<'_> {
    /// Paints everything.
    pub fn paint(mut self) {
        self.triad();
        if self.look.colouring == Colouring::Height {
            self.height_bar();
        }
        self.caption();
        let axes = [Some(self.x_axis()), Some(self.y_axis()), self.z_axis()];
        for axis in axes.into_iter().flatten() {
            self.axis(&axis);
        }
    }

    fn x_axis(&self) -> Axis {
        let [_, near, _, far] = self.block.slab();
        let front = self.aim.right[0] >= 0.0;
        let (y, out) = if front { (near, -1.0) } else { (far, 1.0) };
        Axis {
            name: "x",
            origin: [0.0, y, -self.block.slab_depth()],
            along: [1.0, 0.0, 0.0],
            outward: [0.0, out, 0.0],
            range: [self.block.low[0], self.block.high[0]],
        }
    }

    fn y_axis(&self) -> Axis {
        let [left, _, right, _] = self.block.slab();
        let (x, out) = if self.aim.right[1] > 1e-9 { (right, 1.0) } else { (left, -1.0) };
        Axis {
            name: "y",
            origin: [x, 0.0, -self.block.slab_depth()],
            along: [0.0, 1.0, 0.0],
            outward: [out, 0.0, 0.0],
            range: [self.block.low[1], self.block.high[1]],
        }
    }

    /// Heights stand at the substrate's corner on the left of the picture.
    fn z_axis(&self) -> Option<Axis> {
        let [left, near, right, far] = self.block.slab();
        let corners = [[left, near], [right, near], [left, far], [right, far]];
        let seen = corners
            .into_iter()
            .filter_map(|[x, y]| self.aim.project([x, y, 0.0]).map(|at| ([x, y, 0.0], at.x)));
        let (origin, _) = seen.min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(Axis {
            name: "z",
            origin,
            along: [0.0, 0.0, self.look.vertical],
            outward: scale(self.aim.right, -1.0),
            range: [0.0, self.block.thickness],
        })
    }

    /// Share of an axis that is seen: none of one along the line of sight.
    fn seen_share(&self, axis: &Axis) -> f64 {
        let along = unit(axis.along);
        dot(along, self.aim.right).hypot(dot(along, self.aim.up))
    }

    fn axis(&mut self, axis: &Axis) {
        let project = |v: f64| self.aim.project(axis.place(v));
        let (Some(a), Some(b)) = (project(axis.range[0]), project(axis.range[1])) else { return };
        let length = a.distance(b);
        if self.seen_share(axis) < FORESHORTENED || length < axis.shortest() {
            return;
        }
        if axis.is_up() {
            let stroke = Stroke::new(1.0, self.palette.ink.gamma_multiply(0.6));
            self.painter.line_segment([a, b], stroke);
        }
        self.title(axis, [a, b]);
        let step = self.step(axis, f64::from(length));
        if (axis.range[1] - axis.range[0]) / step < MARKS {
            self.marks(axis, step);
        }
    }

    /// Distance of the marks of an axis this many points long, nm: of the substrate's axes they lie
    /// on grid lines.
    fn step(&self, axis: &Axis, length: f64) -> f64 {
        let span = axis.range[1] - axis.range[0];
        if axis.is_up() {
            return step_125(2.5 * 18.0 * span / length).min(step_125(span));
        }
        let is_wide = |by: &f64| length * by * self.grid_step / span >= f64::from(LABELS);
        let lines = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(is_wide);
        lines.unwrap_or(100.0) * self.grid_step
    }

    fn marks(&mut self, axis: &Axis, step: f64) {
        let ink = self.palette.ink.gamma_multiply(0.85);
        let [first, last] = axis.range.map(|v| v / step);
        for i in first.ceil() as i64..=last.floor() as i64 {
            let value = i as f64 * step;
            let Some(mark) = self.aim.project(axis.place(value)) else { continue };
            let away = self.outward(axis, axis.place(value), mark);
            let text = format::signed(value, usize::from(step < 1.0));
            let galley = self.painter.layout_no_wrap(text, font(), ink);
            if self.write(galley, mark + away * 9.0, away, ink) {
                let stroke = Stroke::new(1.0, ink.gamma_multiply(0.7));
                self.painter.line_segment([mark, mark + away * 5.0], stroke);
            }
        }
    }

    /// Name and unit of an axis, beyond the middle of its labels.
    fn title(&mut self, axis: &Axis, ends: [Pos2; 2]) {
        let ink = self.palette.ink;
        let text = format!("{} (nm)", axis.name);
        let galley = self.painter.layout_no_wrap(text, font(), ink);
        if axis.is_up() {
            self.write(galley, ends[1] - vec2(0.0, 12.0), vec2(0.0, -1.0), ink);
            return;
        }
        let middle = axis.place(f64::midpoint(axis.range[0], axis.range[1]));
        let Some(at) = self.aim.project(middle) else { return };
        let away = self.outward(axis, middle, at);
        self.write(galley, at + away * (28.0 + 14.0 * away.x.abs()), away, ink);
    }

    /// The way on the screen that leads away from the block.
    fn outward(&self, axis: &Axis, p: Vector, at: Pos2) -> Vec2 {
        let hair = 0.02 * self.block.size_nm(self.look.vertical);
        let beyond = self.aim.project(add(p, scale(axis.outward, hair)));
        match beyond.map(|b| b - at) {
            Some(way) if way.length() > 0.5 => way.normalized(),
            _ => vec2(0.0, 1.0),
        }
    }

    /// Writes beside a place, on the side of `away`, unless something is written there or it would
    /// leave the canvas.
    fn write(&mut self, galley: Arc<Galley>, at: Pos2, away: Vec2, colour: Color32) -> bool {
        let half = galley.size() / 2.0;
        let reach = half.x * away.x.abs() + half.y * away.y.abs();
        let area = Rect::from_center_size(at + away * reach, galley.size());
        let free = self.taken.iter().all(|t| !t.intersects(area.expand2(vec2(3.0, 1.0))));
        if !free || !self.aim.canvas.contains_rect(area) {
            return false;
        }
        self.taken.push(area);
        self.painter.galley(area.min, galley, colour);
        true
    }

    /// Colours of heights.
    fn height_bar(&mut self) {
        let canvas = self.aim.canvas;
        let height = (canvas.height() * 0.42).clamp(60.0, 240.0);
        let corner = canvas.right_bottom() - vec2(MARGIN, MARGIN);
        let back = Rect::from_min_max(corner - vec2(74.0, height + 44.0), corner);
        plate(self.painter, self.palette, back);
        self.taken.push(back);
        let bar = Rect::from_min_size(back.min + vec2(12.0, 30.0), vec2(12.0, height));
        self.painter.add(gradient(bar));
        let ink = self.palette.ink;
        let title = back.min + vec2(12.0, 7.0);
        self.painter.text(title, Align2::LEFT_TOP, "Height, nm", font(), ink);
        let top = self.block.thickness;
        let step = step_125(2.5 * 24.0 * top / f64::from(height));
        for i in 0..=(top / step + 1e-6).min(MARKS) as i64 {
            let value = i as f64 * step;
            let y = egui::remap(value, 0.0..=top, f64::from(bar.bottom())..=f64::from(bar.top()));
            let y = y as f32;
            self.painter.hline(bar.right()..=bar.right() + 4.0, y, Stroke::new(1.0, ink));
            let text = format::signed(value, usize::from(step < 1.0));
            self.painter.text(pos2(bar.right() + 8.0, y), Align2::LEFT_CENTER, text, font(), ink);
        }
    }

    /// Size, grid and scale in the upper left corner.
    fn caption(&mut self) {
        let [x, y] = [0, 1].map(|k| format::significant(self.block.high[k] - self.block.low[k]));
        let z = format::significant(self.block.thickness);
        let mut text = format!("{x} × {y} × {z} nm   ·   grid {}", format::length(self.grid_step));
        if self.look.vertical != 1.0 {
            text.push_str("   ·   heights ");
            text.push_str(&format::short(self.look.vertical));
            text.push('×');
        }
        let ink = self.palette.ink;
        let galley = self.painter.layout_no_wrap(text, font(), ink);
        let at = self.aim.canvas.left_top() + vec2(MARGIN + 8.0, MARGIN);
        let back = Rect::from_min_size(at, galley.size()).expand2(vec2(8.0, 4.0));
        plate(self.painter, self.palette, back);
        self.painter.galley(at, galley, ink);
        self.taken.push(back);
    }

    /// The axes' directions in the lower left corner, the farthest first.
    fn triad(&mut self) {
        let palette = self.palette;
        let centre = self.aim.canvas.left_bottom() + vec2(MARGIN + 34.0, -MARGIN - 34.0);
        let mut axes = [
            ("x", [1.0, 0.0, 0.0], palette.bad),
            ("y", [0.0, 1.0, 0.0], palette.good),
            ("z", [0.0, 0.0, 1.0], palette.accent),
        ];
        axes.sort_by(|a, b| dot(b.1, self.aim.forward).total_cmp(&dot(a.1, self.aim.forward)));
        for (name, axis, colour) in axes {
            let way = vec2(dot(axis, self.aim.right) as f32, -dot(axis, self.aim.up) as f32);
            self.painter.line_segment([centre, centre + way * 24.0], Stroke::new(2.0, colour));
            if way.length() > 0.25 {
                let at = centre + way * 24.0 + way.normalized() * 8.0;
                self.painter.text(at, Align2::CENTER_CENTER, name, font(), colour);
            }
        }
        self.painter.circle_filled(centre, 2.5, palette.ink);
        self.taken.push(Rect::from_center_size(centre, vec2(76.0, 76.0)));
    }
}

/// Viridis from bottom to top.
fn gradient(bar: Rect) -> Shape {
    const STEPS: u32 = 32;
    let mut mesh = Mesh::default();
    for i in 0..=STEPS {
        let share = i as f32 / STEPS as f32;
        let y = egui::lerp(bar.bottom()..=bar.top(), share);
        let colour = of_height(f64::from(share));
        mesh.colored_vertex(pos2(bar.left(), y), colour);
        mesh.colored_vertex(pos2(bar.right(), y), colour);
        if i > 0 {
            let first = 2 * i;
            mesh.add_triangle(first - 2, first - 1, first);
            mesh.add_triangle(first - 1, first, first + 1);
        }
    }
    Shape::mesh(mesh)
}
