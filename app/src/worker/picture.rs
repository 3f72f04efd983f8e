//! What the canvas shows of one mask, made on the engine thread and ready to paint.

use std::sync::{Arc, LazyLock};

use egui::{Color32, ColorImage};
use lithoscope_engine::geometry::{Polygon, Rect, fills};
use lithoscope_engine::imaging::{Focus, Grid, Imager, contours};
use lithoscope_engine::mask::Fragment;
use lithoscope_engine::verify::GaugeReading;
use ndarray::Array2;

use super::develop::{self, Depth};
use super::drawing::{Colours, Drawing};
use super::lens::Lens;
use super::{Conditions, RuleMarker};

/// Room around the window that is imaged, nm.
const HALO_NM: i32 = 160;

/// Contours of what prints, as polylines in nm.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// The conditions shown.
    pub shown: Vec<Vec<[f32; 2]>>,
    /// Outer corner: high dose, best focus.
    pub outer: Vec<Vec<[f32; 2]>>,
    /// Inner corner: low dose, defocus.
    pub inner: Vec<Vec<[f32; 2]>>,
}

/// How deep the resist is developed.
#[derive(Clone, Debug)]
pub struct DepthMap {
    /// Depth from the top of the film, nm, on the picture's grid.
    pub depth_nm: Array2<f32>,
    /// Thickness of the film, nm: the top of the colour map.
    pub thickness_nm: f32,
    /// The depth through the colour map.
    pub colours: Colours,
}

/// One mask, imaged.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Preparation it belongs to.
    pub generation: u64,
    /// The iteration; `None` for the bare target where there is no run.
    pub iteration: Option<usize>,
    /// A coarser picture, made while a run is going on.
    pub draft: bool,
    /// What it was exposed to.
    pub conditions: Arc<Conditions>,
    /// The main features of the mask, nm.
    pub main: Vec<Polygon>,
    /// The main features as quadrangles, for filling, nm.
    pub fills: Vec<[[f32; 2]; 4]>,
    /// The SRAFs, nm.
    pub assists: Vec<Rect>,
    /// The fragments of this iteration, those of SRAFs last; empty where there is no run.
    pub fragments: Arc<[Fragment]>,
    /// Their offsets, nm.
    pub offsets: Vec<i16>,
    /// Mask rules that are broken.
    pub broken: Vec<RuleMarker>,
    /// Sampling grid of the images.
    pub grid: Grid,
    /// Intensity at the focus shown and dose 1, `[ny, nx]`, clear field = 1.
    pub intensity: Array2<f32>,
    /// Intensity at the top of the colour map.
    pub range: f32,
    /// Intensity at dose 1 that prints just so, where it is the same everywhere.
    pub level: Option<f32>,
    /// Developed depth, where the resist has a film.
    pub depth: Option<DepthMap>,
    /// The intensity through the colour map.
    pub aerial: Colours,
    /// Coverage of the PV band as white of that alpha.
    pub band: Colours,
    /// Contours.
    pub printed: Printed,
    /// What the gauges read.
    pub readings: Vec<GaugeReading>,
    /// Time it took, ms.
    pub took_ms: f64,
}

impl Picture {
    /// Intensity at a point (nm); `None` outside.
    pub fn intensity_at(&self, x_nm: f64, y_nm: f64) -> Option<f32> {
        self.read(&self.intensity, x_nm, y_nm)
    }

    /// Whether all that it shows in colours lies in memory of the window's device.
    pub fn is_on_device(&self) -> bool {
        let depth = self.depth.as_ref().map(|depth| &depth.colours);
        let mut all = [&self.aerial, &self.band].into_iter().chain(depth);
        all.all(|colours| matches!(colours, Colours::Memory(_)))
    }

    /// Developed depth at a point, both nm; `None` outside, or where there is no film.
    pub fn depth_at(&self, x_nm: f64, y_nm: f64) -> Option<f32> {
        self.read(&self.depth.as_ref()?.depth_nm, x_nm, y_nm)
    }

