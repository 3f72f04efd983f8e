//! Rulers that snap to corners and edges.

use std::time::Duration;

use lithoscope_engine::layout::Bounds;

use super::LayoutView;
use super::pick::{edges, nearest, visit};

/// Time that snapping may take while the pointer moves.
const BUDGET: Duration = Duration::from_micros(700);

/// A measured distance, nm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ruler {
    /// From here.
    pub from: [f64; 2],
    /// To there.
    pub to: [f64; 2],
}

impl Ruler {
    /// Displacement along x and y, nm.
    pub fn delta(&self) -> [f64; 2] {
        [self.to[0] - self.from[0], self.to[1] - self.from[1]]
    }

    /// Length, nm.
    pub fn length(&self) -> f64 {
        let [dx, dy] = self.delta();
        dx.hypot(dy)
    }

    /// The ruler turned upright or level, whichever is nearer.
    pub fn straightened(self) -> Self {
        let [dx, dy] = self.delta();
        let to = if dx.abs() >= dy.abs() {
            [self.to[0], self.from[1]]
        } else {
            [self.from[0], self.to[1]]
        };
        Self { to, ..self }
    }
}

/// A place that something snapped to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snap {
    /// Where, nm.
    pub at: [f64; 2],
    /// Whether it is a corner; else it is on an edge, or nowhere in particular.
    pub corner: bool,
}

/// The corner nearest to a place (nm) within reach, else the nearest point of an edge, else the
/// place itself on whole database units.
pub fn snap(view: &LayoutView, at: [f64; 2], reach: f64) -> Snap {
    let unit = view.layout.unit_nm;
    let (p, reach) = (at.map(|v| v / unit), reach / unit);
    let window = Bounds { min: p, max: p }.grown(reach);
    let least = 2.0 * view.camera.nm_per_point / unit;
    let (mut corner, mut edge) = (Best::within(reach), Best::within(reach));
    visit(view, window, least, BUDGET, |picked, geometry| {
        let Some(inverse) = picked.map.inverse() else { return true };
        let here = inverse.apply(p);
        let (ring, _) = geometry.ring();
        for (a, b) in edges(&ring) {
            corner.take(p, picked.map.apply(a));
            edge.take(p, picked.map.apply(nearest(here, a, b)));
        }
        true
    });
    let place = |q: [f64; 2]| q.map(|v| v * unit);
    match (corner.at, edge.at) {
        (Some(q), _) => Snap { at: place(q), corner: true },
        (None, Some(q)) => Snap { at: place(q.map(f64::round)), corner: false },
        (None, None) => Snap { at: place(p.map(f64::round)), corner: false },
    }
}

/// The nearest of some places.
struct Best {
    at: Option<[f64; 2]>,
    distance: f64,
}

impl Best {
    fn within(distance: f64) -> Self {
        Self { at: None, distance }
    }

    fn take(&mut self, p: [f64; 2], q: [f64; 2]) {
        let distance = (q[0] - p[0]).hypot(q[1] - p[1]);
        if distance <= self.distance {
            (self.at, self.distance) = (Some(q), distance);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruler_knows_its_length_and_can_be_straightened() {
        let ruler = Ruler { from: [10.0, 10.0], to: [13.0, 14.0] };
        assert_eq!((ruler.delta(), ruler.length()), ([3.0, 4.0], 5.0));
        assert_eq!(ruler.straightened().to, [10.0, 14.0]);
        let flat = Ruler { to: [2.0, 9.0], ..ruler };
        assert_eq!(flat.straightened().to, [2.0, 10.0]);
    }
}
