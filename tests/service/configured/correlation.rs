//! A call is known by its trace and its name: in the log, in the answer, and at the FHIR server that is read for it.

use super::service::{CLIENT, Reply, Service, send, view_request};
use crate::support::stub::{Reply as Fhir, Stub};
use serde_json::{Value, json};

const FIRST: &str = "6f1c3c34-0f2e-4a43-9d4e-0000000000a7";
const SECOND: &str = "6f1c3c340f2e4a439d4e0000000000a8";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The lines of the log with this message.
fn lines(service: &Service, message: &str) -> Vec<Value> {
    let lines = service.log();
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["message"] == message).collect()
}

fn request_id(reply: &Reply) -> String {
    reply.header("x-request-id").unwrap().to_owned()
}

#[actix_web::test]
async fn trace_and_request_id_are_logged_given_back_and_sent_to_the_fhir_server() {
    let mut call: Value = serde_json::from_str(view_request()).unwrap();
    let conditions = call["prefetch"].as_object_mut().unwrap().remove("conditions").unwrap();
    let stub = Stub::start(move |seen| {
        let is_condition = seen.target.starts_with("/fhir/Condition");
        Fhir::Json(if is_condition {
            conditions.clone()
        } else {
            json!({"resourceType": "Bundle", "total": 0})
        })
    });
    let base = stub.base();
    let settings = format!("{CLIENT}fhir_servers = [\"{base}\"]\n[network]\nallow_private = true\n");
    let service = Service::start_with(&settings, |_| ());
    call["fhirServer"] = json!(base);
    call["fhirAuthorization"] =
        json!({"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read"});
    let request = service.call().body(call.to_string());
    let request = request.header("traceparent", PARENT).header("tracestate", "vendor=1");
    let reply = send(request.header("X-Request-Id", FIRST)).await;
    assert_eq!((reply.status, request_id(&reply).as_str()), (200, FIRST), "{}", reply.text);

    let [line] = lines(&service, "hook call").try_into().unwrap();
    assert_eq!((&line["trace"], &line["request_id"]), (&json!(TRACE), &json!(FIRST)));
    let seen = stub.seen();
    assert!(!seen.is_empty());
    for request in seen {
        assert_eq!(request.header("x-request-id"), Some(FIRST));
        assert_eq!(request.header("tracestate"), Some("vendor=1"));
        let parent = request.header("traceparent").unwrap();
        assert!(parent.starts_with(&format!("00-{TRACE}-")) && parent.ends_with("-01"), "{parent}");
        assert_ne!(parent, PARENT, "this service is the parent there");
    }

    // A server that is not read is told with the name of the call.
    call["fhirServer"] = json!("https://elsewhere.example.org/fhir");
    let request = service.call().body(call.to_string()).header("X-Request-Id", SECOND);
    assert_eq!(send(request).await.status, 412);
    let message = "fhirServer is none of the client's fhir_servers, to the letter but for slashes at the end; it is not read";
    assert_eq!(lines(&service, message)[0]["request_id"], SECOND);
}

#[actix_web::test]
async fn what_is_no_name_is_not_written_down_and_a_refused_call_has_one_too() {
    let service = Service::start();
    let odd = "a name of a patient";
    let refused = service.call_with("a.b.c").header("X-Request-Id", odd).header("traceparent", odd);
    let refused = send(refused).await;
    let twice = service.call().header("X-Request-Id", FIRST).header("X-Request-Id", SECOND);
    let twice = send(twice).await;
    assert_eq!((refused.status, twice.status), (401, 200));
    assert_ne!(request_id(&refused), request_id(&twice));
    let feedback =
        service.request(reqwest::Method::POST, "/cds-services/spinal-metastases-patient-view/feedback");
    let feedback = send(feedback.header("X-Request-Id", SECOND).header("traceparent", PARENT)).await;
    assert_eq!((feedback.status, request_id(&feedback).as_str()), (401, SECOND));

    let told: Vec<String> = lines(&service, "hook call")
        .iter()
        .map(|line| line["request_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, [request_id(&refused), request_id(&twice)]);
    let [line] = lines(&service, "feedback").try_into().unwrap();
    assert_eq!((&line["trace"], &line["request_id"]), (&json!(TRACE), &json!(SECOND)));
    assert!(!service.log().contains(odd));
}
