//! Samples, written in the manner of other services, and what must be found in each: no more and no less.

use spinal_mets_cds::check::{Asked, Rule, check};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A sample, the request beside it, and its findings: how binding, row, place.
type Sample = (&'static str, Option<&'static str>, &'static [&'static str]);

const SAMPLES: &[Sample] = &[
    ("pama.json", Some("pama-request.json"), &[]),
    ("opioid.json", None, &[]),
    ("greeting.json", None, &[]),
    ("vaccines.json", None, &[]),
    ("discovery.json", None, &[]),
    ("feedback.json", None, &[]),
    (
        "pama-faults.json",
        Some("pama-request.json"),
        &[
            "must C-9 /cards/0/source/topic",
            "should S-10 /cards/0/suggestions/0/actions/0/resource",
            "should S-11 /cards/0/suggestions/0/actions/1/resourceId",
            "should S-9 /cards/0/suggestions/0/actions/2/resourceId",
            "should S-12 /cards/0/suggestions/1/actions/0/resource",
            "should J-5 /cards/0/suggestions/1/actions/0/resource/note",
            "should L-2 /cards/0/links/0/url",
            "should A-2 /systemActions/0",
            "must S-6 /systemActions/0/type",
            "should S-9 /systemActions/1/resource",
        ],
    ),
    (
        "opioid-faults.json",
        None,
        &[
            "must C-11 /cards/0",
            "must C-2 /cards/0/summary",
            "should C-3 /cards/0/detail",
            "must C-4 /cards/0/indicator",
            "must C-7 /cards/0/source/url",
            "must S-8 /cards/0/suggestions/0/actions/0/resource",
            "must O-2 /cards/0/overrideReasons/0",
            "must L-3 /cards/0/links/0/type",
            "should L-2 /cards/0/links/1/url",
            "must L-4 /cards/0/links/1/appContext",
            "must J-4 /systemActions",
        ],
    ),
    (
        "greeting-faults.json",
        None,
        &[
            "should C-1 /cards/0",
            "must C-2 /cards/0/summary",
            "must J-2 /cards/0/detail",
            "must C-4 /cards/0/indicator",
            "must C-6 /cards/0/source",
            "should EXT-1 /cards/0/source/name",
            "should EXT-1 /cards/0/selection_behavior",
            "must EXT-2 /cards/0/extension",
            "should C-1 /cards/1/uuid",
            "should C-2 /cards/1/summary",
            "must J-1 /cards/1/indicator",
            "must J-3 /cards/1/source/label",
            "must J-3 /cards/1/suggestions",
            "should EXT-3 /cards/1/extension/mood",
            "must RS-1 /cards/2",
            "should EXT-1 /prefetchUsed",
        ],
    ),
    (
        "vaccines-faults.json",
        None,
        &[
            "should C-1 /cards/0/uuid",
            "should C-11 /cards/0/selectionBehavior",
            "should C-13 /cards/1",
            "must C-3 /cards/1/detail",
            "must C-5 /cards/1/source",
            "must S-7 /cards/1/suggestions/0/actions/0",
            "must S-8 /cards/1/suggestions/0/actions/1",
            "must S-9 /cards/1/suggestions/0/actions/2/resource",
            "should S-10 /cards/1/suggestions/0/actions/3/resourceId",
            "must S-2 /cards/1/suggestions/1/uuid",
            "must S-3 /cards/1/suggestions/1/isRecommended",
            "should S-13 /cards/1/suggestions/1/actionSelectionBehavior",
            "must S-1 /cards/1/suggestions/2",
            "should S-2 /cards/1/suggestions/2",
            "should EXT-1 /cards/1/suggestions/2/text",
            "must S-3 /cards/1/suggestions",
            "should O-4 /cards/1/overrideReasons/1",
            "must L-2 /cards/1/links/0/url",
            "must L-5 /cards/1/links/0/autolaunchable",
        ],
    ),
    (
        "discovery-faults.json",
        None,
        &[
            "should D-7 /services/0",
            "should D-4 /services/0/hook",
            "must D-5 /services/0/id",
            "must J-3 /services/0/description",
            "must P-3 /services/0/prefetch/patient",
            "must P-1 /services/0/prefetch/all",
            "should EXT-1 /services/1/name",
            "must D-9 /services/1/usageRequirements",
            "should P-7 /services/1/prefetch/orders",
            "must P-4 /services/1/prefetch/draft",
            "must P-4 /services/1/prefetch/visit",
            "must P-5 /services/1/prefetch/user",
            "should P-11 /services/1/prefetch/labs",
            "should P-10 /services/1/prefetch/labs",
            "must P-1 /services/1/prefetch/everything",
            "must P-2 /services/1/prefetch/broken",
            "must D-8 /services/1/prefetch/count",
            "must D-12 /services/2/id",
            "should D-10 /services/2/version",
            "must D-4 /services/3",
            "must D-7 /services/3/title",
            "must J-3 /services/3/prefetch",
        ],
    ),
    (
        "feedback-faults.json",
        None,
        &[
            "must FB-5 /feedback/0",
            "should FB-3 /feedback/0/card",
            "must FB-7 /feedback/0/outcomeTimestamp",
            "must FB-3 /feedback/1/card",
            "must FB-4 /feedback/1/outcome",
            "must FB-6 /feedback/1/overrideReason",
            "should FB-7 /feedback/1/outcomeTimestamp",
            "must FB-3 /feedback/2",
            "must FB-7 /feedback/2",
            "should FB-5 /feedback/2/acceptedSuggestions",
            "must FB-5 /feedback/2/acceptedSuggestions/0",
            "should EXT-1 /feedback/2/acceptedSuggestions/0/uuid",
            "must FB-6 /feedback/2/overrideReason/reason",
            "should EXT-1 /feedback/2/overrideReason/comment",
            "should FB-6 /feedback/3/overrideReason",
            "should FB-6 /feedback/3/overrideReason",
        ],
    ),
];

