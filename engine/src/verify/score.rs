//! The figures of a mask, exact at 1 nm, fast enough to take at every iteration.

use serde::{Deserialize, Serialize};

use super::topology::{PrintFault, Shapes};
use super::{Gauge, Metrics, PixelTarget, Topology, shots};
use crate::geometry::{Polygon, Rect};
use crate::imaging::{Bits, Imager, PrintPlan};

/// A shape that fails at a corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShapeFault {
    /// The corner: 0 is nominal, then the process corners in their order.
    pub corner: usize,
    /// How it fails.
    pub fault: PrintFault,
    /// A place in each shape it concerns (target shapes, or the printed one that is extra), (x, y)
    /// in clip nm.
    pub places_nm: Vec<[f64; 2]>,
}

/// Scores the masks of one target: which pixels print at each corner, against the target.
///
/// Equals [`super::score_images`] on full 1 nm images but for pixels whose intensity lies within
/// rounding of a threshold; only cells near a contour are evaluated.
pub struct Scorer {
    window: Rect,
    plan: PrintPlan,
    target: Bits,
    shapes: Shapes,
    gauges: Vec<[[usize; 2]; 2]>,
    /// What prints, focus by focus; the nominal corner is the first of the first.
    printed: Vec<Printed>,
}

/// What prints at the corners of one focus.
struct Printed {
    /// 0 is nominal, then the process corners in their order.
    corners: Vec<usize>,
    /// Intensities that print.
    levels: Vec<f32>,
    bits: Vec<Bits>,
}

impl Scorer {
    /// A scorer on the pixels of `target`, whose window should hold all that may print.
    pub fn new(imager: &Imager, target: &PixelTarget, gauges: &[Gauge]) -> Self {
        let window = target.window();
        let pixels = target.pixels();
        let (ny, nx) = pixels.dim();
        let wanted = Bits::from_fn(ny, nx, |y, x| pixels[[y, x]]);
        let index = |at: [f64; 2]| {
            [at[1] - f64::from(window.min.y), at[0] - f64::from(window.min.x)]
                .map(|v| v.floor().max(0.0) as usize)
        };
        let process = imager.process();
        let corners = process.corners();
        let printed = (0..process.sets().len()).map(|set| {
            let own = corners.iter().enumerate().filter(|(_, c)| c.set == set);
            let mut at: Vec<(usize, f32)> =
                own.map(|(i, c)| (i + 1, process.threshold / (c.dose * c.dose))).collect();
            if set == 0 {
                at.insert(0, (0, process.threshold));
            }
            let (corners, levels): (Vec<usize>, Vec<f32>) = at.into_iter().unzip();
            Printed { bits: vec![Bits::zeros(ny, nx); corners.len()], corners, levels }
        });
        Self {
            window,
            plan: imager.print_plan(window),
            shapes: Shapes::new(&wanted),
            target: wanted,
            gauges: gauges.iter().map(|g| [index(g.inner_nm), index(g.outer_nm)]).collect(),
            printed: printed.collect(),
        }
    }

    /// Intensities that print, focus by focus: the nominal corner first, then the process corners
    /// of each focus in their order.
    pub fn levels(&self) -> Vec<Vec<f32>> {
        self.printed.iter().map(|p| p.levels.clone()).collect()
    }

    /// Of each gauge: row and column of the pixel that should print, then of that which should not.
    pub fn gauge_pixels(&self) -> Vec<[u32; 4]> {
        let words = |[[y, x], [v, u]]: &[[usize; 2]; 2]| [y, x, v, u].map(|i| *i as u32);
        self.gauges.iter().map(words).collect()
    }

    /// Images a mask of disjoint polygons and scores it.
    pub fn score(&mut self, imager: &mut Imager, mask: &[Polygon]) -> Metrics {
        imager.set_mask(mask);
        self.print(imager);
        self.metrics(mask)
    }

    /// What the imager's present mask prints, and its figures without shots.
    pub(crate) fn score_held(&mut self, imager: &Imager) -> Metrics {
        self.print(imager);
        self.metrics(&[])
    }

