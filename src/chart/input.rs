//! What lies in a JSON text that a tester brings: charts and hook requests.
//!
//! A Bundle is a chart by itself, because two Bundles may use the same patient id for two people. Resources that lie
//! about one by one (lines of NDJSON, members of a list) belong together. What cannot be read is an error by itself and
//! stops nothing. Only the members that are needed here are opened, so that what is odd inside a resource is left to the
//! readers. Files and folders are walked by the command line (`cli/evaluate/input.rs`).

use crate::json::{Document, Json};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Everything that was found, in the order of the paths.
#[derive(Debug, Default)]
pub struct Input {
    /// Charts of one or many patients.
    pub charts: Vec<ChartInput>,
    /// Hook requests.
    pub calls: Vec<CallInput>,
    /// Urls of resources that a Bundle says were deleted, such as `Patient/1`.
    pub deleted: Vec<String>,
    /// What could not be read: the file and why.
    pub errors: Vec<String>,
}

/// Resources that belong together.
#[derive(Debug, Default)]
pub struct ChartInput {
    /// The file, or the folder of single resources.
    pub source: String,
    /// The resources.
    pub resources: Vec<Loaded>,
}

/// A resource with what grouping needs to know of it.
#[derive(Debug)]
pub struct Loaded {
    /// The resource as it was written.
    pub raw: Box<RawValue>,
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
pub struct CallInput {
    /// The file.
    pub source: String,
    /// `hook`.
    pub hook: String,
    /// `context.patientId`; empty when it has none.
    pub patient: String,
    /// The request as it was written.
    pub body: Vec<u8>,
}

/// Reads one text: a JSON document, or with `lines` one document a line (NDJSON). Single resources go to `loose`.
pub fn read(bytes: &[u8], source: &str, lines: bool, loose: &mut ChartInput, input: &mut Input) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !lines {
        return read_document(bytes, source, loose, input);
    }
    for (number, line) in bytes.split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.trim_ascii().is_empty())
    {
        read_document(line, &format!("{source}:{}", number + 1), loose, input);
    }
}

fn read_document(bytes: &[u8], source: &str, loose: &mut ChartInput, input: &mut Input) {
    let document = match str::from_utf8(bytes) {
        Ok(text) => Document::parse(text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match document {
        Ok(document) => read_value(document.root(), source, loose, input),
        Err(error) => input.errors.push(format!("{source}: not JSON: {error}")),
    }
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
            open_bundle(value, &mut chart, input);
            input.charts.push(chart);
        }
        Some(_) => loose.resources.extend(load(value, None)),
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
fn open_bundle(bundle: Json<'_>, chart: &mut ChartInput, input: &mut Input) {
    let Some(entries) = member(bundle, "entry") else { return };
    if !entries.is_array() {
        return input.errors.push(format!("{}: `entry` of a Bundle is not a list", chart.source));
    }
    for entry in entries.items() {
        if text(entry, &["request", "method"]).as_deref() == Some("DELETE") {
            input.deleted.extend(text(entry, &["request", "url"]));
            continue;
        }
        let Some(resource) = member(entry, "resource") else { continue };
        if text(resource, &["resourceType"]).as_deref() == Some("Bundle") {
            open_bundle(resource, chart, input);
        } else {
            chart.resources.extend(load(resource, text(entry, &["fullUrl"])));
        }
    }
}

/// A resource; `None` is not to be expected, as what stands in a JSON text is JSON.
fn load(raw: Json<'_>, full_url: Option<String>) -> Option<Loaded> {
    Some(Loaded {
        kind: text(raw, &["resourceType"]).unwrap_or_default(),
        id: text(raw, &["id"]),
        full_url,
        subject: text(raw, &["subject", "reference"]).or_else(|| text(raw, &["patient", "reference"])),
        status: text(raw, &["status"]),
        raw: RawValue::from_string(raw.get().to_owned()).ok()?,
    })
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

    const PATIENT: &str = r#"{"resourceType": "Patient", "id": "p"}"#;

    /// What was found, and how many single resources.
    fn read_all(text: &str, lines: bool) -> (Input, usize) {
        let (mut loose, mut input) = (ChartInput::default(), Input::default());
        read(text.as_bytes(), "a", lines, &mut loose, &mut input);
        (input, loose.resources.len())
    }

    #[test]
    fn a_bundle_and_a_list_are_charts_by_themselves_and_a_resource_is_loose() {
        let bundle = format!(r#"{{"resourceType": "Bundle", "entry": [{{"resource": {PATIENT}}}, {{}}]}}"#);
        let nested = format!(r#"{{"resourceType": "Bundle", "entry": [{{"resource": {bundle}}}]}}"#);
        let list = format!("[{PATIENT}, {bundle}]");
        let sizes = |text: &str, lines| {
            let (input, loose) = read_all(text, lines);
            (input.charts.iter().map(|c| c.resources.len()).collect::<Vec<_>>(), loose, input.errors)
        };
        assert_eq!(sizes(&bundle, false), (vec![1], 0, vec![]));
        assert_eq!(sizes(&nested, false), (vec![1], 0, vec![]));
        assert_eq!(sizes(PATIENT, false), (vec![], 1, vec![]));
        assert_eq!(sizes(&list, false), (vec![1, 1], 0, vec![]));
        let (charts, loose, errors) = sizes(&format!("\u{feff}{PATIENT}\n\n{PATIENT}\nbroken\n"), true);
        assert_eq!((charts, loose), (vec![], 2));
        assert!(errors.len() == 1 && errors[0].starts_with("a:4: not JSON"), "{errors:?}");
    }

    #[test]
    fn what_is_no_fhir_is_an_error_and_a_call_is_a_call() {
        let (input, _) = read_all(r#"{"hook": "patient-view", "context": {"patientId": "p"}}"#, false);
        assert_eq!((input.calls[0].patient.as_str(), input.errors.len()), ("p", 0));
        for text in [r#"{"name": "x"}"#, r#"{"resourceType": "Bundle", "entry": 3}"#] {
            assert_eq!(read_all(text, false).0.errors.len(), 1, "{text}");
        }
    }
}
