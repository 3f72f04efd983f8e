//! MEEF, the mask error enhancement factor: how a CD follows the mask's.

use super::error::require;
use super::{CdGauge, Prints, VerifyError};
use crate::geometry::Polygon;
use crate::imaging::{FocusStack, LineImage};

/// Smallest bias of an edge, nm: below, rounding of the image shows.
const LEAST_BIAS_NM: f64 = 0.01;

/// MEEF of gauges by imaging the mask (clip nm) with every edge moved by ±`bias_nm`:
/// (CD₊ − CD₋) over the change of the mask's CD, at a focus plane, a dose and a level.
///
/// The mask's CD is that of the gauge's own kind of feature: where the drawn features are the
/// bright ones, a bright gauge's grows by two biases and a dark gauge's shrinks. `None` where a CD
/// cannot be measured. Leaves the mask, united, as the stack's current one.
///
/// # Errors
/// A gauge, dose, level or bias out of range; a plane the stack does not have.
pub fn meef_by_bias(
    stack: &mut FocusStack,
    mask: &[Polygon],
    gauges: &[CdGauge],
    plane: usize,
    (dose, level): (f64, f64),
    bias_nm: f64,
) -> Result<Vec<Option<f64>>, VerifyError> {
    let least = bias_nm >= LEAST_BIAS_NM;
    require(least, "bias_nm", bias_nm, "at least 0.01 nm an edge")?;
    let level = print_level(dose, level)?;
    let mut cds = |bias: f64| {
        stack.set_biased_mask(mask, bias)?;
        let lines = lines(stack, gauges, plane)?;
        Ok::<_, VerifyError>(
            gauges.iter().zip(&lines).map(|(g, line)| g.cd(line, level)).collect::<Vec<_>>(),
        )
    };
    let (more, less) = (cds(bias_nm)?, cds(-bias_nm)?);
    stack.set_biased_mask(mask, 0.0)?;
    let pairs = gauges.iter().zip(more.iter().zip(&less));
    Ok(pairs
        .map(|(g, (more, less))| {
            Some(way(stack, g) * (more.as_ref()? - less.as_ref()?) / (4.0 * bias_nm))
        })
        .collect())
}

/// MEEF of gauges from the exact linearised image: an edge at x moves by −(∂I/∂b)/(∂I/∂x) for a
/// mask bias b, and the CD by the difference of its two edges' moves.
///
/// Otherwise as [`meef_by_bias`], to which it tends for small biases.
///
/// # Errors
/// A gauge, dose or level out of range; a plane the stack does not have.
pub fn meef(
    stack: &mut FocusStack,
    mask: &[Polygon],
    gauges: &[CdGauge],
    plane: usize,
    (dose, level): (f64, f64),
) -> Result<Vec<Option<f64>>, VerifyError> {
    let level = print_level(dose, level)?;
    stack.set_biased_mask(mask, 0.0)?;
    let lines = lines(stack, gauges, plane)?;
    let change = stack.bias_derivative(plane, mask)?;
    let mut found = Vec::with_capacity(gauges.len());
    for (gauge, line) in gauges.iter().zip(&lines) {
        let by_bias = stack.line_plan(&gauge.cut)?.read(change.view());
        found.push(gauge.edges(line, level).and_then(|edges| {
            let [from, to] = edges.map(|e| -by_bias.at(e.at).0 / e.slope);
            let meef = way(stack, gauge) * (to - from) / 2.0;
            meef.is_finite().then_some(meef)
        }));
    }
    Ok(found)
}

/// The intensity that prints at a dose.
fn print_level(dose: f64, level: f64) -> Result<f64, VerifyError> {
    require(dose > 0.0 && dose <= 1e6, "dose", dose, "above 0, at most 1000000")?;
    require(level > 0.0 && level <= 1e6, "level", level, "above 0, at most 1000000")?;
    Ok(level / dose)
}

/// The gauges' lines at a plane.
fn lines(
    stack: &FocusStack,
    gauges: &[CdGauge],
    plane: usize,
) -> Result<Vec<LineImage>, VerifyError> {
    let line = |gauge: &CdGauge| {
        gauge.validate()?;
        Ok(stack.line(plane, &gauge.cut)?)
    };
    gauges.iter().map(line).collect()
}

/// Whether the gauge's feature on the mask grows (1) or shrinks (−1) with the drawn ones.
fn way(stack: &FocusStack, gauge: &CdGauge) -> f64 {
    let drawn = stack.tone().features_are_brighter() == (gauge.prints == Prints::Bright);
    if drawn { 1.0 } else { -1.0 }
}
