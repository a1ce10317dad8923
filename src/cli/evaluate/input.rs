//! What lies in the files that a tester names: charts and hook requests.
//!
//! A Bundle is a chart by itself, because two Bundles may use the same patient id for two people. Resources that lie
//! about one by one (files of a folder, lines of NDJSON, members of a list) belong together by folder; those named one by
//! one on the command line belong together too. A file that cannot be read is an error by itself and stops nothing.
//! Only the members that are needed here are opened, so that what is odd inside a resource is left to the readers.

use crate::json::{Document, Json};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Everything that was found, in the order of the paths.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// Charts of one or many patients.
    pub charts: Vec<ChartInput>,
    /// Hook requests.
    pub calls: Vec<CallInput>,
    /// What could not be read: the file and why.
    pub errors: Vec<String>,
}

/// Resources that belong together.
#[derive(Debug, Default)]
pub(super) struct ChartInput {
    /// The file, or the folder of single resources.
    pub source: String,
    /// The resources.
    pub resources: Vec<Loaded>,
}

/// A resource with what grouping needs to know of it.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The resource as it was written.
    pub raw: Box<str>,
    /// Its type; empty when it has none.
    pub kind: String,
    /// Its id.
    pub id: Option<String>,
    /// The `fullUrl` of its Bundle entry.
    pub full_url: Option<String>,
    /// `subject.reference` or `patient.reference`.
    pub subject: Option<String>,
    /// Its status.
    pub status: Option<String>,
}

/// A single hook request.
#[derive(Debug)]
pub(super) struct CallInput {
    /// The file.
    pub source: String,
    /// `hook`.
    pub hook: String,
    /// `context.patientId`; empty when it has none.
    pub patient: String,
    /// The request as it was written.
    pub body: Vec<u8>,
}

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
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if is_lines(path) {
        for (number, line) in
            bytes.split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.trim_ascii().is_empty())
        {
            read_document(line, &format!("{source}:{}", number + 1), loose, input);
        }
    } else {
        read_document(bytes, &source, loose, input);
    }
}

fn read_document(bytes: &[u8], source: &str, loose: &mut ChartInput, input: &mut Input) {
    let text_of_file = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return input.errors.push(format!("{source}: not JSON: {error}")),
    };
    let document = match Document::parse(text_of_file) {
        Ok(document) => document,
        Err(error) => return input.errors.push(format!("{source}: not JSON: {error}")),
    };
    read_value(document.root(), source, loose, input);
}

fn read_value(value: Json<'_>, source: &str, loose: &mut ChartInput, input: &mut Input) {
    if let Some(hook) = text(value, &["hook"]) {
        let patient = text(value, &["context", "patientId"]).unwrap_or_default();
        let body = value.get().as_bytes().to_vec();
        input.calls.push(CallInput { source: source.to_owned(), hook, patient, body });
        return;
    }
    let mut chart = ChartInput { source: source.to_owned(), resources: Vec::new() };
    match text(value, &["resourceType"]).as_deref() {
        Some("Bundle") => {
            open_bundle(value, &mut chart, &mut input.errors);
            input.charts.push(chart);
        }
        Some(_) => loose.resources.push(load(value, None)),
        None if value.is_array() => {
            for (number, member) in value.items().enumerate() {
                read_value(member, &format!("{source}[{number}]"), &mut chart, input);
            }
            if !chart.resources.is_empty() {
                input.charts.push(chart);
            }
        }
        None => input.errors.push(format!("{source}: neither a FHIR resource nor a hook request")),
    }
}

/// Takes the resources of a Bundle, Bundles inside it included.
fn open_bundle(bundle: Json<'_>, chart: &mut ChartInput, errors: &mut Vec<String>) {
    let Some(entries) = member(bundle, "entry") else { return };
    if !entries.is_array() {
        return errors.push(format!("{}: `entry` of a Bundle is not a list", chart.source));
    }
    for entry in entries.items() {
        let Some(resource) = member(entry, "resource") else { continue };
        if text(resource, &["resourceType"]).as_deref() == Some("Bundle") {
            open_bundle(resource, chart, errors);
        } else {
            chart.resources.push(load(resource, text(entry, &["fullUrl"])));
        }
    }
}

fn load(raw: Json<'_>, full_url: Option<String>) -> Loaded {
    Loaded {
        kind: text(raw, &["resourceType"]).unwrap_or_default(),
        id: text(raw, &["id"]),
        full_url,
        subject: text(raw, &["subject", "reference"]).or_else(|| text(raw, &["patient", "reference"])),
        status: text(raw, &["status"]),
        raw: raw.get().into(),
    }
}

/// A member of a JSON object; the last one where a name stands twice.
fn member<'a>(object: Json<'a>, name: &str) -> Option<Json<'a>> {
    object.named(name).last()
}

/// The text at a path of members.
fn text(object: Json<'_>, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(object, |at, name| member(at, name))?;
    found.string().map(Cow::into_owned)
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
