//! A small, honest imitation of a FHIR server: it answers the prefetch templates over the resources of a case.
//!
//! So the templates that discovery publishes are proven together with the rules: a code that no template asks for does
//! not reach the service, as in a hospital. A parameter that is not known here is an error and never ignored.
//! Deliberately absent: second pages, sorting, includes, dates, modifiers and `system|code` tokens; no template uses
//! them.

use super::bundle::CaseBundle;
use serde_json::{Value, json};

/// Answers one template whose tokens are filled in: a resource or `null` for a read, a searchset for a search.
pub fn answer(query: &str, bundle: &CaseBundle) -> Result<Value, String> {
    match query.split_once('?') {
        None => read(query, bundle),
        Some((kind, parameters)) => search(kind, parameters, bundle),
    }
}

/// The resource type that a template asks for.
pub fn type_of(query: &str) -> &str {
    query.split(['/', '?']).next().unwrap_or_default()
}

fn read(query: &str, bundle: &CaseBundle) -> Result<Value, String> {
    if query.split('/').count() != 2 {
        return Err(format!("`{query}` is neither a read nor a search"));
    }
    let found = bundle.resources().iter().find(|r| super::bundle::reference_of(r).as_deref() == Some(query));
    Ok(found.cloned().unwrap_or(Value::Null))
}

fn search(kind: &str, parameters: &str, bundle: &CaseBundle) -> Result<Value, String> {
    let mut conditions = Vec::new();
    let mut page = usize::MAX;
    for parameter in parameters.split('&') {
        match parameter.split_once('=') {
            Some(("_count", number)) => {
                page = number.parse().map_err(|_| format!("`_count` in a search of {kind} is no number"))?;
            }
            Some((name, values)) => conditions.push(Condition::parse(kind, name, values)?),
            None => return Err(format!("`{parameter}` in a search of {kind} has no value")),
        }
    }
    let mut entries: Vec<Value> = bundle
        .resources()
        .iter()
        .filter(|r| r.get("resourceType").and_then(Value::as_str) == Some(kind))
        .filter(|r| conditions.iter().all(|c| c.holds(r)))
        .map(|r| json!({"resource": r, "search": {"mode": "match"}}))
        .collect();
    let mut answer = json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len()});
    let is_first_page = entries.len() > page;
    entries.truncate(page);
    if let (false, Some(members)) = (entries.is_empty(), answer.as_object_mut()) {
        members.insert("entry".to_owned(), Value::Array(entries));
        if is_first_page {
            let next = json!([{"relation": "next", "url": "https://ehr.example.org/r4?page=2"}]);
            members.insert("link".to_owned(), next);
        }
    }
    Ok(answer)
}

/// One search parameter: where it looks, and what it accepts there.
struct Condition {
    paths: &'static [&'static [&'static str]],
    kind: Kind,
    wanted: Vec<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Token,
    Patient,
}

impl Condition {
    fn parse(resource: &str, name: &str, values: &str) -> Result<Self, String> {
        let (kind, paths) = paths(resource, name).ok_or_else(|| {
            format!("search parameter `{name}` of {resource} is not known to this imitation")
        })?;
        let wanted = values_of(values)?;
        if wanted.iter().any(|v| v.is_empty() || v.contains(['|', '{', '}'])) {
            return Err(format!(
                "`{name}` in a search of {resource} has an empty value, a system or an open token"
            ));
        }
        Ok(Self { paths, kind, wanted })
    }

    fn holds(&self, resource: &Value) -> bool {
        self.paths.iter().flat_map(|path| at(resource, path)).any(|value| match self.kind {
            Kind::Token => tokens(value).into_iter().any(|t| self.wanted.iter().any(|w| w == t)),
            Kind::Patient => patient_of(value).is_some_and(|id| self.wanted.iter().any(|w| w == id)),
        })
    }
}

/// Where R4 looks for a search parameter of a resource type.
fn paths(resource: &str, name: &str) -> Option<(Kind, &'static [&'static [&'static str]])> {
    const SUBJECT: &[&[&str]] = &[&["subject"]];
    const PATIENT: &[&[&str]] = &[&["patient"]];
    const CODE: &[&[&str]] = &[&["code"]];
    const DRUG: &[&[&str]] = &[&["medicationCodeableConcept"]];
    let token = |paths| Some((Kind::Token, paths));
    match (name, resource) {
        ("patient", "AllergyIntolerance" | "Device" | "BodyStructure" | "Immunization") => {
            Some((Kind::Patient, PATIENT))
        }
        (
            "patient",
            "Condition"
            | "Observation"
            | "Procedure"
            | "ServiceRequest"
            | "ImagingStudy"
            | "DiagnosticReport"
            | "MedicationRequest"
            | "MedicationStatement"
            | "MedicationAdministration"
            | "Encounter",
        ) => Some((Kind::Patient, SUBJECT)),
        ("code", "MedicationRequest" | "MedicationStatement" | "MedicationAdministration") => token(DRUG),
        (
            "code",
            "Condition" | "Observation" | "Procedure" | "ServiceRequest" | "DiagnosticReport" | "Medication",
        ) => token(CODE),
        ("code", "AllergyIntolerance") => token(&[&["code"], &["reaction", "substance"]]),
        (
            "category",
            "Condition"
            | "Observation"
            | "Procedure"
            | "ServiceRequest"
            | "DiagnosticReport"
            | "MedicationRequest"
            | "MedicationStatement"
            | "AllergyIntolerance",
        ) => token(&[&["category"]]),
        ("type", "Device" | "Encounter") => token(&[&["type"]]),
        _ => None,
    }
}

/// The values of a parameter: the URL's own encoding first, then FHIR's `\\` before what would separate values.
fn values_of(text: &str) -> Result<Vec<String>, String> {
    let decoded = percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| format!("`{text}` is not URL-encoded UTF-8"))?;
    let mut values = vec![String::new()];
    let mut characters = decoded.chars();
    while let Some(c) = characters.next() {
        match (c, values.last_mut()) {
            (',', _) => values.push(String::new()),
            ('\\', Some(value)) => value.extend(characters.next()),
            (c, Some(value)) => value.push(c),
            (_, None) => {}
        }
    }
    Ok(values)
}

/// Every value at a path, lists opened on the way.
fn at<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    match (value, path.split_first()) {
        (Value::Array(list), _) => list.iter().flat_map(|v| at(v, path)).collect(),
        (_, None) => vec![value],
        (_, Some((name, rest))) => value.get(name).map(|v| at(v, rest)).unwrap_or_default(),
    }
}

