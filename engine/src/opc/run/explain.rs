//! Why a mask is as it is: what moves a fragment, what holds it, what moves a gauge, and where the
//! loss asks for light.

use ndarray::Array2;

use super::super::assists::{self, Standing};
use super::super::evaluate::{Terms, edge};
use super::{FragmentGradient, OpcRun, blend};
use crate::imaging::{Focus, Grid};
use crate::mask::{Axis, Fragment, FragmentKind, Held, MovedEdges};
use crate::opc::Corner;
use crate::verify::{Gauge, GaugeReading, read};

/// Room within which a rule counts as what holds a fragment, nm: the keeper parts edges by a
/// little more than needed.
const TIGHT_NM: f64 = 0.1;
/// Half the step that the slope of the image at a contour is taken over, nm: images are smooth on
/// the scale of tens of nm, so that this is exact to about 1e-4.
const SLOPE_NM: f64 = 1.0;

/// A gauge and what it reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeReport {
    /// Index among the run's gauges; `None` for a control point made for the occasion.
    pub gauge: Option<usize>,
    /// What it reads.
    pub reading: GaugeReading,
}

/// Part of a fragment's gradient that comes from one process corner.
#[derive(Clone, Debug, PartialEq)]
pub struct CornerShare {
    /// What the corner is called: by its dose and defocus where corners are a list.
    pub corner: String,
    /// Gradient, nm² a nm.
    pub gradient: f64,
}

/// Where a fragment stood at one iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The iteration.
    pub iteration: usize,
    /// Its offset, nm.
    pub offset_nm: i16,
}

/// Why a fragment stands where it does at an iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct FragmentExplanation {
    /// The iteration.
    pub iteration: usize,
    /// The fragment, by index among those of the iteration.
    pub fragment: usize,
    /// Whole-nm offset, outward.
    pub offset_nm: i16,
    /// Placement error at the gauges on its target edge, or at its middle where there is none;
    /// empty for sides of SRAFs, which should not print.
    pub gauges: Vec<GaugeReport>,
    /// Gradient of the loss by term, nm² a nm: positive where outward moves add loss.
    pub by_term: FragmentGradient,
    /// The same gradient by process corner.
    pub by_corner: Vec<CornerShare>,
    /// Move that the optimiser wants to make from here, nm outward; `None` once its stages are
    /// over.
    pub wished_nm: Option<f64>,
    /// Move that the mask rules leave of it, nm outward.
    pub kept_nm: Option<f64>,
    /// The rules that hold it: those the wished mask breaks, and those that stand at their edge
    /// in the mask that is kept.
    pub held: Vec<Held>,
    /// Its offsets, iteration by iteration: over the whole run for a main feature's fragment,
    /// within its set of SRAFs for another.
    pub history: Vec<Moment>,
}

/// How a fragment moves what a gauge reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Influence {
    /// The fragment, by index among those of the iteration.
    pub fragment: usize,
    /// Change of the placement error for each nm that it moves outward, nm/nm.
    pub nm_per_nm: f64,
}

/// What moves the printed edge at a gauge.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeInfluence {
    /// The iteration.
    pub iteration: usize,
    /// The gauge, by index.
    pub gauge: usize,
    /// What it reads.
    pub reading: GaugeReading,
    /// Slope of the nominal image across the printed edge, nm⁻¹, falling outward; `None` where no
    /// contour is found, and then nothing is known of what moves it.
    pub slope_per_nm: Option<f64>,
    /// Every fragment, the strongest first.
    pub fragments: Vec<Influence>,
}

/// Where the loss asks for light.
#[derive(Clone, Debug, PartialEq)]
pub struct SeedMap {
    /// The iteration.
    pub iteration: usize,
    /// Its cells.
    pub grid: Grid,
    /// −∂L/∂M, `[ny, nx]`: loss (nm²) that opening one nm² of mask takes away.
    pub gain: Array2<f32>,
    /// Cells in which no new SRAF may lie, `[ny, nx]`.
    pub barred: Array2<bool>,
}

/// Gradients of every fragment by term and by corner, nm² a nm.
struct Split {
    by_term: [Vec<f64>; 3],
    /// Nominal, outer and inner; nominal and those of the list where corners are one.
    by_corner: Vec<(String, Vec<f64>)>,
}

