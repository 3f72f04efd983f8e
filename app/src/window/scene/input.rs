//! What the scene is asked to show, and what it says of a frame.

use std::sync::Arc;

use egui::Color32;
use lithoscope_engine::layout::{CellId, Layer, Layout};

use super::Camera;

/// What to draw.
#[derive(Clone, Copy, Debug)]
pub struct SceneInput<'a> {
    /// The layout; another `Arc` is another layout.
    pub layout: &'a Arc<Layout>,
    /// The cell whose coordinates the camera is in.
    pub root: CellId,
    /// What part of it is shown.
    pub camera: &'a Camera,
    /// How layers look, the lowest first, each layer once. A layer that is not among them is not
    /// drawn; one that is hidden is shown at once when it is asked for.
    pub layers: &'a [LayerPaint],
    /// Levels of hierarchy to go down: 0 shows the shapes of `root` alone.
    pub depth: usize,
    /// Colour of the frames that stand for cells below `depth`; transparent for none.
    pub cell_frame: Color32,
}

/// How a layer looks.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerPaint {
    /// The layer.
    pub layer: Layer,
    /// Colour of the stippled inside; where opaque, shapes that overlap look like their union.
    pub fill: Color32,
    /// Colour of the outlines, and of shapes too small to have an inside.
    pub frame: Color32,
    /// Which pixels of the inside are filled, fixed to the screen: row 0 at the bottom, bit 0 left.
    pub stipple: [u32; 32],
    /// Width of the outlines, pixels; 0 for none.
    pub line_width: f32,
    /// Whether it is drawn.
    pub visible: bool,
}

impl LayerPaint {
    /// Every pixel of the inside.
    pub const SOLID: [u32; 32] = [u32::MAX; 32];
    /// No pixel of the inside.
    pub const HOLLOW: [u32; 32] = [0; 32];
}

/// How finely a frame shows the layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Nothing is there to be shown, or nothing is ready yet.
    #[default]
    Nothing,
    /// Every shape.
    Shapes,
    /// How much of each pixel is covered.
    Density,
    /// Shapes in one part, density around it until its shapes are ready.
    Both,
}

/// What a frame cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameStats {
    /// Processor time to prepare this frame and record the one before, ms.
    pub cpu_ms: f32,
    /// How finely the layout is shown.
    pub detail: Detail,
    /// Cells in their places that the shapes shown come from.
    pub placements: usize,
    /// Rectangles, pieces of polygons and outlines, or tiles times layers, drawn.
    pub primitives: usize,
    /// Draw calls.
    pub draw_calls: usize,
    /// Bytes sent to the graphics device for this frame.
    pub uploaded_bytes: usize,
    /// Tiles that are still being made.
    pub tiles_pending: usize,
    /// Whether shapes of the view are still being gathered.
    pub shapes_pending: bool,
    /// Memory taken on the graphics device, bytes.
    pub device_bytes: usize,
}

impl FrameStats {
    /// Whether nothing better will come unless something changes.
    pub fn settled(&self) -> bool {
        self.tiles_pending == 0 && !self.shapes_pending
    }
}
