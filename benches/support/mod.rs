//! What all benchmarks share: bodies of a hook call, and the two yardsticks.
//!
//! A body of `parts` is one Patient and, for each part, 30 Conditions, 60 Observations, 3 Procedures, 2 imaging orders
//! and 3 drugs: 28 KB. Most of it is no business of the guideline, as in a real chart; a
//! cancer and a new sciatica are, so that each call gives a card.

#![allow(
    dead_code,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and each uses only a part of what all share"
)]

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::codes::ValueSets;
use spinal_mets_cds::services::Services;
use std::borrow::Cow;
use std::collections::HashMap;

/// The service that is measured.
pub(crate) const SERVICE: &str = "spinal-metastases-patient-view";

/// Sizes of the bodies, in quarters of a part.
pub(crate) const SIZES: [usize; 4] = [1, 4, 40, 400];

/// The moment of every call.
pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    "2026-05-04T10:00:00Z".parse().unwrap()
}

/// The services as they are built in.
pub(crate) fn services() -> Services {
    Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap()
}

const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";
const SNOMED: &str = "http://snomed.info/sct";
const PROBLEMS: [(&str, &str, &str); 8] = [
    (ICD, "I10", "Essential hypertension"),
    (ICD, "E11.9", "Type 2 diabetes mellitus"),
    (SNOMED, "38341003", "Hypertensive disorder"),
    (ICD, "E78.5", "Hyperlipidemia"),
    (SNOMED, "235595009", "Gastroesophageal reflux disease"),
    (ICD, "N18.30", "Chronic kidney disease, stage 3"),
    (ICD, "J45.909", "Asthma"),
    (SNOMED, "35489007", "Depressive disorder"),
];
const VALUES: [(&str, &str, f64, &str); 10] = [
    ("718-7", "Hemoglobin", 11.2, "g/dL"),
    ("2951-2", "Sodium", 139.0, "mmol/L"),
    ("2823-3", "Potassium", 4.1, "mmol/L"),
    ("8480-6", "Systolic blood pressure", 131.0, "mm[Hg]"),
    ("8867-4", "Heart rate", 72.0, "/min"),
    ("4548-4", "Hemoglobin A1c", 6.4, "%"),
    ("777-3", "Platelets", 210.0, "10*3/uL"),
    ("6690-2", "Leukocytes", 6.1, "10*3/uL"),
    ("2160-0", "Creatinine", 0.9, "mg/dL"),
    ("29463-7", "Body weight", 71.0, "kg"),
];

fn condition(i: usize) -> Value {
    let (system, code, display) = PROBLEMS[i % PROBLEMS.len()];
    json!({"resource": {"resourceType": "Condition", "id": format!("c{i}"),
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": system, "code": code, "display": display}]},
        "subject": {"reference": "Patient/p"}, "recordedDate": "2020-01-05"}})
}

fn observation(i: usize) -> Value {
    let (code, display, value, unit) = VALUES[i % VALUES.len()];
    json!({"resource": {"resourceType": "Observation", "id": format!("o{i}"), "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": display}]},
        "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-04-30T09:00:00Z",
        "valueQuantity": {"value": value, "unit": unit}}})
}

fn procedure(i: usize) -> Value {
    json!({"resource": {"resourceType": "Procedure", "id": format!("p{i}"), "status": "completed",
        "code": {"coding": [{"system": SNOMED, "code": "73761001", "display": "Colonoscopy"}]},
        "subject": {"reference": "Patient/p"}, "performedDateTime": "2023-03-02"}})
}

fn imaging_order(i: usize) -> Value {
    json!({"resource": {"resourceType": "ServiceRequest", "id": format!("s{i}"), "status": "completed",
        "intent": "order", "code": {"coding": [{"system": SNOMED, "code": "399208008", "display": "Plain chest X-ray"}]},
        "subject": {"reference": "Patient/p"}, "authoredOn": "2024-06-11"}})
}