impl OpcRun {
    /// Why a fragment stands where it does at an iteration; `None` if there is no such iteration
    /// or fragment. Costs about as much as five steps.
    pub fn explain_fragment(
        &mut self,
        iteration: usize,
        fragment: usize,
    ) -> Option<FragmentExplanation> {
        let offset_nm = *self.history.get(iteration)?.offsets.get(fragment)?;
        let split = self.split(iteration)?;
        let part = |of: &Vec<f64>| of.get(fragment).copied().unwrap_or_default();
        let [l2, pv_band, epe] = &split.by_term;
        let by_term = FragmentGradient { l2: part(l2), pv_band: part(pv_band), epe: part(epe) };
        let shares = split.by_corner.iter();
        let by_corner =
            shares.map(|(corner, of)| CornerShare { corner: corner.clone(), gradient: part(of) });
        let by_corner = by_corner.collect();
        let whole: Vec<f64> = (0..l2.len()).map(|i| l2[i] + pv_band[i] + epe[i]).collect();
        let (wished_nm, kept_nm, held) = self.wish(iteration, fragment, &whole);
        Some(FragmentExplanation {
            iteration,
            fragment,
            offset_nm,
            gauges: self.gauges_of(iteration, fragment),
            by_term,
            by_corner,
            wished_nm,
            kept_nm,
            held,
            history: self.moments_of(iteration, fragment),
        })
    }

    /// How every fragment moves what a gauge reads at an iteration, by one adjoint pass: with the
    /// printed edge at I(x) = t, ∂EPE/∂offset = −(∂I/∂offset) / (∂I/∂n). `None` if there is no
    /// such iteration or gauge.
    pub fn influence(&mut self, iteration: usize, gauge: usize) -> Option<GaugeInfluence> {
        let (mask, site) = (self.mask(iteration)?, *self.gauges.get(gauge)?);
        let mut moved = MovedEdges::default();
        let offsets: Vec<f32> =
            self.history.get(iteration)?.offsets.iter().map(|&o| f32::from(o)).collect();
        self.target_of(iteration)?.edges(&offsets, &mut moved);
        let imager = self.evaluator.imager();
        imager.set_mask(&mask);
        let threshold = imager.process().threshold;
        let reading = read(&site, |x, y| imager.intensity_at(Focus::Nominal, x, y), threshold);
        let nothing =
            GaugeInfluence { iteration, gauge, reading, slope_per_nm: None, fragments: Vec::new() };
        let Some(epe) = reading.epe_nm.map(f64::from) else { return Some(nothing) };
        let at = |d: f64| [site.x_nm + d * site.normal[0], site.y_nm + d * site.normal[1]];
        let light = |d: f64| {
            let [x, y] = at(d);
            f64::from(imager.intensity_at(Focus::Nominal, x, y))
        };
        let slope = (light(epe + SLOPE_NM) - light(epe - SLOPE_NM)) / (2.0 * SLOPE_NM);
        if slope >= 0.0 || !slope.is_finite() {
            return Some(nothing);
        }
        let mut exact = Array2::zeros(imager.exact(Focus::Nominal).dim());
        let dark = exact.clone();
        imager.points(&[at(epe)]).adjoint_add(&[1.0], exact.view_mut());
        imager.set_gradient(exact.view(), dark.view());
        let mut fragments: Vec<Influence> = moved
            .fragments
            .iter()
            .enumerate()
            .map(|(fragment, e)| {
                let change = imager.edge_gradient(e.axis == Axis::Vertical, edge(e));
                Influence { fragment, nm_per_nm: -change / slope }
            })
            .collect();
        fragments.sort_by(|a, b| b.nm_per_nm.abs().total_cmp(&a.nm_per_nm.abs()));
        Some(GaugeInfluence { slope_per_nm: Some(slope), fragments, ..nothing })
    }

