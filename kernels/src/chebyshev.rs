//! Chebyshev series: a smooth function of one variable as a short polynomial.
//!
//! f(t) = a₀ + Σ_{k≥1} a_k T_k(t), t in −1…1. A function without frequencies above f on a length L
//! needs little more than πfL terms: past them the coefficients fall faster than any power.

use std::f64::consts::PI;

/// A Chebyshev series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    coefficients: Vec<f64>,
}

/// Terms that hold a function of highest frequency `frequency` over `length` to some 1e-12 of the
/// amplitude of that frequency: the terms are Bessel functions J_k(πfL), which fall off over
/// (πfL)^⅓ once k > πfL.
pub fn terms_for(frequency: f64, length: f64) -> usize {
    let reach = PI * frequency * length;
    (reach + 10.0 * reach.cbrt() + 12.0).ceil() as usize
}

/// The places t where a function is sampled for a series of `terms`: cos(π(2j+1)/2n).
pub fn nodes(terms: usize) -> Vec<f64> {
    (0..terms).map(|j| (PI * (2 * j + 1) as f64 / (2 * terms) as f64).cos()).collect()
}

impl Series {
    /// The series through `values` at [`nodes`]; zero where there are none.
    pub fn through(values: &[f64]) -> Self {
        let n = values.len();
        // cos(πk(2j+1)/2n) is one of 4n values.
        let turn: Vec<f64> = (0..4 * n).map(|i| (PI * i as f64 / (2 * n) as f64).cos()).collect();
        let coefficient = |k: usize| {
            let terms = values.iter().enumerate();
            let sum: f64 = terms.map(|(j, v)| v * turn[k * (2 * j + 1) % (4 * n)]).sum();
            sum * if k == 0 { 1.0 } else { 2.0 } / n as f64
        };
        Self { coefficients: (0..n).map(coefficient).collect() }
    }

    /// Value and derivative at t (Clenshaw's sum and its derivative).
    pub fn at(&self, t: f64) -> (f64, f64) {
        let Some((first, rest)) = self.coefficients.split_first() else { return (0.0, 0.0) };
        let (mut b, mut b1, mut d, mut d1) = (0.0, 0.0, 0.0, 0.0);
        for a in rest.iter().rev() {
            (d, d1) = (2.0 * (b + t * d) - d1, d);
            (b, b1) = (a + 2.0 * t * b - b1, b);
        }
        (first + t * b - b1, b + t * d - d1)
    }

    /// Number of terms.
    pub fn terms(&self) -> usize {
        self.coefficients.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_limited_function_and_its_derivative_are_held_to_rounding() {
        for turns in [0.3, 3.0, 40.0] {
            let w = PI * turns;
            let f = |t: f64| (w * t + 0.4).cos() + 0.3 * (0.7 * w * t).sin();
            let slope = |t: f64| -w * (w * t + 0.4).sin() + 0.21 * w * (0.7 * w * t).cos();
            let terms = terms_for(turns / 2.0, 2.0);
            let series = Series::through(&nodes(terms).into_iter().map(f).collect::<Vec<_>>());
            for i in 0..=100 {
                let t = -1.0 + f64::from(i) * 0.02;
                let (value, derivative) = series.at(t);
                assert!((value - f(t)).abs() < 1e-11, "{turns}, {t}");
                assert!((derivative - slope(t)).abs() < 1e-9 * (1.0 + w * w), "{turns}, {t}");
            }
            // Half the terms cannot hold it.
            let few = Series::through(&nodes(terms / 3).into_iter().map(f).collect::<Vec<_>>());
            assert!((few.at(0.13).0 - f(0.13)).abs() > 1e-9, "{turns}");
        }
    }

    #[test]
    fn short_series_are_constants_and_lines() {
        assert_eq!(Series::through(&[]).at(0.5), (0.0, 0.0));
        assert_eq!(Series::through(&[3.0]).at(-0.7), (3.0, 0.0));
        let line = Series::through(&nodes(2).into_iter().map(|t| 2.0 - t).collect::<Vec<_>>());
        let (value, slope) = line.at(0.25);
        assert!((value - 1.75).abs() < 1e-15 && (slope + 1.0).abs() < 1e-15);
    }
}
