//! Classic feedback: each fragment moves by gain · EPE / MEEF of its control point.
//!
//! The MEEF of a fragment is exact: what the intensity at its control point answers to its own
//! move (the image is quadratic in the mask, so the answer is one field), over the slope of the
//! image there.

use lithoscope_kernels::response::ResponsePlan;
use ndarray::ArrayView2;

use crate::imaging::{Edge, Focus, Imager, Points};
use crate::mask::{Axis, Fragment, FragmentKind, MovedEdges};
use crate::opc::recipe::Feedback;

/// How far from the target's edge a contour is looked for, nm, and the step of that search.
const SEARCH_NM: f64 = 48.0;
const STEP_NM: f64 = 4.0;
/// Samples on either side of the edge.
const SAMPLES: usize = (SEARCH_NM / STEP_NM) as usize;
/// Samples of one control point: outward from far inside.
const LINE: usize = 2 * SAMPLES + 1;
/// Slopes are taken as at least this, intensity a nm: a flat image answers to anything.
const LEAST_SLOPE: f32 = 1e-4;

/// What feedback needs for one set of fragments: its control points and the lines across them.
pub(in crate::opc) struct Feeder {
    /// Which set of fragments this is for.
    pub epoch: usize,
    controls: Vec<[f64; 2]>,
    lines: Points,
    values: Vec<f32>,
    response: ResponsePlan,
}

impl Feeder {
    /// Control points in the middle of each fragment of the target.
    pub fn new(imager: &Imager, fragments: &[Fragment], epoch: usize) -> Self {
        let controls: Vec<[f64; 2]> = fragments.iter().map(|f| place(f, 0.0)).collect();
        let across = |f: &Fragment| {
            let at = |i: usize| (i as f64 - SAMPLES as f64) * STEP_NM;
            (0..LINE).map(|i| place(f, at(i))).collect::<Vec<_>>()
        };
        let samples: Vec<[f64; 2]> = fragments.iter().flat_map(across).collect();
        Self {
            epoch,
            controls,
            lines: imager.points(&samples),
            values: vec![0.0; samples.len()],
            response: imager.response_plan(),
        }
    }

    /// The EPE of each control point in the mask that the imager holds, nm outward; a contour that
    /// lies beyond the search counts as at its end.
    pub fn epe(&mut self, image: ArrayView2<f32>, threshold: f32) -> Vec<f32> {
        self.lines.read(image, &mut self.values);
        self.values.chunks_exact(LINE).map(|line| contour(line, threshold)).collect()
    }

    /// Moves every fragment of a main feature against its EPE, by at most `most` nm. The imager
    /// holds the mask of `edges`.
    pub fn feed(
        &mut self,
        imager: &Imager,
        fragments: &[Fragment],
        edges: &MovedEdges,
        recipe: &Feedback,
        most: f64,
        offsets: &mut [f32],
    ) {
        let epe = self.epe(imager.exact(Focus::Nominal), imager.process().threshold);
        let points = imager.response_points(&self.response, &self.controls);
        let mut scratch = self.response.scratch();
        let mut answers = Vec::new();
        let moved = fragments.iter().zip(&edges.fragments).zip(epe).zip(offsets).enumerate();
        for (i, (((fragment, e), epe), offset)) in moved {
            let gain = match fragment.kind {
                FragmentKind::Assist => continue,
                FragmentKind::ConvexCorner | FragmentKind::ConcaveCorner => recipe.corner_gain,
                FragmentKind::LineEnd | FragmentKind::Run => recipe.gain,
            };
            answers.clear();
            let edge = Edge { at: e.at, from: e.from, to: e.to };
            let vertical = e.axis == Axis::Vertical;
            imager.edge_response(
                &self.response,
                vertical,
                edge,
                &points,
                &mut scratch,
                &mut answers,
            );
            let own = answers.iter().find(|(place, _)| *place as usize == i);
            let rise = own.map_or(0.0, |(_, change)| *change);
            let line = self.values.get(i * LINE..(i + 1) * LINE).unwrap_or_default();
            let meef = f64::from(rise / slope(line, epe)).max(recipe.min_meef);
            let step = gain * f64::from(epe) / meef;
            if step.is_finite() {
                *offset -= step.clamp(-most, most) as f32;
            }
        }
    }
}

/// The place `outward` nm from the middle of a fragment.
fn place(fragment: &Fragment, outward: f64) -> [f64; 2] {
    let along = f64::midpoint(f64::from(fragment.from), f64::from(fragment.to));
    let at = f64::from(fragment.base) + f64::from(fragment.outward) * outward;
    match fragment.axis {
        Axis::Vertical => [at, along],
        Axis::Horizontal => [along, at],
    }
}

/// Where a line of samples falls through the threshold, nearest to its middle on the side where it
/// must lie, nm from the middle.
fn contour(line: &[f32], threshold: f32) -> f32 {
    let step = STEP_NM as f32;
    let prints = line[SAMPLES] >= threshold;
    let fall = |i: usize, j: usize| {
        let (a, b) = (line[i] - threshold, line[j] - threshold);
        let from = (i as f32 - SAMPLES as f32) * step;
        (from, (a / (a - b)) * step)
    };
    if prints {
        let end = (SAMPLES + 1..LINE).find(|&i| line[i] < threshold);
        end.map_or(SEARCH_NM as f32, |i| {
            let (from, by) = fall(i - 1, i);
            from + by
        })
    } else {
        let end = (0..SAMPLES).rev().find(|&i| line[i] >= threshold);
        end.map_or(-SEARCH_NM as f32, |i| {
            let (from, by) = fall(i, i + 1);
            from + by
        })
    }
}

/// How steeply the image falls outward at a contour, intensity a nm.
fn slope(line: &[f32], epe: f32) -> f32 {
    let at = (f64::from(epe) + SEARCH_NM) / STEP_NM;
    let i = (at.floor().max(0.0) as usize).min(LINE - 2);
    let (Some(a), Some(b)) = (line.get(i), line.get(i + 1)) else { return LEAST_SLOPE };
    ((a - b) / STEP_NM as f32).max(LEAST_SLOPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contours_are_found_on_the_side_where_they_must_lie() {
        let line = |edge: f32| -> Vec<f32> {
            let at = |i: usize| (i as f32 - SAMPLES as f32) * STEP_NM as f32;
            (0..LINE).map(|i| 0.3 - 0.01 * (at(i) - edge)).collect()
        };
        for edge in [-30.0, -3.0, 0.0, 7.5, 40.0] {
            assert!((contour(&line(edge), 0.3) - edge).abs() < 1e-3, "{edge}");
            assert!((slope(&line(edge), edge) - 0.01).abs() < 1e-4);
        }
        assert_eq!(contour(&line(100.0), 0.3), SEARCH_NM as f32);
        assert_eq!(contour(&line(-100.0), 0.3), -SEARCH_NM as f32);
    }
}
