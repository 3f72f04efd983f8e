//! Where layouts come from: compressed files, large files, and what is wrong with them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod records;

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use lithoscope_engine::layout::{Layout, LayoutError, open, read_bytes};
use records::{cell, element, library, longs, record, shorts};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gds() -> Vec<u8> {
    let square = [0, 0, 10, 0, 10, 10, 0, 10, 0, 0];
    let shape = element(0x08, &[shorts(0x0d, &[1]), shorts(0x0e, &[0]), longs(0x10, &square)]);
    library(&[cell(b"TOP", &[shape])])
}

fn read(name: &str, bytes: &[u8]) -> Result<Layout, LayoutError> {
    read_bytes(Path::new(name), bytes)
}

fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn compressed_layouts_open_whatever_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let packed = gzip(&gds());
    for (name, stem) in [
        ("chip.gds.gz", "chip"),
        ("CHIP.GDS.GZ", "CHIP"),
        ("chip.v2.gz", "chip.v2"),
        ("chip.gz", "chip"),
        ("chip.gds", "chip"),
    ] {
        let layout = open(&written(&folder, name, &packed)).unwrap();
        assert_eq!((layout.name.as_str(), layout.cells().len()), (stem, 1), "{name}");
    }
    let glp = b"BEGIN\nEQUIV 1 1000 MICRON +X,+Y\nCELL A PRIME\nRECT N M1 0 0 9 9\nENDMSG\n";
    let layout = open(&written(&folder, "clip.glp.gz", &gzip(glp))).unwrap();
    assert!(layout.contest && layout.name == "clip");
}

#[test]
fn compressed_oasis_opens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut found = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let Some(path) = found.find(|p| p.extension().is_some_and(|e| e == "oas")) else { return };
    let bytes = std::fs::read(&path).unwrap();
    let packed = read("x.oas.gz", &gzip(&bytes)).unwrap();
    assert_eq!(packed.cells().len(), open(&path).unwrap().cells().len());
}

#[test]
fn members_follow_one_another_and_zeros_the_last() {
    let bytes = gds();
    let (a, b) = bytes.split_at(bytes.len() / 2);
    let mut packed = [gzip(a), gzip(b), gzip(b"")].concat();
    assert_eq!(read("two.gds.gz", &packed).unwrap().cells().len(), 1);
    packed.extend([0; 512]);
    assert_eq!(read("two.gds.gz", &packed).unwrap().cells().len(), 1);
    packed.extend(b"more");
    let text = read("two.gds.gz", &packed).unwrap_err().to_string();
    assert!(text.contains("expected the end of the file or a further member"), "{text}");
}

#[test]
fn broken_gzip_streams_name_file_and_offset() {
    let packed = gzip(&gds());
    for length in 2..packed.len() {
        let error = read("cut.gds.gz", &packed[..length]).unwrap_err();
        let LayoutError::Gzip { offset, .. } = error else { panic!("{length}: {error}") };
        assert!(offset <= length as u64);
    }
    let mut bad = packed.clone();
    let crc = bad.len() - 8;
    bad[crc] ^= 1;
    let text = read("bad.gds.gz", &bad).unwrap_err().to_string();
    assert!(text.starts_with("bad.gds.gz: byte ") && text.contains("broken"), "{text}");
}

#[test]
fn layouts_compressed_twice_are_no_format() {
    let twice = gzip(&gzip(&gds()));
    assert!(matches!(read("a.bin", &twice), Err(LayoutError::UnknownFormat { .. })));
}

#[test]
fn streams_that_inflate_beyond_any_layout_are_refused() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..80 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 19);
    let text = read("bomb.gds.gz", &bomb).unwrap_err().to_string();
    assert!(text.contains("inflates to more than"), "{text}");
}

#[test]
fn large_files_are_read_where_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "large.gds", &gds());
    // Zeros after ENDLIB; the file has a hole there, so the test writes next to nothing.
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len((128 << 20) + 4096).unwrap();
    drop(file);
    let layout = open(&path).unwrap();
    assert_eq!((layout.name.as_str(), layout.cells().len()), ("large", 1));
    // A file without a format is told by its first bytes, however large it is.
    std::fs::write(&path, record(0x04, 0, &[])).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len((128 << 20) + 4096).unwrap();
    assert!(matches!(open(&path), Err(LayoutError::Gds { offset: 0, .. })));
}
