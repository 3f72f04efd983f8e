//! Averages of a recipe over the clips it was run on.

use serde::Serialize;

use super::{Entry, Figures, Suite};

/// Averages over the clips that were corrected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Averages {
    /// Name of the recipe.
    pub recipe: String,
    /// Clips averaged over.
    pub clips: usize,
    /// Clips that failed.
    pub failed: usize,
    /// L2, PV band, EPE violations and shots are a target shape where this is set, else a clip.
    pub by_shape: bool,
    /// L2, nm².
    pub l2_nm2: f64,
    /// PV band, nm².
    pub pvb_nm2: f64,
    /// EPE violations.
    pub epe_violations: f64,
    /// Least number of rectangles.
    pub shots: f64,
    /// Shots of a mask writer with the penalty of slivers.
    pub vsb_cost: f64,
    /// Mask rules broken, a clip.
    pub rule_violations: f64,
    /// Shapes missing, broken, bridged or extra, a clip.
    pub topology_faults: f64,
    /// Wall time, s a clip.
    pub seconds: f64,
    /// Published methods that are worse in every published column: L2, PV band, EPE and shots.
    pub better_than: Vec<&'static str>,
}

impl Averages {
    /// The averages of one recipe; all zero where no clip was corrected.
    pub fn new(suite: Suite, recipe: &str, entries: &[Entry]) -> Self {
        let own = || entries.iter().filter(|entry| entry.recipe == recipe);
        let figures: Vec<&Figures> = own().filter_map(|entry| entry.figures.as_ref()).collect();
        let sum = |of: &dyn Fn(&Figures) -> f64| figures.iter().map(|f| of(f)).sum::<f64>();
        let clips = figures.len().max(1) as f64;
        let shapes = sum(&|f| f.target_shapes as f64).max(1.0);
        let units = if suite.is_by_shape() { shapes } else { clips };
        let mut averages = Self {
            recipe: recipe.to_owned(),
            clips: figures.len(),
            failed: own().filter(|entry| entry.figures.is_none()).count(),
            by_shape: suite.is_by_shape(),
            l2_nm2: sum(&|f| f.verdict.metrics.l2_nm2 as f64) / units,
            pvb_nm2: sum(&|f| f.verdict.metrics.pvb_nm2 as f64) / units,
            epe_violations: sum(&|f| f64::from(f.verdict.metrics.epe_violations)) / units,
            shots: sum(&|f| f64::from(f.verdict.metrics.shots)) / units,
            vsb_cost: sum(&|f| f.vsb_cost() as f64) / units,
            rule_violations: sum(&|f| f.rule_violations as f64) / clips,
            topology_faults: sum(&|f| f64::from(f.verdict.topology.faults())) / clips,
            seconds: sum(&|f| f.seconds.total) / clips,
            better_than: Vec::new(),
        };
        averages.better_than = averages.beaten(suite);
        averages
    }

    /// Published methods that are worse in every column; none unless every clip was corrected.
    fn beaten(&self, suite: Suite) -> Vec<&'static str> {
        if self.clips == 0 || self.failed > 0 {
            return Vec::new();
        }
        let worse = |p: &&super::Published| {
            self.l2_nm2 < p.l2_nm2
                && self.pvb_nm2 < p.pvb_nm2
                && self.epe_violations < p.epe_violations
                && p.shots.is_none_or(|shots| self.shots < shots)
        };
        suite.published().filter(worse).map(|p| p.method).collect()
    }
}

#[cfg(test)]
mod tests {
    use lithoscope_engine::verify::{Metrics, Topology, VsbCount};

    use super::*;
    use crate::headless::{Seconds, Verdict};

    fn entry(l2_nm2: u64, epe_violations: u32, target_shapes: usize) -> Entry {
        let metrics = Metrics {
            l2_nm2,
            pvb_nm2: 2 * l2_nm2,
            epe_violations,
            shots: 40,
            ..Metrics::default()
        };
        let topology = Topology { bridged: 1, ..Topology::default() };
        let figures = Figures {
            verdict: Verdict { metrics, epe_gauges: 9, topology },
            vsb: Some(VsbCount { shots: 41, slivers: 2, cost: 43 }),
            rule_violations: 3,
            rule_findings: Vec::new(),
            target_shapes,
            srafs: 0,
            iteration: 1,
            seconds: Seconds { kernels: 0.5, setup: 0.0, steps: 1.0, per_step: 0.1, total: 1.5 },
        };
        Entry {
            recipe: "r".into(),
            clip: "c".into(),
            file: "c.glp".into(),
            figures: Some(figures),
            failure: None,
        }
    }

    #[test]
    fn averages_are_a_clip_or_a_shape_and_leave_out_what_failed() {
        let failed = Entry { figures: None, failure: Some("no".into()), ..entry(0, 0, 1) };
        let entries = [entry(20_000, 1, 2), entry(10_000, 2, 4), failed];
        let clip = Averages::new(Suite::Iccad13, "r", &entries);
        assert_eq!((clip.clips, clip.failed, clip.by_shape), (2, 1, false));
        assert_eq!((clip.l2_nm2, clip.pvb_nm2, clip.epe_violations), (15_000.0, 30_000.0, 1.5));
        assert_eq!((clip.shots, clip.vsb_cost, clip.seconds), (40.0, 43.0, 1.5));
        assert_eq!((clip.rule_violations, clip.topology_faults), (3.0, 1.0));
        assert!(clip.better_than.is_empty(), "not every clip was corrected");
        let via = Averages::new(Suite::Via, "r", &entries[..2]);
        assert_eq!((via.l2_nm2, via.shots, via.seconds), (5_000.0, 80.0 / 6.0, 1.5));
        let all = Averages::new(Suite::Iccad13, "r", &entries[..2]);
        assert_eq!(all.better_than, ["DiffOPC", "MultiILT", "CurvyILT", "DiffOPC without SRAF"]);
        let nothing = Averages::new(Suite::Iccad13, "other", &entries);
        assert_eq!((nothing.clips, nothing.l2_nm2), (0, 0.0));
        assert!(nothing.better_than.is_empty());
    }
}
