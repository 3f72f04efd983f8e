//! Where a target edge is cut into fragments.
//!
//! ```text
//! 0    corner          projection                     corner    length
//! |------|--run--|--run--|---run---|---run---|---run---|--------|
//! ```
//!
//! Boundaries stand at the corner length from either end and at the projections of what faces the
//! edge; what lies between is cut into equal pieces of about the run length.

use super::MaskError;
use super::fragment::{Fragment, FragmentKind, FragmentRules};

/// The rules in whole nm.
#[derive(Clone, Copy)]
pub(super) struct Lengths {
    /// At least the shortest piece.
    corner: i64,
    run: i64,
    whole_below: i64,
    /// Shortest piece of an edge that is cut.
    least: i64,
}

impl Lengths {
    pub fn new(rules: &FragmentRules) -> Result<Self, MaskError> {
        let whole = |name, value: f64, least: f64| {
            let nm = value.round();
            if nm >= least && nm.is_finite() {
                Ok(nm.min(f64::from(i32::MAX)) as i64)
            } else {
                Err(MaskError::BadRule { name, value })
            }
        };
        let least = whole("least_nm", rules.least_nm, 0.0)?.max(1);
        Ok(Self {
            corner: whole("corner_nm", rules.corner_nm, 1.0)?.max(least),
            run: whole("run_nm", rules.run_nm, 1.0)?,
            whole_below: whole("whole_below_nm", rules.whole_below_nm, 1.0)?,
            least,
        })
    }

    /// Appends the pieces of an edge, at most `room` of them; `ends` tells whether its corners are
    /// convex, `projected` where something that faces it ends (any order), as coordinates along it.
    /// Whether there was room.
    pub fn cut(
        self,
        edge: Fragment,
        ends: [bool; 2],
        projected: &[i32],
        room: usize,
        out: &mut Vec<Fragment>,
    ) -> bool {
        let anchors = self.anchors(&edge, projected);
        if anchors.is_empty() {
            let line_end = ends == [true, true];
            let kind = if line_end { FragmentKind::LineEnd } else { FragmentKind::ConcaveCorner };
            out.push(Fragment { kind, ..edge });
            return room > 0;
        }
        let length = edge.length();
        let stops: Vec<i64> =
            std::iter::once(0).chain(anchors.iter().copied()).chain([length]).collect();
        // The pieces beside the corners stay whole.
        let inner = 1..stops.len() - 2;
        let pieces =
            |k: usize| if inner.contains(&k) { self.pieces(stops[k + 1] - stops[k]) } else { 1 };
        let count = (0..stops.len() - 1).map(pieces).fold(0i64, i64::saturating_add);
        if count > room as i64 {
            return false;
        }
        let sign = i64::from((edge.to > edge.from) as i32 * 2 - 1);
        let place = |along: i64| (i64::from(edge.from) + sign * along) as i32;
        let first = out.len();
        for (k, stop) in stops.windows(2).enumerate() {
            let (from, span, count) = (stop[0], stop[1] - stop[0], pieces(k));
            for piece in 0..count {
                let at = |n: i64| place(from + span * n / count);
                out.push(Fragment { from: at(piece), to: at(piece + 1), ..edge });
            }
        }
        let corner = |convex| {
            if convex { FragmentKind::ConvexCorner } else { FragmentKind::ConcaveCorner }
        };
        let last = out.len() - 1;
        out[first].kind = corner(ends[0]);
        out[last].kind = corner(ends[1]);
        true
    }

    /// Boundaries that pieces of about the run length are fitted between, in order; none where the
    /// edge stays whole. No two, and no end, are closer than the least length: the boundaries of
    /// the corner fragments come first, then projections from the start of the edge on.
    fn anchors(self, edge: &Fragment, projected: &[i32]) -> Vec<i64> {
        let length = edge.length();
        let middle = length - 2 * self.corner;
        if length < self.whole_below || middle < 0 {
            return Vec::new();
        }
        let corners = [self.corner, length - self.corner];
        let mut kept: Vec<i64> = Vec::new();
        let far = |kept: &[i64], at: i64| {
            let apart = |other: i64| (at - other).abs() >= self.least;
            apart(0) && apart(length) && kept.iter().all(|&k| apart(k))
        };
        if middle > 0 && middle < self.least {
            // Too little is left between two corner fragments: they share it.
            kept.extend(Some(length / 2).filter(|&at| far(&[], at)));
        } else {
            for at in corners {
                if far(&kept, at) {
                    kept.push(at);
                }
            }
        }
        let mut along: Vec<i64> =
            projected.iter().map(|&p| (i64::from(p) - i64::from(edge.from)).abs()).collect();
        along.sort_unstable();
        for at in along {
            if far(&kept, at) {
                kept.push(at);
            }
        }
        kept.sort_unstable();
        kept
    }

    /// Pieces of about the run length in a stretch, none shorter than the least length.
    fn pieces(self, span: i64) -> i64 {
        ((span + self.run / 2) / self.run).min(span / self.least).max(1)
    }
}
