//! What the fuzzers share: material from the fixtures, a mutator that knows JSON and FHIR, and what must hold of answers.
//!
//! The targets are the programs in `bin/`; `.ci/fuzz` builds and runs them. Absent on purpose: any decision of the service.
//! A check here must be something that the documents promise for every input, not what the code happens to do.

pub mod answer;
pub mod chart;
pub mod clients;
pub mod fixtures;
pub mod mutate;
pub mod random;
pub mod strict;
pub mod vocabulary;

use serde_json::Value;

/// The clock of nearly all fixtures, and of every fuzzed call that brings no other.
pub const NOW: &str = "2026-05-04T10:00:00Z";

/// One of `of` choices that depends on nothing but the input, so that a finding repeats itself.
pub fn choice(data: &[u8], of: u64) -> u64 {
    let hash = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) % of
}

/// The value without its uuids, which are new in each answer.
#[must_use]
pub fn without_uuids(mut value: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("uuid");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value
}
