//! What came, sorted: absent, empty, failed, in part.

use super::*;
use crate::json::Document;

fn templates() -> Vec<Template> {
    let template = |key: &str, source, kind, essential| Template {
        key: key.to_owned(),
        source,
        kind,
        query: Some("unused".to_owned()),
        essential,
    };
    vec![
        template("patient", Source::Patient, Kind::Read, true),
        template("conditions", Source::Condition, Kind::Search, true),
        template("observations", Source::Observation, Kind::Search, false),
        template("observations-2", Source::Observation, Kind::Search, false),
    ]
}

/// Resources, unavailable, incomplete, missing and the kinds of notes, as one line.
fn told(patient: &str, conditions: &str, observations: &str, second: &str) -> String {
    let member = |key: &str, value: &str| match value {
        "" => String::new(),
        value => format!(r#""{key}":{value},"#),
    };
    let prefetch = format!(
        "{{{}{}{}{}\"surplus\":7}}",
        member("patient", patient),
        member("conditions", conditions),
        member("observations", observations),
        member("observations-2", second),
    );
    let document = Document::parse(&prefetch).unwrap();
    let object = Object::read(document.root()).unwrap();
    let templates = templates();
    let gathered = gather(&object, &templates);
    let notes: Vec<String> = gathered.notes.iter().map(ToString::to_string).collect();
    let Lacking { unavailable, incomplete } = gathered.lacking();
    let missing: Vec<String> = gathered.missing().into_iter().map(|it| it.key).collect();
    format!("{} {unavailable:?} {incomplete:?} {missing:?} {notes:?}", gathered.resources.len())
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"1"}"#;
const EMPTY: &str = r#"{"resourceType":"Bundle","type":"searchset","total":0}"#;
const FAILED: &str = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}"#;

