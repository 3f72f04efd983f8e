//! The metrics near a mask as functions of whole-nm moves.

use lithoscope_kernels::response::ResponsePlan;
use ndarray::Array2;
use rayon::prelude::*;

use super::contour::{Piece, pieces};
use crate::imaging::{Edge, Focus, Grid, Imager, Resampler};
use crate::mask::{Axis, FragmentedTarget, MovedEdge, MovedEdges};
use crate::opc::probes::Probe;
use crate::verify::{Gauge, PixelTarget};

/// How far a piece's cost is tabled either way, nm.
const REACH: usize = 10;
/// Entries of a piece's table.
const TABLE: usize = 2 * REACH + 1;
/// Contours that answer less than this, nm a nm, are taken to stay on their side of the target's
/// edge: what they add is linear in the moves.
const LEAST_RESPONSE: f32 = 0.01;
/// Changes of intensity below this, for each nm, tip no gauge.
const LEAST_CHANGE: f32 = 1e-6;
/// Fragments that one task answers for: fixed, so that the order of results is.
const BATCH: usize = 8;
/// An SRAF may get no brighter at the outer corner than this share of the threshold.
const ASSIST_CEILING: f32 = 0.94;

/// Cost of an SRAF beyond that, in EPE violations.
const ASSIST_COST: f32 = 20.0;

/// What the model is built from.
pub(in crate::opc) struct ModelInput<'a> {
    pub target: &'a FragmentedTarget,
    pub offsets: &'a [i16],
    pub pixels: &'a PixelTarget,
    pub gauges: &'a [Gauge],
    pub guards: &'a [Probe],
    pub pv_band_weight: f32,
    pub epe_weight: f32,
    pub fault_weight: f32,
}

/// What a place answers to one fragment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub place: u32,
    /// nm of contour, or intensity, a nm.
    pub rate: f32,
}

/// A place that adds to the cost.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A piece of the nominal contour: cost by displacement.
    Contour,
    /// A probe that should stay above (`side` +1) or below (−1) a level.
    Probe { level: f32, side: f32, cost: f32 },
}

/// The metrics near a mask as functions of whole-nm moves.
pub(in crate::opc) struct Model {
    pub(super) places: Vec<Place>,
    /// Displacement, or intensity, of each place as the mask stands.
    pub(super) start: Vec<f32>,
    /// Cost of the contour pieces by displacement −REACH…REACH nm.
    table: Vec<[f32; TABLE]>,
    /// Answers of all fragments, those of fragment i at `first[i]..first[i + 1]`.
    answers: Vec<Answer>,
    first: Vec<usize>,
    /// Number of gauges; each has two probes, the first after the contour.
    gauges: usize,
    /// Change of cost for each nm of a fragment that does not depend on other moves: PV band.
    pub(super) linear: Vec<f32>,
}

impl Model {
    /// Builds the model around a mask: images it (leaving it as the imager's mask), finds its
    /// contours and what they answer to every fragment.
    pub fn new(
        imager: &mut Imager,
        plan: &ResponsePlan,
        grid: &Grid,
        sampler: &mut Resampler,
        input: &ModelInput,
    ) -> Self {
        let offsets: Vec<f32> = input.offsets.iter().map(|&o| f32::from(o)).collect();
        let mut moved = MovedEdges::default();
        input.target.edges(&offsets, &mut moved);
        let vertical =
            moved.fragments.iter().chain(&moved.jogs).filter(|e| e.axis == Axis::Vertical);
        imager.set_vertical_edges(vertical.map(edge));
        let mut images = [Focus::Nominal, Focus::Defocus].map(|focus| {
            let mut image = Array2::zeros((grid.ny, grid.nx));
            imager.sample(focus, sampler, image.view_mut());
            image
        });
        let process = imager.process();
        let (threshold, outer, inner) =
            (process.threshold, process.outer_dose.powi(2), process.inner_dose.powi(2));
        let contour = pieces(&images[0], grid, threshold);
        let bands = [
            pieces(&images[0], grid, threshold / outer),
            pieces(&images[1], grid, threshold / inner),
        ];
        let linear = pv_band_rates(imager, sampler, &mut images, &bands, &moved, input);
        let mut this = Self {
            places: vec![Place::Contour; contour.len()],
            start: vec![0.0; contour.len()],
            table: contour.iter().map(|piece| covered(piece, input.pixels)).collect(),
            answers: Vec::new(),
            first: vec![0],
            gauges: input.gauges.len(),
            linear,
        };
        let mut at: Vec<[f64; 2]> = contour.iter().map(|p| p.at).collect();
        this.add_probes(imager, input, threshold, outer, &mut at);
        let slopes: Vec<f32> = contour.iter().map(|p| p.slope).collect();
        this.add_answers(imager, plan, &moved, &at, &slopes);
        this
    }

