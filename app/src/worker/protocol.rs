//! What window and engine thread say to each other.

use std::path::PathBuf;
use std::sync::Arc;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::lyp::LayerProperties;
use lithoscope_engine::layout::{CellId, Clip, Faults, Layer, Layout, Loss};
use lithoscope_engine::mask::Fragment;
use lithoscope_engine::opc::{Iteration, Recipe};
use lithoscope_engine::verify::Gauge;

use super::{Analysis, Conditions, Finding, Focuses, Picture, Survey, WindowDevice};
use crate::headless::Backend;

/// Where a layout comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// A saved run, which brings its clip.
    Run(PathBuf),
    /// A sample that comes with the program: file name and content.
    Sample {
        /// Name with extension.
        name: &'static str,
        /// The whole file.
        bytes: &'static [u8],
    },
}

impl Source {
    /// A file by its suffix: `.run` is a saved run, anything else a layout.
    pub fn of(path: PathBuf) -> Self {
        let is_run = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("run"));
        if is_run { Self::Run(path) } else { Self::Path(path) }
    }
}

/// The shapes of a clip as quadrangles in a square: 0…1 both ways, y up.
pub type Sketch = Vec<[[f32; 2]; 4]>;

/// A file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The mask of an iteration as GDSII.
    Mask,
    /// The run with all its iterations, to be gone on with.
    Run,
    /// The metrics of all iterations as CSV.
    MetricsCsv,
    /// The metrics of all iterations as JSON.
    MetricsJson,
}

impl Export {
    /// File name extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mask => "gds",
            Self::Run => "run",
            Self::MetricsCsv => "csv",
            Self::MetricsJson => "json",
        }
    }

    /// What it is, for titles and messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Run => "run",
            Self::MetricsCsv => "metrics (CSV)",
            Self::MetricsJson => "metrics (JSON)",
        }
    }
}

/// What the window asks for.
#[derive(Debug)]
pub enum Request {
    /// Open a layout, and of a small one the clip a person most likely means; or a saved run.
    Open {
        /// Where from.
        source: Source,
        /// What becomes of a file with a part that breaks the format.
        faults: Faults,
    },
    /// Read the open layout's file again; the clip stays.
    Reload {
        /// Where from.
        source: Source,
        /// As when it was opened.
        faults: Faults,
    },
    /// Read layer properties.
    OpenLooks(PathBuf),
    /// Write layer properties.
    SaveLooks {
        /// Where.
        path: PathBuf,
        /// What.
        looks: Box<LayerProperties>,
    },
    /// Write a picture of the canvas as PNG.
    SavePicture {
        /// Where.
        path: PathBuf,
        /// Its pixels.
        pixels: Arc<egui::ColorImage>,
    },
    /// Draw the default clips of these sources small, for cards.
    Sketch(Vec<Source>),
    /// Cut another clip from the open layout.
    Cut {
        /// The cell.
        cell: CellId,
        /// The layer.
        layer: Layer,
        /// The window, nm; `None` for the bounding box.
        window: Option<Rect>,
    },
    /// Use this recipe; the run starts anew.
    Recipe(Box<Recipe>),
    /// Take what computes iterations from here on.
    Backend(Backend),
    /// Compute on the window's own device where that is wanted, and draw from its memory.
    Window(Box<WindowDevice>),
    /// Folder of the contest kernels; prepares a run if there is none yet.
    KernelsDir(PathBuf),
    /// Iterate until the schedule is done.
    Run,
    /// Stop after this iteration.
    Pause,
    /// Make one iteration.
    Step,
    /// Go back to iteration 0 and forget the others; prepares a run if there is none yet.
    Reset,
    /// Image this iteration.
    Show(usize),
    /// Image under these conditions.
    Conditions(Box<Conditions>),
    /// Ask about the shown mask.
    Analyse(Analysis),
    /// Tell where the shown mask and what it prints differ from this picture's, or no longer.
    Compare(Option<Arc<Picture>>),
    /// Write a file.
    Export {
        /// What.
        what: Export,
        /// Where.
        path: PathBuf,
        /// Which iteration, for a mask.
        iteration: usize,
    },
}

