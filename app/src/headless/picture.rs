//! Pictures of clips and images, PNG, y up as in the layout.

use std::io::Cursor;

use anyhow::Context as _;
use image::{ImageFormat, Rgb, RgbImage};
use lithoscope_engine::geometry::{Polygon, Rect, rectangles};
use lithoscope_engine::imaging::{Focus, Grid, Imager};
use lithoscope_engine::verify::printed as prints;
use ndarray::{Array2, Zip};

use super::Prepared;

/// Side that pictures keep within unless a pixel size is asked for.
const USUAL_SIDE: i64 = 2048;

const BACKGROUND: Rgb<u8> = Rgb([0x11, 0x14, 0x18]);
const TARGET: Rgb<u8> = Rgb([0xf0, 0xf2, 0xf5]);
const MASK: Rgb<u8> = Rgb([0x1c, 0x63, 0x66]);
const CONTOUR: Rgb<u8> = Rgb([0xff, 0x8c, 0x2e]);
const PRINTED: Rgb<u8> = Rgb([0x55, 0x5d, 0x66]);
const BAND: Rgb<u8> = Rgb([0xe0, 0xa0, 0x30]);

/// The grid of a picture of a window: whole nm a pixel, at most 2048 pixels a side.
pub fn picture_grid(window: Rect) -> Grid {
    let side = window.width().max(window.height()).max(1);
    Grid::over(window, ((side + USUAL_SIDE - 1) / USUAL_SIDE) as f64)
}

/// Pixels of a grid whose centre lies in Manhattan polygons, `[y, x]`.
fn fill(polygons: &[Polygon], grid: &Grid) -> Array2<bool> {
    let mut inside = Array2::from_elem((grid.ny, grid.nx), false);
    // The first pixel whose centre is not left of (below) an edge.
    let index = |edge: i32, axis: usize, count: usize| {
        let at = (f64::from(edge) - grid.origin_nm[axis]) / grid.pixel_nm - 0.5;
        at.ceil().clamp(0.0, count as f64) as usize
    };
    for r in rectangles(polygons) {
        let (x0, x1) = (index(r.min.x, 0, grid.nx), index(r.max.x, 0, grid.nx));
        let (y0, y1) = (index(r.min.y, 1, grid.ny), index(r.max.y, 1, grid.ny));
        if x0 < x1 && y0 < y1 {
            inside.slice_mut(ndarray::s![y0..y1, x0..x1]).fill(true);
        }
    }
    inside
}

/// An intensity image in inferno from 0 to its largest value, the edge of what prints in white.
pub fn aerial(intensity: &Array2<f32>, printed: &Array2<bool>) -> RgbImage {
    let largest = intensity.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let edge = outline(printed);
    paint(intensity.dim(), |at| {
        if edge[at] {
            return Rgb([0xff; 3]);
        }
        let share = f64::from(intensity[at] / largest).clamp(0.0, 1.0);
        let colour = colorous::INFERNO.eval_continuous(share);
        Rgb([colour.r, colour.g, colour.b])
    })
}

/// Colours that a map of numbers is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Light: black over red to yellow.
    Inferno,
    /// Depth and transmission: blue over green to yellow.
    Viridis,
    /// Signed values about zero: blue, white, red.
    Signed,
}

/// A map of numbers `[y, x]`, y up, from the first of `range` to the second, each number a square
/// of `scale` pixels; what is no number is background.
pub fn map(values: &Array2<f32>, range: [f32; 2], colours: Colours, scale: usize) -> RgbImage {
    let scale = scale.max(1);
    let (ny, nx) = values.dim();
    let gradient = match colours {
        Colours::Inferno => colorous::INFERNO,
        Colours::Viridis => colorous::VIRIDIS,
        Colours::Signed => colorous::RED_BLUE,
    };
    let span = (range[1] - range[0]).max(f32::MIN_POSITIVE);
    paint((ny * scale, nx * scale), |[y, x]| {
        let value = values[[y / scale, x / scale]];
        if value.is_nan() {
            return BACKGROUND;
        }
        let share = f64::from(((value - range[0]) / span).clamp(0.0, 1.0));
        // The signed gradient runs from red to blue; positive is red here.
        let share = if colours == Colours::Signed { 1.0 - share } else { share };
        let colour = gradient.eval_continuous(share);
        Rgb([colour.r, colour.g, colour.b])
    })
}

/// What prints: white on black.
pub fn printed(prints: &Array2<bool>) -> RgbImage {
    paint(prints.dim(), |at| Rgb(if prints[at] { [0xff; 3] } else { [0; 3] }))
}

/// Masks and prints of one clip on one grid.
pub struct Scene {
    /// Intensity at best focus, dose 1.
    focus: Array2<f32>,
    /// Pixels of the target.
    target: Array2<bool>,
    /// Pixels of the mask.
    mask: Array2<bool>,
    /// Pixels that print nominally.
    nominal: Array2<bool>,
    /// Pixels that print at the outer corner.
    outer: Array2<bool>,
    /// Pixels that print at the inner corner.
    inner: Array2<bool>,
}

