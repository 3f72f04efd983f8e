//! What a free-form run remembers: the masks it was judged by, and a few states to step on from.

use serde::{Deserialize, Serialize};

use super::FieldState;
use crate::geometry::Polygon;

/// Values that all states kept may have together: 64 MiB of f32.
const MAX_VALUES: usize = 1 << 24;
/// Most states that are kept.
const MAX_STATES: usize = 32;
/// States are kept at least this many iterations apart.
const LEAST_APART: usize = 8;

/// Masks of judged iterations, and states at every so many iterations: as many as fit are kept, and
/// where they no longer fit, every other one is let go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    every: usize,
    /// What fits follows from the grids, so it is not part of a file.
    #[serde(skip)]
    most: usize,
    states: Vec<(usize, FieldState)>,
    masks: Vec<(usize, Vec<Polygon>)>,
}

impl Memory {
    /// For states of at most `cells` cells.
    pub fn new(cells: usize) -> Self {
        let most = (MAX_VALUES / (3 * cells.max(1))).clamp(4, MAX_STATES);
        Self { every: LEAST_APART, most, states: Vec::new(), masks: Vec::new() }
    }

    pub fn note(&mut self, iteration: usize, state: &FieldState, mask: Option<Vec<Polygon>>) {
        self.masks.extend(mask.map(|mask| (iteration, mask)));
        if !iteration.is_multiple_of(self.every) {
            return;
        }
        self.states.push((iteration, state.clone()));
        if self.states.len() > self.most {
            self.every *= 2;
            let every = self.every;
            self.states.retain(|(at, _)| at.is_multiple_of(every));
        }
    }

    pub fn mask(&self, iteration: usize) -> Option<&[Polygon]> {
        let later = self.masks.partition_point(|(at, _)| *at <= iteration);
        self.masks.get(later.checked_sub(1)?).map(|(_, mask)| mask.as_slice())
    }

    /// Forgets what comes after an iteration; the last state at or before it, and its iteration.
    pub fn back_to(&mut self, iteration: usize, now: &FieldState) -> (usize, FieldState) {
        self.masks.retain(|(at, _)| *at <= iteration);
        self.states.retain(|(at, _)| *at <= iteration);
        self.states.last().cloned().unwrap_or_else(|| (iteration, now.clone()))
    }

    /// The states that are kept, by iteration.
    pub fn states(&self) -> impl Iterator<Item = (usize, &FieldState)> {
        self.states.iter().map(|(at, state)| (*at, state))
    }

    /// The masks of judged iterations.
    pub fn masks(&self) -> impl Iterator<Item = (usize, &[Polygon])> {
        self.masks.iter().map(|(at, mask)| (*at, mask.as_slice()))
    }

    /// What is remembered, as a file holds it.
    pub fn stored(&self) -> Self {
        Self { most: 0, ..self.clone() }
    }

    /// Takes up what was remembered before.
    pub fn take(&mut self, before: Self) {
        *self = Self { most: self.most, ..before };
    }

    /// Says what is wrong with states read from a file, in a run of so many iterations.
    pub fn check(&self, iterations: usize) -> Result<(), String> {
        if self.every < LEAST_APART {
            return Err(format!("its states are {} iterations apart", self.every));
        }
        let expected = (0..iterations).step_by(self.every);
        if !self.states().map(|(at, _)| at).eq(expected) {
            return Err(format!("its states are not those of every {}th iteration", self.every));
        }
        Ok(())
    }
}
