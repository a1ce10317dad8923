//! Finds the case folders below the paths that a tester names.

use super::CaseError;
use super::case::{CASE_FILE, Case};
use std::path::{Path, PathBuf};

/// The cases of all paths in order of their names, and every case that cannot be used.
#[derive(Debug, Default)]
pub struct Found {
    /// Usable cases.
    pub cases: Vec<Case>,
    /// What is wrong with the others.
    pub errors: Vec<CaseError>,
}

/// Looks below each path. A path without any case is an error, so that a misspelt folder is not a success.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        let root = if path.ends_with(CASE_FILE) { path.parent().unwrap_or(path) } else { path };
        let before = found.cases.len() + found.errors.len();
        look(root, root, &mut found);
        if found.cases.len() + found.errors.len() == before {
            found.errors.push(CaseError::new(path, format!("no case here: no folder with a {CASE_FILE}")));
        }
    }
    found
}

fn look(folder: &Path, root: &Path, found: &mut Found) {
    if folder.join(CASE_FILE).is_file() {
        match Case::load(folder, name_of(folder, root)) {
            Ok(case) => found.cases.push(case),
            Err(error) => found.errors.push(error),
        }
        return;
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            found.errors.push(CaseError::new(folder, error.to_string()));
            return;
        }
    };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()))
        .map(|e| e.path())
        .collect();
    folders.sort();
    folders.iter().for_each(|f| look(f, root, found));
}

fn name_of(folder: &Path, root: &Path) -> String {
    let below = folder.strip_prefix(root).unwrap_or(folder);
    let parts: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
    if parts.is_empty() {
        let own = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        return own.file_name().unwrap_or_default().to_string_lossy().into_owned();
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_in_order_and_an_empty_one_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        for name in ["b", "a/deep", "hostile/c"] {
            let folder = root.path().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            let text = "story = \"S.\"\nhook = \"patient-view\"\nnow = \"2026-05-04T10:00:00Z\"\n";
            std::fs::write(folder.join(CASE_FILE), text).unwrap();
        }
        let found = find(&[root.path().to_path_buf()]);
        let names: Vec<_> = found.cases.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["a/deep", "b", "hostile/c"]);
        assert_eq!(find(&[root.path().join("b")]).cases[0].name, "b");
        assert_eq!(find(&[root.path().join("b/case.toml")]).cases[0].name, "b");

        let empty = tempfile::tempdir().unwrap();
        assert_eq!(find(&[empty.path().to_path_buf(), root.path().join("none")]).errors.len(), 2);
    }
}
