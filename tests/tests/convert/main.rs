//! Writing layouts: nothing is lost between the formats, nobody else reads anything else, and the
//! commands `convert` and `info` say what they do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod listing;
mod random;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::{
    self, Cell, Faults, Layer, Layout, LayoutError, WriteOptions, Written,
};
use lithoscope_tests::{Run, lithoscope_in, sample, shared, workspace};
use proptest::prelude::*;

use listing::{Through, assert_same, listing};

const GDS: Through = Through { gds: true, oasis: false };
const OASIS: Through = Through { gds: false, oasis: true };
const BOTH: Through = Through { gds: true, oasis: true };

/// Every legal layout file at hand.
fn files() -> Vec<PathBuf> {
    let mut folders = vec![workspace().join("samples")];
    folders.extend(["gds", "oasis", "clips"].into_iter().filter_map(shared));
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|e| e == "gds" || e == "oas"))
        .filter(|path| layout::open(path).is_ok())
        .collect();
    files.sort();
    files
}

fn write(path: &Path, layout: &Layout) -> Written {
    layout::write(path, layout, &WriteOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// Writes a layout and reads it again.
fn through(folder: &Path, name: &str, layout: &Layout) -> Layout {
    let path = folder.join(name);
    write(&path, layout);
    layout::open(&path).unwrap_or_else(|e| panic!("{e}"))
}

/// Compares a layout with itself after every way through the formats.
fn assert_round_trips(layout: &Layout, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let gds = through(here, "a.gds", layout);
    assert_same(&listing(layout, GDS), &listing(&gds, GDS), &format!("{what} as GDSII"));
    let oasis = through(here, "a.oas", layout);
    assert_same(&listing(layout, OASIS), &listing(&oasis, OASIS), &format!("{what} as OASIS"));
    let expected = listing(layout, BOTH);
    let gds_oasis = listing(&through(here, "b.oas", &gds), BOTH);
    assert_same(&expected, &gds_oasis, &format!("{what} through GDSII and OASIS"));
    let oasis_gds = listing(&through(here, "b.gds", &oasis), BOTH);
    assert_same(&expected, &oasis_gds, &format!("{what} through OASIS and GDSII"));
}

#[test]
fn every_file_keeps_all_it_holds_through_both_formats() {
    let files = files();
    assert!(files.len() >= 6, "{files:?}");
    for path in files {
        let layout = layout::open(&path).unwrap();
        assert_round_trips(&layout, &path.display().to_string());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn random_layouts_keep_all_they_hold_through_both_formats(layout in random::layout()) {
        assert_round_trips(&layout, "a random layout");
    }
}

#[test]
fn a_large_regular_array_takes_few_bytes_as_single_shapes_too() {
    let mut cell = Cell::new("ARRAY");
    for i in 0..100 {
        for j in 0..100 {
            let rect = Rect::new(30 * i, 40 * j, 30 * i + 10, 40 * j + 20);
            cell.on(Layer::new(3, 0)).push_rect(rect).unwrap();
        }
    }
    let layout = Layout::new("array", 1.0, vec![cell]);
    let folder = tempfile::tempdir().unwrap();
    let read = through(folder.path(), "a.oas", &layout);
    let shapes = read.cells()[0].shapes(Layer::new(3, 0)).unwrap();
    assert_eq!((shapes.stored(), shapes.count()), (1, 10_000));
    let size = folder.path().join("a.oas").metadata().unwrap().len();
    assert!(size < 500, "{size} bytes");
}

#[test]
fn equal_layouts_give_equal_bytes_and_gz_holds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout::open(&sample("cell_block.gds")).unwrap();
    for format in ["oas", "gds", "glp"] {
        let path = |name: &str| folder.path().join(format!("{name}.{format}"));
        write(&path("a"), &layout);
        write(&path("b"), &layout.clone());
        let plain = std::fs::read(path("a")).unwrap();
        assert!(plain == std::fs::read(path("b")).unwrap(), "{format}");
        let packed = folder.path().join(format!("a.{format}.gz"));
        write(&packed, &layout);
        let mut inflated = Vec::new();
        let file = std::fs::File::open(packed).unwrap();
        flate2::read::GzDecoder::new(file).read_to_end(&mut inflated).unwrap();
        assert!(inflated == plain, "{format}");
    }
}

#[test]
fn a_changed_byte_of_a_written_oasis_file_breaks_its_crc() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout::open(&sample("cell_block.gds")).unwrap();
    let path = folder.path().join("a.oas");
    write(&path, &layout);
    let mut bytes = std::fs::read(&path).unwrap();
    // In the padding of END, which nothing else looks at.
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    let error = layout::read_bytes(&path, &bytes).unwrap_err().to_string();
    assert!(error.contains("CRC32") || error.contains("CRC-32"), "{error}");
}

#[test]
fn gds21_reads_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gds");
    let layout = layout::open(&sample("cell_block.gds")).unwrap();
    write(&path, &layout);
    let library = gds21::GdsLibrary::load(&path).unwrap();
    assert_eq!(library.structs.len(), layout.cells().len());
    for (written, cell) in library.structs.iter().zip(layout.cells()) {
        let shapes: u64 = cell.layers().map(|(_, shapes)| shapes.count()).sum();
        assert_eq!(written.name, cell.name);
        assert_eq!(written.elems.len(), shapes as usize + cell.instances.len());
    }
}

