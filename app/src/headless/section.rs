//! The resist in three dimensions along a line: a strip about the line is developed, so that what
//! diffuses or dissolves sideways is there too.

use std::fmt::Write as _;

use anyhow::ensure;
use image::{Rgb, RgbImage};
use lithoscope_engine::imaging::{CutLine, FocusStack};
use lithoscope_engine::resist::volume::{
    Aerial, Feature, Profile, Progress, VolumeGrid, VolumeResist, develop,
};
use ndarray::Array2;
use serde::Serialize;

use super::picture::{Colours, map};

/// Half width of the strip beyond three diffusion lengths, nm.
const REACH_NM: f64 = 24.0;
/// Voxels along a line, at most about.
const MOST_COLUMNS: f64 = 1000.0;
/// Height of a voxel, nm.
const DZ_NM: f64 = 1.0;
/// A pixel of the picture, nm, at most; the picture keeps the film's proportions.
const PICTURE_SCALE: usize = 2;

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

/// Develops a strip about a line under a plane of a stack's image, the dose scaled by `dose`.
/// `proceed` is told how far it has come and says whether to go on.
///
/// # Errors
/// A parameter out of range, a line without length, or one too long for the voxels.
pub fn section(
    resist: &VolumeResist,
    stack: &FocusStack,
    plane: usize,
    dose: f64,
    line: &CutLine,
    proceed: &mut dyn FnMut(Progress) -> bool,
) -> anyhow::Result<Section> {
    let length = line.length_nm();
    ensure!(length > 0.0, "the line has no length");
    let pixel = (length / MOST_COLUMNS).max(1.0);
    let reach = ((REACH_NM + 3.0 * resist.bake.diffusion_nm) / pixel).ceil() * pixel;
    let strip = Strip { line, pixel, reach };
    let image = strip.image(stack, plane)?;
    let exposed = VolumeResist { dose: resist.dose * dose, ..resist.clone() };
    let grid = VolumeGrid { pixel_nm: pixel, dz_nm: DZ_NM };
    let developed = develop(&exposed, &Aerial::Image(image.view()), grid, proceed)?;
    let profile = developed.profile([reach, reach], [reach + length, reach])?;
    let height = profile.height_nm();
    let middle = length / 2.0;
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

/// Pixels about a line: along it and `reach` beyond its ends, and `reach` to both sides.
struct Strip<'a> {
    line: &'a CutLine,
    pixel: f64,
    reach: f64,
}

impl Strip<'_> {
    /// The image on the strip, `[across, along]`.
    fn image(&self, stack: &FocusStack, plane: usize) -> anyhow::Result<Array2<f32>> {
        let (length, [x, y]) = (self.line.length_nm(), self.line.from_nm);
        let [tx, ty] = self.line.to_nm;
        let along = [(tx - x) / length, (ty - y) / length];
        let count = |nm: f64| (nm / self.pixel).round().max(1.0) as usize;
        let (columns, rows) = (count(length + 2.0 * self.reach), count(2.0 * self.reach));
        let place = |index: usize| (index as f64 + 0.5) * self.pixel - self.reach;
        let points: Vec<[f64; 2]> = (0..rows * columns)
            .map(|i| {
                let (u, v) = (place(i % columns), place(i / columns));
                [x + u * along[0] - v * along[1], y + u * along[1] + v * along[0]]
            })
            .collect();
        Ok(Array2::from_shape_vec((rows, columns), stack.read(plane, &points)?)?)
    }
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
