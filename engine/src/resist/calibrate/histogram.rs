//! The joint histogram of (intensity, printed), and the cross-entropy loss from it.
//!
//! Nodes lie at equal steps of intensity; a pixel between two nodes counts for both, by its
//! distance (so the histogram's loss is the loss interpolated linearly between nodes, and its error
//! falls as the square of the step).

use rayon::prelude::*;

use super::pairs::{Pair, Part, Split};
use crate::resist::vertical::Column;
use crate::resist::{Gradient, PARAMETER_COUNT, Parameter, VerticalResist};
use ndarray::Array2;

/// Rows of pixels that one task bins.
const BAND: usize = 128;

/// Histograms held at once: bounds the memory.
const BANDS_AT_ONCE: usize = 32;

/// Sums by node or cell: not printed, printed.
type Bins = Vec<[f64; 2]>;

/// Pixels by intensity and by what they print.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Histogram {
    step: f64,
    /// Pixels at each node.
    weight: Bins,
    /// Sum of ∂I/∂σ (1/nm) of the pixels in each cell between two nodes.
    drift: Bins,
}

/// An image as the resist sees it: after diffusion, with its derivative in the diffusion length.
pub(super) struct Seen {
    pub image: Array2<f32>,
    /// ∂I/∂σ, 1/nm; none where σ does not move.
    pub in_diffusion: Option<Array2<f32>>,
}

impl Histogram {
    /// An empty one of `cells` cells up to `brightest`.
    pub fn empty(cells: usize, brightest: f64) -> Self {
        let step = brightest.max(1e-6) / cells as f64;
        Self { step, weight: vec![[0.0; 2]; cells + 1], drift: vec![[0.0; 2]; cells] }
    }

    /// The histogram of one part of the pixels, the same for any number of threads.
    pub fn of(
        pairs: &[Pair],
        seen: &[Seen],
        split: Split,
        part: Part,
        (cells, brightest): (usize, f64),
    ) -> Self {
        let bands: Vec<(usize, usize)> = pairs
            .iter()
            .enumerate()
            .flat_map(|(k, pair)| (0..pair.intensity.nrows()).step_by(BAND).map(move |y| (k, y)))
            .collect();
        let band = |&(k, y0): &(usize, usize)| {
            let mut histogram = Self::empty(cells, brightest);
            let rows = pairs[k].intensity.nrows();
            for y in y0..(y0 + BAND).min(rows) {
                histogram.add_row((k, y), &pairs[k], &seen[k], split, part);
            }
            histogram
        };
        let mut total = Self::empty(cells, brightest);
        for bands in bands.chunks(BANDS_AT_ONCE) {
            let parts: Vec<Self> = bands.par_iter().map(band).collect();
            for part in &parts {
                total.add(part);
            }
        }
        total
    }

