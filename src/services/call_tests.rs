//! A call from its body to its cards: what silences it, what does not, and when it ends early.

use super::*;
use crate::services::Outcome;
use serde_json::{Value, json};
use std::collections::HashSet;

const VIEW: &str = "spinal-metastases-patient-view";
const SELECT: &str = "spinal-metastases-order-select";

fn services() -> Services {
    Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn view() -> Value {
    json!({"hook": "patient-view", "hookInstance": "x",
        "context": {"userId": "Practitioner/1", "patientId": "1"},
        "prefetch": {"patient": {"resourceType": "Patient", "id": "1"}, "conditions": null}})
}

fn select() -> Value {
    let mut call = view();
    call["hook"] = json!("order-select");
    call["context"]["selections"] = json!(["ServiceRequest/a"]);
    call["context"]["draftOrders"] = json!({"resourceType": "Bundle", "entry": [
        {"resource": {"resourceType": "ServiceRequest", "id": "a", "status": "draft"}}]});
    call
}

#[tokio::test]
async fn work_that_nobody_waits_for_ends_at_the_next_stage() {
    let services = services();
    let body = view().to_string();
    for stages in 0..20_u32 {
        let left = std::cell::Cell::new(stages);
        let is_wanted = || left.replace(left.get().saturating_sub(1)) > 0;
        let answer = services.answer_while(VIEW, body.as_bytes(), None, now(), &is_wanted).await;
        match answer {
            Err(CallError::Late) => assert!(stages < 19, "it never ends"),
            Ok(_) => {
                assert!(stages >= 5, "it is asked {stages} times");
                return;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn discovery_is_fit_to_be_published() {
    let services = services();
    let discovery: Value = serde_json::from_slice(services.discovery()).unwrap();
    let entries = discovery["services"].as_array().unwrap();
    assert_eq!(entries.len(), OFFERED.len());
    let mut ids = HashSet::new();
    for entry in entries {
        let id = entry["id"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is offered twice");
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        for text in ["hook", "title", "description", "usageRequirements"] {
            assert!(!entry[text].as_str().unwrap().is_empty(), "{id}: {text}");
        }
        for essential in ["patient", "conditions"] {
            assert!(entry["prefetch"][essential].is_string(), "{id}: {essential}");
        }
        assert!(offered::number(id).is_some(), "{id} has no number in the ids of cards");
        assert_eq!(services.hook(id), entry["hook"].as_str());
    }
    assert_eq!(services.hook("spinal-metastases"), None);
}

#[test]
fn a_call_must_fit_its_service() {
    let services = services();
    let call = |id: &str, body: &Value| services.call(id, body.to_string().as_bytes(), now());
    assert!(call(VIEW, &view()).is_ok());
    assert!(call(SELECT, &select()).is_ok());
    assert_eq!(call("x", &view()).unwrap_err(), CallError::UnknownService);
    let Err(CallError::BadRequest(fault)) = call(SELECT, &view()) else { panic!("taken") };
    assert_eq!(fault.member, "hook");
}

#[test]
fn essential_keys_that_did_not_come_are_named() {
    let services = services();
    let mut call = view();
    call["prefetch"] = json!({"patient": {"resourceType": "Patient"}, "conditions": "<html>"});
    let error = services.call(VIEW, call.to_string().as_bytes(), now()).unwrap_err();
    let CallError::DataMissing { keys, outcomes } = error else { panic!("{error}") };
    assert_eq!(keys, [MissingKey { key: "conditions".to_owned(), outcome: Outcome::Absent }]);
    assert!(outcomes.iter().any(|counted| counted == (Outcome::Provided, 1)));
    call.as_object_mut().unwrap().remove("prefetch");
    let error = services.call(VIEW, call.to_string().as_bytes(), now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Required data not available: patient (not sent, of the wrong shape, or without what it announces), \
         conditions (not sent, of the wrong shape, or without what it announces)."
    );
}

#[test]
fn patients_and_unmatched_selections_are_answered_without_data() {
    let services = services();
    let mut relative = view();
    relative["context"]["userId"] = json!("RelatedPerson/1");
    let mut unmatched = select();
    unmatched["context"]["selections"] = json!(["ServiceRequest/other"]);
    for (id, mut call) in [(VIEW, relative), (SELECT, unmatched)] {
        call.as_object_mut().unwrap().remove("prefetch");
        let answer = services.call(id, call.to_string().as_bytes(), now()).unwrap();
        assert!(answer.response.cards.is_empty());
    }
}

#[test]
fn what_could_not_be_had_reaches_the_facts() {
    let services = services();
    let answer = services.call(VIEW, view().to_string().as_bytes(), now()).unwrap();
    assert!(answer.facts.unavailable.contains(&crate::domain::Source::Observation));
    assert!(!answer.facts.unavailable.contains(&crate::domain::Source::Condition));
}

/// The orders of a call about what is being dispatched, and what it says of those that could be read.
fn dispatched(orders: &Value, also: &Value) -> Result<Vec<String>, CallError> {
    const DISPATCH: &str = "spinal-metastases-order-dispatch";
    let example = include_str!("../../hooks/spinal-metastases-order-dispatch/request.json");
    let mut call: Value = serde_json::from_str(example).unwrap();
    call["context"]["dispatchedOrders"] = orders.clone();
    if !also.is_null() {
        call["prefetch"]["serviceRequests"] = also.clone();
    }
    let now = "2026-05-05T08:00:00Z".parse().unwrap();
    let answer = services().call(DISPATCH, call.to_string().as_bytes(), now)?;
    let codes = answer.response.cards.iter().map(|card| card.source.topic.code.clone());
    Ok(codes.collect())
}

#[test]
fn a_dispatched_order_that_could_not_be_read_silences_no_other() {
    let (mri, drug) = ("ServiceRequest/draft-1", "MedicationRequest/statin");
    let nothing = json!({"resourceType": "Bundle", "entry": []});
    assert_eq!(dispatched(&json!([mri]), &Value::Null).unwrap(), ["imaging-cannot-exclude"]);
    assert_eq!(dispatched(&json!([mri, drug]), &Value::Null).unwrap(), ["imaging-cannot-exclude"]);
    for (orders, also) in [(json!([drug]), &Value::Null), (json!([mri, drug]), &nothing)] {
        let error = dispatched(&orders, also).unwrap_err();
        assert!(matches!(error, CallError::DataMissing { .. }), "{orders}: {error}");
    }
}

#[test]
fn what_the_site_calls_an_order_is_that_order() {
    let coding = crate::domain::Coding {
        system: "urn:oid:1.2.3".to_owned(),
        code: "MR0123".to_owned(),
        display: None,
    };
    let orders = [(crate::domain::SuggestedOrder::WholeSpineMri, vec![coding])].into();
    let site = Site { orders, ..Site::default() };
    let own = Services::new(ValueSets::built_in().unwrap(), site).unwrap();
    let example = include_str!("../../hooks/spinal-metastases-patient-view/request.json");
    let mut call: Value = serde_json::from_str(example).unwrap();
    call["prefetch"]["serviceRequests"] = json!({"resourceType": "Bundle", "entry": [{"resource": {
        "resourceType": "ServiceRequest", "id": "mri", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/example-1"}, "occurrenceDateTime": "2026-05-05T12:00:00Z",
        "code": {"coding": [{"system": "urn:oid:1.2.3", "code": "MR0123"}]}}}]});
    let now = "2026-05-05T08:00:00Z".parse().unwrap();
    let cards =
        |services: &Services| services.call(VIEW, call.to_string().as_bytes(), now).unwrap().response.cards;
    assert_eq!(cards(&services()).len(), 1);
    assert_eq!(cards(&own).len(), 0, "the MRI is ordered, in time, by the site's own code");
}

#[test]
fn the_request_examples_are_accepted() {
    let services = services();
    for (id, example) in [
        (VIEW, include_str!("../../hooks/spinal-metastases-patient-view/request.json")),
        (SELECT, include_str!("../../hooks/spinal-metastases-order-select/request.json")),
    ] {
        let answer = services.call(id, example.as_bytes(), now()).unwrap();
        assert_eq!(answer.notes, Vec::new(), "{id}");
        let call: Value = serde_json::from_str(example).unwrap();
        let discovery: Value = serde_json::from_slice(services.discovery()).unwrap();
        for key in call["prefetch"].as_object().unwrap().keys() {
            assert!(discovery["services"][0]["prefetch"][key].is_string(), "{id}: no key {key}");
        }
    }
}
