//! The bytes of an OASIS file and the numbers, reals and strings they spell.
//!
//! A `CBLOCK` is inflated through a fixed window, so that a record is read the same way inside and
//! outside of one and nothing a block claims about its size costs memory.

use std::borrow::Cow;

use super::block::{Block, Inflater};
use super::budget::{Budget, Purse};

/// What is wrong; the record and its place are added by the parser.
pub(super) type Problem = Cow<'static, str>;
pub(super) type Parsed<T> = Result<T, Problem>;

/// Largest coordinate, displacement or length taken while reading. Far beyond what fits in a
/// layout, so that sums of several never overflow and the layout can judge the result.
const FARTHEST: i64 = 1 << 40;

/// Longest string read, in bytes.
const LONGEST_STRING: u64 = 16 << 20;

/// Room made ahead for a list whose length the file claims; beyond it, lists grow as they fill.
const LARGEST_RESERVE: usize = 1 << 12;

/// Where a record starts: in the file, and for one in a `CBLOCK` in the block's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Offset in the file: of the record or of the `CBLOCK` it is in.
    pub file: u64,
    /// Offset in the inflated contents of the `CBLOCK`.
    pub inside: Option<u64>,
}

pub(super) struct Stream<'a> {
    file: &'a [u8],
    at: usize,
    block: Option<Block<'a>>,
    /// Kept from block to block.
    inflater: Option<Inflater>,
    budget: &'a Budget,
    purse: Purse<'a>,
    /// Whether a modal variable that is not set counts as zero or empty.
    pub lenient: bool,
    /// A modal variable that was used so since this was last looked at.
    pub unset: Option<&'static str>,
}

impl<'a> Stream<'a> {
    pub fn new(file: &'a [u8], at: usize, budget: &'a Budget) -> Self {
        let purse = budget.purse();
        Self { file, at, block: None, inflater: None, budget, purse, lenient: false, unset: None }
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.file.len() as u64
    }

    /// Offset in the file of what follows; of what follows the block while in one.
    pub fn position(&self) -> u64 {
        self.at as u64
    }

    /// Goes on at another place of the file.
    pub fn seek(&mut self, offset: u64) {
        self.leave_block();
        self.at = usize::try_from(offset).unwrap_or(usize::MAX).min(self.file.len());
    }

    /// Passes over the rest of a block; tells whether there was one.
    pub fn leave_block(&mut self) -> bool {
        let block = self.block.take();
        let left = block.is_some();
        if let Some(block) = block {
            self.inflater = Some(block.into_inflater());
        }
        left
    }

    /// Grows with what has been read, inflated bytes included.
    #[inline]
    pub fn work(&self) -> u64 {
        self.at as u64 + self.block.as_ref().map_or(0, Block::consumed)
    }

    /// What the file may still come to.
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// Notes that something read takes this much memory.
    pub fn hold(&mut self, bytes: usize) -> Parsed<()> {
        self.purse.hold(bytes)
    }

    /// Passes over bytes at hand that are like this one.
    pub fn skip(&mut self, byte: u8) {
        let at_hand = self.at_hand();
        let alike = at_hand.iter().position(|&b| b != byte).unwrap_or(at_hand.len());
        self.take(alike);
    }

    #[inline]
    pub fn place(&self) -> Place {
        match &self.block {
            Some(block) => Place { file: block.place, inside: Some(block.consumed()) },
            None => Place { file: self.at as u64, inside: None },
        }
    }

    /// The file from its first byte to where the stream stands, and what follows.
    pub fn split(&self) -> (&'a [u8], &'a [u8]) {
        self.file.split_at(self.at)
    }

    #[inline]
    pub fn in_block(&self) -> bool {
        self.block.is_some()
    }

    /// Leaves a `CBLOCK` whose contents are used up. Called between records, so that a record
    /// cannot run past the end of its block.
    pub fn settle(&mut self) -> Parsed<()> {
        if let Some(block) = &mut self.block
            && block.is_finished()?
        {
            self.leave_block();
        }
        Ok(())
    }

