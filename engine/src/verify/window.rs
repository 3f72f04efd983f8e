//! Process windows: the doses that keep CDs within tolerance at each focus, and what fits there.

use serde::Serialize;

use super::curve::Curve;
use super::window_shapes::{Samples, ellipses, largest, rectangles};
use super::{FocusExposure, VerifyError};

/// Focus steps the window is looked at in.
const STEPS: usize = 400;

/// The doses that keep a CD, or all CDs, within tolerance at one focus.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WindowEdge {
    /// Focus, nm.
    pub focus_nm: f64,
    /// Least dose.
    pub low_dose: f64,
    /// Largest dose.
    pub high_dose: f64,
}

/// The window of one gauge.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GaugeWindow {
    /// The gauge's name.
    pub name: String,
    /// Dose limits by rising focus, where there are any.
    pub edges: Vec<WindowEdge>,
}

/// A rectangle or an ellipse of focus and dose inside a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WindowShape {
    /// Focus of its centre, nm.
    pub focus_nm: f64,
    /// Dose of its centre.
    pub dose: f64,
    /// Depth of focus: its whole width in focus, nm.
    pub depth_of_focus_nm: f64,
    /// Exposure latitude: its whole height in dose, as a share of the centre's dose.
    pub exposure_latitude: f64,
}

/// The process window that some gauges have in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProcessWindow {
    /// The window of each gauge.
    pub gauges: Vec<GaugeWindow>,
    /// The doses allowed by every gauge, by rising focus.
    pub edges: Vec<WindowEdge>,
    /// Whether the window reaches the first or last dose or focus of the matrix: it may be larger.
    pub reaches_the_end: bool,
    /// Exposure latitude (a share) of the best rectangle of each depth of focus, (nm, share).
    pub latitude_curve: Vec<(f64, f64)>,
    /// The same for ellipses.
    pub ellipse_curve: Vec<(f64, f64)>,
    /// The rectangle of largest depth of focus × exposure latitude; its centre is the best focus
    /// and dose. `None` where there is no window.
    pub rectangle: Option<WindowShape>,
    /// The ellipse of largest depth of focus × exposure latitude.
    pub ellipse: Option<WindowShape>,
}

impl ProcessWindow {
    /// The window in which every one of some gauges (by index) keeps its CD within its tolerance.
    ///
    /// Dose limits at a focus plane are where the CD, interpolated smoothly over the doses, leaves
    /// target·(1 ± tolerance); between planes they are interpolated alike. Where a gauge allows
    /// several ranges of dose, or of focus, the widest is taken.
    ///
    /// # Errors
    /// A matrix that is not one; no gauge, or one it does not have.
    pub fn of(matrix: &FocusExposure, gauges: &[usize]) -> Result<Self, VerifyError> {
        matrix.validate()?;
        if gauges.is_empty() {
            return Err(VerifyError::Matrix("a window needs at least one gauge".into()));
        }
        let mut windows = Vec::with_capacity(gauges.len());
        for &gauge in gauges {
            let Some(found) = matrix.gauges.get(gauge) else {
                let count = matrix.gauges.len();
                return Err(VerifyError::Matrix(format!(
                    "gauge {gauge} (counted from 0) was asked for; there are {count}"
                )));
            };
            windows.push(GaugeWindow { name: found.name.clone(), edges: limits(matrix, gauge) });
        }
        Ok(Self::common(matrix, windows))
    }

    /// What several windows have in common.
    fn common(matrix: &FocusExposure, gauges: Vec<GaugeWindow>) -> Self {
        let focus = places(&matrix.focuses_nm);
        let limits: Vec<_> = gauges.iter().map(|g| sampled(&g.edges, &focus)).collect();
        let overlap = |i: usize| {
            let all = limits.iter().map(|l| l[i]);
            let (low, high) = all.fold((0.0_f64, f64::INFINITY), |(low, high), limit| {
                let (l, h) = limit.unwrap_or((f64::INFINITY, 0.0));
                (low.max(l), high.min(h))
            });
            (low < high).then_some((low, high))
        };
        let edges: Vec<Option<(f64, f64)>> = (0..focus.len()).map(overlap).collect();
        let edges = longest_run(&focus, &edges);
        let samples = Samples::of(&edges);
        let (rectangles, ellipses) = (rectangles(&samples), ellipses(&samples));
        let curve = |shapes: &[WindowShape]| {
            shapes.iter().map(|s| (s.depth_of_focus_nm, s.exposure_latitude)).collect()
        };
        Self {
            reaches_the_end: reaches_the_end(matrix, &edges),
            latitude_curve: curve(&rectangles),
            ellipse_curve: curve(&ellipses),
            rectangle: largest(&rectangles),
            ellipse: largest(&ellipses),
            edges,
            gauges,
        }
    }

    /// The largest depth of focus (nm) whose rectangle has this exposure latitude (a share);
    /// `None` where none has.
    pub fn depth_of_focus_at(&self, exposure_latitude: f64) -> Option<f64> {
        let curve = &self.latitude_curve;
        let last = curve.iter().rposition(|(_, el)| *el >= exposure_latitude)?;
        let (depth, here) = curve[last];
        let Some(&(next_depth, next)) = curve.get(last + 1) else { return Some(depth) };
        Some(depth + (next_depth - depth) * (here - exposure_latitude) / (here - next))
    }

