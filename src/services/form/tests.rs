//! An answered form gives facts that read back as what was answered.

use super::*;
use crate::domain::{Facts, Site};
use crate::fhir::{Chart, ValueSets};
use crate::guideline::english::sins_standing;
use crate::json::Document;
use crate::services::{Author, Services};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;

fn now() -> DateTime<Utc> {
    "2026-05-04T10:00:00Z".parse().unwrap()
}

fn author() -> Author<'static> {
    Author { now: now(), patient_id: "p", encounter_id: None, user_id: Some("Practitioner/1") }
}

fn answers(given: &[(&str, &str)]) -> Answers {
    given.iter().map(|(question, value)| ((*question).to_owned(), (*value).to_owned())).collect()
}

fn filled(answers: &Answers) -> Filled {
    fill(answers, &Answers::new(), OfRecord::default(), author(), Tz::UTC)
}

/// What the service reads in resources.
fn read<T>(resources: &[String], look: impl Fn(&Facts) -> T) -> T {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let documents: Vec<Document<'_>> = resources.iter().map(|text| Document::parse(text).unwrap()).collect();
    let mut chart = Chart {
        patient_id: "p",
        resources: documents.iter().map(Document::root).collect(),
        ..Chart::default()
    };
    look(&services.read(&mut chart, now()).facts)
}

#[test]
fn every_answer_is_recorded_so_that_the_record_gives_it_back() {
    for question in all() {
        let names: BTreeSet<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
        assert!(names.len() == question.choices.len() && names.len() > 1, "{}", question.id);
        assert!(!question.facts.is_empty());
        if [LEVEL, LOCATION, SINCE].contains(&question.id.as_str()) {
            continue;
        }
        for choice in &question.choices {
            let given = answers(&[(&question.id, &choice.value), (LEVEL, "T8")]);
            let filled = filled(&given);
            assert!(!filled.new.is_empty(), "{}: {}", question.id, choice.value);
            assert!(filled.note.contains(&question.words) || choice.points.is_some(), "{}", filled.note);
            let resources: Vec<String> = filled.new.iter().map(|it| it.resource.get().to_owned()).collect();
            let found = read(&resources, known);
            // Of a finding that is denied the record shows no choice where several findings share the question.
            let shown = found.get(&question.id).map(|(value, _)| value.as_str());
            let denies = ["no", "normal"].contains(&&*choice.value)
                && ["weakness", "feeling", "bladder"].contains(&&*question.id);
            // And none of a sign that is wider than a choice.
            let wider = matches!(
                (&*question.id, &*choice.value),
                ("walks", "aided" | "cannot") | ("bladder", "bowel")
            );
            assert!(
                if wider || denies {
                    shown.is_none() || shown == Some(&choice.value)
                } else {
                    shown == Some(&choice.value)
                },
                "{}: {} gives {shown:?} of {resources:?}",
                question.id,
                choice.value
            );
        }
    }
}

#[test]
fn a_whole_score_has_a_total_and_its_level_and_part_of_one_has_none() {
    let mut given = answers(&[
        (LEVEL, "T8"),
        ("sins-pain", "3"),
        ("sins-lesion", "2"),
        ("sins-alignment", "0"),
        ("sins-collapse", "2"),
        ("sins-posterolateral", "1"),
    ]);
    let whole = filled(&given);
    assert_eq!((whole.sins.least, whole.sins.most, whole.location), (9, 9, Some(1)));
    let resource = whole.new[0].resource.get().to_owned();
    let (levels, total) = read(&[resource], |facts| (facts.sins[0].levels, facts.sins[0].total));
    assert_eq!((levels.iter().next().unwrap().to_string().as_str(), total), ("T8", Some(9)));
    given.remove("sins-pain");
    let part = filled(&given);
    assert_eq!((part.sins.least, part.sins.most), (6, 9));
    let total = read(&[part.new[0].resource.get().to_owned()], |facts| facts.sins[0].total);
    assert_eq!(total, None);
    assert_eq!(sins_standing(crate::domain::SinsParts::default(), crate::domain::Levels::NONE).top, 18);
}

#[test]
fn what_nobody_confirmed_counts_for_the_band_and_is_not_recorded() {
    let shown = answers(&[(LEVEL, "T8"), ("sins-pain", "3"), ("ecog", "1")]);
    let filled = fill(&Answers::new(), &shown, OfRecord::default(), author(), Tz::UTC);
    assert_eq!((filled.sins.least, filled.new.len(), &*filled.note), (4, 0, ""));
}

#[test]
fn what_began_earlier_is_a_condition_with_its_onset_and_an_onset_is_added_where_none_was_known() {
    let given = answers(&[("weakness", "left-leg"), (SINCE, "3"), ("walks", "unaided")]);
    let undated = [serde_json::json!({"resourceType": "Condition", "id": "c"})];
    let filled = fill(
        &given,
        &Answers::new(),
        OfRecord { undated: &undated, ..OfRecord::default() },
        author(),
        Tz::UTC,
    );
    let texts: Vec<&str> = filled.new.iter().map(|it| it.resource.get()).collect();
    assert!(
        texts[0].contains("\"Condition\"") && texts[0].contains("\"onsetDateTime\":\"2026-05-01\""),
        "{texts:?}"
    );
    assert!(texts[1].contains("\"Observation\"") && texts[1].contains("\"valueBoolean\":false"), "{texts:?}");
    assert_eq!(filled.changed[0]["onsetDateTime"], "2026-05-01");
}

#[test]
fn a_value_that_no_question_offers_counts_as_no_answer() {
    let odd =
        ["", " 1", "01", "+1", "-5", "99", "255", "100000000000000", "9223372036854775807", "yes!", "T99"];
    let given = answers(&[("weakness", "left-leg"), ("sins-pain", "3"), (LEVEL, "T8"), ("mirels-size", "1")]);
    let amount = |filled: &Filled| {
        let new: Vec<String> = filled.new.iter().map(|it| it.resource.get().to_owned()).collect();
        format!("{new:?} {} {:?} {:?} {:?}", filled.note, filled.location, filled.sins, filled.mirels)
    };
    let plain = amount(&filled(&given));
    for question in all().iter().filter(|question| !given.contains_key(&question.id)) {
        for value in odd.iter().filter(|value| question.choices.iter().all(|it| it.value != **value)) {
            let bad = answers(&[(&question.id, value)]);
            let mut with = given.clone();
            with.extend(bad.clone());
            assert_eq!(amount(&filled(&with)), plain, "{} {value}", question.id);
            let shown = fill(&given, &bad, OfRecord::default(), author(), Tz::UTC);
            assert_eq!(amount(&shown), plain, "{} {value} shown", question.id);
        }
    }
    for id in given.keys() {
        let nothing = filled(&answers(&[(id, "99"), (SINCE, "99")]));
        assert_eq!((nothing.new.len(), &*nothing.note), (0, ""), "{id}");
    }
}

#[test]
fn a_note_says_what_was_answered_and_not_how_it_was_asked() {
    let note = |given: &[(&str, &str)]| filled(&answers(given)).note;
    assert!(note(&[("karnofsky", "30")]).starts_with("Karnofsky: 30.\n"));
    for (value, words) in
        [("0", "Since: today"), ("3", "Present for 2–3 days"), ("8", "Present for more than 7 days")]
    {
        let note = note(&[("weakness", "left-leg"), (SINCE, value)]);
        assert!(note.starts_with(&format!("Weakness: left leg.\n{words}.\n")), "{note}");
    }
}
