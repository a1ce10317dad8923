//! What prefetch lacks is fetched by the service as it runs, from the servers of the caller and from nobody else.

use super::service::{Reply, Service, send, view_request};
use crate::support::stub::{Reply as Fhir, Stub};
use serde_json::{Value, json};

const ACCESS: &str = "canary-access-token";
const ADMIN: &str = "0123456789abcdef0123456789abcdef";

/// A hospital with this FHIR server, and another hospital with another one.
fn service(base: &str, other: &str, more: &str) -> Service {
    let settings = format!(
        r#"
behind_proxy = true
[[clients]]
name = "general-hospital"
issuer = "https://ehr.example.org"
jwks_file = "jwks.json"
fhir_servers = ["{base}"]
[[clients]]
name = "other-hospital"
issuer = "https://other.example.org"
jwks_file = "jwks.json"
fhir_servers = ["{other}"]
[network]
allow_private = true
[admin]
token_file = "admin-token"
{more}"#
    );
    Service::start_with(&settings, |folder| std::fs::write(folder.path().join("admin-token"), ADMIN).unwrap())
}

/// The published example with access to a FHIR server, without one of its keys.
fn call_without(key: &str, base: &str) -> (Value, Value) {
    let mut call: Value = serde_json::from_str(view_request()).unwrap();
    call["fhirServer"] = json!(base);
    call["fhirAuthorization"] =
        json!({"access_token": ACCESS, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read"});
    let taken = call["prefetch"].as_object_mut().unwrap().remove(key).unwrap();
    (call, taken)
}

async fn post(service: &Service, call: &Value) -> Reply {
    send(service.call().body(call.to_string())).await
}

fn codes(reply: &Reply) -> Vec<String> {
    let answer = reply.json();
    let cards = answer["cards"].as_array().unwrap_or_else(|| panic!("{}", reply.text));
    cards.iter().map(|card| card["source"]["topic"]["code"].as_str().unwrap().to_owned()).collect()
}

/// Gives this resource to whoever asks for its type, and nothing else.
fn serving(kind: &'static str, resource: Value) -> Stub {
    Stub::start(move |seen| {
        let is_asked_for = seen.target.starts_with(&format!("/fhir/{kind}"));
        Fhir::Json(if is_asked_for {
            resource.clone()
        } else {
            json!({"resourceType": "Bundle", "total": 0})
        })
    })
}

#[actix_web::test]
async fn a_lacking_key_is_fetched_with_the_token_of_the_call_and_counted() {
    let (_, conditions) = call_without("conditions", "");
    let (stub, elsewhere) = (serving("Condition", conditions), Stub::elsewhere());
    let service = service(&stub.base(), &elsewhere.base(), "");
    let complete = codes(&send(service.call()).await);
    assert!(!complete.is_empty());
    assert_eq!(stub.connections(), 0);

    let (mut call, _) = call_without("conditions", &stub.base());
    assert_eq!(codes(&post(&service, &call).await), complete);
    let authorizations: Vec<_> =
        stub.seen().iter().map(|seen| seen.header("authorization").map(ToOwned::to_owned)).collect();
    assert!(authorizations.iter().all(|it| *it == Some(format!("Bearer {ACCESS}"))), "{authorizations:?}");

    // A body so large that it is evaluated off the worker.
    call["padding"] = json!("x".repeat(600_000));
    assert_eq!(codes(&post(&service, &call).await), complete);

    let metrics = send(service.request(reqwest::Method::GET, "/metrics").bearer_auth(ADMIN)).await.text;
    assert!(metrics.contains(r#"spinal_mets_cds_prefetch_keys_total{outcome="fetched"} "#), "{metrics}");
    for text in [service.log(), metrics] {
        assert!(!text.contains(ACCESS) && !text.contains("example-1"), "{text}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[actix_web::test]
async fn the_server_of_another_client_is_nobodys() {
    let (stub, other) = (Stub::elsewhere(), Stub::elsewhere());
    let service = service(&stub.base(), &other.base(), "");
    let (call, _) = call_without("conditions", &other.base());
    let reply = post(&service, &call).await;
    assert_eq!(reply.status, 412, "{}", reply.text);
    assert!(
        reply.text.contains("conditions (not sent, of the wrong shape, or without what it announces)"),
        "{}",
        reply.text
    );
    assert_eq!((stub.connections(), other.connections()), (0, 0));
}

#[actix_web::test]
async fn a_silent_server_costs_no_more_than_the_deadline() {
    let stub = Stub::start(|_| Fhir::Silence);
    let service = service(&stub.base(), "https://fhir.example.org", "[limits]\ndeadline_ms = 400\n");
    let (call, _) = call_without("patient", &stub.base());
    let reply = post(&service, &call).await;
    assert_eq!(reply.status, 412, "{}", reply.text);
    assert!(reply.text.contains("patient (the FHIR server did not answer in time)"), "{}", reply.text);
    let (mut call, _) = call_without("patient", &stub.base());
    call["prefetch"]["patient"] = json!({"resourceType": "Patient", "id": "example-1"});
    assert_eq!(post(&service, &call).await.status, 200);
}

#[actix_web::test]
async fn a_token_of_another_patient_is_a_malformed_call() {
    let stub = Stub::elsewhere();
    let service = service(&stub.base(), "https://fhir.example.org", "");
    let (mut call, _) = call_without("conditions", &stub.base());
    call["fhirAuthorization"]["patient"] = json!("canary-other-patient");
    let reply = post(&service, &call).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert!(
        reply.text.contains("fhirAuthorization.patient") && !reply.text.contains("canary"),
        "{}",
        reply.text
    );
    assert_eq!(stub.connections(), 0);
}
