//! Verdicts on a mask: EPE, L2, PV band, shots, mask rules. Judges a mask, never changes it.

mod band;
mod cd;
mod curve;
mod error;
mod focus_exposure;
mod gauges;
mod matching;
mod meef;
mod metrics;
mod partition;
mod rule_check;
mod rules;
mod score;
mod shots;
mod target;
mod topology;
mod vsb;
mod window;
mod window_shapes;

pub use band::{CornerSpec, PvBand, pv_band_of};
pub use cd::{CdGauge, Prints};
pub use error::VerifyError;
pub use focus_exposure::{BossungCurve, FocusExposure, Isofocal, focus_exposure};
pub use gauges::{Gauge, GaugeReading, contest_gauges, read};
pub use meef::{meef, meef_by_bias};
pub use metrics::{AreaScores, Metrics, PrintLevels, TargetRule, printed, score_images};
pub use rule_check::{RuleFinding, RuleValues, check};
pub use rules::{
    AssistRules, LeastDistances, MaskRule, Violation, assist_violations, least_distances,
    violations,
};
pub use score::{Scorer, ShapeFault};
pub use shots::shots;
pub use target::PixelTarget;
pub use topology::{PrintFault, Topology, topology};
pub use vsb::{VsbCount, VsbWriter, fracture, vsb_count};
pub use window::{GaugeWindow, ProcessWindow, WindowEdge, WindowShape};
