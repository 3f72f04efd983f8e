//! The layout database: cells with shapes by layer, instances kept as instances.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::path::Outline;
use super::{Clip, LayoutError, hierarchy};
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
    /// Polygons by layer (boxes and paths are kept as the polygons they cover), not merged. Only
    /// shapes count; texts and nodes are not kept.
    pub shapes: BTreeMap<Layer, Vec<Polygon>>,
    /// Instances and arrays, never expanded.
    pub instances: Vec<Instance>,
    /// Largest shift, in database units, that rounding the outline of a path to whole units caused.
    pub rounding: f64,
}

impl Cell {
    pub(super) fn add(&mut self, layer: Layer, shape: Outline) {
        self.shapes.entry(layer).or_default().push(shape.polygon);
        self.rounding = self.rounding.max(shape.rounding);
    }
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

/// A regular array: `columns × rows`, along any two directions.
///
/// As in GDSII the spans reach from the first column (row) to where one past the last would be;
/// dividing them by the number gives the step, which need not be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array {
    /// Number of columns, ≥ 1.
    pub columns: u32,
    /// Number of rows, ≥ 1.
    pub rows: u32,
    /// Displacement over all columns, database units.
    pub column_span: [i64; 2],
    /// Displacement over all rows, database units.
    pub row_span: [i64; 2],
}

impl Array {
    /// Displacement of one element from the first, in database units, rounded to whole ones where
    /// the spans do not divide evenly.
    pub fn offset(&self, column: u32, row: u32) -> [i64; 2] {
        let part = |span: i64, index: u32, count: u32| {
            let count = i128::from(count.max(1));
            let twice = 2 * i128::from(span) * i128::from(index);
            (twice + count).div_euclid(2 * count) as i64
        };
        [0, 1].map(|axis| {
            part(self.column_span[axis], column, self.columns).saturating_add(part(
                self.row_span[axis],
                row,
                self.rows,
            ))
        })
    }
}

/// A whole layout file.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The file's stem.
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
        let mut placed = vec![false; self.cells.len()];
        for instance in self.cells.iter().flat_map(|c| &c.instances) {
            if let Some(mark) = placed.get_mut(instance.cell.0) {
                *mark = true;
            }
        }
        (0..placed.len()).filter(|&i| !placed[i]).map(CellId).collect()
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
        let all = hierarchy::bounding_boxes(self, cell, layer);
        all.get(cell.0).copied().flatten().map(|b| b.outward_nm(self.unit_nm))
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
