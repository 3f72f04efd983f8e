//! The numbers of a vertical resist by name: what calibration may move.

use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ResistError;

/// A number of [`super::VerticalResist`], by the name it has in files.
///
/// All models share this list; a rate law has some of the rate parameters only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// Dill's A, 1/µm.
    APerUm,
    /// Dill's B, 1/µm.
    BPerUm,
    /// Dill's C, cm²/mJ.
    CPerDose,
    /// Exposure dose, mJ/cm².
    Dose,
    /// Development time, s.
    DevelopS,
    /// Film thickness, nm.
    ThicknessNm,
    /// Rate of fully exposed resist, nm/s.
    RMax,
    /// Rate of unexposed resist, nm/s.
    RMin,
    /// Threshold inhibitor concentration (Mack, notch).
    MTh,
    /// Selectivity (order of the dissolution reaction).
    N,
    /// Rate of the resin alone, nm/s (enhanced Mack).
    RResin,
    /// Order of inhibition (enhanced Mack).
    L,
    /// Selectivity of the notch.
    NNotch,
    /// Depth that counts as printed, nm.
    ThresholdNm,
    /// Gaussian blur of the image, nm.
    DiffusionNm,
}

/// How many parameters there are: the length of a gradient.
pub const PARAMETER_COUNT: usize = 15;

/// Derivatives by parameter: index with `Parameter as usize`; 0 where the model lacks one.
pub type Gradient = [f64; PARAMETER_COUNT];

/// A row of the register.
struct Entry {
    parameter: Parameter,
    name: &'static str,
    unit: &'static str,
    low: f64,
    high: f64,
    range: &'static str,
    help: &'static str,
}

macro_rules! entry {
    ($parameter:ident, $name:literal, $unit:literal, $low:literal ..= $high:literal, $help:literal) => {
        Entry {
            parameter: Parameter::$parameter,
            name: $name,
            unit: $unit,
            low: $low,
            high: $high,
            range: concat!("from ", $low, " to ", $high),
            help: $help,
        }
    };
}

/// Name, unit, range and meaning of every parameter, in the order of [`Parameter`].
const REGISTER: [Entry; PARAMETER_COUNT] = [
    entry!(APerUm, "a_per_um", "1/um", -50.0..=50.0, "absorption that exposure bleaches"),
    entry!(BPerUm, "b_per_um", "1/um", 0.0..=50.0, "absorption that stays"),
    entry!(CPerDose, "c_per_dose", "cm2/mJ", 0.000001..=100.0, "exposure rate"),
    entry!(Dose, "dose", "mJ/cm2", 0.001..=1000000.0, "exposure dose at clear field"),
    entry!(DevelopS, "develop_s", "s", 0.001..=100000.0, "development time"),
    entry!(ThicknessNm, "thickness_nm", "nm", 1.0..=100000.0, "film thickness"),
    entry!(RMax, "r_max", "nm/s", 0.000001..=1000000.0, "rate of fully exposed resist"),
    entry!(RMin, "r_min", "nm/s", 0.0..=100000.0, "rate of unexposed resist"),
    entry!(MTh, "m_th", "", -10.0..=0.999, "inhibitor concentration where the rate turns"),
    entry!(N, "n", "", 1.01..=50.0, "selectivity"),
    entry!(RResin, "r_resin", "nm/s", 0.000001..=1000000.0, "rate of the resin alone"),
    entry!(L, "l", "", 1.0..=50.0, "order of inhibition"),
    entry!(NNotch, "n_notch", "", 1.01..=200.0, "selectivity of the notch"),
    entry!(ThresholdNm, "threshold_nm", "nm", 0.001..=100000.0, "depth that counts as printed"),
    entry!(DiffusionNm, "diffusion_nm", "nm", 0.0..=1000.0, "Gaussian blur of the image"),
];

impl Parameter {
    /// Every parameter, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        REGISTER.iter().map(|entry| entry.parameter)
    }

    fn entry(self) -> &'static Entry {
        // The register has a row for each variant, in order (held by a test).
        &REGISTER[self as usize]
    }

    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Its unit; empty for a plain number.
    pub fn unit(self) -> &'static str {
        self.entry().unit
    }

    /// The values it may take.
    pub fn range(self) -> RangeInclusive<f64> {
        self.entry().low..=self.entry().high
    }

    /// What it is, in a few words.
    pub fn help(self) -> &'static str {
        self.entry().help
    }

    /// Checks a value against the range.
    ///
    /// # Errors
    /// The value lies outside or is no number.
    pub fn check(self, value: f64) -> Result<(), ResistError> {
        super::error::require(self.range().contains(&value), self.name(), value, self.entry().range)
    }
}

impl FromStr for Parameter {
    type Err = ResistError;

    fn from_str(name: &str) -> Result<Self, ResistError> {
        Self::all().find(|p| p.name() == name).ok_or_else(|| ResistError::Unknown {
            what: "parameter",
            name: name.into(),
            known: Self::all().map(Self::name).collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_register_is_in_the_order_of_the_parameters_and_names_are_those_of_files() {
        for (i, parameter) in Parameter::all().enumerate() {
            assert_eq!(parameter as usize, i);
            assert_eq!(parameter.name().parse::<Parameter>().unwrap(), parameter);
            let serialised = serde_json::to_string(&parameter).unwrap();
            assert_eq!(serialised, format!("\"{}\"", parameter.name()));
            assert!(parameter.check(f64::NAN).is_err());
        }
        let error = "r_mx".parse::<Parameter>().unwrap_err().to_string();
        assert!(error.contains("r_mx") && error.contains("r_max"), "{error}");
    }
}
