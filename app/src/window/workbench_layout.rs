//! What the workbench does with a whole layout: shows it, reloads it, keeps views of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use egui::{ColorImage, Context, Frame, Panel, ScrollArea, Ui};
use lithoscope_engine::geometry;
use lithoscope_engine::layout::{Bounds, Faults, Layer};

use super::action::Action;
use super::canvas::Camera;
use super::command::Command;
use super::panels;
use super::settings::Bookmark;
use super::viewer::{self, Aim, LayoutView, Mode, Over, Place, Timing, Tool};
use super::workbench::Workbench;
use crate::worker::{Failure, Looks, Occasion, OpenedLayout, Remedy, Request, Source, Watch};

/// Losses of a lenient reading that are written to the log; the rest is counted.
const MOST_LOSSES: usize = 200;

/// A picture of the canvas that is on its way.
pub(super) struct Shot {
    path: PathBuf,
    canvas: egui::Rect,
    pixels_per_point: f32,
    pixels: Receiver<Arc<ColorImage>>,
}

/// How a layout is looked at, for tests and tours.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutStatus {
    /// The cell shown as top.
    pub cell: String,
    /// Rows of the cell list.
    pub cell_rows: usize,
    /// Middle of the view, nm.
    pub centre_nm: [f64; 2],
    /// Scale, nm a point.
    pub nm_per_point: f64,
    /// Levels drawn; `None` for all.
    pub depth: Option<usize>,
    /// Layers that are drawn.
    pub visible: Vec<Layer>,
    /// The layer that tools work on.
    pub active: Option<Layer>,
    /// Number of shapes and texts that are selected.
    pub selected: usize,
    /// Lengths of the rulers, nm.
    pub rulers_nm: Vec<f64>,
    /// Names of the bookmarks.
    pub bookmarks: Vec<String>,
    /// Whether layer properties from a file are used.
    pub has_looks: bool,
    /// Number of times the layout was read.
    pub readings: u64,
    /// The canvas, points.
    pub canvas: egui::Rect,
}

/// A watch that wakes the window; none where the system gives no thread.
pub(super) fn watch(ctx: &Context) -> Option<Watch> {
    let waker = ctx.clone();
    Watch::start(move || waker.request_repaint())
        .inspect_err(|e| tracing::warn!("files are not watched: {e}"))
        .ok()
}

/// Says in the window's title what is open.
pub(super) fn set_title(ctx: &Context, title: &str) {
    ctx.send_viewport_cmd(egui::ViewportCommand::Title(format!("{title} – Lithoscope")));
}

impl Workbench {
    /// What the canvas shows; `None` before a layout is open.
    pub(super) fn mode(&self) -> Option<Mode> {
        self.layout.as_ref().map(|_| self.view.mode)
    }

    /// What the last frame cost on the CPU.
    pub fn frame_costs(&self) -> Timing {
        self.frames.summary()[0]
    }

    /// Whether nothing better than what the canvas shows of the layout is on its way.
    pub fn is_settled(&self) -> bool {
        self.frames.scene.settled()
    }

    /// How the layout is looked at.
    pub fn layout_status(&mut self) -> Option<LayoutStatus> {
        let bookmarks = self.bookmarks().into_iter().map(|b| b.name).collect();
        let readings = self.readings;
        let view = self.layout.as_mut()?;
        Some(LayoutStatus {
            cell: view.layout.cell(view.root).map(|c| c.name.clone()).unwrap_or_default(),
            cell_rows: view.tree.rows(&view.layout, &view.survey).len(),
            centre_nm: view.camera.centre_nm,
            nm_per_point: view.camera.nm_per_point,
            depth: view.depth,
            visible: view.layers.visible().collect(),
            active: view.layers.active,
            selected: view.selection.len(),
            rulers_nm: view.rulers.iter().map(viewer::Ruler::length).collect(),
            bookmarks,
            has_looks: view.layers.file.is_some(),
            readings,
            canvas: view.canvas,
        })
    }

