//! Verdicts on a mask: EPE, L2, PV band, shots, mask rules. Judges a mask, never changes it.

mod error;
mod gauges;
mod matching;
mod metrics;
mod rules;
mod score;
mod shots;
mod target;
mod topology;

pub use error::VerifyError;
pub use gauges::{Gauge, GaugeReading, contest_gauges, read};
pub use metrics::{AreaScores, Metrics, PrintLevels, TargetRule, printed, score_images};
pub use rules::{
    AssistRules, LeastDistances, MaskRule, Violation, assist_violations, least_distances, violations,
};
pub use score::Scorer;
pub use shots::shots;
pub use target::PixelTarget;
pub use topology::{Topology, topology};
