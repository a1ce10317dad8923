//! What is told of a save, and what it may do to what stands in the EHR.

use super::ehr::Ehr;
use super::stub::{Reply, Stub};
use super::{Service, Visitor};
use futures_util::future::join;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use spinal_mets_cds::clock::Stopwatch;
use spinal_mets_cds::outbound::{Budget, Outbound, OutboundError};
use std::time::Duration;

const PATIENT: &str = "stability-not-recorded";

#[actix_web::test]
async fn a_success_that_no_fhir_server_tells_is_none() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let panel = visitor.open("a", &ehr).await;
    for (answer, words) in [
        (json!([200, "html", "<html>Sign in"]), "sign-in at the EHR has ended"),
        (json!([201, "html", "<html>"]), "not known"),
        (json!([200, "", "{}"]), "not known"),
        (json!([201, "", "{\"resourceType\": \"Bundle\"}"]), "not known"),
        (json!([204, "", ""]), "not known"),
        (
            json!([200, "", "{\"resourceType\": \"Observation\", \"status\": \"entered-in-error\"}"]),
            "withdrawn",
        ),
    ] {
        ehr.tell(json!({"answers": {"/fhir/Observation": answer}}));
        let saved = panel.save(&ehr, json!({"ecog": "1"})).await.json();
        let of = &saved["saved"][0];
        assert!(
            of["outcome"] == "failed" && of["why"].as_str().unwrap().contains(words),
            "{answer}: {saved}"
        );
    }
    ehr.tell(json!({"answers": {"/fhir/Observation": [200, "", "{\"resourceType\": \"Observation\"}"]}}));
    assert_eq!(panel.save(&ehr, json!({"ecog": "1"})).await.json()["saved"][0]["outcome"], "already");
    // A token that the EHR no longer knows ends the session.
    ehr.tell(json!({"answers": {"/fhir/Observation": [401, "", "{}"]}}));
    let saved = panel.save(&ehr, json!({"ecog": "1"})).await.json();
    assert!(saved["saved"][0]["why"].as_str().unwrap().contains("has ended"), "{saved}");
    assert_eq!(panel.record().await.status, 401);
}

#[actix_web::test]
async fn who_saves_twice_at_once_is_told() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let panel = visitor.open("a", &ehr).await;
    ehr.tell(json!({"slow": {"/fhir/Observation": 700}}));
    let (one, other) =
        join(panel.save(&ehr, json!({"ecog": "1"})), panel.save(&ehr, json!({"ecog": "1"}))).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let told = if one.status == 409 { one } else { other };
    assert!(told.text.contains("being saved already"), "{}", told.text);
}

#[actix_web::test]
async fn an_onset_costs_a_condition_nothing_else() {
    let ehr = Ehr::holding("onset-unknown");
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let panel = visitor.open("a", &ehr).await;
    // Which Condition is meant is told by what is asked for.
    let since = json!({"since": "8"});
    let first = panel.save(&ehr, since.clone()).await;
    let asked: Vec<String> =
        ehr.seen("GET", "/fhir/Condition/").into_iter().map(|seen| seen.target).collect();
    assert_eq!(asked.len(), 1, "read by itself before it is written: {asked:?} {}", first.text);
    let id = asked[0].rsplit('/').next().unwrap().to_owned();
    let text = |version: &str, meta: &str| {
        format!(
            "{{\"resourceType\": \"Condition\", \"id\": \"{id}\", \"meta\": {{\"versionId\": \"{version}\"{meta}}}, \
             \"subject\": {{\"reference\": \"Patient/{}\"}}, \"extension\": [{{\"url\": \"u\", \"valueDecimal\": 1.50}}]}}",
            ehr.patient
        )
    };
    let save = async |alone: String| {
        ehr.tell(json!({ "alone": alone }));
        panel.save(&ehr, since.clone()).await.json()["saved"][0].clone()
    };
    let puts = || ehr.seen("PUT", "/fhir/Condition/");
    let before = puts().len();
    for (alone, words) in [
        (text("1", ", \"tag\": [{\"code\": \"SUBSETTED\"}]"), "only a part"),
        (text("1", ", \"security\": [{\"code\": \"REDACTED\"}]"), "only a part"),
        (text("2", ""), "Somebody else changed it"),
        (text("1", "").replace("Patient/", "Patient/other"), "does not give this problem"),
        ("<html>".to_owned(), "does not give this problem"),
    ] {
        let told: Value = save(alone.clone()).await;
        assert!(told["why"].as_str().unwrap_or_default().contains(words), "{alone}: {told}");
    }
    assert_eq!(puts().len(), before, "nothing was written");
    assert_eq!(save(text("1", "")).await["outcome"], "saved");
    let put = puts().pop().unwrap();
    assert_eq!(put.header("if-match"), Some("W/\"1\""));
    assert!(put.body.contains("1.50") && put.body.contains("onsetDateTime"), "{}", put.body);
}