    /// An image at a point (nm) by linear interpolation between pixel centres; `None` outside.
    fn read(&self, image: &Array2<f32>, x_nm: f64, y_nm: f64) -> Option<f32> {
        let (ny, nx) = image.dim();
        let u = (x_nm - self.grid.origin_nm[0]) / self.grid.pixel_nm;
        let v = (y_nm - self.grid.origin_nm[1]) / self.grid.pixel_nm;
        if !(u >= 0.0 && v >= 0.0 && u <= nx as f64 && v <= ny as f64) || nx == 0 || ny == 0 {
            return None;
        }
        let (x0, x1, tx) = neighbours(u, nx);
        let (y0, y1, ty) = neighbours(v, ny);
        let at = |y: usize, x: usize| image.get((y, x)).copied();
        let low = at(y0, x0)? * (1.0 - tx) + at(y0, x1)? * tx;
        let high = at(y1, x0)? * (1.0 - tx) + at(y1, x1)? * tx;
        Some(low * (1.0 - ty) + high * ty)
    }
}

/// Pixels either side of position `u` (in pixels from the image's edge) and the weight of the second.
fn neighbours(u: f64, n: usize) -> (usize, usize, f32) {
    let centred = (u - 0.5).clamp(0.0, (n - 1) as f64);
    let low = centred.floor() as usize;
    (low, (low + 1).min(n - 1), (centred - low as f64) as f32)
}

impl DepthMap {
    /// A map of depth on a grid, in colours made where its image was.
    fn new(depth: Depth, grid: &Grid, drawing: Option<&mut Drawing>) -> Self {
        let Depth { nm, thickness_nm, table } = depth;
        let made = drawing.zip(table).and_then(|(drawing, table)| drawing.depth(grid, &table));
        let colours = made.unwrap_or_else(|| {
            Colours::Image(Arc::new(colour(&nm, thickness_nm, depth_colours())))
        });
        Self { depth_nm: nm, thickness_nm, colours }
    }
}

/// What imaging needs beside the plan.
#[derive(Clone)]
pub struct Subject {
    pub generation: u64,
    pub iteration: Option<usize>,
    pub draft: bool,
    pub main: Vec<Polygon>,
    pub assists: Vec<Rect>,
    pub fragments: Arc<[Fragment]>,
    pub offsets: Vec<i16>,
    pub broken: Vec<RuleMarker>,
    pub window: Rect,
    pub readings: Vec<GaugeReading>,
    /// Top of the colour map; `None` picks one from this picture.
    pub range: Option<f32>,
    pub conditions: Arc<Conditions>,
}

/// Images a mask for the canvas, on the window's device where there is a `drawing`. `took_ms` is
/// left for the caller, who has the clock.
pub fn make(
    imager: &mut Imager,
    lens: &mut Lens,
    mut drawing: Option<&mut Drawing>,
    subject: Subject,
) -> Picture {
    let field_nm = imager.process().focus.period_nm;
    let grid =
        Grid::over(imaged(subject.window, field_nm), pixel_nm(subject.window, subject.draft));
    let assists = subject.assists.iter().map(|a| Polygon::rect(*a));
    let mask: Vec<Polygon> = subject.main.iter().cloned().chain(assists).collect();
    imager.set_mask(&mask);
    let conditions = &subject.conditions;
    lens.set_mask(conditions.defocus_nm, &mask);
    let drawn = drawing.as_mut().and_then(|drawing| drawing.images(imager, &grid, &mask));
    let on_device = drawn.is_some();
    let [best, defocused] = drawn.unwrap_or_else(|| {
        [Focus::Nominal, Focus::Defocus].map(|focus| imager.intensity(focus, &grid))
    });
    let process = imager.process();
    let outer_level = process.threshold / (process.outer_dose * process.outer_dose);
    let inner_level = process.threshold / (process.inner_dose * process.inner_dose);
    let other = conditions.defocus_nm != 0.0;
    let shown = other.then(|| lens.light(imager, conditions.defocus_nm).intensity(&grid));
    let intensity = shown.and_then(Result::ok).unwrap_or_else(|| best.clone());
    let print = develop::print(&develop::model(conditions, process.threshold), &intensity, &grid);
    let printed = Printed {
        shown: print.contours,
        outer: contours(&best, &grid, outer_level),
        inner: contours(&defocused, &grid, inner_level),
    };
    let range = subject.range.unwrap_or_else(|| nice_range(&intensity));
    let levels = [outer_level, inner_level];
    let mut drawing = drawing.filter(|_| on_device);
    let colours = drawing.as_mut().and_then(|d| d.colours(&grid, range, levels));
    let [light, band] = colours.unwrap_or_else(|| {
        [colour(&best, range, light_colours()), band(&best, outer_level, &defocused, inner_level)]
            .map(|image| Colours::Image(Arc::new(image)))
    });
    let aerial = if other {
        Colours::Image(Arc::new(colour(&intensity, range, light_colours())))
    } else {
        light
    };
    // The device has the light of best focus.
    let drawing = drawing.filter(|_| !other);
    let depth = print.depth.map(|depth| DepthMap::new(depth, &grid, drawing));
    Picture {
        generation: subject.generation,
        iteration: subject.iteration,
        draft: subject.draft,
        conditions: Arc::clone(&subject.conditions),
        fills: fills(&subject.main),
        main: subject.main,
        assists: subject.assists,
        fragments: subject.fragments,
        offsets: subject.offsets,
        broken: subject.broken,
        grid,
        range,
        level: print.level,
        depth,
        aerial,
        band,
        intensity,
        printed,
        readings: subject.readings,
        took_ms: 0.0,
    }
}

