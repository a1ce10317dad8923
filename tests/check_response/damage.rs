//! Damage at every place of a good document: a member is left out, null, empty, of another type, written twice, far too long.
//! Whatever is done, something is found where it was done, and nothing ends the program.

use super::samples::sample;
use proptest::prelude::*;
use serde_json::{Value, json};
use spinal_mets_cds::check::{Finding, Kind, check};

const DOCUMENTS: [(&str, Kind); 4] = [
    ("opioid.json", Kind::Answer),
    ("vaccines.json", Kind::Answer),
    ("discovery.json", Kind::Discovery),
    ("feedback.json", Kind::Feedback),
];

/// What the specification requires, items of arrays as `*`. Written down once more: the program has its own list.
const REQUIRED: &[&str] = &[
    "/cards",
    "/cards/*/summary",
    "/cards/*/indicator",
    "/cards/*/source",
    "/cards/*/source/label",
    "/cards/*/source/topic/system",
    "/cards/*/source/topic/code",
    "/cards/*/selectionBehavior",
    "/cards/*/suggestions/*/label",
    "/cards/*/suggestions/*/actions/*/type",
    "/cards/*/suggestions/*/actions/*/description",
    "/cards/*/suggestions/*/actions/*/resource",
    "/cards/*/suggestions/*/actions/*/resource/resourceType",
    "/cards/*/overrideReasons/*/code",
    "/cards/*/overrideReasons/*/system",
    "/cards/*/overrideReasons/*/display",
    "/cards/*/links/*/label",
    "/cards/*/links/*/url",
    "/cards/*/links/*/type",
    "/services",
    "/services/*/hook",
    "/services/*/id",
    "/services/*/description",
    "/feedback",
    "/feedback/*/card",
    "/feedback/*/outcome",
    "/feedback/*/acceptedSuggestions",
    "/feedback/*/acceptedSuggestions/*/id",
    "/feedback/*/overrideReason/reason/code",
    "/feedback/*/overrideReason/reason/system",
    "/feedback/*/outcomeTimestamp",
];

fn documents() -> impl Iterator<Item = (Value, Kind)> {
    DOCUMENTS.iter().map(|(name, kind)| (serde_json::from_slice(&sample(name)).unwrap(), *kind))
}

/// Every place of a document but its top, as a pointer.
fn places(at: &str, value: &Value, all: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, it)| (i.to_string(), it)).collect(),
        _ => return,
    };
    for (step, value) in below {
        let place = format!("{at}/{step}");
        places(&place, value, all);
        all.push(place);
    }
}

fn all_places(document: &Value) -> Vec<String> {
    let mut all = Vec::new();
    places("", document, &mut all);
    all
}

/// The place with `*` for items.
fn pattern(place: &str) -> String {
    let part = |it: &str| if it.parse::<usize>().is_ok() { "*".to_owned() } else { it.to_owned() };
    place.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn parent(place: &str) -> &str {
    place.rsplit_once('/').unwrap().0
}

fn without(document: &Value, place: &str) -> Value {
    let mut document = document.clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => panic!("{place}"),
    }
    document
}

fn with(document: &Value, place: &str, value: Value) -> Value {
    let mut document = document.clone();
    *document.pointer_mut(place).unwrap() = value;
    document
}

fn findings(document: &Value, kind: Kind) -> Vec<Finding> {
    check(document.to_string().as_bytes(), Some(kind), None).unwrap().findings.told().to_vec()
}

/// Whether something is found at a place or below it.
fn is_found(findings: &[Finding], place: &str) -> bool {
    findings.iter().any(|it| it.place == place || it.place.starts_with(&format!("{place}/")))
}

/// What is no part of the protocol: extensions and resources have what members they like.
fn is_free(place: &str) -> bool {
    place.contains("/extension") || place.contains("/resource")
}

#[test]
fn the_documents_are_good_and_have_every_required_member() {
    let mut seen = Vec::new();
    for (document, kind) in documents() {
        assert_eq!(findings(&document, kind), [], "{document}");
        seen.extend(all_places(&document).iter().map(|it| pattern(it)));
    }
    for required in REQUIRED {
        assert!(seen.iter().any(|it| it == required), "no document has {required}");
    }
}

#[test]
fn a_required_member_that_is_missing_is_found() {
    let mut dropped = 0;
    for (document, kind) in documents() {
        for place in all_places(&document) {
            let found = findings(&without(&document, &place), kind);
            if REQUIRED.contains(&&*pattern(&place)) {
                assert!(is_found(&found, parent(&place)), "{place}: {found:?}");
                dropped += 1;
            }
        }
    }
    assert!(dropped > 60, "{dropped}");
}