    fn print(&mut self, imager: &Imager) {
        for (set, printed) in self.printed.iter_mut().enumerate() {
            self.plan.print(imager.exact_of(set), &printed.levels, &mut printed.bits);
        }
    }

    /// Scores a mask by what it prints: bits `[corner, y, words]` in the order of
    /// [`Scorer::levels`], 32 pixels to a word from the left, each row in words of its own.
    pub fn score_prints(&mut self, prints: &[u32], mask: &[Polygon]) -> Metrics {
        let (ny, nx) = self.target.shape();
        let words = (ny * nx.div_ceil(32)).max(1);
        let bits = self.printed.iter_mut().flat_map(|p| &mut p.bits);
        for (bits, words) in bits.zip(prints.chunks(words)) {
            *bits = Bits::from_words(ny, nx, words);
        }
        self.metrics(mask)
    }

    fn metrics(&self, mask: &[Polygon]) -> Metrics {
        let nominal = &self.printed[0].bits[0];
        let count = |violates: &dyn Fn(&[[usize; 2]; 2]) -> bool| {
            self.gauges.iter().filter(|g| violates(g)).count() as u32
        };
        let epe_inner = count(&|[inside, _]| !nominal.get(inside[0], inside[1]));
        let epe_outer = count(&|[_, outside]| nominal.get(outside[0], outside[1]));
        Metrics {
            l2_nm2: nominal.differing(&self.target),
            pvb_nm2: self.band(),
            epe_violations: epe_inner + epe_outer,
            epe_inner,
            epe_outer,
            shots: shots(mask),
        }
    }

    /// What printed at every corner, with the corner: focus by focus.
    fn printed(&self) -> impl Iterator<Item = (usize, &Bits)> {
        self.printed.iter().flat_map(|p| p.corners.iter().copied().zip(&p.bits))
    }

    /// Pixels that print at one process corner at least and not at all of them.
    fn band(&self) -> u64 {
        let mut corners = self.printed().filter(|(corner, _)| *corner > 0).map(|(_, bits)| bits);
        let (first, second) = (corners.next(), corners.next());
        let (Some(first), Some(second)) = (first, second) else { return 0 };
        let Some(third) = corners.next() else { return first.differing(second) };
        let (mut anywhere, mut everywhere) = (first.clone(), first.clone());
        for bits in [second, third].into_iter().chain(corners) {
            anywhere.unite(bits);
            everywhere.intersect(bits);
        }
        anywhere.differing(&everywhere)
    }

    /// Whether anything printed at any corner in a rectangle (clip nm) of the last scored mask.
    pub fn prints_in(&self, rect: Rect) -> bool {
        let index = |v: i32, min: i32| (i64::from(v) - i64::from(min)).max(0) as usize;
        let xs = index(rect.min.x, self.window.min.x)..index(rect.max.x, self.window.min.x);
        let mut ys = index(rect.min.y, self.window.min.y)..index(rect.max.y, self.window.min.y);
        let printed = |y: usize| self.printed().any(|(_, bits)| xs.clone().any(|x| bits.get(y, x)));
        ys.any(printed)
    }

    /// Every shape of the last scored mask that fails, corner by corner.
    pub fn faults(&self) -> Vec<ShapeFault> {
        let place = |[x, y]: [u32; 2]| {
            [
                f64::from(self.window.min.x) + f64::from(x) + 0.5,
                f64::from(self.window.min.y) + f64::from(y) + 0.5,
            ]
        };
        let faults = self.printed().flat_map(|(corner, bits)| {
            let faults = Shapes::new(bits).faults(&self.shapes).into_iter();
            faults.map(move |(fault, places)| (corner, fault, places))
        });
        faults
            .map(|(corner, fault, places)| {
                let places_nm = places.into_iter().map(place).collect();
                ShapeFault { corner, fault, places_nm }
            })
            .collect()
    }

    /// Printed shapes of the last scored mask against the target's: the worst over the corners.
    pub fn topology(&self) -> Topology {
        self.printed()
            .map(|(_, bits)| Shapes::new(bits).against(&self.shapes))
            .fold(Topology::default(), Topology::worst)
    }
}