/// The window and what lies around it, as far as the optics' field reaches: masks and their light
/// go beyond a window that ends at the target.
fn imaged(window: Rect, field_nm: f64) -> Rect {
    let spare = |side: i64| ((field_nm - side as f64) / 2.0).clamp(0.0, f64::from(HALO_NM)) as i32;
    let (x, y) = (spare(window.width()), spare(window.height()));
    Rect::new(
        window.min.x.saturating_sub(x),
        window.min.y.saturating_sub(y),
        window.max.x.saturating_add(x),
        window.max.y.saturating_add(y),
    )
}

/// Whole nm a pixel such that the longer side has at most about a thousand pixels, half of that
/// for drafts.
fn pixel_nm(window: Rect, draft: bool) -> f64 {
    let longest = window.width().max(window.height()).max(1) as f64;
    let most = if draft { 512.0 } else { 1024.0 };
    (longest / most).ceil().max(if draft { 2.0 } else { 1.0 })
}

/// The maximum, with a little room, rounded up to a multiple of 0.1 (at least 0.2).
fn nice_range(image: &Array2<f32>) -> f32 {
    let most = image.iter().copied().filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
    (most * 1.05 * 10.0).ceil().max(2.0) / 10.0
}

/// The perceptual colour map of aerial images, dark to bright.
pub fn light_colours() -> &'static [Color32; 256] {
    static TABLE: LazyLock<[Color32; 256]> = LazyLock::new(|| table(colorous::INFERNO));
    &TABLE
}

/// The perceptual colour map of resist depth, shallow to deep.
pub fn depth_colours() -> &'static [Color32; 256] {
    static TABLE: LazyLock<[Color32; 256]> = LazyLock::new(|| table(colorous::VIRIDIS));
    &TABLE
}

/// The colour map of exposed resist: blue as it was coated, yellow once it is exposed.
pub fn exposure_colours() -> &'static [Color32; 256] {
    static TABLE: LazyLock<[Color32; 256]> = LazyLock::new(|| {
        // The darkest sixth would not stand out from the ground.
        std::array::from_fn(|i| table(colorous::CIVIDIS)[42 + i * 213 / 255])
    });
    &TABLE
}

/// Opposite hues about nothing: the colours of what is taken away and of what is added.
pub(super) const SIGNS: [Color32; 2] =
    [Color32::from_rgb(0x3f, 0x8f, 0xe8), Color32::from_rgb(0xf2, 0x7b, 0x35)];

/// A colour of a signed value −1…1: blue below, orange above, transparent at 0.
pub(super) fn signed_colour(value: f32) -> Color32 {
    SIGNS[usize::from(value > 0.0)].gamma_multiply(value.abs().clamp(0.0, 1.0))
}

/// The map of signed values, lowest to highest; zero is transparent.
pub fn gain_colours() -> &'static [Color32; 256] {
    static TABLE: LazyLock<[Color32; 256]> =
        LazyLock::new(|| std::array::from_fn(|i| signed_colour((i as f32 - 127.5) / 127.5)));
    &TABLE
}

