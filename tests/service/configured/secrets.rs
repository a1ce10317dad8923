//! No patient datum, token or other text from outside reaches a log line, a counter or an error body, at any level.
//!
//! Every request carries marks that stand nowhere else; the program runs with the variables that ask for the most
//! verbose logs.

use super::service::{CLIENT, Reply, Service, VIEW, now, send, view_request};
use crate::support::tokens::Signer;
use jsonwebtoken::Algorithm;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// In every mark, in upper and lower case as it is.
const MARK: &str = "CANARY";
const ADMIN: &str = "0123456789abcdef0123456789abcdef";

/// The example with marks in every place that may hold something of a patient or a user.
fn marked_call() -> Value {
    let mut call: Value = serde_json::from_str(view_request()).unwrap();
    let text = call.to_string().replace("example-1", "CANARY-patient").replace("example-dr", "CANARY-user");
    call = serde_json::from_str(&text).unwrap();
    call["hookInstance"] = json!("CANARY-instance");
    call["fhirServer"] = json!("https://CANARY-server.example.org/fhir");
    call["fhirAuthorization"] = json!({"access_token": "CANARY-fhir-token", "token_type": "Bearer",
        "expires_in": 300, "scope": "patient/*.read CANARY-scope", "subject": "CANARY-subject"});
    call["CANARY-member"] = json!("CANARY-value");
    let patient = call["prefetch"]["patient"].as_object_mut().unwrap();
    patient.insert("name".to_owned(), json!([{"family": "CANARY-name", "given": ["CANARY-given"]}]));
    patient.insert("birthDate".to_owned(), json!("CANARY-birth"));
    let odd = json!({"resourceType": "Condition", "id": "CANARY-id", "code": {"text": "CANARY-problem"},
        "onsetDateTime": "CANARY-date", "clinicalStatus": "CANARY-status",
        "subject": {"reference": "Patient/CANARY-other"}, "note": [{"text": "CANARY-note"}]});
    call["prefetch"]["conditions"]["entry"].as_array_mut().unwrap().push(json!({"resource": odd}));
    call["prefetch"]["CANARY-key"] = json!("CANARY-prefetch");
    call
}

fn marked(request: RequestBuilder) -> RequestBuilder {
    request
        .header("x-request-id", "CANARY-header")
        .header("user-agent", "CANARY-agent")
        .header("cookie", "CANARY=1")
}

#[actix_web::test]
async fn nothing_of_what_is_sent_comes_out_anywhere_but_on_cards() {
    let settings = format!(
        "{CLIENT}\n[admin]\ntoken_file = \"admin-token\"\n[limits]\nrequest_bytes = 300000\nin_flight = 40\nclient_calls_per_second = 6\n"
    );
    let service = Service::start_with(&settings, |folder| {
        std::fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
    });
    let call = marked_call();
    let marked_token = || {
        service.token(|h, c| {
            h["x"] = json!("CANARY-header-member");
            c["jti"] = json!(format!("CANARY-{}", uuid::Uuid::new_v4()));
            c["sub"] = json!("CANARY-subject");
        })
    };
    let post = |path: &str, token: String, body: String| {
        let path = format!("{path}?CANARY-query=CANARY");
        marked(service.request(Method::POST, &path))
            .header("content-type", "application/json")
            .bearer_auth(token)
            .body(body)
    };
    let mut replies: Vec<Reply> = Vec::new();
    let good = send(post(VIEW, marked_token(), call.to_string())).await;
    assert_eq!(good.status, 200, "{}", good.text);

    let without = |member: &str| {
        let mut call = call.clone();
        call.as_object_mut().unwrap().remove(member);
        call.to_string()
    };
    let mut failed = call.clone();
    failed["prefetch"]["conditions"] = json!("CANARY<html>");
    let stranger = Signer::new(Algorithm::ES384, "CANARY-kid");
    let claims = |issuer: &str| {
        let mut claims = crate::support::tokens::claims(issuer, "CANARY-audience", now());
        claims["tenant"] = json!("CANARY-tenant");
        claims
    };
    let requests = [
        (400, post(VIEW, marked_token(), without("context"))),
        (400, post(VIEW, marked_token(), "{\"CANARY\":".to_owned())),
        (401, post(VIEW, "CANARY.CANARY.CANARY".to_owned(), call.to_string())),
        (
            401,
            post(
                VIEW,
                stranger.sign(&stranger.header(), &claims("https://CANARY.example.org")),
                call.to_string(),
            ),
        ),
        (404, post("/cds-services/CANARY-service", marked_token(), call.to_string())),
        (404, post("/CANARY-path", marked_token(), call.to_string())),
        (405, marked(service.request(Method::PUT, VIEW)).body("CANARY")),
        (412, post(VIEW, marked_token(), without("prefetch"))),
        (412, post(VIEW, marked_token(), failed.to_string())),
        (413, post(VIEW, marked_token(), format!("{{\"x\":\"{}\"}}", "CANARY".repeat(60_000)))),
        (
            415,
            marked(service.request(Method::POST, VIEW))
                .bearer_auth(marked_token())
                .header("content-type", "text/CANARY")
                .body("CANARY"),
        ),
    ];
    for (status, request) in requests {
        let reply = send(request).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        replies.push(reply);
    }
    // Turned away by rate.
    for _ in 0..60 {
        replies.push(send(post(VIEW, marked_token(), without("context"))).await);
    }
    assert!(replies.iter().any(|reply| reply.status == 429));
    // A kid is told in the log where its issuer is known, and only with harmless characters; so it carries no mark here.
    let metrics = send(service.request(Method::GET, "/metrics").bearer_auth(ADMIN)).await;
    assert_eq!(metrics.status, 200);
    for reply in replies.iter().chain([&metrics]) {
        let headers = format!("{:?}", reply.headers);
        assert!(!reply.text.contains(MARK) && !headers.contains(MARK), "{reply:?}");
    }
    let log = service.log();
    assert!(log.lines().count() > 60, "{log}");
    let leaks: Vec<&str> =
        log.lines().filter(|line| line.contains(MARK) || line.contains("Malignant")).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    // Parts of tokens are no better than tokens.
    assert!(!log.contains("eyJ"), "a token is in the log");
}
