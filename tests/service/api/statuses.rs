//! One status for each kind of refusal (section 2.13), always with an OperationOutcome, never a 500.

use super::helpers::{App, SELECT, VIEW, select_call, send, view_call};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[actix_web::test]
async fn a_malformed_request_is_400_and_nothing_of_it_is_echoed() {
    let app = App::start().await;
    for body in
        ["", "  ", "{", "[]", "\"SECRET\"", "null", "{\"SECRET\":}", "{\"hook\":\"SECRET\\ud800\"}", "\u{0}"]
    {
        let text = app.post_raw(VIEW, body).await.assert_refused(400);
        assert!(!text.contains("SECRET"), "{text}");
    }
    app.post_raw(VIEW, vec![b'{', b'"', 0xff, b'"', b'}']).await.assert_refused(400);
    let deep = "[".repeat(200_000);
    app.post_raw(VIEW, deep.clone()).await.assert_refused(400);
    app.post_raw(VIEW, format!("{{\"context\":{deep}")).await.assert_refused(400);
}

#[actix_web::test]
async fn a_missing_member_is_named() {
    let app = App::start().await;
    for (path, call, members) in [
        (
            VIEW,
            view_call(),
            ["hook", "hookInstance", "context", "context.userId", "context.patientId"].as_slice(),
        ),
        (SELECT, select_call(), ["context.selections", "context.draftOrders"].as_slice()),
    ] {
        for member in members {
            let pointer = format!("/{}", member.replace('.', "/"));
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let mut without = call.clone();
            without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
            let text = app.post(path, &without).await.assert_refused(400);
            assert!(text.contains(&format!("`{member}`")), "{text}");
            for wrong in [json!(null), json!(7)] {
                let mut call = call.clone();
                *call.pointer_mut(&pointer).unwrap() = wrong;
                app.post(path, &call).await.assert_refused(400);
            }
        }
    }
}

#[actix_web::test]
async fn a_hook_of_another_service_is_400_and_an_unknown_service_404() {
    let app = App::start().await;
    let text = app.post(VIEW, &select_call()).await.assert_refused(400);
    assert!(text.contains("`hook`"), "{text}");
    for path in ["/cds-services/SECRET", "/SECRET", "/cds-services/SECRET/feedback"] {
        let text = app.post(path, &view_call()).await.assert_refused(404);
        assert!(!text.contains("SECRET"), "{text}");
    }
    app.get("/SECRET").await.assert_refused(404);
    app.get("/cds-services/SECRET").await.assert_refused(404);
}

#[actix_web::test]
async fn another_method_is_405_and_the_right_one_is_told() {
    let app = App::start().await;
    for (method, path, allow) in [
        (Method::GET, VIEW, "POST"),
        (Method::PUT, SELECT, "POST"),
        (Method::POST, "/cds-services", "GET, HEAD"),
        (Method::DELETE, "/cds-services", "GET, HEAD"),
        (Method::POST, "/healthz", "GET, HEAD"),
    ] {
        let reply = send(app.request(method, path)).await;
        reply.assert_refused(405);
        assert_eq!(reply.header("allow"), Some(allow));
    }
}

#[actix_web::test]
async fn only_plain_json_is_taken() {
    let app = App::start().await;
    let post = |content_type: &str| {
        let request = app.request(Method::POST, VIEW).body(view_call().to_string());
        send(if content_type.is_empty() { request } else { request.header("content-type", content_type) })
    };
    for taken in ["", "application/json", "application/json; charset=utf-8", "application/fhir+json"] {
        post(taken).await.assert_answered();
    }
    for refused in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
        post(refused).await.assert_refused(415);
    }
    let zipped = app.request(Method::POST, VIEW).json(&view_call()).header("content-encoding", "gzip");
    send(zipped).await.assert_refused(415);
}

#[actix_web::test]
async fn a_body_over_the_limit_is_413_and_one_below_is_answered() {
    let app = App::start_with(|config| config.limits.request_bytes = 2_000_000).await;
    let padded = |bytes: usize| {
        let mut call = view_call();
        call["padding"] = Value::String("x".repeat(bytes));
        call.to_string()
    };
    app.post_raw(VIEW, padded(1_000_000)).await.assert_answered();
    app.post_raw(VIEW, padded(2_000_000)).await.assert_refused(413);
    app.post_raw(VIEW, padded(3_500_000)).await.assert_refused(413);
    app.post_raw(VIEW, padded(1_000)).await.assert_answered();
}

#[actix_web::test]
async fn a_body_that_stops_arriving_is_408() {
    let app = App::start_with(|config| config.limits.body_timeout = Duration::from_millis(300)).await;
    let port = app.port;
    let answer = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!("POST {VIEW} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    })
    .await
    .unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("OperationOutcome"), "{answer}");
}

#[actix_web::test]
async fn a_refused_body_leaves_the_connection_usable() {
    let app = App::start().await;
    let port = app.port;
    let answers = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let body = "x".repeat(50_000);
        for last in ["", "Connection: close\r\n"] {
            let request = format!(
                "POST /nowhere HTTP/1.1\r\nHost: localhost\r\n{last}Content-Length: 50000\r\n\r\n{body}"
            );
            stream.write_all(request.as_bytes()).unwrap();
        }
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        answers
    })
    .await
    .unwrap();
    assert_eq!(answers.matches("HTTP/1.1 404").count(), 2, "{answers}");
}

#[actix_web::test]
async fn members_that_nobody_knows_change_nothing() {
    let app = App::start().await;
    for (path, call) in [(VIEW, view_call()), (SELECT, select_call())] {
        let plain = app.post(path, &call).await.assert_answered();
        let mut odd = call.clone();
        let deep: Value = serde_json::from_str(&format!("{}{}", "[".repeat(100), "]".repeat(100))).unwrap();
        for pointer in ["", "/context", "/prefetch"] {
            let members = odd.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            members.insert("extension".to_owned(), json!({ "org.example": { "a": [null, {}] } }));
            members.insert("patient-view".to_owned(), json!(null));
            members.insert("user".to_owned(), deep.clone());
        }
        // FHIR's own form of extensions, which has no place here.
        odd["context"]["extension"] = json!([{ "url": "https://example.org", "valueString": "x" }]);
        odd["context"]["encounterId"] = json!("");
        let mut plain_without_encounter = call.clone();
        plain_without_encounter["context"].as_object_mut().unwrap().remove("encounterId");
        let expected = app.post(path, &plain_without_encounter).await.assert_answered();
        let odd = app.post(path, &odd).await.assert_answered();
        assert_eq!(summaries(&odd), summaries(&expected));
        assert_eq!(summaries(&plain), summaries(&expected));
    }
}

fn summaries(answer: &Value) -> Vec<String> {
    let cards = answer["cards"].as_array().unwrap();
    cards.iter().map(|card| format!("{} {}", card["indicator"], card["summary"])).collect()
}

#[actix_web::test]
async fn a_hook_instance_need_not_be_a_uuid() {
    let app = App::start().await;
    for instance in ["x", "urn:uuid:0b0a3f5e-6c1d-4f0e-9a55-7d2c1c9f2a10"] {
        let mut call = view_call();
        call["hookInstance"] = json!(instance);
        app.post(VIEW, &call).await.assert_answered();
    }
}