    /// The exposure latitude (a share) of the best rectangle of this depth of focus, nm; `None`
    /// where none is so deep.
    pub fn exposure_latitude_at(&self, depth_of_focus_nm: f64) -> Option<f64> {
        let (depths, latitudes): (Vec<f64>, Vec<f64>) = self.latitude_curve.iter().copied().unzip();
        let reach = depths.first()?..=depths.last()?;
        reach
            .contains(&&depth_of_focus_nm)
            .then(|| Curve::new(depths, latitudes).at(depth_of_focus_nm))
    }
}

/// Evenly spaced focuses from the first plane to the last; the one plane of a matrix without
/// focus.
fn places(focuses: &[f64]) -> Vec<f64> {
    match (focuses.first(), focuses.last()) {
        (Some(a), Some(b)) if a < b => {
            (0..=STEPS).map(|i| a + (b - a) * i as f64 / STEPS as f64).collect()
        }
        _ => focuses.to_vec(),
    }
}

/// Dose limits of one gauge at every plane that has any.
fn limits(matrix: &FocusExposure, gauge: usize) -> Vec<WindowEdge> {
    let (target, tolerance) = (matrix.gauges[gauge].target_nm, matrix.gauges[gauge].tolerance);
    let bounds = [target * (1.0 - tolerance), target * (1.0 + tolerance)];
    let at_plane = |(row, &focus_nm): (&Vec<Option<f64>>, &f64)| {
        let (low_dose, high_dose) = dose_range(&matrix.doses, row, bounds)?;
        Some(WindowEdge { focus_nm, low_dose, high_dose })
    };
    matrix.cds_nm[gauge].iter().zip(&matrix.focuses_nm).filter_map(at_plane).collect()
}

/// The widest range of dose with the CD between two bounds.
fn dose_range(doses: &[f64], cds: &[Option<f64>], bounds: [f64; 2]) -> Option<(f64, f64)> {
    let mut widest: Option<(f64, f64)> = None;
    let mut from = 0;
    while from < doses.len() {
        let printed = cds[from..].iter().map_while(|cd| *cd).collect::<Vec<f64>>();
        let to = from + printed.len();
        let curve = Curve::new(doses[from..to].to_vec(), printed);
        for (low, high) in ranges(&curve, &doses[from..to], bounds) {
            if widest.is_none_or(|(l, h)| high - low > h - l) {
                widest = Some((low, high));
            }
        }
        from = to + 1;
    }
    widest
}

/// Every range of dose in which a curve lies between two bounds.
fn ranges(curve: &Curve, doses: &[f64], bounds: [f64; 2]) -> Vec<(f64, f64)> {
    let mut stops = Vec::with_capacity(doses.len() + 2);
    for (i, dose) in doses.iter().enumerate() {
        stops.push(*dose);
        let mut roots: Vec<f64> = bounds.iter().filter_map(|b| curve.root_in_cell(i, *b)).collect();
        roots.sort_by(f64::total_cmp);
        stops.extend(roots);
    }
    let mut found: Vec<(f64, f64)> = Vec::new();
    for pair in stops.windows(2) {
        let (low, high) = (pair[0], pair[1]);
        let cd = curve.at(f64::midpoint(low, high));
        if cd < bounds[0] || cd > bounds[1] || low >= high {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.1 == low => last.1 = high,
            _ => found.push((low, high)),
        }
    }
    found
}

/// The dose limits of one gauge at any focus between its first and last plane.
fn sampled(edges: &[WindowEdge], focus: &[f64]) -> Vec<Option<(f64, f64)>> {
    let (Some(first), Some(last)) = (edges.first(), edges.last()) else {
        return vec![None; focus.len()];
    };
    let curve = |dose: fn(&WindowEdge) -> f64| {
        Curve::new(edges.iter().map(|e| e.focus_nm).collect(), edges.iter().map(dose).collect())
    };
    let (low, high) = (curve(|e| e.low_dose), curve(|e| e.high_dose));
    let reach = (last.focus_nm - first.focus_nm) * 1e-12;
    let inside = |f: f64| f >= first.focus_nm - reach && f <= last.focus_nm + reach;
    focus.iter().map(|&f| inside(f).then(|| (low.at(f), high.at(f)))).collect()
}

/// The longest run of focuses without a gap.
fn longest_run(focus: &[f64], limits: &[Option<(f64, f64)>]) -> Vec<WindowEdge> {
    let edge = |i: usize| {
        limits[i].map(|(low_dose, high_dose)| WindowEdge {
            focus_nm: focus[i],
            low_dose,
            high_dose,
        })
    };
    let mut longest = Vec::new();
    let mut from = 0;
    while from < focus.len() {
        let run: Vec<WindowEdge> = (from..focus.len()).map_while(edge).collect();
        from += run.len() + 1;
        if run.len() > longest.len() {
            longest = run;
        }
    }
    longest
}

/// Whether edges touch the ends of a matrix.
fn reaches_the_end(matrix: &FocusExposure, edges: &[WindowEdge]) -> bool {
    let at = |values: &[f64], v: f64| {
        values.first().is_some_and(|a| *a == v) || values.last().is_some_and(|b| *b == v)
    };
    edges.iter().any(|e| {
        at(&matrix.focuses_nm, e.focus_nm)
            || at(&matrix.doses, e.low_dose)
            || at(&matrix.doses, e.high_dose)
    })
}
