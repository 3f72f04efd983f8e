//! From a file and a recipe to a clip and its kernels.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use lithoscope_engine::geometry::Rect;
use lithoscope_engine::imaging::Process;
use lithoscope_engine::layout::{self, CellId, Clip, Layer, Layout};
use lithoscope_engine::opc::{Recipe, SavedRun, load_process};

/// Largest window that is cut where none is asked for, nm: the contest's canvas.
const DEFAULT_WINDOW_NM: i32 = 2048;
/// Cell names that a message lists.
const LISTED: usize = 8;

/// Which part of a layout; what is `None` is chosen.
#[derive(Clone, Debug, Default)]
pub struct ClipChoice {
    /// Cell, else the first top cell.
    pub cell: Option<String>,
    /// Layer, else the one with most shapes.
    pub layer: Option<Layer>,
    /// Window in nm, else the whole layer or about 2 µm of its densest part.
    pub window: Option<Rect>,
}

/// A clip ready to be imaged or corrected.
pub struct Prepared {
    /// The layout file.
    pub file: PathBuf,
    /// The clip.
    pub clip: Clip,
    /// The recipe.
    pub recipe: Recipe,
    /// Kernels and corners.
    pub process: Process,
    /// Time that reading or computing the kernels took, s.
    pub kernels_s: f64,
}

/// Opens a layout, cuts the clip and loads the kernels of the recipe.
///
/// # Errors
/// Whatever the layout, the cut or the kernels have to say, with the file's name.
pub fn prepare(
    file: &Path,
    choice: &ClipChoice,
    recipe: Recipe,
    kernels_dir: Option<&Path>,
) -> anyhow::Result<Prepared> {
    let layout = layout::open(file)?;
    let clip = choose_clip(&layout, choice).with_context(|| file.display().to_string())?;
    let start = Instant::now();
    let process = load_process(&recipe, clip.window, kernels_dir, cache_dir().as_deref())
        .with_context(|| file.display().to_string())?;
    let kernels_s = start.elapsed().as_secs_f64();
    Ok(Prepared { file: file.to_path_buf(), clip, recipe, process, kernels_s })
}

/// Loads the kernels that a saved run goes on with; it brings its clip and recipe.
///
/// # Errors
/// Whatever the kernels have to say, with the name of the file the clip came from.
pub fn prepare_saved(saved: &SavedRun, kernels_dir: Option<&Path>) -> anyhow::Result<Prepared> {
    let (clip, recipe) = (saved.clip().clone(), saved.recipe().clone());
    let start = Instant::now();
    let process = load_process(&recipe, clip.window, kernels_dir, cache_dir().as_deref())
        .with_context(|| saved.source.clone())?;
    let kernels_s = start.elapsed().as_secs_f64();
    Ok(Prepared { file: PathBuf::from(&saved.source), clip, recipe, process, kernels_s })
}

/// Cuts the clip that was chosen.
///
/// # Errors
/// No such cell or layer, nothing in the window, or a layout without shapes.
pub fn choose_clip(layout: &Layout, choice: &ClipChoice) -> anyhow::Result<Clip> {
    if choice.cell.is_none() && choice.layer.is_none() && choice.window.is_none() {
        return Ok(layout.default_clip(DEFAULT_WINDOW_NM)?);
    }
    let cell = choose_cell(layout, choice.cell.as_deref())?;
    let layer = match choice.layer {
        Some(layer) => layer,
        None => fullest_layer(layout, cell)?,
    };
    Ok(match choice.window {
        Some(window) => layout.clip(cell, layer, Some(window))?,
        None => layout.densest_clip(cell, layer, DEFAULT_WINDOW_NM)?,
    })
}

/// The cell of a name, else the first top cell.
fn choose_cell(layout: &Layout, name: Option<&str>) -> anyhow::Result<CellId> {
    match name {
        Some(name) => layout.cell_named(name).ok_or_else(|| {
            let known = layout.cells().iter().take(LISTED).map(|c| c.name.as_str());
            let more = if layout.cells().len() > LISTED { " …" } else { "" };
            anyhow!(
                "no cell named '{name}'; there is {}{more}",
                known.collect::<Vec<_>>().join(", ")
            )
        }),
        None => layout.top_cells().first().copied().context("the layout has no top cell"),
    }
}

/// The layer of a cell with most shapes; the lowest of equals.
fn fullest_layer(layout: &Layout, cell: CellId) -> anyhow::Result<Layer> {
    layout
        .layers(cell)
        .into_iter()
        .max_by_key(|&(layer, shapes)| (shapes, std::cmp::Reverse(layer)))
        .map(|(layer, _)| layer)
        .context("the cell holds no shape on any layer")
}

/// Where computed kernels are kept between runs; `None` where the system names no such folder.
pub fn cache_dir() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "lithoscope")?;
    Some(folders.cache_dir().join("kernels"))
}
