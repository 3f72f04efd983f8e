//! Any resist model: as a file, as a preset, as a way from image to printed shape.

use std::io::Read;
use std::path::Path;

use lithoscope_kernels::blur::Blur;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::error::require;
use super::volume::VolumeResist;
use super::{ResistError, Threshold, VariableThreshold, VerticalResist};

/// A resist model, as it stands in a file (`model = "vertical"` and so on).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum ResistModel {
    /// One level.
    Threshold(Threshold),
    /// A level that follows the brightest place nearby.
    VariableThreshold(VariableThreshold),
    /// Exposure and development straight down.
    Vertical(VerticalResist),
    /// Exposure, bake and development in three dimensions.
    Volume(Box<VolumeResist>),
}

/// The presets by name, as they lie in `assets/resist`.
const PRESETS: [(&str, &str); 8] = [
    ("contest-threshold", include_str!("../../../assets/resist/contest-threshold.toml")),
    ("film-on-barc", include_str!("../../../assets/resist/film-on-barc.toml")),
    ("film-on-silicon", include_str!("../../../assets/resist/film-on-silicon.toml")),
    ("generic-car", include_str!("../../../assets/resist/generic-car.toml")),
    ("torchresist-fuilt", include_str!("../../../assets/resist/torchresist-fuilt.toml")),
    ("torchresist-iccad13", include_str!("../../../assets/resist/torchresist-iccad13.toml")),
    (
        "torchresist-iccad13-negative",
        include_str!("../../../assets/resist/torchresist-iccad13-negative.toml"),
    ),
    ("variable-threshold", include_str!("../../../assets/resist/variable-threshold.toml")),
];

/// Largest model file read, bytes.
const MAX_FILE: u64 = 1 << 20;