    /// Where the loss of an iteration asks for light, and where no SRAF may be placed; `None` if
    /// there is no such iteration.
    pub fn seed_map(&mut self, iteration: usize) -> Option<SeedMap> {
        let state = self.states.get(iteration)?;
        let target = &self.epochs[state.epoch].target;
        let sharpness = self.sharpness(iteration);
        let mut unused = vec![0.0; state.offsets.len()];
        self.evaluator.evaluate_here(target, &state.offsets, sharpness, Terms::ALL, &mut unused);
        let grid = assists::seed_grid(self.evaluator.grid(), &self.recipe.assists);
        let gain = -self.evaluator.area_gradient(&grid);
        let there = Standing {
            target: self.clip.polygons.clone(),
            main: self.main_mask(iteration)?,
            assists: self.assists(iteration)?,
            seeds: target.seeds(),
        };
        let rules = [self.recipe.rules.min_sraf_to_main_nm, self.recipe.rules.min_sraf_space_nm];
        let barred = assists::barred(&grid, &self.recipe.assists, rules, &there).cells().clone();
        Some(SeedMap { iteration, grid, gain, barred })
    }

    /// The gradient at an iteration's unrounded mask, by term and by corner.
    fn split(&mut self, iteration: usize) -> Option<Split> {
        let state = self.states.get(iteration)?;
        let (target, offsets) = (&self.epochs[state.epoch].target, &state.offsets);
        let sharpness = self.sharpness(iteration);
        let evaluator = &mut self.evaluator;
        let none = || vec![0.0; offsets.len()];
        let mut by_term = [none(), none(), none()];
        let mut through = [none(), none(), none()];
        for (i, (whole, focus)) in by_term.iter_mut().zip(&mut through).enumerate() {
            let terms = Terms { l2: i == 0, pv_band: i == 1, epe: i == 2 };
            evaluator.evaluate_here(target, offsets, sharpness, terms, whole);
            evaluator.gradient_through_focus(focus);
        }
        if evaluator.process().list.is_some() {
            let mut unused = none();
            evaluator.evaluate_here(target, offsets, sharpness, Terms::ALL, &mut unused);
            let corners = self.recipe.corners.all();
            let parts = evaluator.gradients_by_corner(sharpness).into_iter().enumerate();
            let by_corner = parts.map(|(i, part)| (listed_name(&corners, i), part)).collect();
            return Some(Split { by_term, by_corner });
        }
        let [l2, band, epe] = through;
        let sum = |f: &dyn Fn(usize) -> f64| (0..offsets.len()).map(f).collect::<Vec<f64>>();
        let all = |i: usize| by_term.iter().map(|term| term[i]).sum::<f64>();
        let beyond = sum(&|i| all(i) - l2[i] - band[i] - epe[i]);
        // Through the image in focus come EPE at the nominal dose and the guards at the outer one.
        let guards = evaluator.set_guard_weight(0.0);
        let mut epe_nominal = epe.clone();
        if guards > 0.0 {
            let terms = Terms { l2: false, pv_band: false, epe: true };
            evaluator.evaluate_here(target, offsets, sharpness, terms, &mut epe_nominal);
        }
        evaluator.set_guard_weight(guards);
        let by_corner = vec![
            ("Nominal".to_owned(), sum(&|i| l2[i] + epe_nominal[i])),
            ("Outer".to_owned(), sum(&|i| band[i] + epe[i] - epe_nominal[i])),
            ("Inner".to_owned(), beyond),
        ];
        Some(Split { by_term, by_corner })
    }

    /// The move the optimiser wants, what the rules leave of it, and which rules those are.
    fn wish(
        &self,
        iteration: usize,
        fragment: usize,
        gradient: &[f64],
    ) -> (Option<f64>, Option<f64>, Vec<Held>) {
        let Some(state) = self.states.get(iteration) else { return (None, None, Vec::new()) };
        let epoch = &self.epochs[state.epoch];
        let about = |offsets: &[f32], spare: f64| {
            epoch.keeper.rules_about(&epoch.target, offsets, fragment, spare)
        };
        let Some((stage, t)) = self.stage_at(iteration) else {
            return (None, None, about(&state.offsets, TIGHT_NM));
        };
        let (mut wish, mut moments) = (state.offsets.clone(), state.moments.clone());
        self.adam.step(&mut moments, gradient, blend(stage.step_nm, t), &mut wish);
        let mut kept = wish.clone();
        epoch.keeper.project(&mut kept);
        let moved = |to: &[f32]| {
            let at = |of: &[f32]| of.get(fragment).copied().map(f64::from);
            at(to).zip(at(&state.offsets)).map(|(to, from)| to - from)
        };
        let mut held = about(&wish, 0.0);
        for tight in about(&kept, TIGHT_NM) {
            if !held.iter().any(|h| (h.rule, h.other) == (tight.rule, tight.other)) {
                held.push(tight);
            }
        }
        (moved(&wish), moved(&kept), held)
    }

