//! Light along a cut line: where it prints, how steep its edges are, and what mask and target lie
//! there.

use std::sync::Arc;

use lithoscope_engine::geometry::{Point, Polygon};
use lithoscope_engine::imaging::{CutLine, CutProfile, EdgeQuality, Imager, contrast};
use lithoscope_engine::resist::ResistModel;

use super::level::Level;
use crate::worker::lens::Lens;
use crate::worker::{Conditions, Failure, stages};

/// Samples of a profile at most; longer lines have longer steps.
const MOST_SAMPLES: f64 = 2000.0;
/// Finest step, nm.
const FINEST_NM: f64 = 0.5;

/// What was found along a cut line.
#[derive(Clone, Debug)]
pub struct CutFinding {
    /// The line.
    pub line: CutLine,
    /// The iteration whose mask it was.
    pub iteration: usize,
    /// What the mask was imaged under.
    pub conditions: Arc<Conditions>,
    /// Intensity at best focus, dose 1.
    pub best: CutProfile,
    /// Intensity at the shown focus, dose 1; `None` where that is best focus.
    pub shown: Option<CutProfile>,
    /// Intensity at dose 1 that prints just so.
    pub level: Level,
    /// Every edge of what prints, in order.
    pub edges: Vec<EdgeQuality>,
    /// Contrast at the shown focus.
    pub contrast: f64,
    /// Intervals that print, nm along the line.
    pub printed: Vec<[f64; 2]>,
    /// Intervals of the mask's features.
    pub mask: Vec<[f64; 2]>,
    /// Intervals of the target.
    pub target: Vec<[f64; 2]>,
}

impl CutFinding {
    /// Intensity at the shown focus, dose 1.
    pub fn profile(&self) -> &CutProfile {
        self.shown.as_ref().unwrap_or(&self.best)
    }
}

/// What is cut, beside the light.
pub struct Subject<'a> {
    pub line: CutLine,
    pub iteration: usize,
    pub conditions: Arc<Conditions>,
    pub mask: &'a [Polygon],
    pub target: &'a [Polygon],
    /// The resist at dose 1.
    pub model: ResistModel,
}

/// Cuts the light of the current mask.
///
/// # Errors
/// A line that is no line on the optics' field, or a resist that prints at no level.
pub fn make(imager: &Imager, lens: &Lens, subject: Subject<'_>) -> Result<CutFinding, Failure> {
    let line = subject.line;
    let defocus_nm = subject.conditions.defocus_nm;
    let step = step_nm(line.length_nm());
    let cut = |defocus_nm: f64| {
        let profile = lens.light(imager, defocus_nm).cut(&line, step);
        profile.map_err(|e| stages::failure("Could not read the cut line".to_owned(), &e))
    };
    let best = cut(0.0)?;
    let shown = (defocus_nm != 0.0).then(|| cut(defocus_nm)).transpose()?;
    let profile = shown.as_ref().unwrap_or(&best);
    let light = lens.light(imager, defocus_nm);
    let level = Level::of(&subject.model, &light, &line, profile)?;
    let edges = level.edges(profile);
    Ok(CutFinding {
        line,
        iteration: subject.iteration,
        conditions: subject.conditions,
        contrast: contrast(profile),
        printed: printed(profile, &edges, &level),
        level,
        edges,
        mask: covered(&line, subject.mask),
        target: covered(&line, subject.target),
        best,
        shown,
    })
}

/// Distance of samples on a line, nm.
pub fn step_nm(length_nm: f64) -> f64 {
    (length_nm / MOST_SAMPLES).max(FINEST_NM)
}

/// Intervals above the level, nm along the line; those that go on beyond its ends stop there.
fn printed(profile: &CutProfile, edges: &[EdgeQuality], level: &Level) -> Vec<[f64; 2]> {
    let end = profile.step_nm * profile.intensity.len().saturating_sub(1) as f64;
    let above = profile.intensity.first().is_some_and(|i| *i > level.at(0.0));
    let inside = edges.first().map_or(above, |edge| !edge.rising);
    let mut open = inside.then_some(0.0);
    let mut found = Vec::new();
    for edge in edges {
        if edge.rising {
            open = Some(edge.at_nm);
        } else if let Some(from) = open.take() {
            found.push([from, edge.at_nm]);
        }
    }
    found.extend(open.map(|from| [from, end]));
    found
}

