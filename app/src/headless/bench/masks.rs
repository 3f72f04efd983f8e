//! Masks written for judging by another program, with a text that says how.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::layout::{self, ReadOptions, WriteOptions};
use lithoscope_engine::opc::Recipe;

use super::{ClipFile, Entry};
use crate::export;
use crate::headless::{Corrected, Prepared};

/// Side of the contest's canvas, nm; larger clips get the next multiple.
const CANVAS_NM: i64 = 2048;
/// Folder of targets written as GLP, beside those of the recipes.
const TARGETS: &str = "targets";
/// The text that says how to judge.
const GUIDE: &str = "JUDGE.txt";

/// A name that every file system takes: letters, digits, `.`, `-` and `_`, the rest as `_`.
pub fn file_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if name.trim_matches('.').is_empty() { "_".into() } else { name }
}

/// Where the mask of a recipe for a clip goes, below the folder for judging.
fn mask_path(recipe: &str, clip: &str) -> PathBuf {
    Path::new(&file_name(recipe)).join(format!("{}.gds", file_name(clip)))
}

/// Where the target of a clip that is no GLP goes, below the folder for judging.
fn target_path(clip: &str) -> PathBuf {
    Path::new(TARGETS).join(format!("{}.glp", file_name(clip)))
}

fn is_glp(clip: &Path) -> bool {
    clip.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("glp"))
}

/// Writes target, main features and SRAFs on the recipe's layers, in the contest's frame; of a clip
/// that is no GLP also the target as one.
///
/// # Errors
/// A file or folder cannot be written.
pub fn write(
    folder: &Path,
    clip: &ClipFile,
    prepared: &Prepared,
    corrected: &Corrected,
) -> anyhow::Result<()> {
    let run = &corrected.run;
    let best = run.best();
    let assists = run.assists(best).unwrap_or_default().into_iter().map(Polygon::rect).collect();
    let parts = [prepared.clip.polygons.clone(), run.main_mask(best).unwrap_or_default(), assists];
    let [dx, dy] = contest_shift(&parts[0]);
    let [target, main, srafs] = parts.map(|polygons: Vec<Polygon>| {
        polygons.iter().map(|p| p.translated(dx, dy)).collect::<Vec<_>>()
    });
    let layers = &prepared.recipe.output;
    let mask = folder.join(mask_path(&prepared.recipe.name, &clip.label));
    make_parent(&mask)?;
    let shapes = [(layers.target, target), (layers.main, main), (layers.sraf, srafs)];
    let shapes = shapes.each_ref().map(|(layer, polygons)| (*layer, polygons.as_slice()));
    layout::write_gds(&mask, "MASK", &shapes)?;
    if !is_glp(&clip.path) {
        let glp = folder.join(target_path(&clip.label));
        make_parent(&glp)?;
        let layers = Some(BTreeSet::from([layers.target]));
        let target = layout::open_with(&mask, &ReadOptions { layers, ..ReadOptions::default() })?;
        layout::write(&glp, &target.layout, &WriteOptions::default())?;
    }
    Ok(())
}

fn make_parent(path: &Path) -> anyhow::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}

/// The move that centres shapes in the contest's canvas: ⌊(canvas − size) / 2⌋ − min on each axis.
fn contest_shift(target: &[Polygon]) -> [i32; 2] {
    let boxes = target.iter().filter_map(Polygon::bounding_box);
    let Some(bounds) = boxes.reduce(|a: Rect, b| a.union(&b)) else { return [0, 0] };
    let shift = |size: i64, min: i32| {
        let canvas = (size.max(1) as u64).div_ceil(CANVAS_NM as u64) as i64 * CANVAS_NM;
        ((canvas - size).div_euclid(2) - i64::from(min)) as i32
    };
    [shift(bounds.width(), bounds.min.x), shift(bounds.height(), bounds.min.y)]
}

/// Writes how to judge every mask of the folder.
///
/// # Errors
/// The file cannot be written.
pub fn write_guide(folder: &Path, recipes: &[Recipe], runs: &[Entry]) -> anyhow::Result<()> {
    let mut text = String::from(
        "Masks of `lithoscope bench`, for judging by another program.\n\n\
         Frame: nm, 1 database unit = 1 nm, origin at the lower left corner of a canvas of 2048 nm\n\
         (the next multiple of it for larger clips). The bounding box of the clip's target lies in\n\
         its middle: shift = floor((canvas - size) / 2) - min on each axis, as the ICCAD-2013 contest\n\
         places it. The main features and the SRAFs together are the mask; its polygons are disjoint\n\
         and half-open (a rectangle of width 80 covers 80 pixels).\n\n\
         Layers and EPE tolerance by recipe:\n",
    );
    for recipe in recipes {
        let layers = &recipe.output;
        let _ = writeln!(
            text,
            "  {}: target {}, main features {}, SRAFs {}, EPE at {} nm, threshold {}",
            recipe.name,
            layers.target,
            layers.main,
            layers.sraf,
            recipe.scoring.epe_tolerance_nm,
            recipe.resist.threshold,
        );
    }
    text += "\nOne line a mask, as arguments of a judge: CLIP MASK --layer MAIN --layer SRAF --epe NM\n";
    for entry in runs.iter().filter(|entry| entry.figures.is_some()) {
        let Some(recipe) = recipes.iter().find(|recipe| recipe.name == entry.recipe) else {
            continue;
        };
        let glp = is_glp(&entry.file);
        let clip = if glp { entry.file.clone() } else { target_path(&entry.clip) };
        let _ = writeln!(
            text,
            "{} {} --layer {} --layer {} --epe {}",
            clip.display(),
            mask_path(&entry.recipe, &entry.clip).display(),
            recipe.output.main,
            recipe.output.sraf,
            recipe.scoring.epe_tolerance_nm,
        );
    }
    export::write_file(&folder.join(GUIDE), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_file_names_that_stay_in_their_folder() {
        assert_eq!(file_name("iccad13-no-sraf"), "iccad13-no-sraf");
        assert_eq!(file_name("a/b\\c d"), "a_b_c_d");
        for name in ["..", ".", ""] {
            assert_eq!(file_name(name), "_");
        }
    }

    #[test]
    fn the_contest_centres_bounding_boxes_rounding_down() {
        let shift = |x0, y0, x1, y1| contest_shift(&[Polygon::rect(Rect::new(x0, y0, x1, y1))]);
        assert_eq!(shift(-10, 0, 91, 2048), [973 + 10, 0]);
        assert_eq!(shift(5, 5, 5 + 2049, 6), [(4096 - 2049) / 2 - 5, 1023 - 5]);
        assert_eq!(contest_shift(&[]), [0, 0]);
    }
}
