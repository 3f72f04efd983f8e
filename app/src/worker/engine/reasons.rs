//! Why the shown mask is as it is: explanations, maps of the loss, and what it differs in from
//! another. Each is made between requests while the window asks for it, none while a run needs the
//! time.

use std::sync::Arc;

use super::Engine;
use crate::worker::analysis::{difference, maps, why};
use crate::worker::{Ask, Finding, Picture, WantedMaps};

/// What is asked for, and what the last answers were about.
#[derive(Default)]
pub struct Reasons {
    ask: Option<Ask>,
    wanted: WantedMaps,
    /// The picture that the shown one is compared with.
    other: Option<Arc<Picture>>,
    /// The newest picture.
    newest: Option<Arc<Picture>>,
    answered: Option<(u64, usize, Ask)>,
    mapped: Option<(u64, usize, WantedMaps)>,
    compared: bool,
}

/// A reason to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Of a fragment or gauge.
    Why(Ask),
    /// Of the whole mask.
    Maps(WantedMaps),
    /// For one mask beside another.
    Difference,
}

impl Reasons {
    pub fn ask(&mut self, ask: Option<Ask>) {
        self.ask = ask;
        self.answered = None;
    }

    pub fn want_maps(&mut self, wanted: WantedMaps) {
        self.wanted = wanted;
    }

    pub fn compare_with(&mut self, other: Option<Arc<Picture>>) {
        self.other = other;
        self.compared = false;
    }

    pub fn take_picture(&mut self, picture: &Arc<Picture>) {
        self.newest = Some(Arc::clone(picture));
        self.compared = false;
    }
}

impl Engine {
    /// The reason that is due for the mask that was imaged last.
    pub(super) fn due_reason(&self) -> Option<Reason> {
        let reasons = &self.desk.reasons;
        if self.running {
            return None;
        }
        let iteration = self.shown.made()?.iteration;
        if self.bench.as_ref()?.run.is_some() {
            if let Some(ask) = reasons.ask
                && reasons.answered != Some((self.generation, iteration, ask))
            {
                return Some(Reason::Why(ask));
            }
            let wanted = reasons.wanted;
            if wanted != WantedMaps::default()
                && reasons.mapped != Some((self.generation, iteration, wanted))
            {
                return Some(Reason::Maps(wanted));
            }
        }
        let comparable =
            reasons.other.is_some() && reasons.newest.as_ref().is_some_and(|p| !p.draft);
        (comparable && !reasons.compared).then_some(Reason::Difference)
    }

    pub(super) fn find_reason(&mut self, reason: Reason) {
        let Some(iteration) = self.shown.made().map(|m| m.iteration) else { return };
        let run = self.bench.as_mut().and_then(|b| b.run.as_mut());
        let reasons = &mut self.desk.reasons;
        let finding = match reason {
            Reason::Why(ask) => {
                reasons.answered = Some((self.generation, iteration, ask));
                run.map(|run| Finding::Why(Box::new(why::make(run, iteration, ask))))
            }
            Reason::Maps(wanted) => {
                reasons.mapped = Some((self.generation, iteration, wanted));
                let maps = run.and_then(|run| maps::make(run, iteration, wanted));
                maps.map(|maps| Finding::Maps(Arc::new(maps)))
            }
            Reason::Difference => {
                reasons.compared = true;
                let pair = reasons.other.as_ref().zip(reasons.newest.as_ref());
                pair.map(|(a, b)| Finding::Difference(Arc::new(difference::make(a, b))))
            }
        };
        if let Some(finding) = finding {
            self.tell_found(Ok(finding));
        }
    }
}
