//! Compiled kernels on disk, so that a kernel is compiled once a machine and not once a run.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::nvrtc::Target;

/// Bytes of the checksum that each file starts with.
const SUM: usize = 32;

/// A folder of compiled kernels. A file is named by its kernel, the hash of its source, what it was
/// compiled for and by which NVRTC; it holds the SHA-256 of the image, then the image. A file that
/// is damaged counts as absent.
#[derive(Debug)]
pub struct Cache(Option<PathBuf>);

impl Cache {
    /// Over a folder, which is made when first written to; `None` keeps nothing.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Whether there is any file.
    pub fn is_empty(&self) -> bool {
        let files = self.0.as_ref().and_then(|folder| fs::read_dir(folder).ok());
        files.is_none_or(|mut files| files.next().is_none())
    }

    /// What was compiled for a target by one version of NVRTC.
    pub fn find(
        &self,
        kernel: &str,
        source: &str,
        target: Target,
        version: (i32, i32),
    ) -> Option<Vec<u8>> {
        sound(&self.0.as_ref()?.join(name(kernel, source, target, version)))
    }

    /// What was compiled by any NVRTC for a target that a device of this capability runs: its own
    /// code first, then the newest PTX.
    pub fn find_any(&self, kernel: &str, source: &str, capability: u32) -> Option<Vec<u8>> {
        let prefix = stem(kernel, source);
        let mut found: Vec<(Target, PathBuf)> = fs::read_dir(self.0.as_ref()?)
            .ok()?
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let rest = path.file_name()?.to_str()?.strip_prefix(&prefix)?.strip_prefix('-')?;
                let target = Target::of_word(rest.split('-').next()?)?;
                target.runs_on(capability).then_some((target, path))
            })
            .collect();
        found.sort();
        found.iter().rev().find_map(|(_, path)| sound(path))
    }

    /// Keeps an image. Written under another name first, so that no reader sees half of it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn keep(
        &self,
        kernel: &str,
        source: &str,
        target: Target,
        version: (i32, i32),
        image: &[u8],
    ) -> std::io::Result<()> {
        let Some(folder) = &self.0 else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let name = name(kernel, source, target, version);
        let unfinished = folder.join(format!(".{name}.{}", std::process::id()));
        let written = fs::File::create(&unfinished).and_then(|mut file| {
            file.write_all(&Sha256::digest(image))?;
            file.write_all(image)
        });
        let done = written.and_then(|()| fs::rename(&unfinished, folder.join(name)));
        if done.is_err() {
            // What went wrong before is worth telling, a file left over is not.
            let _ = fs::remove_file(&unfinished);
        }
        done
    }
}

fn stem(kernel: &str, source: &str) -> String {
    use std::fmt::Write as _;
    let mut stem = format!("{kernel}-");
    for byte in Sha256::digest(source.as_bytes()).iter().take(12) {
        let _ = write!(stem, "{byte:02x}");
    }
    stem
}

fn name(kernel: &str, source: &str, target: Target, (major, minor): (i32, i32)) -> String {
    format!("{}-{}-nvrtc{major}.{minor}", stem(kernel, source), target.word())
}

/// The image in a file whose checksum holds.
fn sound(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let image = bytes.get(SUM..)?;
    if Sha256::digest(image).as_slice() != bytes.get(..SUM)? {
        return None;
    }
    bytes.drain(..SUM);
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const BUILT: Target = Target::Machine(90);
    const OLDER: Target = Target::Virtual(75);

    fn folder(name: &str) -> PathBuf {
        let folder = format!("lithoscope-kernel-cache-{name}-{}", std::process::id());
        std::env::temp_dir().join(folder)
    }

    #[test]
    fn a_kernel_is_found_by_its_source_target_and_compiler() {
        let folder = folder("found");
        let cache = Cache::new(Some(folder.clone()));
        assert!(cache.is_empty());
        cache.keep("blur", "source", BUILT, (12, 9), b"machine code").unwrap();
        cache.keep("blur", "source", OLDER, (12, 9), b"virtual code").unwrap();
        let found = |source, target, version| cache.find("blur", source, target, version);
        assert_eq!(found("source", BUILT, (12, 9)).unwrap(), b"machine code");
        assert_eq!(found("source", OLDER, (12, 9)).unwrap(), b"virtual code");
        assert_eq!(found("source 2", BUILT, (12, 9)), None);
        assert_eq!(found("source", Target::Machine(86), (12, 9)), None);
        assert_eq!(found("source", BUILT, (13, 0)), None);
        // Without a compiler whatever runs is taken.
        assert_eq!(cache.find_any("blur", "source", 90).unwrap(), b"machine code");
        assert_eq!(cache.find_any("blur", "source", 86).unwrap(), b"virtual code");
        assert_eq!(cache.find_any("blur", "source", 70), None);
        assert!(!cache.is_empty());
        let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.filter(|name| name.to_string_lossy().starts_with('.')).count(), 0);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_damaged_file_counts_as_absent() {
        let folder = folder("damaged");
        let cache = Cache::new(Some(folder.clone()));
        cache.keep("blur", "source", BUILT, (12, 9), b"machine code").unwrap();
        let path = folder.join(name("blur", "source", BUILT, (12, 9)));
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[SUM + 3] ^= 1;
        for damaged in [&whole[..SUM + 4], &whole[..SUM - 1], &[], &changed[..]] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(cache.find("blur", "source", BUILT, (12, 9)), None);
            assert_eq!(cache.find_any("blur", "source", 90), None);
        }
        cache.keep("blur", "source", BUILT, (12, 9), b"again").unwrap();
        assert_eq!(cache.find("blur", "source", BUILT, (12, 9)).unwrap(), b"again");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let cache = Cache::new(None);
        cache.keep("blur", "source", BUILT, (12, 9), b"machine code").unwrap();
        assert_eq!(cache.find("blur", "source", BUILT, (12, 9)), None);
        assert!(cache.is_empty());
    }
}
