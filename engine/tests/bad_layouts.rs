//! Files that are not what they should be: one clear error each, never a panic or a hang.
#![allow(clippy::unwrap_used, clippy::panic)]

mod random;
mod records;

use std::path::{Path, PathBuf};

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::{
    CellId, Faults, Layer, Layout, LayoutError, Opened, ReadOptions, open, read_bytes, read_with,
};
use random::Random;
use records::{UNITS, cell, element, library, longs, record, shorts, text};

fn samples() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|p| p.extension().is_some_and(|e| e == "gds"))
        .map(|p| (p.clone(), std::fs::read(p).unwrap()))
        .collect();
    files.sort();
    assert!(files.len() >= 6);
    files
}

fn read(name: &str, bytes: &[u8]) -> Result<Layout, LayoutError> {
    read_bytes(Path::new(name), bytes)
}

fn message(name: &str, bytes: &[u8]) -> String {
    read(name, bytes).unwrap_err().to_string()
}

fn boundary(points: &[i32]) -> Vec<u8> {
    element(0x08, &[shorts(0x0d, &[1]), shorts(0x0e, &[0]), longs(0x10, points)])
}

fn reference(name: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    element(0x0a, &[text(0x12, name), more.concat(), longs(0x10, &[0, 0])])
}

const SQUARE: [i32; 10] = [0, 0, 10, 0, 10, 10, 0, 10, 0, 0];

#[test]
fn files_cut_short_anywhere_name_the_offset() {
    for (path, bytes) in samples() {
        let step = (bytes.len() / 400).max(1);
        for length in (0..bytes.len()).step_by(step) {
            match read_bytes(&path, &bytes[..length]) {
                Err(LayoutError::Gds { offset, .. }) => assert!(offset <= length as u64),
                other => panic!("{length} bytes of {}: {other:?}", path.display()),
            }
        }
    }
}

#[test]
fn truncated_record_says_what_it_claims_and_what_is_left() {
    let whole = library(&[cell(b"TOP", &[boundary(&SQUARE)])]);
    let xy = whole.windows(4).position(|w| w == [0, 44, 0x10, 3]).unwrap();
    let text = message("truncated.gds", &whole[..xy + 16]);
    assert_eq!(text, format!("truncated.gds: byte {xy}: record XY claims 40 bytes but 12 remain"));
}

#[test]
fn files_of_no_format_are_refused_by_name() {
    assert!(matches!(read("a.bin", b""), Err(LayoutError::UnknownFormat { .. })));
    assert!(matches!(read("a.txt", b"hello"), Err(LayoutError::UnknownFormat { .. })));
    assert!(message("a.gds", b"").contains("byte 0: the file ends here"));
    assert!(message("a.glp", b"").contains("expected ENDMSG"));
    assert!(message("a.oas", b"").contains("byte 0: the file's head: the file ends"));
    assert!(message("a.oas", b"%SEMI-OASIS\r\n\x01").contains("byte 13: record START"));
    let missing = open(Path::new("/nonexistent/a.gds")).unwrap_err();
    assert!(matches!(missing, LayoutError::Io { .. }), "{missing}");
}

