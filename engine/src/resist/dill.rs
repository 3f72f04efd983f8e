//! Exposure and bleaching of a film from the top, without reflection: Dill's equations, solved
//! exactly.
//!
//! With M the relative concentration of photoactive compound and I the intensity at depth z,
//! ∂M/∂t = −C·I·M, ∂I/∂z = −(A·M + B)·I (F. H. Dill et al., IEEE Trans. Electron Devices 22, 445,
//! 1975). In the exposure u = −ln M both become one equation in depth alone,
//!
//!   du/dz = −g(u)·u,  g(u) = A(1 − e^{−u})/u + B,  u(0) = C·dose·I,
//!
//! whose solution is z = ∫ du/(u·g(u)) from u(z) to u(0) (Herrick's integral). g runs from A + B
//! where nothing is bleached to B where all is. With A = 0 it is u(z) = u(0)·e^{−Bz}.

use serde::{Deserialize, Serialize};

use super::ResistError;
use super::error::require;
use super::parameter::Parameter;

/// Dill's exposure parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dill {
    /// A, absorption that exposure bleaches, 1/µm.
    pub a_per_um: f64,
    /// B, absorption that stays, 1/µm.
    pub b_per_um: f64,
    /// C, exposure rate, cm²/mJ.
    pub c_per_dose: f64,
}

/// nm in a µm.
const NM_PER_UM: f64 = 1000.0;

/// Nodes and weights of Gauss and Legendre's rule of five points on 0…1.
const GAUSS: [(f64, f64); 5] = [
    (0.046_910_077_030_668_0, 0.118_463_442_528_094_5),
    (0.230_765_344_947_158_5, 0.239_314_335_249_683_2),
    (0.5, 0.284_444_444_444_444_4),
    (0.769_234_655_052_841_5, 0.239_314_335_249_683_2),
    (0.953_089_922_969_332, 0.118_463_442_528_094_5),
];

/// Largest change of ln u in one solved step: keeps the quadrature at rounding error.
const LARGEST_STEP: f64 = 0.25;

/// Most steps for one stretch of film; a film of this optical thickness is black.
const MOST_STEPS: f64 = 4096.0;

/// The exposure at one depth below one point of the surface, followed downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposure {
    /// u at the surface: C·dose·I.
    surface: f64,
    /// ln(u/u(0)), 0 at the surface.
    ln_share: f64,
    /// −∂(ln u)/∂A, µm.
    in_a: f64,
    /// −∂(ln u)/∂B, µm.
    in_b: f64,
    /// g(u(z))/g(u(0)) = ∂(ln u(z))/∂(ln u(0)).
    slope: f64,
    /// g at this depth, 1/nm.
    g: f64,
}

/// (1 − e^{−u})/u, 1 at u = 0.
fn bleach(u: f64) -> f64 {
    if u.abs() < 1e-8 { 1.0 - 0.5 * u } else { -(-u).exp_m1() / u }
}

impl Dill {
    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// The first parameter out of its range, or a film that would amplify light (A + B < 0).
    pub fn validate(&self) -> Result<(), ResistError> {
        Parameter::APerUm.check(self.a_per_um)?;
        Parameter::BPerUm.check(self.b_per_um)?;
        Parameter::CPerDose.check(self.c_per_dose)?;
        let absorbs = self.a_per_um + self.b_per_um >= 0.0;
        require(absorbs, "a_per_um", self.a_per_um, "at least -b_per_um")
    }

    /// g(u), 1/nm: how fast the exposure falls with depth where it is u.
    fn fall(&self, u: f64) -> f64 {
        (self.a_per_um * bleach(u) + self.b_per_um) / NM_PER_UM
    }

    /// The exposure at the top of the film for an intensity and a dose (mJ/cm²).
    pub fn at_surface(&self, intensity: f64, dose: f64) -> Exposure {
        let surface = (self.c_per_dose * dose * intensity).max(0.0);
        let g = self.fall(surface);
        Exposure { surface, ln_share: 0.0, in_a: 0.0, in_b: 0.0, slope: 1.0, g }
    }

    /// The relative inhibitor concentration m at a depth (nm) for an intensity and a dose.
    pub fn inhibitor(&self, intensity: f64, dose: f64, depth_nm: f64) -> f64 {
        let mut exposure = self.at_surface(intensity, dose);
        exposure.descend(self, depth_nm);
        exposure.inhibitor()
    }
}

impl Exposure {
    /// u = −ln m at this depth.
    pub fn value(&self) -> f64 {
        self.surface * self.ln_share.exp()
    }

    /// m = e^{−u}: the share of photoactive compound left.
    pub fn inhibitor(&self) -> f64 {
        (-self.value()).exp()
    }

    /// ∂u/∂z, 1/nm.
    pub fn in_depth(&self) -> f64 {
        -self.g * self.value()
    }

