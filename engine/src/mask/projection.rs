//! Projections: where the corners of what faces an edge lie along it.
//!
//! ```text
//!         ┌────┐  the end of a line, within reach
//!         └────┘
//!         ↓    ↓
//! ────────|────|──────── the edge that it faces is cut at both
//! ```

use super::fragment::Fragment;
use super::near::{Extent, near_pairs};

/// For each whole edge, coordinates along it at which an edge that faces it through the outside
/// within `reach` nm ends, strictly inside it; those that a nearer edge shadows are left out. In
/// order, each once. About O(n log n + pairs).
pub(super) fn projections(edges: &[Fragment], reach: f64) -> Vec<Vec<i32>> {
    let mut facing: Vec<Vec<(i64, usize)>> = vec![Vec::new(); edges.len()];
    let boxes: Vec<Extent> = edges
        .iter()
        .map(|e| {
            let [lo, hi] = span(e).map(f64::from);
            let at = f64::from(e.base);
            Extent { along: [lo, hi], at: [at - reach / 2.0, at + reach / 2.0] }
        })
        .collect();
    for axis in [super::Axis::Horizontal, super::Axis::Vertical] {
        let ids: Vec<usize> = (0..edges.len()).filter(|&i| edges[i].axis == axis).collect();
        let own: Vec<Extent> = ids.iter().map(|&i| boxes[i]).collect();
        near_pairs(&own, |i, j| {
            let (i, j) = (ids[i], ids[j]);
            if let Some(gap) = gap(&edges[i], &edges[j]).filter(|&gap| gap as f64 <= reach) {
                facing[i].push((gap, j));
                facing[j].push((gap, i));
            }
        });
    }
    edges.iter().zip(facing).map(|(edge, facing)| seen(edge, facing, edges)).collect()
}

/// The ends of the edges that face an edge, as far as they are seen from it.
fn seen(edge: &Fragment, mut facing: Vec<(i64, usize)>, edges: &[Fragment]) -> Vec<i32> {
    facing.sort_unstable();
    let [lo, hi] = span(edge);
    let mut found: Vec<i32> = Vec::new();
    for &(gap, other) in &facing {
        for end in span(&edges[other]) {
            let nearer = facing.iter().take_while(|(before, _)| *before < gap);
            let shadowed = nearer.map(|&(_, k)| span(&edges[k])).any(|[a, b]| a < end && end < b);
            if lo < end && end < hi && !shadowed {
                found.push(end);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The distance at which two parallel edges face each other through the outside; `None` where they
/// do not.
fn gap(a: &Fragment, b: &Fragment) -> Option<i64> {
    let (plus, minus) = if a.outward > 0 { (a, b) } else { (b, a) };
    let gap = i64::from(minus.base) - i64::from(plus.base);
    let ([a0, a1], [b0, b1]) = (span(a), span(b));
    (a.outward != b.outward && gap > 0 && a0.max(b0) < a1.min(b1)).then_some(gap)
}

fn span(e: &Fragment) -> [i32; 2] {
    [e.from.min(e.to), e.from.max(e.to)]
}
