//! The examples in `hooks/`: each request is answered exactly as its `response.json` says, uuids apart.
//!
//! `UPDATE_EXAMPLES=1 cargo test --test examples` writes the responses and the list of services anew; review the change like
//! code.

#![cfg(test)]

use serde_json::Value;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::codes::ValueSets;
use spinal_mets_cds::services::Services;
use spinal_mets_cds::services::offered::OFFERED;
use std::fs;
use std::path::Path;

/// The clock of the examples, as the READMEs give it to `serve --now`.
const NOW: &str = "2026-05-05T08:00:00Z";

/// Every uuid becomes a fixed one, of its own in the answer.
fn with_fixed_uuids(value: &mut Value, number: &mut usize) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if key == "uuid" {
                    *number += 1;
                    *member = Value::from(format!("00000000-0000-4000-8000-{number:012}"));
                } else {
                    with_fixed_uuids(member, number);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| with_fixed_uuids(it, number)),
        _ => {}
    }
}

#[test]
fn every_example_is_answered_as_written() {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks");
    for service in OFFERED {
        let folder = hooks.join(service.id);
        let request = fs::read(folder.join("request.json")).unwrap();
        let answer = services.call(service.id, &request, NOW.parse().unwrap()).unwrap();
        let mut got = serde_json::to_value(&answer.response).unwrap();
        with_fixed_uuids(&mut got, &mut 0);
        assert!(!got["cards"].as_array().unwrap().is_empty(), "{} shows no card", service.id);
        made(&folder.join("response.json"), &(serde_json::to_string_pretty(&got).unwrap() + "\n"));
    }
}

#[test]
fn the_list_of_services_is_the_one_that_is_offered() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/README.md");
    let page = fs::read_to_string(&file).unwrap();
    let (before, rest) = page.split_once("|---|---|---|\n").unwrap();
    let (_, after) = rest.split_once("| [`value-sets`]").unwrap();
    let lines: Vec<String> = OFFERED
        .iter()
        .map(|service| {
            let entry: Value = serde_json::from_str(service.entry).unwrap();
            let text = |member: &str| entry[member].as_str().unwrap().to_owned();
            format!("| [`{0}`]({0}) | `{1}` | {2} |\n", service.id, text("hook"), text("description"))
        })
        .collect();
    made(&file, &format!("{before}|---|---|---|\n{}| [`value-sets`]{after}", lines.concat()));
}

/// Holds that a file is as it is made, or writes it.
fn made(file: &Path, text: &str) {
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        fs::write(file, text).unwrap();
    }
    let written = fs::read_to_string(file).unwrap();
    assert!(written == text, "{} is stale: UPDATE_EXAMPLES=1 writes it", file.display());
}
