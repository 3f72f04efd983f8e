//! Illumination sources, and their cutting into points.

use serde::{Deserialize, Serialize};

use super::OpticsError;
use super::symmetry::{INVERSION, MIRRORS, Symmetry};

/// An illumination source in the pupil plane; radii are partial coherence σ (1 = edge of the NA).
///
/// Each is uniformly bright and carries unit power in all.
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
    },
}

/// A point of the source with all its mirror images under the source's symmetry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SourcePoint {
    /// Position in σ: x, y.
    pub sigma: [f64; 2],
    /// Power of the point and its images together; all points sum to 1.
    pub weight: f64,
}

/// Narrowest ring, σ.
const MIN_RING: f64 = 0.01;

/// A disc smaller than this is a point, σ.
const POINT_RADIUS: f64 = 1e-6;

/// A cell at the source's edge is sampled at this many places a side.
const SUBSAMPLES: i32 = 16;

/// A source is cut into at most about this many points per image under its symmetry, which bounds
/// the decomposition.
const MAX_POINTS: f64 = 1000.0;

impl Source {
    /// Inner and outer radius, σ.
    pub(super) fn radii(&self) -> (f64, f64) {
        match *self {
            Self::Circular { sigma } => (0.0, sigma),
            Self::Annular { inner, outer }
            | Self::Dipole { inner, outer, .. }
            | Self::Quadrupole { inner, outer, .. } => (inner, outer),
        }
    }

    /// Half the opening angle and the rotation of the poles, degrees, and the largest half angle.
    fn poles(&self) -> Option<(f64, f64, f64)> {
        match *self {
            Self::Circular { .. } | Self::Annular { .. } => None,
            Self::Dipole { half_angle_deg, rotation_deg, .. } => {
                Some((half_angle_deg, rotation_deg, 90.0))
            }
            Self::Quadrupole { half_angle_deg, rotation_deg, .. } => {
                Some((half_angle_deg, rotation_deg, 45.0))
            }
        }
    }

    /// Checks every parameter against its range.
    pub(super) fn validate(&self) -> Result<(), OpticsError> {
        let check = |ok: bool, name, value, expected| match ok {
            true => Ok(()),
            false => Err(OpticsError::Parameter { name, value, expected }),
        };
        let (inner, outer) = self.radii();
        if let Self::Circular { sigma } = *self {
            return check((0.0..=1.0).contains(&sigma), "sigma", sigma, "from 0 to 1");
        }
        check((0.0..=1.0).contains(&outer), "outer", outer, "from 0 to 1")?;
        let ring = inner >= 0.0 && outer - inner >= MIN_RING * (1.0 - 1e-9);
        check(ring, "inner", inner, "0 or more, and at least 0.01 below outer")?;
        let Some((half_angle, rotation, widest)) = self.poles() else { return Ok(()) };
        let open = (1.0..=widest).contains(&half_angle);
        check(open, "half_angle_deg", half_angle, "from 1 to 90 (dipole) or 45 (quadrupole)")?;
        let turned = (-360.0..=360.0).contains(&rotation);
        check(turned, "rotation_deg", rotation, "from -360 to 360")
    }

    /// The symmetry that every point of the source has.
    pub(super) fn symmetry(&self) -> Symmetry {
        let upright = |rotation: f64, step: f64| (rotation / step).fract() == 0.0;
        match *self {
            Self::Dipole { rotation_deg, .. } if !upright(rotation_deg, 90.0) => INVERSION,
            Self::Quadrupole { rotation_deg, .. } if !upright(rotation_deg, 45.0) => INVERSION,
            _ => MIRRORS,
        }
    }

    /// Whether the source shines at this place, σ.
    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        let (inner, outer) = self.radii();
        let radius = x.hypot(y);
        if radius < inner || radius > outer {
            return false;
        }
        let Some((half_angle, rotation, _)) = self.poles() else { return true };
        let (sin, cos) = rotation.to_radians().sin_cos();
        let along = (x * cos + y * sin).abs();
        let across = (y * cos - x * sin).abs();
        let nearest = match self {
            Self::Quadrupole { .. } => along.max(across),
            _ => along,
        };
        nearest >= radius * half_angle.to_radians().cos()
    }

    /// Lit area in σ².
    fn area(&self) -> f64 {
        let (inner, outer) = self.radii();
        let share = match (self, self.poles()) {
            (Self::Quadrupole { .. }, Some((half_angle, ..))) => half_angle / 45.0,
            (_, Some((half_angle, ..))) => half_angle / 90.0,
            (_, None) => 1.0,
        };
        std::f64::consts::PI * (outer * outer - inner * inner) * share
    }

    /// Pitch of the grid the source is cut by, σ, for a field with bins of `bin` σ.
    ///
    /// Fine against the source and against a bin (a pitch of one bin would make the source's
    /// coherence come back one field away), coarse enough to decompose.
    pub(super) fn pitch(&self, bin: f64) -> f64 {
        let (inner, outer) = self.radii();
        let fine = (1.0 / 40.0_f64).min(bin / 2.0).min((outer - inner) / 6.0);
        let points = MAX_POINTS * self.symmetry().order() as f64;
        fine.max((self.area() / points).sqrt())
    }

    /// The source as points, one of each set of mirror images, cut by a grid of `pitch` σ.
    ///
    /// A cell counts by its lit area and sits at that area's centroid, so that the sum over the
    /// points converges quickly to the integral over the source.
    pub(super) fn points(&self, pitch: f64) -> Vec<SourcePoint> {
        let (_, outer) = self.radii();
        let symmetry = self.symmetry();
        if outer < POINT_RADIUS {
            return vec![SourcePoint { sigma: [0.0, 0.0], weight: 1.0 }];
        }
        let reach = (outer / pitch).ceil() as i32;
        // Twice the cell's centre in pitches: odd, so that no cell lies on a mirror.
        let places = || (-reach..reach).map(|index| 2 * index + 1);
        let mut points: Vec<SourcePoint> = places()
            .flat_map(|y| places().map(move |x| [x, y]))
            .filter(|&cell| symmetry.is_first(cell))
            .filter_map(|cell| self.lit_part(cell, pitch))
            .collect();
        let total: f64 = points.iter().map(|point| point.weight).sum();
        for point in &mut points {
            point.weight /= total;
        }
        points
    }

    /// Centroid and lit share of a cell; `None` if it is dark.
    fn lit_part(&self, cell: [i32; 2], pitch: f64) -> Option<SourcePoint> {
        let place = |centre: i32, sample: i32| {
            let offset = f64::from(2 * sample + 1 - SUBSAMPLES) / f64::from(SUBSAMPLES);
            0.5 * pitch * (f64::from(centre) + offset)
        };
        let (mut lit, mut sum) = (0.0, [0.0, 0.0]);
        for row in 0..SUBSAMPLES {
            for column in 0..SUBSAMPLES {
                let at = [place(cell[0], column), place(cell[1], row)];
                if self.contains(at) {
                    lit += 1.0;
                    sum = [sum[0] + at[0], sum[1] + at[1]];
                }
            }
        }
        let sigma = [sum[0] / lit, sum[1] / lit];
        (lit > 0.0).then_some(SourcePoint { sigma, weight: lit })
    }
}
