//! `lithoscope bench`: tables, files and written masks that agree with one another.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use lithoscope::headless::{ClipChoice, judge, prepare};
use lithoscope_engine::layout::{self, Layer};
use lithoscope_engine::opc::Recipe;
use lithoscope_tests::{Run, glp, lithoscope_in};
use serde_json::Value;

fn run(folder: &Path, line: &str) -> Run {
    lithoscope_in(folder, &line.split_whitespace().collect::<Vec<_>>()).unwrap()
}

/// Steps and a coarse loss, so that a run takes a moment.
const SHORT: &str = "--recipe contest-like --set optimiser.stages.0.steps=4 --set \
                     optimiser.stages.1.steps=3 --set objective.grid_nm=16";

/// A folder with a folder of two clips in it: contest text, and GDSII off the contest's frame.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let clips = folder.path().join("clips");
    std::fs::create_dir(&clips).unwrap();
    std::fs::write(clips.join("pair.glp"), glp(&[[0, 0, 90, 700], [230, 0, 90, 700]])).unwrap();
    let contact = glp(&[[3000, -500, 120, 120]]);
    let contact = layout::read_bytes(Path::new("contact.glp"), contact.as_bytes()).unwrap();
    layout::write(&clips.join("contact.gds"), &contact, &layout::WriteOptions::default()).unwrap();
    folder
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The rows of a table without quoted cells, by column.
fn csv(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let heads: Vec<String> = lines.next().unwrap().collect();
    lines.map(|cells| heads.iter().cloned().zip(cells).collect()).collect()
}

#[test]
fn tables_report_and_masks_agree() {
    let here = folder();
    let line = format!(
        "bench iccad13 clips {SHORT} --judge masks --markdown t.md --csv t.csv --json t.json --threads 1"
    );
    let done = run(here.path(), &line);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    let report = json(&here.path().join("t.json"));
    let runs = report["runs"].as_array().unwrap();
    let clips: Vec<_> = runs.iter().map(|run| run["clip"].as_str().unwrap()).collect();
    assert_eq!(clips, ["contact", "pair"]);

    let table = csv(&here.path().join("t.csv"));
    assert_eq!(table.len(), runs.len());
    for (row, run) in table.iter().zip(runs) {
        for column in ["l2_nm2", "pvb_nm2", "epe_violations", "shots", "rule_violations", "bridged"]
        {
            assert_eq!(row[column], run[column].to_string(), "{column}");
        }
        assert_eq!(row["vsb_cost"], run["vsb"]["cost"].to_string());
        assert!(run["vsb"]["shots"].as_u64() >= run["shots"].as_u64());
        assert_eq!((row["recipe"].as_str(), row["failure"].as_str()), ("contest-like", ""));
    }
    let average = &report["averages"][0];
    let sum: f64 = runs.iter().map(|run| run["l2_nm2"].as_f64().unwrap()).sum();
    assert_eq!(average["l2_nm2"].as_f64().unwrap(), sum / 2.0);
    assert_eq!(report["machine"]["threads"], 1);
    assert!(report["machine"]["cores"].as_u64().unwrap() >= 1);

    let markdown = std::fs::read_to_string(here.path().join("t.md")).unwrap();
    for text in [&markdown, &done.out] {
        for run in runs {
            let l2 = run["l2_nm2"].to_string();
            let clip = run["clip"].as_str().unwrap();
            assert!(text.lines().any(|l| l.contains(clip) && l.contains(&l2)), "{clip} in\n{text}");
        }
        for published in ["28280", "48217", "8.42", "28705", "42132", "276", "25991", "38612"] {
            assert!(text.contains(published), "{published} is not in\n{text}");
        }
    }
    let rows: Vec<_> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    for table in rows.split(|row| row.contains("---")).skip(1) {
        assert!(!table.is_empty());
    }
    assert!(
        rows.iter().position(|r| r.contains("published"))
            < rows.iter().position(|r| r.contains("| pair |"))
    );

    masks_are_judged_the_same(here.path(), runs);
}

