//! Ctrl-C as a request: the first one asks for an end in good order, the second one ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// Exit code of a program that a person ended, as shells report it: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;

/// Whether a person asked for an end.
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes Ctrl-C over; until then it ends the program.
    ///
    /// # Errors
    /// The system refuses.
    pub fn watch() -> anyhow::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        // In this order: the first signal finds the flag down, and the second ends the program.
        flag::register_conditional_shutdown(SIGINT, i32::from(INTERRUPTED), Arc::clone(&asked))
            .and_then(|_| flag::register(SIGINT, Arc::clone(&asked)))
            .context("cannot take Ctrl-C over")?;
        Ok(Self(asked))
    }

    /// Whether an end was asked for.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
