//! What must not change an answer, over every fixture: the order and number of resources, the order of codings, which of
//! several keys of one type a resource came under, and how the offset of an instant is written. And a second reader:
//! resources that went through fhir-sdk's typed model give the same cards.

#![cfg(test)]

use chrono::{DateTime, FixedOffset, SecondsFormat};
use fhir_sdk::r4b::resources::Resource;
use serde_json::Value;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::case::Case;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, Target};
use spinal_mets_cds::domain::Site;
use std::path::Path;

/// Everything of an answer but its uuids.
fn told(target: &dyn Target, service: &str, body: &Value, case: &Case) -> Value {
    let reply = target.ask(service, "application/json", body.to_string().as_bytes(), case.told.now).unwrap();
    let mut answer = reply.body;
    without_uuids(&mut answer);
    answer
}

fn without_uuids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("uuid");
            members.values_mut().for_each(without_uuids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_uuids),
        _ => {}
    }
}

fn entries(body: &mut Value) -> impl Iterator<Item = &mut Vec<Value>> {
    body["prefetch"].as_object_mut().unwrap().values_mut().filter_map(|v| v.get_mut("entry")?.as_array_mut())
}

fn reversed(body: &mut Value) {
    entries(body).for_each(|entry| entry.reverse());
}

fn doubled(body: &mut Value) {
    entries(body).for_each(|entry| entry.extend(entry.clone()));
}

/// Moves every Observation to the last of the keys that hold Observations.
fn moved_to_another_key(body: &mut Value) {
    let prefetch = body["prefetch"].as_object_mut().unwrap();
    let keys: Vec<String> = prefetch
        .iter()
        .filter(|(key, value)| key.starts_with("observations") && value["resourceType"] == "Bundle")
        .map(|(key, _)| key.clone())
        .collect();
    let Some((last, others)) = keys.split_last() else { return };
    let mut moved: Vec<Value> = Vec::new();
    for key in others {
        // A count of what is no longer there would say that something is withheld.
        prefetch[key].as_object_mut().unwrap().remove("total");
        if let Some(entry) = prefetch[key].get_mut("entry").and_then(Value::as_array_mut) {
            moved.append(entry);
        }
    }
    let bundle = prefetch[last].as_object_mut().unwrap();
    bundle.entry("entry").or_insert_with(|| Value::Array(Vec::new())).as_array_mut().unwrap().extend(moved);
}

fn codings_reversed(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if key == "coding"
                    && let Some(codings) = member.as_array_mut()
                {
                    codings.reverse();
                }
                codings_reversed(member);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(codings_reversed),
        _ => {}
    }
}

/// Writes every instant with another offset. Drafts stay: an update gives them back as they came.
fn zones_moved(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(zones_moved),
        Value::Array(items) => items.iter_mut().for_each(zones_moved),
        Value::String(text) if text.len() >= 20 => {
            if let Ok(at) = DateTime::parse_from_rfc3339(text) {
                let offset = FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
                *text = at.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, false);
            }
        }
        _ => {}
    }
}

/// Every resource through the typed reader and back; one that the typed model rejects stays as it was.
fn through_the_second_reader(body: &mut Value, read: &mut usize, rejected: &mut usize) {
    for entry in entries(body).flatten() {
        match serde_json::from_value::<Resource>(entry["resource"].clone()) {
            Ok(resource) => {
                *read += 1;
                entry["resource"] = serde_json::to_value(&resource).unwrap();
            }
            Err(_) => *rejected += 1,
        }
    }
}

/// Every case that is asked through prefetch, with its request.
fn each_case(mut check: impl FnMut(&Case, &dyn Target, &str, &Value)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let mut asked = 0;
    for case in find(&[folder]).cases.iter().filter(|c| !c.is_hostile()) {
        let own;
        let target: &dyn Target = match &case.told.facility {
            Some(facility) => {
                own = InProcessTarget::new(facility.site()).unwrap();
                &own
            }
            None => &plain,
        };
        let request = build(&case.told, CaseBundle::load(&case.folder).unwrap(), target.offered()).unwrap();
        check(case, target, &request.service, &request.body);
        asked += 1;
    }
    assert!(asked > 500, "only {asked} cases");
}

#[test]
fn order_number_and_spelling_of_the_data_change_nothing() {
    type Change = (&'static str, fn(&mut Value));
    let changes: [Change; 5] = [
        ("reversed", reversed),
        ("doubled", doubled),
        ("moved to another key", moved_to_another_key),
        ("codings reversed", |body| codings_reversed(&mut body["prefetch"])),
        ("instants in another zone", |body| zones_moved(&mut body["prefetch"])),
    ];
    let mut differences = Vec::new();
    each_case(|case, target, service, body| {
        let plain = told(target, service, body, case);
        for (name, change) in changes {
            let mut changed = body.clone();
            change(&mut changed);
            if told(target, service, &changed, case) != plain {
                differences.push(format!("{}: {name}", case.name));
            }
        }
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn resources_from_a_typed_reader_give_the_same_cards() {
    let (mut read, mut rejected) = (0, 0);
    let mut differences = Vec::new();
    each_case(|case, target, service, body| {
        let mut typed = body.clone();
        through_the_second_reader(&mut typed, &mut read, &mut rejected);
        if told(target, service, &typed, case) != told(target, service, body, case) {
            differences.push(case.name.clone());
        }
    });
    assert!(read > 1_000, "only {read} resources went through the typed reader, {rejected} were rejected");
    assert!(differences.is_empty(), "{read} read, {rejected} rejected\n{}", differences.join("\n"));
}
