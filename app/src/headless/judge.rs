//! A mask's verdict against its target.

use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::imaging::Imager;
use lithoscope_engine::verify::{Metrics, PixelTarget, Scorer, Topology, contest_gauges};
use serde::Serialize;

use super::Prepared;

/// Metrics of a mask, and how its printed shapes match the target's at the worst corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// L2, PV band, EPE and shots.
    #[serde(flatten)]
    pub metrics: Metrics,
    /// Number of EPE gauges.
    pub epe_gauges: usize,
    /// Missing, broken, bridged and extra shapes.
    #[serde(flatten)]
    pub topology: Topology,
}

/// Judges a mask of the clip by the recipe's scoring.
///
/// # Errors
/// The clip does not fit the optics, or is too large to be judged at 1 nm.
pub fn judge(prepared: &Prepared, mask: &[Polygon]) -> anyhow::Result<Verdict> {
    let Prepared { clip, recipe, process, .. } = prepared;
    let mut imager = Imager::new(process, clip.window)?;
    let target = PixelTarget::new(&clip.polygons, imager.field(), recipe.scoring.target_rule)?;
    let gauges = contest_gauges(&target, recipe.scoring.epe_tolerance_nm);
    let mut scorer = Scorer::new(&imager, &target, &gauges);
    let metrics = scorer.score(&mut imager, mask);
    Ok(Verdict { metrics, epe_gauges: gauges.len(), topology: scorer.topology() })
}
