//! Spans for a tracing system: what a collector is sent of a call, and what not.

use super::service::{CLIENT, Service, send, view_request};
use crate::support::stub::{Reply as Answer, Seen, Stub};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const REQUEST_ID: &str = "6f1c3c34-0f2e-4a43-9d4e-0000000000a7";
const TOKEN: &str = "canary-of-the-token";
/// Kinds of spans by their numbers in OTLP.
const WITHIN: i32 = 1;
const SERVER: i32 = 2;
const CLIENT_SIDE: i32 = 3;

/// A collector that takes everything.
fn collector() -> Stub {
    Stub::start(|_| Answer::Plain(200, &[("content-type", "application/x-protobuf")], String::new()))
}

fn settings(collector: &Stub, more: &str) -> String {
    let endpoint = format!("http://{}/v1/traces", collector.address);
    format!("{CLIENT}{more}\n[traces]\nendpoint = \"{endpoint}\"\n")
}

fn spans(seen: &[Seen]) -> Vec<Span> {
    let read = |seen: &Seen| ExportTraceServiceRequest::decode(seen.bytes.as_slice()).unwrap();
    let resources = seen.iter().map(read).flat_map(|it| it.resource_spans);
    resources.flat_map(|it| it.scope_spans).flat_map(|it| it.spans).collect()
}

/// What the service calls itself, each name once.
fn service_names(seen: &[Seen]) -> Vec<String> {
    let read = |seen: &Seen| ExportTraceServiceRequest::decode(seen.bytes.as_slice()).unwrap();
    let resources = seen.iter().map(read).flat_map(|it| it.resource_spans).flat_map(|it| it.resource);
    let names = resources.flat_map(|it| it.attributes).filter(|it| it.key == "service.name");
    let mut names: Vec<String> = names
        .map(|it| match it.value.unwrap().value.unwrap() {
            Any::StringValue(name) => name,
            other => panic!("{other:?}"),
        })
        .collect();
    names.dedup();
    names
}