impl Scene {
    /// Images a mask of a clip on a grid over its window.
    ///
    /// # Errors
    /// The clip does not fit the optics.
    pub fn new(prepared: &Prepared, mask: &[Polygon], grid: &Grid) -> anyhow::Result<Self> {
        let process = &prepared.process;
        let mut imager = Imager::new(process, prepared.clip.window)?;
        imager.set_mask(mask);
        let focus = imager.intensity(Focus::Nominal, grid);
        let defocus = imager.intensity(Focus::Defocus, grid);
        let threshold = f64::from(process.threshold);
        Ok(Self {
            target: fill(&prepared.clip.polygons, grid),
            mask: fill(mask, grid),
            nominal: prints(focus.view(), 1.0, threshold),
            outer: prints(focus.view(), f64::from(process.outer_dose), threshold),
            inner: prints(defocus.view(), f64::from(process.inner_dose), threshold),
            focus,
        })
    }

    /// The aerial image at best focus.
    pub fn aerial(&self) -> RgbImage {
        aerial(&self.focus, &self.nominal)
    }

    /// Mask filled, target outlined, nominal contour over both.
    pub fn mask_and_contour(&self) -> RgbImage {
        let (target, contour) = (outline(&self.target), outline(&self.nominal));
        paint(self.mask.dim(), |at| match (contour[at], target[at], self.mask[at]) {
            (true, _, _) => CONTOUR,
            (_, true, _) => TARGET,
            (_, _, true) => MASK,
            _ => BACKGROUND,
        })
    }

    /// What prints at both corners, what at one only, and the target's outline.
    pub fn pv_band(&self) -> RgbImage {
        let target = outline(&self.target);
        paint(self.outer.dim(), |at| match (target[at], self.outer[at], self.inner[at]) {
            (true, _, _) => TARGET,
            (_, true, true) => PRINTED,
            (_, false, false) => BACKGROUND,
            _ => BAND,
        })
    }
}

/// Pixels that are inside while one of their four neighbours is not.
fn outline(inside: &Array2<bool>) -> Array2<bool> {
    let mut edge = Array2::from_elem(inside.dim(), false);
    for axis in 0..2 {
        let axis = ndarray::Axis(axis);
        let count = inside.len_of(axis);
        if count < 2 {
            continue;
        }
        let low = inside.slice_axis(axis, ndarray::Slice::from(..count - 1));
        let above = inside.slice_axis(axis, ndarray::Slice::from(1..));
        Zip::from(edge.slice_axis_mut(axis, ndarray::Slice::from(..count - 1)))
            .and(low)
            .and(above)
            .for_each(|e, &here, &next| *e |= here && !next);
        Zip::from(edge.slice_axis_mut(axis, ndarray::Slice::from(1..)))
            .and(above)
            .and(low)
            .for_each(|e, &here, &before| *e |= here && !before);
    }
    edge
}

/// A picture from a colour for each `[y, x]`, y up.
fn paint((ny, nx): (usize, usize), colour: impl Fn([usize; 2]) -> Rgb<u8>) -> RgbImage {
    RgbImage::from_fn(nx as u32, ny as u32, |x, y| colour([ny - 1 - y as usize, x as usize]))
}

/// A picture as PNG bytes.
///
/// # Errors
/// The encoder fails.
pub fn png(picture: &RgbImage) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).context("cannot encode a PNG picture")?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_rectangle_covers_its_area() {
        let grid = Grid::over(Rect::new(-10, 5, 30, 45), 2.0);
        let inside = fill(&[Polygon::rect(Rect::new(0, 9, 8, 13))], &grid);
        assert_eq!(inside.iter().filter(|p| **p).count(), 4 * 2);
        assert!(inside[[2, 5]] && !inside[[2, 4]] && !inside[[1, 5]]);
    }

    #[test]
    fn polygons_beyond_the_grid_are_cut_off() {
        let grid = Grid::over(Rect::new(0, 0, 10, 10), 1.0);
        assert!(fill(&[Polygon::rect(Rect::new(-50, -50, 50, 50))], &grid).iter().all(|p| *p));
        assert!(!fill(&[Polygon::rect(Rect::new(50, 50, 60, 60))], &grid).iter().any(|p| *p));
    }

    #[test]
    fn an_outline_is_the_rim_of_a_shape() {
        let inside =
            Array2::from_shape_fn((7, 7), |(y, x)| (1..6).contains(&y) && (1..6).contains(&x));
        let edge = outline(&inside);
        assert_eq!(edge.iter().filter(|p| **p).count(), 16);
        assert!(!edge[[3, 3]] && edge[[1, 3]] && !edge[[0, 3]]);
    }

    #[test]
    fn the_layouts_top_is_the_pictures_top() {
        let prints = Array2::from_shape_fn((3, 2), |(y, x)| (y, x) == (2, 0));
        let picture = printed(&prints);
        assert_eq!(picture.get_pixel(0, 0), &Rgb([0xff; 3]));
        assert_eq!(picture.get_pixel(0, 2), &Rgb([0; 3]));
    }

    #[test]
    fn a_map_runs_from_one_end_of_its_colours_to_the_other() {
        let values = ndarray::array![[-1.0, 1.0], [f32::NAN, 0.0]];
        let picture = map(&values, [-1.0, 1.0], Colours::Signed, 3);
        assert_eq!(picture.dimensions(), (6, 6));
        let [negative, positive] = [picture.get_pixel(0, 5).0, picture.get_pixel(5, 5).0];
        assert!(negative[2] > negative[0] && positive[0] > positive[2]);
        assert_eq!(*picture.get_pixel(1, 1), BACKGROUND);
    }

    #[test]
    fn a_picture_of_a_clip_keeps_within_2048_pixels() {
        for side in [1, 100, 2048, 2049, 8192] {
            let grid = picture_grid(Rect::new(0, 0, side, 1));
            assert!((1..=2048).contains(&grid.nx), "{side}: {}", grid.nx);
        }
    }
}
