//! The engine thread's state machine: it owns layout, clip and run, and takes requests in turn.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::imaging::Imager;
use lithoscope_engine::layout::lyp::{self, LayerProperties};
use lithoscope_engine::layout::{
    self, CellId, Clip, Faults, Layer, Layout, LayoutError, Opened, ReadOptions,
};
use lithoscope_engine::opc::{OpcRun, Recipe};

use super::mailbox::{Inbox, Next, Outbox};
use super::picture::{self, Subject};
use super::stages;
use super::{
    Event, Export, Failure, Folders, Looks, Occasion, OpenedLayout, Prepared, Progress, Request,
    Source, Survey,
};
use crate::export;

/// Least time between pictures while a run goes on; longer where pictures are slow, so that they
/// take a third of the time at most.
const PICTURE_INTERVAL: Duration = Duration::from_millis(100);

/// How often the window is told how far reading has come, ms.
const PROGRESS_MS: u64 = 50;

/// Imaging plan and run of the present clip and recipe.
struct Bench {
    imager: Imager,
    /// `None` where the clip cannot be corrected; it is imaged all the same.
    run: Option<OpcRun>,
    /// Top of the colour map, fixed by the first picture so that colours keep their meaning.
    range: Option<f32>,
}

/// Which iteration the window wants to see, and which it has.
#[derive(Default)]
struct Shown {
    /// The iteration wanted.
    wanted: usize,
    /// Whether new iterations are wanted as they come.
    follow: bool,
    /// What was last imaged, and whether as a draft.
    made: Option<(usize, bool)>,
    /// When, and how long it took.
    last: Option<(Instant, Duration)>,
}

impl Shown {
    fn is_missing(&self) -> bool {
        self.made != Some((self.wanted, false))
    }

    fn is_due(&self) -> bool {
        self.made.map(|(i, _)| i) != Some(self.wanted)
            && self.last.is_none_or(|(at, took)| at.elapsed() >= PICTURE_INTERVAL.max(2 * took))
    }
}

/// The engine thread.
pub struct Engine {
    inbox: Arc<Inbox>,
    outbox: Arc<Outbox>,
    folders: Folders,
    recipe: Option<Recipe>,
    layout: Option<Arc<Layout>>,
    clip: Option<Arc<Clip>>,
    bench: Option<Bench>,
    shown: Shown,
    generation: u64,
    running: bool,
}