/// The bare codes of a code, a Coding or a CodeableConcept.
fn tokens(value: &Value) -> Vec<&str> {
    match value {
        Value::String(code) => vec![code],
        Value::Object(_) => match value.get("coding").and_then(Value::as_array) {
            Some(codings) => codings.iter().filter_map(|c| c.get("code").and_then(Value::as_str)).collect(),
            None => value.get("code").and_then(Value::as_str).into_iter().collect(),
        },
        _ => Vec::new(),
    }
}

/// The bare id of the patient that a Reference points to, relative, absolute or `urn:uuid`.
fn patient_of(reference: &Value) -> Option<&str> {
    let text = reference.get("reference")?.as_str()?;
    if let Some(id) = text.strip_prefix("urn:uuid:") {
        return Some(id);
    }
    let (before, id) = text.rsplit_once('/')?;
    (before == "Patient" || before.ends_with("/Patient")).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> CaseBundle {
        CaseBundle::of(vec![
            json!({"resourceType": "Patient", "id": "p"}),
            json!({"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p"},
                "category": [{"coding": [{"code": "problem-list-item"}]}],
                "code": {"coding": [{"system": "a", "code": "1"}, {"system": "b", "code": "2"}]}}),
            json!({"resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/other"},
                "code": {"coding": [{"code": "1"}]}}),
            json!({"resourceType": "ImagingStudy", "id": "i", "status": "available",
                "subject": {"reference": "https://ehr.example.org/r4/Patient/p"},
                "series": [{"modality": {"code": "MR"}}]}),
        ])
    }

    fn ids(query: &str) -> Vec<String> {
        let answer = answer(query, &chart()).unwrap();
        let entries = answer.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
        entries.iter().map(|e| e["resource"]["id"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_search_finds_by_patient_and_bare_code() {
        assert_eq!(ids("Condition?patient=p&code=9,2"), ["c1"]);
        assert_eq!(ids("Condition?patient=p&code=9"), [""; 0]);
        assert_eq!(ids("Condition?patient=other"), ["c2"]);
        assert_eq!(ids("Condition?patient=p&category=problem-list-item"), ["c1"]);
        assert_eq!(ids("ImagingStudy?patient=p&_count=500"), ["i"]);
    }

    #[test]
    fn a_read_that_finds_nothing_is_null_and_an_empty_search_has_no_entry() {
        assert_eq!(answer("Patient/q", &chart()), Ok(Value::Null));
        assert!(answer("Patient/p", &chart()).unwrap().is_object());
        assert!(answer("Condition?patient=q", &chart()).unwrap().get("entry").is_none());
    }

    #[test]
    fn values_are_decoded_and_a_long_answer_has_a_next_page() {
        assert_eq!(values_of("a%20b,c%5C%2Cd"), Ok(vec!["a b".to_owned(), "c,d".to_owned()]));
        let both = CaseBundle::of(chart().resources().iter().chain(chart().resources()).cloned().collect());
        let page = answer("Condition?patient=p&_count=1", &both).unwrap();
        assert_eq!((page["entry"].as_array().unwrap().len(), &page["total"]), (1, &json!(2)));
        assert_eq!(page["link"][0]["relation"], "next");
        assert!(answer("Condition?patient=p&_count=2", &both).unwrap().get("link").is_none());
    }

    #[test]
    fn what_is_not_imitated_is_an_error() {
        for query in [
            "Condition?patient=p&onset-date=ge2020",
            "Condition?patient=p&code:in=x",
            "Condition?patient=p&_count=many",
            "Condition?patient=p&",
            "Condition?patient=p&code=http://snomed.info/sct|1",
            "Condition?patient={{context.patientId}}",
            "Patient/p/$everything",
            "Device?code=1",
        ] {
            assert!(answer(query, &chart()).is_err(), "{query}");
        }
    }
}
