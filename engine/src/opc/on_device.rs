//! A run's iterations on a device: its loss, gradient and prints, with the same inputs as the
//! processor's.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use num_complex::Complex32;

use lithoscope_kernels::device::{
    Compute, Correction, CorrectionSetup, DeviceError, ImagingSetup, JudgeSetup, LossCorner,
    LossSettings, LossSetup, MaskEdge, ProbeSetup,
};
use lithoscope_kernels::resample::weights;

use super::LossTerms;
use super::evaluate::edge;
use super::probes::{Probe, Watch};
use crate::geometry::Polygon;
use crate::imaging::{Grid, Imager};
use crate::mask::{Axis, MovedEdges};
use crate::verify::{PixelTarget, Scorer};

/// One clip's plan on a device.
pub(super) struct OnDevice {
    compute: Arc<dyn Compute>,
    plan: Correction,
    edges: Vec<MaskEdge>,
}

/// What the loss is taken of.
pub(super) struct LossInput<'a> {
    pub grid: &'a Grid,
    /// Share of each loss pixel that is target.
    pub target: ArrayView2<'a, f32>,
    /// Process corners beside the nominal one: (image, squared dose, weight).
    pub corners: Vec<LossCorner>,
    /// Whether they are the contest's pair.
    pub is_pair: bool,
    pub probes: Vec<Probe>,
}

impl OnDevice {
    /// A plan for the masks of one target, judged as `scorer` does.
    ///
    /// # Errors
    /// Optics that devices do not know (scattered light), or a device that fails.
    pub fn new(
        compute: Arc<dyn Compute>,
        imager: &Imager,
        loss: &LossInput<'_>,
        pixels: &PixelTarget,
        scorer: &Scorer,
    ) -> Result<Self, DeviceError> {
        let process = imager.process();
        let sets = process.sets();
        let Some(first) = sets.first() else {
            let reason = "a process without kernels".to_owned();
            return Err(DeviceError::Input { what: "correction", reason });
        };
        if sets.iter().any(|set| set.flare > 0.0) {
            return Err(DeviceError::Unsupported {
                device: compute.info().name.clone(),
                what: "scattered light".to_owned(),
                reason: "only the processor images it".to_owned(),
            });
        }
        let (period, half, n) = (first.period_nm, first.half, imager.exact_of(0).nrows());
        let field = imager.field();
        let turned =
            |at: &[f64]| weights(period, n, 2 * half, at).t().as_standard_layout().into_owned();
        let [ys, xs] = loss.grid.positions(field);
        let window = pixels.window();
        let centres = |start: i32, zero: i32, count: usize| -> Vec<f64> {
            let start = f64::from(start) - f64::from(zero);
            (0..count).map(|i| start + i as f64 + 0.5).collect()
        };
        let (ny, nx) = pixels.pixels().dim();
        let judged_ys = centres(window.min.y, field.min.y, ny);
        let judged_xs = centres(window.min.x, field.min.x, nx);
        let local =
            |p: &Probe| [p.at[0] - f64::from(field.min.x), p.at[1] - f64::from(field.min.y)];
        let along = |c: usize| -> Array2<f32> {
            let at: Vec<f64> = loss.probes.iter().map(|p| local(p)[c]).collect();
            weights(period, n, 2 * half, &at)
        };
        let (probe_rows, probe_columns) = (along(1), along(0));
        let probes = loss.probes.iter().enumerate().filter_map(|(i, p)| {
            Some(ProbeSetup {
                set: p.set,
                prints: p.prints,
                dose2: p.dose2,
                is_guard: p.watch == Watch::Topology,
                rows: probe_rows.row(i).to_slice()?,
                columns: probe_columns.row(i).to_slice()?,
            })
        });
        let tone = &process.tone;
        let (rows, columns) = (turned(&ys), turned(&xs));
        let (judged_rows, judged_columns) = (turned(&judged_ys), turned(&judged_xs));
        let setup = CorrectionSetup {
            imaging: ImagingSetup {
                period,
                half,
                grid: n,
                pixel: process.form.pixel_nm(),
                sets: sets.iter().map(|s| (s.spectra.view(), s.weights.as_slice())).collect(),
                change: tone.feature.amplitude() - tone.background.amplitude(),
                background: tone.background.amplitude() + Complex32::default(),
                clips: 1,
            },
            loss: LossSetup {
                rows: rows.view(),
                columns: columns.view(),
                wanted: vec![loss.target],
                corners: loss.corners.clone(),
                is_pair: loss.is_pair,
                area: loss.grid.pixel_nm.powi(2) as f32,
                threshold: process.threshold,
                probes: vec![probes.collect()],
            },
            judge: JudgeSetup {
                rows: judged_rows.view(),
                columns: judged_columns.view(),
                wanted: vec![pixels.pixels()],
                levels: scorer.levels(),
                gauges: vec![scorer.gauge_pixels()],
            },
        };
        let plan = Correction::new(&*compute, &setup)?;
        Ok(Self { compute, plan, edges: Vec::new() })
    }

    /// The device.
    pub fn compute(&self) -> &Arc<dyn Compute> {
        &self.compute
    }

    /// The loss of the mask with these edges, and its gradient by fragment in nm² a nm.
    pub fn evaluate(
        &mut self,
        imager: &Imager,
        edges: &MovedEdges,
        settings: &LossSettings,
        gradient: &mut [f64],
    ) -> Result<LossTerms, DeviceError> {
        let jogs = edges.jogs.iter().filter(|jog| jog.axis == Axis::Vertical);
        self.edges.clear();
        self.edges.extend(
            edges
                .fragments
                .iter()
                .chain(jogs)
                .map(|e| imager.mask_edge(e.axis == Axis::Vertical, edge(e))),
        );
        let found = self.plan.evaluate(&*self.compute, &[&self.edges], settings)?;
        let Some(loss) = found.into_iter().next() else { return Ok(LossTerms::default()) };
        for (to, from) in gradient.iter_mut().zip(&loss.gradient) {
            *to = f64::from(*from);
        }
        let terms = loss.terms;
        Ok(LossTerms { l2: terms.image, pv_band: terms.pv_band, epe: terms.probes })
    }

    /// What a mask of disjoint Manhattan polygons prints, as [`Scorer::score_prints`] takes it.
    pub fn prints(&mut self, imager: &Imager, mask: &[Polygon]) -> Result<Vec<u32>, DeviceError> {
        self.edges.clear();
        self.edges.extend(imager.vertical_edges(mask));
        self.plan.judge(&*self.compute, &[&self.edges])?;
        self.plan.prints(&*self.compute)
    }
}
