//! Widths and angles of the walls in a cross-section.

use serde::{Deserialize, Serialize};

use super::Profile;

/// What a width is measured of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// Resist that stands.
    Line,
    /// A place it is gone from.
    Space,
}

/// A wall of resist at some height.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Edge {
    /// Distance along the cut, nm.
    pub at_nm: f64,
    /// Resist lies after it (true) or before it.
    pub rising: bool,
}

/// Heights between which a wall's angle is fitted, as shares of the height of the resist.
const FITTED: [f64; 2] = [0.2, 0.8];

/// Heights the fit uses.
const FIT_POINTS: usize = 25;

impl Profile {
    /// Walls at a height above the substrate, nm, in order along the cut. Where resist stands at
    /// either end of the cut there is no wall.
    pub fn edges_at(&self, height_nm: f64) -> Vec<Edge> {
        let row = self.row_at(height_nm);
        let crossing = |i: usize| {
            let (a, b) = (row[i], row[i + 1]);
            let here = (a > 0.0) != (b > 0.0);
            let at = self.x_nm[i] + f64::from(a / (a - b)) * (self.x_nm[i + 1] - self.x_nm[i]);
            here.then_some(Edge { at_nm: at, rising: b > 0.0 })
        };
        (0..row.len().saturating_sub(1)).filter_map(crossing).collect()
    }

    /// The outline's level along a height.
    fn row_at(&self, height_nm: f64) -> Vec<f32> {
        let (depths, levels) = self.levels();
        let depth = (self.thickness_nm - height_nm).clamp(0.0, self.thickness_nm);
        let upper = depths.partition_point(|d| *d < depth).clamp(1, depths.len() - 1);
        let (d0, d1) = (depths[upper - 1], depths[upper]);
        let share = if d1 > d0 { ((depth - d0) / (d1 - d0)) as f32 } else { 0.0 };
        let rows = levels.row(upper - 1).into_iter().zip(levels.row(upper));
        rows.map(|(a, b)| a + share * (b - a)).collect()
    }

    /// Width at a height of the line or space whose middle is nearest to `near_nm` along the cut;
    /// `None` where there is none with both walls in the cut.
    pub fn cd_at(&self, height_nm: f64, near_nm: f64, feature: Feature) -> Option<f64> {
        let edges = self.edges_at(height_nm);
        let opens = feature == Feature::Line;
        let spans = edges.windows(2).filter(|pair| pair[0].rising == opens);
        let middle = |pair: &[Edge]| f64::midpoint(pair[0].at_nm, pair[1].at_nm);
        let nearest = spans
            .min_by(|a, b| (middle(a) - near_nm).abs().total_cmp(&(middle(b) - near_nm).abs()))?;
        Some(nearest[1].at_nm - nearest[0].at_nm)
    }

    /// Height of the tallest resist in the cut, nm.
    pub fn height_nm(&self) -> f64 {
        let (depths, levels) = self.levels();
        let top = |i: usize| {
            let column = levels.column(i);
            let row = column.iter().position(|level| *level > 0.0)?;
            let (a, b) = (f64::from(column[row - 1]), f64::from(column[row]));
            Some(depths[row - 1] + a / (a - b) * (depths[row] - depths[row - 1]))
        };
        let depth = (0..self.x_nm.len()).filter_map(top).fold(self.thickness_nm, f64::min);
        self.thickness_nm - depth
    }

    /// Angle of the wall nearest to `near_nm` at half the height of the resist, degrees: 90 stands
    /// upright, less widens towards the substrate, more hangs over. A straight line fitted between
    /// a fifth and four fifths of the height; `None` without a wall.
    pub fn sidewall_angle_deg(&self, near_nm: f64) -> Option<f64> {
        let top = self.height_nm();
        let middle = nearest(&self.edges_at(0.5 * top), near_nm, None)?;
        let heights = (0..FIT_POINTS).map(|i| {
            let share = i as f64 / (FIT_POINTS - 1) as f64;
            top * (FITTED[0] + share * (FITTED[1] - FITTED[0]))
        });
        let points: Vec<[f64; 2]> = heights
            .filter_map(|height| {
                let edge = nearest(&self.edges_at(height), middle.at_nm, Some(middle.rising))?;
                Some([height, edge.at_nm])
            })
            .collect();
        let lean = slope(&points)?;
        let towards = if middle.rising { lean } else { -lean };
        Some(1f64.atan2(towards).to_degrees())
    }
}

/// The edge nearest to a place, of one kind if asked.
fn nearest(edges: &[Edge], at_nm: f64, rising: Option<bool>) -> Option<Edge> {
    let fits = edges.iter().filter(|edge| rising.is_none_or(|rising| edge.rising == rising));
    fits.copied().min_by(|a, b| (a.at_nm - at_nm).abs().total_cmp(&(b.at_nm - at_nm).abs()))
}

/// Slope of the straight line of least squares through (u, v).
fn slope(points: &[[f64; 2]]) -> Option<f64> {
    let count = points.len() as f64;
    let mean = [0, 1].map(|k| points.iter().map(|p| p[k]).sum::<f64>() / count);
    let (mut uu, mut uv) = (0.0, 0.0);
    for [u, v] in points {
        uu += (u - mean[0]).powi(2);
        uv += (u - mean[0]) * (v - mean[1]);
    }
    (uu > 0.0).then(|| uv / uu)
}
