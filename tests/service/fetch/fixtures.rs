//! The fixtures, and what the service sends, are FHIR R4 by the reading of other code bases.

use super::same_cards::{missing, program};
use serde_json::Value;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, at_its_facility};
use spinal_mets_cds::cds_hooks::{IssueCode, Outcome};
use spinal_mets_cds::domain::Site;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

#[test]
fn every_fixture_is_a_sound_bundle_by_another_validator() {
    let Some(program) = program("validate.mjs") else { return };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let Ok(output) = Command::new("node").arg(program).arg(fixtures).output() else {
        missing::<()>("node cannot be started");
        return;
    };
    let faults = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{faults}{}", String::from_utf8_lossy(&output.stderr));
}

/// Every resource that the fixtures make the service suggest, each once; the ids of drafts aside they are few.
fn suggested() -> BTreeMap<String, Value> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let mut found = BTreeMap::new();
    for case in find(&[fixtures]).cases.iter().filter(|case| !case.is_hostile()) {
        let reply = at_its_facility(case, &plain, |target| {
            let bundle = CaseBundle::load(&case.folder).unwrap();
            let request = build(&case.told, bundle, target.offered()).unwrap();
            let body = request.body.to_string();
            target.ask(&request.service, "application/json", body.as_bytes(), case.told.now).unwrap()
        });
        let answer = reply.unwrap().body;
        let items = |value: &Value, member: &str| value[member].as_array().cloned().unwrap_or_default();
        for card in items(&answer, "cards") {
            for suggestion in items(&card, "suggestions") {
                for action in items(&suggestion, "actions") {
                    // What the client sent is sent back as it was, odd members included: that is the client's.
                    if action["type"] == "create" {
                        found.insert(action["resource"].to_string(), action["resource"].clone());
                    }
                }
            }
        }
    }
    found
}

#[test]
fn whatever_the_service_sends_is_sound_by_two_other_validators() {
    let Some(program) = program("validate.mjs") else { return };
    let mut sent: Vec<Value> = suggested().into_values().collect();
    let suggested = sent.len();
    let sets = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/value-sets");
    for entry in std::fs::read_dir(sets).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            sent.push(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap());
        }
    }
    sent.push(
        serde_json::to_value(Outcome::error(IssueCode::Invalid, "Public text.", "More of it.")).unwrap(),
    );
    // The guideline as definitions; its value sets are those of the folder.
    let page = spinal_mets_cds::guideline::page::page();
    let definitions = spinal_mets_cds::services::plan::bundle(&page).unwrap();
    let definitions = definitions["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone());
    let definitions: Vec<Value> = definitions.filter(|it| it["resourceType"] != "ValueSet").collect();
    assert!(definitions.len() > 12, "{}", definitions.len());
    sent.extend(definitions);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sent.json");
    std::fs::write(&file, Value::from(sent).to_string()).unwrap();
    let Ok(output) = Command::new("node").arg(program).arg("--resources").arg(file).output() else {
        missing::<()>("node cannot be started");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(suggested > 200, "only {suggested} resources were suggested");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
