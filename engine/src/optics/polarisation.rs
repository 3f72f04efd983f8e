//! Polarised light through a lens of high NA.
//!
//! The mask is thin and sees nearly paraxial light, so that each source point's polarisation p
//! passes to every diffracted order. The lens then turns the part of p in the meridional plane (TM)
//! by the angle θ at which an order reaches the wafer, and leaves the part across it (TE) as it is
//! (Richards and Wolf 1959; Mansuripur 1986). At pupil azimuth φ, with c = cos θ and s = sin θ:
//!
//! E_x = a·p_x + b·p_y, E_y = b·p_x + d·p_y, E_z = −s·(cos φ·p_x + sin φ·p_y),
//! a = 1 − (1 − c)·cos²φ, b = −(1 − c)·sin φ·cos φ, d = 1 − (1 − c)·sin²φ.
//!
//! The components do not interfere: each is a row of the amplitude matrix of its own.

use serde::{Deserialize, Serialize};

/// How light is imaged: as a scalar, or as a vector of one polarisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Polarisation {
    /// Scalar imaging: the direction of the field is passed over.
    #[default]
    Scalar,
    /// Vector imaging, the mean of X and Y.
    Unpolarised,
    /// Vector imaging, the source polarised along x.
    X,
    /// Vector imaging, the source polarised along y.
    Y,
    /// Vector imaging, each source point polarised across its radius (azimuthally); the centre,
    /// which has no radius, is unpolarised.
    Te,
    /// Vector imaging, each source point polarised along its radius; the centre is unpolarised.
    Tm,
}

/// The five numbers (a, b, d, −s·cos φ, −s·sin φ) by which a lens turns polarised light.
pub(super) type Turn = [f64; 5];

/// What one component of the field takes of each number of a [`Turn`].
pub(super) type Row = [f64; 5];

/// Scalar light.
const SCALAR: &[Row] = &[[1.0, 0.0, 0.0, 0.0, 0.0]];

/// E_x, E_y and E_z of light polarised along (x, y).
fn polarised([x, y]: [f64; 2]) -> Vec<Row> {
    vec![[x, y, 0.0, 0.0, 0.0], [0.0, x, y, 0.0, 0.0], [0.0, 0.0, 0.0, x, y]]
}

/// Half of X and half of Y: the six components less the one they share, E_y of X and E_x of Y.
fn unpolarised() -> Vec<Row> {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    vec![
        [half, 0.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, half, 0.0, 0.0],
        [0.0, 0.0, 0.0, half, 0.0],
        [0.0, 0.0, 0.0, 0.0, half],
    ]
}

impl Polarisation {
    /// Whether the field's direction counts.
    pub fn is_vector(self) -> bool {
        self != Self::Scalar
    }

    /// The field components of a source point at this place (σ).
    pub(super) fn rows(self, [x, y]: [f64; 2]) -> Vec<Row> {
        let radius = x.hypot(y);
        match self {
            Self::Scalar => SCALAR.to_vec(),
            Self::X => polarised([1.0, 0.0]),
            Self::Y => polarised([0.0, 1.0]),
            Self::Te if radius > 0.0 => polarised([-y / radius, x / radius]),
            Self::Tm if radius > 0.0 => polarised([x / radius, y / radius]),
            Self::Unpolarised | Self::Te | Self::Tm => unpolarised(),
        }
    }

    /// The turn of an order that leaves in the direction (x, y) = sin θ·(cos φ, sin φ).
    pub(super) fn turn(self, x: f64, y: f64) -> Turn {
        if self == Self::Scalar {
            return [1.0, 0.0, 0.0, 0.0, 0.0];
        }
        let squared = x * x + y * y;
        // (1 − cos θ)/sin²θ without the cancellation.
        let lift = 1.0 / (1.0 + (1.0 - squared).max(0.0).sqrt());
        [1.0 - lift * x * x, -lift * x * y, 1.0 - lift * y * y, -x, -y]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ over components of |row · turn|².
    fn power(polarisation: Polarisation, sigma: [f64; 2], direction: [f64; 2]) -> f64 {
        let turn = polarisation.turn(direction[0], direction[1]);
        let rows = polarisation.rows(sigma);
        let dot = |row: &Row| row.iter().zip(&turn).map(|(r, t)| r * t).sum::<f64>();
        rows.iter().map(|row| dot(row).powi(2)).sum()
    }

    const ALL: [Polarisation; 5] = [
        Polarisation::Unpolarised,
        Polarisation::X,
        Polarisation::Y,
        Polarisation::Te,
        Polarisation::Tm,
    ];

    #[test]
    fn turning_the_field_keeps_its_energy() {
        for polarisation in ALL {
            for sigma in [[0.0, 0.0], [0.3, 0.0], [-0.2, 0.5]] {
                for direction in [[0.0, 0.0], [0.9, 0.0], [0.3, -0.7], [0.6, 0.8]] {
                    let power = power(polarisation, sigma, direction);
                    assert!((power - 1.0).abs() < 1e-12, "{polarisation:?}: {power}");
                }
            }
        }
    }

    #[test]
    fn the_field_is_across_the_beam() {
        for polarisation in [Polarisation::X, Polarisation::Y, Polarisation::Te, Polarisation::Tm] {
            let [x, y] = [0.55, -0.4];
            let axial = (1.0_f64 - x * x - y * y).sqrt();
            let turn = polarisation.turn(x, y);
            let field: Vec<f64> = polarisation
                .rows([0.4, 0.3])
                .iter()
                .map(|row| row.iter().zip(&turn).map(|(r, t)| r * t).sum())
                .collect();
            let along = field[0] * x + field[1] * y + field[2] * axial;
            assert!(along.abs() < 1e-12, "{polarisation:?}: {along}");
        }
    }
}
