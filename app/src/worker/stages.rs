//! The stages from a source to a run, each a function of its inputs.

use std::path::{Path, PathBuf};

use lithoscope_engine::geometry::{Rect, fills};
use lithoscope_engine::imaging::Imager;
use lithoscope_engine::layout::{
    self, Bounds, CellId, Clip, Layout, LayoutError, Opened, ReadOptions, lyp,
};
use lithoscope_engine::opc::{OpcError, OpcRun, Recipe, load_process};

use super::{Failure, Folders, Looks, Remedy, Sketch, Source};

/// Side of the window that is cut from a larger layout at first, nm: the contest's field.
const FIRST_WINDOW_NM: i32 = 2048;

/// Entries of a folder that are looked at for layer properties.
const MOST_ENTRIES: usize = 10_000;

/// Longer side of a layout that is shown as a clip at once, nm.
const LARGEST_CLIP_NM: f64 = 4000.0;

/// Reads a layout.
pub fn read(source: &Source, options: &ReadOptions<'_>) -> Result<Opened, LayoutError> {
    match source {
        Source::Run(path) | Source::Path(path) => layout::open_with(path, options),
        Source::Sample { name, bytes } => layout::read_with(Path::new(name), bytes, options),
    }
}

/// What to say of a layout that was refused.
pub fn refused(source: &Source, error: &LayoutError) -> Failure {
    // Access, size and unknown formats do not get better by leaving parts out.
    let whole = matches!(
        error,
        LayoutError::Io { .. } | LayoutError::TooLarge { .. } | LayoutError::UnknownFormat { .. }
    );
    let remedy = (!whole).then_some(Remedy::OpenLeniently);
    Failure { remedy, ..failure(format!("Could not open {}", name_of(source)), error) }
}

/// Whether a layout is a clip by itself: one cell of about the size that is imaged at once.
pub fn is_clip(layout: &Layout) -> bool {
    let side = |b: Bounds| (b.max[0] - b.min[0]).max(b.max[1] - b.min[1]) * layout.unit_nm;
    let bounds = || layout.bounds(CellId(0), None);
    layout.contest
        || (layout.cells().len() <= 1 && bounds().is_none_or(|b| side(b) <= LARGEST_CLIP_NM))
}

/// The clip a person most likely means, and its cell.
pub fn default_clip(layout: &Layout, source: &Source) -> Result<(Clip, CellId), Failure> {
    let cell = layout.top_cells().first().copied().unwrap_or(CellId(0));
    let clip = layout
        .default_clip(FIRST_WINDOW_NM)
        .map_err(|e| failure(format!("Could not cut a clip from {}", name_of(source)), &e))?;
    Ok((clip, cell))
}

/// Layer properties that lie beside a layout: of the same stem, else the only ones there. What
/// cannot be read is not there.
pub fn looks_beside(layout: &Path) -> Option<Looks> {
    let open = |path: PathBuf| {
        let properties =
            lyp::open(&path).inspect_err(|e| tracing::warn!("{}: {e}", path.display())).ok()?;
        Some(Looks { path, properties })
    };
    let same = layout.with_extension("lyp");
    if same.is_file() {
        return open(same);
    }
    let folder = layout.parent().filter(|p| !p.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    let mut there = entries
        .take(MOST_ENTRIES)
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("lyp")));
    let only = there.next()?;
    if there.next().is_some() { None } else { open(only) }
}

/// The default clip of a source, drawn small.
pub fn sketch(source: &Source) -> Result<Sketch, Failure> {
    let opened = read(source, &ReadOptions::default()).map_err(|e| refused(source, &e))?;
    let (clip, _) = default_clip(&opened.layout, source)?;
    let points = clip.polygons.iter().flat_map(|p| p.outer.iter().copied());
    let shapes = Rect::around(points).unwrap_or(clip.window);
    let side = shapes.width().max(shapes.height()).max(1) as f32;
    let middle = |low: i32, high: i32| f32::midpoint(low as f32, high as f32);
    let (x, y) = (middle(shapes.min.x, shapes.max.x), middle(shapes.min.y, shapes.max.y));
    let place = |p: [f32; 2]| [(p[0] - x) / side + 0.5, (p[1] - y) / side + 0.5];
    Ok(fills(&clip.polygons).into_iter().map(|quad| quad.map(place)).collect())
}

/// What a source is called in messages.
pub fn name_of(source: &Source) -> String {
    match source {
        Source::Run(path) | Source::Path(path) => path
            .file_name()
            .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into()),
        Source::Sample { name, .. } => (*name).to_owned(),
    }
}

/// Where a source is, for the files made from it.
pub fn origin(source: &Source) -> String {
    match source {
        Source::Run(path) | Source::Path(path) => path.display().to_string(),
        Source::Sample { name, .. } => (*name).to_owned(),
    }
}

/// Kernels and imaging plan of a clip under a recipe.
pub fn plan(clip: &Clip, recipe: &Recipe, folders: &Folders) -> Result<Imager, Failure> {
    let what = || format!("Could not prepare the optics of {}", recipe.name);
    let process =
        load_process(recipe, clip.window, folders.kernels.as_deref(), folders.cache.as_deref())
            .map_err(|e| opc_failure(what(), &e))?;
    Imager::new(&process, clip.window).map_err(|e| failure(what(), &e))
}

/// A run at iteration 0.
pub fn start(clip: &Clip, recipe: &Recipe, imager: &Imager) -> Result<OpcRun, Failure> {
    OpcRun::new(clip, recipe, imager.process())
        .map_err(|e| opc_failure(format!("Could not prepare a run on {}", clip.name), &e))
}

/// A failure of the OPC engine, with a remedy where there is one.
pub fn opc_failure(what: String, error: &OpcError) -> Failure {
    let remedy = matches!(error, OpcError::KernelsNeeded { .. }).then_some(Remedy::ChooseKernels);
    Failure { remedy, ..failure(what, error) }
}

/// A failure without remedy.
pub fn failure(what: String, error: &dyn std::error::Error) -> Failure {
    Failure { what, why: error.to_string(), remedy: None }
}

/// A failure to write a file.
pub fn write_failure(noun: &str, path: &Path, error: &anyhow::Error) -> Failure {
    Failure {
        what: format!("Could not write the {noun} to {}", path.display()),
        why: format!("{error:#}"),
        remedy: None,
    }
}

/// Cuts a clip: the window, else the layer's densest part of a size that can be imaged.
pub fn cut(
    layout: &Layout,
    cell: CellId,
    layer: layout::Layer,
    window: Option<Rect>,
) -> Result<Clip, Failure> {
    let clip = match window {
        Some(window) => layout.clip(cell, layer, Some(window)),
        None => layout.densest_clip(cell, layer, FIRST_WINDOW_NM),
    };
    clip.map_err(|e| failure(format!("Could not cut layer {layer}"), &e))
}