    fn add(&mut self, other: &Self) {
        let bins = [(&mut self.weight, &other.weight), (&mut self.drift, &other.drift)];
        for (mine, theirs) in bins {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                mine[0] += theirs[0];
                mine[1] += theirs[1];
            }
        }
    }

    fn add_row(
        &mut self,
        (k, y): (usize, usize),
        pair: &Pair,
        seen: &Seen,
        split: Split,
        part: Part,
    ) {
        let (image, printed) = (seen.image.row(y), pair.printed.row(y));
        let drift = seen.in_diffusion.as_ref().map(|d| d.row(y));
        for (from, to, of) in split.runs(k, y, image.len()) {
            if of != part {
                continue;
            }
            for x in from..to {
                let drift = drift.map_or(0.0, |row| f64::from(row[x]));
                self.add_pixel(f64::from(image[x]), f64::from(printed[x]), drift);
            }
        }
    }

    fn add_pixel(&mut self, intensity: f64, printed: f64, drift: f64) {
        let cells = self.drift.len();
        let place = (intensity / self.step).clamp(0.0, cells as f64);
        let cell = (place as usize).min(cells - 1);
        let share = place - cell as f64;
        for (kind, amount) in [1.0 - printed, printed].into_iter().enumerate() {
            self.weight[cell][kind] += amount * (1.0 - share);
            self.weight[cell + 1][kind] += amount * share;
            self.drift[cell][kind] += amount * drift;
        }
    }

    /// How many pixels there are.
    pub fn pixels(&self) -> f64 {
        self.weight.iter().map(|w| w[0] + w[1]).sum()
    }

    /// The share of pixels that a level would print wrong: an estimate, to a cell's width.
    pub fn difference(&self, level: f64) -> f64 {
        let wrong: f64 = self
            .weight
            .iter()
            .enumerate()
            .map(|(node, w)| if node as f64 * self.step > level { w[0] } else { w[1] })
            .sum();
        wrong / self.pixels().max(1.0)
    }

    /// The level that prints fewest pixels wrong, in the middle of the best where many do.
    pub fn best_level(&self) -> f64 {
        // Going up, a node moves from the printed side to the other.
        let mut wrong: f64 = self.weight.iter().map(|w| w[0]).sum();
        let (mut least, mut first, mut last) = (f64::INFINITY, 0, 0);
        for (node, w) in self.weight.iter().enumerate() {
            wrong += w[1] - w[0];
            if wrong < least {
                (least, first, last) = (wrong, node, node);
            } else if wrong == least {
                last = node;
            }
        }
        (0.5 * (first + last) as f64 + 0.5) * self.step
    }

    /// Mean cross-entropy of the printed image under a resist, and its derivatives in every
    /// parameter.
    pub fn loss(&self, resist: &VerticalResist, steepness: f64) -> (f64, Gradient) {
        let pixels = self.pixels().max(1.0);
        let nodes: Vec<NodeLoss> = (0..self.weight.len())
            .into_par_iter()
            .map(|node| node_loss(resist, steepness, node as f64 * self.step))
            .collect();
        let (mut loss, mut gradient) = (0.0, [0.0; PARAMETER_COUNT]);
        for (w, node) in self.weight.iter().zip(&nodes) {
            loss += w[0] * node.loss[0] + w[1] * node.loss[1];
            let in_margin = w[0] * node.in_margin[0] + w[1] * node.in_margin[1];
            for (total, part) in gradient.iter_mut().zip(&node.margin_gradient) {
                *total += in_margin * part;
            }
        }
        // Within a cell the loss rises linearly from node to node.
        let diffusion = &mut gradient[Parameter::DiffusionNm as usize];
        for (drift, pair) in self.drift.iter().zip(nodes.windows(2)) {
            for ((drift, low), high) in drift.iter().zip(&pair[0].loss).zip(&pair[1].loss) {
                *diffusion += drift * (high - low) / self.step;
            }
        }
        (loss / pixels, gradient.map(|g| g / pixels))
    }
}

/// The loss of one pixel of some intensity, not printed and printed.
pub(super) struct NodeLoss {
    pub loss: [f64; 2],
    /// ∂loss/∂margin.
    pub in_margin: [f64; 2],
    /// ∂margin/∂(parameter).
    pub margin_gradient: Gradient,
}

/// Cross-entropy of σ(margin) with margin = s·(depth − τ)/τ above the level's depth and
/// s·(depth − τ)/(thickness − τ) below it, as `TorchResist` takes it with s = 6; the sign turned for
/// negative tone.
pub(super) fn node_loss(resist: &VerticalResist, steepness: f64, intensity: f64) -> NodeLoss {
    let depth = Column::new(resist).depth(intensity).within(resist.thickness_nm);
    let (tau, thickness) = (resist.threshold_nm, resist.thickness_nm);
    let past = depth.nm - tau;
    // ∂scale of the side the depth is on: (scale, ∂scale/∂τ, ∂scale/∂thickness).
    let (span, in_tau, in_thickness) = if past < 0.0 {
        (tau, 1.0, 0.0)
    } else {
        let span = thickness - tau;
        // A threshold at the very bottom leaves no room below it.
        if span > 1e-3 * thickness { (span, -1.0, 1.0) } else { (1e-3 * thickness, 0.0, 1e-3) }
    };
    let factor = resist.tone.sign() * steepness / span;
    let margin = factor * past;
    let mut margin_gradient = depth.gradient.map(|g| factor * g);
    margin_gradient[Parameter::ThresholdNm as usize] += -factor - margin / span * in_tau;
    margin_gradient[Parameter::ThicknessNm as usize] -= margin / span * in_thickness;
    let p = 1.0 / (1.0 + (-margin).exp());
    NodeLoss {
        loss: [softplus(margin), softplus(-margin)],
        in_margin: [p, p - 1.0],
        margin_gradient,
    }
}

/// ln(1 + eˣ) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
