//! The files and folders that a tester names.
//!
//! Resources that lie about one by one belong together by folder; those named one by one on the command line belong
//! together too. A file that cannot be read is an error by itself and stops nothing. Deliberately absent: what a file
//! means ([`crate::chart::input`]).

use crate::chart::input::{ChartInput, Input, read as document};
use std::path::{Path, PathBuf};

/// Reads files and folders.
pub(super) fn read(paths: &[PathBuf]) -> Input {
    let mut input = Input::default();
    let mut named = ChartInput { source: "command line".to_owned(), resources: Vec::new() };
    for path in paths {
        if path.is_dir() {
            read_folder(path, &mut input);
        } else {
            let single = paths.len() == 1;
            if single {
                named.source = path.display().to_string();
            }
            read_file(path, &mut named, &mut input);
        }
    }
    if !named.resources.is_empty() {
        input.charts.push(named);
    }
    input
}

fn read_folder(folder: &Path, input: &mut Input) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return input.errors.push(format!("{}: {error}", folder.display())),
    };
    let mut entries: Vec<_> = entries
        .filter_map(Result::ok)
        .filter_map(|e| e.file_type().ok().map(|kind| (e.path(), kind.is_dir())))
        .collect();
    entries.sort();
    let mut loose = ChartInput { source: folder.display().to_string(), resources: Vec::new() };
    for (path, _) in entries.iter().filter(|(path, is_folder)| !is_folder && has_json(path)) {
        read_file(path, &mut loose, input);
    }
    if !loose.resources.is_empty() {
        input.charts.push(loose);
    }
    for (path, _) in entries.iter().filter(|(_, is_folder)| *is_folder) {
        read_folder(path, input);
    }
}

/// In a folder only these files are looked at; a file that is named on the command line may be called anything.
fn has_json(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "json" || is_lines(path))
}

fn is_lines(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "ndjson" || e == "jsonl")
}

fn read_file(path: &Path, loose: &mut ChartInput, input: &mut Input) {
    let source = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return input.errors.push(format!("{source}: {error}")),
    };
    document(&bytes, &source, is_lines(path), loose, input);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    const PATIENT: &str = r#"{"resourceType": "Patient", "id": "p"}"#;

    #[test]
    fn bundles_stand_alone_and_loose_resources_belong_by_folder() {
        let root = tempfile::tempdir().unwrap();
        let bundle = format!(r#"{{"resourceType": "Bundle", "entry": [{{"resource": {PATIENT}}}, {{}}]}}"#);
        write(root.path(), "a.json", &bundle);
        write(
            root.path(),
            "b.json",
            &format!(r#"{{"resourceType": "Bundle", "entry": [{{"resource": {bundle}}}]}}"#),
        );
        write(root.path(), "one.json", PATIENT);
        write(root.path(), "more.ndjson", &format!("{PATIENT}\n\n{PATIENT}\nbroken\n"));
        write(root.path(), "deep/list.json", &format!("[{PATIENT}, {bundle}]"));
        write(root.path(), "README.md", "not looked at");
        let input = read(&[root.path().to_path_buf()]);
        let sizes: Vec<_> = input.charts.iter().map(|c| c.resources.len()).collect();
        assert_eq!(sizes, [1, 1, 3, 1, 1]);
        assert_eq!(input.errors.len(), 1, "{:?}", input.errors);
        assert!(input.errors[0].contains("more.ndjson:4"), "{:?}", input.errors);
    }

    #[test]
    fn what_is_no_fhir_is_an_error_and_a_call_is_a_call() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "call.json", r#"{"hook": "patient-view", "context": {"patientId": "p"}}"#);
        write(root.path(), "other.json", r#"{"name": "x"}"#);
        write(root.path(), "bad.json", r#"{"resourceType": "Bundle", "entry": 3}"#);
        let input = read(&[root.path().to_path_buf()]);
        assert_eq!((input.calls.len(), input.errors.len()), (1, 2));
        assert_eq!(input.calls[0].patient, "p");
    }
}