#[actix_web::test]
async fn one_time_out_holds_for_headers_and_body() {
    let slow = Stub::start(|_| Reply::After(1_500, Box::new(Reply::Drip)));
    let budget = Budget { bytes: 10_000_000, time: Duration::from_secs(2) };
    let since = Stopwatch::start();
    let url = slow.base().parse().unwrap();
    let outbound = Outbound::new(true).unwrap();
    let sent = outbound.send((Method::POST, &url), HeaderMap::new(), Vec::new(), budget).await.unwrap();
    assert_eq!(sent.body, Err(OutboundError::TimedOut));
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const REQUEST_ID: &str = "6f1c3c34-0f2e-4a43-9d4e-0000000000a7";

#[actix_web::test]
async fn a_save_is_known_by_one_name_in_the_log_at_the_ehr_and_in_the_answer() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let panel = visitor.open("a", &ehr).await;
    ehr.tell(json!({"answers": {"/fhir/Observation": [201, "Observation/1", ""]}}));
    let before = ehr.seen("", "").len();
    let body = json!({"patient": ehr.patient, "answers": {"ecog": "1"}});
    let told =
        panel.post_with("/save", &[("x-request-id", REQUEST_ID), ("traceparent", PARENT)], &body).await;
    assert_eq!((told.status, told.header("x-request-id")), (200, REQUEST_ID), "{}", told.text);
    let [written] = ehr.seen("POST", "/fhir/Observation").try_into().unwrap();
    let read = ehr.seen("GET", "/fhir/Condition");
    for seen in read.iter().rev().take(1).chain([&written]) {
        assert_eq!(seen.header("x-request-id"), Some(REQUEST_ID), "{} {}", seen.method, seen.target);
        let parent = seen.header("traceparent").unwrap();
        assert!(
            parent.starts_with(&format!("00-{TRACE}-")) && parent.ends_with("-01") && parent != PARENT,
            "{parent}"
        );
    }
    assert_eq!(before, 0);
    let log = service.log();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let line = lines.iter().find(|it| it["message"] == "answers saved").unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&line["request_id"], &line["trace"]), (&json!(REQUEST_ID), &json!(TRACE)));
    // Also a refusal has its name.
    let refused =
        panel.post_with("/save", &[("x-request-id", REQUEST_ID)], &json!({"patient": "another"})).await;
    assert_eq!((refused.status, refused.header("x-request-id")), (400, REQUEST_ID));
}

#[actix_web::test]
async fn a_browser_that_hangs_up_ends_no_save_half_way() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let panel = visitor.open("a", &ehr).await;
    ehr.tell(json!({"slow": {"/fhir/Observation": 500}}));
    let answers = json!({"ecog": "1", "karnofsky": "80"});
    panel.begin_to_save(&ehr, &answers);
    for _ in 0..200 {
        if service.log().contains("answers saved") {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(service.log().contains("answers saved"), "{}", service.log());
    assert_eq!(ehr.seen("POST", "/fhir/Observation").len(), 2);
}
