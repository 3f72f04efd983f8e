//! `lithoscope devices`, `--backend` and `bench gpu`: what is told, and that nothing depends on a card.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use lithoscope_tests::{Run, lithoscope_in, sample};
use ndarray::Array2;
use serde_json::Value;

fn run(folder: &Path, line: &str) -> Run {
    lithoscope_in(folder, &line.split_whitespace().collect::<Vec<_>>()).unwrap()
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

/// Backends of this machine that compute rightly.
fn sound(folder: &Path) -> Vec<String> {
    let listed: Value = serde_json::from_str(&run(folder, "devices --json").out).unwrap();
    let devices = listed["devices"].as_array().unwrap();
    let sound = devices.iter().filter(|device| device["is_sound"] == true);
    sound.map(|device| device["backend"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn devices_are_listed_with_limits_and_a_check_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let text = run(folder.path(), "devices");
    assert_eq!(text.code, Some(0), "{}", text.err);
    assert!(text.out.starts_with("cpu   the processor, "), "{}", text.out);
    assert!(text.out.contains("--backend auto takes: "), "{}", text.out);
    let listed: Value = serde_json::from_str(&run(folder.path(), "devices --json").out).unwrap();
    let devices = listed["devices"].as_array().unwrap();
    if std::env::var_os("LITHOSCOPE_REQUIRE_GPU").is_some() {
        assert!(!devices.is_empty(), "no device");
    }
    for device in devices {
        assert_eq!(device["is_sound"], true, "{device}");
        assert!(device["largest_buffer"].as_u64().unwrap() >= 1 << 20);
        assert!(text.out.contains(device["name"].as_str().unwrap()));
    }
    let any = devices.iter().any(|device| device["backend"] == "cuda");
    assert_eq!(listed["missing_cuda"].is_null(), any);
}

#[test]
fn a_correction_on_each_backend_ends_alike_and_says_what_computed_it() {
    let folder = tempfile::tempdir().unwrap();
    let clip = std::fs::canonicalize(sample("elbow_and_t.gds")).unwrap();
    let sound = sound(folder.path());
    let mut wanted: Option<[f64; 2]> = None;
    for backend in ["cpu", "wgpu", "cuda", "auto"] {
        let line = format!(
            "opc {} --backend {backend} --set optimiser.stages.0.steps=6 --stop-after 6 -o m.gds \
             --report r.json",
            clip.display()
        );
        let ended = run(folder.path(), &line);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let report = json(folder.path(), "r.json");
        let on = report["device"].as_str().unwrap();
        assert!(report.get("device_failure").is_none(), "{report}");
        if sound.iter().any(|name| name == backend) {
            assert!(on.ends_with(&format!("({backend})")), "{on}");
            assert!(ended.err.contains("computing on "), "{}", ended.err);
        } else if backend != "auto" {
            assert_eq!(on, "processor");
            assert_eq!(ended.err.contains("computing on the processor"), backend != "cpu");
            assert_eq!(ended.err.contains(&format!("no {backend} device")), backend != "cpu");
        }
        let metrics = &report["last"];
        let found = ["l2_nm2", "pvb_nm2"].map(|name| metrics[name].as_f64().unwrap());
        let wanted = *wanted.get_or_insert(found);
        for (found, wanted) in found.into_iter().zip(wanted) {
            assert!((found - wanted).abs() <= 0.005 * wanted, "{backend}: {found} {wanted}");
        }
    }
}

#[test]
fn a_resist_is_as_deep_on_every_backend() {
    let folder = tempfile::tempdir().unwrap();
    let clip = std::fs::canonicalize(sample("elbow_and_t.gds")).unwrap();
    let sound = sound(folder.path());
    for resist in ["torchresist-iccad13", "film-on-barc"] {
        let depth = |backend: &str| {
            let out = format!("{resist}-{backend}");
            let line = format!(
                "simulate {} --pixel 12 --resist {resist} --backend {backend} -o {out}",
                clip.display()
            );
            let ended = run(folder.path(), &line);
            assert_eq!(ended.code, Some(0), "{}", ended.err);
            assert_eq!(ended.err.contains("computing on "), backend != "cpu", "{}", ended.err);
            assert!(!ended.err.contains("resist computed on the processor"), "{}", ended.err);
            let file = folder.path().join(out).join("depth.npy");
            ndarray_npy::read_npy::<_, Array2<f32>>(file).unwrap()
        };
        let wanted = depth("cpu");
        let range = wanted
            .iter()
            .copied()
            .fold((f32::MAX, f32::MIN), |(low, high), d| (low.min(d), high.max(d)));
        assert!(range.1 - range.0 > 5.0, "{resist}: {range:?}");
        for backend in &sound {
            let found = depth(backend);
            assert_eq!(found.dim(), wanted.dim());
            let errors = found.iter().zip(&wanted).map(|(a, b)| (a - b).abs());
            let worse = |most: f32, e: f32| if e.is_nan() { f32::INFINITY } else { most.max(e) };
            let error = errors.fold(0.0, worse);
            assert!(error < 0.05, "{resist} on {backend}: {error} nm");
        }
    }
}

#[test]
fn the_bench_of_devices_times_every_stage_on_the_processor_and_each_device() {
    let folder = tempfile::tempdir().unwrap();
    let line = "bench gpu --edges 1000 --pixels 1024 --batch 2 --json g.json --markdown g.md";
    let ended = run(folder.path(), line);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let report = json(folder.path(), "g.json");
    let rows = report["rows"].as_array().unwrap();
    let devices = report["devices"].as_array().unwrap().len();
    // A copy, two rasters, four stages of a resist and two kinds of iteration of one and of two
    // clips, each on the processor and every device; six stages of an iteration, and on devices two
    // parts of one of them.
    assert_eq!(rows.len(), (1 + 2 + 4 + 4 + 6) * (devices + 1) + 2 * devices, "{report}");
    assert!(rows.iter().all(|row| row["seconds"].as_f64().unwrap() > 0.0));
    let rasters: Vec<&Value> =
        rows.iter().filter(|r| r["stage"].as_str().unwrap().starts_with("raster")).collect();
    assert!(rasters.iter().all(|r| r["over_per_pixel"].as_f64().unwrap() > 0.0));
    let alone = |row: &&Value| ["copy", "fields", "intensity"].iter().all(|s| row["stage"] != *s);
    let on_devices = rows.iter().filter(|row| row["on"] != "processor").filter(alone);
    assert!(on_devices.clone().all(|row| row["over_processor"].as_f64().unwrap() > 0.0));
    assert_eq!(on_devices.clone().count(), 16 * devices);
    let stages = on_devices.filter(|row| row["input"].as_str().unwrap().starts_with("1 clip"));
    let stages = stages.filter(|row| !row["stage"].as_str().unwrap().starts_with("iteration"));
    assert!(stages.clone().all(|row| row["bytes"].as_u64().unwrap() > 0));
    assert_eq!(stages.count(), 6 * devices);
    let batches = rows.iter().filter(|row| row["input"].as_str().unwrap().starts_with("2 clips,"));
    for row in batches.clone() {
        let clips = row["clips_per_second"].as_f64().unwrap() * row["seconds"].as_f64().unwrap();
        assert!((clips - 2.0).abs() < 1e-9, "{row}");
    }
    assert_eq!(batches.count(), 2 * (devices + 1));
    let table = std::fs::read_to_string(folder.path().join("g.md")).unwrap();
    assert_eq!(table.lines().filter(|line| line.starts_with('|')).count(), rows.len() + 2);
    assert!(ended.out.contains("GB/s"), "{}", ended.out);
}

#[test]
fn suites_of_clips_need_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), "bench clips");
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("DIR"), "{}", ended.err);
}
