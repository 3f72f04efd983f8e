//! The cross-section of a resist that is developed in three dimensions: a block about the line.

use std::sync::Arc;

use lithoscope_engine::imaging::CutLine;
use lithoscope_engine::resist::volume::{
    Aerial, Feature, Profile, Stage, VolumeGrid, VolumeResist, develop,
};
use lithoscope_engine::resist::{ResistError, Tone};

use super::section::{Film, Section, exposure, failed, film};
use crate::worker::engine::Stop;
use crate::worker::lens::Light;
use crate::worker::strip::Frame;

/// Voxels along the line and across it, nm.
const PIXEL_NM: f64 = 4.0;
/// Voxels down the film, nm.
const DZ_NM: f64 = 2.0;
/// What the developer may come from beside the line, nm.
const BESIDE_NM: f64 = 24.0;
/// Diffusion lengths beyond which light beside the line does not matter.
const LENGTHS: f64 = 3.0;

/// Develops a block about a line and cuts it. `go_on` is told the share done, where it is known,
/// and answers whether to go on.
///
/// # Errors
/// The resist is out of range; it was given up.
pub fn make(
    light: &Light<'_>,
    line: &CutLine,
    resist: &VolumeResist,
    go_on: &mut dyn FnMut(Option<f64>) -> bool,
) -> Result<Section, Stop> {
    let frame = Frame::new(line, PIXEL_NM, BESIDE_NM + LENGTHS * resist.bake.diffusion_nm);
    let strip = frame.light(light, line).map_err(|e| failed(&e))?;
    let grid = VolumeGrid { pixel_nm: frame.pixel_nm, dz_nm: DZ_NM };
    let aerial = Aerial::Image(strip.view());
    // How long development takes is not known before.
    let mut proceed = |progress: lithoscope_engine::resist::volume::Progress| {
        go_on((progress.stage == Stage::Bake).then_some(progress.share))
    };
    let developed = develop(resist, &aerial, grid, &mut proceed).map_err(stop)?;
    let room = frame.room as f64 * frame.pixel_nm;
    let middle = room + 0.5 * frame.pixel_nm;
    let length = frame.along as f64 * frame.pixel_nm;
    let profile = developed.profile([room, middle], [room + length, middle]).map_err(stop)?;
    Ok(section(line, resist, &profile))
}

fn stop(error: ResistError) -> Stop {
    match error {
        ResistError::Cancelled => Stop::Cancelled,
        other => failed(&other).into(),
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
