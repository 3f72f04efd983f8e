//! KLayout's layer properties (`.lyp`): names, colours, stipples and groups of layers, read and
//! written, and the look of layers that no such file speaks of.
//!
//! A file holds one view, or several as tabs. A view is a tree of nodes: a node with members is a
//! group, one without is a layer to draw. The meaning of sources, groups and indices of patterns
//! follows what KLayout 0.30 does with files; unknown elements are left out.

mod look;
mod palette;
mod read;
mod source;
mod stipple;
mod write;

use std::io::Read;
use std::path::Path;

pub use look::{Leaf, Look};
pub use palette::default_look;
pub use read::read;
pub use source::Source;
pub use stipple::LineStyle;
pub use write::write;

use super::{Layer, LayoutError};

/// Largest file read, in bytes; the files of full process kits hold a few megabytes.
const LARGEST_FILE: u64 = 16 << 20;

/// Most groups within one another that are read or written.
pub const MOST_NESTING: usize = 64;

/// Most views, nodes, patterns and lines of patterns together in a file that is read or written.
pub const MOST_ITEMS: usize = 100_000;

/// An RGB colour, 8 bits a channel, sRGB.
pub type Rgb = [u8; 3];

/// A layer properties document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerProperties {
    /// The views, which KLayout shows as tabs. A document that was read has at least one.
    pub views: Vec<View>,
}

/// One view: a tree of nodes with its own patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Title of the tab; mostly empty.
    pub name: String,
    /// Nodes in drawing order: later ones are drawn over earlier ones.
    pub nodes: Vec<Node>,
    /// Custom stipples; `C0` is the first.
    pub stipples: Vec<CustomPattern>,
    /// Custom line styles; `C0` is the first.
    pub line_styles: Vec<CustomPattern>,
}

/// A layer to draw, or a group of such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Name to show; empty: the source is shown.
    pub name: String,
    /// The layers it draws.
    pub source: Source,
    /// Colour of outlines; `None` is automatic.
    pub frame_color: Option<Rgb>,
    /// Colour of fillings; `None` is automatic.
    pub fill_color: Option<Rgb>,
    /// Brightness of outlines: 0 leaves the colour, 128 goes half the way to white, −128 to black.
    pub frame_brightness: i32,
    /// Brightness of fillings, likewise.
    pub fill_brightness: i32,
    /// Stipple: `I0`… built in, `C0`… custom, empty for automatic. See [`View::stipple`].
    pub dither_pattern: String,
    /// Line style: `I0`… built in, `C0`… custom, empty for solid. See [`View::line_style`].
    pub line_style: String,
    /// Line width in pixels; `None` is automatic.
    pub width: Option<u32>,
    /// Whether the layer can be shown at all.
    pub valid: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// Whether layers below shine through.
    pub transparent: bool,
    /// Whether shapes carry a small cross, so that tiny ones are seen.
    pub marked: bool,
    /// Whether boxes carry their diagonals.
    pub xfill: bool,
    /// Animation: 0 none, 1 scrolling, 2 blinking, 3 blinking inversely.
    pub animation: i32,
    /// Whether the group is shown unfolded.
    pub expanded: bool,
    /// Members of a group.
    pub members: Vec<Node>,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            name: String::new(),
            source: Source::default(),
            frame_color: None,
            fill_color: None,
            frame_brightness: 0,
            fill_brightness: 0,
            dither_pattern: String::new(),
            line_style: String::new(),
            width: None,
            valid: true,
            visible: true,
            transparent: false,
            marked: false,
            xfill: false,
            animation: 0,
            expanded: false,
            members: Vec::new(),
        }
    }
}

/// A stipple or line style that the file itself defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomPattern {
    /// Name to show.
    pub name: String,
    /// Place in KLayout's lists.
    pub order: i32,
    /// Rows from the top, `*` for a set pixel and anything else for a clear one; a line style has
    /// one row.
    pub lines: Vec<String>,
}

impl LayerProperties {
    /// A document for a layout that comes without: one node a layer, in the order given, with the
    /// look of [`default_look`] and the layer's name where it has one.
    pub fn for_layers<'a>(layers: impl IntoIterator<Item = (Layer, Option<&'a str>)>) -> Self {
        let nodes = layers.into_iter().map(|(layer, name)| Node::for_layer(layer, name)).collect();
        Self { views: vec![View { nodes, ..View::default() }] }
    }
}

impl Node {
    /// A node that draws one layer with the look of [`default_look`]; a name is shown before the
    /// number, without the control characters that a file could not hold.
    pub fn for_layer(layer: Layer, name: Option<&str>) -> Self {
        let shown = |name: &str| {
            let name: String = name.chars().filter(|&c| read::is_xml_char(c)).collect();
            format!("{name} {layer}")
        };
        let look = default_look(layer);
        Self {
            name: name.filter(|n| !n.is_empty()).map(shown).unwrap_or_default(),
            source: Source::of(layer),
            frame_color: Some(look.frame),
            fill_color: Some(look.fill),
            dither_pattern: look.stipple,
            ..Self::default()
        }
    }
}

/// Opens a layer properties file.
///
/// # Errors
/// [`LayoutError::Io`], [`LayoutError::TooLarge`], and as [`read`].
pub fn open(path: &Path) -> Result<LayerProperties, LayoutError> {
    let io = |source| LayoutError::Io { path: path.to_path_buf(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    // One byte more than is taken: the reader then refuses the file for its size.
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
    read(path, &bytes)
}

#[cfg(test)]
mod tests;