/// Small documents, each with what is found in it.
const SMALL: &[(&str, &[&str])] = &[
    (r#"{"cards":[]}"#, &[]),
    (r#"{"services":[]}"#, &[]),
    (r#"{"systemActions":[]}"#, &["must RS-1 ", "must J-4 /systemActions"]),
    (r#"{"cards":{"summary":"x"}}"#, &["must RS-1 /cards"]),
    (r#"{"cards":[{}]}"#, &["must J-3 /cards/0"]),
    (r#"{"cards":[],"systemActions":{"type":"create"}}"#, &["must A-1 /systemActions"]),
    (r#"{"services":{"id":"x"}}"#, &["must D-2 /services"]),
    (r#"{"feedback":[]}"#, &["should FB-2 /feedback"]),
    (r#"{"feedback":{"card":"x"}}"#, &["must FB-2 /feedback"]),
    (
        r#"{"cards":[{"uuid":1,"summary":"x","indicator":"info",
            "source":{"label":"x","url":"http://example.org","icon":"icon.png"},
            "suggestions":{"label":"x"},"selectionBehavior":"one","overrideReasons":{},"links":{"label":"x"}}]}"#,
        &[
            "must C-1 /cards/0/uuid",
            "should C-7 /cards/0/source/url",
            "must C-8 /cards/0/source/icon",
            "must C-10 /cards/0/suggestions",
            "must C-11 /cards/0/selectionBehavior",
            "must J-3 /cards/0/overrideReasons",
            "must C-12 /cards/0/links",
        ],
    ),
    (
        r#"{"cards":[{"uuid":"1f0b9a52-6f0d-4a39-8a6e-2d4d9c7a1b10","summary":"x","indicator":"info",
            "source":{"label":"x"},
            "suggestions":[{"label":"x","uuid":"x","actions":{"type":"create"}}],"selectionBehavior":"any",
            "links":[{"url":"https://example.org","type":"absolute"}]}]}"#,
        &[
            "should S-2 /cards/0/suggestions/0/uuid",
            "must S-4 /cards/0/suggestions/0/actions",
            "must L-1 /cards/0/links/0",
        ],
    ),
    (
        r#"{"services":[{"hook":"patient-view","id":"x","title":"x","hookVersion":1,"prefetch":{
            "a":"Observation?subject.name=x","b":"Organization/{{%c.id}}"}}]}"#,
        &[
            "must D-6 /services/0",
            "should D-11 /services/0/hookVersion",
            "should P-9 /services/0/prefetch/a",
            "should D-13 /services/0/prefetch/b",
            "should P-7 /services/0/prefetch/b",
        ],
    ),
];

