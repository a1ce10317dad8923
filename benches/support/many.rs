//! Many times the records of one call: each copy has names of its own and lies a little earlier than the one before it.

#![allow(clippy::unwrap_used, reason = "what is copied comes from a fixture; a surprise stops the program")]

use chrono::{DateTime, Duration, NaiveDate, SecondsFormat};
use serde_json::{Value, json};
use std::collections::HashSet;

/// A copy lies so much earlier than the one before it.
const APART: Duration = Duration::minutes(47);

/// The call with every record but the Patient so many times; its drafts and selections too.
pub(crate) fn many(call: &Value, copies: i32) -> Value {
    let mut call = call.clone();
    let named = names(&call);
    for value in call["prefetch"].as_object_mut().into_iter().flat_map(|keys| keys.values_mut()) {
        multiply(value, copies, &named);
    }
    if let Some(drafts) = call["context"].get_mut("draftOrders") {
        multiply(drafts, copies, &named);
    }
    if let Some(selections) = call["context"].get_mut("selections").and_then(Value::as_array_mut) {
        let once = std::mem::take(selections);
        selections.extend((0..copies).flat_map(|copy| once.iter().map(move |one| (copy, one))).map(
            |(copy, one)| {
                let mut one = one.clone();
                change(&mut one, copy, &named);
                one
            },
        ));
    }
    call
}

/// Every `Type/id` in the call, the Patient aside.
fn names(call: &Value) -> HashSet<String> {
    let mut found = HashSet::new();
    let bundles = call["prefetch"].as_object().into_iter().flat_map(|keys| keys.values());
    for entry in
        bundles.chain([&call["context"]["draftOrders"]]).filter_map(|it| it["entry"].as_array()).flatten()
    {
        let resource = &entry["resource"];
        if let (Some(kind), Some(id)) = (resource["resourceType"].as_str(), resource["id"].as_str()) {
            found.insert(format!("{kind}/{id}"));
        }
    }
    found
}

fn multiply(bundle: &mut Value, copies: i32, named: &HashSet<String>) {
    let Some(entries) = bundle.get_mut("entry").and_then(Value::as_array_mut) else { return };
    let once = std::mem::take(entries);
    for copy in 0..copies {
        for entry in &once {
            let mut entry = entry.clone();
            if let Some(id) = entry["resource"]["id"].as_str().map(str::to_owned) {
                entry["resource"]["id"] = json!(name(&id, copy));
            }
            change(&mut entry, copy, named);
            entries.push(entry);
        }
    }
    if bundle.get("total").is_some() {
        bundle["total"] = json!(bundle["entry"].as_array().unwrap().len());
    }
}

fn name(id: &str, copy: i32) -> String {
    if copy == 0 { id.to_owned() } else { format!("{id}-{copy}") }
}

/// Moves the times of a value and gives what it refers to the names of the copy.
fn change(value: &mut Value, copy: i32, named: &HashSet<String>) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| change(member, copy, named)),
        Value::Array(items) => items.iter_mut().for_each(|item| change(item, copy, named)),
        Value::String(text) => {
            if named.contains(text.as_str()) {
                *text = name(text, copy);
            } else if let Ok(at) = DateTime::parse_from_rfc3339(text) {
                *text = (at - APART * copy).to_rfc3339_opts(SecondsFormat::AutoSi, true);
            } else if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
                *text = (day - Duration::days((APART * copy).num_days())).to_string();
            }
        }
        _ => {}
    }
}
