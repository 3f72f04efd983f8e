//! Integer geometry: points, rectangles, polygons and what can be done with them exactly.
//!
//! Coordinates are database units in `i32`; products are taken in `i64` or wider. y points up.

mod boolean;
mod box_tree;
mod crossings;
mod fills;
mod shapes;

pub use boolean::{clip_to, merge};
pub use box_tree::{BoxTree, Near};
pub(crate) use crossings::crossing_bound;
pub use fills::{fills, rectangles};
pub(crate) use shapes::ring_area2;
pub use shapes::{Point, Polygon, Rect, edges};
