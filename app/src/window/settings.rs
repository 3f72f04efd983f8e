//! What is remembered between starts: theme, recent files, kernels folder.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Recent files that are kept.
const RECENT: usize = 8;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether the light theme is used.
    pub light: bool,
    /// Files opened lately, newest first.
    pub recent: Vec<PathBuf>,
    /// Folder of the contest kernels.
    pub kernels_dir: Option<PathBuf>,
}

impl Settings {
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