/// Why a request was not carried out.
enum Stop {
    Failed(Failure),
    Cancelled,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Engine {
    pub fn new(inbox: Arc<Inbox>, outbox: Arc<Outbox>, folders: Folders) -> Self {
        Self {
            inbox,
            outbox,
            folders,
            recipe: None,
            layout: None,
            clip: None,
            bench: None,
            shown: Shown::default(),
            generation: 0,
            running: false,
        }
    }

    /// Takes requests until the window is gone.
    pub fn run(mut self) {
        loop {
            let busy = self.running || (self.bench.is_some() && self.shown.is_missing());
            match self.inbox.next(!busy) {
                Next::Closed => return,
                Next::Request(request) => self.answer(*request),
                Next::Empty => self.advance(),
            }
        }
    }

    fn tell(&self, event: Event) {
        self.outbox.push(event);
    }

    fn answer(&mut self, request: Request) {
        self.inbox.take_cancel();
        match request {
            Request::Run => self.set_running(true),
            Request::Pause => self.set_running(false),
            Request::Show(iteration) => self.show(iteration),
            Request::Sketch(sources) => self.sketch(&sources),
            work => {
                let outcome = self.work(work);
                self.tell(Event::Progress(None));
                match outcome {
                    Ok(()) => {}
                    Err(Stop::Failed(failure)) => self.tell(Event::Failed(failure)),
                    Err(Stop::Cancelled) => self.tell(Event::Cancelled),
                }
            }
        }
    }

    /// Requests that can fail or be cancelled.
    fn work(&mut self, request: Request) -> Result<(), Stop> {
        match request {
            Request::Open { source, faults } => self.open(source, faults),
            Request::Reload { source, faults } => self.reload(source, faults),
            Request::OpenLooks(path) => self.open_looks(path),
            Request::SaveLooks { path, looks } => self.save_looks(path, &looks),
            Request::SavePicture { path, pixels } => self.save_picture(path, &pixels),
            Request::Cut { cell, layer, window } => self.cut(cell, layer, window),
            Request::Recipe(recipe) => self.take_recipe(*recipe),
            Request::KernelsDir(folder) => self.take_kernels(folder),
            Request::Step => self.step(),
            Request::Reset => self.reset(),
            Request::Export { what, path, iteration } => self.export(what, &path, iteration),
            Request::Run | Request::Pause | Request::Show(_) | Request::Sketch(_) => Ok(()),
        }
    }

    /// Begins a stage, unless cancel was asked for during the one before.
    fn stage(&self, job: &str) -> Result<(), Stop> {
        if self.inbox.is_closed() || self.inbox.take_cancel() {
            return Err(Stop::Cancelled);
        }
        self.tell(Event::Progress(Some(Progress { job: job.to_owned(), done: None })));
        Ok(())
    }

    /// Reads a layout and indexes it, telling how far it has come.
    fn read(&self, source: &Source, faults: Faults) -> Result<Opened, Stop> {
        self.stage("Reading the layout")?;
        let (inbox, outbox) = (&*self.inbox, &*self.outbox);
        let (started, told) = (Instant::now(), AtomicU64::new(0));
        let tell = |progress: layout::Progress| {
            if inbox.is_closed() || inbox.take_cancel() {
                return ControlFlow::Break(());
            }
            let now = started.elapsed().as_millis() as u64 / PROGRESS_MS;
            if told.swap(now, Ordering::Relaxed) != now {
                let done = progress.total.map(|t| progress.done as f32 / t.max(1) as f32);
                let job = "Reading the layout".to_owned();
                outbox.push(Event::Progress(Some(Progress { job, done })));
            }
            ControlFlow::Continue(())
        };
        let options = ReadOptions { faults, progress: Some(&tell), ..ReadOptions::default() };
        match stages::read(source, &options) {
            Ok(opened) => Ok(opened),
            Err(LayoutError::Cancelled { .. }) => Err(Stop::Cancelled),
            Err(e) => Err(Stop::Failed(stages::refused(source, &e))),
        }
    }

    fn open(&mut self, source: Source, faults: Faults) -> Result<(), Stop> {
        let started = Instant::now();
        let opened = self.read(&source, faults)?;
        let clip = if stages::is_clip(&opened.layout) {
            Some(stages::default_clip(&opened.layout, &source)?)
        } else {
            None
        };
        let occasion = if clip.is_some() { Occasion::SmallFile } else { Occasion::LargeFile };
        self.take_layout(source, faults, opened, occasion, started)?;
        if let Some((clip, cell)) = clip {
            return self.take_clip(clip, cell);
        }
        self.clip = None;
        self.bench = None;
        self.generation += 1;
        self.set_running(false);
        Ok(())
    }

    /// Reads the file again. Whatever is wrong with it, what was read before stays.
    fn reload(&mut self, source: Source, faults: Faults) -> Result<(), Stop> {
        let started = Instant::now();
        let opened = self.read(&source, faults).map_err(|stop| match stop {
            Stop::Failed(failure) => Stop::Failed(Failure {
                what: format!("{} changed but cannot be read", stages::name_of(&source)),
                why: format!("{}. What was read before is still shown", failure.why),
                ..failure
            }),
            Stop::Cancelled => Stop::Cancelled,
        })?;
        self.take_layout(source, faults, opened, Occasion::Reload, started)
    }

    fn take_layout(
        &mut self,
        source: Source,
        faults: Faults,
        opened: Opened,
        occasion: Occasion,
        started: Instant,
    ) -> Result<(), Stop> {
        self.stage("Indexing the layout")?;
        let layout = Arc::new(opened.layout);
        let survey = Arc::new(Survey::of(&layout));
        self.tell(Event::Log(format!(
            "Read {} in {:.0} ms: {} cells, {} layers.",
            layout.name,
            milliseconds(started),
            layout.cells().len(),
            survey.layers.len()
        )));
        let looks = match &source {
            Source::Path(path) => stages::looks_beside(path),
            Source::Sample { .. } => None,
        };
        self.layout = Some(Arc::clone(&layout));
        let losses = opened.losses;
        self.tell(Event::Opened(Box::new(OpenedLayout {
            layout,
            survey,
            source,
            faults,
            looks,
            losses,
            occasion,
        })));
        Ok(())
    }

    fn open_looks(&self, path: PathBuf) -> Result<(), Stop> {
        self.stage("Reading layer properties")?;
        let properties = lyp::open(&path).map_err(|e| {
            stages::failure(format!("Could not use layer properties {}", path.display()), &e)
        })?;
        self.tell(Event::Looks(Box::new(Looks { path, properties })));
        Ok(())
    }

    fn save_looks(&self, path: PathBuf, looks: &LayerProperties) -> Result<(), Stop> {
        self.stage("Writing layer properties")?;
        lyp::write(&path, looks).map_err(|e| {
            stages::failure(format!("Could not write layer properties {}", path.display()), &e)
        })?;
        self.tell(Event::Saved("layer properties", path));
        Ok(())
    }

    fn save_picture(&self, path: PathBuf, pixels: &egui::ColorImage) -> Result<(), Stop> {
        self.stage("Writing the picture")?;
        export::write_png(&path, pixels)
            .map_err(|e| stages::write_failure("picture", &path, &e))?;
        self.tell(Event::Saved("picture", path));
        Ok(())
    }

    fn sketch(&self, sources: &[Source]) {
        let sketches = sources.iter().map(|s| stages::sketch(s).unwrap_or_default()).collect();
        self.tell(Event::Sketches(sketches));
    }

    fn cut(&mut self, cell: CellId, layer: Layer, window: Option<Rect>) -> Result<(), Stop> {
        let Some(layout) = self.layout.clone() else { return Ok(()) };
        self.stage("Cutting the clip")?;
        let clip = stages::cut(&layout, cell, layer, window)?;
        self.take_clip(clip, cell)
    }

    fn take_clip(&mut self, clip: Clip, cell: CellId) -> Result<(), Stop> {
        let clip = Arc::new(clip);
        self.clip = Some(Arc::clone(&clip));
        self.bench = None;
        self.generation += 1;
        if self.running {
            self.set_running(false);
        }
        self.tell(Event::Clip { clip, cell });
        self.prepare()
    }

    /// Takes a recipe; one that cannot be prepared leaves the run there was.
    fn take_recipe(&mut self, recipe: Recipe) -> Result<(), Stop> {
        recipe
            .validate()
            .map_err(|e| stages::opc_failure("The recipe was not taken".to_owned(), &e))?;
        let before = self.recipe.replace(recipe);
        let outcome = self.prepare();
        if outcome.is_err() && self.bench.is_some() {
            self.recipe = before;
        }
        outcome
    }

    fn take_kernels(&mut self, folder: PathBuf) -> Result<(), Stop> {
        self.folders.kernels = Some(folder);
        if self.bench.is_some() { Ok(()) } else { self.prepare() }
    }

    /// Kernels, imaging plan and iteration 0 of the present clip and recipe.
    fn prepare(&mut self) -> Result<(), Stop> {
        let (Some(clip), Some(recipe)) = (self.clip.clone(), self.recipe.clone()) else {
            return Ok(());
        };
        let started = Instant::now();
        self.stage("Preparing the optics")?;
        let imager = stages::plan(&clip, &recipe, &self.folders)?;
        self.stage("Judging the starting mask")?;
        let run = stages::start(&clip, &recipe, &imager);
        if self.running {
            self.set_running(false);
        }
        self.generation += 1;
        self.shown = Shown { follow: true, ..Shown::default() };
        let (run, refused) = match run {
            Ok(run) => (Some(run), None),
            Err(failure) => (None, Some(failure)),
        };
        self.announce(&recipe, run.as_ref(), milliseconds(started));
        self.bench = Some(Bench { imager, run, range: None });
        refused.map_or(Ok(()), |failure| Err(failure.into()))
    }

    fn announce(&self, recipe: &Recipe, run: Option<&OpcRun>, took_ms: f64) {
        let Some(run) = run else { return };
        self.tell(Event::Prepared(Prepared {
            generation: self.generation,
            recipe: Arc::new(recipe.clone()),
            fragments: run.target().fragments().into(),
            gauges: run.gauges().into(),
            total_steps: run.total_steps(),
            took_ms,
        }));
        for iteration in run.history() {
            self.tell(Event::Iteration {
                generation: self.generation,
                iteration: Box::new(iteration.clone()),
                best: run.best(),
                took_ms,
            });
        }
    }

    fn set_running(&mut self, running: bool) {
        let can_run =
            self.bench.as_ref().and_then(|b| b.run.as_ref()).is_some_and(|r| !r.is_finished());
        self.running = running && can_run;
        if self.running {
            self.shown.follow = true;
        }
        self.tell(Event::Running(self.running));
    }

    fn show(&mut self, iteration: usize) {
        let last = self.last_iteration();
        self.shown.wanted = iteration.min(last);
        self.shown.follow = iteration >= last;
    }

    fn reset(&mut self) -> Result<(), Stop> {
        if self.bench.is_none() {
            return self.prepare();
        }
        self.set_running(false);
        if let Some(run) = self.bench.as_mut().and_then(|b| b.run.as_mut()) {
            run.rewind(0);
            self.shown.wanted = 0;
            self.shown.follow = true;
            self.tell(Event::Rewound { generation: self.generation, iteration: 0 });
        }
        Ok(())
    }

    fn last_iteration(&self) -> usize {
        let run = self.bench.as_ref().and_then(|b| b.run.as_ref());
        run.map_or(0, |r| r.history().len().saturating_sub(1))
    }

    /// Between requests: an iteration if the run goes on, and a picture if one is due.
    fn advance(&mut self) {
        if self.running {
            if self.inbox.take_cancel() {
                self.set_running(false);
            } else if let Err(Stop::Failed(failure)) = self.step() {
                self.set_running(false);
                self.tell(Event::Failed(failure));
            }
        }
        let due = if self.running { self.shown.is_due() } else { self.shown.is_missing() };
        if due {
            self.image();
        }
    }

    fn step(&mut self) -> Result<(), Stop> {
        let started = Instant::now();
        let Some(run) = self.bench.as_mut().and_then(|b| b.run.as_mut()) else { return Ok(()) };
        let made =
            run.step().map_err(|e| stages::opc_failure("The run stopped".to_owned(), &e))?.cloned();
        let (best, finished) = (run.best(), run.is_finished());
        if let Some(iteration) = made {
            if self.shown.follow {
                self.shown.wanted = iteration.index;
            }
            self.tell(Event::Iteration {
                generation: self.generation,
                iteration: Box::new(iteration),
                best,
                took_ms: milliseconds(started),
            });
        }
        if finished && self.running {
            self.set_running(false);
            self.tell(Event::Log("The schedule is done.".to_owned()));
        }
        Ok(())
    }

    fn image(&mut self) {
        let (Some(clip), Some(bench)) = (self.clip.clone(), self.bench.as_mut()) else { return };
        let (wanted, draft, started) = (self.shown.wanted, self.running, Instant::now());
        let run = bench.run.as_mut();
        let (mask, readings) =
            run.map_or((None, None), |r| (r.mask(wanted), r.gauge_readings(wanted)));
        let subject = Subject {
            generation: self.generation,
            iteration: mask.is_some().then_some(wanted),
            draft,
            mask: mask.unwrap_or_else(|| clip.polygons.clone()),
            window: clip.window,
            readings: readings.unwrap_or_default(),
            range: bench.range,
        };
        let mut picture = picture::make(&mut bench.imager, subject);
        bench.range = Some(picture.range);
        picture.took_ms = milliseconds(started);
        self.shown.made = Some((wanted, draft));
        self.shown.last = Some((Instant::now(), started.elapsed()));
        self.tell(Event::Picture(Box::new(picture)));
    }

    fn export(&mut self, what: Export, path: &Path, iteration: usize) -> Result<(), Stop> {
        self.stage("Writing the file")?;
        let (Some(clip), Some(run)) =
            (self.clip.as_ref(), self.bench.as_ref().and_then(|b| b.run.as_ref()))
        else {
            return Err(Stop::Failed(Failure {
                what: format!("There is no {} to write yet", what.noun()),
                why: "open a layout and prepare a run first".to_owned(),
                remedy: None,
            }));
        };
        let written = match what {
            Export::Mask => {
                let mask = run.mask(iteration).unwrap_or_default();
                export::write_mask(path, clip, &mask, &run.recipe().output)
            }
            Export::MetricsCsv => export::write_metrics_csv(path, run.history()),
            Export::MetricsJson => export::write_metrics_json(path, run.history()),
        };
        written.map_err(|e| stages::write_failure(what.noun(), path, &e))?;
        self.tell(Event::Written { what, path: path.to_path_buf() });
        Ok(())
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
