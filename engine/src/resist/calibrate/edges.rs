//! Widths of printed features along cuts, with exact derivatives.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::{CdRow, GaugeRow};
use crate::imaging::Grid;
use crate::resist::ResistError;
use crate::resist::error::require;

/// What a width is measured of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prints {
    /// A feature where the image is bright: printed.
    #[default]
    Bright,
    /// The dark line between two of them.
    Dark,
}

/// An aerial image that widths were measured on, `[y, x]`.
#[derive(Clone, Debug)]
pub struct EdgeImage {
    /// Defocus it was imaged at, nm.
    pub focus_nm: f64,
    /// Intensity at nominal dose.
    pub intensity: Array2<f32>,
    /// Where its pixels lie.
    pub grid: Grid,
}

/// A measured width: the cut, the exposure and the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// Index of the image it was measured on.
    pub image: usize,
    /// One end of the cut, clip nm.
    pub from_nm: [f64; 2],
    /// The other end; the feature nearest the cut's middle is measured.
    pub to_nm: [f64; 2],
    /// Exposure dose relative to nominal.
    pub dose: f64,
    /// Measured width, nm.
    pub cd_nm: f64,
    /// Weight in the sum of squares.
    pub weight: f64,
    /// What is measured.
    pub prints: Prints,
}

/// Images whose defocus differs by less than this are the same, nm.
const SAME_FOCUS_NM: f64 = 1e-3;

impl Measurement {
    /// The rows of a CD table of one feature, each on the image of its focus.
    ///
    /// # Errors
    /// No image has a row's focus.
    pub fn of_table(
        rows: &[CdRow],
        images: &[EdgeImage],
        (from_nm, to_nm): ([f64; 2], [f64; 2]),
        prints: Prints,
    ) -> Result<Vec<Self>, ResistError> {
        rows.iter()
            .map(|row| {
                let same =
                    |image: &EdgeImage| (image.focus_nm - row.focus_nm).abs() < SAME_FOCUS_NM;
                let image = images.iter().position(same).ok_or_else(|| {
                    ResistError::Mismatch(format!("no image is at a focus of {} nm", row.focus_nm))
                })?;
                let CdRow { dose, cd_nm, weight, .. } = *row;
                Ok(Self { image, from_nm, to_nm, dose, cd_nm, weight, prints })
            })
            .collect()
    }

    /// Gauges on one image at nominal dose: cuts through each gauge's place, across its tangent,
    /// half again as far to both sides as the wider of its widths.
    pub fn of_gauges(rows: &[GaugeRow], image: usize) -> Vec<Self> {
        rows.iter()
            .map(|row| {
                let normal = (row.tangent + 90.0).to_radians();
                let reach = 1.5 * row.target_nm.max(row.measured_nm);
                let end = |side: f64| {
                    [row.x + side * reach * normal.cos(), row.y + side * reach * normal.sin()]
                };
                Self {
                    image,
                    from_nm: end(-1.0),
                    to_nm: end(1.0),
                    dose: 1.0,
                    cd_nm: row.measured_nm,
                    weight: row.weight,
                    prints: row.prints,
                }
            })
            .collect()
    }

    pub(super) fn validate(&self, images: usize) -> Result<(), ResistError> {
        if self.image >= images {
            return Err(ResistError::Mismatch(format!(
                "a measurement is on image {}, there are {images}",
                self.image
            )));
        }
        let place = |v: f64| (-1e9..=1e9).contains(&v);
        for v in self.from_nm.into_iter().chain(self.to_nm) {
            require(place(v), "cut", v, "a number of at most 1e9")?;
        }
        let length = self.length_nm();
        require((1e-3..=1e5).contains(&length), "cut", length, "0.001 to 100000 nm long")?;
        require((1e-3..=1e3).contains(&self.dose), "dose", self.dose, "from 0.001 to 1000")?;
        require((0.0..=1e6).contains(&self.cd_nm), "cd_nm", self.cd_nm, "from 0 to 1000000")?;
        require((0.0..=1e9).contains(&self.weight), "weight", self.weight, "from 0 to 1e9")
    }

    fn length_nm(&self) -> f64 {
        (self.to_nm[0] - self.from_nm[0]).hypot(self.to_nm[1] - self.from_nm[1])
    }
}

