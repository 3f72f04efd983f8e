//! The intensity that prints just so along a cut line, and the edges where light passes it.

use lithoscope_engine::imaging::{CutLine, CutProfile, EdgeQuality, quality};
use lithoscope_engine::resist::ResistModel;

use crate::headless::strip::{Frame, margin, reach_nm};
use crate::worker::lens::Light;
use crate::worker::{Failure, develop, stages};

/// Pixels of a strip about the line, nm.
const PIXEL_NM: f64 = 2.0;

/// The intensity at dose 1 that prints just so.
#[derive(Clone, Debug, PartialEq)]
pub enum Level {
    /// The same everywhere; infinite where nothing prints.
    Constant(f32),
    /// It depends on what lies near.
    Along {
        /// Distance of the values, nm; the first stands half of that after the beginning.
        step_nm: f64,
        /// Its values.
        values: Vec<f32>,
    },
}

impl Level {
    /// The level of a resist along a line.
    ///
    /// # Errors
    /// The resist prints at no level, or its focus is not there.
    pub fn of(
        model: &ResistModel,
        light: &Light<'_>,
        line: &CutLine,
        profile: &CutProfile,
    ) -> Result<Self, Failure> {
        if let Some(level) = develop::level(model) {
            return Ok(Self::Constant(level));
        }
        let what = || "The resist cannot be read along the cut line".to_owned();
        let frame = Frame::new(line, PIXEL_NM, reach_nm(model));
        let strip = frame
            .light(|points| light.read(points), line)
            .map_err(|e| stages::failure(what(), &e))?;
        let margin = margin(model, &frame, &strip).map_err(|e| stages::failure(what(), &e))?;
        let values = margin.iter().enumerate().map(|(i, margin)| {
            let (intensity, _) = profile.image().at((i as f64 + 0.5) * frame.pixel_nm);
            intensity as f32 - margin
        });
        Ok(Self::Along { step_nm: frame.pixel_nm, values: values.collect() })
    }

    /// Its value at a distance along the line, nm, linear between values.
    pub fn at(&self, along_nm: f64) -> f32 {
        match self {
            Self::Constant(level) => *level,
            Self::Along { step_nm, values } => {
                let last = values.len().saturating_sub(1);
                let place = (along_nm / step_nm - 0.5).clamp(0.0, last as f64);
                let (low, t) = (place.floor() as usize, place.fract() as f32);
                let value = |i: usize| values.get(i.min(last)).copied().unwrap_or(f32::INFINITY);
                if t == 0.0 { value(low) } else { value(low) * (1.0 - t) + value(low + 1) * t }
            }
        }
    }

    /// The edges of what prints, in order along the line.
    pub fn edges(&self, profile: &CutProfile) -> Vec<EdgeQuality> {
        match self {
            Self::Constant(level) => quality(profile, f64::from(*level), None),
            Self::Along { .. } => widened(self.crossings(profile)),
        }
    }

    /// Where light passes a level that varies, by linear interpolation between its values.
    fn crossings(&self, profile: &CutProfile) -> Vec<EdgeQuality> {
        let above = |at: f64| profile.image().at(at).0 - f64::from(self.at(at));
        let places: Vec<f64> =
            (0..profile.intensity.len()).map(|i| i as f64 * profile.step_nm).collect();
        let edge = |pair: &[f64]| {
            let (a, b) = (above(pair[0]), above(pair[1]));
            ((a > 0.0) != (b > 0.0)).then(|| {
                let at_nm = pair[0] + (pair[1] - pair[0]) * a / (a - b);
                let (intensity, slope_per_nm) = profile.image().at(at_nm);
                let ils_per_nm = if intensity > 0.0 { slope_per_nm.abs() / intensity } else { 0.0 };
                let rising = b > 0.0;
                EdgeQuality { at_nm, rising, slope_per_nm, ils_per_nm, width_nm: None, nils: None }
            })
        };
        places.windows(2).filter_map(edge).collect()
    }
}

/// Edges with the widths of the features they bound, where both ends are on the line.
fn widened(mut edges: Vec<EdgeQuality>) -> Vec<EdgeQuality> {
    for i in 1..edges.len() {
        if edges[i - 1].rising && !edges[i].rising {
            let width = edges[i].at_nm - edges[i - 1].at_nm;
            for edge in &mut edges[i - 1..=i] {
                edge.width_nm = Some(width);
                edge.nils = Some(width * edge.ils_per_nm);
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_varies_is_read_between_its_values() {
        let level = Level::Along { step_nm: 2.0, values: vec![0.1, 0.3, 0.2] };
        let near = |at: f64, expected: f32| (level.at(at) - expected).abs() < 1e-6;
        assert!(near(0.0, 0.1) && near(1.0, 0.1) && near(2.0, 0.2) && near(5.0, 0.2));
        assert!(near(99.0, 0.2));
        assert_eq!(Level::Constant(f32::INFINITY).at(3.0), f32::INFINITY);
    }

    #[test]
    fn the_width_of_a_feature_is_that_between_its_two_edges() {
        let edge = |at_nm, rising| EdgeQuality {
            at_nm,
            rising,
            slope_per_nm: 0.01,
            ils_per_nm: 0.05,
            width_nm: None,
            nils: None,
        };
        let edges = widened(vec![edge(5.0, false), edge(40.0, true), edge(100.0, false)]);
        assert_eq!(edges[0].nils, None);
        assert_eq!([edges[1].width_nm, edges[2].width_nm], [Some(60.0); 2]);
        assert_eq!(edges[2].nils, Some(3.0));
    }
}
