//! The workbench: owns the state, lays the panels out, and carries their actions out.

use std::path::PathBuf;
use std::time::Instant;

use eframe::egui_wgpu::RenderState;
use egui::{CentralPanel, Context, Frame, Panel, ScrollArea, Theme, Ui, UiBuilder};
use lithoscope_engine::layout::Faults;
use lithoscope_engine::opc::Recipe;

use super::WindowOptions;
use super::action::Action;
use super::block::BlockView;
use super::calibrate::CalibrateView;
use super::canvas;
use super::command::Command;
use super::compare::CompareView;
use super::cutline::{self, CutView};
use super::dialogs::{Dialogs, Purpose};
use super::document::Document;
use super::exposure::Exposure;
use super::lens::LensView;
use super::notices::Notices;
use super::panels::{self, bottom::Bottom, recipe::RecipeEdit, status::Machine};
use super::process::ProcessView;
use super::run_view::RunView;
use super::samples::{SAMPLES, Sample};
use super::scene::Scene;
use super::settings::{Settings, Store};
use super::theme;
use super::view::{Tab, View};
use super::viewer::{FrameLog, LayoutView, Mode, Timing};
use super::why::WhyView;
use super::workbench_layout::{Shot, set_title, watch};
use crate::worker::{
    Analysis, Event, Failure, Finding, Folders, Remedy, Request, Sketch, Source, Watch,
    WindowDevice, Worker,
};

/// Where the workbench runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// On a person's desktop: settings are kept, the desktop's file dialogs are used.
    User,
    /// In a test: nothing is kept, paths are typed, and nothing that differs between machines is
    /// shown.
    Isolated,
}

/// What a workbench is at, for tests and tours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Iterations made, the starting mask counted.
    pub iterations: usize,
    /// Iteration the slider stands at.
    pub wanted: usize,
    /// Iteration on the canvas in full; `None` while it is being imaged.
    pub pictured: Option<usize>,
    /// Whether a run goes on.
    pub running: bool,
    /// Whether the picture lies in memory of the window's device.
    pub drawn_on_device: bool,
    /// Whether it shows how deep a film is developed.
    pub has_film: bool,
    /// Whether a clip is open.
    pub has_clip: bool,
    /// Whether the canvas shows the whole layout or the clip; `None` before one is open.
    pub mode: Option<Mode>,
    /// Whether work is in progress.
    pub busy: bool,
    /// Banners on the screen.
    pub banners: usize,
}

/// What is known of the cut line, for tests and tours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutStatus {
    /// Its ends, clip nm.
    pub ends_nm: [[f64; 2]; 2],
    /// Edges of what prints on it; `None` while that is not known.
    pub edges: Option<usize>,
    /// Whether the resist's cross-section is there.
    pub developed: bool,
    /// Defocus it was found at, nm.
    pub defocus_nm: Option<f64>,
}

/// The whole window but its frame.
pub struct Workbench {
    pub(super) document: Document,
    pub(super) run: RunView,
    pub(super) view: View,
    pub(super) exposure: Exposure,
    pub(super) cut: CutView,
    pub(super) process: ProcessView,
    pub(super) lens: LensView,
    pub(super) calibrate: CalibrateView,
    pub(super) block: BlockView,
    pub(super) why: WhyView,
    pub(super) compare: CompareView,
    /// Whether pictures of the optics were asked for.
    optics_asked: bool,
    pub(super) recipe: RecipeEdit,
    pub(super) notices: Notices,
    pub(super) dialogs: Dialogs,
    pub(super) settings: Settings,
    /// The whole layout; `None` before one is open.
    pub(super) layout: Option<LayoutView>,
    pub(super) watch: Option<Watch>,
    pub(super) frames: FrameLog,
    /// A picture of the canvas that was asked for.
    pub(super) shot: Option<Shot>,
    /// Where the clip is drawn, points.
    pub(super) clip_canvas: Option<egui::Rect>,
    /// Number of times a layout was read.
    pub(super) readings: u64,
    pub(super) worker: Worker,
    store: Store,
    machine: Option<Machine>,
    cache: canvas::Cache,
    sketches: Vec<Sketch>,
    worker_lost: bool,
    /// Draws whole layouts; `None` where the window has no graphics device.
    pub(super) scene: Option<Scene>,
}