    /// Enters a `CBLOCK` that starts at `place` and whose record-ID has been read.
    pub fn enter_block(&mut self, place: u64) -> Parsed<()> {
        if self.block.is_some() {
            return Err("a CBLOCK inside a CBLOCK".into());
        }
        let method = self.unsigned()?;
        if method != 0 {
            return Err(format!("compression type {method}; expected 0 (DEFLATE)").into());
        }
        let (inflated, packed) = (self.unsigned()?, self.unsigned()?);
        let rest = &self.file[self.at..];
        let Some(input) = usize::try_from(packed).ok().and_then(|n| rest.get(..n)) else {
            let left = rest.len();
            return Err(format!("claims {packed} compressed bytes but {left} remain").into());
        };
        self.at += input.len();
        let inflater = self.inflater.take().unwrap_or_default();
        self.block = Some(Block::new(place, input, inflated, inflater, self.budget));
        Ok(())
    }

    /// The bytes at hand: all that is left of the file, or of the window into a block.
    #[inline]
    fn at_hand(&self) -> &[u8] {
        match &self.block {
            Some(block) => block.at_hand(),
            None => &self.file[self.at..],
        }
    }

    /// Takes `count` bytes that are at hand.
    #[inline]
    fn take(&mut self, count: usize) {
        match &mut self.block {
            Some(block) => block.take(count),
            None => self.at += count,
        }
    }

    /// No more than this many bytes can follow in the file or block.
    pub fn remaining(&self) -> u64 {
        match &self.block {
            Some(block) => block.remaining(),
            None => (self.file.len() - self.at) as u64,
        }
    }

    pub fn byte(&mut self) -> Parsed<u8> {
        if let Some(&byte) = self.at_hand().first() {
            self.take(1);
            return Ok(byte);
        }
        match &mut self.block {
            Some(block) => block.byte(),
            None => Err("the file ends inside the record".into()),
        }
    }

