//! KLayout as a second opinion on what layout files hold; skipped where it is not installed.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

use lithoscope_engine::geometry::{Point, Polygon};
use lithoscope_engine::layout::{self, CellId, Layout, LayoutError};
use lithoscope_tests::files::{gds_cell, gds_library, gds_path};
use lithoscope_tests::{Random, shared, workspace};
use serde_json::Value;

/// Runs `compare_klayout.py`. `None`, with the reason on standard error, where it cannot run.
fn klayout(options: &[&str], files: &[PathBuf]) -> Option<Value> {
    let script = workspace().join("tests/compare_klayout.py");
    let run = match Command::new("python3").arg(script).args(options).args(files).output() {
        Ok(run) => run,
        Err(error) => {
            eprintln!("skipped: python3 does not run: {error}");
            return None;
        }
    };
    if run.status.code() == Some(3) {
        eprintln!("skipped: python3 has no module klayout (pip install klayout)");
        return None;
    }
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(serde_json::from_slice(&run.stdout).unwrap())
}

fn reference_files() -> Vec<PathBuf> {
    let folders = ["gds", "oasis", "clips"].into_iter().filter_map(shared);
    let entries = folders.flat_map(|f| std::fs::read_dir(f).unwrap().map(|e| e.unwrap().path()));
    let wanted = |p: &PathBuf| p.extension().is_some_and(|e| e == "gds" || e == "oas");
    let mut files: Vec<_> = entries.filter(wanted).collect();
    files.sort();
    files
}

