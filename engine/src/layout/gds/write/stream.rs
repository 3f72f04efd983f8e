//! The records of a GDSII stream, as bytes.

use std::io::Write;

use super::super::records::kind;
use crate::geometry::Point;
use crate::layout::save::Fault;

/// Most bytes of a record's body: its length, head included, is an even 16-bit number.
pub(super) const LONGEST_BODY: usize = 65530;

/// Data types of records, by their number in the file.
const NONE: u8 = 0;
const BITS: u8 = 1;
const SHORT: u8 = 2;
const LONG: u8 = 3;
const REAL: u8 = 5;
const TEXT: u8 = 6;

/// Record types that only the writer knows.
pub(super) const LIBNAME: u8 = 0x02;
pub(super) const PRESENTATION: u8 = 0x17;
pub(super) const STRING: u8 = 0x19;
pub(super) const PROPATTR: u8 = 0x2b;
pub(super) const PROPVALUE: u8 = 0x2c;

pub(super) struct Stream<'w> {
    out: &'w mut dyn Write,
    body: Vec<u8>,
}

impl<'w> Stream<'w> {
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out, body: Vec::new() }
    }

    /// Writes what is in `body` as one record; whoever fills it keeps to [`LONGEST_BODY`].
    fn flush(&mut self, kind: u8, data_type: u8) -> Result<(), Fault> {
        let length = u16::try_from(self.body.len() + 4)
            .map_err(|_| Fault::Unwritable("a record of more than 65530 bytes".into()))?;
        let [high, low] = length.to_be_bytes();
        self.out.write_all(&[high, low, kind, data_type])?;
        self.out.write_all(&self.body)?;
        self.body.clear();
        Ok(())
    }

    /// A record without data.
    pub fn empty(&mut self, kind: u8) -> Result<(), Fault> {
        self.flush(kind, NONE)
    }

    /// Flags.
    pub fn bits(&mut self, kind: u8, bits: u16) -> Result<(), Fault> {
        self.body.extend(bits.to_be_bytes());
        self.flush(kind, BITS)
    }

    /// 16-bit numbers.
    pub fn shorts(&mut self, kind: u8, values: &[u16]) -> Result<(), Fault> {
        self.body.extend(values.iter().flat_map(|v| v.to_be_bytes()));
        self.flush(kind, SHORT)
    }

    /// A 32-bit number.
    pub fn long(&mut self, kind: u8, value: i32) -> Result<(), Fault> {
        self.body.extend(value.to_be_bytes());
        self.flush(kind, LONG)
    }

    /// 8-byte reals.
    pub fn reals(&mut self, kind: u8, values: &[f64]) -> Result<(), Fault> {
        for &value in values {
            let Some(bytes) = real8(value) else {
                self.body.clear();
                return Err(Fault::Unwritable(format!(
                    "the number {value:e}; GDSII has 5e-79 to 7e75"
                )));
            };
            self.body.extend(bytes);
        }
        self.flush(kind, REAL)
    }

    /// A text, padded to an even length; what does not fit in a record is cut off.
    pub fn text(&mut self, kind: u8, text: &[u8]) -> Result<(), Fault> {
        self.body.extend_from_slice(&text[..text.len().min(LONGEST_BODY)]);
        if !self.body.len().is_multiple_of(2) {
            self.body.push(0);
        }
        self.flush(kind, TEXT)
    }

    /// Coordinates.
    pub fn points(&mut self, points: impl Iterator<Item = Point>) -> Result<(), Fault> {
        for point in points {
            self.body.extend(point.x.to_be_bytes());
            self.body.extend(point.y.to_be_bytes());
        }
        self.flush(kind::XY, LONG)
    }
}

/// GDSII's real: sign bit, exponent of 16 in excess 64, 56-bit fraction. Every number in its range
/// is exact; `None` outside of it.
fn real8(value: f64) -> Option<[u8; 8]> {
    if value == 0.0 {
        return Some([0; 8]);
    }
    if !value.is_normal() {
        return None;
    }
    let bits = value.to_bits();
    // value = ± mantissa · 2^power, the mantissa of 53 bits.
    let mantissa = bits & 0x000f_ffff_ffff_ffff | 1 << 52;
    let power = ((bits >> 52) & 0x7ff) as i32 - 1075;
    let shift = power.rem_euclid(4);
    let exponent = (power - shift) / 4 + 14 + 64;
    let exponent = u64::try_from(exponent).ok().filter(|&e| e < 128)?;
    Some((bits >> 63 << 63 | exponent << 56 | mantissa << shift).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::super::records::real8 as read_real8;
    use super::*;

    #[test]
    fn reals_come_back_bit_for_bit() {
        let values = [0.0, 1.0, -1.0, 1e-9, 1e-3, 90.0, 0.1, -359.999, 16.0, 15.999999999999998];
        for value in values.into_iter().chain([6e-79, 7e75, 1.0 / 3.0, -2.5e-7]) {
            assert_eq!(real8(value).map(read_real8), Some(value), "{value}");
        }
        assert_eq!(real8(1.0), Some([0x41, 0x10, 0, 0, 0, 0, 0, 0]));
        for none in [1e80, 1e-80, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE / 2.0] {
            assert_eq!(real8(none), None, "{none}");
        }
    }
}