    /// An unsigned integer: seven bits a byte, lowest first, the top bit set on all but the last.
    pub fn unsigned(&mut self) -> Parsed<u64> {
        let mut value = 0;
        // Nine bytes hold 63 bits: no overflow to look for, and nearly every number is shorter.
        for (i, &byte) in self.at_hand().iter().take(9).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.take(i + 1);
                return Ok(value);
            }
        }
        self.long_unsigned()
    }

    /// The same for any number of bytes, wherever they are: high bits that are zero may go on.
    fn long_unsigned(&mut self) -> Parsed<u64> {
        let (mut value, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits != 0 {
                if shift > 63 || (bits << shift) >> shift != bits {
                    return Err("a number of more than 64 bits".into());
                }
                value |= bits << shift;
            }
            if byte < 0x80 {
                return Ok(value);
            }
            shift = shift.saturating_add(7);
        }
    }

    /// A number that names a layer or datatype.
    pub fn layer_number(&mut self) -> Parsed<u32> {
        let value = self.unsigned()?;
        u32::try_from(value).map_err(|_| {
            format!("layer or type number {value}; expected at most 4294967295").into()
        })
    }

    /// A signed integer: the lowest bit is the sign.
    pub fn signed(&mut self) -> Parsed<i64> {
        let value = self.unsigned()?;
        let size = (value >> 1) as i64;
        Ok(if value & 1 == 0 { size } else { -size })
    }

    /// A signed integer that is a coordinate or displacement.
    pub fn coordinate(&mut self) -> Parsed<i64> {
        let value = self.signed()?;
        within_reach(value)
    }

    /// An unsigned integer that is a length.
    pub fn length(&mut self) -> Parsed<i64> {
        let value = self.unsigned()?;
        i64::try_from(value).map_err(|_| too_far(value)).and_then(within_reach)
    }

    /// How many items of at least `size` bytes follow, where the file says `count`: never more than
    /// the bytes that are left can hold.
    pub fn checked_count(&self, count: u64, size: u64, items: &str) -> Parsed<usize> {
        let left = self.remaining();
        match usize::try_from(count) {
            Ok(fits) if count <= left / size.max(1) => Ok(fits),
            _ => Err(format!("claims {count} {items} but {left} bytes remain").into()),
        }
    }

    /// An empty list for as many items as [`Stream::checked_count`] gave, where
    /// the file may come to that much. Room for them is made as they come.
    pub fn list_of<T>(&mut self, count: usize) -> Parsed<Vec<T>> {
        let memory = (count as u64).saturating_mul(size_of::<T>() as u64);
        self.budget.allow(memory)?;
        self.hold(memory as usize)?;
        Ok(Vec::with_capacity(count.min(LARGEST_RESERVE)))
    }

    /// A displacement of any direction (g-delta).
    pub fn displacement(&mut self) -> Parsed<[i64; 2]> {
        let first = self.unsigned()?;
        if first & 1 == 0 {
            return octangular(first >> 1);
        }
        let x = first >> 2;
        let second = self.unsigned()?;
        let y = second >> 1;
        let signed = |size: u64, negative: bool| {
            let size = i64::try_from(size).map_err(|_| too_far(size)).and_then(within_reach)?;
            Ok::<_, Problem>(if negative { -size } else { size })
        };
        Ok([signed(x, first & 2 != 0)?, signed(y, second & 1 != 0)?])
    }

    /// A displacement along an axis (2-delta).
    pub fn manhattan(&mut self) -> Parsed<[i64; 2]> {
        let value = self.unsigned()?;
        directed(value & 3, value >> 2)
    }

    /// A displacement along an axis or diagonal (3-delta).
    pub fn diagonal(&mut self) -> Parsed<[i64; 2]> {
        octangular(self.unsigned()?)
    }

    /// A real number of any of the eight kinds.
    pub fn real(&mut self) -> Parsed<f64> {
        let kind = self.unsigned()?;
        self.real_of_kind(kind)
    }

    /// A real number whose kind has been read.
    pub fn real_of_kind(&mut self, kind: u64) -> Parsed<f64> {
        let value = match kind {
            0 => self.unsigned()? as f64,
            1 => -(self.unsigned()? as f64),
            2 => 1.0 / self.unsigned()? as f64,
            3 => -1.0 / self.unsigned()? as f64,
            4 => self.unsigned()? as f64 / self.unsigned()? as f64,
            5 => -(self.unsigned()? as f64 / self.unsigned()? as f64),
            6 => f64::from(f32::from_le_bytes(self.array()?)),
            7 => f64::from_le_bytes(self.array()?),
            _ => return Err(format!("a real number of kind {kind}; expected 0 to 7").into()),
        };
        if value.is_finite() { Ok(value) } else { Err("a real number that is not finite".into()) }
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    /// A string: its length and its bytes.
    pub fn string(&mut self) -> Parsed<Vec<u8>> {
        let claimed = self.unsigned()?;
        let length = self.checked_count(claimed, 1, "bytes in a string")?;
        if claimed > LONGEST_STRING {
            return Err(format!("a string of {claimed} bytes; at most {LONGEST_STRING}").into());
        }
        let mut bytes: Vec<u8> = self.list_of(length)?;
        while bytes.len() < length {
            let part = self.at_hand();
            let taken = part.len().min(length - bytes.len());
            bytes.extend_from_slice(&part[..taken]);
            self.take(taken);
            if bytes.len() < length {
                bytes.push(self.byte()?);
            }
        }
        Ok(bytes)
    }

    /// A string as text: UTF-8 where it is, else Latin-1.
    pub fn text(&mut self) -> Parsed<String> {
        let bytes = self.string()?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|e| latin1(e.as_bytes())))
    }
}

pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

/// A coordinate that sums of a few others of its kind cannot carry out of range.
pub(super) fn within_reach(value: i64) -> Parsed<i64> {
    if (-FARTHEST..=FARTHEST).contains(&value) { Ok(value) } else { Err(too_far(value)) }
}

/// The sum of two positions or displacements.
pub(super) fn sum(a: [i64; 2], b: [i64; 2]) -> Parsed<[i64; 2]> {
    Ok([within_reach(a[0].saturating_add(b[0]))?, within_reach(a[1].saturating_add(b[1]))?])
}

fn too_far(value: impl std::fmt::Display) -> Problem {
    format!("a coordinate of {value}; the range is ±2147483647").into()
}

/// East, north, west, south, then the diagonals north-east, north-west, south-west, south-east.
fn octangular(value: u64) -> Parsed<[i64; 2]> {
    directed(value & 7, value >> 3)
}

fn directed(direction: u64, size: u64) -> Parsed<[i64; 2]> {
    const STEPS: [[i64; 2]; 8] =
        [[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1], [-1, -1], [1, -1]];
    let size = i64::try_from(size).map_err(|_| too_far(size)).and_then(within_reach)?;
    Ok(STEPS[(direction & 7) as usize].map(|step| step * size))
}
