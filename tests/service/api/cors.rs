//! What a browser asks for before it lets a page see an answer.

use super::helpers::{App, VIEW, send, view_call};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const ORIGIN: &str = "https://sandbox.cds-hooks.org";

fn from_page(request: RequestBuilder) -> RequestBuilder {
    request.header("origin", ORIGIN)
}

#[actix_web::test]
async fn the_preflight_of_the_public_sandbox_passes_without_a_token() {
    let app = App::start().await;
    for (method, path) in [("GET", "/cds-services"), ("POST", VIEW), ("POST", "/cds-services/x/feedback")] {
        let request = from_page(app.request(Method::OPTIONS, path))
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "authorization,content-type");
        let reply = send(request).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN));
        assert!(reply.header("access-control-allow-methods").unwrap().contains(method));
        let headers = reply.header("access-control-allow-headers").unwrap().to_lowercase();
        assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
}

#[actix_web::test]
async fn every_answer_can_be_read_by_the_page() {
    let app = App::start_with(|config| config.limits.request_bytes = 100_000).await;
    let post = |path: &str| app.request(Method::POST, path);
    let mut without_data = view_call();
    without_data.as_object_mut().unwrap().remove("prefetch");
    for (request, status) in [
        (app.request(Method::GET, "/cds-services").bearer_auth("x"), 200),
        (post(VIEW).bearer_auth("x").json(&view_call()), 200),
        (post(VIEW).json(&json!({})), 400),
        (post("/cds-services/x").json(&json!({})), 404),
        (app.request(Method::GET, VIEW), 405),
        (post(VIEW).json(&without_data), 412),
        (post(VIEW).json(&json!({ "padding": "x".repeat(110_000) })), 413),
        (post(VIEW).header("content-type", "text/plain").body("x"), 415),
    ] {
        let reply = send(from_page(request)).await;
        assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN), "{status}");
    }
}

#[actix_web::test]
async fn pages_of_the_sandbox_are_for_no_other_web_site() {
    let app = App::start().await;
    for path in [
        "/",
        "/guideline",
        "/insights",
        "/metrics",
        "/chart/patients",
        "/cds-services-of-another",
        "/nowhere",
    ] {
        let reply = from_page(app.request(Method::GET, path)).send().await.unwrap();
        assert_eq!(reply.headers().get("access-control-allow-origin"), None, "{path}");
        let preflight =
            from_page(app.request(Method::OPTIONS, path)).header("access-control-request-method", "GET");
        let reply = preflight.send().await.unwrap();
        assert_eq!(reply.headers().get("access-control-allow-origin"), None, "{path}");
    }
}

#[actix_web::test]
async fn the_sandbox_answers_only_to_names_of_this_machine() {
    let app = App::start().await;
    for (host, status) in
        [("localhost:8080", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("evil.example", 421)]
    {
        let reply = send(app.request(Method::GET, "/cds-services").header("host", host)).await;
        assert_eq!(reply.status.as_u16(), status, "{host}");
    }
}