impl Workbench {
    /// A workbench that opens what `options` say.
    ///
    /// # Errors
    /// The engine's thread cannot be started.
    pub fn new(ctx: &Context, options: WindowOptions, host: Host) -> std::io::Result<Self> {
        theme::install(ctx);
        let user = host == Host::User;
        let store = if user { Store::of_user() } else { Store::none() };
        let mut settings = store.load();
        if options.kernels_dir.is_some() {
            settings.kernels_dir = options.kernels_dir;
        }
        ctx.set_theme(if settings.light { Theme::Light } else { Theme::Dark });
        let folders = Folders { kernels: settings.kernels_dir.clone(), cache: store.cache() };
        let waker = ctx.clone();
        let worker = Worker::start(folders, move || waker.request_repaint())?;
        let mut workbench = Self {
            document: Document::default(),
            run: RunView { follow: true, ..RunView::default() },
            view: View::default(),
            exposure: Exposure::default(),
            cut: CutView::default(),
            process: ProcessView::default(),
            lens: LensView::default(),
            calibrate: CalibrateView::default(),
            block: BlockView::default(),
            why: WhyView::default(),
            compare: CompareView::default(),
            optics_asked: false,
            recipe: RecipeEdit::default(),
            notices: Notices::default(),
            dialogs: Dialogs::new(user),
            settings,
            layout: None,
            watch: watch(ctx),
            frames: FrameLog::default(),
            shot: None,
            clip_canvas: None,
            readings: 0,
            worker,
            store,
            machine: user.then(Machine::default),
            cache: canvas::Cache::default(),
            sketches: Vec::new(),
            worker_lost: false,
            scene: None,
        };
        workbench.first_recipe(options.recipe.as_deref());
        if let Some(file) = options.file {
            workbench.open(Source::of(file), Faults::Refuse);
        } else {
            let samples = SAMPLES.iter().map(Sample::source).collect();
            workbench.worker.send(Request::Sketch(samples));
        }
        Ok(workbench)
    }

    /// The same workbench, able to draw whole layouts on the window's graphics device.
    #[must_use]
    pub fn with_graphics(mut self, render_state: Option<&RenderState>) -> Self {
        self.scene = render_state.map(Scene::new);
        self.block = BlockView::on(render_state);
        if let Some(state) = render_state {
            self.cache.draw_with(state);
            self.worker.send(Request::Window(Box::new(WindowDevice {
                adapter: state.adapter.clone(),
                device: state.device.clone(),
                queue: state.queue.clone(),
            })));
        }
        self
    }

    /// Whether whole layouts can be drawn.
    pub fn has_graphics(&self) -> bool {
        self.scene.is_some()
    }

    fn first_recipe(&mut self, asked: Option<&str>) {
        let name = asked.unwrap_or(Recipe::DEFAULT);
        self.load_recipe(name);
    }

    /// Uses a recipe by name or file.
    pub(super) fn load_recipe(&mut self, name: &str) {
        match Recipe::open(name) {
            Ok(recipe) => self.use_recipe(recipe),
            Err(e) => self.notices.fail(Failure {
                what: format!("Could not use recipe {name}"),
                why: e.to_string(),
                remedy: None,
            }),
        }
    }

    /// What it is at.
    pub fn status(&self) -> Status {
        let picture = self.run.picture.as_ref().filter(|p| !p.draft && !self.is_loading());
        Status {
            iterations: self.run.history.len(),
            wanted: self.run.wanted,
            pictured: picture.and_then(|p| p.iteration),
            running: self.run.running,
            drawn_on_device: picture.is_some_and(|p| p.is_on_device()),
            has_film: picture.is_some_and(|p| p.depth.is_some()),
            has_clip: self.document.clip.is_some(),
            mode: self.mode(),
            busy: self.run.progress.is_some(),
            banners: self.notices.banners.len(),
        }
    }

