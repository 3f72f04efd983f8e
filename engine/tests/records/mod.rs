//! GDSII streams put together by hand, record by record.
#![allow(dead_code, reason = "each test file uses some of these")]

/// A record: type, data type, contents.
pub fn record(kind: u8, data: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() + 4) as u16;
    [&length.to_be_bytes()[..], &[kind, data], body].concat()
}

/// A record of 16-bit numbers.
pub fn shorts(kind: u8, values: &[i16]) -> Vec<u8> {
    record(kind, 2, &values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<_>>())
}

/// A record of 32-bit numbers.
pub fn longs(kind: u8, values: &[i32]) -> Vec<u8> {
    record(kind, 3, &values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<_>>())
}

/// A record of text, padded to an even length.
pub fn text(kind: u8, value: &[u8]) -> Vec<u8> {
    let mut body = value.to_vec();
    if !body.len().is_multiple_of(2) {
        body.push(0);
    }
    record(kind, 6, &body)
}

/// 1e-3 user units and 1e-9 m, as GDSII reals.
pub const UNITS: [u8; 16] = [
    0x3e, 0x41, 0x89, 0x37, 0x4b, 0xc6, 0xa7, 0xf0, 0x39, 0x44, 0xb8, 0x2f, 0xa0, 0x9b, 0x5a, 0x54,
];

/// A library of cells, 1 nm a database unit.
pub fn library(cells: &[Vec<u8>]) -> Vec<u8> {
    let head =
        [shorts(0x00, &[600]), shorts(0x01, &[0; 12]), text(0x02, b"LIB"), record(0x03, 5, &UNITS)];
    [head.concat(), cells.concat(), record(0x04, 0, &[])].concat()
}

/// A structure of elements.
pub fn cell(name: &[u8], elements: &[Vec<u8>]) -> Vec<u8> {
    let head = [shorts(0x05, &[0; 12]), text(0x06, name)].concat();
    [head, elements.concat(), record(0x07, 0, &[])].concat()
}

/// An element of records.
pub fn element(kind: u8, records: &[Vec<u8>]) -> Vec<u8> {
    [record(kind, 0, &[]), records.concat(), record(0x11, 0, &[])].concat()
}

/// A GDSII real of a value that is a multiple of 1/16.
pub fn real(value: f64) -> [u8; 8] {
    // Sixteenths as a fraction of 16^8: exact for all the tests write.
    let sign = u64::from(value < 0.0) << 63;
    let fraction = (value.abs() * (1u64 << 24) as f64) as u64;
    (sign | 0x48 << 56 | fraction).to_be_bytes()
}

/// A record of reals.
pub fn reals(kind: u8, values: &[f64]) -> Vec<u8> {
    record(kind, 5, &values.iter().flat_map(|&v| real(v)).collect::<Vec<_>>())
}

/// A record of one word of bits.
pub fn bits(kind: u8, value: u16) -> Vec<u8> {
    record(kind, 1, &value.to_be_bytes())
}

/// A property: number and value.
pub fn property(number: i16, value: &[u8]) -> Vec<u8> {
    [shorts(0x2b, &[number]), text(0x2c, value)].concat()
}
