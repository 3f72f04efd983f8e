//! What can be wrong with a saved run.

/// A saved run cannot be read or gone on with.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SavedRunError {
    /// The file is not a saved run.
    #[error("{name} is not a saved run: {reason}; give a file that `--save` wrote")]
    NotARun {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The file is larger than a saved run may be.
    #[error("{name} holds more than {limit_mib} MiB; no saved run is that large")]
    TooLarge {
        /// The file.
        name: String,
        /// The most a saved run may hold, MiB.
        limit_mib: u64,
    },
    /// The file is of another format.
    #[error("the saved run is of format {found}, this program reads format {known}; start it anew")]
    Format {
        /// Format of the file.
        found: u32,
        /// The format that is read.
        known: u32,
    },
    /// The kernels or the corners are not those the run was made with.
    #[error(
        "the run was made with other kernels or corners (fingerprint {saved}, given are {given}); give the same kernels"
    )]
    OtherProcess {
        /// Fingerprint in the file.
        saved: String,
        /// Fingerprint of the process given.
        given: String,
    },
    /// The number of entries of a list is not what it must be.
    #[error("the saved run is damaged: {found} {what}, expected {expected}")]
    Count {
        /// What is counted.
        what: String,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: String,
    },
    /// An iteration belongs to fragments that are not there.
    #[error("the saved run is damaged: iteration {iteration} belongs to epoch {epoch} of {epochs}")]
    NoSuchEpoch {
        /// The iteration.
        iteration: usize,
        /// The epoch it names, counted from 0.
        epoch: usize,
        /// How many there are.
        epochs: usize,
    },
    /// The SRAFs of an epoch cannot be.
    #[error("the saved run is damaged: epoch {epoch}: {reason}")]
    BadEpoch {
        /// The epoch, counted from 0.
        epoch: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Offsets or the optimiser's memory of an iteration cannot be.
    #[error("the saved run is damaged: iteration {iteration}: {reason}")]
    BadState {
        /// The iteration.
        iteration: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The field of a free-form run is missing, is there without one, or cannot be.
    #[error("the saved run is damaged: its field: {reason}")]
    BadField {
        /// What is wrong with it.
        reason: String,
    },
}