impl ResistModel {
    /// Names of the presets that come with the program (`assets/resist`).
    pub fn preset_names() -> impl Iterator<Item = &'static str> {
        PRESETS.into_iter().map(|(name, _)| name)
    }

    /// A preset by name; `None` if there is none of that name.
    pub fn preset(name: &str) -> Option<Self> {
        let (_, text) = PRESETS.into_iter().find(|(preset, _)| *preset == name)?;
        toml::from_str(text).ok()
    }

    /// A preset by name, or the model in a file where there is no preset of that name.
    ///
    /// # Errors
    /// Neither; or as [`ResistModel::load`].
    pub fn named(name: &str) -> Result<Self, ResistError> {
        if let Some(model) = Self::preset(name) {
            return Ok(model);
        }
        if Path::new(name).exists() {
            return Self::load(Path::new(name));
        }
        Err(ResistError::Unknown {
            what: "resist preset or file",
            name: name.into(),
            known: Self::preset_names().collect::<Vec<_>>().join(", "),
        })
    }

    /// Reads and checks a model file (TOML).
    ///
    /// # Errors
    /// The file cannot be read, is larger than 1 MiB, is no resist model, or a parameter is out of
    /// its range.
    pub fn load(path: &Path) -> Result<Self, ResistError> {
        let fail =
            |reason: String| ResistError::File { path: path.to_path_buf(), line: None, reason };
        let text = text_of(path, MAX_FILE).map_err(fail)?;
        let model: Self = toml::from_str(&text).map_err(|error| ResistError::File {
            path: path.to_path_buf(),
            line: error.span().map(|span| line_of(&text, span.start)),
            reason: format!("is not a resist model: {}", error.message()),
        })?;
        model.validate().map_err(|error| fail(error.to_string()))?;
        Ok(model)
    }

    /// The model as the text of a file that [`ResistModel::load`] reads.
    ///
    /// # Errors
    /// A number has no place in TOML; never for a model that passes `validate`.
    pub fn to_toml(&self) -> Result<String, ResistError> {
        toml::to_string(self).map_err(|error| ResistError::Mismatch(error.to_string()))
    }

    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn validate(&self) -> Result<(), ResistError> {
        match self {
            Self::Threshold(model) => model.validate(),
            Self::VariableThreshold(model) => model.validate(),
            Self::Vertical(model) => model.validate(),
            Self::Volume(model) => model.validate(),
        }
    }

    /// The margin at every pixel, in intensity: how far the image the model looks at lies above the
    /// level it prints at. The printed outline is where it is 0.
    ///
    /// # Errors
    /// A parameter out of range, a pixel size that is no length, a level that is never reached, or
    /// a model in three dimensions, which has none.
    pub fn margin(
        &self,
        intensity: ArrayView2<f32>,
        pixel_nm: f64,
    ) -> Result<Array2<f32>, ResistError> {
        self.validate()?;
        require_pixel(pixel_nm)?;
        match self {
            Self::Threshold(model) => Ok(intensity.mapv(|i| i - model.level as f32)),
            Self::VariableThreshold(model) => model.margin(intensity, pixel_nm),
            Self::Vertical(model) => {
                let level = model.equivalent_level().ok_or_else(|| no_level(model))? as f32;
                let image = blurred(intensity, model.diffusion_nm / pixel_nm);
                Ok(image.mapv_into(|i| i - level))
            }
            Self::Volume(_) => Err(ResistError::Mismatch(
                "a resist in three dimensions has no margin in intensity; develop it instead"
                    .into(),
            )),
        }
    }

    /// The image that exposes the film: blurred where a vertical resist diffuses, else as it is.
    ///
    /// # Errors
    /// A pixel size that is no length.
    pub fn exposing(
        &self,
        intensity: ArrayView2<f32>,
        pixel_nm: f64,
    ) -> Result<Array2<f32>, ResistError> {
        require_pixel(pixel_nm)?;
        Ok(match self {
            Self::Vertical(model) => blurred(intensity, model.diffusion_nm / pixel_nm),
            _ => intensity.to_owned(),
        })
    }

    /// Which pixels print: the bright side of the image, opened in a positive resist, kept in a
    /// negative one.
    ///
    /// # Errors
    /// As [`ResistModel::margin`].
    pub fn printed(
        &self,
        intensity: ArrayView2<f32>,
        pixel_nm: f64,
    ) -> Result<Array2<bool>, ResistError> {
        Ok(self.margin(intensity, pixel_nm)?.mapv(|margin| margin > 0.0))
    }
}

fn require_pixel(pixel_nm: f64) -> Result<(), ResistError> {
    let pixel = (1e-3..=1e6).contains(&pixel_nm);
    require(pixel, "pixel_nm", pixel_nm, "from 0.001 to 1000000")
}

/// The image after diffusion of `sigma` pixels.
pub(super) fn blurred(intensity: ArrayView2<f32>, sigma: f64) -> Array2<f32> {
    match (sigma > 0.0).then(|| Blur::new(intensity)).flatten() {
        Some(blur) => blur.blurred(sigma).image,
        None => intensity.to_owned(),
    }
}

/// Why a vertical model without level cannot print.
pub(super) fn no_level(model: &VerticalResist) -> ResistError {
    ResistError::Mismatch(format!(
        "no intensity develops this film to just threshold_nm = {}; change dose, develop_s or the \
         rates",
        model.threshold_nm
    ))
}

/// The text of a file, if it is not too large.
pub(super) fn text_of(path: &Path, most: u64) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut text = String::new();
    file.take(most + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > most {
        return Err(format!("is larger than {} KiB", most >> 10));
    }
    Ok(text)
}

