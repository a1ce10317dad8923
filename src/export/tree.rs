//! The files of an export, in the order of their names, and what each is.

use super::hash::hash;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A document a line.
    Lines,
    /// One document.
    Whole,
}

/// A file that holds resources.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

/// A file that was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skipped {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub why: String,
    /// It is known to hold no resources; the others may.
    pub is_known: bool,
}

/// Names that exporters and file systems give to what is no data.
const NO_DATA: [&str; 10] = [
    "_success",
    "checksums.txt",
    "license",
    "log.ndjson",
    "manifest.json",
    "md5sums",
    "request.json",
    "sha256sums",
    "status.json",
    "thumbs.db",
];
/// Endings of what is no data.
const NO_DATA_ENDINGS: [&str; 8] = ["crc", "html", "log", "md", "md5", "pdf", "sha256", "txt"];

/// Finds the files below a folder, or the one file that the path names.
pub(super) fn find(root: &Path) -> io::Result<(Vec<Found>, Vec<Skipped>)> {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    if root.is_dir() {
        walk(root, &mut found, &mut skipped)?;
    } else {
        // A file that is named may be called anything.
        std::fs::metadata(root)?;
        let kind = kind(root).unwrap_or(Kind::Lines);
        found.push(Found { path: root.to_path_buf(), kind });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((found, skipped))
}

/// What changes whenever a file below the path does: names, sizes and times of all files.
///
/// # Errors
///
/// When the path cannot be looked at.
pub fn fingerprint(root: &Path) -> io::Result<u64> {
    let mut all = String::new();
    for file in find(root)?.0 {
        let about = std::fs::metadata(&file.path)?;
        all.push_str(&format!("{}\n{}\n{:?}\n", file.path.display(), about.len(), about.modified()?));
    }
    Ok(hash(&all))
}

fn walk(folder: &Path, found: &mut Vec<Found>, skipped: &mut Vec<Skipped>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let mut skip = |why: &str, is_known| {
            skipped.push(Skipped { path: path.clone(), why: why.to_owned(), is_known });
        };
        // Follows links: an export may be put together of several.
        let Ok(about) = std::fs::metadata(&path) else {
            skip("it cannot be looked at", false);
            continue;
        };
        if name.starts_with('.') {
            skip("a hidden file", true);
        } else if about.is_dir() {
            walk(&path, found, skipped)?;
        } else if !about.is_file() {
            // A pipe that nobody writes to is waited for without end.
            skip("no regular file", false);
        } else if NO_DATA.contains(&name.as_str()) || NO_DATA_ENDINGS.contains(&ending(&name)) {
            skip("known to hold no resources", true);
        } else if let Some(kind) = kind(&path) {
            found.push(Found { path, kind });
        } else {
            skip("no file of resources by its name (.ndjson, .jsonl or .json, also with .gz)", false);
        }
    }
    Ok(())
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    match ending(name.strip_suffix(".gz").unwrap_or(&name)) {
        "ndjson" | "jsonl" => Some(Kind::Lines),
        "json" => Some(Kind::Whole),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_skipped_and_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.ndjson"), "").unwrap();
        let pipe = folder.path().join("b.ndjson");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (found, skipped) = find(folder.path()).unwrap();
        assert_eq!(found.len(), 1);
        let [skipped] = skipped.as_slice() else { panic!("{skipped:?}") };
        assert!(skipped.path == pipe && skipped.why == "no regular file" && !skipped.is_known);
    }
}