/// Optics that are ready, and what they can be asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optics {
    /// Number of this preparation.
    pub generation: u64,
    /// Focuses that can be shown.
    pub focuses: Focuses,
    /// Threshold of the recipe.
    pub threshold: f32,
}

/// A run that is ready to go.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Number of this preparation: pictures and iterations of others are stale.
    pub generation: u64,
    /// The recipe it was made with.
    pub recipe: Arc<Recipe>,
    /// Pieces of the target's edges.
    pub fragments: Arc<[Fragment]>,
    /// Where EPE is measured.
    pub gauges: Arc<[Gauge]>,
    /// Iterations the schedule has.
    pub total_steps: usize,
    /// Time the preparation took, ms.
    pub took_ms: f64,
}

/// Work in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub job: String,
    /// Done share 0…1, where it is known.
    pub done: Option<f32>,
}

/// What a person can do about a failure with one click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Say where the contest kernels are.
    ChooseKernels,
    /// Open the refused layout without the parts that break its format.
    OpenLeniently,
}

/// Something that did not work. What was there before is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What did not work.
    pub what: String,
    /// Why, where, and what to do.
    pub why: String,
    /// One click that may help.
    pub remedy: Option<Remedy>,
}

/// A layout that was read.
#[derive(Debug)]
pub struct OpenedLayout {
    /// The layout.
    pub layout: Arc<Layout>,
    /// Its cells and layers, for lists.
    pub survey: Arc<Survey>,
    /// Where it came from.
    pub source: Source,
    /// How it was read.
    pub faults: Faults,
    /// Layer properties that were found beside it.
    pub looks: Option<Looks>,
    /// What was lost.
    pub losses: Vec<Loss>,
    /// Why it was read.
    pub occasion: Occasion,
}

/// Layer properties and their file.
#[derive(Clone, Debug)]
pub struct Looks {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub properties: LayerProperties,
}

/// Why a layout was read, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It was opened and is a clip by itself; the clip follows.
    SmallFile,
    /// It was opened to be looked at as a whole.
    LargeFile,
    /// Its file changed.
    Reload,
}

/// What the engine thread reports.
#[derive(Debug)]
pub enum Event {
    /// A layout is open.
    Opened(Box<OpenedLayout>),
    /// Layer properties were read.
    Looks(Box<Looks>),
    /// A file that no run made was written: what and where.
    Saved(&'static str, PathBuf),
    /// Sources were drawn small, in the order asked for.
    Sketches(Vec<Sketch>),
    /// A clip was cut; earlier runs are gone.
    Clip {
        /// The clip.
        clip: Arc<Clip>,
        /// The cell it was cut from.
        cell: CellId,
        /// Number of the preparation that it begins: what belongs to earlier ones is stale.
        generation: u64,
    },
    /// A saved run was opened; it is made with this recipe.
    Resumed(Arc<Recipe>),
    /// What computes iterations now; `None` is the processor.
    Device(Option<String>),
    /// Optics are ready.
    Optics(Optics),
    /// A run is ready; iteration 0 follows.
    Prepared(Prepared),
    /// One iteration was made.
    Iteration {
        /// Preparation it belongs to.
        generation: u64,
        /// The iteration.
        iteration: Box<Iteration>,
        /// The best one so far.
        best: usize,
        /// Time it took, ms; `None` where it was made before the run was opened.
        took_ms: Option<f64>,
    },
    /// Iterations after this one are gone.
    Rewound {
        /// Preparation it belongs to.
        generation: u64,
        /// The last one left.
        iteration: usize,
    },
    /// The schedule is done: there is nothing left to iterate.
    Finished {
        /// Preparation it belongs to.
        generation: u64,
    },
    /// The run began or stopped.
    Running(bool),
    /// An iteration was imaged.
    Picture(Arc<Picture>),
    /// Something was found out about the shown mask.
    Found {
        /// Preparation it belongs to.
        generation: u64,
        /// What.
        finding: Finding,
    },
    /// Work began, went on or (`None`) ended.
    Progress(Option<Progress>),
    /// A file was written.
    Written {
        /// What.
        what: Export,
        /// Where.
        path: PathBuf,
    },
    /// Something did not work.
    Failed(Failure),
    /// Work was given up on request.
    Cancelled,
    /// A line for the log.
    Log(String),
}
