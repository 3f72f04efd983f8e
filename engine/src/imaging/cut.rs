//! Cut lines: intensity and its exact slope along them, and how good an image is there.

use lithoscope_kernels::line::LineImage;
use serde::{Deserialize, Serialize};

use super::ImagingError;
use super::tone::require;

/// Farthest a cut may lie from the origin, nm.
const MAX_COORDINATE_NM: f64 = 1e7;
/// Longest cut, in periods of the field: what is beyond repeats.
const MAX_PERIODS: f64 = 4.0;
/// Most steps a cut is sampled in.
const MAX_STEPS: f64 = 1_048_576.0;

/// A straight line across a clip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutLine {
    /// Start (x, y), clip nm.
    pub from_nm: [f64; 2],
    /// End (x, y), clip nm.
    pub to_nm: [f64; 2],
}

impl CutLine {
    /// The line between two points, clip nm.
    pub fn new(from_nm: [f64; 2], to_nm: [f64; 2]) -> Self {
        Self { from_nm, to_nm }
    }

    /// Its length, nm.
    pub fn length_nm(&self) -> f64 {
        (self.to_nm[0] - self.from_nm[0]).hypot(self.to_nm[1] - self.from_nm[1])
    }

    /// The point (x, y) at a distance from the start, clip nm.
    pub fn point(&self, distance_nm: f64) -> [f64; 2] {
        let length = self.length_nm();
        let share = if length > 0.0 { distance_nm / length } else { 0.0 };
        [0, 1].map(|c| self.from_nm[c] + (self.to_nm[c] - self.from_nm[c]) * share)
    }

    /// Points in equal steps of about `step_nm`, both ends among them; one point for a line
    /// without length, and never more than 2²⁰ steps.
    pub fn points(&self, step_nm: f64) -> Vec<[f64; 2]> {
        let steps = self.steps(step_nm);
        let step = self.length_nm() / steps.max(1) as f64;
        (0..=steps).map(|i| self.point(i as f64 * step)).collect()
    }

    /// Steps that [`CutLine::points`] takes.
    fn steps(&self, step_nm: f64) -> usize {
        let length = self.length_nm();
        if !(length > 0.0 && length.is_finite()) {
            return 0;
        }
        let steps = (length / step_nm).round();
        if steps.is_finite() { steps.clamp(1.0, MAX_STEPS) as usize } else { 1 }
    }

    /// Checks that the line can be read on a field of this period.
    ///
    /// # Errors
    /// An end that is no number or far from any clip; a line longer than four periods.
    pub(super) fn check(&self, period_nm: f64) -> Result<(), ImagingError> {
        for end in self.from_nm.iter().chain(&self.to_nm) {
            require(
                end.abs() <= MAX_COORDINATE_NM,
                "cut line end",
                *end,
                "within 10 mm of the origin",
            )?;
        }
        let (length_nm, limit_nm) = (self.length_nm(), MAX_PERIODS * period_nm);
        if length_nm > limit_nm {
            return Err(ImagingError::CutTooLong { length_nm, limit_nm });
        }
        Ok(())
    }
}

/// The image along a cut line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutProfile {
    /// Distance of samples; the first lies at the line's start, the last at its end, nm.
    pub step_nm: f64,
    /// Intensity, clear field = 1.
    pub intensity: Vec<f32>,
    /// Slope of the intensity along the line, nm⁻¹.
    pub slope_per_nm: Vec<f32>,
    /// The image between the samples.
    #[serde(skip)]
    image: LineImage,
}

/// How well an image places one edge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EdgeQuality {
    /// Distance from the line's start, nm.
    pub at_nm: f64,
    /// Whether the image rises through the level along the line.
    pub rising: bool,
    /// Slope of the intensity along the line, nm⁻¹.
    pub slope_per_nm: f64,
    /// Image log-slope |dI/dx|/I, nm⁻¹.
    pub ils_per_nm: f64,
    /// Width of the feature, nm: as given, else of the bright feature that the edge bounds; `None`
    /// where that leaves the cut.
    pub width_nm: Option<f64>,
    /// Normalised image log-slope: ILS × width.
    pub nils: Option<f64>,
}

impl CutProfile {
    /// Samples a line image in equal steps of about `step_nm`.
    pub(super) fn new(line: &CutLine, image: LineImage, step_nm: f64) -> Self {
        let steps = line.steps(step_nm);
        let step_nm = line.length_nm() / steps.max(1) as f64;
        let samples = (0..=steps).map(|i| image.at(i as f64 * step_nm));
        let (intensity, slope_per_nm) = samples.map(|(i, s)| (i as f32, s as f32)).unzip();
        Self { step_nm, intensity, slope_per_nm, image }
    }

    /// The image between the samples: values, slopes and crossings anywhere on the line.
    pub fn image(&self) -> &LineImage {
        &self.image
    }
}

/// The edges of a profile at an intensity level, in order, by the roots of the band-limited image.
///
/// `width_nm`: the nominal width of the feature for NILS, or `None` to measure the bright feature
/// that each edge bounds.
pub fn quality(profile: &CutProfile, level: f64, width_nm: Option<f64>) -> Vec<EdgeQuality> {
    let edges: Vec<_> = profile.image.crossings(level).collect();
    let measured = |i: usize| {
        // Bright lies after a rising edge and before a falling one.
        let other = if edges[i].rising { edges.get(i + 1) } else { edges.get(i.checked_sub(1)?) };
        other.map(|other| (other.at - edges[i].at).abs())
    };
    edges
        .iter()
        .enumerate()
        .map(|(i, edge)| {
            let ils_per_nm = if level > 0.0 { edge.slope.abs() / level } else { 0.0 };
            let width_nm = width_nm.or_else(|| measured(i));
            EdgeQuality {
                at_nm: edge.at,
                rising: edge.rising,
                slope_per_nm: edge.slope,
                ils_per_nm,
                width_nm,
                nils: width_nm.map(|w| w * ils_per_nm),
            }
        })
        .collect()
}

/// Contrast (max − min)/(max + min) of the image along the whole line, turning points included;
/// 0 where nothing is lit.
pub fn contrast(profile: &CutProfile) -> f64 {
    let (low, high) = profile.image.range();
    if high + low > 0.0 { (high - low) / (high + low) } else { 0.0 }
}