#[test]
fn illegal_records_and_elements_are_named() {
    let top = |elements: &[Vec<u8>]| message("bad.gds", &library(&[cell(b"TOP", elements)]));
    let layer = || [shorts(0x0d, &[1]), shorts(0x0e, &[0])].concat();
    let cases = [
        (top(&[vec![0, 3, 0x10, 3]]), "has length 3"),
        (top(&[vec![0, 4, 0x3f, 0]]), "not a GDSII record"),
        (top(&[record(0x08, 6, &[])]), "BOUNDARY has data type 6; expected 0"),
        (top(&[element(0x08, &[layer()])]), "BOUNDARY has no XY"),
        (top(&[element(0x08, &[longs(0x10, &SQUARE)])]), "BOUNDARY has no LAYER"),
        (top(&[element(0x08, &[shorts(0x0d, &[])])]), "record LAYER has 0 bytes; expected 2"),
        (top(&[element(0x0c, &[layer(), longs(0x10, &[0, 0])])]), "TEXT has no STRING"),
        (top(&[record(0x08, 0, &[]), boundary(&SQUARE)]), "BOUNDARY inside the BOUNDARY"),
        (top(&[element(0x0a, &[text(0x12, b"A")])]), "SREF has 0 points in XY; expected 1"),
        (top(&[element(0x0a, &[longs(0x10, &[0, 0])])]), "SREF has no SNAME"),
        (
            top(&[element(0x0b, &[text(0x12, b"A"), shorts(0x13, &[0, 3])])]),
            "AREF has 0 points in XY; expected 3",
        ),
        (top(&[reference(b"A", &[record(0x1b, 5, &[0; 8])])]), "magnification 0"),
        (message("bad.gds", &library(&[cell(b"A", &[]), cell(b"A", &[])])), "defined again"),
        (message("bad.gds", &shorts(0x00, &[600])), "expected BGNLIB"),
    ];
    for (text, wanted) in cases {
        assert!(text.starts_with("bad.gds: byte ") && text.contains(wanted), "{text}: {wanted}");
    }
    let mut no_units = library(&[]);
    let units = no_units.windows(16).position(|w| w == UNITS).unwrap();
    no_units[units + 8..units + 16].fill(0);
    assert!(message("bad.gds", &no_units).contains("database unit of 0e0 m"));
}

#[test]
fn cells_in_a_circle_are_named() {
    let cells = [
        cell(b"A", &[reference(b"B", &[])]),
        cell(b"B", &[reference(b"C", &[])]),
        cell(b"C", &[reference(b"B", &[])]),
    ];
    let text = message("loop.gds", &library(&cells));
    assert!(text.contains("in a circle: B > C > B"), "{text}");
}

#[test]
fn odd_but_legal_files_load() {
    let strange = [
        // A long polygon goes on in a second XY record.
        element(
            0x08,
            &[
                shorts(0x0d, &[-2]),
                shorts(0x0e, &[3]),
                longs(0x10, &[0, 0, 10, 0]),
                longs(0x10, &[10, 10, 0, 10, 0, 0]),
                shorts(0x2b, &[1]),
                text(0x2c, b""),
            ],
        ),
        reference(b"GHOST", &[]),
        reference(b"", &[]),
        element(
            0x0c,
            &[shorts(0x0d, &[1]), shorts(0x16, &[1]), longs(0x10, &[3, 4]), text(0x19, b"")],
        ),
        element(0x15, &[shorts(0x0d, &[1])]),
    ];
    let mut bytes = library(&[cell(b"caf\xe9", &strange)]);
    bytes.extend([0; 2048]);
    let layout = read("odd.gds", &bytes).unwrap();
    assert_eq!(layout.unit_nm, 1.0);
    assert_eq!(layout.cells()[0].name, "café");
    assert_eq!(layout.cell_named("GHOST").map(|id| layout.cells()[id.0].layers().count()), Some(0));
    assert_eq!(layout.top_cells(), [CellId(0)]);
    let clip = layout.clip(CellId(0), Layer::new(65534, 3), None).unwrap();
    assert_eq!(clip.window, Rect::new(0, 0, 10, 10));
}

fn lenient(name: &str, bytes: &[u8]) -> Opened {
    let options = ReadOptions { faults: Faults::Skip, ..ReadOptions::default() };
    read_with(Path::new(name), bytes, &options).unwrap()
}

fn names(opened: &Opened) -> Vec<&str> {
    opened.layout.cells().iter().map(|c| c.name.as_str()).collect()
}

/// Three cells, the middle one made of `elements`.
fn three(elements: &[Vec<u8>]) -> Vec<u8> {
    let good = |name: &[u8]| cell(name, &[boundary(&SQUARE)]);
    library(&[good(b"A"), cell(b"BAD", elements), good(b"C")])
}

#[test]
fn lenient_reading_passes_over_a_bad_cell_and_lists_it() {
    let no_layer = element(0x08, &[longs(0x10, &SQUARE)]);
    let bytes = three(&[boundary(&SQUARE), no_layer]);
    assert!(message("bad.gds", &bytes).contains("BOUNDARY has no LAYER"));
    let opened = lenient("bad.gds", &bytes);
    assert_eq!(names(&opened), ["A", "C"]);
    let [loss] = &opened.losses[..] else { panic!("{:?}", opened.losses) };
    assert_eq!(loss.cell.as_deref(), Some("BAD"));
    assert!(loss.problem.contains("BOUNDARY has no LAYER record; the cell is left out"));
    assert_eq!(bytes[loss.offset as usize + 2..][..2], [0x08, 0]);
}