#[test]
fn what_gdsii_cannot_hold_is_refused_or_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gds");
    let mut cell = Cell::new("A");
    cell.on(Layer::new(70_000, 0)).push_rect(Rect::new(0, 0, 1, 1)).unwrap();
    cell.on(Layer::new(1, 0)).push_rect(Rect::new(0, 0, 1, 1)).unwrap();
    let mut layout = Layout::new("a", 1.0, vec![cell]);
    layout.layer_names.insert(Layer::new(1, 0), "poly".into());
    let refused = layout::write(&path, &layout, &WriteOptions::default());
    assert!(matches!(refused, Err(LayoutError::Unwritable { .. })), "{refused:?}");
    assert!(!path.exists());
    let lenient = WriteOptions { faults: Faults::Skip, ..WriteOptions::default() };
    let written = layout::write(&path, &layout, &lenient).unwrap();
    let lost: Vec<_> = written.lost.iter().map(|note| note.what.as_str()).collect();
    assert!(lost.iter().any(|l| l.contains("70000/0")), "{lost:?}");
    assert!(lost.iter().any(|l| l.contains("names of layers")), "{lost:?}");
    assert_eq!(layout::open(&path).unwrap().all_layers(), [Layer::new(1, 0)]);
}

#[test]
fn a_glp_clip_keeps_its_shapes_layer_names_and_unit() {
    let folder = tempfile::tempdir().unwrap();
    let mut clips = vec![folder.path().join("own.glp")];
    std::fs::write(&clips[0], lithoscope_tests::glp(&[[0, 0, 90, 700], [230, -5, 90, 700]]))
        .unwrap();
    clips.extend((1..=10).filter_map(|i| shared(&format!("iccad13/M1_test{i}.glp"))));
    for clip in clips {
        let layout = layout::open(&clip).unwrap();
        let written = write(&folder.path().join("again.glp"), &layout);
        assert_eq!(written, Written::default());
        let again = layout::open(&folder.path().join("again.glp")).unwrap();
        assert_same(&listing(&layout, OASIS), &listing(&again, OASIS), &clip.display().to_string());
    }
}

#[test]
fn glp_holds_the_flat_region_of_a_hierarchy() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout::open(&sample("cell_block.gds")).unwrap();
    let top = layout.top_cells()[0];
    let glp = through(folder.path(), "flat.glp", &layout);
    let region = |layout: &Layout, layer: Layer, window| {
        layout.clip(layout.top_cells()[0], layer, Some(window)).unwrap().polygons
    };
    let named: Vec<_> = glp.layer_names.iter().map(|(l, n)| (*l, n.clone())).collect();
    assert_eq!(named.len(), layout.layers(top).len());
    for (layer, (number, name)) in layout.layers(top).into_keys().zip(named) {
        assert_eq!(name, format!("L{}D{}", layer.number, layer.datatype));
        let window = layout.bounding_box_nm(top, Some(layer)).unwrap();
        assert_eq!(region(&layout, layer, window), region(&glp, number, window), "{layer}");
        // A window of the layout is a clip of it.
        let part = Rect::new(window.min.x, window.min.y, window.max.x - 50, window.max.y - 30);
        let options = WriteOptions { window_nm: Some(part), ..WriteOptions::default() };
        let path = folder.path().join("part.glp");
        layout::write(&path, &layout, &options).unwrap();
        let cut = layout::open(&path).unwrap();
        let own = cut.layer_names.iter().find(|(_, n)| **n == name).map(|(l, _)| *l).unwrap();
        assert_eq!(region(&cut, own, part), region(&layout, layer, part), "{layer}");
    }
}

