//! What the window knows of the conditions the mask is shown under.

use crate::worker::{Conditions, Optics};

/// The conditions chosen, and what can be chosen.
#[derive(Default)]
pub struct Exposure {
    /// Focus, dose and resist chosen.
    pub conditions: Conditions,
    /// What the optics can be shown at; `None` before they are ready.
    pub optics: Option<Optics>,
}

impl Exposure {
    /// Takes what the optics of another recipe or clip can be shown at.
    pub fn take(&mut self, optics: Optics) {
        self.conditions.defocus_nm = optics.focuses.nearest(self.conditions.defocus_nm);
        self.optics = Some(optics);
    }
}