#[test]
fn lenient_reading_finds_the_next_cell_behind_a_length_that_leads_astray() {
    let bytes = three(&[boundary(&SQUARE)]);
    let xy = bytes.windows(4).enumerate().filter(|(_, w)| *w == [0, 44, 0x10, 3]).nth(1).unwrap().0;
    for (high, low) in [(0, 2), (0, 40), (0, 46), (2, 44), (0xff, 0xff)] {
        let mut bad = bytes.clone();
        (bad[xy], bad[xy + 1]) = (high, low);
        assert!(read("bad.gds", &bad).is_err());
        let opened = lenient("bad.gds", &bad);
        assert_eq!(names(&opened), ["A", "C"], "length {high} {low}");
        assert_eq!(opened.losses[0].cell.as_deref(), Some("BAD"));
    }
}

#[test]
fn lenient_reading_keeps_the_cells_before_the_end_of_a_truncated_file() {
    let bytes = three(&[boundary(&SQUARE)]);
    let opened = lenient("cut.gds", &bytes[..bytes.len() - 20]);
    assert_eq!(names(&opened), ["A", "BAD"]);
    assert_eq!(opened.losses.len(), 1);
    let opened = lenient("cut.gds", &bytes[..bytes.len() - 4]);
    assert_eq!(names(&opened), ["A", "BAD", "C"]);
    assert!(opened.losses[0].to_string().contains("expected BGNSTR or ENDLIB"));
    assert_eq!(lenient("whole.gds", &bytes).losses, []);
}

#[test]
fn lenient_reading_keeps_the_first_of_two_cells_of_one_name_and_opens_circles() {
    let again = [
        cell(b"A", &[boundary(&SQUARE), reference(b"B", &[])]),
        cell(b"A", &[]),
        cell(b"B", &[reference(b"A", &[]), reference(b"C", &[])]),
    ];
    let opened = lenient("twice.gds", &library(&again));
    assert_eq!(names(&opened), ["A", "B", "C"]);
    let cells = opened.layout.cells();
    assert_eq!(cells[0].layers().count(), 1);
    assert_eq!(cells[1].instances.iter().map(|i| i.cell).collect::<Vec<_>>(), [CellId(2)]);
    let said: Vec<String> = opened.losses.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("cell 'A' is defined again"), "{said:?}");
    assert!(said[1].contains("cell 'B'") && said[1].contains("places 'A'"), "{said:?}");
}

#[test]
fn very_many_losses_are_counted_rather_than_listed() {
    let bad = cell(b"X", &[element(0x08, &[])]);
    let opened = lenient("bad.gds", &library(&vec![bad; 5000]));
    assert_eq!(opened.losses.len(), 1001);
    assert!(opened.losses[1000].problem.contains("4000 more"), "{}", opened.losses[1000]);
}

#[test]
fn the_first_fault_in_the_file_is_the_one_reported_whatever_the_threads() {
    let bad = |i: i16| cell(format!("C{i}").as_bytes(), &[element(0x08, &[shorts(0x0d, &[i])])]);
    let cells: Vec<_> = (0..200).map(bad).collect();
    let bytes = library(&cells);
    let first = message("bad.gds", &bytes);
    assert!(first.contains("DATATYPE"), "{first}");
    for _ in 0..20 {
        assert_eq!(message("bad.gds", &bytes), first);
    }
    let at = library(&[]).len() - 4 + cell(b"C0", &[]).len() - 4;
    assert!(first.contains(&format!("byte {at}:")), "{first}: {at}");
}

const GLP: &str = "BEGIN /* test */\nEQUIV  1  1000  MICRON  +X,+Y\nCNAME Top\nLEVEL M1\n\n\
    CELL Top PRIME\n   RECT N M1  80  492  452  88\n   PGON N VIA 0 0 0 50 50 50 50 0\nENDMSG\n";

