//! What is asked about the shown mask, and which of it is still to be found.

use std::sync::Arc;
use std::time::Instant;

use lithoscope_engine::imaging::CutLine;

use super::reasons::Reasons;
use super::studies::Studies;
use super::{Engine, Stop};
use crate::headless::Developer;
use crate::worker::analysis::{cut, section};
use crate::worker::{
    Analysis, Conditions, Event, Failure, Finding, Progress, SectionOutcome, develop,
};

/// How often the window is told how far an analysis has come, ms.
const PROGRESS_MS: u128 = 50;

/// Questions that stand, and what their last answers were about.
#[derive(Default)]
pub struct Desk {
    line: Option<CutLine>,
    section_wanted: bool,
    /// Counts questions.
    asked: u64,
    cut: Option<Topic>,
    section: Option<Topic>,
    pub(super) reasons: Reasons,
    pub(super) studies: Studies,
}

impl Desk {
    /// The cut line.
    pub fn line(&self) -> Option<CutLine> {
        self.line
    }
}

/// What an answer is about.
#[derive(Clone, PartialEq)]
struct Topic {
    generation: u64,
    iteration: usize,
    conditions: Arc<Conditions>,
    asked: u64,
}

/// Something to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Light along the cut line.
    Cut,
    /// The resist's cross-section there.
    Section,
}

impl Engine {
    /// Takes a question; it is answered when its turn comes.
    pub(super) fn analyse(&mut self, analysis: Analysis) {
        match analysis {
            Analysis::CutLine(line) => {
                self.desk.line = line;
                self.desk.asked += 1;
            }
            Analysis::Section(wanted) => self.desk.section_wanted = wanted,
            Analysis::SectionAgain => self.desk.section = None,
            Analysis::Optics(wanted) => self.desk.studies.want_optics(wanted),
            Analysis::ProcessWindow(wanted) => self.desk.studies.want_window(wanted),
            Analysis::Block(place) => self.desk.studies.want_block(place),
            Analysis::Why(ask) => self.desk.reasons.ask(ask),
            Analysis::Maps(wanted) => self.desk.reasons.want_maps(wanted),
        }
    }

    /// What is to be found out next about the mask that was imaged last: light first; a resist in
    /// three dimensions only while no run needs the time.
    pub(super) fn due(&self) -> Option<Job> {
        self.desk.line?;
        let topic = Some(self.topic()?);
        if self.desk.cut != topic {
            return Some(Job::Cut);
        }
        let later = self.running && self.shown.conditions.resist.is_volume();
        let section = self.desk.section_wanted && self.desk.section != topic;
        (section && !later).then_some(Job::Section)
    }

    fn topic(&self) -> Option<Topic> {
        let made = self.shown.made()?;
        self.bench.as_ref()?;
        Some(Topic {
            generation: self.generation,
            iteration: made.iteration,
            conditions: Arc::clone(&made.conditions),
            asked: self.desk.asked,
        })
    }

    pub(super) fn carry_out(&mut self, job: Job) {
        let topic = self.topic();
        match job {
            Job::Cut => {
                self.desk.cut = topic;
                self.cut_light();
            }
            Job::Section => {
                self.desk.section = topic;
                self.cut_resist();
            }
        }
    }

    fn cut_light(&mut self) {
        let (Some(clip), Some(bench), Some(made), Some(line)) =
            (&self.clip, &self.bench, self.shown.made(), self.desk.line)
        else {
            return;
        };
        let mask = bench.run.as_ref().and_then(|r| r.mask(made.iteration));
        let subject = cut::Subject {
            line,
            iteration: made.iteration,
            conditions: Arc::clone(&made.conditions),
            mask: mask.as_ref().unwrap_or(&clip.polygons),
            target: &clip.polygons,
            model: develop::model(&made.conditions, bench.imager.process().threshold),
        };
        let finding = cut::make(&bench.imager, &bench.lens, subject);
        self.tell_found(finding.map(|f| Finding::Cut(Box::new(f))));
    }

    pub(super) fn tell_found(&self, finding: Result<Finding, Failure>) {
        match finding {
            Ok(finding) => self.tell(Event::Found { generation: self.generation, finding }),
            Err(failure) => self.tell(Event::Failed(failure)),
        }
    }

    /// Develops the resist along the line. Any request that comes meanwhile has precedence: the
    /// work is given up and taken up again after it.
    fn cut_resist(&mut self) {
        let (Some(bench), Some(made), Some(line)) =
            (&self.bench, self.shown.made(), self.desk.line)
        else {
            return;
        };
        let subject = section::Subject { line, conditions: Arc::clone(&made.conditions) };
        let (started, mut told) = (Instant::now(), 0);
        let mut tell = |done: Option<f64>| {
            if self.inbox.is_waiting() || self.inbox.is_cancelled() {
                return false;
            }
            let now = started.elapsed().as_millis() / PROGRESS_MS;
            // What is done within two intervals needs no progress.
            if now > told + 1 {
                told = now;
                let job = "Developing the resist along the cut line".to_owned();
                let done = done.map(|share| share as f32);
                self.tell(Event::Progress(Some(Progress { job, done })));
            }
            true
        };
        let mut developer = Developer::new(self.device.clone());
        let outcome =
            section::make(&bench.imager, &bench.lens, &subject, &mut developer, &mut tell);
        self.watch_developer(&developer);
        self.end_section(outcome);
    }

    fn end_section(&mut self, outcome: Result<SectionOutcome, Stop>) {
        self.tell(Event::Progress(None));
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Stop::Failed(failure)) => SectionOutcome::Failed(failure.why),
            Err(Stop::Cancelled) if self.inbox.take_cancel() => SectionOutcome::GivenUp,
            Err(Stop::Cancelled) => {
                self.desk.section = None;
                return;
            }
        };
        self.tell_found(Ok(Finding::Section(Box::new(outcome))));
    }
}
