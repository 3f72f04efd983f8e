//! Sheets: every shape in and around a view, gathered on a thread of its own and kept on the
//! graphics device until the view leaves it.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use lithoscope_engine::layout::{Affine, Bounds};

use super::device_types::Piece;
use super::outline::Area;
use super::source::{LayerKey, Placed, Source, mirrors};

/// Shapes below a pixel that may be drawn one by one; more of them are better shown as density.
const MOST_SPECKS: usize = 20_000;

/// What a sheet is to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// Its part of the layout, database units.
    pub window: Bounds,
    /// Its layers; each one's place here is the index of its style.
    pub layers: Vec<LayerKey>,
    /// How many of them, the first ones, must be there; of the others as many as there is room for,
    /// so that they can be shown at once.
    pub needed: usize,
    /// Database units a pixel when it was asked for.
    pub per_pixel: f64,
    /// Pieces at most.
    pub budget: usize,
}

/// The shapes of a sheet.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Layer by layer; coordinates are relative to the middle of the window.
    pub pieces: Vec<Piece>,
    /// Where each layer's pieces are; of the first layers of the wish.
    pub layers: Vec<Ranges>,
    /// Cells in their places, layer by layer, that were looked at.
    pub placements: usize,
}

/// Where the pieces of a layer are: triangles, then rectangles, then edges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranges {
    /// Triangles and rectangles.
    pub insides: Range<u32>,
    /// Rectangles and edges.
    pub outlines: Range<u32>,
}

/// Why there is no sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSheet {
    /// There are too many shapes in the window, or too many that are too small.
    Crowded,
    /// Nobody wants it any more.
    Cancelled,
}

/// The middle of a window, which a sheet's coordinates are relative to.
pub fn middle(window: &Bounds) -> [f64; 2] {
    [0, 1].map(|k| f64::midpoint(window.min[k], window.max[k]))
}

/// Gathers a sheet.
///
/// # Errors
/// [`NoSheet`].
pub fn gather(source: &Source, wish: &Wish, cancel: &AtomicBool) -> Result<Gathered, NoSheet> {
    let mut all = Gathered::default();
    let mut specks = 0;
    for (style, &layer) in (0u32..).zip(&wish.layers) {
        let mut here = Layered::new(style, middle(&wish.window));
        let room = wish.budget.saturating_sub(all.pieces.len());
        let mut stop = None;
        all.placements += source.visit(layer, wish.window, |placed| {
            specks += usize::from(here.add(&placed) < wish.per_pixel);
            if here.len() > room || specks > MOST_SPECKS {
                stop = Some(NoSheet::Crowded);
            } else if cancel.load(Ordering::Relaxed) {
                stop = Some(NoSheet::Cancelled);
            }
            if stop.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match stop {
            None => here.append_to(&mut all),
            Some(NoSheet::Crowded) if all.layers.len() >= wish.needed => break,
            Some(stop) => return Err(stop),
        }
    }
    Ok(all)
}

/// The pieces of one layer.
struct Layered {
    style: u32,
    origin: [f64; 2],
    triangles: Vec<Piece>,
    rectangles: Vec<Piece>,
    edges: Vec<Piece>,
}

impl Layered {
    fn new(style: u32, origin: [f64; 2]) -> Self {
        let (triangles, rectangles, edges) = (Vec::new(), Vec::new(), Vec::new());
        Self { style, origin, triangles, rectangles, edges }
    }

    fn len(&self) -> usize {
        self.triangles.len() + self.rectangles.len() + self.edges.len()
    }

    /// Adds a shape; returns its longer side where that is at hand, database units.
    fn add(&mut self, placed: &Placed<'_>) -> f64 {
        match placed {
            Placed::Box(b) => {
                let (low, high) = (near(b.min, self.origin), near(b.max, self.origin));
                self.rectangles.push(Piece::rectangle(low, high, self.style));
                (b.max[0] - b.min[0]).max(b.max[1] - b.min[1])
            }
            Placed::Area(area, map) => {
                self.add_area(area, map);
                f64::INFINITY
            }
        }
    }

    fn add_area(&mut self, area: &Area, map: &Affine) {
        let origin = self.origin;
        let place =
            |p: [f32; 2]| near(map.apply([0, 1].map(|k| area.origin[k] + f64::from(p[k]))), origin);
        for piece in &area.pieces {
            let [a, b, c, d] = piece.map(place);
            if a != b {
                self.triangles.push(Piece::triangle([a, b, c], self.style));
            }
            if c != d {
                self.triangles.push(Piece::triangle([a, c, d], self.style));
            }
        }
        let mirrored = mirrors(map);
        for ring in &area.rings {
            let ends = ring.iter().zip(ring.iter().cycle().skip(1));
            self.edges.extend(ends.map(|(&p, &q)| {
                let (from, to) = if mirrored { (q, p) } else { (p, q) };
                Piece::edge(place(from), place(to), self.style)
            }));
        }
    }

    fn append_to(mut self, all: &mut Gathered) {
        let start = all.pieces.len() as u32;
        all.pieces.append(&mut self.triangles);
        let rectangles = all.pieces.len() as u32;
        all.pieces.append(&mut self.rectangles);
        let edges = all.pieces.len() as u32;
        all.pieces.append(&mut self.edges);
        let end = all.pieces.len() as u32;
        all.layers.push(Ranges { insides: start..edges, outlines: rectangles..end });
    }
}

fn near(p: [f64; 2], origin: [f64; 2]) -> [f32; 2] {
    [0, 1].map(|k| (p[k] - origin[k]) as f32)
}