#[test]
fn glp_clip_is_centred_in_the_contest_canvas() {
    let layout = read("clip.glp", GLP.as_bytes()).unwrap();
    assert!(layout.contest);
    let clip = layout.default_clip(100).unwrap();
    assert_eq!((clip.name.as_str(), clip.layer), ("clip", Layer::new(1, 0)));
    assert_eq!(clip.window, Rect::new(0, 0, 2048, 2048));
    let shape = clip.polygons[0].bounding_box().unwrap();
    assert_eq!(shape, Rect::new(798, 980, 1250, 1068));
    let own = layout.clip(CellId(0), Layer::new(2, 0), Some(Rect::new(0, 0, 20, 20))).unwrap();
    assert_eq!(own.window, Rect::new(0, 0, 20, 20));
    let wide = GLP.replace("452  88", "3001  88");
    let clip = read("wide.glp", wide.as_bytes()).unwrap().default_clip(100).unwrap();
    assert_eq!(clip.window, Rect::new(0, 0, 4096, 4096));
    assert_eq!(clip.polygons[0].outer[0].x, (4096 - 3001) / 2);
}

#[test]
fn glp_errors_name_line_and_byte() {
    let cases = [
        ("452  88", "452", "line 7 (byte ", "3 numbers"),
        ("452  88", "0  88", "line 7", "positive sizes"),
        ("452  88", "2147483647 88", "line 7", "beyond 32-bit"),
        ("492", "4x2", "line 7", "'4x2' is not a coordinate"),
        ("0 0 0 50 50 50 50 0", "0 0 1 1", "line 8", "three corners"),
        ("PGON N", "BLOB N", "line 8", "statement 'BLOB'"),
        ("CELL Top PRIME", "", "line 7", "before any CELL"),
        ("1000", "0", "line 2", "EQUIV"),
        ("ENDMSG", "", "line 10", "expected ENDMSG"),
    ];
    for (from, to, place, problem) in cases {
        let text = message("bad.glp", GLP.replacen(from, to, 1).as_bytes());
        assert!(text.contains(place) && text.contains(problem), "{text}");
    }
    let text = message("bad.glp", &[GLP.as_bytes(), b"\xff"].concat()[..GLP.len() - 20]);
    assert!(text.contains("bad.glp: line "), "{text}");
}

#[test]
fn lenient_glp_reading_passes_over_bad_lines_and_lists_them() {
    let bad = GLP.replace("492", "4x2").replace("ENDMSG\n", "");
    let opened = lenient("bad.glp", bad.as_bytes());
    assert_eq!(opened.layout.cells()[0].layers().count(), 1);
    let said: Vec<String> = opened.losses.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("cell 'Top'") && said[0].contains("'4x2'"), "{said:?}");
    assert!(said[1].contains("expected ENDMSG"), "{said:?}");
}

fn corrupted(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut bad = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bad.len());
        let value = [0, 0xff, 0x7f, 0x80, random.below(256) as u8][random.below(5)];
        match random.below(5) {
            0 => bad.truncate(at.max(1)),
            1 => drop(bad.remove(at)),
            2 => bad.insert(at, value),
            3 => {
                let end = (at + 1 + random.below(40)).min(bad.len());
                bad.copy_within(at..end, random.below(at + 1));
            }
            _ => bad[at] = value,
        }
        bad.push(0);
    }
    bad
}

#[test]
fn corrupted_files_give_a_layout_or_an_error_and_never_a_panic() {
    let mut inputs = samples();
    inputs.push((PathBuf::from("clip.glp"), GLP.as_bytes().to_vec()));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut read = 0;
    for (path, bytes) in inputs {
        for _ in 0..500 {
            let Ok(layout) = read_bytes(&path, &corrupted(&mut random, &bytes)) else { continue };
            read += 1;
            for &cell in layout.top_cells() {
                for layer in layout.layers(cell).into_keys() {
                    let bounds = layout.bounding_box_nm(cell, Some(layer));
                    assert!(bounds.is_some());
                }
            }
            // Whatever was read, a small window of it can be asked for.
            if let Ok(clip) = layout.default_clip(300) {
                assert!(!clip.polygons.is_empty());
            }
        }
    }
    assert!(read > 100, "{read} files were still readable: too few to have tested the layout");
}