    pub(super) fn take_layout(&mut self, ctx: &Context, opened: OpenedLayout) {
        // A run is a copy of its clip: that its file is written again changes nothing here.
        let (path, recent) = match &opened.source {
            Source::Path(path) => (Some(path.clone()), Some(path)),
            Source::Run(path) => (None, Some(path)),
            Source::Sample { .. } => (None, None),
        };
        if let Some(recent) = recent.filter(|_| opened.occasion != Occasion::Reload) {
            self.settings.remember(recent);
            self.save();
        }
        self.readings += 1;
        self.log_losses(&opened);
        let OpenedLayout { layout, survey, source, faults, looks, occasion, .. } = opened;
        let name = layout.name.clone();
        self.document.take_layout(Arc::clone(&layout), path);
        if let Some(top) = survey.tops.first() {
            self.document.choose_cell(*top);
        }
        if occasion == Occasion::Reload {
            if let Some(view) = &mut self.layout {
                view.reload(layout, survey, looks);
            }
            self.document.clip_cell = None;
            let what = format!("{name} was read again: its file has changed.");
            self.notices.inform(what, "View, layers and top cell are as before.".to_owned());
        } else {
            self.layout = Some(LayoutView::new(layout, survey, source, faults, looks));
            self.view.mode = Mode::Clip;
            if occasion == Occasion::LargeFile {
                self.view.mode = Mode::Layout;
                self.document.drop_clip();
                self.run.clear();
                set_title(ctx, &name);
            }
        }
        self.watch_files();
    }

    fn log_losses(&mut self, opened: &OpenedLayout) {
        let losses = &opened.losses;
        if losses.is_empty() {
            return;
        }
        for loss in losses.iter().take(MOST_LOSSES) {
            self.notices.log(format!("Lost: {loss}"));
        }
        let parts = if losses.len() == 1 { "1 broken part" } else { "broken parts" };
        let what = format!("{} was opened without {parts}.", opened.layout.name);
        self.notices.inform(
            what,
            format!("{} in all; the first: {}. The log lists them.", losses.len(), losses[0]),
        );
    }

    /// What was refused can be asked for again, leniently.
    pub(super) fn refuse(&mut self, failure: &Failure) {
        let opening = self.document.opening.take();
        if failure.remedy == Some(Remedy::OpenLeniently) {
            let open = self.layout.as_ref().map(|v| v.source.clone());
            self.document.refused = opening.or(open);
        }
    }

    pub(super) fn open_leniently(&mut self) {
        self.notices.resolve(Remedy::OpenLeniently);
        if let Some(source) = self.document.refused.take() {
            self.open(source, Faults::Skip);
        }
    }

    pub(super) fn take_looks(&mut self, looks: Looks) {
        self.notices.log(format!("Layer properties: {}.", looks.path.display()));
        if let Some(view) = &mut self.layout {
            view.take_looks(looks);
        }
        self.watch_files();
    }

    pub(super) fn saved(&mut self, what: &str, path: PathBuf) {
        self.notices.inform(format!("Wrote the {what} to {}.", path.display()), String::new());
        if let Some(view) = self.layout.as_mut().filter(|_| what == "layer properties") {
            view.layers.file = Some(path);
            view.layers.changed = false;
        }
        self.watch_files();
    }

    /// Watches the open layout and its layer properties, as they are now.
    fn watch_files(&self) {
        let (Some(watch), Some(view)) = (&self.watch, &self.layout) else { return };
        let looks = view.layers.file.clone();
        watch.set(self.document.path.clone().into_iter().chain(looks).collect());
    }

    /// Reads files again that have changed.
    pub(super) fn take_changes(&mut self) {
        while let Some(path) = self.watch.as_ref().and_then(Watch::changed) {
            let looks = self.layout.as_ref().is_some_and(|v| v.layers.file.as_ref() == Some(&path));
            let edited = self.layout.as_ref().is_some_and(|v| v.layers.changed);
            if looks && edited {
                self.notices.inform(
                    format!("{} has changed.", path.display()),
                    "Your own changes are shown; open it to take those of the file.".to_owned(),
                );
            } else if looks {
                self.worker.send(Request::OpenLooks(path));
            } else if self.document.path.as_ref() == Some(&path) {
                self.reload();
            }
        }
    }

    fn reload(&mut self) {
        let Some(view) = &self.layout else { return };
        if matches!(view.source, Source::Run(_)) {
            let why = "open it again to go back to what its file holds".to_owned();
            self.notices.inform("A run is not read again:".to_owned(), why);
            return;
        }
        let (source, faults) = (view.source.clone(), view.faults);
        self.worker.send(Request::Reload { source, faults });
    }

