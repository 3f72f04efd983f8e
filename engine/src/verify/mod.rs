//! Verdicts on a mask: EPE, L2, PV band, shots. Judges a mask, never changes it.

mod gauges;
mod matching;
mod metrics;
mod rules;
mod shots;

pub use gauges::{Gauge, GaugeReading};
pub use metrics::{Metrics, TargetRule};
pub use rules::{LeastDistances, MaskRule, Violation, least_distances, violations};
pub use shots::shots;
