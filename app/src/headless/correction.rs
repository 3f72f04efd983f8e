//! One whole run of OPC, with a bar.

use std::time::Instant;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::opc::{OpcRun, Recipe};
use lithoscope_engine::verify::{RuleFinding, check};

use super::{Prepared, Seconds};

/// A finished run.
pub struct Corrected {
    /// The run, its schedule done.
    pub run: OpcRun,
    /// Mask of the run's best iteration.
    pub mask: Vec<Polygon>,
    /// What it took.
    pub seconds: Seconds,
}

impl Corrected {
    /// Where the best mask breaks a mask rule of the recipe, found on its polygons alone.
    pub fn rule_findings(&self, recipe: &Recipe) -> Vec<RuleFinding> {
        let best = self.run.best();
        let main = self.run.main_mask(best).unwrap_or_default();
        let srafs: Vec<Polygon> =
            self.run.assists(best).unwrap_or_default().into_iter().map(Polygon::rect).collect();
        check(&main, &srafs, &recipe.rules.values())
    }
}

/// Runs the whole schedule. `visible` draws a bar on standard error where that is a terminal.
///
/// # Errors
/// The target cannot be corrected, or the run diverged.
pub fn correct(prepared: &Prepared, visible: bool) -> anyhow::Result<Corrected> {
    let start = Instant::now();
    let mut run = OpcRun::new(&prepared.clip, &prepared.recipe, &prepared.process)
        .with_context(|| prepared.file.display().to_string())?;
    let setup_s = start.elapsed().as_secs_f64();
    let bar = bar(run.total_steps(), visible);
    let start = Instant::now();
    while let Some(iteration) = run.step()? {
        let m = iteration.metrics;
        bar.set_message(format!(
            "L2 {} · PV band {} · EPE {} · shots {}",
            m.l2_nm2, m.pvb_nm2, m.epe_violations, m.shots
        ));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let steps_s = start.elapsed().as_secs_f64();
    let mask = run.mask(run.best()).unwrap_or_default();
    let steps = run.history().len().saturating_sub(1).max(1);
    let seconds = Seconds {
        kernels: prepared.kernels_s,
        setup: setup_s,
        steps: steps_s,
        per_step: steps_s / steps as f64,
        total: prepared.kernels_s + setup_s + steps_s,
    };
    Ok(Corrected { run, mask, seconds })
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
