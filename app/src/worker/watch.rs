//! Notices when open files change, by looking at their size and time once a second: this works on
//! network drives too, and costs nothing.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, SystemTime};

/// How often files are looked at.
const PERIOD: Duration = Duration::from_secs(1);
/// Changes that may wait to be taken.
const CAPACITY: usize = 16;

/// Watches a few files.
pub struct Watch {
    files: Sender<Vec<PathBuf>>,
    changes: Receiver<PathBuf>,
}

/// Time and size of a file; `None` where there is none.
type Stamp = Option<(SystemTime, u64)>;

struct File {
    path: PathBuf,
    known: Stamp,
    seen: Stamp,
}

impl Watch {
    /// Starts the thread. `wake` is called when a file has changed.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub fn start(wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (files, given) = channel();
        let (changed, changes) = sync_channel(CAPACITY);
        std::thread::Builder::new()
            .name("file watch".to_owned())
            .spawn(move || watch(&given, &changed, wake))?;
        Ok(Self { files, changes })
    }

    /// Watches these files from now on, as they are now.
    pub fn set(&self, files: Vec<PathBuf>) {
        // The thread ends with this value only.
        let _ = self.files.send(files);
    }

    /// A file that has changed and is at rest again.
    pub fn changed(&self) -> Option<PathBuf> {
        self.changes.try_recv().ok()
    }
}

fn watch(given: &Receiver<Vec<PathBuf>>, changed: &SyncSender<PathBuf>, wake: impl Fn()) {
    let mut files: Vec<File> = Vec::new();
    loop {
        match given.recv_timeout(PERIOD) {
            Ok(paths) => files = paths.into_iter().map(File::new).collect(),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                for file in files.iter_mut().filter_map(File::look) {
                    if changed.try_send(file).is_ok() {
                        wake();
                    }
                }
            }
        }
    }
}

impl File {
    fn new(path: PathBuf) -> Self {
        let now = stamp(&path);
        Self { path, known: now, seen: now }
    }

    /// The path, once the file is another than before and stays so: whoever writes it is done.
    fn look(&mut self) -> Option<PathBuf> {
        let now = stamp(&self.path);
        let at_rest = now == self.seen;
        self.seen = now;
        if !at_rest || now == self.known || now.is_none() {
            return None;
        }
        self.known = now;
        Some(self.path.clone())
    }
}

fn stamp(path: &Path) -> Stamp {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_and_only_when_the_file_is_at_rest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gds");
        std::fs::write(&path, "1").unwrap();
        let mut file = File::new(path.clone());
        assert_eq!(file.look(), None);
        std::fs::write(&path, "12").unwrap();
        assert_eq!(file.look(), None, "it may still be written");
        std::fs::write(&path, "123").unwrap();
        assert_eq!(file.look(), None, "it was");
        assert_eq!(file.look(), Some(path.clone()));
        assert_eq!(file.look(), None);
        std::fs::remove_file(&path).unwrap();
        assert_eq!((file.look(), file.look()), (None, None), "gone is not changed");
    }
}
