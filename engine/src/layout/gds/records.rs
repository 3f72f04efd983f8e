//! The record layer: a byte stream as a sequence of checked records.

use std::path::Path;

use crate::geometry::Point;
use crate::layout::LayoutError;

/// Record types this reader acts on, by the number in the file.
pub(super) mod kind {
    pub const HEADER: u8 = 0x00;
    pub const BGNLIB: u8 = 0x01;
    pub const UNITS: u8 = 0x03;
    pub const ENDLIB: u8 = 0x04;
    pub const BGNSTR: u8 = 0x05;
    pub const STRNAME: u8 = 0x06;
    pub const ENDSTR: u8 = 0x07;
    pub const BOUNDARY: u8 = 0x08;
    pub const PATH: u8 = 0x09;
    pub const SREF: u8 = 0x0a;
    pub const AREF: u8 = 0x0b;
    pub const TEXT: u8 = 0x0c;
    pub const LAYER: u8 = 0x0d;
    pub const DATATYPE: u8 = 0x0e;
    pub const WIDTH: u8 = 0x0f;
    pub const XY: u8 = 0x10;
    pub const ENDEL: u8 = 0x11;
    pub const SNAME: u8 = 0x12;
    pub const COLROW: u8 = 0x13;
    pub const NODE: u8 = 0x15;
    pub const TEXTTYPE: u8 = 0x16;
    pub const STRANS: u8 = 0x1a;
    pub const MAG: u8 = 0x1b;
    pub const ANGLE: u8 = 0x1c;
    pub const PATHTYPE: u8 = 0x21;
    pub const NODETYPE: u8 = 0x2a;
    pub const BOX: u8 = 0x2d;
    pub const BOXTYPE: u8 = 0x2e;
    pub const BGNEXTN: u8 = 0x30;
    pub const ENDEXTN: u8 = 0x31;
}

/// Records that are obsolete, or one vendor's own, are skipped whatever data they hold.
const ANY: u8 = 0xff;

/// Name and data type of every record type, indexed by its number. Data types: 0 none, 1 bits,
/// 2 16-bit integers, 3 32-bit integers, 5 8-byte reals, 6 text.
const RECORDS: [(&str, u8); 0x3c] = [
    ("HEADER", 2),
    ("BGNLIB", 2),
    ("LIBNAME", 6),
    ("UNITS", 5),
    ("ENDLIB", 0),
    ("BGNSTR", 2),
    ("STRNAME", 6),
    ("ENDSTR", 0),
    ("BOUNDARY", 0),
    ("PATH", 0),
    ("SREF", 0),
    ("AREF", 0),
    ("TEXT", 0),
    ("LAYER", 2),
    ("DATATYPE", 2),
    ("WIDTH", 3),
    ("XY", 3),
    ("ENDEL", 0),
    ("SNAME", 6),
    ("COLROW", 2),
    ("TEXTNODE", ANY),
    ("NODE", 0),
    ("TEXTTYPE", 2),
    ("PRESENTATION", 1),
    ("SPACING", ANY),
    ("STRING", 6),
    ("STRANS", 1),
    ("MAG", 5),
    ("ANGLE", 5),
    ("UINTEGER", ANY),
    ("USTRING", ANY),
    ("REFLIBS", 6),
    ("FONTS", 6),
    ("PATHTYPE", 2),
    ("GENERATIONS", 2),
    ("ATTRTABLE", 6),
    ("STYPTABLE", ANY),
    ("STRTYPE", ANY),
    ("ELFLAGS", 1),
    ("ELKEY", ANY),
    ("LINKTYPE", ANY),
    ("LINKKEYS", ANY),
    ("NODETYPE", 2),
    ("PROPATTR", 2),
    ("PROPVALUE", 6),
    ("BOX", 0),
    ("BOXTYPE", 2),
    ("PLEX", 3),
    ("BGNEXTN", 3),
    ("ENDEXTN", 3),
    ("TAPENUM", ANY),
    ("TAPECODE", ANY),
    ("STRCLASS", ANY),
    ("RESERVED", ANY),
    ("FORMAT", 2),
    ("MASK", 6),
    ("ENDMASKS", 0),
    ("LIBDIRSIZE", 2),
    ("SRFNAME", 6),
    ("LIBSECUR", 2),
];

/// The name of a record type.
pub(super) fn name_of(kind: u8) -> &'static str {
    RECORDS.get(usize::from(kind)).map_or("of unknown type", |r| r.0)
}

/// One record of the stream.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub offset: usize,
    pub kind: u8,
    pub body: &'a [u8],
}

