//! Resources to vary, and the reading of them at a fixed time.

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::domain::{Level, Precision, Region, Site, When};
use spinal_mets_cds::fhir::{Chart, DraftOrder, NoteKind, Reading, ValueSets, read};
use spinal_mets_cds::json::{Document, Json};
use std::sync::OnceLock;

pub(crate) const SNOMED: &str = "http://snomed.info/sct";
pub(crate) const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";
pub(crate) const OWN: &str = "urn:spinal-mets-cds:finding";
pub(crate) const LOINC: &str = "http://loinc.org";

pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 5, 10, 12, 0, 0).unwrap()
}

pub(crate) fn value_sets() -> &'static ValueSets {
    static SETS: OnceLock<ValueSets> = OnceLock::new();
    SETS.get_or_init(|| ValueSets::built_in().unwrap())
}

pub(crate) fn reading(resources: &[Value], drafts: &[Value]) -> Reading {
    let text = json!({"resources": resources, "drafts": drafts}).to_string();
    let document = Document::parse(&text).unwrap();
    let list = |name| document.root().named(name).flat_map(Json::items);
    let chart = Chart {
        patient_id: "1",
        resources: list("resources").collect(),
        drafts: list("drafts").filter_map(|raw| DraftOrder::read(raw, None, true)).collect(),
        ..Chart::default()
    };
    read(&chart, value_sets(), &Site::default(), now())
}

pub(crate) fn one(resource: Value) -> Reading {
    reading(&[resource], &[])
}

pub(crate) fn kinds(reading: &Reading) -> Vec<NoteKind> {
    reading.notes.iter().map(|note| note.kind).collect()
}

pub(crate) fn code(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

/// A resource with more elements: those of `more` are added or replace.
pub(crate) fn with(mut resource: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        resource[key] = value.clone();
    }
    resource
}

pub(crate) fn condition(system: &str, c: &str) -> Value {
    json!({"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/1"}, "code": code(system, c),
        "clinicalStatus": code("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "recordedDate": "2026-05-08"})
}

pub(crate) fn observation(system: &str, c: &str) -> Value {
    json!({"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/1"},
        "code": code(system, c), "effectiveDateTime": "2026-05-09T08:00:00Z"})
}

pub(crate) fn order(c: Value) -> Value {
    json!({"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/1"}, "code": c, "authoredOn": "2026-05-09"})
}

pub(crate) fn procedure(c: Value) -> Value {
    json!({"resourceType": "Procedure", "id": "p", "status": "completed", "subject": {"reference": "Patient/1"},
        "code": c, "performedPeriod": {"start": "2026-05-01", "end": "2026-05-05"}})
}

pub(crate) fn study() -> Value {
    json!({"resourceType": "ImagingStudy", "id": "i", "status": "available", "subject": {"reference": "Patient/1"},
        "started": "2026-05-09T08:00:00Z", "modality": [{"code": "MR"}]})
}

pub(crate) fn day(year: i32, month: u32, day: u32) -> When {
    let start = Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap();
    When::stretch(start, start + chrono::Duration::days(1), Precision::Day)
}

pub(crate) fn at(day: u32, hour: u32) -> When {
    When::instant(Utc.with_ymd_and_hms(2026, 5, day, hour, 0, 0).unwrap())
}

pub(crate) fn level(region: Region, ordinal: u8) -> Level {
    Level::in_region(region, ordinal).unwrap()
}
