//! What differs between two answers to one question.

use serde_json::Value;

/// Takes every `uuid` out of an answer: they are new each time.
pub(crate) fn without_uuids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("uuid");
            members.values_mut().for_each(without_uuids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_uuids),
        _ => {}
    }
}
