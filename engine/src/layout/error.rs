//! What can go wrong between a file and a clip.

use std::path::PathBuf;

/// A layout could not be read, cut or written.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// The file could not be read or written at all.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Neither GDSII nor GLP.
    #[error("{path}: neither a GDSII stream nor a GLP clip; give a .gds or .glp file")]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
}