    /// What is known of the cut line; `None` where there is none.
    pub fn cut_status(&self) -> Option<CutStatus> {
        let line = self.cut.line?;
        let finding = self.cut.finding.as_ref().filter(|f| f.line == line);
        Some(CutStatus {
            ends_nm: [line.from_nm, line.to_nm],
            edges: finding.map(|f| f.edges.len()),
            developed: self.cut.developed().is_some_and(|s| s.line == line),
            defocus_nm: finding.map(|f| f.conditions.defocus_nm),
        })
    }

    /// Triangles of the resist that stands in place of the canvas; 0 while there is none.
    pub fn block_triangles(&self) -> usize {
        self.block.triangles()
    }

    /// Where the clip is drawn, points.
    pub fn canvas(&self) -> Option<egui::Rect> {
        self.clip_canvas
    }

    /// Whether the canvas does not show yet what is wanted.
    fn is_loading(&self) -> bool {
        let picture = self.run.picture.as_ref();
        self.run.is_loading() || picture.is_some_and(|p| *p.conditions != self.exposure.conditions)
    }

    /// Keeps the settings.
    pub fn save(&mut self) {
        if let Err(e) = self.store.save(&self.settings) {
            tracing::warn!("settings were not kept: {e}");
        }
    }

    /// Shows everything and does what was asked for.
    pub fn ui(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let started = Instant::now();
        self.take_events(&ctx);
        self.take_changes();
        self.take_shot();
        let mut actions = Vec::new();
        self.take_input(&ctx, &mut actions);
        self.view.was_hovered = self.view.hovered.take();
        self.cut.begin_frame();
        self.calibrate.begin_frame();
        self.show_bars(ui, &mut actions);
        self.show_sides(ui, &mut actions);
        self.show_middle(ui, &mut actions);
        panels::palette::show(ui, &mut self.view, &mut actions);
        panels::help::show(ui, &mut self.view);
        self.ask_about_cut();
        self.ask_about_optics();
        for question in self.why.questions(&self.view) {
            self.worker.send(Request::Analyse(question));
        }
        // Panels drawn before the canvas show what it found in the frame before.
        let behind = self.view.hovered != self.view.was_hovered;
        if !actions.is_empty() || self.cut.is_behind() || behind {
            ctx.request_repaint();
        }
        for action in actions {
            self.act(&ctx, action);
        }
        let ui_ms = started.elapsed().as_secs_f64() * 1e3;
        let scene_ms = f64::from(self.frames.scene.cpu_ms);
        self.frames.push(Timing { ui_ms, scene_ms });
    }

    fn take_events(&mut self, ctx: &Context) {
        for event in self.worker.drain() {
            self.take_event(ctx, event);
        }
        if !self.worker.is_alive() && !std::mem::replace(&mut self.worker_lost, true) {
            self.run.running = false;
            self.run.progress = None;
            self.notices.fail(Failure {
                what: "The engine has stopped".to_owned(),
                why: "its thread ended unexpectedly; what is shown can still be looked at. Restart the program to go on".to_owned(),
                remedy: None,
            });
        }
    }