    /// ∂u/∂(surface exposure C·dose·I).
    pub fn in_surface(&self) -> f64 {
        self.slope * self.ln_share.exp()
    }

    /// ∂u/∂A and ∂u/∂B, µm.
    pub fn in_absorption(&self) -> [f64; 2] {
        let u = self.value();
        [-u * self.in_a, -u * self.in_b]
    }

    /// Goes down by `height_nm` ≥ 0.
    pub fn descend(&mut self, dill: &Dill, height_nm: f64) {
        // g lies between B and A + B.
        let most = dill.b_per_um.max(dill.a_per_um + dill.b_per_um) / NM_PER_UM;
        let steps = (most * height_nm / LARGEST_STEP).ceil().clamp(1.0, MOST_STEPS);
        for _ in 0..steps as usize {
            self.step(dill, height_nm / steps);
        }
    }

    /// One step small enough for the quadrature.
    fn step(&mut self, dill: &Dill, height: f64) {
        let before = *self;
        self.ln_share = if dill.a_per_um == 0.0 {
            before.ln_share - before.g * height
        } else {
            before.solved(dill, height)
        };
        self.g = dill.fall(self.value());
        let surface = dill.fall(self.surface);
        let carried = if before.g > 0.0 { self.g / before.g } else { 1.0 };
        self.slope = if surface > 0.0 { self.g / surface } else { 1.0 };
        // −∂(ln u)/∂A = g(u)·∫ ∂g/∂A / g² dln u = g·∫ (∂g/∂A)/g dz, the same for B.
        let mut sums = [0.0; 2];
        for (at, weight) in GAUSS {
            let share = before.ln_share + at * (self.ln_share - before.ln_share);
            let u = self.surface * share.exp();
            let g = dill.fall(u);
            // Equal parts of ln u are parts dz = dln u/g of depth; where nothing falls, of depth.
            let ratio = if g > 0.0 && self.ln_share != before.ln_share {
                self.g * (before.ln_share - self.ln_share) / (g * g)
            } else {
                height
            };
            sums[0] += weight * ratio * bleach(u);
            sums[1] += weight * ratio;
        }
        self.in_a = carried * before.in_a + sums[0] / NM_PER_UM;
        self.in_b = carried * before.in_b + sums[1] / NM_PER_UM;
    }

