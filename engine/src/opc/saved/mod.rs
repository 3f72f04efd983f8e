//! A run as a file: all that it takes to go on exactly as if it had never stopped.
//!
//! The file is JSON, compressed by gzip; floats that the optimiser goes on from are kept bit for
//! bit. About 8 bytes an iteration and fragment, and 10 more for each of them that moved. A
//! free-form run takes 12 bytes a cell for each state it goes back to: 64 MiB in all at most.

pub(super) mod bits;
mod error;

use std::io::{Read, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::epoch::State;
use super::methods::SavedField;
use super::{Iteration, OpcError, Recipe};
use crate::geometry::Rect;
use crate::layout::Clip;

pub use error::SavedRunError;

/// Format of the file; another one is refused.
pub(super) const FORMAT: u32 = 1;
/// Most that a file may hold, unpacked, bytes.
const MAX_TEXT: u64 = 256 << 20;
/// Most that a file may hold, packed, bytes.
const MAX_FILE: u64 = 128 << 20;

/// A stopped run: [`super::OpcRun::save`] makes it, [`super::OpcRun::resume`] goes on from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedRun {
    pub(super) format: u32,
    /// Where the clip was cut from, as text for a person; whoever saves fills it in.
    pub source: String,
    pub(super) recipe: Recipe,
    pub(super) clip: Clip,
    /// Fingerprint of the kernels and corners.
    pub(super) process: String,
    pub(super) epochs: Vec<SavedEpoch>,
    pub(super) history: Vec<Iteration>,
    pub(super) states: Vec<State>,
    pub(super) finished: bool,
    /// Only of a free-form run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<SavedField>,
}

/// The SRAFs of an epoch as they were placed; the main features are cut anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedEpoch {
    pub seeds: Vec<Rect>,
}

impl SavedRun {
    /// The recipe of the run.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The clip that is corrected.
    pub fn clip(&self) -> &Clip {
        &self.clip
    }

    /// Iterations made so far, iteration 0 included.
    pub fn iterations(&self) -> usize {
        self.history.len()
    }

    /// The file's content.
    ///
    /// # Errors
    /// More than 256 MiB unpacked.
    pub fn to_bytes(&self) -> Result<Vec<u8>, OpcError> {
        let name = || self.clip.name.clone();
        let refused = |reason| SavedRunError::NotARun { name: name(), reason };
        let text = serde_json::to_vec(self).map_err(|e| refused(e.to_string()))?;
        if text.len() as u64 > MAX_TEXT {
            return Err(too_large(&name(), MAX_TEXT).into());
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&text).map_err(|e| refused(e.to_string()))?;
        Ok(packed.finish().map_err(|e| refused(e.to_string()))?)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, is too large, of another format or no saved run.
    pub fn load(path: &Path) -> Result<Self, OpcError> {
        let refused = |source| OpcError::Io { path: path.to_path_buf(), source };
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(refused)?;
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(refused)?;
        Self::parse(&name, &bytes)
    }

    /// Reads a file's content; `name` names it in errors.
    ///
    /// # Errors
    /// Content that is too large, of another format or no saved run, or a recipe out of range.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, OpcError> {
        /// What every format begins with.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        if bytes.len() as u64 > MAX_FILE {
            return Err(too_large(name, MAX_FILE).into());
        }
        let Head { format } = unpacked(name, bytes)?;
        if format != FORMAT {
            return Err(SavedRunError::Format { found: format, known: FORMAT }.into());
        }
        let run: Self = unpacked(name, bytes)?;
        run.recipe.validate()?;
        Ok(run)
    }
}

fn too_large(name: &str, limit: u64) -> SavedRunError {
    SavedRunError::TooLarge { name: name.to_owned(), limit_mib: limit >> 20 }
}

/// Reads a value while it is unpacked: what is not part of it takes no memory.
fn unpacked<T: for<'de> Deserialize<'de>>(name: &str, bytes: &[u8]) -> Result<T, SavedRunError> {
    let mut text = std::io::BufReader::new(GzDecoder::new(bytes)).take(MAX_TEXT);
    serde_json::from_reader(&mut text).map_err(|e| match text.limit() {
        0 => too_large(name, MAX_TEXT),
        _ => SavedRunError::NotARun { name: name.to_owned(), reason: e.to_string() },
    })
}
