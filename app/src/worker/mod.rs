//! Engine work on a thread of its own, so that the window never waits.
//!
//! ```text
//! window ── Request ──▶ Inbox ──▶ thread "engine" ──▶ Outbox ── Event ──▶ window
//! ```
//!
//! Both boxes are bounded: a new request of a kind replaces the one still waiting, and a new
//! picture or finding replaces one that was never looked at. Pause acts between iterations, cancel
//! between stages. What the window shows is told apart by generation: a number that a new clip or
//! recipe raises, so that what belongs to an earlier one is dropped.

mod analysis;
mod calibration;
mod conditions;
mod develop;
mod drawing;
mod engine;
mod lens;
mod mailbox;
mod picture;
mod protocol;
mod stages;
mod survey;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

pub use analysis::{
    Analysis, Ask, Block, BlockOutcome, CutFinding, Difference, Explanation, Finding, LensPictures,
    Level, Maps, OpticsPictures, RuleMarker, Section, SectionOutcome, SeedPicture, WantedMaps, Why,
    WindowOutcome, block_place,
};
pub use calibration::{
    CalibrationJob, CalibrationNews, CalibrationOrder, CalibrationResult, PairSource,
};
pub use conditions::{Conditions, FOCUS_STEP_NM, Focuses, Resist, resists};
pub use drawing::{ColourMemory, Colours, WindowDevice};
pub use picture::{
    DepthMap, Picture, Printed, depth_colours, exposure_colours, gain_colours, light_colours,
};
pub use protocol::{
    Event, Export, Failure, Looks, Occasion, OpenedLayout, Optics, Prepared, Progress, Remedy,
    Request, Sketch, Source,
};
pub use survey::{CellFacts, Survey};
pub use watch::Watch;

use mailbox::{Inbox, Outbox};

/// Folders the engine thread may use.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// Contest kernels, for recipes that import them.
    pub kernels: Option<PathBuf>,
    /// Where computed kernels are kept between runs.
    pub cache: Option<PathBuf>,
}

/// The window's end of the engine thread.
pub struct Worker {
    inbox: Arc<Inbox>,
    outbox: Arc<Outbox>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `wake` is called whenever there is something to look at.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub fn start(
        folders: Folders,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let inbox = Arc::new(Inbox::default());
        let outbox = Arc::new(Outbox::new(wake));
        let (requests, events) = (Arc::clone(&inbox), Arc::clone(&outbox));
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || engine::Engine::new(requests, events, folders).run())?;
        Ok(Self { inbox, outbox, thread: Some(thread) })
    }

    /// Asks for something. Returns at once.
    pub fn send(&self, request: Request) {
        self.inbox.push(request);
    }

    /// Asks the work in progress to stop at the end of its stage; a run pauses.
    pub fn cancel(&self) {
        self.inbox.cancel();
    }

    /// What happened since the last call, oldest first.
    pub fn drain(&self) -> Vec<Event> {
        self.outbox.drain()
    }

    /// Whether the thread still runs; `false` means it failed and takes no more requests.
    pub fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|t| !t.is_finished())
    }
}

impl Drop for Worker {
    /// Tells the thread to end after its stage. It is not waited for: files it writes are renamed
    /// into place, so that an end in the middle leaves none half written.
    fn drop(&mut self) {
        self.inbox.close();
        drop(self.thread.take());
    }
}