fn table(gradient: colorous::Gradient) -> [Color32; 256] {
    std::array::from_fn(|i| {
        let c = gradient.eval_continuous(i as f64 / 255.0);
        Color32::from_rgb(c.r, c.g, c.b)
    })
}

fn colour(image: &Array2<f32>, range: f32, table: &[Color32; 256]) -> ColorImage {
    let scale = 255.0 / range;
    flipped(image.dim(), |y, x| table[(image[(y, x)] * scale).clamp(0.0, 255.0) as usize])
}

/// An image for the screen, whose first row is the top: y up becomes y down.
pub(super) fn flipped(
    (ny, nx): (usize, usize),
    pixel: impl Fn(usize, usize) -> Color32,
) -> ColorImage {
    let mut pixels = Vec::with_capacity(nx * ny);
    for y in (0..ny).rev() {
        pixels.extend((0..nx).map(|x| pixel(y, x)));
    }
    ColorImage::new([nx, ny], pixels)
}

/// Share of each pixel that prints at one corner but not at the other.
fn band(
    outer: &Array2<f32>,
    outer_level: f32,
    inner: &Array2<f32>,
    inner_level: f32,
) -> ColorImage {
    flipped(outer.dim(), |y, x| {
        let difference = coverage(outer, y, x, outer_level) - coverage(inner, y, x, inner_level);
        Color32::from_white_alpha((difference.abs() * 255.0) as u8)
    })
}

/// Share of a pixel above a level, from the value and slope at its centre: the distance of the
/// iso-line in pixels is (value − level) / |gradient|.
pub(super) fn coverage(image: &Array2<f32>, y: usize, x: usize, level: f32) -> f32 {
    let (ny, nx) = image.dim();
    let here = image[(y, x)];
    let along_x = image[(y, (x + 1).min(nx - 1))] - image[(y, x.saturating_sub(1))];
    let along_y = image[((y + 1).min(ny - 1), x)] - image[(y.saturating_sub(1), x)];
    let slope = (along_x.hypot(along_y) * 0.5).max(1e-6);
    (0.5 + (here - level) / slope).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_are_coarser_and_no_side_exceeds_a_thousand_pixels() {
        let contest = Rect::new(0, 0, 2048, 2048);
        assert_eq!(pixel_nm(contest, false), 2.0);
        assert_eq!(pixel_nm(contest, true), 4.0);
        assert_eq!(pixel_nm(Rect::new(0, 0, 300, 200), false), 1.0);
    }

    #[test]
    fn light_around_the_window_is_imaged_as_far_as_the_field_reaches() {
        let window = Rect::new(0, 0, 1000, 800);
        assert_eq!(imaged(window, 1000.0), Rect::new(0, -100, 1000, 900));
        assert_eq!(imaged(window, 9000.0), Rect::new(-160, -160, 1160, 960));
        assert_eq!(imaged(window, 10.0), window);
    }

    #[test]
    fn pixel_coverage_of_a_slanted_ramp_is_the_share_above_the_level() {
        let ramp = Array2::from_shape_fn((5, 5), |(_, x)| x as f32);
        assert_eq!(coverage(&ramp, 2, 2, 2.0), 0.5);
        assert!((coverage(&ramp, 2, 2, 1.75) - 0.75).abs() < 1e-6);
        assert_eq!(coverage(&ramp, 2, 2, 3.0), 0.0);
        assert_eq!(coverage(&ramp, 2, 3, 2.0), 1.0);
    }

    #[test]
    fn screen_images_have_the_highest_y_on_top() {
        let image = Array2::from_shape_vec((2, 1), vec![0.0, 1.0]).unwrap();
        let table = light_colours();
        assert_eq!(colour(&image, 1.0, table).pixels, vec![table[255], table[0]]);
    }

    #[test]
    fn the_colour_range_has_room_and_round_ends() {
        assert_eq!(nice_range(&Array2::from_elem((2, 2), 0.93)), 1.0);
        assert_eq!(nice_range(&Array2::from_elem((2, 2), f32::NAN)), 0.2);
    }
}