    /// ln(u/u(0)) one `height` further down: Newton on Herrick's integral ∫ dln u/g = height.
    fn solved(&self, dill: &Dill, height: f64) -> f64 {
        let half = dill.fall(self.surface * (self.ln_share - 0.5 * self.g * height).exp());
        let mut end = self.ln_share - half * height;
        for _ in 0..8 {
            let integral: f64 = GAUSS
                .iter()
                .map(|(at, weight)| {
                    let share = self.ln_share + at * (end - self.ln_share);
                    weight / dill.fall(self.surface * share.exp())
                })
                .sum::<f64>()
                * (self.ln_share - end);
            let step = dill.fall(self.surface * end.exp()) * (integral - height);
            if !step.is_finite() {
                // Nothing absorbs here: u does not change.
                return self.ln_share;
            }
            end += step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESIST: Dill = Dill { a_per_um: 0.8, b_per_um: 0.05, c_per_dose: 0.02 };

    /// The slow twin: Dill's two equations stepped in time through a column of cells, the light
    /// followed through the cells above by the midpoint rule.
    fn marched(dill: &Dill, intensity: f64, dose: f64, thickness: f64, cells: usize) -> Vec<f64> {
        let dz = thickness / cells as f64;
        let rates = |m: &[f64]| -> Vec<f64> {
            let mut light = intensity;
            m.iter()
                .map(|&m| {
                    let through = (-(dill.a_per_um * m + dill.b_per_um) * dz / 2000.0).exp();
                    let middle = light * through;
                    light = middle * through;
                    -dill.c_per_dose * middle * m
                })
                .collect()
        };
        let steps = 400;
        let h = dose / f64::from(steps);
        let mut m = vec![1.0; cells];
        let moved = |m: &[f64], k: &[f64], h: f64| -> Vec<f64> {
            m.iter().zip(k).map(|(m, k)| m + h * k).collect()
        };
        for _ in 0..steps {
            let k1 = rates(&m);
            let k2 = rates(&moved(&m, &k1, h / 2.0));
            let k3 = rates(&moved(&m, &k2, h / 2.0));
            let k4 = rates(&moved(&m, &k3, h));
            for i in 0..cells {
                m[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        m
    }

    /// Largest difference of the exact solution from the marched one at the cells' middles.
    fn worst(dill: &Dill, marched_with: &Dill, cells: usize) -> f64 {
        let marched = marched(marched_with, 0.7, 150.0, 1000.0, cells);
        let dz = 1000.0 / cells as f64;
        let exact = |i: usize| dill.inhibitor(0.7, 150.0, (i as f64 + 0.5) * dz);
        (0..cells).map(|i| (exact(i) - marched[i]).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn bleaching_follows_dills_equations_marched_in_time() {
        // The marched column's error falls as the square of its cells: 7.5e-7 at 100.
        let (coarse, fine) = (worst(&RESIST, &RESIST, 100), worst(&RESIST, &RESIST, 400));
        println!("worst difference in m: {coarse:.2e} at 100 cells, {fine:.2e} at 400");
        assert!(fine < 1e-6 && coarse / fine > 12.0, "{coarse} {fine}");
        // Negative control: half a percent more absorption is seen.
        let other = Dill { a_per_um: 0.804, ..RESIST };
        assert!(worst(&other, &RESIST, 400) > 1e-4);
    }

    #[test]
    fn without_bleaching_exposure_falls_exponentially() {
        let dill = Dill { a_per_um: 0.0, b_per_um: 6.186, c_per_dose: 0.01 };
        for z in [0.0, 10.0, 75.0, 400.0] {
            let closed = (-0.01f64 * 200.0 * 0.3 * (-6.186e-3f64 * z).exp()).exp();
            assert!((dill.inhibitor(0.3, 200.0, z) - closed).abs() < 1e-14);
        }
        // The solved path joins the closed form as A goes to 0.
        let nearly = Dill { a_per_um: 1e-10, ..dill };
        assert!(
            (nearly.inhibitor(0.3, 200.0, 75.0) - dill.inhibitor(0.3, 200.0, 75.0)).abs() < 1e-11
        );
    }

    #[test]
    fn a_film_that_only_bleaches_lets_the_last_light_through() {
        // With B = 0, ln((e^u − 1)) falls linearly with depth: Dill's equations are then solved by
        // e^{u(z)} − 1 = (e^{u(0)} − 1)·e^{−Az}.
        let dill = Dill { a_per_um: 2.0, b_per_um: 0.0, c_per_dose: 0.01 };
        for (intensity, z) in [(0.1, 300.0), (1.0, 500.0), (1.0, 1500.0), (0.01, 20.0)] {
            let u0: f64 = 0.01 * 300.0 * intensity;
            let closed = (-((u0.exp_m1() * (-2e-3f64 * z).exp()).ln_1p())).exp();
            let m = dill.inhibitor(intensity, 300.0, z);
            assert!((m - closed).abs() < 1e-12, "{m} against {closed}");
        }
    }

    #[test]
    fn derivatives_of_exposure_are_those_of_finite_differences() {
        for dill in [
            RESIST,
            Dill { a_per_um: -0.3, b_per_um: 0.9, ..RESIST },
            Dill { a_per_um: 0.0, b_per_um: 2.0, ..RESIST },
        ] {
            for (intensity, depth) in [(0.02, 400.0), (0.3, 100.0), (0.9, 900.0)] {
                let at = |dill: &Dill, intensity: f64, depth: f64| {
                    let mut e = dill.at_surface(intensity, 150.0);
                    e.descend(dill, depth);
                    e
                };
                let e = at(&dill, intensity, depth);
                let h = 1e-5;
                let central = |f: &dyn Fn(f64) -> f64| (f(h) - f(-h)) / (2.0 * h);
                let u = |dill: &Dill, i: f64, z: f64| at(dill, i, z).value();
                let in_a = central(&|d| {
                    u(&Dill { a_per_um: dill.a_per_um + d, ..dill }, intensity, depth)
                });
                let in_b = central(&|d| {
                    u(&Dill { b_per_um: dill.b_per_um + d, ..dill }, intensity, depth)
                });
                let in_i = central(&|d| u(&dill, intensity + d, depth));
                let in_z = central(&|d| u(&dill, intensity, depth + d));
                let pairs = [
                    (e.in_absorption()[0], in_a),
                    (e.in_absorption()[1], in_b),
                    (e.in_surface() * dill.c_per_dose * 150.0, in_i),
                    (e.in_depth(), in_z),
                ];
                for (exact, finite) in pairs {
                    assert!(
                        (exact - finite).abs() < 1e-8 * finite.abs().max(1.0),
                        "{exact} {finite}"
                    );
                }
            }
        }
    }

    #[test]
    fn dark_and_blinding_exposures_stay_numbers() {
        for dill in [
            RESIST,
            Dill { a_per_um: -0.05, ..RESIST },
            Dill { a_per_um: 50.0, b_per_um: 0.0, ..RESIST },
        ] {
            for intensity in [0.0, 1e-300, 1e-12, 1e6, -1.0] {
                for depth in [0.0, 1.0, 1e5] {
                    let mut e = dill.at_surface(intensity, 150.0);
                    e.descend(&dill, depth);
                    let numbers = [e.value(), e.inhibitor(), e.in_depth(), e.in_surface()];
                    assert!(
                        numbers.iter().chain(&e.in_absorption()).all(|x| x.is_finite()),
                        "{dill:?} {intensity} {depth} {e:?}"
                    );
                }
            }
        }
    }
}
