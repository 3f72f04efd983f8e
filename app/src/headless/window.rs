//! Process windows of a clip: CDs over focus and dose, and what window they leave.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::imaging::FocusStack;
use lithoscope_engine::opc::{Recipe, load_focuses};
use lithoscope_engine::verify::{
    CdGauge, FocusExposure, Isofocal, ProcessWindow, focus_exposure, meef,
};
use serde::Serialize;

use super::plot::{Curve, Plot};
use super::{Prepared, cache_dir};

/// Farthest focus that is looked at where nobody says, nm.
const FARTHEST_NM: f64 = 200.0;
/// Focus planes that are looked at where nobody says.
const PLANES: usize = 21;
/// Doses drawn as Bossung curves.
const CURVES: usize = 11;
/// Exposure latitude at which the depth of focus is quoted.
pub const QUOTED_LATITUDE: f64 = 0.05;

/// The focus planes a recipe is looked at in where nobody says, nm: 21 planes within half the
/// Rayleigh depth n·λ/NA² either way, or the two that imported kernels have.
pub fn usual_focuses(recipe: &Recipe) -> Vec<f64> {
    let Some(model) = recipe.optical_model() else { return vec![0.0, recipe.corners.defocus_nm] };
    let depth = model.immersion_index * model.wavelength_nm / (model.na * model.na);
    let step = (depth.min(FARTHEST_NM) / 10.0).round().max(1.0);
    (0..PLANES).map(|i| (i as f64 - (PLANES / 2) as f64) * step).collect()
}

/// The usual doses: 0.8 to 1.2 of nominal by hundredths.
pub fn usual_doses() -> Vec<f64> {
    (0..=40).map(|i| 0.8 + f64::from(i) * 0.01).collect()
}

/// A clip imaged, as drawn, at every focus plane.
///
/// # Errors
/// A focus that the recipe's kernels do not have; a clip that does not fit the optics.
pub fn focus_stack(
    prepared: &Prepared,
    focuses_nm: &[f64],
    kernels_dir: Option<&Path>,
) -> anyhow::Result<FocusStack> {
    let cache = cache_dir();
    let window = prepared.clip.window;
    let planes = load_focuses(&prepared.recipe, window, focuses_nm, kernels_dir, cache.as_deref())?;
    let process = &prepared.process;
    let mut stack = FocusStack::new(planes, process.form, process.tone, window)?;
    stack.set_mask(&prepared.clip.polygons);
    Ok(stack)
}

/// One gauge's figures.
#[derive(Debug, Serialize)]
pub struct GaugeFigures {
    /// Name.
    pub name: String,
    /// Width wanted, nm.
    pub target_nm: f64,
    /// Width at the plane nearest best focus and nominal dose, nm; `None` where nothing prints.
    pub cd_nm: Option<f64>,
    /// Mask error enhancement factor there.
    pub meef: Option<f64>,
    /// Dose and CD at which focus does not matter, within the doses looked at.
    pub isofocal: Option<Isofocal>,
    /// Its own window.
    pub window: ProcessWindow,
    /// Depth of focus at 5 % exposure latitude, nm.
    pub depth_of_focus_nm: Option<f64>,
}

/// The process window of a clip.
#[derive(Debug, Serialize)]
pub struct WindowReport {
    /// Widths over focus and dose.
    pub matrix: FocusExposure,
    /// Each gauge.
    pub gauges: Vec<GaugeFigures>,
    /// What all gauges have in common.
    pub common: ProcessWindow,
    /// Depth of focus of that at 5 % exposure latitude, nm.
    pub depth_of_focus_nm: Option<f64>,
}

