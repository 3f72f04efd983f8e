//! Focus-exposure matrices: CD over focus and dose, Bossung curves, the isofocal dose.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::error::require;
use super::{CdGauge, VerifyError};
use crate::imaging::{FocusStack, LineImage};

/// Most CDs of one matrix.
const MAX_CDS: usize = 1 << 24;
/// Largest dose and level.
const MAX_DOSE: f64 = 1e6;

/// CDs of some gauges over focus and dose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FocusExposure {
    /// The gauges.
    pub gauges: Vec<CdGauge>,
    /// Intensity that prints at dose 1.
    pub level: f64,
    /// Focus planes, nm, rising.
    pub focuses_nm: Vec<f64>,
    /// Doses relative to nominal (they scale intensity), rising.
    pub doses: Vec<f64>,
    /// CD by gauge, focus and dose, nm; `None` where nothing measurable prints.
    pub cds_nm: Vec<Vec<Vec<Option<f64>>>>,
}

/// CD through focus at one dose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BossungCurve {
    /// The dose.
    pub dose: f64,
    /// (focus, CD) in nm, by rising focus; `None` where nothing measurable prints.
    pub points: Vec<(f64, Option<f64>)>,
}

/// Where a CD does not change with focus.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Isofocal {
    /// The dose at which the Bossung curve is flat.
    pub dose: f64,
    /// Its CD, nm.
    pub cd_nm: f64,
}

/// Measures gauges on a stack's current images at every dose: intensity × dose against `level`.
///
/// One line a gauge and focus is read; doses only move the level. Focus planes and doses come out
/// in rising order.
///
/// # Errors
/// No gauge or dose, a dose or level that is not above 0, a plane or dose given twice, a gauge out
/// of range, or more than 2²⁴ CDs.
pub fn focus_exposure(
    stack: &FocusStack,
    gauges: &[CdGauge],
    doses: &[f64],
    level: f64,
) -> Result<FocusExposure, VerifyError> {
    let order = rising(stack.defocus_nm());
    let focuses_nm: Vec<f64> = order.iter().map(|&i| stack.defocus_nm()[i]).collect();
    let sorted: Vec<f64> = rising(doses).into_iter().map(|i| doses[i]).collect();
    let matrix = FocusExposure {
        gauges: gauges.to_vec(),
        level,
        focuses_nm,
        doses: sorted,
        cds_nm: Vec::new(),
    };
    matrix.check_axes()?;
    let plans = gauges.iter().map(|g| stack.line_plan(&g.cut)).collect::<Result<Vec<_>, _>>()?;
    let images = order.iter().map(|&plane| stack.exact(plane)).collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<Vec<Option<f64>>> = (0..gauges.len() * images.len())
        .into_par_iter()
        .map(|i| {
            let (gauge, plane) = (i / images.len(), i % images.len());
            matrix.through_dose(&gauges[gauge], &plans[gauge].read(images[plane]))
        })
        .collect();
    let cds_nm = rows.chunks(images.len()).map(<[_]>::to_vec).collect();
    Ok(FocusExposure { cds_nm, ..matrix })
}

