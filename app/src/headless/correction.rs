//! One whole run of OPC, with a bar.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use lithoscope_engine::device::{Compute, DeviceError};
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::opc::{OpcRun, SavedRun, Statement};

use super::interrupt::Interrupt;
use super::{Prepared, Seconds};
use crate::export;

/// A run that ended or was stopped.
pub struct Corrected {
    /// The run.
    pub run: OpcRun,
    /// Mask of the run's best iteration.
    pub mask: Vec<Polygon>,
    /// What that mask does not meet.
    pub statement: Statement,
    /// What it took.
    pub seconds: Seconds,
    /// Whether Ctrl-C stopped it.
    pub interrupted: bool,
    /// What computed the iterations last: the device's name and backend, or the processor.
    pub device: String,
    /// Why a device that was asked for did not, or did not to the end.
    pub device_failure: Option<DeviceError>,
}

impl Corrected {
    /// A run that is not stepped any further, with its best mask.
    pub fn new(
        mut run: OpcRun,
        seconds: Seconds,
        device: String,
        device_failure: Option<DeviceError>,
    ) -> Self {
        let best = run.best();
        let mask = run.mask(best).unwrap_or_default();
        let statement = run.statement(best).unwrap_or_default();
        Self { run, mask, statement, seconds, interrupted: false, device, device_failure }
    }

    /// Writes the best mask: target, main features and SRAFs on the recipe's layers.
    ///
    /// # Errors
    /// The path cannot be written.
    pub fn write_mask(&self, path: &Path, prepared: &Prepared) -> anyhow::Result<()> {
        let best = self.run.best();
        let main = self.run.main_mask(best).unwrap_or_default();
        let srafs = self.run.assists(best).unwrap_or_default();
        export::write_mask(path, &prepared.clip, &main, &srafs, &prepared.recipe.output)
    }
}

/// Where a run begins and how far it goes.
#[derive(Default)]
pub struct Course {
    /// Draws a bar on standard error where that is a terminal.
    pub visible: bool,
    /// The run that is gone on with; a new one unless given.
    pub from: Option<SavedRun>,
    /// Most iterations to make; all that are left unless given.
    pub stop_after: Option<usize>,
    /// Whether Ctrl-C stops the run after its iteration rather than the program at once.
    pub interruptible: bool,
    /// What computes the iterations; the processor unless given.
    pub device: Option<Arc<dyn Compute>>,
}

/// Runs the whole schedule. `visible` draws a bar on standard error where that is a terminal.
///
/// # Errors
/// The target cannot be corrected, or the run diverged.
pub fn correct(prepared: &Prepared, visible: bool) -> anyhow::Result<Corrected> {
    correct_along(prepared, Course { visible, ..Course::default() })
}

/// Runs a schedule, or a part of it.
///
/// # Errors
/// The target cannot be corrected, the saved run does not go with the process, or the run
/// diverged.
pub fn correct_along(prepared: &Prepared, course: Course) -> anyhow::Result<Corrected> {
    let start = Instant::now();
    let run = match course.from {
        Some(saved) => OpcRun::resume(saved, &prepared.process),
        None => OpcRun::new(&prepared.clip, &prepared.recipe, &prepared.process),
    };
    let mut run = run.with_context(|| prepared.file.display().to_string())?;
    let refused = course.device.and_then(|device| run.use_device(device).err());
    let setup_s = start.elapsed().as_secs_f64();
    let before = run.history().len();
    // Not earlier: until there is a run, there is nothing to end in good order.
    let interrupt = course.interruptible.then(Interrupt::watch).transpose()?;
    let asked = || interrupt.as_ref().is_some_and(Interrupt::asked);
    let bar = bar(run.total_steps(), course.visible);
    bar.set_position(before as u64 - 1);
    let start = Instant::now();
    let most = course.stop_after.map_or(usize::MAX, |most| before.saturating_add(most));
    while run.history().len() < most && !asked() {
        let Some(iteration) = run.step()? else { break };
        let m = iteration.metrics;
        bar.set_message(format!(
            "L2 {} · PV band {} · EPE {} · shots {}",
            m.l2_nm2, m.pvb_nm2, m.epe_violations, m.shots
        ));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let steps_s = start.elapsed().as_secs_f64();
    let steps = run.history().len() - before;
    let seconds = Seconds::new(prepared.kernels_s, setup_s, steps_s, steps);
    let device = run.device().map_or_else(
        || "processor".to_owned(),
        |info| format!("{} ({})", info.name, info.backend.word()),
    );
    let device_failure = refused.or_else(|| run.device_failure().cloned());
    let interrupted = asked() && !run.is_finished();
    Ok(Corrected { interrupted, ..Corrected::new(run, seconds, device, device_failure) })
}

/// The progress bar; indicatif hides it where standard error is no terminal.
fn bar(steps: usize, visible: bool) -> ProgressBar {
    if !visible {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(steps as u64);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed_precise} ETA {eta}")
    {
        bar.set_style(style);
    }
    bar
}
