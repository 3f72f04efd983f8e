//! A free-form run in a file: its field bit for bit, the states it goes back to and its masks.

use serde::{Deserialize, Serialize};

use super::{FieldState, FreeForm, Memory};
use crate::geometry::{Polygon, Rect};
use crate::opc::{Iteration, SavedRunError};

/// What a free-form run goes on from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::opc) struct SavedField {
    now: FieldState,
    memory: Memory,
}

impl FreeForm {
    /// The field as it stands, with all that is remembered.
    pub fn save(&self) -> SavedField {
        SavedField { now: self.now.clone(), memory: self.memory.stored() }
    }

    /// Takes up a saved field, after a check against this run's grids and its history.
    ///
    /// # Errors
    /// A state that does not fit its grid or is not finite, states or masks that do not go with
    /// the iterations, a mask that is not Manhattan or leaves the field.
    pub fn restore(
        &mut self,
        saved: SavedField,
        history: &[Iteration],
        field: Rect,
    ) -> Result<(), SavedRunError> {
        let SavedField { now, memory } = saved;
        self.check_state(&now).map_err(|reason| bad(format!("the last state {reason}")))?;
        memory.check(history.len()).map_err(bad)?;
        for (iteration, state) in memory.states() {
            self.check_state(state)
                .map_err(|reason| bad(format!("the state of iteration {iteration} {reason}")))?;
        }
        let judged = history.iter().filter(|i| i.judged).map(|i| i.index);
        if !memory.masks().map(|(iteration, _)| iteration).eq(judged) {
            return Err(bad("its masks are not those of the judged iterations".to_owned()));
        }
        for (iteration, mask) in memory.masks() {
            if let Some(polygon) = mask.iter().position(|p| !is_sound(p, field)) {
                let reason = "is not Manhattan or leaves the field";
                return Err(bad(format!("polygon {polygon} of iteration {iteration} {reason}")));
            }
        }
        self.now = now;
        self.memory.take(memory);
        Ok(())
    }

    /// Says what is wrong with a state, if anything is.
    fn check_state(&self, state: &FieldState) -> Result<(), String> {
        let Some(level) = self.levels.get(state.level) else {
            return Err(format!("is on grid {} of {}", state.level, self.levels.len()));
        };
        let cells = level.grid.nx * level.grid.ny;
        for found in [&state.field, &state.first, &state.second].map(Vec::len) {
            if found != cells {
                return Err(format!("has {found} cells where its grid has {cells}"));
            }
        }
        let finite = state.field.iter().chain(&state.first).all(|v| v.is_finite());
        let second = state.second.iter().all(|v| v.is_finite() && *v >= 0.0);
        if state.steps < 0 || !finite || !second {
            return Err("holds what no gradient leads to".to_owned());
        }
        Ok(())
    }
}

fn bad(reason: String) -> SavedRunError {
    SavedRunError::BadField { reason }
}

/// Whether a polygon has rings of four points and more, is Manhattan and lies in the field.
fn is_sound(polygon: &Polygon, field: Rect) -> bool {
    let inside = |ring: &[_]| {
        ring.len() >= 4
            && Rect::around(ring.iter().copied()).is_some_and(|r| field.union(&r) == field)
    };
    polygon.rings().all(inside) && polygon.is_manhattan()
}