#[test]
fn null_and_empty_are_answers() {
    let complete = "1 [] [] [] []";
    assert_eq!(told(PATIENT, EMPTY, "null", EMPTY), complete);
    assert_eq!(told(PATIENT, "null", r#"{"resourceType":"Bundle","entry":[]}"#, "null"), complete);
    assert_eq!(told("null", "null", "null", "null"), "0 [] [] [] []");
    assert_eq!(told(EMPTY, "null", "null", "null"), "0 [] [] [] []");
}

#[test]
fn what_is_absent_or_failed_is_unavailable_and_missing_when_essential() {
    assert_eq!(
        told("", "", "", ""),
        r#"0 [Patient, Condition, Observation] [] ["patient", "conditions"] []"#
    );
    assert_eq!(told(PATIENT, FAILED, EMPTY, EMPTY), r#"1 [Condition] [] ["conditions"] []"#);
    assert_eq!(told(PATIENT, EMPTY, FAILED, FAILED), "1 [Observation] [] [] []");
    let in_entry = format!(
        r#"{{"resourceType":"Bundle","entry":[{{"resource":{FAILED},"search":{{"mode":"outcome"}}}}]}}"#
    );
    assert_eq!(told(PATIENT, EMPTY, &in_entry, ""), "1 [Observation] [] [] []");
}

#[test]
fn one_failed_key_makes_the_kind_incomplete_and_the_other_is_used() {
    let one = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation"}}]}"#;
    assert_eq!(told(PATIENT, EMPTY, one, ""), "2 [] [Observation] [] []");
    assert_eq!(told(PATIENT, EMPTY, FAILED, EMPTY), "1 [] [Observation] [] []");
}

#[test]
fn only_errors_beside_entries_fail() {
    let with = |severity: &str| {
        format!(
            r#"{{"resourceType":"Bundle","entry":[{{"resource":{{"resourceType":"Observation"}}}},
            {{"search":{{"mode":"outcome"}},"resource":{{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}"}}]}}}}]}}"#
        )
    };
    for harmless in ["warning", "information"] {
        assert_eq!(told(PATIENT, EMPTY, &with(harmless), EMPTY), "2 [] [] [] []");
    }
    for failure in ["error", "fatal", "unheard-of"] {
        assert_eq!(told(PATIENT, EMPTY, &with(failure), ""), "2 [Observation] [] [] []");
    }
}

#[test]
fn a_wrong_shape_counts_as_absent() {
    for wrong in
        ["[]", "{}", "\"<html>\"", "7", "true", r#"{"resource":{"resourceType":"Bundle"},"response":{}}"#]
    {
        assert_eq!(
            told(wrong, wrong, EMPTY, EMPTY),
            r#"0 [Patient, Condition] [] ["patient", "conditions"] ["patient: prefetch-shape", "conditions: prefetch-shape"]"#,
            "{wrong}"
        );
    }
    let bundled = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{PATIENT}}}]}}"#);
    assert_eq!(
        told(&bundled, EMPTY, EMPTY, EMPTY),
        r#"0 [Patient] [] ["patient"] ["patient: prefetch-shape"]"#
    );
    let entry = r#"{"resourceType":"Bundle","entry":{"resource":{}}}"#;
    assert_eq!(
        told(PATIENT, EMPTY, entry, EMPTY),
        r#"1 [] [Observation] [] ["observations.entry: prefetch-shape"]"#
    );
    let single = r#"{"resourceType":"Condition"}"#;
    assert_eq!(
        told(PATIENT, single, EMPTY, EMPTY),
        r#"1 [Condition] [] ["conditions"] ["conditions: prefetch-shape"]"#
    );
}

#[test]
fn what_is_not_asked_for_is_not_missing_and_is_read_where_it_comes() {
    let mut templates = templates();
    templates.iter_mut().skip(2).for_each(|template| template.query = None);
    let gathered = |observations: &str| {
        let document = format!(r#"{{"patient":{PATIENT},"conditions":null{observations}}}"#);
        let document = Document::parse(&document).unwrap();
        let gathered = gather(&Object::read(document.root()).unwrap(), &templates);
        (gathered.keys.len(), gathered.resources.len(), gathered.lacking(), gathered.notes.len())
    };
    assert_eq!(gathered(""), (2, 1, Lacking::default(), 0));
    assert_eq!(gathered(&format!(r#","observations":{FAILED}"#)), (2, 1, Lacking::default(), 0));
    assert_eq!(gathered(r#","observations":5"#), (2, 1, Lacking::default(), 1));
    let one =
        r#","observations":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation"}}]}"#;
    assert_eq!(gathered(one), (3, 2, Lacking::default(), 0));
}

#[test]
fn a_next_link_makes_the_kind_incomplete() {
    let paged = r#"{"resourceType":"Bundle","link":[7,{"relation":"self"},{"relation":"next","url":"x"}],
        "entry":[{"resource":{"resourceType":"Observation"}}]}"#;
    assert_eq!(told(PATIENT, EMPTY, EMPTY, paged), "2 [] [Observation] [] []");
    let nothing_yet = r#"{"resourceType":"Bundle","link":[{"relation":"next","url":"x"}]}"#;
    assert_eq!(told(PATIENT, nothing_yet, EMPTY, EMPTY), r#"1 [Condition] [] ["conditions"] []"#);
}

#[test]
fn somebody_elses_patient_is_none_and_one_without_an_id_passes() {
    for (sent, missing) in [
        (PATIENT, ""),
        (r#"{"resourceType":"Patient"}"#, ""),
        ("null", ""),
        (r#"{"resourceType":"Patient","id":"2"}"#, "patient"),
    ] {
        let document = format!(r#"{{"patient":{sent},"conditions":null}}"#);
        let document = Document::parse(&document).unwrap();
        let templates = templates();
        let mut gathered = gather(&Object::read(document.root()).unwrap(), &templates);
        gathered.check_patient("1");
        let keys: Vec<String> = gathered.missing().iter().map(ToString::to_string).collect();
        assert_eq!(keys.is_empty(), missing.is_empty(), "{sent}: {keys:?}");
        assert!(keys.iter().all(|key| key.starts_with("patient (the Patient that came is not")), "{keys:?}");
    }
}

#[test]
fn an_empty_last_page_takes_nothing_back_and_a_count_of_nothing_sent_is_no_answer() {
    let (templates, nothing) = (templates(), Object::default());
    let page = |entries: &str| {
        Document::of(format!(r#"{{"resourceType":"Bundle","total":1,"entry":[{entries}]}}"#)).unwrap()
    };
    let one = r#"{"resource":{"resourceType":"Condition"}}"#;
    for (pages, outcome) in [([one, ""], Outcome::Fetched), (["", ""], Outcome::Failed)] {
        let fetched = Fetched { pages: pages.map(page).into(), ended: Ended::Fully };
        let mut gathered = gather(&nothing, &templates);
        gathered.add(1, &fetched);
        assert_eq!(gathered.keys[1].outcome, outcome, "{pages:?}");
    }
}

#[test]
fn empty_pages_before_a_failure_are_no_answer() {
    let (templates, nothing) = (templates(), Object::default());
    let page = |entries: &str| Document::of(format!(r#"{{"resourceType":"Bundle","entry":[{entries}]}}"#));
    let one = r#"{"resource":{"resourceType":"Condition"}}"#;
    for (entries, ended, outcome) in [
        ("", Ended::Fully, Outcome::Fetched),
        ("", Ended::TimedOut, Outcome::TimedOut),
        ("", Ended::Refused, Outcome::Refused),
        ("", Ended::Failed, Outcome::Failed),
        (one, Ended::Failed, Outcome::Truncated),
    ] {
        let fetched = Fetched { pages: vec![page(entries).unwrap()], ended };
        let mut gathered = gather(&nothing, &templates);
        gathered.add(1, &fetched);
        assert_eq!(gathered.keys[1].outcome, outcome, "{entries} {ended:?}");
    }
}

#[test]
fn a_bundle_of_rubbish_does_not_flood_the_notes() {
    let rubbish = format!(r#"{{"resourceType":"Bundle","entry":[{}0]}}"#, "0,".repeat(50_000));
    let object = format!(r#"{{"conditions":{rubbish}}}"#);
    let document = Document::parse(&object).unwrap();
    let object = Object::read(document.root()).unwrap();
    assert_eq!(gather(&object, &templates()).notes.len(), MOST_NOTES);
}

#[test]
fn nothing_but_rubbish_is_no_answer() {
    let rubbish = r#"{"resourceType":"Bundle","entry":[null,5,{},{"resource":"x"}]}"#;
    for none in
        [r#"{"resourceType":"Bundle","total":12}"#, r#"{"resourceType":"Bundle","entry":[{"fullUrl":"x"}]}"#]
    {
        assert_eq!(told(PATIENT, none, EMPTY, EMPTY), r#"1 [Condition] [] ["conditions"] []"#);
    }
    let told = told(PATIENT, rubbish, EMPTY, EMPTY);
    assert!(told.starts_with(r#"1 [Condition] [] ["conditions"]"#), "{told}");
}

#[test]
fn odd_entries_are_noted_one_by_one() {
    let odd = r#"{"resourceType":"Bundle","entry":[null,7,{},{"resource":null},{"fullUrl":"x"},
        {"search":{"mode":"outcome"},"resource":{"resourceType":"Observation"}},
        {"resource":{"resourceType":"Observation","note":"OperationOutcome"}}]}"#;
    assert_eq!(
        told(PATIENT, EMPTY, odd, EMPTY),
        "2 [] [Observation] [] [\"observations.entry[0]: malformed-resource\", \"observations.entry[1]: malformed-resource\", \
         \"observations.entry[5].search.mode: malformed-element\"]"
    );
}