fn drug(i: usize) -> Value {
    json!({"resource": {"resourceType": "MedicationRequest", "id": format!("m{i}"), "status": "active", "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm",
            "code": "314076", "display": "lisinopril 10 MG Oral Tablet"}]},
        "subject": {"reference": "Patient/p"}, "authoredOn": "2025-02-01"}})
}

/// A call of so many quarters of a part.
pub(crate) fn body(quarters: usize) -> String {
    let many = |of_a_part: usize, make: fn(usize) -> Value| -> Vec<Value> {
        (0..(of_a_part * quarters).div_ceil(4)).map(make).collect()
    };
    let subject = json!({"reference": "Patient/p"});
    let mut problems = many(30, condition);
    problems.truncate(problems.len() - 2);
    problems.push(json!({"resource": {"resourceType": "Condition", "id": "cancer",
        "code": {"coding": [{"system": ICD, "code": "C50.911"}]},
        "subject": subject, "recordedDate": "2024-01-05"}}));
    problems.push(json!({"resource": {"resourceType": "Condition", "id": "pain",
        "code": {"coding": [{"system": ICD, "code": "M54.32"}]},
        "subject": subject, "recordedDate": "2026-05-04T08:00:00Z"}}));
    let services = services();
    let discovery: Value = serde_json::from_slice(services.discovery()).unwrap();
    let mut prefetch = serde_json::Map::new();
    let mut seen = std::collections::HashSet::new();
    for (key, query) in discovery["services"][0]["prefetch"].as_object().unwrap() {
        let kind = query.as_str().unwrap().split(['?', '/']).next().unwrap();
        // Each resource stands under the first key of its type.
        let taken = !seen.insert(kind.to_owned());
        let entries = match kind {
            _ if taken => Vec::new(),
            "Condition" => std::mem::take(&mut problems),
            "Observation" => many(60, observation),
            "Procedure" => many(3, procedure),
            "ServiceRequest" => many(2, imaging_order),
            "MedicationRequest" => many(3, drug),
            _ => Vec::new(),
        };
        let value = match kind {
            "Patient" => json!({"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01"}),
            _ => json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}),
        };
        prefetch.insert(key.clone(), value);
    }
    json!({"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": "p"}, "prefetch": prefetch})
    .to_string()
}

/// A call of 25 KB: 92 small resources, each with a code and a date and little else, and one new sciatica after a cancer.
pub(crate) fn small_body() -> String {
    let subject = json!({"reference": "Patient/p"});
    let resource = |i: usize| match i % 3 {
        0 => json!({"resourceType": "Condition", "id": format!("c{i}"), "subject": subject,
            "code": {"coding": [{"system": PROBLEMS[i % 8].0, "code": PROBLEMS[i % 8].1}], "text": PROBLEMS[i % 8].2},
            "clinicalStatus": {"coding": [{"code": "active"}]}, "recordedDate": "2020-01-05"}),
        1 => {
            json!({"resourceType": "Observation", "id": format!("o{i}"), "status": "final", "subject": subject,
            "code": {"coding": [{"system": "http://loinc.org", "code": VALUES[i % 10].0}], "text": VALUES[i % 10].1},
            "effectiveDateTime": "2026-04-30T09:00:00Z", "valueQuantity": {"value": VALUES[i % 10].2}})
        }
        _ => {
            json!({"resourceType": "Procedure", "id": format!("p{i}"), "status": "completed", "subject": subject,
            "code": {"coding": [{"system": SNOMED, "code": "73761001"}], "text": "Colonoscopy"},
            "performedDateTime": "2023-03-02"})
        }
    };
    let mut of_kind: [Vec<Value>; 3] = Default::default();
    for i in 0..89 {
        of_kind[i % 3].push(json!({"resource": resource(i)}));
    }
    for (id, code, date) in [("cancer", "C50.911", "2024-01-05"), ("pain", "M54.32", "2026-05-04T08:00:00Z")]
    {
        of_kind[0].push(json!({"resource": {"resourceType": "Condition", "id": id, "subject": subject,
            "code": {"coding": [{"system": ICD, "code": code}]}, "recordedDate": date}}));
    }
    let [conditions, observations, procedures] = of_kind;
    let bundle =
        |entries: Vec<Value>| json!({"resourceType": "Bundle", "type": "searchset", "entry": entries});
    let mut call: Value = serde_json::from_str(&body(1)).unwrap();
    let prefetch = call["prefetch"].as_object_mut().unwrap();
    for value in prefetch.values_mut().filter(|value| value["resourceType"] == "Bundle") {
        let kind = value["entry"][0]["resource"]["resourceType"].as_str().unwrap_or_default();
        *value = match kind {
            "Condition" => bundle(conditions.clone()),
            "Observation" => bundle(observations.clone()),
            "Procedure" => bundle(procedures.clone()),
            _ => bundle(Vec::new()),
        };
    }
    call.to_string()
}

