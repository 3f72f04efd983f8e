//! CD gauges: where a width is measured, and what is measured there.

use serde::{Deserialize, Serialize};

use super::VerifyError;
use super::error::require;
use crate::imaging::{Crossing, CutLine, LineImage};

/// Largest target, nm.
const MAX_TARGET_NM: f64 = 1e6;

/// Which side of the level the measured feature lies on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prints {
    /// Where intensity × dose is at or above the level.
    #[default]
    Bright,
    /// Where it is below.
    Dark,
}

/// A place where a critical dimension is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CdGauge {
    /// Its name in reports.
    pub name: String,
    /// The line across the feature, which it should leave at both ends; its middle tells which.
    pub cut: CutLine,
    /// The width wanted, nm.
    pub target_nm: f64,
    /// Share of the target by which a CD may differ either way.
    #[serde(default = "tenth")]
    pub tolerance: f64,
    /// What kind of feature is measured.
    #[serde(default)]
    pub prints: Prints,
    /// Weight in fits.
    #[serde(default = "one")]
    pub weight: f64,
}

fn tenth() -> f64 {
    0.1
}

fn one() -> f64 {
    1.0
}

impl CdGauge {
    /// A gauge for bright features with a tolerance of 10 %.
    pub fn new(name: impl Into<String>, cut: CutLine, target_nm: f64) -> Self {
        let name = name.into();
        Self { name, cut, target_nm, tolerance: tenth(), prints: Prints::Bright, weight: one() }
    }

    /// Checks target, tolerance and weight against their ranges.
    ///
    /// # Errors
    /// The first value out of range.
    pub fn validate(&self) -> Result<(), VerifyError> {
        let Self { target_nm, tolerance, weight, .. } = *self;
        let target = target_nm > 0.0 && target_nm <= MAX_TARGET_NM;
        require(target, "target_nm", target_nm, "above 0, at most 1 mm")?;
        let share = tolerance > 0.0 && tolerance < 1.0;
        require(share, "tolerance", tolerance, "a share above 0 and below 1")?;
        require((0.0..=1e9).contains(&weight), "weight", weight, "from 0 to 1000000000")
    }

    /// The edges of the printed feature nearest the gauge's middle, at an intensity level (that of
    /// the resist over the dose).
    ///
    /// `None` where no feature comes within half a target of the middle, or where it leaves the
    /// cut.
    pub fn edges(&self, image: &LineImage, level: f64) -> Option<[Crossing; 2]> {
        let middle = image.length() / 2.0;
        let opens = self.prints == Prints::Bright;
        let (mut start, mut nearest) = (None, None::<(f64, [Option<Crossing>; 2])>);
        let mut offer = |from: Option<Crossing>, to: Option<Crossing>| {
            let before = from.map_or(0.0, |c| c.at - middle);
            let after = to.map_or(0.0, |c| middle - c.at);
            let away = before.max(after).max(0.0);
            if nearest.is_none_or(|(best, _)| away < best) {
                nearest = Some((away, [from, to]));
            }
        };
        let inside = |value: f64| (value >= level) == opens;
        let mut within = inside(image.at(0.0).0);
        for crossing in image.crossings(level) {
            within = crossing.rising == opens;
            if within {
                start = Some(crossing);
            } else {
                offer(start.take(), Some(crossing));
            }
        }
        if within {
            offer(start, None);
        }
        match nearest? {
            (away, [Some(from), Some(to)]) if away <= self.target_nm / 2.0 => Some([from, to]),
            _ => None,
        }
    }

    /// The width of the printed feature nearest the gauge's middle, nm; `None` as in
    /// [`CdGauge::edges`].
    pub fn cd(&self, image: &LineImage, level: f64) -> Option<f64> {
        self.edges(image, level).map(|[from, to]| to.at - from.at)
    }
}
