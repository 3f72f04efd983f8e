//! Illumination sources, and their cutting into points.

use serde::{Deserialize, Serialize};

use super::OpticsError;
use super::error::require;
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

/// A source is cut into about this many points, one of each set of mirror images: the image then
/// changes by less than a part in a thousand under a finer cut.
const MOST_POINTS: f64 = 1500.0;

/// And into this many at least, in large fields, where the errors of many bins average out.
const LEAST_POINTS: f64 = 700.0;

/// Points times bins of a parity class in between; bounds time and memory.
const POINTS_TIMES_BINS: f64 = 1e6;

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
        let (inner, outer) = self.radii();
        if let Self::Circular { sigma } = *self {
            return require((0.0..=1.0).contains(&sigma), "sigma", sigma, "from 0 to 1");
        }
        require((0.0..=1.0).contains(&outer), "outer", outer, "from 0 to 1")?;
        let ring = inner >= 0.0 && outer - inner >= MIN_RING * (1.0 - 1e-9);
        require(ring, "inner", inner, "0 or more, and at least 0.01 below outer")?;
        let Some((half_angle, rotation, widest)) = self.poles() else { return Ok(()) };
        let open = (1.0..=widest).contains(&half_angle);
        require(open, "half_angle_deg", half_angle, "from 1 to 90 (dipole) or 45 (quadrupole)")?;
        let turned = (-360.0..=360.0).contains(&rotation);
        require(turned, "rotation_deg", rotation, "from -360 to 360")
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

    /// Pitch of the grid the source is cut by, σ, for a field of bins −`half`…`half`.
    pub(super) fn pitch(&self, half: usize) -> f64 {
        let order = self.symmetry().order() as f64;
        let bins = std::f64::consts::PI * (half * half) as f64 / order;
        let points = (POINTS_TIMES_BINS / bins).clamp(LEAST_POINTS, MOST_POINTS);
        (self.area() / (points * order)).sqrt()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn dipole(rotation_deg: f64) -> Source {
        Source::Dipole { inner: 0.5, outer: 0.8, half_angle_deg: 25.0, rotation_deg }
    }

    fn quadrupole(rotation_deg: f64) -> Source {
        Source::Quadrupole { inner: 0.6, outer: 0.85, half_angle_deg: 15.0, rotation_deg }
    }

    fn all() -> Vec<Source> {
        vec![
            Source::Circular { sigma: 0.6 },
            Source::Annular { inner: 0.7, outer: 0.9 },
            dipole(0.0),
            dipole(30.0),
            quadrupole(45.0),
            quadrupole(-20.0),
        ]
    }

    /// Σ w σ_x^a σ_y^b over the points and their images.
    fn moment(source: &Source, a: i32, b: i32) -> f64 {
        let symmetry = source.symmetry();
        let mut sum = 0.0;
        for SourcePoint { sigma: [x, y], weight } in source.points(source.pitch(20)) {
            for [sx, sy] in symmetry.elements {
                let share = weight / symmetry.order() as f64;
                sum += share * (x * f64::from(*sx)).powi(a) * (y * f64::from(*sy)).powi(b);
            }
        }
        sum
    }

    #[test]
    fn points_lie_in_the_source_and_share_unit_power() {
        for source in all() {
            assert!((moment(&source, 0, 0) - 1.0).abs() < 1e-12);
            let (inner, outer) = source.radii();
            for SourcePoint { sigma: [x, y], weight } in source.points(source.pitch(20)) {
                let radius = x.hypot(y);
                assert!(weight > 0.0 && radius <= outer && radius >= inner - 1e-3, "{source:?}");
            }
        }
    }

    #[test]
    fn second_moments_are_those_of_the_shape() {
        for source in all() {
            let (inner, outer) = source.radii();
            // ∫r³dr / ∫r dr over the ring.
            let radial = 0.5 * (outer.powi(2) + inner.powi(2));
            let (xx, yy, xy) =
                (moment(&source, 2, 0), moment(&source, 0, 2), moment(&source, 1, 1));
            assert!((xx + yy - radial).abs() < 1e-3, "{source:?}: {}", xx + yy - radial);
            // A dipole's poles of half angle h lean the moments by cos 2φ·sin 2h / 2h.
            let (lean, turn) = match source {
                Source::Dipole { half_angle_deg, rotation_deg, .. } => {
                    let open = 2.0 * half_angle_deg.to_radians();
                    (radial * open.sin() / open, 2.0 * rotation_deg.to_radians())
                }
                _ => (0.0, 0.0),
            };
            assert!((xx - yy - lean * turn.cos()).abs() < 1e-3, "{source:?}");
            assert!((2.0 * xy - lean * turn.sin()).abs() < 1e-3, "{source:?}");
        }
    }

    #[test]
    fn the_cut_is_as_fine_as_promised() {
        for source in all() {
            for half in [6, 27, 80] {
                let points = source.points(source.pitch(half)).len() as f64;
                assert!((0.9 * LEAST_POINTS..1.4 * MOST_POINTS).contains(&points), "{points}");
            }
        }
        let point = Source::Circular { sigma: 1e-300 };
        assert_eq!(point.points(point.pitch(9)), Source::Circular { sigma: 0.0 }.points(1.0));
    }

    #[test]
    fn rings_and_poles_out_of_range_are_named() {
        let wrong = [
            ("sigma", Source::Circular { sigma: 1.1 }),
            ("outer", Source::Annular { inner: 0.5, outer: f64::NAN }),
            ("inner", Source::Annular { inner: 0.5, outer: 0.5 }),
            ("inner", Source::Annular { inner: f64::NAN, outer: 0.5 }),
            ("rotation_deg", dipole(f64::INFINITY)),
            (
                "half_angle_deg",
                Source::Quadrupole {
                    inner: 0.5,
                    outer: 0.6,
                    half_angle_deg: 60.0,
                    rotation_deg: 0.0,
                },
            ),
        ];
        for (name, source) in wrong {
            let message = source.validate().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
        for source in all() {
            source.validate().unwrap();
        }
    }

    #[test]
    fn an_unknown_word_in_a_preset_is_refused() {
        let good = "shape = 'annular'\ninner = 0.5\nouter = 0.7\n";
        assert!(toml::from_str::<Source>(good).is_ok());
        assert!(toml::from_str::<Source>(&format!("{good}middle = 0.6\n")).is_err());
    }
}
