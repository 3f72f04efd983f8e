//! Dissolution rate as a function of the relative inhibitor concentration m (1 unexposed, 0 fully
//! exposed), with its derivatives.

use serde::{Deserialize, Serialize};

use super::parameter::Parameter;
use super::{ResistError, error::require};

/// A dissolution rate law R(m), nm/s.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "law", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RateModel {
    /// C. A. Mack, J. Electrochem. Soc. 134, 148 (1987):
    /// R = r_max·(a + 1)(1 − m)ⁿ/(a + (1 − m)ⁿ) + r_min, a = (n + 1)/(n − 1)·(1 − m_th)ⁿ.
    Mack {
        /// Rate of fully exposed resist (above r_min), nm/s.
        r_max: f64,
        /// Rate of unexposed resist, nm/s.
        r_min: f64,
        /// Inhibitor concentration at the inflection point.
        m_th: f64,
        /// Selectivity, above 1.
        n: f64,
    },
    /// C. A. Mack, J. Electrochem. Soc. 139, L35 (1992):
    /// R = r_resin·(1 + k_enh(1 − m)ⁿ)/(1 + k_inh·mˡ), k_enh = r_max/r_resin − 1,
    /// k_inh = r_resin/r_min − 1.
    EnhancedMack {
        /// Rate of fully exposed resist, nm/s.
        r_max: f64,
        /// Rate of unexposed resist, above 0, nm/s.
        r_min: f64,
        /// Rate of the resin alone, between r_min and r_max, nm/s.
        r_resin: f64,
        /// Order of the enhancement.
        n: f64,
        /// Order of the inhibition.
        l: f64,
    },
    /// C. A. Mack and G. Arthur, Electrochem. Solid-State Lett. 1, 86 (1998):
    /// R = r_max(1 − m)ⁿ·(a + 1)(1 − m)^N/(a + (1 − m)^N) + r_min,
    /// a = (N + 1)/(N − 1)·(1 − m_th)^N with N = n_notch.
    Notch {
        /// Rate of fully exposed resist (above r_min), nm/s.
        r_max: f64,
        /// Rate of unexposed resist, nm/s.
        r_min: f64,
        /// Inhibitor concentration at the notch.
        m_th: f64,
        /// Selectivity away from the notch.
        n: f64,
        /// Selectivity of the notch, above 1.
        n_notch: f64,
    },
}

/// Most parameters a rate law has.
pub const RATE_PARAMETERS: usize = 5;

/// A rate with its derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// R(m), nm/s.
    pub nm_s: f64,
    /// ∂R/∂m.
    pub in_m: f64,
    /// ∂R/∂(parameter), in the order of [`RateModel::parameters`]; the rest 0.
    pub in_parameters: [f64; RATE_PARAMETERS],
}

impl RateModel {
    /// The law's parameters, in the order its derivatives have.
    pub fn parameters(&self) -> &'static [Parameter] {
        use Parameter::{L, MTh, N, NNotch, RMax, RMin, RResin};
        match self {
            Self::Mack { .. } => &[RMax, RMin, MTh, N],
            Self::EnhancedMack { .. } => &[RMax, RMin, RResin, N, L],
            Self::Notch { .. } => &[RMax, RMin, MTh, N, NNotch],
        }
    }

    /// The value of a parameter; `None` for one this law lacks.
    pub fn get(&self, parameter: Parameter) -> Option<f64> {
        // `slot` needs a place to write to: a copy serves as well.
        let mut copy = *self;
        copy.slot(parameter).map(|value| *value)
    }

    /// Sets a parameter; `false` for one this law lacks.
    pub fn set(&mut self, parameter: Parameter, value: f64) -> bool {
        self.slot(parameter).map(|slot| *slot = value).is_some()
    }

    fn slot(&mut self, parameter: Parameter) -> Option<&mut f64> {
        match (self, parameter) {
            (
                Self::Mack { r_max, .. }
                | Self::EnhancedMack { r_max, .. }
                | Self::Notch { r_max, .. },
                Parameter::RMax,
            ) => Some(r_max),
            (
                Self::Mack { r_min, .. }
                | Self::EnhancedMack { r_min, .. }
                | Self::Notch { r_min, .. },
                Parameter::RMin,
            ) => Some(r_min),
            (
                Self::Mack { n, .. } | Self::EnhancedMack { n, .. } | Self::Notch { n, .. },
                Parameter::N,
            ) => Some(n),
            (Self::Mack { m_th, .. } | Self::Notch { m_th, .. }, Parameter::MTh) => Some(m_th),
            (Self::EnhancedMack { r_resin, .. }, Parameter::RResin) => Some(r_resin),
            (Self::EnhancedMack { l, .. }, Parameter::L) => Some(l),
            (Self::Notch { n_notch, .. }, Parameter::NNotch) => Some(n_notch),
            _ => None,
        }
    }

    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range, or rates that are not in order.
    pub fn validate(&self) -> Result<(), ResistError> {
        for &parameter in self.parameters() {
            if let Some(value) = self.get(parameter) {
                parameter.check(value)?;
            }
        }
        match *self {
            Self::EnhancedMack { r_max, r_min, r_resin, .. } => {
                require(r_min > 0.0, "r_min", r_min, "above 0 for the enhanced Mack law")?;
                let ordered = r_min <= r_resin && r_resin <= r_max;
                require(ordered, "r_resin", r_resin, "between r_min and r_max")
            }
            Self::Mack { r_max, r_min, .. } | Self::Notch { r_max, r_min, .. } => {
                require(r_min <= r_max, "r_min", r_min, "at most r_max")
            }
        }
    }

    /// R(m), nm/s; m outside 0…1 counts as the nearer end.
    pub fn rate_nm_s(&self, m: f64) -> f64 {
        self.rate(m).nm_s
    }

    /// R(m) and its derivatives in m and in every parameter.
    pub fn rate(&self, m: f64) -> Rate {
        let m = m.clamp(0.0, 1.0);
        match *self {
            Self::Mack { r_max, r_min, m_th, n } => mack(m, r_max, r_min, m_th, n),
            Self::EnhancedMack { r_max, r_min, r_resin, n, l } => {
                enhanced(m, r_max, r_min, r_resin, [n, l])
            }
            Self::Notch { r_max, r_min, m_th, n, n_notch } => {
                notch(m, r_max, r_min, m_th, [n, n_notch])
            }
        }
    }
}

