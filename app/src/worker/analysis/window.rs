//! The process window of the shown mask: CDs over focus and dose.

use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{CutLine, FocusStack, Process};
use lithoscope_engine::layout::Clip;
use lithoscope_engine::opc::{Recipe, load_focuses};
use lithoscope_engine::verify::{CdGauge, Prints};

use crate::headless::{WindowReport, default_gauges, drawn_width, usual_doses, usual_focuses};
use crate::worker::Folders;

/// What became of a question for the process window.
#[derive(Debug)]
pub enum WindowOutcome {
    /// It was measured.
    Done(Box<WindowReport>),
    /// It cannot be measured; why.
    Failed(String),
}

/// The focus planes of a recipe on a window, kept while both stay: their kernels are what costs.
pub struct Planes {
    recipe: Recipe,
    window: Rect,
    stack: FocusStack,
}

impl Planes {
    fn new(
        recipe: &Recipe,
        window: Rect,
        process: &Process,
        folders: &Folders,
    ) -> Result<Self, String> {
        if recipe.optical_model().is_none() {
            return Err(
                "this recipe imports kernels for two focuses only; choose one with computed optics"
                    .to_owned(),
            );
        }
        let (kernels, cache) = (folders.kernels.as_deref(), folders.cache.as_deref());
        let focuses = usual_focuses(recipe);
        let planes =
            load_focuses(recipe, window, &focuses, kernels, cache).map_err(|e| e.to_string())?;
        let stack = FocusStack::new(planes, process.form, process.tone, window)
            .map_err(|e| e.to_string())?;
        Ok(Self { recipe: recipe.clone(), window, stack })
    }

    fn fit(&self, recipe: &Recipe, window: Rect) -> bool {
        self.window == window
            && self.recipe.optics == recipe.optics
            && self.recipe.mask == recipe.mask
            && self.recipe.corners == recipe.corners
    }
}

/// What is measured.
pub struct Subject<'a> {
    pub clip: &'a Clip,
    pub recipe: &'a Recipe,
    pub process: &'a Process,
    pub mask: &'a [Polygon],
    /// Measured too, where it crosses a shape.
    pub line: Option<CutLine>,
    /// Intensity that prints at dose 1.
    pub level: f64,
}

/// Measures the window; `planes` are made where there are none that fit, and kept.
pub fn make(
    subject: &Subject<'_>,
    planes: &mut Option<Planes>,
    folders: &Folders,
) -> WindowOutcome {
    match measured(subject, planes, folders) {
        Ok(report) => WindowOutcome::Done(Box::new(report)),
        Err(why) => WindowOutcome::Failed(why),
    }
}

fn measured(
    subject: &Subject<'_>,
    planes: &mut Option<Planes>,
    folders: &Folders,
) -> Result<WindowReport, String> {
    let Subject { clip, recipe, process, mask, .. } = *subject;
    let gauges = gauges(subject);
    if gauges.is_empty() {
        return Err("the clip holds no shape to measure".to_owned());
    }
    if !planes.as_ref().is_some_and(|p| p.fit(recipe, clip.window)) {
        *planes = Some(Planes::new(recipe, clip.window, process, folders)?);
    }
    let Some(kept) = planes else { return Err("there are no focus planes".to_owned()) };
    kept.stack.set_mask(mask);
    WindowReport::new(mask, &mut kept.stack, &gauges, &usual_doses(), subject.level)
        .map_err(|e| format!("{e:#}"))
}

/// Gauges across the shapes nearest the middle, before them one on the cut line where that crosses
/// a shape or space.
fn gauges(subject: &Subject<'_>) -> Vec<CdGauge> {
    let bright = subject.recipe.mask.features_are_brighter();
    let prints = if bright { Prints::Bright } else { Prints::Dark };
    let own = subject.line.and_then(|cut| {
        let target = drawn_width(&subject.clip.polygons, &cut)?;
        Some(CdGauge { prints, ..CdGauge::new("Cut", cut, target) })
    });
    own.into_iter().chain(default_gauges(subject.clip, prints)).collect()
}
