//! What is remembered between starts: theme, recent files, kernels folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Recent files that are kept.
const RECENT: usize = 8;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether the light theme is used.
    pub light: bool,
    /// Files opened lately, newest first.
    pub recent: Vec<PathBuf>,
    /// Folder of the contest kernels.
    pub kernels_dir: Option<PathBuf>,
    /// Views of layouts, by file (or by name, of samples).
    pub bookmarks: BTreeMap<String, Vec<Bookmark>>,
}

/// A view of a layout under a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bookmark {
    /// What it is called.
    pub name: String,
    /// The cell shown as top.
    pub cell: String,
    /// Lower left corner of the view, nm.
    pub min_nm: [f64; 2],
    /// Upper right corner, nm.
    pub max_nm: [f64; 2],
}

impl Settings {
    /// Keeps a view of a file; one of the same name is replaced.
    pub fn bookmark(&mut self, file: String, bookmark: Bookmark) {
        let list = self.bookmarks.entry(file).or_default();
        match list.iter_mut().find(|b| b.name == bookmark.name) {
            Some(old) => *old = bookmark,
            None => list.push(bookmark),
        }
    }

    /// Puts a file first in the list of recent ones.
    pub fn remember(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        self.recent.retain(|p| *p != path);
        self.recent.insert(0, path);
        self.recent.truncate(RECENT);
    }
}

/// Where settings are kept; nowhere in tests.
#[derive(Clone, Debug, Default)]
pub struct Store {
    file: Option<PathBuf>,
    cache: Option<PathBuf>,
}

impl Store {
    /// The platform's own folders.
    pub fn of_user() -> Self {
        let folders = directories::ProjectDirs::from("", "", "lithoscope");
        Self {
            file: folders.as_ref().map(|f| f.config_dir().join("settings.json")),
            cache: folders.map(|f| f.cache_dir().join("kernels")),
        }
    }

    /// Keeps nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Folder for computed kernels.
    pub fn cache(&self) -> Option<PathBuf> {
        self.cache.clone()
    }

    /// What was kept; the defaults where there is nothing or it cannot be read.
    pub fn load(&self) -> Settings {
        let read = |path: &PathBuf| {
            serde_json::from_str(&std::fs::read_to_string(path).ok()?)
                .inspect_err(|e| tracing::warn!("{}: {e}; using defaults", path.display()))
                .ok()
        };
        self.file.as_ref().and_then(read).unwrap_or_default()
    }

    /// Keeps the settings, under a temporary name first.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, settings: &Settings) -> std::io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&file, settings)?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_files_are_unique_newest_first_and_few() {
        let mut settings = Settings::default();
        for i in 0..20 {
            settings.remember(Path::new(&format!("/clips/{}.gds", i % 10)));
        }
        assert_eq!(settings.recent.len(), RECENT);
        assert_eq!(settings.recent[0], Path::new("/clips/9.gds"));
        settings.remember(Path::new("/clips/5.gds"));
        assert_eq!(settings.recent[0], Path::new("/clips/5.gds"));
        assert_eq!(settings.recent.iter().filter(|p| p.ends_with("5.gds")).count(), 1);
    }

    #[test]
    fn a_bookmark_of_the_same_name_replaces_the_old_one() {
        let mut settings = Settings::default();
        let at = |x: f64| Bookmark {
            name: "a".to_owned(),
            cell: "top".to_owned(),
            min_nm: [x, 0.0],
            max_nm: [x + 1.0, 1.0],
        };
        settings.bookmark("f".to_owned(), at(1.0));
        settings.bookmark("f".to_owned(), at(2.0));
        settings.bookmark("g".to_owned(), at(3.0));
        assert_eq!(settings.bookmarks["f"], [at(2.0)]);
    }

    #[test]
    fn settings_survive_a_restart_and_a_broken_file_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store { file: Some(folder.path().join("a/settings.json")), cache: None };
        let settings = Settings { light: true, ..Settings::default() };
        store.save(&settings).unwrap();
        assert_eq!(store.load(), settings);
        std::fs::write(folder.path().join("a/settings.json"), "{").unwrap();
        assert_eq!(store.load(), Settings::default());
    }
}