#[test]
fn shape_counts_and_merged_areas_are_those_of_klayout() {
    let files = reference_files();
    let Some(all) = klayout(&[], &files) else { return };
    let mut differences = Vec::new();
    for path in &files {
        let theirs = &all[path.to_str().unwrap()];
        // Of illegal files the readers' own tests know what is to be said.
        let Ok(mut ours) = layout::open(path) else { continue };
        assert!(theirs.get("error").is_none(), "{}: {}", path.display(), theirs["error"]);
        // In database units from here on.
        (ours.unit_nm, ours.contest) = (1.0, false);
        for (name, layers) in theirs["cells"].as_object().unwrap() {
            let cell = ours.cell_named(name).unwrap_or_else(|| panic!("no cell {name}"));
            let file = path.file_name().unwrap().to_string_lossy();
            for line in compared(&ours, cell, layers) {
                differences.push(format!("{file} {name} {line}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn compared(ours: &Layout, cell: CellId, theirs: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let counts = ours.layers(cell);
    let names: Vec<_> = counts.keys().map(ToString::to_string).collect();
    for name in theirs.as_object().unwrap().keys().filter(|name| !names.contains(name)) {
        differences.push(format!("{name}: missing"));
    }
    for (layer, count) in counts {
        let wanted = &theirs[layer.to_string()];
        if wanted["shapes"].as_u64() != Some(count) {
            differences.push(format!("{layer}: {count} shapes, not {}", wanted["shapes"]));
            continue;
        }
        let (area, slanted) = match ours.clip(cell, layer, None) {
            Ok(clip) => {
                let twice: i128 = clip.polygons.iter().map(Polygon::area2).sum();
                (twice as f64 / 2.0, clip.polygons.iter().any(|p| !p.is_manhattan()))
            }
            // All shapes of the layer are without area.
            Err(LayoutError::EmptyWindow { .. } | LayoutError::NothingInWindow { .. }) => {
                (0.0, false)
            }
            Err(error) => panic!("{layer}: {error}"),
        };
        // Where slanted edges cross, each program rounds the crossing to whole units its own way.
        let slack = if slanted { 1e-5 * area + 10.0 } else { 0.0 };
        let wanted = wanted["area"].as_f64().unwrap();
        if (area - wanted).abs() > slack {
            differences.push(format!("{layer}: area {area}, not {wanted}"));
        }
    }
    differences
}

/// A path like those that people and programs draw, or like none of them.
fn random_path(kind: usize, random: &mut Random) -> Vec<[i32; 2]> {
    let size = random.one_of(&[10, 50, 300, 3000, 100_000]);
    let any = |random: &mut Random| [random.within(-size, size), random.within(-size, size)];
    let mut points = vec![any(random)];
    for _ in 0..random.below(8) {
        let [x, y] = points[points.len() - 1];
        let before = points[points.len().saturating_sub(2)];
        let length = random.within(1, size);
        let axis = [[1, 0], [-1, 0], [0, 1], [0, -1]];
        let diagonal = [[1, 1], [1, -1], [-1, 1], [-1, -1]];
        let ahead = |[dx, dy]: [i32; 2]| [x + dx * length, y + dy * length];
        points.push(match (kind, random.below(6)) {
            (_, 0) => before,
            (0, _) | (1, 1..3) => ahead(random.one_of(&axis)),
            (1, _) => ahead(random.one_of(&diagonal)),
            (_, 1) => [2 * x - before[0], 2 * y - before[1]],
            _ => any(random),
        });
    }
    points
}

/// A ring as a list that does not depend on where it starts or which way it runs.
fn free_of_start(mut ring: Vec<[i64; 2]>) -> Vec<[i64; 2]> {
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let back: Vec<_> = ring.iter().rev().copied().collect();
    let turned = |ring: &[[i64; 2]]| {
        (0..ring.len()).map(|i| [&ring[i..], &ring[..i]].concat()).min().unwrap_or_default()
    };
    turned(&ring).min(turned(&back))
}

#[test]
fn random_paths_have_the_outlines_that_klayout_draws() {
    const OF_EACH_KIND: usize = 2500;
    let mut random = Random::new(20);
    let mut cells = Vec::new();
    for kind in 0..3 {
        for i in 0..OF_EACH_KIND {
            let points = random_path(kind, &mut random);
            let size = random.one_of(&[2, 20, 300, 5000]);
            let width = random.within(0, size);
            let extensions = [random.within(-size / 2, size), random.within(-size / 2, size)];
            let ends = random.one_of(&[0, 1, 2, 4]);
            // Without a width KLayout makes round ends square; neither covers anything.
            let ends = if width == 0 && ends == 1 { 2 } else { ends };
            let path = gds_path(&points, width, ends, extensions);
            cells.push(gds_cell(&format!("P{kind}_{i}"), &[path]));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paths.gds");
    std::fs::write(&file, gds_library(&cells)).unwrap();
    let Some(all) = klayout(&["--outlines"], std::slice::from_ref(&file)) else { return };
    let theirs = &all[file.to_str().unwrap()];
    let ours = layout::open(&file).unwrap();
    let mut differing = [0; 3];
    for (kind, differing) in differing.iter_mut().enumerate() {
        for i in 0..OF_EACH_KIND {
            let name = format!("P{kind}_{i}");
            let wanted: Vec<Vec<[i64; 2]>> = serde_json::from_value(theirs[&name].clone()).unwrap();
            let drawn = polygons(&ours, &name);
            assert_eq!((wanted.len(), drawn.len()), (1, 1), "{name}");
            let ring = drawn[0].outer.iter().map(|p: &Point| [i64::from(p.x), i64::from(p.y)]);
            *differing += usize::from(
                free_of_start(ring.collect()) != free_of_start(wanted.into_iter().next().unwrap()),
            );
        }
    }
    // Manhattan and 45° paths are exact; elsewhere a corner half way between two units may differ.
    assert!(
        differing[..2] == [0, 0] && differing[2] * 1000 <= OF_EACH_KIND,
        "{differing:?} differ"
    );
}

/// The shapes of one cell, as polygons in database units.
fn polygons(layout: &Layout, cell: &str) -> Vec<Polygon> {
    let cell = layout.cell(layout.cell_named(cell).unwrap()).unwrap();
    cell.layers().flat_map(|(_, shapes)| shapes.iter()).map(|s| s.geometry.polygon()).collect()
}

#[test]
fn a_file_that_klayout_refuses_has_an_error_and_a_missing_one_too() {
    let missing = Path::new("/nonexistent/a.gds").to_path_buf();
    let Some(all) = klayout(&[], std::slice::from_ref(&missing)) else { return };
    assert!(all[missing.to_str().unwrap()]["error"].is_string(), "{all}");
}