    /// Name to suggest for the layer properties: that of the file they came from.
    pub(super) fn looks_file(&self, otherwise: &str) -> String {
        let file = self.layout.as_ref().and_then(|v| v.layers.file.clone());
        let beside = self.document.path.as_ref().map(|p| p.with_extension("lyp"));
        file.or(beside).map_or_else(|| otherwise.to_owned(), |p| p.display().to_string())
    }

    pub(super) fn save_looks(&mut self, path: &Path) {
        if let Some(view) = &self.layout {
            let looks = Box::new(view.properties());
            self.worker.send(Request::SaveLooks { path: path.to_path_buf(), looks });
        }
    }

    /// Asks for the pixels of the next frame.
    pub(super) fn take_picture(&mut self, ctx: &Context, path: &Path) {
        let canvas = if self.mode() == Some(Mode::Layout) {
            self.layout.as_ref().map(|v| v.canvas)
        } else {
            self.clip_canvas
        };
        let Some(canvas) = canvas else { return };
        let (sender, pixels) = sync_channel(1);
        let waker = ctx.clone();
        ctx.request_screenshot(move |image| {
            // Whoever asked may be gone.
            let _ = sender.try_send(image);
            waker.request_repaint();
        });
        let pixels_per_point = ctx.pixels_per_point();
        self.shot = Some(Shot { path: path.to_path_buf(), canvas, pixels_per_point, pixels });
    }

    /// Sends the picture of the canvas on, once it is there.
    pub(super) fn take_shot(&mut self) {
        let Some(shot) = self.shot.take() else { return };
        match shot.pixels.try_recv() {
            Ok(image) => {
                let part = image.region(&shot.canvas, Some(shot.pixels_per_point));
                self.worker.send(Request::SavePicture { path: shot.path, pixels: Arc::new(part) });
            }
            Err(TryRecvError::Empty) => self.shot = Some(shot),
            Err(TryRecvError::Disconnected) => self.notices.fail(Failure {
                what: "No picture was taken".to_owned(),
                why: "the graphics driver gave none".to_owned(),
                remedy: None,
            }),
        }
    }

    /// Camera of what the canvas shows.
    pub(super) fn camera(&mut self) -> &mut Camera {
        match &mut self.layout {
            Some(layout) if self.view.mode == Mode::Layout => &mut layout.camera,
            _ => &mut self.view.camera,
        }
    }

    pub(super) fn fit(&mut self) {
        match &mut self.layout {
            Some(layout) if self.view.mode == Mode::Layout => layout.aim = Some(Aim::Everything),
            _ => self.view.fit = true,
        }
    }

    /// Views that are kept of the open layout.
    pub(super) fn bookmarks(&self) -> Vec<Bookmark> {
        let key = self.bookmark_key();
        key.and_then(|k| self.settings.bookmarks.get(&k).cloned()).unwrap_or_default()
    }

    fn bookmark_key(&self) -> Option<String> {
        let path = self.document.path.as_ref();
        let absolute = path.map(|p| std::path::absolute(p).unwrap_or_else(|_| p.clone()));
        let name = || self.document.layout.as_ref().map(|l| l.name.clone());
        absolute.map(|p| p.display().to_string()).or_else(name)
    }

    /// Commands that are about a layout; without one they do nothing.
    pub(super) fn layout_command(&mut self, command: Command) {
        if command == Command::Reload {
            return self.reload();
        }
        let Some(view) = &mut self.layout else { return };
        match command {
            Command::ShowClip => self.view.mode = Mode::Clip,
            Command::DepthNone => view.set_depth(Some(0)),
            Command::DepthAll => view.set_depth(None),
            Command::DepthLess => view.change_depth(false),
            Command::DepthMore => view.change_depth(true),
            Command::BackToTop => view.show_cell(view.real_top()),
            Command::ShowAllLayers | Command::HideAllLayers => {
                view.layers.show_all(command == Command::ShowAllLayers);
                view.touch();
            }
            Command::ToggleLabels => view.labels = !view.labels,
            Command::ToggleGrid => view.grid = !view.grid,
            Command::ClearRulers => {
                view.rulers.clear();
                view.measuring = None;
            }
            _ => {
                // The rest is seen in Layout mode only.
                self.view.mode = Mode::Layout;
                view_command(view, command);
            }
        }
    }

