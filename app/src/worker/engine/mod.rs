//! The engine thread's state machine: it owns layout, clip and run, and takes requests in turn.
//!
//! Requests are answered by module: files in [`layouts`], runs in [`runs`]. What follows the shown
//! mask is made between requests, the most wanted first: its picture in [`pictures`], then the
//! analyses of it in [`analyses`].

mod analyses;
mod device;
mod layouts;
mod pictures;
mod reasons;
mod runs;
mod saved;
mod studies;

use std::sync::Arc;
use std::time::Instant;

use lithoscope_engine::device::{Compute, WgpuDevice};
use lithoscope_engine::imaging::Imager;
use lithoscope_engine::layout::{Clip, Layout};
use lithoscope_engine::opc::{OpcRun, Recipe};

use self::analyses::Desk;
use self::pictures::Shown;
use super::drawing::{Drawing, WindowDevice};
use super::lens::Lens;
use super::mailbox::{Inbox, Next, Outbox};
use super::{Event, Failure, Folders, Progress, Request};

/// Imaging plan and run of the present clip and recipe.
struct Bench {
    imager: Imager,
    /// Images at other focuses than the imager's two.
    lens: Lens,
    /// Makes pictures on the window's device, where that computes.
    drawing: Option<Drawing>,
    /// `None` where the clip cannot be corrected; it is imaged all the same.
    run: Option<OpcRun>,
    /// Top of the colour map, fixed by the first picture so that colours keep their meaning.
    range: Option<f32>,
}

/// The engine thread.
pub struct Engine {
    inbox: Arc<Inbox>,
    outbox: Arc<Outbox>,
    folders: Folders,
    recipe: Option<Recipe>,
    layout: Option<Arc<Layout>>,
    /// Where the layout came from, as text for saved runs.
    origin: String,
    clip: Option<Arc<Clip>>,
    bench: Option<Bench>,
    shown: Shown,
    desk: Desk,
    generation: u64,
    running: bool,
    /// What computes iterations; `None` is the processor.
    device: Option<Arc<dyn Compute>>,
    /// The device that the window draws with.
    window: Option<WindowDevice>,
    /// The same, where it is what computes.
    draws: Option<Arc<WgpuDevice>>,
}

/// Why work was not carried out.
pub enum Stop {
    /// It failed.
    Failed(Failure),
    /// It was given up.
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
            origin: String::new(),
            clip: None,
            bench: None,
            shown: Shown::default(),
            desk: Desk::default(),
            generation: 0,
            running: false,
            device: None,
            window: None,
            draws: None,
        }
    }

    /// Takes requests until the window is gone.
    pub fn run(mut self) {
        loop {
            let wait = !self.running && !self.owes();
            match self.inbox.next(wait) {
                Next::Closed => return,
                Next::Request(request) => self.answer(*request),
                Next::Empty => self.advance(),
            }
        }
    }

    /// Whether something about the shown mask is still to be made.
    fn owes(&self) -> bool {
        self.bench.is_some()
            && (self.shown.is_missing()
                || self.due().is_some()
                || self.due_reason().is_some()
                || self.due_study().is_some())
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
            Request::Conditions(conditions) => self.take_conditions(*conditions),
            Request::Analyse(analysis) => self.analyse(analysis),
            Request::Sketch(sources) => self.sketch(&sources),
            Request::Compare(other) => self.desk.reasons.compare_with(other),
            work => {
                let outcome = self.work(work);
                self.tell(Event::Progress(None));
                self.report(outcome);
            }
        }
    }

    /// Says how work ended, unless it went well.
    fn report(&self, outcome: Result<(), Stop>) {
        match outcome {
            Ok(()) => {}
            Err(Stop::Failed(failure)) => self.tell(Event::Failed(failure)),
            Err(Stop::Cancelled) => self.tell(Event::Cancelled),
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
            Request::Backend(backend) => self.take_backend(backend),
            Request::Window(device) => {
                self.window = Some(*device);
                Ok(())
            }
            Request::KernelsDir(folder) => self.take_kernels(folder),
            Request::Step => self.step(),
            Request::Reset => self.reset(),
            Request::Export { what, path, iteration } => self.export(what, &path, iteration),
            Request::Run
            | Request::Pause
            | Request::Show(_)
            | Request::Conditions(_)
            | Request::Analyse(_)
            | Request::Compare(_)
            | Request::Sketch(_) => Ok(()),
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

    /// Between requests: an iteration if the run goes on, then what is due about the shown mask.
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
        } else if let Some(job) = self.due() {
            self.carry_out(job);
        } else if let Some(reason) = self.due_reason() {
            self.find_reason(reason);
        } else if let Some(study) = self.due_study() {
            self.make_study(study);
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