/// Rules that no sample breaks, because they are about bytes or length (`bytes`, `command`, the tests beside templates).
const ELSEWHERE: [Rule; 8] = [
    Rule::NotUtf8,
    Rule::ByteOrderMark,
    Rule::NotJson,
    Rule::NoCharacter,
    Rule::TooDeep,
    Rule::MediaType,
    Rule::PlainHttp,
    Rule::LongTemplate,
];

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_response/samples")
}

pub(crate) fn sample(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

/// What is found, in the form of the table, and the rules that it breaks.
pub(crate) fn found(bytes: &[u8], asked: Option<&Asked>) -> (Vec<String>, Vec<Rule>) {
    let report = check(bytes, None, asked).unwrap();
    let told = report.findings.told();
    let line = |it: &spinal_mets_cds::check::Finding| {
        format!("{} {} {}", it.rule.severity(), it.rule.row(), it.place)
    };
    (told.iter().map(line).collect(), told.iter().map(|it| it.rule).collect())
}

fn sorted<S: ToString>(lines: &[S]) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(S::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn every_planted_fault_is_found_and_nothing_else_and_every_rule_is_broken_somewhere() {
    let mut broken: HashSet<Rule> = ELSEWHERE.into();
    let mut wrong = Vec::new();
    let mut compare = |name: &str, bytes: &[u8], asked: Option<&Asked>, expected: &[&str]| {
        let (found, rules) = found(bytes, asked);
        broken.extend(rules);
        let (found, expected) = (sorted(&found), sorted(expected));
        wrong
            .extend(found.iter().filter(|it| !expected.contains(it)).map(|it| format!("{name}: found {it}")));
        wrong.extend(
            expected.iter().filter(|it| !found.contains(it)).map(|it| format!("{name}: missed {it}")),
        );
        if found.len() != expected.len() {
            wrong.push(format!("{name}: {} findings, {} expected", found.len(), expected.len()));
        }
    };
    for (name, request, expected) in SAMPLES {
        let asked = request.map(|it| Asked::read(&sample(it)).unwrap());
        compare(name, &sample(name), asked.as_ref(), expected);
    }
    for (text, expected) in SMALL {
        compare(text, text.as_bytes(), None, expected);
    }
    wrong.extend(
        Rule::ALL.iter().filter(|it| !broken.contains(it)).map(|it| format!("{it:?} is never broken")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_sample_is_in_the_table() {
    let named: HashSet<&str> =
        SAMPLES.iter().flat_map(|(name, request, _)| [Some(*name), *request]).flatten().collect();
    for file in fs::read_dir(folder()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(named.contains(&*name), "{name}");
    }
}

#[test]
fn a_misspelt_name_is_told_with_the_right_one() {
    for (text, near) in [
        (r#"{"cards":[{"sumary":"x"}]}"#, "`summary`"),
        (r#"{"cards":[{"selection_behavior":"any"}]}"#, "`selectionBehavior`"),
        (r#"{"cards":[{"indicator":"Critical"}]}"#, "`critical`"),
        (r#"{"services":[{"hook":"order_select"}]}"#, "`order-select`"),
        (
            r#"{"services":[{"hook":"order-sign","prefetch":{"a":"Patient/{{context.patientID}}"}}]}"#,
            "`context.patientId`",
        ),
    ] {
        let report = check(text.as_bytes(), None, None).unwrap();
        let told: Vec<&str> = report.findings.told().iter().map(|it| it.problem.as_str()).collect();
        assert!(told.iter().any(|it| it.contains(near)), "{text}: {told:?}");
    }
    let error = check(br#"{"card":[]}"#, None, None).unwrap_err().to_string();
    assert!(error.contains("did you mean `cards`?"), "{error}");
}