#[test]
fn klayout_finds_the_same_regions_in_every_written_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut pairs = Vec::new();
    for (index, path) in files().into_iter().enumerate() {
        let layout = layout::open(&path).unwrap();
        for format in ["oas", "gds", "oas.gz", "gds.gz"] {
            let written = folder.path().join(format!("{index}.{format}"));
            write(&written, &layout);
            pairs.extend([path.clone(), written]);
        }
    }
    let script = workspace().join("tests/xor_klayout.py");
    let run = Command::new("python3").arg(script).arg("--strict").args(&pairs).output();
    match run {
        Err(e) => eprintln!("skipped: python3: {e}"),
        Ok(done) => {
            let out = String::from_utf8_lossy(&done.stdout).into_owned();
            match done.status.code() {
                Some(0) => assert_eq!(out.matches(": equal").count(), pairs.len() / 2),
                Some(77) => eprintln!("{out}"),
                _ => panic!("{out}\n{}", String::from_utf8_lossy(&done.stderr)),
            }
        }
    }
}

/// Runs a line of words in a folder.
fn run(folder: &Path, line: &str) -> Run {
    lithoscope_in(folder, &line.split_whitespace().collect::<Vec<_>>()).unwrap()
}

/// A folder with a copy of the sample block in it.
fn folder_with_block() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(sample("cell_block.gds"), folder.path().join("block.gds")).unwrap();
    folder
}

#[test]
fn convert_writes_the_format_of_the_suffix_and_says_what_is_lost() {
    let folder = folder_with_block();
    let here = folder.path();
    let done = run(here, "convert block.gds block.oas");
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(0), "", ""));
    let [gds, oasis] = ["block.gds", "block.oas"].map(|f| layout::open(&here.join(f)).unwrap());
    assert_same(&listing(&gds, BOTH), &listing(&oasis, BOTH), "block.oas");
    let flat = run(here, "convert block.oas block.glp");
    assert_eq!(flat.code, Some(0), "{}", flat.err);
    assert!(flat.out.contains("not held as it was:\n  cells placed below"), "{}", flat.out);
    let threads = [1, 3].map(|n| {
        let done = run(here, &format!("convert block.gds {n}.oas --threads {n}"));
        assert_eq!(done.code, Some(0), "{}", done.err);
        std::fs::read(here.join(format!("{n}.oas"))).unwrap()
    });
    assert!(threads[0] == threads[1]);
}

#[test]
fn convert_fails_in_one_line_and_leaves_what_was_there() {
    let folder = folder_with_block();
    let here = folder.path();
    std::fs::write(here.join("old.oas"), "old").unwrap();
    std::fs::write(here.join("bad.gds"), b"\0\x06\0\x02\0\x07\0\x04").unwrap();
    for line in [
        "convert none.gds old.oas",
        "convert bad.gds old.oas",
        "convert block.gds block.png",
        "convert block.gds no/folder.oas",
        "info none.gds",
        "info bad.gds",
    ] {
        let done = run(here, line);
        assert_eq!(done.code, Some(1), "{line}: {}", done.out);
        assert!(done.err.starts_with("error: ") && done.err.lines().count() == 1, "{}", done.err);
    }
    assert_eq!(std::fs::read(here.join("old.oas")).unwrap(), b"old");
    for line in ["convert block.gds", "convert block.gds a.oas --layers metal", "info"] {
        assert_eq!(run(here, line).code, Some(2), "{line}");
    }
}

#[test]
fn info_tells_what_the_layout_holds() {
    let folder = folder_with_block();
    let layout = layout::open(&folder.path().join("block.gds")).unwrap();
    let top = layout.top_cells()[0];
    let done = run(folder.path(), "info block.gds --json");
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    let info: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(info["format"], "GDSII");
    assert_eq!(info["unit_nm"], 1.0);
    assert_eq!(info["cells"], layout.cells().len());
    assert_eq!(info["bytes"], folder.path().join("block.gds").metadata().unwrap().len());
    let cell = &info["top_cells"][0];
    assert_eq!(cell["name"].as_str(), layout.cell(top).map(|c| c.name.as_str()));
    assert_eq!(cell["shapes_flat"], layout.layers(top).into_values().sum::<u64>());
    let area = layout.bounding_box_nm(top, None).unwrap();
    assert_eq!(cell["box_um"][2], f64::from(area.max.x) / 1000.0);
    let layers: Vec<Layer> = info["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["layer"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(layers, layout.all_layers());
    let text = run(folder.path(), "info block.gds").out;
    for word in ["GDSII", "database unit 1 nm", "top cell CELL_BLOCK", "17/0"] {
        let there = text.contains(word) || (word == "17/0" && !layers.contains(&Layer::new(17, 0)));
        assert!(there, "{word} is not in\n{text}");
    }
}

#[test]
fn help_of_both_commands_shows_examples() {
    let here = tempfile::tempdir().unwrap();
    for command in ["convert", "info"] {
        let help = run(here.path(), &format!("{command} --help"));
        assert_eq!(help.code, Some(0), "{}", help.err);
        assert!(help.out.contains("Examples:\n  lithoscope"), "{}", help.out);
    }
}