/// The same patient as one Bundle, for `evaluate`.
pub(crate) fn bundle(quarters: usize) -> String {
    let call: Value = serde_json::from_str(&body(quarters)).unwrap();
    let mut entries = Vec::new();
    for value in call["prefetch"].as_object().unwrap().values() {
        match value["entry"].as_array() {
            Some(some) => entries.extend(some.iter().cloned()),
            None => entries.extend((value["resourceType"] != "Bundle").then(|| json!({"resource": value}))),
        }
    }
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries}).to_string()
}

/// The same patient while an MRI of the lumbar spine is being ordered.
pub(crate) fn order_body(quarters: usize) -> String {
    let mut call: Value = serde_json::from_str(&body(quarters)).unwrap();
    call["hook"] = json!("order-select");
    call["context"]["selections"] = json!(["ServiceRequest/draft"]);
    call["context"]["draftOrders"] = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "ServiceRequest", "id": "draft", "status": "draft", "intent": "order",
            "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "72148"}]},
            "subject": {"reference": "Patient/p"}}}]});
    call.to_string()
}

/// The first yardstick: the body as a tree.
pub(crate) fn as_value(body: &[u8]) -> usize {
    let parsed: Value = serde_json::from_slice(body).unwrap();
    std::hint::black_box(&parsed)["prefetch"].as_object().map_or(0, serde_json::Map::len)
}

/// The second yardstick: the body split into resources, and a borrowed view of each.
pub(crate) fn as_views(body: &[u8]) -> usize {
    let text = str::from_utf8(body).unwrap();
    let call: Call<'_> = serde_json::from_str(text).unwrap();
    let mut read = 0;
    for value in call.prefetch.values() {
        let bundle: Bundle<'_> = serde_json::from_str(value.get()).unwrap_or_default();
        for resource in bundle.entry.iter().filter_map(|entry| entry.resource) {
            let view: View<'_> = serde_json::from_str(resource.get()).unwrap();
            read += usize::from(std::hint::black_box(&view).resource_type.is_some());
        }
    }
    read
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    prefetch: HashMap<&'a str, &'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Bundle<'a> {
    #[serde(borrow, default)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    #[serde(borrow)]
    resource_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    code: Option<Concept<'a>>,
    #[serde(borrow, default)]
    category: Vec<Concept<'a>>,
    #[serde(borrow)]
    clinical_status: Option<Concept<'a>>,
    #[serde(borrow)]
    verification_status: Option<Concept<'a>>,
    #[serde(borrow)]
    medication_codeable_concept: Option<Concept<'a>>,
    #[serde(borrow)]
    subject: Option<Reference<'a>>,
    #[serde(borrow)]
    effective_date_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    recorded_date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    performed_date_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    authored_on: Option<Cow<'a, str>>,
    #[serde(borrow)]
    value_quantity: Option<Quantity<'a>>,
    #[serde(borrow, default)]
    component: Vec<Component<'a>>,
}

#[derive(Deserialize)]
struct Concept<'a> {
    #[serde(borrow, default)]
    coding: Vec<Coding<'a>>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Coding<'a> {
    #[serde(borrow)]
    system: Option<Cow<'a, str>>,
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    display: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    reference: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Quantity<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    unit: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Component<'a> {
    #[serde(borrow)]
    code: Option<Concept<'a>>,
    #[serde(borrow)]
    value_quantity: Option<Quantity<'a>>,
}