/// The line, from 1, of a byte offset.
fn line_of(text: &str, offset: usize) -> u64 {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid_and_survives_its_file() {
        for name in ResistModel::preset_names() {
            let model = ResistModel::preset(name).unwrap_or_else(|| panic!("{name}"));
            model.validate().unwrap();
            let text = model.to_toml().unwrap();
            assert_eq!(toml::from_str::<ResistModel>(&text).unwrap(), model, "{text}");
            if let ResistModel::Vertical(resist) = model {
                let level = resist.equivalent_level().unwrap();
                assert!((0.1..0.5).contains(&level), "{name}: {level}");
            }
        }
        assert_eq!(ResistModel::preset("nonesuch"), None);
    }

    #[test]
    fn a_vertical_resist_without_diffusion_is_a_constant_threshold_on_the_images_own_pixels() {
        let image = Array2::from_shape_fn((60, 70), |(y, x)| {
            0.3 + 0.3 * (x as f32 * 0.2).sin() * (y as f32 * 0.15).cos()
                + 0.1 * (x as f32 * 0.55).cos()
        });
        for name in ["torchresist-iccad13", "torchresist-fuilt", "torchresist-iccad13-negative"] {
            let Some(ResistModel::Vertical(resist)) = ResistModel::preset(name) else { panic!() };
            let level = resist.equivalent_level().unwrap();
            let printed = ResistModel::Vertical(resist).printed(image.view(), 4.0).unwrap();
            let constant = ResistModel::Threshold(Threshold { level });
            assert_eq!(printed, constant.printed(image.view(), 4.0).unwrap());
            // The same, by the depth itself.
            for (printed, i) in printed.iter().zip(&image) {
                let past = resist.depth_nm(f64::from(*i)) - resist.threshold_nm;
                assert_eq!(*printed, past * resist.tone.sign() > 0.0, "{name} at {i}");
            }
            // With diffusion it is none: no level reproduces it.
            let diffused = VerticalResist { diffusion_nm: 12.0, ..resist };
            let printed = ResistModel::Vertical(diffused).printed(image.view(), 4.0).unwrap();
            let (mut dark, mut bright) = (f32::MAX, 0.0f32);
            for (printed, i) in printed.iter().zip(&image) {
                if *printed { dark = dark.min(*i) } else { bright = bright.max(*i) }
            }
            assert!(dark < bright, "{name}: printed from {dark}, unprinted to {bright}");
        }
    }

    #[test]
    fn a_variable_threshold_rises_with_the_brightest_place_within_its_radius() {
        let mut image = Array2::from_elem((21, 21), 0.3f32);
        image[[10, 10]] = 0.9;
        let model = VariableThreshold { base: 0.1, gain: 0.3, radius_nm: 30.0 };
        let printed = ResistModel::VariableThreshold(model).printed(image.view(), 10.0).unwrap();
        // 0.1 + 0.3·0.9 = 0.37 within three pixels of the bright one, 0.19 elsewhere.
        for ((y, x), printed) in printed.indexed_iter() {
            let near = (y as f64 - 10.0).hypot(x as f64 - 10.0) <= 3.0;
            assert_eq!(*printed, !near || (y, x) == (10, 10), "{y}, {x}");
        }
        let wide = VariableThreshold { radius_nm: 1e5, ..model };
        assert!(ResistModel::VariableThreshold(wide).printed(image.view(), 1.0).is_err());
    }

    #[test]
    fn a_bad_model_file_is_told_by_name_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        let mut text = ResistModel::preset("generic-car").unwrap().to_toml().unwrap();
        std::fs::write(&path, &text).unwrap();
        assert_eq!(ResistModel::load(&path).unwrap(), ResistModel::preset("generic-car").unwrap());
        assert!(ResistModel::named(path.to_str().unwrap()).is_ok());
        text = text.replace("\ndose =", "\ndoes =");
        std::fs::write(&path, &text).unwrap();
        let error = ResistModel::load(&path).unwrap_err().to_string();
        assert!(error.contains("mine.toml") && error.contains("does"), "{error}");
        std::fs::write(&path, "model = \"threshold\"\nlevel = -1.0\n").unwrap();
        let error = ResistModel::load(&path).unwrap_err().to_string();
        assert!(error.contains("level = -1"), "{error}");
        assert!(ResistModel::named("nonesuch").unwrap_err().to_string().contains("generic-car"));
    }
}