/// y^p with its derivatives in y and in p; the derivative in p at y = 0 is its limit, 0.
fn power(y: f64, p: f64) -> (f64, f64, f64) {
    let value = y.powf(p);
    if y > 0.0 { (value, p * value / y, value * y.ln()) } else { (value, p * y.powf(p - 1.0), 0.0) }
}

/// Mack's switch f = (a + 1)p/(a + p), p = (1 − m)ⁿ: f, ∂f/∂m, ∂f/∂m_th, ∂f/∂n.
fn switch(m: f64, m_th: f64, n: f64) -> [f64; 4] {
    let (p, p_y, p_n) = power(1.0 - m, n);
    let a = (n + 1.0) / (n - 1.0) * (1.0 - m_th).powf(n);
    let a_n = a * ((1.0 - m_th).ln() + 1.0 / (n + 1.0) - 1.0 / (n - 1.0));
    let a_m_th = -n * a / (1.0 - m_th);
    let sum = a + p;
    let (f_p, f_a) = ((a + 1.0) * a / (sum * sum), p * (p - 1.0) / (sum * sum));
    [(a + 1.0) * p / sum, -f_p * p_y, f_a * a_m_th, f_p * p_n + f_a * a_n]
}

fn mack(m: f64, r_max: f64, r_min: f64, m_th: f64, n: f64) -> Rate {
    let [f, f_m, f_m_th, f_n] = switch(m, m_th, n);
    Rate {
        nm_s: r_max * f + r_min,
        in_m: r_max * f_m,
        in_parameters: [f, 1.0, r_max * f_m_th, r_max * f_n, 0.0],
    }
}

fn notch(m: f64, r_max: f64, r_min: f64, m_th: f64, [n, n_notch]: [f64; 2]) -> Rate {
    let [f, f_m, f_m_th, f_notch] = switch(m, m_th, n_notch);
    let (p, p_y, p_n) = power(1.0 - m, n);
    Rate {
        nm_s: r_max * p * f + r_min,
        in_m: r_max * (p * f_m - p_y * f),
        in_parameters: [p * f, 1.0, r_max * p * f_m_th, r_max * p_n * f, r_max * p * f_notch],
    }
}

