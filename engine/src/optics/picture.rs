//! Source and pupil as pictures.

use ndarray::Array2;

use super::error::require;
use super::{OpticalModel, OpticsError, Source};

/// Largest side of a picture, pixels.
const MAX_SIDE: usize = 4096;

/// Each pixel of a source is looked at in this many places a side.
const SUBSAMPLES: usize = 4;

/// The lens over the pupil, `[y, x]`, y up, over −1…1 of the NA both ways; NaN outside the NA.
#[derive(Clone, Debug, PartialEq)]
pub struct PupilMap {
    /// Intensity transmission.
    pub transmission: Array2<f32>,
    /// Wavefront of aberrations and defocus, waves, not wrapped.
    pub phase_waves: Array2<f32>,
}

impl OpticalModel {
    /// The source's brightness over −1 ≤ σ ≤ 1, `[side, side]`, y up; the brightest place is 1.
    /// A single point lights the one pixel it is in.
    ///
    /// # Errors
    /// A model out of range, or a side that is not from 1 to 4096.
    pub fn source_map(&self, side: usize) -> Result<Array2<f32>, OpticsError> {
        self.validate()?;
        check_side(side)?;
        let mut map = Array2::from_shape_fn((side, side), |(row, column)| {
            let places = (0..SUBSAMPLES * SUBSAMPLES).map(|index| {
                let at = |pixel: usize, sample: usize| {
                    let within = (sample as f64 + 0.5) / SUBSAMPLES as f64;
                    2.0 * (pixel as f64 + within) / side as f64 - 1.0
                };
                [at(column, index % SUBSAMPLES), at(row, index / SUBSAMPLES)]
            });
            let light: f64 = places.map(|at| self.source.brightness(at)).sum();
            (light / (SUBSAMPLES * SUBSAMPLES) as f64) as f32
        });
        let point = match self.source {
            Source::Point { x, y } => Some([x, y]),
            // A disc too small for any sample still has its place.
            _ => map.iter().all(|light| *light == 0.0).then_some([0.0, 0.0]),
        };
        if let Some([x, y]) = point {
            let pixel = |at: f64| ((0.5 * (at + 1.0) * side as f64) as usize).min(side - 1);
            map[[pixel(y), pixel(x)]] = 1.0;
        }
        Ok(map)
    }

    /// The lens's transmission and wavefront at this defocus, `[side, side]`.
    ///
    /// # Errors
    /// A model out of range, a side that is not from 1 to 4096, or a defocus beyond 100 µm.
    pub fn pupil_map(&self, side: usize, defocus_nm: f64) -> Result<PupilMap, OpticsError> {
        self.validate()?;
        check_side(side)?;
        super::model::check_defocus(defocus_nm)?;
        let pupil = self.pupil(defocus_nm);
        let map = |value: &dyn Fn(f64, f64) -> f64| {
            Array2::from_shape_fn((side, side), |(row, column)| {
                let at = |pixel: usize| (2.0 * pixel as f64 + 1.0) / side as f64 - 1.0;
                let (x, y) = (at(column), at(row));
                let inside = x.hypot(y) <= 1.0;
                if inside { value(x * pupil.edge, y * pupil.edge) as f32 } else { f32::NAN }
            })
        };
        Ok(PupilMap {
            transmission: map(&|x, y| pupil.amplitude(x * x + y * y).powi(2)),
            phase_waves: map(&|x, y| pupil.waves(x, y)),
        })
    }
}

fn check_side(side: usize) -> Result<(), OpticsError> {
    require((1..=MAX_SIDE).contains(&side), "side", side as f64, "from 1 to 4096")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::{Apodisation, Lens};

    fn model(source: Source) -> OpticalModel {
        OpticalModel { source, ..OpticalModel::preset("contest-like").unwrap() }
    }

    #[test]
    fn a_picture_of_the_source_has_its_area_and_its_side() {
        let ring = model(Source::Annular { inner: 0.5, outer: 0.8 }).source_map(256).unwrap();
        let area: f64 = ring.iter().map(|light| f64::from(*light)).sum::<f64>() * 4.0 / 65536.0;
        assert!((area - std::f64::consts::PI * 0.39).abs() < 2e-3, "{area}");
        let map = Source::parse_map("...\n...\n.#.").unwrap();
        let low = model(map).source_map(9).unwrap();
        assert_eq!([low[[1, 4]], low[[7, 4]], low[[4, 4]]], [1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_point_lights_one_pixel() {
        for (source, at) in [
            (Source::Point { x: 0.5, y: -0.85 }, [0, 7]),
            (Source::Point { x: 1.0, y: 0.0 }, [5, 9]),
            (Source::Circular { sigma: 0.0 }, [5, 5]),
        ] {
            let map = model(source).source_map(10).unwrap();
            assert_eq!((map.sum(), map[at]), (1.0, 1.0));
        }
    }

    #[test]
    fn a_picture_of_the_pupil_shows_aberration_and_apodisation() {
        let lens = Lens {
            zernike_waves: [(2, 0.25)].into(),
            apodisation: Apodisation::Gaussian { edge: 0.5 },
            ..Lens::default()
        };
        let tilted = OpticalModel { lens, ..OpticalModel::preset("contest-like").unwrap() };
        let PupilMap { transmission, phase_waves } = tilted.pupil_map(101, 0.0).unwrap();
        assert!(transmission[[0, 0]].is_nan() && phase_waves[[0, 0]].is_nan());
        assert!((transmission[[50, 50]] - 1.0).abs() < 1e-6);
        let x = 2.0_f32 * 90.5 / 101.0 - 1.0;
        assert!((phase_waves[[50, 90]] - 0.25 * x).abs() < 1e-6);
        assert!((transmission[[50, 90]] - 0.5_f32.powf(x * x)).abs() < 1e-6);
        assert!(tilted.pupil_map(0, 0.0).is_err() && tilted.pupil_map(8, f64::NAN).is_err());
        assert!(tilted.source_map(5000).is_err());
    }
}
