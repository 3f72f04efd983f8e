//! Classic feedback: each fragment moves by gain · EPE / MEEF of its control point.
//!
//! The MEEF of a fragment is exact: what the intensity at its control point answers to its own
//! move (the image is quadratic in the mask, so the answer is one field), over the slope of the
//! image there. With damping, all fragments are moved together by the whole matrix of MEEFs.

use lithoscope_kernels::response::ResponsePlan;
use ndarray::ArrayView2;

use super::coupled::{Wish, moves};
use crate::imaging::{Edge, Focus, Imager, Points};
use crate::mask::{Axis, Fragment, FragmentKind, MovedEdge, MovedEdges};
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
        let threshold = imager.process().threshold;
        let epe = self.epe(imager.exact(Focus::Nominal), threshold);
        let answers = self.answers(imager, fragments, edges);
        let steps = if recipe.damping > 0.0 {
            let wishes =
                fragments.iter().zip(self.values.chunks_exact(LINE)).map(|(f, line)| Wish {
                    change: recipe.gain * f64::from(threshold - line[SAMPLES]),
                    weight: gain(f.kind, recipe) / recipe.gain.max(f64::MIN_POSITIVE),
                });
            moves(&answers, &wishes.collect::<Vec<_>>(), recipe.damping)
        } else {
            let lines = self.values.chunks_exact(LINE);
            let alone = answers.iter().zip(lines).zip(fragments).zip(epe).enumerate();
            let mut steps = Vec::with_capacity(fragments.len());
            for (i, (((near, line), f), epe)) in alone {
                let own = near.iter().find(|(place, _)| *place as usize == i);
                let rise = own.map_or(0.0, |(_, change)| *change);
                let meef = f64::from(rise / slope(line, epe)).max(recipe.min_meef);
                steps.push(-gain(f.kind, recipe) * f64::from(epe) / meef);
            }
            steps
        };
        for (offset, step) in offsets.iter_mut().zip(steps).filter(|(_, step)| step.is_finite()) {
            *offset += step.clamp(-most, most) as f32;
        }
    }

    /// What a nm of each fragment's move changes at the control points near it, (point, intensity);
    /// nothing for the sides of SRAFs.
    fn answers(
        &self,
        imager: &Imager,
        fragments: &[Fragment],
        edges: &MovedEdges,
    ) -> Vec<Vec<(u32, f32)>> {
        let points = imager.response_points(&self.response, &self.controls);
        let mut scratch = self.response.scratch();
        let answer = |(fragment, e): (&Fragment, &MovedEdge)| {
            let mut near = Vec::new();
            if fragment.kind != FragmentKind::Assist {
                let edge = Edge { at: e.at, from: e.from, to: e.to };
                let vertical = e.axis == Axis::Vertical;
                let plan = &self.response;
                imager.edge_response(plan, vertical, edge, &points, &mut scratch, &mut near);
            }
            near
        };
        fragments.iter().zip(&edges.fragments).map(answer).collect()
    }
}

/// Share of its EPE that a fragment makes good in one iteration.
fn gain(kind: FragmentKind, recipe: &Feedback) -> f64 {
    match kind {
        FragmentKind::Assist => 0.0,
        FragmentKind::ConvexCorner | FragmentKind::ConcaveCorner => recipe.corner_gain,
        FragmentKind::LineEnd | FragmentKind::Run => recipe.gain,
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