/// Indices by rising value; numbers that are none come last.
fn rising(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

impl FocusExposure {
    fn through_dose(&self, gauge: &CdGauge, image: &LineImage) -> Vec<Option<f64>> {
        self.doses.iter().map(|dose| gauge.cd(image, self.level / dose)).collect()
    }

    /// Checks gauges, level, focus planes and doses.
    fn check_axes(&self) -> Result<(), VerifyError> {
        for gauge in &self.gauges {
            gauge.validate()?;
        }
        let positive = |v: f64| v > 0.0 && v <= MAX_DOSE;
        require(positive(self.level), "level", self.level, "above 0, at most 1000000")?;
        for dose in &self.doses {
            require(positive(*dose), "dose", *dose, "above 0, at most 1000000")?;
        }
        for (what, axis) in [("focus plane", &self.focuses_nm), ("dose", &self.doses)] {
            if axis.is_empty() {
                return Err(VerifyError::Matrix(format!("needs at least one {what}")));
            }
            if let Some(pair) = axis.windows(2).find(|p| p[0].partial_cmp(&p[1]) != Some(LESS)) {
                let (a, b) = (pair[0], pair[1]);
                return Err(VerifyError::Matrix(format!(
                    "{what} {b} follows {a}: each must be given once, in rising order"
                )));
            }
        }
        if self.gauges.is_empty() {
            return Err(VerifyError::Matrix("needs at least one gauge".into()));
        }
        let planes = self.focuses_nm.len() * self.doses.len();
        if self.gauges.len().saturating_mul(planes) > MAX_CDS {
            return Err(VerifyError::Matrix(format!(
                "{} gauges × {} focus planes × {} doses are more than {MAX_CDS} CDs",
                self.gauges.len(),
                self.focuses_nm.len(),
                self.doses.len()
            )));
        }
        Ok(())
    }

    /// Checks axes and that there is a CD, or none, for every gauge, focus and dose.
    ///
    /// # Errors
    /// As [`focus_exposure`]; a matrix of another shape than its axes.
    pub fn validate(&self) -> Result<(), VerifyError> {
        self.check_axes()?;
        let whole = self.cds_nm.len() == self.gauges.len()
            && self.cds_nm.iter().all(|g| {
                g.len() == self.focuses_nm.len() && g.iter().all(|f| f.len() == self.doses.len())
            });
        if !whole {
            return Err(VerifyError::Matrix(format!(
                "CDs must be given for {} gauges × {} focus planes × {} doses",
                self.gauges.len(),
                self.focuses_nm.len(),
                self.doses.len()
            )));
        }
        Ok(())
    }

    /// The Bossung curves of a gauge, one a dose; none for a gauge there is not.
    pub fn bossung(&self, gauge: usize) -> Vec<BossungCurve> {
        let Some(cds) = self.cds_nm.get(gauge) else { return Vec::new() };
        let curve = |(d, &dose): (usize, &f64)| {
            let through_focus = self.focuses_nm.iter().zip(cds);
            let points = through_focus.map(|(&f, row)| (f, row.get(d).copied().flatten()));
            BossungCurve { dose, points: points.collect() }
        };
        self.doses.iter().enumerate().map(curve).collect()
    }

    /// The dose at which a gauge's CD does not curve through focus: where the square term of a
    /// parabola fitted through every focus plane changes its sign. `None` where it does not, or
    /// where fewer than three planes print.
    pub fn isofocal(&self, gauge: usize) -> Option<Isofocal> {
        let fits: Vec<(f64, [f64; 3])> = self
            .bossung(gauge)
            .iter()
            .filter_map(|curve| {
                let points: Option<Vec<(f64, f64)>> =
                    curve.points.iter().map(|(f, cd)| cd.map(|cd| (*f, cd))).collect();
                Some((curve.dose, parabola(&points?)?))
            })
            .collect();
        let doses: Vec<f64> = fits.iter().map(|f| f.0).collect();
        let bend = Curve::new(doses.clone(), fits.iter().map(|f| f.1[2]).collect());
        let dose = bend.first_root(0.0)?;
        // The CD at mid-focus is that of every focus.
        let cd = Curve::new(doses, fits.iter().map(|f| f.1[0]).collect());
        Some(Isofocal { dose, cd_nm: cd.at(dose) })
    }
}

const LESS: std::cmp::Ordering = std::cmp::Ordering::Less;

/// The least-squares parabola a₀ + a₁x + a₂x² about the mean of x in units of its spread; `None`
/// for fewer than three points.
fn parabola(points: &[(f64, f64)]) -> Option<[f64; 3]> {
    if points.len() < 3 {
        return None;
    }
    let n = points.len() as f64;
    let mean = points.iter().map(|p| p.0).sum::<f64>() / n;
    let spread = points.iter().map(|p| (p.0 - mean).abs()).fold(0.0, f64::max);
    // Orthogonal polynomials 1, x, x² − αx − β over the points.
    let xs: Vec<f64> = points.iter().map(|p| (p.0 - mean) / spread).collect();
    let sum = |f: &dyn Fn(usize) -> f64| (0..points.len()).map(f).sum::<f64>();
    let two = sum(&|i| xs[i] * xs[i]);
    let (alpha, beta) = (sum(&|i| xs[i].powi(3)) / two, two / n);
    let bent = |i: usize| xs[i] * xs[i] - alpha * xs[i] - beta;
    let c0 = sum(&|i| points[i].1) / n;
    let c1 = sum(&|i| points[i].1 * xs[i]) / two;
    let c2 = sum(&|i| points[i].1 * bent(i)) / sum(&|i| bent(i) * bent(i));
    let fit = [c0 - c2 * beta, c1 - c2 * alpha, c2];
    fit.iter().all(|c| c.is_finite()).then_some(fit)
}
