//! The largest rectangles and ellipses inside a window of focus and dose.

use super::{WindowEdge, WindowShape};

/// Samples that ellipses are fitted to, at most.
const ELLIPSE_SAMPLES: usize = 100;
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

    /// Every n-th sample, so that few are left.
    fn thinned(&self, most: usize) -> Self {
        let every = self.len().saturating_sub(1).div_ceil(most).max(1);
        let take = |v: &[f64]| v.iter().copied().step_by(every).collect();
        Self {
            start_nm: self.start_nm,
            step_nm: self.step_nm * every as f64,
            low: take(&self.low),
            high: take(&self.high),
        }
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
            keep_better(&mut best[to - from], samples.shape(from, to, low, high));
        }
    }
    best.into_iter().map_while(|shape| shape).collect()
}

/// The ellipse of largest latitude of each depth, by rising depth.
pub(super) fn ellipses(samples: &Samples) -> Vec<WindowShape> {
    let samples = samples.thinned(ELLIPSE_SAMPLES);
    let n = samples.len();
    let mut best: Vec<Option<WindowShape>> = vec![None; n];
    for from in 0..n {
        for to in from..n {
            let Some((low, high)) = ellipse(&samples, from, to) else { break };
            keep_better(&mut best[to - from], samples.shape(from, to, low, high));
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
/// Its half height about a centre e is the least of (high − e)/w and (e − low)/w over the
/// samples, w = √(1 − u²) with u from −1 to 1 along its width. One falls with e and the other
/// rises: the best centre is where they meet.
fn ellipse(samples: &Samples, from: usize, to: usize) -> Option<(f64, f64)> {
    let width = (to - from) as f64;
    let shrink: Vec<f64> = (from..=to)
        .map(|i| {
            let u = if width > 0.0 { 2.0 * (i - from) as f64 / width - 1.0 } else { 0.0 };
            (1.0 - u * u).max(0.0).sqrt()
        })
        .collect();
    let room = |e: f64| {
        let mut room = (f64::INFINITY, f64::INFINITY);
        for (i, w) in (from..=to).zip(&shrink) {
            let (above, below) = (samples.high[i] - e, e - samples.low[i]);
            // The ends of the ellipse have no height, but its centre must be allowed there.
            let reach = |d: f64| {
                if *w > 1e-9 {
                    d / w
                } else if d >= 0.0 {
                    f64::INFINITY
                } else {
                    d
                }
            };
            room = (room.0.min(reach(above)), room.1.min(reach(below)));
        }
        room
    };
    let low = samples.low[from..=to].iter().copied().fold(0.0, f64::max);
    let high = samples.high[from..=to].iter().copied().fold(f64::INFINITY, f64::min);
    let (mut a, mut b) = (low, high);
    for _ in 0..HALVINGS {
        let e = f64::midpoint(a, b);
        let (above, below) = room(e);
        if above > below { a = e } else { b = e }
    }
    let e = f64::midpoint(a, b);
    let (above, below) = room(e);
    let half = above.min(below);
    (half > 0.0 && low < high).then_some((e - half, e + half))
}
