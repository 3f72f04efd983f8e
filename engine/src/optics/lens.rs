//! The lens apart from its aperture: aberrations, apodisation, flare.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::OpticsError;
use super::error::require;
use super::zernike::{self, Term};

/// How a projection lens departs from a clear, stigmatic one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lens {
    /// Aberrations: fringe Zernike number (1…37, University of Arizona order, each polynomial 1 at
    /// its largest on the pupil's edge) to its coefficient in waves, −10…10. The wavefront W
    /// multiplies the pupil by exp(+2πi·W).
    #[serde(with = "numbered", skip_serializing_if = "BTreeMap::is_empty")]
    pub zernike_waves: BTreeMap<u8, f64>,
    /// How the transmission falls or rises towards the pupil's edge.
    #[serde(skip_serializing_if = "is_default")]
    pub apodisation: Apodisation,
    /// Whether the amplitude follows the energy balance of an aplanatic lens: beams that leave
    /// more steeply than they entered are narrower, by √(cos θ_mask / cos θ_wafer) in amplitude
    /// (Cole, Barouch, Hollerbach and Orszag 1992).
    pub radiometric: bool,
    /// Reduction from mask to wafer, 1…20; matters to the radiometric correction alone, as masks
    /// are given in wafer nm.
    pub reduction: f64,
    /// Share of the light scattered evenly over the field, 0…1. Kernels only carry it along;
    /// imaging adds it: (1 − flare)·I + flare·(mean of |mask|²).
    pub flare: f64,
}

impl Default for Lens {
    fn default() -> Self {
        Self {
            zernike_waves: BTreeMap::new(),
            apodisation: Apodisation::None,
            radiometric: false,
            reduction: 4.0,
            flare: 0.0,
        }
    }
}

/// Transmission over the pupil's radius ρ (1 at the edge of the NA). The clear field stays 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Apodisation {
    /// The same everywhere.
    #[default]
    None,
    /// Intensity `edge`^(ρ²).
    Gaussian {
        /// Intensity transmission at the edge relative to the centre, 0.001…1000.
        edge: f64,
    },
    /// Intensity transmissions at evenly spaced radii from the centre to the edge, with straight
    /// lines between them.
    Radial {
        /// 2 to 1024 transmissions, 0…1000, not all of them 0.
        transmissions: Vec<f64>,
    },
}

/// Largest aberration, waves.
const MAX_WAVES: f64 = 10.0;

/// Largest relative transmission.
const MAX_TRANSMISSION: f64 = 1e3;

/// Most samples of a radial apodisation.
const MAX_SAMPLES: usize = 1024;

/// Largest share of the immersion index an NA may have under the radiometric correction, which
/// has no bound at grazing exit.
const MAX_RADIOMETRIC_SHARE: f64 = 0.999;

impl Lens {
    /// Checks every parameter against its range, for a lens of this NA.
    pub(super) fn validate(&self, na: f64, immersion_index: f64) -> Result<(), OpticsError> {
        for (&number, &waves) in &self.zernike_waves {
            let known = (1..=zernike::LAST).contains(&number);
            require(known, "zernike_waves number", f64::from(number), "from 1 to 37")?;
            require(waves.abs() <= MAX_WAVES, "zernike_waves", waves, "from -10 to 10 waves")?;
        }
        self.apodisation.validate()?;
        let reduction = self.reduction;
        require((1.0..=20.0).contains(&reduction), "reduction", reduction, "from 1 to 20")?;
        if self.radiometric {
            require(reduction > na, "reduction", reduction, "above the NA, or radiometric off")?;
            let steep = na <= immersion_index * MAX_RADIOMETRIC_SHARE;
            require(steep, "na", na, "at most 0.999 of the immersion index, or radiometric off")?;
        }
        require((0.0..=1.0).contains(&self.flare), "flare", self.flare, "from 0 to 1")
    }

    /// The aberrations that do anything, ready to evaluate. A piston does nothing.
    pub(super) fn terms(&self) -> Vec<Term> {
        let acting =
            self.zernike_waves.iter().filter(|(number, waves)| **number > 1 && **waves != 0.0);
        acting.map(|(number, waves)| Term::new(*number, *waves)).collect()
    }
}

