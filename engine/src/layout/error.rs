//! What can go wrong between a file and a clip.

use std::path::PathBuf;

use super::Layer;
use crate::geometry::Rect;

/// A layout could not be read, cut or written.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// The file could not be read or written at all.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// None of the formats that are read.
    #[error("{path}: neither GDSII nor OASIS nor a GLP clip; give a .gds, .oas or .glp file")]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file is broken, or holds more than a layout would.
    #[error("{path}: byte {offset} of the gzip stream: {problem}")]
    Gzip {
        /// The file.
        path: PathBuf,
        /// Offset in the compressed file.
        offset: u64,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Reading was broken off on request.
    #[error("{path}: reading was cancelled")]
    Cancelled {
        /// The file.
        path: PathBuf,
    },
    /// The file is larger than the reader takes.
    #[error("{path}: {bytes} bytes; files above {limit} bytes are not read, cut the layout first")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The largest size read.
        limit: u64,
    },
    /// A GDSII stream breaks the format.
    #[error("{path}: byte {offset}: {problem}")]
    Gds {
        /// The file.
        path: PathBuf,
        /// Offset of the record at fault.
        offset: u64,
        /// The record, what is wrong with it, and what was expected.
        problem: String,
    },
    /// An OASIS file breaks the format.
    #[error("{path}: byte {offset}: {problem}")]
    Oasis {
        /// The file.
        path: PathBuf,
        /// Offset of the record at fault, or of the `CBLOCK` that it is in.
        offset: u64,
        /// The record, what is wrong with it, and what was expected.
        problem: String,
    },
    /// A layer properties file breaks the format.
    #[error("{path}: byte {offset}: {problem}")]
    Lyp {
        /// The file.
        path: PathBuf,
        /// Offset of the element at fault.
        offset: u64,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// A GLP text breaks the format.
    #[error("{path}: line {line} (byte {offset}): {problem}")]
    Glp {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// Offset of the line's first byte.
        offset: u64,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// Cells that place one another in a circle.
    #[error("{path}: cells place one another in a circle: {}", .cells.join(" > "))]
    CellCycle {
        /// The file.
        path: PathBuf,
        /// The circle, its first cell repeated at the end.
        cells: Vec<String>,
    },
    /// The cell is not in the layout.
    #[error("{layout}: there is no cell number {cell}; the layout has {cells} cells")]
    NoSuchCell {
        /// The layout's name.
        layout: String,
        /// Index asked for.
        cell: usize,
        /// Number of cells there are.
        cells: usize,
    },
    /// The cell holds nothing on the layer.
    #[error("{cell}: nothing on layer {layer}; {}", found(.layers))]
    NoSuchLayer {
        /// The cell's name.
        cell: String,
        /// Layer asked for.
        layer: Layer,
        /// Layers there are.
        layers: Vec<Layer>,
    },
    /// The layout holds no shape at all.
    #[error("{layout}: the layout holds no shape on any layer")]
    NoShapes {
        /// The layout's name.
        layout: String,
    },
    /// A window of no width or height.
    #[error("the window {} has no area; give x0 < x1 and y0 < y1", show(.window))]
    EmptyWindow {
        /// The window, nm.
        window: Rect,
    },
    /// A window with nothing in it.
    #[error("{cell}: no shape of layer {layer} in the window {}; the layer covers {}",
        show(.window), show(.covered))]
    NothingInWindow {
        /// The cell's name.
        cell: String,
        /// Layer asked for.
        layer: Layer,
        /// The window, nm.
        window: Rect,
        /// Bounding box of the layer, nm.
        covered: Rect,
    },
    /// Flattening the window would take too many shapes.
    #[error(
        "{cell}: the window holds more than {limit} shapes of layer {layer}; take a smaller one"
    )]
    TooManyShapes {
        /// The cell's name.
        cell: String,
        /// Layer asked for.
        layer: Layer,
        /// The limit that was passed.
        limit: usize,
    },
    /// Merging the window would take too many crossings of edges.
    #[error(
        "{cell}: shapes of layer {layer} in the window cross more than {limit} times; take a smaller one"
    )]
    TooManyCrossings {
        /// The cell's name.
        cell: String,
        /// Layer asked for.
        layer: Layer,
        /// The limit that was passed.
        limit: u64,
    },
    /// A coordinate that 32 bits cannot hold in nm.
    #[error("{cell}: a coordinate of {value:e} nm does not fit; the range is ±2147483647 nm")]
    CoordinateRange {
        /// The cell's name.
        cell: String,
        /// The coordinate, nm.
        value: f64,
    },
    /// Something the format cannot hold.
    #[error("cannot write {path}: {problem}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What does not fit, and what would.
        problem: String,
    },
}

fn show(r: &Rect) -> String {
    format!("({}, {})…({}, {}) nm", r.min.x, r.min.y, r.max.x, r.max.y)
}

fn found(layers: &[Layer]) -> String {
    const SHOWN: usize = 12;
    if layers.is_empty() {
        return "the cell holds no shapes".into();
    }
    let names: Vec<_> = layers.iter().take(SHOWN).map(Layer::to_string).collect();
    let more = if layers.len() > SHOWN { " …" } else { "" };
    format!("there is {}{more}", names.join(", "))
}