    fn take_event(&mut self, ctx: &Context, event: Event) {
        match event {
            Event::Opened(opened) => self.take_layout(ctx, *opened),
            Event::Looks(looks) => self.take_looks(*looks),
            Event::Saved(what, path) => self.saved(what, path),
            Event::Clip { clip, cell, generation } => {
                self.document.take_clip(clip, cell);
                self.view.mode = Mode::Clip;
                self.run.clear();
                self.run.generation = generation;
                self.cut.clear();
                self.process.clear();
                self.lens.clear();
                self.block.clear();
                self.why.clear();
                self.unpin();
                self.view.three_d = false;
                self.view.fit = true;
                self.view.selected = None;
                let title = self.document.title().unwrap_or_default();
                set_title(ctx, &title);
            }
            Event::Written { what, path } => {
                let text = format!("Wrote the {} to {}.", what.noun(), path.display());
                self.notices.inform(text, String::new());
            }
            Event::Failed(failure) => {
                self.refuse(&failure);
                let used = self.run.recipe();
                self.recipe.pending = used.is_some() && used != self.recipe.recipe.as_ref();
                self.notices.fail(failure);
            }
            Event::Cancelled => {
                self.document.opening = None;
                self.notices.log("Cancelled.".to_owned());
            }
            Event::Log(line) => self.notices.log(line),
            Event::Sketches(sketches) => self.sketches = sketches,
            Event::Prepared(prepared) => {
                self.recipe.pending = self.recipe.recipe.as_ref() != Some(prepared.recipe.as_ref());
                self.notices.resolve(Remedy::ChooseKernels);
                self.notices.log(format!(
                    "Prepared {}: {} fragments, {} gauges, {} iterations ahead, in {}.",
                    prepared.recipe.name,
                    prepared.fragments.len(),
                    prepared.gauges.len(),
                    prepared.total_steps,
                    super::format::duration(prepared.took_ms)
                ));
                self.why.clear();
                self.compare.difference = None;
                self.run.take(Event::Prepared(prepared));
            }
            Event::Resumed(recipe) => {
                self.recipe.recipe = Some(recipe.as_ref().clone());
                self.recipe.refused = None;
            }
            Event::Device(device) => {
                if let Some(machine) = &mut self.machine {
                    machine.device.clone_from(&device);
                }
                self.recipe.device = device;
            }
            Event::Optics(optics) => {
                self.run.generation = optics.generation;
                self.exposure.take(optics);
            }
            Event::Found { generation, finding } => {
                if self.run.is_fresh(generation) {
                    self.take_finding(finding);
                }
            }
            other => self.run.take(other),
        }
    }

    fn take_finding(&mut self, finding: Finding) {
        match finding {
            Finding::Optics(pictures) => self.lens.take(*pictures),
            Finding::Window(outcome) => self.process.take(outcome),
            Finding::Block(outcome) => self.block.take(*outcome),
            Finding::Why(found) => self.why.take(found),
            Finding::Maps(maps) => self.why.take_maps(maps),
            Finding::Difference(difference) => self.compare.take(difference),
            of_cut => self.cut.take(of_cut),
        }
    }

    /// Wants pictures of the optics while their tab is open.
    fn ask_about_optics(&mut self) {
        let wanted = self.view.tab == Tab::Optics;
        if self.optics_asked != wanted {
            self.optics_asked = wanted;
            self.worker.send(Request::Analyse(Analysis::Optics(wanted)));
        }
    }

    /// Asks the engine's thread about the cut line, if it changed or its tab was opened.
    fn ask_about_cut(&mut self) {
        let looked_at = self.view.tab == Tab::Cut && self.cut.line.is_some();
        for question in self.cut.questions(looked_at) {
            self.worker.send(Request::Analyse(question));
        }
    }

    fn take_input(&mut self, ctx: &Context, actions: &mut Vec<Action>) {
        if let Some((purpose, path)) = self.dialogs.poll() {
            actions.push(Action::Path(purpose, path));
        }
        let dropped = ctx.input(|i| i.raw.dropped_files.first().map(|f| f.path().to_path_buf()));
        if let Some(path) = dropped {
            let suffix = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            let purpose = match suffix.as_str() {
                "toml" => Purpose::Recipe,
                "lyp" => Purpose::Looks,
                "run" => Purpose::Run,
                _ => Purpose::Layout,
            };
            actions.push(Action::Path(purpose, path));
        }
        if let Some(command) = Command::pressed(ctx) {
            actions.push(Action::Command(command));
        }
    }

