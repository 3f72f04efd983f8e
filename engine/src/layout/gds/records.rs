//! The record layer: a byte stream as a sequence of checked records.

use std::borrow::Cow;

use crate::geometry::Point;

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
    pub const PRESENTATION: u8 = 0x17;
    pub const STRING: u8 = 0x19;
    pub const STRANS: u8 = 0x1a;
    pub const MAG: u8 = 0x1b;
    pub const ANGLE: u8 = 0x1c;
    pub const PATHTYPE: u8 = 0x21;
    pub const NODETYPE: u8 = 0x2a;
    pub const PROPATTR: u8 = 0x2b;
    pub const PROPVALUE: u8 = 0x2c;
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

/// What is wrong with a stream, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub offset: usize,
    pub problem: String,
}

impl Fault {
    pub fn new(offset: usize, problem: impl Into<String>) -> Self {
        Self { offset, problem: problem.into() }
    }
}

/// One record of the stream.
#[derive(Clone, Copy, Default)]
pub(super) struct Record<'a> {
    pub offset: usize,
    pub kind: u8,
    pub body: &'a [u8],
}

/// Walks the records of a stream. After a fault nothing more should be asked of it.
#[derive(Clone, Copy)]
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Records<'a> {
    /// The records from `offset` on, which is where one begins.
    pub fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    /// Where the next record begins.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Goes back to the start of a record.
    pub fn back_to(&mut self, record: Record) {
        self.offset = record.offset;
    }

    /// The next record, its length inside the file and its data type the one its type calls for. A
    /// length may be odd, as some programs write names without padding. `wanted` says what may come
    /// here, for the message at the end of the file.
    pub fn next(&mut self, wanted: &str) -> Result<Record<'a>, Fault> {
        let offset = self.offset;
        let rest = self.bytes.get(offset..).unwrap_or_default();
        let &[high, low, kind, data_type, ..] = rest else {
            return Err(at_the_end(offset, rest.len(), wanted));
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let expected = RECORDS.get(usize::from(kind)).map(|r| r.1);
        match rest.get(4..length) {
            Some(body) if expected == Some(data_type) || expected == Some(ANY) => {
                self.offset += length;
                Ok(Record { offset, kind, body })
            }
            _ => Err(malformed(offset, rest, wanted)),
        }
    }
}

#[cold]
fn at_the_end(offset: usize, left: usize, wanted: &str) -> Fault {
    Fault::new(offset, format!("the file ends here ({left} bytes left); expected {wanted}"))
}

/// What is wrong with the record that `rest` begins with.
#[cold]
fn malformed(offset: usize, rest: &[u8], wanted: &str) -> Fault {
    let &[high, low, kind, data_type, ..] = rest else {
        return at_the_end(offset, rest.len(), wanted);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let name = name_of(kind);
    let problem = match RECORDS.get(usize::from(kind)) {
        _ if length < 4 => {
            format!("record {name} (type 0x{kind:02x}) has length {length}; expected at least 4")
        }
        None => format!("record type 0x{kind:02x} is not a GDSII record; expected {wanted}"),
        Some(&(_, expected)) if expected != ANY && data_type != expected => {
            format!("record {name} has data type {data_type}; expected {expected}")
        }
        Some(_) => {
            let (claim, left) = (length - 4, rest.len() - 4);
            format!("record {name} claims {claim} bytes but {left} remain")
        }
    };
    Fault::new(offset, problem)
}

impl Record<'_> {
    /// The first bytes of the body. What a record holds beyond them means nothing.
    fn first<const N: usize>(&self) -> Result<[u8; N], Fault> {
        self.body.first_chunk::<N>().copied().ok_or_else(|| {
            let (name, size) = (name_of(self.kind), self.body.len());
            Fault::new(self.offset, format!("record {name} has {size} bytes; expected {N}"))
        })
    }

    /// A 16-bit number without a sign.
    pub fn short(&self) -> Result<u16, Fault> {
        self.first().map(u16::from_be_bytes)
    }

    /// Two 16-bit numbers without a sign, as `COLROW` has.
    pub fn two_shorts(&self) -> Result<[u16; 2], Fault> {
        self.first().map(|[a, b, c, d]| [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])])
    }

    /// A 32-bit number.
    pub fn long(&self) -> Result<i32, Fault> {
        self.first().map(i32::from_be_bytes)
    }

    /// An 8-byte real.
    pub fn real(&self) -> Result<f64, Fault> {
        self.first().map(real8)
    }

    /// Two 8-byte reals, as `UNITS` has.
    pub fn two_reals(&self) -> Result<[f64; 2], Fault> {
        let both: [u8; 16] = self.first()?;
        let [mut a, mut b] = [[0; 8]; 2];
        a.copy_from_slice(&both[..8]);
        b.copy_from_slice(&both[8..]);
        Ok([real8(a), real8(b)])
    }

    /// Points of an `XY` record, appended to `points`; bytes beyond the last whole point mean
    /// nothing.
    pub fn points(&self, points: &mut Vec<Point>) {
        let (whole, _) = self.body.as_chunks::<8>();
        points.extend(whole.iter().map(|&[a, b, c, d, e, f, g, h]| {
            Point::new(i32::from_be_bytes([a, b, c, d]), i32::from_be_bytes([e, f, g, h]))
        }));
    }
}

impl<'a> Record<'a> {
    /// The bytes of a text, which ends at the first zero byte.
    pub fn text(&self) -> &'a [u8] {
        let end = self.body.iter().position(|&b| b == 0).unwrap_or(self.body.len());
        &self.body[..end]
    }
}

/// A text of the file. Bytes that are not UTF-8 are taken as Latin-1.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()),
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
