//! What frames an OASIS file: its first bytes, `START`, `END` and the validation signature.

use super::stream::{Parsed, Place, Stream};

/// The bytes every OASIS file starts with.
pub(in crate::layout) const MAGIC: &[u8; 13] = b"%SEMI-OASIS\r\n";

/// Length of the `END` record in bytes, its record-ID included.
pub(super) const END_LENGTH: u64 = 256;

pub(super) struct Start {
    /// Database units in a micrometre.
    pub units_per_um: f64,
    /// Whether `END` holds the table offsets, in place of `START`.
    tables_at_end: bool,
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
    let tables_at_end = match stream.unsigned()? {
        0 => false,
        1 => true,
        flag => return Err(format!("offset flag {flag}; expected 0 or 1").into()),
    };
    if !tables_at_end {
        table_offsets(stream)?;
    }
    Ok(Start { units_per_um, tables_at_end })
}

/// Where the six name tables are, and whether each holds all names of its kind. Names are found
/// wherever they stand, so the offsets are only checked.
fn table_offsets(stream: &mut Stream) -> Parsed<()> {
    let (before, after) = stream.split();
    let size = (before.len() + after.len()) as u64;
    let tables = ["CELLNAME", "TEXTSTRING", "PROPNAME", "PROPSTRING", "LAYERNAME", "XNAME"];
    for table in tables {
        let strict = stream.unsigned()?;
        if strict > 1 {
            return Err(
                format!("strict flag {strict} for the {table} table; expected 0 or 1").into()
            );
        }
        let offset = stream.unsigned()?;
        if offset >= size {
            let problem = format!("the {table} table at byte {offset}; the file has {size} bytes");
            return Err(problem.into());
        }
    }
    Ok(())
}

/// Reads `END`, which starts at `place`, and validates the file.
pub(super) fn end(stream: &mut Stream, place: Place, start: &Start) -> Parsed<()> {
    if stream.in_block() {
        return Err("inside a CBLOCK".into());
    }
    if start.tables_at_end {
        table_offsets(stream)?;
    }
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
    let Some(found) = found else { return Ok(()) };
    let (name, sum) =
        if scheme == 1 { ("CRC32", crc32(covered)) } else { ("checksum", checksum(covered)) };
    if found == sum {
        return Ok(());
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
