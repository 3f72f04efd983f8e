//! Layouts made up for timing: disjoint shapes spread evenly over a square.

/// What the shapes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shapes {
    /// L shapes of six edges.
    Manhattan,
    /// Rounded blobs of 24 edges.
    Curvilinear,
}

impl Shapes {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Manhattan => "Manhattan",
            Self::Curvilinear => "curvilinear",
        }
    }

    fn edges(self) -> usize {
        match self {
            Self::Manhattan => 6,
            Self::Curvilinear => 24,
        }
    }

    /// Counter-clockwise rings with about `edges` edges in all on a square of this side.
    pub fn rings(self, edges: usize, side: f64) -> Vec<Vec<[f64; 2]>> {
        let count = edges.div_ceil(self.edges()).max(1);
        let columns = (count as f64).sqrt().ceil() as usize;
        let cell = side / columns as f64;
        // Places off the grid of pixels, the same each time.
        let odd = |i: usize, k: u32| f64::from((i as u32).wrapping_mul(k) >> 20) / 4096.0;
        let shape = |i: usize| -> Vec<[f64; 2]> {
            let [x, y] = [i % columns, i / columns].map(|v| v as f64 * cell);
            let (u, v) = (odd(i, 2_654_435_761), odd(i, 2_246_822_519));
            match self {
                Self::Manhattan => {
                    let at = |a: f64, b: f64| [x + cell * a, y + cell * b];
                    let (w, h) = (0.35 + 0.2 * u, 0.35 + 0.2 * v);
                    vec![
                        at(0.1, 0.1),
                        at(0.9, 0.1),
                        at(0.9, 0.1 + 0.5 * h),
                        at(0.1 + 0.5 * w, 0.1 + 0.5 * h),
                        at(0.1 + 0.5 * w, 0.9),
                        at(0.1, 0.9),
                    ]
                }
                Self::Curvilinear => (0..24)
                    .map(|corner| {
                        let t = f64::from(corner) * std::f64::consts::TAU / 24.0;
                        let radius = cell * (0.33 + 0.08 * (3.0 * t + 6.0 * u).sin());
                        [
                            x + 0.5 * cell + radius * t.cos(),
                            y + 0.5 * cell + radius * (1.0 - 0.3 * v) * t.sin(),
                        ]
                    })
                    .collect(),
            }
        };
        (0..count).map(shape).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_have_the_edges_asked_for_and_stay_in_their_square() {
        for shapes in [Shapes::Manhattan, Shapes::Curvilinear] {
            let rings = shapes.rings(1000, 512.0);
            let edges: usize = rings.iter().map(Vec::len).sum();
            assert!((1000..1030).contains(&edges), "{edges}");
            let inside = |v: &[f64; 2]| v.iter().all(|c| (0.0..=512.0).contains(c));
            assert!(rings.iter().flatten().all(inside));
        }
    }
}
