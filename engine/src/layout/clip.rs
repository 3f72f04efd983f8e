//! A clip: a window of one layer, flattened, merged, in integer nm.

use super::Layer;
use crate::geometry::{Polygon, Rect};

/// What imaging and OPC work on. Coordinates are integer nm.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// Name for titles and reports (file stem, cell).
    pub name: String,
    /// The layer it was cut from.
    pub layer: Layer,
    /// The window, nm. For a contest clip the canvas 0…2048 with the shapes centred in it.
    pub window: Rect,
    /// Merged, disjoint polygons, nm.
    pub polygons: Vec<Polygon>,
    /// Largest shift that rounding to whole nm caused, in nm (0 where the file is on a 1 nm grid).
    pub rounding_nm: f64,
}