impl WindowReport {
    /// Measures the gauges of a mask, which is the stack's current one, over focus and dose;
    /// `level` is the intensity that prints at dose 1.
    ///
    /// # Errors
    /// A gauge or dose out of range.
    pub fn new(
        mask: &[Polygon],
        stack: &mut FocusStack,
        gauges: &[CdGauge],
        doses: &[f64],
        level: f64,
    ) -> anyhow::Result<Self> {
        let matrix = focus_exposure(stack, gauges, doses, level)?;
        let best = nearest_to(stack.defocus_nm(), 0.0).context("no focus plane")?;
        let meefs = meef(stack, mask, gauges, best, (1.0, level))?;
        let plane = nearest_to(&matrix.focuses_nm, 0.0).context("no focus plane")?;
        let dose = nearest_to(&matrix.doses, 1.0).context("no dose")?;
        let figures = gauges
            .iter()
            .zip(meefs)
            .enumerate()
            .map(|(i, (gauge, meef))| {
                let window = ProcessWindow::of(&matrix, &[i])?;
                Ok(GaugeFigures {
                    name: gauge.name.clone(),
                    target_nm: gauge.target_nm,
                    cd_nm: matrix.cds_nm[i][plane][dose],
                    meef,
                    isofocal: matrix.isofocal(i),
                    depth_of_focus_nm: window.depth_of_focus_at(QUOTED_LATITUDE),
                    window,
                })
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let all: Vec<usize> = (0..gauges.len()).collect();
        let common = ProcessWindow::of(&matrix, &all)?;
        let depth_of_focus_nm = common.depth_of_focus_at(QUOTED_LATITUDE);
        Ok(Self { matrix, gauges: figures, common, depth_of_focus_nm })
    }

    /// Widths as a table: one row a gauge, focus and dose; an empty CD where nothing prints.
    pub fn matrix_csv(&self) -> String {
        let mut text = String::from("gauge,focus_nm,dose,cd_nm\n");
        let m = &self.matrix;
        for (gauge, by_focus) in m.gauges.iter().zip(&m.cds_nm) {
            for (focus, by_dose) in m.focuses_nm.iter().zip(by_focus) {
                for (dose, cd) in m.doses.iter().zip(by_dose) {
                    let cd = cd.map(|cd| format!("{cd:.3}")).unwrap_or_default();
                    let name = gauge.name.replace([',', '"', '\n'], " ");
                    let _ = writeln!(text, "{name},{focus},{dose:.6},{cd}");
                }
            }
        }
        text
    }

    /// Exposure latitude against depth of focus as a table, rectangles and ellipses of the common
    /// window.
    pub fn latitude_csv(&self) -> String {
        let mut text = String::from("shape,depth_of_focus_nm,exposure_latitude\n");
        for (shape, curve) in
            [("rectangle", &self.common.latitude_curve), ("ellipse", &self.common.ellipse_curve)]
        {
            for (depth, latitude) in curve {
                let _ = writeln!(text, "{shape},{depth:.3},{latitude:.6}");
            }
        }
        text
    }

    /// The Bossung curves of a gauge, at most eleven doses.
    pub fn bossung_plot(&self, gauge: usize) -> Plot {
        let curves = self.matrix.bossung(gauge);
        let step = curves.len().div_ceil(CURVES).max(1);
        let of = |c: &lithoscope_engine::verify::BossungCurve| Curve {
            name: format!("dose {:.3}", c.dose),
            points: c.points.iter().map(|(f, cd)| [*f, cd.unwrap_or(f64::NAN)]).collect(),
        };
        let Some(figures) = self.matrix.gauges.get(gauge) else { return Plot::default() };
        let (target, share) = (figures.target_nm, figures.tolerance);
        Plot {
            title: format!("Bossung curves of {}", figures.name),
            x: "focus, nm".into(),
            y: "CD, nm".into(),
            curves: curves.iter().step_by(step).map(of).collect(),
            levels: vec![
                ("target".into(), target),
                (format!("+{:.0} %", share * 100.0), target * (1.0 + share)),
                (format!("−{:.0} %", share * 100.0), target * (1.0 - share)),
            ],
            ..Plot::default()
        }
    }

    /// The windows in focus and dose, with the best rectangle of their overlap.
    pub fn window_plot(&self) -> Plot {
        let outline = |edges: &[lithoscope_engine::verify::WindowEdge]| -> Vec<[f64; 2]> {
            let low = edges.iter().map(|e| [e.focus_nm, e.low_dose]);
            let high = edges.iter().rev().map(|e| [e.focus_nm, e.high_dose]);
            let first = edges.first().map(|e| [e.focus_nm, e.low_dose]);
            low.chain(high).chain(first).collect()
        };
        let mut curves: Vec<Curve> = self
            .common
            .gauges
            .iter()
            .map(|g| Curve { name: g.name.clone(), points: outline(&g.edges) })
            .collect();
        curves.push(Curve { name: "common".into(), points: outline(&self.common.edges) });
        let best = self.common.rectangle.map(|r| {
            let (depth, latitude) = (r.depth_of_focus_nm / 2.0, r.exposure_latitude * r.dose / 2.0);
            [r.focus_nm - depth, r.dose - latitude, r.focus_nm + depth, r.dose + latitude]
        });
        Plot {
            title: "Process window".into(),
            x: "focus, nm".into(),
            y: "dose".into(),
            curves,
            boxes: best.into_iter().collect(),
            ..Plot::default()
        }
    }

    /// Exposure latitude against depth of focus: each gauge, and what they have in common.
    pub fn latitude_plot(&self) -> Plot {
        let percent = |curve: &[(f64, f64)]| -> Vec<[f64; 2]> {
            curve.iter().map(|(depth, latitude)| [*depth, latitude * 100.0]).collect()
        };
        let mut curves: Vec<Curve> = self
            .gauges
            .iter()
            .map(|g| Curve { name: g.name.clone(), points: percent(&g.window.latitude_curve) })
            .collect();
        curves.push(Curve { name: "common".into(), points: percent(&self.common.latitude_curve) });
        Plot {
            title: "Exposure latitude against depth of focus".into(),
            x: "depth of focus, nm".into(),
            y: "exposure latitude, %".into(),
            curves,
            ..Plot::default()
        }
    }
}

/// Index of the value nearest a place.
fn nearest_to(values: &[f64], place: f64) -> Option<usize> {
    (0..values.len())
        .min_by(|&a, &b| (values[a] - place).abs().total_cmp(&(values[b] - place).abs()))
}
