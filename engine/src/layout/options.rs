//! How a file is read: what to keep, how strict to be, whom to tell.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use super::{Layer, Layout, LayoutError};

/// How a layout file is read. The default keeps everything and refuses what breaks the format.
#[derive(Clone, Default)]
pub struct ReadOptions<'a> {
    /// Layers to keep shapes and texts of; `None` for all.
    pub layers: Option<BTreeSet<Layer>>,
    /// What becomes of properties.
    pub properties: Keep,
    /// What becomes of a file with a part that breaks the format.
    pub faults: Faults,
    /// Told now and then how far reading has come, from any thread; breaks off reading when it says
    /// so.
    pub progress: Option<&'a (dyn Fn(Progress) -> ControlFlow<()> + Sync)>,
}

impl fmt::Debug for ReadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions")
            .field("layers", &self.layers)
            .field("properties", &self.properties)
            .field("faults", &self.faults)
            .field("progress", &self.progress.is_some())
            .finish()
    }
}

impl ReadOptions<'_> {
    /// Whether shapes and texts of a layer are wanted.
    pub(super) fn wants(&self, layer: Layer) -> bool {
        self.layers.as_ref().is_none_or(|layers| layers.contains(&layer))
    }

    /// Tells how far reading has come.
    ///
    /// # Errors
    /// [`LayoutError::Cancelled`] when reading is to be broken off.
    pub(super) fn report(&self, path: &Path, progress: Progress) -> Result<(), LayoutError> {
        match self.progress.map(|tell| tell(progress)) {
            Some(ControlFlow::Break(())) => {
                Err(LayoutError::Cancelled { path: path.to_path_buf() })
            }
            _ => Ok(()),
        }
    }
}

/// What becomes of properties while reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// They are kept.
    #[default]
    All,
    /// They are passed over.
    Nothing,
}

/// What becomes of a file with a part that breaks the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Faults {
    /// It is refused.
    #[default]
    Refuse,
    /// What can be read is, and what is lost is listed.
    Skip,
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read; of a compressed file, as they are once inflated.
    pub done: u64,
    /// Bytes there are; `None` where nothing says how many.
    pub total: Option<u64>,
}

/// A layout that was read, and what of it was lost.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The layout.
    pub layout: Layout,
    /// What was lost; empty unless [`Faults::Skip`] was asked for.
    pub losses: Vec<Loss>,
}

/// A part of a file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The cell it is of; `None` outside of cells.
    pub cell: Option<String>,
    /// Offset in the file of the record at fault.
    pub offset: u64,
    /// What is wrong with it and what was lost.
    pub problem: String,
}

/// Losses under way: the first ones one by one, the others counted.
#[derive(Debug, Default)]
pub(super) struct Losses {
    list: Vec<Loss>,
    more: u64,
    last: u64,
}

impl Losses {
    const MOST: usize = 1000;

    /// Lists a loss.
    pub fn add(&mut self, cell: Option<String>, offset: u64, problem: String) {
        if self.list.len() < Self::MOST {
            self.list.push(Loss { cell, offset, problem });
        } else {
            self.more += 1;
            self.last = offset;
        }
    }

    /// All of them; where there are very many the last one says how many more.
    pub fn into_list(mut self) -> Vec<Loss> {
        if self.more > 0 {
            let problem = format!("and {} more faults up to here", self.more);
            self.list.push(Loss { cell: None, offset: self.last, problem });
        }
        self.list
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cell) = &self.cell {
            write!(f, "cell '{cell}': ")?;
        }
        write!(f, "byte {}: {}", self.offset, self.problem)
    }
}
