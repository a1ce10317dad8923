//! How long an answer holds, to its last moment, and that no part of a card runs into the next.

use super::*;
use crate::domain::Site;
use crate::fhir::codes::ValueSets;
use crate::services::Services;
use serde_json::{Value, json};

fn answered() -> DateTime<Utc> {
    "2026-05-05T08:00:00Z".parse().unwrap()
}

#[test]
fn an_answer_holds_for_its_window_and_to_the_deadline_of_the_card() {
    let after = |time: TimeDelta| answered() + time;
    let day = TimeDelta::days;
    for (indicator, deadline, overdue, showing, window) in [
        (Indicator::Info, None, false, Showing::Hidden, day(30)),
        (Indicator::Info, Some(day(40)), false, Showing::Hidden, day(30)),
        (Indicator::Info, Some(day(3)), false, Showing::Hidden, day(3)),
        (Indicator::Warning, None, false, Showing::Hidden, day(7)),
        (Indicator::Warning, Some(day(14)), false, Showing::Hidden, day(7)),
        (Indicator::Warning, Some(day(2)), false, Showing::Hidden, day(2)),
        (Indicator::Warning, Some(day(-1)), true, Showing::Hidden, day(-1)),
        (Indicator::Critical, None, false, Showing::InShort, TimeDelta::hours(4)),
        (Indicator::Critical, Some(TimeDelta::hours(1)), false, Showing::InShort, TimeDelta::hours(1)),
        (Indicator::Critical, Some(TimeDelta::hours(-1)), true, Showing::InShort, TimeDelta::hours(4)),
    ] {
        let (shown, until) = end(indicator, deadline.map(after), overdue, answered());
        assert_eq!((shown, until), (showing, after(window)), "{indicator:?} {deadline:?} {overdue}");
    }
}

/// The published example, whose card is critical and whose deadline is a day away.
fn example(now: DateTime<Utc>, recalled: Option<DateTime<Utc>>) -> Value {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap().with_repeats(true);
    let text = include_bytes!("../../hooks/spinal-metastases-patient-view/request.json");
    let body = crate::cds_hooks::document(text).unwrap();
    let mut pending = services.begin("spinal-metastases-patient-view", &body, None).unwrap();
    let fetched = Default::default();
    let assessed = pending.assess_while(&fetched, now, &|| true).unwrap();
    let answer = assessed.write(&Recalled(vec![recalled])).unwrap();
    serde_json::to_value(&answer.response).unwrap()
}

#[test]
fn an_answer_holds_to_its_last_moment_and_not_beyond() {
    let ago = |now: DateTime<Utc>, by: TimeDelta| example(now, Some(now - by)).get("extension").cloned();
    let now = answered();
    let last = CRITICAL - TimeDelta::microseconds(1);
    assert_eq!(
        ago(now, last).unwrap()[EXTENSION],
        json!([{"code": "mri-within-24h", "showing": "in-short", "answered": "2026-05-05T04:00:00Z",
            "until": "2026-05-05T08:00:00Z"}])
    );
    assert_eq!(ago(now, CRITICAL), None);
    assert!(ago(now, TimeDelta::zero()).is_some());
    assert_eq!(ago(now, TimeDelta::microseconds(-1)), None, "a clock that was set hides nothing");
    assert_eq!(example(now, None).get("extension"), None);
}

#[test]
fn no_part_of_a_card_runs_into_the_next() {
    let key = IdKey::random();
    let about = |client, patient_id, orders| {
        let about = About { client, service: 0, fhir_server: None, patient_id, orders };
        let advice = crate::guideline::assess(
            &example_facts(),
            &Site::default(),
            answered(),
            crate::guideline::Occasion::PatientView,
        );
        likenesses(&advice, &about, &key).remove(0).digests
    };
    assert_eq!(about("ab", "c", &[]), about("ab", "c", &[]));
    assert_ne!(about("ab", "c", &[]), about("a", "bc", &[]));
    assert_ne!(about("a", "b", &["cd"]), about("a", "b", &["c", "d"]));
}

fn example_facts() -> crate::domain::Facts {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let text = include_bytes!("../../hooks/spinal-metastases-patient-view/request.json");
    services.call("spinal-metastases-patient-view", text, answered()).unwrap().facts
}
