//! What the user brought, read by the code of `evaluate` and given back to the page.
//!
//! Nothing is kept. The page asks the services for the cards.

use super::input::{self, ChartInput, Input};
use super::patients;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::RawValue;

/// What the page gets back.
#[derive(Serialize)]
struct Found {
    patients: Vec<FoundPatient>,
    calls: Vec<FoundCall>,
    /// Resources of no patient, by type.
    nobody: IndexMap<String, usize>,
    /// What could not be read: where and why.
    unread: Vec<String>,
}

#[derive(Serialize)]
struct FoundPatient {
    id: String,
    resources: Vec<Box<RawValue>>,
    drafts: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct FoundCall {
    hook: String,
    patient: String,
    /// The request as it was written.
    body: String,
}

/// Reads a text: the patients and hook requests in it, and what could not be read. `source` stands before each error.
pub fn read(bytes: &[u8], source: &str, lines: bool) -> String {
    let mut all = Input::default();
    let mut loose = ChartInput { source: source.to_owned(), resources: Vec::new() };
    input::read(bytes, source, lines, &mut loose, &mut all);
    if !loose.resources.is_empty() {
        all.charts.push(loose);
    }
    let mut found =
        Found { patients: Vec::new(), calls: Vec::new(), nobody: IndexMap::new(), unread: all.errors };
    for chart in &all.charts {
        let grouped = patients::group(chart, true);
        for (kind, number) in grouped.nobody {
            *found.nobody.entry(kind).or_insert(0) += number;
        }
        found.patients.extend(grouped.patients.into_iter().map(|patient| FoundPatient {
            id: patient.id,
            resources: patient.resources,
            drafts: patient.drafts.into_iter().map(|(_, raw)| raw).collect(),
        }));
    }
    found.calls.extend(all.calls.into_iter().map(|call| FoundCall {
        hook: call.hook,
        patient: call.patient,
        body: String::from_utf8_lossy(&call.body).into_owned(),
    }));
    serde_json::to_string(&found).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn patients_calls_and_errors_are_told_apart() {
        let found = |text: &str, lines| -> Value {
            serde_json::from_str(&read(text.as_bytes(), "a.json", lines)).unwrap()
        };
        let patient = r#"{"resourceType": "Patient", "id": "p"}"#;
        assert_eq!(found(patient, false)["patients"][0]["id"], "p");
        let two = found(&format!("{patient}\nbroken\n"), true);
        assert_eq!(two["patients"][0]["resources"][0]["id"], "p");
        assert!(two["unread"][0].as_str().unwrap().starts_with("a.json:2: not JSON"), "{two}");
        let call = found(r#"{"hook": "patient-view", "context": {"patientId": "p"}}"#, false);
        assert_eq!((&call["calls"][0]["patient"], &call["patients"]), (&"p".into(), &Value::Array(vec![])));
    }
}
