//! The open layout, the clip cut from it, and the chooser for another one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::{CellId, Clip, Layer, Layout};

use crate::worker::Source;

/// The open layout and clip.
#[derive(Default)]
pub struct Document {
    /// The layout; `None` before one is opened.
    pub layout: Option<Arc<Layout>>,
    /// Its file; `None` for samples.
    pub path: Option<PathBuf>,
    /// The clip that is worked on.
    pub clip: Option<Arc<Clip>>,
    /// The cell it was cut from.
    pub clip_cell: Option<CellId>,
    /// Counts clips, so that pictures of earlier ones are told apart.
    pub revision: u64,
    /// The source being opened.
    pub opening: Option<Source>,
    /// The source that was refused last, to open it leniently.
    pub refused: Option<Source>,
    /// What the next clip will be cut from.
    pub chooser: Chooser,
}

/// Cell, layer and window of the next clip.
#[derive(Default)]
pub struct Chooser {
    /// The cell.
    pub cell: Option<CellId>,
    /// The layer.
    pub layer: Option<Layer>,
    /// Lower left corner and size of the window, nm.
    pub window: [i32; 4],
    /// Whether the fields of the window are used; the bounding box otherwise.
    pub limited: bool,
    /// Layers of the cell with their shape counts; made when the cell changes.
    pub layers: BTreeMap<Layer, u64>,
    /// Cells with their names, top cells first; made when the layout changes.
    pub cells: Vec<(CellId, String, bool)>,
}

impl Document {
    /// Takes a layout that was opened.
    pub fn take_layout(&mut self, layout: Arc<Layout>, path: Option<PathBuf>) {
        let top = layout.top_cells();
        let mut cells: Vec<_> = layout
            .cells()
            .iter()
            .enumerate()
            .map(|(i, c)| (CellId(i), c.name.clone(), top.contains(&CellId(i))))
            .collect();
        cells.sort_by_key(|(id, _, is_top)| (!is_top, id.0));
        self.chooser = Chooser { cells, ..Chooser::default() };
        self.layout = Some(layout);
        self.path = path;
        self.opening = None;
    }

    /// Forgets the clip: another layout was opened.
    pub fn drop_clip(&mut self) {
        self.clip = None;
        self.clip_cell = None;
        self.revision += 1;
    }

    /// Takes a clip that was cut.
    pub fn take_clip(&mut self, clip: Arc<Clip>, cell: CellId) {
        self.choose_cell(cell);
        self.chooser.layer = Some(clip.layer);
        let w = clip.window;
        self.chooser.window = [w.min.x, w.min.y, clamp_i32(w.width()), clamp_i32(w.height())];
        self.clip = Some(clip);
        self.clip_cell = Some(cell);
        self.revision += 1;
    }

    /// Chooses a cell for the next clip and lists its layers.
    pub fn choose_cell(&mut self, cell: CellId) {
        if self.chooser.cell == Some(cell) {
            return;
        }
        self.chooser.cell = Some(cell);
        self.chooser.layers = self.layout.as_ref().map(|l| l.layers(cell)).unwrap_or_default();
        if !self.chooser.layer.is_some_and(|l| self.chooser.layers.contains_key(&l)) {
            let most =
                self.chooser.layers.iter().max_by_key(|(l, n)| (**n, std::cmp::Reverse(**l)));
            self.chooser.layer = most.map(|(l, _)| *l);
        }
    }

    /// Title of what is open.
    pub fn title(&self) -> Option<String> {
        let clip = self.clip.as_ref()?;
        Some(format!("{} · layer {}", clip.name, clip.layer))
    }
}

impl Chooser {
    /// The window to cut; `None` for the bounding box.
    pub fn rect(&self) -> Option<Rect> {
        let [x, y, w, h] = self.window;
        self.limited.then(|| Rect::new(x, y, x.saturating_add(w), y.saturating_add(h)))
    }
}

fn clamp_i32(value: i64) -> i32 {
    value.clamp(0, i64::from(i32::MAX)) as i32
}
