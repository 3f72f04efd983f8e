//! Where the structures of a stream are, found by one walk over record heads, so that they can be
//! read side by side.

use super::records::{Records, kind};

/// How often the scan of a broken file begins anew behind what it cannot follow.
const MOST_RESUMPTIONS: usize = 1000;

/// Bytes that the least placement and the least text take, names left out.
const LEAST_ELEMENT: usize = 20;

/// A structure and what follows it up to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where its `BGNSTR` is.
    pub start: usize,
    /// Placements in it.
    pub placements: usize,
    /// Texts in it.
    pub texts: usize,
}

/// Every structure from `offset` on, in order, up to `ENDLIB` or what cannot be followed: the last
/// one's reader meets that too. With `resume` the scan goes on behind it.
pub(super) fn stretches(bytes: &[u8], offset: usize, resume: bool) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut records = Records::new(bytes, offset);
    let mut resumptions = if resume { 0 } else { MOST_RESUMPTIONS };
    loop {
        let Ok(record) = records.next("") else {
            let after = found.last().map_or(offset, |last| last.start) + 4;
            match next_structure(bytes, after) {
                Some(start) if resumptions < MOST_RESUMPTIONS => {
                    resumptions += 1;
                    records = Records::new(bytes, start);
                    continue;
                }
                _ => break,
            }
        };
        match (record.kind, found.last_mut()) {
            (kind::ENDLIB, _) => break,
            (kind::BGNSTR, _) => {
                found.push(Stretch { start: record.offset, placements: 0, texts: 0 });
            }
            (kind::SREF | kind::AREF, Some(last)) => last.placements += 1,
            (kind::TEXT, Some(last)) => last.texts += 1,
            _ => {}
        }
    }
    // Heads without bodies are no elements to make room for.
    let ends = found.iter().skip(1).map(|s| s.start).chain([bytes.len()]).collect::<Vec<_>>();
    for (stretch, end) in found.iter_mut().zip(ends) {
        let most = end.saturating_sub(stretch.start) / LEAST_ELEMENT;
        stretch.placements = stretch.placements.min(most);
        stretch.texts = stretch.texts.min(most);
    }
    found
}

/// Where the next bytes are that look like `BGNSTR` with its dates, then `STRNAME`.
fn next_structure(bytes: &[u8], from: usize) -> Option<usize> {
    const HEAD: [u8; 4] = [0x00, 0x1c, kind::BGNSTR, 2];
    let rest = bytes.get(from..)?;
    let named = |at: usize| rest.get(at + 30..at + 32) == Some(&[kind::STRNAME, 6]);
    let at = rest.windows(HEAD.len()).enumerate().find(|&(at, w)| w == HEAD && named(at))?.0;
    Some(from + at)
}
