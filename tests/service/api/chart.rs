//! The demo page over HTTP: its pages, its files and the two things that it asks of its own server.

use super::helpers::App;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use spinal_mets_cds::chart::{assets, fixtures};

async fn get(app: &App, path: &str) -> Response {
    app.request(Method::GET, path).send().await.unwrap()
}

#[actix_web::test]
async fn every_page_is_protected_and_names_nothing_from_outside() {
    let app = App::start().await;
    for path in ["/", "/worklist", "/chart/own", "/chart/patients/row-1-paraparesis"] {
        let response = get(&app, path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        let html = response.text().await.unwrap();
        for inline in [" style=\"", "<style", " onclick=", "<script>", "src=\"http", "href=\"http"] {
            assert!(!html.contains(inline), "{path}: {inline}");
        }
    }
}

#[actix_web::test]
async fn every_file_of_the_page_is_served_and_no_other() {
    let app = App::start().await;
    for asset in assets::ALL {
        let response = get(&app, &format!("/chart/assets/{}/{}", *assets::VERSION, asset.path)).await;
        assert_eq!(response.status(), 200, "{}", asset.path);
        assert_eq!(response.headers()["content-type"], asset.media_type);
        assert_eq!(response.text().await.unwrap(), asset.text);
    }
    for path in [
        "/chart/assets/0/base.css",
        "/chart/assets/",
        &format!("/chart/assets/{}/../mod.rs", *assets::VERSION),
        &format!("/chart/assets/{}/%2e%2e/mod.rs", *assets::VERSION),
        "/chart/patients/none",
        "/chart/patients/hostile",
        "/chart/patients/none/record",
        "/chart",
    ] {
        assert_eq!(get(&app, path).await.status(), 404, "{path}");
    }
}

#[actix_web::test]
async fn other_methods_are_refused_with_what_is_offered() {
    let app = App::start().await;
    for (method, path, allow) in [
        (Method::POST, "/", "GET, HEAD"),
        (Method::PUT, "/chart/own", "GET, HEAD"),
        (Method::DELETE, "/chart/patients/row-1-paraparesis", "GET, HEAD"),
        (Method::GET, "/chart/view", "POST"),
        (Method::PATCH, "/chart/read", "POST"),
    ] {
        let refused = super::helpers::send(app.request(method, path).body("x")).await;
        refused.assert_refused(405);
        assert_eq!(refused.header("allow"), Some(allow), "{path}");
    }
    assert_eq!(app.request(Method::HEAD, "/").send().await.unwrap().status(), 200);
}

#[actix_web::test]
async fn a_record_is_moved_to_the_clock_of_the_service() {
    let app = App::start().await;
    let record: Value = get(&app, "/chart/patients/select-xray-row-1/record").await.json().await.unwrap();
    assert_eq!(record["hook"], "order-select");
    assert_eq!(record["selections"], json!(["ServiceRequest/draft-1"]));
    // The case stands at 4 May 10:00, the service at 5 May 08:00.
    let told = &fixtures::find("select-xray-row-1").unwrap().told;
    assert_eq!(told.now.to_rfc3339(), "2026-05-04T10:00:00+00:00");
    let entries = record["bundle"]["entry"].as_array().unwrap();
    let signs = entries.iter().filter_map(|entry| entry["resource"]["recordedDate"].as_str());
    assert!(signs.clone().any(|date| date == "2026-05-05T06:30:00Z"), "{:?}", signs.collect::<Vec<_>>());
}

#[actix_web::test]
async fn a_chart_is_drawn_and_what_is_no_chart_is_refused() {
    let app = App::start().await;
    let chart = json!({"patient": "p", "drafts": [], "cards": [], "resources": [
        {"resourceType": "Patient", "id": "p", "name": [{"text": "<script>alert(1)</script>"}]},
        {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"},
         "code": {"coding": [{"system": "http://snomed.info/sct", "code": "161891005"}], "text": "\"><img src=x>"}}]});
    let response = app.request(Method::POST, "/chart/view").json(&chart).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let view: Value = response.json().await.unwrap();
    for region in ["banner", "spine", "timeline", "path", "record", "notes"] {
        let html = view[region].as_str().unwrap();
        assert!(!html.is_empty() && !html.contains("<script") && !html.contains("<img"), "{region}: {html}");
    }
    assert_eq!(view["facts"][0]["fact"], "local_back_pain");
    for odd in ["", "3", "{}", "[1", "{\"patient\": 1}"] {
        for (path, asks) in
            [("/chart/view", "drafts"), ("/chart/panel", "answers"), ("/chart/panel/amount", "answers")]
        {
            let refused = app.post_raw(path, odd).await;
            assert!(refused.assert_refused(400).contains(asks), "{path}");
        }
    }
}

#[actix_web::test]
async fn a_text_is_read_with_the_notes_of_evaluate() {
    let app = App::start().await;
    for (text, lines, why) in [
        ("{\"resourceType\"", false, ": not JSON: EOF while parsing"),
        ("{\"x\": 1}", false, ": neither a FHIR resource nor a hook request"),
        ("{\"resourceType\": \"Bundle\", \"entry\": 1}", false, ": `entry` of a Bundle is not a list"),
        ("{\"resourceType\": \"Patient\", \"id\": \"p\"}\n{", true, ":2: not JSON"),
    ] {
        let response =
            app.request(Method::POST, &format!("/chart/read?lines={lines}")).body(text).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let found: Value = response.json().await.unwrap();
        assert!(found["unread"][0].as_str().unwrap().starts_with(why), "{found}");
    }
    let refused = app.request(Method::POST, "/chart/read").body(vec![b' '; 9_000_000]).send().await.unwrap();
    assert_eq!(refused.status(), 413);
}
