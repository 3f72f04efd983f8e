//! Illumination sources, and their cutting into points.

mod map;
mod points;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::OpticsError;
use super::error::require;
use super::symmetry::Symmetry;

pub(super) use points::SourcePoint;

/// An illumination source in the pupil plane; radii are partial coherence σ (1 = edge of the NA).
///
/// Each carries unit power in all, and is uniformly bright but for maps and the balance of poles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// A filled disc of radius σ; 0 is a point on the axis, coherent light.
    Circular {
        /// Radius, 0 ≤ σ ≤ 1.
        sigma: f64,
    },
    /// A ring.
    Annular {
        /// Inner radius, 0 ≤ inner < outer.
        inner: f64,
        /// Outer radius, ≤ 1.
        outer: f64,
    },
    /// Two ring sectors, opposite each other.
    Dipole {
        /// Inner radius, 0 ≤ inner < outer.
        inner: f64,
        /// Outer radius, ≤ 1.
        outer: f64,
        /// Half the opening angle of a pole, degrees, 1…90.
        half_angle_deg: f64,
        /// Direction of the first pole, degrees from the x axis.
        rotation_deg: f64,
        /// Relative brightness of each pole, from the first one counter-clockwise, 0…1000; empty
        /// for poles alike.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        balance: Vec<f64>,
    },
    /// Four ring sectors, 90° apart.
    Quadrupole {
        /// Inner radius, 0 ≤ inner < outer.
        inner: f64,
        /// Outer radius, ≤ 1.
        outer: f64,
        /// Half the opening angle of a pole, degrees, 1…45.
        half_angle_deg: f64,
        /// Direction of the first pole, degrees from the x axis.
        rotation_deg: f64,
        /// Relative brightness of each pole, from the first one counter-clockwise, 0…1000; empty
        /// for poles alike.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        balance: Vec<f64>,
    },
    /// A single point: coherent light, along the axis or aslant.
    Point {
        /// Place, σ, within the unit disc.
        x: f64,
        /// Place, σ.
        y: f64,
    },
    /// A brightness map of square cells over −1 ≤ σ ≤ 1 both ways; light beyond σ = 1 within the
    /// cells of the rim is cut off.
    Map {
        /// As many rows as columns, 1 to 1025, the top row at +y; brightness 0…1000000.
        rows: Vec<Vec<f64>>,
    },
}

/// Narrowest ring, σ.
const MIN_RING: f64 = 0.01;

/// A place this little beyond the unit disc is on its edge.
const ON_EDGE: f64 = 1.0 + 1e-12;

/// Ring sectors alike in all but their brightness.
struct Poles<'a> {
    half_angle_deg: f64,
    rotation_deg: f64,
    /// How many, evenly spaced.
    count: usize,
    balance: &'a [f64],
}

impl Poles<'_> {
    /// The pole a direction (degrees) belongs to.
    fn nearest(&self, direction_deg: f64) -> usize {
        let turns = (direction_deg - self.rotation_deg) / 360.0 * self.count as f64;
        turns.round().rem_euclid(self.count as f64) as usize % self.count
    }

    /// A pole's brightness, the brightest having 1.
    fn brightness(&self, pole: usize) -> f64 {
        let largest = self.balance.iter().copied().fold(0.0, f64::max);
        self.balance.get(pole).map_or(1.0, |share| share / largest)
    }

    /// Whether (x, y) → (±x, ±y) puts each pole on one as bright.
    fn is_same_under(&self, signs: [i32; 2]) -> bool {
        let step = 360.0 / self.count as f64;
        // The poles lie alike about both axes only when one, or the middle of two, is on them.
        let upright = (self.rotation_deg / (step / 2.0)).fract() == 0.0;
        (upright || signs == [-1, -1])
            && (0..self.count).all(|pole| {
                let (sin, cos) = (self.rotation_deg + step * pole as f64).to_radians().sin_cos();
                let image =
                    (f64::from(signs[1]) * sin).atan2(f64::from(signs[0]) * cos).to_degrees();
                self.brightness(pole) == self.brightness(self.nearest(image))
            })
    }

    fn validate(&self) -> Result<(), OpticsError> {
        let Self { half_angle_deg, rotation_deg, count, balance } = *self;
        let open = half_angle_deg >= 1.0 && half_angle_deg <= 180.0 / count as f64;
        let widest = "from 1 to 90 (dipole) or 45 (quadrupole)";
        require(open, "half_angle_deg", half_angle_deg, widest)?;
        let turned = (-360.0..=360.0).contains(&rotation_deg);
        require(turned, "rotation_deg", rotation_deg, "from -360 to 360")?;
        let many = balance.is_empty() || balance.len() == count;
        let expected = "one number for each pole, or none";
        require(many, "balance (how many)", balance.len() as f64, expected)?;
        for &share in balance {
            require((0.0..=1e3).contains(&share), "balance", share, "from 0 to 1000")?;
        }
        let lit = balance.is_empty() || balance.iter().any(|share| *share > 0.0);
        require(lit, "balance", 0.0, "above 0 for one pole at least")
    }
}

