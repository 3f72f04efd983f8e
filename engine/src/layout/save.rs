//! Files written whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::LayoutError;

/// What stops a writer.
pub(super) enum Fault {
    /// The file cannot be written.
    Io(io::Error),
    /// The format cannot hold the layout.
    Unwritable(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Fault {
    /// The fault of the file at `path`.
    pub fn at(self, path: &Path) -> LayoutError {
        let path = path.to_path_buf();
        match self {
            Self::Io(source) => LayoutError::Io { path, source },
            Self::Unwritable(problem) => LayoutError::Unwritable { path, problem },
        }
    }
}

/// Writes a file piece by piece under a temporary name beside its own, then renames it: nobody sees
/// half a file, and what was there stays where `fill` fails.
pub(super) fn save_with<T>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, Fault>,
) -> Result<T, LayoutError> {
    let io = |source| LayoutError::Io { path: path.to_path_buf(), source };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: for everyone, less what the umask takes. Temporary files are private.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.prefix(".lithoscope-").tempfile_in(folder).map_err(io)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let result = fill(&mut out).map_err(|fault| fault.at(path))?;
    let file = out.into_inner().map_err(|e| io(e.into_error()))?;
    file.persist(path).map_err(|e| io(e.error))?;
    Ok(result)
}

/// The same for bytes that are at hand.
pub(super) fn save(path: &Path, bytes: &[u8]) -> Result<(), LayoutError> {
    save_with(path, |out| Ok(out.write_all(bytes)?))
}
