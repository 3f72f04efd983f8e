//! Cells: shapes by layer, texts, and instances of other cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Layer;
use super::property::Properties;
use super::repetition::Repetition;
use super::shapes::Shapes;
use crate::geometry::Point;

/// Index of a cell in its layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId(pub usize);

/// A cell. Nothing in it is expanded: what the file repeats is held once.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Name in the file.
    pub name: String,
    /// Instances and arrays.
    pub instances: Vec<Instance>,
    /// Text labels.
    pub texts: Vec<Text>,
    /// What is noted beside the cell.
    pub properties: Properties,
    /// By layer, in order of the first shape.
    layers: Vec<(Layer, Shapes)>,
    /// Where each layer is among them.
    order: BTreeMap<Layer, u32>,
    /// Where the layer asked for last is.
    last: usize,
}

impl Cell {
    /// An empty cell.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Layers with a shape, in order, and their shapes.
    pub fn layers(&self) -> impl Iterator<Item = (Layer, &Shapes)> {
        let all = self.order.values().filter_map(|&at| self.layers.get(at as usize));
        all.map(|(layer, shapes)| (*layer, shapes)).filter(|(_, s)| !s.is_empty())
    }

    /// The shapes of a layer; `None` where there is none.
    pub fn shapes(&self, layer: Layer) -> Option<&Shapes> {
        let at = *self.order.get(&layer)?;
        self.layers.get(at as usize).map(|(_, shapes)| shapes).filter(|s| !s.is_empty())
    }

    /// Gives back the room kept for more.
    pub(super) fn shrink(&mut self) {
        self.instances.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.layers.shrink_to_fit();
        for (_, shapes) in &mut self.layers {
            shapes.shrink();
        }
    }

    /// One layer and its shapes (none where it has none), or all of them.
    pub(super) fn layer_slice(&self, layer: Option<Layer>) -> &[(Layer, Shapes)] {
        let Some(layer) = layer else { return &self.layers };
        let at = self.order.get(&layer).map(|&at| at as usize);
        at.and_then(|at| self.layers.get(at..=at)).unwrap_or(&[])
    }

    /// The shapes of a layer, to add to.
    pub fn on(&mut self, layer: Layer) -> &mut Shapes {
        // Files give long runs of shapes on one layer.
        if self.layers.get(self.last).is_none_or(|(l, _)| *l != layer) {
            let layers = &mut self.layers;
            let at = *self.order.entry(layer).or_insert_with(|| {
                layers.push((layer, Shapes::default()));
                (layers.len() - 1) as u32
            });
            self.last = at as usize;
        }
        &mut self.layers[self.last].1
    }
}

/// A placement of a cell, once or many times.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The cell placed.
    pub cell: CellId,
    /// Where and how.
    pub transform: Transform,
    /// Where its copies are; `None` for a single placement.
    pub repetition: Option<Repetition>,
    /// What is noted beside it.
    pub properties: Properties,
}

/// Mirror about x, then magnify, then rotate, then move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// Reflect about the x axis first.
    pub mirror_x: bool,
    /// Magnification, > 0.
    pub magnification: f64,
    /// Counter-clockwise rotation in degrees.
    pub angle_deg: f64,
    /// Displacement, database units.
    pub origin: Point,
}

impl Default for Transform {
    fn default() -> Self {
        Self { mirror_x: false, magnification: 1.0, angle_deg: 0.0, origin: Point::default() }
    }
}

/// A text label.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Layer and text type.
    pub layer: Layer,
    /// What it says.
    pub string: Arc<str>,
    /// Where.
    pub at: Point,
    /// How GDSII draws it; `None` for as usual, and always from OASIS, which has no such thing.
    pub style: Option<Box<TextStyle>>,
    /// Where its copies are.
    pub repetition: Option<Repetition>,
    /// What is noted beside it.
    pub properties: Properties,
}

/// How GDSII draws a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextStyle {
    /// Bits of the `PRESENTATION` record: font and where the text lies about its point.
    pub presentation: u16,
    /// Mirroring, magnification and rotation; its origin is not used.
    pub transform: Transform,
    /// Width of the lines to draw it with, database units.
    pub width: i32,
}
