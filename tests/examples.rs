//! The examples in `hooks/`: each request is answered exactly as its `response.json` says, uuids apart.
//!
//! `UPDATE_EXAMPLES=1 cargo test --test examples` writes the responses anew; review the change like code.

use serde_json::Value;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::codes::ValueSets;
use spinal_mets_cds::services::Services;
use std::fs;
use std::path::Path;

/// The clock of the examples, as the READMEs give it to `serve --now`.
const NOW: &str = "2026-05-05T08:00:00Z";

/// Every uuid becomes a fixed one.
fn without_uuids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if key == "uuid" {
                    *member = Value::from("00000000-0000-4000-8000-000000000000");
                } else {
                    without_uuids(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_uuids),
        _ => {}
    }
}

#[test]
fn every_example_is_answered_as_written() {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks");
    let mut checked = 0;
    for folder in fs::read_dir(&hooks).unwrap().map(|entry| entry.unwrap().path()) {
        if !folder.join("service.json").exists() {
            continue;
        }
        let id = folder.file_name().unwrap().to_str().unwrap();
        let request = fs::read(folder.join("request.json")).unwrap();
        let answer = services.call(id, &request, NOW.parse().unwrap()).unwrap();
        let mut got = serde_json::to_value(&answer.response).unwrap();
        without_uuids(&mut got);
        assert!(!got["cards"].as_array().unwrap().is_empty(), "{id} shows no card");
        let file = folder.join("response.json");
        #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            fs::write(&file, serde_json::to_string_pretty(&got).unwrap() + "\n").unwrap();
        }
        let written: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(got, written, "{} is stale", file.display());
        checked += 1;
    }
    assert_eq!(checked, 3);
}
