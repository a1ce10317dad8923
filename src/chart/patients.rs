//! Which resource belongs to which patient.
//!
//! A Patient belongs to itself, everything else to the patient that its `subject` or `patient` names. Medication and
//! BodyStructure without a patient go to all, because others point to them. The rest belongs to no patient: it is left out and counted.

use super::input::{ChartInput, Loaded};
use indexmap::IndexMap;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The resources of one patient.
#[derive(Debug)]
pub struct PatientChart {
    /// Bare id of the patient.
    pub id: String,
    /// Draft orders, with their `Type/id`.
    pub drafts: Vec<(String, Box<RawValue>)>,
    /// Everything else.
    pub resources: Vec<Box<RawValue>>,
    /// How many resources of each type.
    pub kinds: IndexMap<String, usize>,
}

/// The patients of a chart, and how many resources of each type belong to no patient.
#[derive(Debug, Default)]
pub struct Grouped {
    /// In order of first mention.
    pub patients: Vec<PatientChart>,
    /// By resource type.
    pub nobody: IndexMap<String, usize>,
}

/// Groups a chart. Draft ServiceRequests are set apart only where the hook asks about orders.
pub fn group(chart: &ChartInput, drafts_apart: bool) -> Grouped {
    let by_url: IndexMap<&str, &str> = chart
        .resources
        .iter()
        .filter(|r| r.kind == "Patient")
        .filter_map(|r| Some((r.full_url.as_deref()?, r.id.as_deref()?)))
        .collect();
    let mut patients: IndexMap<String, PatientChart> = IndexMap::new();
    for id in chart.resources.iter().filter_map(|r| owner(r, &by_url)) {
        patients.entry(id.to_owned()).or_insert_with(|| PatientChart {
            id: id.to_owned(),
            drafts: Vec::new(),
            resources: Vec::new(),
            kinds: IndexMap::new(),
        });
    }

    let mut nobody = IndexMap::new();
    for resource in &chart.resources {
        match owner(resource, &by_url) {
            Some(id) => {
                if let Some(patient) = patients.get_mut(id) {
                    *patient.kinds.entry(resource.kind.clone()).or_insert(0) += 1;
                    place(resource, with_plain_subject(resource, id), drafts_apart, patient);
                }
            }
            None if matches!(resource.kind.as_str(), "Medication" | "BodyStructure") => {
                patients.values_mut().for_each(|p| p.resources.push(resource.raw.clone()));
            }
            None => *nobody.entry(resource.kind.clone()).or_insert(0) += 1,
        }
    }
    Grouped { patients: patients.into_values().collect(), nobody }
}

fn place(resource: &Loaded, raw: Box<RawValue>, drafts_apart: bool, patient: &mut PatientChart) {
    let order = matches!(resource.kind.as_str(), "ServiceRequest" | "MedicationRequest");
    let is_draft = order && resource.status.as_deref() == Some("draft");
    match &resource.id {
        Some(id) if drafts_apart && is_draft => {
            patient.drafts.push((format!("{}/{id}", resource.kind), raw));
        }
        _ => patient.resources.push(raw),
    }
}

/// Bare id of the patient that a resource belongs to.
fn owner<'a>(resource: &'a Loaded, by_url: &IndexMap<&str, &'a str>) -> Option<&'a str> {
    if resource.kind == "Patient" {
        return resource.id.as_deref();
    }
    let reference = resource.subject.as_deref()?;
    if let Some(id) = by_url.get(reference) {
        return Some(id);
    }
    if let Some(id) = reference.strip_prefix("urn:uuid:") {
        return Some(id);
    }
    let (before, id) = reference.split("/_history/").next()?.rsplit_once('/')?;
    (before == "Patient" || before.ends_with("/Patient")).then_some(id)
}

/// In a transaction Bundle a resource may name its patient by the entry's `fullUrl`, which says nothing outside the
/// Bundle; such a reference is written out.
fn with_plain_subject(resource: &Loaded, id: &str) -> Box<RawValue> {
    let Some(reference) = resource.subject.as_deref() else { return resource.raw.clone() };
    if reference.ends_with(id) {
        return resource.raw.clone();
    }
    let named: Cow<'_, str> =
        resource.raw.get().replace(&format!("\"{reference}\""), &format!("\"Patient/{id}\"")).into();
    RawValue::from_string(named.into_owned()).unwrap_or_else(|_| resource.raw.clone())
}

#[cfg(test)]
mod tests {
    use super::super::input;
    use super::*;

    fn grouped(entries: &str, drafts_apart: bool) -> Grouped {
        let text = format!(r#"{{"resourceType": "Bundle", "entry": [{entries}]}}"#);
        let mut input = input::Input::default();
        input::read(text.as_bytes(), "b.json", false, &mut input::ChartInput::default(), &mut input);
        assert_eq!(input.errors, [""; 0]);
        group(&input.charts[0], drafts_apart)
    }

    const TWO: &str = r#"
        {"fullUrl": "urn:uuid:11", "resource": {"resourceType": "Patient", "id": "a"}},
        {"resource": {"resourceType": "Condition", "id": "c1", "subject": {"reference": "urn:uuid:11"}}},
        {"resource": {"resourceType": "Condition", "id": "c2", "subject": {"reference": "https://x/Patient/b/_history/1"}}},
        {"resource": {"resourceType": "ServiceRequest", "id": "d", "status": "draft", "subject": {"reference": "Patient/b"}}},
        {"resource": {"resourceType": "Medication", "id": "m"}},
        {"resource": {"resourceType": "Practitioner", "id": "x"}},
        {"resource": {"resourceType": "Observation", "id": "g", "subject": {"reference": "Group/g"}}}"#;

    #[test]
    fn each_patient_gets_its_own_and_the_rest_is_counted() {
        let found = grouped(TWO, false);
        let sizes: Vec<_> = found.patients.iter().map(|p| (p.id.as_str(), p.resources.len())).collect();
        assert_eq!(sizes, [("a", 3), ("b", 3)]);
        assert_eq!(found.nobody.get("Practitioner"), Some(&1));
        assert_eq!(found.nobody.get("Observation"), Some(&1));
        assert!(found.patients[0].resources[1].get().contains("\"Patient/a\""));
    }

    #[test]
    fn drafts_are_set_apart_for_an_order_check() {
        let found = grouped(TWO, true);
        assert_eq!(found.patients[1].drafts[0].0, "ServiceRequest/d");
        assert_eq!(found.patients[1].resources.len(), 2);
    }
}
