//! How much memory a file may come to.
//!
//! A few bytes can stand for a thousand inflated ones, and two of those for a rectangle: a reader
//! that takes everything is at the mercy of the file. Blocks of real designs come to some twenty
//! times their size in memory and inflate to some ten times; the bounds are several times that, and a
//! floor on top.

use std::sync::atomic::{AtomicU64, Ordering};

use super::stream::{Parsed, Problem};

/// What any file may come to, in bytes, and what more for each of its own.
const MEMORY: [u64; 2] = [24 << 20, 128];

/// Bytes that the blocks of any file may inflate to, and how many more for each of its own.
const INFLATED: [u64; 2] = [24 << 20, 64];

/// Costs are passed on in parts of this size, so that threads rarely meet over the account.
const PART: u64 = 16 << 10;

/// What a file may still come to; shared by all who read parts of it.
pub(super) struct Budget {
    memory: Account,
    inflated: Account,
}

struct Account {
    spent: AtomicU64,
    limit: u64,
}

impl Account {
    fn new([floor, each]: [u64; 2], file: &[u8]) -> Self {
        let limit = floor.saturating_add(each.saturating_mul(file.len() as u64));
        Self { spent: AtomicU64::new(0), limit }
    }

    /// Whether there is still room for some bytes.
    fn allows(&self, bytes: u64) -> bool {
        self.spent.load(Ordering::Relaxed).saturating_add(bytes) <= self.limit
    }

    fn refusal(&self, what: &str, [floor, each]: [u64; 2]) -> Problem {
        let limit = self.limit;
        format!(
            "{what} more than {limit} bytes, {each} for each byte of the file and {floor} on top; \
             no real layout does"
        )
        .into()
    }
}

impl Budget {
    pub fn of(file: &[u8]) -> Self {
        Self { memory: Account::new(MEMORY, file), inflated: Account::new(INFLATED, file) }
    }

    /// Whether the file has come to more than it may.
    pub fn is_spent(&self) -> bool {
        !self.memory.allows(0) || !self.inflated.allows(0)
    }

    /// Refuses what would come to more memory than the file may.
    pub fn allow(&self, bytes: u64) -> Parsed<()> {
        if self.memory.allows(bytes) {
            return Ok(());
        }
        Err(self.memory.refusal("what is read so far takes", MEMORY))
    }

    /// Refuses a file that has come to more than it may.
    pub fn check(&self) -> Parsed<()> {
        self.inflate(0).and_then(|()| self.allow(0))
    }

    /// Notes that blocks inflated to some bytes more.
    pub fn inflate(&self, bytes: u64) -> Parsed<()> {
        self.inflated.spent.fetch_add(bytes, Ordering::Relaxed);
        if self.inflated.allows(0) {
            return Ok(());
        }
        Err(self.inflated.refusal("the CBLOCKs so far inflate to", INFLATED))
    }

    pub fn purse(&self) -> Purse<'_> {
        Purse { budget: self, spent: 0 }
    }
}

/// One reader's access to a budget.
pub(super) struct Purse<'b> {
    budget: &'b Budget,
    spent: u64,
}

impl Purse<'_> {
    /// Notes that something read takes this much memory.
    pub fn hold(&mut self, bytes: usize) -> Parsed<()> {
        self.spent += bytes as u64;
        if self.spent < PART {
            return Ok(());
        }
        self.budget.memory.spent.fetch_add(self.spent, Ordering::Relaxed);
        self.spent = 0;
        self.budget.allow(0)
    }
}
