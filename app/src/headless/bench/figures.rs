//! The figures of one recipe on one clip.

use lithoscope_engine::verify::{RuleFinding, VsbCount, VsbWriter, vsb_count};
use serde::Serialize;

use crate::headless::{Corrected, Prepared, Seconds, Verdict, judge};

/// A judged mask and what it took.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Metrics and printed shapes, judged over the whole field.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Shots of a mask writer; absent where an edge is slanted.
    pub vsb: Option<VsbCount>,
    /// How often the mask breaks a mask rule of the recipe.
    pub rule_violations: usize,
    /// Where, and by how much; clip nm.
    pub rule_findings: Vec<RuleFinding>,
    /// Shapes of the target.
    pub target_shapes: usize,
    /// SRAFs of the mask.
    pub srafs: usize,
    /// The iteration whose mask this is.
    pub iteration: usize,
    /// Wall time.
    pub seconds: Seconds,
}

impl Figures {
    /// Judges the best mask of a run.
    ///
    /// # Errors
    /// As [`judge`].
    pub fn new(prepared: &Prepared, corrected: &Corrected) -> anyhow::Result<Self> {
        let best = corrected.run.best();
        let rule_findings: Vec<RuleFinding> =
            corrected.statement.rules.iter().map(|broken| broken.finding).collect();
        Ok(Self {
            verdict: judge(prepared, &corrected.mask)?,
            vsb: vsb_count(&corrected.mask, &VsbWriter::default()),
            rule_violations: rule_findings.len(),
            rule_findings,
            target_shapes: prepared.clip.polygons.len(),
            srafs: corrected.run.assists(best).unwrap_or_default().len(),
            iteration: best,
            seconds: corrected.seconds,
        })
    }

    /// Shots of a mask writer with what slivers cost on top; the least number of rectangles where
    /// there is no such count.
    pub fn vsb_cost(&self) -> u64 {
        self.vsb.map_or(u64::from(self.verdict.metrics.shots), |vsb| vsb.cost)
    }
}
