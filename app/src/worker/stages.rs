//! The stages from a source to a run, each a function of its inputs.

use std::path::{Path, PathBuf};

use lithoscope_engine::geometry::{Rect, fills};
use lithoscope_engine::imaging::Imager;
use lithoscope_engine::layout::{self, CellId, Clip, Layout, LayoutError};
use lithoscope_engine::opc::{OpcError, OpcRun, Recipe, load_process};

use super::{Failure, Folders, Remedy, Sketch, Source};

/// Side of the window that is cut from a larger layout at first, nm: the contest's field.
const FIRST_WINDOW_NM: i32 = 2048;

/// A layout and the clip cut from it.
pub struct Opened {
    pub layout: Layout,
    pub path: Option<PathBuf>,
    pub cell: CellId,
    pub clip: Clip,
}

/// Opens a source and cuts its default clip.
pub fn open(source: &Source) -> Result<Opened, Failure> {
    let (layout, path) = read(source)?;
    let cell = layout.top_cells().first().copied().unwrap_or(CellId(0));
    let clip = layout
        .default_clip(FIRST_WINDOW_NM)
        .map_err(|e| failure(format!("Could not cut a clip from {}", name_of(source)), &e))?;
    Ok(Opened { layout, path, cell, clip })
}

/// The default clip of a source, drawn small.
pub fn sketch(source: &Source) -> Result<Sketch, Failure> {
    let clip = open(source)?.clip;
    let points = clip.polygons.iter().flat_map(|p| p.outer.iter().copied());
    let shapes = Rect::around(points).unwrap_or(clip.window);
    let side = shapes.width().max(shapes.height()).max(1) as f32;
    let middle = |low: i32, high: i32| f32::midpoint(low as f32, high as f32);
    let (x, y) = (middle(shapes.min.x, shapes.max.x), middle(shapes.min.y, shapes.max.y));
    let place = |p: [f32; 2]| [(p[0] - x) / side + 0.5, (p[1] - y) / side + 0.5];
    Ok(fills(&clip.polygons).into_iter().map(|quad| quad.map(place)).collect())
}

fn name_of(source: &Source) -> String {
    match source {
        Source::Path(path) => path
            .file_name()
            .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into()),
        Source::Sample { name, .. } => (*name).to_owned(),
    }
}

fn read(source: &Source) -> Result<(Layout, Option<PathBuf>), Failure> {
    let refuse = |e: &LayoutError| failure(format!("Could not open {}", name_of(source)), e);
    match source {
        Source::Path(path) => {
            layout::open(path).map(|l| (l, Some(path.clone()))).map_err(|e| refuse(&e))
        }
        Source::Sample { name, bytes } => {
            layout::read_bytes(Path::new(name), bytes).map(|l| (l, None)).map_err(|e| refuse(&e))
        }
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