/// The written masks, read again: layers, frame and figures.
fn masks_are_judged_the_same(here: &Path, runs: &[Value]) {
    let guide = std::fs::read_to_string(here.join("masks/JUDGE.txt")).unwrap();
    let recipe = Recipe::named("contest-like").unwrap();
    for run in runs {
        let clip = run["clip"].as_str().unwrap();
        let line = guide.lines().find(|l| l.contains(&format!("contest-like/{clip}.gds"))).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[2..], ["--layer", "2/0", "--layer", "3/0", "--epe", "15"]);
        // The clip stands there as it was found, or below the folder of masks as GLP.
        let clip_file = [here.join(words[0]), here.join("masks").join(words[0])];
        let clip_file = clip_file.iter().find(|path| path.exists()).unwrap();
        let prepared = prepare(clip_file, &ClipChoice::default(), recipe.clone(), None).unwrap();
        let mask = layout::open(&here.join("masks").join(words[1])).unwrap();
        let cell = mask.top_cells()[0];
        let on = |layer| {
            let bounds = mask.bounding_box_nm(cell, Some(layer));
            bounds.map(|b| mask.clip(cell, layer, Some(b)).unwrap().polygons).unwrap_or_default()
        };
        assert_eq!(on(Layer::new(1, 0)), prepared.clip.polygons, "{clip}: the contest's frame");
        let polygons = [on(Layer::new(2, 0)), on(Layer::new(3, 0))].concat();
        let verdict = judge(&prepared, &polygons).unwrap();
        assert_eq!(run["l2_nm2"], verdict.metrics.l2_nm2, "{clip}");
        assert_eq!(run["pvb_nm2"], verdict.metrics.pvb_nm2, "{clip}");
        assert_eq!(run["epe_violations"], verdict.metrics.epe_violations, "{clip}");
        assert_eq!(run["shots"], verdict.metrics.shots, "{clip}");
        let other = judge(&prepared, &prepared.clip.polygons).unwrap();
        assert_ne!(run["l2_nm2"], other.metrics.l2_nm2, "{clip}: a different mask is told apart");
    }
}

#[test]
fn a_clip_that_fails_is_a_row_and_the_others_go_on() {
    let here = folder();
    std::fs::write(here.path().join("clips/broken.gds"), "no layout").unwrap();
    let line = format!("bench clips clips {SHORT} --json t.json --csv t.csv --jobs 2");
    let done = run(here.path(), &line);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("1 of 3 runs failed") && done.err.contains("broken"), "{}", done.err);
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
    assert!(done.out.contains("failed"), "{}", done.out);
    let report = json(&here.path().join("t.json"));
    let runs = report["runs"].as_array().unwrap();
    let failed: Vec<bool> = runs.iter().map(|run| run["failure"].is_string()).collect();
    assert_eq!(failed, [true, false, false]);
    assert!(runs[0]["l2_nm2"].is_null() && runs[1]["l2_nm2"].is_u64());
    assert_eq!(
        (&report["averages"][0]["clips"], &report["averages"][0]["failed"]),
        (&2.into(), &1.into())
    );
    assert_eq!(csv(&here.path().join("t.csv")).len(), 3);
}

#[test]
fn what_cannot_be_run_says_so_in_one_line() {
    let here = folder();
    std::fs::create_dir(here.path().join("empty")).unwrap();
    for (line, said) in [
        ("bench iccad13 empty", "holds no clip"),
        ("bench iccad13 none", "none"),
        ("bench iccad13 clips --recipe best", "best"),
        ("bench iccad13 clips --recipe contest-like --recipe contest-like", "name of its own"),
        ("bench iccad13 clips --csv a --json a", "named twice"),
        ("bench iccad13 clips --csv none/a.csv", "none"),
        ("bench iccad13 clips --set fragments.speed=1", "speed"),
    ] {
        let done = run(here.path(), line);
        assert_eq!(done.code, Some(1), "{line}");
        let one_line = done.err.lines().count() == 1 && done.err.starts_with("error: ");
        assert!(one_line && done.err.contains(said), "{line}: {}", done.err);
    }
    for line in ["bench", "bench iccad13", "bench pixels clips", "bench iccad13 clips --jobs 0"] {
        assert_eq!(run(here.path(), line).code, Some(2), "{line}");
    }
}