    /// Number of contour pieces: the first places; gauges, guards and SRAFs follow.
    pub(super) fn contours(&self) -> usize {
        self.table.len()
    }

    /// Number of gauges.
    pub fn gauges(&self) -> usize {
        self.gauges
    }

    /// Whether a gauge is violated as the mask stands.
    pub fn violates(&self, gauge: usize) -> bool {
        let first = self.contours() + 2 * gauge;
        (first..first + 2).any(|place| self.cost(place, self.start[place]) > 0.0)
    }

    /// Sets what a violation at a gauge costs.
    pub fn set_gauge_cost(&mut self, gauge: usize, weight: f32) {
        let first = self.contours() + 2 * gauge;
        for place in &mut self.places[first..first + 2] {
            if let Place::Probe { cost, .. } = place {
                *cost = weight;
            }
        }
    }

    /// Answers of a fragment, in order of their places.
    pub(super) fn answers(&self, fragment: usize) -> &[Answer] {
        &self.answers[self.first[fragment]..self.first[fragment + 1]]
    }

    /// Cost of a place at a displacement or intensity.
    #[inline]
    pub(super) fn cost(&self, place: usize, value: f32) -> f32 {
        match self.table.get(place) {
            Some(table) => {
                let t = (value + REACH as f32).clamp(0.0, (TABLE - 1) as f32 - 1e-3);
                let i = t as usize;
                table[i] + (t - i as f32) * (table[i + 1] - table[i])
            }
            None => match self.places[place] {
                Place::Probe { level, side, cost } if (value - level) * side < 0.0 => cost,
                _ => 0.0,
            },
        }
    }

    fn add_probes(
        &mut self,
        imager: &Imager,
        input: &ModelInput,
        threshold: f32,
        outer: f32,
        at: &mut Vec<[f64; 2]>,
    ) {
        // A little more than the threshold, so that the model's errors tip no gauge.
        let margin = 0.0006;
        let (before, contours) = (at.len(), self.places.len());
        for gauge in input.gauges {
            for (place, side) in [(gauge.inner_nm, 1.0), (gauge.outer_nm, -1.0)] {
                let level = threshold + side * margin;
                self.places.push(Place::Probe { level, side, cost: input.epe_weight });
                at.push(place);
            }
        }
        // Responses are those of the nominal image: it tells what the outer corner does too.
        for guard in input.guards.iter().filter(|g| g.set == 0) {
            let side = if guard.prints { 1.0 } else { -1.0 };
            let level = threshold / guard.dose2 + side * margin;
            self.places.push(Place::Probe { level, side, cost: input.fault_weight });
            at.push(guard.at);
        }
        let assists = self.places.len();
        for assist in input.target.assists(input.offsets) {
            let (along_x, length) =
                (assist.width() >= assist.height(), assist.width().max(assist.height()) as f64);
            let middle = [
                f64::from(assist.min.x) + assist.width() as f64 / 2.0,
                f64::from(assist.min.y) + assist.height() as f64 / 2.0,
            ];
            let steps = (length / 60.0).ceil().max(1.0) as i32;
            for k in 0..steps {
                let t = (f64::from(k) + 0.5) / f64::from(steps) - 0.5;
                let mut place = middle;
                place[usize::from(!along_x)] += t * length * 0.7;
                let level = ASSIST_CEILING * threshold / outer;
                let cost = ASSIST_COST * input.epe_weight.max(100.0);
                self.places.push(Place::Probe { level, side: -1.0, cost });
                at.push(place);
            }
        }
        let mut values = vec![0.0; at.len() - before];
        imager.points(&at[before..]).read(imager.exact(Focus::Nominal), &mut values);
        // An SRAF that is brighter already may stay so, but get no brighter.
        let first = assists - contours;
        for (place, value) in self.places[contours..].iter_mut().zip(&values).skip(first) {
            if let Place::Probe { level, .. } = place {
                *level = level.max(value + 1e-4);
            }
        }
        self.start.extend(values);
    }

