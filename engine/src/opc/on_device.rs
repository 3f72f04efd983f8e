//! Iterations on a device: losses, gradients and prints of one clip or of several at once, with the
//! same inputs as the processor's.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use lithoscope_kernels::device::{
    Compute, Correction, CorrectionSetup, CorrectionStage, DeviceError, Follower, GridWeights,
    JudgeSetup, Loss, LossCorner, LossSettings, LossSetup, MaskEdge, MovingEdge, MovingMask,
    ProbeSetup,
};
use lithoscope_kernels::resample::weights;

use super::probes::{Probe, Watch};
use crate::imaging::{Grid, Imager, optics};
use crate::mask::{Axis, Coordinate, EdgeCourse, Fragment, FragmentedTarget};
use crate::verify::{PixelTarget, Scorer};

/// The plan of one clip or several on a device.
pub(super) struct OnDevice {
    compute: Arc<dyn Compute>,
    plan: Correction,
}

/// What a plan needs to know of a clip. Clips of one plan have alike optics, corners and loss pixels;
/// their targets and their grids may differ.
pub(super) struct ClipInput<'a> {
    pub imager: &'a Imager,
    pub grid: &'a Grid,
    /// Share of each loss pixel that is target.
    pub target: ArrayView2<'a, f32>,
    /// Process corners beside the nominal one: (image, squared dose, weight).
    pub corners: Vec<LossCorner>,
    /// Whether they are the contest's pair.
    pub is_pair: bool,
    pub probes: Vec<Probe>,
    pub pixels: &'a PixelTarget,
    pub scorer: &'a Scorer,
}

/// Weights of one clip's grids and probes on the exact grid.
struct ClipWeights {
    loss: [Array2<f32>; 2],
    judged: [Array2<f32>; 2],
    probes: [Array2<f32>; 2],
}

impl ClipWeights {
    fn new(clip: &ClipInput<'_>, period: f64, half: usize, n: usize) -> Self {
        let field = clip.imager.field();
        let turned =
            |at: &[f64]| weights(period, n, 2 * half, at).t().as_standard_layout().into_owned();
        let window = clip.pixels.window();
        let centres = |start: i32, zero: i32, count: usize| -> Vec<f64> {
            let start = f64::from(start) - f64::from(zero);
            (0..count).map(|i| start + i as f64 + 0.5).collect()
        };
        let (ny, nx) = clip.pixels.pixels().dim();
        let judged =
            [centres(window.min.y, field.min.y, ny), centres(window.min.x, field.min.x, nx)];
        let local =
            |p: &Probe| [p.at[0] - f64::from(field.min.x), p.at[1] - f64::from(field.min.y)];
        let along = |c: usize| -> Array2<f32> {
            let at: Vec<f64> = clip.probes.iter().map(|p| local(p)[c]).collect();
            weights(period, n, 2 * half, &at)
        };
        Self {
            loss: clip.grid.positions(field).map(|at| turned(&at)),
            judged: judged.map(|at| turned(&at)),
            probes: [along(1), along(0)],
        }
    }
}

fn grid([rows, columns]: &[Array2<f32>; 2]) -> GridWeights<'_> {
    GridWeights { rows: rows.view(), columns: columns.view() }
}

/// The probes of a clip with their weights.
fn probes<'a>(clip: &ClipInput<'_>, weights: &'a ClipWeights) -> Vec<ProbeSetup<'a>> {
    let [rows, columns] = &weights.probes;
    let own = clip.probes.iter().enumerate().filter_map(|(i, p)| {
        Some(ProbeSetup {
            set: p.set,
            prints: p.prints,
            dose2: p.dose2,
            is_guard: p.watch == Watch::Topology,
            rows: rows.row(i).to_slice()?,
            columns: columns.row(i).to_slice()?,
        })
    });
    own.collect()
}