fn enhanced(m: f64, r_max: f64, r_min: f64, r_resin: f64, [n, l]: [f64; 2]) -> Rate {
    let (p, p_y, p_n) = power(1.0 - m, n);
    let (q, q_m, q_l) = power(m, l);
    // r_resin·(1 + k_enh·p) = r_resin(1 − p) + r_max·p
    let above = r_resin * (1.0 - p) + r_max * p;
    let k_inh = r_resin / r_min - 1.0;
    let below = 1.0 + k_inh * q;
    let (in_p, in_below) = ((r_max - r_resin) / below, -above / (below * below));
    Rate {
        nm_s: above / below,
        in_m: -in_p * p_y + in_below * k_inh * q_m,
        in_parameters: [
            p / below,
            in_below * q * (-r_resin / (r_min * r_min)),
            (1.0 - p) / below + in_below * q / r_min,
            in_p * p_n,
            in_below * k_inh * q_l,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laws() -> [RateModel; 3] {
        [
            RateModel::Mack { r_max: 12.0, r_min: 0.08, m_th: 0.6, n: 5.0 },
            RateModel::EnhancedMack { r_max: 100.0, r_min: 0.1, r_resin: 20.0, n: 4.0, l: 12.0 },
            RateModel::Notch { r_max: 80.0, r_min: 0.05, m_th: 0.4, n: 1.5, n_notch: 20.0 },
        ]
    }

    #[test]
    fn every_law_runs_from_its_slowest_to_its_fastest_rate_and_rises_with_exposure() {
        for law in laws() {
            law.validate().unwrap();
            let (r_max, r_min) =
                (law.get(Parameter::RMax).unwrap(), law.get(Parameter::RMin).unwrap());
            assert!((law.rate_nm_s(1.0) - r_min).abs() < 1e-12 * r_max, "{law:?}");
            let top = if let RateModel::EnhancedMack { .. } = law { r_max } else { r_max + r_min };
            assert!((law.rate_nm_s(0.0) - top).abs() < 1e-12 * r_max, "{law:?}");
            let rates: Vec<f64> = (0..=200).map(|i| law.rate_nm_s(f64::from(i) / 200.0)).collect();
            // Where (1 − m)ᴺ is below rounding of r_min the rate stands still.
            assert!(rates.windows(2).all(|w| w[0] >= w[1]) && rates[0] > rates[100], "{law:?}");
            // Out of range counts as the nearer end, and nothing is ever not a number.
            assert_eq!(law.rate_nm_s(-0.1), law.rate_nm_s(0.0));
            assert!([0.0, 1.0].iter().all(|&m| {
                let r = law.rate(m);
                r.in_m.is_finite() && r.in_parameters.iter().all(|d| d.is_finite())
            }));
        }
    }

    #[test]
    fn macks_rate_turns_at_its_threshold_concentration() {
        // The inflection point of R(m) lies at m_th by the choice of a.
        let law = RateModel::Mack { r_max: 10.0, r_min: 0.1, m_th: 0.6, n: 5.0 };
        let steepest = (1..1000)
            .map(|i| f64::from(i) / 1000.0)
            .max_by(|a, b| law.rate(*a).in_m.abs().total_cmp(&law.rate(*b).in_m.abs()))
            .unwrap();
        assert!((steepest - 0.6).abs() < 2e-3, "{steepest}");
    }

    #[test]
    fn derivatives_of_the_rate_are_those_of_finite_differences() {
        let close = |exact: f64, finite: f64, scale: f64| {
            // Rounding of a central difference of step 1e-6: ε·R/h = 2e-10·R, truncation h²R'''.
            assert!((exact - finite).abs() < 1e-7 * scale.max(1.0), "{exact} against {finite}");
        };
        for law in laws() {
            for m in [0.02, 0.2, 0.4, 0.55, 0.6, 0.8, 0.97] {
                let rate = law.rate(m);
                let h = 1e-6;
                let finite = (law.rate_nm_s(m + h) - law.rate_nm_s(m - h)) / (2.0 * h);
                close(rate.in_m, finite, rate.in_m.abs());
                for (&parameter, &exact) in law.parameters().iter().zip(&rate.in_parameters) {
                    let value = law.get(parameter).unwrap();
                    let h = 1e-6 * value.abs();
                    let at = |v: f64| {
                        let mut moved = law;
                        assert!(moved.set(parameter, v));
                        moved.rate_nm_s(m)
                    };
                    let finite = (at(value + h) - at(value - h)) / (2.0 * h);
                    close(exact, finite, rate.nm_s.max(exact.abs()));
                }
            }
        }
    }

    #[test]
    fn rates_out_of_order_are_refused() {
        let wrong =
            RateModel::EnhancedMack { r_max: 1.0, r_min: 0.1, r_resin: 2.0, n: 2.0, l: 2.0 };
        assert!(wrong.validate().unwrap_err().to_string().contains("r_resin = 2"));
        let wrong = RateModel::Mack { r_max: 1.0, r_min: 0.1, m_th: 0.5, n: 1.0 };
        assert!(wrong.validate().unwrap_err().to_string().contains("n = 1"));
    }

    #[test]
    fn a_rate_law_is_read_from_a_table_and_unknown_keys_are_refused() {
        let text = "law = \"mack\"\nr_max = 12.0\nr_min = 0.08\nm_th = 0.6\nn = 5.0\n";
        assert_eq!(toml::from_str::<RateModel>(text).unwrap(), laws()[0]);
        assert!(toml::from_str::<RateModel>(&format!("{text}l = 2.0\n")).is_err());
    }
}
