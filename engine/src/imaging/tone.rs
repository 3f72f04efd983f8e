//! What a mask lets through: transmission and phase of its features and its background.

use num_complex::Complex32;
use serde::{Deserialize, Serialize};

use super::ImagingError;

/// Largest phase, degrees either way.
const MAX_PHASE_DEG: f64 = 3600.0;

/// Transmission and phase of one kind of place on a mask.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transmittance {
    /// Share of the intensity let through, 0…1.
    pub transmission: f64,
    /// Phase, degrees.
    #[serde(default)]
    pub phase_deg: f64,
}

/// What the drawn features and what lies about them let through.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaskTone {
    /// Everywhere else.
    pub background: Transmittance,
    /// Inside the drawn polygons.
    pub feature: Transmittance,
}

impl Default for MaskTone {
    fn default() -> Self {
        Self::bright_features()
    }
}

impl Transmittance {
    /// Lets nothing through.
    pub const OPAQUE: Self = Self { transmission: 0.0, phase_deg: 0.0 };
    /// Lets everything through.
    pub const CLEAR: Self = Self { transmission: 1.0, phase_deg: 0.0 };
    /// Lets everything through, half a wave late.
    pub const SHIFTED: Self = Self { transmission: 1.0, phase_deg: 180.0 };

    /// The amplitude it lets through, √transmission·e^{iφ}; exact at quarter turns.
    pub fn amplitude(&self) -> Complex32 {
        let size = self.transmission.sqrt();
        let quarters = (self.phase_deg / 90.0).rem_euclid(4.0);
        let (re, im) = match quarters {
            0.0 => (1.0, 0.0),
            1.0 => (0.0, 1.0),
            2.0 => (-1.0, 0.0),
            3.0 => (0.0, -1.0),
            _ => (self.phase_deg.to_radians().cos(), self.phase_deg.to_radians().sin()),
        };
        Complex32::new((size * re) as f32, (size * im) as f32)
    }

    /// Checks transmission and phase against their ranges.
    ///
    /// # Errors
    /// A transmission outside 0…1, a phase beyond ten turns, or no number.
    pub fn validate(&self) -> Result<(), ImagingError> {
        let Self { transmission, phase_deg } = *self;
        let share = (0.0..=1.0).contains(&transmission);
        require(share, "transmission", transmission, "from 0 to 1")?;
        let turned = (-MAX_PHASE_DEG..=MAX_PHASE_DEG).contains(&phase_deg);
        require(turned, "phase_deg", phase_deg, "from -3600 to 3600")
    }
}

impl MaskTone {
    /// Clear features on an opaque mask.
    pub const fn bright_features() -> Self {
        Self { background: Transmittance::OPAQUE, feature: Transmittance::CLEAR }
    }

    /// Opaque features on a clear mask.
    pub const fn dark_features() -> Self {
        Self { background: Transmittance::CLEAR, feature: Transmittance::OPAQUE }
    }

    /// An attenuated phase-shift mask: the dark parts let `transmission` of the intensity through
    /// (usually 0.06), half a wave late. `dark_features`: the drawn polygons are those parts.
    pub const fn attenuated(transmission: f64, dark_features: bool) -> Self {
        let dark = Transmittance { transmission, phase_deg: 180.0 };
        if dark_features {
            Self { background: Transmittance::CLEAR, feature: dark }
        } else {
            Self { background: dark, feature: Transmittance::CLEAR }
        }
    }

    /// Whether features let more through than the background.
    pub fn features_are_brighter(&self) -> bool {
        self.feature.transmission >= self.background.transmission
    }

    /// Checks both parts against their ranges.
    ///
    /// # Errors
    /// As [`Transmittance::validate`].
    pub fn validate(&self) -> Result<(), ImagingError> {
        self.background.validate()?;
        self.feature.validate()
    }
}

/// A parameter's range check.
pub(super) fn require(
    ok: bool,
    name: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), ImagingError> {
    if ok { Ok(()) } else { Err(ImagingError::Parameter { name, value, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amplitudes_are_roots_of_transmission_turned_by_the_phase() {
        let at = |transmission, phase_deg| Transmittance { transmission, phase_deg }.amplitude();
        assert_eq!(at(1.0, 180.0), Complex32::new(-1.0, 0.0));
        assert_eq!(at(0.25, -90.0), Complex32::new(0.0, -0.5));
        assert_eq!(at(0.25, 630.0), Complex32::new(0.0, -0.5));
        let eighth = at(0.5, 45.0);
        assert!((eighth - Complex32::new(0.5, 0.5)).norm() < 1e-7);
    }

    #[test]
    fn transmissions_and_phases_out_of_range_are_refused_by_name() {
        for (transmission, phase_deg, name) in [
            (-0.1, 0.0, "transmission"),
            (1.5, 0.0, "transmission"),
            (f64::NAN, 0.0, "transmission"),
            (1.0, f64::INFINITY, "phase_deg"),
        ] {
            let bad = Transmittance { transmission, phase_deg };
            let tone = MaskTone { feature: bad, ..MaskTone::default() };
            assert!(tone.validate().unwrap_err().to_string().contains(name));
        }
        assert!(MaskTone::attenuated(0.06, true).validate().is_ok());
    }

    #[test]
    fn a_tone_is_read_from_a_table_and_unknown_words_are_refused() {
        let text = "feature = { transmission = 0.06, phase_deg = 180.0 }\n\
                    background = { transmission = 1.0 }\n";
        let tone: MaskTone = toml::from_str(text).unwrap();
        assert_eq!(tone, MaskTone::attenuated(0.06, true));
        assert_eq!(toml::from_str::<MaskTone>("").unwrap(), MaskTone::bright_features());
        assert!(toml::from_str::<MaskTone>("feature = { transmision = 1.0 }").is_err());
    }
}
