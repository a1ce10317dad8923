//! What a safety officer reads is so: every control and every attack names tests that exist, the rows that are critical in time
//! are those of the guideline, and what the guideline says of the data that it uses holds for its cards.

#![cfg(test)]

use serde_json::{Value, json};
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::guideline::page::page;
use spinal_mets_cds::services::Services;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The rows of the tables of a page, without their heads.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = page.lines().collect();
    let is_rule = |line: Option<&&str>| line.is_some_and(|line| line.starts_with("|-"));
    let body =
        lines.iter().enumerate().filter(|(at, line)| line.starts_with("| ") && !is_rule(lines.get(at + 1)));
    body.map(|(_, line)| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The tests that a text names, as `file.rs::name`.
fn tests(text: &str) -> Vec<(&str, &str)> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|span| span.split_once("::"))
        .filter(|(file, _)| file.ends_with(".rs"))
        .collect()
}

/// Whether the file has a test of that name, which somebody runs.
fn exists(file: &str, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(root().join(file)) else { return false };
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    let above_it = before.rsplit_once('\n').map_or("", |(lines, _)| lines);
    let above = |line: &&str| line.trim_start().starts_with("#[") || line.trim_start().starts_with("///");
    let attributes: Vec<&str> = above_it.lines().rev().take_while(above).collect();
    let is_marked = attributes.iter().any(|line| line.contains("test]"));
    let is_left_out = attributes.iter().any(|line| line.contains("#[ignore"));
    // A check that a macro runs on several databases stands in its list.
    let is_listed = text.lines().any(|line| line.trim() == format!("{name},"));
    (is_marked || is_listed) && !is_left_out
}

#[test]
fn every_control_and_every_attack_names_tests_that_exist() {
    for (name, least, column) in
        [("docs/hazards.md", 15, 7), ("docs/threats.md", 15, 4), ("docs/purpose.md", 0, 0)]
    {
        let page = read(name);
        let named = tests(&page);
        assert!(named.len() > 4, "{name}");
        let missing: Vec<_> = named.iter().filter(|(file, test)| !exists(file, test)).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
        let numbered: Vec<Vec<&str>> = rows(&page)
            .into_iter()
            .filter(|row| row[0].starts_with("H-") || row[0].starts_with("T-"))
            .collect();
        assert!(numbered.len() >= least, "{name}: {}", numbered.len());
        for (at, row) in numbered.iter().enumerate() {
            assert!(row[0].ends_with(&format!("-{}", at + 1)), "{}", row[0]);
            assert!(!tests(row[column]).is_empty(), "{name}: {} names no test", row[0]);
            assert!(row.iter().all(|cell| !cell.is_empty()), "{name}: {row:?}");
        }
    }
    assert!(exists("tests/safety.rs", "every_control_and_every_attack_names_tests_that_exist"));
    assert!(!exists("tests/safety.rs", "rows") && !exists("tests/none.rs", "x"));
    assert!(!exists("tests/safety.rs", "every_control"));
}

#[test]
fn the_rows_that_are_critical_in_time_are_those_of_the_guideline() {
    let printed = page();
    let is_urgent = |row: &spinal_mets_cds::guideline::page::PrintedRow| {
        let follows = row.indicator.contains("critical") || row.indicator.contains("that of the MRI row");
        follows || row.offers.contains(" hours")
    };
    let urgent: BTreeSet<&str> =
        printed.rows().map(|(_, row)| row).filter(|row| is_urgent(row)).map(|row| row.id).collect();
    let text = read("docs/purpose.md");
    let (_, section) = text.split_once("\n## Rows that are critical in time\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let told: BTreeSet<&str> = rows(section).iter().map(|row| row[0].trim_matches('`')).collect();
    assert!(urgent.len() > 10, "{urgent:?}");
    assert_eq!(told, urgent);
}

/// The cards of a call, without ids and the times of signing.
fn cards(services: &Services, service: &str, call: &Value) -> String {
    let now = "2026-05-05T08:00:00Z".parse().unwrap();
    let answer = services.call(service, call.to_string().as_bytes(), now).unwrap();
    let mut cards = serde_json::to_value(&answer.response.cards).unwrap();
    without_ids(&mut cards);
    cards.to_string()
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(without_ids),
        Value::Object(members) => {
            members.retain(|name, _| name != "uuid");
            members.values_mut().for_each(without_ids);
        }
        Value::String(text) if text.starts_with("urn:uuid:") => text.clear(),
        _ => {}
    }
}

