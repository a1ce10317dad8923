//! Whatever a FHIR server does, the call ends in a right answer or in one that says what is missing (F-12, PERF-1).

use super::helpers::{Setup, VIEW, assert_missing, bundle, cards, count, details, take_out, view_call};
use crate::support::stub::{Reply, Stub};
use serde_json::json;
use spinal_mets_cds::services::Outcome;
use std::time::Duration;

/// Longer than a loopback server needs, short enough to wait for.
const SHORT: Duration = Duration::from_secs(4);

fn fhir(status: u16) -> Reply {
    let outcome = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]}"#;
    Reply::Plain(status, &[("content-type", "application/fhir+json")], outcome.to_owned())
}

/// Every way of misbehaving, and what it amounts to.
fn misbehaviours() -> Vec<(&'static str, Reply, Outcome)> {
    let html = "<!doctype html><title>Sign in</title>".to_owned();
    let huge = format!(r#"{{"resourceType":"Bundle","x":"{}"}}"#, "x".repeat(6 * 1024 * 1024));
    let empty = r#"{"resourceType":"Bundle","type":"searchset"}"#.to_owned();
    let r3: &[(&str, &str)] = &[("content-type", "application/fhir+json; fhirVersion=3.0")];
    let r4: &[(&str, &str)] = &[("content-type", "text/html")];
    let large = bundle(&[json!({"resourceType": "Observation", "id": "x"})]);
    vec![
        ("401", fhir(401), Outcome::Refused),
        ("403", fhir(403), Outcome::Refused),
        ("400", fhir(400), Outcome::Failed),
        ("404", fhir(404), Outcome::Failed),
        ("410", fhir(410), Outcome::Failed),
        ("429", fhir(429), Outcome::Failed),
        ("500", fhir(500), Outcome::Failed),
        ("503", fhir(503), Outcome::Failed),
        ("304", Reply::Plain(304, &[], String::new()), Outcome::Failed),
        ("204", Reply::Plain(204, &[], String::new()), Outcome::Failed),
        ("outcome with 200", fhir(200), Outcome::Failed),
        ("a page of HTML", Reply::Plain(200, r4, html), Outcome::Failed),
        ("no JSON", Reply::Plain(200, &[], "{\"resourceType\":".to_owned()), Outcome::Failed),
        ("no UTF-8 text", Reply::Plain(200, &[], "\u{1}".to_owned()), Outcome::Failed),
        ("null", Reply::Json(json!(null)), Outcome::Failed),
        ("a list", Reply::Json(json!([])), Outcome::Failed),
        ("another resource", Reply::Json(json!({"resourceType": "Observation"})), Outcome::Failed),
        ("a bundle of rubbish", Reply::Json(bundle(&[json!(7), json!("x")])), Outcome::Failed),
        (
            "an error entry",
            Reply::Json(bundle(&[json!({"resourceType": "OperationOutcome"})])),
            Outcome::Failed,
        ),
        ("FHIR STU3", Reply::Plain(200, r3, empty), Outcome::Failed),
        ("over the limit", Reply::Plain(200, &[], huge), Outcome::Failed),
        ("endless", Reply::Endless, Outcome::Failed),
        ("truncated", Reply::Truncated(large), Outcome::Failed),
        ("closed", Reply::Close, Outcome::Failed),
        ("redirect", Reply::Redirect("http://169.254.169.254/latest/meta-data".to_owned()), Outcome::Failed),
        ("silence", Reply::Silence, Outcome::TimedOut),
        ("a drip", Reply::Drip, Outcome::TimedOut),
        ("too late", Reply::After(30_000, Box::new(Reply::Json(bundle(&[])))), Outcome::TimedOut),
    ]
}

#[tokio::test]
async fn a_key_that_cannot_be_had_is_told_on_the_card() {
    let complete = {
        let setup = Setup::for_server("http://127.0.0.1:1/fhir");
        setup.call(VIEW, &view_call(&setup, "http://127.0.0.1:1/fhir")).await.unwrap()
    };
    assert!(!details(&complete).contains("Could not be read"), "the example lacks nothing");
    for (what, reply, outcome) in misbehaviours() {
        let stub = Stub::start(move |_| reply.clone());
        let mut setup = Setup::for_server(&stub.base());
        if outcome == Outcome::TimedOut {
            setup.limits.deadline = Duration::from_millis(500);
        }
        let mut call = view_call(&setup, &stub.base());
        take_out(&mut call, "procedures");
        let answer = setup.call(VIEW, &call).await.unwrap();
        assert_eq!(count(answer.outcomes, outcome), 1, "{what}: {:?}", answer.outcomes);
        assert!(details(&answer).contains("Could not be read: procedures."), "{what}: {}", details(&answer));
        assert_eq!(answer.response.cards.len(), complete.response.cards.len(), "{what}");
        assert!(stub.connections() > 0, "{what}");
    }
}

#[tokio::test]
async fn an_essential_key_that_cannot_be_had_is_named_with_the_reason() {
    for (what, reply, outcome) in misbehaviours() {
        let stub = Stub::start(move |_| reply.clone());
        let mut setup = Setup::for_server(&stub.base());
        if outcome == Outcome::TimedOut {
            setup.limits.deadline = Duration::from_millis(500);
        }
        for key in ["patient", "conditions"] {
            let mut call = view_call(&setup, &stub.base());
            take_out(&mut call, key);
            let result = setup.call(VIEW, &call).await;
            let told = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
            assert!(told.contains(key) && !told.contains("127.0.0.1"), "{what}: {told}");
            assert_missing(result, &[key], outcome);
        }
    }
}

#[tokio::test]
async fn one_slow_key_does_not_cost_the_others() {
    for slow in [Reply::Silence, Reply::Drip, Reply::Endless] {
        let probe = Setup::for_server("http://127.0.0.1:1/fhir");
        let whole = view_call(&probe, "http://127.0.0.1:1/fhir");
        let sent = whole["prefetch"].clone();
        let templates = probe.templates();
        let stub = Stub::start(move |seen| {
            let target = seen.target.strip_prefix("/fhir/").unwrap();
            if target.starts_with("Device?") {
                return slow.clone();
            }
            let patient = |query: &str| query.replace("{{context.patientId}}", "example-1");
            let (key, _) = templates.iter().find(|(_, query)| patient(query) == target).unwrap();
            Reply::Json(if sent[key].is_null() { bundle(&[]) } else { sent[key].clone() })
        });
        let mut setup = Setup::for_server(&stub.base());
        setup.limits.deadline = SHORT;
        let mut call = view_call(&setup, &stub.base());
        call["prefetch"] = json!({});
        let answer = setup.call(VIEW, &call).await.unwrap();
        let had = count(answer.outcomes, Outcome::Fetched);
        assert_eq!(usize::from(had) + 1, setup.templates().len(), "{:?}", answer.outcomes);
        // The device decides nothing here but what the card says of it.
        let complete = setup.call(VIEW, &view_call(&setup, &stub.base())).await.unwrap();
        let codes = |cards: serde_json::Value| cards[0]["source"]["topic"]["code"].clone();
        assert_eq!(codes(cards(&answer)), codes(cards(&complete)));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Stub::elsewhere();
    let to = format!("http://{}/fhir/Condition", elsewhere.address);
    let stub = Stub::start(move |_| Reply::Redirect(to.clone()));
    let setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    take_out(&mut call, "conditions");
    assert_missing(setup.call(VIEW, &call).await, &["conditions"], Outcome::Failed);
    assert_eq!((stub.seen().len(), elsewhere.connections()), (1, 0));
}

#[tokio::test]
async fn what_belongs_to_another_patient_makes_no_card() {
    let stub = Stub::start(|seen| {
        let other =
            |kind: &str| json!({"resourceType": kind, "id": "x", "subject": {"reference": "Patient/other"}});
        Reply::Json(bundle(&[other(if seen.target.contains("Condition") {
            "Condition"
        } else {
            "Observation"
        })]))
    });
    let setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    take_out(&mut call, "conditions");
    take_out(&mut call, "observationsSigns");
    let answer = setup.call(VIEW, &call).await.unwrap();
    assert!(answer.response.cards.is_empty());
    assert_eq!(count(answer.outcomes, Outcome::Fetched), 2);
}
