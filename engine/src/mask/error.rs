//! What can go wrong between a target and its fragments.

use crate::geometry::Point;

/// A target cannot be cut into fragments.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MaskError {
    /// An edge is neither horizontal nor vertical.
    #[error(
        "polygon {polygon} has a slanted edge from ({}, {}) to ({}, {}) nm; edge OPC moves horizontal and vertical edges only: leave this shape out by another window or layer, or draw it in steps",
        from.x, from.y, to.x, to.y
    )]
    SlantedEdge {
        /// Index of the polygon in the clip.
        polygon: usize,
        /// Start of the edge, nm.
        from: Point,
        /// End of the edge, nm.
        to: Point,
    },
    /// A ring touches or crosses itself.
    #[error("polygon {polygon} touches itself near ({}, {}) nm; merge or repair the target first", at.x, at.y)]
    SelfTouching {
        /// Index of the polygon in the clip.
        polygon: usize,
        /// Where, nm.
        at: Point,
    },
    /// Two polygons cover the same place.
    #[error(
        "polygons {first} and {second} overlap near ({}, {}) nm; merge the target first", at.x, at.y
    )]
    Overlapping {
        /// Index of a polygon in the clip.
        first: usize,
        /// Index of the other.
        second: usize,
        /// A place near, nm.
        at: Point,
    },
    /// There is nothing to correct.
    #[error("the clip holds no shape on this layer; choose another layer or window")]
    EmptyTarget,
    /// A fragmentation length is not a positive number of nm.
    #[error("fragment rule {name} is {value} nm; give a length of at least 1 nm")]
    BadRule {
        /// Name of the rule.
        name: &'static str,
        /// Its value, nm.
        value: f64,
    },
    /// The target would fall into more fragments than a run can hold.
    #[error(
        "the target makes more than {limit} fragments; choose a smaller window or longer fragments"
    )]
    TooManyFragments {
        /// The most fragments a target may have.
        limit: usize,
    },
}
