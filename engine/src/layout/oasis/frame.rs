//! What frames an OASIS file: its first bytes, `START`, `END` and the validation signature.

use super::budget::Budget;
use super::stream::{Parsed, Place, Stream};
use super::tables::{self, Tables};

/// The bytes every OASIS file starts with.
pub(in crate::layout) const MAGIC: &[u8; 13] = b"%SEMI-OASIS\r\n";

/// Length of the `END` record in bytes, its record-ID included.
pub(super) const END_LENGTH: u64 = 256;

pub(super) struct Start {
    /// Database units in a micrometre.
    pub units_per_um: f64,
    /// The table offsets; `None` where `END` holds them.
    pub tables: Option<Tables>,
}

pub(super) fn magic(stream: &mut Stream) -> Parsed<()> {
    let start = stream.array::<13>()?;
    if &start == MAGIC { Ok(()) } else { Err("not an OASIS file".into()) }
}

pub(super) fn start(stream: &mut Stream) -> Parsed<Start> {
    let id = stream.unsigned()?;
    if id != 1 {
        return Err(format!("record-ID {id}; expected START (1)").into());
    }
    let version = stream.text()?;
    if version != "1.0" {
        return Err(format!("version '{}'; expected 1.0", version.escape_debug()).into());
    }
    let units_per_um = stream.real()?;
    if !(1e-6..=1e9).contains(&units_per_um) {
        let problem = format!("{units_per_um} database units in a µm; expected 1e-6 to 1e9");
        return Err(problem.into());
    }
    let tables = match stream.unsigned()? {
        0 => Some(tables::read(stream)?),
        1 => None,
        flag => return Err(format!("offset flag {flag}; expected 0 or 1").into()),
    };
    Ok(Start { units_per_um, tables })
}

/// The table offsets that `END` holds, read ahead.
pub(super) fn tables_at_end(bytes: &[u8], budget: &Budget) -> Parsed<Tables> {
    let at = bytes.len().saturating_sub(END_LENGTH as usize);
    let mut stream = Stream::new(bytes, at, budget);
    if stream.unsigned()? != 2 {
        return Err("no END record".into());
    }
    tables::read(&mut stream)
}

/// Reads `END`, which starts at `place`, and validates the file; gives the table offsets, which are
/// there where `START` has none.
pub(super) fn end(stream: &mut Stream, place: Place, at_start: Option<Tables>) -> Parsed<Tables> {
    if stream.in_block() {
        return Err("inside a CBLOCK".into());
    }
    let tables = match at_start {
        Some(tables) => tables,
        None => tables::read(stream)?,
    };
    stream.string()?;
    let scheme = stream.unsigned()?;
    let (covered, _) = stream.split();
    let found = match scheme {
        0 => None,
        1 | 2 => Some(u32::from_le_bytes(stream.array()?)),
        _ => return Err(format!("validation scheme {scheme}; expected 0, 1 or 2").into()),
    };
    let (read, rest) = stream.split();
    let length = read.len() as u64 - place.file;
    if length != END_LENGTH {
        return Err(format!("{length} bytes long; expected {END_LENGTH}").into());
    }
    if !rest.is_empty() {
        return Err(format!("{} bytes follow; expected the end of the file", rest.len()).into());
    }
    let Some(found) = found else { return Ok(tables) };
    let (name, sum) =
        if scheme == 1 { ("CRC32", crc32(covered)) } else { ("checksum", checksum(covered)) };
    if found == sum {
        return Ok(tables);
    }
    Err(format!("{name} {found:08x}, but the bytes of the file give {sum:08x}").into())
}

/// CRC-32 as in Ethernet and zip (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The sum of all bytes, modulo 2³².
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, &b| sum.wrapping_add(u32::from(b)))
}
