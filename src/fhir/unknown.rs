//! Codes that nobody here knows, among what the guideline looks at first: problems, drugs and orders.
//!
//! Silence is right where a code means nothing here, and wrong where it was not understood; so both are told apart. A
//! CodeableConcept is not understood when none of its codings has a concept and its words name nothing.

use super::coded::Coded;
use super::codes::ValueSets;
use super::condition::in_words;
use super::left_out::is_left_out;
use super::note::{Note, NoteKind};
use super::reader::{Object, text};
use engine::domain::NotUnderstood;
use json::Json;

/// A code that nobody here knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownCode {
    /// The resource type.
    pub resource_type: String,
    /// The system as written; empty when there is none.
    pub system: String,
    /// The code; the text, where there is no code.
    pub code: String,
    /// The display or text.
    pub display: String,
}

/// The codes of one resource that nobody here knows; none for a resource that has a known one.
pub fn unknown_codes(raw: Json<'_>, value_sets: &ValueSets) -> Vec<UnknownCode> {
    let Some(object) = Object::read(raw) else { return Vec::new() };
    let Some(kind) = object.raw("resourceType").and_then(text) else { return Vec::new() };
    let element = match &*kind {
        "Condition" | "ServiceRequest" | "Procedure" | "Medication" => "code",
        "MedicationRequest" | "MedicationStatement" | "MedicationAdministration" => {
            "medicationCodeableConcept"
        }
        _ => return Vec::new(),
    };
    let Some(coded) = object.get(element).and_then(|raw| Coded::read(raw, value_sets)) else {
        return Vec::new();
    };
    let means_nothing = kind == "Condition" && is_left_out(&coded);
    if !coded.concepts.is_empty() || means_nothing || in_words(&coded).is_some() {
        return Vec::new();
    }
    let named = |system: &str, code: &str, display: &str| UnknownCode {
        resource_type: kind.clone().into_owned(),
        system: system.to_owned(),
        code: code.to_owned(),
        display: display.to_owned(),
    };
    let text = coded.text.as_deref().unwrap_or_default();
    let codings: Vec<UnknownCode> = coded
        .codings
        .iter()
        .filter_map(|coding| {
            let display = coding.display.as_deref().unwrap_or(text);
            Some(named(coding.system.as_deref().unwrap_or_default(), coding.code.as_deref()?, display))
        })
        .collect();
    if codings.is_empty() && !text.is_empty() { vec![named("", text, text)] } else { codings }
}

/// How many problems, drugs and orders were not understood, by the notes on them in the order of their places.
pub(super) fn count(notes: &[Note]) -> NotUnderstood {
    let mut count = NotUnderstood::default();
    let mut before = "";
    for note in notes.iter().filter(|note| note.kind == NoteKind::CodeNotKnown) {
        let place = note.place.as_str();
        if place == before {
            continue;
        }
        before = place;
        match place.split_once('/').map_or(place, |(kind, _)| kind) {
            "Condition" => count.problems += 1,
            "MedicationRequest" | "MedicationStatement" | "MedicationAdministration" => count.drugs += 1,
            "ServiceRequest" => count.orders += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    #[test]
    fn only_what_nobody_knows_is_listed() {
        let sets = ValueSets::built_in().unwrap();
        let codes = |text: &str| -> Vec<String> {
            let document = Document::parse(text).unwrap();
            unknown_codes(document.root(), &sets)
                .into_iter()
                .map(|c| format!("{}|{}", c.system, c.code))
                .collect()
        };
        for (text, expected) in [
            (
                r#"{"resourceType":"Condition","code":{"coding":[{"system":"s","code":"1","display":"x"}]}}"#,
                &["s|1"][..],
            ),
            (r#"{"resourceType":"Condition","code":{"text":"tennis elbow"}}"#, &["|tennis elbow"]),
            (r#"{"resourceType":"Condition","code":{"text":"back pain"}}"#, &[]),
            (
                r#"{"resourceType":"Condition","code":{"coding":[{"system":"s","code":"1"},
                   {"system":"http://snomed.info/sct","code":"161891005"}]}}"#,
                &[],
            ),
            (
                r#"{"resourceType":"MedicationRequest","medicationCodeableConcept":{"coding":[{"system":"m","code":"7"}]}}"#,
                &["m|7"],
            ),
            (
                r#"{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"103735009"}]}}"#,
                &[],
            ),
            (r#"{"resourceType":"Observation","code":{"coding":[{"system":"s","code":"1"}]}}"#, &[]),
            (r#"[1]"#, &[]),
        ] {
            assert_eq!(codes(text), expected, "{text}");
        }
    }
}
