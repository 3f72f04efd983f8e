//! The layout viewer: a whole file of any size, its cells and layers, selection and rulers.
//!
//! [`LayoutView`] is all of its state. Panels and canvas read the document and change how it is
//! looked at; what reaches beyond that is an [`Action`](super::action::Action).

mod canvas;
mod cell_tree;
mod frames;
mod labels;
mod layer_table;
pub mod location;
mod marks;
mod pick;
mod pointer;
mod ruler;
mod sketch;

pub use canvas::{Over, show};
pub use cell_tree::CellTree;
pub use cell_tree::TreeRow;
pub use frames::{FrameLog, Timing};
pub use layer_table::{LayerTable, Row, RowKind, Swatch};
pub use location::Place;
pub use marks::length;
pub use pick::{Picked, What};
pub use ruler::Ruler;

use std::sync::Arc;

use egui::Rect;
use lithoscope_engine::layout::lyp::LayerProperties;
use lithoscope_engine::layout::{Bounds, CellId, Faults, Layout};

use super::canvas::{Camera, Memo};
use crate::worker::{Looks, Source, Survey};

/// What the canvas shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The whole file.
    Layout,
    /// The clip that is worked on.
    #[default]
    Clip,
}

/// What the left mouse button does in a layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Selects.
    #[default]
    Select,
    /// Measures.
    Ruler,
    /// Takes a clip.
    Clip,
}

/// A part of the layout that the camera shall show as soon as the canvas' size is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// Everything in the cell shown.
    Everything,
    /// This box, nm, with this share of room around it.
    Box(Bounds, f64),
}

/// How a layout is looked at.
pub struct LayoutView {
    /// The layout.
    pub layout: Arc<Layout>,
    /// Its cells and layers.
    pub survey: Arc<Survey>,
    /// Where it came from, to read it again.
    pub source: Source,
    /// How it was read.
    pub faults: Faults,
    /// The cell shown as top.
    pub root: CellId,
    /// What part of it is on the canvas.
    pub camera: Camera,
    /// Where the camera goes next.
    pub aim: Option<Aim>,
    /// Levels of hierarchy shown; `None` for all.
    pub depth: Option<usize>,
    /// Layers and their looks.
    pub layers: LayerTable,
    /// The list of cells.
    pub tree: CellTree,
    /// What the left button does.
    pub tool: Tool,
    /// What was clicked.
    pub selection: Vec<Picked>,
    /// What the pointer is on.
    pub hovered: Option<Picked>,
    /// What lay under the click before, and which of it was taken, to take the next below.
    pub stack: pick::Stack,
    /// Rulers, nm.
    pub rulers: Vec<Ruler>,
    /// The ruler being drawn.
    pub measuring: Option<Ruler>,
    /// The "go to" prompt, while it is open.
    pub location: Option<String>,
    /// The name of the bookmark being made, while it is asked for.
    pub bookmark: Option<String>,
    /// Whether texts and cell names are drawn.
    pub labels: bool,
    /// Whether grid lines are drawn.
    pub grid: bool,
    /// The canvas, points.
    pub canvas: Rect,
    /// Counts layouts, roots and looks, so that meshes are made once for each.
    revision: u64,
    overview: Memo,
}

impl LayoutView {
    /// A layout, fitted.
    pub fn new(
        layout: Arc<Layout>,
        survey: Arc<Survey>,
        source: Source,
        faults: Faults,
        looks: Option<Looks>,
    ) -> Self {
        let root = survey.tops.first().copied().unwrap_or_default();
        let layers = LayerTable::new(&layout, &survey, looks);
        let tree = CellTree::new(&survey, root);
        Self {
            layout,
            survey,
            source,
            faults,
            root,
            camera: Camera::default(),
            aim: Some(Aim::Everything),
            depth: None,
            layers,
            tree,
            tool: Tool::default(),
            selection: Vec::new(),
            hovered: None,
            stack: pick::Stack::default(),
            rulers: Vec::new(),
            measuring: None,
            location: None,
            bookmark: None,
            labels: true,
            grid: true,
            canvas: Rect::NOTHING,
            revision: 0,
            overview: Memo::default(),
        }
    }

    /// Takes the layout as its file is now; camera, top cell, depth, layers and rulers stay.
    pub fn reload(&mut self, layout: Arc<Layout>, survey: Arc<Survey>, looks: Option<Looks>) {
        let name = self.layout.cell(self.root).map(|c| c.name.clone()).unwrap_or_default();
        let root = layout.cell_named(&name);
        self.aim = root.is_none().then_some(Aim::Everything);
        self.root = root.or(survey.tops.first().copied()).unwrap_or_default();
        self.layers.reload(&layout, &survey, looks);
        self.tree = self.tree.renewed(&survey, &self.layout, &layout, self.root);
        (self.layout, self.survey) = (layout, survey);
        self.forget();
    }

    /// Uses other layer properties.
    pub fn take_looks(&mut self, looks: Looks) {
        self.layers.take(Some(looks), &self.layout, &self.survey);
        self.revision += 1;
    }

    /// What was selected may not be there any more.
    fn forget(&mut self) {
        self.selection.clear();
        self.hovered = None;
        self.stack = pick::Stack::default();
        self.revision += 1;
    }

    /// Shows another cell as top.
    pub fn show_cell(&mut self, cell: CellId) {
        if cell.0 >= self.layout.cells().len() {
            return;
        }
        self.root = cell;
        self.aim = Some(Aim::Everything);
        self.rulers.clear();
        self.measuring = None;
        self.forget();
    }

    /// The cell that is shown when nothing else is asked for.
    pub fn real_top(&self) -> CellId {
        self.survey.tops.first().copied().unwrap_or_default()
    }

    /// Extent of what is shown, nm; a micrometre about the origin where that is nothing.
    pub fn extent(&self) -> Bounds {
        let unit = self.layout.unit_nm;
        let nothing = Bounds { min: [-500.0; 2], max: [500.0; 2] };
        self.layout.bounds(self.root, None).map_or(nothing, |b| Bounds {
            min: b.min.map(|v| v * unit),
            max: b.max.map(|v| v * unit),
        })
    }

    /// The part of the layout on the canvas, nm.
    pub fn visible(&self) -> Bounds {
        let a = self.camera.to_nm(self.canvas, self.canvas.left_bottom());
        let b = self.camera.to_nm(self.canvas, self.canvas.right_top());
        Bounds { min: a, max: b }
    }

    /// Levels of hierarchy shown, as queries take it.
    pub fn levels(&self) -> usize {
        self.depth.unwrap_or(usize::MAX)
    }

    /// One level more or less; the number of levels there are is all of them.
    pub fn change_depth(&mut self, deeper: bool) {
        let deepest = self.deepest();
        let now = self.depth.unwrap_or(deepest).min(deepest);
        let next = if deeper { now + 1 } else { now.saturating_sub(1) };
        self.depth = (next < deepest).then_some(next);
        self.forget();
    }

    /// Shows so many levels.
    pub fn set_depth(&mut self, depth: Option<usize>) {
        self.depth = depth;
        self.forget();
    }

    /// Levels below the cell shown.
    pub fn deepest(&self) -> usize {
        self.tree.levels(self.root)
    }

    /// Notes that looks or visibility of layers changed.
    pub fn touch(&mut self) {
        self.revision += 1;
    }

    /// The layer properties as they are now, to write.
    pub fn properties(&self) -> LayerProperties {
        self.layers.properties().clone()
    }
}
