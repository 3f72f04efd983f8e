//! The figures of a mask, exact at 1 nm, fast enough to take at every iteration.

use ndarray::Array2;

use super::{Gauge, Metrics, PixelTarget, Topology, VerifyError, shots, topology};
use crate::geometry::Polygon;
use crate::imaging::{Bits, Focus, Imager, PrintPlan};

/// Scores the masks of one target: which pixels print at each corner, against the target.
///
/// Equals [`super::score_images`] on full 1 nm images but for pixels whose intensity lies within
/// rounding of a threshold; only cells near a contour are evaluated.
pub struct Scorer {
    plan: PrintPlan,
    target: Bits,
    pixels: Array2<bool>,
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
        let pixels = target.pixels().to_owned();
        let (ny, nx) = pixels.dim();
        let index = |at: [f64; 2]| {
            [at[1] - f64::from(window.min.y), at[0] - f64::from(window.min.x)]
                .map(|v| v.floor().max(0.0) as usize)
        };
        Self {
            plan: imager.print_plan(window),
            target: Bits::from_fn(ny, nx, |y, x| pixels[[y, x]]),
            pixels,
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

    /// Printed shapes of the last scored mask against the target's: the worst over the corners.
    ///
    /// # Errors
    /// Never for a scorer's own images; typed because shapes are compared.
    pub fn topology(&self) -> Result<Topology, VerifyError> {
        let mut worst = Topology::default();
        for bits in self.focus.iter().chain(&self.defocus) {
            let printed = Array2::from_shape_fn(self.pixels.dim(), |(y, x)| bits.get(y, x));
            worst = worst.worst(topology(self.pixels.view(), printed.view())?);
        }
        Ok(worst)
    }
}
