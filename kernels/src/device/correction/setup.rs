//! What a correction plan is made of, told and asked.

use ndarray::ArrayView2;

use crate::device::ImagingSetup;

/// A process corner in the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossCorner {
    /// Which image it dims or brightens.
    pub set: usize,
    /// Squared dose.
    pub dose2: f32,
    /// Weight in the quadratic loss.
    pub weight: f32,
}

/// Weights that take the exact grid to a finer or coarser one.
#[derive(Clone, Copy, Debug)]
pub struct GridWeights<'a> {
    /// For its rows, `[N, rows]`.
    pub rows: ArrayView2<'a, f32>,
    /// For its columns, `[N, columns]`.
    pub columns: ArrayView2<'a, f32>,
}

impl GridWeights<'_> {
    /// Rows and columns of the grid.
    pub fn shape(&self) -> [usize; 2] {
        [self.rows.ncols(), self.columns.ncols()]
    }
}

/// The loss grid.
#[derive(Clone, Debug)]
pub struct LossSetup<'a> {
    /// The loss grid of each clip, or one that all share.
    pub grids: Vec<GridWeights<'a>>,
    /// Target coverage on the clip's loss grid, clip by clip.
    pub wanted: Vec<ArrayView2<'a, f32>>,
    /// Process corners beside the nominal one.
    pub corners: Vec<LossCorner>,
    /// Whether the corners are the contest's pair, whose band is the first's print less the
    /// second's ([`crate::loss`]); else it is the largest less the least ([`crate::corner_loss`]).
    pub is_pair: bool,
    /// Area of a pixel of the loss grid.
    pub area: f32,
    /// Intensity that prints.
    pub threshold: f32,
    /// Probes, clip by clip.
    pub probes: Vec<Vec<ProbeSetup<'a>>>,
}

/// A place whose intensity the loss watches.
#[derive(Clone, Copy, Debug)]
pub struct ProbeSetup<'a> {
    /// Which image it is read from.
    pub set: usize,
    /// Whether it should print.
    pub prints: bool,
    /// Squared dose.
    pub dose2: f32,
    /// Whether it guards against a bridge or break; else it counts an EPE violation.
    pub is_guard: bool,
    /// Weights of the exact grid's rows, N of them.
    pub rows: &'a [f32],
    /// Weights of its columns.
    pub columns: &'a [f32],
}

/// How masks are judged.
#[derive(Clone, Debug)]
pub struct JudgeSetup<'a> {
    /// The 1 nm pixels that are judged of each clip, or of all.
    pub grids: Vec<GridWeights<'a>>,
    /// Which of the clip's pixels should print, clip by clip.
    pub wanted: Vec<ArrayView2<'a, bool>>,
    /// Of each image: the intensities that print at its corners. The nominal corner is the first of
    /// the first.
    pub levels: Vec<Vec<f32>>,
    /// By clip: row and column of the pixel that should print, then of that which should not.
    pub gauges: Vec<Vec<[u32; 4]>>,
}

/// A correction plan's inputs.
#[derive(Clone, Debug)]
pub struct CorrectionSetup<'a> {
    /// What images are formed by.
    pub imaging: ImagingSetup<'a>,
    /// What is minimised.
    pub loss: LossSetup<'a>,
    /// What is reported.
    pub judge: JudgeSetup<'a>,
}

/// How probes count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeSettings {
    /// Steepness in intensity.
    pub steepness: f32,
    /// Intensity a probe should be clear by.
    pub margin: f32,
    /// Weight of a violation.
    pub weight: f32,
}

/// What changes from one evaluation to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossSettings {
    /// Steepness of the resist sigmoid.
    pub steepness: f32,
    /// Share of the quadratic loss.
    pub quadratic: f32,
    /// Weight of the linear PV-band term.
    pub pv_band_weight: f32,
    /// Which terms enter the gradient: image, PV band, probes.
    pub enters: [bool; 3],
    /// EPE probes.
    pub epe: ProbeSettings,
    /// Guards.
    pub guard: ProbeSettings,
}

/// The loss of one mask by term.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LossTerms {
    /// Image difference, in units of area.
    pub image: f64,
    /// PV band, in units of area.
    pub pv_band: f64,
    /// What probes count.
    pub probes: f64,
}

/// The loss of one mask and its gradient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loss {
    /// By term.
    pub terms: LossTerms,
    /// Change of the loss for each edge moved outward by a unit of length, in the order of the edges.
    pub gradient: Vec<f32>,
}

/// The figures of one mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Pixels in which the nominal print differs from the target.
    pub l2: u64,
    /// Pixels that print at some process corner and not at all.
    pub pv_band: u64,
    /// EPE violations inside and outside.
    pub epe: [u32; 2],
}