    /// What the gauges on a fragment's target edge read, or one at its middle.
    fn gauges_of(&mut self, iteration: usize, index: usize) -> Vec<GaugeReport> {
        let Some(fragment) = self.target_of(iteration).and_then(|t| t.fragments().get(index))
        else {
            return Vec::new();
        };
        if fragment.kind == FragmentKind::Assist {
            return Vec::new();
        }
        let fragment = *fragment;
        let own: Vec<usize> =
            (0..self.gauges.len()).filter(|&g| is_on(&self.gauges[g], &fragment)).collect();
        let readings = self.gauge_readings(iteration).unwrap_or_default();
        let mut reports: Vec<GaugeReport> = own
            .into_iter()
            .filter_map(|g| Some(GaugeReport { gauge: Some(g), reading: *readings.get(g)? }))
            .collect();
        if reports.is_empty() {
            let site = control_point(&fragment, self.recipe.scoring.epe_tolerance_nm);
            let imager = self.evaluator.imager();
            let threshold = imager.process().threshold;
            let reading = read(&site, |x, y| imager.intensity_at(Focus::Nominal, x, y), threshold);
            reports.push(GaugeReport { gauge: None, reading });
        }
        reports
    }

    /// The offsets of a fragment over the iterations in which it is the same one.
    fn moments_of(&self, iteration: usize, fragment: usize) -> Vec<Moment> {
        let Some(shown) = self.history.get(iteration) else { return Vec::new() };
        let is_main = self.epochs[shown.epoch].target.assist_of(fragment).is_none();
        self.history
            .iter()
            .filter(|i| is_main || i.epoch == shown.epoch)
            .filter_map(|i| {
                let offset_nm = *i.offsets.get(fragment)?;
                Some(Moment { iteration: i.index, offset_nm })
            })
            .collect()
    }
}

/// A corner of a list as a label: 0 is nominal, then those of the list.
fn listed_name(corners: &[Corner], corner: usize) -> String {
    match corner.checked_sub(1).and_then(|index| corners.get(index)) {
        Some(Corner { dose, focus_nm, .. }) => format!("{dose} · {focus_nm} nm"),
        None => "Nominal".to_owned(),
    }
}

/// Whether a gauge stands on a fragment's target edge.
fn is_on(gauge: &Gauge, fragment: &Fragment) -> bool {
    let (across, along, normal) = match fragment.axis {
        Axis::Vertical => (gauge.x_nm, gauge.y_nm, gauge.normal[0]),
        Axis::Horizontal => (gauge.y_nm, gauge.x_nm, gauge.normal[1]),
    };
    let (low, high) = (fragment.from.min(fragment.to), fragment.from.max(fragment.to));
    normal * f64::from(fragment.outward) > 0.5
        // Targets whose rule takes in the boundary pixel have their edge half or one pixel out.
        && (across - f64::from(fragment.base)).abs() <= 1.0
        && (f64::from(low)..f64::from(high)).contains(&along)
}

/// A gauge at the middle of a fragment's target edge.
fn control_point(fragment: &Fragment, tolerance_nm: u32) -> Gauge {
    let middle = f64::midpoint(f64::from(fragment.from), f64::from(fragment.to));
    let (base, outward) = (f64::from(fragment.base), f64::from(fragment.outward));
    let place = |along: f64, across: f64| match fragment.axis {
        Axis::Vertical => [across, along],
        Axis::Horizontal => [along, across],
    };
    let [x_nm, y_nm] = place(middle, base);
    let far = outward * f64::from(tolerance_nm);
    Gauge {
        x_nm,
        y_nm,
        normal: place(0.0, outward),
        inner_nm: place(middle, base - far),
        outer_nm: place(middle, base + far),
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
