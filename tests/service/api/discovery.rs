//! `GET /cds-services` and `GET /healthz`.

use super::helpers::{App, send, view_call};
use reqwest::Method;

#[actix_web::test]
async fn discovery_lists_every_service_with_its_prefetch() {
    let app = App::start().await;
    let reply = app.get("/cds-services").await;
    assert_eq!(reply.status, 200);
    let discovery = reply.json();
    let offered: Vec<(&str, &str)> = discovery["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| (service["hook"].as_str().unwrap(), service["id"].as_str().unwrap()))
        .collect();
    // These ids are in the field and never change; there may be more.
    for known in [
        ("patient-view", "spinal-metastases-patient-view"),
        ("order-select", "spinal-metastases-order-select"),
        ("order-sign", "spinal-metastases-order-sign"),
    ] {
        assert!(offered.contains(&known), "{known:?}");
    }
    for service in discovery["services"].as_array().unwrap() {
        assert_eq!(service["prefetch"]["patient"], "Patient/{{context.patientId}}");
        assert!(service["prefetch"].as_object().unwrap().values().all(serde_json::Value::is_string));
    }
}

#[actix_web::test]
async fn discovery_answers_whatever_the_caller_brings() {
    let app = App::start().await;
    let plain = app.get("/cds-services").await;
    let slash = app.get("/cds-services/").await;
    let token = send(app.request(Method::GET, "/cds-services").bearer_auth("not.a.token")).await;
    for other in [&slash, &token] {
        assert_eq!((other.status.as_u16(), &other.text), (200, &plain.text));
    }
    let head = send(app.request(Method::HEAD, "/cds-services")).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), Some(plain.text.len().to_string().as_str()));
}

#[actix_web::test]
async fn every_listed_id_can_be_called() {
    let app = App::start().await;
    let discovery = app.get("/cds-services").await.json();
    for service in discovery["services"].as_array().unwrap() {
        let path = format!("/cds-services/{}", service["id"].as_str().unwrap());
        let mut call = view_call();
        call["hook"] = service["hook"].clone();
        call["context"]["selections"] = serde_json::json!([]);
        call["context"]["draftOrders"] = serde_json::json!({ "resourceType": "Bundle" });
        call["context"]["appointments"] = serde_json::json!({ "resourceType": "Bundle" });
        call["context"]["dispatchedOrders"] = serde_json::json!([]);
        app.post(&path, &call).await.assert_answered();
        app.post(&format!("{path}/"), &call).await.assert_answered();
    }
}

#[actix_web::test]
async fn it_tells_that_it_lives_and_which_build_it_is() {
    let app = App::start().await;
    let health = app.get("/healthz").await;
    assert_eq!(health.status, 200);
    let told: serde_json::Value = serde_json::from_str(&health.text).unwrap();
    assert_eq!((&told["status"], told["version"].as_str()), (&"ok".into(), Some(env!("CARGO_PKG_VERSION"))));
    assert_eq!(told["guidelineVersion"], spinal_mets_cds::guideline::GUIDELINE_VERSION);
    assert!(told["commit"].is_string());
    assert_eq!(send(app.request(Method::HEAD, "/healthz")).await.status, 200);
}
