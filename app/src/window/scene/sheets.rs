//! The sheet on the device and the one being gathered.

use eframe::wgpu;
use lithoscope_engine::layout::Bounds;

use super::aim::{Aim, grown, holds};
use super::crew::{Job, SheetOnDevice};
use super::device_types::{Piece, Style};
use super::frame::LayerDraw;
use super::sheet::{NoSheet, Ranges, Wish, middle};
use super::source::LayerKey;
use super::tiles::{Wanted, index_of};

/// What a sheet reaches beyond the view on every side, as a share of the view's size.
const MARGIN: f64 = 0.35;
/// What must be left of that, or a new sheet is gathered.
const LEAST_MARGIN: f64 = 0.1;
/// A sheet this many times longer than the view is replaced by a smaller one.
const MOST_LENGTH: f64 = 8.0;

/// Shapes on the device and what is known of those that are not.
pub struct Sheets {
    budget: usize,
    /// What the device has.
    held: Option<(Wish, SheetOnDevice)>,
    /// What is being gathered.
    waiting: Option<(u64, Wish)>,
    /// What could not be: there were too many shapes.
    crowded: Option<Wish>,
    number: u64,
}

/// What is drawn of a sheet.
pub struct SheetDraw {
    /// The pieces.
    pub pieces: wgpu::Buffer,
    /// By layer of the sheet.
    pub styles: Vec<Style>,
    /// What is drawn, the lowest layer first.
    pub layers: Vec<LayerDraw>,
    /// Pieces drawn.
    pub count: usize,
    /// Cells in their places they come from.
    pub placements: usize,
}

impl Sheets {
    /// None yet, of at most so many pieces.
    pub fn new(budget: usize) -> Self {
        Self { budget, held: None, waiting: None, crowded: None, number: 0 }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        (self.held, self.waiting, self.crowded) = (None, None, None);
    }

    /// Takes a sheet that has been gathered, or that there is none.
    pub fn take(&mut self, mut wish: Wish, sheet: Result<SheetOnDevice, NoSheet>) {
        if self.waiting.as_ref().is_none_or(|(_, waiting)| *waiting != wish) {
            return;
        }
        self.waiting = None;
        match sheet {
            Ok(sheet) => {
                self.crowded = None;
                wish.layers.truncate(sheet.layers.len());
                self.held = Some((wish, sheet));
            }
            Err(_) => self.crowded = Some(wish),
        }
    }

    /// The sheet to be gathered now, if any: of some layers and, if there is room, others.
    pub fn plan(&mut self, aim: &Aim, layers: &[LayerKey], others: &[LayerKey]) -> Option<Job> {
        let reach = grown(&aim.window, LEAST_MARGIN);
        let suits = |wish: &Wish, reach: &Bounds| {
            holds(&wish.window, reach) && layers.iter().all(|l| wish.layers.contains(l))
        };
        let small = |wish: &Wish| {
            let length = |b: &Bounds| b.max[0] - b.min[0];
            length(&wish.window) <= MOST_LENGTH * length(&aim.window)
        };
        let here = self.held.as_ref().is_some_and(|(wish, _)| suits(wish, &reach) && small(wish));
        if here || layers.is_empty() || self.is_crowded(aim, layers) {
            self.waiting = None;
            return None;
        }
        let on_the_way =
            self.waiting.as_ref().is_some_and(|(_, wish)| suits(wish, &aim.window) && small(wish));
        if !on_the_way {
            self.number += 1;
            let wish = Wish {
                window: grown(&aim.window, MARGIN),
                layers: [layers, others].concat(),
                needed: layers.len(),
                per_pixel: aim.per_pixel,
                budget: self.budget,
            };
            self.waiting = Some((self.number, wish));
        }
        self.waiting.as_ref().map(|(number, wish)| Job::Sheet(*number, wish.clone()))
    }

    /// Whether there were too many shapes in a view like this one.
    fn is_crowded(&self, aim: &Aim, layers: &[LayerKey]) -> bool {
        self.crowded.as_ref().is_some_and(|wish| {
            let (now, then) = (middle(&aim.window), middle(&wish.window));
            let size = |k: usize| aim.window.max[k] - aim.window.min[k];
            let near = (0..2).all(|k| (now[k] - then[k]).abs() < 0.5 * size(k));
            let closer = aim.per_pixel < 0.8 * wish.per_pixel;
            let fewer = !wish.layers.iter().take(wish.needed).all(|l| layers.contains(l));
            near && !closer && !fewer
        })
    }

    /// Whether a sheet is being gathered.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Where on the canvas the shapes of the sheet are shown: left, top, right, bottom, pixels.
    pub fn area(&self, aim: &Aim, layers: &[LayerKey]) -> Option<[i32; 4]> {
        let (wish, _) = self.held.as_ref()?;
        let whole = holds(&wish.window, &aim.window);
        // While what is missing is being gathered, what is there stays.
        let complete = whole && layers.iter().all(|l| wish.layers.contains(l));
        if !complete && self.is_crowded(aim, layers) {
            return None;
        }
        // Casts saturate: what is far outside stays there.
        let area = aim.area(&wish.window).map(|v| v.round() as i32);
        let [left, top, right, bottom] = area;
        let seen = f64::from(left) < aim.size[0]
            && f64::from(top) < aim.size[1]
            && right > 0
            && bottom > 0;
        seen.then_some(area)
    }

    /// What the sheet's coordinates are relative to, database units.
    pub fn origin(&self) -> [f64; 2] {
        self.held.as_ref().map_or([0.0; 2], |(wish, _)| middle(&wish.window))
    }

    /// What to draw of some layers, the lowest first.
    pub fn draw(&self, layers: &[Wanted], style: impl Fn(&Wanted) -> Style) -> Option<SheetDraw> {
        let (wish, sheet) = self.held.as_ref()?;
        let places = index_of(wish.layers.iter().copied());
        let hidden: Style = bytemuck::Zeroable::zeroed();
        let mut draw = SheetDraw {
            pieces: sheet.buffer.clone(),
            styles: vec![hidden; wish.layers.len().max(1)],
            layers: Vec::new(),
            count: 0,
            placements: sheet.placements,
        };
        for wanted in layers {
            let Some(&at) = places.get(&wanted.layer) else { continue };
            let Some(ranges) = sheet.layers.get(at) else { continue };
            let look = style(wanted);
            let layer = drawn(ranges, &look);
            draw.count += layer.insides.len() + layer.outlines.len();
            draw.layers.push(layer);
            draw.styles[at] = look;
        }
        (draw.count > 0).then_some(draw)
    }

    /// Memory on the device, bytes.
    pub fn bytes(&self) -> usize {
        self.held.as_ref().map_or(0, |(_, sheet)| sheet.pieces * size_of::<Piece>())
    }
}

/// What is drawn of a layer that looks like this.
fn drawn(ranges: &Ranges, look: &Style) -> LayerDraw {
    LayerDraw {
        insides: if look.fills() { ranges.insides.clone() } else { 0..0 },
        outlines: if look.frames() { ranges.outlines.clone() } else { 0..0 },
    }
}
