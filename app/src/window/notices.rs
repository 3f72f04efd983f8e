//! Banners that stay until dismissed, and the log.

use std::collections::VecDeque;
use std::time::Instant;

use crate::worker::{Failure, Remedy};

/// Log lines that are kept.
const LOG: usize = 500;
/// Banners that are shown; older ones are in the log.
const BANNERS: usize = 3;

/// How a banner looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something did not work.
    Error,
    /// Something worked.
    Info,
}

/// A banner.
#[derive(Clone, Debug)]
pub struct Banner {
    /// For dismissing it.
    pub id: u64,
    /// Look.
    pub tone: Tone,
    /// What happened.
    pub what: String,
    /// Why, where and what to do.
    pub why: String,
    /// One click that may help.
    pub remedy: Option<Remedy>,
}

/// Banners and log.
pub struct Notices {
    /// Banners, oldest first.
    pub banners: Vec<Banner>,
    /// Lines with the seconds since the start, oldest first.
    pub log: VecDeque<(f64, String)>,
    started: Instant,
    next_id: u64,
}

impl Default for Notices {
    fn default() -> Self {
        Self { banners: Vec::new(), log: VecDeque::new(), started: Instant::now(), next_id: 0 }
    }
}

impl Notices {
    /// Shows a failure until it is dismissed.
    pub fn fail(&mut self, failure: Failure) {
        self.log(format!("{}: {}", failure.what, failure.why));
        self.banner(Tone::Error, failure.what, failure.why, failure.remedy);
    }

    /// Shows good news until it is dismissed or followed by the next.
    pub fn inform(&mut self, what: String, why: String) {
        self.log(format!("{what} {why}"));
        self.banners.retain(|b| b.tone != Tone::Info);
        self.banner(Tone::Info, what, why, None);
    }

    fn banner(&mut self, tone: Tone, what: String, why: String, remedy: Option<Remedy>) {
        self.banners.retain(|b| b.what != what);
        if self.banners.len() >= BANNERS {
            self.banners.remove(0);
        }
        self.next_id += 1;
        self.banners.push(Banner { id: self.next_id, tone, what, why, remedy });
    }

    /// Takes a banner away.
    pub fn dismiss(&mut self, id: u64) {
        self.banners.retain(|b| b.id != id);
    }

    /// Takes away banners about something that has worked since.
    pub fn resolve(&mut self, remedy: Remedy) {
        self.banners.retain(|b| b.remedy != Some(remedy));
    }

    /// Adds a line to the log.
    pub fn log(&mut self, line: String) {
        if self.log.len() >= LOG {
            self.log.pop_front();
        }
        self.log.push_back((self.started.elapsed().as_secs_f64(), line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_failure_is_shown_once_and_few_banners_stand_at_a_time() {
        let mut notices = Notices::default();
        for i in 0..10 {
            let failure = Failure { what: format!("w{}", i % 4), why: String::new(), remedy: None };
            notices.fail(failure);
        }
        assert_eq!(notices.banners.len(), BANNERS);
        assert_eq!(notices.banners.last().unwrap().what, "w1");
        assert_eq!(notices.log.len(), 10);
    }
}