/// A width with its derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Width {
    pub nm: f64,
    /// ∂width/∂(level of intensity at nominal dose), nm.
    pub in_level: f64,
    /// ∂width/∂σ.
    pub in_diffusion: f64,
}

/// Samples a pixel along a cut.
const SAMPLES_PER_PIXEL: f64 = 4.0;

/// The width of the feature nearest the middle of the cut at a level of the image; `None` where
/// there is none or it runs off the cut. `in_diffusion`: the image's derivative in σ, a nm.
pub(super) fn width(
    measurement: &Measurement,
    (image, in_diffusion): (ArrayView2<f32>, Option<ArrayView2<f32>>),
    grid: &Grid,
    level: f64,
) -> Option<Width> {
    let length = measurement.length_nm();
    let count = (length * SAMPLES_PER_PIXEL / grid.pixel_nm).ceil().clamp(8.0, 1e6) as usize;
    let step = length / count as f64;
    let at = |i: usize| {
        let t = i as f64 / count as f64;
        [0, 1].map(|c| {
            let nm = measurement.from_nm[c] + t * (measurement.to_nm[c] - measurement.from_nm[c]);
            (nm - grid.origin_nm[c]) / grid.pixel_nm - 0.5
        })
    };
    // A dose scales the intensity: the image prints at level/dose.
    let needed = level / measurement.dose;
    let profile: Vec<f64> = (0..=count).map(|i| cubic(image, at(i)) - needed).collect();
    let (left, right) = feature(&profile, measurement.prints)?;
    let edge = |i: usize| {
        let (a, b) = (profile[i], profile[i + 1]);
        let t = a / (a - b);
        let slope = (b - a) / step;
        let moved =
            in_diffusion.map_or(0.0, |d| (1.0 - t) * cubic(d, at(i)) + t * cubic(d, at(i + 1)));
        ((i as f64 + t) * step, 1.0 / slope, -moved / slope)
    };
    let (l, r) = (edge(left), edge(right));
    let in_level = (r.1 - l.1) / measurement.dose;
    Some(Width { nm: r.0 - l.0, in_level, in_diffusion: r.2 - l.2 })
}

/// The crossings (index of the sample before each) around the feature nearest the middle.
fn feature(profile: &[f64], prints: Prints) -> Option<(usize, usize)> {
    let inside = |v: f64| match prints {
        Prints::Bright => v > 0.0,
        Prints::Dark => v <= 0.0,
    };
    let middle = profile.len() / 2;
    // Twice the distance of a feature's middle would favour narrow ones: its nearest edge counts.
    let mut best: Option<(usize, (usize, usize))> = None;
    let mut start = None;
    for (i, pair) in profile.windows(2).enumerate() {
        match (inside(pair[0]), inside(pair[1])) {
            (false, true) => start = Some(i),
            (true, false) => {
                if let Some(from) = start.take() {
                    let away = from.saturating_sub(middle).max(middle.saturating_sub(i + 1));
                    if best.is_none_or(|(least, _)| away < least) {
                        best = Some((away, (from, i)));
                    }
                }
            }
            _ => {}
        }
    }
    best.map(|(_, edges)| edges)
}

/// The image at a place (x, y) in pixels, by Catmull and Rom's cubic both ways; clamped at the rim.
fn cubic(image: ArrayView2<f32>, [x, y]: [f64; 2]) -> f64 {
    let (ny, nx) = image.dim();
    let (x, y) = (x.clamp(0.0, nx as f64 - 1.0), y.clamp(0.0, ny as f64 - 1.0));
    let (x0, y0) = (x as usize, y as usize);
    let (wx, wy) = (weights(x - x0 as f64), weights(y - y0 as f64));
    let clamped = |i: usize, d: usize, n: usize| (i + d).saturating_sub(1).min(n - 1);
    let mut sum = 0.0;
    for (v, wy) in wy.iter().enumerate() {
        for (u, wx) in wx.iter().enumerate() {
            sum += wy * wx * f64::from(image[[clamped(y0, v, ny), clamped(x0, u, nx)]]);
        }
    }
    sum
}

fn weights(t: f64) -> [f64; 4] {
    [
        0.5 * t * (-1.0 + t * (2.0 - t)),
        0.5 * (2.0 + t * t * (3.0 * t - 5.0)),
        0.5 * t * (1.0 + t * (4.0 - 3.0 * t)),
        0.5 * t * t * (t - 1.0),
    ]
}
