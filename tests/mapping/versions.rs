//! Several versions of one resource: the newest counts, whatever the order of arrival.

use crate::helpers::*;
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

/// A version of one Condition, told by its code.
fn version(icd: &str, meta: Value) -> Value {
    with(condition(ICD, icd), json!({"meta": meta}))
}

/// The signs that are read of some versions in every order that turning and reversing gives, which must be the same.
fn signs(versions: &[Value]) -> (Vec<Sign>, usize) {
    let mut all = Vec::new();
    for turn in 0..versions.len() {
        let mut order = versions.to_vec();
        order.rotate_left(turn);
        for order in [order.clone(), order.into_iter().rev().collect()] {
            let read = reading(&order, &[]);
            let signs: Vec<Sign> = read.facts.signs.iter().map(|record| record.sign).collect();
            all.push((signs, read.undecided.len(), kinds(&read)));
        }
    }
    let first = all[0].clone();
    assert!(all.iter().all(|other| *other == first), "{all:?}");
    (first.0, first.1)
}

const PAIN: &str = "M54.5";
const RADICULAR: &str = "M54.16";
const CAUDA: &str = "G83.4";

#[test]
fn the_newest_of_several_versions_counts() {
    let at = |time: &str| json!({"lastUpdated": time});
    let number = |number: &str| json!({"versionId": number});
    let cases = [
        // By time, whatever the number says.
        (
            vec![version(PAIN, at("2026-05-03T09:00:00Z")), version(CAUDA, at("2026-05-04T09:00:00Z"))],
            Sign::CaudaEquina,
        ),
        (
            vec![version(PAIN, at("2026-05-04T09:00:00+02:00")), version(CAUDA, at("2026-05-04T06:30:00Z"))],
            Sign::BackPain,
        ),
        (
            vec![
                version(PAIN, json!({"lastUpdated": "2026-05-03T09:00:00Z", "versionId": "9"})),
                version(CAUDA, json!({"lastUpdated": "2026-05-04T09:00:00Z", "versionId": "2"})),
            ],
            Sign::CaudaEquina,
        ),
        // By number, where one of both has no time or both have the same.
        (
            vec![version(PAIN, number("9")), version(CAUDA, number("10")), version(RADICULAR, number("2"))],
            Sign::CaudaEquina,
        ),
        (
            vec![
                version(PAIN, json!({"lastUpdated": "2026-05-03T09:00:00Z", "versionId": "1"})),
                version(CAUDA, number("2")),
            ],
            Sign::CaudaEquina,
        ),
        (
            vec![
                version(PAIN, json!({"lastUpdated": "2026-05-03T09:00:00Z", "versionId": "3"})),
                version(CAUDA, json!({"lastUpdated": "2026-05-03T09:00:00Z", "versionId": "4"})),
            ],
            Sign::CaudaEquina,
        ),
    ];
    for (versions, expected) in cases {
        assert_eq!(signs(&versions), (vec![expected], 0), "{versions:?}");
    }
    let read = reading(&[version(PAIN, number("1")), version(CAUDA, number("2"))], &[]);
    assert_eq!(kinds(&read), [NoteKind::OlderVersion]);
}

#[test]
fn where_nothing_tells_the_newest_all_are_kept_and_told() {
    let none = || json!({});
    for versions in [
        vec![version(PAIN, none()), version(CAUDA, none())],
        vec![version(PAIN, json!({"versionId": "a"})), version(CAUDA, json!({"versionId": "b"}))],
        vec![
            version(PAIN, json!({"lastUpdated": "2026-05-03T09:00:00Z"})),
            version(CAUDA, json!({"versionId": "1"})),
        ],
        // Time and number contradict each other in a circle.
        vec![
            version(PAIN, json!({"lastUpdated": "2026-05-03T09:00:00Z", "versionId": "5"})),
            version(CAUDA, json!({"lastUpdated": "2026-05-04T09:00:00Z", "versionId": "3"})),
            version(RADICULAR, json!({"versionId": "4"})),
        ],
    ] {
        let (found, undecided) = signs(&versions);
        assert_eq!((found.len(), undecided), (versions.len(), 1), "{versions:?}");
    }
    let read = reading(&[version(PAIN, none()), version(CAUDA, none())], &[]);
    assert_eq!(kinds(&read), [NoteKind::VersionsDisagree]);
}

#[test]
fn two_drafts_with_one_id_stay_two_orders_without_a_name() {
    let read = reading(&[], &[order(code(LOINC, "30854-4")), order(code(LOINC, "24968-0"))]);
    assert_eq!(read.facts.imaging_orders.len(), 2);
    assert!(read.facts.imaging_orders.iter().all(|order| order.evidence.reference == "ServiceRequest"));
}

#[test]
fn a_subject_that_is_written_twice_is_nobody() {
    let text = |subject: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"c","subject":{subject},"code":{{"coding":[{{"system":"{ICD}","code":"{CAUDA}"}}]}}}}"#
        )
    };
    for (subject, expected) in [
        (r#"{"reference":"Patient/1"}"#, 1),
        (r#"{"reference":"Patient/1","reference":"Patient/2"}"#, 0),
        (r#"{"reference":"Patient/2","reference":"Patient/1"}"#, 0),
        (r#"{"reference":"Patient/2"},"subject":{"reference":"Patient/1"}"#, 0),
    ] {
        let text = text(subject);
        let document = spinal_mets_cds::json::Document::parse(&text).unwrap();
        let chart = spinal_mets_cds::fhir::Chart {
            patient_id: "1",
            resources: vec![document.root()],
            ..spinal_mets_cds::fhir::Chart::default()
        };
        let read = spinal_mets_cds::fhir::read(&chart, value_sets(), &Site::default(), now());
        assert_eq!(read.facts.signs.len(), expected, "{subject}");
        assert_eq!(read.notes.is_empty(), expected == 1, "{subject}");
    }
}
