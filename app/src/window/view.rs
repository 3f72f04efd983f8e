//! How things are looked at: camera, layers, selection, tabs. Nothing here changes a result.

use lithoscope_engine::opc::FragmentGradient;

use super::canvas::Camera;
use super::viewer::Mode;

/// A layer of the canvas, drawn in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanvasLayer {
    /// Aerial image.
    Aerial,
    /// Developed depth of the resist.
    Depth,
    /// Where the loss asks for light.
    Seeds,
    /// Mask.
    Mask,
    /// Assist features.
    Sraf,
    /// PV band.
    Band,
    /// What the pinned run and the shown one differ in.
    Difference,
    /// Target outline.
    Target,
    /// Nominal contour.
    Contour,
    /// Contours of the outer and inner corner.
    Corners,
    /// EPE gauges.
    Gauges,
    /// Gradient of the loss at every fragment.
    Gradient,
    /// Mask rules that are broken.
    Rules,
}

/// Name and explanation of each layer.
pub const LAYERS: [(CanvasLayer, &str, &str); 13] = [
    (
        CanvasLayer::Aerial,
        "Aerial image",
        "Light intensity in the resist at the focus shown, clear field = 1.",
    ),
    (
        CanvasLayer::Depth,
        "Resist depth",
        "How deep the resist is developed, for a resist with a film: choose one under Exposure.",
    ),
    (
        CanvasLayer::Seeds,
        "Seed map",
        "Loss that opening the mask would take away (orange) or add (blue); faint where no SRAF may lie.",
    ),
    (CanvasLayer::Mask, "Mask", "The corrected main features."),
    (
        CanvasLayer::Sraf,
        "SRAF",
        "Sub-resolution assist features: they help the main features print and do not print themselves.",
    ),
    (CanvasLayer::Band, "PV band", "Where it prints at one process corner but not at the other."),
    (
        CanvasLayer::Difference,
        "Difference",
        "Mask and print that only the pinned run A has (blue), or only the shown run B (orange).",
    ),
    (CanvasLayer::Target, "Target", "What should print."),
    (CanvasLayer::Contour, "Printed contour", "What prints at the focus, dose and resist shown."),
    (
        CanvasLayer::Corners,
        "Corner contours",
        "What prints at the outer corner (high dose) and the inner one (low dose, defocus).",
    ),
    (
        CanvasLayer::Gauges,
        "EPE gauges",
        "Placement error of the contour, ten times enlarged up to 15 nm: green within 2 nm, yellow within 10, red beyond.",
    ),
    (
        CanvasLayer::Gradient,
        "Gradient",
        "Which way each fragment should go to lower the loss: orange outward, blue inward, as long as the pull is strong.",
    ),
    (
        CanvasLayer::Rules,
        "Rule markers",
        "Where the shown mask breaks a mask rule. The Rules tab lists them.",
    ),
];

/// How one layer is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Whether it is drawn.
    pub visible: bool,
    /// 0…1.
    pub opacity: f32,
}

/// Something on the canvas that panels show too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A fragment, by index.
    Fragment(usize),
    /// A gauge, by index.
    Gauge(usize),
    /// A broken mask rule, by index.
    Rule(usize),
}

/// Part of the loss whose gradient is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientTerm {
    /// All of it.
    #[default]
    Total,
    /// The image difference.
    L2,
    /// The PV band.
    PvBand,
    /// EPE.
    Epe,
}

impl GradientTerm {
    /// Every term with its name.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Total, "Total"), (Self::L2, "L2"), (Self::PvBand, "PV band"), (Self::Epe, "EPE")];

    /// This term of a gradient, nm² a nm.
    pub fn of(self, gradient: &FragmentGradient) -> f64 {
        match self {
            Self::Total => gradient.l2 + gradient.pv_band + gradient.epe,
            Self::L2 => gradient.l2,
            Self::PvBand => gradient.pv_band,
            Self::Epe => gradient.epe,
        }
    }
}

/// Tabs of the bottom panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Plots of the metrics.
    #[default]
    Metrics,
    /// Why a fragment or gauge is as it is.
    Explain,
    /// Mask rules.
    Rules,
    /// The pinned run beside the shown one.
    Compare,
    /// Light and resist along the cut line.
    Cut,
    /// Widths over focus and dose.
    Window,
    /// Source, pupil and kernels.
    Optics,
    /// A resist fitted to what was printed.
    Calibrate,
    /// Gauge readings.
    Epe,
    /// What happened.
    Log,
}

/// How things are looked at.
pub struct View {
    /// What part of the clip is on the canvas.
    pub camera: Camera,
    /// Whether the clip is to be fitted as soon as the canvas' size is known.
    pub fit: bool,
    /// Look of each layer.
    pub looks: [Look; LAYERS.len()],
    /// What the pointer is on.
    pub hovered: Option<Item>,
    /// What it was on in the frame before.
    pub was_hovered: Option<Item>,
    /// What was clicked.
    pub selected: Option<Item>,
    /// Where the pointer is on the canvas, nm.
    pub cursor_nm: Option<[f64; 2]>,
    /// Open tab of the bottom panel.
    pub tab: Tab,
    /// Whether the help sheet is open.
    pub help: bool,
    /// Text in the palette; `None` while it is closed.
    pub palette: Option<String>,
    /// Whether the resist stands in place of the canvas.
    pub three_d: bool,
    /// Whether the costs of frames are shown.
    pub performance: bool,
    /// What the canvas shows.
    pub mode: Mode,
    /// Whose gradient is drawn.
    pub gradient: GradientTerm,
}

impl Default for View {
    fn default() -> Self {
        let look = |visible, opacity| Look { visible, opacity };
        Self {
            camera: Camera::default(),
            fit: true,
            looks: [
                look(true, 1.0),
                look(true, 1.0),
                look(false, 0.9),
                look(true, 0.35),
                look(true, 0.45),
                look(true, 0.35),
                look(false, 0.8),
                look(true, 1.0),
                look(true, 1.0),
                look(false, 0.7),
                look(true, 1.0),
                look(false, 1.0),
                look(true, 1.0),
            ],
            hovered: None,
            was_hovered: None,
            selected: None,
            cursor_nm: None,
            tab: Tab::default(),
            help: false,
            palette: None,
            three_d: false,
            performance: false,
            mode: Mode::default(),
            gradient: GradientTerm::default(),
        }
    }
}

impl View {
    /// How a layer is drawn; `None` where it is hidden.
    pub fn look(&self, layer: CanvasLayer) -> Option<f32> {
        let look = self.looks[layer as usize];
        look.visible.then_some(look.opacity)
    }

    /// What panels and canvas light up: what is hovered, else what was clicked.
    pub fn focus(&self) -> Option<Item> {
        self.hovered.or(self.was_hovered).or(self.selected)
    }
}
