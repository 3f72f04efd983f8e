//! Which part of a resist the developer takes away.

use serde::{Deserialize, Serialize};

/// Which part of the film the developer dissolves.
///
/// *Printed* means the same for both: the bright part of the image, which a positive resist opens
/// and a negative resist keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Exposed resist dissolves.
    #[default]
    Positive,
    /// Unexposed resist dissolves: the rate is that of the positive tone with exposed and unexposed
    /// exchanged, R(1 − m).
    Negative,
}

impl Tone {
    /// What the rate law takes as the relative inhibitor concentration, where m is what exposure
    /// (and bake) left of the photoactive compound: m, or 1 − m.
    pub fn inhibitor(self, m: f64) -> f64 {
        match self {
            Self::Positive => m,
            Self::Negative => 1.0 - m,
        }
    }

    /// 1 where depth grows with intensity (positive), −1 where it falls (negative); also the
    /// derivative of [`Tone::inhibitor`] in m.
    pub fn sign(self) -> f64 {
        match self {
            Self::Positive => 1.0,
            Self::Negative => -1.0,
        }
    }
}