/// Intervals of a line that lie in polygons, nm along it.
fn covered(line: &CutLine, polygons: &[Polygon]) -> Vec<[f64; 2]> {
    let length = line.length_nm();
    if length == 0.0 {
        return Vec::new();
    }
    let along = [0, 1].map(|i| (line.to_nm[i] - line.from_nm[i]) / length);
    // Distance along the line and to its left.
    let place = |p: &Point| {
        let [x, y] = [f64::from(p.x) - line.from_nm[0], f64::from(p.y) - line.from_nm[1]];
        [x * along[0] + y * along[1], y * along[0] - x * along[1]]
    };
    let mut crossings: Vec<f64> = Vec::new();
    for ring in polygons.iter().flat_map(Polygon::rings) {
        for (i, a) in ring.iter().enumerate() {
            let ([ta, ha], [tb, hb]) = (place(a), place(&ring[(i + 1) % ring.len()]));
            if (ha >= 0.0) != (hb >= 0.0) {
                crossings.push(ta + (tb - ta) * ha / (ha - hb));
            }
        }
    }
    crossings.sort_by(f64::total_cmp);
    let clamped =
        crossings.chunks_exact(2).map(|c| [c[0].clamp(0.0, length), c[1].clamp(0.0, length)]);
    // Polygons that touch are one.
    let mut found: Vec<[f64; 2]> = Vec::new();
    for [from, to] in clamped.filter(|[from, to]| to > from) {
        match found.last_mut() {
            Some(last) if from <= last[1] => last[1] = last[1].max(to),
            _ => found.push([from, to]),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: i32, y: i32, side: i32) -> Polygon {
        let at = |dx, dy| Point { x: x + dx, y: y + dy };
        Polygon { outer: vec![at(0, 0), at(side, 0), at(side, side), at(0, side)], holes: vec![] }
    }

    #[test]
    fn a_line_is_covered_where_it_runs_in_polygons_and_not_in_their_holes() {
        let mut ring = square(0, 0, 100);
        let mut hole = square(30, 30, 40).outer;
        hole.reverse();
        ring.holes.push(hole);
        let line = CutLine { from_nm: [-50.0, 50.0], to_nm: [250.0, 50.0] };
        let found = covered(&line, &[ring.clone(), square(200, 0, 100)]);
        assert_eq!(found, [[50.0, 80.0], [120.0, 150.0], [250.0, 300.0]]);
        let beside = CutLine { from_nm: [-50.0, 150.0], to_nm: [250.0, 150.0] };
        assert!(covered(&beside, &[ring]).is_empty());
    }

    #[test]
    fn a_line_through_corners_counts_each_once() {
        let line = CutLine { from_nm: [-10.0, -10.0], to_nm: [110.0, 110.0] };
        let found = covered(&line, &[square(0, 0, 100)]);
        let root = std::f64::consts::SQRT_2;
        assert_eq!(found.len(), 1);
        assert!(
            (found[0][0] - 10.0 * root).abs() < 1e-9 && (found[0][1] - 110.0 * root).abs() < 1e-9
        );
    }

    #[test]
    fn squares_that_touch_are_one_interval() {
        let line = CutLine { from_nm: [0.0, 5.0], to_nm: [40.0, 5.0] };
        assert_eq!(covered(&line, &[square(10, 0, 10), square(20, 0, 10)]), [[10.0, 30.0]]);
    }

    #[test]
    fn samples_are_bounded_whatever_the_length() {
        assert_eq!(step_nm(100.0), FINEST_NM);
        assert_eq!(step_nm(8000.0), 4.0);
    }
}
