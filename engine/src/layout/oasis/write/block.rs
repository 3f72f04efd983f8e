//! `CBLOCK`: records compressed by DEFLATE.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::bytes::unsigned;

/// Appends records to a file: as they are, or in a `CBLOCK` where that takes fewer bytes.
pub(super) fn pack(out: &mut Vec<u8>, records: &[u8]) {
    match compressed(records) {
        Some(block) if block.len() < records.len() => out.extend(block),
        _ => out.extend_from_slice(records),
    }
}

fn compressed(records: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(records).ok()?;
    let packed = encoder.finish().ok()?;
    let mut block = vec![34, 0];
    unsigned(&mut block, records.len() as u64);
    unsigned(&mut block, packed.len() as u64);
    block.extend(packed);
    Some(block)
}