    pub(super) fn act_on_layout(&mut self, action: Action) {
        match action {
            Action::CutHere(window) => self.cut_here(window),
            Action::GoTo(place) => self.go_to(place),
            Action::AddBookmark(name) => self.add_bookmark(name),
            Action::ShowBookmark(at) => self.show_bookmark(at),
            Action::RemoveBookmark(at) => {
                let key = self.bookmark_key();
                let list = key.and_then(|k| self.settings.bookmarks.get_mut(&k));
                if let Some(list) = list.filter(|l| at < l.len()) {
                    list.remove(at);
                    self.save();
                }
            }
            _ => {}
        }
    }

    fn cut_here(&mut self, window: geometry::Rect) {
        let Some(view) = &self.layout else { return };
        if let Some(layer) = view.layers.active {
            self.worker.send(Request::Cut { cell: view.root, layer, window: Some(window) });
        } else {
            self.notices.fail(Failure {
                what: "No clip was cut".to_owned(),
                why: "click a layer in the list first: clips are cut from one layer".to_owned(),
                remedy: None,
            });
        }
    }

    fn go_to(&mut self, place: Place) {
        let Some(view) = &mut self.layout else { return };
        match place.view() {
            Some(window) => view.aim = Some(Aim::Box(window, 0.0)),
            None => view.camera.centre_nm = place.at,
        }
    }

    fn add_bookmark(&mut self, name: String) {
        let (Some(view), Some(key)) = (&self.layout, self.bookmark_key()) else { return };
        let seen = view.visible();
        let cell = view.layout.cell(view.root).map(|c| c.name.clone()).unwrap_or_default();
        let bookmark = Bookmark { name, cell, min_nm: seen.min, max_nm: seen.max };
        self.settings.bookmark(key, bookmark);
        self.save();
    }

    fn show_bookmark(&mut self, at: usize) {
        let Some(bookmark) = self.bookmarks().into_iter().nth(at) else { return };
        let Some(view) = &mut self.layout else { return };
        match view.layout.cell_named(&bookmark.cell) {
            Some(cell) if cell != view.root => view.show_cell(cell),
            _ => {}
        }
        let seen = Bounds { min: bookmark.min_nm, max: bookmark.max_nm };
        view.aim = Some(Aim::Box(seen, 0.0));
    }

    pub(super) fn show_layout_sides(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let Some(view) = &mut self.layout else { return };
        Panel::left("layout left").resizable(true).default_size(264.0).min_size(200.0).show(
            ui,
            |ui| {
                let height = ui.available_height();
                Panel::top("cells")
                    .frame(Frame::NONE)
                    .resizable(true)
                    .default_size(height * 0.42)
                    .min_size(120.0)
                    .show(ui, |ui| {
                        ui.set_min_height(ui.available_height());
                        panels::cells::show(ui, view);
                    });
                panels::layer_list::show(ui, view, actions);
            },
        );
        Panel::right("layout right").resizable(true).default_size(300.0).min_size(240.0).show(
            ui,
            |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    panels::shape::show(ui, view);
                });
            },
        );
    }

    pub(super) fn show_layout(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let clip = self.clip_window();
        let Some(view) = &mut self.layout else { return };
        let performance = self.view.performance.then_some(&self.frames);
        let over = Over { clip, performance };
        let (stats, cursor) = viewer::show(ui, view, self.scene.as_mut(), &over, actions);
        self.frames.scene = stats;
        self.view.cursor_nm = cursor;
    }

    /// The clip's window in the coordinates of the cell shown, where it was cut from that cell.
    fn clip_window(&self) -> Option<Bounds> {
        let (view, clip) = (self.layout.as_ref()?, self.document.clip.as_ref()?);
        // A contest clip is moved to the middle of its canvas.
        let same = self.document.clip_cell == Some(view.root) && !view.layout.contest;
        same.then(|| Bounds::of(clip.window))
    }
}

fn view_command(view: &mut LayoutView, command: Command) {
    match command {
        Command::SelectTool => view.tool = Tool::Select,
        Command::RulerTool => view.tool = Tool::Ruler,
        Command::TakeClip => view.tool = Tool::Clip,
        Command::GoTo => view.location = Some(String::new()),
        Command::AddBookmark => view.bookmark = Some(String::new()),
        Command::FitSelection => {
            let all = view.selection.iter().filter_map(|s| s.bounds_nm(&view.layout));
            if let Some(b) = all.reduce(|a, b| a.union(&b)) {
                view.aim = Some(Aim::Box(b, 0.5));
            }
        }
        _ => {}
    }
}