impl OnDevice {
    /// A plan for the masks of some targets, judged as their scorers do.
    ///
    /// # Errors
    /// Optics that devices do not know (scattered light), or a device that fails.
    pub fn new(compute: Arc<dyn Compute>, clips: &[ClipInput<'_>]) -> Result<Self, DeviceError> {
        let Some(first) = clips.first() else {
            let reason = "no clip".to_owned();
            return Err(DeviceError::Input { what: "correction", reason });
        };
        let process = first.imager.process();
        let sets = process.sets();
        let imaging = optics(&*compute, first.imager, &sets, clips.len())?;
        let (period, half, n) = (imaging.period, imaging.half, imaging.grid);
        let own: Vec<ClipWeights> =
            clips.iter().map(|clip| ClipWeights::new(clip, period, half, n)).collect();
        let setup = CorrectionSetup {
            imaging,
            loss: LossSetup {
                grids: own.iter().map(|w| grid(&w.loss)).collect(),
                wanted: clips.iter().map(|clip| clip.target).collect(),
                corners: first.corners.clone(),
                is_pair: first.is_pair,
                area: first.grid.pixel_nm.powi(2) as f32,
                threshold: process.threshold,
                probes: clips.iter().zip(&own).map(|(clip, own)| probes(clip, own)).collect(),
            },
            judge: JudgeSetup {
                grids: own.iter().map(|w| grid(&w.judged)).collect(),
                wanted: clips.iter().map(|clip| clip.pixels.pixels()).collect(),
                levels: first.scorer.levels(),
                gauges: clips.iter().map(|clip| clip.scorer.gauge_pixels()).collect(),
            },
        };
        let plan = Correction::new(&*compute, &setup)?;
        Ok(Self { compute, plan })
    }

    /// The device.
    pub fn compute(&self) -> &Arc<dyn Compute> {
        &self.compute
    }

    /// The parts of an iteration.
    pub fn stages(&self) -> Vec<CorrectionStage> {
        self.plan.stages()
    }

    /// The losses of the clips' masks at these offsets (nm), and their gradients by edge in nm² a nm.
    ///
    /// # Errors
    /// A device that fails.
    pub fn evaluate(
        &mut self,
        masks: &[Arc<MovingMask>],
        offsets: &[&[f32]],
        settings: &LossSettings,
    ) -> Result<Vec<Loss>, DeviceError> {
        self.plan.evaluate(&*self.compute, masks, offsets, settings)
    }

    /// What the clips' masks with these edges print, as [`Scorer::score_prints`] takes it.
    ///
    /// # Errors
    /// A device that fails.
    pub fn prints(&mut self, masks: &[&[MaskEdge]]) -> Result<Vec<Vec<u32>>, DeviceError> {
        self.plan.judge(&*self.compute, masks)?;
        self.plan.prints(&*self.compute)
    }
}

/// The masks of a target for a device: edges of the fragments first, then what else is parallel to y.
pub(super) fn moving_mask(imager: &Imager, target: &FragmentedTarget) -> MovingMask {
    let (origin, fragments) = (imager.field().min, target.fragments());
    let follower = |coordinate: Coordinate, origin: i32| match coordinate {
        Coordinate::Fixed(at) => Follower { base: f64::from(at) - f64::from(origin), offset: None },
        Coordinate::Across(i) => {
            let Fragment { base, outward, .. } = fragments[i];
            let base = f64::from(base) - f64::from(origin);
            Follower { base, offset: Some((i as u32, outward < 0)) }
        }
    };
    let moving = |course: EdgeCourse| {
        let is_horizontal = course.axis == Axis::Horizontal;
        let (across, along) =
            if is_horizontal { (origin.y, origin.x) } else { (origin.x, origin.y) };
        MovingEdge {
            at: follower(course.at, across),
            from: follower(course.from, along),
            to: follower(course.to, along),
            is_horizontal,
        }
    };
    let count = fragments.len();
    let counts = |(i, course): &(usize, EdgeCourse)| *i < count || course.axis == Axis::Vertical;
    let courses = target.courses().into_iter().enumerate().filter(counts);
    MovingMask { edges: courses.map(|(_, course)| moving(course)).collect(), offsets: count }
}
