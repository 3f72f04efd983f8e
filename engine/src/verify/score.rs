//! The figures of a mask, exact at 1 nm, fast enough to take at every iteration.

use serde::{Deserialize, Serialize};

use super::topology::{PrintFault, Shapes};
use super::{Gauge, Metrics, PixelTarget, Topology, shots};
use crate::geometry::{Polygon, Rect};
use crate::imaging::{Bits, Focus, Imager, PrintPlan};

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
    /// Printed at the nominal and the outer corner.
    focus: [Bits; 2],
    /// Printed at the inner corner.
    defocus: [Bits; 1],
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
        Self {
            window,
            plan: imager.print_plan(window),
            shapes: Shapes::new(&wanted),
            target: wanted,
            gauges: gauges.iter().map(|g| [index(g.inner_nm), index(g.outer_nm)]).collect(),
            focus: [Bits::zeros(ny, nx), Bits::zeros(ny, nx)],
            defocus: [Bits::zeros(ny, nx)],
        }
    }

    /// Images a mask of disjoint polygons and scores it.
    pub fn score(&mut self, imager: &mut Imager, mask: &[Polygon]) -> Metrics {
        imager.set_mask(mask);
        let process = imager.process();
        let [outer, inner] = [process.outer_dose, process.inner_dose].map(|d| d * d);
        let t = process.threshold;
        self.plan.print(imager.exact(Focus::Nominal), &[t, t / outer], &mut self.focus);
        self.plan.print(imager.exact(Focus::Defocus), &[t / inner], &mut self.defocus);
        let [nominal, outer] = &self.focus;
        let count = |violates: &dyn Fn(&[[usize; 2]; 2]) -> bool| {
            self.gauges.iter().filter(|g| violates(g)).count() as u32
        };
        let epe_inner = count(&|[inside, _]| !nominal.get(inside[0], inside[1]));
        let epe_outer = count(&|[_, outside]| nominal.get(outside[0], outside[1]));
        Metrics {
            l2_nm2: nominal.differing(&self.target),
            pvb_nm2: outer.differing(&self.defocus[0]),
            epe_violations: epe_inner + epe_outer,
            epe_inner,
            epe_outer,
            shots: shots(mask),
        }
    }

    /// Whether anything printed at any corner in a rectangle (clip nm) of the last scored mask.
    pub fn prints_in(&self, rect: Rect) -> bool {
        let index = |v: i32, min: i32| (i64::from(v) - i64::from(min)).max(0) as usize;
        let xs = index(rect.min.x, self.window.min.x)..index(rect.max.x, self.window.min.x);
        let mut ys = index(rect.min.y, self.window.min.y)..index(rect.max.y, self.window.min.y);
        let printed = |y: usize| {
            let mut corners = self.focus.iter().chain(&self.defocus);
            corners.any(|bits| xs.clone().any(|x| bits.get(y, x)))
        };
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
        let printed = self.focus.iter().chain(&self.defocus).enumerate();
        let faults = printed.flat_map(|(corner, bits)| {
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
        let printed = self.focus.iter().chain(&self.defocus);
        printed
            .map(|bits| Shapes::new(bits).against(&self.shapes))
            .fold(Topology::default(), Topology::worst)
    }
}
