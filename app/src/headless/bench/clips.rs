//! The clips of a folder.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

/// A layout file and what its rows are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipFile {
    /// The file.
    pub path: PathBuf,
    /// Its name without suffix, or the whole name where that would not tell two files apart.
    pub label: String,
}

/// Suffixes of layouts, each also with `.gz` behind it.
const SUFFIXES: [&str; 6] = ["glp", "gds", "gds2", "gdsii", "oas", "oasis"];

/// The layout files of a folder, not of those below it, in natural order (`test2` before `test10`).
///
/// # Errors
/// The folder cannot be read, or holds none.
pub fn clips_in(folder: &Path) -> anyhow::Result<Vec<ClipFile>> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = file.with_context(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(stem) = layout_stem(&name).filter(|_| path.is_file()) {
            names.push((stem.to_owned(), name.clone(), path));
        }
    }
    ensure!(
        !names.is_empty(),
        "{} holds no clip; expected files ending in .{} (or these with .gz)",
        folder.display(),
        SUFFIXES.join(", .")
    );
    names.sort_by(|a, b| natural(&a.1, &b.1));
    let shared = |stem: &str| names.iter().filter(|(other, ..)| other == stem).count() > 1;
    let label = |stem: &String, name: &String| if shared(stem) { name } else { stem }.clone();
    Ok(names
        .iter()
        .map(|(stem, name, path)| ClipFile { path: path.clone(), label: label(stem, name) })
        .collect())
}

/// A file's name without the suffixes of a layout; `None` where it has none.
fn layout_stem(name: &str) -> Option<&str> {
    let plain = match name.rsplit_once('.') {
        Some((stem, suffix)) if suffix.eq_ignore_ascii_case("gz") => stem,
        _ => name,
    };
    let (stem, suffix) = plain.rsplit_once('.')?;
    SUFFIXES.iter().any(|s| suffix.eq_ignore_ascii_case(s)).then_some(stem)
}

/// Orders texts with their runs of digits taken as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a, b);
    loop {
        let (digits_a, digits_b) = (digits(rest_a), digits(rest_b));
        let order = if digits_a.is_empty() || digits_b.is_empty() {
            let (x, y) = (rest_a.chars().next(), rest_b.chars().next());
            if x.is_none() && y.is_none() {
                return a.cmp(b);
            }
            let length = |c: Option<char>| c.map_or(0, char::len_utf8);
            (rest_a, rest_b) = (&rest_a[length(x)..], &rest_b[length(y)..]);
            x.cmp(&y)
        } else {
            (rest_a, rest_b) = (&rest_a[digits_a.len()..], &rest_b[digits_b.len()..]);
            let (x, y) = (digits_a.trim_start_matches('0'), digits_b.trim_start_matches('0'));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_layouts_only_in_natural_order_with_labels_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["t10.glp", "t2.GLP", "a.gds", "a.oas.gz", "notes.txt", "kernels.npy", "gz"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("folder.gds")).unwrap();
        let labels: Vec<_> =
            clips_in(folder.path()).unwrap().into_iter().map(|c| c.label).collect();
        assert_eq!(labels, ["a.gds", "a.oas.gz", "t2", "t10"]);
    }

    #[test]
    fn a_folder_without_clips_or_none_at_all_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let empty = clips_in(folder.path()).unwrap_err().to_string();
        assert!(empty.contains("holds no clip") && empty.contains(".glp"), "{empty}");
        let missing = format!("{:#}", clips_in(&folder.path().join("none")).unwrap_err());
        assert!(missing.contains("none"), "{missing}");
    }

    #[test]
    fn natural_order_is_total() {
        let sorted = ["", "01", "1", "1a", "2", "10", "a", "a02", "a2", "a10", "é"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(natural(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }
}
