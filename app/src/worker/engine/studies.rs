//! Studies of the shown mask that cost more than a cut: optics as pictures, the process window, a
//! block of the resist in three dimensions. Each is made while its tab or view asks for it.

use std::sync::Arc;
use std::time::Instant;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::imaging::CutLine;

use super::{Engine, Stop};
use crate::headless::Developer;
use crate::worker::analysis::{block, optics, window};
use crate::worker::{
    BlockOutcome, Conditions, Event, Finding, Progress, Resist, WindowOutcome, develop, stages,
};

/// How often the window is told how far a study has come, ms.
const PROGRESS_MS: u128 = 50;

/// What is asked for, and what the last answers were about.
#[derive(Default)]
pub struct Studies {
    optics_wanted: bool,
    window_wanted: bool,
    block_wanted: Option<Rect>,
    optics: Option<OpticsTopic>,
    window: Option<WindowTopic>,
    block: Option<BlockTopic>,
    planes: Option<window::Planes>,
}

/// What pictures of optics are about.
#[derive(PartialEq)]
struct OpticsTopic {
    generation: u64,
    defocus_nm: f64,
}

/// What a process window is about: the focus and dose shown do not matter to it.
#[derive(PartialEq)]
struct WindowTopic {
    generation: u64,
    iteration: usize,
    resist: Resist,
    line: Option<CutLine>,
}

/// What a block is about.
#[derive(PartialEq)]
struct BlockTopic {
    generation: u64,
    iteration: usize,
    conditions: Arc<Conditions>,
    place: Rect,
}

/// A study to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Study {
    /// Source and pupil.
    Optics,
    /// The process window.
    Window,
    /// A block of the resist.
    Block,
}

impl Studies {
    pub fn want_optics(&mut self, wanted: bool) {
        self.optics_wanted = wanted;
    }

    pub fn want_window(&mut self, wanted: bool) {
        self.window_wanted = wanted;
    }

    /// Wants the resist at a place, or no longer. The same place again means: make it anew.
    pub fn want_block(&mut self, place: Option<Rect>) {
        self.block_wanted = place;
        self.block = None;
    }
}

impl Engine {
    /// The study that is due: what was asked for and is not there for the mask that was imaged
    /// last. None while a run needs the time.
    pub(super) fn due_study(&self) -> Option<Study> {
        let wanted = &self.desk.studies;
        if self.running {
            return None;
        }
        let due = |wanted: bool, made: bool, study: Study| (wanted && !made).then_some(study);
        let optics = self.optics_topic()?;
        let made = wanted.optics.as_ref() == Some(&optics);
        if let Some(study) = due(wanted.optics_wanted, made, Study::Optics) {
            return Some(study);
        }
        let made = wanted.window == self.window_topic();
        if let Some(study) = due(wanted.window_wanted, made, Study::Window) {
            return Some(study);
        }
        let topic = self.block_topic();
        due(topic.is_some(), wanted.block == topic, Study::Block)
    }

    fn optics_topic(&self) -> Option<OpticsTopic> {
        self.bench.as_ref()?;
        let defocus_nm = self.shown.made()?.conditions.defocus_nm;
        Some(OpticsTopic { generation: self.generation, defocus_nm })
    }

    fn window_topic(&self) -> Option<WindowTopic> {
        let made = self.shown.made()?;
        Some(WindowTopic {
            generation: self.generation,
            iteration: made.iteration,
            resist: made.conditions.resist.clone(),
            line: self.desk.line(),
        })
    }

    fn block_topic(&self) -> Option<BlockTopic> {
        let made = self.shown.made()?;
        Some(BlockTopic {
            generation: self.generation,
            iteration: made.iteration,
            conditions: Arc::clone(&made.conditions),
            place: self.desk.studies.block_wanted?,
        })
    }

    pub(super) fn make_study(&mut self, study: Study) {
        match study {
            Study::Optics => self.study_optics(),
            Study::Window => self.study_window(),
            Study::Block => self.study_block(),
        }
    }

    fn study_optics(&mut self) {
        self.desk.studies.optics = self.optics_topic();
        let (Some(bench), Some(recipe), Some(made)) =
            (&self.bench, &self.recipe, self.shown.made())
        else {
            return;
        };
        let pictures = optics::make(recipe, bench.imager.process(), made.conditions.defocus_nm);
        let what = || "Could not draw source and pupil".to_owned();
        let finding = pictures
            .map(|pictures| Finding::Optics(Box::new(pictures)))
            .map_err(|e| stages::failure(what(), &e));
        self.tell_found(finding);
    }

    fn study_window(&mut self) {
        self.desk.studies.window = self.window_topic();
        let mut planes = self.desk.studies.planes.take();
        let outcome = self.window_outcome(&mut planes);
        self.desk.studies.planes = planes;
        self.tell(Event::Progress(None));
        if let Some(outcome) = outcome {
            self.tell_found(Ok(Finding::Window(Arc::new(outcome))));
        }
    }

    fn window_outcome(&self, planes: &mut Option<window::Planes>) -> Option<WindowOutcome> {
        let (clip, bench, recipe, made) =
            (self.clip.as_ref()?, self.bench.as_ref()?, self.recipe.as_ref()?, self.shown.made()?);
        let job = "Imaging through focus".to_owned();
        self.tell(Event::Progress(Some(Progress { job, done: None })));
        let process = bench.imager.process();
        // The window varies the dose by itself.
        let nominal =
            Conditions { resist: made.conditions.resist.clone(), ..Conditions::default() };
        let Some(level) = develop::level(&develop::model(&nominal, process.threshold)) else {
            let why = "this resist prints at no single intensity; choose a threshold, or a vertical resist without diffusion";
            return Some(WindowOutcome::Failed(why.to_owned()));
        };
        let mask = bench.run.as_ref().and_then(|run| run.mask(made.iteration));
        let subject = window::Subject {
            clip,
            recipe,
            process,
            mask: mask.as_ref().unwrap_or(&clip.polygons),
            line: self.desk.line(),
            level: f64::from(level),
        };
        Some(window::make(&subject, planes, &self.folders))
    }

    /// Develops a block. Any request that comes meanwhile has precedence: the work is given up and
    /// taken up again after it.
    fn study_block(&mut self) {
        self.desk.studies.block = self.block_topic();
        let (Some(bench), Some(made), Some(place)) =
            (&self.bench, self.shown.made(), self.desk.studies.block_wanted)
        else {
            return;
        };
        let started = Instant::now();
        let mut told = 0;
        let go_on = |share: f64| {
            if self.inbox.is_waiting() || self.inbox.is_cancelled() {
                return false;
            }
            let now = started.elapsed().as_millis() / PROGRESS_MS;
            if now > told {
                told = now;
                let job = "Developing the resist in three dimensions".to_owned();
                self.tell(Event::Progress(Some(Progress { job, done: Some(share as f32) })));
            }
            true
        };
        let mut developer = Developer::new(self.device.clone());
        let conditions = &made.conditions;
        let outcome =
            block::make(&bench.imager, &bench.lens, conditions, place, &mut developer, go_on);
        self.watch_developer(&developer);
        self.tell(Event::Progress(None));
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Stop::Failed(failure)) => BlockOutcome::Failed(failure.why),
            Err(Stop::Cancelled) if self.inbox.take_cancel() => BlockOutcome::GivenUp,
            Err(Stop::Cancelled) => {
                self.desk.studies.block = None;
                return;
            }
        };
        self.tell_found(Ok(Finding::Block(Box::new(outcome))));
    }
}
