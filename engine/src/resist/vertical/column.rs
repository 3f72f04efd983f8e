//! One column of resist developed from the top, with derivatives carried along.
//!
//! The derivatives are those of the layered sums themselves, not of the integral they stand for, so
//! that they agree with finite differences of the depth to rounding.

use super::{Depth, LayerRule, VerticalResist};
use crate::resist::dill::Exposure;
use crate::resist::parameter::{PARAMETER_COUNT, Parameter};

/// Slowest rate, nm/s: keeps times finite where a rate law reaches 0. In 10⁵ s it moves 10⁻⁴ nm.
const SLOWEST: f64 = 1e-9;

/// Derivatives in intensity (first) and in every parameter.
const WIDTH: usize = PARAMETER_COUNT + 1;

/// A number with its derivatives.
#[derive(Clone, Copy)]
struct Dual {
    value: f64,
    parts: [f64; WIDTH],
}

impl Dual {
    fn constant(value: f64) -> Self {
        Self { value, parts: [0.0; WIDTH] }
    }

    /// `value` whose only dependence is ∂value/∂parameter = `slope`.
    fn of(value: f64, parameter: Parameter, slope: f64) -> Self {
        let mut dual = Self::constant(value);
        dual.parts[1 + parameter as usize] = slope;
        dual
    }

    /// Adds `factor`·other's derivatives.
    fn add_parts(&mut self, other: &Self, factor: f64) {
        for (mine, theirs) in self.parts.iter_mut().zip(&other.parts) {
            *mine += factor * theirs;
        }
    }
}

/// Depths of one resist, column by column.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    resist: &'a VerticalResist,
}

impl<'a> Column<'a> {
    /// Columns of this resist.
    pub fn new(resist: &'a VerticalResist) -> Self {
        Self { resist }
    }

    /// The depth development would reach if the film went on below its bottom with the rate it has
    /// there: smooth through the thickness, which is what tables want.
    pub fn depth(&self, intensity: f64) -> Depth {
        let intensity = intensity.max(0.0);
        let reached = match self.resist.layer_rule {
            LayerRule::Continuous => self.continuous(intensity),
            LayerRule::Stepped => self.stepped(intensity),
        };
        let mut gradient = [0.0; PARAMETER_COUNT];
        gradient.copy_from_slice(&reached.parts[1..]);
        Depth { nm: reached.value, slope: reached.parts[0], gradient }
    }

    /// The rate under an intensity where the exposure is `exposure`, `share` of the thickness deep.
    fn rate(&self, intensity: f64, exposure: &Exposure, share: f64) -> Dual {
        let VerticalResist { dill, tone, rate: law, dose, .. } = self.resist;
        let m = exposure.inhibitor();
        let rate = law.rate(tone.inhibitor(m));
        if rate.nm_s <= SLOWEST {
            return Dual::constant(SLOWEST);
        }
        let mut dual = Dual::constant(rate.nm_s);
        // dm = −m du; the tone's sign is d(inhibitor)/dm.
        let in_u = -m * tone.sign() * rate.in_m;
        let in_surface = in_u * exposure.in_surface();
        let [in_a, in_b] = exposure.in_absorption();
        // The exposure of the surface is C·dose·I.
        dual.parts[0] = in_surface * dill.c_per_dose * dose;
        let mut put = |parameter: Parameter, slope: f64| {
            dual.parts[1 + parameter as usize] = slope;
        };
        put(Parameter::CPerDose, in_surface * dose * intensity);
        put(Parameter::Dose, in_surface * dill.c_per_dose * intensity);
        put(Parameter::APerUm, in_u * in_a);
        put(Parameter::BPerUm, in_u * in_b);
        put(Parameter::ThicknessNm, in_u * exposure.in_depth() * share);
        for (&parameter, &slope) in law.parameters().iter().zip(&rate.in_parameters) {
            put(parameter, slope);
        }
        dual
    }

    /// The time there is, which runs down layer by layer.
    fn time(&self) -> Dual {
        Dual::of(self.resist.develop_s, Parameter::DevelopS, 1.0)
    }