impl Source {
    /// Inner and outer radius, σ.
    pub(super) fn radii(&self) -> (f64, f64) {
        match *self {
            Self::Circular { sigma } => (0.0, sigma),
            Self::Annular { inner, outer }
            | Self::Dipole { inner, outer, .. }
            | Self::Quadrupole { inner, outer, .. } => (inner, outer),
            Self::Point { x, y } => (x.hypot(y), x.hypot(y).min(1.0)),
            Self::Map { ref rows } => (0.0, map::reach(rows)),
        }
    }

    fn poles(&self) -> Option<Poles<'_>> {
        match self {
            Self::Dipole { half_angle_deg, rotation_deg, balance, .. } => Some(Poles {
                half_angle_deg: *half_angle_deg,
                rotation_deg: *rotation_deg,
                count: 2,
                balance,
            }),
            Self::Quadrupole { half_angle_deg, rotation_deg, balance, .. } => Some(Poles {
                half_angle_deg: *half_angle_deg,
                rotation_deg: *rotation_deg,
                count: 4,
                balance,
            }),
            _ => None,
        }
    }

    /// Checks every parameter against its range.
    pub(super) fn validate(&self) -> Result<(), OpticsError> {
        let (inner, outer) = match self {
            Self::Circular { sigma } => {
                return require((0.0..=1.0).contains(sigma), "sigma", *sigma, "from 0 to 1");
            }
            Self::Point { x, y } => {
                let radius = x.hypot(*y);
                return require(radius <= ON_EDGE, "point", radius, "within the unit disc of σ");
            }
            Self::Map { rows } => return map::validate(rows),
            _ => self.radii(),
        };
        require((0.0..=1.0).contains(&outer), "outer", outer, "from 0 to 1")?;
        let ring = inner >= 0.0 && outer - inner >= MIN_RING * (1.0 - 1e-9);
        require(ring, "inner", inner, "0 or more, and at least 0.01 below outer")?;
        self.poles().map_or(Ok(()), |poles| poles.validate())
    }

    /// Whether the source looks the same under (x, y) → (±x, ±y).
    fn is_same_under(&self, [sx, sy]: [i32; 2]) -> bool {
        match self {
            Self::Circular { .. } | Self::Annular { .. } => true,
            Self::Point { x, y } => (sx > 0 || *x == 0.0) && (sy > 0 || *y == 0.0),
            Self::Map { rows } => map::is_same_under(rows, [sx, sy]),
            Self::Dipole { .. } | Self::Quadrupole { .. } => {
                self.poles().is_some_and(|poles| poles.is_same_under([sx, sy]))
            }
        }
    }

    /// The symmetry that every point of the source has.
    pub(super) fn symmetry(&self) -> Symmetry {
        Symmetry::of(|signs| self.is_same_under(signs))
    }

    /// Brightness at a place in σ; the brightest of the source is 1. A point has none.
    pub(super) fn brightness(&self, [x, y]: [f64; 2]) -> f64 {
        if let Self::Map { rows } = self {
            return map::brightness(rows, [x, y]);
        }
        let (inner, outer) = self.radii();
        let radius = x.hypot(y);
        if radius < inner || radius > outer || matches!(self, Self::Point { .. }) {
            return 0.0;
        }
        let Some(poles) = self.poles() else { return 1.0 };
        let (sin, cos) = poles.rotation_deg.to_radians().sin_cos();
        let along = (x * cos + y * sin).abs();
        let across = (y * cos - x * sin).abs();
        let nearest = if poles.count == 4 { along.max(across) } else { along };
        if nearest < radius * poles.half_angle_deg.to_radians().cos() {
            return 0.0;
        }
        if poles.balance.is_empty() {
            return 1.0;
        }
        poles.brightness(poles.nearest(y.atan2(x).to_degrees()))
    }
}
