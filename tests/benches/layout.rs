//! Layouts: loading whole files, and looking into a small window of them.
//!
//! The blocks of the reference data, and any files that `LITHOSCOPE_BLOCKS` lists (separated as in
//! `PATH`). `tests/time_klayout.py` loads the same files with KLayout's module.

#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use lithoscope_engine::layout::{self, Bounds, Region};

fn files() -> Vec<PathBuf> {
    let shared = lithoscope_tests::shared("clips");
    let blocks = ["sky130_hd_block_50um.gds", "sky130_hd_block_200um.oas"];
    let known = shared.iter().flat_map(|folder| blocks.map(|name| folder.join(name)));
    let more = std::env::var_os("LITHOSCOPE_BLOCKS").unwrap_or_default();
    known.chain(std::env::split_paths(&more)).filter(|path| path.is_file()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A window of 2 µm in the middle of the first top cell.
fn middle(layout: &layout::Layout) -> Option<Bounds> {
    let whole = layout.bounds(*layout.top_cells().first()?, None)?;
    let low = [0, 1].map(|k| f64::midpoint(whole.min[k], whole.max[k]));
    Some(Bounds { min: low, max: low.map(|v| v + 2000.0 / layout.unit_nm) })
}

fn layouts(c: &mut Criterion) {
    for path in files() {
        let file = name(&path);
        c.bench_function(&format!("load {file}"), |b| b.iter(|| layout::open(&path).unwrap()));
        let layout = layout::open(&path).unwrap();
        let Some(window) = middle(&layout) else { continue };
        let root = layout.top_cells()[0];
        let region = Region::new(window, None);
        c.bench_function(&format!("2 µm window of {file}"), |b| {
            b.iter(|| layout.shapes_in(root, region).count());
        });
        let whole = Region::new(layout.bounds(root, None).unwrap_or(window), None);
        c.bench_function(&format!("placements of {file}"), |b| {
            b.iter(|| layout.placements_in(root, whole).count());
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = layouts
}
criterion_main!(benches);
