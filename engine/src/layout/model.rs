//! The layout database: a file's cells and what follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::affine::Bounds;
use super::cell::{Cell, CellId};
use super::hierarchy::Hierarchy;
use super::property::Properties;
use super::query::{Placements, Region, ShapesIn};
use super::{Clip, Layer, LayoutError, hierarchy};
use crate::geometry::Rect;

/// A whole layout file.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The file's stem.
    pub name: String,
    /// Size of a database unit in nm.
    pub unit_nm: f64,
    /// Whether this came from a contest GLP clip, whose clips keep the contest frame.
    pub contest: bool,
    /// Names that the file gives to layers.
    pub layer_names: BTreeMap<Layer, String>,
    /// What is noted beside the whole file.
    pub properties: Properties,
    cells: Vec<Cell>,
    /// Made when first asked for.
    hierarchy: OnceLock<Hierarchy>,
}

impl Layout {
    /// A layout of some cells; `unit_nm` is the size of a database unit in nm.
    pub fn new(name: impl Into<String>, unit_nm: f64, cells: Vec<Cell>) -> Self {
        Self { name: name.into(), unit_nm, cells, ..Self::default() }
    }

    /// Every cell; a [`CellId`] is an index into them.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Every cell, to change.
    pub fn cells_mut(&mut self) -> &mut Vec<Cell> {
        self.hierarchy.take();
        &mut self.cells
    }

    pub(super) fn hierarchy(&self) -> &Hierarchy {
        self.hierarchy.get_or_init(|| Hierarchy::of(&self.cells))
    }

    /// Cells that no other cell places, in file order.
    pub fn top_cells(&self) -> &[CellId] {
        self.hierarchy().top()
    }

    /// The cell of an id.
    pub fn cell(&self, id: CellId) -> Option<&Cell> {
        self.cells.get(id.0)
    }

    /// The id of a cell name.
    pub fn cell_named(&self, name: &str) -> Option<CellId> {
        self.cells.iter().position(|c| c.name == name).map(CellId)
    }

    /// Layers found in a cell and below it, with the number of shapes flattening would give
    /// (`u64::MAX` where it is more than that).
    pub fn layers(&self, cell: CellId) -> BTreeMap<Layer, u64> {
        hierarchy::shape_counts(self, cell)
    }

    /// A box around a cell with everything below it on one layer (`None`: on all layers), in nm,
    /// rounded outwards; clamped to the range of `i32`. It is the smallest one unless instances are
    /// turned by other than right angles: then it holds their turned boxes.
    pub fn bounding_box_nm(&self, cell: CellId, layer: Option<Layer>) -> Option<Rect> {
        self.bounds(cell, layer).map(|b| b.outward_nm(self.unit_nm))
    }

    /// The same in database units.
    pub fn bounds(&self, cell: CellId, layer: Option<Layer>) -> Option<Bounds> {
        self.hierarchy().bounds(cell, layer)
    }

    /// Every layer of the file that holds a shape or a text or has a name, in order.
    pub fn all_layers(&self) -> Vec<Layer> {
        let shapes = self.cells.iter().flat_map(|c| c.layers().map(|(layer, _)| layer));
        let texts = self.cells.iter().flat_map(|c| c.texts.iter().map(|t| t.layer));
        let all: BTreeSet<Layer> =
            shapes.chain(texts).chain(self.layer_names.keys().copied()).collect();
        all.into_iter().collect()
    }

    /// Cells at and below `root`, parents before children, and how often each is there when
    /// everything is expanded (saturating).
    pub fn multiplicities(&self, root: CellId) -> Vec<(CellId, u64)> {
        hierarchy::multiplicities(self, root)
    }

    /// Shapes of a region of `root`, through the hierarchy, copy by copy, lazily: cells, arrays and
    /// runs of shapes outside the window or smaller than asked for are never looked at.
    pub fn shapes_in(&self, root: CellId, region: Region) -> ShapesIn<'_> {
        ShapesIn::new(self, root, region)
    }

    /// Cells in their places in a region of `root`, each before what is below it.
    pub fn placements_in(&self, root: CellId, region: Region) -> Placements<'_> {
        Placements::new(self, root, region)
    }

    /// Cuts a clip: `window_nm` of one layer of a cell, flattened, merged, in integer nm.
    ///
    /// Without a window it is the bounding box of the layer. A contest clip without a window is
    /// the canvas 0…2048 nm with the bounding box of the layer centred in it, per axis
    /// shift = ⌊(2048 − size) / 2⌋ − min; a layer larger than that gets the next multiple of
    /// 2048 nm as its canvas. A window that is given is always in the file's own coordinates.
    ///
    /// # Errors
    /// The cell or layer does not exist, the window is empty, holds no shape or too many, or a
    /// coordinate does not fit.
    pub fn clip(
        &self,
        cell: CellId,
        layer: Layer,
        window_nm: Option<Rect>,
    ) -> Result<Clip, LayoutError> {
        super::clip::cut(self, cell, layer, window_nm)
    }

    /// A layer of a cell as a clip: the whole bounding box or, where that is larger than
    /// `largest_nm` in width or height, a window of at most that size about the part with most
    /// vertices.
    ///
    /// # Errors
    /// As [`Layout::clip`].
    pub fn densest_clip(
        &self,
        cell: CellId,
        layer: Layer,
        largest_nm: i32,
    ) -> Result<Clip, LayoutError> {
        super::densest::densest_clip(self, cell, layer, largest_nm)
    }

    /// The clip a person most likely means: of the first top cell that holds a shape its layer
    /// with most shapes, cut as [`Layout::densest_clip`] does.
    ///
    /// # Errors
    /// As [`Layout::clip`]; also where the layout holds no shape at all.
    pub fn default_clip(&self, largest_nm: i32) -> Result<Clip, LayoutError> {
        super::densest::default_clip(self, largest_nm)
    }
}

/// A database unit in nm, freed of what decimal fractions lose in the file's binary reals.
pub(super) fn tidy_unit_nm(unit_nm: f64) -> f64 {
    let tidy = (unit_nm * 1e9).round() / 1e9;
    if (tidy - unit_nm).abs() <= 1e-12 * unit_nm { tidy } else { unit_nm }
}
