//! What came in prefetch decides between an answer and 412, key by key (rows P-13 to P-24).

use super::helpers::{App, SELECT, VIEW, bundle, select_call, view_call};
use serde_json::{Value, json};

const ESSENTIAL: [&str; 2] = ["patient", "conditions"];

fn failed() -> Value {
    json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": "error", "code": "exception" }] })
}

#[actix_web::test]
async fn null_and_empty_are_answers_for_every_key() {
    let app = App::start().await;
    let discovery = app.get("/cds-services").await.json();
    let keys: Vec<String> =
        discovery["services"][0]["prefetch"].as_object().unwrap().keys().cloned().collect();
    for key in &keys {
        for none in
            [json!(null), bundle(&[]), json!({ "resourceType": "Bundle", "type": "searchset", "total": 0 })]
        {
            let mut call = view_call();
            call["prefetch"][key] = none;
            app.post(VIEW, &call).await.assert_answered();
        }
    }
    let mut call = view_call();
    call["prefetch"] = keys.iter().map(|key| (key.clone(), Value::Null)).collect();
    assert_eq!(app.post(VIEW, &call).await.assert_answered(), json!({ "cards": [] }));
}

#[actix_web::test]
async fn an_essential_key_that_could_not_be_had_is_412_and_named() {
    let app = App::start().await;
    for (path, call) in [(VIEW, view_call()), (SELECT, select_call())] {
        for key in ESSENTIAL {
            let mut absent = call.clone();
            absent["prefetch"].as_object_mut().unwrap().remove(key);
            assert_names_only(&app.post(path, &absent).await.assert_refused(412), key);
            let wrapper =
                json!({ "resource": { "resourceType": "Patient" }, "response": { "status": "200" } });
            for bad in [failed(), json!("<html>SECRET</html>"), json!(7), json!([]), json!({}), wrapper] {
                let mut call = call.clone();
                call["prefetch"][key] = bad;
                let text = app.post(path, &call).await.assert_refused(412);
                assert_names_only(&text, key);
                assert!(!text.contains("SECRET"), "{text}");
            }
        }
        let mut nothing = call.clone();
        nothing.as_object_mut().unwrap().remove("prefetch");
        let text = app.post(path, &nothing).await.assert_refused(412);
        assert!(text.contains("patient, conditions"), "{text}");
    }
}

fn assert_names_only(text: &str, key: &str) {
    for essential in ESSENTIAL {
        assert_eq!(text.contains(&format!(": {essential}.")), essential == key, "{text}");
    }
}

#[actix_web::test]
async fn every_other_key_may_fail() {
    let app = App::start().await;
    let discovery = app.get("/cds-services").await.json();
    for key in discovery["services"][0]["prefetch"].as_object().unwrap().keys() {
        if ESSENTIAL.contains(&key.as_str()) {
            continue;
        }
        for bad in [failed(), json!("<html>"), json!([7]), bundle(&[failed()])] {
            let mut call = view_call();
            call["prefetch"][key] = bad;
            app.post(VIEW, &call).await.assert_answered();
        }
    }
}

#[actix_web::test]
async fn the_sandbox_calls_no_fhir_server() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let app = App::start().await;
    let mut call = view_call();
    call["fhirServer"] = json!(format!("http://{}/fhir", server.local_addr().unwrap()));
    call["fhirAuthorization"] = json!({ "access_token": "x", "token_type": "Bearer", "expires_in": 300 });
    app.post(VIEW, &call).await.assert_answered();
    call["prefetch"].as_object_mut().unwrap().remove("patient");
    assert_names_only(&app.post(VIEW, &call).await.assert_refused(412), "patient");
    assert_eq!(server.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[actix_web::test]
async fn patients_and_relatives_get_no_cards_and_need_no_data() {
    let app = App::start().await;
    for user in ["Patient/example-1", "RelatedPerson/1"] {
        let mut call = view_call();
        call["context"]["userId"] = json!(user);
        assert_eq!(app.post(VIEW, &call).await.assert_answered(), json!({ "cards": [] }));
        call.as_object_mut().unwrap().remove("prefetch");
        assert_eq!(app.post(VIEW, &call).await.assert_answered(), json!({ "cards": [] }));
    }
}

#[actix_web::test]
async fn selections_that_match_nothing_get_no_cards() {
    let app = App::start().await;
    for selections in [json!([]), json!(["ServiceRequest/other", 7, null, ""])] {
        let mut call = select_call();
        call["context"]["selections"] = selections;
        assert_eq!(app.post(SELECT, &call).await.assert_answered(), json!({ "cards": [] }));
    }
}

#[actix_web::test]
async fn what_belongs_to_another_patient_makes_no_card() {
    let app = App::start().await;
    let call = view_call();
    let answer = app.post(VIEW, &call).await.assert_answered();
    assert!(!answer["cards"].as_array().unwrap().is_empty(), "the example has a card to lose");
    for (own, other) in [
        ("Patient/example-1", "Patient/other"),
        ("Patient/example-1", "https://ehr.example.org/fhir/Patient/other"),
    ] {
        let mut foreign = call.clone();
        for entry in foreign["prefetch"]["conditions"]["entry"].as_array_mut().unwrap() {
            assert_eq!(entry["resource"]["subject"]["reference"], own);
            entry["resource"]["subject"]["reference"] = json!(other);
        }
        assert_eq!(app.post(VIEW, &foreign).await.assert_answered(), json!({ "cards": [] }));
    }
}

#[actix_web::test]
async fn what_could_not_be_had_is_said_on_the_card() {
    let app = App::start().await;
    let discovery = app.get("/cds-services").await.json();
    let keys = discovery["services"][0]["prefetch"].as_object().unwrap().keys();
    let mut complete = view_call();
    for key in keys.filter(|key| !ESSENTIAL.contains(&key.as_str())) {
        complete["prefetch"][key] = json!(null);
    }
    let mut failed_procedures = complete.clone();
    failed_procedures["prefetch"]["procedures"] = failed();
    let mut paged = complete.clone();
    paged["prefetch"]["procedures"] = bundle(&[]);
    paged["prefetch"]["procedures"]["link"] =
        json!([{ "relation": "next", "url": "https://ehr.example.org/2" }]);
    let detail = async |call: &Value| {
        let answer = app.post(VIEW, call).await.assert_answered();
        answer["cards"][0]["detail"].as_str().unwrap().to_owned()
    };
    let complete = detail(&complete).await;
    assert!(!complete.contains("procedures"), "{complete}");
    for told in [detail(&failed_procedures).await, detail(&paged).await] {
        assert!(told.contains("procedures"), "{told}");
    }
}