impl Apodisation {
    fn validate(&self) -> Result<(), OpticsError> {
        match self {
            Self::None => Ok(()),
            Self::Gaussian { edge } => {
                let ok = (1.0 / MAX_TRANSMISSION..=MAX_TRANSMISSION).contains(edge);
                require(ok, "edge", *edge, "from 0.001 to 1000")
            }
            Self::Radial { transmissions } => {
                let count = transmissions.len();
                let enough = (2..=MAX_SAMPLES).contains(&count);
                require(enough, "transmissions (how many)", count as f64, "from 2 to 1024")?;
                for &value in transmissions {
                    let ok = (0.0..=MAX_TRANSMISSION).contains(&value);
                    require(ok, "transmissions", value, "from 0 to 1000")?;
                }
                let lit = transmissions.iter().any(|value| *value > 0.0);
                require(lit, "transmissions", 0.0, "above 0 somewhere")
            }
        }
    }

    /// Amplitude transmission at a squared radius ρ².
    pub(super) fn amplitude(&self, squared: f64) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Gaussian { edge } => edge.powf(0.5 * squared),
            Self::Radial { transmissions } => {
                let last = transmissions.len().saturating_sub(1);
                let place = squared.max(0.0).sqrt().min(1.0) * last as f64;
                let below = (place as usize).min(last.saturating_sub(1));
                let at = |index: usize| transmissions.get(index).copied().unwrap_or(0.0);
                let share = place - below as f64;
                ((1.0 - share) * at(below) + share * at(below + 1)).max(0.0).sqrt()
            }
        }
    }
}

/// Whether a value is its type's default, and need not be written.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Number-keyed tables as TOML and JSON write them: the numbers as text.
mod numbered {
    use std::collections::BTreeMap;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<u8, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // Written in the order of the numbers: a table keyed by text would put 10 before 2.
        serializer.collect_map(map.iter().map(|(number, value)| (number.to_string(), value)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<u8, f64>, D::Error> {
        let mut numbers = BTreeMap::new();
        for (text, value) in BTreeMap::<String, f64>::deserialize(deserializer)? {
            let number = text
                .parse()
                .map_err(|_| D::Error::custom(format!("`{text}`: expected a Zernike number")))?;
            if numbers.insert(number, value).is_some() {
                return Err(D::Error::custom(format!("Zernike number {number} is given twice")));
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aberrations_are_written_and_read_by_number() {
        let lens =
            Lens { zernike_waves: BTreeMap::from([(7, 0.05), (12, -0.01)]), ..Lens::default() };
        let text = toml::to_string(&lens).unwrap();
        assert!(text.contains("7 = 0.05"), "{text}");
        assert_eq!(toml::from_str::<Lens>(&text).unwrap(), lens);
        assert_eq!(
            toml::from_str::<Lens>("zernike_waves = { 7 = 0.05, 12 = -0.01 }").unwrap(),
            lens
        );
        assert_eq!(toml::from_str::<Lens>("").unwrap(), Lens::default());
        assert!(toml::from_str::<Lens>("zernike_waves = { coma = 0.05 }").is_err());
        assert!(toml::from_str::<Lens>("zernike_waves = { 7 = 0.05, 07 = 0.1 }").is_err());
    }

    #[test]
    fn a_lens_out_of_range_is_named() {
        let plain = Lens::default;
        let radial = |transmissions| Apodisation::Radial { transmissions };
        let wrong = [
            ("zernike_waves number", Lens { zernike_waves: [(38, 0.1)].into(), ..plain() }),
            ("zernike_waves", Lens { zernike_waves: [(5, f64::NAN)].into(), ..plain() }),
            ("edge", Lens { apodisation: Apodisation::Gaussian { edge: 0.0 }, ..plain() }),
            ("transmissions", Lens { apodisation: radial(vec![0.0, 0.0]), ..plain() }),
            ("transmissions", Lens { apodisation: radial(vec![1.0]), ..plain() }),
            ("reduction", Lens { reduction: 0.5, ..plain() }),
            ("reduction", Lens { reduction: 1.0, radiometric: true, ..plain() }),
            ("flare", Lens { flare: 1.1, ..plain() }),
        ];
        for (name, lens) in wrong {
            let message = lens.validate(1.35, 1.44).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
        let steep = Lens { radiometric: true, ..plain() };
        assert!(steep.validate(1.35, 1.44).is_ok() && steep.validate(1.4399, 1.44).is_err());
    }

    #[test]
    fn a_radial_table_is_met_at_its_radii_and_halfway() {
        let table = Apodisation::Radial { transmissions: vec![1.0, 0.81, 0.25] };
        for (radius, intensity) in [(0.0, 1.0), (0.25, 0.905), (0.5, 0.81), (1.0, 0.25)] {
            let found = table.amplitude(radius * radius).powi(2);
            assert!((found - intensity).abs() < 1e-12, "{radius}: {found}");
        }
        assert!((Apodisation::Gaussian { edge: 0.64 }.amplitude(1.0) - 0.8).abs() < 1e-12);
    }
}
