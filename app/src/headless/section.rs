//! The resist in three dimensions along a line: a strip about the line is developed, so that what
//! diffuses or dissolves sideways is there too.

use std::fmt::Write as _;

use image::{Rgb, RgbImage};
use lithoscope_engine::imaging::{CutLine, FocusStack, ImagingError};
use lithoscope_engine::resist::ResistError;
use lithoscope_engine::resist::volume::{
    Aerial, Feature, Profile, Progress, VolumeGrid, VolumeResist,
};
use ndarray::Array2;
use serde::Serialize;

use super::Developer;
use super::picture::{Colours, map};
use super::strip::Frame;

/// Voxels along the line and across it, nm, where the line is not too long for them.
const PIXEL_NM: f64 = 2.0;
/// Voxels down the film, nm.
const DZ_NM: f64 = 2.0;
/// What the developer may come from beside the line, nm.
const BESIDE_NM: f64 = 24.0;
/// Diffusion lengths beyond which light beside the line does not matter.
const LENGTHS: f64 = 3.0;
/// Pixels a voxel is drawn with.
const PICTURE_SCALE: usize = 3;

/// Why there is no cross-section.
#[derive(Debug, thiserror::Error)]
pub enum SectionError {
    /// There is no light to develop by.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
    /// The resist cannot be developed.
    #[error(transparent)]
    Resist(#[from] ResistError),
}

/// The cross-section along a line of a strip developed about it; `read` gives the intensity at
/// points (x, y), clip nm. `proceed` is told how far it has come and says whether to go on.
///
/// # Errors
/// A parameter out of range, a line without length, or the work was given up.
pub fn profile_along(
    developer: &mut Developer,
    resist: &VolumeResist,
    line: &CutLine,
    read: impl Fn(&[[f64; 2]]) -> Result<Vec<f32>, ImagingError>,
    proceed: &mut dyn FnMut(Progress) -> bool,
) -> Result<Profile, SectionError> {
    let frame = Frame::new(line, PIXEL_NM, BESIDE_NM + LENGTHS * resist.bake.diffusion_nm);
    let strip = frame.light(read, line)?;
    let voxels = VolumeGrid { pixel_nm: frame.pixel_nm, dz_nm: DZ_NM };
    let developed = developer.film(resist, &Aerial::Image(strip.view()), voxels, proceed)?;
    let room = frame.room as f64 * frame.pixel_nm;
    let middle = room + 0.5 * frame.pixel_nm;
    let length = frame.along as f64 * frame.pixel_nm;
    Ok(developed.profile([room, middle], [room + length, middle])?)
}

/// A cross-section of the developed resist.
#[derive(Debug, Serialize)]
pub struct Section {
    /// The line, nm.
    pub line: CutLine,
    /// Film thickness, nm.
    pub thickness_nm: f64,
    /// Height of the tallest resist, nm; what is missing was lost from the top.
    pub height_nm: f64,
    /// Width of the open place nearest the middle of the line at the bottom, the middle and the
    /// top of the resist, nm.
    pub open_widths_nm: [Option<f64>; 3],
    /// Angle of the wall nearest the middle of the line, degrees; 90 stands upright.
    pub sidewall_angle_deg: Option<f64>,
    /// What was sampled.
    #[serde(skip)]
    pub profile: Profile,
}

/// The cross-section along a line under the first plane of a stack, the dose scaled by `dose`.
///
/// # Errors
/// As [`profile_along`].
pub fn section(
    developer: &mut Developer,
    resist: &VolumeResist,
    stack: &FocusStack,
    dose: f64,
    line: &CutLine,
) -> Result<Section, SectionError> {
    let exposed = VolumeResist { dose: resist.dose * dose, ..resist.clone() };
    let read = |points: &[[f64; 2]]| stack.read(0, points);
    let profile = profile_along(developer, &exposed, line, read, &mut |_| true)?;
    let height = profile.height_nm();
    let middle = line.length_nm() / 2.0;
    let width = |share: f64| profile.cd_at(share * height, middle, Feature::Space);
    Ok(Section {
        line: *line,
        thickness_nm: profile.thickness_nm,
        height_nm: height,
        open_widths_nm: [width(0.05), width(0.5), width(0.95)],
        sidewall_angle_deg: profile.sidewall_angle_deg(middle),
        profile,
    })
}

impl Section {
    /// Height, widths and angle, for a person.
    pub fn summary(&self, number: usize) -> String {
        let show = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.1}"));
        let [bottom, middle, top] = self.open_widths_nm.map(show);
        format!(
            "profile {number}: stands {:.1} of {:.1} nm · open {bottom} / {middle} / {top} nm at bottom, middle, top · sidewall {}°\n",
            self.height_nm,
            self.thickness_nm,
            show(self.sidewall_angle_deg)
        )
    }

    /// The developed surface as a table: lines of (distance, height above the substrate), nm.
    pub fn csv(&self) -> String {
        let mut text = String::from("line,distance_nm,height_nm\n");
        for (index, line) in self.profile.outline.iter().enumerate() {
            for [distance, height] in line {
                let _ = writeln!(text, "{index},{distance:.3},{height:.3}");
            }
        }
        text
    }

    /// The film shaded by what is left of the inhibitor, dim where it is developed away.
    pub fn picture(&self) -> RgbImage {
        let p = &self.profile;
        let (layers, columns) = p.inhibitor.dim();
        // Pictures are y up, volumes z down.
        let upright =
            Array2::from_shape_fn((layers, columns), |(row, x)| p.inhibitor[[layers - 1 - row, x]]);
        let mut picture = map(&upright, [0.0, 1.0], Colours::Viridis, PICTURE_SCALE);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let at = [y as usize / PICTURE_SCALE, x as usize / PICTURE_SCALE];
            if f64::from(p.arrival_s[at]) <= p.develop_s {
                *pixel = Rgb(pixel.0.map(|c| c / 4));
            }
        }
        picture
    }
}
