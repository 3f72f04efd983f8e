//! The pixel target: which 1 nm pixels of a window should print.

use ndarray::{Array2, ArrayView2};

use super::{TargetRule, VerifyError};
use crate::geometry::{Point, Polygon, Rect, edges};

/// The most pixels of a pixel target.
const MAX_PIXELS: i64 = 1 << 26;

/// The target on 1 nm pixels of a window, with a table of sums for counting.
///
/// Pixel `[y, x]` is the square of clip nm from `window.min + (x, y)`.
#[derive(Clone, Debug)]
pub struct PixelTarget {
    window: Rect,
    pixels: Array2<bool>,
    /// The pixels that may be target, `[x0, x1, y0, y1]`, ends not included.
    extent: [usize; 4],
    /// `sums[y, x]`: target pixels of the extent below its row y and left of its column x.
    sums: Array2<u32>,
}

impl PixelTarget {
    /// Draws target polygons (clip nm) on the pixels of `window`.
    ///
    /// A pixel belongs to a polygon where its centre does (even-odd over its rings); polygons are
    /// united. `TargetRule::Inclusive` adds each pixel's right, upper and diagonal neighbour, as
    /// the contest's evaluation draws Manhattan polygons. Parts outside the window are left out.
    ///
    /// # Errors
    /// A window of more than 2²⁶ pixels.
    pub fn new(target: &[Polygon], window: Rect, rule: TargetRule) -> Result<Self, VerifyError> {
        let (width, height) = (window.width().max(0), window.height().max(0));
        if width.saturating_mul(height) > MAX_PIXELS {
            return Err(VerifyError::WindowTooLarge { width, height, limit: MAX_PIXELS });
        }
        let mut pixels = Array2::from_elem((height as usize, width as usize), false);
        for polygon in target {
            fill(polygon, window, &mut pixels);
        }
        let inclusive = rule == TargetRule::Inclusive;
        let extent = extent(target, window, usize::from(inclusive));
        if inclusive {
            widen(&mut pixels, extent);
        }
        let sums = sums(&pixels, extent);
        Ok(Self { window, pixels, extent, sums })
    }

    /// The window, clip nm.
    pub fn window(&self) -> Rect {
        self.window
    }

    /// The pixels, `[height, width]`.
    pub fn pixels(&self) -> ArrayView2<'_, bool> {
        self.pixels.view()
    }

    /// Target pixels in a half-open rectangle of clip nm; what lies outside the window counts 0.
    pub fn count(&self, rect: Rect) -> u64 {
        let [x0, x1, y0, y1] = self.extent;
        let column = |v: i32, min: i32, lo: usize, hi: usize| {
            let pixel = i64::from(v) - i64::from(min);
            (pixel.clamp(lo as i64, hi as i64) - lo as i64) as usize
        };
        let x = |v: i32| column(v, self.window.min.x, x0, x1);
        let y = |v: i32| column(v, self.window.min.y, y0, y1);
        let (x0, x1, y0, y1) = (x(rect.min.x), x(rect.max.x), y(rect.min.y), y(rect.max.y));
        if x1 <= x0 || y1 <= y0 {
            return 0;
        }
        let at = |y, x| u64::from(self.sums[[y, x]]);
        at(y1, x1) + at(y0, x0) - at(y0, x1) - at(y1, x0)
    }

    /// Whether pixel (x, y), counted from the window's corner, is target; `false` outside.
    pub(crate) fn at(&self, x: i64, y: i64) -> bool {
        let index = |v: i64| usize::try_from(v).ok();
        let (Some(x), Some(y)) = (index(x), index(y)) else { return false };
        self.pixels.get([y, x]).copied().unwrap_or(false)
    }

    /// The columns and rows that may hold target pixels, `[x0, x1, y0, y1]`, ends not included.
    pub(crate) fn extent(&self) -> [i64; 4] {
        self.extent.map(|v| v as i64)
    }
}

/// The pixels of the window within the polygons' bounding box, `margin` more up and right.
fn extent(target: &[Polygon], window: Rect, margin: usize) -> [usize; 4] {
    let boxes = target.iter().filter_map(Polygon::bounding_box);
    let Some(bounds) = boxes.reduce(|a, b| a.union(&b)) else { return [0; 4] };
    let span = |lo: i32, hi: i32, min: i32, size: i64| {
        let pixel = |v: i64| (v - i64::from(min)).clamp(0, size) as usize;
        [pixel(i64::from(lo)), pixel(i64::from(hi) + margin as i64)]
    };
    let [x0, x1] = span(bounds.min.x, bounds.max.x, window.min.x, window.width().max(0));
    let [y0, y1] = span(bounds.min.y, bounds.max.y, window.min.y, window.height().max(0));
    [x0, x1, y0, y1]
}

