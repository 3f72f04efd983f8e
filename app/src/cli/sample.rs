//! The first run where there is no display: the sample, corrected, with pictures.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use lithoscope_engine::geometry::{Polygon, Rect};

use super::args::ProcessArguments;
use super::correct;
use crate::export;
use crate::headless::{
    ClipChoice, CorrectionReport, Prepared, Scene, correct as correct_clip, picture_grid, png,
    prepare,
};

/// The sample that comes with the program.
const SAMPLE: &[u8] = include_bytes!("../../../samples/dense_metal_tile.gds");
/// Its name.
const SAMPLE_NAME: &str = "dense_metal_tile.gds";
/// Folder of the first such run; later ones get a number.
const FOLDER: &str = "lithoscope-out";
/// Room about the clip in pictures, nm, so that edges at its border show.
const MARGIN_NM: i32 = 100;
/// Numbers that are tried.
const MOST_FOLDERS: usize = 1000;

/// Corrects the sample and leaves mask, report, metrics and pictures in a folder it names.
pub fn run(process: &ProcessArguments) -> anyhow::Result<()> {
    let recipe = correct::recipe(process, &[])?;
    let folder = free_folder(Path::new("."))?;
    super::print(&format!(
        "No display: neither WAYLAND_DISPLAY nor DISPLAY is set, so no window can open.\nCorrecting the sample {SAMPLE_NAME} without one; results go to {}.\n",
        folder.display()
    ))?;
    let layout = folder.join(SAMPLE_NAME);
    export::write_file(&layout, SAMPLE)?;
    let kernels = process.kernels.as_deref();
    let prepared = prepare(&layout, &ClipChoice::default(), recipe, kernels)?;
    let corrected = correct_clip(&prepared, true)?;
    let mask = folder.join("mask.gds");
    corrected.write_mask(&mask, &prepared)?;
    export::write_metrics_csv(&folder.join("metrics.csv"), corrected.run.history())?;
    let report = CorrectionReport::new(&prepared, &corrected)?;
    export::write_json(&folder.join("report.json"), &report)?;
    draw(&folder, &prepared, &corrected.mask)?;
    super::print(&format!(
        "{}{}: mask.gds, report.json, metrics.csv, mask.png, aerial.png, pv_band.png\nNext: lithoscope opc FILE -o mask.gds, or lithoscope --help\n",
        correct::summary(&report),
        folder.display()
    ))
}

/// The three pictures of a corrected clip.
fn draw(folder: &Path, prepared: &Prepared, mask: &[Polygon]) -> anyhow::Result<()> {
    let w = prepared.clip.window;
    let view = Rect::new(
        w.min.x.saturating_sub(MARGIN_NM),
        w.min.y.saturating_sub(MARGIN_NM),
        w.max.x.saturating_add(MARGIN_NM),
        w.max.y.saturating_add(MARGIN_NM),
    );
    let scene = Scene::new(prepared, mask, &picture_grid(view))?;
    let pictures = [
        ("mask.png", scene.mask_and_contour()),
        ("aerial.png", scene.aerial()),
        ("pv_band.png", scene.pv_band()),
    ];
    for (name, picture) in pictures {
        export::write_file(&folder.join(name), &png(&picture)?)?;
    }
    Ok(())
}

/// Makes `lithoscope-out`, or the first of `lithoscope-out-2`, `-3`, … that is not there.
fn free_folder(parent: &Path) -> anyhow::Result<PathBuf> {
    for number in 1..=MOST_FOLDERS {
        let name = if number == 1 { FOLDER.to_owned() } else { format!("{FOLDER}-{number}") };
        let folder = parent.join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot make the folder {}", folder.display()));
            }
        }
    }
    bail!("{FOLDER} to {FOLDER}-{MOST_FOLDERS} are all there; remove some")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_gets_a_folder_of_its_own() {
        let parent = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..3)
            .map(|_| free_folder(parent.path()).unwrap().file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["lithoscope-out", "lithoscope-out-2", "lithoscope-out-3"]);
    }
}
