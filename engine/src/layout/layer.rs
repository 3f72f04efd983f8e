//! Layers: a number and a datatype.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A layer: number and datatype, written `17/0`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Layer {
    /// Layer number. OASIS has 32 bits for it, GDSII 16.
    pub number: u32,
    /// Datatype.
    pub datatype: u32,
}

impl Layer {
    /// Layer `number`/`datatype`.
    pub const fn new(number: u32, datatype: u32) -> Self {
        Self { number, datatype }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.datatype)
    }
}

impl From<Layer> for String {
    fn from(layer: Layer) -> Self {
        layer.to_string()
    }
}

impl std::str::FromStr for Layer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("layer '{text}': expected NUMBER or NUMBER/DATATYPE, like 17/0");
        let (number, datatype) = text.trim().split_once('/').unwrap_or((text.trim(), "0"));
        Ok(Self {
            number: number.trim().parse().map_err(|_| bad())?,
            datatype: datatype.trim().parse().map_err(|_| bad())?,
        })
    }
}

impl TryFrom<String> for Layer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
