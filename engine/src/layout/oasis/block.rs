//! A `CBLOCK`: DEFLATE-compressed records, inflated through a fixed window.

use flate2::{Decompress, FlushDecompress, Status};

use super::budget::Budget;
use super::stream::Parsed;

/// Bytes of the window.
const WINDOW: usize = 64 << 10;

/// What inflating takes; used again from block to block.
pub(super) struct Inflater {
    state: Decompress,
    window: Vec<u8>,
}

impl Default for Inflater {
    fn default() -> Self {
        Self { state: Decompress::new(false), window: Vec::with_capacity(WINDOW) }
    }
}

pub(super) struct Block<'a> {
    /// Offset of the `CBLOCK` record in the file.
    pub place: u64,
    input: &'a [u8],
    inflater: Inflater,
    budget: &'a Budget,
    used: usize,
    /// Bytes inflated so far, and how many the record says there are.
    inflated: u64,
    claimed: u64,
    ended: bool,
}

impl<'a> Block<'a> {
    pub fn new(
        place: u64,
        input: &'a [u8],
        claimed: u64,
        mut inflater: Inflater,
        budget: &'a Budget,
    ) -> Self {
        inflater.state.reset(false);
        inflater.window.clear();
        Self { place, input, inflater, budget, used: 0, inflated: 0, claimed, ended: false }
    }

    /// What the next block can use.
    pub fn into_inflater(self) -> Inflater {
        self.inflater
    }

    /// Bytes of the contents that have been read.
    pub fn consumed(&self) -> u64 {
        self.inflated - (self.inflater.window.len() - self.used) as u64
    }

    pub fn remaining(&self) -> u64 {
        // DEFLATE makes at most 1032 bytes of one (RFC 1951: 258 bytes from two bits).
        let possible = (self.input.len() as u64).saturating_mul(1032).min(self.claimed);
        possible.saturating_sub(self.consumed())
    }

    #[inline]
    pub fn at_hand(&self) -> &[u8] {
        &self.inflater.window[self.used..]
    }

    #[inline]
    pub fn take(&mut self, count: usize) {
        self.used += count;
    }

    pub fn byte(&mut self) -> Parsed<u8> {
        if self.used == self.inflater.window.len() {
            self.refill()?;
        }
        let Some(&byte) = self.inflater.window.get(self.used) else {
            return Err("the record runs past the end of its CBLOCK".into());
        };
        self.used += 1;
        Ok(byte)
    }

    /// Whether the contents are used up; where they are, they must be what the record promised.
    pub fn is_finished(&mut self) -> Parsed<bool> {
        if self.used == self.inflater.window.len() {
            self.refill()?;
        }
        if self.used < self.inflater.window.len() {
            return Ok(false);
        }
        if self.inflated != self.claimed {
            let (claimed, inflated) = (self.claimed, self.inflated);
            let problem = format!("the CBLOCK claims {claimed} bytes but holds {inflated}");
            return Err(problem.into());
        }
        let unused = self.input.len() as u64 - self.inflater.state.total_in();
        if unused > 0 {
            return Err(format!("{unused} bytes follow the compressed data of the CBLOCK").into());
        }
        Ok(true)
    }

    /// Inflates the next part; the window stays empty at the end of the data.
    fn refill(&mut self) -> Parsed<()> {
        self.inflater.window.clear();
        self.used = 0;
        let filled = self.fill();
        if filled.is_err() {
            // What came before the damage is not worth having: its records may be cut short.
            self.inflater.window.clear();
        }
        filled?;
        let more = self.inflater.window.len() as u64;
        self.inflated += more;
        self.budget.inflate(more)?;
        if self.inflated > self.claimed {
            return Err(format!("the CBLOCK claims {} bytes but holds more", self.claimed).into());
        }
        Ok(())
    }

    fn fill(&mut self) -> Parsed<()> {
        let Inflater { state, window } = &mut self.inflater;
        while window.is_empty() && !self.ended {
            let taken = state.total_in() as usize;
            let status = state
                .decompress_vec(&self.input[taken..], window, FlushDecompress::None)
                .map_err(|e| format!("the compressed data of the CBLOCK is damaged: {e}"))?;
            self.ended = status == Status::StreamEnd;
            let stuck = window.is_empty() && state.total_in() as usize == taken;
            if stuck && !self.ended {
                return Err("the compressed data of the CBLOCK is cut short".into());
            }
        }
        Ok(())
    }
}