/// Fills one polygon: every edge flips the pixels to its right, row by row.
fn fill(polygon: &Polygon, window: Rect, pixels: &mut Array2<bool>) {
    let Some(bounds) = polygon.bounding_box() else { return };
    let (y0, y1) = (bounds.min.y.max(window.min.y), bounds.max.y.min(window.max.y));
    let (x0, x1) = (bounds.min.x.max(window.min.x), bounds.max.x.min(window.max.x));
    if x0 >= x1 || y0 >= y1 {
        return;
    }
    let width = (i64::from(x1) - i64::from(x0)) as usize;
    let mut flips = Array2::from_elem(((i64::from(y1) - i64::from(y0)) as usize, width), false);
    for (a, b) in polygon.rings().flat_map(edges) {
        let (low, high) = if a.y < b.y { (a, b) } else { (b, a) };
        for y in low.y.max(y0)..high.y.min(y1) {
            let column = (first_right_of(low, high, y) - i64::from(x0)).max(0) as usize;
            if column < width {
                let row = (i64::from(y) - i64::from(y0)) as usize;
                flips[[row, column]] ^= true;
            }
        }
    }
    let (row0, column0) = ((y0 - window.min.y) as usize, (x0 - window.min.x) as usize);
    for (row, flips) in flips.rows().into_iter().enumerate() {
        let mut inside = false;
        for (column, flip) in flips.iter().enumerate() {
            inside ^= flip;
            pixels[[row0 + row, column0 + column]] |= inside;
        }
    }
}

/// The first pixel of row y whose centre is not left of the edge from `low` to `high`.
fn first_right_of(low: Point, high: Point, y: i32) -> i64 {
    if low.x == high.x {
        return i64::from(low.x);
    }
    // Twice the crossing's abscissa less a half, as a fraction over the height; rounded up.
    let (x, dx) = (i128::from(low.x), i128::from(high.x) - i128::from(low.x));
    let dy = i128::from(high.y) - i128::from(low.y);
    let rise = 2 * (i128::from(y) - i128::from(low.y)) + 1;
    let numerator = 2 * dy * x - dy + rise * dx;
    -((-numerator).div_euclid(2 * dy)) as i64
}

/// Adds the right, upper and upper right neighbour of every pixel.
fn widen(pixels: &mut Array2<bool>, [x0, x1, y0, y1]: [usize; 4]) {
    for y in (y0..y1).rev() {
        for x in (x0..x1).rev() {
            let left = x > 0 && pixels[[y, x - 1]];
            let below = y > 0 && pixels[[y - 1, x]];
            let corner = x > 0 && y > 0 && pixels[[y - 1, x - 1]];
            pixels[[y, x]] |= left || below || corner;
        }
    }
}

fn sums(pixels: &Array2<bool>, [x0, x1, y0, y1]: [usize; 4]) -> Array2<u32> {
    let mut sums = Array2::zeros((y1 - y0 + 1, x1 - x0 + 1));
    for y in 0..y1 - y0 {
        let mut row = 0;
        for x in 0..x1 - x0 {
            row += u32::from(pixels[[y0 + y, x0 + x]]);
            sums[[y + 1, x + 1]] = sums[[y, x + 1]] + row;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Rect {
        Rect::new(-10, 5, 110, 95)
    }

    fn area(polygon: &Polygon, rule: TargetRule) -> u64 {
        let target = PixelTarget::new(std::slice::from_ref(polygon), window(), rule).unwrap();
        target.count(window())
    }

    #[test]
    fn a_line_covers_its_width_or_one_pixel_more() {
        let line = Polygon::rect(Rect::new(0, 10, 80, 30));
        assert_eq!(area(&line, TargetRule::HalfOpen), 80 * 20);
        assert_eq!(area(&line, TargetRule::Inclusive), 81 * 21);
    }

    #[test]
    fn holes_are_empty_and_the_window_cuts() {
        let frame = Polygon {
            outer: Rect::new(-50, 10, 40, 60).corners().to_vec(),
            holes: vec![Rect::new(10, 20, 20, 30).corners().into_iter().rev().collect()],
        };
        assert_eq!(area(&frame, TargetRule::HalfOpen), 50 * 50 - 100);
    }

    #[test]
    fn a_slanted_edge_takes_the_pixels_whose_centre_it_holds() {
        let triangle =
            Polygon::simple([(0, 10), (40, 10), (0, 50)].map(|(x, y)| Point::new(x, y)).to_vec());
        let slow = (10..50)
            .flat_map(|y| (0..40).map(move |x| (x, y)))
            .filter(|&(x, y)| f64::from(x) + 0.5 + f64::from(y - 10) + 0.5 < 40.0)
            .count();
        assert_eq!(area(&triangle, TargetRule::HalfOpen), slow as u64);
    }

    #[test]
    fn counts_equal_the_pixels_in_any_rectangle() {
        let shapes =
            [Polygon::rect(Rect::new(0, 10, 37, 30)), Polygon::rect(Rect::new(20, 20, 90, 77))];
        let target = PixelTarget::new(&shapes, window(), TargetRule::HalfOpen).unwrap();
        for rect in [Rect::new(-99, -99, 999, 999), Rect::new(3, 7, 25, 60), Rect::new(5, 5, 5, 50)]
        {
            let slow = (rect.min.y..rect.max.y)
                .flat_map(|y| (rect.min.x..rect.max.x).map(move |x| (x, y)))
                .filter(|&(x, y)| target.at(i64::from(x) + 10, i64::from(y) - 5))
                .count();
            assert_eq!(target.count(rect), slow as u64);
        }
    }

    #[test]
    fn a_huge_window_is_refused() {
        let huge = Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX);
        let error = PixelTarget::new(&[], huge, TargetRule::HalfOpen).unwrap_err();
        assert!(matches!(error, VerifyError::WindowTooLarge { .. }));
    }
}