#[test]
fn another_type_is_found_at_every_place_of_the_protocol() {
    let mut tried = 0;
    for (document, kind) in documents() {
        for place in all_places(&document) {
            for other in [json!(7), json!(true), json!("x y"), json!(["x y"]), json!({"x.y": 1})] {
                let before = document.pointer(&place).unwrap();
                let found = findings(&with(&document, &place, other.clone()), kind);
                let same_type = std::mem::discriminant(before) == std::mem::discriminant(&other);
                if !same_type && !is_free(&place) {
                    assert!(is_found(&found, &place), "{place} as {other}: {found:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 400, "{tried}");
}

#[test]
fn null_and_empty_values_are_found_at_every_place() {
    for (document, kind) in documents() {
        for place in all_places(&document) {
            for empty in [Value::Null, json!(""), json!([]), json!({})] {
                let is_list = ["/cards", "/services"].contains(&&*place) && empty.is_array();
                // FHIR keeps places with null in arrays.
                let keeps_place =
                    empty.is_null() && place.contains("/resource/") && place.ends_with(char::is_numeric);
                let found = findings(&with(&document, &place, empty.clone()), kind);
                if !is_list && !keeps_place {
                    assert!(is_found(&found, &place), "{place} as {empty}: {found:?}");
                }
            }
        }
    }
}

#[test]
fn a_name_that_comes_twice_is_found_at_every_place() {
    let mark = "a mark that stands nowhere else";
    for (document, kind) in documents() {
        for place in all_places(&document) {
            let (parent, name) = place.rsplit_once('/').unwrap();
            if document.pointer(parent).unwrap().is_array() {
                continue;
            }
            let value = document.pointer(&place).unwrap();
            let marked = with(&document, &place, json!(mark)).to_string();
            for second in [value.to_string(), "17".to_owned()] {
                let twice = format!("{value},{}:{second}", json!(name));
                let text = marked.replace(&json!(mark).to_string(), &twice);
                let report = check(text.as_bytes(), Some(kind), None).unwrap();
                let found = report.findings.told();
                assert!(
                    found.iter().any(|it| it.rule.row() == "J-1" && it.place == place),
                    "{place}: {found:?}"
                );
            }
        }
    }
}

#[test]
fn a_text_of_any_length_is_taken_and_a_long_summary_is_found() {
    let long = "é".repeat(100_000);
    for (document, kind) in documents() {
        for place in all_places(&document) {
            if document.pointer(&place).unwrap().is_string() {
                let found = findings(&with(&document, &place, json!(long)), kind);
                let is_summary = pattern(&place) == "/cards/*/summary";
                assert!(!is_summary || is_found(&found, &place), "{place}");
            }
        }
    }
    let summary = |length: usize| {
        let (document, kind) = documents().next().unwrap();
        findings(&with(&document, "/cards/0/summary", json!("é".repeat(length))), kind).len()
    };
    assert_eq!((summary(139), summary(140)), (0, 1));
}

/// Any JSON of the members that the protocol knows, in any places.
fn any_document() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "cards",
        "services",
        "feedback",
        "systemActions",
        "uuid",
        "summary",
        "source",
        "suggestions",
        "actions",
        "resource",
        "resourceId",
        "type",
        "links",
        "url",
        "prefetch",
        "hook",
        "id",
        "extension",
        "card",
        "outcome",
        "overrideReason",
        "resourceType",
        "acceptedSuggestions",
        "topic",
        "detail",
    ];
    const TEXTS: &[&str] = &[
        "",
        " ",
        "update",
        "delete",
        "create",
        "critical",
        "{{context.patientId}}",
        "{{",
        "}}",
        "{{%a}}",
        "Patient/{{x.",
        "<b>",
        "https://",
        "a/b",
        "Type/id",
        "order-select",
        "2026-05-04T09:30:12Z",
        "\u{1b}[2J",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 80, 6, move |inner| {
        let name = prop::sample::select(NAMES).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..6).prop_map(|it| it.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn documents_of_any_shape_are_judged(document in any_document()) {
        for kind in [None, Some(Kind::Answer), Some(Kind::Discovery), Some(Kind::Feedback)] {
            let judged = check(document.to_string().as_bytes(), kind, None);
            prop_assert!(judged.is_ok() || kind.is_none());
        }
    }
}
