//! Small layout files made byte by byte.

use std::io::Write;

/// One GDSII record: type, data type, contents.
pub fn gds_record(kind: u8, data: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() + 4) as u16;
    [&length.to_be_bytes()[..], &[kind, data], body].concat()
}

/// A GDSII record of two-byte integers.
pub fn gds_shorts(kind: u8, values: &[i16]) -> Vec<u8> {
    gds_record(kind, 2, &values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<_>>())
}

/// A GDSII record of four-byte integers.
pub fn gds_longs(kind: u8, values: &[i32]) -> Vec<u8> {
    gds_record(kind, 3, &values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<_>>())
}

/// A GDSII record of text.
pub fn gds_text(kind: u8, value: &str) -> Vec<u8> {
    let mut body = value.as_bytes().to_vec();
    if !body.len().is_multiple_of(2) {
        body.push(0);
    }
    gds_record(kind, 6, &body)
}

/// A GDSII library with a database unit of 1 nm, from its structures.
pub fn gds_library(cells: &[Vec<u8>]) -> Vec<u8> {
    const UNITS: [u8; 16] = [
        0x3e, 0x41, 0x89, 0x37, 0x4b, 0xc6, 0xa7, 0xf0, 0x39, 0x44, 0xb8, 0x2f, 0xa0, 0x9b, 0x5a,
        0x54,
    ];
    let head = [
        gds_shorts(0x00, &[600]),
        gds_shorts(0x01, &[0; 12]),
        gds_text(0x02, "LIB"),
        gds_record(0x03, 5, &UNITS),
    ];
    [head.concat(), cells.concat(), gds_record(0x04, 0, &[])].concat()
}

/// A GDSII structure from its elements.
pub fn gds_cell(name: &str, elements: &[Vec<u8>]) -> Vec<u8> {
    let head = [gds_shorts(0x05, &[0; 12]), gds_text(0x06, name)].concat();
    [head, elements.concat(), gds_record(0x07, 0, &[])].concat()
}

/// A GDSII path on layer 1/0 with the extensions that path type 4 takes.
pub fn gds_path(points: &[[i32; 2]], width: i32, kind: i16, extensions: [i32; 2]) -> Vec<u8> {
    let mut records = vec![
        gds_record(0x09, 0, &[]),
        gds_shorts(0x0d, &[1]),
        gds_shorts(0x0e, &[0]),
        gds_shorts(0x21, &[kind]),
        gds_longs(0x0f, &[width]),
    ];
    if kind == 4 {
        records.push(gds_longs(0x30, &extensions[..1]));
        records.push(gds_longs(0x31, &extensions[1..]));
    }
    records.push(gds_longs(0x10, points.as_flattened()));
    records.push(gds_record(0x11, 0, &[]));
    records.concat()
}

/// An OASIS unsigned integer.
pub fn oasis_unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// An OASIS string.
pub fn oasis_text(value: &str) -> Vec<u8> {
    [oasis_unsigned(value.len() as u64), value.as_bytes().to_vec()].concat()
}

/// An OASIS file with a database unit of 1 nm and no validation, from its records.
pub fn oasis_file(records: &[Vec<u8>]) -> Vec<u8> {
    let start = [b"%SEMI-OASIS\r\n\x01".to_vec(), oasis_text("1.0"), vec![0], oasis_unsigned(1000)];
    let end = [vec![2], oasis_unsigned(252), vec![0; 252], vec![0]];
    [start.concat(), vec![0; 13], records.concat(), end.concat()].concat()
}

/// Records as one compressed OASIS block.
///
/// # Errors
/// Never: memory takes every byte.
pub fn oasis_block(records: &[u8]) -> std::io::Result<Vec<u8>> {
    let level = flate2::Compression::best();
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
    encoder.write_all(records)?;
    let packed = encoder.finish()?;
    let sizes = [records.len(), packed.len()].map(|size| oasis_unsigned(size as u64));
    Ok([vec![34, 0], sizes.concat(), packed].concat())
}
