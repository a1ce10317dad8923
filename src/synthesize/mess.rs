//! What stands in a chart beside a story and must not matter: other illnesses, other people, older versions, notes, the order.

use super::chart::{Maker, coded, instant, object, set, status};
use chrono::TimeDelta;
use serde_json::{Value, json};

const ICD: &str = crate::fhir::codes::ICD10CM;
const LOINC: &str = crate::fhir::codes::LOINC;
const RXNORM: &str = crate::fhir::codes::RXNORM;

/// Illnesses that the guideline does not speak of.
const OTHER_ILLNESSES: [(&str, &str); 8] = [
    ("I10", "Essential hypertension"),
    ("E11.9", "Type 2 diabetes mellitus"),
    ("J45.909", "Asthma"),
    ("K21.9", "Reflux"),
    ("M17.11", "Osteoarthritis of the right knee"),
    ("K59.00", "Constipation"),
    ("R53.1", "Weakness"),
    ("G62.9", "Polyneuropathy"),
];
/// Values that the guideline does not speak of.
const OTHER_VALUES: [(&str, f64, &str); 6] = [
    ("718-7", 12.4, "g/dL"),
    ("777-3", 231.0, "10*3/uL"),
    ("2345-7", 104.0, "mg/dL"),
    ("8867-4", 78.0, "/min"),
    ("8310-5", 36.8, "Cel"),
    ("6690-2", 6.1, "10*3/uL"),
];
/// Drugs that the guideline does not speak of.
const OTHER_DRUGS: [(&str, &str); 5] = [
    ("6809", "metformin"),
    ("29046", "lisinopril"),
    ("83367", "atorvastatin"),
    ("1364430", "apixaban"),
    ("7646", "omeprazole"),
];
/// What people write. None of it is read.
const NOTES: [&str; 5] = [
    "No back pain today. Cord compression was ruled out last year.",
    "Mother had breast cancer; afraid of metastases.",
    "If weakness of the legs occurs: emergency department.",
    "Sleeps well, walks the dog.",
    "Plan: X-ray of the chest, control in 3 weeks.",
];

/// Adds all of it to a chart, and puts everything into another order.
pub fn add(chart: &mut Maker<'_>) {
    remarks(chart);
    versions(chart);
    for _ in 0..chart.random.number(1, 5) {
        illness(chart);
    }
    for _ in 0..chart.random.number(2, 8) {
        let (code, value, unit) = chart.random.one_of(&OTHER_VALUES);
        let recorded = chart.days_ago(0, 300);
        chart.laboratory(code, value, unit, None, recorded);
    }
    for _ in 0..chart.random.number(0, 4) {
        drug(chart);
    }
    note(chart);
    visit(chart);
    if chart.random.chance(30) {
        relative(chart);
    }
    chart.random.shuffle(&mut chart.resources);
}

fn illness(chart: &mut Maker<'_>) {
    let (code, text) = chart.random.one_of(&OTHER_ILLNESSES);
    // Some stand there in words alone.
    let mut concept = if chart.random.chance(70) { coded(ICD, code) } else { object() };
    set(&mut concept, "text", json!(text));
    let recorded = chart.days_ago(1, 2_000).text();
    let condition = chart.condition(concept, &recorded);
    chart.add(condition);
}

fn drug(chart: &mut Maker<'_>) {
    let (code, text) = chart.random.one_of(&OTHER_DRUGS);
    let mut concept = coded(RXNORM, code);
    set(&mut concept, "text", json!(text));
    let authored = chart.days_ago(1, 400).text();
    chart.add(json!({ "resourceType": "MedicationRequest", "status": "active", "intent": "order",
        "medicationCodeableConcept": concept, "authoredOn": authored }));
}

/// A document, which is not read.
fn note(chart: &mut Maker<'_>) {
    let (text, written) = (chart.random.one_of(&NOTES), chart.minutes_ago(0, 60 * 24 * 60));
    chart.add(
        json!({ "resourceType": "DocumentReference", "status": "current", "type": coded(LOINC, "11506-3"),
        "date": instant(written.at), "description": text,
        "content": [{ "attachment": { "contentType": "text/plain", "title": text } }] }),
    );
}

fn visit(chart: &mut Maker<'_>) {
    let began = chart.days_ago(0, 60);
    let class = json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB" });
    chart.add(json!({ "resourceType": "Encounter", "status": "finished", "class": class, "period": { "start": began.text() } }));
}

/// What is said of the family, and a record of somebody else that lies in this chart.
fn relative(chart: &mut Maker<'_>) {
    let sign = json!([{ "code": coded(ICD, "C50.911") }]);
    chart.add(json!({ "resourceType": "FamilyMemberHistory", "status": "completed",
        "relationship": status("v3-RoleCode", "MTH"), "condition": sign }));
    let recorded = chart.days_ago(0, 3).text();
    let mut foreign = chart.condition(coded(ICD, "G83.4"), &recorded);
    set(&mut foreign, "subject", json!({ "reference": format!("Patient/{}-relative", chart.patient) }));
    chart.add(foreign);
}

/// Remarks beside some records.
fn remarks(chart: &mut Maker<'_>) {
    for place in 1..chart.resources.len() {
        let (is_remarked, text) = (chart.random.chance(15), chart.random.one_of(&NOTES));
        if let (true, Some(resource)) = (is_remarked, chart.resources.get_mut(place)) {
            set(resource, "note", json!([{ "text": text }]));
        }
    }
}

/// Older versions of some records, which said something else.
fn versions(chart: &mut Maker<'_>) {
    for place in 1..chart.resources.len() {
        if !chart.random.chance(15) {
            continue;
        }
        let (newer, older) =
            (chart.now - TimeDelta::minutes(2), chart.now - TimeDelta::minutes(chart.random.number(3, 600)));
        let Some(resource) = chart.resources.get_mut(place) else { continue };
        let mut old = resource.clone();
        set(resource, "meta", json!({ "versionId": "2", "lastUpdated": instant(newer) }));
        set(&mut old, "meta", json!({ "versionId": "1", "lastUpdated": instant(older) }));
        match old.get("resourceType").and_then(Value::as_str) {
            Some("Condition") => {
                set(&mut old, "verificationStatus", status("condition-ver-status", "refuted"));
            }
            Some("Observation") => set(&mut old, "status", json!("cancelled")),
            _ => set(&mut old, "status", json!("entered-in-error")),
        }
        chart.resources.push(old);
    }
}
