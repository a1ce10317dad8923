//! `evaluate` over every kind of input that a tester may have.

#![cfg(test)]

mod compare;
mod export;
mod layouts;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const NOW: &str = "2026-05-04T10:00:00Z";
const PATIENT: &str = r#"{"resourceType": "Patient", "id": "p"}"#;

/// Evaluates the paths below `folder`.
fn evaluate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .current_dir(folder)
        .args(["evaluate", "--now", NOW])
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The findings of a run that ends with this exit code.
fn findings(folder: &Path, arguments: &[&str], exit: i32) -> Value {
    let output = evaluate(folder, &[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(exit), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn back_pain(id: &str, patient: &str) -> String {
    resource("Condition", id, patient, "161891005", "http://snomed.info/sct", "Backache")
}

fn breast_cancer(id: &str, patient: &str) -> String {
    resource("Condition", id, patient, "254837009", "http://snomed.info/sct", "Breast cancer")
}

fn resource(kind: &str, id: &str, patient: &str, code: &str, system: &str, display: &str) -> String {
    format!(
        r#"{{"resourceType": "{kind}", "id": "{id}", "status": "draft", "intent": "order",
            "subject": {{"reference": "Patient/{patient}"}}, "recordedDate": "2026-05-01T09:00:00Z",
            "code": {{"coding": [{{"system": "{system}", "code": "{code}", "display": "{display}"}}]}}}}"#
    )
}

fn bundle(resources: &[String]) -> String {
    let entries: Vec<String> = resources.iter().map(|r| format!(r#"{{"resource": {r}}}"#)).collect();
    format!(r#"{{"resourceType": "Bundle", "type": "collection", "entry": [{}]}}"#, entries.join(","))
}

/// A patient with breast cancer and back pain: row 5 of the MRI table.
fn case_of(patient: &str) -> Vec<String> {
    vec![
        PATIENT.replace("\"p\"", &format!("\"{patient}\"")),
        breast_cancer(&format!("{patient}-cancer"), patient),
        back_pain(&format!("{patient}-pain"), patient),
    ]
}

fn folder_with(files: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.replace("\n            ", " ")).unwrap();
    }
    folder
}

fn codes(evaluation: &Value) -> Vec<&str> {
    let cards = evaluation["cards"].as_array().unwrap();
    cards.iter().map(|c| c["source"]["topic"]["code"].as_str().unwrap()).collect()
}

fn fact_names(evaluation: &Value) -> Vec<&str> {
    evaluation["facts"].as_array().unwrap().iter().map(|f| f["fact"].as_str().unwrap()).collect()
}

#[test]
fn a_bundle_gives_cards_facts_and_what_was_ignored() {
    let mut resources = case_of("p");
    resources.push(resource("Claim", "x", "p", "1", "urn:x", "x"));
    resources.push(resource("Condition", "y", "p", "1", "urn:x", "x"));
    let folder = folder_with(&[("b.json", bundle(&resources))]);
    let found = findings(folder.path(), &["b.json"], 0);
    let patient = &found["patients"][0];
    assert_eq!(codes(patient), ["mri-within-2-weeks"]);
    assert!(fact_names(patient).contains(&"cancer") && fact_names(patient).contains(&"local_back_pain"));
    let notes = patient["notes"].as_array().unwrap();
    assert!(notes.iter().any(|n| n["place"] == "Condition/y" && n["kind"] == "code-not-known"), "{notes:?}");
    assert_eq!(patient["neverAskedFor"]["Claim"], 1);

    let output = evaluate(folder.path(), &["b.json"]);
    let out = text(&output.stdout);
    for words in [
        "b.json · patient p",
        "[info] ",
        "mri-within-2-weeks",
        "deadline 2026-05-15T09:00:00Z",
        "local_back_pain: back or neck pain",
        "Condition/p-pain",
        "ignored or doubtful",
        "1 patient, 1 card",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
}

#[test]
fn loose_resources_of_a_folder_and_lines_of_ndjson_make_one_chart() {
    let case = case_of("p");
    let files: Vec<(&str, String)> = ["1.json", "2.json", "3.json"].into_iter().zip(case.clone()).collect();
    let folder = folder_with(&files);
    assert_eq!(codes(&findings(folder.path(), &["."], 0)["patients"][0]), ["mri-within-2-weeks"]);
    assert_eq!(codes(&findings(folder.path(), &["1.json", "2.json", "3.json"], 0)["patients"][0]).len(), 1);

    let lines: Vec<String> = case.iter().map(|r| r.replace('\n', " ")).collect();
    let folder = folder_with(&[("all.ndjson", lines.join("\n"))]);
    assert_eq!(codes(&findings(folder.path(), &["all.ndjson"], 0)["patients"][0]), ["mri-within-2-weeks"]);
}

#[test]
fn each_of_many_patients_is_evaluated_once_and_strangers_go_to_nobody() {
    let mut resources = case_of("a");
    resources.push(PATIENT.to_owned());
    resources.push(breast_cancer("c", "p"));
    resources.push(r#"{"resourceType": "Practitioner", "id": "x"}"#.to_owned());
    let folder = folder_with(&[("many.json", bundle(&resources))]);
    let found = findings(folder.path(), &["many.json"], 0);
    let patients = found["patients"].as_array().unwrap();
    assert_eq!(patients.len(), 2);
    assert_eq!((codes(&patients[0]).len(), codes(&patients[1]).len()), (1, 0));
    assert_eq!(found["nobody"][0]["resources"]["Practitioner"], 1);

    let only = findings(folder.path(), &["many.json", "--patient", "p"], 0);
    assert_eq!(only["patients"].as_array().unwrap().len(), 1);
    findings(folder.path(), &["many.json", "--patient", "q"], 2);
    let out = evaluate(folder.path(), &["many.json"]);
    assert!(text(&out.stdout).contains("1 resource of no patient, left out: Practitioner 1"));
}

#[test]
fn a_hook_request_goes_through_its_service() {
    let call = |prefetch: &str, hook: &str| {
        format!(
            r#"{{"hook": "{hook}", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {{"userId": "Practitioner/1", "patientId": "p"}}, "prefetch": {prefetch}}}"#
        )
    };
    let conditions = bundle(&case_of("p")[1..]);
    let prefetch = format!(r#"{{"patient": {PATIENT}, "conditions": {conditions}}}"#);
    let folder = folder_with(&[
        ("a.json", call(&prefetch, "patient-view")),
        ("b.json", call("{}", "patient-view")),
        ("c.json", call("{}", "encounter-start")),
    ]);
    let found = findings(folder.path(), &["."], 0);
    assert_eq!(codes(&found["patients"][0]), ["mri-within-2-weeks"]);
    assert!(found["patients"][1]["refused"].as_str().unwrap().contains("conditions"));
    assert!(found["patients"][2]["refused"].as_str().unwrap().contains("hook"));
}

#[test]
fn the_drafts_of_a_chart_can_be_checked_and_selected() {
    let x_ray =
        |id: &str| resource("ServiceRequest", id, "p", "24970-6", "http://loinc.org", "XR lumbar spine");
    let mut resources = case_of("p");
    resources.extend([x_ray("d1"), x_ray("d2")]);
    let folder = folder_with(&[("b.json", bundle(&resources))]);
    let check = ["b.json", "--hook", "order-select"];
    let all = findings(folder.path(), &check, 0).to_string();
    let one =
        findings(folder.path(), &[&check[..], &["--select", "ServiceRequest/d2"]].concat(), 0).to_string();
    let deletes = |text: &str, id: &str| text.contains(&format!("\"resourceId\":\"ServiceRequest/{id}\""));
    assert!(deletes(&all, "d1") && deletes(&all, "d2"), "{all}");
    assert!(!deletes(&one, "d1") && deletes(&one, "d2"), "{one}");
    for wrong in [
        vec!["b.json", "--select", "ServiceRequest/d1"],
        [&check[..], &["--select", "ServiceRequest/d3"]].concat(),
    ] {
        assert_eq!(evaluate(folder.path(), &wrong).status.code(), Some(2));
    }
}

#[test]
fn a_broken_file_is_reported_and_the_others_are_evaluated() {
    let folder = folder_with(&[
        ("a.json", "{\"resourceType\": \"Pat".to_owned()),
        ("b.json", bundle(&case_of("p"))),
        ("c.json", "{\"name\": \"no FHIR\"}".to_owned()),
    ]);
    let output = evaluate(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(2));
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(out.contains("mri-within-2-weeks") && out.contains("2 unread"), "{out}");
    assert_eq!(err.lines().count(), 2, "{err}");
    assert!(err.contains("a.json") && err.contains("c.json") && !err.contains("Pat\""), "{err}");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let folder = folder_with(&[("b.json", bundle(&case_of("p")))]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(["evaluate", "--now", NOW, "b.json"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn one_odd_resource_does_not_hide_the_others() {
    let mut resources = case_of("p");
    let subject = r#""subject": {"reference": "Patient/p"}"#;
    for (id, odd) in [
        ("o1", "1e999".to_owned()),
        ("o2", "\"\\ud800\"".to_owned()),
        ("o3", "[".repeat(200) + &"]".repeat(200)),
    ] {
        resources.push(format!(r#"{{"resourceType": "Observation", "id": "{id}", {subject}, "valueQuantity": {{"value": {odd}}}}}"#));
    }
    resources.push(r#"{"resourceType": 7, "subject": "nobody"}"#.to_owned());
    let folder = folder_with(&[("b.json", bundle(&resources))]);
    let found = findings(folder.path(), &["b.json"], 0);
    assert_eq!(codes(&found["patients"][0]), ["mri-within-2-weeks"]);
    assert_eq!(found["nobody"][0]["resources"][""], 1);
}

#[test]
fn more_than_fits_in_a_batch_comes_out_in_order() {
    // Lines of a megabyte, so that several batches are needed; each is a chart by itself.
    let ids: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
    let padding = format!(r#"{{"resourceType": "Claim", "id": "x", "note": "{}"}}"#, "x".repeat(1 << 20));
    let line = |id: &String| bundle(&[case_of(id), vec![padding.clone()]].concat()).replace('\n', " ");
    let lines: Vec<String> = ids.iter().map(line).collect();
    let folder = folder_with(&[("all.ndjson", lines.join("\n"))]);
    let found = findings(folder.path(), &["all.ndjson"], 0);
    let patients = found["patients"].as_array().unwrap();
    assert_eq!(patients.iter().map(|p| p["patient"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert!(patients.iter().all(|patient| codes(patient) == ["mri-within-2-weeks"]));
    assert_eq!(found["nobody"].as_array().unwrap().len(), 10);
    let only = evaluate(folder.path(), &["all.ndjson", "--patient", "p7"]);
    assert!(text(&only.stdout).contains("1 patient, 1 card"), "{}", text(&only.stdout));
}