fn attributes(span: &Span) -> BTreeMap<&str, String> {
    let text = |value: &Any| match value {
        Any::StringValue(text) => text.clone(),
        Any::IntValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    let values = span.attributes.iter();
    values.map(|it| (it.key.as_str(), text(it.value.as_ref().unwrap().value.as_ref().unwrap()))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ends the service, which sends what waits.
fn ended(service: &mut Service) {
    service.terminate();
    assert!(service.ended_well(), "{}", service.log());
}

#[actix_web::test]
async fn a_collector_is_told_of_a_call_and_of_what_it_asked_an_ehr_for() {
    let mut call: Value = serde_json::from_str(view_request()).unwrap();
    let conditions = call["prefetch"].as_object_mut().unwrap().remove("conditions").unwrap();
    let ehr = Stub::start(move |seen| match seen.target.split(['?', '/']).nth(2) {
        Some("Condition") => Answer::Json(conditions.clone()),
        Some("Procedure") => Answer::Plain(500, &[], String::new()),
        _ => Answer::Json(json!({"resourceType": "Bundle", "total": 0})),
    });
    call["prefetch"].as_object_mut().unwrap().remove("procedures");
    let (base, collector) = (ehr.base(), collector());
    let more = format!("fhir_servers = [\"{base}\"]\n[network]\nallow_private = true\n");
    let secret = [("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20collector-secret")];
    let mut service = Service::start_in(&settings(&collector, &more), |_| (), &secret);
    call["fhirServer"] = json!(base);
    call["fhirAuthorization"] =
        json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read"});
    let request = service.call().body(call.to_string()).header("traceparent", PARENT);
    let reply = send(request.header("X-Request-Id", REQUEST_ID)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    ended(&mut service);

    let sent = collector.seen();
    assert!(!sent.is_empty(), "{}", service.log());
    for request in &sent {
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v1/traces"));
        assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
        assert_eq!(request.header("authorization"), Some("Bearer collector-secret"));
    }
    assert_eq!(service_names(&sent), ["spinal-mets-cds"]);
    let spans = spans(&sent);
    let [server] = spans.iter().filter(|it| it.kind == SERVER).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(
        (hex(&server.trace_id).as_str(), hex(&server.parent_span_id).as_str()),
        (TRACE, "b7ad6b7169203331")
    );
    assert_eq!(server.name, "POST /cds-services/{id}");
    let told = attributes(server);
    for (key, expected) in [
        ("http.response.status_code", "200"),
        ("service", "spinal-metastases-patient-view"),
        ("client", "general-hospital"),
        ("request_id", REQUEST_ID),
    ] {
        assert_eq!(told.get(key).map(String::as_str), Some(expected), "{key}: {told:?}");
    }
    assert!(spans.iter().all(|it| it.trace_id == server.trace_id));
    let below = |kind| spans.iter().filter(move |it| it.kind == kind && it.parent_span_id == server.span_id);
    let stages: Vec<&str> = below(WITHIN).map(|it| it.name.as_str()).collect();
    assert_eq!(stages, ["let in", "read body", "evaluate"]);
    for stage in below(WITHIN).chain(below(CLIENT_SIDE)) {
        assert!(stage.start_time_unix_nano <= stage.end_time_unix_nano);
        assert!(stage.end_time_unix_nano <= server.end_time_unix_nano, "{stage:?}");
    }
    // Each request to the EHR names its own span as the parent.
    let mut asked: Vec<String> = below(CLIENT_SIDE).map(|it| hex(&it.span_id)).collect();
    let parent = |seen: &Seen| seen.header("traceparent").unwrap().split('-').nth(2).unwrap().to_owned();
    let mut seen: Vec<String> = ehr.seen().iter().map(parent).collect();
    asked.sort();
    seen.sort();
    assert_eq!(asked, seen);
    let of = |name: &str| attributes(spans.iter().find(|it| it.name == name).unwrap());
    assert_eq!(of("GET Condition").get("http.response.status_code").map(String::as_str), Some("200"));
    assert_eq!(of("GET Procedure").get("error.type").map(String::as_str), Some("500"));
    // Not a word about the patient, and no secret.
    let patient = call["context"]["patientId"].as_str().unwrap();
    let text: String = sent.iter().map(|it| it.body.as_str()).collect();
    for secret in [patient, TOKEN, "patient=", "eyJ", call["context"]["userId"].as_str().unwrap()] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn nothing_is_sent_of_a_call_that_nobody_keeps() {
    let collector = collector();
    let mut service =
        Service::start_with(&format!("{}kept_of_thousand = 0\n", settings(&collector, "")), |_| ());
    assert_eq!(send(service.call()).await.status, 200);
    let unkept = PARENT.replace("-01", "-00");
    assert_eq!(send(service.call().header("traceparent", unkept)).await.status, 200);
    // Who is not let in decides nothing.
    assert_eq!(send(service.call_with("a.b.c").header("traceparent", PARENT)).await.status, 401);
    assert_eq!(
        send(service.request(reqwest::Method::POST, "/cds-services/x").header("traceparent", PARENT))
            .await
            .status,
        404
    );
    ended(&mut service);
    assert_eq!(collector.connections(), 0);

    let mut service =
        Service::start_with(&format!("{}kept_of_thousand = 1000\n", settings(&collector, "")), |_| ());
    // A refused call is told of too.
    assert_eq!(send(service.call_with("a.b.c")).await.status, 401);
    ended(&mut service);
    let spans = spans(&collector.seen());
    let server = spans.iter().find(|it| it.kind == SERVER).unwrap();
    assert!(server.parent_span_id.is_empty());
    assert_eq!(attributes(server).get("http.response.status_code").map(String::as_str), Some("401"));
}

#[actix_web::test]
async fn a_collector_that_is_away_costs_spans_and_no_call() {
    let broken = Stub::elsewhere();
    let admin = "[admin]\ntoken_file = \"admin\"\n";
    let put =
        |folder: &tempfile::TempDir| std::fs::write(folder.path().join("admin"), "a".repeat(32)).unwrap();
    let mut service = Service::start_with(&settings(&broken, admin), put);
    for _ in 0..3 {
        assert_eq!(send(service.call().header("traceparent", PARENT)).await.status, 200);
    }
    let counted = send(service.request(reqwest::Method::GET, "/metrics").bearer_auth("a".repeat(32))).await;
    assert!(counted.text.contains("spinal_mets_cds_spans_total{outcome=\"ended\"} 12"), "{}", counted.text);
    ended(&mut service);
    let line = "the collector of spans does not take them; they are lost";
    assert_eq!(service.log().matches(line).count(), 1, "{}", service.log());
}

#[actix_web::test]
async fn a_collector_that_never_ends_its_answer_is_one_that_is_away() {
    let dripping = Stub::start(|_| Answer::Drip);
    let service = Service::start_with(&settings(&dripping, ""), |_| ());
    assert_eq!(send(service.call().header("traceparent", PARENT)).await.status, 200);
    let line = "the collector of spans does not take them; they are lost";
    for _ in 0..400 {
        if service.log().contains(line) {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{}", service.log());
}
