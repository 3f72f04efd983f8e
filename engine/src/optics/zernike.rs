//! Zernike polynomials in fringe order.
//!
//! Numbers 1 to 37 as the University of Arizona's fringe set counts them (Loomis 1976; also in
//! Code V and on exposure tools): group k = 0, 1, … holds radial degree n and angular order m with
//! n + m = 2k, falling m, cosine before sine; number 37 is the rotation-symmetric term of degree
//! 12. Not normalised: every polynomial is 1 at its largest on the edge, so that a coefficient is
//! the deviation of the wavefront there.

/// The last of the fringe set.
pub(super) const LAST: u8 = 37;

/// One polynomial times its coefficient: Re or Im of (x + iy)^m times a polynomial in ρ².
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    /// Angular order.
    order: u32,
    /// sin mθ in place of cos mθ.
    sine: bool,
    /// Coefficients of ρ⁰, ρ², ρ⁴, … of R(ρ)/ρ^m, times the term's coefficient.
    radial: Vec<f64>,
}

/// Radial degree, angular order, and whether it is a sine, of a fringe number from 1 to 37.
fn index(number: u8) -> (u32, u32, bool) {
    if number >= LAST {
        return (12, 0, false);
    }
    let place = u32::from(number.max(1)) - 1;
    let group = place.isqrt();
    let within = place - group * group;
    let order = group - within / 2;
    (2 * group - order, order, within % 2 == 1)
}

impl Term {
    /// Polynomial `number` (1 to 37) times `coefficient`.
    pub(super) fn new(number: u8, coefficient: f64) -> Self {
        let (degree, order, sine) = index(number);
        // R(ρ) = Σ_s (−1)^s (n − s)! / (s! ((n + m)/2 − s)! ((n − m)/2 − s)!) ρ^{n − 2s}
        // (Zernike 1934); the largest factorial is 12!.
        let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
        let (sum, difference) = (u32::midpoint(degree, order), (degree - order) / 2);
        let power = |s: u32| {
            let sign = if s.is_multiple_of(2) { 1.0 } else { -1.0 };
            sign * factorial(degree - s)
                / (factorial(s) * factorial(sum - s) * factorial(difference - s))
        };
        let radial = (0..=difference).rev().map(|s| coefficient * power(s)).collect();
        Self { order, sine, radial }
    }

    /// The value at a place in the unit disc.
    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        let squared = x * x + y * y;
        let radial = self.radial.iter().rev().fold(0.0, |sum, c| sum * squared + c);
        let (mut re, mut im) = (1.0, 0.0);
        for _ in 0..self.order {
            (re, im) = (re * x - im * y, re * y + im * x);
        }
        radial * if self.sine { im } else { re }
    }

    /// Whether the polynomial keeps its sign under (x, y) → (±x, ±y).
    pub(super) fn is_even_under(&self, [sx, sy]: [i32; 2]) -> bool {
        // cos mθ = Re (x + iy)^m is even in y and has m's parity in x; sin mθ the opposite.
        let odd = self.order % 2 == 1;
        let flips_x = sx < 0 && (odd != self.sine);
        let flips_y = sy < 0 && self.sine;
        flips_x == flips_y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(number: u8, x: f64, y: f64) -> f64 {
        Term::new(number, 1.0).at(x, y)
    }

    #[test]
    fn the_fringe_set_is_the_published_one() {
        let (radius, angle) = (0.83_f64, 0.41_f64);
        let r = |power: i32| radius.powi(power);
        let (c, s) = (|m: f64| (m * angle).cos(), |m: f64| (m * angle).sin());
        let expected = [
            (1, 1.0),
            (2, r(1) * c(1.0)),
            (3, r(1) * s(1.0)),
            (4, 2.0 * r(2) - 1.0),
            (5, r(2) * c(2.0)),
            (6, r(2) * s(2.0)),
            (7, (3.0 * r(3) - 2.0 * r(1)) * c(1.0)),
            (8, (3.0 * r(3) - 2.0 * r(1)) * s(1.0)),
            (9, 6.0 * r(4) - 6.0 * r(2) + 1.0),
            (10, r(3) * c(3.0)),
            (11, r(3) * s(3.0)),
            (12, (4.0 * r(4) - 3.0 * r(2)) * c(2.0)),
            (14, (10.0 * r(5) - 12.0 * r(3) + 3.0 * r(1)) * c(1.0)),
            (16, 20.0 * r(6) - 30.0 * r(4) + 12.0 * r(2) - 1.0),
            (17, r(4) * c(4.0)),
            (20, (5.0 * r(5) - 4.0 * r(3)) * s(3.0)),
            (25, 70.0 * r(8) - 140.0 * r(6) + 90.0 * r(4) - 20.0 * r(2) + 1.0),
            (27, r(5) * s(5.0)),
            (28, (6.0 * r(6) - 5.0 * r(4)) * c(4.0)),
            (33, (56.0 * r(8) - 105.0 * r(6) + 60.0 * r(4) - 10.0 * r(2)) * s(2.0)),
            (36, 252.0 * r(10) - 630.0 * r(8) + 560.0 * r(6) - 210.0 * r(4) + 30.0 * r(2) - 1.0),
            (
                37,
                924.0 * r(12) - 2772.0 * r(10) + 3150.0 * r(8) - 1680.0 * r(6) + 420.0 * r(4)
                    - 42.0 * r(2)
                    + 1.0,
            ),
        ];
        let (x, y) = (radius * angle.cos(), radius * angle.sin());
        for (number, expected) in expected {
            assert!((value(number, x, y) - expected).abs() < 1e-12, "Z{number}");
        }
    }

    #[test]
    fn every_polynomial_reaches_one_on_the_edge() {
        for number in 1..=LAST {
            let largest = (0..3600)
                .map(|step| f64::from(step).to_radians() / 10.0)
                .map(|angle| value(number, angle.cos(), angle.sin()))
                .fold(0.0, f64::max);
            assert!((largest - 1.0).abs() < 1e-6, "Z{number}: {largest}");
        }
    }

    #[test]
    fn the_polynomials_are_orthogonal_over_the_disc() {
        // Gauss-free: a fine polar midpoint rule, exact in angle, 1e-4 in radius.
        let places: Vec<(f64, f64, f64)> = (0..400)
            .flat_map(|ring| (0..32).map(move |step| (ring, step)))
            .map(|(ring, step)| {
                let radius = (f64::from(ring) + 0.5) / 400.0;
                let angle = std::f64::consts::TAU * f64::from(step) / 32.0;
                (radius * angle.cos(), radius * angle.sin(), radius / 400.0 / 16.0)
            })
            .collect();
        let terms: Vec<Term> = (1..=LAST).map(|number| Term::new(number, 1.0)).collect();
        for (i, a) in terms.iter().enumerate() {
            for (j, b) in terms.iter().enumerate() {
                let inner: f64 = places.iter().map(|&(x, y, w)| w * a.at(x, y) * b.at(x, y)).sum();
                assert_eq!(inner.abs() < 1e-3, i != j, "Z{} and Z{}: {inner}", i + 1, j + 1);
            }
        }
    }

    #[test]
    fn parity_is_that_of_the_values() {
        let (x, y) = (0.31, -0.57);
        for number in 2..=LAST {
            let term = Term::new(number, 0.3);
            for signs in [[-1, 1], [1, -1], [-1, -1]] {
                let there = term.at(f64::from(signs[0]) * x, f64::from(signs[1]) * y);
                let same = (there - term.at(x, y)).abs() < 1e-12;
                assert_eq!(term.is_even_under(signs), same, "Z{number} {signs:?}");
            }
        }
    }
}