    fn show_bars(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let has_clip = self.document.clip.is_some();
        let mode = self.mode();
        let bookmarks = self.bookmarks();
        Panel::top("toolbar").exact_size(40.0).show(ui, |ui| {
            let layout = self.layout.as_ref().map(|l| (l, bookmarks.as_slice()));
            panels::toolbar::show(ui, &self.run, has_clip, layout, mode, actions);
        });
        let in_layout = mode == Some(Mode::Layout);
        if let Some(machine) = &mut self.machine {
            machine.refresh();
        }
        Panel::bottom("status").exact_size(28.0).show(ui, |ui| {
            let layout = self.layout.as_ref().filter(|_| in_layout);
            let hint = self.cut.drawing.then_some(cutline::DRAW);
            let machine = self.machine.as_ref();
            panels::status::show(ui, &self.run, &self.view, layout, hint, machine, actions);
        });
        if has_clip && !in_layout {
            Panel::bottom("timeline").resizable(true).default_size(280.0).min_size(150.0).show(
                ui,
                |ui| {
                    let mut bottom = Bottom {
                        run: &self.run,
                        view: &mut self.view,
                        why: &self.why,
                        compare: &mut self.compare,
                        cut: &mut self.cut,
                        process: &mut self.process,
                        lens: &mut self.lens,
                        calibrate: &mut self.calibrate,
                        notices: &self.notices,
                    };
                    panels::bottom::show(ui, &mut bottom, actions);
                },
            );
        }
    }

    fn show_sides(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        match self.mode() {
            None => return,
            Some(Mode::Layout) => return self.show_layout_sides(ui, actions),
            Some(Mode::Clip) => {}
        }
        Panel::left("left").resizable(true).default_size(248.0).min_size(200.0).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                panels::layers::show(ui, &mut self.view, &self.run, &self.why, &self.compare);
                ui.separator();
                panels::exposure::show(ui, &self.exposure, actions);
                ui.separator();
                panels::clip::show(ui, &mut self.document, actions);
            });
        });
        Panel::right("right").resizable(true).default_size(300.0).min_size(240.0).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                panels::inspector::show(ui, &self.run, &self.view);
                ui.separator();
                panels::recipe::show(ui, &self.recipe, actions);
            });
        });
    }

    fn show_middle(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let fill = theme::Palette::in_use(ui.visuals()).canvas;
        CentralPanel::default().frame(Frame::new().fill(fill)).show(ui, |ui| {
            let place = ui.max_rect();
            let mode = self.mode();
            if mode == Some(Mode::Layout) {
                self.show_layout(ui, actions);
            } else if mode.is_none() {
                let busy = self.document.opening.is_some();
                panels::welcome::show(ui, &self.settings.recent, &self.sketches, busy, actions);
            } else if self.view.three_d {
                self.block.show(ui, actions);
            } else {
                self.clip_canvas = Some(ui.max_rect());
                let content =
                    canvas::Content { document: &self.document, run: &self.run, why: &self.why };
                let tools = canvas::Tools { cut: &mut self.cut, compare: &mut self.compare };
                canvas::show(ui, &content, &mut self.view, tools, &mut self.cache);
            }
            let mut over = ui.new_child(UiBuilder::new().max_rect(place));
            if let Some(layout) = self.layout.as_mut().filter(|_| mode == Some(Mode::Layout)) {
                panels::prompts::show(&mut over, layout, actions);
            }
            let prompt = self.dialogs.prompt.as_mut();
            panels::banners::show(&mut over, &self.notices.banners, prompt, actions);
        });
    }

    pub(super) fn open(&mut self, source: Source, faults: Faults) {
        self.document.opening = Some(source.clone());
        self.worker.send(Request::Open { source, faults });
    }

    /// Puts a recipe in the panel and, unless a run is under way, to use.
    pub(super) fn use_recipe(&mut self, recipe: Recipe) {
        self.recipe.refused = recipe.validate().err().map(|e| e.to_string());
        self.recipe.pending = self.run.last() > 0 || self.run.running;
        if !self.recipe.pending && self.recipe.refused.is_none() {
            self.worker.send(Request::Recipe(Box::new(recipe.clone())));
        }
        self.recipe.recipe = Some(recipe);
    }

    pub(super) fn take_kernels(&mut self, folder: PathBuf) {
        self.settings.kernels_dir = Some(folder.clone());
        self.save();
        self.worker.send(Request::KernelsDir(folder));
        if let Some(recipe) = self.recipe.recipe.clone().filter(|_| self.recipe.pending) {
            self.worker.send(Request::Recipe(Box::new(recipe)));
        }
    }
}
