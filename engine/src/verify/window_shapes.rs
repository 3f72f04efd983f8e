//! The largest rectangles and ellipses inside a window of focus and dose.

use std::f64::consts::PI;

use super::{WindowEdge, WindowShape};

/// Places along the focus where ellipses may end, at most.
const ELLIPSE_SAMPLES: usize = 100;
/// Angles from 0 to π at which an ellipse is held against the window.
const ANGLES: usize = 128;
/// Shapes span whole pairs of steps, so that each may be centred on a sample: a depth that could not
/// would come out as poor as the next one.
const SPAN: usize = 2;
/// Halvings of the range of doses when an ellipse's centre is looked for.
const HALVINGS: usize = 40;

/// A window at evenly spaced focuses.
pub(super) struct Samples {
    start_nm: f64,
    step_nm: f64,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Samples {
    /// From edges at evenly spaced focuses.
    pub fn of(edges: &[WindowEdge]) -> Self {
        let (start_nm, end_nm) = match (edges.first(), edges.last()) {
            (Some(a), Some(b)) => (a.focus_nm, b.focus_nm),
            _ => (0.0, 0.0),
        };
        Self {
            start_nm,
            step_nm: (end_nm - start_nm) / edges.len().saturating_sub(1).max(1) as f64,
            low: edges.iter().map(|e| e.low_dose).collect(),
            high: edges.iter().map(|e| e.high_dose).collect(),
        }
    }

    fn len(&self) -> usize {
        self.low.len()
    }

    fn shape(&self, from: usize, to: usize, low: f64, high: f64) -> WindowShape {
        let dose = f64::midpoint(low, high);
        WindowShape {
            focus_nm: self.start_nm + self.step_nm * (from + to) as f64 / 2.0,
            dose,
            depth_of_focus_nm: self.step_nm * (to - from) as f64,
            exposure_latitude: (high - low) / dose,
        }
    }

    /// Dose limits between samples.
    fn at(&self, place: f64) -> (f64, f64) {
        let i = (place as usize).min(self.len().saturating_sub(2));
        let share = place - i as f64;
        let between = |v: &[f64]| {
            let after = v.get(i + 1).unwrap_or(&v[i]);
            v[i] + (after - v[i]) * share
        };
        (between(&self.low), between(&self.high))
    }
}

/// The shape of largest depth of focus × exposure latitude; the first of equals.
pub(super) fn largest(shapes: &[WindowShape]) -> Option<WindowShape> {
    let size = |s: &WindowShape| s.depth_of_focus_nm * s.exposure_latitude;
    shapes.iter().copied().reduce(|a, b| if size(&b) > size(&a) { b } else { a })
}

/// The rectangle of largest latitude of each depth, by rising depth from a line of no depth.
pub(super) fn rectangles(samples: &Samples) -> Vec<WindowShape> {
    let n = samples.len();
    let mut best: Vec<Option<WindowShape>> = vec![None; n];
    for from in 0..n {
        let (mut low, mut high) = (0.0_f64, f64::INFINITY);
        for to in from..n {
            (low, high) = (low.max(samples.low[to]), high.min(samples.high[to]));
            if low >= high {
                break;
            }
            if (to - from) % SPAN == 0 {
                keep_better(&mut best[(to - from) / SPAN], samples.shape(from, to, low, high));
            }
        }
    }
    best.into_iter().map_while(|shape| shape).collect()
}

/// The ellipse of largest latitude of each depth, by rising depth.
pub(super) fn ellipses(samples: &Samples) -> Vec<WindowShape> {
    let n = samples.len();
    let stride = n.saturating_sub(1).div_ceil(ELLIPSE_SAMPLES).max(1);
    let mut best: Vec<Option<WindowShape>> = vec![None; n];
    for from in (0..n).step_by(stride) {
        for to in (from..n).step_by(SPAN * stride) {
            let Some((low, high)) = ellipse(samples, from, to) else { break };
            let shape = samples.shape(from, to, low, high);
            keep_better(&mut best[(to - from) / (SPAN * stride)], shape);
        }
    }
    best.into_iter().map_while(|shape| shape).collect()
}

fn keep_better(best: &mut Option<WindowShape>, shape: WindowShape) {
    if best.is_none_or(|b| shape.exposure_latitude > b.exposure_latitude) {
        *best = Some(shape);
    }
}

/// Lowest and highest dose of the tallest ellipse over some samples.
///
/// Its half height about a centre e is the least of (high − e)/sin θ and (e − low)/sin θ over the
/// angles θ of its outline. One falls with e and the other rises: the best centre is where they
/// meet. Angles are evenly spaced, for slim ellipses touch the window near their ends.
fn ellipse(samples: &Samples, from: usize, to: usize) -> Option<(f64, f64)> {
    let outline: Vec<(f64, f64, f64)> = (0..=ANGLES)
        .map(|i| {
            let (sin, cos) = (PI * i as f64 / ANGLES as f64).sin_cos();
            let (low, high) = samples.at(from as f64 + (1.0 - cos) / 2.0 * (to - from) as f64);
            (low, high, sin)
        })
        .collect();
    // The ends of the ellipse have no height, but its centre must be allowed there.
    let reach = |room: f64, sin: f64| {
        if sin > 1e-9 { room / sin } else { room * f64::INFINITY }
    };
    let room = |e: f64| {
        outline.iter().fold((f64::INFINITY, f64::INFINITY), |(above, below), (low, high, sin)| {
            (above.min(reach(high - e, *sin)), below.min(reach(e - low, *sin)))
        })
    };
    let mut a = outline.iter().fold(0.0, |a: f64, o| a.max(o.0));
    let mut b = outline.iter().fold(f64::INFINITY, |b: f64, o| b.min(o.1));
    if a >= b {
        return None;
    }
    for _ in 0..HALVINGS {
        let e = f64::midpoint(a, b);
        let (above, below) = room(e);
        if above > below { a = e } else { b = e }
    }
    let e = f64::midpoint(a, b);
    let (above, below) = room(e);
    let half = above.min(below);
    (half > 0.0).then_some((e - half, e + half))
}
