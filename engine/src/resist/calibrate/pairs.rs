//! Pairs of aerial and printed images, and which of their pixels train.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::imaging::Grid;
use crate::resist::ResistError;
use crate::resist::error::require;

/// An aerial image and what it printed.
#[derive(Clone, Debug)]
pub struct Pair {
    pub(super) intensity: Array2<f32>,
    pub(super) printed: Array2<f32>,
    pub(super) pixel_nm: f64,
}

/// Most pixels of one image.
const MOST_PIXELS: usize = 1 << 26;

impl Pair {
    /// A pair of one shape `[y, x]`: intensity (clear field = 1) and the printed share of each
    /// pixel, 0…1 (0 or 1 for a binary picture; shares say where in the pixel an edge lies).
    ///
    /// # Errors
    /// Shapes differ, there are no pixels or too many, a value is out of its range.
    pub fn new(
        intensity: Array2<f32>,
        printed: Array2<f32>,
        pixel_nm: f64,
    ) -> Result<Self, ResistError> {
        if intensity.dim() != printed.dim() || intensity.is_empty() {
            return Err(ResistError::Mismatch(format!(
                "an aerial image of {:?} pixels and a printed one of {:?} are no pair",
                intensity.dim(),
                printed.dim()
            )));
        }
        if intensity.len() > MOST_PIXELS {
            return Err(ResistError::TooLarge {
                what: "a pair of images",
                needed: intensity.len(),
                limit: MOST_PIXELS,
                advice: "cut it in parts",
            });
        }
        let pixel = (1e-3..=1e6).contains(&pixel_nm);
        require(pixel, "pixel_nm", pixel_nm, "from 0.001 to 1000000")?;
        for &i in &intensity {
            require((0.0..=64.0).contains(&i), "intensity", i.into(), "from 0 to 64")?;
        }
        for &p in &printed {
            require((0.0..=1.0).contains(&p), "printed", p.into(), "from 0 to 1")?;
        }
        Ok(Self { intensity, printed, pixel_nm })
    }

    /// The aerial image, `[y, x]`.
    pub fn intensity(&self) -> &Array2<f32> {
        &self.intensity
    }

    /// The printed share of each pixel, `[y, x]`.
    pub fn printed(&self) -> &Array2<f32> {
        &self.printed
    }

    /// Pixel size, nm.
    pub fn pixel_nm(&self) -> f64 {
        self.pixel_nm
    }

    /// The pair's own grid, lower left corner at 0.
    pub(super) fn grid(&self) -> Grid {
        let (ny, nx) = self.intensity.dim();
        Grid { origin_nm: [0.0, 0.0], pixel_nm: self.pixel_nm, nx, ny }
    }
}

/// Training or validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Part {
    Train,
    Validation,
}

/// Pixels a side of the tiles that few pairs are split by.
const TILE: usize = 32;

/// Which pixels train: four fifths. Five pairs or more are split by pair (every fifth validates),
/// fewer by tiles of 32 × 32 pixels in a pattern of knight's moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split {
    by_pair: bool,
}

impl Split {
    pub fn of(pairs: usize) -> Self {
        Self { by_pair: pairs >= 5 }
    }

    /// The part of the pixels of one tile's row: those from a multiple of `TILE` on.
    pub fn part(self, pair: usize, y: usize, x: usize) -> Part {
        let place = if self.by_pair { pair } else { pair + 2 * (y / TILE) + x / TILE };
        if place % 5 == 4 { Part::Validation } else { Part::Train }
    }

    /// Runs of one part along a row of `nx` pixels: (from, to, part).
    pub fn runs(
        self,
        pair: usize,
        y: usize,
        nx: usize,
    ) -> impl Iterator<Item = (usize, usize, Part)> {
        (0..nx).step_by(TILE).map(move |x| (x, (x + TILE).min(nx), self.part(pair, y, x)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_pixels_validates() {
        let count = |pairs: usize| {
            let split = Split::of(pairs);
            let all = pairs * 320 * 320;
            let mut validation = 0;
            for pair in 0..pairs {
                for y in 0..320 {
                    for (from, to, part) in split.runs(pair, y, 320) {
                        validation += if part == Part::Validation { to - from } else { 0 };
                    }
                }
            }
            validation as f64 / all as f64
        };
        for pairs in [1, 2, 4, 5, 10] {
            assert!((count(pairs) - 0.2).abs() < 1e-12, "{pairs}");
        }
    }

    #[test]
    fn images_that_are_no_pair_are_refused() {
        let image = || Array2::from_elem((4, 5), 0.5f32);
        assert!(Pair::new(image(), image(), 2.0).is_ok());
        assert!(Pair::new(image(), Array2::zeros((5, 4)), 2.0).is_err());
        assert!(Pair::new(image(), image(), f64::NAN).is_err());
        let mut bad = image();
        bad[[1, 1]] = f32::NAN;
        assert!(Pair::new(bad.clone(), image(), 2.0).is_err());
        assert!(Pair::new(image(), bad, 2.0).is_err());
    }
}