    fn add_answers(
        &mut self,
        imager: &Imager,
        plan: &ResponsePlan,
        moved: &MovedEdges,
        at: &[[f64; 2]],
        slopes: &[f32],
    ) {
        let points = imager.response_points(plan, at);
        let batches: Vec<Vec<(Vec<Answer>, f32)>> = moved
            .fragments
            .par_chunks(BATCH)
            .map_init(
                || (plan.scratch(), Vec::new()),
                |(scratch, found), batch| {
                    let answer = |e: &MovedEdge| {
                        found.clear();
                        let vertical = e.axis == Axis::Vertical;
                        imager.edge_response(plan, vertical, edge(e), &points, scratch, found);
                        self.split(found, slopes)
                    };
                    batch.iter().map(answer).collect()
                },
            )
            .collect();
        for (i, (answers, linear)) in batches.into_iter().flatten().enumerate() {
            self.answers.extend(answers);
            self.first.push(self.answers.len());
            self.linear[i] += linear;
        }
    }

    /// Responses (place, ∂I) of one fragment as answers kept one by one, and the change of cost for
    /// each nm that the small ones among the contour's make together.
    fn split(&self, found: &[(u32, f32)], slopes: &[f32]) -> (Vec<Answer>, f32) {
        let (mut answers, mut linear) = (Vec::new(), 0.0);
        for &(place, change) in found {
            match slopes.get(place as usize) {
                Some(slope) if change.abs() < LEAST_RESPONSE * slope => {
                    let table = &self.table[place as usize];
                    linear += change / slope * 0.5 * (table[REACH + 1] - table[REACH - 1]);
                }
                Some(slope) => answers.push(Answer { place, rate: change / slope }),
                None if change.abs() > LEAST_CHANGE => answers.push(Answer { place, rate: change }),
                None => {}
            }
        }
        (answers, linear)
    }
}

fn edge(e: &MovedEdge) -> Edge {
    Edge { at: e.at, from: e.from, to: e.to }
}

/// nm² that a piece of contour adds to L2 when it moves by −REACH…REACH nm along its normal.
fn covered(piece: &Piece, pixels: &PixelTarget) -> [f32; TABLE] {
    let corner = pixels.window().min;
    // Change of L2 for covering the nm about `t` from where the contour is.
    let sign = |t: f64| {
        let place = |axis: usize, origin: i32| {
            (piece.at[axis] + t * f64::from(piece.normal[axis])).floor() as i64 - i64::from(origin)
        };
        if pixels.at(place(0, corner.x), place(1, corner.y)) { -1.0 } else { 1.0 }
    };
    let mut table = [0.0; TABLE];
    for i in 0..REACH {
        let (up, down) = (i as f64 + 0.5, -(i as f64) - 0.5);
        table[REACH + i + 1] = table[REACH + i] + piece.length * sign(up);
        table[REACH - i - 1] = table[REACH - i] - piece.length * sign(down);
    }
    table
}

/// Weighted change of the PV band for each nm of every fragment.
fn pv_band_rates(
    imager: &mut Imager,
    sampler: &mut Resampler,
    images: &mut [Array2<f32>; 2],
    bands: &[Vec<Piece>; 2],
    moved: &MovedEdges,
    input: &ModelInput,
) -> Vec<f32> {
    let n = imager.exact(Focus::Nominal).nrows();
    let mut exact = [Array2::zeros((n, n)), Array2::zeros((n, n))];
    for (((image, band), exact), sign) in
        images.iter_mut().zip(bands).zip(&mut exact).zip([1.0, -1.0])
    {
        image.fill(0.0);
        for piece in band {
            piece.scatter(sign * piece.length / piece.slope, &mut image.view_mut());
        }
        sampler.adjoint_add(image.view(), exact.view_mut());
    }
    imager.set_gradient(exact[0].view(), exact[1].view());
    moved
        .fragments
        .iter()
        .map(|e| {
            let rate = imager.edge_gradient(e.axis == Axis::Vertical, edge(e));
            input.pv_band_weight * rate as f32
        })
        .collect()
}