    /// Layers of one rate each.
    fn stepped(&self, intensity: f64) -> Dual {
        let VerticalResist { dill, thickness_nm, layers, dose, .. } = self.resist;
        let mut exposure = dill.at_surface(intensity, *dose);
        let (height, per_layer) = (thickness_nm / *layers as f64, 1.0 / *layers as f64);
        let last = layers - 1;
        let spacing = thickness_nm / last as f64;
        let mut time = self.time();
        for k in 0..*layers {
            let rate = self.rate(intensity, &exposure, k as f64 / last as f64);
            let reach = rate.value * time.value;
            if reach <= height || k == last {
                let mut depth = Dual::of(
                    k as f64 * height + reach,
                    Parameter::ThicknessNm,
                    k as f64 * per_layer,
                );
                depth.add_parts(&rate, time.value);
                depth.add_parts(&time, rate.value);
                return depth;
            }
            time.value -= height / rate.value;
            time.add_parts(&rate, height / (rate.value * rate.value));
            time.parts[1 + Parameter::ThicknessNm as usize] -= per_layer / rate.value;
            exposure.descend(dill, spacing);
        }
        Dual::constant(*thickness_nm)
    }

    /// 1/R linear between the layers' borders.
    fn continuous(&self, intensity: f64) -> Dual {
        let VerticalResist { dill, thickness_nm, layers, dose, .. } = self.resist;
        let mut exposure = dill.at_surface(intensity, *dose);
        let (height, per_layer) = (thickness_nm / *layers as f64, 1.0 / *layers as f64);
        let mut time = self.time();
        let mut top = slowness(&self.rate(intensity, &exposure, 0.0));
        for k in 0..*layers {
            exposure.descend(dill, height);
            let bottom = slowness(&self.rate(intensity, &exposure, (k + 1) as f64 * per_layer));
            let needed = 0.5 * height * (top.value + bottom.value);
            if needed >= time.value {
                let mut depth = entered(&top, &bottom, &time, height, per_layer);
                depth.value += k as f64 * height;
                depth.parts[1 + Parameter::ThicknessNm as usize] += k as f64 * per_layer;
                return depth;
            }
            time.value -= needed;
            time.add_parts(&top, -0.5 * height);
            time.add_parts(&bottom, -0.5 * height);
            time.parts[1 + Parameter::ThicknessNm as usize] -= needed / thickness_nm;
            top = bottom;
        }
        // Through: on below the film at the bottom's rate.
        let rate = 1.0 / top.value;
        let mut depth = Dual::of(thickness_nm + rate * time.value, Parameter::ThicknessNm, 1.0);
        depth.add_parts(&time, rate);
        depth.add_parts(&top, -time.value * rate * rate);
        depth
    }
}

/// 1/R.
fn slowness(rate: &Dual) -> Dual {
    let mut slowness = Dual::constant(1.0 / rate.value);
    slowness.add_parts(rate, -slowness.value * slowness.value);
    slowness
}

/// How far development gets into a layer whose slowness runs linearly from `top` to `bottom`: the
/// root x of top·x + (bottom − top)·x²/(2·height) = time.
fn entered(top: &Dual, bottom: &Dual, time: &Dual, height: f64, per_layer: f64) -> Dual {
    let (s, rise) = (top.value, bottom.value - top.value);
    let root = (s * s + 2.0 * time.value * rise / height).max(0.0).sqrt();
    let x = (2.0 * time.value / (s + root)).min(height);
    // The slowness where development stops is the derivative of the time in x.
    let here = (s + rise * x / height).max(f64::MIN_POSITIVE);
    let quadratic = 0.5 * x * x / height;
    let mut depth = Dual::constant(x);
    depth.add_parts(time, 1.0 / here);
    depth.add_parts(top, -(x - quadratic) / here);
    depth.add_parts(bottom, -quadratic / here);
    depth.parts[1 + Parameter::ThicknessNm as usize] +=
        rise * quadratic / height * per_layer / here;
    depth
}
