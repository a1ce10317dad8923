//! A dozen stories, each told in five charts: as listed with displays, in codes alone of three systems, and in words alone. The five
//! give the same cards; so does the silent end of the table, where they give none.

#![cfg(test)]

use serde_json::{Value, json};
use std::process::Command;

const NOW: &str = "2026-05-04T10:00:00Z";
const SNOMED: &str = "http://snomed.info/sct";
const ICD10CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
const ICD10GM: &str = "http://fhir.de/CodeSystem/bfarm/icd-10-gm";

/// One thing of a chart: SNOMED CT (with its display the listed form), ICD-10-CM, ICD-10-GM, and what people type.
struct Told {
    snomed: (&'static str, &'static str),
    icd10cm: &'static str,
    icd10gm: &'static str,
    words: &'static str,
}

const fn told(
    snomed: (&'static str, &'static str),
    icd10cm: &'static str,
    icd10gm: &'static str,
    words: &'static str,
) -> Told {
    Told { snomed, icd10cm, icd10gm, words }
}

const CANCER: Told = told(("254837009", "Breast cancer"), "C50.911", "C50.9", "breast cancer");
const BONE: Told = told(("94222008", "Metastasis to bone"), "C79.51", "C79.5", "bone metastases");
const BACK_PAIN: Told = told(("161891005", "Backache"), "M54.50", "M54.5", "Rückenschmerzen");

/// The stories: what stands in the chart besides the cancer, and the code that leads; `None` where no card is shown.
const STORIES: &[(&[Told], Option<&str>)] = &[
    (&[BACK_PAIN], Some("mri-within-2-weeks")),
    (&[BONE, BACK_PAIN], Some("mri-within-2-weeks")),
    (&[told(("23056005", "Sciatica"), "M54.30", "M54.3", "sciatica")], Some("mri-within-1-week")),
    (
        &[told(("128196005", "Lumbar radiculopathy"), "M54.16", "M54.16", "lumbar radiculopathy")],
        Some("mri-within-1-week"),
    ),
    (&[BONE, told(("60389000", "Paraplegia"), "G82.20", "G82.29", "paraplegia")], Some("mri-within-12h")),
    (&[BONE, told(("11538006", "Quadriplegia"), "G82.50", "G82.59", "Tetraplegie")], Some("mri-within-12h")),
    (
        &[BONE, told(("71286001", "Spinal cord compression"), "G95.20", "G95.2", "spinal cord compression")],
        Some("mri-within-12h"),
    ),
    (
        &[BONE, told(("192970008", "Cauda equina syndrome"), "G83.4", "G83.4", "Cauda-equina-Syndrom")],
        Some("mri-within-12h"),
    ),
    (
        &[BONE, told(("48522003", "Spinal cord disease"), "G95.9", "G95.9", "myelopathy")],
        Some("mri-within-12h"),
    ),
    (
        &[BACK_PAIN, BONE, told(("267064002", "Retention of urine"), "R33.9", "R33", "Harnverhalt")],
        Some("mri-within-12h"),
    ),
    (
        &[BACK_PAIN, BONE, told(("394616008", "Unsteady gait"), "R26.81", "R26.8", "unsteady gait")],
        Some("mri-within-12h"),
    ),
    (&[told(("6077001", "Foot drop"), "M21.371", "M21.37", "foot drop")], Some("mri-within-24h")),
    (&[told(("249945007", "Monoparesis - leg"), "G83.10", "G83.1", "leg weakness")], Some("mri-within-24h")),
    (&[], None),
    (&[BONE], None),
    (&[told(("44077006", "Numbness"), "R20.0", "R20.8", "numbness")], None),
    (&[told(("13791008", "Asthenia"), "R53.1", "R53", "generalized weakness")], None),
    (
        &[told(
            ("160303001", "Family history of diabetes"),
            "Z80.3",
            "Z80.3",
            "family history of breast cancer",
        )],
        None,
    ),
];

/// How a chart tells it.
type Form = fn(&Told) -> Value;

fn coded(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

const FORMS: [(&str, Form); 5] = [
    (
        "listed",
        |t| json!({"coding": [{"system": SNOMED, "code": t.snomed.0, "display": t.snomed.1}], "text": t.snomed.1}),
    ),
    ("SNOMED CT alone", |t| coded(SNOMED, t.snomed.0)),
    ("ICD-10-CM alone", |t| coded(ICD10CM, t.icd10cm)),
    ("ICD-10-GM alone", |t| coded(ICD10GM, t.icd10gm)),
    ("words alone", |t| json!({"text": t.words})),
];

fn chart(id: &str, things: &[Told], form: Form) -> Value {
    let patient = json!({"reference": format!("Patient/{id}")});
    let condition = |(i, thing): (usize, &Told)| {
        json!({"resource": {"resourceType": "Condition", "id": format!("{id}-{i}"), "subject": patient,
            "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
            "recordedDate": "2026-05-04T08:00:00Z", "onsetDateTime": "2026-05-03", "code": form(thing)}})
    };
    let mut entry =
        vec![json!({"resource": {"resourceType": "Patient", "id": id, "birthDate": "1960-01-01"}})];
    entry.extend([&CANCER].into_iter().chain(things).enumerate().map(condition));
    json!({"resourceType": "Bundle", "type": "collection", "entry": entry})
}

/// Of each card its indicator, topic and the codes of its recommendations.
fn shown(answer: &Value) -> Vec<(String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |card: &Value| {
        let reasons = &card["extension"]["org.spinal-mets-cds.rationale"]["recommendations"];
        let codes = reasons.as_array().unwrap().iter().map(|reason| text(&reason["code"])).collect();
        (text(&card["indicator"]), text(&card["source"]["topic"]["code"]), codes)
    };
    answer["cards"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_story_gives_the_same_cards_in_whatever_code_system_or_in_words() {
    let ids: Vec<(String, usize, usize)> = (0..STORIES.len())
        .flat_map(|story| (0..FORMS.len()).map(move |form| (format!("s{story}f{form}"), story, form)))
        .collect();
    let charts: String = ids
        .iter()
        .map(|(id, story, form)| format!("{}\n", chart(id, STORIES[*story].0, FORMS[*form].1)))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("charts.ndjson");
    std::fs::write(&file, charts).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(["evaluate", "--now", NOW, "--format", "json"])
        .arg(&file)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |id: &str| {
        let patients = answer["patients"].as_array().unwrap();
        shown(patients.iter().find(|patient| patient["patient"] == id).unwrap())
    };
    for (id, story, form) in &ids {
        let (listed, found) = (of(&format!("s{story}f0")), of(id));
        assert_eq!(found, listed, "story {story}, {}", FORMS[*form].0);
        let leads = found.first().map(|(_, topic, _)| topic.as_str());
        assert_eq!(leads, STORIES[*story].1, "story {story}, {}", FORMS[*form].0);
    }
}
