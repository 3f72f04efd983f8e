//! The cross-section of a resist that is developed in three dimensions: a block about the line.

use std::sync::Arc;

use lithoscope_engine::imaging::CutLine;
use lithoscope_engine::resist::volume::{Feature, Profile, Progress, Stage, VolumeResist};
use lithoscope_engine::resist::{ResistError, Tone};

use super::section::{Film, Section, exposure, failed, film};
use crate::headless::{Developer, SectionError, profile_along};
use crate::worker::engine::Stop;
use crate::worker::lens::Light;

/// Develops a block about a line and cuts it. `go_on` is told the share done, where it is known,
/// and answers whether to go on.
///
/// # Errors
/// The resist is out of range; it was given up.
pub fn make(
    light: &Light<'_>,
    line: &CutLine,
    resist: &VolumeResist,
    developer: &mut Developer,
    go_on: &mut dyn FnMut(Option<f64>) -> bool,
) -> Result<Section, Stop> {
    // How long development takes is not known before.
    let mut proceed =
        |progress: Progress| go_on((progress.stage == Stage::Bake).then_some(progress.share));
    match profile_along(developer, resist, line, |points| light.read(points), &mut proceed) {
        Ok(profile) => Ok(section(line, resist, &profile)),
        Err(SectionError::Resist(ResistError::Cancelled)) => Err(Stop::Cancelled),
        Err(other) => Err(failed(&other).into()),
    }
}

fn section(line: &CutLine, resist: &VolumeResist, profile: &Profile) -> Section {
    let time = profile.develop_s as f32;
    let stands = |row: usize, x: usize| profile.arrival_s[(row, x)] > time;
    let picture = |name, left: &ndarray::Array2<f32>| Film {
        name,
        image: Arc::new(film(&left.mapv(|m| 1.0 - m), stands)),
    };
    Section {
        line: *line,
        thickness_nm: profile.thickness_nm,
        films: vec![
            picture("After exposure", &profile.latent),
            picture("After bake", &profile.inhibitor),
        ],
        shade: exposure(),
        outline: profile.outline.clone(),
        facts: facts(profile, resist.tone),
    }
}

/// Widths at three heights of what prints nearest to the line's middle, its walls and what is lost.
fn facts(profile: &Profile, tone: Tone) -> Vec<(&'static str, String)> {
    let near = profile.x_nm.last().copied().unwrap_or_default() / 2.0;
    let feature = if tone == Tone::Positive { Feature::Space } else { Feature::Line };
    let width = |share: f64| profile.cd_at(share * profile.thickness_nm, near, feature);
    let written = |value: Option<f64>, unit: &str| {
        value.map_or_else(|| "–".to_owned(), |v| format!("{v:.1}{unit}"))
    };
    vec![
        ("CD at 90 % of the height", written(width(0.9), " nm")),
        ("at 50 %", written(width(0.5), " nm")),
        ("at 10 %", written(width(0.1), " nm")),
        ("Sidewall angle", written(profile.sidewall_angle_deg(near), "°")),
        ("Resist loss", written(Some(profile.thickness_nm - profile.height_nm()), " nm")),
    ]
}