/// Walks the records of a stream. After an error nothing more should be asked of it.
pub(super) struct Records<'a> {
    path: &'a Path,
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Records<'a> {
    pub fn new(path: &'a Path, bytes: &'a [u8]) -> Self {
        Self { path, bytes, offset: 0 }
    }

    /// An error at a byte offset.
    pub fn fault(&self, offset: usize, problem: impl Into<String>) -> LayoutError {
        let problem = problem.into();
        LayoutError::Gds { path: self.path.to_path_buf(), offset: offset as u64, problem }
    }

    /// The next record, its length inside the file and its data type the one its type calls for.
    /// `wanted` says what may come here, for the message at the end of the file.
    pub fn next(&mut self, wanted: &str) -> Result<Record<'a>, LayoutError> {
        let offset = self.offset;
        let rest = self.bytes.get(offset..).unwrap_or_default();
        let &[high, low, kind, data_type, ..] = rest else {
            let problem =
                format!("the file ends here ({} bytes left); expected {wanted}", rest.len());
            return Err(self.fault(offset, problem));
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let name = name_of(kind);
        let fault = |problem: String| Err(self.fault(offset, problem));
        if length < 4 || length % 2 != 0 {
            return fault(format!(
                "record {name} (type 0x{kind:02x}) has length {length}; expected an even number of at least 4"
            ));
        }
        let Some(&(_, expected)) = RECORDS.get(usize::from(kind)) else {
            return fault(format!(
                "record type 0x{kind:02x} is not a GDSII record; expected {wanted}"
            ));
        };
        if expected != ANY && data_type != expected {
            return fault(format!("record {name} has data type {data_type}; expected {expected}"));
        }
        let Some(body) = rest.get(4..length) else {
            let (claim, left) = (length - 4, rest.len() - 4);
            return fault(format!("record {name} claims {claim} bytes but {left} remain"));
        };
        self.offset += length;
        Ok(Record { offset, kind, body })
    }

    /// A single 16-bit number.
    pub fn short(&self, record: Record) -> Result<i16, LayoutError> {
        let &[a, b] = record.body else { return Err(self.wrong_size(record, 2)) };
        Ok(i16::from_be_bytes([a, b]))
    }

    /// Two 16-bit numbers, as `COLROW` has.
    pub fn two_shorts(&self, record: Record) -> Result<[i16; 2], LayoutError> {
        let &[a, b, c, d] = record.body else { return Err(self.wrong_size(record, 4)) };
        Ok([i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d])])
    }

    /// A single 32-bit number.
    pub fn long(&self, record: Record) -> Result<i32, LayoutError> {
        let &[a, b, c, d] = record.body else { return Err(self.wrong_size(record, 4)) };
        Ok(i32::from_be_bytes([a, b, c, d]))
    }

    /// A single 8-byte real.
    pub fn real(&self, record: Record) -> Result<f64, LayoutError> {
        let &[a, b, c, d, e, f, g, h] = record.body else { return Err(self.wrong_size(record, 8)) };
        Ok(real8([a, b, c, d, e, f, g, h]))
    }

    /// Two 8-byte reals, as `UNITS` has.
    pub fn two_reals(&self, record: Record) -> Result<[f64; 2], LayoutError> {
        let (first, second) = record.body.split_at(record.body.len().min(8));
        let first = self.real(Record { body: first, ..record });
        let second = self.real(Record { body: second, ..record });
        match (first, second) {
            (Ok(a), Ok(b)) => Ok([a, b]),
            _ => Err(self.wrong_size(record, 16)),
        }
    }

    /// Points of an `XY` record, appended to `points`.
    pub fn points(&self, record: Record, points: &mut Vec<Point>) -> Result<(), LayoutError> {
        if !record.body.len().is_multiple_of(8) {
            let problem = format!(
                "record XY has {} bytes of coordinates; expected a multiple of 8",
                record.body.len()
            );
            return Err(self.fault(record.offset, problem));
        }
        let number = |b: &[u8]| b.iter().fold(0u32, |n, &byte| (n << 8) | u32::from(byte)) as i32;
        points.extend(
            record.body.chunks_exact(8).map(|c| Point::new(number(&c[..4]), number(&c[4..]))),
        );
        Ok(())
    }

    fn wrong_size(&self, record: Record, expected: usize) -> LayoutError {
        let (name, size) = (name_of(record.kind), record.body.len());
        self.fault(record.offset, format!("record {name} has {size} bytes; expected {expected}"))
    }
}

/// A text record without its padding. Bytes that are not UTF-8 are taken as Latin-1, so that
/// different names stay different.
pub(super) fn text(record: Record) -> String {
    let end = record.body.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    let bytes = &record.body[..end];
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    }
}

/// GDSII's real: sign bit, exponent of 16 in excess 64, 56-bit fraction. Always finite.
pub(super) fn real8(bytes: [u8; 8]) -> f64 {
    let bits = u64::from_be_bytes(bytes);
    let fraction = (bits & 0x00ff_ffff_ffff_ffff) as f64;
    let exponent = ((bits >> 56) & 0x7f) as i32 - 64;
    // The fraction is an integer here, so 14 hexadecimal digits come off the exponent. Dividing by
    // a power that is exact keeps decimal values such as 1e-9 to the last bit they had.
    let shift = exponent - 14;
    let size = if shift < 0 { fraction / 16f64.powi(-shift) } else { fraction * 16f64.powi(shift) };
    if bits >> 63 == 1 { -size } else { size }
}
