//! Which mask the window sees, under which conditions, and its picture.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lithoscope_engine::opc::OpcRun;

use super::{Engine, Stop, milliseconds};
use crate::worker::analysis::rules;
use crate::worker::picture::{self, Subject};
use crate::worker::{Conditions, Event};

/// Least time between pictures while a run goes on; longer where pictures are slow, so that they
/// take a third of the time at most.
const PICTURE_INTERVAL: Duration = Duration::from_millis(100);

/// Which iteration the window wants to see, and which it has.
#[derive(Default)]
pub struct Shown {
    /// The iteration wanted.
    pub wanted: usize,
    /// Whether new iterations are wanted as they come.
    pub follow: bool,
    /// The conditions wanted.
    pub conditions: Arc<Conditions>,
    made: Option<Made>,
    /// When, and how long it took.
    last: Option<(Instant, Duration)>,
}

/// What was imaged last.
#[derive(Clone, PartialEq)]
pub struct Made {
    /// The iteration.
    pub iteration: usize,
    /// The conditions.
    pub conditions: Arc<Conditions>,
    /// Whether as a draft.
    draft: bool,
}

impl Shown {
    /// Nothing of a new run is made yet; its conditions are those of the one before.
    pub fn anew(&self) -> Self {
        Self { follow: true, conditions: Arc::clone(&self.conditions), ..Self::default() }
    }

    /// What was imaged is to be imaged again.
    pub fn make_anew(&mut self) {
        self.made = None;
    }

    /// What was imaged last.
    pub fn made(&self) -> Option<&Made> {
        self.made.as_ref()
    }

    /// Whether what is wanted is not there in full.
    pub fn is_missing(&self) -> bool {
        !self.is_made() || self.made.as_ref().is_some_and(|m| m.draft)
    }

    /// Whether a picture is due while a run goes on.
    pub fn is_due(&self) -> bool {
        !self.is_made()
            && self.last.is_none_or(|(at, took)| at.elapsed() >= PICTURE_INTERVAL.max(2 * took))
    }

    fn is_made(&self) -> bool {
        self.made
            .as_ref()
            .is_some_and(|m| m.iteration == self.wanted && m.conditions == self.conditions)
    }

    fn note(&mut self, draft: bool, took: Duration) {
        let conditions = Arc::clone(&self.conditions);
        self.made = Some(Made { iteration: self.wanted, conditions, draft });
        self.last = Some((Instant::now(), took));
    }
}

impl Engine {
    pub(super) fn show(&mut self, iteration: usize) {
        let last = self.last_iteration();
        self.shown.wanted = iteration.min(last);
        self.shown.follow = iteration >= last;
    }

    /// Takes other conditions; the picture of them is made when its turn comes.
    pub(super) fn take_conditions(&mut self, conditions: Conditions) {
        self.shown.conditions = Arc::new(conditions);
    }

    pub(super) fn last_iteration(&self) -> usize {
        let run = self.bench.as_ref().and_then(|b| b.run.as_ref());
        run.map_or(0, |r| r.history().len().saturating_sub(1))
    }

    /// Images what is wanted. Where its focus cannot be had, best focus is shown instead.
    pub(super) fn image(&mut self) {
        if let Err(stop) = self.focus() {
            self.tell(Event::Progress(None));
            self.report(Err(stop));
            let conditions = Conditions { defocus_nm: 0.0, ..(*self.shown.conditions).clone() };
            self.take_conditions(conditions);
        }
        self.make_picture();
    }

    /// Sees to it that the lens has the kernels of the focus wanted.
    fn focus(&mut self) -> Result<(), Stop> {
        let defocus = self.shown.conditions.defocus_nm;
        if self.bench.as_ref().is_none_or(|b| b.lens.has(defocus)) {
            return Ok(());
        }
        self.stage("Preparing the optics at this focus")?;
        let (Some(bench), Some(clip)) = (self.bench.as_mut(), self.clip.as_ref()) else {
            return Ok(());
        };
        bench.lens.focus(defocus, bench.imager.process(), clip.window, &self.folders)?;
        self.tell(Event::Progress(None));
        Ok(())
    }

    fn make_picture(&mut self) {
        let (Some(clip), Some(bench)) = (self.clip.clone(), self.bench.as_mut()) else { return };
        let (wanted, draft, started) = (self.shown.wanted, self.running, Instant::now());
        let run = bench.run.as_mut();
        let bare = Subject {
            generation: self.generation,
            iteration: None,
            draft,
            main: Vec::new(),
            assists: Vec::new(),
            fragments: [].into(),
            offsets: Vec::new(),
            broken: Vec::new(),
            window: clip.window,
            readings: Vec::new(),
            range: bench.range,
            conditions: Arc::clone(&self.shown.conditions),
        };
        let subject = match run.and_then(|run| of_iteration(run, wanted, &bare)) {
            Some(subject) => subject,
            None => Subject { main: clip.polygons.clone(), ..bare },
        };
        let drawing = bench.drawing.as_mut();
        let mut picture = picture::make(&mut bench.imager, &mut bench.lens, drawing, subject);
        bench.range = Some(picture.range);
        picture.took_ms = milliseconds(started);
        self.shown.note(draft, started.elapsed());
        let picture = Arc::new(picture);
        self.desk.reasons.take_picture(&picture);
        self.tell(Event::Picture(picture));
        self.watch_drawing();
    }
}

/// What is to be imaged of an iteration; `None` if there is no such iteration.
fn of_iteration(run: &mut OpcRun, iteration: usize, bare: &Subject) -> Option<Subject> {
    let offsets = run.history().get(iteration)?.offsets.clone();
    Some(Subject {
        iteration: Some(iteration),
        main: run.main_mask(iteration)?,
        assists: run.assists(iteration)?,
        fragments: run.target_of(iteration)?.fragments().into(),
        broken: rules::broken(run, iteration),
        readings: run.gauge_readings(iteration)?,
        offsets,
        ..bare.clone()
    })
}
