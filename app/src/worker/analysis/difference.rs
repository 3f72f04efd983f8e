//! Where two masks, and what they print, differ.

use std::sync::Arc;

use egui::ColorImage;
use lithoscope_engine::geometry::{Polygon, Rect, rectangles};
use lithoscope_engine::imaging::Grid;

use crate::worker::Picture;
use crate::worker::picture::{coverage, flipped, signed_colour};

/// What two pictures differ in: A is the one that was pinned, B the one that is shown.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Iteration of B.
    pub iteration: Option<usize>,
    /// Mask that only A has, clip nm.
    pub only_a: Vec<Rect>,
    /// Mask that only B has, clip nm.
    pub only_b: Vec<Rect>,
    /// What only one prints; `None` where that cannot be told, because the pictures have other
    /// grids or a resist prints at no single intensity.
    pub printed: Option<PrintedDifference>,
}

/// What only one of two pictures prints.
#[derive(Clone, Debug)]
pub struct PrintedDifference {
    /// Sampling grid.
    pub grid: Grid,
    /// Blue where only A prints, orange where only B does, top row first.
    pub image: Arc<ColorImage>,
    /// Area that only A prints, nm².
    pub only_a_nm2: f64,
    /// Area that only B prints, nm².
    pub only_b_nm2: f64,
}

impl Difference {
    /// Area of the masks that only A and only B have, nm².
    pub fn mask_nm2(&self) -> [i64; 2] {
        let area = |of: &[Rect]| of.iter().map(|r| r.width() * r.height()).sum();
        [area(&self.only_a), area(&self.only_b)]
    }
}

/// Compares two pictures.
pub fn make(a: &Picture, b: &Picture) -> Difference {
    let [mask_a, mask_b] = [a, b].map(mask);
    Difference {
        iteration: b.iteration,
        only_a: without(&mask_a, &mask_b),
        only_b: without(&mask_b, &mask_a),
        printed: printed(a, b),
    }
}

fn mask(of: &Picture) -> Vec<Rect> {
    let assists = of.assists.iter().map(|r| Polygon::rect(*r));
    let all: Vec<Polygon> = of.main.iter().cloned().chain(assists).collect();
    let mut found = rectangles(&all);
    found.sort_unstable_by_key(|r| (r.min.x, r.min.y));
    found
}

/// What disjoint rectangles have beyond others, which are sorted by their left sides.
fn without(of: &[Rect], others: &[Rect]) -> Vec<Rect> {
    let mut left = Vec::new();
    for rect in of {
        let mut parts = vec![*rect];
        for other in others.iter().take_while(|o| o.min.x < rect.max.x) {
            if other.overlaps(rect) {
                parts = parts.into_iter().flat_map(|part| cut_out(part, other)).collect();
            }
        }
        left.append(&mut parts);
    }
    left
}

/// A rectangle without another, as up to four rectangles.
fn cut_out(rect: Rect, hole: &Rect) -> Vec<Rect> {
    if !rect.overlaps(hole) {
        return vec![rect];
    }
    let (low, high) = (hole.min.y.max(rect.min.y), hole.max.y.min(rect.max.y));
    [
        Rect::new(rect.min.x, rect.min.y, rect.max.x, low),
        Rect::new(rect.min.x, high, rect.max.x, rect.max.y),
        Rect::new(rect.min.x, low, hole.min.x.max(rect.min.x), high),
        Rect::new(hole.max.x.min(rect.max.x), low, rect.max.x, high),
    ]
    .into_iter()
    .filter(|r| r.min.x < r.max.x && r.min.y < r.max.y)
    .collect()
}

fn printed(a: &Picture, b: &Picture) -> Option<PrintedDifference> {
    let (level_a, level_b) = (a.level?, b.level?);
    if a.grid != b.grid || a.intensity.dim() != b.intensity.dim() {
        return None;
    }
    let more = |y: usize, x: usize| {
        coverage(&b.intensity, y, x, level_b) - coverage(&a.intensity, y, x, level_a)
    };
    let image = flipped(b.intensity.dim(), |y, x| signed_colour(more(y, x)));
    let (ny, nx) = b.intensity.dim();
    let mut areas = [0.0; 2];
    for (y, x) in (0..ny).flat_map(|y| (0..nx).map(move |x| (y, x))) {
        let more = f64::from(more(y, x));
        areas[usize::from(more > 0.0)] += more.abs();
    }
    let [only_a_nm2, only_b_nm2] = areas.map(|pixels| pixels * b.grid.pixel_nm.powi(2));
    Some(PrintedDifference { grid: b.grid, image: Arc::new(image), only_a_nm2, only_b_nm2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_rectangles_has_the_area_of_the_difference() {
        let a = [Rect::new(0, 0, 100, 100), Rect::new(200, 0, 240, 300)];
        let b = [Rect::new(-20, 30, 50, 60), Rect::new(60, 60, 220, 120)];
        let area = |of: &[Rect]| of.iter().map(|r| r.width() * r.height()).sum::<i64>();
        let common = 50 * 30 + 40 * 40 + 20 * 60;
        assert_eq!(area(&without(&a, &b)), area(&a) - common);
        assert_eq!(area(&without(&b, &a)), area(&b) - common);
        assert!(without(&a, &a).is_empty());
        for part in without(&a, &b) {
            assert!(b.iter().all(|hole| !hole.overlaps(&part)), "{part:?}");
        }
    }
}