fn extension(url: &str, value: &Value) -> Value {
    json!({"url": format!("http://hl7.org/fhir/us/core/StructureDefinition/{url}"), "extension": [
        {"url": "ombCategory", "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": value}},
        {"url": "text", "valueString": "x"}]})
}

/// What a record says of these, as the profiles of US Core write it.
fn add_unused(call: &mut Value) {
    let patient = call["prefetch"]["patient"].as_object_mut().unwrap();
    let gender = json!({"url": "http://hl7.org/fhir/StructureDefinition/individual-genderIdentity",
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "446131000124102"}]}});
    let extensions = json!([
        extension("us-core-race", &json!("2054-5")),
        extension("us-core-ethnicity", &json!("2135-2")),
        gender
    ]);
    patient.insert("extension".to_owned(), extensions);
    patient.insert(
        "communication".to_owned(),
        json!([{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": true}]),
    );
    patient.insert("maritalStatus".to_owned(), json!({"text": "Widowed"}));
    let subject = json!({"reference": format!("Patient/{}", call["context"]["patientId"].as_str().unwrap())});
    let observation = |id: &str, code: &str, answer: &str| {
        json!({"resource": {"resourceType": "Observation", "id": id, "status": "final", "subject": subject,
            "effectiveDateTime": "2026-05-01T08:00:00Z",
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": answer}]}}})
    };
    // Sexual orientation; housing; education.
    let added = [
        ("so", "76690-7", "LA4489-6"),
        ("housing", "71802-3", "LA30190-5"),
        ("school", "82589-3", "LA30186-3"),
    ];
    let added: Vec<Value> = added.map(|(id, code, answer)| observation(id, code, answer)).to_vec();
    observations(call).extend(added);
}

/// The Observations of a call under a key that every service asks for.
fn observations(call: &mut Value) -> &mut Vec<Value> {
    let bundle = &mut call["prefetch"]["observationsStatus"];
    if !bundle["entry"].is_array() {
        *bundle = json!({"resourceType": "Bundle", "type": "searchset", "entry": []});
    }
    bundle["entry"].as_array_mut().unwrap()
}

#[test]
fn what_the_guideline_says_of_itself_is_so() {
    let about = page().about;
    let used = |name: &str| about.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("{name}")).used;
    for name in [
        "race",
        "ethnicity",
        "language",
        "sexual orientation",
        "gender identity",
        "social determinants of health",
    ] {
        assert_eq!(used(&format!("Use of {name}")), Some(false), "{name}");
    }
    for name in ["sex", "date of birth", "health status assessments"] {
        assert_eq!(used(&format!("Use of {name}")), Some(true), "{name}");
    }
    for attribute in ["Citation", "Developer", "Funding", "Release and revision"] {
        let said = &about.iter().find(|it| it.name == attribute).unwrap().says;
        assert!(said.contains("not stated"), "{said}");
    }
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let mut asked = 0;
    for (service, _) in services.offered() {
        let mut call: Value = serde_json::from_str(&read(&format!("hooks/{service}/request.json"))).unwrap();
        observations(&mut call);
        let before = cards(&services, service, &call);
        let mut told = call.clone();
        add_unused(&mut told);
        assert_eq!(cards(&services, service, &told), before, "{service}");
        asked += usize::from(before != "[]");
        // The same comparison sees what is used: of a child nothing but imaging and cord compression is said.
        if service == "spinal-metastases-patient-view" {
            let mut child = call.clone();
            child["prefetch"]["patient"]["birthDate"] = json!("2020-01-01");
            assert_ne!(cards(&services, service, &child), before);
            let mut weak = call.clone();
            let patient = call["context"]["patientId"].as_str().unwrap();
            observations(&mut weak).push(json!({"resource": {"resourceType": "Observation", "id": "signs",
                "status": "final", "subject": {"reference": format!("Patient/{patient}")},
                "effectiveDateTime": "2026-05-05T07:00:00Z", "valueBoolean": true,
                "code": {"coding": [{"system": "urn:spinal-mets-cds:finding", "code": "mescc-suspected"}]}}}));
            assert_ne!(cards(&services, service, &weak), before);
        }
    }
    assert!(asked >= 4, "only {asked} services had a card");
}
