//! OASIS files spelled byte by byte.
#![allow(clippy::unwrap_used, dead_code)]

use std::io::Write;

pub type Bytes = Vec<u8>;

/// An unsigned integer.
pub fn u(mut value: u64) -> Bytes {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A signed integer.
pub fn s(value: i64) -> Bytes {
    u(value.unsigned_abs() << 1 | u64::from(value < 0))
}

pub fn us(values: &[u64]) -> Bytes {
    values.iter().flat_map(|&v| u(v)).collect()
}

pub fn text(value: &str) -> Bytes {
    [u(value.len() as u64), value.as_bytes().to_vec()].concat()
}

pub fn start(unit: &[u8]) -> Bytes {
    [b"%SEMI-OASIS\r\n\x01".to_vec(), text("1.0"), unit.to_vec(), vec![0; 13]].concat()
}

/// The END record, 256 bytes long, with room for a signature where the scheme has one.
pub fn end(scheme: u8) -> Bytes {
    let padding = if scheme == 0 { 252 } else { 248 };
    [vec![2], u(padding), vec![0; padding as usize], vec![scheme]].concat()
}

pub fn file(records: &[Bytes]) -> Bytes {
    [start(&us(&[0, 1000])), records.concat(), end(0)].concat()
}

pub fn cell(name: &str) -> Bytes {
    [vec![14], text(name)].concat()
}

/// A 10 × 20 rectangle on 1/2 at (x, y), followed by `more`.
pub fn rectangle(x: i64, y: i64, more: &[u8]) -> Bytes {
    let repetition = if more.is_empty() { 0 } else { 4 };
    [vec![20, 0x7b | repetition, 1, 2, 10, 20], s(x), s(y), more.to_vec()].concat()
}

pub fn deflated(records: &[u8]) -> Bytes {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(records).unwrap();
    encoder.finish().unwrap()
}

pub fn block(records: &[u8]) -> Bytes {
    let packed = deflated(records);
    [vec![34], us(&[0, records.len() as u64, packed.len() as u64]), packed].concat()
}
