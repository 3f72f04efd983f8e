//! Geometry turned into meshes once, and kept until source, camera or colour change.

use std::sync::Arc;

use egui::epaint::Tessellator;
use egui::{Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke};

use super::Camera;

/// What a mesh was made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Counts changes of the source.
    pub source: u64,
    /// The camera.
    pub camera: Camera,
    /// The canvas.
    pub canvas: Rect,
    /// The colour.
    pub colour: Color32,
}

/// A mesh and what it was made from.
#[derive(Default)]
pub struct Memo {
    key: Option<Key>,
    mesh: Arc<Mesh>,
}

impl Memo {
    /// Paints the mesh, making it first if its source changed.
    pub fn paint(&mut self, painter: &Painter, key: Key, make: impl FnOnce(&mut Pen)) {
        if self.key != Some(key) {
            let mut pen = Pen::new(painter, key);
            make(&mut pen);
            self.mesh = Arc::new(pen.mesh);
            self.key = Some(key);
        }
        if !self.mesh.is_empty() {
            painter.add(Shape::mesh(Arc::clone(&self.mesh)));
        }
    }
}

/// Draws into a mesh.
pub struct Pen {
    key: Key,
    tessellator: Tessellator,
    mesh: Mesh,
}

impl Pen {
    fn new(painter: &Painter, key: Key) -> Self {
        let options = painter.ctx().tessellation_options(|o| *o);
        // No text goes through this tessellator, so the font atlas does not matter.
        let tessellator = Tessellator::new(painter.pixels_per_point(), options, [1, 1], Vec::new());
        Self { key, tessellator, mesh: Mesh::default() }
    }

    /// Where a point (nm) is on the screen.
    pub fn at(&self, nm: [f64; 2]) -> Pos2 {
        self.key.camera.to_screen(self.key.canvas, nm)
    }

    /// A filled quadrangle (nm), corners in order.
    pub fn fill(&mut self, corners: &[[f32; 2]; 4]) {
        let on_screen = corners.map(|c| self.at(c.map(f64::from)));
        if !Rect::from_points(&on_screen).intersects(self.key.canvas) {
            return;
        }
        let first = self.mesh.vertices.len() as u32;
        for corner in on_screen {
            self.mesh.colored_vertex(corner, self.key.colour);
        }
        self.mesh.add_triangle(first, first + 1, first + 2);
        self.mesh.add_triangle(first, first + 2, first + 3);
    }

    /// A line through points (nm), closed or open, in the mesh's colour.
    pub fn line(&mut self, points: impl Iterator<Item = [f64; 2]>, width: f32, closed: bool) {
        let on_screen: Vec<Pos2> = points.map(|p| self.at(p)).collect();
        let bounds = Rect::from_points(&on_screen);
        if on_screen.len() < 2 || !bounds.expand(width).intersects(self.key.canvas) {
            return;
        }
        let stroke = Stroke::new(width, self.key.colour);
        let shape = if closed {
            Shape::closed_line(on_screen, stroke)
        } else {
            Shape::line(on_screen, stroke)
        };
        self.tessellator.tessellate_shape(shape, &mut self.mesh);
    }

    /// A straight line on the screen in a colour of its own.
    pub fn segment(&mut self, ends: [Pos2; 2], stroke: Stroke) {
        self.tessellator.tessellate_line_segment(ends, stroke, &mut self.mesh);
    }
}
